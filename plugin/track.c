/* track.c - which session a frame belongs to: lifetime, tagging, learned endpoints, first pass and later passes
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "track.h"

#include <string.h>

#include <epan/conversation.h>
#include <epan/proto_data.h>

#include "core/findings/diagnose.h"
#include "core/mark_set.h"
#include "observe.h"
#include "tunnel/notes.h"

#define NANOSECONDS INT64_C(1000000000)
#define SERVER_NAMES_BLOCK 4096                /* bytes */
#define LOOKUP_FORGOTTEN_NS (15 * NANOSECONDS) /* a question repeated later than this begins a new attempt */

/* A TCP connection that is followed. Lives in file scope with its conversation; written on the first pass only. */
typedef struct {
  session_t *followed; /* tagged, or a candidate; NULL while nothing says that it is ours */
  union {
    observed_connection_t connection; /* while it is followed */
    session_brief_t brief;            /* of its handshake while it is not */
  };
} tracked_connection_t;

/* A capture's state: made by track_init(), freed by track_cleanup(). */
static struct {
  session_context_t context;
  GPtrArray *tagged;      /* sessions in the order of tagging; owned by `all` */
  GHashTable *all;        /* every session, tagged or candidate; owns them */
  GHashTable *connecting; /* observed_unreachable -> session whose SYN is not answered yet */
  GHashTable *lookups;    /* "client name" -> session that no connection has followed yet */
  GHashTable *names;      /* ip_address -> looked-up name of a configured endpoint */
  GHashTable *attempts;   /* "client endpoint" -> the latest session tagged for it */
  learned_endpoints_t *learned;
  GStringChunk *server_names; /* of sessions that were put aside; most names come many times */
  observed_facts_t wanted;
  uint32_t connection_count; /* up to the frame before */
  mark_set_t followed_ends;  /* of the connections that are followed: observe_ends() */
  mark_set_t learned_ends;   /* observe_end() */
} capture;

static const track_settings_t *settings;
static int proto;

void track_register(int proto_iphttps, const track_settings_t *given)
{
  proto = proto_iphttps;
  settings = given;
}

static guint address_hash(gconstpointer key)
{
  const ip_address_t *hashed = key;
  guint hash = hashed->length;

  for (size_t i = 0; i < hashed->length; i++)
    hash = hash * 31 + hashed->bytes[i];
  return hash;
}

static gboolean address_equal(gconstpointer left, gconstpointer right)
{
  return ip_address_equal(left, right);
}

static guint attempt_hash(gconstpointer key)
{
  const observed_unreachable_t *hashed = key;

  return (address_hash(&hashed->client) * 31 + address_hash(&hashed->server)) * 31 + hashed->client_port;
}

static gboolean attempt_equal(gconstpointer left, gconstpointer right)
{
  const observed_unreachable_t *a = left, *b = right;

  return a->client_port == b->client_port && a->server_port == b->server_port &&
         ip_address_equal(&a->client, &b->client) && ip_address_equal(&a->server, &b->server);
}

static void free_session(gpointer value)
{
  session_free(value);
}

static bool has_configured_name(void)
{
  for (size_t i = 0; i < settings->endpoint_count; i++)
    if (settings->endpoints[i].host != NULL)
      return true;
  return false;
}

/* Has more of each frame observed from the next one on. */
static void want(observed_facts_t wanted)
{
  if (wanted <= capture.wanted)
    return;
  capture.wanted = wanted;
  observe_want(wanted);
}

void track_init(void)
{
  capture.context = (session_context_t){
      .certificates = certificate_cache_new(),
      .inspection_issuers = settings->inspection_issuers,
      .inspection_issuer_count = settings->inspection_issuer_count,
  };
  capture.tagged = g_ptr_array_new();
  capture.all = g_hash_table_new_full(NULL, NULL, free_session, NULL);
  capture.connecting = g_hash_table_new_full(attempt_hash, attempt_equal, g_free, NULL);
  capture.lookups = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  capture.names = g_hash_table_new_full(address_hash, address_equal, g_free, g_free);
  capture.attempts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  capture.learned = learned_endpoints_new();
  capture.server_names = g_string_chunk_new(SERVER_NAMES_BLOCK);
  capture.connection_count = 0;
  capture.followed_ends = capture.learned_ends = (mark_set_t){0};
  capture.wanted = OBSERVE_STARTS;
  observe_want(OBSERVE_STARTS);
  if (settings->endpoint_count > 0)
    want(has_configured_name() ? OBSERVE_NAMES : OBSERVE_SESSIONS);
}

