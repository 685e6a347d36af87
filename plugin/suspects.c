/* suspects.c - what failed in a capture and may have been DirectAccess, had anything told its server
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "suspects.h"

#include <epan/epan_dissect.h>
#include <epan/to_str.h>

#include "compat.h"
#include "core/ip_address.h"

#define CONNECTIONS_MAX 65536
#define TARGETS_MAX 4096
#define SENT_AGAIN_S 0.5 /* a copy of a SYN in the capture comes sooner than the client sends it again */

/* The fields that stand alone are those that are read; a filter has them dissected. */
#define FILTER                                                                                                         \
  "(dns.flags.rcode > 0 && dns.qry.name) || (tcp.port == 443 && tcp.flags.syn == 1 && tcp.flags.ack) || "              \
  "(tcp.srcport == 443 && tcp.flags.reset == 1)"

/* A connection that has not been answered. */
typedef struct {
  char *target;
  uint32_t first_frame;
  nstime_t first_time;
  bool sent_again;
} attempt_t;

struct suspects {
  GHashTable *attempts; /* "client server" -> attempt_t */
  GHashTable *failures; /* kind and target -> suspect_t */
};

static int hf_name = -1;
static int hf_syn = -1;
static int hf_ack = -1;

static void free_attempt(gpointer freed)
{
  attempt_t *attempt = freed;

  g_free(attempt->target);
  g_free(attempt);
}

static void free_suspect(gpointer freed)
{
  suspect_t *suspect = freed;

  g_free(suspect->target);
  g_free(suspect);
}

static void count_failure(GHashTable *failures, suspect_kind_t kind, const char *target, uint32_t frame)
{
  char *key = g_strdup_printf("%d %s", (int)kind, target);
  suspect_t *suspect = g_hash_table_lookup(failures, key);

  if (suspect == NULL && g_hash_table_size(failures) < TARGETS_MAX) {
    suspect = g_new(suspect_t, 1);
    *suspect = (suspect_t){.kind = kind, .target = g_strdup(target), .first_frame = frame};
    g_hash_table_insert(failures, g_strdup(key), suspect);
  }
  if (suspect != NULL)
    suspect->count++;
  g_free(key);
}

static field_info *first_field(const epan_dissect_t *edt, int field)
{
  GPtrArray *found = proto_get_finfo_ptr_array(edt->tree, field);

  return found != NULL && found->len > 0 ? g_ptr_array_index(found, 0) : NULL;
}

static bool flag_is_set(const epan_dissect_t *edt, int field)
{
  field_info *flag = first_field(edt, field);

  return flag != NULL && fvalue_get_uinteger64(field_value(flag)) != 0;
}

static char *address_and_port(const address *end, uint32_t port)
{
  char *host = address_to_str(NULL, end);
  char *text = host_and_port_to_text(host, (uint16_t)port);

  wmem_free(NULL, host);
  return text;
}

static void meet_syn(suspects_t *suspects, const packet_info *pinfo, const char *key, const char *server)
{
  attempt_t *attempt = g_hash_table_lookup(suspects->attempts, key);

  if (attempt != NULL) {
    attempt->sent_again =
        attempt->sent_again || nstime_to_sec(&pinfo->abs_ts) - nstime_to_sec(&attempt->first_time) >= SENT_AGAIN_S;
  } else if (g_hash_table_size(suspects->attempts) < CONNECTIONS_MAX) {
    attempt = g_new(attempt_t, 1);
    *attempt = (attempt_t){.target = g_strdup(server), .first_frame = pinfo->num, .first_time = pinfo->abs_ts};
    g_hash_table_insert(suspects->attempts, g_strdup(key), attempt);
  }
}

static void meet_segment(suspects_t *suspects, const packet_info *pinfo, bool is_syn, bool from_client)
{
  char *source = address_and_port(&pinfo->src, pinfo->srcport);
  char *destination = address_and_port(&pinfo->dst, pinfo->destport);
  const char *server = from_client ? destination : source;
  char *key = g_strdup_printf("%s %s", from_client ? source : destination, server);

  if (from_client)
    meet_syn(suspects, pinfo, key, server);
  else if (g_hash_table_remove(suspects->attempts, key) && !is_syn)
    count_failure(suspects->failures, SUSPECT_REFUSED, server, pinfo->num);
  g_free(key);
  g_free(destination);
  g_free(source);
}

static tap_packet_status meet(void *data, packet_info *pinfo, epan_dissect_t *edt, const void *tapped _U_,
                              tap_flags_t flags _U_)
{
  field_info *name = first_field(edt, hf_name);
  bool is_syn = flag_is_set(edt, hf_syn);

  if (pinfo->ptype == PT_TCP)
    meet_segment(data, pinfo, is_syn, is_syn && !flag_is_set(edt, hf_ack));
  else if (name != NULL)
    count_failure(((suspects_t *)data)->failures, SUSPECT_NAME_LOOKUP, fvalue_get_string(field_value(name)),
                  pinfo->num);
  return TAP_PACKET_REDRAW;
}

static void forget(void *data)
{
  suspects_t *suspects = data;

  g_hash_table_remove_all(suspects->attempts);
  g_hash_table_remove_all(suspects->failures);
}

suspects_t *suspects_new(void)
{
  suspects_t *suspects = g_new(suspects_t, 1);
  GString *error;

  hf_name = proto_registrar_get_id_byname("dns.qry.name");
  hf_syn = proto_registrar_get_id_byname("tcp.flags.syn");
  hf_ack = proto_registrar_get_id_byname("tcp.flags.ack");
  suspects->attempts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_attempt);
  suspects->failures = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_suspect);
  error = register_tap_listener("frame", suspects, FILTER, TL_REQUIRES_NOTHING, forget, meet, NULL, NULL);
  if (error != NULL) {
    ws_warning("%s", error->str);
    g_string_free(error, TRUE);
  }
  return suspects;
}

void suspects_free(suspects_t *suspects)
{
  remove_tap_listener(suspects);
  g_hash_table_destroy(suspects->attempts);
  g_hash_table_destroy(suspects->failures);
  g_free(suspects);
}

static gint compare_suspects(gconstpointer one, gconstpointer other)
{
  const suspect_t *left = one, *right = other;

  if (left->count != right->count)
    return left->count > right->count ? -1 : 1;
  return left->first_frame < right->first_frame ? -1 : 1;
}

static void clear_suspect(gpointer cleared)
{
  g_free(((suspect_t *)cleared)->target);
}

GArray *suspects_list(const suspects_t *suspects)
{
  GArray *list = g_array_new(FALSE, FALSE, sizeof(suspect_t));
  GHashTable *unanswered = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_suspect);
  GHashTable *const sources[] = {suspects->failures, unanswered};
  GHashTableIter iterator;
  gpointer value;

  g_array_set_clear_func(list, clear_suspect);
  g_hash_table_iter_init(&iterator, suspects->attempts);
  while (g_hash_table_iter_next(&iterator, NULL, &value)) {
    const attempt_t *attempt = value;

    if (attempt->sent_again)
      count_failure(unanswered, SUSPECT_NO_ANSWER, attempt->target, attempt->first_frame);
  }
  for (size_t i = 0; i < G_N_ELEMENTS(sources); i++) {
    g_hash_table_iter_init(&iterator, sources[i]);
    while (g_hash_table_iter_next(&iterator, NULL, &value)) {
      suspect_t copy = *(const suspect_t *)value;

      copy.target = g_strdup(copy.target);
      g_array_append_val(list, copy);
    }
  }
  g_array_sort(list, compare_suspects);
  g_hash_table_destroy(unanswered);
  return list;
}
