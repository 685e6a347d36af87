/* claim.h - how a session that is a tunnel comes to the tunnel's dissector
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_TUNNEL_CLAIM_H
#define IPHTTPS_TUNNEL_CLAIM_H

#include <stdbool.h>

#include <epan/conversation.h>
#include <epan/packet.h>

/* For the hand-off routine: the protocol, the preference, and the handle that dissects what is claimed. */
void tunnel_claim_reg_handoff(int proto_iphttps, const bool *enabled, dissector_handle_t tunnel_handle);

/*
 * For the post-dissector, on the first pass of every frame, before the facts are looked at: has a new conversation's
 * first content shown to the tunnel's dissector, and takes over a session whose tunnel request http has dissected.
 * conversation is the frame's outer TCP conversation, NULL if it has none. Where TLS is expected, a conversation that
 * begins with a Client Hello is TLS, to whatever protocol Wireshark gives the port.
 */
void tunnel_watch(packet_info *pinfo, conversation_t *conversation, bool expects_tls);

/* Whether what comes first in a conversation of these ports has to be shown to us: TLS has a heuristic of ours on its
 * own ports. */
bool tunnel_watches_content(const packet_info *pinfo);

/* As tunnel_watch(), of a frame that a tagged session has, once it has been fed; whether its endpoint is known, or only
 * inferred from what the client offers. */
void tunnel_expect(const packet_info *pinfo, conversation_t *conversation, bool is_known_endpoint);

/* Whether a conversation's dissector waits for its first content, and gives way to another when that has come. */
bool tunnel_waits_for_content(dissector_handle_t handle);

#endif