void track_cleanup(void)
{
  g_hash_table_destroy(capture.attempts);
  g_hash_table_destroy(capture.names);
  g_hash_table_destroy(capture.lookups);
  g_hash_table_destroy(capture.connecting);
  g_ptr_array_free(capture.tagged, TRUE);
  g_hash_table_destroy(capture.all);
  g_string_chunk_free(capture.server_names);
  learned_endpoints_free(capture.learned);
  certificate_cache_free(capture.context.certificates);
}

const GPtrArray *track_sessions(void)
{
  return capture.tagged;
}

/* NULL where the capture has as many as are followed. */
static session_t *new_session(void)
{
  session_t *session;

  if (g_hash_table_size(capture.all) >= TRACK_SESSIONS_MAX)
    return NULL;
  session = session_new(&capture.context);
  g_hash_table_add(capture.all, session);
  return session;
}

static observed_unreachable_t attempt_of(const session_t *session)
{
  return (observed_unreachable_t){.client = session->client,
                                  .server = session->server,
                                  .client_port = session->client_port,
                                  .server_port = session->server_port};
}

static void note_connecting(session_t *session)
{
  observed_unreachable_t attempt = attempt_of(session);

  g_hash_table_insert(capture.connecting, g_memdup2(&attempt, sizeof(attempt)), session);
}

static void forget_connecting(const session_t *session)
{
  observed_unreachable_t attempt = attempt_of(session);

  if (g_hash_table_lookup(capture.connecting, &attempt) == session)
    g_hash_table_remove(capture.connecting, &attempt);
}

static void drop_session(session_t *session)
{
  forget_connecting(session);
  g_hash_table_remove(capture.all, session);
}

static bool is_tagged(const session_t *session)
{
  return session->tagged_by != TAG_NONE;
}

/* Links a session to the latest attempt of the same client at the same endpoint. */
static void link_attempts(session_t *tagged)
{
  char *client = ip_address_to_text(&tagged->client), *endpoint_text = session_endpoint_text(tagged);
  char *key = g_strdup_printf("%s %s", client, endpoint_text);
  const session_t *previous = g_hash_table_lookup(capture.attempts, key);

  if (previous != NULL) {
    tagged->previous_index = previous->index;
    tagged->attempt = previous->attempt + 1;
  }
  g_hash_table_insert(capture.attempts, key, tagged);
  g_free(client);
  g_free(endpoint_text);
}

static void learn(session_t *session)
{
  if (session->server.length == 0)
    return;
  session->learned = learned_endpoints_add(capture.learned, &session->server, session->server_port,
                                           session->server_name != NULL ? session->server_name : session->connect_host);
  mark_set_add(&capture.learned_ends, observe_end(session->server.bytes, session->server.length, session->server_port));
  if (session->learned != NULL && session->learned->server_name != NULL)
    want(OBSERVE_NAMES);
}

static void tag(session_t *session, session_tag_t by, uint32_t frame)
{
  session_tag_as(session, by, capture.tagged->len, frame);
  g_ptr_array_add(capture.tagged, session);
  link_attempts(session);
}

static void take_row(session_t *session, const endpoint_t *row)
{
  endpoint_clear(&session->configured);
  endpoint_copy(&session->configured, row);
  session->has_configured = true;
}

/* The first row that covers a name and a port; port 0 for any. */
static const endpoint_t *row_for_name(const char *name, uint16_t port)
{
  for (size_t i = 0; name != NULL && i < settings->endpoint_count; i++)
    if ((port == 0 || settings->endpoints[i].port == port) && endpoint_covers_name(&settings->endpoints[i], name))
      return &settings->endpoints[i];
  return NULL;
}

