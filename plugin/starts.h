/* starts.h - what may begin a session, read from a frame's bytes
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_STARTS_H
#define IPHTTPS_STARTS_H

#include <stdbool.h>

#include <epan/packet.h>

#include "core/tls_handshake.h"

/* To be called from the hand-off routine. */
void starts_reg_handoff(void);

/* The handshake messages that TLS has dissected in the frame, as far as they can be read. First pass only. */
tls_handshake_t starts_handshake(tvbuff_t *tvb, packet_info *pinfo);

/* Whether the frame holds a request that http has dissected, and whether one is a CONNECT. First pass only. */
bool starts_has_request(tvbuff_t *tvb, packet_info *pinfo);
bool starts_has_connect(tvbuff_t *tvb, packet_info *pinfo);

#endif
