/* stats.c - Statistics > IP-HTTPS: the sessions table and the findings tree; and the IP-HTTPS flow
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "stats.h"

#include <epan/packet.h>
#include <epan/plugin_if.h>
#include <epan/stat_tap_ui.h>
#include <epan/stats_tree.h>
#include <epan/tap.h>

#include "compat.h"
#include "core/outcome.h"
#include "core/windows_error.h"
#include "observe.h"
#include "present.h"

#define SESSIONS_COMMAND "iphttps,sessions"
#define SESSIONS_TITLE "Sessions"

enum {
  COLUMN_INDEX,
  COLUMN_CLIENT,
  COLUMN_SERVER,
  COLUMN_ENDPOINT,
  COLUMN_CLIENT_TYPE,
  COLUMN_CIPHER_SUITE,
  COLUMN_VERDICT,
  COLUMN_WORST_FINDING,
  COLUMN_WINDOWS_ERROR,
  COLUMN_DECIDED_IN,
  COLUMN_CLIENT_PACKETS,
  COLUMN_SERVER_PACKETS,
  COLUMN_COUNT,
};

static stat_tap_table_item columns[COLUMN_COUNT] = {
    [COLUMN_INDEX] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Session", "%u"},
    [COLUMN_CLIENT] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Client", "%s"},
    [COLUMN_SERVER] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Server", "%s"},
    [COLUMN_ENDPOINT] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Endpoint", "%s"},
    [COLUMN_CLIENT_TYPE] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Client type", "%s"},
    [COLUMN_CIPHER_SUITE] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Cipher suite", "%s"},
    [COLUMN_VERDICT] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Verdict", "%s"},
    [COLUMN_WORST_FINDING] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Worst finding", "%s"},
    [COLUMN_WINDOWS_ERROR] = {TABLE_ITEM_STRING, TAP_ALIGN_LEFT, "Windows error", "%s"},
    [COLUMN_DECIDED_IN] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Decided in", "%u"},
    [COLUMN_CLIENT_PACKETS] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Client packets", "%u"},
    [COLUMN_SERVER_PACKETS] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, "Server packets", "%u"},
};

static stat_tap_table_ui sessions_ui;
/* Never shown: rows that a table no longer has, but that a window may still refer to. */
static stat_tap_table_ui outdated;

/* Without a port before there is a connection. */
static char *end_text(const ip_address_t *end, uint16_t port)
{
  char *host = ip_address_to_text(end);

  if (port == 0)
    return host;
  char *text = host_and_port_to_text(host, port);

  g_free(host);
  return text;
}

static char *client_type(const session_t *session)
{
  static const char *const names[] = {[CLIENT_UNKNOWN] = "",
                                      [CLIENT_OFFERS_NULL] = "offers NULL suites",
                                      [CLIENT_ENCRYPTED_ONLY] = "encrypted suites only"};

  return g_strdup(names[session_client_kind(session)]);
}

static char *cipher_suite(const session_t *session)
{
  value_string_ext *names = (value_string_ext *)observe_cipher_suite_names();
  const char *name = names != NULL ? try_val_to_str_ext(session->cipher_suite, names) : NULL;

  if (session->cipher_suite == 0)
    return g_strdup("");
  return name != NULL ? g_strdup(name) : g_strdup_printf("0x%04x", session->cipher_suite);
}

static char *worst_finding(const session_t *session)
{
  const session_finding_t *worst = session_leading_finding(session);

  return g_strdup(worst != NULL ? finding_row(worst->id)->slug : "");
}

static char *windows_error(const session_t *session)
{
  char *text = windows_error_to_text(session_windows_error(session));

  return text != NULL ? text : g_strdup("");
}

static void set_number(stat_tap_table_item_type *row, int column, uint32_t number)
{
  row[column] = (stat_tap_table_item_type){.type = TABLE_ITEM_UINT, .value.uint_value = number};
}

static void set_text(stat_tap_table_item_type *row, int column, char *text)
{
  row[column] = (stat_tap_table_item_type){.type = TABLE_ITEM_STRING, .value.string_value = text};
}