static const endpoint_t *row_for_address(const ip_address_t *server, uint16_t port)
{
  for (size_t i = 0; i < settings->endpoint_count; i++)
    if (settings->endpoints[i].port == port && endpoint_covers_address(&settings->endpoints[i], server))
      return &settings->endpoints[i];
  return NULL;
}

/* A row by the server's address, or by a configured name that a DNS answer of this capture gave that address. */
static const endpoint_t *row_for_server(const ip_address_t *server, uint16_t port)
{
  const endpoint_t *row = row_for_address(server, port);

  return row != NULL ? row : row_for_name(g_hash_table_lookup(capture.names, server), port);
}

static bool configured_port(uint16_t port)
{
  for (size_t i = 0; i < settings->endpoint_count; i++)
    if (settings->endpoints[i].port == port)
      return true;
  return port == ENDPOINT_DEFAULT_PORT;
}

static char *lookup_key(const ip_address_t *client, const char *name)
{
  char *address = ip_address_to_text(client), *folded = g_ascii_strdown(name, -1);
  char *key = g_strdup_printf("%s %s", address, folded);

  g_free(address);
  g_free(folded);
  return key;
}

/*
 * The session that began with the client's lookup of a name that this server bears, if no connection has followed it
 * yet. A client that asked over IPv4 and connects over IPv6, or the other way round, is taken for the one that asked
 * for the name.
 */
static session_t *session_of_lookup(const ip_address_t *client, const ip_address_t *server)
{
  const char *name = g_hash_table_lookup(capture.names, server);
  GHashTableIter iterator;
  gpointer value;

  g_hash_table_iter_init(&iterator, capture.lookups);
  while (name != NULL && g_hash_table_iter_next(&iterator, NULL, &value)) {
    session_t *session = value;

    if (strcmp(session->looked_up_name, name) == 0 &&
        (ip_address_equal(&session->client, client) || session->client.length != client->length)) {
      g_hash_table_iter_remove(&iterator);
      return session;
    }
  }
  return NULL;
}

static bool has_learned(const ip_address_t *server, uint16_t port)
{
  return settings->tag_learned_endpoints && !learned_endpoints_empty(capture.learned) &&
         learned_endpoints_find(capture.learned, server, port, NULL) != NULL;
}

/* False if neither end is learned. */
static bool has_learned_end(const packet_info *pinfo)
{
  return mark_set_may_have(&capture.learned_ends,
                           observe_end(pinfo->dst.data, (size_t)pinfo->dst.len, pinfo->destport)) ||
         mark_set_may_have(&capture.learned_ends, observe_end(pinfo->src.data, (size_t)pinfo->src.len, pinfo->srcport));
}

/* Whether one end of a connection nobody follows yet is a known endpoint; then who is the client. */
static bool has_known_end(packet_info *pinfo, bool *from_client)
{
  ip_address_t source, destination;

  if (settings->endpoint_count == 0 && !has_learned_end(pinfo))
    return false;
  source = observe_address(&pinfo->src);
  destination = observe_address(&pinfo->dst);
  *from_client = row_for_server(&destination, (uint16_t)pinfo->destport) != NULL ||
                 has_learned(&destination, (uint16_t)pinfo->destport);
  return *from_client || row_for_server(&source, (uint16_t)pinfo->srcport) != NULL ||
         has_learned(&source, (uint16_t)pinfo->srcport);
}

static void take_addresses(session_t *session, const packet_info *pinfo, bool from_client)
{
  session->client = observe_address(from_client ? &pinfo->src : &pinfo->dst);
  session->server = observe_address(from_client ? &pinfo->dst : &pinfo->src);
  session->client_port = (uint16_t)(from_client ? pinfo->srcport : pinfo->destport);
  session->server_port = (uint16_t)(from_client ? pinfo->destport : pinfo->srcport);
}

