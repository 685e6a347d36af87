/* capture.c - all sessions of a capture: where they begin, how frames are fed to them, what they teach each other
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "capture.h"

#include "attempts.h"
#include "findings/diagnose.h"
#include "learned.h"
#include "lookups.h"
#include "tagging.h"

#define SERVER_NAMES_BLOCK 4096 /* bytes */
/* What no attempt to reach a host that tells of revocation shows. */
#define BEGINS_SESSION (SEEN_CLIENT_HELLO | SEEN_CONNECT | SEEN_REQUEST | SEEN_TUNNEL)

struct capture {
  const capture_settings_t *settings; /* not owned */
  session_context_t context;
  GPtrArray *tagged;      /* sessions in the order of tagging; owned by `all` */
  GHashTable *all;        /* every session, tagged or candidate; owns them */
  GHashTable *connecting; /* ends_t -> session whose SYN is not answered yet */
  lookups_t *lookups;
  lookups_t *revocation_lookups; /* of attempts to reach a host that tells of revocation */
  GHashTable *names;             /* ip_address_t -> looked-up name of a configured endpoint */
  attempts_t *attempts;
  learned_endpoints_t *learned;
  GStringChunk *server_names; /* of connections that were put aside; most names come many times */
  bool knows_names;           /* once it does, it does to the end */
};

static guint address_hash(gconstpointer key)
{
  return ip_address_hash(key);
}

static gboolean address_equal(gconstpointer left, gconstpointer right)
{
  return ip_address_equal(left, right);
}

static void free_session(gpointer value)
{
  session_free(value);
}

static bool has_configured_name(const capture_settings_t *settings)
{
  for (size_t i = 0; i < settings->endpoint_count; i++)
    if (settings->endpoints[i].host != NULL)
      return true;
  return false;
}

capture_t *capture_new(const capture_settings_t *settings)
{
  capture_t *capture = g_new0(capture_t, 1);

  capture->settings = settings;
  capture->context = (session_context_t){
      .certificates = certificate_cache_new(),
      .revocation = revocation_new(),
      .inspection = inspection_new(settings->inspection_issuers, settings->inspection_issuer_count)};
  capture->tagged = g_ptr_array_new();
  capture->all = g_hash_table_new_full(NULL, NULL, free_session, NULL);
  capture->connecting = g_hash_table_new_full(ends_hash, ends_equal, g_free, NULL);
  capture->lookups = lookups_new();
  capture->revocation_lookups = lookups_new();
  capture->names = g_hash_table_new_full(address_hash, address_equal, g_free, g_free);
  capture->attempts = attempts_new();
  capture->learned = learned_endpoints_new();
  capture->server_names = g_string_chunk_new(SERVER_NAMES_BLOCK);
  capture->knows_names = has_configured_name(settings);
  return capture;
}

void capture_free(capture_t *capture)
{
  if (capture == NULL)
    return;
  attempts_free(capture->attempts);
  g_hash_table_destroy(capture->names);
  lookups_free(capture->revocation_lookups);
  lookups_free(capture->lookups);
  g_hash_table_destroy(capture->connecting);
  g_ptr_array_free(capture->tagged, TRUE);
  g_hash_table_destroy(capture->all);
  g_string_chunk_free(capture->server_names);
  learned_endpoints_free(capture->learned);
  inspection_free(capture->context.inspection);
  revocation_free(capture->context.revocation);
  certificate_cache_free(capture->context.certificates);
  g_free(capture);
}

bool capture_knows_names(const capture_t *capture)
{
  return capture->knows_names;
}

const GPtrArray *capture_sessions(const capture_t *capture)
{
  return capture->tagged;
}

bool capture_may_know(const capture_t *capture, const uint8_t *address, size_t length, uint32_t port)
{
  return capture->settings->endpoint_count > 0 || learned_endpoints_may_have(capture->learned, address, length, port) ||
         revocation_may_have(capture->context.revocation, address, length, port);
}

bool capture_knows(const capture_t *capture, const ends_t *ends)
{
  return tagging_row_of_server(capture->settings, &ends->server, ends->server_port,
                               g_hash_table_lookup(capture->names, &ends->server)) != NULL ||
         (capture->settings->tag_learned_endpoints &&
          learned_endpoints_find(capture->learned, &ends->server, ends->server_port, NULL) != NULL);
}

