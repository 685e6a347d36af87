/* test_catalogue.c - every row of the catalogue can be raised, and has texts that can be shown
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "findings/catalogue.h"

#include <glib.h>
#include <string.h>

#define TEXT_LIMIT 200
#define TITLE_LIMIT 32
#define BOX_LIMIT 26   /* what fits the column of the profile */
#define STEP_LIMIT 100 /* what fits the packet details without scrolling */

/* Names, severities and codes are held against tests/interface.json where the tables of plugin/README.md are. */
static void test_rows_stand_at_their_ids(void)
{
  for (size_t i = 0; i < FINDING_COUNT; i++) {
    const finding_row_t *row = finding_row((finding_id_t)i);
    g_assert_nonnull(row);
    g_assert_cmpint(row->id, ==, i);
  }
}

/* "[MS-IPHTTPS]", "4.0" and the like end no sentence: only a period, question mark or exclamation mark before a blank
 * does. */
static void assert_one_sentence(const char *slug, const char *text)
{
  g_test_message("%s: %s", slug, text);
  g_assert_nonnull(text);
  g_assert_cmpuint(strlen(text), >=, 20);
  g_assert_cmpuint(strlen(text), <, TEXT_LIMIT);
  g_assert_true(g_ascii_isupper(text[0]));
  g_assert_true(g_str_has_suffix(text, "."));
  g_assert_null(strstr(text, ". "));
  g_assert_null(strstr(text, "? "));
  g_assert_null(strstr(text, "! "));
  g_assert_null(strstr(text, "  "));
  g_assert_true(g_str_is_ascii(text));
}

static void assert_remedy(const char *slug, const char *cause, const char *const *steps)
{
  assert_one_sentence(slug, cause);
  g_assert_nonnull(steps[0]);
  for (const char *const *step = steps; *step != NULL; step++) {
    assert_one_sentence(slug, *step);
    g_assert_cmpuint(strlen(*step), <=, STEP_LIMIT);
  }
}

/* What stands in for cause and next steps, one after the other. */
static const finding_remedy_t *first_remedy(const finding_row_t *row)
{
  static const finding_remedy_t none = {.cause = NULL};

  return row->remedies != NULL ? row->remedies : &none;
}

static void test_texts_are_single_short_sentences(void)
{
  for (size_t i = 0; i < FINDING_COUNT; i++) {
    const finding_row_t *row = finding_row((finding_id_t)i);

    assert_one_sentence(row->slug, row->summary);
    assert_remedy(row->slug, row->cause, row->next_step);
    for (const finding_remedy_t *remedy = first_remedy(row); remedy->cause != NULL; remedy++) {
      g_assert_nonnull(remedy->fits);
      g_assert_nonnull(remedy->where);
      assert_remedy(row->slug, remedy->cause, remedy->next_step);
    }
  }
}

/* What stops a session has to say what happened; and nothing is raised without a reason. */
static void test_rows_can_be_raised(void)
{
  for (size_t i = 0; i < FINDING_COUNT; i++) {
    const finding_row_t *row = finding_row((finding_id_t)i);

    g_assert_true(row->applies != NULL || row->happened != NULL);
    if (row->severity == SEVERITY_ERROR && row->judges == JUDGES_COURSE)
      g_assert_nonnull(row->happened);
    g_assert_nonnull(row->raised_when);
    g_assert_nonnull(row->raised_on);
  }
}

static void test_titles_fit_the_info_column(void)
{
  for (size_t i = 0; i < FINDING_COUNT; i++) {
    const char *title = finding_row((finding_id_t)i)->title;
    g_assert_nonnull(title);
    g_assert_cmpuint(strlen(title), >, 0);
    g_assert_cmpuint(strlen(title), <=, TITLE_LIMIT);
    g_assert_null(strpbrk(title, "[].\n"));
  }
}

static void test_what_needs_repair_says_where_to_look(void)
{
  for (size_t i = 0; i < FINDING_COUNT; i++) {
    const finding_row_t *row = finding_row((finding_id_t)i);

    g_assert_true((row->look_at != NULL) == (row->severity >= SEVERITY_WARNING));
    if (row->look_at != NULL)
      g_assert_cmpuint(strlen(row->look_at), <=, BOX_LIMIT);
    for (const finding_remedy_t *remedy = first_remedy(row); remedy->cause != NULL; remedy++)
      if (remedy->look_at != NULL)
        g_assert_cmpuint(strlen(remedy->look_at), <=, BOX_LIMIT);
    for (const finding_id_t *id = row->explained_by; *id != 0; id++)
      g_assert_nonnull(finding_row(*id)->look_at);
  }
}

static void test_references_name_a_document(void)
{
  for (size_t i = 0; i < FINDING_COUNT; i++) {
    const char *reference = finding_row((finding_id_t)i)->reference;
    g_assert_nonnull(reference);
    g_assert_true(g_str_has_prefix(reference, "RFC ") || g_str_has_prefix(reference, "[MS-") ||
                  g_str_has_prefix(reference, "KB "));
  }
}

static void assert_new(GHashTable *seen, const char *text)
{
  if (!g_hash_table_add(seen, (gpointer)text))
    g_error("\"%s\" stands in the catalogue twice", text);
}

static void test_no_text_stands_twice(void)
{
  GHashTable *seen = g_hash_table_new(g_str_hash, g_str_equal);
  for (size_t i = 0; i < FINDING_COUNT; i++) {
    const finding_row_t *row = finding_row((finding_id_t)i);
    assert_new(seen, row->slug);
    assert_new(seen, row->summary);
    assert_new(seen, row->cause);
    for (const finding_remedy_t *remedy = first_remedy(row); remedy->cause != NULL; remedy++)
      assert_new(seen, remedy->cause);
    if (strcmp(row->title, row->slug) != 0)
      assert_new(seen, row->title);
  }
  g_hash_table_destroy(seen);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/findings/rows", test_rows_stand_at_their_ids);
  g_test_add_func("/findings/sentences", test_texts_are_single_short_sentences);
  g_test_add_func("/findings/raised", test_rows_can_be_raised);
  g_test_add_func("/findings/titles", test_titles_fit_the_info_column);
  g_test_add_func("/findings/look_at", test_what_needs_repair_says_where_to_look);
  g_test_add_func("/findings/references", test_references_name_a_document);
  g_test_add_func("/findings/unique", test_no_text_stands_twice);
  return g_test_run();
}
