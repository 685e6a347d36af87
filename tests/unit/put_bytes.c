/* put_bytes.c - bytes put together for the tests, numbers in network byte order
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "put_bytes.h"

void put(GByteArray *bytes, const void *data, size_t length)
{
  g_byte_array_append(bytes, data, (guint)length);
}

void put_uint(GByteArray *bytes, size_t value, size_t width)
{
  while (width-- > 0) {
    uint8_t byte = (uint8_t)(value >> 8 * width);

    put(bytes, &byte, 1);
  }
}

byte_span_t span_of(const GByteArray *bytes)
{
  return (byte_span_t){.data = bytes->data, .length = bytes->len};
}
