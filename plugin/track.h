/* track.h - which session a frame belongs to: conversations, what may be skipped, first pass and later passes
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_TRACK_H
#define IPHTTPS_TRACK_H

#include <stdbool.h>

#include <epan/conversation.h>
#include <epan/packet.h>

#include "core/session.h"
#include "core/settings.h"

/* Tells once, at registration, the protocol under which conversations carry their session, and where the settings
 * stand. */
void track_register(int proto_iphttps, const capture_settings_t *settings);

/* Begins a capture, and forgets it: for register_init_routine() and register_cleanup_routine(). */
void track_init(void);
void track_cleanup(void);

typedef enum {
  FRAME_IS_NOBODYS,
  FRAME_BEGINS_CONNECTION, /* of which its content will tell */
  FRAME_MAY_MATTER,
} frame_concern_t;

/* Whether anything below may have to do with the frame; most frames are of connections that nobody follows, and to look
 * each up costs more than all else. To be asked once for each frame and pass. */
frame_concern_t track_concern_of(tvbuff_t *tvb, packet_info *pinfo);

/* Whether the frame begins a connection of a server that a row of the user's may mean, on whatever port. */
bool track_expects_tls(const packet_info *pinfo, const conversation_t *conversation);

/* Takes in a frame: observes it, finds its session and feeds it. conversation is TCP's, NULL if it is no TCP segment.
 * First pass only. */
void track_frame(tvbuff_t *tvb, packet_info *pinfo, conversation_t *conversation);

/* Whether a client has asked a proxy for a connection that is followed, and its Client Hello is still to come. First
 * pass only. */
bool track_is_behind_connect(const conversation_t *conversation);

/*
 * The session that the frame belongs to and is shown with, NULL if none. On the first pass a frame shows nothing from
 * before its session was tagged; on later passes a session is known as a whole, and one whose tag was withdrawn is not
 * known at all.
 */
const session_t *track_session_of(packet_info *pinfo, const conversation_t *conversation);

#endif
