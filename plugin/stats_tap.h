/* stats_tap.h - the tap by which statistics meet sessions, and count each of them once
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_STATS_TAP_H
#define IPHTTPS_STATS_TAP_H

#include <epan/packet.h>
#include <epan/tap.h>

#include "core/session.h"

#define STATS_TAP "iphttps" /* its name, to listen to it by */

/* Once, at registration. */
void stats_tap_register(void);

/* Hands a shown frame and its session to the statistics that are open. */
void stats_tap(packet_info *pinfo, const session_t *session);

/* The session of a frame, from what the tap hands to its listeners. What becomes of it may not be known before the
 * capture has been read. */
const session_t *stats_session_of(const void *tapped);

typedef void (*stats_count_t)(void *statistic, const session_t *counted);

/* Has a statistic begin anew, in which each session counts once. */
void stats_begin(void *statistic, stats_count_t count);

/* The statistic is no more. */
void stats_end(void *statistic);

/* To be called for what the tap hands to a listener of the statistic: has the frame's session counted, once it is known
 * what has become of it. */
tap_packet_status stats_meet(void *statistic, const void *tapped);

#endif
