/* tcp.c - TCP's state of a followed connection: bytes, gaps, repetitions, FIN, and what of it no dissector has read
 *
 * What a side has sent is counted here, by the sequence numbers in the frames: Wireshark's own state forgets a gap when
 * it is acknowledged, keeps one for ever behind a window probe, and is not there where its analysis is switched off.
 * Of Wireshark's is only asked what it did with a segment.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcp.h"

#include <epan/dissectors/packet-tcp.h>

#include "compat.h"
#include "core/cipher_suite.h"
#include "core/stream.h"
#include "core/tls_record.h"
#include "segment.h"
#include "segments.h"
#include "tcp_analysis.h"

#define DUPLICATE_ACKS 2 /* behind which a segment may be sent again at once, one lost */

enum { CLIENT_HELLO_START = 9 }; /* bytes: a record's header and a message's */

/* A frame of a connection. */
typedef struct {
  const struct tcp_analysis *tcp;
  side_t sender;
  segment_t segment;
  int64_t time_ns;
  bool is_given_once; /* dissectors get no byte a second time */
  segment_novelty_t novelty;
  bool brings_bytes;  /* payload not seen before */
  uint32_t old_bytes; /* before that */
  bool hides_bytes;   /* behind payload that was */
} tcp_frame_t;

static int64_t nanoseconds(const nstime_t *time)
{
  return nanoseconds_of(time->secs, time->nsecs);
}

/* Begins to count a side's payload; what comes before is not looked for. */
static void begin_side(tcp_side_t *side, uint32_t start)
{
  if (side->seen.begun)
    return;
  sequence_take(&side->seen, (sequence_range_t){start, start});
  side->needed = side->record = start;
}

tcp_connection_t *tcp_connection_start(const conversation_t *conversation, bool from_client)
{
  const struct tcp_analysis *tcp = tcp_analysis_of(conversation);
  tcp_connection_t *connection = wmem_new0(wmem_file_scope(), tcp_connection_t);

  if (tcp == NULL)
    return connection;
  connection->client_is_flow1 = (tcp->fwd == &tcp->flow1) == from_client;
  connection->sides[SIDE_CLIENT].has_syn = (tcp->conversation_completeness & COMPLETENESS_SYN) != 0;
  connection->sides[SIDE_SERVER].is_captured = (tcp->conversation_completeness & COMPLETENESS_SYN_ACK) != 0;
  return connection;
}

tcp_connection_t *tcp_connection_resume(const conversation_t *conversation, bool has_handshake, uint16_t cipher_suite)
{
  tcp_connection_t *connection = tcp_connection_start(conversation, true);

  connection->has_client_hello = connection->first_bytes_done = true;
  connection->is_tls13 = cipher_suite_is_tls13(cipher_suite);
  uint8_t unread = (has_handshake ? 0 : UNREAD_BEFORE) | (tcp_has_had_gap(conversation) ? UNREAD_MISSING : 0);
  connection->sides[SIDE_CLIENT].unread = connection->sides[SIDE_SERVER].unread = unread;
  return connection;
}

/* Whether Wireshark has TCP wait for what is missing before it hands on what comes behind. */
static bool waits_for_gaps(const struct tcp_analysis *tcp)
{
  return tcp->fwd->ooo_segments != NULL;
}

/* Wireshark's word on the frame's segment, 0 if it has none. */
static uint16_t analysis_flags(const tcp_frame_t *frame)
{
  return frame->tcp->ta != NULL ? frame->tcp->ta->flags : 0;
}

/* Segments that Wireshark takes for old it hands to no dissector. */
static bool is_withheld(const tcp_frame_t *frame)
{
  return !waits_for_gaps(frame->tcp) &&
         (analysis_flags(frame) & (TCP_ANALYSIS_RETRANSMISSION | TCP_ANALYSIS_SPURIOUS_RETRANSMISSION)) != 0;
}

/* Whether dissectors get what they have had before, should the segment bring it. */
static bool may_be_read_twice(const tcp_frame_t *frame)
{
  return !frame->is_given_once && !is_withheld(frame) && !waits_for_gaps(frame->tcp);
}

/* Goes on from record to record (RFC 8446 section 5.1): where the last one ends with the segment, dissectors wait for
 * nothing. */
static void follow_records(tcp_side_t *side, const segment_t *segment)
{
  while (!sequence_before(side->record, segment->sequence) &&
         side->record - segment->sequence + TLS_RECORD_HEADER <= segment->payload.length) {
    const uint8_t *header = segment->payload.data + (side->record - segment->sequence);

    side->record += TLS_RECORD_HEADER + tls_record_content_length(header);
  }
}

