/* session_promises.c - what holds for every session, whatever frames it is fed
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "session_promises.h"

#include <string.h>

#include "outcome.h"
#include "windows_error.h"

static const session_finding_t *finding_at(const session_t *asked, guint position)
{
  return &g_array_index(asked->findings, session_finding_t, position);
}

static finding_severity_t severity_at(const session_t *asked, guint position)
{
  return finding_row(finding_at(asked, position)->id)->severity;
}

static bool has_error(const session_t *asked)
{
  for (guint i = 0; i < asked->findings->len; i++)
    if (severity_at(asked, i) == SEVERITY_ERROR)
      return true;
  return false;
}

static void check_text(const char *text)
{
  g_assert_true(g_utf8_validate(text, -1, NULL));
  g_assert_true(g_str_has_suffix(text, "."));
  g_assert_null(strstr(text, "(null)"));
}

static void check_finding(const session_t *checked, guint position)
{
  const session_finding_t *finding = finding_at(checked, position);
  const finding_row_t *row = finding_row(finding->id);
  char *sentence = session_finding_sentence(finding);

  check_text(sentence);
  g_free(sentence);
  if (row->error_rule == ERROR_FIXED && (row->reports_when == NULL || finding->windows_error != WINDOWS_ERROR_NONE))
    g_assert_cmphex(finding->windows_error, ==, row->windows_error);
  if (row->error_rule == ERROR_UNKNOWN)
    g_assert_cmphex(finding->windows_error, ==, WINDOWS_ERROR_NONE);
  for (guint i = 0; i < position; i++) {
    g_assert_cmpint(finding_at(checked, i)->id, !=, finding->id);
    g_assert_cmpuint(finding_at(checked, i)->frame, <=, finding->frame);
  }
}

/* What a frame finds stands on this frame, and an error among it makes the session fail, unless it was got over before
 * the session was known. */
static void check_findings(const session_t *checked, const session_t *before, uint32_t frame)
{
  g_assert_cmpuint(checked->findings->len, <=, FINDING_COUNT);
  for (guint i = 0; i < checked->findings->len; i++) {
    check_finding(checked, i);
    g_assert_true(checked->raised[finding_at(checked, i)->id]);
    if (before->raised[finding_at(checked, i)->id])
      continue;
    g_assert_cmpuint(finding_at(checked, i)->frame, ==, frame);
    g_assert_true(severity_at(checked, i) != SEVERITY_ERROR || checked->verdict == VERDICT_FAILED ||
                  session_got_over(checked, finding_at(checked, i)));
  }
}

static void check_verdict(const session_t *checked, const session_t *before, uint32_t frame)
{
  g_assert_true((checked->verdict == VERDICT_IN_PROGRESS) == (checked->decided_frame == 0));
  if (checked->verdict == VERDICT_IN_PROGRESS) /* perhaps again: it got over what had decided it */
    g_assert_cmpuint(checked->decided_frame, ==, 0);
  else if (checked->verdict != before->verdict)
    g_assert_cmpuint(checked->decided_frame, ==, frame);
  else
    g_assert_true(checked->decided_frame == before->decided_frame || checked->decided_frame == frame);
  g_assert_true(checked->verdict != VERDICT_FAILED || has_error(checked));
  g_assert_true(checked->verdict != VERDICT_CONNECTED || checked->raised[FINDING_CONNECTED]);
  g_assert_true(checked->verdict != VERDICT_HANDSHAKE_COMPLETE || checked->phase >= PHASE_HANDSHAKE_COMPLETE);
}

static void check_phases(const session_t *checked, const session_t *before, uint32_t frame)
{
  g_assert_cmpint(checked->phase, >=, before->phase);
  g_assert_cmpint(checked->phase, ==, session_phase_at(checked, frame));
  for (int phase = PHASE_NONE; phase < PHASE_COUNT; phase++)
    g_assert_cmpuint(checked->phase_frames[phase], <=, frame);
}

/* What is not ours after all is left alone, and what may not be ours is not judged by the looks of its certificate. */
static void check_restraint(const session_t *checked, const session_t *before)
{
  if (checked->withdrawn_frame != 0)
    g_assert_cmpmem(checked->raised, sizeof checked->raised, before->raised, sizeof before->raised);
  for (int id = 0; id < FINDING_COUNT; id++)
    g_assert_true(finding_row((finding_id_t)id)->judges != JUDGES_SERVER_CERTIFICATE || !before->provisional ||
                  !checked->provisional || checked->raised[id] == before->raised[id]);
}

/* Only the hosts of the server's certificate can be those that were not reached. */
static void check_revocation(const session_t *checked)
{
  g_assert_true(!checked->raised[FINDING_CERTIFICATE_REVOCATION_UNREACHABLE] ||
                (checked->leaf != NULL && checked->leaf->revocation_hosts[0] != NULL));
}

void check_promises(const session_t *checked, const session_t *before, uint32_t frame)
{
  check_findings(checked, before, frame);
  check_verdict(checked, before, frame);
  check_phases(checked, before, frame);
  check_restraint(checked, before);
  check_revocation(checked);
}

void check_answers(const session_t *checked)
{
  const session_finding_t *worst = session_leading_finding(checked);
  char *endpoint_text = session_endpoint_text(checked);

  g_assert_true(worst == NULL || !session_got_over(checked, worst));
  for (guint i = 0; i < checked->findings->len; i++)
    g_assert_true(worst != NULL || session_got_over(checked, finding_at(checked, i)) ||
                  severity_at(checked, i) <= SEVERITY_NOTE);
  g_assert_true(g_utf8_validate(endpoint_text, -1, NULL));
  g_assert_true(checked->stopped == NULL || has_error(checked));
  g_assert_cmpuint(checked->requested_authority_count, <, OBSERVATION_AUTHORITIES_MAX);
  g_free(endpoint_text);
}

void check_same(const session_t *one, const session_t *other)
{
  g_assert_cmpuint(one->findings->len, ==, other->findings->len);
  g_assert_cmpint(one->verdict, ==, other->verdict);
  g_assert_cmpuint(one->decided_frame, ==, other->decided_frame);
  for (guint i = 0; i < one->findings->len; i++) {
    g_assert_cmpint(finding_at(one, i)->id, ==, finding_at(other, i)->id);
    g_assert_cmpuint(finding_at(one, i)->frame, ==, finding_at(other, i)->frame);
    g_assert_cmpstr(finding_at(one, i)->evidence, ==, finding_at(other, i)->evidence);
  }
}
