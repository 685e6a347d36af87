/* inner_dissection.c - calls dissectors for what a tunnel carries, and leaves the frame around it undisturbed
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tunnel/inner_dissection.h"

#include <epan/column-utils.h>
#include <epan/exceptions.h>
#include <epan/proto_data.h>
#include <epan/show_exception.h>
#include <wsutil/str_util.h>

#include "compat.h"
#include "tunnel/inner_streams.h"

#define FRAME_STATE_KEY 1

/* What the inner dissections of one frame share. Lives as long as the frame's dissection. */
typedef struct {
  unsigned packets;
  uint8_t next_layer; /* for curr_layer_num of the next inner packet */
  const char *info;   /* Info without the count of packets it does not tell of */
} frame_state_t;

/*
 * The members of packet_info that say where in the frame a dissector is. TCP and TLS, which go on when the inner
 * packets are done, key reassembly and direction by them. A copy of the whole struct would also bring back members that
 * are meant to last, such as the data sources.
 */
typedef struct {
  const char *current_proto;
  address dl_src, dl_dst, net_src, net_dst, src, dst;
  port_type ptype;
  uint32_t srcport, destport, match_uint, vlan_id;
  const char *match_string;
  const char *noreassembly_reason;
  wireshark_bool fragmented, use_conv_addr_port_endpoints;
  unsigned in_error_pkt, in_gre_pkt;
  struct conversation_addr_port_endpoints *conv_addr_port_endpoints;
  struct conversation_element *conv_elements;
  uint16_t can_desegment, saved_can_desegment, want_pdu_tracking;
  uint32_t bytes_until_next_pdu;
  uint8_t curr_layer_num, curr_proto_layer_num;
  stream_tracking_t stream;
} frame_position_t;

static int proto_iphttps = -1;
static bool is_running; /* one inner dissection at a time, and it ends before the frame's */

void inner_dissection_register(int proto)
{
  proto_iphttps = proto;
}

static frame_state_t *state_of(packet_info *pinfo)
{
  frame_state_t *state = p_get_proto_data(pinfo->pool, pinfo, proto_iphttps, FRAME_STATE_KEY);
  if (state == NULL) {
    state = wmem_new0(pinfo->pool, frame_state_t);
    p_add_proto_data(pinfo->pool, pinfo, proto_iphttps, FRAME_STATE_KEY, state);
  }
  return state;
}

bool inner_dissection_is_running(void)
{
  return is_running;
}

static void save_position(const packet_info *pinfo, frame_position_t *position)
{
  *position = (frame_position_t){
      .current_proto = pinfo->current_proto,
      .dl_src = pinfo->dl_src,
      .dl_dst = pinfo->dl_dst,
      .net_src = pinfo->net_src,
      .net_dst = pinfo->net_dst,
      .src = pinfo->src,
      .dst = pinfo->dst,
      .ptype = pinfo->ptype,
      .srcport = pinfo->srcport,
      .destport = pinfo->destport,
      .match_uint = pinfo->match_uint,
      .vlan_id = pinfo->vlan_id,
      .match_string = pinfo->match_string,
      .noreassembly_reason = pinfo->noreassembly_reason,
      .fragmented = pinfo->fragmented,
      .use_conv_addr_port_endpoints = pinfo->use_conv_addr_port_endpoints,
      .in_error_pkt = pinfo->flags.in_error_pkt,
      .in_gre_pkt = pinfo->flags.in_gre_pkt,
      .conv_addr_port_endpoints = pinfo->conv_addr_port_endpoints,
      .conv_elements = pinfo->conv_elements,
      .can_desegment = pinfo->can_desegment,
      .saved_can_desegment = pinfo->saved_can_desegment,
      .want_pdu_tracking = pinfo->want_pdu_tracking,
      .bytes_until_next_pdu = pinfo->bytes_until_next_pdu,
      .curr_layer_num = pinfo->curr_layer_num,
      .curr_proto_layer_num = pinfo->curr_proto_layer_num,
      .stream = packet_stream_tracking(pinfo),
  };
}

