/* test_reference.c - the reference in plugin/README.md tells of each finding what the catalogue tells
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "findings/catalogue.h"
#include "windows_error.h"

#include <glib.h>
#include <string.h>

static char *reference;

static const char *const severity_names[] = {
    [SEVERITY_CHAT] = "chat", [SEVERITY_NOTE] = "note", [SEVERITY_WARNING] = "warning", [SEVERITY_ERROR] = "error"};

static char *windows_error_column(const finding_description_t *row)
{
  switch (row->error_rule) {
  case ERROR_FIXED:
    return g_strdup_printf("0x%08x %s", row->windows_error, windows_error_to_name(row->windows_error));
  case ERROR_IF_REVOKED:
    return g_strdup_printf("0x%08x %s if revoked", row->windows_error, windows_error_to_name(row->windows_error));
  case ERROR_BY_ALERT:
    return g_strdup("by alert");
  default:
    return g_strdup("");
  }
}

static void assert_in_reference(const char *line)
{
  if (strstr(reference, line) == NULL)
    g_error("the reference lacks: %s", line);
}

static void test_catalogue_table(void)
{
  for (size_t i = 0; i < FINDING_COUNT; i++) {
    const finding_description_t *row = &finding_catalogue[i];
    char *error = windows_error_column(row);
    char *line =
        g_strdup_printf("\n| `%s` | %s | %s | %s | ", row->slug, row->title, severity_names[row->severity], error);
    assert_in_reference(line);
    g_free(line);
    g_free(error);
  }
}

static void test_texts_table(void)
{
  for (size_t i = 0; i < FINDING_COUNT; i++) {
    const finding_description_t *row = &finding_catalogue[i];
    char *line = g_strdup_printf("\n| `%s` | %s | %s | %s | %s |\n", row->slug, row->summary, row->cause,
                                 row->next_step, row->reference);
    assert_in_reference(line);
    g_free(line);
  }
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  if (!g_file_get_contents(REFERENCE_FILE, &reference, NULL, NULL))
    g_error("%s cannot be read", REFERENCE_FILE);
  g_test_add_func("/reference/findings", test_catalogue_table);
  g_test_add_func("/reference/texts", test_texts_table);
  int result = g_test_run();
  g_free(reference);
  return result;
}
