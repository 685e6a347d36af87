/* report.c - Tools > IP-HTTPS > Report, and tshark -z iphttps,report: what to know of a capture, in words
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "report.h"

#include <epan/funnel.h>
#include <epan/packet.h>
#include <epan/plugin_if.h>
#include <epan/stat_tap_ui.h>
#include <epan/tap.h>
#include <wsutil/report_message.h>

#include "compat.h"
#include "core/page.h"
#include "core/summary.h"
#include "preferences.h"
#include "stats_tap.h"
#include "suspects.h"

#define COMMAND "iphttps,report"
#define TITLE "IP-HTTPS Report"
#define FAILED_SESSIONS "iphttps.verdict == 3"

/* A report under way. It lives as long as its window, or to the end of the program. The sessions belong to the capture
 * and are forgotten when the listener is reset, which Wireshark does before it dissects anew. */
typedef struct {
  char *filter; /* NULL for all frames */
  GHashTable *met;
  GPtrArray *sessions;
  suspects_t *suspects;
  funnel_text_window_t *window; /* NULL in tshark, which prints */
  GString *text;                /* as it was last drawn */
  char *html;                   /* the same for the window; owned */
  GArray *deciding_frames;      /* uint32_t, a group of sessions each */
  guint next_frame;             /* which of them the button goes to */
} report_t;

static GPtrArray *reports;

static void free_report(gpointer freed)
{
  report_t *report = freed;

  suspects_free(report->suspects);
  remove_tap_listener(report);
  g_free(report->filter);
  g_hash_table_destroy(report->met);
  g_ptr_array_free(report->sessions, TRUE);
  g_string_free(report->text, TRUE);
  g_free(report->html);
  g_array_free(report->deciding_frames, TRUE);
  g_free(report);
}

static void forget_sessions(void *data)
{
  report_t *report = data;

  g_hash_table_remove_all(report->met);
  g_ptr_array_set_size(report->sessions, 0);
}

static tap_packet_status meet_frame(void *data, packet_info *pinfo _U_, epan_dissect_t *edt _U_, const void *frame,
                                    tap_flags_t flags _U_)
{
  report_t *report = data;
  const session_t *session = stats_session_of(frame);

  if (!g_hash_table_add(report->met, (gpointer)session))
    return TAP_PACKET_DONT_REDRAW;
  g_ptr_array_add(report->sessions, (gpointer)session);
  return TAP_PACKET_REDRAW;
}

static gint compare_sessions(gconstpointer one, gconstpointer other)
{
  const session_t *left = *(const session_t *const *)one, *right = *(const session_t *const *)other;

  return left->index < right->index ? -1 : left->index > right->index;
}

/* Those whose tag stands, in the order of their indexes. */
static GPtrArray *sessions_of(const report_t *report)
{
  GPtrArray *sessions = g_ptr_array_new();

  for (guint i = 0; i < report->sessions->len; i++) {
    session_t *session = g_ptr_array_index(report->sessions, i);

    if (session->withdrawn_frame == 0)
      g_ptr_array_add(sessions, session);
  }
  g_ptr_array_sort(sessions, compare_sessions);
  return sessions;
}

static void note_deciding_frames(report_t *report, const summary_t *summary)
{
  g_array_set_size(report->deciding_frames, 0);
  for (guint i = 0; i < summary->endpoints->len; i++) {
    const summary_endpoint_t *endpoint = g_ptr_array_index(summary->endpoints, i);

    for (guint j = 0; j < endpoint->groups->len; j++) {
      uint32_t frame = summary_deciding_frame(g_ptr_array_index(endpoint->groups, j));

      if (frame != 0)
        g_array_append_val(report->deciding_frames, frame);
    }
  }
}

/* Writes the text anew; false if it is the same as before. */
static bool write_text(report_t *report)
{
  GPtrArray *sessions = sessions_of(report);
  GArray *suspects = suspects_list(report->suspects);
  summary_t *summary = summary_new((const session_t *const *)sessions->pdata, sessions->len);
  summary_surroundings_t surroundings = {.filter = report->filter,
                                         .endpoint_row_count = preferences_current()->capture.endpoint_count,
                                         .suspects = (const suspect_t *)(void *)suspects->data,
                                         .suspect_count = suspects->len};
  char *page = summary_page(summary, &surroundings), *text = page_as_text(page);
  bool changed = strcmp(text, report->text->str) != 0;

  g_string_assign(report->text, text);
  g_free(report->html);
  report->html = page_as_html(page);
  g_free(page);
  note_deciding_frames(report, summary);
  g_free(text);
  summary_free(summary);
  g_array_free(suspects, TRUE);
  g_ptr_array_free(sessions, TRUE);
  return changed;
}

