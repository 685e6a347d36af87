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

/* What may begin a session, or tell of one, in a frame. The spans belong to the frame. */
typedef struct {
  tls_handshake_t handshake;
  bool has_request; /* of HTTP */
  bool has_connect;
} starts_t;

/* Reads what TLS and http have dissected in the frame, the handshake only if asked to. First pass only. */
starts_t starts_read(tvbuff_t *tvb, packet_info *pinfo, bool with_handshake);

#endif
