/* packet-iphttps-tunnel.c - dissects a tunnel: its HTTP heads, and the IPv6 packets that follow them
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tunnel/packet-iphttps-tunnel.h"

#include <epan/exported_pdu.h>
#include <epan/ipproto.h>
#include <epan/tap.h>
#include <epan/to_str.h>
#include <wiretap/wtap.h>

#include "compat.h"
#include "core/stream.h"
#include "tunnel/claim.h"
#include "tunnel/inner_dissection.h"
#include "tunnel/inner_streams.h"
#include "tunnel/middle.h"
#include "tunnel/notes.h"

/* One call of the dissector: bytes of a tunnel that begin with a piece. */
typedef struct {
  tvbuff_t *tvb;
  packet_info *pinfo;
  proto_tree *tree;
  tunnel_conversation_t *tunnel;
} tunnel_stream_t;

static const bool *is_enabled;
static int proto_iphttps = -1;
static int hf_packet = -1;
static int hf_length = -1;
static int ett_packet = -1;
static int packet_tap = -1; /* exports the packets as they are, which the menus have under Strip Headers */
static int pdu_tap = -1;    /* exports them with Wireshark's own header, under Export PDUs */
static dissector_handle_t tunnel_handle;
static dissector_handle_t ipv6_handle;
static dissector_handle_t http_handle;

static void queue_export(int tap, tvbuff_t *packet, packet_info *pinfo, uint8_t *header, unsigned header_length)
{
  if (!have_tap_listener(tap))
    return;
  exp_pdu_data_t *pdu = wmem_new0(pinfo->pool, exp_pdu_data_t);
  pdu->tlv_buffer = header;
  pdu->tlv_buffer_len = header_length;
  pdu->pdu_tvb = packet;
  pdu->tvb_captured_length = tvb_captured_length(packet);
  pdu->tvb_reported_length = tvb_reported_length(packet);
  tap_queue_packet(tap, pinfo, pdu);
}

static void export_packet(tvbuff_t *packet, packet_info *pinfo)
{
  /* LINKTYPE_WIRESHARK_UPPER_PDU: a tag with the name of the dissector, and the end of the tags. */
  static uint8_t ipv6_follows[] = {0, EXP_PDU_TAG_DISSECTOR_NAME, 0, 4, 'i', 'p', 'v', '6', 0, 0, 0, 0};

  queue_export(packet_tap, packet, pinfo, NULL, 0);
  queue_export(pdu_tap, packet, pinfo, ipv6_follows, sizeof ipv6_follows);
}

/* "ICMPv6, fe80::1 -> ff02::2, 64 bytes". That costs nothing where nobody looks at the tree. */
static void name_packet(proto_item *item, const tunnel_stream_t *stream, tvbuff_t *packet, const uint8_t *data,
                        unsigned captured)
{
  enum { NEXT_HEADER = 6, SOURCE = 8, DESTINATION = 24, HEADER = 40 }; /* RFC 8200 section 3 */
  wmem_allocator_t *pool = stream->pinfo->pool;
  unsigned length = tvb_reported_length(packet);

  if (!PTREE_DATA(stream->tree)->visible)
    return;
  if (captured < HEADER) {
    proto_item_set_text(item, "IP-HTTPS Tunnel, IPv6 packet of %u bytes", length);
    return;
  }
  proto_item_set_text(item, "IP-HTTPS Tunnel, %s, %s \u2192 %s, %u bytes",
                      tunnel_packet_icmpv6_type(data, captured) >= 0 ? "ICMPv6" : ipprotostr(data[NEXT_HEADER]),
                      tvb_ip6_to_str(pool, packet, SOURCE), tvb_ip6_to_str(pool, packet, DESTINATION), length);
}

/* The subtree of a packet, NULL where there is no tree. */
static proto_tree *add_packet(const tunnel_stream_t *stream, tvbuff_t *packet, const uint8_t *data, unsigned captured)
{
  if (stream->tree == NULL)
    return NULL;
  proto_item *item = proto_tree_add_item(stream->tree, hf_packet, packet, 0, -1, ENC_NA);
  name_packet(item, stream, packet, data, captured);
  proto_tree *tree = proto_item_add_subtree(item, ett_packet);
  proto_item_set_generated(proto_tree_add_uint(tree, hf_length, packet, 0, 0, tvb_reported_length(packet)));
  return tree;
}

/* Most records hold one packet, which needs no buffer of its own. */
static tvbuff_t *packet_at(tvbuff_t *tvb, unsigned offset, unsigned length)
{
  return offset == 0 && length == tvb_reported_length(tvb) ? tvb : tvb_new_subset_length(tvb, offset, length);
}

static void dissect_packet(const tunnel_stream_t *stream, unsigned offset, unsigned length)
{
  tvbuff_t *packet = packet_at(stream->tvb, offset, length);
  unsigned captured = tvb_captured_length(packet);
  const uint8_t *data = tvb_get_ptr(packet, 0, captured);
  tunnel_note_packet(stream->tunnel, stream->pinfo, data, captured);
  export_packet(packet, stream->pinfo);
  proto_tree *tree = add_packet(stream, packet, data, captured);
  inner_dissect_packet(ipv6_handle, stream->tunnel->number, packet, stream->pinfo, tree);
}

