/* summary_text.c - what to know of a capture, in words
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "summary.h"

#include <string.h>

#include "outcome.h"
#include "page.h"
#include "summary_advice.h"
#include "windows_error.h"

/* What keeps the text to a page or three. */
#define GROUPS_SHOWN_MAX 12
#define CLIENTS_SHOWN_MAX 3
#define FRAMES_SHOWN_MAX 5

/* The text as far as it is written. */
typedef struct {
  GString *text;
  GHashTable *explained; /* the causes that stand above, with their next steps */
  guint groups_shown;
} page_t;

static const char *const verdict_words[] = {
    [VERDICT_IN_PROGRESS] = "in progress",
    [VERDICT_CONNECTED] = "connected",
    [VERDICT_HANDSHAKE_COMPLETE] = "TLS complete, content not readable",
    [VERDICT_FAILED] = "failed",
    [VERDICT_CLOSED] = "closed, nothing decided",
};

static const char *verdict_word(session_verdict_t verdict)
{
  return (size_t)verdict < G_N_ELEMENTS(verdict_words) ? verdict_words[verdict] : "unknown";
}

static const session_t *session_at(const summary_group_t *group, guint i)
{
  return g_ptr_array_index(group->sessions, i);
}

/* Where the sessions stopped, and by what: "after Client Hello: the server ...". */
static variants_t stops_of(const summary_group_t *group)
{
  static const char label[] = "Stopped ";
  variants_t stops = variants_new();

  for (guint i = 0; i < group->sessions->len; i++) {
    const char *sentence = session_at(group, i)->stopped;

    if (sentence != NULL && session_at(group, i)->verdict == VERDICT_FAILED)
      variants_add(&stops, g_strdup(g_str_has_prefix(sentence, label) ? sentence + strlen(label) : sentence));
  }
  return stops;
}

/* A finding in a sentence; without what was seen where the line above says so. */
static char *sentence_of(const session_t *session, const session_finding_t *finding)
{
  bool stands_above = session->verdict == VERDICT_FAILED && session->stopped != NULL && finding->evidence != NULL &&
                      g_str_has_suffix(session->stopped, finding->evidence);

  return stands_above ? g_strdup(finding_row(finding->id)->summary) : session_finding_sentence(finding);
}

/* What was seen of a finding in the sessions of the group that have it. */
static variants_t evidence_of(const summary_group_t *group, finding_id_t id)
{
  variants_t evidence = variants_new();

  for (guint i = 0; i < group->sessions->len; i++) {
    const session_finding_t *finding = session_finding_of(session_at(group, i), id);

    if (finding != NULL)
      variants_add(&evidence, sentence_of(session_at(group, i), finding));
  }
  return evidence;
}

static guint sessions_with(const summary_group_t *group, finding_id_t id)
{
  guint count = 0;

  for (guint i = 0; i < group->sessions->len; i++)
    count += session_at(group, i)->raised[id];
  return count;
}

/* Findings about the capture itself have a place of their own. */
static bool is_about_capture(finding_id_t id)
{
  return g_str_has_prefix(finding_row(id)->slug, "capture_");
}

static void add_sessions(page_t *page, const summary_group_t *group, bool all_the_same)
{
  guint count = group->sessions->len;
  variants_t clients = variants_new();
  char *list;

  for (guint i = 0; i < count; i++)
    variants_add(&clients, ip_address_to_text(&session_at(group, i)->client));
  list = variants_list(&clients, CLIENTS_SHOWN_MAX);
  if (count == 1)
    page_formatted(page->text, "Who", "client %s, session %u, frames %u to %u", list, session_at(group, 0)->index,
                   session_at(group, 0)->first_frame, session_at(group, 0)->last_frame);
  else if (clients.texts->len == 1)
    page_formatted(page->text, "Who", "%u attempts of client %s%s", count, list, all_the_same ? ", all the same" : "");
  else if (clients.others > 0)
    page_formatted(page->text, "Who", "%u attempts of many clients (%s)%s", count, list,
                   all_the_same ? ", all the same" : "");
  else
    page_formatted(page->text, "Who", "%u attempts of %u clients (%s)%s", count, clients.texts->len, list,
                   all_the_same ? ", all the same" : "");
  g_free(list);
  variants_free(&clients);
}

static void add_deciding_frames(page_t *page, const summary_group_t *group)
{
  GString *frames = g_string_new(NULL);
  guint count = group->sessions->len;

  for (guint i = 0; i < count && i < FRAMES_SHOWN_MAX; i++) {
    const session_finding_t *finding = session_finding_of(session_at(group, i), group->lead);

    g_string_append_printf(frames, "%s%u (session %u)", i > 0 ? ", " : "", finding->frame, session_at(group, i)->index);
  }
  if (count > FRAMES_SHOWN_MAX)
    g_string_append_printf(frames, " and %u more", count - FRAMES_SHOWN_MAX);
  page_labelled(page->text, "Frame", frames->str);
  g_string_free(frames, TRUE);
}

