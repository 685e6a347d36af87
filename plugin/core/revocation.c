/* revocation.c - where a server's certificate has its revocation asked for, and how clients fared there
 *
 * An attempt to reach such a host is followed and judged by the rules that hold for a DirectAccess server: a name that
 * does not exist, or a SYN that is refused, is here what it is there. What is kept of the attempts is how far the
 * latest ones came.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "revocation.h"

#include <string.h>

#include <glib.h>

#include "mark_set.h"
#include "session.h"

#define HTTP_PORT 80
#define PORTS_MAX 4 /* of a host */
#define NEVER INT64_MIN
/* A failure longer ago than this is not what the session met: as long as the client waits at the most before it
 * connects again. */
#define FAILURE_HOLDS_NS (15 * 60 * NANOSECONDS)

enum { HTTP_FIRST_ERROR = 400 }; /* RFC 9110 section 15; where a redirection leads to is not followed */

/* A client that closes, or repeats its request, sooner has not waited for an answer. */
#define PATIENCE_NS NANOSECONDS

/* How far an attempt comes. */
typedef enum { STAGE_NAME, STAGE_CONNECTION, STAGE_ANSWER, STAGE_COUNT } stage_t;

/* How a client fared with a host. */
typedef struct {
  int64_t reached_ns[STAGE_COUNT]; /* when it last came through the stage, NEVER if it did not */
  stage_t failed_at;               /* the latest failure, if failure.frame is not 0 */
  int64_t failed_ns;
  revocation_failure_t failure;
} trial_t;

typedef struct {
  char *name;
  uint16_t ports[PORTS_MAX];
  size_t port_count;
  int64_t reached_ns[FAMILIES][STAGE_COUNT]; /* by any client of that family */
} host_t;

struct revocation {
  GHashTable *hosts;  /* name -> host_t */
  GHashTable *ends;   /* "address port" -> host_t, which belongs to hosts */
  GHashTable *trials; /* "address name" -> trial_t */
  mark_set_t marks;   /* mark_of_end() of each of ends */
  size_t attempt_count;
};

static void free_host(gpointer freed)
{
  host_t *host = freed;

  g_free(host->name);
  g_free(host);
}

revocation_t *revocation_new(void)
{
  revocation_t *revocation = g_new0(revocation_t, 1);

  revocation->hosts = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_host);
  revocation->ends = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  revocation->trials = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  return revocation;
}

void revocation_free(revocation_t *revocation)
{
  if (revocation == NULL)
    return;
  g_hash_table_destroy(revocation->trials);
  g_hash_table_destroy(revocation->ends);
  g_hash_table_destroy(revocation->hosts);
  g_free(revocation);
}

static void reset_stages(int64_t reached_ns[STAGE_COUNT])
{
  for (int stage = 0; stage < STAGE_COUNT; stage++)
    reached_ns[stage] = NEVER;
}

/* NULL if it is not looked for. */
static host_t *find_host(const revocation_t *revocation, const char *name)
{
  char *folded = name != NULL ? g_ascii_strdown(name, -1) : NULL;
  host_t *host = folded != NULL ? g_hash_table_lookup(revocation->hosts, folded) : NULL;

  g_free(folded);
  return host;
}

static char *end_key(const ip_address_t *address, uint16_t port)
{
  char *text = ip_address_to_text(address), *key = g_strdup_printf("%s %u", text, port);

  g_free(text);
  return key;
}

static void add_end(revocation_t *revocation, const ip_address_t *address, uint16_t port, host_t *host)
{
  if (g_hash_table_size(revocation->ends) >= REVOCATION_ENDS_MAX)
    return;
  g_hash_table_replace(revocation->ends, end_key(address, port), host);
  mark_set_add(&revocation->marks, mark_of_end(address->bytes, address->length, port));
}

