/* diagnose.c - holds the rows of the catalogue against a session
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "findings/diagnose.h"

#include "findings/ending.h"
#include "outcome.h"
#include "tls_alert.h"
#include "windows_error.h"

/* Schannel gives codes of its own for alerts that it receives alone: with RST, FIN and its own alerts it has none. */
static uint32_t windows_error_of(const evidence_t *given, const finding_row_t *row)
{
  switch (row->error_rule) {
  case ERROR_FIXED:
    return row->reports_when == NULL || row->reports_when(given) ? row->windows_error : WINDOWS_ERROR_NONE;
  case ERROR_BY_ALERT:
    return fatal_alert(given) && !given->observation->from_client ? windows_error_from_alert(given->observation->alert)
                                                                  : WINDOWS_ERROR_NONE;
  case ERROR_UNKNOWN:
    break;
  }
  return WINDOWS_ERROR_NONE;
}

static finding_severity_t severity_of(const evidence_t *given, const finding_row_t *row)
{
  return row->is_error != NULL && row->is_error(given) ? SEVERITY_ERROR : row->severity;
}

/* A phase that has not brought what it is for has not been left. */
static const char *where_in(const session_t *session)
{
  switch (session->phase) {
  case PHASE_NAME_RESOLUTION:
  case PHASE_PROXY:
    return "at";
  case PHASE_TCP_CONNECT:
    return session->connected_tcp ? "after" : "at";
  case PHASE_TUNNEL:
    return "in";
  default:
    return "after";
  }
}

/* Remembers what stopped the session. */
static void note_stop(session_t *session, const evidence_t *given, const finding_row_t *row)
{
  GString *sentence;

  if (severity_of(given, row) != SEVERITY_ERROR || row->judges != JUDGES_COURSE)
    return;
  sentence = g_string_new("Stopped");
  if (session->phase != PHASE_NONE) {
    g_string_append_c(sentence, ' ');
    g_string_append(sentence, where_in(session));
    g_string_append_c(sentence, ' ');
    g_string_append(sentence, session_phase_name(session->phase));
  }
  g_string_append(sentence, ": ");
  row->happened(given, sentence);
  g_free(session->stopped);
  session->stopped = g_string_free(sentence, FALSE);
}

/* What was seen, NULL where there is nothing to say beyond the summary; to be freed with g_free(). */
static char *particulars_of(const evidence_t *given, const finding_row_t *row)
{
  finding_text_t describe = row->particulars != NULL ? row->particulars : row->happened;
  GString *text = g_string_new(NULL);

  if (describe != NULL)
    describe(given, text);
  return g_string_free(text, text->len == 0);
}

/* NULL where the row's own texts say all. */
static const finding_remedy_t *remedy_of(const evidence_t *given, const finding_row_t *row)
{
  for (const finding_remedy_t *remedy = row->remedies; remedy != NULL && remedy->cause != NULL; remedy++)
    if (remedy->fits(given))
      return remedy;
  return NULL;
}

/* Rows that are asked together, in the catalogue's order; ended by NULL. */
typedef const finding_row_t *questions_t[FINDING_COUNT + 1];

/* Filled once with what never changes. */
static struct {
  questions_t of_course;
  questions_t of_any_frame; /* the course's that ask for no fact */
  questions_t of_certificate;
  uint32_t facts; /* observation_facts_t, one of which each other of the course's asks for */
} questions;

static void fill_questions(void)
{
  size_t of_course = 0, of_any_frame = 0, of_certificate = 0;

  for (int id = 0; id < FINDING_COUNT; id++) {
    const finding_row_t *row = finding_row(id);

    if (row->judges == JUDGES_SERVER_CERTIFICATE) {
      questions.of_certificate[of_certificate++] = row;
      continue;
    }
    questions.of_course[of_course++] = row;
    questions.facts |= row->seen_on;
    if (row->seen_on == 0 && row->applies != NULL)
      questions.of_any_frame[of_any_frame++] = row;
  }
}

/* Most rows have nothing to say on most frames, and are not even looked at. */
static const finding_row_t *const *questions_on(const evidence_t *given)
{
  if (questions.of_course[0] == NULL)
    fill_questions();
  return given->ending != FINDING_COUNT || saw(given, questions.facts) ? questions.of_course : questions.of_any_frame;
}

static bool is_due(const evidence_t *given, const finding_row_t *row)
{
  if (given->ending == row->id)
    return true;
  return (row->seen_on == 0 || saw(given, row->seen_on)) && row->applies != NULL && row->applies(given);
}

static void raise_finding(session_t *session, const evidence_t *given, const finding_row_t *row)
{
  note_stop(session, given, row);
  session_raise(session, (session_finding_t){.frame = given->observation->frame,
                                             .raised_frame = given->observation->frame,
                                             .id = row->id,
                                             .severity = severity_of(given, row),
                                             .windows_error = windows_error_of(given, row),
                                             .remedy = remedy_of(given, row),
                                             .evidence = particulars_of(given, row)});
}

static void hold_against(session_t *session, const evidence_t *given, const finding_row_t *const *rows)
{
  for (const finding_row_t *const *row = rows; *row != NULL; row++)
    if (!session->raised[(*row)->id] && is_due(given, *row))
      raise_finding(session, given, *row);
}

/* A certificate is judged when it is shown; in a provisional session, when that fails. */
static bool certificate_is_due(const session_t *session, uint32_t frame, session_verdict_t before)
{
  bool fails_now = session->verdict == VERDICT_FAILED && before != VERDICT_FAILED;

  if (session->leaf == NULL || session->leaf_judged)
    return false;
  return fails_now || (!session->provisional && session->certificate_frame == frame);
}

void diagnose(session_t *session, const observation_t *observation)
{
  evidence_t given = {.session = session, .observation = observation};
  session_verdict_t before = session->verdict;

  if (session->withdrawn_frame != 0)
    return;
  given.ending = classify_ending(&given);
  hold_against(session, &given, questions_on(&given));
  session_reconsider(session);
  if (closes(&given))
    session_close(session, observation->frame);
  if (given.ending != FINDING_COUNT || answer_is_not_tls(&given))
    session->ended = true;
  if (certificate_is_due(session, observation->frame, before)) {
    session->leaf_judged = true;
    hold_against(session, &given, questions.of_certificate);
  }
  if (session->verdict == VERDICT_FAILED)
    session->provisional = false;
}
