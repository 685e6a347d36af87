/* contents.h - what TLS and http have dissected in a frame, read from its bytes
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_CONTENTS_H
#define IPHTTPS_CONTENTS_H

#include <stdbool.h>

#include <epan/conversation.h>
#include <epan/packet.h>

#include "core/stream.h"
#include "core/tls_handshake.h"

/* To be called from the hand-off routine. */
void contents_reg_handoff(void);

/* What a TCP segment holds of TLS and HTTP. The spans belong to the frame. */
typedef struct {
  tls_handshake_t tls;
  bool has_request; /* of HTTP, of whatever method */
  bool has_connect;
  bool has_post;
  byte_span_t answer;   /* the latest of HTTP, behind interim ones; data is NULL where there is none */
  size_t answer_length; /* of that on the wire */
} contents_t;

/* Reads a TCP segment. What it returns stays until the next is read. First pass only. */
const contents_t *contents_read(tvbuff_t *tvb, packet_info *pinfo);

/* What TLS has decrypted in a frame. */
typedef struct {
  unsigned records;
  bool has_data; /* other content than messages and alerts */
} contents_decrypted_t;

contents_decrypted_t contents_decrypted(const packet_info *pinfo);

/* The certificates of the frame's first Certificate message, leaf first. Stores at most max and returns how many. */
size_t contents_certificates(const contents_t *contents, const packet_info *pinfo, byte_span_t *certificates,
                             size_t max);

/* What the head of the answer says, or what there is of it. */
tunnel_head_t contents_answer_head(const contents_t *contents);

/* The URI of the latest HTTP request of a conversation, and its Host; NULL if there was none, or it has none. First
 * pass only. */
const char *contents_request_uri(const conversation_t *conversation);
const char *contents_request_host(const conversation_t *conversation);

/* The status of the HTTP answer that ends in this frame; 0 if none does. First pass only. */
uint16_t contents_status(const contents_t *contents, const conversation_t *conversation, const packet_info *pinfo);

#endif