static void restore_position(packet_info *pinfo, const frame_position_t *position)
{
  pinfo->current_proto = position->current_proto;
  pinfo->dl_src = position->dl_src;
  pinfo->dl_dst = position->dl_dst;
  pinfo->net_src = position->net_src;
  pinfo->net_dst = position->net_dst;
  pinfo->src = position->src;
  pinfo->dst = position->dst;
  pinfo->ptype = position->ptype;
  pinfo->srcport = position->srcport;
  pinfo->destport = position->destport;
  pinfo->match_uint = position->match_uint;
  pinfo->vlan_id = position->vlan_id;
  pinfo->match_string = position->match_string;
  pinfo->noreassembly_reason = position->noreassembly_reason;
  pinfo->fragmented = position->fragmented;
  pinfo->use_conv_addr_port_endpoints = position->use_conv_addr_port_endpoints;
  pinfo->flags.in_error_pkt = position->in_error_pkt;
  pinfo->flags.in_gre_pkt = position->in_gre_pkt;
  pinfo->conv_addr_port_endpoints = position->conv_addr_port_endpoints;
  pinfo->conv_elements = position->conv_elements;
  pinfo->can_desegment = position->can_desegment;
  pinfo->saved_can_desegment = position->saved_can_desegment;
  pinfo->want_pdu_tracking = position->want_pdu_tracking;
  pinfo->bytes_until_next_pdu = position->bytes_until_next_pdu;
  pinfo->curr_layer_num = position->curr_layer_num;
  pinfo->curr_proto_layer_num = position->curr_proto_layer_num;
  packet_set_stream_tracking(pinfo, position->stream);
  /* What the inner protocol wanted reassembled it has been given by its own transport. */
  pinfo->desegment_offset = 0;
  pinfo->desegment_len = 0;
}

/*
 * Dissectors keep what they know of a frame under curr_layer_num, 8 bits wide. So that two inner packets do not share
 * it, numbers go on from packet to packet, and begin anew above the frame's own before they run over.
 */
static void enter_layers(packet_info *pinfo, frame_state_t *state)
{
  if (state->next_layer > pinfo->curr_layer_num && state->next_layer < UINT8_MAX - INNER_LAYERS_MAX)
    pinfo->curr_layer_num = state->next_layer;
}

void inner_dissection_trim_layers(packet_info *pinfo)
{
  while (wmem_list_count(pinfo->layers) > INNER_LAYERS_MAX)
    wmem_list_remove_frame(pinfo->layers, wmem_list_tail(pinfo->layers));
}

/* How Info tells of what is dissected. */
typedef enum {
  TOLD_AS_MESSAGE, /* keeps its place whatever follows */
  TOLD_AS_PACKET,  /* behind the packets before it */
  COUNTED,
} inner_telling_t;

/* An inner dissection: what the frame was before it, and is to be again however it ends. */
typedef struct {
  frame_state_t *state;
  frame_position_t position;
  proto_tree *tree;
  proto_node *parent; /* of tree */
  inner_telling_t telling;
  bool columns_writable;
} inner_call_t;

/* The column's text, as far as a fence protects it from dissectors that write the column anew. */
static const char *take_info(packet_info *pinfo)
{
  col_clear(pinfo->cinfo, COL_INFO);
  const char *info = col_get_text(pinfo->cinfo, COL_INFO);
  return g_strchomp(wmem_strdup(pinfo->pool, info != NULL ? info : ""));
}

static void write_info(packet_info *pinfo, const char *info)
{
  col_clear_fence(pinfo->cinfo, COL_INFO);
  col_add_str(pinfo->cinfo, COL_INFO, info);
  col_set_fence(pinfo->cinfo, COL_INFO);
}

/* Each packet writes into an empty column, so that a prefix ("[TCP Retransmission]") stands before its own text. */
static void enter_columns(const inner_call_t *call, packet_info *pinfo)
{
  frame_state_t *state = call->state;
  if (call->telling == COUNTED) {
    col_set_writable(pinfo->cinfo, -1, false);
  } else if (call->telling == TOLD_AS_PACKET) {
    if (state->info == NULL)
      state->info = take_info(pinfo);
    col_clear_fence(pinfo->cinfo, COL_INFO);
    col_clear(pinfo->cinfo, COL_INFO);
  }
}

