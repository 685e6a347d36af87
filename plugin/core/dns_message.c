/* dns_message.c - a DNS message as it stands in bytes
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "dns_message.h"

#include <glib.h>

/* RFC 1035 section 4.1.1: where the header has what, and the counts of the sections, two bytes each. */
enum { HEADER = 12, ID = 0, FLAGS = 2, QUESTIONS = 4, ANSWERS = 6, ADDITIONAL = 10, COUNT_SIZE = 2 };
enum { FLAG_RESPONSE = 0x8000, FLAG_TRUNCATED = 0x0200, FLAGS_CODE = 0x000f };
enum { QUESTION_TYPE_AND_CLASS = 4 };
/* Section 4.1.3: behind a record's name. */
enum { RECORD_HEADER = 10, RECORD_TTL = 4, RECORD_LENGTH = 8 };
enum { LABEL_MAX = 63, POINTER = 0xc0 }; /* section 4.1.4 */
enum { TYPE_OPT = 41, CODE_BITS = 4 };   /* RFC 6891 section 6.1: the upper bits of the code begin its TTL */

typedef struct {
  uint16_t type;
  uint8_t ttl_high;
  size_t length;    /* of its data */
  byte_span_t data; /* what there is of it */
} record_t;

static bool is_of_host_name(char character)
{
  return g_ascii_isalnum(character) || character == '-' || character == '_';
}

/* Reads the name of the first question. No name goes before it that a pointer could mean. */
static bool read_name(char name[ENDPOINT_NAME_MAX + 1], byte_span_t bytes, size_t *at)
{
  size_t written = 0;

  while (*at < bytes.length) {
    size_t length = bytes.data[(*at)++];

    if (length == 0) {
      name[written] = '\0';
      return written > 0;
    }
    if (length > LABEL_MAX || length > bytes.length - *at || written + (written > 0) + length > ENDPOINT_NAME_MAX)
      return false;
    if (written > 0)
      name[written++] = '.';
    for (size_t i = 0; i < length; i++) {
      name[written] = (char)bytes.data[(*at)++];
      if (!is_of_host_name(name[written++]))
        return false;
    }
  }
  return false;
}

static bool skip_name(byte_span_t bytes, size_t *at)
{
  while (*at < bytes.length) {
    size_t length = bytes.data[(*at)++];
    bool is_pointer = length >= POINTER;

    if (!is_pointer && length > LABEL_MAX)
      return false;
    *at += is_pointer ? 1 : length;
    if (is_pointer || length == 0)
      return *at <= bytes.length;
  }
  return false;
}

static bool skip_questions(byte_span_t bytes, size_t *at, unsigned count)
{
  for (; count > 0; count--) {
    if (!skip_name(bytes, at) || bytes.length - *at < QUESTION_TYPE_AND_CLASS)
      return false;
    *at += QUESTION_TYPE_AND_CLASS;
  }
  return true;
}

static bool read_record(record_t *record, byte_span_t bytes, size_t *at)
{
  if (!skip_name(bytes, at) || bytes.length - *at < RECORD_HEADER)
    return false;
  *record = (record_t){
      .type = uint16_at(bytes.data + *at),
      .ttl_high = bytes.data[*at + RECORD_TTL],
      .length = uint16_at(bytes.data + *at + RECORD_LENGTH),
  };
  *at += RECORD_HEADER;
  record->data = (byte_span_t){.data = bytes.data + *at, .length = MIN(record->length, bytes.length - *at)};
  *at += record->data.length;
  return true;
}

static void take_address(dns_message_t *message, const record_t *record)
{
  size_t length = record->type == DNS_TYPE_A ? 4 : record->type == DNS_TYPE_AAAA ? 16 : 0;

  if (length == 0 || record->length != length || record->data.length != length ||
      message->address_count == OBSERVATION_ADDRESSES_MAX)
    return;
  message->addresses[message->address_count++] = ip_address_of(record->data.data, length);
}

/* Takes from the records what there is of them. */
static void read_records(dns_message_t *message, byte_span_t bytes, size_t at)
{
  for (size_t section = ANSWERS; section <= ADDITIONAL; section += COUNT_SIZE)
    for (unsigned left = uint16_at(bytes.data + section); left > 0; left--) {
      record_t record;

      if (!read_record(&record, bytes, &at))
        return;
      if (section == ANSWERS)
        take_address(message, &record);
      if (section == ADDITIONAL && record.type == TYPE_OPT) {
        message->code |= (uint16_t)(record.ttl_high << CODE_BITS);
        return;
      }
    }
}

bool dns_message_read(dns_message_t *message, byte_span_t bytes)
{
  size_t at = HEADER;

  if (bytes.length < HEADER || uint16_at(bytes.data + QUESTIONS) == 0)
    return false;
  uint16_t flags = uint16_at(bytes.data + FLAGS);

  *message = (dns_message_t){
      .is_response = (flags & FLAG_RESPONSE) != 0,
      .is_truncated = (flags & FLAG_TRUNCATED) != 0,
      .id = uint16_at(bytes.data + ID),
      .code = flags & FLAGS_CODE,
  };
  if (!read_name(message->name, bytes, &at) || bytes.length - at < QUESTION_TYPE_AND_CLASS)
    return false;
  message->type = uint16_at(bytes.data + at);
  at += QUESTION_TYPE_AND_CLASS;
  if (skip_questions(bytes, &at, uint16_at(bytes.data + QUESTIONS) - 1))
    read_records(message, bytes, at);
  return true;
}
