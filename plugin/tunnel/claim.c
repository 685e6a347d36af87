/* claim.c - how a session that is a tunnel comes to the tunnel's dissector
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * In the order tried:
 * - in TLS, as a heuristic dissector of its first content, or in http's place: where ALPN chose http/1.1, and where
 *   http's heuristic comes before ours, as it does once it has had a session;
 * - in plain HTTP, as the dissector of a TCP conversation's first content, which TCP offers to others if it is not
 * ours;
 * - where http had it all the same, when http has dissected the request;
 * - by Decode As.
 */
#include "tunnel/claim.h"

#include <string.h>

#include "compat.h"
#include "contents.h"
#include "tcp_analysis.h"
#include "tunnel/inner_dissection.h"
#include "tunnel/middle.h"
#include "tunnel/notes.h"

/*
 * Bytes by which a request that is not all there may be taken for the tunnel's. Fewer do to an endpoint that is known,
 * and in TLS on http's own ports: TLS 1.0 clients put the first byte into a record of its own, against attacks on CBC,
 * and http would wait there as well.
 */
#define START_BYTES_MIN 8

/* Places in the bytes of a frame where a head might begin: it begins the frame's payload, and a hostile body may be
 * full of them. */
#define HEADS_TRIED_MAX 64

static int proto_iphttps = -1;
static int proto_http = -1;
static const bool *is_enabled;
static dissector_table_t tls_ports;
static dissector_handle_t tls_handle;
static dissector_handle_t http_tls_handle;
static dissector_handle_t alpn_http_handle; /* of ALPN http/1.1 before us */
static heur_dissector_t http_heuristic;     /* of http in TLS before us */
static dissector_handle_t tunnel_handle;    /* what is a tunnel */
static dissector_handle_t tls_start_handle; /* what may become one, in TLS */
static dissector_handle_t tcp_start_handle; /* the same in TCP */
static wmem_map_t *tls_expected;            /* conversations whose endpoint speaks TLS, as a set */

static tunnel_start_t recognise(tvbuff_t *tvb)
{
  unsigned captured = tvb_captured_length(tvb);
  return tunnel_recognise(tvb_get_ptr(tvb, 0, captured), captured);
}

/* What a start comes to where it was met. An answer tells of a tunnel where nothing else has been asked: that to SSTP's
 * request looks the same. */
static tunnel_start_t judge(tunnel_start_t start, tvbuff_t *tvb, const packet_info *pinfo, unsigned bytes_min,
                            bool other_request, bool has_known_endpoint)
{
  unsigned captured = tvb_captured_length(tvb);
  bool may_wait = pinfo->can_desegment != 0;
  switch (start) {
  case TUNNEL_START_MAYBE:
    return may_wait && (captured >= bytes_min || has_known_endpoint) ? TUNNEL_START_MAYBE : TUNNEL_START_NO;
  case TUNNEL_START_MAYBE_KNOWN:
    return may_wait && has_known_endpoint ? TUNNEL_START_MAYBE : TUNNEL_START_NO;
  case TUNNEL_START_KNOWN:
    return has_known_endpoint ? TUNNEL_START_YES : TUNNEL_START_NO;
  case TUNNEL_START_ANSWER:
    return other_request ? TUNNEL_START_NO : TUNNEL_START_YES;
  default:
    return start;
  }
}

static tunnel_start_t recognise_in_tls(tvbuff_t *tvb, const packet_info *pinfo, const tunnel_conversation_t *tunnel)
{
  unsigned bytes_min = dissector_by_ports(tls_ports, pinfo) != NULL ? 1 : START_BYTES_MIN;
  return judge(recognise(tvb), tvb, pinfo, bytes_min, tunnel->facts.other_content_frame != 0,
               tunnel->has_known_endpoint);
}

