/* test_tls_handshake.c - TLS records, and the handshake messages that are found in them
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tls_handshake.h"

#include <glib.h>
#include <string.h>

#include "make_tls_message.h"
#include "put_bytes.h"

enum { CHANGE_CIPHER_SPEC = 20, ALERT = 21, HANDSHAKE = 22, APPLICATION_DATA = 23 };

#define SIXTEEN "\x9e\x41\x07\x5a\x11\xc2\x00\x8d\x9e\x41\x07\x5a\x11\xc2\x00\x8d"
#define NONCE "\x00\x00\x00\x00\x00\x00\x00\x00"

static const uint16_t null_first[] = {0x003b, 0x0002, 0xc02f};

/* Appends a record with some bytes. */
static void put_record(GByteArray *records, uint8_t type, const uint8_t *content, size_t length)
{
  put_uint(records, type, 1);
  put_uint(records, 0x0301, 2);
  put_uint(records, length, 2);
  put(records, content, length);
}

/* Takes in records of which nothing is cut. */
static void read_records(tls_handshake_t *handshake, byte_span_t records)
{
  tls_handshake_read_records(handshake, records, records.length);
}

static void put_message(GByteArray *records, GByteArray *message)
{
  put_record(records, HANDSHAKE, message->data, message->len);
  g_byte_array_unref(message);
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

  read_records(&handshake, span_of(records));
  g_assert_cmphex(handshake.facts, ==, SEEN_SERVER_HELLO | SEEN_CERTIFICATE);
  g_assert_cmphex(server_hello_suite(handshake.server_hello), ==, 0x003b);
  g_assert_null(handshake.client_hello.data);
  g_byte_array_unref(records);
}

/* A record of which a part is still to come is not dissected. */
static void test_unfinished_record(void)
{
  GByteArray *records = flight();

  for (size_t length = 0; length < records->len; length++) {
    uint8_t *cut = g_memdup2(records->data, length);
    tls_handshake_t handshake = {0};

    read_records(&handshake, (byte_span_t){.data = cut, .length = length});
    g_assert_cmphex(handshake.facts, ==, 0);
    g_free(cut);
  }
  g_byte_array_unref(records);
}

/* Of a record that the capture has cut, a message is known by its header, a Server Hello by the suite it chooses. */
static void test_cut_record(void)
{
  enum { ALERT_RECORD = 7, RECORD_HEADER = 5, MESSAGE_HEADER = 4, SERVER_HELLO_LENGTH = 4 + 2 + 32 + 1 + 32 + 3 };
  enum { SERVER_HELLO_KNOWN = ALERT_RECORD + RECORD_HEADER + SERVER_HELLO_LENGTH - 1 };
  enum { CERTIFICATE_KNOWN = SERVER_HELLO_KNOWN + 1 + MESSAGE_HEADER };
  GByteArray *records = flight();

  for (size_t length = 0; length < records->len; length++) {
    uint8_t *cut = g_memdup2(records->data, length);
    tls_handshake_t handshake = {0};

    tls_handshake_read_records(&handshake, (byte_span_t){.data = cut, .length = length}, records->len);
    g_assert_cmphex(handshake.facts, ==,
                    (length >= SERVER_HELLO_KNOWN ? SEEN_SERVER_HELLO : 0) |
                        (length >= CERTIFICATE_KNOWN ? SEEN_CERTIFICATE : 0));
    g_assert_cmphex(handshake.record_facts, ==, length >= ALERT_RECORD ? SEEN_ALERT : 0);
    g_free(cut);
  }
  g_byte_array_unref(records);
}

/* Of a message that goes on in the next record, nothing is taken for a message, whatever its rest looks like; what
 * stands behind it is one. */
static void test_message_over_records(void)
{
  static const uint8_t done[] = {0x0e, 0, 0, 0};
  GByteArray *message = client_hello(null_first, 3, 0, "da.example.com"), *records = g_byte_array_new();
  tls_handshake_t handshake = {0};

  memcpy(message->data + 30, done, sizeof done);
  put_record(records, HANDSHAKE, message->data, 10);
  put_record(records, HANDSHAKE, message->data + 10, 20);
  g_byte_array_append(message, done, sizeof done);
  put_record(records, HANDSHAKE, message->data + 30, message->len - 30);
  read_records(&handshake, span_of(records));
  g_assert_cmphex(handshake.facts, ==, 0);
  g_assert_cmpuint(handshake.messages, ==, 1);
  g_assert_true(handshake.has_part);
  g_assert_cmpint(tls_handshake_read_content(&handshake, span_of(message)), ==, TLS_CONTENT_MESSAGES);
  g_assert_cmphex(handshake.facts, ==, SEEN_CLIENT_HELLO);
  g_byte_array_unref(records);
  g_byte_array_unref(message);
}

