/* span.c - how long the phases of a session take: from the question to its answer
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "span.h"

#include "session.h"

/* What begins the phase's span, and what ends it. */
static const struct {
  session_phase_t phase;
  uint32_t begins;
  uint32_t ends; /* 0: see has_ended() */
} spans[] = {
    {PHASE_NAME_RESOLUTION, SEEN_NAME_QUERY, SEEN_NAME_RESPONSE},
    {PHASE_TCP_CONNECT, SEEN_SYN, SEEN_SYN_ACK},
    {PHASE_PROXY, SEEN_CONNECT, SEEN_PROXY_ANSWER},
    {PHASE_CLIENT_HELLO, SEEN_CLIENT_HELLO, 0},
    {PHASE_TUNNEL_REQUEST, SEEN_REQUEST, SEEN_RESPONSE},
    {PHASE_TUNNEL, SEEN_RESPONSE, 0},
};

static bool has_ended(const session_t *session, session_phase_t phase, uint32_t frame)
{
  if (phase == PHASE_CLIENT_HELLO)
    return session->phase_frames[PHASE_HANDSHAKE_COMPLETE] == frame;
  return session->router_advertisements > 0;
}

void session_note_spans(session_t *session, const observation_t *observation)
{
  if (session->first_frame == observation->frame)
    session->first_time_ns = observation->time_ns;
  for (size_t i = 0; i < G_N_ELEMENTS(spans); i++) {
    session_span_t *span = &session->spans[spans[i].phase];
    bool ends = spans[i].ends != 0 ? (observation->facts & spans[i].ends) != 0
                                   : has_ended(session, spans[i].phase, observation->frame);

    if (span->begun && span->end_frame == 0 && ends)
      span->end_frame = observation->frame;
    if (!span->begun && (observation->facts & spans[i].begins)) {
      span->begun = true;
      span->begin_time_ns = observation->time_ns;
    }
  }
}