/* A message with a body is http's to the end of the bytes, and http may ask for more of them. */
static void dissect_rest_as_http(const tunnel_stream_t *stream, unsigned offset)
{
  packet_info *pinfo = stream->pinfo;
  if (pinfo->can_desegment > 0)
    pinfo->can_desegment++;
  call_dissector(http_handle, tvb_new_subset_remaining(stream->tvb, offset), pinfo, stream->tree);
  if (pinfo->desegment_len != 0)
    pinfo->desegment_offset += offset;
}

/* Returns where the stream goes on behind the head. */
static unsigned dissect_head(const tunnel_stream_t *stream, unsigned offset, const tunnel_piece_t *piece)
{
  tunnel_note_head(stream->tunnel, stream->pinfo, &piece->head);
  if (piece->head.followed_by_body) {
    dissect_rest_as_http(stream, offset);
    return tvb_reported_length(stream->tvb);
  }
  inner_dissect_message(http_handle, tvb_new_subset_length(stream->tvb, offset, (int)piece->length), stream->pinfo,
                        stream->tree);
  return offset + (unsigned)piece->length;
}

/* Returns where the stream may be in step again. */
static unsigned dissect_foreign(const tunnel_stream_t *stream, unsigned offset, const uint8_t *data, size_t captured)
{
  unsigned skipped = (unsigned)tunnel_resynchronise(data, captured);
  tunnel_note_foreign(stream->tunnel, stream->pinfo);
  call_data_dissector(tvb_new_subset_length(stream->tvb, offset, skipped), stream->pinfo, stream->tree);
  return offset + skipped;
}

/* Asks for the bytes that the piece at offset lacks. Where reassembly is off they will not come, and the step is lost.
 */
static void await_rest(const tunnel_stream_t *stream, unsigned offset, const tunnel_piece_t *piece)
{
  packet_info *pinfo = stream->pinfo;
  if (pinfo->can_desegment > 0) {
    pinfo->desegment_offset = (int)offset;
    pinfo->desegment_len = piece->length > 0 ? (uint32_t)piece->length : DESEGMENT_ONE_MORE_SEGMENT;
    return;
  }
  tunnel_note_gap(stream->tunnel, pinfo);
  call_data_dissector(tvb_new_subset_remaining(stream->tvb, offset), pinfo, stream->tree);
}

static void dissect_pieces(const tunnel_stream_t *stream)
{
  unsigned offset = 0;
  while (tvb_captured_length_remaining(stream->tvb, offset) > 0) {
    size_t captured = tvb_captured_length_remaining(stream->tvb, offset);
    const uint8_t *data = tvb_get_ptr(stream->tvb, offset, (int)captured);
    tunnel_piece_t piece = tunnel_next_piece(data, captured, tvb_reported_length_remaining(stream->tvb, offset));
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
      offset = dissect_foreign(stream, offset, data, captured);
      break;
    }
  }
}

/* The content of a session, in TLS or not, that was claimed or that Decode As gives to us. */
static int dissect_tunnel(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
  if (!*is_enabled || inner_dissection_is_running())
    return 0;
  tunnel_stream_t stream = {.tvb = tvb, .pinfo = pinfo, .tree = tree, .tunnel = tunnel_notes_of(pinfo)};
  tunnel_note_lost_segments(stream.tunnel, pinfo);
  if (tvb_captured_length(tvb) < tvb_reported_length(tvb))
    tunnel_note_gap(stream.tunnel, pinfo);
  dissect_pieces(&stream);
  inner_dissection_trim_layers(pinfo);
  return tvb_captured_length(tvb);
}

void tunnel_register(int proto, const bool *enabled)
{
  /* Wireshark's own is in a library, whose addresses no initializer can have on Windows. */
  static const unit_name_string bytes = {" byte", " bytes"};
  static hf_register_info fields[] = {
      {&hf_packet,
       {"Tunnel Packet", "iphttps.tunnel.packet", FT_PROTOCOL, BASE_NONE, NULL, 0, "An IPv6 packet in the tunnel",
        HFILL}},
      {&hf_length,
       {"Length", "iphttps.tunnel.length", FT_UINT32, BASE_DEC | BASE_UNIT_STRING, &bytes, 0,
        "The bytes of an IPv6 packet in the tunnel", HFILL}},
  };
  static int *subtrees[] = {&ett_packet};

  proto_iphttps = proto;
  is_enabled = enabled;
  proto_register_field_array(proto, fields, G_N_ELEMENTS(fields));
  proto_register_subtree_array(subtrees, G_N_ELEMENTS(subtrees));
  tunnel_handle = register_dissector("iphttps_tunnel", dissect_tunnel, proto);
  packet_tap = register_export_pdu_tap_with_encap("IP-HTTPS tunnel", WTAP_ENCAP_RAW_IP6);
  pdu_tap = register_export_pdu_tap_with_encap("IP-HTTPS tunnel PDUs", WTAP_ENCAP_WIRESHARK_UPPER_PDU);
  inner_dissection_register(proto);
  inner_streams_register();
  tunnel_middle_register();
  tunnel_notes_register();
}

void tunnel_reg_handoff(void)
{
  ipv6_handle = find_dissector("ipv6");
  http_handle = find_dissector("http");
  inner_streams_reg_handoff();
  tunnel_notes_reg_handoff();
  tunnel_middle_reg_handoff(tunnel_handle);
  tunnel_claim_reg_handoff(proto_iphttps, is_enabled, tunnel_handle);
}
