/* observe.h - reads one dissected frame into a plain observation
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_OBSERVE_H
#define IPHTTPS_OBSERVE_H

#include <stdbool.h>

#include <epan/conversation.h>
#include <epan/packet.h>

#include "contents.h"
#include "core/observation.h"
#include "core/session.h"
#include "tcp.h"

/* To be called from the hand-off routine. */
void observe_reg_handoff(void);

/* The names that Wireshark's TLS dissector has for cipher suites, for the field registration; NULL if it has none. */
const void *observe_cipher_suite_names(void);

/* An address of Wireshark's as ours; length 0 for anything but IPv4 and IPv6. */
ip_address_t observe_address(const address *given);

/* Whether the frame holds anything that may matter of a connection nobody follows: a TLS handshake, a CONNECT, a POST
 * as the tunnel begins with, the tunnel's content, DNS. */
bool observe_tells_of_sessions(packet_info *pinfo, const contents_t *contents);

/* Whether the frame holds a tunnel request, or shows a tunnel whose opening the capture lacks. */
bool observe_has_request(packet_info *pinfo, const conversation_t *conversation);

/* Reads what may begin a session of a connection that nobody follows yet, and whom an HTTP request asks; false if there
 * is nothing of the former. First pass only. */
bool observe_start(observation_t *observation, const conversation_t *conversation, packet_info *pinfo,
                   const contents_t *contents);

/* Notes what the frame shows of the server's side of a handshake that is not followed. First pass only. */
void observe_brief(session_brief_t *brief, const packet_info *pinfo, const contents_t *contents);

/* Reads a frame of a followed conversation. First pass only. */
void observe_segment(observation_t *observation, tcp_connection_t *connection, const conversation_t *conversation,
                     tvbuff_t *tvb, packet_info *pinfo, const contents_t *contents);

/* Reads a DNS message over UDP or TCP port 53; false if the frame holds none with a question for an address. First pass
 * only. */
bool observe_name_lookup(observation_t *observation, tvbuff_t *tvb, packet_info *pinfo);

/* Whether the frame has an ICMP or ICMPv6 message; addresses and ports may be those that it quotes. */
bool observe_is_icmp(const packet_info *pinfo);

/* Finds the next place in the frame, at *at or behind it, that may be an ICMP or ICMPv6 error which ends a connection
 * attempt; *at moves on. Only the segment quoted, if it is known, tells whether it is one. */
bool observe_next_unreachable(tvbuff_t *tvb, packet_info *pinfo, size_t *at, ends_t *quoted);

/* The frame as such an error. */
void observe_unreachable(observation_t *observation, const packet_info *pinfo);

#endif