/* What stands behind the end of a message that began in an earlier frame is read, whatever that end looks like. */
static void test_behind_joined(void)
{
  static const struct {
    const char *bytes;
    size_t length;
  } ends[] = {{"\x9e\x41\x07\x5a", 4}, {"\x30", 1}, {"\x0b\x00\x00\x04wxyz\x0b\x00\x00\x04wxyz", 16}};

  for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
    GByteArray *body = g_byte_array_new(), *content = g_byte_array_new(), *records = g_byte_array_new();
    tls_handshake_t handshake = {0}, decrypted = {0};

    put(body, SIXTEEN, 16);
    put(body, ends[i].bytes, ends[i].length);
    GByteArray *message = message_of(CERTIFICATE, body);
    put(content, ends[i].bytes, ends[i].length);
    put(content, "\x0d\x00\x00\x00\x0e\x00\x00\x00\x14\x00\x00", 11);
    put_record(records, HANDSHAKE, content->data, content->len);
    tls_handshake_note_joined(&handshake, span_of(content)); /* no message */
    tls_handshake_note_joined(&handshake, span_of(message));
    decrypted = handshake;
    read_records(&handshake, span_of(records));
    g_assert_cmphex(handshake.facts, ==, SEEN_CERTIFICATE_REQUEST);
    g_assert_cmphex(handshake.record_facts, ==, 0);
    g_byte_array_set_size(content, content->len - 3);
    g_assert_cmpint(tls_handshake_read_content(&decrypted, span_of(content)), ==, TLS_CONTENT_MESSAGES);
    g_assert_cmphex(decrypted.facts, ==, SEEN_CERTIFICATE_REQUEST);
    g_byte_array_unref(records);
    g_byte_array_unref(content);
    g_byte_array_unref(message);
  }
}

/* With a NULL suite a MAC stands behind the messages of a record, whatever it looks like. */
static void test_mac_behind_messages(void)
{
  static const uint8_t finished[] = "\x14\x00\x00\x04wxyz"
                                    "\x9e\x00\x00\x05\xa1\xc2\x00\x8d\x9e\x41";
  static const uint8_t request[] = "\x0d\x00\x00\x00\x14\x41\x07\x5a\x11\xc2\x00\x8d\x9e\x41";
  GByteArray *records = g_byte_array_new();
  tls_handshake_t handshake = {0};

  put_record(records, HANDSHAKE, finished, sizeof finished - 1);
  put_record(records, HANDSHAKE, request, sizeof request - 1);
  put_record(records, HANDSHAKE, (const uint8_t *)"\x10\x00\x00\x00", 4);
  read_records(&handshake, span_of(records));
  g_assert_cmphex(handshake.facts, ==, SEEN_FINISHED | SEEN_CERTIFICATE_REQUEST | SEEN_CLIENT_KEY_EXCHANGE);
  g_assert_cmpuint(handshake.messages, ==, 3);
  g_assert_false(handshake.has_part);
  g_byte_array_unref(records);
}

/* Decrypted content may be anything: messages are read only where they make it up. */
static void test_contents(void)
{
  static const struct {
    const char *bytes;
    size_t length;
    tls_content_t content;
    uint32_t facts, record_facts;
  } cases[] = {
      {"\x14\x00\x00\x04wxyz", 8, TLS_CONTENT_MESSAGES, SEEN_FINISHED, 0},
      {"\x14\x00\x00\x04wxyz\x00", 9, TLS_CONTENT_MESSAGES, 0, 0},
      {"\x14\x00\x00\x04wxy", 7, TLS_CONTENT_MESSAGES, 0, 0},
      {"\x02\x28", 2, TLS_CONTENT_ALERT, 0, SEEN_ALERT},
      {"\x02\x05", 2, TLS_CONTENT_OTHER, 0, 0}, /* there is no such alert */
      {"\x00\x00\x00\x00\x00\x00\x00\x01", 8, TLS_CONTENT_OTHER, 0, 0},
      {"\x0d\x00\x00\x00\x0b\x00\x03\x84wxyz", 12, TLS_CONTENT_MESSAGES, SEEN_CERTIFICATE_REQUEST, 0},
      {"\x00\x00\x00\x04wxyz", 8, TLS_CONTENT_OTHER, 0, 0}, /* other protocols begin with a length */
      {"\x60\x00\x00\x00\x00\x00\x3b\x40", 8, TLS_CONTENT_OTHER, 0, 0},
      {"POST /IPHTTPS HTTP/1.1\r\n", 24, TLS_CONTENT_OTHER, 0, 0},
      {"\x0b\x01\x00\x00", 4, TLS_CONTENT_OTHER, 0, 0}, /* no message is that long */
      {"", 0, TLS_CONTENT_OTHER, 0, 0},
  };

  for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
    tls_handshake_t handshake = {0};
    byte_span_t content = {.data = (const uint8_t *)cases[i].bytes, .length = cases[i].length};

    g_assert_cmpint(tls_handshake_read_content(&handshake, content), ==, cases[i].content);
    g_assert_cmphex(handshake.facts, ==, cases[i].facts);
    g_assert_cmphex(handshake.record_facts, ==, cases[i].record_facts);
  }
}

