/* test_dns_message.c - DNS messages read from bytes
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "dns_message.h"

#include <glib.h>
#include <string.h>

#include "put_bytes.h"

enum { TYPE_A = 1, TYPE_CNAME = 5, TYPE_AAAA = 28, TYPE_OPT = 41 };
enum { QUERY = 0x0100, RESPONSE = 0x8180, TRUNCATED = 0x0200 };
enum { QUESTIONS, ANSWERS, AUTHORITIES, ADDITIONAL, SECTIONS };

static const uint8_t ipv4[] = {203, 0, 113, 10}, ipv6[] = {0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

static void put_name(GByteArray *bytes, const char *name)
{
  char **labels = g_strsplit(name, ".", -1);

  for (size_t i = 0; labels[i] != NULL; i++) {
    put_uint(bytes, strlen(labels[i]), 1);
    put(bytes, labels[i], strlen(labels[i]));
  }
  put_uint(bytes, 0, 1);
  g_strfreev(labels);
}

static GByteArray *message_of(uint16_t flags, const unsigned counts[SECTIONS])
{
  GByteArray *bytes = g_byte_array_new();

  put_uint(bytes, 0x1234, 2);
  put_uint(bytes, flags, 2);
  for (size_t i = 0; i < SECTIONS; i++)
    put_uint(bytes, counts[i], 2);
  return bytes;
}

static void put_question(GByteArray *bytes, const char *name, uint16_t type)
{
  put_name(bytes, name);
  put_uint(bytes, type, 2);
  put_uint(bytes, 1, 2);
}

static void put_record(GByteArray *bytes, uint16_t type, uint8_t ttl_high, const void *data, size_t length)
{
  put_uint(bytes, 0xc00c, 2); /* the question's name */
  put_uint(bytes, type, 2);
  put_uint(bytes, 1, 2);
  put_uint(bytes, ttl_high, 1);
  put_uint(bytes, 60, 3);
  put_uint(bytes, length, 2);
  put(bytes, data, length);
}

/* Reads the first bytes of a message, from memory that ends with them. */
static bool read_first(dns_message_t *message, const GByteArray *bytes, size_t length)
{
  uint8_t *copied = g_memdup2(bytes->data, length);
  bool is_read = dns_message_read(message, (byte_span_t){.data = copied, .length = length});

  g_free(copied);
  return is_read;
}

static bool read_and_free(dns_message_t *message, GByteArray *bytes)
{
  bool is_read = read_first(message, bytes, bytes->len);

  g_byte_array_unref(bytes);
  return is_read;
}

static GByteArray *question_for(const char *name)
{
  GByteArray *bytes = message_of(QUERY, (unsigned[SECTIONS]){1, 0, 0, 0});

  put_question(bytes, name, TYPE_A);
  return bytes;
}

/* An alias, whose own address stands behind it. */
static GByteArray *alias_answer(void)
{
  GByteArray *bytes = message_of(RESPONSE, (unsigned[SECTIONS]){1, 3, 0, 0});

  put_question(bytes, "da.example.com", TYPE_A);
  put_record(bytes, TYPE_CNAME, 0, "\x03lb2\xc0\x0f", 6);
  put_record(bytes, TYPE_A, 0, ipv4, sizeof(ipv4));
  put_record(bytes, TYPE_AAAA, 0, ipv6, sizeof(ipv6));
  return bytes;
}

static void test_question(void)
{
  dns_message_t message;

  g_assert_true(read_and_free(&message, question_for("Da.Example.com")));
  g_assert_false(message.is_response);
  g_assert_false(message.is_truncated);
  g_assert_cmphex(message.id, ==, 0x1234);
  g_assert_cmpuint(message.code, ==, DNS_NO_ERROR);
  g_assert_cmpstr(message.name, ==, "Da.Example.com");
  g_assert_cmpuint(message.type, ==, TYPE_A);
  g_assert_cmpuint(message.address_count, ==, 0);
}

static void test_answer(void)
{
  dns_message_t message;

  g_assert_true(read_and_free(&message, alias_answer()));
  g_assert_true(message.is_response);
  g_assert_cmpuint(message.address_count, ==, 2);
  g_assert_cmpmem(message.addresses[0].bytes, message.addresses[0].length, ipv4, sizeof(ipv4));
  g_assert_cmpmem(message.addresses[1].bytes, message.addresses[1].length, ipv6, sizeof(ipv6));
}

