/* notes.h - what is known of the conversations that carry, or may carry, a tunnel
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_TUNNEL_NOTES_H
#define IPHTTPS_TUNNEL_NOTES_H

#include <stdbool.h>

#include <epan/conversation.h>
#include <epan/packet.h>

#include "core/stream.h"
#include "tunnel/packet-iphttps-tunnel.h"

typedef enum { FROM_CLIENT, FROM_SERVER, TUNNEL_DIRECTIONS } tunnel_direction_t;

/* A conversation that has carried readable content. Lives in file scope; changes on the first pass only. */
typedef struct {
  tunnel_facts_t facts;
  uint32_t number;             /* of the tunnel in the capture, from 1 */
  const conversation_t *outer; /* TCP's; within an HTTP CONNECT http shows us another */
  bool is_claimed;             /* its further content comes to the tunnel's dissector */
  bool client_known;
  address client_address;
  uint32_t client_port;
  bool has_gap[TUNNEL_DIRECTIONS]; /* bytes of it are missing from the capture */
  unsigned out_of_step[TUNNEL_DIRECTIONS];
} tunnel_conversation_t;

/* Tells once, at registration, the protocol under which frames carry a link to their tunnel. */
void tunnel_notes_register(int proto_iphttps);

/* The notes on a conversation; new ones if there are none. */
tunnel_conversation_t *tunnel_notes_of_conversation(const conversation_t *conversation);

/* Those on the conversation that pinfo's addresses and ports name, to which the frame then belongs. */
tunnel_conversation_t *tunnel_notes_of(packet_info *pinfo);

/* Who sent the frame; where no head has told who the client is, the server has the port that led to the dissector. */
tunnel_direction_t tunnel_direction_of(const tunnel_conversation_t *tunnel, const packet_info *pinfo);

/*
 * The following take notes of the frame's content. They do nothing on later passes.
 */

/* A head: counts if it is the tunnel request, or the first final answer to it. */
void tunnel_note_head(tunnel_conversation_t *tunnel, const packet_info *pinfo, const tunnel_head_t *head);

/* An inner packet, of which `captured` bytes are at hand. */
void tunnel_note_packet(tunnel_conversation_t *tunnel, const packet_info *pinfo, const uint8_t *packet,
                        size_t captured);

/*
 * Bytes that are no IPv6. They show a malformed tunnel unless bytes before them are missing from the capture: then the
 * next records have a chance to begin with a packet.
 */
void tunnel_note_foreign(tunnel_conversation_t *tunnel, const packet_info *pinfo);

/* Bytes of the frame's direction are missing from the capture, or could not be put together. */
void tunnel_note_gap(tunnel_conversation_t *tunnel, const packet_info *pinfo);

/* The same if TCP's analysis says so. */
void tunnel_note_lost_segments(tunnel_conversation_t *tunnel, const packet_info *pinfo);

/* The same of a direction of TCP's conversation, by a frame that need not be the tunnel's; nothing if it has no tunnel.
 * First pass only. */
void tunnel_note_missing_bytes(const conversation_t *outer, tunnel_direction_t from);

/* Readable content that is no tunnel request; counts only before there is one. */
void tunnel_note_other_content(tunnel_conversation_t *tunnel, const packet_info *pinfo);

/* Has the frame's tunnel known by the frame's own TCP conversation too, which inside a CONNECT is another than http
 * shows. */
void tunnel_note_outer_conversation(packet_info *pinfo, const conversation_t *conversation);

#endif