/* What stands beside messages; what is longer than an alert, or no message, is encrypted. */
static void test_records_beside_messages(void)
{
  static const struct {
    uint8_t type;
    const char *content;
    size_t length;
    uint32_t facts;
    unsigned messages, data_records;
  } cases[] = {
      {CHANGE_CIPHER_SPEC, "\x01", 1, SEEN_CHANGE_CIPHER_SPEC, 0, 0},
      {APPLICATION_DATA, "1234", 4, 0, 0, 1},
      {ALERT, "\x02\x28", 2, SEEN_ALERT, 0, 0},
      {ALERT, "\x02\x28\x00\x00\x00\x00\x00\x00", 8, 0, 0, 0},
      {HANDSHAKE, SIXTEEN, 16, SEEN_UNREADABLE, 0, 0},
      {HANDSHAKE, NONCE SIXTEEN, 24, SEEN_UNREADABLE, 0, 0},
      {HANDSHAKE, SIXTEEN, 3, 0, 0, 0}, /* the first bytes of a message, as far as can be told */
      {HANDSHAKE, "\x0e\x00\x00\x00", 4, 0, 1, 0},
      {HANDSHAKE, "\x00\x00\x00\x00", 4, 0, 1, 0},
  };

  for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
    GByteArray *records = g_byte_array_new();
    tls_handshake_t handshake = {0};

    put_record(records, cases[i].type, (const uint8_t *)cases[i].content, cases[i].length);
    read_records(&handshake, span_of(records));
    g_assert_cmphex(handshake.record_facts, ==, cases[i].facts);
    g_assert_cmphex(handshake.facts, ==, 0);
    g_assert_cmpuint(handshake.messages, ==, cases[i].messages);
    g_assert_cmpuint(handshake.data_records, ==, cases[i].data_records);
    g_byte_array_unref(records);
  }
}

/* Of several alerts the first that is fatal counts, or else the last. */
static void test_alerts(void)
{
  static const struct {
    const char *alerts[3];
    uint8_t level, alert;
  } cases[] = {{{"\x01\x70", "\x02\x28", "\x02\x2e"}, 2, 40},
               {{"\x02\x2e", "\x01\x00"}, 2, 46},
               {{"\x01\x70", "\x01\x5a"}, 1, 90}};

  for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
    GByteArray *records = g_byte_array_new();
    tls_handshake_t handshake = {0};

    for (size_t j = 0; j < 3 && cases[i].alerts[j] != NULL; j++)
      put_record(records, ALERT, (const uint8_t *)cases[i].alerts[j], 2);
    read_records(&handshake, span_of(records));
    g_assert_cmpuint(handshake.alert_level, ==, cases[i].level);
    g_assert_cmpuint(handshake.alert, ==, cases[i].alert);
    g_byte_array_unref(records);
  }
}

static void test_other_bytes(void)
{
  static const char *const others[] = {"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n", "\x16\x03",
                                       "\x16\x02\x00\x00\x04\x01\x00\x00\x00", "\x80\x2e\x01\x03\x01\x00\x15\x00\x00"};

  for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
    byte_span_t bytes = {.data = (const uint8_t *)others[i], .length = strlen(others[i])};
    tls_handshake_t handshake = {0};

    read_records(&handshake, bytes);
    tls_handshake_read_content(&handshake, bytes);
    g_assert_cmphex(handshake.facts, ==, 0);
  }
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/tls-handshake/records", test_records);
  g_test_add_func("/tls-handshake/unfinished-record", test_unfinished_record);
  g_test_add_func("/tls-handshake/cut-record", test_cut_record);
  g_test_add_func("/tls-handshake/message-over-records", test_message_over_records);
  g_test_add_func("/tls-handshake/mac-behind-messages", test_mac_behind_messages);
  g_test_add_func("/tls-handshake/behind-joined", test_behind_joined);
  g_test_add_func("/tls-handshake/contents", test_contents);
  g_test_add_func("/tls-handshake/alerts", test_alerts);
  g_test_add_func("/tls-handshake/records-beside-messages", test_records_beside_messages);
  g_test_add_func("/tls-handshake/other-bytes", test_other_bytes);
  return g_test_run();
}