static tracked_connection_t *follow(packet_info *pinfo, conversation_t *conversation, bool from_client)
{
  tracked_connection_t *tracked = wmem_new0(wmem_file_scope(), tracked_connection_t);
  ip_address_t client = observe_address(from_client ? &pinfo->src : &pinfo->dst);
  ip_address_t server = observe_address(from_client ? &pinfo->dst : &pinfo->src);

  tracked->followed = session_of_lookup(&client, &server);
  if (tracked->followed == NULL)
    tracked->followed = new_session();
  if (tracked->followed != NULL) {
    take_addresses(tracked->followed, pinfo, from_client);
    observe_connection_start(&tracked->connection, conversation, from_client);
  }
  conversation_add_proto_data(conversation, proto, tracked);
  return tracked;
}

/* What a Client Hello's name says of a row that was chosen by address: a row with a host column speaks of that name
 * alone. */
static bool name_contradicts(const session_t *session)
{
  return session->has_configured && session->configured.host != NULL && session->server_name != NULL &&
         !endpoint_covers_name(&session->configured, session->server_name);
}

static const endpoint_t *row_for_session(const session_t *session)
{
  const endpoint_t *row =
      row_for_name(session->server_name, session->connect_port != 0 ? session->connect_port : session->server_port);

  if (row == NULL)
    row = row_for_name(session->connect_host, session->connect_port);
  if (row == NULL && session->connect_host != NULL) {
    ip_address_t literal;

    if (ip_address_parse(session->connect_host, &literal))
      row = row_for_address(&literal, session->connect_port);
  }
  if (row == NULL && session->connect_host == NULL)
    row = row_for_server(&session->server, session->server_port);
  if (row != NULL && row->host != NULL && session->server_name != NULL &&
      !endpoint_covers_name(row, session->server_name))
    return NULL;
  return row;
}

static bool starts_on_web_port(const session_t *session)
{
  return configured_port(session->connect_port != 0 ? session->connect_port : session->server_port);
}

/* The tag that a Client Hello earns by what it offers. */
static session_tag_t tag_of_offer(const session_t *session, const observation_t *observation)
{
  null_offer_t offer;

  if (!(observation->facts & SEEN_CLIENT_HELLO) || !observation->from_client || !settings->tag_null_offers ||
      !starts_on_web_port(session))
    return TAG_NONE;
  offer = cipher_suites_null_offer(observation->suites, observation->suite_count, observation->suites_complete);
  if (offer == NULL_OFFER_ONLY)
    return TAG_NULL_ONLY;
  return offer == NULL_OFFER_FIRST ? TAG_NULL_FIRST : TAG_NONE;
}

/* Finds the learned endpoint of a session, by address and by the name it asks for, or by a name it gives the proxy. */
static void find_learned(session_t *session)
{
  const char *name = session->server_name != NULL ? session->server_name : session->connect_host;

  if (!settings->tag_learned_endpoints)
    return;
  session->learned = learned_endpoints_find(capture.learned, &session->server, session->server_port, name);
  if (session->learned == NULL && session->connect_host != NULL)
    session->learned = learned_endpoints_find_name(capture.learned, session->connect_host);
}

/* A learned endpoint with a name is one of several that may share its address: only a Client Hello, a CONNECT, or an
 * attempt that never gets to a Client Hello tells that it is meant. */
static bool learned_endpoint_is_meant(const session_t *session, const observation_t *observation)
{
  return session->learned != NULL &&
         (session->learned->server_name == NULL || (observation->facts & SEEN_CLIENT_HELLO) ||
          session->connect_host != NULL || session->findings->len > 0);
}

static session_tag_t tag_earned(session_t *session, const observation_t *observation)
{
  const endpoint_t *row = session->has_configured ? &session->configured : row_for_session(session);
  session_tag_t offered = tag_of_offer(session, observation);

  if (row != NULL) {
    if (!session->has_configured)
      take_row(session, row);
    return TAG_CONFIGURED;
  }
  if (observation->facts & SEEN_REQUEST)
    return TAG_TUNNEL_REQUEST;
  find_learned(session);
  return learned_endpoint_is_meant(session, observation) ? TAG_LEARNED : offered;
}

