/* proxy_protocol.h - the header of the PROXY protocol, by which a load balancer tells the server who the client is
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_CORE_PROXY_PROTOCOL_H
#define IPHTTPS_CORE_PROXY_PROTOCOL_H

#include "bytes.h"

/* How long the header is that these bytes begin with (of version 1 or 2); 0 where they begin with none, or with a part
 * of one. What the client has sent stands behind it. */
size_t proxy_protocol_header(byte_span_t bytes);

#endif
