/* segment.c - a TCP segment or a UDP datagram as it stands in a frame
 *
 * The fields of TCP, UDP and IP are not asked for: wanting them would slow every frame of every capture. The header is
 * found by the addresses and ports that its dissector was given, whatever comes before them in the frame. Those of a
 * packet that its source routes, or that a mobile node sends, are not both in its header: IPv4 has the other one in an
 * option, and what IPv6's header has, Wireshark keeps besides.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "segment.h"

#include <string.h>

#include "core/ip_header.h"
#include "tvb_bytes.h"

enum { TCP_SEQUENCE = 4, TCP_ACKNOWLEDGEMENT = 8, TCP_DATA_OFFSET = 12, TCP_FLAGS = 13 };
enum { UDP_LENGTH = 4 }; /* RFC 768 */

/* What both transports' headers begin with are their ports. */
typedef struct {
  uint8_t protocol;
  size_t header; /* at least */
} transport_t;

static const transport_t tcp = {.protocol = 6, .header = 20}, udp = {.protocol = 17, .header = 8};

/* What tells the header. */
typedef struct {
  const transport_t *transport;
  const address *source, *destination;
  uint32_t source_port, destination_port;
} wanted_t;

/* Where a transport's header stands in a buffer, and how far IP has it reach on the wire. */
typedef struct {
  tvbuff_t *tvb;
  byte_span_t bytes; /* that the capture has of it */
  size_t at;
  size_t end;
  uint16_t identification; /* of an IPv4 packet: tells its copies from packets sent anew */
} place_t;

static bool has_ports(const uint8_t *data, const wanted_t *wanted)
{
  return uint16_at(data) == wanted->source_port && uint16_at(data + 2) == wanted->destination_port;
}

/* IP hands on the addresses where they lie in its header. */
static bool has_addresses(const uint8_t *data, const wanted_t *wanted, size_t length)
{
  const uint8_t *source = wanted->source->data, *destination = wanted->destination->data;

  return (data == source && data + length == destination) ||
         (memcmp(data, source, length) == 0 && memcmp(data + length, destination, length) == 0);
}

/* Whether it is an IPv4 packet from the source whose source route ends at the destination. */
static bool has_source_route(const uint8_t *ip, size_t captured, const wanted_t *wanted)
{
  const uint8_t *end = NULL;

  if (memcmp(ip + IPV4_ADDRESSES, wanted->source->data, IPV4_LENGTH) == 0)
    end = ipv4_route_end(ip, captured);
  return end != NULL && memcmp(end, wanted->destination->data, IPV4_LENGTH) == 0;
}

/* Finds the next IP header between the addresses, at *at or behind it. */
static bool find_ip(byte_span_t bytes, const wanted_t *wanted, size_t *at)
{
  const address *source = wanted->source, *destination = wanted->destination;
  bool is_ipv4 = source->type == AT_IPv4;
  size_t length = is_ipv4 ? IPV4_LENGTH : IPV6_LENGTH, before = is_ipv4 ? IPV4_ADDRESSES : IPV6_ADDRESSES;
  size_t searched = MIN(bytes.length, SEGMENT_HEADERS_MAX);

  if (source->type != destination->type || (size_t)source->len != length || (size_t)destination->len != length)
    return false;
  for (size_t i = *at; i + before + 2 * length <= searched; i++)
    if (bytes.data[i] >> 4 == (is_ipv4 ? 4 : 6) &&
        (has_addresses(bytes.data + i + before, wanted, length) ||
         (is_ipv4 && has_source_route(bytes.data + i, bytes.length - i, wanted)))) {
      *at = i;
      return true;
    }
  return false;
}

static bool find_in_ipv4(const uint8_t *ip, size_t captured, const wanted_t *wanted, place_t *place)
{
  enum { TOTAL_LENGTH = 2, IDENTIFICATION = 4, FRAGMENT = 6, MORE_OR_OFFSET = 0x3fff };
  size_t header = ipv4_transport_at(ip, captured);

  place->identification = uint16_at(ip + IDENTIFICATION);
  if ((uint16_at(ip + FRAGMENT) & MORE_OR_OFFSET) != 0 || captured < header + wanted->transport->header ||
      !has_ports(ip + header, wanted))
    return false;
  place->at += header;
  place->end += uint16_at(ip + TOTAL_LENGTH); /* 0 where the card was to cut the packet up */
  return true;
}

static bool find_in_ipv6(const uint8_t *ip, size_t captured, const wanted_t *wanted, place_t *place)
{
  enum { PAYLOAD_LENGTH = 4 };
  uint8_t next = ip[IPV6_NEXT_HEADER];
  size_t header = IPV6_HEADER, length;

  while (header + IPV6_EXTENSION_MIN <= captured && (length = ipv6_extension_length(next, ip + header)) != 0) {
    next = ip[header];
    header += length;
  }
  if (next != wanted->transport->protocol || captured < header + wanted->transport->header ||
      !has_ports(ip + header, wanted))
    return false;
  place->at += header;
  place->end += IPV6_HEADER + uint16_at(ip + PAYLOAD_LENGTH);
  return true;
}

