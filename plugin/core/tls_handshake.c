/* tls_handshake.c - TLS records and handshake messages as they stand in bytes
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tls_handshake.h"

#include <string.h>

#include <glib.h>

#include "cipher_suite.h"
#include "tls_alert.h"
#include "tls_record.h"

enum { SUITES_MAX = 256 }; /* of a Client Hello that are looked at */
enum { ALERT_LENGTH = 2 };
enum { MESSAGE_HEADER = 4, MESSAGE_LENGTH_MAX = 0xffff, MESSAGE_TYPE_MAX = 25 };
enum { SEALED_LENGTH_MIN = 16 }; /* of an encrypted message with what goes with it: MAC, or nonce and tag */
enum { END_CERTAIN = 16 };       /* bytes of a message's end that nothing else looks like */
enum { HELLO_REQUEST = 0, CERTIFICATE = 11, COMPRESSED_CERTIFICATE = 25 };
enum { MINOR_VERSION_MAX = 3, TLS13 = 0x0304, DRAFT_OF_TLS13 = 0x7f };
/* Of both hellos (RFC 5246 section 7.4.1, RFC 8446 section 4.1): the version behind the message's header, and the
 * session's id behind version and random. */
enum { HELLO_VERSION = MESSAGE_HEADER, HELLO_SESSION_ID_LENGTH = HELLO_VERSION + 2 + 32, HELLO_SESSION_ID_MAX = 32 };
/* RFC 6066 section 3, RFC 8446 section 4.2. */
enum { EXTENSION_SERVER_NAME = 0, EXTENSION_SIGNATURES = 13, EXTENSION_VERSIONS = 43, EXTENSION_AUTHORITIES = 47 };
enum { EXTENSION_HEADER = 4, SERVER_NAME_HEADER = 5 };

/* RFC 5246 section 7.4, RFC 8446 section 4, RFC 8879 section 4. */
static const struct {
  uint8_t type;
  observation_facts_t fact;
} messages_of_interest[] = {
    {1, SEEN_CLIENT_HELLO},         {2, SEEN_SERVER_HELLO}, {11, SEEN_CERTIFICATE}, {13, SEEN_CERTIFICATE_REQUEST},
    {16, SEEN_CLIENT_KEY_EXCHANGE}, {20, SEEN_FINISHED},    {25, SEEN_CERTIFICATE},
};

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

/* The length of the message that begins with these bytes, header and all; 0 where they are too few to tell. */
static size_t message_length(byte_span_t message)
{
  return message.length >= MESSAGE_HEADER ? MESSAGE_HEADER + uint24_at(message.data + 1) : 0;
}

