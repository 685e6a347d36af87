/* outcome.h - what has become of a session: its verdict, its findings, and the one that heads it
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_CORE_OUTCOME_H
#define IPHTTPS_CORE_OUTCOME_H

#include "session.h"

/* Whether the session has gone on behind an error: then it has not failed for it. */
bool session_got_over(const session_t *session, const session_finding_t *finding);

/* The finding's severity as it is to be shown: that of an error the session got over is a warning. */
finding_severity_t session_finding_severity(const session_t *session, const session_finding_t *finding);

/* The finding that heads the session: what ended it, else the gravest that it did not get over (the earliest of
 * several); NULL where there is none above a note. */
const session_finding_t *session_leading_finding(const session_t *session);

/* The session's finding of that kind, NULL if it has none. */
const session_finding_t *session_finding_of(const session_t *session, finding_id_t id);

/* What the client's LastErrorCode would read, WINDOWS_ERROR_NONE if the evidence does not tell: by what heads the
 * session, else by its gravest finding that has a code; of a connected one by its last, since "connected" does not
 * explain a failure. */
uint32_t session_windows_error(const session_t *session);

/* The finding in one sentence: its summary, and the evidence if there is some; to be freed with g_free(). */
char *session_finding_sentence(const session_finding_t *finding);

/* The session's finding that says why this one came about, NULL where none does. */
const session_finding_t *session_finding_explanation(const session_t *session, const session_finding_t *finding);

/* What is behind the finding, the box to look at (NULL for notes and chats), and what to do about it (ended by NULL):
 * the row's, those of what explains it, or what the evidence narrows it down to. */
const char *session_finding_cause(const session_t *session, const session_finding_t *finding);
const char *session_finding_look_at(const session_t *session, const session_finding_t *finding);
const char *const *session_finding_next_steps(const session_t *session, const session_finding_t *finding);

/* What is wrong with the capture and may be why nothing is decided: NULL where something is, or nothing is missing. */
const session_finding_t *session_flaw_of_capture(const session_t *session);

/* What the verdict of a session that no finding heads leaves open, in a sentence; NULL where nothing is to be said. To
 * be freed with g_free(). */
char *session_open_question(const session_t *session);

/*
 * The following change the session, on the first pass only. For session.c, session_handshake.c and diagnose.c.
 */

void session_decide(session_t *session, session_verdict_t verdict, uint32_t frame);

/* Raises a finding, once of each kind in a session; its evidence is taken over. An error makes the session fail. */
void session_raise(session_t *session, session_finding_t finding);

/* A session that has got over all that stopped it is in progress again. */
void session_reconsider(session_t *session);

/* Whoever goes on behind a certificate has not been stopped by what it looks like; nor is it known to have been where
 * some is not read. */
void session_go_on(session_t *session);

/* The connection is closed: if nothing has been decided, that is what remains. */
void session_close(session_t *session, uint32_t frame);

#endif
