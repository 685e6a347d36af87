/* packet-iphttps-tunnel.c - recognises the tunnel request, and dissects the IPv6 packets that follow it
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How a session comes to us, in the order tried:
 * - in TLS, as a heuristic dissector of its first content, or in http's place where ALPN chose http/1.1, and where
 * http's heuristic is asked before ours, as it is once it has had a session;
 * - in plain HTTP, as the dissector of the TCP conversation's first content, which goes to whom it would go if it is
 * not ours;
 * - where http had it first, when http has dissected the request;
 * - by Decode As.
 */
#include "packet-iphttps-tunnel.h"

#include "compat.h"

#include <string.h>

#include <epan/dissectors/packet-tcp.h>
#include <epan/exported_pdu.h>
#include <epan/proto_data.h>
#include <epan/tap.h>
#include <wiretap/wtap.h>

#include "core/text.h"
#include "core/tunnel_splitter.h"
#include "inner_dissection.h"

#define FACT_CHARACTERS_MAX 256 /* of a URI, host or server name that is kept */
#define PLAIN_START_MIN                                                                                                \
  8 /* bytes of a request in plain HTTP that let it be taken for the tunnel's before all is there */
#define OUT_OF_STEP_MAX 8 /* records without a packet that are put down to segments missing from the capture */

#define FRAME_TUNNEL_KEY 2 /* of a frame's data: the tunnel_conversation it belongs to */

enum { ROUTER_SOLICITATION = 133, ROUTER_ADVERTISEMENT = 134 }; /* RFC 4861 sections 4.1 and 4.2 */

typedef enum { FROM_CLIENT, FROM_SERVER, DIRECTIONS } direction;

/* A TCP conversation that has carried readable content. Lives in file scope; written on the first pass only. */
typedef struct {
  tunnel_facts facts;
  const conversation_t *outer; /* TCP's; within an HTTP CONNECT http shows us another */
  bool is_claimed;             /* its further content comes to us */
  bool is_tentative;           /* claimed by the first bytes of what may become a tunnel request */
  bool is_in_tls;
  bool client_known;
  address client_address;
  uint32_t client_port;
  bool has_gap[DIRECTIONS]; /* bytes of it are missing from the capture */
  unsigned out_of_step[DIRECTIONS];
} tunnel_conversation;

/* One call of the dissector: some bytes of a tunnel that begin with a piece. */
typedef struct {
  tvbuff_t *tvb;
  packet_info *pinfo;
  proto_tree *tree;
  tunnel_conversation *tunnel;
  direction from;
  bool first_pass;
} tunnel_stream;

static const wireshark_bool *is_enabled;
static int proto_iphttps = -1;
static int hf_packet = -1;
static int hf_length = -1;
static int ett_packet = -1;
static int export_tap = -1;
static int proto_http = -1;
static int proto_tcp = -1;
static wmem_map_t *tunnels; /* conversation_t -> tunnel_conversation */
static dissector_handle_t tunnel_handle;
static dissector_handle_t tcp_start_handle;
static dissector_handle_t tls_handle;
static dissector_handle_t ipv6_handle;
static dissector_handle_t http_handle;
static dissector_handle_t http_tls_handle;
static dissector_handle_t alpn_http_handle; /* of ALPN http/1.1 before us */
static heur_dissector_t http_heuristic;     /* of http in TLS before us */

const tunnel_facts *tunnel_facts_of(const conversation_t *conversation)
{
  const tunnel_conversation *found = wmem_map_lookup(tunnels, conversation);
  return found != NULL ? &found->facts : NULL;
}

static tunnel_conversation *tunnel_of(conversation_t *conversation)
{
  tunnel_conversation *found = wmem_map_lookup(tunnels, conversation);
  if (found == NULL) {
    found = wmem_new0(wmem_file_scope(), tunnel_conversation);
    wmem_map_insert(tunnels, conversation, found);
  }
  return found;
}

/* The direction of a frame; where no head has told who the client is, the server has the port that brought the frame
 * here. */
static direction direction_of(const tunnel_conversation *tunnel, const packet_info *pinfo)
{
  if (!tunnel->client_known)
    return pinfo->match_uint == pinfo->srcport ? FROM_SERVER : FROM_CLIENT;
  return tunnel->client_port == pinfo->srcport && addresses_equal(&tunnel->client_address, &pinfo->src) ? FROM_CLIENT
                                                                                                        : FROM_SERVER;
}

