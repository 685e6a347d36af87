/* test_tls_handshake.c - handshake messages read from bytes
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tls_handshake.h"

#include <glib.h>
#include <string.h>

enum { CLIENT_HELLO = 1, SERVER_HELLO = 2, CERTIFICATE = 11, CERTIFICATE_REQUEST = 13 };
enum { CHANGE_CIPHER_SPEC = 20, ALERT = 21, HANDSHAKE = 22, APPLICATION_DATA = 23 };

static const uint16_t null_first[] = {0x003b, 0x0002, 0xc02f};

static byte_span_t span_of(const GByteArray *bytes)
{
  return (byte_span_t){.data = bytes->data, .length = bytes->len};
}

static void put(GByteArray *bytes, const void *data, size_t length)
{
  g_byte_array_append(bytes, data, (guint)length);
}

static void put_uint(GByteArray *bytes, size_t value, size_t width)
{
  while (width-- > 0) {
    uint8_t byte = (uint8_t)(value >> 8 * width);

    put(bytes, &byte, 1);
  }
}

/* Both hellos up to behind the session's id. */
static void put_hello_start(GByteArray *body, uint16_t version, size_t session_id_length)
{
  put_uint(body, version, 2);
  for (size_t i = 0; i < 32 + (session_id_length != 0); i++)
    put_uint(body, i < 32 ? 0xa5 : session_id_length, 1);
  for (size_t i = 0; i < session_id_length; i++)
    put_uint(body, 0x5a, 1);
  if (session_id_length == 0)
    put_uint(body, 0, 1);
}

static GByteArray *message_of(uint8_t type, GByteArray *body)
{
  GByteArray *message = g_byte_array_new();

  put_uint(message, type, 1);
  put_uint(message, body->len, 3);
  put(message, body->data, body->len);
  g_byte_array_unref(body);
  return message;
}

static GByteArray *client_hello(const uint16_t *suites, size_t count, size_t session_id_length, const char *name)
{
  GByteArray *body = g_byte_array_new();
  size_t length = name != NULL ? strlen(name) : 0;

  put_hello_start(body, 0x0303, session_id_length);
  put_uint(body, 2 * count, 2);
  for (size_t i = 0; i < count; i++)
    put_uint(body, suites[i], 2);
  put_uint(body, 0x0100, 2); /* compression */
  put_uint(body, 5 + (name != NULL ? 9 + length : 0), 2);
  put(body, "\xff\x01\x00\x01\x00", 5); /* renegotiation_info */
  if (name != NULL) {
    put_uint(body, 0, 2);
    put_uint(body, 5 + length, 2);
    put_uint(body, 3 + length, 2);
    put_uint(body, 0, 1);
    put_uint(body, length, 2);
    put(body, name, length);
  }
  return message_of(CLIENT_HELLO, body);
}

static GByteArray *server_hello(uint16_t version, size_t session_id_length, uint16_t suite)
{
  GByteArray *body = g_byte_array_new();

  put_hello_start(body, version, session_id_length);
  put_uint(body, suite, 2);
  put_uint(body, 0, 1);
  return message_of(SERVER_HELLO, body);
}

/* Appends a record with some bytes. */
static void put_record(GByteArray *records, uint8_t type, const uint8_t *content, size_t length)
{
  put_uint(records, type, 1);
  put_uint(records, 0x0301, 2);
  put_uint(records, length, 2);
  put(records, content, length);
}

static void put_message(GByteArray *records, GByteArray *message)
{
  put_record(records, HANDSHAKE, message->data, message->len);
  g_byte_array_unref(message);
}

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

/* A server's flight: messages of one record, and records one after the other. */
static GByteArray *flight(void)
{
  GByteArray *records = g_byte_array_new(), *messages = server_hello(0x0303, 32, 0x003b), *certificate;

  certificate = g_byte_array_new();
  put_uint(certificate, 0, 3);
  certificate = message_of(CERTIFICATE, certificate);
  put(messages, certificate->data, certificate->len);
  g_byte_array_unref(certificate);
  put_record(records, ALERT, (const uint8_t *)"\x01\x70", 2);
  put_message(records, messages);
  return records;
}