/* Without its analysis TCP hands on each segment as it is, and does not tell what it has handed on before. */
static bool is_analysed(const struct tcp_analysis *tcp)
{
  return tcp->fwd->tcp_analyze_seq_info != NULL;
}

/* Whether dissectors do not get what is new in a segment, or get it behind what they have had. From a window probe, of
 * which they could make nothing, TCP goes on; a longer segment that is sent again, or one that begins within what they
 * wait for the rest of, it takes for another one. */
static bool hides_new_bytes(const tcp_side_t *side, const tcp_frame_t *frame)
{
  const segment_t *segment = &frame->segment;

  if (!frame->brings_bytes || !sequence_before(segment->sequence, side->seen.end))
    return false;
  bool is_again = recent_segments_begin_at(&side->recent, segment->sequence);
  if (is_again && side->seen.end - segment->sequence < TLS_RECORD_HEADER)
    return false;
  return is_again || !frame->is_given_once || !is_analysed(frame->tcp) || side->record != side->seen.end;
}

/* Whether the receiver has the segment sent again, by its acknowledgements. */
static bool is_wanted(const tcp_side_t *receiver, const segment_t *segment)
{
  return receiver->acknowledges == segment->sequence && receiver->acknowledges_same >= DUPLICATE_ACKS;
}

static recent_segment_t as_recent(const tcp_frame_t *frame)
{
  return (recent_segment_t){.sequence = frame->segment.sequence,
                            .length = frame->segment.length,
                            .identification = frame->segment.identification,
                            .time_ns = frame->time_ns};
}

/* Counts a segment as sent, and says how new it is. */
static void note_sent(tcp_connection_t *connection, tcp_frame_t *frame)
{
  tcp_side_t *side = &connection->sides[frame->sender];
  const segment_t *segment = &frame->segment;
  sequence_range_t range = {segment->sequence, segment->sequence + segment->length};
  recent_segment_t sent = as_recent(frame);
  bool is_syn = (segment->flags & SEGMENT_SYN) != 0, is_fin = (segment->flags & SEGMENT_FIN) != 0;
  bool is_new = (is_syn && (!side->has_syn || !side->seen.begun)) || (is_fin && !side->has_fin);

  begin_side(side, range.from);
  side->is_captured = true;
  bool leaves_gap = sequence_before(side->seen.end + side->has_fin, range.from);
  if (leaves_gap && !waits_for_gaps(frame->tcp))
    side->unread |= UNREAD_MISSING;
  frame->old_bytes = sequence_first_new(&side->seen, range) - range.from;
  frame->brings_bytes = frame->old_bytes != segment->length;
  frame->hides_bytes = hides_new_bytes(side, frame);
  follow_records(side, segment);
  if (segment->length > 0 || leaves_gap)
    sequence_take(&side->seen, range);
  side->has_syn = side->has_syn || is_syn;
  side->has_fin = side->has_fin || is_fin;
  if (is_new || frame->brings_bytes || (segment->length == 0 && !is_syn && !is_fin))
    frame->novelty = SEGMENT_NEW;
  else
    frame->novelty = recent_segments_novelty(&side->recent, &sent,
                                             is_wanted(&connection->sides[other_side(frame->sender)], segment));
  if ((segment->length > 0 || is_syn || is_fin) && frame->novelty != SEGMENT_COPY)
    recent_segments_add(&side->recent, sent);
}

/* What is acknowledged was sent; when it comes later, Wireshark takes it for a retransmission and does not dissect it.
 * What was acknowledged first may have been sent before the capture. */
static void note_acknowledged(tcp_connection_t *connection, const tcp_frame_t *frame)
{
  tcp_side_t *receiver = &connection->sides[frame->sender], *side = &connection->sides[other_side(frame->sender)];
  const segment_t *segment = &frame->segment;
  uint32_t acknowledged = segment->acknowledged;
  bool is_bare = segment->length == 0 && !(segment->flags & (SEGMENT_SYN | SEGMENT_FIN | SEGMENT_RST));

  if (!(segment->flags & SEGMENT_ACK))
    return;
  receiver->acknowledges_same = is_bare && receiver->acknowledges == acknowledged ? receiver->acknowledges_same + 1 : 0;
  receiver->acknowledges = acknowledged;
  begin_side(side, acknowledged);
  if (sequence_before(side->seen.end + side->has_fin, acknowledged) ||
      (side->seen.hole_count > 0 && sequence_before(side->seen.holes[0].from, acknowledged)))
    side->unread |= UNREAD_MISSING;
  side->needed = sequence_later(side->needed, acknowledged - (side->has_fin && acknowledged == side->seen.end + 1));
}