static void note_client(tunnel_conversation *tunnel, const address *client, uint32_t port)
{
  if (tunnel->client_known)
    return;
  tunnel->client_known = true;
  tunnel->client_port = port;
  copy_address_wmem(wmem_file_scope(), &tunnel->client_address, client);
}

/* Replaces a text among the facts by one made of bytes from the wire. */
static void note_text(const char **fact, byte_span bytes)
{
  wmem_free(wmem_file_scope(), (void *)*fact);
  *fact = NULL;
  if (bytes.data == NULL)
    return;
  char *printable = text_printable(bytes.data, bytes.length, FACT_CHARACTERS_MAX);
  *fact = wmem_strdup(wmem_file_scope(), printable);
  g_free(printable);
}

/* A new request starts the exchange anew: its predecessor may have been refused for want of credentials. */
static void note_request(tunnel_conversation *tunnel, const packet_info *pinfo, const tunnel_head *head)
{
  tunnel_facts *facts = &tunnel->facts;
  note_client(tunnel, &pinfo->src, pinfo->srcport);
  facts->request_frame = pinfo->num;
  note_text(&facts->request_uri, head->uri);
  note_text(&facts->request_host, head->host);
  facts->response_frame = 0;
  facts->response_status = 0;
  note_text(&facts->response_server, (byte_span){NULL, 0});
}

/* The first answer to the request; interim ones (RFC 9110 section 15.2) do not count. */
static void note_answer(tunnel_conversation *tunnel, const packet_info *pinfo, const tunnel_head *head)
{
  tunnel_facts *facts = &tunnel->facts;
  if (head->status < 200 || facts->response_frame != 0)
    return;
  note_client(tunnel, &pinfo->dst, pinfo->destport);
  facts->response_frame = pinfo->num;
  facts->response_status = head->status;
  facts->response_is_finite = head->followed_by_body;
  note_text(&facts->response_server, head->server);
}

static void note_head(tunnel_conversation *tunnel, const packet_info *pinfo, const tunnel_head *head)
{
  if (!head->is_request)
    note_answer(tunnel, pinfo, head);
  else if (head->opens_tunnel)
    note_request(tunnel, pinfo, head);
}

static void note_packet(const tunnel_stream *stream, const uint8_t *packet, size_t captured)
{
  tunnel_facts *facts = &stream->tunnel->facts;
  int icmpv6_type = tunnel_packet_icmpv6_type(packet, captured);
  facts->last_packet_frame = stream->pinfo->num;
  stream->tunnel->out_of_step[stream->from] = 0;
  if (stream->from == FROM_CLIENT) {
    facts->client_packets++;
    facts->router_solicitations += icmpv6_type == ROUTER_SOLICITATION;
  } else {
    facts->server_packets++;
    facts->router_advertisements += icmpv6_type == ROUTER_ADVERTISEMENT;
  }
}

static bool is_open(const tunnel_facts *facts)
{
  return facts->response_status == 200 || facts->client_packets > 0 || facts->server_packets > 0;
}

/*
 * Bytes that are no IPv6 show a malformed tunnel, unless segments are missing from the capture: then the next records
 * have a chance to begin with a packet.
 */
static void note_foreign(const tunnel_stream *stream)
{
  tunnel_conversation *tunnel = stream->tunnel;
  if (tunnel->has_gap[stream->from] && ++tunnel->out_of_step[stream->from] <= OUT_OF_STEP_MAX)
    return;
  if (is_open(&tunnel->facts) && tunnel->facts.malformed_frame == 0)
    tunnel->facts.malformed_frame = stream->pinfo->num;
}

/* Whether TCP's analysis says that segments before this one were not captured, or come later. */
static bool is_segment_missing(const conversation_t *conversation)
{
  if (conversation == NULL)
    return false;
  const struct tcp_analysis *tcp = conversation_get_proto_data(conversation, proto_tcp);
  return tcp != NULL && tcp->ta != NULL && (tcp->ta->flags & (TCP_ANALYSIS_LOST_SEGMENT | TCP_ANALYSIS_OUT_OF_ORDER));
}

static void export_packet(tvbuff_t *packet, packet_info *pinfo)
{
  if (!have_tap_listener(export_tap))
    return;
  exp_pdu_data_t *pdu = wmem_new0(pinfo->pool, exp_pdu_data_t);
  pdu->pdu_tvb = packet;
  pdu->tvb_captured_length = tvb_captured_length(packet);
  pdu->tvb_reported_length = tvb_reported_length(packet);
  tap_queue_packet(export_tap, pinfo, pdu);
}

