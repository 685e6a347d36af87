/* learned.c - DirectAccess endpoints that a capture itself has shown
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "learned.h"

#include <glib.h>
#include <string.h>

#include "mark_set.h"
#include "session.h"

typedef struct {
  ip_address_t address;
  uint16_t port;
} socket_address_t;

struct learned_endpoints {
  GHashTable *by_socket; /* socket_address_t -> GPtrArray of learned_endpoint_t */
  GHashTable *by_name;   /* server name -> the first learned_endpoint_t with it; both belong to by_socket */
  mark_set_t ends;       /* mark_of_end() of each */
  size_t count;
};

static guint socket_address_hash(gconstpointer key)
{
  const socket_address_t *socket = key;

  return ip_address_hash(&socket->address) * 31 + socket->port;
}

static gboolean socket_address_equal(gconstpointer left, gconstpointer right)
{
  const socket_address_t *a = left, *b = right;

  return a->port == b->port && ip_address_equal(&a->address, &b->address);
}

static void free_endpoint(gpointer value)
{
  learned_endpoint_t *learned = value;

  g_free(learned->server_name);
  g_free(learned);
}

static void free_endpoints(gpointer value)
{
  g_ptr_array_free(value, TRUE);
}

learned_endpoints_t *learned_endpoints_new(void)
{
  learned_endpoints_t *set = g_new0(learned_endpoints_t, 1);

  set->by_socket = g_hash_table_new_full(socket_address_hash, socket_address_equal, g_free, free_endpoints);
  set->by_name = g_hash_table_new(g_str_hash, g_str_equal);
  return set;
}

void learned_endpoints_free(learned_endpoints_t *set)
{
  if (set == NULL)
    return;
  g_hash_table_destroy(set->by_name);
  g_hash_table_destroy(set->by_socket);
  g_free(set);
}

bool learned_endpoints_may_have(const learned_endpoints_t *set, const uint8_t *address, size_t length, uint32_t port)
{
  return mark_set_may_have(&set->ends, mark_of_end(address, length, port));
}

static GPtrArray *endpoints_at(const learned_endpoints_t *set, const ip_address_t *address, uint16_t port)
{
  socket_address_t key = {.address = *address, .port = port};

  return g_hash_table_lookup(set->by_socket, &key);
}

bool learned_endpoint_has_name(const learned_endpoint_t *learned, const char *server_name)
{
  return learned->server_name != NULL && g_ascii_strcasecmp(server_name, learned->server_name) == 0;
}

learned_endpoint_t *learned_endpoints_find(const learned_endpoints_t *set, const ip_address_t *address, uint16_t port,
                                           const char *server_name)
{
  GPtrArray *endpoints = endpoints_at(set, address, port);

  for (guint i = 0; endpoints != NULL && i < endpoints->len; i++) {
    learned_endpoint_t *learned = g_ptr_array_index(endpoints, i);

    if (server_name == NULL || learned_endpoint_has_name(learned, server_name))
      return learned;
  }
  return NULL;
}

learned_endpoint_t *learned_endpoints_find_name(const learned_endpoints_t *set, const char *server_name)
{
  char *folded = g_ascii_strdown(server_name, -1);
  learned_endpoint_t *learned = g_hash_table_lookup(set->by_name, folded);

  g_free(folded);
  return learned;
}

learned_endpoint_t *learned_endpoints_add(learned_endpoints_t *set, const ip_address_t *address, uint16_t port,
                                          const char *server_name)
{
  learned_endpoint_t *learned = learned_endpoints_find(set, address, port, server_name);
  GPtrArray *endpoints = endpoints_at(set, address, port);

  if (learned != NULL)
    return learned;
  if (set->count >= LEARNED_ENDPOINTS_MAX || (endpoints != NULL && endpoints->len >= LEARNED_NAMES_MAX))
    return NULL;
  if (endpoints == NULL) {
    socket_address_t *key = g_new0(socket_address_t, 1);

    key->address = *address;
    key->port = port;
    endpoints = g_ptr_array_new_with_free_func(free_endpoint);
    g_hash_table_insert(set->by_socket, key, endpoints);
  }
  learned = g_new0(learned_endpoint_t, 1);
  learned->address = *address;
  learned->port = port;
  learned->server_name = server_name != NULL ? g_ascii_strdown(server_name, -1) : NULL;
  if (learned->server_name != NULL && !g_hash_table_contains(set->by_name, learned->server_name))
    g_hash_table_insert(set->by_name, learned->server_name, learned);
  g_ptr_array_add(endpoints, learned);
  mark_set_add(&set->ends, mark_of_end(address->bytes, address->length, port));
  set->count++;
  return learned;
}

bool learned_endpoint_has_certificate(const learned_endpoint_t *learned, const certificate_t *leaf)
{
  for (size_t i = 0; i < learned->certificate_count; i++)
    if (memcmp(learned->certificates[i]->sha256, leaf->sha256, CERTIFICATE_SHA256_LENGTH) == 0)
      return true;
  return false;
}

void learned_endpoint_add_certificate(learned_endpoint_t *learned, const certificate_t *leaf)
{
  if (learned->certificate_count < LEARNED_CERTIFICATES_MAX && !learned_endpoint_has_certificate(learned, leaf))
    learned->certificates[learned->certificate_count++] = leaf;
}

const certificate_t *learned_endpoint_original_of(const learned_endpoint_t *learned, const certificate_t *leaf)
{
  const certificate_t *original = NULL;

  for (size_t i = 0; i < learned->certificate_count; i++) {
    if (certificate_same_issuer(learned->certificates[i], leaf))
      return NULL;
    if (certificate_same_names(learned->certificates[i], leaf))
      original = learned->certificates[i];
  }
  return original;
}

/* Whether the tunnel request came without TLS, which ends before the server then. */
static bool is_plain_http(const session_t *session)
{
  return session->request_frame != 0 && session->client_hello_frame == 0 && !session->client_spoke &&
         session->connect_host == NULL;
}

/* An endpoint is learned with its name, lest it stand for all sites of its address; without one where a client is seen
 * to send none. */
static void learn(learned_endpoints_t *set, session_t *session)
{
  const char *name = session_expected_name(session);

  if (session->server.length == 0 || (name == NULL && session->client_hello_frame == 0 && !is_plain_http(session)))
    return;
  session->learned = learned_endpoints_add(set, &session->server, session->server_port, name);
  if (session->learned != NULL)
    session->learned->plain_http = session->learned->plain_http || is_plain_http(session);
}

/* Whether the session's endpoint has been learned as well as the session shows it by now. */
static bool is_learned(const session_t *session)
{
  return session->learned != NULL && (session->learned->server_name != NULL || session_expected_name(session) == NULL);
}

void learned_endpoints_note(learned_endpoints_t *set, session_t *session, bool connects)
{
  if (!is_learned(session) &&
      (session->tagged_by == TAG_CONFIGURED || session->tagged_by == TAG_TUNNEL_REQUEST || connects) &&
      (session->client_hello_frame != 0 || session->request_frame != 0 || connects))
    learn(set, session);
  if (connects && session->learned != NULL && session->leaf != NULL)
    learned_endpoint_add_certificate(session->learned, session->leaf);
}
