/* attempts.c - the attempts of clients at endpoints: which came before, and whose NULL offer was refused
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "attempts.h"

struct attempts {
  GHashTable *series;  /* series_t, as a set */
  GHashTable *refused; /* ends_t without the client's port -> the latest session whose NULL offer was refused */
};

/* The attempts of a client at an endpoint, by the best name that was known of it, else by its address. */
typedef struct {
  ip_address_t client;
  ip_address_t server; /* where no name is known */
  char *name;          /* owned */
  uint16_t port;
  const session_t *latest;
} series_t;

static guint series_hash(gconstpointer key)
{
  const series_t *series = key;
  guint endpoint = series->name != NULL ? g_str_hash(series->name) : ip_address_hash(&series->server);

  return ip_address_hash(&series->client) * 31 + endpoint + series->port;
}

static gboolean series_equal(gconstpointer left, gconstpointer right)
{
  const series_t *a = left, *b = right;

  return a->port == b->port && ip_address_equal(&a->client, &b->client) && ip_address_equal(&a->server, &b->server) &&
         g_strcmp0(a->name, b->name) == 0;
}

static void free_series(gpointer value)
{
  series_t *series = value;

  g_free(series->name);
  g_free(series);
}

attempts_t *attempts_new(void)
{
  attempts_t *attempts = g_new(attempts_t, 1);

  attempts->series = g_hash_table_new_full(series_hash, series_equal, free_series, NULL);
  attempts->refused = g_hash_table_new_full(ends_hash, ends_equal, g_free, NULL);
  return attempts;
}

void attempts_free(attempts_t *attempts)
{
  g_hash_table_destroy(attempts->refused);
  g_hash_table_destroy(attempts->series);
  g_free(attempts);
}

static ends_t without_client_port(ends_t ends)
{
  ends.client_port = 0;
  return ends;
}

/* The series that the session belongs to, without its copies. */
static series_t series_of(const session_t *session)
{
  const char *name = session_name(session);
  series_t series = {.client = session->client, .server = session->server, .port = session_endpoint_port(session)};

  if (name != NULL && !ip_address_parse(name, &series.server)) {
    series.name = (char *)name;
    series.server = (ip_address_t){0};
  }
  return series;
}

static void forget_refused(attempts_t *attempts, const session_t *session)
{
  ends_t ends = without_client_port(session_ends(session));

  g_hash_table_remove(attempts->refused, &ends);
}

void attempts_link(attempts_t *attempts, session_t *tagged)
{
  series_t wanted = series_of(tagged);
  series_t *series = g_hash_table_lookup(attempts->series, &wanted);

  forget_refused(attempts, tagged);
  if (series == NULL) {
    series = g_memdup2(&wanted, sizeof(wanted));
    series->name = g_strdup(wanted.name);
    g_hash_table_add(attempts->series, series);
  } else {
    tagged->previous = series->latest;
    tagged->attempt = series->latest->attempt + 1;
  }
  series->latest = tagged;
}

void attempts_note_refused(attempts_t *attempts, session_t *session)
{
  ends_t ends = without_client_port(session_ends(session));

  g_hash_table_insert(attempts->refused, g_memdup2(&ends, sizeof(ends)), session);
}

const session_t *attempts_refused(const attempts_t *attempts, const ends_t *ends)
{
  ends_t server = without_client_port(*ends);

  return g_hash_table_lookup(attempts->refused, &server);
}
