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
  uint32_t ends; /* 0: see ends() */
} spans[SPAN_COUNT] = {
    {PHASE_NAME_RESOLUTION, SEEN_NAME_QUERY, SEEN_NAME_RESPONSE},
    {PHASE_TCP_CONNECT, SEEN_SYN, 0},
    {PHASE_PROXY, SEEN_CONNECT, SEEN_PROXY_ANSWER},
    {PHASE_CLIENT_HELLO, SEEN_CLIENT_HELLO, 0},
    {PHASE_TUNNEL_REQUEST, SEEN_REQUEST, SEEN_RESPONSE},
    {PHASE_TUNNEL, SEEN_RESPONSE, 0},
};

const session_span_t *session_span(const session_t *session, session_phase_t phase)
{
  for (size_t i = 0; i < SPAN_COUNT; i++)
    if (spans[i].phase == phase)
      return &session->spans[i];
  return NULL;
}

static bool ends(const session_t *session, size_t number, const observation_t *observation)
{
  if (spans[number].ends != 0)
    return (observation->facts & spans[number].ends) != 0;
  switch (spans[number].phase) {
  case PHASE_TCP_CONNECT:
    return observation->connected_time_ns != 0;
  case PHASE_CLIENT_HELLO:
    return session->phase_frames[PHASE_HANDSHAKE_COMPLETE] == observation->frame;
  default:
    return session->router_advertisements > 0;
  }
}

/* TCP connects before most sessions can be told by their Client Hello: the times of its frames are Wireshark's. */
static void end_span(session_span_t *span, session_phase_t phase, const observation_t *observation)
{
  if (phase == PHASE_TCP_CONNECT)
    span->duration_ns = observation->connected_time_ns - observation->syn_time_ns;
  else if (span->begun)
    span->duration_ns = observation->time_ns - span->begin_time_ns;
  else
    return;
  span->end_frame = observation->frame;
}

void session_note_spans(session_t *session, const observation_t *observation)
{
  if (session->first_frame == observation->frame)
    session->first_time_ns = observation->syn_time_ns != 0 ? observation->syn_time_ns : observation->time_ns;
  for (size_t i = 0; i < SPAN_COUNT; i++) {
    session_span_t *span = &session->spans[i];

    if (span->end_frame == 0 && ends(session, i, observation))
      end_span(span, spans[i].phase, observation);
    if (!span->begun && (observation->facts & spans[i].begins)) {
      span->begun = true;
      span->begin_time_ns = observation->time_ns;
    }
  }
}
