/* stats.h - Statistics > IP-HTTPS, and the IP-HTTPS flow of Statistics > Flow Graph
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_STATS_H
#define IPHTTPS_STATS_H

#include <epan/packet.h>
#include <epan/tap.h>

#include "core/session.h"

/*
 * Registers the tap "iphttps" and on it the sessions table, the findings tree and the flow, and their menu; the
 * protocol must be registered. A session counts where one of its frames passes the statistic's filter; one whose tag
 * was withdrawn never does.
 */
void stats_register(void);

/* Registers the times by phase and endpoint, and the filter that isolates a session; the protocol must be registered.
 * In srt.c. */
void srt_register(int proto);

/* Hands a shown frame and its session to the statistics that are open. */
void stats_tap(packet_info *pinfo, const session_t *session);

/* The session of a frame, from what the tap "iphttps" hands to its listeners. What becomes of it may not be known
 * before the capture has been read. */
const session_t *stats_session_of(const void *tapped);

typedef void (*stats_count_t)(void *statistic, const session_t *counted);

/* Has a statistic begin anew, in which each session counts once. */
void stats_begin(void *statistic, stats_count_t count);

/* To be called for what the tap "iphttps" hands to a listener of the statistic: has the frame's session counted, once
 * it is known what has become of it. */
tap_packet_status stats_meet(void *statistic, const void *tapped);

#endif