/* Rows stand in the order of sessions. Their contents change places, not they themselves: a window refers to each by
 * where it is. */
static void move_last_row_up(stat_tap_table *table)
{
  for (guint i = table->num_elements - 1; i > 0; i--) {
    stat_tap_table_item_type *row = table->elements[i], *above = table->elements[i - 1];

    if (above[COLUMN_INDEX].value.uint_value < row[COLUMN_INDEX].value.uint_value)
      return;
    for (int column = 0; column < COLUMN_COUNT; column++) {
      stat_tap_table_item_type moved = row[column];

      row[column] = above[column];
      above[column] = moved;
    }
  }
}

static void add_row(void *ui, const session_t *session)
{
  stat_tap_table *table = stat_tap_find_table(ui, SESSIONS_TITLE);
  stat_tap_table_item_type row[COLUMN_COUNT];

  if (table == NULL)
    return;
  set_number(row, COLUMN_INDEX, session->index);
  set_text(row, COLUMN_CLIENT, end_text(&session->client, session->client_port));
  set_text(row, COLUMN_SERVER, end_text(&session->server, session->server_port));
  set_text(row, COLUMN_ENDPOINT, session_endpoint_text(session));
  set_text(row, COLUMN_CLIENT_TYPE, client_type(session));
  set_text(row, COLUMN_CIPHER_SUITE, cipher_suite(session));
  set_text(row, COLUMN_VERDICT, g_strdup(present_verdict_name(session->verdict)));
  set_text(row, COLUMN_WORST_FINDING, worst_finding(session));
  set_text(row, COLUMN_WINDOWS_ERROR, windows_error(session));
  set_number(row, COLUMN_DECIDED_IN, session->decided_frame);
  set_number(row, COLUMN_CLIENT_PACKETS, session->packets[SIDE_CLIENT]);
  set_number(row, COLUMN_SERVER_PACKETS, session->packets[SIDE_SERVER]);
  stat_tap_init_table_row(table, table->num_elements, COLUMN_COUNT, row);
  move_last_row_up(table);
}

static void free_item(stat_tap_table *table _U_, guint row _U_, guint column _U_, stat_tap_table_item_type *item)
{
  if (item->type == TABLE_ITEM_STRING)
    g_free((char *)item->value.string_value);
}

static void reset_table(stat_tap_table *table)
{
  stat_tap_table *rows = stat_tap_init_table(SESSIONS_TITLE, COLUMN_COUNT, 0, NULL);
  stat_tap_table emptied = *rows;

  *rows = *table;
  *table = emptied;
  stat_tap_add_table(&outdated, rows);
  stats_begin(&sessions_ui, add_row);
}

/* All windows share one table. While there is none, none is open. */
static void init_table(stat_tap_table_ui *ui)
{
  stat_tap_table *table = stat_tap_find_table(ui, SESSIONS_TITLE);

  if (table != NULL) {
    reset_table(table);
    return;
  }
  if (outdated.tables != NULL)
    free_stat_tables(&outdated);
  stat_tap_add_table(ui, stat_tap_init_table(SESSIONS_TITLE, COLUMN_COUNT, 0, NULL));
  stats_begin(&sessions_ui, add_row);
}

static tap_packet_status tap_table(void *data _U_, packet_info *pinfo _U_, epan_dissect_t *edt _U_, const void *frame,
                                   tap_flags_t flags _U_)
{
  return stats_meet(&sessions_ui, frame);
}

static const char by_endpoint[] = "Sessions by endpoint";
static const char by_verdict[] = "Sessions by verdict";
static const char by_finding[] = "Findings";

static void count_findings(stats_tree *tree, int parent, const session_t *session)
{
  for (guint i = 0; i < session->findings->len; i++) {
    const session_finding_t *finding = &g_array_index(session->findings, session_finding_t, i);

    tick_stat_node(tree, finding_row(finding->id)->slug, parent, FALSE);
  }
}