/* Whether the frame acknowledges nothing of the server's answer to the Client Hello. */
static bool acknowledges_no_answer(const tcp_connection_t *connection, const tcp_frame_t *frame)
{
  const tcp_side_t *server = &connection->sides[SIDE_SERVER];

  return frame->sender == SIDE_CLIENT && connection->has_client_hello && (frame->segment.flags & SEGMENT_ACK) &&
         server->seen.begun && sequence_before(connection->server_baseline, server->seen.end) &&
         !sequence_before(connection->server_baseline, server->needed);
}

/* Whether payload is made of whole TLS records (RFC 8446 section 5.1), so that it is read though nothing is put
 * together.
 */
static bool is_whole(const segment_t *segment)
{
  size_t at = 0;

  while (at + TLS_RECORD_HEADER <= segment->payload.length)
    at += TLS_RECORD_HEADER + tls_record_content_length(segment->payload.data + at);
  return at == segment->length;
}

/* What the segment brings, should it begin as a Client Hello does (RFC 8446 sections 4 and 5.1); else NULL. */
static const uint8_t *client_hello_in(const tcp_frame_t *frame)
{
  enum { CLIENT_HELLO = 1 };
  const byte_span_t payload = frame->segment.payload;
  const uint8_t *bytes = payload.data + frame->old_bytes;

  if (!frame->brings_bytes || payload.length < frame->old_bytes + CLIENT_HELLO_START)
    return NULL;
  return bytes[0] == TLS_RECORD_HANDSHAKE && bytes[1] == TLS_MAJOR_VERSION && bytes[TLS_RECORD_HEADER] == CLIENT_HELLO
             ? bytes
             : NULL;
}

/* A record that is longer than its message ends with a MAC: the Client Hello of a renegotiation with a NULL suite. */
static bool is_protected(const uint8_t hello[CLIENT_HELLO_START])
{
  return tls_record_content_length(hello) > uint24_at(hello + TLS_RECORD_HEADER + 1) + 4;
}

/* What dissectors have not read of the segment, or have read once more. */
static void note_unread(tcp_connection_t *connection, const tcp_frame_t *frame)
{
  const segment_t *segment = &frame->segment;
  uint8_t *unread = &connection->sides[frame->sender].unread;

  if (segment->length == 0)
    return;
  if (segment->payload.length < segment->length)
    *unread |= UNREAD_CUT;
  if (tcp_leaves_segments_apart() && !is_whole(segment))
    *unread |= UNREAD_APART;
  if (frame->brings_bytes && is_withheld(frame))
    *unread |= UNREAD_WITHHELD;
  if (frame->hides_bytes && !waits_for_gaps(frame->tcp))
    *unread |= UNREAD_WITHHELD;
}

/* The client's first ACK behind its SYN shows that there was a SYN-ACK, should the capture lack it. */
static bool shows_connection(const tcp_connection_t *connection, const tcp_frame_t *frame)
{
  uint8_t flags = frame->segment.flags;

  if (connection->is_connected)
    return false;
  if (frame->sender == SIDE_SERVER)
    return (flags & SEGMENT_SYN) && (flags & SEGMENT_ACK);
  return connection->sides[SIDE_CLIENT].has_syn && (flags & (SEGMENT_ACK | SEGMENT_RST)) == SEGMENT_ACK;
}

static void observe_flags(observation_t *observation, tcp_connection_t *connection, const tcp_frame_t *frame,
                          bool had_fin)
{
  uint8_t flags = frame->segment.flags;

  if (shows_connection(connection, frame)) {
    observation->facts |= SEEN_SYN_ACK;
    connection->is_connected = true;
  }
  if ((flags & SEGMENT_RST) && !connection->has_rst) {
    observation->facts |= SEEN_RST;
    connection->has_rst = true;
  }
  if ((flags & SEGMENT_FIN) && !had_fin)
    observation->facts |= SEEN_FIN;
  if ((flags & (SEGMENT_SYN | SEGMENT_ACK)) == SEGMENT_SYN && frame->sender == SIDE_CLIENT &&
      (frame->novelty == SEGMENT_NEW || frame->novelty == SEGMENT_AGAIN))
    observation->facts |= SEEN_SYN;
  if (frame->novelty == SEGMENT_COPY)
    observation->facts |= SEEN_COPY;
  if (frame->segment.length > 0 && !frame->brings_bytes && may_be_read_twice(frame))
    observation->facts |= SEEN_READ_TWICE;
}

