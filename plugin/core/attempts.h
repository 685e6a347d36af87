/* attempts.h - the attempts of clients at endpoints: which came before, and whose NULL offer was refused
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_CORE_ATTEMPTS_H
#define IPHTTPS_CORE_ATTEMPTS_H

#include "session.h"

typedef struct attempts attempts_t;

/* None at all. Free with attempts_free(); the sessions belong to somebody else, and must live as long. */
attempts_t *attempts_new(void);
void attempts_free(attempts_t *attempts);

/* Links a session that has just been tagged to the latest one of the same client at the same endpoint, and forgets a
 * refusal: this is the client's next attempt. */
void attempts_link(attempts_t *attempts, session_t *tagged);

/* Notes that the server has refused a tagged session's NULL offer. */
void attempts_note_refused(attempts_t *attempts, session_t *session);

/* The client's latest session with that server, on any port of the client's, whose NULL offer was refused; NULL if
 * there is none, or another attempt has followed. */
const session_t *attempts_refused(const attempts_t *attempts, const ends_t *ends);

#endif