static void test_records(void)
{
  GByteArray *records = flight();
  tls_handshake_t handshake = {0};

  tls_handshake_read_records(&handshake, span_of(records));
  g_assert_cmphex(handshake.facts, ==, SEEN_SERVER_HELLO | SEEN_CERTIFICATE);
  g_assert_cmphex(server_hello_suite(handshake.server_hello), ==, 0x003b);
  g_assert_null(handshake.client_hello.data);
  g_byte_array_unref(records);
}

/* A record of which a part is still to come, or cut off, is not dissected. */
static void test_unfinished_record(void)
{
  GByteArray *records = flight();

  for (size_t length = 0; length < records->len; length++) {
    uint8_t *cut = g_memdup2(records->data, length);
    tls_handshake_t handshake = {0};

    tls_handshake_read_records(&handshake, (byte_span_t){.data = cut, .length = length});
    g_assert_cmphex(handshake.facts, ==, 0);
    g_free(cut);
  }
  g_byte_array_unref(records);
}

/* Of a message that goes on in the next record, nothing is taken for a message. */
static void test_message_over_records(void)
{
  GByteArray *message = client_hello(null_first, 3, 0, "da.example.com"), *records = g_byte_array_new();
  tls_handshake_t handshake = {0};

  put_record(records, HANDSHAKE, message->data, 30);
  put_record(records, HANDSHAKE, message->data + 30, message->len - 30);
  tls_handshake_read_records(&handshake, span_of(records));
  g_assert_cmphex(handshake.facts, ==, 0);
  tls_handshake_read_messages(&handshake, span_of(message));
  g_assert_cmphex(handshake.facts, ==, SEEN_CLIENT_HELLO);
  g_byte_array_unref(records);
  g_byte_array_unref(message);
}

/* Decrypted content may be anything: it is messages only where these make it up. */
static void test_messages_among_others(void)
{
  GByteArray *message = client_hello(null_first, 3, 0, NULL);
  tls_handshake_t handshake = {0};

  put_uint(message, 0, 1);
  tls_handshake_read_messages(&handshake, span_of(message));
  tls_handshake_read_messages(&handshake, (byte_span_t){.data = message->data, .length = message->len - 2});
  tls_handshake_read_messages(&handshake, (byte_span_t){.data = NULL});
  g_assert_cmphex(handshake.facts, ==, 0);
  g_byte_array_unref(message);
}

/* What stands beside messages; what is longer than an alert, or no message, is encrypted. */
static void test_records_beside_messages(void)
{
  static const struct {
    uint8_t type;
    const char *content;
    size_t length;
    uint32_t facts;
  } cases[] = {
      {CHANGE_CIPHER_SPEC, "\x01", 1, SEEN_CHANGE_CIPHER_SPEC},
      {APPLICATION_DATA, "1234", 4, SEEN_APPLICATION_DATA},
      {ALERT, "\x02\x28", 2, SEEN_ALERT},
      {ALERT, "\x02\x28\x00\x00\x00\x00\x00\x00", 8, 0},
      {HANDSHAKE, "\x9e\x41\x07\x5a\x11\xc2\x00\x8d", 8, SEEN_UNREADABLE},
      {HANDSHAKE, "\x0e\x00\x00\x00", 4, 0},
  };

  for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
    GByteArray *records = g_byte_array_new();
    tls_handshake_t handshake = {0};

    put_record(records, cases[i].type, (const uint8_t *)cases[i].content, cases[i].length);
    put_record(records, ALERT, (const uint8_t *)"\x01\x00", cases[i].facts == SEEN_ALERT ? 2 : 0);
    tls_handshake_read_records(&handshake, span_of(records));
    g_assert_cmphex(handshake.record_facts, ==, cases[i].facts);
    g_assert_cmphex(handshake.facts, ==, 0);
    g_assert_cmpuint(handshake.alert_level, ==, cases[i].facts == SEEN_ALERT ? 2 : 0); /* the first */
    g_assert_cmpuint(handshake.alert, ==, cases[i].facts == SEEN_ALERT ? 40 : 0);
    g_byte_array_unref(records);
  }
}

