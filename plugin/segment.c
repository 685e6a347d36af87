/* segment.c - a TCP segment as it stands in a frame
 *
 * TCP's fields are not asked for: wanting them would slow every frame of every capture. The header is found by the
 * addresses and ports that TCP itself was given, whatever comes before them in the frame.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "segment.h"

#include <string.h>

/* How far into a frame the headers before TCP's may reach: link layer, tags, tunnels, IPv6 extension headers. */
#define HEADERS_MAX 512

enum { IPV4_HEADER = 20, IPV4_ADDRESSES = 12, IPV6_HEADER = 40, IPV6_ADDRESSES = 8 }; /* RFC 791, RFC 8200 */
enum { TCP_HEADER = 20, TCP_SEQUENCE = 4, TCP_ACKNOWLEDGEMENT = 8, TCP_DATA_OFFSET = 12, TCP_FLAGS = 13 };

/* Where TCP stands in a buffer, and how far it reaches on the wire. */
typedef struct {
  tvbuff_t *tvb;
  size_t at;
  size_t end;
} tcp_place_t;

static uint16_t uint16_at(const uint8_t *bytes)
{
  return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static uint32_t uint32_at(const uint8_t *bytes)
{
  return (uint32_t)uint16_at(bytes) << 16 | uint16_at(bytes + 2);
}

static bool has_ports(const uint8_t *data, const packet_info *pinfo)
{
  return uint16_at(data) == pinfo->srcport && uint16_at(data + 2) == pinfo->destport;
}

/* The place of the IP header whose addresses are those of the frame's connection; false if there is none. */
static bool find_ip(const uint8_t *data, size_t captured, const packet_info *pinfo, size_t *at)
{
  bool is_ipv4 = pinfo->src.type == AT_IPv4;
  size_t length = is_ipv4 ? 4 : 16, before = is_ipv4 ? IPV4_ADDRESSES : IPV6_ADDRESSES;
  size_t searched = MIN(captured, HEADERS_MAX);

  if (pinfo->src.type != pinfo->dst.type || (size_t)pinfo->src.len != length || (size_t)pinfo->dst.len != length)
    return false;
  for (size_t i = 0; i + before + 2 * length <= searched; i++)
    if (data[i] >> 4 == (is_ipv4 ? 4 : 6) && memcmp(data + i + before, pinfo->src.data, length) == 0 &&
        memcmp(data + i + before + length, pinfo->dst.data, length) == 0) {
      *at = i;
      return true;
    }
  return false;
}

/* TCP behind an IPv4 header; the identification tells copies of one packet from packets sent anew. */
static bool find_in_ipv4(const uint8_t *ip, size_t captured, const packet_info *pinfo, tcp_place_t *place,
                         uint16_t *identification)
{
  enum { TOTAL_LENGTH = 2, IDENTIFICATION = 4, FRAGMENT = 6, MORE_OR_OFFSET = 0x3fff };
  size_t header = (size_t)(ip[0] & 0xf) * 4;

  *identification = uint16_at(ip + IDENTIFICATION);
  if ((uint16_at(ip + FRAGMENT) & MORE_OR_OFFSET) != 0 || captured < header + TCP_HEADER ||
      !has_ports(ip + header, pinfo))
    return false;
  place->at += header;
  place->end += uint16_at(ip + TOTAL_LENGTH); /* 0 where the card was to cut the packet up */
  return true;
}

static bool find_in_ipv6(const uint8_t *ip, size_t captured, const packet_info *pinfo, tcp_place_t *place)
{
  enum { PAYLOAD_LENGTH = 4, EXTENSION_UNIT = 8, HOP_BY_HOP = 0, ROUTING = 43, DESTINATION = 60, TCP = 6 };
  uint8_t next = ip[6];
  size_t header = IPV6_HEADER;

  while ((next == HOP_BY_HOP || next == ROUTING || next == DESTINATION) && header + EXTENSION_UNIT <= captured) {
    next = ip[header];
    header += ((size_t)ip[header + 1] + 1) * EXTENSION_UNIT;
  }
  if (next != TCP || captured < header + TCP_HEADER || !has_ports(ip + header, pinfo))
    return false;
  place->at += header;
  place->end += IPV6_HEADER + uint16_at(ip + PAYLOAD_LENGTH);
  return true;
}

/* What IP has put together of fragments begins with TCP's header. */
static bool find_in_fragments(tvbuff_t *frame, const packet_info *pinfo, tcp_place_t *place)
{
  for (GSList *source = pinfo->data_src; source != NULL; source = source->next) {
    tvbuff_t *tvb = get_data_source_tvb(source->data);

    if (tvb == frame || tvb_captured_length(tvb) < TCP_HEADER || !has_ports(tvb_get_ptr(tvb, 0, TCP_HEADER), pinfo))
      continue;
    *place = (tcp_place_t){.tvb = tvb, .at = 0, .end = tvb_reported_length(tvb)};
    return true;
  }
  return false;
}

static bool find_tcp(tvbuff_t *frame, const packet_info *pinfo, tcp_place_t *place, uint16_t *identification)
{
  size_t captured = tvb_captured_length(frame), at;
  const uint8_t *data = tvb_get_ptr(frame, 0, (int)captured);

  *identification = 0;
  if (!find_ip(data, captured, pinfo, &at))
    return false;
  *place = (tcp_place_t){.tvb = frame, .at = at, .end = at};
  if (pinfo->src.type == AT_IPv4 ? find_in_ipv4(data + at, captured - at, pinfo, place, identification)
                                 : find_in_ipv6(data + at, captured - at, pinfo, place))
    return true;
  return find_in_fragments(frame, pinfo, place);
}

bool segment_read(segment_t *segment, tvbuff_t *frame, const packet_info *pinfo)
{
  tcp_place_t place;
  uint16_t identification;

  if (!find_tcp(frame, pinfo, &place, &identification))
    return false;
  size_t captured = tvb_captured_length(place.tvb);
  const uint8_t *tcp = tvb_get_ptr(place.tvb, 0, (int)captured) + place.at;
  size_t payload = place.at + (size_t)(tcp[TCP_DATA_OFFSET] >> 4) * 4;
  size_t end = place.end > place.at ? place.end : tvb_reported_length(place.tvb);
  uint8_t flags = tcp[TCP_FLAGS];

  if (payload < place.at + TCP_HEADER)
    return false;
  *segment = (segment_t){
      .sequence = uint32_at(tcp + TCP_SEQUENCE) + ((flags & SEGMENT_SYN) != 0),
      .acknowledged = flags & SEGMENT_ACK ? uint32_at(tcp + TCP_ACKNOWLEDGEMENT) : 0,
      .flags = flags,
      .identification = identification,
      .length = end > payload ? (uint32_t)(end - payload) : 0,
  };
  if (captured > payload && segment->length > 0)
    segment->payload =
        (byte_span_t){.data = tcp + (payload - place.at), .length = MIN(captured - payload, segment->length)};
  return true;
}
