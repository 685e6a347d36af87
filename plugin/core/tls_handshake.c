/* tls_handshake.c - TLS handshake messages as they stand in bytes
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tls_handshake.h"

#include <glib.h>

enum { SUITES_MAX = 256 }; /* of a Client Hello that are looked at */
enum { RECORD_HEADER = 5, RECORD_LENGTH = 3, RECORD_HANDSHAKE = 22, RECORD_TYPE_MIN = 20, RECORD_TYPE_MAX = 24 };
enum { MESSAGE_HEADER = 4, MAJOR_VERSION = 3, MINOR_VERSION_MAX = 3 };
/* Of both hellos (RFC 5246 section 7.4.1, RFC 8446 section 4.1): the version behind the message's header, and the
 * session's id behind version and random. */
enum { HELLO_VERSION = MESSAGE_HEADER, HELLO_SESSION_ID_LENGTH = HELLO_VERSION + 2 + 32, HELLO_SESSION_ID_MAX = 32 };
enum { EXTENSION_SERVER_NAME = 0, EXTENSION_HEADER = 4, SERVER_NAME_HEADER = 5 }; /* RFC 6066 section 3 */

/* RFC 5246 section 7.4, RFC 8446 section 4, RFC 8879 section 4. */
static const struct {
  uint8_t type;
  observation_facts_t fact;
} messages_of_interest[] = {
    {1, SEEN_CLIENT_HELLO},         {2, SEEN_SERVER_HELLO}, {11, SEEN_CERTIFICATE}, {13, SEEN_CERTIFICATE_REQUEST},
    {16, SEEN_CLIENT_KEY_EXCHANGE}, {20, SEEN_FINISHED},    {25, SEEN_CERTIFICATE},
};

static uint16_t uint16_at(byte_span_t bytes, size_t at)
{
  return (uint16_t)(bytes.data[at] << 8 | bytes.data[at + 1]);
}

static size_t uint24_at(byte_span_t bytes, size_t at)
{
  return (size_t)bytes.data[at] << 16 | uint16_at(bytes, at + 1);
}

static byte_span_t part(byte_span_t bytes, size_t at, size_t length)
{
  return at < bytes.length ? (byte_span_t){.data = bytes.data + at, .length = MIN(length, bytes.length - at)}
                           : (byte_span_t){.data = NULL};
}

static observation_facts_t fact_of(uint8_t type)
{
  for (size_t i = 0; i < G_N_ELEMENTS(messages_of_interest); i++)
    if (messages_of_interest[i].type == type)
      return messages_of_interest[i].fact;
  return 0;
}

size_t tls_handshake_message_length(byte_span_t message)
{
  return message.length >= MESSAGE_HEADER ? MESSAGE_HEADER + uint24_at(message, 1) : 0;
}

void tls_handshake_meet(tls_handshake_t *handshake, byte_span_t message)
{
  observation_facts_t fact = message.length > 0 ? fact_of(message.data[0]) : 0;

  handshake->facts |= fact;
  if (fact == SEEN_CLIENT_HELLO && handshake->client_hello.data == NULL)
    handshake->client_hello = message;
  if (fact == SEEN_SERVER_HELLO && handshake->server_hello.data == NULL)
    handshake->server_hello = message;
}

/* Takes in the messages of a record, up to one that is not there as a whole. */
static void read_record(tls_handshake_t *handshake, byte_span_t content)
{
  for (size_t at = 0; at + MESSAGE_HEADER <= content.length;) {
    size_t length = tls_handshake_message_length(part(content, at, MESSAGE_HEADER));

    if (length > content.length - at)
      return;
    tls_handshake_meet(handshake, part(content, at, length));
    at += length;
  }
}

void tls_handshake_read_records(tls_handshake_t *handshake, byte_span_t records)
{
  for (size_t at = 0; at + RECORD_HEADER <= records.length;) {
    const uint8_t *header = records.data + at;
    size_t length = uint16_at(records, at + RECORD_LENGTH);

    at += RECORD_HEADER;
    if (header[0] < RECORD_TYPE_MIN || header[0] > RECORD_TYPE_MAX || header[1] != MAJOR_VERSION ||
        length > records.length - at)
      return;
    if (header[0] == RECORD_HANDSHAKE)
      read_record(handshake, part(records, at, length));
    at += length;
  }
}

