/* tcp_analysis.c - what Wireshark's TCP has made of a segment: its conversation, and how bytes are put together
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcp_analysis.h"

#include <string.h>

#include <epan/prefs-int.h>
#include <epan/prefs.h>
#include <epan/proto.h>

#include "compat.h"
#include "core/mark_set.h"
#include "core/sequence.h"

#define CONVERSATIONS_BEFORE 4 /* of the same ends, among which a copied SYN is looked for */
#define RECENT_BITS 8          /* of the number of conversations that are kept */

static int proto_tcp = -1;
static dissector_table_t tcp_ports;

/* To look a conversation up takes longer than all else that is done with most frames. Those found lately are kept, each
 * in a place that its ends tell; on the first pass, where the one found last is the latest of its ends until another
 * begins. */
static conversation_t *recent[1U << RECENT_BITS];
static uint32_t connections_before; /* the frame at hand */

/* What the preferences leave in pieces, and whether TCP's numbers are its own; of the capture that is open. */
static bool segments_stay_apart, records_stay_apart, sequences_are_relative;

void tcp_reg_handoff(void)
{
  proto_tcp = proto_get_id_by_filter_name("tcp");
  tcp_ports = find_dissector_table("tcp.port");
}

static bool is_switched_off(const char *protocol, const char *name)
{
  module_t *module = prefs_find_module(protocol);
  pref_t *preference = module != NULL ? prefs_find_preference(module, name) : NULL;

  return preference != NULL && !prefs_get_bool_value(preference, pref_current);
}

void tcp_init(void)
{
  memset(recent, 0, sizeof(recent));
  connections_before = 0;
  segments_stay_apart =
      is_switched_off("tcp", "desegment_tcp_streams") || is_switched_off("tls", "desegment_ssl_records");
  records_stay_apart = is_switched_off("tls", "desegment_ssl_application_data");
  sequences_are_relative =
      !is_switched_off("tcp", "analyze_sequence_numbers") && !is_switched_off("tcp", "relative_sequence_numbers");
}

bool tcp_leaves_segments_apart(void)
{
  return segments_stay_apart;
}

bool tcp_leaves_records_apart(void)
{
  return records_stay_apart;
}

const struct tcp_analysis *tcp_analysis_of(const conversation_t *conversation)
{
  return conversation != NULL ? conversation_get_proto_data(conversation, proto_tcp) : NULL;
}

uint32_t tcp_sequence_base(const tcp_flow_t *flow)
{
  return sequences_are_relative ? flow->base_seq : 0;
}

/* What TCP takes a segment of the frame for a part of: what began in an earlier frame with the very same byte, which
 * has come again, or before it. */
static const struct tcp_multisegment_pdu *begun_before(const tcp_flow_t *flow, uint32_t sequence, uint32_t frame)
{
  const struct tcp_multisegment_pdu *begun = wmem_tree_lookup32_le(flow->multisegment_pdus, sequence);
  bool is_new = begun != NULL && begun->first_frame == frame;

  return is_new ? wmem_tree_lookup32_le(flow->multisegment_pdus, sequence - 1) : begun;
}

size_t tcp_continued_bytes(const conversation_t *conversation, const segment_t *segment, uint32_t frame)
{
  const struct tcp_analysis *tcp = tcp_analysis_of(conversation);

  if (tcp == NULL || tcp->fwd == NULL)
    return 0;
  uint32_t sequence = segment->sequence - tcp_sequence_base(tcp->fwd);
  const struct tcp_multisegment_pdu *begun = begun_before(tcp->fwd, sequence, frame);

  return begun != NULL && sequence_before(sequence, begun->nxtpdu) ? begun->nxtpdu - sequence : 0;
}

bool tcp_begins_connection(void)
{
  return get_tcp_stream_count() != connections_before;
}

uint32_t tcp_mark_of_ends(const packet_info *pinfo)
{
  return mark_of_end(pinfo->src.data, (size_t)pinfo->src.len, pinfo->srcport) +
         mark_of_end(pinfo->dst.data, (size_t)pinfo->dst.len, pinfo->destport);
}

dissector_handle_t dissector_by_ports(dissector_table_t table, const packet_info *pinfo)
{
  uint32_t low = MIN(pinfo->srcport, pinfo->destport), high = MAX(pinfo->srcport, pinfo->destport);
  dissector_handle_t handle = dissector_get_uint_handle(table, low);

  return handle != NULL ? handle : dissector_get_uint_handle(table, high);
}

dissector_handle_t tcp_dissector_by_ports(const packet_info *pinfo)
{
  return dissector_by_ports(tcp_ports, pinfo);
}

/* Whether a conversation is kept under nothing but its ends: not under one of them, nor beside its interface or VLAN.
 */
static bool has_ends_for_key(const conversation_element_t *key)
{
  static const conversation_element_type plain[] = {CE_ADDRESS, CE_PORT, CE_ADDRESS, CE_PORT, CE_CONVERSATION_TYPE};

  for (size_t i = 0; i < G_N_ELEMENTS(plain); i++)
    if (key[i].type != plain[i])
      return false;
  return true;
}

static bool is_between(const conversation_element_t *key, const address *one, uint32_t one_port, const address *other,
                       uint32_t other_port)
{
  return key[1].port_val == one_port && key[3].port_val == other_port && addresses_equal(&key[0].addr_val, one) &&
         addresses_equal(&key[2].addr_val, other);
}

