/* diagnose.h - from what is known of a session to findings
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_CORE_DIAGNOSE_H
#define IPHTTPS_CORE_DIAGNOSE_H

#include "observation.h"
#include "session.h"

/*
 * Holds every row of the catalogue against the session and the frame it has just taken in, and raises those that apply.
 * The session is as it stands after session_note() has taken in the same frame. First pass only.
 */
void diagnose(session_t *session, const observation_t *observation);

#endif