void tls_handshake_read_messages(tls_handshake_t *handshake, byte_span_t messages)
{
  size_t at = 0;

  while (at + MESSAGE_HEADER <= messages.length &&
         tls_handshake_message_length(part(messages, at, MESSAGE_HEADER)) <= messages.length - at)
    at += tls_handshake_message_length(part(messages, at, MESSAGE_HEADER));
  if (at > 0 && at == messages.length)
    read_record(handshake, messages);
}

/* Behind a list whose length stands before it in `width` bytes; behind the message if it is cut. */
static size_t behind_list(byte_span_t message, size_t at, size_t width)
{
  if (at + width > message.length)
    return message.length;
  return at + width + (width == 1 ? message.data[at] : uint16_at(message, at));
}

static void read_offer(client_hello_t *hello, byte_span_t message, size_t at, bool is_whole)
{
  if (at + 2 > message.length)
    return;
  size_t length = MIN((size_t)uint16_at(message, at), tls_handshake_message_length(message) - at - 2);
  byte_span_t offered = part(message, at + 2, length);
  uint16_t suites[SUITES_MAX];
  size_t count = MIN(offered.length / 2, SUITES_MAX);

  for (size_t i = 0; i < count; i++)
    suites[i] = uint16_at(offered, 2 * i);
  hello->offer = cipher_suites_null_offer(suites, count, is_whole && count > 0 && count == offered.length / 2);
  hello->tells_offer = offered.length == length;
}

static byte_span_t first_server_name(byte_span_t extension)
{
  if (extension.length <= SERVER_NAME_HEADER)
    return (byte_span_t){.data = NULL};
  size_t length = uint16_at(extension, SERVER_NAME_HEADER - 2);

  return length <= extension.length - SERVER_NAME_HEADER ? part(extension, SERVER_NAME_HEADER, length)
                                                         : (byte_span_t){.data = NULL};
}

static byte_span_t read_server_name(byte_span_t message, size_t at)
{
  size_t end = MIN(behind_list(message, at, 2), message.length);

  for (at += 2; at + EXTENSION_HEADER <= end;) {
    size_t length = uint16_at(message, at + 2);

    if (uint16_at(message, at) == EXTENSION_SERVER_NAME)
      return first_server_name(part(message, at + EXTENSION_HEADER, MIN(length, end - at - EXTENSION_HEADER)));
    at += EXTENSION_HEADER + length;
  }
  return (byte_span_t){.data = NULL};
}

client_hello_t client_hello_read(byte_span_t message, bool is_whole)
{
  client_hello_t hello = {.offer = NULL_OFFER_NONE};
  size_t at = behind_list(message, HELLO_SESSION_ID_LENGTH, 1);

  read_offer(&hello, message, at, is_whole);
  at = behind_list(message, at, 2);                                           /* suites */
  hello.server_name = read_server_name(message, behind_list(message, at, 1)); /* behind compression methods */
  return hello;
}

bool server_hello_is_strange(byte_span_t message)
{
  return (message.length > HELLO_VERSION + 1 &&
          (message.data[HELLO_VERSION] != MAJOR_VERSION || message.data[HELLO_VERSION + 1] > MINOR_VERSION_MAX)) ||
         (message.length > HELLO_SESSION_ID_LENGTH && message.data[HELLO_SESSION_ID_LENGTH] > HELLO_SESSION_ID_MAX);
}

uint16_t server_hello_suite(byte_span_t message)
{
  if (message.length <= HELLO_SESSION_ID_LENGTH || server_hello_is_strange(message))
    return 0;
  size_t at = behind_list(message, HELLO_SESSION_ID_LENGTH, 1);

  return at + 2 <= message.length ? uint16_at(message, at) : 0;
}
