/* session_promises.h - what holds for every session, whatever frames it is fed
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_TESTS_SESSION_PROMISES_H
#define IPHTTPS_TESTS_SESSION_PROMISES_H

#include "session.h"

/* Of a session that has just been fed a frame; before is what it was without that. */
void check_promises(const session_t *checked, const session_t *before, uint32_t frame);

/* What present.c and stats.c ask for. */
void check_answers(const session_t *checked);

/* Of two that were fed the same frames. */
void check_same(const session_t *one, const session_t *other);

#endif
