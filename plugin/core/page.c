/* page.c - a page of text for people: paragraphs, labels in a column, and what came in several variants
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "page.h"

#include <stdbool.h>
#include <string.h>

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
  g_string_append_printf(page, "%*s%s\n", (int)indent, "", words);
}

void page_labelled(GString *page, const char *label, const char *words)
{
  g_string_append_printf(page, "%*s%-*s%s\n", LABEL_INDENT, "", TEXT_INDENT - LABEL_INDENT, label, words);
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

/* Where the words of a line begin that is no paragraph's: behind its label. */
static size_t indent_of(const char *line)
{
  size_t indent = strspn(line, " ");

  return indent >= LABEL_INDENT ? TEXT_INDENT : indent;
}

char *page_as_text(const char *page)
{
  GString *text = g_string_new(NULL);
  char **lines = g_strsplit(page, "\n", -1);

  for (char **line = lines; line[0] != NULL && line[1] != NULL; line++) {
    size_t indent = indent_of(*line);

    g_string_append_len(text, *line, (gssize)indent);
    text_append_wrapped(text, *line + indent, indent, PAGE_WIDTH);
  }
  g_strfreev(lines);
  return g_string_free(text, FALSE);
}

/* A row of a table: the label, whose words stay together, and what stands behind it. */
static void append_row(GString *html, const char *line)
{
  char *label = g_strndup(line + LABEL_INDENT, TEXT_INDENT - LABEL_INDENT);
  char **words = g_strsplit(g_strchomp(label), " ", -1);
  char *joined = g_strjoinv("&nbsp;", words), *text = g_markup_escape_text(line + TEXT_INDENT, -1);

  g_string_append_printf(html, "<tr><td>&nbsp;&nbsp;&nbsp;%s&nbsp;&nbsp;</td><td>%s</td></tr>", joined, text);
  g_free(text);
  g_free(joined);
  g_strfreev(words);
  g_free(label);
}

static void append_paragraph(GString *html, const char *line)
{
  size_t indent = indent_of(line);
  char *text = g_markup_escape_text(line + indent, -1);
  bool is_item = g_str_has_prefix(text, "- ");

  g_string_append(html, indent > 0 || *line == '\0' ? "<div>&nbsp;&nbsp;" : "<div>");
  g_string_append_printf(html, is_item ? "%s</div>" : "<b>%s</b></div>", text);
  g_free(text);
}

char *page_as_html(const char *page)
{
  GString *html = g_string_new("<html><body>");
  char **lines = g_strsplit(page, "\n", -1);
  bool in_table = false;

  for (char **line = lines; line[0] != NULL && line[1] != NULL; line++) {
    bool is_row = indent_of(*line) == TEXT_INDENT;

    if (is_row != in_table)
      g_string_append(html, is_row ? "<table>" : "</table>");
    in_table = is_row;
    if (is_row)
      append_row(html, *line);
    else
      append_paragraph(html, *line);
  }
  g_string_append(html, in_table ? "</table></body></html>" : "</body></html>");
  g_strfreev(lines);
  return g_string_free(html, FALSE);
}
