/* outcome.c - what has become of a session: its verdict, its findings, and the one that heads it
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "outcome.h"

#include <string.h>

#include "windows_error.h"

bool session_got_over(const session_t *session, const session_finding_t *finding)
{
  session_phase_t overcome_by = finding_row(finding->id)->overcome_by;
  finding_id_t settled_by = finding_row(finding->id)->settled_by;

  if (settled_by != 0 && session->raised[settled_by])
    return true;
  if (finding->severity != SEVERITY_ERROR || overcome_by == PHASE_NONE)
    return false;
  /* That TCP is up shows by itself that an attempt to connect was answered. */
  if (overcome_by == PHASE_PROXY && session->connected_tcp)
    return true;
  for (int phase = overcome_by; phase < PHASE_COUNT; phase++)
    if (session->phase_frames[phase] > finding->raised_frame)
      return true;
  return false;
}

finding_severity_t session_finding_severity(const session_t *session, const session_finding_t *finding)
{
  return session_got_over(session, finding) ? SEVERITY_WARNING : finding->severity;
}

/* What ended the session weighs more than what its certificate looks like, and both more than what it got over. */
static int weight_of(const session_t *session, const session_finding_t *finding)
{
  bool ended_it = finding->severity == SEVERITY_ERROR && finding->frame == session->ended_frame &&
                  finding_row(finding->id)->judges == JUDGES_COURSE;

  if (session_got_over(session, finding))
    return -1;
  return ended_it ? SEVERITY_ERROR + 1 : (int)finding->severity;
}

/* The earliest of the gravest leads, unless another one says why it came to that. */
static bool outweighs(int weight, const session_finding_t *finding, int highest, const session_finding_t *leading)
{
  finding_id_t yields_to = leading != NULL ? finding_row(leading->id)->yields_to : 0;

  return weight > highest || (weight == highest && yields_to != 0 && yields_to == finding->id);
}

const session_finding_t *session_leading_finding(const session_t *session)
{
  int highest = SEVERITY_NOTE;
  const session_finding_t *leading = NULL;

  for (guint i = 0; i < session->findings->len; i++) {
    const session_finding_t *finding = &g_array_index(session->findings, session_finding_t, i);
    int weight = weight_of(session, finding);

    if (outweighs(weight, finding, highest, leading)) {
      highest = weight;
      leading = finding;
    }
  }
  return leading;
}

char *session_finding_sentence(const session_finding_t *finding)
{
  const char *summary = finding_row(finding->id)->summary;

  if (finding->evidence == NULL)
    return g_strdup(summary);
  return g_strdup_printf("%.*s: %s%s", (int)strlen(summary) - 1, summary, finding->evidence,
                         g_str_has_suffix(finding->evidence, ".") ? "" : "."); /* "O=Example Inc." */
}

const session_finding_t *session_finding_of(const session_t *session, finding_id_t id)
{
  for (guint i = 0; i < session->findings->len; i++) {
    const session_finding_t *finding = &g_array_index(session->findings, session_finding_t, i);

    if (finding->id == id)
      return finding;
  }
  return NULL;
}

const session_finding_t *session_finding_explanation(const session_t *session, const session_finding_t *finding)
{
  if (finding->remedy != NULL)
    return NULL;
  for (const finding_id_t *id = finding_row(finding->id)->explained_by; *id != 0; id++)
    if (session->raised[*id])
      return session_finding_of(session, *id);
  return NULL;
}

uint32_t session_windows_error(const session_t *session)
{
  const session_finding_t *leading = session_leading_finding(session);
  uint32_t code = leading != NULL ? leading->windows_error : WINDOWS_ERROR_NONE;
  finding_severity_t gravest = SEVERITY_CHAT;

  if (code != WINDOWS_ERROR_NONE)
    return code;

  for (guint i = 0; i < session->findings->len; i++) {
    const session_finding_t *finding = &g_array_index(session->findings, session_finding_t, i);
    finding_severity_t severity = session_finding_severity(session, finding);

    if (finding->windows_error != WINDOWS_ERROR_NONE && (session->verdict == VERDICT_CONNECTED || severity > gravest)) {
      code = finding->windows_error;
      gravest = severity;
    }
  }
  return code;
}

/* The finding whose texts say most. */
static const session_finding_t *telling(const session_t *session, const session_finding_t *finding)
{
  const session_finding_t *explanation = session_finding_explanation(session, finding);

  return explanation != NULL ? explanation : finding;
}

