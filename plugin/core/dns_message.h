/* dns_message.h - a DNS message as it stands in bytes
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_CORE_DNS_MESSAGE_H
#define IPHTTPS_CORE_DNS_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "endpoint.h"
#include "observation.h"

/* What a message asks, and what it answers. */
typedef struct {
  bool is_response;
  bool is_truncated; /* by the server, as it says itself */
  uint16_t id;
  uint16_t code;                                     /* RCODE, with the upper bits that EDNS has for it */
  char name[ENDPOINT_NAME_MAX + 1];                  /* of the first question, as it is spelt there */
  uint16_t type;                                     /* of the same */
  ip_address_t addresses[OBSERVATION_ADDRESSES_MAX]; /* of its answers, the first ones */
  size_t address_count;
} dns_message_t;

/* Reads a message, or as much of it as there is; false if it has no whole question, or its first is for a name that no
 * host can have. */
bool dns_message_read(dns_message_t *message, byte_span_t bytes);

#endif
