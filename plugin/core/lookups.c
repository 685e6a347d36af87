/* lookups.c - sessions that began with a lookup of their endpoint's name, and that no connection has followed yet
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "lookups.h"

#define FORGOTTEN_NS (15 * NANOSECONDS) /* a question repeated later than this begins a new attempt */
#define COPIED_NS NANOSECONDS           /* a question asked again later than this is none of these copies */

struct lookups {
  GHashTable *questions;       /* "client name type id" -> time of the first message */
  GHashTable *waiting;         /* "client name" -> session */
  GHashTable *asked[FAMILIES]; /* name -> GQueue of those waiting, the first one first */
};

static char *key_of(const ip_address_t *client, const char *name)
{
  char *address = ip_address_to_text(client), *folded = g_ascii_strdown(name, -1);
  char *key = g_strdup_printf("%s %s", address, folded);

  g_free(address);
  g_free(folded);
  return key;
}

static void free_queue(gpointer value)
{
  g_queue_free(value);
}

lookups_t *lookups_new(void)
{
  lookups_t *lookups = g_new0(lookups_t, 1);

  lookups->questions = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  lookups->waiting = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  for (int family = 0; family < FAMILIES; family++)
    lookups->asked[family] = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_queue);
  return lookups;
}

void lookups_free(lookups_t *lookups)
{
  if (lookups == NULL)
    return;
  for (int family = 0; family < FAMILIES; family++)
    g_hash_table_destroy(lookups->asked[family]);
  g_hash_table_destroy(lookups->waiting);
  g_hash_table_destroy(lookups->questions);
  g_free(lookups);
}

size_t lookups_count(const lookups_t *lookups)
{
  return g_hash_table_size(lookups->waiting);
}

bool lookups_is_old(lookups_t *lookups, const ip_address_t *client, const observation_t *observation)
{
  char *asked = key_of(client, observation->name);
  char *key = g_strdup_printf("%s %u %u", asked, observation->name_type, observation->name_id);
  const int64_t *time_ns = g_hash_table_lookup(lookups->questions, key);
  bool is_answer = (observation->facts & SEEN_NAME_RESPONSE) != 0;
  bool is_old = time_ns != NULL && (is_answer || ABS(observation->time_ns - *time_ns) < COPIED_NS);

  g_free(asked);
  if (is_old || g_hash_table_size(lookups->questions) >= LOOKUPS_QUESTIONS_MAX)
    g_free(key);
  else
    g_hash_table_insert(lookups->questions, key, g_memdup2(&observation->time_ns, sizeof(observation->time_ns)));
  return is_old;
}

/* Whether a question begins another attempt: the one before has failed by its answer, or was made long ago. */
static bool asks_anew(const session_t *session, const observation_t *observation)
{
  const name_lookup_t *lookup = session_lookup(session, observation);

  if (!(observation->facts & SEEN_NAME_QUERY) || !lookup->asked)
    return false;
  return (lookup->answered && session->verdict == VERDICT_FAILED) ||
         observation->time_ns - lookup->asked_time_ns >= FORGOTTEN_NS;
}

/* An answer that nobody was seen to ask for is worth a session only where it is a failure. */
static bool is_worth_a_session(const observation_t *observation)
{
  return (observation->facts & SEEN_NAME_QUERY) || observation->name_code != 0 || observation->address_count == 0;
}

bool lookup_begins(const session_t *known, const observation_t *observation)
{
  return known != NULL ? asks_anew(known, observation) : is_worth_a_session(observation);
}

session_t *lookups_find(const lookups_t *lookups, const ip_address_t *client, const char *name)
{
  char *key = key_of(client, name);
  session_t *session = g_hash_table_lookup(lookups->waiting, key);

  g_free(key);
  return session;
}

/* What is taken may not live as long as the others, so that nothing of it stays. */
static session_t *take_waiting(lookups_t *lookups, const ip_address_t *client, const char *name)
{
  char *key = key_of(client, name);
  session_t *session = g_hash_table_lookup(lookups->waiting, key);

  if (session != NULL)
    g_queue_remove(g_hash_table_lookup(lookups->asked[ip_address_family(&session->client)], session->looked_up_name),
                   session);
  g_hash_table_remove(lookups->waiting, key);
  g_free(key);
  return session;
}

void lookups_add(lookups_t *lookups, session_t *session)
{
  GHashTable *asked = lookups->asked[ip_address_family(&session->client)];
  GQueue *queue = g_hash_table_lookup(asked, session->looked_up_name);

  take_waiting(lookups, &session->client, session->looked_up_name);
  if (queue == NULL) {
    queue = g_queue_new();
    g_hash_table_insert(asked, g_strdup(session->looked_up_name), queue);
  }
  g_queue_push_tail(queue, session);
  g_hash_table_insert(lookups->waiting, key_of(&session->client, session->looked_up_name), session);
}

session_t *lookups_take(lookups_t *lookups, const ip_address_t *client, const char *name)
{
  int other_family = ip_address_family(client) == FAMILY_IPV4 ? FAMILY_IPV6 : FAMILY_IPV4;
  GQueue *queue = g_hash_table_lookup(lookups->asked[other_family], name);
  session_t *session = take_waiting(lookups, client, name);

  const session_t *first = queue != NULL ? g_queue_peek_head(queue) : NULL;

  if (session == NULL && first != NULL)
    session = take_waiting(lookups, &first->client, first->looked_up_name);
  return session;
}
