/* tcp.h - TCP's state of a followed connection: bytes, holes, repetitions, FIN
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_TCP_H
#define IPHTTPS_TCP_H

#include <stdbool.h>
#include <stdint.h>

#include <epan/conversation.h>
#include <epan/packet.h>

#include "core/observation.h"
#include "core/side.h"

/*
 * What is remembered of a TCP connection from frame to frame, to tell what is new in each. Lives in file scope; written
 * on the first pass only. Zeroed memory is a valid start; tcp_connection_start() completes it.
 */
typedef struct {
  bool client_is_flow1; /* which of Wireshark's two flows is the client's */
  bool has_client_hello;
  bool first_bytes_done;        /* the server's first payload after the baseline has been looked at */
  bool finished[SIDES];         /* its FIN was seen */
  uint8_t completeness;         /* of the conversation, up to the frame before */
  uint32_t bytes[SIDES];        /* payload of the side up to the frame before */
  uint32_t client_baseline;     /* the client's when the server last sent something: where its unanswered data begins */
  uint32_t server_baseline;     /* payload of the server that the client acknowledged with its Client Hello */
  uint32_t server_acknowledged; /* the same with the client's latest segment */
  uint32_t first_ack[SIDES];    /* what the side acknowledged first; 0 for nothing */
} tcp_connection_t;

/* To be called from the hand-off routine. */
void tcp_reg_handoff(void);

/* How many TCP connections Wireshark has met: more than before with a frame that begins one. */
uint32_t tcp_connection_count(void);

/* The TCP conversation that the frame's outer addresses and ports belong to, NULL if the frame is no TCP segment. */
conversation_t *tcp_conversation_of(packet_info *pinfo);

/* Begins to follow a conversation at the current frame. */
void tcp_connection_start(tcp_connection_t *connection, const conversation_t *conversation, bool from_client);

/* The same with the client's tunnel request, its handshake having been left aside. */
void tcp_connection_resume(tcp_connection_t *connection, const conversation_t *conversation);

/* Reads what the frame shows of TCP into the observation; false if Wireshark knows nothing of it. First pass only. */
bool tcp_observe(observation_t *observation, tcp_connection_t *connection, const conversation_t *conversation,
                 tvbuff_t *tvb, const packet_info *pinfo);

/* Has the server's bytes counted from the Client Hello on, which the frame just observed brings. */
void tcp_note_client_hello(tcp_connection_t *connection, observation_t *observation);

#endif
