/* ipsec.h - how IPsec inside the tunnel fares: IKE, AuthIP and ESP in the inner packets
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_CORE_IPSEC_H
#define IPHTTPS_CORE_IPSEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IPSEC_TRANSMISSIONS_OF_SILENCE 3 /* of a client's first message, as for SYN and Client Hello */
#define IPSEC_ATTEMPTS_MAX 4             /* Windows begins with IKEv1, AuthIP and IKEv2 at once */

typedef enum { IPSEC_NOTHING, IPSEC_KEY_EXCHANGE, IPSEC_ESP } ipsec_kind_t;

/* What an inner packet tells of IPsec. */
typedef struct {
  ipsec_kind_t kind;
  uint8_t major_version; /* 1: IKEv1 (RFC 2409) and AuthIP ([MS-AIPS]); 2: IKEv2 (RFC 7296) */
  bool begins;           /* no responder has named itself yet: the first message of an exchange */
  uint64_t initiator;    /* the initiator's SPI or cookie */
  uint16_t error;        /* type of an error notification that can be read; 0 if there is none */
} ipsec_message_t;

/* Reads an IPv6 packet of which `captured` bytes are at hand; IPSEC_NOTHING for anything but UDP 500 and 4500 and ESP.
 */
ipsec_message_t ipsec_read(const uint8_t *packet, size_t captured);

/* The name of an error notification ("NO_PROPOSAL_CHOSEN"), NULL if it has none. */
const char *ipsec_error_name(uint8_t major_version, uint16_t error);

/* An exchange that the client has begun. */
typedef struct {
  uint64_t initiator;
  unsigned transmissions; /* of its first message */
} ipsec_attempt_t;

/* What a tunnel's inner packets have shown so far; zeroed memory is a valid start. Frames are 0 for what was not seen.
 */
typedef struct {
  ipsec_attempt_t attempts[IPSEC_ATTEMPTS_MAX]; /* the latest */
  unsigned attempt_count;                       /* of all, kept or not */
  unsigned unanswered;                          /* first messages of the client while the server has sent none at all */
  int64_t first_time_ns;                        /* of the first of them */
  bool answered;
  bool esp_of_client, esp_of_server;
  uint32_t unanswered_frame;  /* the third first message without an answer */
  uint32_t rejected_frame;    /* the server's first error notification */
  uint32_t established_frame; /* the first ESP of the second direction */
  uint8_t rejected_version;   /* major_version and error of that notification */
  uint16_t rejected_error;
} ipsec_progress_t;

/* An inner packet, of which `captured` bytes are at hand. */
typedef struct {
  bool from_client;
  uint32_t frame;
  int64_t time_ns;
  const uint8_t *data;
  size_t captured;
} ipsec_packet_t;

/* Takes in an inner packet. First pass only, each packet once. */
void ipsec_note(ipsec_progress_t *progress, const ipsec_packet_t *packet);

#endif
