/* span.h - how long the phases of a session take: from the question to its answer
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_CORE_SPAN_H
#define IPHTTPS_CORE_SPAN_H

#include <stdbool.h>
#include <stdint.h>

#include "observation.h"
#include "phase.h"

#define SPAN_COUNT 6 /* of the phases that take time */

/* The first of its kind in the session. */
typedef struct {
  bool begun;
  uint32_t end_frame; /* 0 while it lasts */
  int64_t begin_time_ns;
  int64_t duration_ns; /* once it has ended */
} session_span_t;

struct session;

/* That of a phase; NULL for one that takes no time by itself. */
const session_span_t *session_span(const struct session *session, session_phase_t phase);

/* Takes in a frame behind session_note(). First pass only. */
void session_note_spans(struct session *session, const observation_t *observation);

#endif
