/* segments.h - gives each byte of a tagged session to its dissectors once
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Wireshark's TCP keeps most retransmissions from the dissectors above it, but not a fast one, nor the copies that a
 * capture may hold of each frame: TLS and HTTP, which count what they are given, then lose their step, and what is in a
 * record comes twice.
 */
#ifndef IPHTTPS_SEGMENTS_H
#define IPHTTPS_SEGMENTS_H

#include <epan/conversation.h>
#include <epan/packet.h>

/* Once, at registration. */
void segments_register(void);

/* To be called for each frame of a tagged session, when all else has been done with it, on the first pass: from the
 * next frame on, its conversation's payload comes through here. */
void segments_follow(const packet_info *pinfo, conversation_t *conversation);

/* Leaves the conversation alone again from the next frame on. */
void segments_leave(const packet_info *pinfo, conversation_t *conversation);

/* How many bytes from a sequence number on, as it stands in the frame, were kept from dissectors. First pass only. */
size_t segments_kept_bytes(packet_info *pinfo, uint32_t sequence);

/* Whether the conversation's payload comes through here, so that dissectors get no byte of it twice. */
bool segments_give_once(const conversation_t *conversation);

#endif
