/* segment.h - a TCP segment or a UDP datagram as it stands in a frame
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_SEGMENT_H
#define IPHTTPS_SEGMENT_H

#include <stdbool.h>
#include <stdint.h>

#include <epan/packet.h>

#include "core/bytes.h"

#define SEGMENT_HEADERS_MAX 512 /* bytes of a frame that are searched for headers: tags, tunnels, IPv6 extensions */

enum { SEGMENT_FIN = 0x01, SEGMENT_SYN = 0x02, SEGMENT_RST = 0x04, SEGMENT_ACK = 0x10 }; /* RFC 9293 section 3.1 */

typedef struct {
  tvbuff_t *tvb;     /* that it stands in */
  uint32_t sequence; /* of the first byte of payload, behind a SYN */
  uint32_t acknowledged;
  uint8_t flags;
  uint16_t identification; /* of the IPv4 packet; 0 where there is none, or where senders leave it at that */
  uint32_t length;         /* of the payload on the wire */
  byte_span_t payload;     /* what the capture has of it; belongs to the frame */
} segment_t;

/* Reads the segment that the frame's outer addresses and ports belong to, from the fragments' packet where IP was in
 * fragments; false if the capture has not even the header, or what mirrored the packet has cut it there. */
bool segment_read(segment_t *segment, tvbuff_t *frame, const packet_info *pinfo);

typedef struct {
  uint32_t length;     /* of the payload on the wire */
  byte_span_t payload; /* what the capture has of it; belongs to the frame */
} datagram_t;

/* The same of UDP. */
bool datagram_read(datagram_t *datagram, tvbuff_t *frame, const packet_info *pinfo);

#endif