static void test_flags(void)
{
  dns_message_t message;
  GByteArray *bytes = message_of(RESPONSE | TRUNCATED | DNS_NAME_ERROR, (unsigned[SECTIONS]){1, 0, 0, 0});

  put_question(bytes, "da.example.com", TYPE_AAAA);
  g_assert_true(read_and_free(&message, bytes));
  g_assert_true(message.is_truncated);
  g_assert_cmpuint(message.code, ==, DNS_NAME_ERROR);
  g_assert_cmpuint(message.type, ==, TYPE_AAAA);
}

static void test_names(void)
{
  static const struct {
    const char *label;
    size_t repeated; /* with dots between */
    bool is_read;
  } names[] = {
      {"a", 1, true},
      {"_ldap", 2, true},
      {"012345678901234567890123456789012345678901234567890123456789012", 1, true},
      {"0123456789012345678901234567890123456789012345678901234567890123", 1, false}, /* a label of 64 */
      {"a", 127, true},                                                               /* 253 characters */
      {"a", 128, false},
      {"a b", 1, false},
      {"a\\b", 1, false},
      {"b\xc3\xbc", 1, false},
      {"*", 1, false},
      {"", 1, false}, /* the root */
  };

  for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
    GString *name = g_string_new(names[i].label);
    dns_message_t message;

    for (size_t j = 1; j < names[i].repeated; j++)
      g_string_append_printf(name, ".%s", names[i].label);
    g_assert_cmpint(read_and_free(&message, question_for(name->str)), ==, names[i].is_read);
    if (names[i].is_read)
      g_assert_cmpstr(message.name, ==, name->str);
    g_string_free(name, TRUE);
  }
}

/* What would read as da.example.com, were a dot in a label one between labels; and no label at all. */
static void test_strange_labels(void)
{
  static const struct {
    const char *bytes;
    size_t length;
  } names[] = {{"\x0a"
                "da.example"
                "\x03"
                "com",
                16},
               {"\x03"
                "a\0b",
                5},
               {"\xc0\x0c", 2},
               {"\x41\x08\xff", 4}};

  for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
    GByteArray *bytes = message_of(QUERY, (unsigned[SECTIONS]){1, 0, 0, 0});
    dns_message_t message;

    put(bytes, names[i].bytes, names[i].length);
    put_uint(bytes, TYPE_A << 16 | 1, 4);
    g_assert_false(read_and_free(&message, bytes));
  }
}

static void test_several_questions(void)
{
  GByteArray *bytes = message_of(RESPONSE, (unsigned[SECTIONS]){2, 1, 0, 0});
  dns_message_t message;

  put_question(bytes, "da.example.com", TYPE_AAAA);
  put_uint(bytes, 0xc00c, 2);
  put_uint(bytes, TYPE_A << 16 | 1, 4);
  put_record(bytes, TYPE_A, 0, ipv4, sizeof(ipv4));
  g_assert_true(read_and_free(&message, bytes));
  g_assert_cmpstr(message.name, ==, "da.example.com");
  g_assert_cmpuint(message.type, ==, TYPE_AAAA);
  g_assert_cmpuint(message.address_count, ==, 1);
}

static void test_no_question(void)
{
  dns_message_t message;
  GByteArray *bytes = message_of(RESPONSE, (unsigned[SECTIONS]){0, 1, 0, 0});

  put_record(bytes, TYPE_A, 0, ipv4, sizeof(ipv4));
  g_assert_false(read_and_free(&message, bytes));
}

static void test_addresses_of_others(void)
{
  GByteArray *bytes = message_of(RESPONSE, (unsigned[SECTIONS]){1, 2, 1, 1});
  dns_message_t message;

  put_question(bytes, "da.example.com", TYPE_A);
  put_record(bytes, TYPE_A, 0, ipv6, 5); /* as long as none is */
  put_record(bytes, TYPE_A, 0, ipv4, sizeof(ipv4));
  put_record(bytes, TYPE_A, 0, ipv4, sizeof(ipv4));
  put_record(bytes, TYPE_AAAA, 0, ipv6, sizeof(ipv6));
  g_assert_true(read_and_free(&message, bytes));
  g_assert_cmpuint(message.address_count, ==, 1);
}

