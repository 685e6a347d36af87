/* test_diagnose.c - which findings a session raises, on which frame, and what becomes of it
 *
 * Every row of the catalogue has a case that raises it and a near miss that does not; the cases are in findings/.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "findings/cases.h"
#include "findings/diagnose.h"
#include "outcome.h"
#include "session_script.h"

#include <string.h>

static const phase_cases_t *const phases[] = {
    &name_resolution_cases,
    &connect_cases,
    &proxy_cases,
    &hello_cases,
    &server_certificate_cases,
    &certificate_rejection_cases,
    &client_certificate_cases,
    &handshake_cases,
    &revocation_cases,
    &http_cases,
    &tunnel_cases,
    &ipsec_cases,
    &recording_cases,
};

static const session_finding_t *finding_of(const session_t *session, const char *slug)
{
  for (guint i = 0; i < session->findings->len; i++) {
    const session_finding_t *finding = &g_array_index(session->findings, session_finding_t, i);

    if (strcmp(finding_row(finding->id)->slug, slug) == 0)
      return finding;
  }
  return NULL;
}

/* Keys are made anew for each run, and so are thumbprints. */
static void assert_evidence(const session_t *session, const diagnosis_case_t *played)
{
  const session_finding_t *finding = finding_of(session, played->about);
  char **parts = g_strsplit(played->evidence != NULL ? played->evidence : "", "SHA1", 2);
  GString *thumbprint = g_string_new(NULL);
  char *expected;

  for (size_t i = 0; session->leaf != NULL && i < CERTIFICATE_SHA1_LENGTH; i++)
    g_string_append_printf(thumbprint, "%02x", session->leaf->sha1[i]);
  expected = g_strjoinv(thumbprint->str, parts);
  g_assert_cmpstr(finding != NULL ? finding->evidence : NULL, ==, played->evidence != NULL ? expected : NULL);
  g_free(expected);
  g_string_free(thumbprint, TRUE);
  g_strfreev(parts);
}

static void test_case(gconstpointer data)
{
  const diagnosis_case_t *played = data;
  const session_t *end = script_play(played->script);
  char *findings = script_findings(end), *verdict = script_verdict(end);

  g_test_message("%s", played->script);
  g_assert_cmpstr(findings, ==, played->findings);
  g_assert_cmpstr(verdict, ==, played->verdict);
  assert_evidence(end, played);
  g_free(findings);
  g_free(verdict);
}

static bool raises(const diagnosis_case_t *asked, const char *slug)
{
  char **findings = g_strsplit_set(asked->findings, " @", -1);
  bool raised = g_strv_contains((const char *const *)findings, slug);

  g_strfreev(findings);
  return raised;
}

static bool has_case(const char *slug, bool raising)
{
  for (size_t phase = 0; phase < G_N_ELEMENTS(phases); phase++)
    for (size_t i = 0; i < phases[phase]->case_count; i++)
      if (strcmp(phases[phase]->cases[i].about, slug) == 0 && raises(&phases[phase]->cases[i], slug) == raising)
        return true;
  return false;
}

static void test_every_row_has_cases(void)
{
  for (size_t i = 0; i < FINDING_COUNT; i++) {
    if (!has_case(finding_row((finding_id_t)i)->slug, true))
      g_error("no case raises %s", finding_row((finding_id_t)i)->slug);
    if (!has_case(finding_row((finding_id_t)i)->slug, false))
      g_error("no case nearly raises %s", finding_row((finding_id_t)i)->slug);
  }
}

static void assert_sentence(const sentence_case_t *played)
{
  const session_finding_t *finding = finding_of(script_play(played->script), played->slug);
  char *sentence = finding != NULL ? session_finding_sentence(finding) : NULL;

  g_assert_cmpstr(sentence, ==, played->sentence);
  g_free(sentence);
}

static void test_findings_are_whole_sentences(void)
{
  for (size_t phase = 0; phase < G_N_ELEMENTS(phases); phase++)
    for (size_t i = 0; i < phases[phase]->sentence_count; i++)
      assert_sentence(&phases[phase]->sentences[i]);
}

static void assert_cause(const cause_case_t *played)
{
  const session_t *session = script_play(played->script);
  const session_finding_t *finding = finding_of(session, played->slug);

  g_test_message("%s", played->script);
  g_assert_cmpstr(finding != NULL ? session_finding_cause(session, finding) : NULL, ==, played->cause);
  g_assert_cmpstr(finding != NULL ? session_finding_next_steps(session, finding)[0] : NULL, ==, played->first_step);
}

static void test_causes_follow_the_evidence(void)
{
  for (size_t phase = 0; phase < G_N_ELEMENTS(phases); phase++)
    for (size_t i = 0; i < phases[phase]->cause_count; i++)
      assert_cause(&phases[phase]->causes[i]);
}