/* The first packet's own text stands where it is to be. */
static void tell_packet(frame_state_t *state, packet_info *pinfo, const char *own)
{
  if (state->info[0] == '\0') {
    state->info = wmem_strdup(pinfo->pool, own);
    col_set_fence(pinfo->cinfo, COL_INFO);
    return;
  }
  state->info = wmem_strconcat(pinfo->pool, state->info, " | ", own, NULL);
  write_info(pinfo, state->info);
}

static void leave_columns(const inner_call_t *call, packet_info *pinfo)
{
  frame_state_t *state = call->state;
  const char *own;
  switch (call->telling) {
  case TOLD_AS_MESSAGE:
    col_set_fence(pinfo->cinfo, COL_INFO);
    state->info = NULL;
    break;
  case TOLD_AS_PACKET:
    own = col_get_text(pinfo->cinfo, COL_INFO);
    if (own != NULL)
      tell_packet(state, pinfo, own);
    break;
  case COUNTED:
    col_set_writable(pinfo->cinfo, -1, call->columns_writable);
    if (state->info != NULL)
      write_info(pinfo, wmem_strdup_printf(pinfo->pool, "%s | +%u more", state->info,
                                           state->packets - INNER_INFO_PACKETS_MAX));
    break;
  }
}

/*
 * UDP, among others, puts the protocol it carries at the root of the tree. So that this comes below the inner packet as
 * well, a packet's tree is a root of its own meanwhile.
 */
static void enter(inner_call_t *call, packet_info *pinfo)
{
  save_position(pinfo, &call->position);
  call->columns_writable = col_get_writable(pinfo->cinfo, -1);
  enter_columns(call, pinfo);
  enter_layers(pinfo, call->state);
  if (call->tree != NULL && call->telling != TOLD_AS_MESSAGE) {
    call->parent = call->tree->parent;
    call->tree->parent = NULL;
  }
  is_running = true;
  pinfo->can_desegment = 0;
}

static void leave(const inner_call_t *call, packet_info *pinfo)
{
  inner_streams_leave();
  is_running = false;
  call->state->next_layer = pinfo->curr_layer_num;
  inner_dissection_trim_layers(pinfo);
  restore_position(pinfo, &call->position);
  if (call->tree != NULL && call->telling != TOLD_AS_MESSAGE)
    call->tree->parent = call->parent;
  leave_columns(call, pinfo);
}

/* What ends the frame, such as a packet that the capture has cut, is not caught: all that undoes stands in FINALLY. */
static void dissect_inside(inner_call_t *call, dissector_handle_t handle, tvbuff_t *tvb, packet_info *pinfo)
{
  enter(call, pinfo);
  TRY
  {
    call_dissector(handle, tvb, pinfo, call->tree);
  }
  CATCH_NONFATAL_ERRORS
  {
    show_exception(tvb, pinfo, call->tree, EXCEPT_CODE, GET_MESSAGE);
  }
  FINALLY
  {
    leave(call, pinfo);
  }
  ENDTRY;
}

void inner_dissect_packet(dissector_handle_t handle, uint32_t tunnel_number, tvbuff_t *tvb, packet_info *pinfo,
                          proto_tree *tree)
{
  frame_state_t *state = state_of(pinfo);
  bool is_told = ++state->packets <= INNER_INFO_PACKETS_MAX;
  inner_call_t call = {.state = state, .tree = tree, .telling = is_told ? TOLD_AS_PACKET : COUNTED};
  unsigned captured = tvb_captured_length(tvb);
  inner_streams_enter(tunnel_number, tvb_get_ptr(tvb, 0, captured), captured);
  dissect_inside(&call, handle, tvb, pinfo);
}

void inner_dissect_message(dissector_handle_t handle, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
  inner_call_t call = {.state = state_of(pinfo), .tree = tree, .telling = TOLD_AS_MESSAGE};
  dissect_inside(&call, handle, tvb, pinfo);
}
