/* fuzz_tls_handshake.c - feeds the reader of TLS records and handshake messages with any bytes
 *
 * Input: what may be a run of TLS records, or a run of messages.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <glib.h>

#include "tls_handshake.h"

#define ITEMS_MAX 4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_within(byte_span_t inner, byte_span_t outer)
{
  if (inner.data == NULL)
    return;
  g_assert_true(inner.data >= outer.data);
  g_assert_cmpuint((size_t)(inner.data - outer.data) + inner.length, <=, outer.length);
}

static void check_items(byte_span_t message)
{
  byte_span_t items[ITEMS_MAX];

  for (size_t i = certificate_message_read(message, items, ITEMS_MAX); i-- > 0;)
    check_within(items[i], message);
  for (size_t i = certificate_request_read(message, items, ITEMS_MAX); i-- > 0;)
    check_within(items[i], message);
  for (size_t i = certificate_body_read(message, items, ITEMS_MAX); i-- > 0;)
    check_within(items[i], message);
}

static void check(const tls_handshake_t *handshake, byte_span_t bytes)
{
  client_hello_t hello = client_hello_read(handshake->client_hello, true);

  check_within(handshake->client_hello, bytes);
  check_within(handshake->server_hello, bytes);
  check_within(hello.server_name, handshake->client_hello);
  g_assert_cmpint(handshake->client_hello.data != NULL, ==, (handshake->facts & SEEN_CLIENT_HELLO) != 0);
  g_assert_cmpint(handshake->server_hello.data != NULL, ==, (handshake->facts & SEEN_SERVER_HELLO) != 0);
  check_within(handshake->certificate, bytes);
  check_within(handshake->certificate_request, bytes);
  check_items(handshake->certificate);
  check_items(handshake->certificate_request);
  if (server_hello_is_strange(handshake->server_hello))
    g_assert_cmphex(server_hello_suite(handshake->server_hello), ==, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  byte_span_t bytes = {.data = data, .length = size};
  tls_handshake_t of_records = {0}, of_cut = {0}, of_messages = {0};

  tls_handshake_read_records(&of_records, bytes, size);
  tls_handshake_read_records(&of_cut, bytes, size + size / 2);
  tls_handshake_read_content(&of_messages, bytes);
  check(&of_records, bytes);
  check(&of_cut, bytes);
  check(&of_messages, bytes);
  client_hello_read(bytes, false);
  server_hello_suite(bytes);
  server_hello_is_tls13(bytes);
  check_items(bytes);
  return 0;
}