/* Whether an untagged session may still earn a tag: until its Client Hello has come, or without one while it is being
 * set up. What goes through a proxy may show its tunnel request at any time, and has to remember where it goes. */
static bool may_still_be_tagged(const session_t *session, const observation_t *observation)
{
  if (observation->facts & (SEEN_FIN | SEEN_RST))
    return false;
  return session->connect_host != NULL ||
         (session->client_hello_frame == 0 && !(observation->facts & SEEN_CLIENT_HELLO));
}

/* The address was a configured endpoint's, the name asked for is not: the tag must stand on something else, or fall. */
static void reconsider_tag(session_t *session, const observation_t *observation)
{
  session_tag_t earned;

  endpoint_clear(&session->configured);
  session->has_configured = false;
  earned = tag_earned(session, observation);
  if (earned == TAG_NONE)
    session->withdrawn_frame = observation->frame;
  else
    session_tag_as(session, earned, session->index, session->tagged_frame);
}

static void decide_tag(session_t *session, const observation_t *observation)
{
  session_tag_t earned;

  if (is_tagged(session)) {
    if ((observation->facts & SEEN_CLIENT_HELLO) && name_contradicts(session))
      reconsider_tag(session, observation);
    return;
  }
  earned = tag_earned(session, observation);
  if (earned != TAG_NONE)
    tag(session, earned, observation->frame);
}

static void teach(session_t *session, session_verdict_t before)
{
  bool connected_now = session->verdict == VERDICT_CONNECTED && before != VERDICT_CONNECTED;

  if (session->learned == NULL &&
      (session->tagged_by == TAG_CONFIGURED || session->tagged_by == TAG_TUNNEL_REQUEST || connected_now) &&
      (session->client_hello_frame != 0 || session->request_frame != 0 || connected_now))
    learn(session);
  if (connected_now && session->learned != NULL && session->leaf != NULL)
    learned_endpoint_add_certificate(session->learned, session->leaf);
}

/* A frame's way through the house: facts, tag, judgement. What is judged may in turn show that a learned endpoint was
 * meant. */
static void feed(session_t *session, const observation_t *observation)
{
  session_verdict_t before = session->verdict;

  session_note(session, observation);
  decide_tag(session, observation);
  diagnose(session, observation);
  if (!is_tagged(session) && session->findings->len > 0)
    decide_tag(session, observation);
  if (observation->facts & SEEN_SYN_ACK)
    forget_connecting(session);
  else if (observation->facts & SEEN_SYN)
    note_connecting(session);
  if (is_tagged(session))
    teach(session, before);
}

/* Keeps of a connection that earned no tag what is needed should its tunnel request come. */
static void put_aside(tracked_connection_t *tracked, const observation_t *observation)
{
  tracked->followed = NULL;
  tracked->brief = (session_brief_t){0};
  if (!(observation->facts & SEEN_CLIENT_HELLO))
    return;
  tracked->brief.client_hello_frame = observation->frame;
  tracked->brief.offer =
      cipher_suites_null_offer(observation->suites, observation->suite_count, observation->suites_complete);
  if (observation->server_name != NULL)
    tracked->brief.server_name = g_string_chunk_insert_const(capture.server_names, observation->server_name);
}

/* Whether a Client Hello by itself says anything for its session: all others are put aside at once. */
static bool hello_may_count(const observation_t *hello, const packet_info *pinfo)
{
  null_offer_t offer = cipher_suites_null_offer(hello->suites, hello->suite_count, hello->suites_complete);

  return offer == NULL_OFFER_ONLY || offer == NULL_OFFER_FIRST ||
         row_for_name(hello->server_name, (uint16_t)pinfo->destport) != NULL;
}

