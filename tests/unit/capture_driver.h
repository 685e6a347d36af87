/* capture_driver.h - feeds the frames of one client to a capture, as the plugin's track.c does
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_TESTS_CAPTURE_DRIVER_H
#define IPHTTPS_TESTS_CAPTURE_DRIVER_H

#include "capture.h"

/* One TCP connection, and what goes before it: DNS messages of its client, ICMP errors about it. Zeroed memory with
 * capture and ends set is a valid start. */
typedef struct {
  capture_t *capture; /* not owned */
  ends_t ends;
  session_t *followed;
  bool put_aside;
  session_brief_t brief; /* once it is put aside */
} driven_connection_t;

/* The ends of a connection from 192.0.2.10 and the given port to port 443 of 203.0.113.10. */
ends_t driven_ends(uint16_t client_port);

/* Feeds a frame. Returns the session that it belongs to; NULL while it is of none. */
session_t *drive_frame(driven_connection_t *driven, const observation_t *observation);

#endif
