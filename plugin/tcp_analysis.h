/* tcp_analysis.h - what Wireshark's TCP has made of a segment: its conversation, and how bytes are put together
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_TCP_ANALYSIS_H
#define IPHTTPS_TCP_ANALYSIS_H

#include <stdbool.h>
#include <stdint.h>

#include <epan/conversation.h>
#include <epan/dissectors/packet-tcp.h>
#include <epan/packet.h>

#include "segment.h"

/* Flags of struct tcp_acked, and of conversation_completeness in struct tcp_analysis; the same in all versions, but
 * packet-tcp.c keeps their names to itself. */
enum {
  TCP_ANALYSIS_RETRANSMISSION = 0x0001,
  TCP_ANALYSIS_LOST_SEGMENT = 0x0002,
  TCP_ANALYSIS_ACKED_LOST_SEGMENT = 0x0004,
  TCP_ANALYSIS_OUT_OF_ORDER = 0x0200,
  TCP_ANALYSIS_SPURIOUS_RETRANSMISSION = 0x4000,
};
enum { COMPLETENESS_SYN = 0x01, COMPLETENESS_SYN_ACK = 0x02, COMPLETENESS_DATA = 0x08 };

/* To be called from the hand-off routine. */
void tcp_reg_handoff(void);

/* Looks up how the preferences have TCP and TLS put messages together; for the beginning of a capture. */
void tcp_init(void);

/* Whether segments, or records with application data, reach their dissectors one by one. */
bool tcp_leaves_segments_apart(void);
bool tcp_leaves_records_apart(void);

/* What TCP keeps of a conversation, NULL for none. */
const struct tcp_analysis *tcp_analysis_of(const conversation_t *conversation);

/* What TCP takes from the sequence numbers of a flow before it gives them to dissectors. */
uint32_t tcp_sequence_base(const tcp_flow_t *flow);

/* How many of the first bytes of a segment in the frame of that number belong to what began in segments before it, and
 * is put together by TCP; it may be more than the segment has. */
size_t tcp_continued_bytes(const conversation_t *conversation, const segment_t *segment, uint32_t frame);

/* Whether the frame at hand begins a TCP connection, as Wireshark counts them. First pass only. */
bool tcp_begins_connection(void);

/* To be called when all has been done with a frame. */
void tcp_end_frame(const packet_info *pinfo);

/* A number for both ends of a frame's connection, whatever their direction; its higher bits vary most. */
uint32_t tcp_mark_of_ends(const packet_info *pinfo);

/* The dissector that the ports of a frame stand for, the lower first; NULL for none. */
dissector_handle_t dissector_by_ports(dissector_table_t table, const packet_info *pinfo);

/* The one by which TCP has the payload dissected, if nothing else tells it. */
dissector_handle_t tcp_dissector_by_ports(const packet_info *pinfo);

/* The TCP conversation that the frame's outer addresses and ports belong to, NULL if the frame is no TCP segment. */
conversation_t *tcp_conversation_of(packet_info *pinfo);

/* The earlier conversation that one beginning with this frame repeats: Wireshark takes the copy of a SYN for a new
 * connection once the first has been reset, or the port used again. NULL if it begins one of its own. First pass only.
 */
const conversation_t *tcp_conversation_repeated(const packet_info *pinfo, const conversation_t *conversation);

/* The earlier conversation that one goes on with: some dissectors, such as VNC's, make a connection's conversation anew
 * in its midst. NULL if it goes on with none. First pass only. */
const conversation_t *tcp_conversation_continued(const packet_info *pinfo, const conversation_t *conversation);

/* Whether TCP has met a gap in the conversation, up to now. */
bool tcp_has_had_gap(const conversation_t *conversation);

#endif
