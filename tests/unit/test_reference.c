/* test_reference.c - the tables of findings in plugin/README.md are those that the catalogue makes
 *
 * With the argument --print it prints them instead, for ./run reference.
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
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/reference/findings", test_tables);
  return g_test_run();
}
