/* recent_segments.h - the segments that a side of a TCP connection has sent last, to know them again
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_CORE_RECENT_SEGMENTS_H
#define IPHTTPS_CORE_RECENT_SEGMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nanoseconds.h"

#define SEGMENT_COPY_APART_NS (NANOSECONDS / 5) /* at most; less than Windows' smallest retransmission timer */
#define RECENT_SEGMENTS_MAX 4                   /* that are remembered; with a fifth, the first is forgotten */

/* How a segment relates to what its side has sent before. */
typedef enum {
  SEGMENT_NEW,        /* it brings something new, or carries nothing at all */
  SEGMENT_COPY,       /* the packet is in the file once more */
  SEGMENT_SOON_AGAIN, /* sent again sooner than a timer would have it */
  SEGMENT_AGAIN,
} segment_novelty_t;

/* A segment that was seen: a packet of the same identification is a copy of it. */
typedef struct {
  uint32_t sequence;
  uint32_t length;
  uint16_t identification; /* 0 where there is none */
  int64_t time_ns;
} recent_segment_t;

/* Zeroed memory is a valid start: none. */
typedef struct {
  size_t count; /* since the beginning */
  recent_segment_t segments[RECENT_SEGMENTS_MAX];
} recent_segments_t;

void recent_segments_add(recent_segments_t *recent, recent_segment_t segment);

/* Whether one with payload began there. */
bool recent_segments_begin_at(const recent_segments_t *recent, uint32_t sequence);

/* What a segment is that brings nothing new: tells a copy of a packet from a segment sent again. is_wanted says that
 * the receiver has asked for it by its acknowledgements. */
segment_novelty_t recent_segments_novelty(const recent_segments_t *recent, const recent_segment_t *segment,
                                          bool is_wanted);

#endif