static void meet(tls_handshake_t *handshake, byte_span_t message)
{
  observation_facts_t fact = fact_of(message.data[0]);

  handshake->messages++;
  if (fact == SEEN_SERVER_HELLO && !server_hello_is_strange(message) && server_hello_suite(message) == 0)
    return; /* cut: of a handshake without its suite nothing can be told */
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

/* Whether bytes may be the beginning of a message: it is of a type that there is, and not longer than messages are; one
 * type is always empty. Two empty ones in a row are the nonce of what is encrypted (RFC 5288 section 3). */
static bool may_be_message(byte_span_t bytes)
{
  static const uint8_t nonce[] = {0, 0, 0, 0, 0};

  if (bytes.length > sizeof nonce && memcmp(bytes.data, nonce, sizeof nonce) == 0)
    return false;
  size_t length_max = bytes.data[0] == HELLO_REQUEST ? MESSAGE_HEADER : MESSAGE_LENGTH_MAX;

  return bytes.data[0] <= MESSAGE_TYPE_MAX && message_length(bytes) <= length_max;
}

void tls_handshake_note_joined(tls_handshake_t *handshake, byte_span_t made)
{
  if (made.length >= MESSAGE_HEADER && message_length(made) == made.length && may_be_message(made) &&
      handshake->joined_count < TLS_HANDSHAKE_JOINED_MAX)
    handshake->joined[handshake->joined_count++] = made;
}

/* How many bytes at the beginning are the end of the message; a few may look alike. */
static size_t end_of_message(byte_span_t message, byte_span_t bytes)
{
  size_t least = may_be_message(bytes) ? END_CERTAIN : 1;

  for (size_t length = MIN(message.length - 1, bytes.length); length >= least; length--)
    if (memcmp(message.data + message.length - length, bytes.data, length) == 0)
      return length;
  return 0;
}

/* The content of a record without what it begins with, if that is the end of a message of earlier records. */
static byte_span_t behind_joined(const tls_handshake_t *handshake, byte_span_t content)
{
  size_t end = 0;

  for (size_t i = 0; i < handshake->joined_count && end == 0 && content.length > 0; i++)
    end = end_of_message(handshake->joined[i], content);
  return part(content, end, content.length);
}

/* Takes in the messages of a record that has `reported` bytes on the wire. Returns how many bytes the last one has in
 * further records. Behind them a NULL suite has its MAC. */
static size_t read_handshake(tls_handshake_t *handshake, byte_span_t content, size_t reported)
{
  size_t at = 0, length_before = content.length;

  content = behind_joined(handshake, content);
  reported -= length_before - content.length;
  if (reported >= SEALED_LENGTH_MIN && content.length >= MESSAGE_HEADER && !may_be_message(content)) {
    handshake->record_facts |= SEEN_UNREADABLE;
    return 0;
  }
  while (at + MESSAGE_HEADER <= content.length && (at == 0 || may_be_message(part(content, at, content.length)))) {
    size_t length = message_length(part(content, at, MESSAGE_HEADER));

    if (length > reported - at) {
      handshake->has_part = true;
      return length - (reported - at);
    }
    meet(handshake, part(content, at, length));
    at += length;
  }
  return 0;
}

static void meet_alert(tls_handshake_t *handshake, byte_span_t content)
{
  if ((handshake->record_facts & SEEN_ALERT) && handshake->alert_level == TLS_ALERT_LEVEL_FATAL)
    return;
  handshake->record_facts |= SEEN_ALERT;
  handshake->alert_level = content.data[0];
  handshake->alert = content.data[1];
}

static void read_record(tls_handshake_t *handshake, uint8_t type, byte_span_t content)
{
  if (type == TLS_RECORD_ALERT && content.length == ALERT_LENGTH) /* one that is longer is encrypted */
    meet_alert(handshake, content);
  if (type == TLS_RECORD_CHANGE_CIPHER_SPEC)
    handshake->record_facts |= SEEN_CHANGE_CIPHER_SPEC;
  if (type == TLS_RECORD_APPLICATION_DATA)
    handshake->data_records++;
}

void tls_handshake_read_records(tls_handshake_t *handshake, byte_span_t records, size_t reported)
{
  size_t rest = 0; /* of a message that has begun in a record before */

  for (size_t at = 0; at + TLS_RECORD_HEADER <= records.length;) {
    const uint8_t *header = records.data + at;
    size_t length = tls_record_content_length(header);

    at += TLS_RECORD_HEADER;
    if (header[0] < TLS_RECORD_CHANGE_CIPHER_SPEC || header[0] > TLS_RECORD_HEARTBEAT ||
        header[1] != TLS_MAJOR_VERSION || length > reported - at)
      return;
    if (header[0] == TLS_RECORD_HANDSHAKE && rest < length)
      rest = read_handshake(handshake, part(records, at + rest, length - rest), length - rest);
    else if (header[0] == TLS_RECORD_HANDSHAKE)
      rest -= length;
    else
      read_record(handshake, header[0], part(records, at, length));
    at += length;
  }
}

/* Whether bytes are nothing but messages, the last one perhaps not to its end. */
static bool are_messages(byte_span_t bytes)
{
  while (bytes.length >= MESSAGE_HEADER && may_be_message(bytes))
    bytes = part(bytes, message_length(bytes), bytes.length);
  return bytes.length == 0;
}

tls_content_t tls_handshake_read_content(tls_handshake_t *handshake, byte_span_t content)
{
  if (content.length == ALERT_LENGTH &&
      (content.data[0] == TLS_ALERT_LEVEL_WARNING || content.data[0] == TLS_ALERT_LEVEL_FATAL) &&
      tls_alert_name(content.data[1]) != NULL) {
    meet_alert(handshake, content);
    return TLS_CONTENT_ALERT;
  }
  byte_span_t messages = behind_joined(handshake, content);

  if (messages.length == 0 && content.length > 0)
    return TLS_CONTENT_MESSAGES;
  if (messages.length < MESSAGE_HEADER || !may_be_message(messages))
    return TLS_CONTENT_OTHER;
  if (are_messages(messages))
    read_handshake(handshake, messages, messages.length);
  return TLS_CONTENT_MESSAGES;
}

/* Behind a list whose length stands before it in `width` bytes; behind the message if it is cut. */
static size_t behind_list(byte_span_t message, size_t at, size_t width)
{
  if (at + width > message.length)
    return message.length;
  return at + width + (width == 1 ? message.data[at] : uint16_at(message.data + at));
}

static void read_offer(client_hello_t *hello, byte_span_t message, size_t at, bool is_whole)
{
  if (at + 2 > message.length)
    return;
  size_t length = MIN((size_t)uint16_at(message.data + at), message_length(message) - at - 2);
  byte_span_t offered = part(message, at + 2, length);
  uint16_t suites[SUITES_MAX] = {0};
  size_t count = MIN(offered.length / 2, SUITES_MAX);

  for (size_t i = 0; i < count; i++)
    suites[i] = uint16_at(offered.data + 2 * i);
  hello->offer = cipher_suites_null_offer(suites, count, is_whole && count > 0 && count == offered.length / 2);
  hello->is_complete = offered.length == length && message_length(message) == message.length;
}

static byte_span_t first_server_name(byte_span_t extension)
{
  if (extension.length <= SERVER_NAME_HEADER)
    return (byte_span_t){.data = NULL};
  size_t length = uint16_at(extension.data + SERVER_NAME_HEADER - 2);

  return length <= extension.length - SERVER_NAME_HEADER ? part(extension, SERVER_NAME_HEADER, length)
                                                         : (byte_span_t){.data = NULL};
}

/* What the extension of a type holds in the list whose length stands at a place of the message; data is NULL if it is
 * not there, or empty. */
static byte_span_t find_extension(byte_span_t message, size_t at, uint16_t type)
{
  size_t end = MIN(behind_list(message, at, 2), message.length);

  for (at += 2; at + EXTENSION_HEADER <= end;) {
    size_t length = uint16_at(message.data + at + 2);

    if (uint16_at(message.data + at) == type)
      return part(message, at + EXTENSION_HEADER, MIN(length, end - at - EXTENSION_HEADER));
    at += EXTENSION_HEADER + length;
  }
  return (byte_span_t){.data = NULL};
}

client_hello_t client_hello_read(byte_span_t message, bool is_whole)
{
  client_hello_t hello = {.offer = NULL_OFFER_NONE};
  size_t at = behind_list(message, HELLO_SESSION_ID_LENGTH, 1);

  read_offer(&hello, message, at, is_whole);
  at = behind_list(message, at, 2); /* suites */
  at = behind_list(message, at, 1); /* compression methods */
  hello.server_name = first_server_name(find_extension(message, at, EXTENSION_SERVER_NAME));
  return hello;
}

bool server_hello_is_strange(byte_span_t message)
{
  return (message.length > HELLO_VERSION + 1 &&
          (message.data[HELLO_VERSION] != TLS_MAJOR_VERSION || message.data[HELLO_VERSION + 1] > MINOR_VERSION_MAX)) ||
         (message.length > HELLO_SESSION_ID_LENGTH && message.data[HELLO_SESSION_ID_LENGTH] > HELLO_SESSION_ID_MAX);
}

uint16_t server_hello_suite(byte_span_t message)
{
  if (message.length <= HELLO_SESSION_ID_LENGTH || server_hello_is_strange(message))
    return 0;
  size_t at = behind_list(message, HELLO_SESSION_ID_LENGTH, 1);

  return at + 2 <= message.length ? uint16_at(message.data + at) : 0;
}

bool server_hello_is_tls13(byte_span_t message)
{
  enum { SUITE_AND_COMPRESSION = 3 };

  if (message.length <= HELLO_SESSION_ID_LENGTH)
    return false;
  if (message.data[HELLO_VERSION] == DRAFT_OF_TLS13 || cipher_suite_is_tls13(server_hello_suite(message)))
    return true;
  byte_span_t version = find_extension(
      message, behind_list(message, HELLO_SESSION_ID_LENGTH, 1) + SUITE_AND_COMPRESSION, EXTENSION_VERSIONS);

  return version.length == 2 && (uint16_at(version.data) == TLS13 || version.data[0] == DRAFT_OF_TLS13);
}

/* The items of a list, each with its length before it in `width` bytes, and extensions behind it if it has such, up to
 * one that is not there as a whole. */
static size_t read_items(byte_span_t list, size_t width, bool has_extensions, byte_span_t *items, size_t max)
{
  size_t count = 0, at = 0;

  while (count < max && at + width <= list.length) {
    size_t length = width == 3 ? uint24_at(list.data + at) : uint16_at(list.data + at);

    if (length > list.length - at - width)
      break;
    items[count++] = part(list, at + width, length);
    at += width + length;
    if (has_extensions)
      at = behind_list(list, at, 2);
  }
  return count;
}

bool certificate_message_is_compressed(byte_span_t message)
{
  return message.length > 0 && message.data[0] == COMPRESSED_CERTIFICATE;
}

bool certificate_message_hides(byte_span_t message)
{
  return certificate_message_is_compressed(message) || message.length != message_length(message);
}

/* Of a body that has `reported` bytes on the wire. In TLS 1.3 a context stands before the list; which of the two it is,
 * the list's length tells. */
static size_t read_certificates(byte_span_t body, size_t reported, byte_span_t *certificates, size_t max)
{
  enum { LIST_LENGTH = 3 };

  if (body.length < LIST_LENGTH)
    return 0;
  if (uint24_at(body.data) + LIST_LENGTH == reported)
    return read_items(part(body, LIST_LENGTH, body.length), 3, false, certificates, max);
  size_t at = behind_list(body, 0, 1);

  if (at + LIST_LENGTH > body.length || at + LIST_LENGTH + uint24_at(body.data + at) != reported)
    return 0;
  return read_items(part(body, at + LIST_LENGTH, body.length), 3, true, certificates, max);
}

size_t certificate_message_read(byte_span_t message, byte_span_t *certificates, size_t max)
{
  size_t reported = message_length(message);

  if (reported == 0 || message.data[0] != CERTIFICATE)
    return 0;
  return read_certificates(part(message, MESSAGE_HEADER, message.length), reported - MESSAGE_HEADER, certificates, max);
}

size_t certificate_body_read(byte_span_t body, byte_span_t *certificates, size_t max)
{
  return read_certificates(body, body.length, certificates, max);
}

/* The list of names with its length; of none if there is none. */
static byte_span_t names_of(byte_span_t message)
{
  size_t at = behind_list(message, MESSAGE_HEADER, 1); /* of certificate types; of TLS 1.3, a context */

  if (behind_list(message, at, 2) == message.length &&
      find_extension(message, at, EXTENSION_SIGNATURES).data != NULL) /* TLS 1.3 asks for that one always */
    return find_extension(message, at, EXTENSION_AUTHORITIES);
  if (behind_list(message, at, 2) != message.length)
    at = behind_list(message, at, 2); /* TLS 1.2 has a list of signatures before */
  return part(message, at, message.length);
}

size_t certificate_request_read(byte_span_t message, byte_span_t *names, size_t max)
{
  if (message.length == 0 || message.length != message_length(message))
    return 0;
  byte_span_t list = names_of(message);

  if (list.length < 2 || behind_list(list, 0, 2) != list.length)
    return 0;
  return read_items(part(list, 2, list.length), 2, false, names, max);
}
