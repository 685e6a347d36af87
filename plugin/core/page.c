/* page.c - a page of text for people: lines that fit, labels in a column, and what came in several variants
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "page.h"

#include "text.h"

#define VARIANTS_SHOWN_MAX 3
#define VARIANTS_KEPT_MAX 64
#define LABEL_INDENT 4
#define TEXT_INDENT 15

variants_t variants_new(void)
{
  return (variants_t){.texts = g_ptr_array_new_with_free_func(g_free),
                      .counts = g_array_new(FALSE, FALSE, sizeof(guint))};
}

void variants_free(variants_t *variants)
{
  g_ptr_array_free(variants->texts, TRUE);
  g_array_free(variants->counts, TRUE);
}

void variants_add(variants_t *variants, char *text)
{
  guint once = 1, at;

  if (g_ptr_array_find_with_equal_func(variants->texts, text, g_str_equal, &at)) {
    g_array_index(variants->counts, guint, at)++;
    g_free(text);
  } else if (variants->texts->len < VARIANTS_KEPT_MAX) {
    g_ptr_array_add(variants->texts, text);
    g_array_append_val(variants->counts, once);
  } else {
    variants->others++;
    g_free(text);
  }
}

void page_line(GString *page, size_t indent, const char *words)
{
  g_string_append_printf(page, "%*s", (int)indent, "");
  text_append_wrapped(page, words, indent, PAGE_WIDTH);
}

void page_labelled(GString *page, const char *label, const char *words)
{
  g_string_append_printf(page, "%*s%-*s", LABEL_INDENT, "", TEXT_INDENT - LABEL_INDENT, label);
  text_append_wrapped(page, words, TEXT_INDENT, PAGE_WIDTH);
}

void page_formatted(GString *page, const char *label, const char *format, ...)
{
  va_list arguments;
  char *words;

  va_start(arguments, format);
  words = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  page_labelled(page, label, words);
  g_free(words);
}

void page_variants(GString *page, const char *label, const variants_t *variants)
{
  guint left_out = variants->others;

  for (guint i = 0; i < variants->texts->len; i++) {
    const char *text = g_ptr_array_index(variants->texts, i);
    guint count = g_array_index(variants->counts, guint, i);

    if (i >= VARIANTS_SHOWN_MAX)
      left_out += count;
    else if (variants->texts->len == 1 && left_out == 0)
      page_labelled(page, label, text);
    else
      page_formatted(page, i == 0 ? label : "", "%u x: %s", count, text);
  }
  if (left_out > 0)
    page_formatted(page, "", "%u x: otherwise", left_out);
}

char *variants_list(const variants_t *variants, guint shown_max)
{
  GString *list = g_string_new(NULL);
  guint left_out = variants->texts->len > shown_max ? variants->texts->len - shown_max : 0;

  for (guint i = 0; i < variants->texts->len && i < shown_max; i++)
    g_string_append_printf(list, "%s%s", i > 0 ? ", " : "", (const char *)g_ptr_array_index(variants->texts, i));
  if (variants->others > 0)
    g_string_append(list, " and many more");
  else if (left_out > 0)
    g_string_append_printf(list, " and %u more", left_out);
  return g_string_free(list, FALSE);
}
