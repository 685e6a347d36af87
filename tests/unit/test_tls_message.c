/* test_tls_message.c - what handshake messages of TLS say: hellos, certificates, requests for them
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tls_handshake.h"

#include <glib.h>
#include <string.h>

#include "make_tls_message.h"
#include "put_bytes.h"

static const uint16_t null_first[] = {0x003b, 0x0002, 0xc02f};

static void test_client_hello(void)
{
  static const size_t session_id_lengths[] = {0, 1, 32};

  for (size_t i = 0; i < G_N_ELEMENTS(session_id_lengths); i++) {
    GByteArray *message = client_hello(null_first, G_N_ELEMENTS(null_first), session_id_lengths[i], "da.example.com");
    client_hello_t hello = client_hello_read(span_of(message), true);

    g_assert_true(hello.is_complete);
    g_assert_cmpint(hello.offer, ==, NULL_OFFER_FIRST);
    g_assert_cmpmem(hello.server_name.data, hello.server_name.length, "da.example.com", 14);
    g_byte_array_unref(message);
  }
}

static void test_offers(void)
{
  GByteArray *message = client_hello(null_first, 2, 0, NULL);

  g_assert_cmpint(client_hello_read(span_of(message), true).offer, ==, NULL_OFFER_ONLY);
  g_assert_cmpint(client_hello_read(span_of(message), false).offer, ==, NULL_OFFER_FIRST);
  g_assert_null(client_hello_read(span_of(message), true).server_name.data);
  g_byte_array_unref(message);
}

/* Whatever is cut off a hello: it is not complete, and never has half a name. */
static void test_cut_hello(void)
{
  GByteArray *message = client_hello(null_first, 3, 32, "da.example.com");

  for (size_t length = 0; length <= message->len; length++) {
    uint8_t *cut = g_memdup2(message->data, length); /* so that valgrind and sanitizers see the end */
    client_hello_t hello = client_hello_read((byte_span_t){.data = cut, .length = length}, false);

    g_assert_cmpint(hello.is_complete, ==, length == message->len);
    g_assert_cmpint(hello.server_name.length, ==, length == message->len ? 14 : 0);
    g_free(cut);
  }
  g_byte_array_unref(message);
}

static void test_server_hello(void)
{
  static const struct {
    uint16_t version;
    size_t session_id_length;
    bool is_strange;
    uint16_t suite;
  } cases[] = {{0x0300, 0, false, 0x003b},
               {0x0303, 32, false, 0x003b},
               {0x0304, 0, true, 0},
               {0x7f1c, 0, true, 0},
               {0x0303, 33, true, 0}};

  for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
    GByteArray *message = server_hello(cases[i].version, cases[i].session_id_length, 0x003b);

    g_assert_cmpint(server_hello_is_strange(span_of(message)), ==, cases[i].is_strange);
    g_assert_cmphex(server_hello_suite(span_of(message)), ==, cases[i].suite);
    message->len = 5; /* cut in the version */
    g_assert_false(server_hello_is_strange(span_of(message)));
    g_assert_cmphex(server_hello_suite(span_of(message)), ==, 0);
    g_byte_array_unref(message);
  }
}

/* The version that TLS 1.3 has stands in an extension; drafts of it have others. Its suites are none of earlier ones,
 * so that they tell where the capture has cut the extension. */
static void test_tls13(void)
{
  static const struct {
    uint16_t version, suite;
    const char *extensions;
    size_t length;
    bool is_tls13;
  } cases[] = {{0x0303, 0x003b, "\x00\x06\x00\x2b\x00\x02\x03\x04", 8, true},
               {0x0303, 0x003b, "\x00\x0a\xff\x01\x00\x00\x00\x2b\x00\x02\x7f\x1c", 12, true},
               {0x7f12, 0x1301, "", 0, true},
               {0x0303, 0x003b, "\x00\x06\x00\x2b\x00\x02\x03\x03", 8, false},
               {0x0303, 0x003b, "\x00\x05\x00\x2b\x00\x01\x03", 7, false},
               {0x0303, 0x003b, "\x00\x05\xff\x01\x00\x01\x00", 7, false},
               {0x0303, 0x1301, "", 0, true},
               {0x0303, 0x003b, "", 0, false}};

  for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
    GByteArray *message = server_hello(cases[i].version, 32, cases[i].suite);

    put(message, cases[i].extensions, cases[i].length);
    message->data[3] = (uint8_t)(message->len - 4);
    g_assert_cmpint(server_hello_is_tls13(span_of(message)), ==, cases[i].is_tls13);
    message->len = 5;
    g_assert_false(server_hello_is_tls13(span_of(message)));
    g_byte_array_unref(message);
  }
}

/* With the context and the extensions that TLS 1.3 has, or without. */
static GByteArray *certificates(bool is_tls13)
{
  GByteArray *body = g_byte_array_new();

  if (is_tls13)
    put(body, "\x02id", 3);
  put_uint(body, 3 + 4 + 3 + 2 + (is_tls13 ? 2 + 3 + 2 : 0), 3);
  put_uint(body, 4, 3);
  put(body, "leaf", 4);
  if (is_tls13)
    put(body,
        "\x00\x03"
        "ext",
        5);
  put_uint(body, 2, 3);
  put(body, "CA", 2);
  if (is_tls13)
    put_uint(body, 0, 2);
  return message_of(CERTIFICATE, body);
}

