/* sequence.h - which bytes of one direction of a TCP connection have been taken, by their sequence numbers
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_CORE_SEQUENCE_H
#define IPHTTPS_CORE_SEQUENCE_H

#include <stdbool.h>
#include <stdint.h>

#define SEQUENCE_HOLES_MAX 8 /* beyond them the oldest is forgotten, and what comes to fill it is taken for known */

/* Bytes from `from` up to the one before `to`; numbers go on at 0 behind 2^32 - 1 (RFC 9293 section 3.4). */
typedef struct {
  uint32_t from;
  uint32_t to;
} sequence_range_t;

/* Zeroed memory is a valid start: nothing taken. */
typedef struct {
  bool begun;
  uint32_t start;                             /* of what was taken; what lies before it is new */
  uint32_t end;                               /* behind it */
  sequence_range_t holes[SEQUENCE_HOLES_MAX]; /* between them, in their order */
  unsigned hole_count;
} sequence_t;

/* Whether one number lies before another, at most 2^31 away. */
static inline bool sequence_before(uint32_t number, uint32_t other)
{
  return number != other && other - number <= INT32_MAX;
}

/* The one that lies behind the other. */
static inline uint32_t sequence_later(uint32_t number, uint32_t other)
{
  return sequence_before(number, other) ? other : number;
}

/* The first byte of the range that has not been taken; range.to if there is none. */
uint32_t sequence_first_new(const sequence_t *sequence, sequence_range_t range);

void sequence_take(sequence_t *sequence, sequence_range_t range);

#endif