static bool covers(const segment_t *segment, uint32_t sequence)
{
  return !sequence_before(sequence, segment->sequence) &&
         sequence_before(sequence, segment->sequence + segment->length);
}

/* The client sends again what the server has not answered, as its timer has it. */
static bool repeats_unanswered(tcp_connection_t *connection, const tcp_frame_t *frame)
{
  if (frame->sender != SIDE_CLIENT || frame->segment.length == 0 || frame->novelty != SEGMENT_AGAIN ||
      !covers(&frame->segment, connection->client_baseline) ||
      ABS(frame->time_ns - connection->sent_again_ns) < SEGMENT_COPY_APART_NS)
    return false;
  connection->sent_again_ns = frame->time_ns;
  return true;
}

/* Before it was answered a client that asks a proxy for a connection does not go on with TLS. */
static void observe_hello(observation_t *observation, tcp_connection_t *connection, const tcp_frame_t *frame)
{
  const uint8_t *hello = connection->has_client_hello || frame->sender != SIDE_CLIENT ? NULL : client_hello_in(frame);

  if (hello == NULL)
    return;
  observation->facts |= SEEN_HELLO_BYTES;
  connection->hello_is_later = connection->hello_is_later || is_protected(hello);
}

static void observe_first_bytes(observation_t *observation, tcp_connection_t *connection, const tcp_frame_t *frame)
{
  const segment_t *segment = &frame->segment;
  size_t before;

  if (frame->sender == SIDE_CLIENT || connection->first_bytes_done || !covers(segment, connection->server_baseline))
    return;
  before = connection->server_baseline - segment->sequence;
  if (segment->payload.length <= before)
    return;
  connection->first_bytes_done = true;
  observation->facts |= SEEN_FIRST_BYTES;
  observation->first_bytes = (byte_span_t){
      .data = segment->payload.data + before,
      .length = MIN(segment->payload.length - before, OBSERVATION_FIRST_BYTES_MAX),
  };
  observation->first_status = tunnel_final_status(observation->first_bytes.data, segment->payload.length - before);
}

static uint32_t bytes_since(const tcp_side_t *side, uint32_t baseline)
{
  uint32_t end = sequence_later(side->seen.end, side->needed);

  return side->seen.begun && sequence_before(baseline, end) ? end - baseline : 0;
}

/* Totals and what is unread, up to and with the frame. */
static void observe_sides(observation_t *observation, const tcp_connection_t *connection)
{
  const tcp_side_t *sides = connection->sides;

  observation->bytes[SIDE_CLIENT] = bytes_since(&sides[SIDE_CLIENT], sides[SIDE_CLIENT].seen.start);
  observation->bytes[SIDE_SERVER] = bytes_since(&sides[SIDE_SERVER], connection->server_baseline);
  for (side_t side = 0; side < SIDES; side++) {
    bool is_awaited = sides[side].seen.hole_count > 0 || (sides[side].seen.begun && !sides[side].is_captured);

    observation->unread[side] = sides[side].unread | (is_awaited ? UNREAD_AWAITED : 0);
  }
}

/* TCP may wait with all that came behind what is missing, and have done so before the connection was followed. */
static void observe_waiting(observation_t *observation, const tcp_connection_t *connection,
                            const struct tcp_analysis *tcp)
{
  wmem_list_t *waiting[] = {tcp->flow1.ooo_segments, tcp->flow2.ooo_segments};

  for (size_t i = 0; i < G_N_ELEMENTS(waiting); i++)
    if (waiting[i] != NULL && wmem_list_count(waiting[i]) > 0)
      observation->unread[(i == 0) == connection->client_is_flow1 ? SIDE_CLIENT : SIDE_SERVER] |= UNREAD_AWAITED;
}

static bool read_frame(tcp_frame_t *frame, const tcp_connection_t *connection, tvbuff_t *tvb, const packet_info *pinfo)
{
  const tcp_flow_t *client = connection->client_is_flow1 ? &frame->tcp->flow1 : &frame->tcp->flow2;

  frame->sender = frame->tcp->fwd == client ? SIDE_CLIENT : SIDE_SERVER;
  frame->time_ns = nanoseconds(&pinfo->abs_ts);
  return segment_read(&frame->segment, tvb, pinfo);
}

/* A TLS handshake is followed from its Client Hello on, whatever was before. What acknowledges nothing and resets
 * nothing belongs to no connection: a scanner's probe (RFC 9293 section 3.10.7). */
