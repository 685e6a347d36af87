/* ipsec.c - how IPsec inside the tunnel fares: IKE, AuthIP and ESP in the inner packets
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "ipsec.h"

#include <string.h>

#include <glib.h>

#include "bytes.h"
#include "nanoseconds.h"

enum { IPV6_HEADER = 40, IPV6_NEXT_HEADER = 6, EXTENSION_MIN = 8 };
enum { HOP_BY_HOP = 0, UDP = 17, ROUTING = 43, FRAGMENT = 44, ESP = 50, DESTINATION_OPTIONS = 60 };
enum { UDP_HEADER = 8, PORT_IKE = 500, PORT_IKE_NAT = 4500 };
enum { NON_ESP_MARKER = 4 }; /* RFC 3948 section 2.2 */
/* RFC 7296 section 3.1; RFC 2408 section 3.1 has the same layout. */
enum { IKE_HEADER = 28, IKE_RESPONDER = 8, IKE_NEXT_PAYLOAD = 16, IKE_VERSION = 17, IKE_FLAGS = 19 };
enum { IKEV1_ENCRYPTED = 0x01, PAYLOAD_HEADER = 4, PAYLOADS_MAX = 64 };
enum { NOTIFY_V1 = 11, NOTIFY_V2 = 41 };

/* Bytes at hand are read from the front. */
static void skip(byte_span_t *rest, size_t length)
{
  rest->data += length;
  rest->length -= length;
}

/* Skips the IPv6 header and its extension headers; the protocol that follows, or -1 where that is not at hand, as in a
 * later fragment. */
static int skip_headers(byte_span_t *rest)
{
  if (rest->length < IPV6_HEADER)
    return -1;
  uint8_t next = rest->data[IPV6_NEXT_HEADER];

  skip(rest, IPV6_HEADER);
  while (next == HOP_BY_HOP || next == ROUTING || next == FRAGMENT || next == DESTINATION_OPTIONS) {
    if (rest->length < EXTENSION_MIN)
      return -1;
    size_t length = next == FRAGMENT ? EXTENSION_MIN : EXTENSION_MIN + 8 * (size_t)rest->data[1];

    if (length > rest->length || (next == FRAGMENT && (uint16_at(rest->data + 2) & 0xfff8) != 0))
      return -1;
    next = rest->data[0];
    skip(rest, length);
  }
  return next;
}

static bool is_error(uint8_t major_version, uint16_t type)
{
  enum { INVALID_KE_PAYLOAD = 17 }; /* names the group to begin again with (RFC 7296 section 1.2) */

  if (major_version == 2)
    return type > 0 && type < 16384 && type != INVALID_KE_PAYLOAD;
  return type > 0 && type < 8192; /* RFC 2408 section 3.14.1 */
}

/* The type of the first error among the payloads, as far as they can be read; 0 if there is none. */
static uint16_t error_in(const uint8_t *header, byte_span_t payloads, uint8_t major_version)
{
  uint8_t kind = header[IKE_NEXT_PAYLOAD];
  size_t type_at = PAYLOAD_HEADER + (major_version == 2 ? 2 : 6); /* protocol and SPI size; before them the DOI */

  if (major_version == 1 && (header[IKE_FLAGS] & IKEV1_ENCRYPTED))
    return 0;
  for (unsigned i = 0; i < PAYLOADS_MAX && kind != 0 && payloads.length >= PAYLOAD_HEADER; i++) {
    size_t length = uint16_at(payloads.data + 2);

    if (length < PAYLOAD_HEADER || length > payloads.length)
      return 0;
    if (kind == (major_version == 2 ? NOTIFY_V2 : NOTIFY_V1) && length >= type_at + 2 &&
        is_error(major_version, uint16_at(payloads.data + type_at)))
      return uint16_at(payloads.data + type_at);
    kind = payloads.data[0];
    skip(&payloads, length);
  }
  return 0;
}

static ipsec_message_t read_key_exchange(byte_span_t rest)
{
  ipsec_message_t message = {.kind = IPSEC_NOTHING};

  if (rest.length < IKE_HEADER || (rest.data[IKE_VERSION] >> 4 != 1 && rest.data[IKE_VERSION] >> 4 != 2))
    return message;
  const uint8_t *header = rest.data;

  skip(&rest, IKE_HEADER);
  message.kind = IPSEC_KEY_EXCHANGE;
  message.major_version = header[IKE_VERSION] >> 4;
  message.initiator = uint64_at(header);
  message.begins = uint64_at(header + IKE_RESPONDER) == 0;
  message.error = error_in(header, rest, message.major_version);
  return message;
}