static tracked_connection_t *begin(packet_info *pinfo, proto_tree *tree, conversation_t *conversation)
{
  bool is_known, is_hello, from_client;
  tracked_connection_t *tracked;
  observation_t hello;

  if (observe_has_connect(tree) || observe_has_request(pinfo, conversation))
    return follow(pinfo, conversation, true);
  is_hello = observe_client_hello(&hello, pinfo, tree);
  is_known = has_known_end(pinfo, &from_client);
  if (is_known || (is_hello && hello_may_count(&hello, pinfo)))
    return follow(pinfo, conversation, is_hello || from_client);
  if (!is_hello)
    return NULL;
  tracked = wmem_new(wmem_file_scope(), tracked_connection_t);
  put_aside(tracked, &hello);
  conversation_add_proto_data(conversation, proto, tracked);
  return tracked;
}

/* A handshake that was not tagged shows its tunnel request after all. */
static void revive(tracked_connection_t *tracked, const packet_info *pinfo, const conversation_t *conversation)
{
  session_t *session = new_session();

  if (session == NULL)
    return;
  take_addresses(session, pinfo, true);
  session_recall(session, &tracked->brief);
  tracked->followed = session;
  observe_connection_resume(&tracked->connection, conversation);
}

static bool track_segment(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, conversation_t *conversation)
{
  tracked_connection_t *tracked;
  observation_t observation;

  if (conversation == NULL)
    return false;
  tracked = conversation_get_proto_data(conversation, proto);
  if (tracked == NULL)
    tracked = begin(pinfo, tree, conversation);
  if (tracked == NULL)
    return false;
  if (tracked->followed == NULL && observe_has_request(pinfo, conversation))
    revive(tracked, pinfo, conversation);
  if (tracked->followed == NULL) {
    observe_brief(&tracked->brief, pinfo, tree);
    return true;
  }
  observe_segment(&observation, &tracked->connection, conversation, tvb, pinfo, tree);
  if (observation.client_bytes_missing)
    tunnel_note_missing_bytes(conversation, FROM_CLIENT);
  if (observation.server_bytes_missing)
    tunnel_note_missing_bytes(conversation, FROM_SERVER);
  feed(tracked->followed, &observation);
  if (is_tagged(tracked->followed) || may_still_be_tagged(tracked->followed, &observation)) {
    mark_set_add(&capture.followed_ends, observe_ends(pinfo));
    want(OBSERVE_SESSIONS);
  } else {
    drop_session(tracked->followed);
    put_aside(tracked, &observation);
  }
  return true;
}

static bool begins_connection(void)
{
  uint32_t before = capture.connection_count;

  capture.connection_count = observe_connection_count();
  return capture.connection_count != before;
}

static bool is_concerned_at_first(packet_info *pinfo, proto_tree *tree)
{
  bool from_client;

  return pinfo->ptype != PT_TCP || begins_connection() ||
         mark_set_may_have(&capture.followed_ends, observe_ends(pinfo)) || observe_tells_of_sessions(pinfo, tree) ||
         has_known_end(pinfo, &from_client) || (g_hash_table_size(capture.connecting) > 0 && observe_is_icmp(pinfo));
}

bool track_is_concerned(packet_info *pinfo, proto_tree *tree)
{
  if (PINFO_FD_VISITED(pinfo))
    return capture.tagged->len > 0 && (mark_set_may_have(&capture.followed_ends, observe_ends(pinfo)) ||
                                       p_get_proto_data(wmem_file_scope(), pinfo, proto, 0) != NULL);
  return is_concerned_at_first(pinfo, tree);
}

static bool track_unreachable(tvbuff_t *tvb, packet_info *pinfo)
{
  observed_unreachable_t quoted;
  observation_t observation;
  session_t *session = NULL;
  size_t at = 0;

  if (g_hash_table_size(capture.connecting) == 0)
    return false;
  while (session == NULL && observe_next_unreachable(tvb, pinfo, &at, &quoted))
    session = g_hash_table_lookup(capture.connecting, &quoted);
  if (session == NULL)
    return false;
  observe_unreachable(&observation, pinfo);
  feed(session, &observation);
  p_add_proto_data(wmem_file_scope(), pinfo, proto, 0, session);
  return true;
}

