/* bytes.h - runs of bytes, and numbers in network byte order
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_CORE_BYTES_H
#define IPHTTPS_CORE_BYTES_H

#include <stddef.h>
#include <stdint.h>

/* A run of bytes that belongs to somebody else, mostly to the frame. */
typedef struct {
  const uint8_t *data;
  size_t length;
} byte_span_t;

static inline uint16_t uint16_at(const uint8_t *bytes)
{
  return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static inline uint32_t uint24_at(const uint8_t *bytes)
{
  return (uint32_t)bytes[0] << 16 | uint16_at(bytes + 1);
}

static inline uint32_t uint32_at(const uint8_t *bytes)
{
  return (uint32_t)uint16_at(bytes) << 16 | uint16_at(bytes + 2);
}

static inline uint64_t uint64_at(const uint8_t *bytes)
{
  return (uint64_t)uint32_at(bytes) << 32 | uint32_at(bytes + 4);
}

#endif
