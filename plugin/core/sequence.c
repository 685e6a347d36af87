/* sequence.c - which bytes of one direction of a TCP connection have been taken, by their sequence numbers
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "sequence.h"

#include <string.h>

#define REMEMBERED_MAX (UINT32_C(1) << 30) /* bytes back from the end: comparisons hold up to 2^31 */

uint32_t sequence_first_new(const sequence_t *sequence, sequence_range_t range)
{
  if (!sequence->begun || sequence_before(range.from, sequence->start))
    return range.from;
  for (unsigned i = 0; i < sequence->hole_count; i++) {
    const sequence_range_t *hole = &sequence->holes[i];
    if (sequence_before(range.from, hole->to) && sequence_before(hole->from, range.to))
      return sequence_later(range.from, hole->from);
  }
  return sequence_before(sequence->end, range.to) ? sequence_later(range.from, sequence->end) : range.to;
}

static void add_hole(sequence_t *sequence, unsigned at, sequence_range_t hole)
{
  if (sequence->hole_count == SEQUENCE_HOLES_MAX) {
    memmove(sequence->holes, sequence->holes + 1, (SEQUENCE_HOLES_MAX - 1) * sizeof(hole));
    sequence->hole_count--;
    at -= at > 0 ? 1 : 0;
  }
  memmove(sequence->holes + at + 1, sequence->holes + at, (sequence->hole_count - at) * sizeof(hole));
  sequence->holes[at] = hole;
  sequence->hole_count++;
}

static void remove_hole(sequence_t *sequence, unsigned at)
{
  sequence->hole_count--;
  memmove(sequence->holes + at, sequence->holes + at + 1, (sequence->hole_count - at) * sizeof(sequence->holes[0]));
}

/* Takes the range from the holes: each keeps what lies before it, or behind it, or becomes two. */
static void fill_holes(sequence_t *sequence, sequence_range_t range)
{
  for (unsigned i = sequence->hole_count; i-- > 0;) {
    sequence_range_t hole = sequence->holes[i];
    if (!sequence_before(range.from, hole.to) || !sequence_before(hole.from, range.to))
      continue;
    bool keeps_front = sequence_before(hole.from, range.from), keeps_back = sequence_before(range.to, hole.to);
    remove_hole(sequence, i);
    if (keeps_back)
      add_hole(sequence, i, (sequence_range_t){range.to, hole.to});
    if (keeps_front)
      add_hole(sequence, i < sequence->hole_count ? i : sequence->hole_count,
               (sequence_range_t){hole.from, range.from});
  }
}

static void forget_what_is_far(sequence_t *sequence)
{
  uint32_t start = sequence->end - REMEMBERED_MAX;
  if (!sequence_before(sequence->start, start))
    return;
  sequence->start = start;
  while (sequence->hole_count > 0 && sequence_before(sequence->holes[0].from, start))
    remove_hole(sequence, 0);
}

void sequence_take(sequence_t *sequence, sequence_range_t range)
{
  if (!sequence->begun) {
    *sequence = (sequence_t){.begun = true, .start = range.from, .end = range.to};
    return;
  }
  fill_holes(sequence, range);
  if (sequence_before(range.from, sequence->start)) {
    if (sequence_before(range.to, sequence->start))
      add_hole(sequence, 0, (sequence_range_t){range.to, sequence->start});
    sequence->start = range.from;
  }
  if (sequence_before(sequence->end, range.from))
    add_hole(sequence, sequence->hole_count, (sequence_range_t){sequence->end, range.from});
  sequence->end = sequence_later(sequence->end, range.to);
  forget_what_is_far(sequence);
}