static void count_in_tree(void *counting, const session_t *session)
{
  stats_tree *tree = counting;
  const char *verdict = present_verdict_name(session->verdict);
  char *endpoint_text = session_endpoint_text(session);
  int node = tick_stat_node(tree, by_endpoint, 0, TRUE);

  node = tick_stat_node(tree, endpoint_text, node, TRUE);
  node = tick_stat_node(tree, verdict, node, TRUE);
  count_findings(tree, node, session);
  node = tick_stat_node(tree, by_verdict, 0, TRUE);
  tick_stat_node(tree, verdict, node, FALSE);
  node = increase_stat_node(tree, by_finding, 0, TRUE, (int)session->findings->len);
  count_findings(tree, node, session);
  g_free(endpoint_text);
}

static void init_tree(stats_tree *tree)
{
  const char *const roots[] = {by_endpoint, by_verdict, by_finding};

  for (size_t i = 0; i < G_N_ELEMENTS(roots); i++)
    zero_stat_node(tree, roots[i], 0, TRUE);
  stats_begin(tree, count_in_tree);
}

static tap_packet_status tap_tree(stats_tree *tree, packet_info *pinfo _U_, epan_dissect_t *edt _U_, const void *frame,
                                  tap_flags_t flags _U_)
{
  return stats_meet(tree, frame);
}

static void forget_tree(stats_tree *tree)
{
  stats_end(tree);
}

/* Draws a frame as the flow of all frames does: what the Info column says beside the arrow, with the findings. */
static tap_packet_status tap_flow(void *flow, packet_info *pinfo, epan_dissect_t *edt, const void *frame _U_,
                                  tap_flags_t flags)
{
  tap_packet_cb draw = sequence_analysis_get_packet_func(sequence_analysis_find_by_name("any"));

  return draw(flow, pinfo, edt, NULL, flags);
}

/* Has the GUI do what -z does. */
static void open_sessions(ext_menubar_gui_type gui _U_, gpointer window _U_, gpointer data _U_)
{
  process_stat_cmd_arg(SESSIONS_COMMAND);
  start_requested_stats();
}

static void register_table(void)
{
  sessions_ui = (stat_tap_table_ui){
      .group = REGISTER_STAT_GROUP_CONVERSATION_LIST,
      .title = "IP-HTTPS Sessions",
      .tap_name = STATS_TAP,
      .cli_string = SESSIONS_COMMAND,
      .stat_tap_init_cb = init_table,
      .packet_func = tap_table,
      .stat_tap_reset_table_cb = reset_table,
      .stat_tap_free_table_item_cb = free_item,
      .nfields = COLUMN_COUNT,
      .fields = columns,
  };
  outdated.stat_tap_free_table_item_cb = free_item;
  register_stat_tap_table_ui(&sessions_ui);
}

/* Wireshark puts such a table into the Statistics menu itself, never into a submenu; hence its group, which no menu
 * shows, and this menu. */
static void register_menu(int proto)
{
  ext_menu_t *menu = ext_menubar_register_menu(proto, "IP-HTTPS", TRUE);

  ext_menubar_set_parentmenu(menu, "Statistics");
  ext_menubar_add_entry(menu, SESSIONS_TITLE, "A row for each DirectAccess session", open_sessions, NULL);
}

static void cleanup(void)
{
  if (sessions_ui.tables != NULL)
    free_stat_tables(&sessions_ui);
  if (outdated.tables != NULL)
    free_stat_tables(&outdated);
}

void stats_register(void)
{
  int proto = proto_get_id_by_filter_name("iphttps");

  stats_tap_register();
  register_table();
  register_menu(proto);
  stats_tree_register_plugin(STATS_TAP, STATS_TAP, "IP-HTTPS" MENU_SEPARATOR "Findings", 0, tap_tree, init_tree,
                             forget_tree);
  register_seq_analysis("iphttps", "IP-HTTPS Flows", proto, STATS_TAP, TL_REQUIRES_COLUMNS, tap_flow);
  register_shutdown_routine(cleanup);
}