bool capture_may_ask_revocation(const capture_t *capture)
{
  return revocation_expects_any(capture->context.revocation);
}

bool capture_asks_revocation(const capture_t *capture, const observation_t *observation)
{
  return revocation_expects(capture->context.revocation, observation->http_host);
}

bool capture_is_connecting(const capture_t *capture)
{
  return g_hash_table_size(capture->connecting) > 0;
}

session_t *capture_unreachable(const capture_t *capture, const ends_t *quoted)
{
  return g_hash_table_lookup(capture->connecting, quoted);
}

/* NULL where the capture has as many as are followed. */
static session_t *new_session(capture_t *capture)
{
  session_t *session;

  if (g_hash_table_size(capture->all) >= CAPTURE_SESSIONS_MAX)
    return NULL;
  session = session_new(&capture->context);
  g_hash_table_add(capture->all, session);
  return session;
}

static void take_ends(session_t *session, const ends_t *ends)
{
  session->client = ends->client;
  session->server = ends->server;
  session->client_port = ends->client_port;
  session->server_port = ends->server_port;
}

static void note_connecting(capture_t *capture, session_t *session)
{
  ends_t ends = session_ends(session);

  g_hash_table_insert(capture->connecting, g_memdup2(&ends, sizeof(ends)), session);
}

static void forget_connecting(capture_t *capture, const session_t *session)
{
  ends_t ends = session_ends(session);

  if (g_hash_table_lookup(capture->connecting, &ends) == session)
    g_hash_table_remove(capture->connecting, &ends);
}

static bool is_tagged(const session_t *session)
{
  return session->tagged_by != TAG_NONE;
}

static bool is_answered(const session_t *lookup)
{
  return lookup->lookups[LOOKUP_A].answered || lookup->lookups[LOOKUP_AAAA].answered;
}

/* The look-up that led to a connection, NULL if there is none. Where the capture lacks the answer, or has cut it, the
 * hello tells the name, or the row of the server's address: what failed is not what led there. */
static session_t *take_lookup(capture_t *capture, const ends_t *ends, const observation_t *first)
{
  const char *name = g_hash_table_lookup(capture->names, &ends->server);
  const session_t *waiting;

  if (name == NULL)
    name = first->server_name;
  if (name != NULL)
    return lookups_take(capture->lookups, &ends->client, name);
  name = tagging_name_of_address(capture->settings, &ends->server, ends->server_port);
  waiting = name != NULL ? lookups_find(capture->lookups, &ends->client, name) : NULL;
  if (waiting == NULL || (waiting->verdict == VERDICT_FAILED && is_answered(waiting)))
    return NULL;
  return lookups_take(capture->lookups, &ends->client, name);
}

static session_t *follow(capture_t *capture, const ends_t *ends, const observation_t *first)
{
  session_t *session = take_lookup(capture, ends, first);

  if (session == NULL)
    session = new_session(capture);
  if (session != NULL)
    take_ends(session, ends);
  return session;
}

/* The session of an attempt to reach a host that tells of revocation, NULL where the server is none or there are too
 * many. */
static session_t *follow_revocation(capture_t *capture, const ends_t *ends, const observation_t *first)
{
  const char *host = revocation_host_of(capture->context.revocation, ends, first->http_host);
  session_t *session = host != NULL ? lookups_take(capture->revocation_lookups, &ends->client, host) : NULL;

  if (session == NULL && host != NULL && revocation_count_attempt(capture->context.revocation))
    session = new_session(capture);
  if (session == NULL)
    return NULL;
  take_ends(session, ends);
  session->asks_revocation = true;
  g_free(session->looked_up_name);
  session->looked_up_name = g_strdup(host);
  return session;
}