static void add_port(revocation_t *revocation, host_t *host, uint16_t port)
{
  ip_address_t address;

  for (size_t i = 0; i < host->port_count; i++)
    if (host->ports[i] == port)
      return;
  if (host->port_count >= PORTS_MAX)
    return;
  host->ports[host->port_count++] = port;
  if (ip_address_parse(host->name, &address))
    add_end(revocation, &address, port, host);
}

static void expect_host(revocation_t *revocation, const char *authority)
{
  char *name = host_of_authority(authority);
  uint16_t port = port_of_authority(authority);
  host_t *host = find_host(revocation, name);

  if (host == NULL && name != NULL && g_hash_table_size(revocation->hosts) < REVOCATION_HOSTS_MAX) {
    host = g_new0(host_t, 1);
    host->name = g_strdup(name);
    for (int family = 0; family < FAMILIES; family++)
      reset_stages(host->reached_ns[family]);
    g_hash_table_insert(revocation->hosts, host->name, host);
  }
  if (host != NULL)
    add_port(revocation, host, port != 0 ? port : HTTP_PORT);
  g_free(name);
}

bool revocation_expect(revocation_t *revocation, const certificate_t *leaf)
{
  for (char **authority = leaf->revocation_hosts; *authority != NULL; authority++)
    expect_host(revocation, *authority);
  return leaf->revocation_hosts[0] != NULL;
}

static host_t *find_host_of(const revocation_t *revocation, const char *authority)
{
  char *name = authority != NULL && g_hash_table_size(revocation->hosts) > 0 ? host_of_authority(authority) : NULL;
  host_t *host = find_host(revocation, name);

  g_free(name);
  return host;
}

bool revocation_expects(const revocation_t *revocation, const char *authority)
{
  return find_host_of(revocation, authority) != NULL;
}

bool revocation_expects_any(const revocation_t *revocation)
{
  return g_hash_table_size(revocation->hosts) > 0;
}

bool revocation_may_have(const revocation_t *revocation, const uint8_t *address, size_t length, uint32_t port)
{
  return mark_set_may_have(&revocation->marks, mark_of_end(address, length, port));
}

const char *revocation_host_of(const revocation_t *revocation, const ends_t *ends, const char *asked)
{
  const host_t *host;
  char *key;

  if (g_hash_table_size(revocation->hosts) == 0)
    return NULL;
  key = end_key(&ends->server, ends->server_port);
  host = g_hash_table_lookup(revocation->ends, key);
  if (host == NULL)
    host = find_host_of(revocation, asked);
  g_free(key);
  return host != NULL ? host->name : NULL;
}

bool revocation_count_attempt(revocation_t *revocation)
{
  return revocation->attempt_count < REVOCATION_ATTEMPTS_MAX && revocation->attempt_count++ < REVOCATION_ATTEMPTS_MAX;
}

static char *trial_key(const ip_address_t *client, const host_t *host)
{
  char *address = ip_address_to_text(client), *key = g_strdup_printf("%s %s", address, host->name);

  g_free(address);
  return key;
}

/* NULL if there is none. */
static trial_t *find_trial(const revocation_t *revocation, const ip_address_t *client, const host_t *host)
{
  char *key = trial_key(client, host);
  trial_t *trial = g_hash_table_lookup(revocation->trials, key);

  g_free(key);
  return trial;
}

/* NULL if there are too many. */
static trial_t *get_trial(revocation_t *revocation, const ip_address_t *client, const host_t *host)
{
  trial_t *trial = find_trial(revocation, client, host);

  if (trial != NULL || g_hash_table_size(revocation->trials) >= REVOCATION_TRIALS_MAX)
    return trial;
  trial = g_new0(trial_t, 1);
  reset_stages(trial->reached_ns);
  g_hash_table_insert(revocation->trials, trial_key(client, host), trial);
  return trial;
}

static bool has_answered(const observation_t *observation)
{
  return (observation->facts & SEEN_PROXY_ANSWER) && observation->http_status < HTTP_FIRST_ERROR;
}