static bool begins_in_midst(const tcp_connection_t *connection, const tcp_frame_t *frame)
{
  return !connection->has_client_hello && !connection->sides[SIDE_CLIENT].has_syn &&
         !(frame->segment.flags & SEGMENT_SYN) && (frame->segment.flags & (SEGMENT_ACK | SEGMENT_RST));
}

/* Wireshark counts its first round trip from the last SYN, a connection from its first frame. */
static void observe_connect(observation_t *observation, const struct tcp_analysis *tcp)
{
  if (!(tcp->conversation_completeness & COMPLETENESS_SYN))
    return;
  observation->syn_time_ns = nanoseconds(&tcp->ts_first);
  if (tcp->ts_first_rtt.secs != 0 || tcp->ts_first_rtt.nsecs != 0)
    observation->connected_time_ns = nanoseconds(&tcp->ts_mru_syn) + nanoseconds(&tcp->ts_first_rtt);
}

bool tcp_observe(observation_t *observation, tcp_connection_t *connection, const conversation_t *conversation,
                 tvbuff_t *tvb, const packet_info *pinfo)
{
  tcp_frame_t frame = {.tcp = tcp_analysis_of(conversation), .is_given_once = segments_give_once(conversation)};
  tcp_side_t *sides = connection->sides;
  bool was_known[SIDES] = {sides[SIDE_CLIENT].seen.begun, sides[SIDE_SERVER].seen.begun}, had_fin;

  if (frame.tcp == NULL)
    return false;
  observe_connect(observation, frame.tcp);
  if (!read_frame(&frame, connection, tvb, pinfo)) {
    sides[frame.sender].unread |= UNREAD_CUT;
    observation->from_client = frame.sender == SIDE_CLIENT;
    observe_sides(observation, connection);
    return true;
  }
  had_fin = sides[frame.sender].has_fin;
  if (!was_known[SIDE_CLIENT] && !was_known[SIDE_SERVER] && begins_in_midst(connection, &frame)) {
    sides[SIDE_CLIENT].unread = sides[SIDE_SERVER].unread = UNREAD_BEFORE;
    observation->facts |= SEEN_MIDST;
  }
  note_sent(connection, &frame);
  note_acknowledged(connection, &frame);
  note_unread(connection, &frame);
  if (!was_known[SIDE_CLIENT])
    connection->client_baseline = sides[SIDE_CLIENT].seen.start;
  else if (frame.sender == SIDE_SERVER && frame.brings_bytes)
    connection->client_baseline = sides[SIDE_CLIENT].seen.end;
  if (!was_known[SIDE_SERVER])
    connection->server_baseline = sides[SIDE_SERVER].seen.start;
  observation->from_client = frame.sender == SIDE_CLIENT;
  observe_flags(observation, connection, &frame, had_fin);
  if (repeats_unanswered(connection, &frame))
    observation->facts |= SEEN_REPETITION;
  if (acknowledges_no_answer(connection, &frame))
    observation->facts |= SEEN_UNRECEIVED;
  observe_hello(observation, connection, &frame);
  observe_first_bytes(observation, connection, &frame);
  observe_sides(observation, connection);
  observe_waiting(observation, connection, frame.tcp);
  return frame.brings_bytes || frame.segment.length == 0;
}

void tcp_note_server_hello(tcp_connection_t *connection, bool is_tls13)
{
  connection->is_tls13 = is_tls13;
  connection->in_handshake[SIDE_CLIENT] = connection->in_handshake[SIDE_SERVER] = true;
}

void tcp_note_client_hello(tcp_connection_t *connection, observation_t *observation)
{
  tcp_side_t *server = &connection->sides[SIDE_SERVER];

  connection->has_client_hello = true;
  connection->first_bytes_done = false;
  if ((server->unread & UNREAD_BEFORE) && sequence_before(server->seen.start, server->seen.end))
    connection->hello_is_later = true;
  connection->server_baseline = sequence_before(server->seen.end, server->needed) ? server->seen.end : server->needed;
  if (!connection->hello_is_later)
    observation->facts &= ~(uint32_t)SEEN_MIDST;
  tcp_note_start(connection, observation);
}

void tcp_note_start(tcp_connection_t *connection, observation_t *observation)
{
  for (side_t side = 0; side < SIDES && !connection->hello_is_later; side++)
    connection->sides[side].unread &= (uint8_t)~UNREAD_BEFORE;
  observe_sides(observation, connection);
}

void tcp_note_application_data(tcp_connection_t *connection, observation_t *observation)
{
  if (tcp_leaves_records_apart())
    connection->sides[sender_of(observation)].unread |= UNREAD_APART;
  observe_sides(observation, connection);
}
