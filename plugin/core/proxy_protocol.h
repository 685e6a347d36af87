/* proxy_protocol.h - the header of the PROXY protocol, by which a load balancer tells the server who the client is
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_CORE_PROXY_PROTOCOL_H
#define IPHTTPS_CORE_PROXY_PROTOCOL_H

#include <stdbool.h>

#include "bytes.h"

/* Whether these bytes may begin with the header: most do not, and this is asked of many. */
static inline bool proxy_protocol_may_begin(byte_span_t bytes)
{
  return bytes.length > 0 && (bytes.data[0] == 'P' || bytes.data[0] == '\r');
}

/* How long the header is that these bytes begin with (of version 1 or 2); 0 where they begin with none, or with a part
 * of one. What the client has sent stands behind it. */
size_t proxy_protocol_header(byte_span_t bytes);

#endif