session_t *capture_begin(capture_t *capture, const ends_t *ends, const observation_t *first)
{
  ends_t reversed = {.client = ends->server,
                     .server = ends->client,
                     .client_port = ends->server_port,
                     .server_port = ends->client_port};
  bool is_hello = (first->facts & SEEN_CLIENT_HELLO) != 0;

  if ((first->facts & (SEEN_CONNECT | SEEN_REQUEST)) || capture_knows(capture, ends))
    return follow(capture, ends, first);
  if (capture_knows(capture, &reversed))
    return follow(capture, is_hello ? ends : &reversed, first);
  const session_t *refused = attempts_refused(capture->attempts, ends);

  if (is_hello && refused != NULL && tagging_is_soon_after(refused, first))
    return follow(capture, ends, first);
  if (is_hello && tagging_hello_counts(first, ends->server_port, capture->settings))
    return follow(capture, ends, first);
  return is_hello ? NULL : follow_revocation(capture, ends, first);
}

session_t *capture_recall(capture_t *capture, const ends_t *ends, const session_brief_t *brief)
{
  session_t *session = new_session(capture);

  if (session == NULL)
    return NULL;
  take_ends(session, ends);
  session_recall(session, brief);
  return session;
}

session_brief_t capture_brief(capture_t *capture, const observation_t *latest)
{
  session_brief_t brief = {0};

  if (!(latest->facts & SEEN_CLIENT_HELLO))
    return brief;
  brief.client_hello_frame = latest->frame;
  brief.offer = latest->offer;
  if (latest->server_name != NULL)
    brief.server_name = g_string_chunk_insert_const(capture->server_names, latest->server_name);
  return brief;
}

static void tag(capture_t *capture, session_t *session, const tagging_t *earned, uint32_t frame)
{
  session_take_row(session, earned->row);
  session->learned = earned->learned;
  session_tag_as(session, earned->tag, capture->tagged->len, frame);
  g_ptr_array_add(capture->tagged, session);
  attempts_link(capture->attempts, session);
}

/* The address was a known endpoint's, the name asked for is not: the tag must stand on something else, or fall. */
static void tag_again(session_t *session, const tagging_t *earned, uint32_t frame)
{
  session_take_row(session, earned->row);
  session->learned = earned->learned;
  if (earned->tag == TAG_NONE) {
    session->withdrawn_frame = frame;
    return;
  }
  session_tag_as(session, earned->tag, session->index, session->tagged_frame);
}

static void decide_tag(capture_t *capture, session_t *session, const observation_t *observation)
{
  if (is_tagged(session) && !tagging_is_contradicted(session, observation))
    return;
  const ends_t ends = session_ends(session);
  const tagging_grounds_t grounds = {.settings = capture->settings,
                                     .learned = capture->learned,
                                     .refused = attempts_refused(capture->attempts, &ends),
                                     .looked_up_name = g_hash_table_lookup(capture->names, &session->server)};
  const tagging_t earned = tagging_earned(session, observation, &grounds);

  if (is_tagged(session))
    tag_again(session, &earned, observation->frame);
  else if (earned.tag != TAG_NONE)
    tag(capture, session, &earned, observation->frame);
}

static void teach(capture_t *capture, session_t *session, session_verdict_t before)
{
  bool connects_now = session->verdict == VERDICT_CONNECTED && before != VERDICT_CONNECTED;

  learned_endpoints_note(capture->learned, session, connects_now);
  if (session->learned != NULL && session->learned->server_name != NULL)
    capture->knows_names = true;
}

static void note_answered(capture_t *capture, session_t *session, const observation_t *observation)
{
  if (observation->facts & (SEEN_SYN_ACK | SEEN_RST))
    forget_connecting(capture, session);
  else if (observation->facts & SEEN_SYN)
    note_connecting(capture, session);
}

/* From its certificate on the client may ask whether that is revoked. */
static void look_for_revocation(capture_t *capture, const session_t *session, const observation_t *observation)
{
  if (session->leaf != NULL && session->certificate_frame == observation->frame &&
      revocation_expect(capture->context.revocation, session->leaf))
    capture->knows_names = true;
}

/* The connection is no such attempt after all, or no longer: what was found of it is not ours. */
static void forget_revocation(session_t *session)
{
  ends_t ends = session_ends(session);

  session_restart(session);
  take_ends(session, &ends);
}

