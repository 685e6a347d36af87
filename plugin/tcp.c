/* tcp.c - TCP's state of a followed connection: bytes, holes, repetitions, FIN
 *
 * What has been sent and acknowledged is read from Wireshark's own state of the conversation, and the few bytes of a
 * segment that matter from the frame: TCP's fields would slow every frame of every capture.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcp.h"

#include <string.h>

#include <epan/dissectors/packet-tcp.h>
#include <epan/proto.h>

/* Bits of tcp_analysis.conversation_completeness. */
enum { COMPLETENESS_SYN = 0x01, COMPLETENESS_SYN_ACK = 0x02, COMPLETENESS_FIN = 0x10, COMPLETENESS_RST = 0x20 };

/* How far into a frame the headers before the TCP payload may reach: link layer, tags, tunnels, IPv6 extension headers.
 */
#define HEADERS_MAX 512

/* A segment as it stands in the frame. */
typedef struct {
  uint8_t flags;
  byte_span_t payload; /* may have the link layer's padding behind it */
} tcp_segment_t;

/* A frame of a connection. */
typedef struct {
  const struct tcp_analysis *tcp;
  const tcp_flow_t *flows[SIDES];
  side_t sender;
  tvbuff_t *tvb;
  const packet_info *pinfo;
} tcp_frame_t;

static int proto_tcp = -1;

void tcp_reg_handoff(void)
{
  proto_tcp = proto_get_id_by_filter_name("tcp");
}

uint32_t tcp_connection_count(void)
{
  return get_tcp_stream_count();
}

conversation_t *tcp_conversation_of(packet_info *pinfo)
{
  return pinfo->ptype == PT_TCP ? find_conversation_pinfo(pinfo, 0) : NULL;
}

static side_t other(side_t side)
{
  return side == SIDE_CLIENT ? SIDE_SERVER : SIDE_CLIENT;
}

static tcp_frame_t frame_of(const tcp_connection_t *connection, const struct tcp_analysis *tcp)
{
  const tcp_flow_t *client = connection->client_is_flow1 ? &tcp->flow1 : &tcp->flow2;
  const tcp_flow_t *server = connection->client_is_flow1 ? &tcp->flow2 : &tcp->flow1;

  return (tcp_frame_t){.tcp = tcp,
                       .flows = {[SIDE_CLIENT] = client, [SIDE_SERVER] = server},
                       .sender = tcp->fwd == client ? SIDE_CLIENT : SIDE_SERVER};
}

/* Payload bytes a flow has carried, by its sequence numbers: the SYN before them and the FIN behind them count one
 * each. */
static uint32_t payload_of(const tcp_flow_t *flow, bool finished)
{
  if (flow->tcp_analyze_seq_info == NULL)
    return BYTES_UNKNOWN;
  if (flow->tcp_analyze_seq_info->nextseq == 0)
    return 0;
  uint32_t sequence = flow->tcp_analyze_seq_info->nextseq - flow->base_seq;
  sequence -= sequence > 0 ? 1 : 0;
  return sequence > 0 && finished ? sequence - 1 : sequence;
}

void tcp_connection_start(tcp_connection_t *connection, const conversation_t *conversation, bool from_client)
{
  const struct tcp_analysis *tcp = conversation_get_proto_data(conversation, proto_tcp);

  if (tcp == NULL)
    return;
  connection->client_is_flow1 = (tcp->fwd == &tcp->flow1) == from_client;
  if (tcp->conversation_completeness == COMPLETENESS_SYN)
    return;
  connection->completeness = tcp->conversation_completeness;
  connection->bytes[SIDE_SERVER] = payload_of(frame_of(connection, tcp).flows[SIDE_SERVER], false);
  connection->server_baseline = connection->bytes[SIDE_SERVER];
}

void tcp_connection_resume(tcp_connection_t *connection, const conversation_t *conversation)
{
  *connection = (tcp_connection_t){.has_client_hello = true, .first_bytes_done = true};
  tcp_connection_start(connection, conversation, true);
}

static void store_big_endian(uint8_t *stored, uint32_t value, size_t size)
{
  for (size_t i = 0; i < size; i++)
    stored[i] = (uint8_t)(value >> (8 * (size - 1 - i)));
}

/* Finds the frame's TCP segment by its header, which begins with the ports and the sequence number looked for: that of
 * the sender's payload behind so many bytes. */
