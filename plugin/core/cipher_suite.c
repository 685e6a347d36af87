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
  TLS_SHA256_SHA256 = 0xc0b4, /* RFC 9150 */
  TLS_SHA384_SHA384 = 0xc0b5,
};

/* Suites by what they lack; those of the ranges first to last. Names and numbers: IANA's registry of TLS cipher suites.
 */
typedef enum { LACKS_NOTHING, LACKS_ENCRYPTION, LACKS_AUTHENTICATION, LACKS_STRENGTH } suite_lack_t;

static const struct {
  uint16_t first, last;
  suite_lack_t lacks;
} weak_suites[] = {
    {0x0000, 0x0002, LACKS_ENCRYPTION}, /* NULL_WITH_NULL_NULL, RSA_WITH_NULL_MD5, _SHA */
    {0x0003, 0x0003, LACKS_STRENGTH},   /* RSA_EXPORT */
    {0x0006, 0x0006, LACKS_STRENGTH},
    {0x0008, 0x0008, LACKS_STRENGTH},
    {0x000b, 0x000b, LACKS_STRENGTH}, /* DH_DSS_EXPORT, DH_RSA_EXPORT, DHE_DSS_EXPORT, DHE_RSA_EXPORT */
    {0x000e, 0x000e, LACKS_STRENGTH},
    {0x0011, 0x0011, LACKS_STRENGTH},
    {0x0014, 0x0014, LACKS_STRENGTH},
    {0x0017, 0x001b, LACKS_AUTHENTICATION}, /* DH_anon, its export suites among them */
    {0x0026, 0x002b, LACKS_STRENGTH},       /* KRB5_EXPORT */
    {0x002c, 0x002e, LACKS_ENCRYPTION},     /* PSK, DHE_PSK, RSA_PSK */
    {0x0034, 0x0034, LACKS_AUTHENTICATION},
    {0x003a, 0x003a, LACKS_AUTHENTICATION},
    {0x003b, 0x003b, LACKS_ENCRYPTION}, /* RSA_WITH_NULL_SHA256 */
    {0x0046, 0x0046, LACKS_AUTHENTICATION},
    {0x0060, 0x0065, LACKS_STRENGTH}, /* RSA_EXPORT1024 and its like */
    {0x006c, 0x006d, LACKS_AUTHENTICATION},
    {0x0089, 0x0089, LACKS_AUTHENTICATION},
    {0x009b, 0x009b, LACKS_AUTHENTICATION},
    {0x00a6, 0x00a7, LACKS_AUTHENTICATION},
    {0x00b0, 0x00b1, LACKS_ENCRYPTION}, /* PSK, DHE_PSK, RSA_PSK with SHA-256 and SHA-384 */
    {0x00b4, 0x00b5, LACKS_ENCRYPTION},
    {0x00b8, 0x00b9, LACKS_ENCRYPTION},
    {0x00bf, 0x00bf, LACKS_AUTHENTICATION},
    {0x00c5, 0x00c5, LACKS_AUTHENTICATION},
    {0xc001, 0xc001, LACKS_ENCRYPTION}, /* ECDH_ECDSA, ECDHE_ECDSA, ECDH_RSA, ECDHE_RSA */
    {0xc006, 0xc006, LACKS_ENCRYPTION},
    {0xc00b, 0xc00b, LACKS_ENCRYPTION},
    {0xc010, 0xc010, LACKS_ENCRYPTION},
    {0xc015, 0xc015, LACKS_ENCRYPTION}, /* ECDH_anon_WITH_NULL_SHA */
    {0xc016, 0xc019, LACKS_AUTHENTICATION},
    {0xc039, 0xc03b, LACKS_ENCRYPTION}, /* ECDHE_PSK */
    {0xc046, 0xc047, LACKS_AUTHENTICATION},
    {0xc05a, 0xc05b, LACKS_AUTHENTICATION},
    {0xc084, 0xc085, LACKS_AUTHENTICATION},
    {0xc0b4, 0xc0b5, LACKS_ENCRYPTION}, /* TLS 1.3: integrity alone */
};

static suite_lack_t lack_of(uint16_t suite)
{
  for (size_t i = 0; i < sizeof weak_suites / sizeof weak_suites[0]; i++)
    if (suite >= weak_suites[i].first && suite <= weak_suites[i].last)
      return weak_suites[i].lacks;
  return LACKS_NOTHING;
}

bool cipher_suite_is_null(uint16_t suite)
{
  return lack_of(suite) == LACKS_ENCRYPTION;
}

bool cipher_suite_is_tls13(uint16_t suite)
{
  return (suite & 0xff00) == 0x1300 || suite == TLS_SHA256_SHA256 || suite == TLS_SHA384_SHA384;
}

/* The NULL suites that an IP-HTTPS client offers, and those that count with them: RSA key exchange. */
static bool is_rsa_null(uint16_t suite)
{
  return suite == TLS_RSA_WITH_NULL_MD5 || suite == TLS_RSA_WITH_NULL_SHA || suite == TLS_RSA_WITH_NULL_SHA256;
}

/* What clients do not offer that want a connection without encryption, but one with whatever there is. */
static bool only_scanners_offer(uint16_t suite)
{
  suite_lack_t lack = lack_of(suite);

  return lack == LACKS_AUTHENTICATION || lack == LACKS_STRENGTH;
}

/* What Windows does not offer beside its NULL suites. */
static bool is_other_null(uint16_t suite)
{
  return suite == TLS_RSA_WITH_NULL_MD5 || (cipher_suite_is_null(suite) && !is_rsa_null(suite));
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

static bool has_rsa_null(const uint16_t *suites, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (is_rsa_null(suites[i]))
      return true;
  return false;
}

null_offer_t cipher_suites_null_offer(const uint16_t *suites, size_t count, bool complete)
{
  size_t encrypted = 0;
  bool null_first = false, scanner = false, other_null = false;

  if (!has_rsa_null(suites, count)) /* as nearly all others: no suite is worth a closer look */
    return NULL_OFFER_NONE;
  for (size_t i = 0; i < count; i++) {
    if (says_nothing(suites[i]))
      continue;
    scanner = scanner || only_scanners_offer(suites[i]);
    other_null = other_null || is_other_null(suites[i]);
    if (is_rsa_null(suites[i]))
      null_first = null_first || encrypted == 0;
    else
      encrypted++;
  }
  if (encrypted == 0 && complete)
    return NULL_OFFER_ONLY;
  if (scanner || (other_null && !null_first))
    return NULL_OFFER_AMONG;
  return null_first ? NULL_OFFER_FIRST : NULL_OFFER_BEHIND;
}