/* Notes the request among the bytes, or its answer once there is a request; says whether there was one. */
static bool note_head_in(tvbuff_t *tvb, tunnel_conversation_t *tunnel, const packet_info *pinfo)
{
  bool is_request = tunnel->facts.request_frame == 0;
  const uint8_t *at = tvb_get_ptr(tvb, 0, tvb_captured_length(tvb));
  const uint8_t *end = at + tvb_captured_length(tvb);
  for (unsigned tried = 0; tried < HEADS_TRIED_MAX; tried++) {
    at = memchr(at, is_request ? 'P' : 'H', (size_t)(end - at));
    if (at == NULL)
      return false;
    size_t rest = (size_t)(end - at);
    tunnel_piece_t piece = tunnel_next_piece(at, rest, rest);
    if (piece.kind == TUNNEL_PIECE_HEAD && (is_request ? piece.head.is_request : piece.head.is_final)) {
      tunnel_note_head(tunnel, pinfo, &piece.head);
      return true;
    }
    at++;
  }
  return false;
}

/* The handle that gets the content of a TLS session from now on, NULL if it is not ours. First pass only. */
static dissector_handle_t judge_tls_session(tvbuff_t *tvb, packet_info *pinfo, tunnel_conversation_t *tunnel)
{
  tunnel_start_t start = recognise_in_tls(tvb, pinfo, tunnel);
  if (start == TUNNEL_START_NO && tvb_captured_length(tvb) > 0)
    tunnel_note_other_content(tunnel, pinfo);
  if (start == TUNNEL_START_YES && !*is_enabled)
    note_head_in(tvb, tunnel, pinfo);
  if (start == TUNNEL_START_NO || !*is_enabled)
    return NULL;
  tunnel->is_claimed = true;
  return start == TUNNEL_START_YES ? tunnel_handle : tls_start_handle;
}

/*
 * Claims a TLS session if it is ours. On later passes it is as the first pass found it, whatever content comes first:
 * TLS forgets the handle each time it dissects the server's choice of ALPN.
 */
static dissector_handle_t claim_tls_session(tvbuff_t *tvb, packet_info *pinfo, void *data)
{
  if (!proto_is_protocol_enabled(find_protocol_by_id(proto_iphttps)) || inner_dissection_is_running())
    return NULL;
  tunnel_conversation_t *tunnel = tunnel_notes_of(pinfo);
  dissector_handle_t handle = tunnel->is_claimed ? tunnel_handle : NULL;
  if (!PINFO_FD_VISITED(pinfo))
    handle = judge_tls_session(tvb, pinfo, tunnel);
  if (handle != NULL)
    tls_set_session_dissector(pinfo, data, handle);
  return handle;
}

/* Has handle dissect what was given to a dissector without a name that stands in its place. */
static int dissect_as(dissector_handle_t handle, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
  pinfo->can_desegment = pinfo->saved_can_desegment;
  return call_dissector_with_data(handle, tvb, pinfo, tree, data);
}

/* The same in the place of a dissector that has a name: as if it had been given to handle at once. */
static int dissect_in_place_as(dissector_handle_t handle, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree,
                               void *data)
{
  wmem_list_remove_frame(pinfo->layers, wmem_list_tail(pinfo->layers));
  pinfo->curr_layer_num--;
  return dissect_as(handle, tvb, pinfo, tree, data);
}

static wireshark_bool dissect_tls_heuristic(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
  dissector_handle_t handle = claim_tls_session(tvb, pinfo, data);
  if (handle != NULL)
    dissect_in_place_as(handle, tvb, pinfo, tree, data);
  return handle != NULL;
}

static wireshark_bool dissect_http_heuristic(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
  return dissect_tls_heuristic(tvb, pinfo, tree, data) || http_heuristic(tvb, pinfo, tree, data);
}

/* The first content of a TLS session for which ALPN chose http/1.1: heuristic dissectors are not asked then. */
static int dissect_alpn_http(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
  dissector_handle_t handle = claim_tls_session(tvb, pinfo, data);
  if (handle == NULL) {
    handle = alpn_http_handle;
    tls_set_session_dissector(pinfo, data, handle);
  }
  return dissect_in_place_as(handle, tvb, pinfo, tree, data);
}

/* The start of a TLS session that may become a tunnel request; if it does not, the session goes where TLS would have
 * it. */
