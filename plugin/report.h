/* report.h - Tools > IP-HTTPS > Report, and tshark -z iphttps,report: what to know of a capture, in words
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_REPORT_H
#define IPHTTPS_REPORT_H

/* Registers the menu and the statistic; once. */
void report_register(void);

#endif
