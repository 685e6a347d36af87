/* packet-iphttps-tunnel.h - dissects a tunnel: its HTTP heads, and the IPv6 packets that follow them
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_PACKET_IPHTTPS_TUNNEL_H
#define IPHTTPS_PACKET_IPHTTPS_TUNNEL_H

#include <stdbool.h>

/* Registers the protocol's tunnel part under the given protocol id (preference `dissect_tunnel`: *enabled). */
void tunnel_register(int proto_iphttps, const bool *enabled);

/* Binds the tunnel to tls, http and Decode As; to be called from the hand-off routine. */
void tunnel_reg_handoff(void);

#endif