/* Whether a question begins another attempt: the one before has failed by its answer, or was made long ago. */
static bool asks_anew(const session_t *session, const observation_t *observation)
{
  const name_lookup_t *lookup = session_lookup(session, observation);

  if (!(observation->facts & SEEN_NAME_QUERY) || !lookup->asked)
    return false;
  return (lookup->answered && session->verdict == VERDICT_FAILED) ||
         observation->time_ns - lookup->asked_time_ns >= LOOKUP_FORGOTTEN_NS;
}

static session_t *session_for_lookup(const packet_info *pinfo, const observation_t *observation, const endpoint_t *row)
{
  ip_address_t client = observe_address(observation->from_client ? &pinfo->src : &pinfo->dst);
  char *key = lookup_key(&client, observation->name);
  session_t *session = g_hash_table_lookup(capture.lookups, key);

  if (session != NULL && !asks_anew(session, observation)) {
    g_free(key);
    return session;
  }
  if (!(observation->facts & SEEN_NAME_QUERY) && session == NULL && observation->name_code == 0 &&
      observation->address_count > 0) {
    g_free(key);
    return NULL;
  }
  session = session != NULL || g_hash_table_size(capture.lookups) < TRACK_LOOKUPS_MAX ? new_session() : NULL;
  if (session == NULL) {
    g_free(key);
    return NULL;
  }
  session->client = client;
  session->looked_up_name = g_ascii_strdown(observation->name, -1);
  if (row != NULL)
    take_row(session, row);
  g_hash_table_insert(capture.lookups, key, session);
  return session;
}

static void remember_addresses(const observation_t *observation)
{
  for (size_t i = 0; i < observation->address_count; i++) {
    ip_address_t *key;

    if (g_hash_table_size(capture.names) >= TRACK_NAMED_ADDRESSES_MAX)
      return;
    key = g_new(ip_address_t, 1);
    *key = observation->addresses[i];
    g_hash_table_insert(capture.names, key, g_ascii_strdown(observation->name, -1));
  }
}

static void track_name_lookup(packet_info *pinfo, proto_tree *tree)
{
  const endpoint_t *row;
  const learned_endpoint_t *learned = NULL;
  observation_t observation;
  session_t *session;

  if (capture.wanted < OBSERVE_NAMES || !observe_name_lookup(&observation, pinfo, tree))
    return;
  row = row_for_name(observation.name, 0);
  if (row == NULL && settings->tag_learned_endpoints)
    learned = learned_endpoints_find_name(capture.learned, observation.name);
  if (row == NULL && learned == NULL)
    return;
  if (row != NULL)
    remember_addresses(&observation);
  session = session_for_lookup(pinfo, &observation, row);
  if (session == NULL)
    return;
  if (!is_tagged(session))
    tag(session, row != NULL ? TAG_CONFIGURED : TAG_LEARNED, observation.frame);
  feed(session, &observation);
  p_add_proto_data(wmem_file_scope(), pinfo, proto, 0, session);
}

void track_frame(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, conversation_t *conversation)
{
  if (!track_segment(tvb, pinfo, tree, conversation) && !track_unreachable(tvb, pinfo))
    track_name_lookup(pinfo, tree);
}

static session_t *session_of_frame(packet_info *pinfo, const conversation_t *conversation)
{
  tracked_connection_t *tracked = conversation != NULL ? conversation_get_proto_data(conversation, proto) : NULL;

  if (tracked != NULL)
    return tracked->followed;
  return p_get_proto_data(wmem_file_scope(), pinfo, proto, 0);
}

const session_t *track_session_of(packet_info *pinfo, const conversation_t *conversation)
{
  session_t *session;

  if (capture.tagged->len == 0)
    return NULL;
  session = session_of_frame(pinfo, conversation);
  if (session == NULL || !is_tagged(session))
    return NULL;
  if (PINFO_FD_VISITED(pinfo))
    return session->withdrawn_frame == 0 ? session : NULL;
  return session->withdrawn_frame == 0 || pinfo->num < session->withdrawn_frame ? session : NULL;
}