static void test_many_addresses(void)
{
  GByteArray *bytes = message_of(RESPONSE, (unsigned[SECTIONS]){1, OBSERVATION_ADDRESSES_MAX + 1, 0, 1});
  dns_message_t message;

  put_question(bytes, "da.example.com", TYPE_A);
  for (size_t i = 0; i <= OBSERVATION_ADDRESSES_MAX; i++)
    put_record(bytes, TYPE_A, 0, ipv4, sizeof(ipv4));
  put_record(bytes, TYPE_OPT, 1, "", 0);
  g_assert_true(read_and_free(&message, bytes));
  g_assert_cmpuint(message.address_count, ==, OBSERVATION_ADDRESSES_MAX);
  g_assert_cmpuint(message.code, ==, 1 << 4);
}

/* The code's upper bits are those of the first OPT record of the additional section, wherever it stands there. */
static void test_extended_code(void)
{
  GByteArray *bytes = message_of(RESPONSE | DNS_NAME_ERROR, (unsigned[SECTIONS]){1, 1, 0, 3});
  dns_message_t message;

  put_question(bytes, "da.example.com", TYPE_A);
  put_record(bytes, TYPE_OPT, 4, "", 0);
  put_record(bytes, TYPE_A, 0, ipv4, sizeof(ipv4));
  put_record(bytes, TYPE_OPT, 1, "\x00\x0a\x00\x01x", 5);
  put_record(bytes, TYPE_OPT, 2, "", 0);
  g_assert_true(read_and_free(&message, bytes));
  g_assert_cmpuint(message.code, ==, (1 << 4 | DNS_NAME_ERROR));
}

/* Cut anywhere, a message tells what is there, and nothing else. */
static void test_cut(void)
{
  enum {
    QUESTION_END = 12 + 16 + 4,
    ADDRESS_END = QUESTION_END + 12 + 6 + 12 + 4,
    ADDRESS6_END = ADDRESS_END + 12 + 16
  };
  GByteArray *bytes = alias_answer();

  g_assert_cmpuint(bytes->len, ==, ADDRESS6_END);
  for (size_t length = 0; length <= bytes->len; length++) {
    dns_message_t message;

    g_assert_cmpint(read_first(&message, bytes, length), ==, length >= QUESTION_END);
    if (length < QUESTION_END)
      continue;
    g_assert_cmpstr(message.name, ==, "da.example.com");
    g_assert_cmpuint(message.address_count, ==, (length >= ADDRESS_END) + (length >= ADDRESS6_END));
  }
  g_byte_array_unref(bytes);
}

/* Counts that the message does not keep, and names that go on for ever. */
static void test_untrue(void)
{
  static const char loop[] = "\xc0\x1c", endless[] = "\x3f", reserved[] = "\x80";
  const char *const names[] = {loop, endless, reserved};

  for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
    GByteArray *bytes = message_of(RESPONSE, (unsigned[SECTIONS]){1, 0xffff, 0xffff, 0xffff});
    dns_message_t message;

    put_question(bytes, "da.example.com", TYPE_A);
    put(bytes, names[i], strlen(names[i]));
    put_record(bytes, TYPE_A, 0, ipv4, sizeof(ipv4));
    g_assert_true(read_and_free(&message, bytes));
    g_assert_cmpuint(message.address_count, ==, 0);
  }
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/dns-message/question", test_question);
  g_test_add_func("/dns-message/answer", test_answer);
  g_test_add_func("/dns-message/flags", test_flags);
  g_test_add_func("/dns-message/names", test_names);
  g_test_add_func("/dns-message/strange-labels", test_strange_labels);
  g_test_add_func("/dns-message/several-questions", test_several_questions);
  g_test_add_func("/dns-message/no-question", test_no_question);
  g_test_add_func("/dns-message/addresses-of-others", test_addresses_of_others);
  g_test_add_func("/dns-message/many-addresses", test_many_addresses);
  g_test_add_func("/dns-message/extended-code", test_extended_code);
  g_test_add_func("/dns-message/cut", test_cut);
  g_test_add_func("/dns-message/untrue", test_untrue);
  return g_test_run();
}