static bool find_segment(const tcp_frame_t *frame, uint32_t bytes_before, tcp_segment_t *segment)
{
  enum { PORTS_AND_SEQUENCE = 8, DATA_OFFSET = 12, FLAGS = 13, HEADER_MIN = 20 };
  size_t captured = tvb_captured_length(frame->tvb);
  size_t searched = MIN(captured, HEADERS_MAX);
  const uint8_t *data = tvb_get_ptr(frame->tvb, 0, (int)captured);
  uint8_t start[PORTS_AND_SEQUENCE];

  store_big_endian(start, frame->pinfo->srcport, 2);
  store_big_endian(start + 2, frame->pinfo->destport, 2);
  store_big_endian(start + 4, frame->flows[frame->sender]->base_seq + 1 + bytes_before, 4);
  for (size_t at = 0; at + HEADER_MIN <= searched; at++) {
    if (memcmp(data + at, start, sizeof(start)) != 0)
      continue;
    size_t header = (size_t)(data[at + DATA_OFFSET] >> 4) * 4;
    if (header < HEADER_MIN || at + header > captured)
      return false;
    segment->flags = data[at + FLAGS];
    segment->payload = (byte_span_t){.data = data + at + header, .length = captured - at - header};
    return true;
  }
  return false;
}

static void observe_first_bytes(observation_t *observation, tcp_connection_t *connection, const tcp_frame_t *frame)
{
  tcp_segment_t segment;

  if (frame->sender == SIDE_CLIENT || connection->first_bytes_done || observation->bytes[SIDE_SERVER] == 0 ||
      observation->bytes[SIDE_SERVER] == BYTES_UNKNOWN)
    return;
  connection->first_bytes_done = true;
  if (!find_segment(frame, connection->server_baseline, &segment))
    return;
  observation->facts |= SEEN_FIRST_BYTES;
  observation->first_bytes = segment.payload;
  observation->first_bytes.length =
      MIN(segment.payload.length, MIN(observation->bytes[SIDE_SERVER], OBSERVATION_FIRST_BYTES_MAX));
}

/* A segment of the client's that begins where its unanswered data begins, and brings nothing new. */
static bool repeats_unanswered(const tcp_connection_t *connection, const tcp_frame_t *frame, uint32_t client_bytes)
{
  tcp_segment_t segment;

  return frame->sender == SIDE_CLIENT && client_bytes != BYTES_UNKNOWN &&
         client_bytes == connection->bytes[SIDE_CLIENT] && client_bytes > connection->client_baseline &&
         find_segment(frame, connection->client_baseline, &segment) && segment.payload.length > 0;
}

static uint32_t since(uint32_t total, uint32_t baseline)
{
  return total == BYTES_UNKNOWN || baseline == BYTES_UNKNOWN ? BYTES_UNKNOWN : total - baseline;
}

/*
 * Whether the segment is its sender's first FIN. Wireshark's state tells of the conversation's first; the other side's
 * is read from the frame, where it follows what that side has sent before.
 */
static bool is_first_fin(const tcp_connection_t *connection, const tcp_frame_t *frame)
{
  enum { TCP_FLAG_FIN = 0x01 };
  tcp_segment_t segment;

  if (connection->finished[frame->sender] || !(frame->tcp->conversation_completeness & COMPLETENESS_FIN))
    return false;
  return !(connection->completeness & COMPLETENESS_FIN) ||
         (find_segment(frame, connection->bytes[frame->sender], &segment) && (segment.flags & TCP_FLAG_FIN));
}

/* The client's first ACK behind its SYN shows that there was a SYN-ACK, should the capture lack it. */
static bool acknowledges_syn(const tcp_connection_t *connection, const tcp_frame_t *frame)
{
  const tcp_analyze_seq_flow_info_t *received = frame->flows[SIDE_CLIENT]->tcp_analyze_seq_info;

  return frame->sender == SIDE_CLIENT && (connection->completeness & COMPLETENESS_SYN) &&
         connection->first_ack[SIDE_CLIENT] == 0 && received != NULL && received->lastack != 0;
}

/* What Wireshark's state of the conversation says has happened with this frame. */
static void observe_flags(observation_t *observation, tcp_connection_t *connection, const tcp_frame_t *frame)
{
  uint8_t completeness = frame->tcp->conversation_completeness;
  uint8_t fresh = completeness & (uint8_t)~connection->completeness;

  if ((fresh & COMPLETENESS_SYN_ACK) || acknowledges_syn(connection, frame))
    observation->facts |= SEEN_SYN_ACK;
  if (fresh & COMPLETENESS_RST)
    observation->facts |= SEEN_RST;
  if (is_first_fin(connection, frame)) {
    observation->facts |= SEEN_FIN;
    connection->finished[frame->sender] = true;
  }
  /* While a conversation consists of nothing but SYNs, every segment of the client's is one. */
  if (completeness == COMPLETENESS_SYN && frame->sender == SIDE_CLIENT)
    observation->facts |= SEEN_SYN;
  connection->completeness = completeness;
}

