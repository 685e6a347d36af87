/* tagging.c - why a session is ours: a pure function of the session, the frame, and what is known of endpoints
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tagging.h"

#define FALLBACK_NS (60 * NANOSECONDS) /* within which an attempt belongs to the refused one before it */

static const endpoint_t *row_of_name(const capture_settings_t *settings, const char *name, uint16_t port)
{
  return endpoints_find_name(settings->endpoints, settings->endpoint_count, name, port);
}

static const endpoint_t *row_of_address(const capture_settings_t *settings, const ip_address_t *server, uint16_t port)
{
  return endpoints_find_address(settings->endpoints, settings->endpoint_count, server, port);
}

const endpoint_t *tagging_row_of_server(const capture_settings_t *settings, const ip_address_t *server, uint16_t port,
                                        const char *looked_up_name)
{
  const endpoint_t *row = row_of_address(settings, server, port);

  return row != NULL ? row : row_of_name(settings, looked_up_name, port);
}

const char *tagging_name_of_address(const capture_settings_t *settings, const ip_address_t *server, uint16_t port)
{
  const endpoint_t *row = row_of_address(settings, server, port);

  return row != NULL && row->host != NULL && row->host[0] != '*' ? row->host : NULL;
}

bool tagging_row_may_mean(const capture_settings_t *settings, const ip_address_t *server, uint16_t port)
{
  for (size_t i = 0; i < settings->endpoint_count; i++)
    if (settings->endpoints[i].host != NULL && settings->endpoints[i].port == port)
      return true;
  return row_of_address(settings, server, port) != NULL;
}

/* The port that the client wants to get to in the end. */
static uint16_t port_asked_for(const session_t *session)
{
  return session->connect_port != 0 ? session->connect_port : session->server_port;
}

/* A row with a host column speaks of that name alone. */
static bool row_contradicts(const endpoint_t *row, const session_t *session)
{
  return row->host != NULL && session->server_name != NULL && !endpoint_covers_name(row, session->server_name);
}

static const endpoint_t *row_of_session(const session_t *session, const tagging_grounds_t *grounds)
{
  const capture_settings_t *settings = grounds->settings;
  const endpoint_t *row = row_of_name(settings, session->server_name, port_asked_for(session));
  ip_address_t literal;

  if (row == NULL)
    row = row_of_name(settings, session->connect_host, session->connect_port);
  if (row == NULL && session->connect_host != NULL && ip_address_parse(session->connect_host, &literal))
    row = row_of_address(settings, &literal, session->connect_port);
  if (row == NULL && session->connect_host == NULL)
    row = tagging_row_of_server(settings, &session->server, session->server_port, grounds->looked_up_name);
  return row != NULL && !row_contradicts(row, session) ? row : NULL;
}

static bool is_web_port(uint16_t port, const capture_settings_t *settings)
{
  for (size_t i = 0; i < settings->endpoint_count; i++)
    if (settings->endpoints[i].port == port)
      return true;
  return port == ENDPOINT_DEFAULT_PORT;
}

static session_tag_t tag_of_offer(const observation_t *hello, tag_null_offers_t tagged)
{
  static const struct {
    session_tag_t tag;
    tag_null_offers_t from; /* the least setting with which it is given */
  } tags[] = {
      [NULL_OFFER_NONE] = {TAG_NONE, TAG_NULL_OFFERS_NEVER},
      [NULL_OFFER_AMONG] = {TAG_NONE, TAG_NULL_OFFERS_NEVER},
      [NULL_OFFER_BEHIND] = {TAG_NULL_BEHIND, TAG_NULL_OFFERS_ANYWHERE},
      [NULL_OFFER_FIRST] = {TAG_NULL_FIRST, TAG_NULL_OFFERS_FIRST},
      [NULL_OFFER_ONLY] = {TAG_NULL_ONLY, TAG_NULL_OFFERS_FIRST},
  };

  return tagged >= tags[hello->offer].from ? tags[hello->offer].tag : TAG_NONE;
}

