/* segments.c - gives each byte of a tagged session to its dissectors once
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "segments.h"

#include <string.h>

#include <epan/dissectors/packet-tcp.h>
#include <epan/exceptions.h>

#include "core/sequence.h"
#include "tcp_analysis.h"
#include "tunnel/claim.h"

enum { FLOWS = 2 };

/* A direction of a conversation, by sequence numbers as TCP gives them to dissectors. */
typedef struct {
  sequence_t given;
  uint32_t done; /* up to where dissectors are done with it: from here on they wait for more */
} flow_t;

/* A conversation whose payload comes through here. Lives in file scope; changes on the first pass only. */
typedef struct {
  flow_t flows[FLOWS];  /* by whether it is Wireshark's flow1 */
  wmem_tree_t *handles; /* frame from which on -> the dissector in whose place we stand */
  bool is_left;         /* it does no longer, or not for the time being */
} segments_t;

/* A call that brought bytes given before. */
typedef struct {
  uint32_t frame;
  uint32_t from;
} repetition_t;

static dissector_handle_t segments_handle;
static wmem_map_t *conversations;  /* conversation_t -> segments_t */
static wmem_map_t *repetitions;    /* repetition_t -> bytes to leave out; as the first pass found them */
static uint32_t latest_repetition; /* its frame, on the first pass */

static guint hash_repetition(gconstpointer hashed)
{
  return wmem_strong_hash(hashed, sizeof(repetition_t));
}

static gboolean equal_repetitions(gconstpointer one, gconstpointer other)
{
  const repetition_t *left = one, *right = other;

  return left->frame == right->frame && left->from == right->from;
}

/* How many of the first bytes have been given before. Where dissectors wait for the rest of something, what they have
 * of it is given to them again, as TCP does when it has put it together. */
static uint32_t known_bytes(const flow_t *flow, sequence_range_t range, bool is_reassembled)
{
  uint32_t first = sequence_first_new(&flow->given, range);

  if (is_reassembled)
    return first == range.to && !sequence_before(flow->done, range.to) ? range.to - range.from : 0;
  if (first != range.to && sequence_before(flow->done, first))
    first = sequence_before(range.from, flow->done) ? flow->done : range.from;
  return first - range.from;
}

static void note_repetition(const packet_info *pinfo, uint32_t from, uint32_t known)
{
  repetition_t *repetition = wmem_new(wmem_file_scope(), repetition_t);

  *repetition = (repetition_t){.frame = pinfo->num, .from = from};
  wmem_map_insert(repetitions, repetition, GUINT_TO_POINTER(known));
  latest_repetition = pinfo->num;
}

static flow_t *flow_of(segments_t *segments, const conversation_t *conversation)
{
  const struct tcp_analysis *tcp = tcp_analysis_of(conversation);

  return tcp != NULL ? &segments->flows[tcp->fwd == &tcp->flow1] : NULL;
}

/* Has what is new of the payload dissected by whoever would have had it without us. */
static int dissect_new(dissector_handle_t handle, tvbuff_t *tvb, uint32_t known, packet_info *pinfo, proto_tree *tree,
                       const struct tcpinfo *given)
{
  struct tcpinfo info = *given;

  info.seq += known;
  pinfo->can_desegment = pinfo->saved_can_desegment;
  if (known > 0)
    tvb = tvb_new_subset_remaining(tvb, (int)known);
  int dissected = call_dissector_only(handle, tvb, pinfo, tree, &info);
  if (pinfo->desegment_len != 0)
    pinfo->desegment_offset += (int)known;
  return dissected > 0 ? dissected + (int)known : dissected;
}

static int dissect_first_time(dissector_handle_t handle, flow_t *flow, tvbuff_t *tvb, packet_info *pinfo,
                              proto_tree *tree, const struct tcpinfo *given)
{
  sequence_range_t range = {given->seq, given->seq + tvb_reported_length(tvb)};
  uint32_t known = known_bytes(flow, range, given->is_reassembled);
  volatile int dissected = (int)known;
  volatile uint32_t done = range.to;

  if (known > 0)
    note_repetition(pinfo, range.from, known);
  if (known == range.to - range.from)
    return (int)known;
  TRY
  {
    dissected = dissect_new(handle, tvb, known, pinfo, tree, given);
    if (pinfo->desegment_len != 0)
      done = range.from + (uint32_t)pinfo->desegment_offset;
  }
  FINALLY
  {
    sequence_take(&flow->given, range);
    if (sequence_before(flow->done, done) || !sequence_before(range.from, flow->done))
      flow->done = done;
  }
  ENDTRY;
  return dissected;
}