/* Most of the time the addresses tell by where they are which header has to be looked at. A tunnel's ends may be those
 * of what is inside. */
static bool find_in_packet(tvbuff_t *tvb, const wanted_t *wanted, place_t *place)
{
  byte_span_t bytes = bytes_of(tvb);
  bool is_ipv4 = wanted->source->type == AT_IPv4;
  size_t addressed =
      (uintptr_t)wanted->source->data - (uintptr_t)bytes.data - (is_ipv4 ? IPV4_ADDRESSES : IPV6_ADDRESSES);
  const size_t starts[] = {addressed, 0};

  for (size_t i = 0; i < G_N_ELEMENTS(starts); i++)
    for (size_t at = starts[i]; at < bytes.length && find_ip(bytes, wanted, &at); at++) {
      *place = (place_t){.tvb = tvb, .bytes = bytes, .at = at, .end = at};
      if (is_ipv4 ? find_in_ipv4(bytes.data + at, bytes.length - at, wanted, place)
                  : find_in_ipv6(bytes.data + at, bytes.length - at, wanted, place))
        return true;
    }
  return false;
}

/* What IP has put together of fragments begins with the transport's header; other buffers, as of what was decrypted,
 * hold packets as frames do. The identification stays that of the fragment that the frame has. */
static bool find_in_source(tvbuff_t *tvb, const wanted_t *wanted, place_t *place)
{
  byte_span_t bytes = bytes_of(tvb);

  if (bytes.length < wanted->transport->header)
    return false;
  if (!has_ports(bytes.data, wanted))
    return find_in_packet(tvb, wanted, place);
  place->tvb = tvb;
  place->bytes = bytes;
  place->at = 0;
  place->end = tvb_reported_length(tvb);
  return true;
}

static bool find_in_sources(tvbuff_t *frame, const packet_info *pinfo, const wanted_t *wanted, place_t *place)
{
  *place = (place_t){.tvb = frame};
  if (find_in_packet(frame, wanted, place))
    return true;
  for (GSList *source = pinfo->data_src; source != NULL; source = source->next) {
    tvbuff_t *tvb = get_data_source_tvb(source->data);

    if (tvb != frame && find_in_source(tvb, wanted, place))
      return true;
  }
  return false;
}

/* Routing headers and mobile nodes' options (RFC 8200 section 4.4, RFC 6275 section 6.3) have the dissectors behind
 * IPv6 given other addresses than those of its header, which are the network's. */
static bool find(tvbuff_t *frame, const packet_info *pinfo, const transport_t *transport, place_t *place)
{
  wanted_t wanted = {.transport = transport,
                     .source = &pinfo->src,
                     .destination = &pinfo->dst,
                     .source_port = pinfo->srcport,
                     .destination_port = pinfo->destport};

  if (find_in_sources(frame, pinfo, &wanted, place))
    return true;
  if (addresses_equal(&pinfo->src, &pinfo->net_src) && addresses_equal(&pinfo->dst, &pinfo->net_dst))
    return false;
  wanted.source = &pinfo->net_src;
  wanted.destination = &pinfo->net_dst;
  return find_in_sources(frame, pinfo, &wanted, place);
}

/* Behind the last byte that IP has for the transport. */
static size_t end_of(const place_t *place)
{
  return place->end > place->at ? place->end : tvb_reported_length(place->tvb);
}

bool segment_read(segment_t *segment, tvbuff_t *frame, const packet_info *pinfo)
{
  place_t place;

  if (!find(frame, pinfo, &tcp, &place))
    return false;
  const uint8_t *header = place.bytes.data + place.at;
  size_t payload = place.at + (size_t)(header[TCP_DATA_OFFSET] >> 4) * 4;
  size_t end = end_of(&place);
  uint8_t flags = header[TCP_FLAGS];

  if (payload < place.at + tcp.header || payload > tvb_reported_length(place.tvb))
    return false;
  *segment = (segment_t){
      .tvb = place.tvb,
      .sequence = uint32_at(header + TCP_SEQUENCE) + ((flags & SEGMENT_SYN) != 0),
      .acknowledged = flags & SEGMENT_ACK ? uint32_at(header + TCP_ACKNOWLEDGEMENT) : 0,
      .flags = flags,
      .identification = place.identification,
      .length = end > payload ? (uint32_t)(end - payload) : 0,
  };
  if (place.bytes.length > payload && segment->length > 0)
    segment->payload =
        (byte_span_t){.data = place.bytes.data + payload, .length = MIN(place.bytes.length - payload, segment->length)};
  return true;
}

bool datagram_read(datagram_t *datagram, tvbuff_t *frame, const packet_info *pinfo)
{
  place_t place;

  if (!find(frame, pinfo, &udp, &place))
    return false;
  const uint8_t *header = place.bytes.data + place.at;
  size_t captured = place.bytes.length - place.at;
  size_t length = MIN(end_of(&place) - place.at, uint16_at(header + UDP_LENGTH));

  if (length < udp.header)
    return false;
  *datagram = (datagram_t){
      .length = (uint32_t)(length - udp.header),
      .payload = {.data = header + udp.header, .length = MIN(captured, length) - udp.header},
  };
  return true;
}
