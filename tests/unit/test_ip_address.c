/* test_ip_address.c - IP addresses, and hosts with their ports, as text and back
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "ip_address.h"

#include <glib.h>

static void test_address_literals(void)
{
  static const struct {
    const char *literal;
    const char *text;
  } literals[] = {
      {"192.0.2.1", "192.0.2.1"},
      {"2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
      {"[2001:db8:0::1]", "2001:db8::1"},
      {"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
      {"::", "::"},
  };
  for (size_t at = 0; at < G_N_ELEMENTS(literals); at++) {
    ip_address_t address;
    g_assert_true(ip_address_parse(literals[at].literal, &address));
    char *text = ip_address_to_text(&address);
    g_assert_cmpstr(text, ==, literals[at].text);
    g_free(text);
  }
}

static void test_other_texts_are_no_literals(void)
{
  static const char *const others[] = {
      "",
      "[]",
      "[",
      "da.example.com",
      "192.0.2",
      "192.0.2.1.",
      "192.0.2.01",
      "192.0.2.256",
      "[192.0.2.1]",
      "[::1",
      "::1]",
      "1::2::3",
      "fe80::1%eth0",
      " 192.0.2.1",
      "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000",
  };
  for (size_t at = 0; at < G_N_ELEMENTS(others); at++) {
    ip_address_t address = {.length = 4, .bytes = {192, 0, 2, 9}};
    g_assert_false(ip_address_parse(others[at], &address));
    g_assert_false(ip_address_parse(others[at], NULL));
    g_assert_cmpuint(address.bytes[3], ==, 9);
  }
}

static void test_address_equality(void)
{
  const ip_address_t none = {0};
  ip_address_t left, right;
  ip_address_parse("192.0.2.1", &left);
  ip_address_parse("192.0.2.1", &right);
  g_assert_true(ip_address_equal(&left, &right));
  g_assert_false(ip_address_equal(&left, &none));
  ip_address_parse("192.0.2.2", &right);
  g_assert_false(ip_address_equal(&left, &right));
  ip_address_parse("c000:201::", &right); /* begins with the same four bytes */
  g_assert_false(ip_address_equal(&left, &right));
  char *text = ip_address_to_text(&none);
  g_assert_cmpstr(text, ==, "");
  g_free(text);
}

static void test_authorities(void)
{
  static const struct {
    const char *authority;
    const char *host;
    uint16_t port;
  } cases[] = {
      {"DA.example.com", "da.example.com", 0},
      {"da.example.com:443", "da.example.com", 443},
      {"192.0.2.1:8443", "192.0.2.1", 8443},
      {"[2001:DB8::1]:443", "2001:db8::1", 443},
      {"[2001:db8::1]", "2001:db8::1", 0},
      {"2001:db8::1", "2001:db8::1", 0},
      {"[2001:db8::1", "[2001:db8::1", 0},
      {"da.example.com:", "da.example.com", 0},
      {"da.example.com:65536", "da.example.com", 0},
      {"da.example.com:0", "da.example.com", 0},
      {":443", NULL, 443},
      {"[]:443", NULL, 443},
      {"", NULL, 0},
  };

  for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
    char *host = host_of_authority(cases[i].authority);

    g_assert_cmpstr(host, ==, cases[i].host);
    g_assert_cmpuint(port_of_authority(cases[i].authority), ==, cases[i].port);
    g_free(host);
  }
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/ip-address/literals", test_address_literals);
  g_test_add_func("/ip-address/other_texts_are_no_literals", test_other_texts_are_no_literals);
  g_test_add_func("/ip-address/equality", test_address_equality);
  g_test_add_func("/ip-address/authority", test_authorities);
  return g_test_run();
}
