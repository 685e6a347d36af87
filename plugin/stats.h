/* stats.h - Statistics > IP-HTTPS: the sessions table and the findings tree
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_STATS_H
#define IPHTTPS_STATS_H

/* Registers both statistics on the tap "iphttps", which hands over the `session` of each shown frame. */
void stats_register(void);

#endif