static bool has_hole(const tcp_flow_t *flow)
{
  const tcp_analyze_seq_flow_info_t *sequence = flow->tcp_analyze_seq_info;

  return sequence != NULL && sequence->maxseqtobeacked != 0 && sequence->maxseqtobeacked != sequence->nextseq;
}

/* How much of the server's payload the client has acknowledged. */
static uint32_t acknowledged_bytes(const tcp_frame_t *frame)
{
  const tcp_analyze_seq_flow_info_t *received = frame->flows[SIDE_CLIENT]->tcp_analyze_seq_info;
  uint32_t acknowledged = received != NULL ? received->lastack : 0;

  acknowledged -= frame->flows[SIDE_SERVER]->base_seq + 1;
  return acknowledged <= INT32_MAX ? acknowledged : 0;
}

/* How much the peer acknowledges that was not seen, or not yet: when it comes, Wireshark takes it for a retransmission
 * and does not dissect it. What was acknowledged first may have been sent before the capture. A segment without ACK
 * acknowledges 0. */
static uint32_t unseen_bytes(tcp_connection_t *connection, const tcp_frame_t *frame, side_t sender)
{
  side_t peer = other(sender);
  const tcp_analyze_seq_flow_info_t *sent = frame->flows[sender]->tcp_analyze_seq_info;
  const tcp_analyze_seq_flow_info_t *received = frame->flows[peer]->tcp_analyze_seq_info;

  if (sent == NULL || received == NULL || received->lastack == 0)
    return 0;
  if (connection->first_ack[peer] == 0)
    connection->first_ack[peer] = received->lastack;
  uint32_t unseen = received->lastack - (sent->nextseq != 0 ? sent->nextseq : connection->first_ack[peer]);
  return unseen <= INT32_MAX ? unseen : 0;
}

bool tcp_observe(observation_t *observation, tcp_connection_t *connection, const conversation_t *conversation,
                 tvbuff_t *tvb, const packet_info *pinfo)
{
  const struct tcp_analysis *tcp = conversation_get_proto_data(conversation, proto_tcp);

  if (tcp == NULL)
    return false;
  tcp_frame_t frame = frame_of(connection, tcp);
  frame.tvb = tvb;
  frame.pinfo = pinfo;
  observation->from_client = frame.sender == SIDE_CLIENT;
  observe_flags(observation, connection, &frame);
  uint32_t bytes[SIDES], unseen[SIDES];
  for (side_t side = 0; side < SIDES; side++) {
    bytes[side] = payload_of(frame.flows[side], connection->finished[side]);
    unseen[side] = unseen_bytes(connection, &frame, side);
    observation->bytes_missing[side] = unseen[side] > 0 || has_hole(frame.flows[side]);
  }
  if (repeats_unanswered(connection, &frame, bytes[SIDE_CLIENT]))
    observation->facts |= SEEN_REPETITION;
  if (frame.sender == SIDE_SERVER && bytes[SIDE_SERVER] != connection->bytes[SIDE_SERVER])
    connection->client_baseline = bytes[SIDE_CLIENT];
  if (frame.sender == SIDE_CLIENT)
    connection->server_acknowledged = MIN(bytes[SIDE_SERVER], acknowledged_bytes(&frame));
  observation->bytes[SIDE_CLIENT] = bytes[SIDE_CLIENT] + unseen[SIDE_CLIENT];
  observation->bytes[SIDE_SERVER] = since(bytes[SIDE_SERVER], connection->server_baseline) + unseen[SIDE_SERVER];
  observe_first_bytes(observation, connection, &frame);
  memcpy(connection->bytes, bytes, sizeof(bytes));
  return true;
}

void tcp_note_client_hello(tcp_connection_t *connection, observation_t *observation)
{
  connection->has_client_hello = true;
  connection->first_bytes_done = false;
  connection->server_baseline = connection->server_acknowledged;
  observation->bytes[SIDE_SERVER] = since(connection->bytes[SIDE_SERVER], connection->server_baseline);
}
