/* lookups.h - sessions that began with a lookup of their endpoint's name, and that no connection has followed yet
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_CORE_LOOKUPS_H
#define IPHTTPS_CORE_LOOKUPS_H

#include <stddef.h>

#include "session.h"

typedef struct lookups lookups_t;

/* An empty set. Free with lookups_free(); its sessions belong to somebody else, and must live as long. */
lookups_t *lookups_new(void);
void lookups_free(lookups_t *lookups);

size_t lookups_count(const lookups_t *lookups);

/* Adds a session by its client and the name it has looked up, in place of an earlier one of both. */
void lookups_add(lookups_t *lookups, session_t *session);

/* The session of that client and name, NULL if there is none. */
session_t *lookups_find(const lookups_t *lookups, const ip_address_t *client, const char *name);

/*
 * Removes and returns the session that a connection of the client to a server of that name follows, NULL if there is
 * none. A client that asked over IPv4 and connects over IPv6, or the other way round, is taken for the one that asked
 * for the name first.
 */
session_t *lookups_take(lookups_t *lookups, const ip_address_t *client, const char *name);

#endif
