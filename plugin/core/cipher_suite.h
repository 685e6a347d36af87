/* cipher_suite.h - which TLS cipher suites mark an IP-HTTPS client
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_CORE_CIPHER_SUITE_H
#define IPHTTPS_CORE_CIPHER_SUITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where a Client Hello has its NULL-encryption suites with RSA key exchange. */
typedef enum {
  NULL_OFFER_NONE,
  NULL_OFFER_AMONG,  /* beside others that only scanners and monitors offer: anonymous, export, more NULL */
  NULL_OFFER_BEHIND, /* after an encrypted suite: the order of Schannel's own list */
  NULL_OFFER_FIRST,  /* before encrypted suites */
  NULL_OFFER_ONLY,
} null_offer_t;

/* Classifies an offer. Signalling values (RFC 5746, RFC 7507), GREASE (RFC 8701) and the suites of TLS 1.3 are left
 * aside. A list that is not complete is never NULL_OFFER_ONLY. */
null_offer_t cipher_suites_null_offer(const uint16_t *suites, size_t count, bool complete);

/* Whether the suite leaves its payload unencrypted, whatever its key exchange (RFC 4785, 5246, 5487, 5489, 8422, 9150).
 */
bool cipher_suite_is_null(uint16_t suite);

/* Whether the suite belongs to TLS 1.3 (RFC 8446 appendix B.4): the handshake behind the Server Hello is encrypted
 * then. */
bool cipher_suite_is_tls13(uint16_t suite);

#endif
