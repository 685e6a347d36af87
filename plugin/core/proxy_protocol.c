/* proxy_protocol.c - the header of the PROXY protocol, by which a load balancer tells the server who the client is
 *
 * "The PROXY protocol, versions 1 & 2", by HAProxy's authors: sections 2.1 and 2.2.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "proxy_protocol.h"

#include <string.h>

enum { LINE_MAX_BYTES = 107 };                                     /* of version 1, with its CR and LF */
enum { SIGNATURE = 12, LENGTH_AT = SIGNATURE + 2, HEADER_2 = 16 }; /* of version 2 */

static size_t line_length(byte_span_t bytes)
{
  static const char word[] = "PROXY ";

  if (bytes.length < strlen(word) || memcmp(bytes.data, word, strlen(word)) != 0)
    return 0;
  for (size_t i = strlen(word); i + 1 < bytes.length && i + 1 < LINE_MAX_BYTES; i++)
    if (bytes.data[i] == '\r' && bytes.data[i + 1] == '\n')
      return i + 2;
  return 0;
}

static size_t binary_length(byte_span_t bytes)
{
  static const uint8_t signature[SIGNATURE] = {'\r', '\n', '\r', '\n', 0, '\r', '\n', 'Q', 'U', 'I', 'T', '\n'};

  if (bytes.length < HEADER_2 || memcmp(bytes.data, signature, SIGNATURE) != 0)
    return 0;
  size_t length = HEADER_2 + (size_t)uint16_at(bytes.data + LENGTH_AT);

  return length <= bytes.length ? length : 0;
}

size_t proxy_protocol_header(byte_span_t bytes)
{
  size_t length = line_length(bytes);

  return length > 0 ? length : binary_length(bytes);
}
