/* ip_header.c - what options and extension headers make of an IP packet's addresses and of where its transport begins
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "ip_header.h"

#include <glib.h>

#include "bytes.h"

enum { PORTS = 4 };
enum { AUTHENTICATION = 51, AUTHENTICATION_UNIT = 4, HEADER_LENGTH = 1 }; /* RFC 4302 section 2 */
enum { HOP_BY_HOP = 0, ROUTING = 43, FRAGMENT = 44, DESTINATION = 60 };   /* RFC 8200 section 4 */

static size_t ipv4_header_length(const uint8_t *ip)
{
  return (size_t)(ip[0] & 0xf) * 4;
}

static const uint8_t *end_of_route(const uint8_t *option, size_t length)
{
  enum { POINTER = 2, POINTER_MIN = 4, ROUTE_MIN = 7 };

  if (length < ROUTE_MIN || option[POINTER] < POINTER_MIN || option[POINTER] > length)
    return NULL;
  return option + length - IPV4_LENGTH;
}

const uint8_t *ipv4_route_end(const uint8_t *ip, size_t captured)
{
  enum { END = 0, NO_OPERATION = 1, LOOSE = 131, STRICT = 137, OPTION_MIN = 2 };
  size_t header = MIN(ipv4_header_length(ip), captured), length;

  for (size_t at = IPV4_HEADER; at + OPTION_MIN <= header && ip[at] != END; at += length) {
    length = ip[at] == NO_OPERATION ? 1 : ip[at + 1];
    if (length == 0 || at + length > header)
      return NULL;
    if (ip[at] == LOOSE || ip[at] == STRICT)
      return end_of_route(ip + at, length);
  }
  return NULL;
}

/* The length of an Authentication Header; what it protects comes behind it. */
static size_t authentication_length(const uint8_t *header)
{
  return ((size_t)header[HEADER_LENGTH] + 2) * AUTHENTICATION_UNIT;
}

size_t ipv4_transport_at(const uint8_t *ip, size_t captured)
{
  size_t header = ipv4_header_length(ip);

  if (ip[IPV4_PROTOCOL] == AUTHENTICATION && header + HEADER_LENGTH < captured)
    header += authentication_length(ip + header);
  return header;
}

static bool is_extension(uint8_t type)
{
  return type == HOP_BY_HOP || type == ROUTING || type == FRAGMENT || type == AUTHENTICATION || type == DESTINATION;
}

size_t ipv6_extension_length(uint8_t type, const uint8_t *header)
{
  enum { UNIT = 8, FRAGMENT_OFFSET = 2, MORE_OR_OFFSET = 0xfff9 };

  switch (type) {
  case HOP_BY_HOP:
  case ROUTING:
  case DESTINATION:
    return ((size_t)header[HEADER_LENGTH] + 1) * UNIT;
  case FRAGMENT: /* the packet may be a whole one: RFC 6946 */
    return (uint16_at(header + FRAGMENT_OFFSET) & MORE_OR_OFFSET) == 0 ? UNIT : 0;
  case AUTHENTICATION:
    return authentication_length(header);
  default:
    return 0;
  }
}

/* Where a routing header leads (RFC 5095, RFC 6275, RFC 6554 without compression, RFC 8754); NULL if it has led there.
 */
static const uint8_t *end_of_routing(const uint8_t *header, size_t length)
{
  enum { TYPE = 2, SEGMENTS_LEFT = 3, ADDRESSES = 8, SOURCE_ROUTE = 0, MOBILE = 2, RPL = 3, SEGMENTS = 4 };

  if (header[SEGMENTS_LEFT] == 0 || length < ADDRESSES + IPV6_LENGTH)
    return NULL;
  switch (header[TYPE]) {
  case SOURCE_ROUTE:
  case MOBILE:
  case RPL:
    return header + length - IPV6_LENGTH;
  case SEGMENTS: /* the last one comes first */
    return header + ADDRESSES;
  default:
    return NULL;
  }
}

/* The address at home of a mobile node (RFC 6275 section 6.3); NULL if destination options do not have it. */
static const uint8_t *home_address(const uint8_t *header, size_t length)
{
  enum { OPTIONS = 2, PAD = 0, HOME_ADDRESS = 201 };

  for (size_t at = OPTIONS; at + 2 <= length; at += header[at] == PAD ? 1 : 2 + (size_t)header[at + 1])
    if (header[at] == HOME_ADDRESS && header[at + 1] == IPV6_LENGTH && at + 2 + IPV6_LENGTH <= length)
      return header + at + 2;
  return NULL;
}

static bool read_ends(ends_t *ends, const uint8_t *source, const uint8_t *destination, size_t length,
                      const uint8_t *ports)
{
  *ends = (ends_t){.client = ip_address_of(source, length),
                   .server = ip_address_of(destination, length),
                   .client_port = uint16_at(ports),
                   .server_port = uint16_at(ports + 2)};
  return true;
}

static bool read_ipv4(ends_t *ends, const uint8_t *ip, size_t captured)
{
  if (captured < IPV4_HEADER || ipv4_header_length(ip) < IPV4_HEADER)
    return false;
  size_t at = ipv4_transport_at(ip, captured);
  const uint8_t *route_end = ipv4_route_end(ip, captured);
  const uint8_t *source = ip + IPV4_ADDRESSES;

  return captured >= at + PORTS &&
         read_ends(ends, source, route_end != NULL ? route_end : source + IPV4_LENGTH, IPV4_LENGTH, ip + at);
}

static bool read_ipv6(ends_t *ends, const uint8_t *ip, size_t captured)
{
  if (captured < IPV6_HEADER)
    return false;
  const uint8_t *source = ip + IPV6_ADDRESSES, *destination = source + IPV6_LENGTH, *other = NULL;
  uint8_t next = ip[IPV6_NEXT_HEADER];
  size_t at = IPV6_HEADER, length;

  while (at + IPV6_EXTENSION_MIN <= captured && (length = ipv6_extension_length(next, ip + at)) != 0) {
    if (at + length > captured)
      return false;
    if (next == ROUTING && (other = end_of_routing(ip + at, length)) != NULL)
      destination = other;
    if (next == DESTINATION && (other = home_address(ip + at, length)) != NULL)
      source = other;
    next = ip[at];
    at += length;
  }
  return !is_extension(next) && captured >= at + PORTS && read_ends(ends, source, destination, IPV6_LENGTH, ip + at);
}

bool ip_ends_read(ends_t *ends, const uint8_t *ip, size_t captured)
{
  if (captured == 0)
    return false;
  return ip[0] >> 4 == 6 ? read_ipv6(ends, ip, captured) : ip[0] >> 4 == 4 && read_ipv4(ends, ip, captured);
}
