/* tls_handshake.c - TLS handshake messages as they stand in bytes
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tls_handshake.h"

#include <glib.h>

enum { SUITES_MAX = 256 }; /* of a Client Hello that are looked at */
enum { RECORD_HEADER = 5, RECORD_LENGTH = 3, RECORD_TYPE_MAX = 24 };
enum { RECORD_CHANGE_CIPHER_SPEC = 20, RECORD_ALERT = 21, RECORD_HANDSHAKE = 22, RECORD_APPLICATION_DATA = 23 };
enum { ALERT_LENGTH = 2 };
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
  if (fact == SEEN_CERTIFICATE && handshake->certificate.data == NULL)
    handshake->certificate = message;
  if (fact == SEEN_CERTIFICATE_REQUEST && handshake->certificate_request.data == NULL)
    handshake->certificate_request = message;
}

/* Takes in the messages of a record, up to one that is not there as a whole; false if there is none. */
static bool read_handshake(tls_handshake_t *handshake, byte_span_t content)
{
  size_t at = 0;

  while (at + MESSAGE_HEADER <= content.length) {
    size_t length = tls_handshake_message_length(part(content, at, MESSAGE_HEADER));

    if (length > content.length - at)
      break;
    tls_handshake_meet(handshake, part(content, at, length));
    at += length;
  }
  return at > 0;
}

/* One that is longer is encrypted. */
static void read_alert(tls_handshake_t *handshake, byte_span_t content)
{
  if (content.length != ALERT_LENGTH || (handshake->record_facts & SEEN_ALERT))
    return;
  handshake->record_facts |= SEEN_ALERT;
  handshake->alert_level = content.data[0];
  handshake->alert = content.data[1];
}

static void read_record(tls_handshake_t *handshake, uint8_t type, byte_span_t content)
{
  if (type == RECORD_HANDSHAKE && !read_handshake(handshake, content))
    handshake->record_facts |= SEEN_UNREADABLE;
  if (type == RECORD_ALERT)
    read_alert(handshake, content);
  if (type == RECORD_CHANGE_CIPHER_SPEC)
    handshake->record_facts |= SEEN_CHANGE_CIPHER_SPEC;
  if (type == RECORD_APPLICATION_DATA)
    handshake->record_facts |= SEEN_APPLICATION_DATA;
}

void tls_handshake_read_records(tls_handshake_t *handshake, byte_span_t records)
{
  for (size_t at = 0; at + RECORD_HEADER <= records.length;) {
    const uint8_t *header = records.data + at;
    size_t length = uint16_at(records, at + RECORD_LENGTH);

    at += RECORD_HEADER;
    if (header[0] < RECORD_CHANGE_CIPHER_SPEC || header[0] > RECORD_TYPE_MAX || header[1] != MAJOR_VERSION ||
        length > records.length - at)
      return;
    read_record(handshake, header[0], part(records, at, length));
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
    read_handshake(handshake, messages);
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
  uint16_t suites[SUITES_MAX] = {0};
  size_t count = MIN(offered.length / 2, SUITES_MAX);

  for (size_t i = 0; i < count; i++)
    suites[i] = uint16_at(offered, 2 * i);
  hello->offer = cipher_suites_null_offer(suites, count, is_whole && count > 0 && count == offered.length / 2);
  hello->is_complete = offered.length == length && tls_handshake_message_length(message) == message.length;
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

/* The items of a list that is `bytes` as a whole, each with its length before it in `width` bytes, up to one that is
 * not there as a whole. */
static size_t read_items(byte_span_t bytes, size_t width, byte_span_t *items, size_t max)
{
  size_t count = 0, at = 0;

  while (count < max && at + width <= bytes.length) {
    size_t length = width == 3 ? uint24_at(bytes, at) : uint16_at(bytes, at);

    if (length > bytes.length - at - width)
      break;
    items[count++] = part(bytes, at + width, length);
    at += width + length;
  }
  return count;
}

size_t certificate_message_read(byte_span_t message, byte_span_t *certificates, size_t max)
{
  enum { LIST = MESSAGE_HEADER + 3 };

  if (message.length < LIST || uint24_at(message, MESSAGE_HEADER) != message.length - LIST)
    return 0;
  return read_items(part(message, LIST, message.length), 3, certificates, max);
}

size_t certificate_request_read(byte_span_t message, byte_span_t *names, size_t max)
{
  size_t at = behind_list(message, MESSAGE_HEADER, 1); /* of certificate types */

  if (behind_list(message, at, 2) !=
      message.length) /* that of names is the last; TLS 1.2 has one of signatures before */
    at = behind_list(message, at, 2);
  if (at + 2 > message.length || behind_list(message, at, 2) != message.length)
    return 0;
  return read_items(part(message, at + 2, message.length), 2, names, max);
}
