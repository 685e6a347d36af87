/* tls_alert.h - TLS alert descriptions (IANA's registry; RFC 5246 section 7.2, RFC 8446 section 6)
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_CORE_TLS_ALERT_H
#define IPHTTPS_CORE_TLS_ALERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TLS_ALERT_LEVEL_WARNING 1
#define TLS_ALERT_LEVEL_FATAL 2

enum {
  TLS_ALERT_CLOSE_NOTIFY = 0,
  TLS_ALERT_UNEXPECTED_MESSAGE = 10,
  TLS_ALERT_BAD_RECORD_MAC = 20,
  TLS_ALERT_DECRYPTION_FAILED = 21,
  TLS_ALERT_RECORD_OVERFLOW = 22,
  TLS_ALERT_DECOMPRESSION_FAILURE = 30,
  TLS_ALERT_HANDSHAKE_FAILURE = 40,
  TLS_ALERT_NO_CERTIFICATE = 41,
  TLS_ALERT_BAD_CERTIFICATE = 42,
  TLS_ALERT_UNSUPPORTED_CERTIFICATE = 43,
  TLS_ALERT_CERTIFICATE_REVOKED = 44,
  TLS_ALERT_CERTIFICATE_EXPIRED = 45,
  TLS_ALERT_CERTIFICATE_UNKNOWN = 46,
  TLS_ALERT_ILLEGAL_PARAMETER = 47,
  TLS_ALERT_UNKNOWN_CA = 48,
  TLS_ALERT_ACCESS_DENIED = 49,
  TLS_ALERT_DECODE_ERROR = 50,
  TLS_ALERT_DECRYPT_ERROR = 51,
  TLS_ALERT_EXPORT_RESTRICTION = 60,
  TLS_ALERT_PROTOCOL_VERSION = 70,
  TLS_ALERT_INSUFFICIENT_SECURITY = 71,
  TLS_ALERT_INTERNAL_ERROR = 80,
  TLS_ALERT_INAPPROPRIATE_FALLBACK = 86,
  TLS_ALERT_USER_CANCELED = 90,
  TLS_ALERT_NO_RENEGOTIATION = 100,
  TLS_ALERT_MISSING_EXTENSION = 109,
  TLS_ALERT_UNSUPPORTED_EXTENSION = 110,
  TLS_ALERT_CERTIFICATE_UNOBTAINABLE = 111,
  TLS_ALERT_UNRECOGNIZED_NAME = 112,
  TLS_ALERT_BAD_CERTIFICATE_STATUS_RESPONSE = 113,
  TLS_ALERT_BAD_CERTIFICATE_HASH_VALUE = 114,
  TLS_ALERT_UNKNOWN_PSK_IDENTITY = 115,
  TLS_ALERT_CERTIFICATE_REQUIRED = 116,
  TLS_ALERT_NO_APPLICATION_PROTOCOL = 120
};

/* Whether its sender has something against the other side's certificate; of unknown_ca that is not asked here. */
bool tls_alert_is_of_certificate(uint8_t alert);

/*
 * Reads an alert whose record has version 0, which Wireshark does not take for TLS: so some load balancers refuse a
 * Client Hello. False if the bytes are none.
 */
bool tls_alert_read_versionless(const uint8_t *bytes, size_t length, uint8_t *level, uint8_t *alert);

/* The alert's name as the RFCs spell it ("handshake_failure"), NULL for a number without one. */
const char *tls_alert_name(uint8_t alert);

#endif