static void test_certificates(void)
{
  byte_span_t read[3];

  for (int is_tls13 = 0; is_tls13 <= 1; is_tls13++) {
    GByteArray *message = certificates(is_tls13);

    g_assert_cmpuint(certificate_message_read(span_of(message), read, 3), ==, 2);
    g_assert_cmpmem(read[0].data, read[0].length, "leaf", 4);
    g_assert_cmpmem(read[1].data, read[1].length, "CA", 2);
    g_assert_cmpuint(certificate_message_read(span_of(message), read, 1), ==, 1);
    g_assert_false(certificate_message_is_compressed(span_of(message)));
    g_assert_cmpuint(
        certificate_body_read((byte_span_t){.data = message->data + 4, .length = message->len - 4}, read, 3), ==, 2);
    g_byte_array_unref(message);
  }
}

/* Of a message that is cut, what is there as a whole counts. */
static void test_cut_certificates(void)
{
  byte_span_t read[3];

  for (int is_tls13 = 0; is_tls13 <= 1; is_tls13++) {
    GByteArray *message = certificates(is_tls13);
    size_t behind_leaf = 4 + (is_tls13 ? 3 : 0) + 3 + 3 + 4, behind_all = message->len - (is_tls13 ? 2 : 0);

    for (size_t length = 0; length <= message->len; length++) {
      uint8_t *cut = g_memdup2(message->data, length);

      g_assert_cmpuint(certificate_message_read((byte_span_t){.data = cut, .length = length}, read, 3), ==,
                       (length >= behind_leaf) + (length >= behind_all));
      g_free(cut);
    }
    g_byte_array_unref(message);
  }
}

static void test_no_certificates(void)
{
  GByteArray *empty = g_byte_array_new();
  byte_span_t read[1];

  put_uint(empty, 0, 3);
  empty = message_of(CERTIFICATE, empty);
  g_assert_cmpuint(certificate_message_read(span_of(empty), read, 1), ==, 0);
  empty->data[0] = 25;
  g_assert_true(certificate_message_is_compressed(span_of(empty)));
  g_assert_cmpuint(certificate_message_read(span_of(empty), read, 1), ==, 0);
  g_byte_array_unref(empty);
}

/* With the algorithms of signatures that TLS 1.2 has, or without. */
static GByteArray *certificate_request(bool has_algorithms)
{
  GByteArray *body = g_byte_array_new();

  put(body, "\x02\x01\x40", 3);
  if (has_algorithms)
    put(body, "\x00\x02\x04\x01", 4);
  put_uint(body, 2 + 3 + 2 + 5, 2);
  put_uint(body, 3, 2);
  put(body, "one", 3);
  put_uint(body, 5, 2);
  put(body, "other", 5);
  return message_of(CERTIFICATE_REQUEST, body);
}

/* A request of TLS 1.3, with or without names, after the handshake or in it. */
static GByteArray *certificate_request_of_tls13(bool has_names, bool has_context)
{
  GByteArray *body = g_byte_array_new();

  put(body, has_context ? "\x02id" : "\x00", has_context ? 3 : 1);
  put_uint(body, 8 + (has_names ? 4 + 2 + 12 : 0), 2);
  put(body, "\x00\x0d\x00\x04\x00\x02\x04\x03", 8);
  if (has_names) {
    put(body, "\x00\x2f\x00\x0e\x00\x0c", 6);
    put_uint(body, 3, 2);
    put(body, "one", 3);
    put_uint(body, 5, 2);
    put(body, "other", 5);
  }
  return message_of(CERTIFICATE_REQUEST, body);
}

/* Takes the request, which has two names. */
static void check_certificate_request(GByteArray *message)
{
  byte_span_t read[3];

  g_assert_cmpuint(certificate_request_read(span_of(message), read, 3), ==, 2);
  g_assert_cmpmem(read[0].data, read[0].length, "one", 3);
  g_assert_cmpmem(read[1].data, read[1].length, "other", 5);
  g_assert_cmpuint(certificate_request_read(span_of(message), read, 1), ==, 1);
  for (size_t length = 0; length < message->len; length++) {
    uint8_t *cut = g_memdup2(message->data, length);

    g_assert_cmpuint(certificate_request_read((byte_span_t){.data = cut, .length = length}, read, 3), ==, 0);
    g_free(cut);
  }
  g_byte_array_unref(message);
}

static void test_certificate_requests(void)
{
  byte_span_t read[1];

  check_certificate_request(certificate_request(false));
  check_certificate_request(certificate_request(true));
  for (int has_context = 0; has_context <= 1; has_context++) {
    GByteArray *nameless = certificate_request_of_tls13(false, has_context);

    check_certificate_request(certificate_request_of_tls13(true, has_context));
    g_assert_cmpuint(certificate_request_read(span_of(nameless), read, 1), ==, 0);
    g_byte_array_unref(nameless);
  }
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/tls-message/client-hello", test_client_hello);
  g_test_add_func("/tls-message/offers", test_offers);
  g_test_add_func("/tls-message/cut-hello", test_cut_hello);
  g_test_add_func("/tls-message/server-hello", test_server_hello);
  g_test_add_func("/tls-message/tls13", test_tls13);
  g_test_add_func("/tls-message/certificates", test_certificates);
  g_test_add_func("/tls-message/cut-certificates", test_cut_certificates);
  g_test_add_func("/tls-message/no-certificates", test_no_certificates);
  g_test_add_func("/tls-message/certificate-requests", test_certificate_requests);
  return g_test_run();
}