const char *session_finding_cause(const session_t *session, const session_finding_t *finding)
{
  const session_finding_t *source = telling(session, finding);

  return source->remedy != NULL ? source->remedy->cause : finding_row(source->id)->cause;
}

const char *session_finding_look_at(const session_t *session, const session_finding_t *finding)
{
  const session_finding_t *source = telling(session, finding);

  return source->remedy != NULL && source->remedy->look_at != NULL ? source->remedy->look_at
                                                                   : finding_row(source->id)->look_at;
}

const char *const *session_finding_next_steps(const session_t *session, const session_finding_t *finding)
{
  const session_finding_t *source = telling(session, finding);

  return source->remedy != NULL ? source->remedy->next_step : finding_row(source->id)->next_step;
}

const session_finding_t *session_flaw_of_capture(const session_t *session)
{
  static const finding_id_t flaws[] = {FINDING_CAPTURE_TRUNCATED, FINDING_CAPTURE_INCOMPLETE};

  if (session->verdict == VERDICT_CONNECTED || session_leading_finding(session) != NULL)
    return NULL;
  for (size_t i = 0; i < G_N_ELEMENTS(flaws); i++)
    if (session->raised[flaws[i]])
      return session_finding_of(session, flaws[i]);
  return NULL;
}

char *session_open_question(const session_t *session)
{
  switch (session->verdict) {
  case VERDICT_HANDSHAKE_COMPLETE:
    return g_strdup("The TLS handshake is complete; only with its keys (a key log file) can be seen whether the tunnel "
                    "opened.");
  case VERDICT_IN_PROGRESS:
  case VERDICT_CLOSED:
    if (session->phase == PHASE_NONE)
      return NULL;
    return g_strdup_printf(session->verdict == VERDICT_CLOSED
                               ? "Nothing has gone wrong up to %s; why the connection was then closed is not seen."
                               : "Nothing has gone wrong up to %s; more of the session is not in the capture.",
                           session_phase_name(session->phase));
  default:
    return NULL;
  }
}

void session_decide(session_t *session, session_verdict_t verdict, uint32_t frame)
{
  session->verdict = verdict;
  session->decided_frame = frame;
  session->decided_time_ns = frame != 0 ? session->last_time_ns : 0;
}

/* Findings of one frame stand in the order of the catalogue. */
static bool comes_before(const session_finding_t *one, const session_finding_t *other)
{
  return one->frame == other->frame && one->id < other->id;
}

void session_raise(session_t *session, session_finding_t finding)
{
  guint position = session->findings->len;

  if (session->raised[finding.id]) {
    g_free(finding.evidence);
    return;
  }
  session->raised[finding.id] = true;
  while (position > 0 && comes_before(&finding, &g_array_index(session->findings, session_finding_t, position - 1)))
    position--;
  g_array_insert_val(session->findings, position, finding);
  if (finding.severity == SEVERITY_ERROR && finding_row(finding.id)->judges == JUDGES_COURSE)
    session->ended_frame = finding.frame;
  if (finding.severity == SEVERITY_ERROR && session->verdict != VERDICT_FAILED)
    session_decide(session, VERDICT_FAILED, finding.frame);
}

void session_reconsider(session_t *session)
{
  if (session->verdict != VERDICT_FAILED)
    return;
  for (guint i = 0; i < session->findings->len; i++) {
    const session_finding_t *finding = &g_array_index(session->findings, session_finding_t, i);
    bool of_course = finding_row(finding->id)->judges == JUDGES_COURSE;

    if (finding->severity == SEVERITY_ERROR && !(of_course && session_got_over(session, finding)))
      return;
  }
  session_decide(session, VERDICT_IN_PROGRESS, 0);
  g_free(session->stopped);
  session->stopped = NULL;
}

void session_go_on(session_t *session)
{
  if (session->verdict == VERDICT_FAILED && session->stopped == NULL)
    session_decide(session, VERDICT_IN_PROGRESS, 0);
}

void session_close(session_t *session, uint32_t frame)
{
  bool left_unsaid = session->verdict == VERDICT_HANDSHAKE_COMPLETE && session->raised[FINDING_CLOSED_AFTER_HANDSHAKE];

  if (session->verdict == VERDICT_IN_PROGRESS || left_unsaid)
    session_decide(session, VERDICT_CLOSED, frame);
}