/* Whether a look-up would find this conversation again. */
static bool is_of(const conversation_t *conversation, const packet_info *pinfo)
{
  const conversation_element_t *key = conversation->key_ptr;

  return conversation->next == NULL && has_ends_for_key(key) &&
         (is_between(key, &pinfo->src, pinfo->srcport, &pinfo->dst, pinfo->destport) ||
          is_between(key, &pinfo->dst, pinfo->destport, &pinfo->src, pinfo->srcport));
}

/* Of the same ends, in force until a conversation with that setup frame began. */
static conversation_t *conversation_before(const packet_info *pinfo, uint32_t setup_frame)
{
  conversation_t *earlier = setup_frame > 1 ? find_conversation(setup_frame - 1, &pinfo->src, &pinfo->dst,
                                                                CONVERSATION_TCP, pinfo->srcport, pinfo->destport, 0)
                                            : NULL;

  return earlier != NULL && earlier->setup_frame < setup_frame ? earlier : NULL;
}

/* One that a dissector of the segment's content has made in this frame, as VNC's does, is not yet TCP's. */
static conversation_t *find_of_tcp(const packet_info *pinfo)
{
  conversation_t *found = tcp_conversation_find(pinfo), *before;

  if (found == NULL || found->setup_frame != pinfo->num || tcp_begins_connection())
    return found;
  before = conversation_before(pinfo, pinfo->num);
  return before != NULL ? before : found;
}

static conversation_t **place_of(const packet_info *pinfo)
{
  return &recent[tcp_mark_of_ends(pinfo) >> (32 - RECENT_BITS)];
}

conversation_t *tcp_conversation_of(packet_info *pinfo)
{
  conversation_t **place = place_of(pinfo);

  if (pinfo->ptype != PT_TCP)
    return NULL;
  if (PINFO_FD_VISITED(pinfo))
    return tcp_conversation_find(pinfo);
  if (*place == NULL || tcp_begins_connection() || !is_of(*place, pinfo))
    *place = find_of_tcp(pinfo);
  return *place;
}

void tcp_end_frame(const packet_info *pinfo)
{
  if (!tcp_begins_connection())
    return;
  conversation_t **place = place_of(pinfo);

  if (*place != NULL && (*place)->setup_frame != pinfo->num)
    *place = NULL;
  connections_before = get_tcp_stream_count();
}

/* What the other conversation has of the flow that this one has as fwd. */
static const tcp_flow_t *same_flow(const struct tcp_analysis *other, const struct tcp_analysis *tcp)
{
  return tcp->fwd == &tcp->flow1 ? &other->flow1 : &other->flow2;
}

/* Whether a flow that begins without a SYN goes on about where another one has come to. */
static bool goes_on(const tcp_flow_t *flow, const tcp_flow_t *before)
{
  const uint32_t window = 0x10000; /* of what may be lost, or sent again */
  bool is_followed = before->tcp_analyze_seq_info != NULL && before->tcp_analyze_seq_info->nextseq != 0;
  uint32_t next = is_followed ? before->tcp_analyze_seq_info->nextseq : before->base_seq + 1;

  return flow->base_seq + 1 - next + window < 2 * window;
}

const conversation_t *tcp_conversation_repeated(const packet_info *pinfo, const conversation_t *conversation)
{
  const struct tcp_analysis *tcp = tcp_analysis_of(conversation);
  const conversation_t *earlier = conversation;

  if (conversation->setup_frame != pinfo->num || tcp == NULL)
    return NULL;
  for (int i = 0; i < CONVERSATIONS_BEFORE; i++) {
    earlier = conversation_before(pinfo, earlier->setup_frame);
    const struct tcp_analysis *before = tcp_analysis_of(earlier);

    if (before == NULL)
      return NULL;
    if (same_flow(before, tcp)->base_seq == tcp->fwd->base_seq)
      return earlier;
  }
  return NULL;
}

/* The same, and one that segments were dissected by. */
static const conversation_t *analysed_before(const packet_info *pinfo, const conversation_t *conversation)
{
  for (int i = 0; i < CONVERSATIONS_BEFORE && conversation != NULL; i++) {
    conversation = conversation_before(pinfo, conversation->setup_frame);
    if (tcp_analysis_of(conversation) != NULL)
      return conversation;
  }
  return NULL;
}

const conversation_t *tcp_conversation_continued(const packet_info *pinfo, const conversation_t *conversation)
{
  const struct tcp_analysis *tcp = tcp_analysis_of(conversation);
  const conversation_t *earlier;

  if (tcp == NULL || (tcp->conversation_completeness & COMPLETENESS_SYN))
    return NULL;
  earlier = analysed_before(pinfo, conversation);
  return earlier != NULL && goes_on(tcp->fwd, same_flow(tcp_analysis_of(earlier), tcp)) ? earlier : NULL;
}

static wireshark_bool note_gap(const void *frame _U_, void *value, void *has_gap)
{
  const struct tcp_acked *analysis = value;

  *(bool *)has_gap = (analysis->flags &
                      (TCP_ANALYSIS_LOST_SEGMENT | TCP_ANALYSIS_ACKED_LOST_SEGMENT | TCP_ANALYSIS_OUT_OF_ORDER)) != 0;
  return *(bool *)has_gap;
}

bool tcp_has_had_gap(const conversation_t *conversation)
{
  const struct tcp_analysis *tcp = tcp_analysis_of(conversation);
  bool has_gap = false;

  if (tcp != NULL && tcp->acked_table != NULL)
    wmem_tree_foreach(tcp->acked_table, note_gap, &has_gap);
  return has_gap;
}