static void dissect_packet(const tunnel_stream *stream, unsigned offset, unsigned length)
{
  tvbuff_t *packet = tvb_new_subset_length(stream->tvb, offset, length);
  unsigned captured = tvb_captured_length(packet);
  if (stream->first_pass)
    note_packet(stream, tvb_get_ptr(packet, 0, captured), captured);
  export_packet(packet, stream->pinfo);
  proto_item *item = proto_tree_add_protocol_format(stream->tree, hf_packet, packet, 0, -1,
                                                    "IP-HTTPS Tunnel, IPv6 packet of %u bytes", length);
  proto_tree *tree = proto_item_add_subtree(item, ett_packet);
  proto_item_set_generated(proto_tree_add_uint(tree, hf_length, packet, 0, 0, length));
  inner_dissect_packet(ipv6_handle, packet, stream->pinfo, tree);
}

/* Has another dissector go on from offset; it may ask for more bytes in our place. */
static int dissect_rest_as(dissector_handle_t handle, const tunnel_stream *stream, unsigned offset, void *data)
{
  packet_info *pinfo = stream->pinfo;
  if (pinfo->can_desegment > 0)
    pinfo->can_desegment++;
  call_dissector_with_data(handle, tvb_new_subset_remaining(stream->tvb, offset), pinfo, stream->tree, data);
  if (pinfo->desegment_len != 0)
    pinfo->desegment_offset += offset;
  return tvb_captured_length(stream->tvb);
}

/* Returns where the stream goes on behind the head. */
static unsigned dissect_head(const tunnel_stream *stream, unsigned offset, const tunnel_piece *piece)
{
  if (stream->first_pass)
    note_head(stream->tunnel, stream->pinfo, &piece->head);
  if (piece->head.followed_by_body) {
    dissect_rest_as(http_handle, stream, offset, NULL);
    return tvb_reported_length(stream->tvb);
  }
  inner_dissect_message(http_handle, tvb_new_subset_length(stream->tvb, offset, (int)piece->length), stream->pinfo,
                        stream->tree);
  return offset + (unsigned)piece->length;
}

static unsigned dissect_foreign(const tunnel_stream *stream, unsigned offset, const uint8_t *data, size_t captured,
                                bool is_cut)
{
  unsigned skipped = (unsigned)tunnel_resynchronise(data, captured);
  if (stream->first_pass && !is_cut)
    note_foreign(stream);
  call_data_dissector(tvb_new_subset_length(stream->tvb, offset, skipped), stream->pinfo, stream->tree);
  return offset + skipped;
}

/* Asks for the bytes that the piece at offset lacks; where reassembly is off they will not come, and the step is lost.
 */
static void await_rest(const tunnel_stream *stream, unsigned offset, const tunnel_piece *piece)
{
  packet_info *pinfo = stream->pinfo;
  if (pinfo->can_desegment > 0) {
    pinfo->desegment_offset = offset;
    pinfo->desegment_len = piece->length > 0 ? (uint32_t)piece->length : DESEGMENT_ONE_MORE_SEGMENT;
    return;
  }
  if (stream->first_pass)
    stream->tunnel->has_gap[stream->from] = true;
  call_data_dissector(tvb_new_subset_remaining(stream->tvb, offset), pinfo, stream->tree);
}

static void dissect_pieces(const tunnel_stream *stream)
{
  unsigned offset = 0;
  while (tvb_captured_length_remaining(stream->tvb, offset) > 0) {
    size_t captured = tvb_captured_length_remaining(stream->tvb, offset);
    size_t reported = tvb_reported_length_remaining(stream->tvb, offset);
    const uint8_t *data = tvb_get_ptr(stream->tvb, offset, (int)captured);
    tunnel_piece piece = tunnel_next_piece(data, captured, reported);
    switch (piece.kind) {
    case TUNNEL_PIECE_PARTIAL:
      await_rest(stream, offset, &piece);
      return;
    case TUNNEL_PIECE_PACKET:
      dissect_packet(stream, offset, (unsigned)piece.length);
      offset += (unsigned)piece.length;
      break;
    case TUNNEL_PIECE_HEAD:
      offset = dissect_head(stream, offset, &piece);
      break;
    case TUNNEL_PIECE_FOREIGN:
      offset = dissect_foreign(stream, offset, data, captured, captured < reported);
      break;
    }
  }
}

static int dissect_stream(const tunnel_stream *stream)
{
  dissect_pieces(stream);
  inner_dissection_trim_layers(stream->pinfo);
  return tvb_captured_length(stream->tvb);
}

