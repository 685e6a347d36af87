/* recent_segments.c - the segments that a side of a TCP connection has sent last, to know them again
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "recent_segments.h"

#include <glib.h>

#define COPY_OF_PACKET_APART_NS NANOSECONDS /* by the same identification */

void recent_segments_add(recent_segments_t *recent, recent_segment_t segment)
{
  recent->segments[recent->count++ % RECENT_SEGMENTS_MAX] = segment;
}

bool recent_segments_begin_at(const recent_segments_t *recent, uint32_t sequence)
{
  for (size_t i = 0; i < MIN(recent->count, RECENT_SEGMENTS_MAX); i++)
    if (recent->segments[i].sequence == sequence && recent->segments[i].length > 0)
      return true;
  return false;
}

static bool are_one_packet(const recent_segment_t *segment, const recent_segment_t *other)
{
  return segment->identification != 0 && segment->identification == other->identification;
}

static int64_t apart(const recent_segment_t *segment, const recent_segment_t *other)
{
  return ABS(segment->time_ns - other->time_ns);
}

/* The one that a segment repeats: of the same packet, else the nearest in time; NULL if none. */
static const recent_segment_t *find(const recent_segments_t *recent, const recent_segment_t *segment)
{
  const recent_segment_t *found = NULL;

  for (size_t i = 0; i < MIN(recent->count, RECENT_SEGMENTS_MAX); i++) {
    const recent_segment_t *other = &recent->segments[i];

    if (other->sequence != segment->sequence || other->length != segment->length)
      continue;
    if (are_one_packet(segment, other))
      return other;
    if (found == NULL || apart(segment, other) < apart(segment, found))
      found = other;
  }
  return found;
}

segment_novelty_t recent_segments_novelty(const recent_segments_t *recent, const recent_segment_t *segment,
                                          bool is_wanted)
{
  const recent_segment_t *repeated = find(recent, segment);

  if (repeated == NULL)
    return SEGMENT_AGAIN;
  if (are_one_packet(segment, repeated))
    return apart(segment, repeated) <= COPY_OF_PACKET_APART_NS ? SEGMENT_COPY : SEGMENT_AGAIN;
  if (apart(segment, repeated) >= SEGMENT_COPY_APART_NS)
    return SEGMENT_AGAIN;
  return segment->identification == 0 && !is_wanted ? SEGMENT_COPY : SEGMENT_SOON_AGAIN;
}
