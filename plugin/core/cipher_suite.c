/* cipher_suite.c - which TLS cipher suites mark an IP-HTTPS client
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "cipher_suite.h"

enum {
  TLS_RSA_WITH_NULL_MD5 = 0x0001,
  TLS_RSA_WITH_NULL_SHA = 0x0002,
  TLS_RSA_WITH_NULL_SHA256 = 0x003b,
  TLS_EMPTY_RENEGOTIATION_INFO_SCSV = 0x00ff,
  TLS_FALLBACK_SCSV = 0x5600,
};

bool cipher_suite_is_null(uint16_t suite)
{
  return suite == TLS_RSA_WITH_NULL_MD5 || suite == TLS_RSA_WITH_NULL_SHA || suite == TLS_RSA_WITH_NULL_SHA256;
}

bool cipher_suite_is_tls13(uint16_t suite)
{
  return (suite & 0xff00) == 0x1300;
}

static bool is_grease(uint16_t suite)
{
  return (suite & 0x0f0f) == 0x0a0a && (suite >> 8) == (suite & 0xff);
}

static bool says_nothing(uint16_t suite)
{
  return suite == TLS_EMPTY_RENEGOTIATION_INFO_SCSV || suite == TLS_FALLBACK_SCSV || is_grease(suite) ||
         cipher_suite_is_tls13(suite);
}

null_offer_t cipher_suites_null_offer(const uint16_t *suites, size_t count, bool complete)
{
  size_t null_suites = 0, encrypted = 0;
  bool null_first = false;

  for (size_t i = 0; i < count; i++) {
    if (says_nothing(suites[i]))
      continue;
    if (cipher_suite_is_null(suites[i])) {
      null_first = null_first || encrypted == 0;
      null_suites++;
    } else {
      encrypted++;
    }
  }
  if (null_suites == 0)
    return NULL_OFFER_NONE;
  if (!null_first)
    return NULL_OFFER_BEHIND;
  return encrypted == 0 && complete ? NULL_OFFER_ONLY : NULL_OFFER_FIRST;
}
