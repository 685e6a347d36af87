/* srt.c - Statistics > Service Response Time > IP-HTTPS: how long the phases take at each endpoint; and Analyze >
 * Conversation Filter > DirectAccess session
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "stats.h"

#include <epan/conversation_filter.h>
#include <epan/packet.h>
#include <epan/srt_table.h>

#include "compat.h"
#include "tcp_analysis.h"
#include "track.h"

/* What takes the time: from the question to its answer, see core/span.c. */
static const char *const phase_spans[PHASE_COUNT] = {
    [PHASE_NAME_RESOLUTION] = "Name lookup",   [PHASE_TCP_CONNECT] = "TCP connect",
    [PHASE_PROXY] = "Proxy CONNECT",           [PHASE_CLIENT_HELLO] = "TLS handshake",
    [PHASE_TUNNEL_REQUEST] = "Tunnel request", [PHASE_TUNNEL] = "Router advertisement",
};

static GStringChunk *names; /* of endpoints: Wireshark's tables only refer to theirs */

/* The table of an endpoint; a row of it is a filter for the frames with which its sessions were in the phase. */
static srt_stat_table *table_of(GArray *tables, const session_t *session)
{
  char *endpoint_text = session_endpoint_text(session);
  const char *name = g_string_chunk_insert_const(names, endpoint_text);
  srt_stat_table *table = NULL;
  char *filter;

  g_free(endpoint_text);
  for (guint i = 1; i < tables->len; i++)
    if (g_array_index(tables, srt_stat_table *, i)->name == name)
      return g_array_index(tables, srt_stat_table *, i);
  filter = g_strdup_printf("iphttps.endpoint == \"%s\" && iphttps.phase", name);
  table = init_srt_table(name, name, tables, PHASE_COUNT, "Phase", filter, NULL);
  for (int phase = 0; phase < PHASE_COUNT; phase++)
    init_srt_table_row(table, phase, phase_spans[phase] != NULL ? phase_spans[phase] : "");
  g_free(filter);
  return table;
}

/* Wireshark takes the time between two moments, and the number of the frame that came at the later one. */
static void add_time(srt_stat_table *table, int row, int64_t duration_ns, uint32_t frame)
{
  const nstime_t begun = NSTIME_INIT_ZERO;
  packet_info answer = {
      .num = frame,
      .abs_ts = {.secs = (time_t)(duration_ns / NANOSECONDS), .nsecs = (int)(duration_ns % NANOSECONDS)},
  };

  add_srt_table_data(table, row, &begun, &answer);
}

static void add_session(srt_stat_table *table, const session_t *session)
{
  char *client = ip_address_to_text(&session->client);

  init_srt_table_row(table, (int)session->index, client);
  g_free(client);
  add_time(table, (int)session->index, session->decided_time_ns - session->first_time_ns, session->decided_frame);
}

static void count_session(void *tables, const session_t *session)
{
  for (int phase = 0; phase < PHASE_COUNT; phase++) {
    const session_span_t *span = session_span(session, (session_phase_t)phase);

    if (span != NULL && span->end_frame != 0)
      add_time(table_of(tables, session), phase, span->duration_ns, span->end_frame);
  }
  if (session->decided_frame != 0)
    add_session(g_array_index((GArray *)tables, srt_stat_table *, 0), session);
}

/* Wireshark shows tables that are there when the capture has been read, and needs one from the beginning. */
static void begin_tables(struct register_srt *srt _U_, GArray *tables)
{
  init_srt_table("Sessions, to the frame that decided", "Sessions", tables, 0, "Session of client", "iphttps.session",
                 NULL);
  stats_begin(tables, count_session);
}

static tap_packet_status tap_sessions(void *data, packet_info *pinfo _U_, epan_dissect_t *edt _U_, const void *frame,
                                      tap_flags_t flags _U_)
{
  return stats_meet(((srt_data_t *)data)->srt_array, frame);
}

static wireshark_bool has_session(CONVERSATION_FILTER_ARGUMENTS)
{
  return track_session_of(pinfo, tcp_conversation_of(pinfo)) != NULL;
}

static char *filter_of_session(CONVERSATION_FILTER_ARGUMENTS)
{
  return g_strdup_printf("iphttps.session == %u", track_session_of(pinfo, tcp_conversation_of(pinfo))->index);
}

static void cleanup(void)
{
  g_string_chunk_free(names);
}

void srt_register(int proto)
{
  names = g_string_chunk_new(4096);
  register_srt_table(proto, "iphttps", 0, tap_sessions, begin_tables, NULL);
  register_packet_conversation_filter("iphttps", "DirectAccess session", has_session, filter_of_session);
  register_shutdown_routine(cleanup);
}