/* Whether the frame shows that the attempt has come through a stage. */
static bool comes_through(stage_t stage, const observation_t *observation)
{
  switch (stage) {
  case STAGE_NAME:
    return (observation->facts & SEEN_NAME_RESPONSE) && observation->address_count > 0;
  case STAGE_CONNECTION:
    return (observation->facts & SEEN_SYN_ACK) != 0;
  default:
    return has_answered(observation);
  }
}

static void note_failure(trial_t *trial, stage_t stage, const char *how, const observation_t *observation)
{
  trial->failed_at = stage;
  trial->failed_ns = observation->time_ns;
  trial->failure.how = how;
  trial->failure.status = how == NULL ? observation->http_status : 0;
  trial->failure.frame = observation->frame;
}

/* What the rules for a DirectAccess server have found on the frame. */
static void note_findings(trial_t *trial, const session_t *attempt, const observation_t *observation)
{
  static const struct {
    finding_id_t id;
    stage_t stage;
  } failures[] = {
      {FINDING_NAME_NOT_FOUND, STAGE_NAME},        {FINDING_NAME_WITHOUT_ADDRESS, STAGE_NAME},
      {FINDING_NAME_LOOKUP_FAILED, STAGE_NAME},    {FINDING_CONNECT_TIMEOUT, STAGE_CONNECTION},
      {FINDING_CONNECT_REFUSED, STAGE_CONNECTION}, {FINDING_CONNECT_UNREACHABLE, STAGE_CONNECTION},
  };

  for (guint i = 0; i < attempt->findings->len; i++) {
    const session_finding_t *finding = &g_array_index(attempt->findings, session_finding_t, i);

    for (size_t j = 0; j < G_N_ELEMENTS(failures); j++)
      if (finding->id == failures[j].id && finding->frame == observation->frame)
        note_failure(trial, failures[j].stage, finding_row(finding->id)->title, observation);
  }
}

void revocation_note_addresses(revocation_t *revocation, const observation_t *observation)
{
  host_t *host = find_host(revocation, observation->name);

  for (size_t i = 0; host != NULL && i < observation->address_count; i++)
    for (size_t j = 0; j < host->port_count; j++)
      add_end(revocation, &observation->addresses[i], host->ports[j], host);
}

static bool closes_connection(const session_t *attempt, const observation_t *observation)
{
  return (observation->facts & (SEEN_FIN | SEEN_RST)) && attempt->connected_tcp;
}

static bool repeats_request(const observation_t *observation)
{
  return (observation->facts & SEEN_REPETITION) && observation->from_client;
}

/* Whether a request has been waited for, to which the server has not said a word. */
static bool is_unanswered(const session_t *attempt, const observation_t *observation)
{
  bool was_waited_for =
      attempt->closer == CLOSER_SERVER || observation->time_ns - attempt->transmission_time_ns >= PATIENCE_NS;

  return (closes_connection(attempt, observation) || repeats_request(observation)) && was_waited_for &&
         attempt->request_host != NULL && observation->bytes[SIDE_SERVER] == 0 && attempt->unread[SIDE_SERVER] == 0;
}

/* Several hosts may share an address: whose answer it is, or should have been, the request tells. */
static host_t *host_of_attempt(const revocation_t *revocation, const session_t *attempt,
                               const observation_t *observation)
{
  if ((observation->facts & (SEEN_PROXY_ANSWER | SEEN_FIRST_BYTES)) || is_unanswered(attempt, observation))
    return find_host_of(revocation, attempt->request_host);
  return find_host(revocation, attempt->looked_up_name);
}

static void note_request(session_t *attempt, const observation_t *observation)
{
  if (!observation->from_client || observation->http_host == NULL)
    return;
  g_free(attempt->request_host);
  attempt->request_host = g_strdup(observation->http_host);
  attempt->transmission_time_ns = observation->time_ns;
}