static GByteArray *certificates(void)
{
  GByteArray *body = g_byte_array_new();

  put_uint(body, 3 + 4 + 3 + 2, 3);
  put_uint(body, 4, 3);
  put(body, "leaf", 4);
  put_uint(body, 2, 3);
  put(body, "CA", 2);
  return message_of(CERTIFICATE, body);
}

static void test_certificates(void)
{
  GByteArray *message = certificates(), *empty = g_byte_array_new();
  byte_span_t read[2];

  g_assert_cmpuint(certificate_message_read(span_of(message), read, 2), ==, 2);
  g_assert_cmpmem(read[0].data, read[0].length, "leaf", 4);
  g_assert_cmpmem(read[1].data, read[1].length, "CA", 2);
  g_assert_cmpuint(certificate_message_read(span_of(message), read, 1), ==, 1);
  for (size_t length = 0; length < message->len; length++) {
    uint8_t *cut = g_memdup2(message->data, length);

    g_assert_cmpuint(certificate_message_read((byte_span_t){.data = cut, .length = length}, read, 2), ==, 0);
    g_free(cut);
  }
  put_uint(empty, 0, 3);
  empty = message_of(CERTIFICATE, empty);
  g_assert_cmpuint(certificate_message_read(span_of(empty), read, 2), ==, 0);
  g_byte_array_unref(empty);
  g_byte_array_unref(message);
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

static void test_certificate_requests(void)
{
  byte_span_t read[2];

  for (int has_algorithms = 0; has_algorithms <= 1; has_algorithms++) {
    GByteArray *message = certificate_request(has_algorithms);

    g_assert_cmpuint(certificate_request_read(span_of(message), read, 2), ==, 2);
    g_assert_cmpmem(read[0].data, read[0].length, "one", 3);
    g_assert_cmpmem(read[1].data, read[1].length, "other", 5);
    g_assert_cmpuint(certificate_request_read(span_of(message), read, 1), ==, 1);
    for (size_t length = 0; length < message->len; length++) {
      uint8_t *cut = g_memdup2(message->data, length);

      g_assert_cmpuint(certificate_request_read((byte_span_t){.data = cut, .length = length}, read, 2), ==, 0);
      g_free(cut);
    }
    g_byte_array_unref(message);
  }
}

static void test_other_bytes(void)
{
  static const char *const others[] = {"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n", "\x16\x03",
                                       "\x16\x02\x00\x00\x04\x01\x00\x00\x00", "\x80\x2e\x01\x03\x01\x00\x15\x00\x00"};

  for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
    byte_span_t bytes = {.data = (const uint8_t *)others[i], .length = strlen(others[i])};
    tls_handshake_t handshake = {0};

    tls_handshake_read_records(&handshake, bytes);
    tls_handshake_read_messages(&handshake, bytes);
    g_assert_cmphex(handshake.facts, ==, 0);
  }
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/tls-handshake/client-hello", test_client_hello);
  g_test_add_func("/tls-handshake/offers", test_offers);
  g_test_add_func("/tls-handshake/cut-hello", test_cut_hello);
  g_test_add_func("/tls-handshake/server-hello", test_server_hello);
  g_test_add_func("/tls-handshake/records", test_records);
  g_test_add_func("/tls-handshake/unfinished-record", test_unfinished_record);
  g_test_add_func("/tls-handshake/message-over-records", test_message_over_records);
  g_test_add_func("/tls-handshake/messages-among-others", test_messages_among_others);
  g_test_add_func("/tls-handshake/records-beside-messages", test_records_beside_messages);
  g_test_add_func("/tls-handshake/certificates", test_certificates);
  g_test_add_func("/tls-handshake/certificate-requests", test_certificate_requests);
  g_test_add_func("/tls-handshake/other-bytes", test_other_bytes);
  return g_test_run();
}
