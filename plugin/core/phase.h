/* phase.h - the steps by which a session comes to its tunnel
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_CORE_PHASE_H
#define IPHTTPS_CORE_PHASE_H

/* How far a session has come; a phase is reached when its first message is seen. */
typedef enum {
  PHASE_NONE,
  PHASE_NAME_RESOLUTION,
  PHASE_TCP_CONNECT,
  PHASE_PROXY,
  PHASE_CLIENT_HELLO,
  PHASE_SERVER_HELLO,
  PHASE_SERVER_CERTIFICATE,
  PHASE_CLIENT_CERTIFICATE, /* asked for */
  PHASE_HANDSHAKE_COMPLETE,
  PHASE_TUNNEL_REQUEST,
  PHASE_TUNNEL,
  PHASE_COUNT,
} session_phase_t;

/* The phase's name as shown ("Client Hello"). */
const char *session_phase_name(session_phase_t phase);

#endif