static void draw(void *data)
{
  report_t *report = data;
  bool changed = write_text(report);

  if (report->window == NULL)
    printf("%s", report->text->str);
  else if (changed)
    funnel_get_funnel_ops()->set_text(report->window, report->html);
}

static wireshark_bool show_failed_sessions(funnel_text_window_t *window _U_, void *data _U_)
{
  plugin_if_apply_filter(FAILED_SESSIONS, true);
  return true;
}

/* Goes to the first of the gravest group of sessions, and when pressed again to that of the next. */
static wireshark_bool go_to_deciding_frame(funnel_text_window_t *window _U_, void *data)
{
  report_t *report = data;

  if (report->deciding_frames->len == 0)
    return true;
  report->next_frame %= report->deciding_frames->len;
  plugin_if_goto_frame(g_array_index(report->deciding_frames, uint32_t, report->next_frame++));
  return true;
}

static wireshark_bool copy_text(funnel_text_window_t *window _U_, void *data)
{
  funnel_get_funnel_ops()->copy_to_clipboard(((report_t *)data)->text);
  return true;
}

static void close_window(void *report)
{
  g_ptr_array_remove(reports, report);
}

static void open_window(report_t *report, const funnel_ops_t *gui)
{
  static const struct {
    const char *label;
    wireshark_bool (*press)(funnel_text_window_t *, void *);
  } buttons[] = {{"Show failed sessions", show_failed_sessions},
                 {"Go to deciding frame", go_to_deciding_frame},
                 {"Copy", copy_text}};

  report->window = gui->new_text_window(gui->ops_id, TITLE);
  gui->set_close_cb(report->window, close_window, report);
  for (size_t i = 0; i < G_N_ELEMENTS(buttons); i++) {
    funnel_bt_t *button = g_new(funnel_bt_t, 1);

    *button = (funnel_bt_t){
        .tw = report->window, .func = buttons[i].press, .data = report, .free_fcn = g_free, .free_data_fcn = NULL};
    gui->add_button(report->window, button, buttons[i].label);
  }
}

/* NULL where the filter is none. */
static report_t *begin_report(const char *filter)
{
  report_t *report = g_new0(report_t, 1);
  GString *error =
      register_tap_listener(STATS_TAP, report, filter, TL_REQUIRES_NOTHING, forget_sessions, meet_frame, draw, NULL);

  report->filter = g_strdup(filter);
  report->met = g_hash_table_new(NULL, NULL);
  report->sessions = g_ptr_array_new();
  report->text = g_string_new(NULL);
  report->deciding_frames = g_array_new(FALSE, FALSE, sizeof(uint32_t));
  report->suspects = suspects_new();
  if (error != NULL) {
    report_failure("%s: %s", COMMAND, error->str);
    g_string_free(error, TRUE);
    free_report(report);
    return NULL;
  }
  g_ptr_array_add(reports, report);
  return report;
}

static bool has_windows(const funnel_ops_t *program)
{
  return program != NULL && program->add_button != NULL;
}

/* "iphttps,report" or "iphttps,report,FILTER". */
static stat_tap_init_result begin_by_command(const char *command, void *data _U_)
{
  const char *filter = command + strlen(COMMAND);
  report_t *report = begin_report(*filter == ',' ? filter + 1 : NULL);

  if (report != NULL && has_windows(funnel_get_funnel_ops()))
    open_window(report, funnel_get_funnel_ops());
  return STAT_TAP_INIT_DONE;
}

static void begin_by_menu(gpointer data _U_)
{
  const funnel_ops_t *gui = funnel_get_funnel_ops();
  report_t *report = begin_report(NULL);

  if (report == NULL || !has_windows(gui))
    return;
  open_window(report, gui);
  gui->retap_packets(gui->ops_id);
  draw(report);
}

static void cleanup(void)
{
  g_ptr_array_free(reports, TRUE);
}

void report_register(void)
{
  static stat_tap_ui statistic = {.group = REGISTER_STAT_GROUP_CONVERSATION_LIST,
                                  .title = TITLE,
                                  .cli_string = COMMAND,
                                  .tap_init_cb = begin_by_command};

  reports = g_ptr_array_new_with_free_func(free_report);
  register_stat_tap_ui(&statistic, NULL);
  funnel_register_menu("IP-HTTPS/Report", REGISTER_TOOLS_GROUP_UNSORTED, begin_by_menu, NULL, NULL, false);
  register_shutdown_routine(cleanup);
}