static void add_windows_error(page_t *page, const summary_group_t *group)
{
  variants_t codes = variants_new();

  for (guint i = 0; i < group->sessions->len; i++) {
    char *code = windows_error_to_text(session_windows_error(session_at(group, i)));

    if (code != NULL)
      variants_add(&codes, code);
  }
  page_variants(page->text, "Windows", &codes);
  variants_free(&codes);
}

/* Once in a text. */
static void add_remedy(page_t *page, const session_t *session, const session_finding_t *finding)
{
  const char *cause = session_finding_cause(session, finding);
  const char *const *steps = session_finding_next_steps(session, finding);

  if (!g_hash_table_add(page->explained, (gpointer)cause)) {
    page_labelled(page->text, "Next step", "as above");
    return;
  }
  page_labelled(page->text, "Cause", cause);
  for (const char *const *step = steps; *step != NULL; step++)
    page_labelled(page->text, step == steps ? "Next step" : "", *step);
}

/* What the evidence of the group's sessions leads to, which need not be the same in all. */
static void add_remedies(page_t *page, const summary_group_t *group, finding_id_t id)
{
  GHashTable *causes = g_hash_table_new(g_direct_hash, g_direct_equal);

  for (guint i = 0; i < group->sessions->len; i++) {
    const session_t *session = session_at(group, i);
    const session_finding_t *finding = session_finding_of(session, id);

    if (finding != NULL && g_hash_table_add(causes, (gpointer)session_finding_cause(session, finding)))
      add_remedy(page, session, finding);
  }
  g_hash_table_destroy(causes);
}

/* The gravest that a finding is in any of the group's sessions; *got_over: it is an error that all of them got over. */
static finding_severity_t severity_in(const summary_group_t *group, finding_id_t id, bool *got_over)
{
  finding_severity_t gravest = SEVERITY_CHAT;

  *got_over = true;
  for (guint i = 0; i < group->sessions->len; i++) {
    const session_finding_t *finding = session_finding_of(session_at(group, i), id);

    if (finding == NULL)
      continue;
    gravest = MAX(gravest, session_finding_severity(session_at(group, i), finding));
    *got_over = *got_over && session_got_over(session_at(group, i), finding);
  }
  return gravest;
}

/* A finding beside the one that leads: what was seen, and what to do about it where it needs repair. */
static void add_companion(page_t *page, const summary_group_t *group, finding_id_t id)
{
  static const char *const severities[] = {"", "Note", "Warning", "Error"};
  bool got_over;
  finding_severity_t severity = severity_in(group, id, &got_over);
  const char *label = got_over ? "Got over" : severities[severity];
  guint count = sessions_with(group, id);
  variants_t evidence = evidence_of(group, id);

  if (count < group->sessions->len)
    page_formatted(page->text, label, "%s, in %u of %u", finding_row(id)->title, count, group->sessions->len);
  else
    page_labelled(page->text, label, finding_row(id)->title);
  page_variants(page->text, "", &evidence);
  if (severity >= SEVERITY_WARNING && !got_over)
    add_remedies(page, group, id);
  variants_free(&evidence);
}

static void add_companions(page_t *page, const summary_group_t *group)
{
  bool got_over;

  for (int severity = SEVERITY_ERROR; severity >= SEVERITY_NOTE; severity--)
    for (finding_id_t id = 0; id < FINDING_COUNT; id++)
      if ((int)severity_in(group, id, &got_over) == severity && id != group->lead && !is_about_capture(id) &&
          sessions_with(group, id) > 0)
        add_companion(page, group, id);
}

static void add_inner_packets(page_t *page, const summary_group_t *group)
{
  uint64_t from_client = 0, from_server = 0;

  for (guint i = 0; i < group->sessions->len; i++) {
    from_client += session_at(group, i)->packets[SIDE_CLIENT];
    from_server += session_at(group, i)->packets[SIDE_SERVER];
  }
  page_formatted(page->text, "Tunnel",
                 "%" G_GUINT64_FORMAT " packets from the client, %" G_GUINT64_FORMAT " from the server", from_client,
                 from_server);
}

/* What a verdict leaves open where no finding leads. */
static void add_verdict(page_t *page, const summary_group_t *group)
{
  char *question = session_open_question(session_at(group, 0));

  if (group->verdict == VERDICT_CONNECTED)
    add_inner_packets(page, group);
  if (question != NULL)
    page_labelled(page->text, "Seen", question);
  g_free(question);
}

/* The box, which need not be the same in all sessions of the group. */
static void add_look_at(page_t *page, const summary_group_t *group)
{
  variants_t boxes = variants_new();

  for (guint i = 0; i < group->sessions->len; i++) {
    const session_t *session = session_at(group, i);

    variants_add(&boxes, g_strdup(session_finding_look_at(session, session_finding_of(session, group->lead))));
  }
  page_variants(page->text, "Look at", &boxes);
  variants_free(&boxes);
}

