/* fuzz_dns_message.c - feeds the reader of DNS messages with any bytes
 *
 * Input: what may be a message.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <glib.h>
#include <string.h>

#include "dns_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const dns_message_t *message)
{
  size_t length = strlen(message->name);

  g_assert_cmpuint(length, >, 0);
  g_assert_cmpuint(length, <=, ENDPOINT_NAME_MAX);
  for (size_t i = 0; i < length; i++)
    g_assert_true(g_ascii_isgraph(message->name[i]));
  g_assert_cmpuint(message->address_count, <=, OBSERVATION_ADDRESSES_MAX);
  for (size_t i = 0; i < message->address_count; i++)
    g_assert_true(message->addresses[i].length == 4 || message->addresses[i].length == 16);
}

/* What is there of a message that is cut stands in the whole one, too. */
static void check_cut(const dns_message_t *whole, byte_span_t bytes)
{
  dns_message_t cut;

  if (!dns_message_read(&cut, bytes))
    return;
  g_assert_cmpstr(cut.name, ==, whole->name);
  g_assert_cmpuint(cut.type, ==, whole->type);
  g_assert_cmpuint(cut.address_count, <=, whole->address_count);
  g_assert_cmpmem(cut.addresses, cut.address_count * sizeof(ip_address_t), whole->addresses,
                  cut.address_count * sizeof(ip_address_t));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  dns_message_t message;

  if (!dns_message_read(&message, (byte_span_t){.data = data, .length = size}))
    return 0;
  check(&message);
  check_cut(&message, (byte_span_t){.data = data, .length = size / 2});
  check_cut(&message, (byte_span_t){.data = data, .length = size - 1});
  return 0;
}
