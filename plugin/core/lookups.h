/* lookups.h - sessions that began with a lookup of their endpoint's name, and that no connection has followed yet
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_CORE_LOOKUPS_H
#define IPHTTPS_CORE_LOOKUPS_H

#include <stddef.h>

#include "session.h"

#define LOOKUPS_QUESTIONS_MAX 16384 /* that are known again; what is asked later is new */

typedef struct lookups lookups_t;

/* An empty set. Free with lookups_free(); its sessions belong to somebody else, and must live as long. */
lookups_t *lookups_new(void);
void lookups_free(lookups_t *lookups);

size_t lookups_count(const lookups_t *lookups);

/* Adds a session by its client and the name it has looked up, in place of an earlier one of both. */
void lookups_add(lookups_t *lookups, session_t *session);

/* Notes a question or an answer, and says whether it is the answer to a question that was seen, or comes behind its
 * answer, or is the copy of one seen a moment ago: the id tells it from one asked anew (RFC 1035 section 4.1.1). */
bool lookups_is_old(lookups_t *lookups, const ip_address_t *client, const observation_t *observation);

/* Whether a message that is not old begins a session; known is that of its client and name, NULL if there is none. */
bool lookup_begins(const session_t *known, const observation_t *observation);

/* The session of that client and name, NULL if there is none. */
session_t *lookups_find(const lookups_t *lookups, const ip_address_t *client, const char *name);

/*
 * Removes and returns the session that a connection of the client to a server of that name follows, NULL if there is
 * none. A client that asked over IPv4 and connects over IPv6, or the other way round, is taken for the one that asked
 * for the name first.
 */
session_t *lookups_take(lookups_t *lookups, const ip_address_t *client, const char *name);

#endif
