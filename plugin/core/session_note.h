/* session_note.h - what the parts of session_note() share; for session.c and session_handshake.c alone
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_CORE_SESSION_NOTE_H
#define IPHTTPS_CORE_SESSION_NOTE_H

#include "session.h"

/* The session has come to the phase with the frame, if it had not before. */
void session_reach(session_t *session, session_phase_t phase, uint32_t frame);

/* Counts a SYN or Client Hello in the session's count of them. */
void session_count_transmission(session_t *session, uint32_t *count, const observation_t *observation);

/* Takes in what the frame tells of the TLS handshake. */
void session_note_tls(session_t *session, const observation_t *observation);

#endif