void revocation_note(revocation_t *revocation, session_t *attempt, const observation_t *observation)
{
  note_request(attempt, observation);
  host_t *host = host_of_attempt(revocation, attempt, observation);
  trial_t *trial = host != NULL ? get_trial(revocation, &attempt->client, host) : NULL;

  if (trial == NULL)
    return;
  trial->failure.host = host->name;
  for (int stage = 0; stage < STAGE_COUNT; stage++)
    if (comes_through((stage_t)stage, observation))
      trial->reached_ns[stage] = host->reached_ns[ip_address_family(&attempt->client)][stage] = observation->time_ns;
  if ((observation->facts & SEEN_FIRST_BYTES) && trial->failed_at == STAGE_ANSWER && trial->failure.status == 0)
    trial->failure.frame = 0; /* it has said something after all */
  note_findings(trial, attempt, observation);
  if ((observation->facts & SEEN_PROXY_ANSWER) && observation->http_status >= HTTP_FIRST_ERROR)
    note_failure(trial, STAGE_ANSWER, NULL, observation);
  else if (is_unanswered(attempt, observation))
    note_failure(trial, STAGE_ANSWER, "no answer to HTTP request", observation);
}

/* Whether the client came through a stage, or a later one, since a time. Over the other family it has another
 * address: what any client did over that counts for it. */
static bool came_through_since(const host_t *host, const trial_t *trial, const ip_address_t *client, stage_t stage,
                               int64_t since_ns)
{
  const int64_t *others = host->reached_ns[ip_address_family(client) == FAMILY_IPV4 ? FAMILY_IPV6 : FAMILY_IPV4];

  for (int later = (int)stage; later < STAGE_COUNT; later++)
    if ((trial != NULL && trial->reached_ns[later] >= since_ns) || others[later] >= since_ns)
      return true;
  return false;
}

/* Whether the failure is one that the session may have met. */
static bool counts(const host_t *host, const trial_t *trial, const session_t *session)
{
  int64_t failed_ns = trial->failed_ns;

  return trial->failure.frame != 0 && failed_ns <= session->closer_time_ns &&
         failed_ns >= session->leaf_time_ns - FAILURE_HOLDS_NS &&
         !came_through_since(host, trial, &session->client, trial->failed_at, MIN(failed_ns, session->leaf_time_ns));
}

static bool is_among(const host_t *host, const host_t *const *hosts, size_t count)
{
  for (size_t i = 0; i < count; i++)
    if (hosts[i] == host)
      return true;
  return false;
}

/* The hosts that a certificate names and that are looked for, each once. Returns their number. */
static size_t hosts_of(const revocation_t *revocation, const certificate_t *leaf,
                       const host_t *hosts[CERTIFICATE_REVOCATION_HOSTS_MAX])
{
  size_t count = 0;

  for (char **authority = leaf->revocation_hosts; *authority != NULL; authority++) {
    const host_t *host = find_host_of(revocation, *authority);

    if (host != NULL && !is_among(host, hosts, count))
      hosts[count++] = host;
  }
  return count;
}

size_t revocation_failures(const session_t *session, revocation_failure_t *failures, size_t max)
{
  const revocation_t *revocation = session->context->revocation;
  const ip_address_t *client = &session->client;
  const host_t *hosts[CERTIFICATE_REVOCATION_HOSTS_MAX];
  size_t host_count = session->leaf != NULL && revocation != NULL ? hosts_of(revocation, session->leaf, hosts) : 0,
         count = 0;
  int64_t since_ns = session->leaf_time_ns;

  for (size_t i = 0; i < host_count; i++) {
    const trial_t *trial = find_trial(revocation, client, hosts[i]);

    if (trial == NULL || count >= max || !counts(hosts[i], trial, session))
      continue;
    since_ns = MIN(since_ns, trial->failed_ns);
    failures[count++] = trial->failure;
  }
  for (size_t i = 0; i < host_count; i++)
    if (came_through_since(hosts[i], find_trial(revocation, client, hosts[i]), client, STAGE_ANSWER, since_ns))
      return 0;
  return count;
}
