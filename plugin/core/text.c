/* text.c - text from outside, made fit to be shown
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "text.h"

#include <glib.h>

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

char *text_printable(const void *bytes, size_t length, size_t characters_max)
{
  char *valid = g_utf8_make_valid(length > 0 ? bytes : "", (gssize)length);
  GString *text = g_string_new(NULL);
  const char *at = valid;
  for (; *at != '\0' && characters_max > 0; characters_max--) {
    g_string_append_unichar(text, printable(g_utf8_get_char(at)));
    at = g_utf8_next_char(at);
  }
  if (*at != '\0') {
    g_string_append_unichar(text, HORIZONTAL_ELLIPSIS);
  }
  g_free(valid);
  return g_string_free(text, FALSE);
}
