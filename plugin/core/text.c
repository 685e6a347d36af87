/* text.c - text from outside, made fit to be shown
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "text.h"

#include <stdbool.h>

#define REPLACEMENT_CHARACTER 0xfffd
#define HORIZONTAL_ELLIPSIS 0x2026

static gunichar printable(gunichar character)
{
  switch (g_unichar_type(character)) {
  case G_UNICODE_LINE_SEPARATOR:
  case G_UNICODE_PARAGRAPH_SEPARATOR:
    return REPLACEMENT_CHARACTER;
  default:
    return g_unichar_isprint(character) ? character : REPLACEMENT_CHARACTER;
  }
}

static bool is_plain(const char *bytes, size_t length)
{
  for (size_t i = 0; i < length; i++)
    if (!g_ascii_isprint(bytes[i]))
      return false;
  return true;
}

char *text_printable(const void *bytes, size_t length, size_t characters_max)
{
  if (length > 0 && length <= characters_max && is_plain(bytes, length))
    return g_strndup(bytes, length); /* most are */
  char *valid = g_utf8_make_valid(length > 0 ? bytes : "", (gssize)length);
  GString *text = g_string_new(NULL);
  const char *at = valid;
  for (; *at != '\0' && characters_max > 0; characters_max--) {
    g_string_append_unichar(text, printable(g_utf8_get_char(at)));
    at = g_utf8_next_char(at);
  }
  if (*at != '\0')
    g_string_append_unichar(text, HORIZONTAL_ELLIPSIS);
  g_free(valid);
  return g_string_free(text, FALSE);
}

static void begin_line(GString *page, size_t *column, size_t indent)
{
  g_string_append_printf(page, "\n%*s", (int)indent, "");
  *column = indent;
}

/* Appends what fits of a word that is longer than a line, line by line. Returns what is left of it. */
static const char *append_pieces(GString *page, const char *word, glong *length, size_t *column, size_t indent,
                                 size_t width)
{
  while (*length > (glong)(width - indent)) {
    glong fitting = (glong)(width - *column);
    const char *end = g_utf8_offset_to_pointer(word, fitting);

    g_string_append_len(page, word, end - word);
    *length -= fitting;
    word = end;
    begin_line(page, column, indent);
  }
  return word;
}

void text_append_wrapped(GString *page, const char *words, size_t indent, size_t width)
{
  char **list = g_strsplit(words, " ", -1);
  size_t column = indent;
  bool line_is_empty = true;

  for (char **item = list; *item != NULL; item++) {
    const char *word = *item;
    glong length = g_utf8_strlen(word, -1);

    if (!line_is_empty && column + 1 + (size_t)length > width) {
      begin_line(page, &column, indent);
      line_is_empty = true;
    }
    if (!line_is_empty) {
      g_string_append_c(page, ' ');
      column++;
    }
    word = append_pieces(page, word, &length, &column, indent, width);
    g_string_append(page, word);
    column += (size_t)length;
    line_is_empty = false;
  }
  g_string_append_c(page, '\n');
  g_strfreev(list);
}
