/* windows_error.c - the codes Windows shows as LastErrorCode, and their symbolic names
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "windows_error.h"

#include <glib.h>

#include "tls_alert.h"

#define NAMED(symbol)                                                                                                  \
  {                                                                                                                    \
    WINDOWS_##symbol, #symbol                                                                                          \
  }

const windows_error_name_t windows_error_names[] = {
    NAMED(NO_ERROR),
    NAMED(ERROR_DUP_NAME),
    NAMED(ERROR_NO_MORE_ITEMS),
    NAMED(ERROR_INVALID_NETNAME),
    NAMED(ERROR_INSTALL_FAILURE),
    NAMED(WSAETIMEDOUT),
    NAMED(WSAECONNREFUSED),
    NAMED(WSAEHOSTUNREACH),
    NAMED(WSAHOST_NOT_FOUND),
    NAMED(WSANO_DATA),
    NAMED(SEC_I_INCOMPLETE_CREDENTIALS),
    NAMED(SEC_E_UNSUPPORTED_FUNCTION),
    NAMED(SEC_E_INTERNAL_ERROR),
    NAMED(SEC_E_LOGON_DENIED),
    NAMED(SEC_E_MESSAGE_ALTERED),
    NAMED(SEC_E_UNTRUSTED_ROOT),
    NAMED(SEC_E_ILLEGAL_MESSAGE),
    NAMED(SEC_E_CERT_UNKNOWN),
    NAMED(SEC_E_CERT_EXPIRED),
    NAMED(SEC_E_DECRYPT_FAILURE),
    NAMED(SEC_E_ALGORITHM_MISMATCH),
    NAMED(CRYPT_E_REVOKED),
    NAMED(CRYPT_E_REVOCATION_OFFLINE),
    NAMED(CERT_E_EXPIRED),
    NAMED(CERT_E_UNTRUSTEDROOT),
    NAMED(CERT_E_CN_NO_MATCH),
    {0, NULL},
};

/* 0 stands for an alert without a row of its own. */
static const uint32_t schannel_codes[UINT8_MAX + 1] = {
    [TLS_ALERT_UNEXPECTED_MESSAGE] = WINDOWS_SEC_E_ILLEGAL_MESSAGE,
    [TLS_ALERT_BAD_RECORD_MAC] = WINDOWS_SEC_E_MESSAGE_ALTERED,
    [TLS_ALERT_DECRYPTION_FAILED] = WINDOWS_SEC_E_DECRYPT_FAILURE,
    [TLS_ALERT_RECORD_OVERFLOW] = WINDOWS_SEC_E_ILLEGAL_MESSAGE,
    [TLS_ALERT_DECOMPRESSION_FAILURE] = WINDOWS_SEC_E_MESSAGE_ALTERED,
    [TLS_ALERT_HANDSHAKE_FAILURE] = WINDOWS_SEC_E_ILLEGAL_MESSAGE,
    [TLS_ALERT_BAD_CERTIFICATE] = WINDOWS_SEC_E_CERT_UNKNOWN,
    [TLS_ALERT_UNSUPPORTED_CERTIFICATE] = WINDOWS_SEC_E_CERT_UNKNOWN,
    [TLS_ALERT_CERTIFICATE_REVOKED] = WINDOWS_CRYPT_E_REVOKED,
    [TLS_ALERT_CERTIFICATE_EXPIRED] = WINDOWS_SEC_E_CERT_EXPIRED,
    [TLS_ALERT_CERTIFICATE_UNKNOWN] = WINDOWS_SEC_E_CERT_UNKNOWN,
    [TLS_ALERT_ILLEGAL_PARAMETER] = WINDOWS_SEC_E_ILLEGAL_MESSAGE,
    [TLS_ALERT_UNKNOWN_CA] = WINDOWS_SEC_E_UNTRUSTED_ROOT,
    [TLS_ALERT_ACCESS_DENIED] = WINDOWS_SEC_E_LOGON_DENIED,
    [TLS_ALERT_DECODE_ERROR] = WINDOWS_SEC_E_ILLEGAL_MESSAGE,
    [TLS_ALERT_DECRYPT_ERROR] = WINDOWS_SEC_E_DECRYPT_FAILURE,
    [TLS_ALERT_EXPORT_RESTRICTION] = WINDOWS_SEC_E_ILLEGAL_MESSAGE,
    [TLS_ALERT_PROTOCOL_VERSION] = WINDOWS_SEC_E_UNSUPPORTED_FUNCTION,
    [TLS_ALERT_INSUFFICIENT_SECURITY] = WINDOWS_SEC_E_ALGORITHM_MISMATCH,
    [TLS_ALERT_INTERNAL_ERROR] = WINDOWS_SEC_E_INTERNAL_ERROR,
};

const char *windows_error_to_name(uint32_t code)
{
  const windows_error_name_t *row = windows_error_names;
  while (row->name != NULL && row->code != code)
    row++;
  return row->name;
}

char *windows_error_to_text(uint32_t code)
{
  const char *name = windows_error_to_name(code);

  if (code == WINDOWS_ERROR_NONE)
    return NULL;
  return g_strdup_printf("0x%x%s%s", code, name != NULL ? " " : "", name != NULL ? name : "");
}

uint32_t windows_error_from_alert(uint8_t alert)
{
  return schannel_codes[alert] != 0 ? schannel_codes[alert] : WINDOWS_SEC_E_ILLEGAL_MESSAGE;
}
