/* capture.h - all sessions of a capture: where they begin, how frames are fed to them, what they teach each other
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_CORE_CAPTURE_H
#define IPHTTPS_CORE_CAPTURE_H

#include <glib.h>
#include <stdbool.h>

#include "observation.h"
#include "session.h"
#include "settings.h"

#define CAPTURE_SESSIONS_MAX 250000      /* candidates among them; later ones are not followed */
#define CAPTURE_NAMED_ADDRESSES_MAX 1024 /* addresses that DNS answers gave to configured names */
#define CAPTURE_LOOKUPS_MAX 4096         /* name lookups under way that no connection has followed yet */

/* Everything but capture_sessions() and the questions is for the first pass only, frames in order. */
typedef struct capture capture_t;

/* A capture in which nothing has been seen; settings must outlive it. Free with capture_free(), which allows NULL and
 * frees the sessions. */
capture_t *capture_new(const capture_settings_t *settings);
void capture_free(capture_t *capture);

/* Whether look-ups of names tell of sessions from the next frame on: a name is configured, or has been learned. */
bool capture_knows_names(const capture_t *capture);

/* Whether an end of a connection may be a known endpoint; false if it is not worth a closer look. */
bool capture_may_know(const capture_t *capture, const uint8_t *address, size_t length, uint32_t port);

/* Whether the ends' server is a known endpoint. */
bool capture_knows(const capture_t *capture, const ends_t *ends);

/* Whether HTTP requests may ask a host that tells of revocation. */
bool capture_may_ask_revocation(const capture_t *capture);

/* Whether an HTTP request asks, by its Host, a host that tells of revocation. */
bool capture_asks_revocation(const capture_t *capture, const observation_t *observation);

/*
 * Begins a session with the first frame that is seen of a connection: a known endpoint's, one with a CONNECT or a
 * tunnel request, or with a Client Hello that may earn a tag. NULL if it is not worth following, or there are too many.
 * The frame's sender is taken for the client, and ends are given so; the session has them the other way round where the
 * sender turns out to be the known endpoint. An attempt to reach a host that tells of revocation, which is none, is
 * followed in the same way. The frame itself is still to be fed.
 */
session_t *capture_begin(capture_t *capture, const ends_t *ends, const observation_t *first);

/* Begins a session with its tunnel request, its handshake having been put aside; NULL if there are too many. */
session_t *capture_recall(capture_t *capture, const ends_t *ends, const session_brief_t *brief);

/* Feeds a frame to its session: notes, tags, judges, and learns. False if nothing says that the session is ours: it has
 * been freed, and capture_brief() tells what to keep of it. */
bool capture_feed(capture_t *capture, session_t *session, const observation_t *observation);

/* What is kept of a connection that is not followed, or no longer, by its latest frame. Its name lives as long as the
 * capture. */
session_brief_t capture_brief(capture_t *capture, const observation_t *latest);

/* Feeds a DNS message to the session that begins with it, or that it belongs to; NULL if the name is no endpoint's. */
session_t *capture_lookup(capture_t *capture, const ip_address_t *client, const observation_t *observation);

/* Whether any connection attempt awaits its answer, so that an ICMP error may be one. */
bool capture_is_connecting(const capture_t *capture);

/* The session whose unanswered SYN an ICMP error quotes, NULL if there is none; the error is still to be fed. */
session_t *capture_unreachable(const capture_t *capture, const ends_t *quoted);

/* Sessions in the order of tagging, withdrawn ones among them. */
const GPtrArray *capture_sessions(const capture_t *capture);

#endif
