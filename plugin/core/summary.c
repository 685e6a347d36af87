/* summary.c - the sessions of a capture in groups: what happened how often and to whom, the gravest first
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "summary.h"

#include "outcome.h"

static void free_group(gpointer freed)
{
  summary_group_t *group = freed;

  g_ptr_array_free(group->sessions, TRUE);
  g_free(group);
}

static void free_endpoint(gpointer freed)
{
  summary_endpoint_t *endpoint = freed;

  g_ptr_array_free(endpoint->groups, TRUE);
  g_free(endpoint->endpoint_text);
  g_free(endpoint);
}

static summary_endpoint_t *endpoint_of(summary_t *summary, GHashTable *by_text, const session_t *session)
{
  char *text = session_endpoint_text(session);
  summary_endpoint_t *endpoint = g_hash_table_lookup(by_text, text);

  if (endpoint != NULL) {
    g_free(text);
    return endpoint;
  }
  endpoint = g_new0(summary_endpoint_t, 1);
  endpoint->endpoint_text = text;
  endpoint->groups = g_ptr_array_new_with_free_func(free_group);
  g_ptr_array_add(summary->endpoints, endpoint);
  g_hash_table_insert(by_text, text, endpoint);
  return endpoint;
}

static void add_to_group(summary_endpoint_t *endpoint, const session_t *session)
{
  const session_finding_t *leading = session_leading_finding(session);
  const session_finding_t *explanation = leading != NULL ? session_finding_explanation(session, leading) : NULL;
  summary_group_t wanted = {.verdict = session->verdict,
                            .lead = leading != NULL ? leading->id : FINDING_COUNT,
                            .explanation = explanation != NULL ? explanation->id : FINDING_COUNT,
                            .phase = leading != NULL ? PHASE_NONE : session->phase};
  summary_group_t *group = NULL;

  for (guint i = 0; group == NULL && i < endpoint->groups->len; i++) {
    summary_group_t *other = g_ptr_array_index(endpoint->groups, i);

    if (other->verdict == wanted.verdict && other->lead == wanted.lead && other->explanation == wanted.explanation &&
        other->phase == wanted.phase)
      group = other;
  }
  if (group == NULL) {
    group = g_memdup2(&wanted, sizeof(wanted));
    group->sessions = g_ptr_array_new();
    g_ptr_array_add(endpoint->groups, group);
  }
  g_ptr_array_add(group->sessions, (gpointer)session);
}

/* What failed comes first, then what else needs repair, then what is open; what works comes last. */
static int rank(const summary_group_t *group)
{
  if (group->verdict == VERDICT_FAILED)
    return 0;
  if (group->lead != FINDING_COUNT)
    return 1;
  return group->verdict == VERDICT_CONNECTED ? 3 : 2;
}

static uint32_t first_index(const summary_group_t *group)
{
  return ((const session_t *)g_ptr_array_index(group->sessions, 0))->index;
}

static int by_gravity(const summary_group_t *one, const summary_group_t *other)
{
  if (rank(one) != rank(other))
    return rank(one) - rank(other);
  if (one->sessions->len != other->sessions->len)
    return one->sessions->len > other->sessions->len ? -1 : 1;
  return first_index(one) < first_index(other) ? -1 : 1;
}

static gint compare_groups(gconstpointer one, gconstpointer other)
{
  return by_gravity(*(summary_group_t *const *)one, *(summary_group_t *const *)other);
}

static gint compare_endpoints(gconstpointer one, gconstpointer other)
{
  const summary_endpoint_t *left = *(summary_endpoint_t *const *)one, *right = *(summary_endpoint_t *const *)other;

  return by_gravity(g_ptr_array_index(left->groups, 0), g_ptr_array_index(right->groups, 0));
}

summary_t *summary_new(const session_t *const *sessions, size_t count)
{
  summary_t *summary = g_new0(summary_t, 1);
  GHashTable *by_text = g_hash_table_new(g_str_hash, g_str_equal);
  GHashTable *clients = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

  summary->endpoints = g_ptr_array_new_with_free_func(free_endpoint);
  summary->all = (summary_group_t){.lead = FINDING_COUNT, .explanation = FINDING_COUNT, .sessions = g_ptr_array_new()};
  for (size_t i = 0; i < count; i++) {
    g_ptr_array_add(summary->all.sessions, (gpointer)sessions[i]);
    summary->verdict_counts[sessions[i]->verdict]++;
    add_to_group(endpoint_of(summary, by_text, sessions[i]), sessions[i]);
    g_hash_table_add(clients, ip_address_to_text(&sessions[i]->client));
  }
  for (guint i = 0; i < summary->endpoints->len; i++) {
    summary_endpoint_t *endpoint = g_ptr_array_index(summary->endpoints, i);

    g_ptr_array_sort(endpoint->groups, compare_groups);
    summary->group_count += endpoint->groups->len;
  }
  g_ptr_array_sort(summary->endpoints, compare_endpoints);
  summary->client_count = g_hash_table_size(clients);
  g_hash_table_destroy(clients);
  g_hash_table_destroy(by_text);
  return summary;
}

void summary_free(summary_t *summary)
{
  g_ptr_array_free(summary->endpoints, TRUE);
  g_ptr_array_free(summary->all.sessions, TRUE);
  g_free(summary);
}

uint32_t summary_deciding_frame(const summary_group_t *group)
{
  const session_t *first = g_ptr_array_index(group->sessions, 0);
  const session_finding_t *leading = session_leading_finding(first);

  return leading != NULL ? leading->frame : first->decided_frame;
}