bool tagging_hello_counts(const observation_t *hello, uint16_t port, const capture_settings_t *settings)
{
  return tag_of_offer(hello, settings->tag_null_offers) != TAG_NONE ||
         row_of_name(settings, hello->server_name, port) != NULL;
}

/* By address and by the name it asks for, or by a name it gives the proxy. */
static learned_endpoint_t *learned_endpoint_of(const session_t *session, const tagging_grounds_t *grounds)
{
  const char *name = session->server_name != NULL ? session->server_name : session->connect_host;
  learned_endpoint_t *learned;

  if (!grounds->settings->tag_learned_endpoints)
    return NULL;
  learned = learned_endpoints_find(grounds->learned, &session->server, session->server_port, name);
  if (learned == NULL && session->connect_host != NULL)
    learned = learned_endpoints_find_name(grounds->learned, session->connect_host);
  return learned;
}

/* A learned endpoint with a name is one of several that may share its address: only a Client Hello, a CONNECT, or an
 * attempt that fails before it gets to a Client Hello tells that it is meant. */
static bool is_meant(const learned_endpoint_t *learned, const session_t *session, const observation_t *observation)
{
  return learned->server_name == NULL || learned->plain_http || (observation->facts & SEEN_CLIENT_HELLO) ||
         session->connect_host != NULL || (session->findings->len > 0 && session->phase < PHASE_CLIENT_HELLO);
}

bool tagging_is_soon_after(const session_t *refused, const observation_t *observation)
{
  return observation->time_ns - refused->transmission_time_ns < FALLBACK_NS;
}

/* A client whose NULL suites were refused tries again with encrypted ones, and asks for the same. */
static bool follows_refusal(const session_t *session, const observation_t *hello, const session_t *refused)
{
  return refused != NULL && refused != session && tagging_is_soon_after(refused, hello) &&
         refused->connect_port == session->connect_port &&
         g_strcmp0(refused->connect_host, session->connect_host) == 0 &&
         g_strcmp0(refused->server_name, session->server_name) == 0;
}

tagging_t tagging_earned(const session_t *session, const observation_t *observation, const tagging_grounds_t *grounds)
{
  const endpoint_t *row = row_of_session(session, grounds);
  learned_endpoint_t *learned;

  if (row != NULL)
    return (tagging_t){.tag = TAG_CONFIGURED, .row = row};
  if (observation->facts & (SEEN_REQUEST | SEEN_TUNNEL))
    return (tagging_t){.tag = TAG_TUNNEL_REQUEST};
  learned = learned_endpoint_of(session, grounds);
  if (learned != NULL && is_meant(learned, session, observation))
    return (tagging_t){.tag = TAG_LEARNED, .learned = learned};
  if (!(observation->facts & SEEN_CLIENT_HELLO) || !observation->from_client)
    return (tagging_t){.tag = TAG_NONE};
  if (observation->offer < NULL_OFFER_FIRST && follows_refusal(session, observation, grounds->refused))
    return (tagging_t){.tag = TAG_LEARNED};
  if (is_web_port(port_asked_for(session), grounds->settings))
    return (tagging_t){.tag = tag_of_offer(observation, grounds->settings->tag_null_offers)};
  return (tagging_t){.tag = TAG_NONE};
}

bool tagging_is_contradicted(const session_t *session, const observation_t *observation)
{
  if (!(observation->facts & SEEN_CLIENT_HELLO) || session->server_name == NULL)
    return false;
  if (session->configured != NULL)
    return row_contradicts(session->configured, session);
  return session->tagged_by == TAG_LEARNED && session->connect_host == NULL && session->learned != NULL &&
         !learned_endpoint_has_name(session->learned, session->server_name);
}

/* Until its Client Hello has come, or without one while it is being set up. What goes through a proxy may show its
 * tunnel request at any time, and has to remember where it goes. */
bool tagging_is_possible(const session_t *session, const observation_t *observation)
{
  if (observation->facts & SEEN_CLOSE)
    return false;
  return session->connect_host != NULL ||
         (session->client_hello_frame == 0 && !(observation->facts & SEEN_CLIENT_HELLO));
}
