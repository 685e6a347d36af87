/* test_reference.c - the tables of findings in plugin/README.md are those that the catalogue makes
 *
 * With the argument --print it prints them instead, with --json the whole catalogue, both for docs/make-reference.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "findings/catalogue.h"
#include "windows_error.h"

#include <glib.h>
#include <string.h>

static const char *const severity_names[] = {
    [SEVERITY_CHAT] = "chat", [SEVERITY_NOTE] = "note", [SEVERITY_WARNING] = "warning", [SEVERITY_ERROR] = "error"};

static void append_windows_error(GString *table, const finding_row_t *row)
{
  if (row->error_rule == ERROR_BY_ALERT)
    g_string_append(table, "by alert");
  if (row->error_rule == ERROR_FIXED)
    g_string_append_printf(table, "0x%08x %s", row->windows_error, windows_error_to_name(row->windows_error));
  if (row->reports_if != NULL)
    g_string_append_printf(table, " %s", row->reports_if);
}

/* What is raised when. */
static GString *findings_table(void)
{
  GString *table = g_string_new("| finding | title | severity | Windows error | raised when | on frame |\n"
                                "|---|---|---|---|---|---|\n");

  for (int id = 0; id < FINDING_COUNT; id++) {
    const finding_row_t *row = finding_row((finding_id_t)id);

    g_string_append_printf(table, "| `%s` | %s | %s | ", row->slug, row->title, severity_names[row->severity]);
    append_windows_error(table, row);
    g_string_append_printf(table, " | %s | %s |\n", row->raised_when, row->raised_on);
  }
  return table;
}

/* What is said of it. */
static GString *texts_table(void)
{
  GString *table = g_string_new("| finding | summary | cause | next steps | reference |\n"
                                "|---|---|---|---|---|\n");

  for (int id = 0; id < FINDING_COUNT; id++) {
    const finding_row_t *row = finding_row((finding_id_t)id);
    char *steps = g_strjoinv("<br>", (char **)row->next_step);

    g_string_append_printf(table, "| `%s` | %s | %s | %s | %s |\n", row->slug, row->summary, row->cause, steps,
                           row->reference);
    g_free(steps);
  }
  return table;
}

static GString *(*const tables[])(void) = {findings_table, texts_table};

static void append_string(GString *json, const char *name, const char *value)
{
  char *escaped = value != NULL ? g_strescape(value, NULL) : NULL;

  if (escaped != NULL)
    g_string_append_printf(json, "\"%s\": \"%s\"", name, escaped);
  else
    g_string_append_printf(json, "\"%s\": null", name);
  g_free(escaped);
}

static void append_remedy(GString *json, const char *where, const char *look_at, const char *cause,
                          const char *const *steps)
{
  g_string_append_c(json, '{');
  append_string(json, "where", where);
  g_string_append(json, ", ");
  append_string(json, "look_at", look_at);
  g_string_append(json, ", ");
  append_string(json, "cause", cause);
  g_string_append(json, ", \"next_steps\": [");
  for (const char *const *step = steps; *step != NULL; step++) {
    char *escaped = g_strescape(*step, NULL);

    g_string_append_printf(json, "%s\"%s\"", step > steps ? ", " : "", escaped);
    g_free(escaped);
  }
  g_string_append(json, "]}");
}

/* The row's own texts first, then those that the evidence may choose. */
static void append_remedies(GString *json, const finding_row_t *row)
{
  g_string_append(json, "\"remedies\": [");
  append_remedy(json, NULL, NULL, row->cause, row->next_step);
  for (const finding_remedy_t *remedy = row->remedies; remedy != NULL && remedy->cause != NULL; remedy++) {
    g_string_append(json, ", ");
    append_remedy(json, remedy->where, remedy->look_at, remedy->cause, remedy->next_step);
  }
  g_string_append_c(json, ']');
}

static void append_explanations(GString *json, const finding_row_t *row)
{
  g_string_append(json, ", \"explained_by\": [");
  for (const finding_id_t *id = row->explained_by; *id != 0; id++)
    g_string_append_printf(json, "%s\"%s\"", id > row->explained_by ? ", " : "", finding_row(*id)->slug);
  g_string_append_c(json, ']');
}

static void append_row(GString *json, const finding_row_t *row)
{
  GString *error = g_string_new(NULL);

  append_windows_error(error, row);
  const struct {
    const char *name;
    const char *value;
  } texts[] = {
      {"slug", row->slug},           {"severity", severity_names[row->severity]},
      {"title", row->title},         {"look_at", row->look_at},
      {"summary", row->summary},     {"raised_when", row->raised_when},
      {"raised_on", row->raised_on}, {"reference", row->reference},
      {"windows_error", error->str},
  };

  g_string_append_c(json, '{');
  for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
    append_string(json, texts[i].name, texts[i].value);
    g_string_append(json, ", ");
  }
  append_remedies(json, row);
  append_explanations(json, row);
  g_string_append_c(json, '}');
  g_string_free(error, TRUE);
}

static int print_json(void)
{
  GString *json = g_string_new("[");

  for (int id = 0; id < FINDING_COUNT; id++) {
    g_string_append(json, id > 0 ? ",\n" : "");
    append_row(json, finding_row((finding_id_t)id));
  }
  g_print("%s]\n", json->str);
  g_string_free(json, TRUE);
  return 0;
}

static void test_tables(void)
{
  char *reference;

  if (!g_file_get_contents(REFERENCE_FILE, &reference, NULL, NULL))
    g_error("%s cannot be read", REFERENCE_FILE);
  for (size_t i = 0; i < G_N_ELEMENTS(tables); i++) {
    GString *table = tables[i]();

    if (strstr(reference, table->str) == NULL)
      g_error("%s lacks this table, see ./run reference:\n%s", REFERENCE_FILE, table->str);
    g_string_free(table, TRUE);
  }
  g_free(reference);
}

static int print_tables(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(tables); i++) {
    GString *table = tables[i]();

    g_print("%s%s", i > 0 ? "\n" : "", table->str);
    g_string_free(table, TRUE);
  }
  return 0;
}

int main(int argc, char **argv)
{
  if (argc > 1 && strcmp(argv[1], "--print") == 0)
    return print_tables();
  if (argc > 1 && strcmp(argv[1], "--json") == 0)
    return print_json();
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/reference/findings", test_tables);
  return g_test_run();
}