static int dissect_tls_start(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
  tunnel_conversation_t *tunnel = tunnel_notes_of(pinfo);
  tunnel_start_t start = recognise_in_tls(tvb, pinfo, tunnel);
  dissector_handle_t handle = tunnel_handle;
  if (start == TUNNEL_START_NO) {
    tunnel_note_other_content(tunnel, pinfo);
    tunnel->is_claimed = false;
    handle = dissector_by_ports(tls_ports, pinfo);
    if (handle == NULL)
      handle = http_tls_handle;
  }
  if (start != TUNNEL_START_MAYBE)
    tls_set_session_dissector(pinfo, data, handle);
  return dissect_in_place_as(handle, tvb, pinfo, tree, data);
}

/* Whether http has had another request in a connection whose beginning was not captured. */
static bool http_had_other_request(const conversation_t *conversation)
{
  const char *uri = contents_request_uri(conversation);
  return uri != NULL && !tunnel_is_request_uri(uri);
}

/* RFC 8446 sections 5.1 and 4: a record of handshake messages, the first of which is a Client Hello. */
static bool begins_with_client_hello(tvbuff_t *tvb)
{
  enum { HANDSHAKE = 22, VERSION_MAJOR = 3, MESSAGE_AT = 5, CLIENT_HELLO = 1 };
  if (tvb_captured_length(tvb) <= MESSAGE_AT)
    return false;
  const uint8_t *bytes = tvb_get_ptr(tvb, 0, MESSAGE_AT + 1);
  return bytes[0] == HANDSHAKE && bytes[1] == VERSION_MAJOR && bytes[MESSAGE_AT] == CLIENT_HELLO;
}

/*
 * The first content of a TCP conversation. If it is no tunnel, the conversation is as if we had not been asked: TCP
 * goes on to look for a dissector, which may set itself as the conversation's in our place.
 */
static int dissect_tcp_start(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
  conversation_t *conversation = tcp_conversation_of(pinfo);
  tunnel_start_t start = TUNNEL_START_NO;
  if (conversation == NULL)
    return 0;
  if (begins_with_client_hello(tvb) && wmem_map_contains(tls_expected, conversation)) {
    conversation_set_dissector(conversation, tls_handle);
    return dissect_as(tls_handle, tvb, pinfo, tree, data);
  }
  if (*is_enabled && !inner_dissection_is_running())
    start = recognise(tvb);
  if (start != TUNNEL_START_NO)
    start = judge(start, tvb, pinfo, START_BYTES_MIN, http_had_other_request(conversation),
                  tunnel_has_known_endpoint(conversation));
  if (start != TUNNEL_START_MAYBE)
    conversation_set_dissector(conversation, start == TUNNEL_START_YES ? tunnel_handle : NULL);
  if (start == TUNNEL_START_NO)
    return 0;
  tunnel_notes_of(pinfo)->is_claimed = true;
  return dissect_as(tunnel_handle, tvb, pinfo, tree, data);
}

bool tunnel_waits_for_content(dissector_handle_t handle)
{
  return handle == tcp_start_handle;
}

bool tunnel_watches_content(const packet_info *pinfo)
{
  return tcp_dissector_by_ports(pinfo) != tls_handle;
}

/* Has a new TCP conversation's first content shown to us. */
static void watch_first_content(const packet_info *pinfo, conversation_t *conversation, bool expects_tls)
{
  if ((!*is_enabled && !expects_tls) || conversation_get_dissector(conversation, pinfo->num) != NULL)
    return;
  conversation_set_dissector(conversation, tcp_start_handle);
  if (expects_tls)
    wmem_map_insert(tls_expected, conversation, conversation);
}

static void watch(const packet_info *pinfo, conversation_t *conversation, bool expects_tls)
{
  if (tunnel_watches_content(pinfo))
    watch_first_content(pinfo, conversation, expects_tls);
  else if (*is_enabled)
    tunnel_watch_middle(pinfo, conversation, false);
}

