/* claim.h - how a session that is a tunnel comes to the tunnel's dissector
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_TUNNEL_CLAIM_H
#define IPHTTPS_TUNNEL_CLAIM_H

#include <epan/packet.h>

#include "compat.h"

/* For the hand-off routine: the protocol, the preference, and the handle that dissects what is claimed. */
void tunnel_claim_reg_handoff(int proto_iphttps, const bool *enabled, dissector_handle_t tunnel_handle);

#endif
