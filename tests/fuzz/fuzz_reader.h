/* fuzz_reader.h - takes numbers and bytes from a fuzzer's input; behind its end there are zeros
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_TESTS_FUZZ_READER_H
#define IPHTTPS_TESTS_FUZZ_READER_H

#include <stddef.h>
#include <stdint.h>

#include "observation.h"

typedef struct {
  const uint8_t *data;
  size_t left;
} fuzz_reader_t;

static inline uint8_t take_byte(fuzz_reader_t *reader)
{
  if (reader->left == 0)
    return 0;
  reader->left--;
  return *reader->data++;
}

/* Little-endian, of one to four bytes. */
static inline uint32_t take_number(fuzz_reader_t *reader, unsigned bytes)
{
  uint32_t number = 0;

  for (unsigned i = 0; i < bytes; i++)
    number |= (uint32_t)take_byte(reader) << (8 * i);
  return number;
}

/* At most length bytes, fewer at the end; they stay in the input. */
static inline byte_span_t take_bytes(fuzz_reader_t *reader, size_t length)
{
  byte_span_t taken = {reader->data, length < reader->left ? length : reader->left};

  reader->data += taken.length;
  reader->left -= taken.length;
  return taken;
}

#endif
