/* stats.h - Statistics > IP-HTTPS, and the IP-HTTPS flow of Statistics > Flow Graph
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_STATS_H
#define IPHTTPS_STATS_H

#include "stats_tap.h"

/*
 * Registers the tap "iphttps" and on it the sessions table, the findings tree and the flow, and their menu; the
 * protocol must be registered. A session counts where one of its frames passes the statistic's filter; one whose tag
 * was withdrawn never does.
 */
void stats_register(void);

/* Registers the times by phase and endpoint, and the filter that isolates a session; the protocol must be registered.
 * In srt.c. */
void srt_register(int proto);

#endif
