/* ip_header.h - what options and extension headers make of an IP packet's addresses and of where its transport begins
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_CORE_IP_HEADER_H
#define IPHTTPS_CORE_IP_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "endpoint.h"

/* RFC 791, RFC 8200 section 3 */
enum { IPV4_HEADER = 20, IPV4_PROTOCOL = 9, IPV4_ADDRESSES = 12, IPV4_LENGTH = 4 };
enum { IPV6_HEADER = 40, IPV6_NEXT_HEADER = 6, IPV6_ADDRESSES = 8, IPV6_LENGTH = 16 };

enum { IPV6_EXTENSION_MIN = 8 };

/* The last address of an IPv4 packet's source route (RFC 791 section 3.1), which is its destination; NULL if it has no
 * route, or has come to its end. At least the header without options is captured. */
const uint8_t *ipv4_route_end(const uint8_t *ip, size_t captured);

/* Where what is behind an IPv4 header begins, and an Authentication Header with it. */
size_t ipv4_transport_at(const uint8_t *ip, size_t captured);

/* The length of an IPv6 extension header of which IPV6_EXTENSION_MIN bytes are captured; 0 for what is none, or begins
 * the fragment of a packet. */
size_t ipv6_extension_length(uint8_t type, const uint8_t *header);

/* The ends of the connection whose segment an IP packet holds, of which as much is captured as an ICMP error may have
 * quoted: the ports at least. They are those from which and to which it travels, whatever its header says on the way.
 * False if there is less, or it is no such packet. */
bool ip_ends_read(ends_t *ends, const uint8_t *ip, size_t captured);

#endif
