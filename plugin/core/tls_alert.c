/* tls_alert.c - the names of TLS alert descriptions
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tls_alert.h"

#include <string.h>

static const char *const alert_names[UINT8_MAX + 1] = {
    [TLS_ALERT_CLOSE_NOTIFY] = "close_notify",
    [TLS_ALERT_UNEXPECTED_MESSAGE] = "unexpected_message",
    [TLS_ALERT_BAD_RECORD_MAC] = "bad_record_mac",
    [TLS_ALERT_DECRYPTION_FAILED] = "decryption_failed",
    [TLS_ALERT_RECORD_OVERFLOW] = "record_overflow",
    [TLS_ALERT_DECOMPRESSION_FAILURE] = "decompression_failure",
    [TLS_ALERT_HANDSHAKE_FAILURE] = "handshake_failure",
    [TLS_ALERT_NO_CERTIFICATE] = "no_certificate",
    [TLS_ALERT_BAD_CERTIFICATE] = "bad_certificate",
    [TLS_ALERT_UNSUPPORTED_CERTIFICATE] = "unsupported_certificate",
    [TLS_ALERT_CERTIFICATE_REVOKED] = "certificate_revoked",
    [TLS_ALERT_CERTIFICATE_EXPIRED] = "certificate_expired",
    [TLS_ALERT_CERTIFICATE_UNKNOWN] = "certificate_unknown",
    [TLS_ALERT_ILLEGAL_PARAMETER] = "illegal_parameter",
    [TLS_ALERT_UNKNOWN_CA] = "unknown_ca",
    [TLS_ALERT_ACCESS_DENIED] = "access_denied",
    [TLS_ALERT_DECODE_ERROR] = "decode_error",
    [TLS_ALERT_DECRYPT_ERROR] = "decrypt_error",
    [TLS_ALERT_EXPORT_RESTRICTION] = "export_restriction",
    [TLS_ALERT_PROTOCOL_VERSION] = "protocol_version",
    [TLS_ALERT_INSUFFICIENT_SECURITY] = "insufficient_security",
    [TLS_ALERT_INTERNAL_ERROR] = "internal_error",
    [TLS_ALERT_INAPPROPRIATE_FALLBACK] = "inappropriate_fallback",
    [TLS_ALERT_USER_CANCELED] = "user_canceled",
    [TLS_ALERT_NO_RENEGOTIATION] = "no_renegotiation",
    [TLS_ALERT_MISSING_EXTENSION] = "missing_extension",
    [TLS_ALERT_UNSUPPORTED_EXTENSION] = "unsupported_extension",
    [TLS_ALERT_CERTIFICATE_UNOBTAINABLE] = "certificate_unobtainable",
    [TLS_ALERT_UNRECOGNIZED_NAME] = "unrecognized_name",
    [TLS_ALERT_BAD_CERTIFICATE_STATUS_RESPONSE] = "bad_certificate_status_response",
    [TLS_ALERT_BAD_CERTIFICATE_HASH_VALUE] = "bad_certificate_hash_value",
    [TLS_ALERT_UNKNOWN_PSK_IDENTITY] = "unknown_psk_identity",
    [TLS_ALERT_CERTIFICATE_REQUIRED] = "certificate_required",
    [TLS_ALERT_NO_APPLICATION_PROTOCOL] = "no_application_protocol",
};

bool tls_alert_is_of_certificate(uint8_t alert)
{
  return (alert >= TLS_ALERT_BAD_CERTIFICATE && alert <= TLS_ALERT_CERTIFICATE_UNKNOWN) ||
         alert == TLS_ALERT_BAD_CERTIFICATE_STATUS_RESPONSE;
}

bool tls_alert_read_versionless(const uint8_t *bytes, size_t length, uint8_t *level, uint8_t *alert)
{
  static const uint8_t header[] = {21 /* alert */, 0, 0, 0, 2}; /* RFC 5246 section 6.2.1 */

  if (length < sizeof header + 2 || memcmp(bytes, header, sizeof header) != 0)
    return false;
  *level = bytes[sizeof header];
  *alert = bytes[sizeof header + 1];
  return *level == TLS_ALERT_LEVEL_WARNING || *level == TLS_ALERT_LEVEL_FATAL;
}

const char *tls_alert_name(uint8_t alert)
{
  return alert_names[alert];
}