/* Lets tunnel_watch() know which tunnel the frame belongs to. */
static void note_tunnel_of_frame(tunnel_conversation *tunnel, packet_info *pinfo)
{
  if (p_get_proto_data(pinfo->pool, pinfo, proto_iphttps, FRAME_TUNNEL_KEY) == NULL)
    p_add_proto_data(pinfo->pool, pinfo, proto_iphttps, FRAME_TUNNEL_KEY, tunnel);
}

static tunnel_stream stream_of(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
  tunnel_stream stream = {.tvb = tvb, .pinfo = pinfo, .tree = tree};
  stream.tunnel = tunnel_of(find_or_create_conversation(pinfo));
  stream.first_pass = !PINFO_FD_VISITED(pinfo);
  stream.from = direction_of(stream.tunnel, pinfo);
  if (!stream.first_pass)
    return stream;
  note_tunnel_of_frame(stream.tunnel, pinfo);
  if (is_segment_missing(stream.tunnel->outer) || tvb_captured_length(tvb) < tvb_reported_length(tvb))
    stream.tunnel->has_gap[stream.from] = true;
  return stream;
}

static tunnel_start recognise(tvbuff_t *tvb)
{
  unsigned captured = tvb_captured_length(tvb);
  return tunnel_recognise(tvb_get_ptr(tvb, 0, captured), captured);
}

static void note_other_content(const tunnel_stream *stream)
{
  tunnel_facts *facts = &stream->tunnel->facts;
  if (stream->first_pass && !is_open(facts) && facts->request_frame == 0 && facts->other_content_frame == 0)
    facts->other_content_frame = stream->pinfo->num;
}

/* Whether a TLS session's content, of which nothing was claimed so far, is ours to dissect from now on. */
static bool claim_tls_session(const tunnel_stream *stream, void *data)
{
  tunnel_start start = recognise(stream->tvb);
  if (start == TUNNEL_START_NO && tvb_captured_length(stream->tvb) > 0)
    note_other_content(stream);
  if (start == TUNNEL_START_NO || !*is_enabled)
    return false;
  if (start == TUNNEL_START_MAYBE && stream->pinfo->can_desegment == 0)
    return false;
  stream->tunnel->is_claimed = true;
  stream->tunnel->is_tentative = start == TUNNEL_START_MAYBE;
  stream->tunnel->is_in_tls = true;
  tls_set_session_dissector(stream->pinfo, data, tunnel_handle);
  return true;
}

static bool is_protocol_on(packet_info *pinfo)
{
  return proto_is_protocol_enabled(find_protocol_by_id(proto_iphttps)) && !inner_dissection_is_running(pinfo);
}

static wireshark_bool dissect_tls_heuristic(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
  if (!is_protocol_on(pinfo))
    return false;
  tunnel_stream stream = stream_of(tvb, pinfo, tree);
  if (!claim_tls_session(&stream, data))
    return false;
  dissect_stream(&stream);
  return true;
}

/* Has handle dissect what was given to a dissector that stands in its place, as if it had been given to it at once. */
static int dissect_in_place_as(dissector_handle_t handle, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree,
                               void *data)
{
  wmem_list_remove_frame(pinfo->layers, wmem_list_tail(pinfo->layers));
  pinfo->curr_layer_num--;
  pinfo->can_desegment = pinfo->saved_can_desegment;
  return call_dissector_with_data(handle, tvb, pinfo, tree, data);
}

/* The content of a TLS session that http's heuristic is asked for. */
static wireshark_bool dissect_http_heuristic(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
  if (is_protocol_on(pinfo)) {
    tunnel_stream stream = stream_of(tvb, pinfo, tree);
    if (claim_tls_session(&stream, data)) {
      dissect_in_place_as(tunnel_handle, tvb, pinfo, tree, data);
      return true;
    }
  }
  return http_heuristic(tvb, pinfo, tree, data);
}

/*
 * The first content of a TLS session for which ALPN chose http/1.1: heuristic dissectors are not asked then. From here
 * on the session belongs to us or to the handle that was there before us.
 */
static int dissect_alpn_http(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
  dissector_handle_t handle = alpn_http_handle;
  if (is_protocol_on(pinfo)) {
    tunnel_stream stream = stream_of(tvb, pinfo, tree);
    if (claim_tls_session(&stream, data))
      handle = tunnel_handle;
  }
  if (handle != tunnel_handle)
    tls_set_session_dissector(pinfo, data, handle);
  return dissect_in_place_as(handle, tvb, pinfo, tree, data);
}