static void add_lead(page_t *page, const summary_group_t *group)
{
  variants_t stops = stops_of(group), evidence = evidence_of(group, group->lead);
  bool all_the_same = stops.texts->len <= 1 && stops.others == 0 && evidence.texts->len == 1 && evidence.others == 0;

  add_look_at(page, group);
  add_sessions(page, group, all_the_same);
  page_variants(page->text, "Stopped", &stops);
  page_variants(page->text, "Seen", &evidence);
  add_remedies(page, group, group->lead);
  add_windows_error(page, group);
  add_deciding_frames(page, group);
  if (group->verdict == VERDICT_CONNECTED)
    add_inner_packets(page, group);
  variants_free(&stops);
  variants_free(&evidence);
}

static void add_group(page_t *page, const summary_group_t *group)
{
  char *verdict = g_ascii_strup(verdict_word(group->verdict), -1);
  GString *heading = g_string_new(verdict);

  if (group->lead != FINDING_COUNT)
    g_string_append_printf(heading, ": %s", finding_row(group->lead)->title);
  if (group->explanation != FINDING_COUNT)
    g_string_append_printf(heading, " (%s)", finding_row(group->explanation)->title);
  page_line(page->text, 2, heading->str);
  if (group->lead != FINDING_COUNT) {
    add_lead(page, group);
  } else {
    add_sessions(page, group, false);
    add_verdict(page, group);
  }
  add_companions(page, group);
  g_string_append_c(page->text, '\n');
  page->groups_shown++;
  g_string_free(heading, TRUE);
  g_free(verdict);
}

static void add_endpoint(page_t *page, const summary_endpoint_t *endpoint)
{
  if (page->groups_shown >= GROUPS_SHOWN_MAX)
    return;
  page_line(page->text, 0, endpoint->endpoint_text);
  for (guint i = 0; i < endpoint->groups->len && page->groups_shown < GROUPS_SHOWN_MAX; i++)
    add_group(page, g_ptr_array_index(endpoint->groups, i));
}

/* "14 DirectAccess sessions of 3 clients: 12 failed, 2 connected." */
static void add_totals(page_t *page, const summary_t *summary)
{
  static const session_verdict_t order[] = {VERDICT_FAILED, VERDICT_CONNECTED, VERDICT_HANDSHAKE_COMPLETE,
                                            VERDICT_CLOSED, VERDICT_IN_PROGRESS};
  guint count = summary->all.sessions->len;
  GString *line = g_string_new(NULL);
  const char *separator = ":";

  if (count == 1)
    g_string_printf(line, "1 DirectAccess session: %s",
                    verdict_word(((const session_t *)summary->all.sessions->pdata[0])->verdict));
  else
    g_string_printf(line, "%u DirectAccess sessions of %u client%s", count, summary->client_count,
                    summary->client_count > 1 ? "s" : "");
  for (size_t i = 0; i < G_N_ELEMENTS(order); i++)
    if (count > 1 && summary->verdict_counts[order[i]] > 0) {
      g_string_append_printf(line, "%s %u %s", separator, summary->verdict_counts[order[i]], verdict_word(order[i]));
      separator = ",";
    }
  g_string_append_c(line, '.');
  page_line(page->text, 0, line->str);
  g_string_append_c(page->text, '\n');
  g_string_free(line, TRUE);
}

static void add_what_is_left_out(page_t *page, const summary_t *summary)
{
  char *line;

  if (summary->group_count <= page->groups_shown)
    return;
  line = g_strdup_printf("%u more groups of sessions are left out, none graver than these. Every session is listed by "
                         "Statistics > IP-HTTPS > Sessions and by tshark -z iphttps,sessions.",
                         summary->group_count - page->groups_shown);
  page_line(page->text, 0, line);
  g_string_append_c(page->text, '\n');
  g_free(line);
}

static void add_capture(page_t *page, const summary_t *summary)
{
  bool headed = false;

  for (finding_id_t id = 0; id < FINDING_COUNT; id++) {
    if (!is_about_capture(id) || sessions_with(&summary->all, id) == 0)
      continue;
    if (!headed)
      page_line(page->text, 0, "The capture itself");
    headed = true;
    add_companion(page, &summary->all, id);
    add_remedies(page, &summary->all, id);
  }
  if (headed)
    g_string_append_c(page->text, '\n');
}

char *summary_page(const summary_t *summary, const summary_surroundings_t *surroundings)
{
  page_t page = {.text = g_string_new(NULL), .explained = g_hash_table_new(g_direct_hash, g_direct_equal)};

  if (summary->all.sessions->len == 0) {
    summary_add_advice(page.text, surroundings);
  } else {
    add_totals(&page, summary);
    for (guint i = 0; i < summary->endpoints->len; i++)
      add_endpoint(&page, g_ptr_array_index(summary->endpoints, i));
    add_what_is_left_out(&page, summary);
    add_capture(&page, summary);
  }
  g_hash_table_destroy(page.explained);
  return g_string_free(page.text, FALSE);
}
