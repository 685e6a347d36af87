/* packet-iphttps-tunnel.h - the tunnel's dissector, and the facts it leaves for observe.c
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_PACKET_IPHTTPS_TUNNEL_H
#define IPHTTPS_PACKET_IPHTTPS_TUNNEL_H

#include <stdbool.h>
#include <stdint.h>

#include <epan/conversation.h>
#include <epan/packet.h>

#include "compat.h"

/*
 * What the tunnel's dissector has learned of one TCP conversation. Lives in file scope with the conversation; written
 * on the first pass only. Frame numbers are 0 where the thing has not been seen.
 */
typedef struct {
  uint32_t request_frame; /* the latest tunnel request */
  const char *request_uri;
  const char *request_host; /* NULL if there was no Host header */
  uint32_t response_frame;  /* its answer */
  uint16_t response_status;
  bool response_is_finite;      /* the answer has an end of its own: no tunnel follows it */
  const char *response_server;  /* NULL if the answer names none */
  uint32_t other_content_frame; /* the client's first readable content is no tunnel request */
  uint32_t malformed_frame;     /* the first frame in which what flows is not IPv6 */
  uint32_t client_packets;      /* inner IPv6 packets, client to server */
  uint32_t server_packets;
  uint32_t router_solicitations; /* of the client */
  uint32_t router_advertisements;
  uint32_t last_packet_frame; /* the latest frame with an inner packet */
} tunnel_facts_t;

/* The facts of the conversation, NULL if the tunnel's dissector never met it, or if there is no conversation. */
const tunnel_facts_t *tunnel_facts_of(const conversation_t *conversation);

/* Whether the tunnel's dissector has found anything of its own in the frame, or had to look. First pass only. */
bool tunnel_has_part_in(packet_info *pinfo);

/* Registers the protocol's tunnel part under the given protocol id (preference `dissect_tunnel`: *enabled). */
void tunnel_register(int proto_iphttps, const bool *enabled);

/* Binds the tunnel to tls, http and Decode As; to be called from the hand-off routine. */
void tunnel_reg_handoff(void);

/*
 * For the post-dissector, on the first pass of every frame, before the facts are looked at: has a new conversation's
 * first content shown to the tunnel's dissector, and takes over a session whose tunnel request http has dissected.
 * conversation is the frame's outer TCP conversation, NULL if it has none.
 */
void tunnel_watch(packet_info *pinfo, conversation_t *conversation);

#endif
