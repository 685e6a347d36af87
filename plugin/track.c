/* track.c - which session a frame belongs to: lifetime, tagging, learned endpoints, first pass and later passes
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "track.h"

#include <string.h>

#include <epan/conversation.h>
#include <epan/proto_data.h>

#include "core/diagnose.h"
#include "core/mark_set.h"
#include "observe.h"
#include "tunnel_notes.h"

#define NANOSECONDS INT64_C(1000000000)
#define SERVER_NAMES_BLOCK 4096                /* bytes */
#define LOOKUP_FORGOTTEN_NS (15 * NANOSECONDS) /* a question repeated later than this begins a new attempt */

/* A TCP connection that is followed. Lives in file scope with its conversation; written on the first pass only. */
typedef struct {
  session *followed; /* tagged, or a candidate; NULL while nothing says that it is ours */
  union {
    observed_connection connection; /* while it is followed */
    session_brief brief;            /* of its handshake while it is not */
  };
} tracked_connection;

/* A capture's state: made by track_init(), freed by track_cleanup(). */
static struct {
  session_context context;
  GPtrArray *tagged;      /* sessions in the order of tagging; owned by `all` */
  GHashTable *all;        /* every session, tagged or candidate; owns them */
  GHashTable *connecting; /* observed_unreachable -> session whose SYN is not answered yet */
  GHashTable *lookups;    /* "client name" -> session that no connection has followed yet */
  GHashTable *names;      /* ip_address -> looked-up name of a configured endpoint */
  GHashTable *attempts;   /* "client endpoint" -> the latest session tagged for it */
  learned_endpoints *learned;
  GStringChunk *server_names; /* of sessions that were put aside; most names come many times */
  observed_facts wanted;
  uint32_t connection_count; /* up to the frame before */
  mark_set followed_ends;    /* of the connections that are followed: observe_ends() */
  mark_set learned_ends;     /* observe_end() */
} capture;

static const track_settings *settings;
static int proto;

void track_register(int proto_iphttps, const track_settings *given)
{
  proto = proto_iphttps;
  settings = given;
}

static guint address_hash(gconstpointer key)
{
  const ip_address *hashed = key;
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
  const observed_unreachable *hashed = key;

  return (address_hash(&hashed->client) * 31 + address_hash(&hashed->server)) * 31 + hashed->client_port;
}