/* What ended a session is one thing, why another: where a finding before tells why, its box and its texts lead. */
static void test_what_is_known_explains_the_end(void)
{
  static const char certificate[] = "server's certificate", server[] = "server or load balancer";
  static const char others[] = "DNS, NAT or load balancer";
#define SHOWS(certificate) CONFIGURED_HELLO "<shello:003b+cert:" certificate
#define SENT(certificate) ASKED ">cert:" certificate "+ckx+ccs+finished "
  static const struct {
    const char *script;
    const char *slug;
    const char *explanation; /* NULL: it has to explain itself */
    const char *look_at;
  } cases[] = {
      {SHOWN ">alert:48", "certificate_untrusted", NULL, certificate},
      {SHOWS("inspected") " >alert:48", "certificate_untrusted", "certificate_inspected", "proxy, firewall, antivirus"},
      {NULL_HELLO "<shello:003b+cert:inspected >alert:48", "certificate_untrusted", "certificate_inspected",
       "proxy, firewall, antivirus"},
      {SHOWS("self-signed") " >alert:48", "certificate_untrusted", "certificate_self_signed", certificate},
      {SHOWS("expired") " >alert:48", "certificate_untrusted", NULL, certificate},
      {SHOWS("other-name") " >alert:42", "certificate_rejected", "certificate_name_mismatch", others},
      {SHOWS("expired") " >alert:45", "certificate_rejected", "certificate_expired", certificate},
      {SHOWS("san-only") " >alert:45", "certificate_rejected", NULL, certificate},
      {SHOWS("other-name") " >rst", "certificate_silently_rejected", "certificate_name_mismatch", others},
      {SHOWS("san-only") " >rst", "certificate_silently_rejected", "certificate_name_only_in_san", certificate},
      {SHOWS("san-only") " >ckx+ccs+finished <ccs+finished >fin", "closed_after_handshake",
       "certificate_name_only_in_san", certificate},
      {SHOWS("with-crl") " ( >ask:A <answer:A,3 ) >rst", "certificate_silently_rejected",
       "certificate_revocation_unreachable", "host of the CRL or OCSP"},
      {SHOWS("with-crl") " >ckx+ccs+finished <ccs+finished ( >ask:A <answer:A,3 ) >fin", "closed_after_handshake",
       "certificate_revocation_unreachable", "host of the CRL or OCSP"},
      {"=configured " TCP ">hello:null-first <shello:c030 <cert:self-signed", "null_cipher_not_selected",
       "certificate_self_signed", certificate},
      {"=configured " TCP ">hello:null-first <shello:1302 <cert:self-signed", "null_cipher_not_selected", NULL, server},
      {SENT("machine") "<alert:42", "client_certificate_rejected", NULL, server},
      {SENT("machine") "<alert:44", "client_certificate_rejected", NULL, "client"},
      {SENT("machine") "<alert:45", "client_certificate_rejected", NULL, "client"},
      {SENT("machine-expired") "<alert:42", "client_certificate_rejected", "client_certificate_expired", "client"},
      {SENT("machine-expired") "<alert:48", "client_certificate_rejected", NULL, server},
      {SENT("machine-for-servers") "<fin", "client_certificate_rejected", "client_certificate_without_client_auth",
       "client"},
      {SENT("machine-elsewhere") "<rst", "client_certificate_rejected", "client_certificate_issuer_not_listed", server},
      {TUNNEL "<fin", "tunnel_closed", NULL, server},
      {REQUESTED "<status:200,nginx <fin", "tunnel_closed", "http_not_directaccess", others},
  };
#undef SENT
#undef SHOWS

  for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
    const session_t *played = script_play(cases[i].script);
    const session_finding_t *finding = finding_of(played, cases[i].slug), *why;

    g_test_message("%s", cases[i].script);
    g_assert_nonnull(finding);
    if (finding == NULL)
      continue;
    why = session_finding_explanation(played, finding);
    g_assert_cmpstr(why != NULL ? finding_row(why->id)->slug : NULL, ==, cases[i].explanation);
    g_assert_cmpstr(session_finding_look_at(played, finding), ==, cases[i].look_at);
    if (why == NULL)
      continue;
    g_assert_cmpstr(session_finding_cause(played, finding), ==, session_finding_cause(played, why));
    g_assert_cmpstr(session_finding_next_steps(played, finding)[0], ==, session_finding_next_steps(played, why)[0]);
  }
}

static void add_cases(void)
{
  for (size_t phase = 0; phase < G_N_ELEMENTS(phases); phase++)
    for (size_t i = 0; i < phases[phase]->case_count; i++) {
      const diagnosis_case_t *added = &phases[phase]->cases[i];
      char *path = g_strdup_printf("/diagnose/%s/%s/%s", phases[phase]->phase, added->about, added->what);

      g_test_add_data_func(path, added, test_case);
      g_free(path);
    }
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_set_nonfatal_assertions(); /* one failing case hides no other */
  add_cases();
  g_test_add_func("/diagnose/every row has cases", test_every_row_has_cases);
  g_test_add_func("/diagnose/sentences", test_findings_are_whole_sentences);
  g_test_add_func("/diagnose/causes", test_causes_follow_the_evidence);
  g_test_add_func("/diagnose/explanations", test_what_is_known_explains_the_end);
  return g_test_run();
}