/*
 * The first content of a TCP conversation. If it is no tunnel, the conversation is as if we had not been asked: TCP
 * goes on to look for a dissector, and does not ask us again.
 */
static int dissect_tcp_start(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
  conversation_t *conversation = find_or_create_conversation(pinfo);
  tunnel_start start = *is_enabled && !inner_dissection_is_running(pinfo) ? recognise(tvb) : TUNNEL_START_NO;
  if (start == TUNNEL_START_MAYBE && (pinfo->can_desegment == 0 || tvb_captured_length(tvb) < PLAIN_START_MIN))
    start = TUNNEL_START_NO;
  conversation_set_dissector_from_frame_number(conversation, pinfo->num,
                                               start != TUNNEL_START_NO ? tunnel_handle : NULL);
  if (start == TUNNEL_START_NO)
    return 0;
  tunnel_stream stream = stream_of(tvb, pinfo, tree);
  stream.tunnel->is_claimed = true;
  stream.tunnel->is_tentative = start == TUNNEL_START_MAYBE;
  return dissect_stream(&stream);
}

/* Has a new TCP conversation's first content shown to us. TLS on its own port has a heuristic of ours. */
static void watch_conversation(const packet_info *pinfo, conversation_t *conversation)
{
  dissector_table_t ports = find_dissector_table("tcp.port");
  if (conversation_get_dissector(conversation, pinfo->num) == NULL &&
      dissector_get_uint_handle(ports, pinfo->srcport) != tls_handle &&
      dissector_get_uint_handle(ports, pinfo->destport) != tls_handle)
    conversation_set_dissector_from_frame_number(conversation, pinfo->num + 1, tcp_start_handle);
}

/* Gives a session that was claimed too early to whom TLS or TCP would have given it. */
static int release_session(const tunnel_stream *stream, void *data)
{
  packet_info *pinfo = stream->pinfo;
  stream->tunnel->is_claimed = false;
  note_other_content(stream);
  if (!stream->tunnel->is_in_tls) {
    conversation_set_dissector_from_frame_number(find_or_create_conversation(pinfo), pinfo->num, NULL);
    return 0;
  }
  dissector_table_t ports = find_dissector_table("tls.port");
  dissector_handle_t handle = dissector_get_uint_handle(ports, pinfo->srcport);
  if (handle == NULL)
    handle = dissector_get_uint_handle(ports, pinfo->destport);
  if (handle == NULL)
    handle = http_tls_handle;
  tls_set_session_dissector(pinfo, data, handle);
  return dissect_rest_as(handle, stream, 0, data);
}

/* The further content of a session, in TLS or not, that was claimed or that Decode As gives to us. */
static int dissect_tunnel(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
  if (!*is_enabled || inner_dissection_is_running(pinfo))
    return 0;
  tunnel_stream stream = stream_of(tvb, pinfo, tree);
  if (stream.tunnel->is_tentative) {
    tunnel_start start = recognise(tvb);
    stream.tunnel->is_tentative = start == TUNNEL_START_MAYBE;
    if (start == TUNNEL_START_NO)
      return release_session(&stream, data);
  }
  return dissect_stream(&stream);
}

/* The first POST among the bytes, or the first answer. */
static bool find_head(tvbuff_t *tvb, bool is_request, tunnel_head *head)
{
  size_t length = tvb_captured_length(tvb);
  const uint8_t *data = tvb_get_ptr(tvb, 0, (int)length);
  const uint8_t *end = data + length;
  for (const uint8_t *at = data; (at = memchr(at, is_request ? 'P' : 'H', (size_t)(end - at))) != NULL; at++) {
    size_t rest = (size_t)(end - at);
    tunnel_piece piece = tunnel_next_piece(at, rest, rest);
    if (piece.kind == TUNNEL_PIECE_HEAD && piece.head.is_request == is_request) {
      *head = piece.head;
      return true;
    }
  }
  return false;
}

/* Notes the request, or its answer, that http has dissected somewhere in this frame. */
static void note_heads_of_frame(tunnel_conversation *tunnel, const packet_info *pinfo)
{
  bool is_request = tunnel->facts.request_frame == 0;
  for (const GSList *source = pinfo->data_src; source != NULL; source = source->next) {
    tunnel_head head;
    if (!find_head(get_data_source_tvb(source->data), is_request, &head))
      continue;
    note_head(tunnel, pinfo, &head);
    return;
  }
}