static gboolean attempt_equal(gconstpointer left, gconstpointer right)
{
  const observed_unreachable *a = left, *b = right;

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
static void want(observed_facts wanted)
{
  if (wanted <= capture.wanted)
    return;
  capture.wanted = wanted;
  observe_want(wanted);
}

void track_init(void)
{
  capture.context = (session_context){
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
  capture.followed_ends = capture.learned_ends = (mark_set){0};
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
static session *new_session(void)
{
  session *created;

  if (g_hash_table_size(capture.all) >= TRACK_SESSIONS_MAX)
    return NULL;
  created = session_new(&capture.context);
  g_hash_table_add(capture.all, created);
  return created;
}

static observed_unreachable attempt_of(const session *asked)
{
  return (observed_unreachable){.client = asked->client,
                                .server = asked->server,
                                .client_port = asked->client_port,
                                .server_port = asked->server_port};
}

static void note_connecting(session *noted)
{
  observed_unreachable attempt = attempt_of(noted);

  g_hash_table_insert(capture.connecting, g_memdup2(&attempt, sizeof(attempt)), noted);
}

static void forget_connecting(const session *forgotten)
{
  observed_unreachable attempt = attempt_of(forgotten);

  if (g_hash_table_lookup(capture.connecting, &attempt) == forgotten)
    g_hash_table_remove(capture.connecting, &attempt);
}

static void drop_session(session *dropped)
{
  forget_connecting(dropped);
  g_hash_table_remove(capture.all, dropped);
}

static bool is_tagged(const session *asked)
{
  return asked->tagged_by != TAG_NONE;
}

/* Links a session to the latest attempt of the same client at the same endpoint. */
static void link_attempts(session *tagged)
{
  char *client = ip_address_to_text(&tagged->client), *endpoint_text = session_endpoint_text(tagged);
  char *key = g_strdup_printf("%s %s", client, endpoint_text);
  const session *previous = g_hash_table_lookup(capture.attempts, key);

  if (previous != NULL) {
    tagged->previous_index = previous->index;
    tagged->attempt = previous->attempt + 1;
  }
  g_hash_table_insert(capture.attempts, key, tagged);
  g_free(client);
  g_free(endpoint_text);
}

static void learn(session *taught)
{
  if (taught->server.length == 0)
    return;
  taught->learned = learned_endpoints_add(capture.learned, &taught->server, taught->server_port,
                                          taught->server_name != NULL ? taught->server_name : taught->connect_host);
  mark_set_add(&capture.learned_ends, observe_end(taught->server.bytes, taught->server.length, taught->server_port));
  if (taught->learned != NULL && taught->learned->server_name != NULL)
    want(OBSERVE_NAMES);
}

static void tag(session *tagged, session_tag by, uint32_t frame)
{
  session_tag_as(tagged, by, capture.tagged->len, frame);
  g_ptr_array_add(capture.tagged, tagged);
  link_attempts(tagged);
}

static void take_row(session *taken, const endpoint *row)
{
  endpoint_clear(&taken->configured);
  endpoint_copy(&taken->configured, row);
  taken->has_configured = true;
}

/* The first row that covers a name and a port; port 0 for any. */
static const endpoint *row_for_name(const char *name, uint16_t port)
{
  for (size_t i = 0; name != NULL && i < settings->endpoint_count; i++)
    if ((port == 0 || settings->endpoints[i].port == port) && endpoint_covers_name(&settings->endpoints[i], name))
      return &settings->endpoints[i];
  return NULL;
}

static const endpoint *row_for_address(const ip_address *server, uint16_t port)
{
  for (size_t i = 0; i < settings->endpoint_count; i++)
    if (settings->endpoints[i].port == port && endpoint_covers_address(&settings->endpoints[i], server))
      return &settings->endpoints[i];
  return NULL;
}

/* A row by the server's address, or by a configured name that a DNS answer of this capture gave that address. */
static const endpoint *row_for_server(const ip_address *server, uint16_t port)
{
  const endpoint *row = row_for_address(server, port);

  return row != NULL ? row : row_for_name(g_hash_table_lookup(capture.names, server), port);
}

static bool configured_port(uint16_t port)
{
  for (size_t i = 0; i < settings->endpoint_count; i++)
    if (settings->endpoints[i].port == port)
      return true;
  return port == ENDPOINT_DEFAULT_PORT;
}

static char *lookup_key(const ip_address *client, const char *name)
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
static session *session_of_lookup(const ip_address *client, const ip_address *server)
{
  const char *name = g_hash_table_lookup(capture.names, server);
  GHashTableIter iterator;
  gpointer value;

  g_hash_table_iter_init(&iterator, capture.lookups);
  while (name != NULL && g_hash_table_iter_next(&iterator, NULL, &value)) {
    session *found = value;

    if (strcmp(found->looked_up_name, name) == 0 &&
        (ip_address_equal(&found->client, client) || found->client.length != client->length)) {
      g_hash_table_iter_remove(&iterator);
      return found;
    }
  }
  return NULL;
}

static bool has_learned(const ip_address *server, uint16_t port)
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
  ip_address source, destination;

  if (settings->endpoint_count == 0 && !has_learned_end(pinfo))
    return false;
  source = observe_address(&pinfo->src);
  destination = observe_address(&pinfo->dst);
  *from_client = row_for_server(&destination, (uint16_t)pinfo->destport) != NULL ||
                 has_learned(&destination, (uint16_t)pinfo->destport);
  return *from_client || row_for_server(&source, (uint16_t)pinfo->srcport) != NULL ||
         has_learned(&source, (uint16_t)pinfo->srcport);
}

static void take_addresses(session *taken, const packet_info *pinfo, bool from_client)
{
  taken->client = observe_address(from_client ? &pinfo->src : &pinfo->dst);
  taken->server = observe_address(from_client ? &pinfo->dst : &pinfo->src);
  taken->client_port = (uint16_t)(from_client ? pinfo->srcport : pinfo->destport);
  taken->server_port = (uint16_t)(from_client ? pinfo->destport : pinfo->srcport);
}

static tracked_connection *follow(packet_info *pinfo, conversation_t *conversation, bool from_client)
{
  tracked_connection *tracked = wmem_new0(wmem_file_scope(), tracked_connection);
  ip_address client = observe_address(from_client ? &pinfo->src : &pinfo->dst);
  ip_address server = observe_address(from_client ? &pinfo->dst : &pinfo->src);

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
static bool name_contradicts(const session *asked)
{
  return asked->has_configured && asked->configured.host != NULL && asked->server_name != NULL &&
         !endpoint_covers_name(&asked->configured, asked->server_name);
}

static const endpoint *row_for_session(const session *asked)
{
  const endpoint *row =
      row_for_name(asked->server_name, asked->connect_port != 0 ? asked->connect_port : asked->server_port);

  if (row == NULL)
    row = row_for_name(asked->connect_host, asked->connect_port);
  if (row == NULL && asked->connect_host != NULL) {
    ip_address literal;

    if (ip_address_parse(asked->connect_host, &literal))
      row = row_for_address(&literal, asked->connect_port);
  }
  if (row == NULL && asked->connect_host == NULL)
    row = row_for_server(&asked->server, asked->server_port);
  if (row != NULL && row->host != NULL && asked->server_name != NULL && !endpoint_covers_name(row, asked->server_name))
    return NULL;
  return row;
}

static bool starts_on_web_port(const session *asked)
{
  return configured_port(asked->connect_port != 0 ? asked->connect_port : asked->server_port);
}

/* The tag that a Client Hello earns by what it offers. */
static session_tag tag_of_offer(const session *asked, const observation *seen)
{
  null_offer offer;

  if (!(seen->seen & SEEN_CLIENT_HELLO) || !seen->from_client || !settings->tag_null_offers ||
      !starts_on_web_port(asked))
    return TAG_NONE;
  offer = cipher_suites_null_offer(seen->suites, seen->suite_count, seen->suites_complete);
  if (offer == NULL_OFFER_ONLY)
    return TAG_NULL_ONLY;
  return offer == NULL_OFFER_FIRST ? TAG_NULL_FIRST : TAG_NONE;
}

/* Finds the learned endpoint of a session, by address and by the name it asks for, or by a name it gives the proxy. */
static void find_learned(session *asked)
{
  const char *name = asked->server_name != NULL ? asked->server_name : asked->connect_host;

  if (!settings->tag_learned_endpoints)
    return;
  asked->learned = learned_endpoints_find(capture.learned, &asked->server, asked->server_port, name);
  if (asked->learned == NULL && asked->connect_host != NULL)
    asked->learned = learned_endpoints_find_name(capture.learned, asked->connect_host);
}

/* A learned endpoint with a name is one of several that may share its address: only a Client Hello, a CONNECT, or an
 * attempt that never gets to a Client Hello tells that it is meant. */
static bool learned_endpoint_is_meant(const session *asked, const observation *seen)
{
  return asked->learned != NULL && (asked->learned->server_name == NULL || (seen->seen & SEEN_CLIENT_HELLO) ||
                                    asked->connect_host != NULL || asked->findings->len > 0);
}

static session_tag tag_earned(session *asked, const observation *seen)
{
  const endpoint *row = asked->has_configured ? &asked->configured : row_for_session(asked);
  session_tag offered = tag_of_offer(asked, seen);

  if (row != NULL) {
    if (!asked->has_configured)
      take_row(asked, row);
    return TAG_CONFIGURED;
  }
  if (seen->seen & SEEN_REQUEST)
    return TAG_TUNNEL_REQUEST;
  find_learned(asked);
  return learned_endpoint_is_meant(asked, seen) ? TAG_LEARNED : offered;
}

/* Whether an untagged session may still earn a tag: until its Client Hello has come, or without one while it is being
 * set up. What goes through a proxy may show its tunnel request at any time, and has to remember where it goes. */
static bool may_still_be_tagged(const session *asked, const observation *seen)
{
  if (seen->seen & (SEEN_FIN | SEEN_RST))
    return false;
  return asked->connect_host != NULL || (asked->client_hello_frame == 0 && !(seen->seen & SEEN_CLIENT_HELLO));
}

/* The address was a configured endpoint's, the name asked for is not: the tag must stand on something else, or fall. */
static void reconsider_tag(session *tagged, const observation *seen)
{
  session_tag earned;

  endpoint_clear(&tagged->configured);
  tagged->has_configured = false;
  earned = tag_earned(tagged, seen);
  if (earned == TAG_NONE)
    tagged->withdrawn_frame = seen->frame;
  else
    session_tag_as(tagged, earned, tagged->index, tagged->tagged_frame);
}

static void decide_tag(session *followed, const observation *seen)
{
  session_tag earned;

  if (is_tagged(followed)) {
    if ((seen->seen & SEEN_CLIENT_HELLO) && name_contradicts(followed))
      reconsider_tag(followed, seen);
    return;
  }
  earned = tag_earned(followed, seen);
  if (earned != TAG_NONE)
    tag(followed, earned, seen->frame);
}

static void teach(session *taught, session_verdict before)
{
  bool connected_now = taught->verdict == VERDICT_CONNECTED && before != VERDICT_CONNECTED;

  if (taught->learned == NULL &&
      (taught->tagged_by == TAG_CONFIGURED || taught->tagged_by == TAG_TUNNEL_REQUEST || connected_now) &&
      (taught->client_hello_frame != 0 || taught->request_frame != 0 || connected_now))
    learn(taught);
  if (connected_now && taught->learned != NULL && taught->leaf != NULL)
    learned_endpoint_add_certificate(taught->learned, taught->leaf);
}

/* A frame's way through the house: facts, tag, judgement. What is judged may in turn show that a learned endpoint was
 * meant. */
static void feed(session *followed, const observation *seen)
{
  session_verdict before = followed->verdict;

  session_note(followed, seen);
  decide_tag(followed, seen);
  diagnose(followed, seen);
  if (!is_tagged(followed) && followed->findings->len > 0)
    decide_tag(followed, seen);
  if (seen->seen & SEEN_SYN_ACK)
    forget_connecting(followed);
  else if (seen->seen & SEEN_SYN)
    note_connecting(followed);
  if (is_tagged(followed))
    teach(followed, before);
}

/* Keeps of a connection that earned no tag what is needed should its tunnel request come. */
static void put_aside(tracked_connection *tracked, const observation *seen)
{
  tracked->followed = NULL;
  tracked->brief = (session_brief){0};
  if (!(seen->seen & SEEN_CLIENT_HELLO))
    return;
  tracked->brief.client_hello_frame = seen->frame;
  tracked->brief.offer = cipher_suites_null_offer(seen->suites, seen->suite_count, seen->suites_complete);
  if (seen->server_name != NULL)
    tracked->brief.server_name = g_string_chunk_insert_const(capture.server_names, seen->server_name);
}

/* Whether a Client Hello by itself says anything for its session: all others are put aside at once. */
static bool hello_may_count(const observation *hello, const packet_info *pinfo)
{
  null_offer offer = cipher_suites_null_offer(hello->suites, hello->suite_count, hello->suites_complete);

  return offer == NULL_OFFER_ONLY || offer == NULL_OFFER_FIRST ||
         row_for_name(hello->server_name, (uint16_t)pinfo->destport) != NULL;
}

static tracked_connection *begin(packet_info *pinfo, proto_tree *tree, conversation_t *conversation)
{
  bool is_known, is_hello, from_client;
  tracked_connection *tracked;
  observation hello;

  if (observe_has_connect(tree) || observe_has_request(pinfo, conversation))
    return follow(pinfo, conversation, true);
  is_hello = observe_client_hello(&hello, pinfo, tree);
  is_known = has_known_end(pinfo, &from_client);
  if (is_known || (is_hello && hello_may_count(&hello, pinfo)))
    return follow(pinfo, conversation, is_hello || from_client);
  if (!is_hello)
    return NULL;
  tracked = wmem_new(wmem_file_scope(), tracked_connection);
  put_aside(tracked, &hello);
  conversation_add_proto_data(conversation, proto, tracked);
  return tracked;
}

/* A handshake that was not tagged shows its tunnel request after all. */
static void revive(tracked_connection *tracked, const packet_info *pinfo, const conversation_t *conversation)
{
  session *revived = new_session();

  if (revived == NULL)
    return;
  take_addresses(revived, pinfo, true);
  session_recall(revived, &tracked->brief);
  tracked->followed = revived;
  observe_connection_resume(&tracked->connection, conversation);
}

static bool track_segment(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, conversation_t *conversation)
{
  tracked_connection *tracked;
  observation seen;

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
  observe_segment(&seen, &tracked->connection, conversation, tvb, pinfo, tree);
  if (seen.client_bytes_missing)
    tunnel_note_missing_bytes(conversation, FROM_CLIENT);
  if (seen.server_bytes_missing)
    tunnel_note_missing_bytes(conversation, FROM_SERVER);
  feed(tracked->followed, &seen);
  if (is_tagged(tracked->followed) || may_still_be_tagged(tracked->followed, &seen)) {
    mark_set_add(&capture.followed_ends, observe_ends(pinfo));
    want(OBSERVE_SESSIONS);
  } else {
    drop_session(tracked->followed);
    put_aside(tracked, &seen);
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
  observed_unreachable quoted;
  observation seen;
  session *connecting = NULL;
  size_t at = 0;

  if (g_hash_table_size(capture.connecting) == 0)
    return false;
  while (connecting == NULL && observe_next_unreachable(tvb, pinfo, &at, &quoted))
    connecting = g_hash_table_lookup(capture.connecting, &quoted);
  if (connecting == NULL)
    return false;
  observe_unreachable(&seen, pinfo);
  feed(connecting, &seen);
  p_add_proto_data(wmem_file_scope(), pinfo, proto, 0, connecting);
  return true;
}

/* Whether a question begins another attempt: the one before has failed by its answer, or was made long ago. */
static bool asks_anew(const session *asked, const observation *seen)
{
  const name_lookup *lookup = session_lookup(asked, seen);

  if (!(seen->seen & SEEN_NAME_QUERY) || !lookup->asked)
    return false;
  return (lookup->answered && asked->verdict == VERDICT_FAILED) ||
         seen->time_ns - lookup->asked_time_ns >= LOOKUP_FORGOTTEN_NS;
}

static session *session_for_lookup(const packet_info *pinfo, const observation *seen, const endpoint *row)
{
  ip_address client = observe_address(seen->from_client ? &pinfo->src : &pinfo->dst);
  char *key = lookup_key(&client, seen->name);
  session *found = g_hash_table_lookup(capture.lookups, key);

  if (found != NULL && !asks_anew(found, seen)) {
    g_free(key);
    return found;
  }
  if (!(seen->seen & SEEN_NAME_QUERY) && found == NULL && seen->name_code == 0 && seen->address_count > 0) {
    g_free(key);
    return NULL;
  }
  found = found != NULL || g_hash_table_size(capture.lookups) < TRACK_LOOKUPS_MAX ? new_session() : NULL;
  if (found == NULL) {
    g_free(key);
    return NULL;
  }
  found->client = client;
  found->looked_up_name = g_ascii_strdown(seen->name, -1);
  if (row != NULL)
    take_row(found, row);
  g_hash_table_insert(capture.lookups, key, found);
  return found;
}

static void remember_addresses(const observation *seen)
{
  for (size_t i = 0; i < seen->address_count; i++) {
    ip_address *key;

    if (g_hash_table_size(capture.names) >= TRACK_NAMED_ADDRESSES_MAX)
      return;
    key = g_new(ip_address, 1);
    *key = seen->addresses[i];
    g_hash_table_insert(capture.names, key, g_ascii_strdown(seen->name, -1));
  }
}

static void track_name_lookup(packet_info *pinfo, proto_tree *tree)
{
  const endpoint *row;
  const learned_endpoint *learned = NULL;
  observation seen;
  session *found;

  if (capture.wanted < OBSERVE_NAMES || !observe_name_lookup(&seen, pinfo, tree))
    return;
  row = row_for_name(seen.name, 0);
  if (row == NULL && settings->tag_learned_endpoints)
    learned = learned_endpoints_find_name(capture.learned, seen.name);
  if (row == NULL && learned == NULL)
    return;
  if (row != NULL)
    remember_addresses(&seen);
  found = session_for_lookup(pinfo, &seen, row);
  if (found == NULL)
    return;
  if (!is_tagged(found))
    tag(found, row != NULL ? TAG_CONFIGURED : TAG_LEARNED, seen.frame);
  feed(found, &seen);
  p_add_proto_data(wmem_file_scope(), pinfo, proto, 0, found);
}

void track_frame(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, conversation_t *conversation)
{
  if (!track_segment(tvb, pinfo, tree, conversation) && !track_unreachable(tvb, pinfo))
    track_name_lookup(pinfo, tree);
}

static session *session_of_frame(packet_info *pinfo, const conversation_t *conversation)
{
  tracked_connection *tracked = conversation != NULL ? conversation_get_proto_data(conversation, proto) : NULL;

  if (tracked != NULL)
    return tracked->followed;
  return p_get_proto_data(wmem_file_scope(), pinfo, proto, 0);
}

const session *track_session_of(packet_info *pinfo, const conversation_t *conversation)
{
  session *found;

  if (capture.tagged->len == 0)
    return NULL;
  found = session_of_frame(pinfo, conversation);
  if (found == NULL || !is_tagged(found))
    return NULL;
  if (PINFO_FD_VISITED(pinfo))
    return found->withdrawn_frame == 0 ? found : NULL;
  return found->withdrawn_frame == 0 || pinfo->num < found->withdrawn_frame ? found : NULL;
}
