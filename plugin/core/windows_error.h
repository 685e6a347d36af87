/* windows_error.h - the codes Windows shows as LastErrorCode, and their symbolic names
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_CORE_WINDOWS_ERROR_H
#define IPHTTPS_CORE_WINDOWS_ERROR_H

#include <stddef.h>
#include <stdint.h>

/* A row of the table, which is sorted by code; its last row has a NULL name. */
typedef struct {
  uint32_t code;
  const char *name; /* winerror.h's symbol */
} windows_error_name_t;

extern const windows_error_name_t windows_error_names[];

/* The codes an IP-HTTPS client is known to report. */
#define WINDOWS_ERROR_NONE UINT32_MAX /* "the evidence does not tell": never a code of ours */
#define WINDOWS_NO_ERROR 0x00000000u
#define WINDOWS_SEC_E_ILLEGAL_MESSAGE 0x80090326u
#define WINDOWS_SEC_E_MESSAGE_ALTERED 0x8009030fu
#define WINDOWS_SEC_E_DECRYPT_FAILURE 0x80090330u
#define WINDOWS_SEC_E_CERT_UNKNOWN 0x80090327u
#define WINDOWS_SEC_E_CERT_EXPIRED 0x80090328u
#define WINDOWS_SEC_E_UNTRUSTED_ROOT 0x80090325u
#define WINDOWS_SEC_E_LOGON_DENIED 0x8009030cu
#define WINDOWS_SEC_E_UNSUPPORTED_FUNCTION 0x80090302u
#define WINDOWS_SEC_E_ALGORITHM_MISMATCH 0x80090331u
#define WINDOWS_SEC_E_INTERNAL_ERROR 0x80090304u
#define WINDOWS_SEC_I_INCOMPLETE_CREDENTIALS 0x00090320u
#define WINDOWS_CRYPT_E_REVOKED 0x80092010u
#define WINDOWS_CRYPT_E_REVOCATION_OFFLINE 0x80092013u
#define WINDOWS_CERT_E_EXPIRED 0x800b0101u
#define WINDOWS_CERT_E_UNTRUSTEDROOT 0x800b0109u
#define WINDOWS_CERT_E_CN_NO_MATCH 0x800b010fu
#define WINDOWS_ERROR_DUP_NAME 0x00000034u
#define WINDOWS_ERROR_NO_MORE_ITEMS 0x00000103u
#define WINDOWS_ERROR_INVALID_NETNAME 0x000004beu
#define WINDOWS_ERROR_INSTALL_FAILURE 0x00000643u
#define WINDOWS_WSAHOST_NOT_FOUND 0x00002af9u
#define WINDOWS_WSANO_DATA 0x00002afcu
#define WINDOWS_WSAETIMEDOUT 0x0000274cu
#define WINDOWS_WSAECONNREFUSED 0x0000274du
#define WINDOWS_WSAEHOSTUNREACH 0x00002751u

/* The symbolic name of a code, NULL if it is not in the table. */
const char *windows_error_to_name(uint32_t code);

/* The code as shown, "0x274c WSAETIMEDOUT", with its name if there is one; NULL for WINDOWS_ERROR_NONE. To be freed
 * with g_free(). */
char *windows_error_to_text(uint32_t code);

/* What Schannel reports for a fatal TLS alert it received ("Schannel Error Codes for TLS and SSL Alerts", Microsoft's
 * documentation of Schannel); SEC_E_ILLEGAL_MESSAGE for any alert without a row of its own. */
uint32_t windows_error_from_alert(uint8_t alert);

#endif
