/* tcp.h - TCP's state of a followed connection: bytes, gaps, repetitions, FIN, and what of it no dissector has read
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
#include "core/recent_segments.h"
#include "core/sequence.h"

/* What a side has sent, by sequence numbers. */
typedef struct {
  bool has_syn;
  bool has_fin;
  bool is_captured;           /* a segment of its own, and not its acknowledgement alone */
  uint8_t unread;             /* unread_t */
  sequence_t seen;            /* its payload, from where the capture may have it */
  uint32_t record;            /* where the next TLS record begins, should they be records */
  uint32_t needed;            /* behind the last byte that the other side acknowledged */
  uint32_t acknowledges;      /* of the other side's */
  unsigned acknowledges_same; /* how often in a row, without data */
  recent_segments_t recent;
} tcp_side_t;

/* What is remembered of a TCP connection from frame to frame, to tell what is new in each. Written on the first pass
 * only. */
typedef struct {
  bool client_is_flow1; /* which of Wireshark's two flows is the client's */
  bool has_client_hello;
  bool hello_is_later;   /* it renegotiates, or something went before it: it does not begin what the capture shows */
  bool first_bytes_done; /* the server's first payload after the baseline has been looked at */
  bool has_rst;
  bool is_tls13;            /* by the server's Hello */
  bool in_handshake[SIDES]; /* in TLS 1.3: Finished is still to come, and what is decrypted before it is no data */
  bool is_connected;        /* the server's SYN was seen, or that the client acknowledges it */
  tcp_side_t sides[SIDES];
  int64_t sent_again_ns;    /* when the client last sent what is not answered */
  uint32_t client_baseline; /* the client's next when the server last sent something: its unanswered data begins here */
  uint32_t server_baseline; /* the server's payload from the Client Hello on */
} tcp_connection_t;

/* Begins to follow a conversation at the current frame. Lives in file scope. */
tcp_connection_t *tcp_connection_start(const conversation_t *conversation, bool from_client);

/* The same with the client's tunnel request, its handshake having been left aside: whether it was seen, and the suite
 * it chose. */
tcp_connection_t *tcp_connection_resume(const conversation_t *conversation, bool has_handshake, uint16_t cipher_suite);

/* Reads what the frame shows of TCP into the observation; false if it holds nothing but payload seen before, which
 * brings no facts. First pass only. */
bool tcp_observe(observation_t *observation, tcp_connection_t *connection, const conversation_t *conversation,
                 tvbuff_t *tvb, const packet_info *pinfo);

/* The server's Hello chooses TLS 1.3, or an earlier version. */
void tcp_note_server_hello(tcp_connection_t *connection, bool is_tls13);

/* Has the server's bytes counted from the Client Hello on, which the frame just observed brings. */
void tcp_note_client_hello(tcp_connection_t *connection, observation_t *observation);

/* Has nothing that was sent before the frame, of which the capture may lack some, count: it begins a handshake. */
void tcp_note_start(tcp_connection_t *connection, observation_t *observation);

/* Notes that the sender has sent application data, which the preferences may leave in pieces. */
void tcp_note_application_data(tcp_connection_t *connection, observation_t *observation);

#endif