static int dissect_segment(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
  conversation_t *conversation = tcp_conversation_of(pinfo);
  segments_t *segments = wmem_map_lookup(conversations, conversation);
  dissector_handle_t handle = segments != NULL ? wmem_tree_lookup32_le(segments->handles, pinfo->num) : NULL;
  const struct tcpinfo *given = data;

  if (handle == NULL || given == NULL)
    return 0;
  if (!PINFO_FD_VISITED(pinfo)) {
    flow_t *flow = flow_of(segments, conversation);
    return flow != NULL ? dissect_first_time(handle, flow, tvb, pinfo, tree, given) : 0;
  }
  repetition_t repetition = {.frame = pinfo->num, .from = given->seq};
  uint32_t known = GPOINTER_TO_UINT(wmem_map_lookup(repetitions, &repetition));
  if (known >= tvb_reported_length(tvb) && known > 0)
    return (int)known;
  return dissect_new(handle, tvb, known, pinfo, tree, given);
}

/* The dissector that gets a conversation's payload from the frame on, in the order in which TCP looks for it. */
static dissector_handle_t dissector_of(const packet_info *pinfo, conversation_t *conversation, uint32_t frame)
{
  dissector_handle_t handle = conversation_get_dissector(conversation, frame);

  return handle != NULL ? handle : tcp_dissector_by_ports(pinfo);
}

/* What TCP has seen of a flow so far, up to the first hole, counts as given: it is about the frame at hand. */
static void begin_flow(flow_t *flow, const tcp_flow_t *seen)
{
  const tcp_analyze_seq_flow_info_t *sequence = seen->tcp_analyze_seq_info;

  if (sequence == NULL || sequence->nextseq == 0)
    return;
  bool has_hole = sequence->maxseqtobeacked != 0 && sequence_before(sequence->maxseqtobeacked, sequence->nextseq);
  uint32_t base = tcp_sequence_base(seen);
  uint32_t next = (has_hole ? sequence->maxseqtobeacked : sequence->nextseq) - base;
  sequence_take(&flow->given, (sequence_range_t){seen->base_seq - base, next});
  flow->done = next;
}

/* A SYN has not been accepted yet, or has been refused: payload is still to come, if ever. */
static bool is_connecting(const struct tcp_analysis *tcp)
{
  const uint8_t beyond = COMPLETENESS_SYN_ACK | COMPLETENESS_DATA;

  return (tcp->conversation_completeness & (COMPLETENESS_SYN | beyond)) == COMPLETENESS_SYN;
}

static segments_t *segments_of(conversation_t *conversation)
{
  segments_t *segments = wmem_map_lookup(conversations, conversation);
  const struct tcp_analysis *tcp = tcp_analysis_of(conversation);

  if (tcp == NULL || (segments != NULL && !segments->is_left) || (segments == NULL && is_connecting(tcp)))
    return segments;
  if (segments == NULL) {
    segments = wmem_new0(wmem_file_scope(), segments_t);
    segments->handles = wmem_tree_new(wmem_file_scope());
    wmem_map_insert(conversations, conversation, segments);
  }
  segments->is_left = false;
  memset(segments->flows, 0, sizeof(segments->flows));
  begin_flow(&segments->flows[1], &tcp->flow1);
  begin_flow(&segments->flows[0], &tcp->flow2);
  return segments;
}

void segments_follow(const packet_info *pinfo, conversation_t *conversation)
{
  uint32_t next = pinfo->num + 1;

  if (conversation == NULL)
    return;
  dissector_handle_t handle = dissector_of(pinfo, conversation, next);
  if (handle == NULL || handle == segments_handle || tunnel_waits_for_content(handle))
    return;
  segments_t *segments = segments_of(conversation);
  if (segments == NULL)
    return;
  wmem_tree_insert32(segments->handles, next, handle);
  conversation_set_dissector_from_frame_number(conversation, next, segments_handle);
}

void segments_leave(const packet_info *pinfo, conversation_t *conversation)
{
  segments_t *segments = wmem_map_lookup(conversations, conversation);
  uint32_t next = pinfo->num + 1;

  if (segments == NULL || segments->is_left)
    return;
  segments->is_left = true;
  if (conversation_get_dissector(conversation, next) == segments_handle)
    conversation_set_dissector_from_frame_number(conversation, next, wmem_tree_lookup32_le(segments->handles, next));
}

size_t segments_kept_bytes(packet_info *pinfo, uint32_t sequence)
{
  const conversation_t *conversation = latest_repetition == pinfo->num ? tcp_conversation_of(pinfo) : NULL;
  const struct tcp_analysis *tcp = tcp_analysis_of(conversation);

  if (tcp == NULL)
    return 0;
  repetition_t repetition = {.frame = pinfo->num, .from = sequence - tcp_sequence_base(tcp->fwd)};

  return GPOINTER_TO_UINT(wmem_map_lookup(repetitions, &repetition));
}

bool segments_give_once(const conversation_t *conversation)
{
  const segments_t *segments = wmem_map_lookup(conversations, conversation);

  return segments != NULL && !segments->is_left;
}

void segments_register(void)
{
  conversations = wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), g_direct_hash, g_direct_equal);
  repetitions = wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), hash_repetition, equal_repetitions);
  segments_handle = register_dissector("iphttps_segments", dissect_segment, -1);
}
