/* dns.h - the DNS message that a frame holds
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_DNS_H
#define IPHTTPS_DNS_H

#include <stdbool.h>

#include <epan/packet.h>

#include "core/dns_message.h"

/* Whether the frame is of the port of DNS; addresses and ports may be those that an ICMP message quotes. */
bool dns_is_port_of(const packet_info *pinfo);

/* Reads the first message that Wireshark's dissector has found in the frame, over UDP or TCP, and whether the capture
 * has but a part of it; false if there is none, or none as dns_message_read() wants it. */
bool dns_read(dns_message_t *message, bool *is_cut, tvbuff_t *tvb, const packet_info *pinfo);

#endif
