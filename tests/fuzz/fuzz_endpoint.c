/* fuzz_endpoint.c - feeds the table of endpoints and the matching of names and addresses with any text
 *
 * Input: lines; the columns host name, address, port and thumbprint, then a name and an address to match against them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <glib.h>
#include <string.h>

#include "endpoint.h"

enum { LINE_HOST, LINE_ADDRESS, LINE_PORT, LINE_THUMBPRINT, LINE_NAME, LINE_OTHER_ADDRESS, LINE_COUNT };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_sentence(const char *sentence, const endpoint_t *parsed)
{
  static const endpoint_t empty;

  g_assert_true(g_utf8_validate(sentence, -1, NULL));
  g_assert_true(g_str_has_suffix(sentence, "."));
  for (const char *at = sentence; *at != '\0'; at = g_utf8_next_char(at))
    g_assert_false(g_unichar_iscntrl(g_utf8_get_char(at)));
  g_assert_cmpmem(parsed, sizeof *parsed, &empty, sizeof empty);
}

static void check_host(const endpoint_t *row)
{
  char *example = row->host[0] == '*' ? g_strconcat("any", row->host + 1, NULL) : g_strdup(row->host);
  char *upper = g_ascii_strup(example, -1), *deeper = g_strconcat("one.more.", example, NULL);
  endpoint_t again;

  g_assert_cmpuint(strlen(row->host), <=, ENDPOINT_NAME_MAX);
  g_assert_true(endpoint_covers_name(row, example));
  g_assert_true(endpoint_covers_name(row, upper));
  g_assert_false(endpoint_covers_name(row, deeper));
  g_assert_null(endpoint_parse(&again, &(endpoint_text_t){.host = row->host}));
  g_assert_cmpstr(again.host, ==, row->host);
  endpoint_clear(&again);
  g_free(deeper);
  g_free(upper);
  g_free(example);
}

static void check_address(const endpoint_t *row)
{
  char *text = ip_address_to_text(&row->address);
  ip_address_t again;

  g_assert_true(row->address.length == 4 || row->address.length == 16);
  g_assert_cmpuint(row->prefix_length, <=, row->address.length * 8u);
  g_assert_true(endpoint_covers_address(row, &row->address));
  g_assert_true(ip_address_parse(text, &again));
  g_assert_true(ip_address_equal(&again, &row->address));
  g_free(text);
}

static void check_row(const endpoint_t *row, const char *name, const char *address)
{
  ip_address_t other;

  g_assert_true(row->host != NULL || row->address.length != 0);
  g_assert_cmpuint(row->port, >, 0);
  g_assert_true(row->thumbprint_length == 0 || row->thumbprint_length == 20 || row->thumbprint_length == 32);
  if (row->host != NULL)
    check_host(row);
  if (row->address.length != 0)
    check_address(row);
  endpoint_covers_name(row, name);
  if (ip_address_parse(address, &other))
    g_assert_true(!endpoint_covers_address(row, &other) || other.length == row->address.length);
}

/* A certificate's names, which are patterns too, are any text. */
static void check_pattern(const char *pattern, const char *name)
{
  if (!name_pattern_covers(pattern, name))
    return;
  g_assert_false(ip_address_parse(name, NULL));
  if (pattern[0] != '*')
    g_assert_true(name_pattern_covers(name, pattern));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  char *text = g_strndup((const char *)data, size);
  char **lines = g_strsplit(text, "\n", LINE_COUNT);
  const char *line[LINE_COUNT];
  endpoint_t row;
  char *sentence;

  for (guint i = 0; i < LINE_COUNT; i++)
    line[i] = i < g_strv_length(lines) ? lines[i] : "";
  sentence = endpoint_parse(&row, &(endpoint_text_t){.host = line[LINE_HOST],
                                                     .address = line[LINE_ADDRESS],
                                                     .port = line[LINE_PORT],
                                                     .thumbprint = line[LINE_THUMBPRINT]});
  if (sentence != NULL)
    check_sentence(sentence, &row);
  else
    check_row(&row, line[LINE_NAME], line[LINE_OTHER_ADDRESS]);
  check_pattern(line[LINE_HOST], line[LINE_NAME]);
  g_free(sentence);
  endpoint_clear(&row);
  g_strfreev(lines);
  g_free(text);
  return 0;
}
