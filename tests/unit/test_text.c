/* test_text.c - text from outside, made fit to be shown
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "text.h"

#include <glib.h>

#define REPLACED "\xef\xbf\xbd"
#define ELLIPSIS "\xe2\x80\xa6"

#define BYTES(literal) literal, sizeof(literal) - 1

static const struct {
  const char *bytes;
  size_t length;
  size_t characters_max;
  const char *text;
} rows[] = {
    {BYTES(""), 10, ""},
    {BYTES("da.example.com"), 100, "da.example.com"},
    {BYTES("M\xc3\xbcnchen"), 100, "M\xc3\xbcnchen"},
    {BYTES("a\0b"), 100, "a" REPLACED "b"},
    {BYTES("a\r\n\x1b[31mb"), 100, "a" REPLACED REPLACED REPLACED "[31mb"},
    {BYTES("a\xff"), 100, "a" REPLACED},
    {BYTES("a\xc3"), 100, "a" REPLACED}, /* a character that is cut off */
    {BYTES("a\xe2\x80\xae"
           "b"),
     100, "a" REPLACED "b"}, /* right-to-left override */
    {BYTES("a\xe2\x80\xa8"
           "b"),
     100, "a" REPLACED "b"}, /* line separator */
    {BYTES("four"), 4, "four"},
    {BYTES("fives"), 4, "five" ELLIPSIS},
    {BYTES(" ~"), 2, " ~"},
    {BYTES("\x1f\x7f"), 2, REPLACED REPLACED},
    {BYTES("M\xc3\xbcnchen"), 2, "M\xc3\xbc" ELLIPSIS},
};

static void test_rows(void)
{
  for (size_t at = 0; at < G_N_ELEMENTS(rows); at++) {
    char *exact = g_memdup2(rows[at].bytes, rows[at].length); /* no NUL behind it, for a sanitiser to see */
    char *text = text_printable(exact, rows[at].length, rows[at].characters_max);
    g_assert_cmpstr(text, ==, rows[at].text);
    g_free(text);
    g_free(exact);
  }
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/text/printable", test_rows);
  return g_test_run();
}
