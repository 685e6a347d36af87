/* middle.h - finds a tunnel in TLS whose handshake the capture lacks, and dissects it
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_TUNNEL_MIDDLE_H
#define IPHTTPS_TUNNEL_MIDDLE_H

#include <stdbool.h>

#include <epan/conversation.h>
#include <epan/packet.h>

/* Once each, at registration and from the hand-off routine, which tells the dissector of a tunnel's content. */
void tunnel_middle_register(void);
void tunnel_middle_reg_handoff(dissector_handle_t tunnel_handle);

/* Has the payload of a conversation that began before the capture looked at, from the next frame on; at a known
 * endpoint fewer signs of a tunnel will do. Nothing for one whose SYN was seen. First pass only. */
void tunnel_watch_middle(const packet_info *pinfo, conversation_t *conversation, bool is_known_endpoint);

#endif
