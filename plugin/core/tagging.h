/* tagging.h - why a session is ours: a pure function of the session, the frame, and what is known of endpoints
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_CORE_TAGGING_H
#define IPHTTPS_CORE_TAGGING_H

#include <stdbool.h>

#include "learned.h"
#include "observation.h"
#include "session.h"
#include "settings.h"

/* What is known of endpoints when a frame is looked at. */
typedef struct {
  const capture_settings_t *settings;
  const learned_endpoints_t *learned;
  const session_t *refused; /* the client's latest at this server whose NULL offer was refused, NULL if there is none */
  const char *looked_up_name; /* configured name that a DNS answer gave the session's server, NULL if none did */
} tagging_grounds_t;

/* A tag, and the ground it stands on. */
typedef struct {
  session_tag_t tag;
  const endpoint_t *row;       /* with TAG_CONFIGURED */
  learned_endpoint_t *learned; /* with TAG_LEARNED */
} tagging_t;

/* The tag that a session earns with the frame it has just taken in; TAG_NONE if none. */
tagging_t tagging_earned(const session_t *session, const observation_t *observation, const tagging_grounds_t *grounds);

/* Whether the name in the Client Hello of a tagged session takes away the ground that its tag stands on. */
bool tagging_is_contradicted(const session_t *session, const observation_t *observation);

/* Whether an untagged session may still earn a tag. */
bool tagging_is_possible(const session_t *session, const observation_t *observation);

/* Whether the frame comes so soon after the refusal of a session's NULL offer that it may be another attempt. */
bool tagging_is_soon_after(const session_t *refused, const observation_t *observation);

/* Whether a Client Hello sent to that port may earn a tag by itself. */
bool tagging_hello_counts(const observation_t *hello, uint16_t port, const capture_settings_t *settings);

/* The name in the row of an address, NULL if there is none. */
const char *tagging_name_of_address(const capture_settings_t *settings, const ip_address_t *server, uint16_t port);

/* Whether a server may be one that a row means, so that a Client Hello sent to it is to be looked at: by its address,
 * or by the port alone where the row has a name. */
bool tagging_row_may_mean(const capture_settings_t *settings, const ip_address_t *server, uint16_t port);

/* The row that covers a server by its address, or by the configured name that a DNS answer gave it (NULL for none). */
const endpoint_t *tagging_row_of_server(const capture_settings_t *settings, const ip_address_t *server, uint16_t port,
                                        const char *looked_up_name);

#endif