static void feed_revocation(capture_t *capture, session_t *session, const observation_t *observation)
{
  session_note(session, observation);
  diagnose(session, observation);
  note_answered(capture, session, observation);
  revocation_note(capture->context.revocation, session, observation);
}

/* What is judged may in turn show that a learned endpoint was meant. */
static void feed(capture_t *capture, session_t *session, const observation_t *observation)
{
  session_verdict_t before = session->verdict;
  bool was_refused = session->raised[FINDING_NULL_CIPHER_REJECTED];

  session_note(session, observation);
  decide_tag(capture, session, observation);
  diagnose(session, observation);
  if (!is_tagged(session) && session->findings->len > 0)
    decide_tag(capture, session, observation);
  if (is_tagged(session) && session->raised[FINDING_NULL_CIPHER_REJECTED] && !was_refused)
    attempts_note_refused(capture->attempts, session);
  note_answered(capture, session, observation);
  if (is_tagged(session) && session->withdrawn_frame == 0) {
    teach(capture, session, before);
    look_for_revocation(capture, session, observation);
  }
}

bool capture_feed(capture_t *capture, session_t *session, const observation_t *observation)
{
  if (session->asks_revocation && (observation->facts & BEGINS_SESSION))
    forget_revocation(session);
  if (session->asks_revocation) {
    feed_revocation(capture, session, observation);
    return true;
  }
  feed(capture, session, observation);
  if (!is_tagged(session) && !tagging_is_possible(session, observation)) {
    forget_connecting(capture, session);
    g_hash_table_remove(capture->all, session);
    return false;
  }
  return true;
}

static session_t *session_of_lookup(capture_t *capture, lookups_t *lookups, const ip_address_t *client,
                                    const observation_t *observation)
{
  session_t *known = lookups_find(lookups, client, observation->name); /* NULL where a connection has followed, too */
  session_t *session;

  if (lookups_is_old(lookups, client, observation) || !lookup_begins(known, observation))
    return known;
  if (known == NULL && lookups_count(lookups) >= CAPTURE_LOOKUPS_MAX)
    return NULL;
  session = new_session(capture);
  if (session == NULL)
    return NULL;
  session->client = *client;
  session->looked_up_name = g_ascii_strdown(observation->name, -1);
  lookups_add(lookups, session);
  return session;
}

/* A question for a host that tells of revocation is followed as one for an endpoint is. */
static void look_up_revocation(capture_t *capture, const ip_address_t *client, const observation_t *observation)
{
  session_t *session;

  if (!revocation_expects(capture->context.revocation, observation->name))
    return;
  revocation_note_addresses(capture->context.revocation, observation);
  session = session_of_lookup(capture, capture->revocation_lookups, client, observation);
  if (session == NULL)
    return;
  session->asks_revocation = true;
  feed_revocation(capture, session, observation);
}

static void remember_addresses(capture_t *capture, const observation_t *observation)
{
  for (size_t i = 0; i < observation->address_count; i++) {
    if (g_hash_table_size(capture->names) >= CAPTURE_NAMED_ADDRESSES_MAX)
      return;
    g_hash_table_insert(capture->names, g_memdup2(&observation->addresses[i], sizeof(ip_address_t)),
                        g_ascii_strdown(observation->name, -1));
  }
}

session_t *capture_lookup(capture_t *capture, const ip_address_t *client, const observation_t *observation)
{
  const capture_settings_t *settings = capture->settings;
  tagging_t earned = {
      .tag = TAG_CONFIGURED,
      .row = endpoints_find_name(settings->endpoints, settings->endpoint_count, observation->name, 0),
  };
  session_t *session;

  look_up_revocation(capture, client, observation);
  if (earned.row != NULL)
    remember_addresses(capture, observation);
  else if (settings->tag_learned_endpoints && learned_endpoints_find_name(capture->learned, observation->name) != NULL)
    earned.tag = TAG_LEARNED;
  else
    return NULL;
  session = session_of_lookup(capture, capture->lookups, client, observation);
  if (session == NULL)
    return NULL;
  if (!is_tagged(session))
    tag(capture, session, &earned, observation->frame);
  feed(capture, session, observation);
  return session;
}