ipsec_message_t ipsec_read(const uint8_t *packet, size_t captured)
{
  static const uint8_t marker[NON_ESP_MARKER];
  const ipsec_message_t nothing = {.kind = IPSEC_NOTHING}, esp = {.kind = IPSEC_ESP};
  byte_span_t rest = {packet, captured};
  int protocol = skip_headers(&rest);

  if (protocol == ESP)
    return esp;
  if (protocol != UDP || rest.length < UDP_HEADER)
    return nothing;
  uint16_t from = uint16_at(rest.data), to = uint16_at(rest.data + 2);

  skip(&rest, UDP_HEADER);
  if (from == PORT_IKE || to == PORT_IKE)
    return read_key_exchange(rest);
  if ((from != PORT_IKE_NAT && to != PORT_IKE_NAT) || rest.length <= NON_ESP_MARKER)
    return nothing; /* a keep-alive is a single byte (RFC 3948 section 2.3) */
  if (memcmp(rest.data, marker, NON_ESP_MARKER) != 0)
    return esp;
  skip(&rest, NON_ESP_MARKER);
  return read_key_exchange(rest);
}

const char *ipsec_error_name(uint8_t major_version, uint16_t error)
{
  static const struct {
    uint8_t major_version;
    uint16_t error;
    const char *name;
  } names[] = {
      /* RFC 2408 section 3.14.1 */
      {1, 1, "INVALID-PAYLOAD-TYPE"},
      {1, 4, "INVALID-COOKIE"},
      {1, 5, "INVALID-MAJOR-VERSION"},
      {1, 7, "INVALID-EXCHANGE-TYPE"},
      {1, 14, "NO-PROPOSAL-CHOSEN"},
      {1, 16, "PAYLOAD-MALFORMED"},
      {1, 17, "INVALID-KEY-INFORMATION"},
      {1, 18, "INVALID-ID-INFORMATION"},
      {1, 20, "INVALID-CERTIFICATE"},
      {1, 22, "CERT-TYPE-UNSUPPORTED"},
      {1, 23, "INVALID-CERT-AUTHORITY"},
      {1, 24, "AUTHENTICATION-FAILED"},
      {1, 25, "INVALID-SIGNATURE"},
      {1, 29, "UNSUPPORTED-EXCHANGE-TYPE"},
      {1, 31, "CERTIFICATE-UNAVAILABLE"},
      /* RFC 7296 section 3.10.1 */
      {2, 1, "UNSUPPORTED_CRITICAL_PAYLOAD"},
      {2, 4, "INVALID_IKE_SPI"},
      {2, 5, "INVALID_MAJOR_VERSION"},
      {2, 7, "INVALID_SYNTAX"},
      {2, 9, "INVALID_MESSAGE_ID"},
      {2, 11, "INVALID_SPI"},
      {2, 14, "NO_PROPOSAL_CHOSEN"},
      {2, 24, "AUTHENTICATION_FAILED"},
      {2, 38, "TS_UNACCEPTABLE"},
      {2, 43, "TEMPORARY_FAILURE"},
  };

  for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
    if (names[i].major_version == major_version && names[i].error == error)
      return names[i].name;
  return NULL;
}

/* How often the exchange's first message has been sent by now. */
static unsigned count_transmission(ipsec_progress_t *progress, uint64_t initiator)
{
  ipsec_attempt_t *attempt;

  for (unsigned i = 0; i < MIN(progress->attempt_count, IPSEC_ATTEMPTS_MAX); i++)
    if (progress->attempts[i].initiator == initiator)
      return ++progress->attempts[i].transmissions;
  attempt = &progress->attempts[progress->attempt_count++ % IPSEC_ATTEMPTS_MAX];
  *attempt = (ipsec_attempt_t){.initiator = initiator, .transmissions = 1};
  return 1;
}

/* Several exchanges may begin at once: then only one that is sent again, or time that has passed, tells of silence. */
static void note_beginning(ipsec_progress_t *progress, const ipsec_packet_t *packet, uint64_t initiator)
{
  enum { SILENCE_S = 2 };
  unsigned transmissions = count_transmission(progress, initiator);

  if (progress->unanswered++ == 0)
    progress->first_time_ns = packet->time_ns;
  bool waited = packet->time_ns - progress->first_time_ns >= SILENCE_S * NANOSECONDS;
  if (progress->unanswered_frame == 0 &&
      (waited ? progress->unanswered : transmissions) >= IPSEC_TRANSMISSIONS_OF_SILENCE)
    progress->unanswered_frame = packet->frame;
}

static void note_key_exchange(ipsec_progress_t *progress, const ipsec_packet_t *packet, const ipsec_message_t *message)
{
  if (packet->from_client) {
    if (!progress->answered && message->begins)
      note_beginning(progress, packet, message->initiator);
    return;
  }
  progress->answered = true;
  if (message->error != 0 && progress->rejected_frame == 0) {
    progress->rejected_frame = packet->frame;
    progress->rejected_version = message->major_version;
    progress->rejected_error = message->error;
  }
}

void ipsec_note(ipsec_progress_t *progress, const ipsec_packet_t *packet)
{
  ipsec_message_t message = ipsec_read(packet->data, packet->captured);

  if (message.kind == IPSEC_KEY_EXCHANGE)
    note_key_exchange(progress, packet, &message);
  if (message.kind != IPSEC_ESP)
    return;
  *(packet->from_client ? &progress->esp_of_client : &progress->esp_of_server) = true;
  progress->answered = progress->answered || !packet->from_client;
  if (progress->esp_of_client && progress->esp_of_server && progress->established_frame == 0)
    progress->established_frame = packet->frame;
}
