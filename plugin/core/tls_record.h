/* tls_record.h - what a TLS record begins with (RFC 8446 section 5.1)
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_CORE_TLS_RECORD_H
#define IPHTTPS_CORE_TLS_RECORD_H

#include "bytes.h"

enum { TLS_RECORD_HEADER = 5 }; /* bytes: type, version, length */

/* What it holds, by its first byte. */
enum {
  TLS_RECORD_CHANGE_CIPHER_SPEC = 20,
  TLS_RECORD_ALERT = 21,
  TLS_RECORD_HANDSHAKE = 22,
  TLS_RECORD_APPLICATION_DATA = 23,
  TLS_RECORD_HEARTBEAT = 24,
};

enum { TLS_MAJOR_VERSION = 3 }; /* the second byte, from SSL 3.0 to TLS 1.3 */

/* How many bytes stand behind a header. */
static inline uint16_t tls_record_content_length(const uint8_t *header)
{
  return uint16_at(header + 3);
}

#endif
