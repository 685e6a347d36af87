/* notes.h - what is known of the conversations that carry, or may carry, a tunnel
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_TUNNEL_NOTES_H
#define IPHTTPS_TUNNEL_NOTES_H

#include <stdbool.h>
#include <stdint.h>

#include <epan/conversation.h>
#include <epan/packet.h>

#include "core/ipsec.h"
#include "core/side.h"
#include "core/stream.h"

/*
 * What the tunnel's dissector has learned of one TCP conversation. Lives in file scope with the conversation; written
 * on the first pass only. Frame numbers are 0 where the thing has not been seen.
 */
typedef struct {
  uint32_t request_frame; /* the latest tunnel request */
  const char *request_uri;
  const char *request_host;   /* NULL if there was no Host header */
  const char *request_length; /* its Content-Length, NULL if there was none */
  bool request_is_chunked;
  bool request_is_cut;     /* the capture has but a part of its head */
  uint32_t interim_frame;  /* its latest answer of status 1xx, behind which the one that counts is to come */
  uint32_t response_frame; /* its answer */
  uint16_t response_status;
  bool response_is_finite;     /* the answer has an end of its own: no tunnel follows it */
  const char *response_server; /* NULL if the answer names none */
  const char *response_length; /* as for the request */
  bool response_is_chunked;
  bool response_is_cut;
  uint32_t middle_frame;         /* where its packets told of a tunnel whose opening the capture lacks */
  uint32_t other_content_frame;  /* the client's first readable content is no tunnel request */
  uint32_t malformed_frame;      /* the first frame in which what flows is not IPv6 */
  uint32_t packets[SIDES];       /* inner IPv6 packets that the side sent */
  uint32_t router_solicitations; /* of the client */
  uint32_t router_advertisements;
  ipsec_progress_t ipsec;
  uint32_t last_packet_frame; /* the latest frame with an inner packet */
} tunnel_facts_t;

/* A conversation that has carried readable content. Lives in file scope; changes on the first pass only. */
typedef struct {
  tunnel_facts_t facts;
  uint32_t number;             /* of the tunnel in the capture, from 1 */
  const conversation_t *outer; /* TCP's; within an HTTP CONNECT http shows us another */
  bool has_known_endpoint;     /* a request whose length or path is not the tunnel's may be the tunnel's all the same */
  bool is_claimed;             /* its further content comes to the tunnel's dissector */
  bool client_known;
  address client_address;
  uint32_t client_port;
  bool has_gap[SIDES]; /* bytes of it are missing from the capture */
  unsigned out_of_step[SIDES];
} tunnel_conversation_t;

/* Once each, at registration and from the hand-off routine. */
void tunnel_notes_register(void);
void tunnel_notes_reg_handoff(void);

/* The facts of the conversation, NULL if the tunnel's dissector never met it, or if there is no conversation. */
const tunnel_facts_t *tunnel_facts_of(const conversation_t *conversation);

/* Whether the tunnel's dissector has found anything of its own in the frame, or had to look. First pass only. */
bool tunnel_has_part_in(const packet_info *pinfo);

/* The notes on a conversation, NULL if there are none. */
tunnel_conversation_t *tunnel_notes_found(const conversation_t *conversation);

/* The same; new ones if there are none. */
tunnel_conversation_t *tunnel_notes_of_conversation(const conversation_t *conversation);

/* Those on the conversation that pinfo's addresses and ports name, to which the frame then belongs. */
tunnel_conversation_t *tunnel_notes_of(packet_info *pinfo);

/*
 * The following take notes of the frame's content. They do nothing on later passes.
 */

/* A head: counts if it is the tunnel request, or the first final answer to it. */
void tunnel_note_head(tunnel_conversation_t *tunnel, const packet_info *pinfo, const tunnel_head_t *head);

/* The frame by which the packets told of a tunnel without the exchange that opens it, and who sent it. */
void tunnel_note_middle(tunnel_conversation_t *tunnel, const packet_info *pinfo, side_t sender);

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
void tunnel_note_missing_bytes(const conversation_t *outer, side_t sender);

/* Readable content that is no tunnel request; counts only before there is one. */
void tunnel_note_other_content(tunnel_conversation_t *tunnel, const packet_info *pinfo);

/* Behind a CONNECT, http dissects what follows under the port that was asked for, and so as another conversation: that
 * one; NULL if there is none. */
const conversation_t *tunnel_behind_connect(const packet_info *pinfo, const conversation_t *outer);

/* The endpoint of a conversation of TCP's is known for DirectAccess. First pass only. */
void tunnel_note_known_endpoint(const packet_info *pinfo, const conversation_t *conversation);
bool tunnel_has_known_endpoint(const conversation_t *conversation);

/* Has the frame's tunnel known by the frame's own TCP conversation too, which inside a CONNECT is another than http
 * shows. */
void tunnel_note_outer_conversation(const packet_info *pinfo, const conversation_t *conversation);

#endif
