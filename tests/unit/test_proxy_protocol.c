/* test_proxy_protocol.c - where the PROXY protocol's header ends
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "proxy_protocol.h"

#include <glib.h>
#include <string.h>

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define BYTES(text)                                                                                                    \
  {                                                                                                                    \
    (const uint8_t *)(text), sizeof(text) - 1                                                                          \
  }

static const struct {
  const char *what;
  byte_span_t bytes;
  size_t header;
} cases[] = {
    {"version 1", BYTES("PROXY TCP4 192.0.2.10 203.0.113.10 51000 443\r\n\x16\x03\x01"), 46},
    {"version 1, whose client is not known", BYTES("PROXY UNKNOWN\r\n\x16\x03\x01"), 15},
    {"version 1, alone", BYTES("PROXY UNKNOWN\r\n"), 15},
    {"version 1, its end not there", BYTES("PROXY UNKNOWN\r"), 0},
    {"another method", BYTES("PROXYFIND /x HTTP/1.1\r\n"), 0},
    {"a line that is too long",
     BYTES("PROXY 0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
           "\r\n"),
     0},
    {"version 2",
     BYTES(SIGNATURE "\x21\x11\0\x0c"
                     "cccSSScpspcs"
                     "\x16\x03\x01"),
     28},
    {"version 2, of the balancer itself", BYTES(SIGNATURE "\x20\0\0\0\x16\x03\x01"), 16},
    {"version 2, cut",
     BYTES(SIGNATURE "\x21\x11\0\x0c"
                     "ccc"),
     0},
    {"version 2, cut in its own head", BYTES(SIGNATURE "\x21\x11"), 0},
    {"a Client Hello", BYTES("\x16\x03\x01\0\x05\x01"), 0},
    {"nothing", BYTES(""), 0},
};

static void test_header(gconstpointer at)
{
  g_assert_cmpuint(proxy_protocol_header(cases[GPOINTER_TO_SIZE(at)].bytes), ==, cases[GPOINTER_TO_SIZE(at)].header);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
    char *path = g_strdup_printf("/proxy_protocol/%s", cases[i].what);

    g_test_add_data_func(path, GSIZE_TO_POINTER(i), test_header);
    g_free(path);
  }
  return g_test_run();
}