/* Where http had a tunnel request first, notes it, and takes over what follows. */
static void claim_from_http(packet_info *pinfo, conversation_t *conversation)
{
  const http_conv_t *http = conversation_get_proto_data(conversation, proto_http);
  const char *uri = http != NULL ? http_latest_request_uri(http) : NULL;
  if (uri == NULL || !tunnel_is_request_uri(uri))
    return;
  tunnel_conversation *tunnel = tunnel_of(conversation);
  if (tunnel->is_claimed || tunnel->facts.response_frame != 0)
    return;
  note_heads_of_frame(tunnel, pinfo);
  if (!*is_enabled || tunnel->facts.request_frame != pinfo->num)
    return;
  tunnel->is_claimed = true;
  tunnel->is_in_tls = proto_is_frame_protocol(pinfo->layers, "tls");
  if (tunnel->is_in_tls)
    tls_set_session_dissector(pinfo, NULL, tunnel_handle);
  else
    conversation_set_dissector_from_frame_number(conversation, pinfo->num + 1, tunnel_handle);
}

/* Has the frame's tunnel known by the frame's own conversation too. */
static void note_outer_conversation(packet_info *pinfo, const conversation_t *conversation)
{
  tunnel_conversation *tunnel = p_get_proto_data(pinfo->pool, pinfo, proto_iphttps, FRAME_TUNNEL_KEY);
  if (tunnel == NULL || tunnel->outer != NULL)
    return;
  tunnel->outer = conversation;
  wmem_map_insert(tunnels, conversation, tunnel);
}

void tunnel_watch(packet_info *pinfo, conversation_t *conversation)
{
  if (conversation == NULL)
    return;
  note_outer_conversation(pinfo, conversation);
  if (conversation->setup_frame == pinfo->num && *is_enabled)
    watch_conversation(pinfo, conversation);
  claim_from_http(pinfo, conversation);
}

void tunnel_register(int proto, const wireshark_bool *enabled)
{
  static hf_register_info fields[] = {
      {&hf_packet,
       {"Tunnel Packet", "iphttps.tunnel.packet", FT_PROTOCOL, BASE_NONE, NULL, 0, "An IPv6 packet in the tunnel",
        HFILL}},
      {&hf_length,
       {"Length", "iphttps.tunnel.length", FT_UINT32, BASE_DEC | BASE_UNIT_STRING, &units_byte_bytes, 0,
        "The bytes of an IPv6 packet in the tunnel", HFILL}},
  };
  static int *subtrees[] = {&ett_packet};

  proto_iphttps = proto;
  is_enabled = enabled;
  proto_register_field_array(proto, fields, G_N_ELEMENTS(fields));
  proto_register_subtree_array(subtrees, G_N_ELEMENTS(subtrees));
  tunnels = wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), g_direct_hash, g_direct_equal);
  tunnel_handle = register_dissector("iphttps_tunnel", dissect_tunnel, proto);
  tcp_start_handle = create_dissector_handle(dissect_tcp_start, proto);
  export_tap = register_export_pdu_tap_with_encap("IP-HTTPS tunnel", WTAP_ENCAP_RAW_IP6);
  inner_dissection_register(proto);
}

void tunnel_reg_handoff(void)
{
  proto_http = proto_get_id_by_filter_name("http");
  proto_tcp = proto_get_id_by_filter_name("tcp");
  tls_handle = find_dissector("tls");
  ipv6_handle = find_dissector("ipv6");
  http_handle = find_dissector("http");
  http_tls_handle = find_dissector("http-over-tls");
  heur_dissector_add("tls", dissect_tls_heuristic, "IP-HTTPS tunnel in TLS", "iphttps_tls", proto_iphttps,
                     HEURISTIC_ENABLE);
  heur_dtbl_entry_t *http_entry = find_heur_dissector_by_unique_short_name("http_tls");
  if (http_entry != NULL) {
    http_heuristic = http_entry->dissector;
    http_entry->dissector = dissect_http_heuristic;
  }
  /* In http's name, since http is what it stands for in all other sessions. */
  alpn_http_handle = dissector_get_string_handle(find_dissector_table("tls.alpn"), "http/1.1");
  dissector_add_string("tls.alpn", "http/1.1", create_dissector_handle(dissect_alpn_http, proto_http));
  dissector_add_for_decode_as("tls.port", tunnel_handle);
  dissector_add_for_decode_as("tcp.port", tunnel_handle);
}