/* Notes the request, or its answer, that http has dissected somewhere in this frame. */
static void note_head_of_frame(tunnel_conversation_t *tunnel, const packet_info *pinfo)
{
  const GSList *source = pinfo->data_src;
  while (source != NULL && !note_head_in(get_data_source_tvb(source->data), tunnel, pinfo))
    source = source->next;
}

/* Whether http has dissected a tunnel request of the conversation, in this frame or one before it. */
static bool http_had_request(const conversation_t *conversation, const tunnel_conversation_t *tunnel)
{
  if (tunnel != NULL && tunnel->facts.request_frame != 0)
    return true;
  const char *uri = contents_request_uri(conversation);
  return uri != NULL && tunnel_is_request_uri(uri);
}

/* Where http had a tunnel request first, notes it, and takes over what follows. */
static void claim_from_http(packet_info *pinfo, conversation_t *conversation)
{
  tunnel_conversation_t *tunnel = tunnel_notes_found(conversation);
  if (tunnel != NULL && (tunnel->is_claimed || tunnel->facts.response_frame != 0))
    return;
  if (!http_had_request(conversation, tunnel))
    return;
  if (tunnel == NULL)
    tunnel = tunnel_notes_of_conversation(conversation);
  note_head_of_frame(tunnel, pinfo);
  if (!*is_enabled || tunnel->facts.request_frame != pinfo->num)
    return;
  tunnel->is_claimed = true;
  if (proto_is_frame_protocol(pinfo->layers, "tls"))
    tls_set_session_dissector(pinfo, NULL, tunnel_handle);
  else
    conversation_set_dissector_from_frame_number(conversation, pinfo->num + 1, tunnel_handle);
}

void tunnel_watch(packet_info *pinfo, conversation_t *conversation, bool expects_tls)
{
  if (conversation == NULL)
    return;
  tunnel_note_outer_conversation(pinfo, conversation);
  if (conversation->setup_frame == pinfo->num)
    watch(pinfo, conversation, expects_tls);
  claim_from_http(pinfo, conversation);
}

void tunnel_expect(const packet_info *pinfo, conversation_t *conversation, bool is_known_endpoint)
{
  if (conversation == NULL)
    return;
  if (is_known_endpoint)
    tunnel_note_known_endpoint(pinfo, conversation);
  if (*is_enabled)
    tunnel_watch_middle(pinfo, conversation, true);
}

/* Puts our heuristic in front of http's, in whatever order TLS asks them. */
static void precede_http_heuristic(void)
{
  heur_dtbl_entry_t *entry = find_heur_dissector_by_unique_short_name("http_tls");
  if (entry == NULL)
    return;
  http_heuristic = entry->dissector;
  entry->dissector = dissect_http_heuristic;
}

void tunnel_claim_reg_handoff(int proto, const bool *enabled, dissector_handle_t handle)
{
  proto_iphttps = proto;
  proto_http = proto_get_id_by_filter_name("http");
  is_enabled = enabled;
  tunnel_handle = handle;
  tls_ports = find_dissector_table("tls.port");
  tls_handle = find_dissector("tls");
  tls_expected = wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), g_direct_hash, g_direct_equal);
  http_tls_handle = find_dissector("http-over-tls");
  alpn_http_handle = dissector_get_string_handle(find_dissector_table("tls.alpn"), "http/1.1");

  /* In http's name what stands for http, so that sessions which are not ours show what they would show without us. */
  tls_start_handle = create_dissector_handle(dissect_tls_start, proto_http);
  tcp_start_handle = create_dissector_handle(dissect_tcp_start, -1);
  dissector_add_string("tls.alpn", "http/1.1", create_dissector_handle(dissect_alpn_http, proto_http));
  heur_dissector_add("tls", dissect_tls_heuristic, "IP-HTTPS tunnel in TLS", "iphttps_tls", proto, HEURISTIC_ENABLE);
  precede_http_heuristic();
  dissector_add_for_decode_as("tls.port", tunnel_handle);
  dissector_add_for_decode_as("tcp.port", tunnel_handle);
}
