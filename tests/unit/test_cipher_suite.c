/* test_cipher_suite.c - what a Client Hello's suites tell of the client
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "cipher_suite.h"

#include <glib.h>

/* Suites by number: 0001, 0002 and 003b are RSA with NULL encryption; 002f, 0035, 009c and c030 are encrypted; 1301 and
 * 1302 belong to TLS 1.3; 00ff and 5600 are signalling values; 0a0a and fafa are GREASE; 002c, c006 and 00b0 are NULL
 * with another key exchange. */
static const struct {
  const char *what;
  uint16_t suites[8];
  bool incomplete;
  null_offer_t offer;
} offers[] = {
    {"nothing at all", {0}, false, NULL_OFFER_NONE},
    {"Windows 8", {0x003b, 0x0002}, false, NULL_OFFER_ONLY},
    {"with renegotiation's signalling value", {0x00ff, 0x003b, 0x0002}, false, NULL_OFFER_ONLY},
    {"with fallback's signalling value", {0x003b, 0x5600}, false, NULL_OFFER_ONLY},
    {"with TLS 1.3's suites", {0x1302, 0x1301, 0x003b, 0x0002}, false, NULL_OFFER_ONLY},
    {"with GREASE", {0x0a0a, 0x003b, 0xfafa}, false, NULL_OFFER_ONLY},
    {"with MD5", {0x0001}, false, NULL_OFFER_ONLY},
    {"first", {0x003b, 0x0002, 0xc030, 0x002f}, false, NULL_OFFER_FIRST},
    {"first in the order of their numbers, as HAProxy's ssl-hello-chk has them",
     {0x0001, 0x0002, 0x0003, 0x0004, 0x0005, 0x0018},
     false,
     NULL_OFFER_AMONG},
    {"first, before an anonymous suite", {0x003b, 0x0002, 0xc030, 0x0034}, false, NULL_OFFER_AMONG},
    {"first, before other NULL suites", {0x003b, 0x0001, 0xc010, 0xc030}, false, NULL_OFFER_FIRST},
    {"first behind TLS 1.3's suites", {0x1302, 0x00ff, 0x0002, 0x0035}, false, NULL_OFFER_FIRST},
    {"cut short", {0x003b, 0x0002}, true, NULL_OFFER_FIRST},
    {"behind", {0xc030, 0x003b}, false, NULL_OFFER_BEHIND},
    {"in the middle", {0x002f, 0x0002, 0x0035}, false, NULL_OFFER_BEHIND},
    {"behind, with a scanner's anonymous suites", {0xc030, 0x003b, 0x0018}, false, NULL_OFFER_AMONG},
    {"behind, with a scanner's export suites", {0xc030, 0x0003, 0x0002}, false, NULL_OFFER_AMONG},
    {"behind, with a scanner's other NULL suites", {0xc030, 0x003b, 0xc010}, false, NULL_OFFER_AMONG},
    {"behind, with MD5", {0xc030, 0x003b, 0x0001}, false, NULL_OFFER_AMONG},
    {"Windows 7", {0x002f, 0x0035, 0xc030, 0x00ff}, false, NULL_OFFER_NONE},
    {"signalling values alone", {0x00ff, 0x0a0a, 0x1301}, false, NULL_OFFER_NONE},
    {"other key exchanges", {0x002c, 0xc006, 0x00b0}, false, NULL_OFFER_NONE},
    {"looks like GREASE", {0x0a1a, 0x003b}, false, NULL_OFFER_BEHIND},
};

static size_t count_of(const uint16_t *suites)
{
  size_t count = 0;

  while (count < 8 && suites[count] != 0)
    count++;
  return count;
}

static void test_offers(void)
{
  for (size_t i = 0; i < G_N_ELEMENTS(offers); i++) {
    g_test_message("%s", offers[i].what);
    g_assert_cmpint(cipher_suites_null_offer(offers[i].suites, count_of(offers[i].suites), !offers[i].incomplete), ==,
                    offers[i].offer);
  }
}

static void test_null_suites(void)
{
  static const uint16_t chosen[] = {0x0001, 0x0002, 0x003b, 0x002c, 0x00b9, 0xc006, 0xc010, 0xc03b, 0xc0b4};
  size_t count = 0;

  for (unsigned suite = 0; suite <= UINT16_MAX; suite++)
    count += cipher_suite_is_null((uint16_t)suite);
  g_assert_cmpuint(count, ==, 23); /* IANA's registry: all with NULL in their name, and the two of RFC 9150 */
  for (size_t i = 0; i < G_N_ELEMENTS(chosen); i++)
    g_assert_true(cipher_suite_is_null(chosen[i]));
}

static void test_suites_of_tls13(void)
{
  for (unsigned suite = 0x1301; suite <= 0x1305; suite++)
    g_assert_true(cipher_suite_is_tls13((uint16_t)suite));
  g_assert_true(cipher_suite_is_tls13(0xc0b4) && cipher_suite_is_tls13(0xc0b5));
  g_assert_false(cipher_suite_is_tls13(0x003b));
  g_assert_false(cipher_suite_is_tls13(0xc013));
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/cipher_suite/offers", test_offers);
  g_test_add_func("/cipher_suite/null", test_null_suites);
  g_test_add_func("/cipher_suite/tls13", test_suites_of_tls13);
  return g_test_run();
}
