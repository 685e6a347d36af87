/* test_summary.c - what the report says of the sessions of a capture
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "summary.h"

#include <string.h>

#include "outcome.h"
#include "page.h"
#include "text.h"
#include "windows_error.h"

#define SERVER "203.0.113.20"
#define MANY 100000

static const summary_surroundings_t no_surroundings;
static GPtrArray *sessions;

static void free_session(gpointer freed)
{
  session_free(freed);
}

static void begin(void)
{
  sessions = g_ptr_array_new_with_free_func(free_session);
}

/* Another session; its frames are ten times its index and the nine that follow. */
static session_t *add_session(const char *client, const char *name, session_verdict_t verdict)
{
  static const session_context_t context;
  session_t *session = session_new(&context);

  session->tagged_by = TAG_NULL_ONLY;
  session->index = sessions->len;
  session->first_frame = sessions->len * 10;
  session->last_frame = session->first_frame + 9;
  session->server_name = g_strdup(name);
  session->server_port = ENDPOINT_DEFAULT_PORT;
  session->phase = PHASE_CLIENT_HELLO;
  g_assert_true(ip_address_parse(client, &session->client));
  g_assert_true(ip_address_parse(SERVER, &session->server));
  session->verdict = verdict;
  session->decided_frame = verdict == VERDICT_IN_PROGRESS ? 0 : session->last_frame;
  g_ptr_array_add(sessions, session);
  return session;
}

static void raise_finding(session_t *session, finding_id_t id, uint32_t frame, uint32_t windows_error,
                          const char *evidence)
{
  session_raise(session, (session_finding_t){.frame = frame,
                                             .id = id,
                                             .severity = finding_row(id)->severity,
                                             .windows_error = windows_error,
                                             .evidence = g_strdup(evidence)});
}

static session_t *add_failure(const char *client, finding_id_t id, const char *evidence)
{
  session_t *session = add_session(client, "da.example.com", VERDICT_FAILED);

  raise_finding(session, id, session->first_frame + 5, WINDOWS_SEC_E_ILLEGAL_MESSAGE, evidence);
  session->stopped = g_strdup_printf("Stopped after Client Hello: %s", evidence);
  return session;
}

static char *end(const summary_surroundings_t *surroundings)
{
  summary_t *summary = summary_new((const session_t *const *)sessions->pdata, sessions->len);
  char *page = summary_page(summary, surroundings), *text = page_as_text(page);

  g_free(page);
  summary_free(summary);
  g_ptr_array_free(sessions, TRUE);
  return text;
}

/* Line breaks of the layout count as spaces. */
static char *unfolded(const char *text)
{
  char **words = g_strsplit_set(text, " \n", -1);
  GString *line = g_string_new(NULL);

  for (char **word = words; *word != NULL; word++)
    if (**word != '\0')
      g_string_append_printf(line, "%s%s", line->len > 0 ? " " : "", *word);
  g_strfreev(words);
  return g_string_free(line, FALSE);
}

static void assert_says(const char *text, const char *words)
{
  char *line = unfolded(text);

  if (strstr(line, words) == NULL)
    g_error("\"%s\" is not in:\n%s", words, text);
  g_free(line);
}

static void assert_is_silent_about(const char *text, const char *words)
{
  char *line = unfolded(text);

  if (strstr(line, words) != NULL)
    g_error("\"%s\" is in:\n%s", words, text);
  g_free(line);
}

static void assert_fits(const char *text, guint lines_max)
{
  char **lines = g_strsplit(text, "\n", -1);

  g_assert_cmpuint(g_strv_length(lines), <=, lines_max);
  for (char **line = lines; *line != NULL; line++)
    g_assert_cmpint(g_utf8_strlen(*line, -1), <=, PAGE_WIDTH);
  g_strfreev(lines);
}

static void test_one_session_is_told_whole(void)
{
  char *text;

  begin();
  add_failure("192.0.2.10", FINDING_NULL_CIPHER_REJECTED, "the server sent the fatal alert handshake_failure (40)");
  text = end(&no_surroundings);
  assert_says(text, "1 DirectAccess session: failed.");
  assert_says(text, "da.example.com:443 FAILED: NULL cipher suites rejected");
  assert_says(text, "Look at server or load balancer");
  assert_says(text, "Who client 192.0.2.10, session 0, frames 0 to 9");
  assert_says(text, "Stopped after Client Hello: the server sent the fatal alert handshake_failure (40)");
  assert_says(text, "bind ssl vserver VS -cipherName SSL3-NULL-SHA");
  assert_says(text, "Windows 0x80090326 SEC_E_ILLEGAL_MESSAGE");
  assert_says(text, "Frame 5 (session 0)");
  assert_fits(text, 30);
  g_free(text);
}

static void test_sessions_that_ended_alike_are_one_group(void)
{
  static const char *const clients[] = {"192.0.2.10", "192.0.2.11", "2001:db8::12"};
  char *text;

  begin();
  for (size_t i = 0; i < 14; i++)
    add_failure(clients[i % G_N_ELEMENTS(clients)], FINDING_NULL_CIPHER_REJECTED, "the server sent RST");
  add_session("192.0.2.13", "da.example.com", VERDICT_CONNECTED)->packets[SIDE_CLIENT] = 7;
  text = end(&no_surroundings);
  assert_says(text, "15 DirectAccess sessions of 4 clients: 14 failed, 1 connected.");
  assert_says(text, "14 attempts of 3 clients (192.0.2.10, 192.0.2.11, 2001:db8::12), all the same");
  assert_says(text, "Frame 5 (session 0), 15 (session 1), 25 (session 2), 35 (session 3), 45 (session 4) and 9 more");
  assert_says(text, "CONNECTED Who client 192.0.2.13, session 14, frames 140 to 149 Tunnel 7 packets");
  assert_fits(text, 40);
  g_free(text);
}

static void test_one_cause_that_looks_different_is_not_all_the_same(void)
{
  char *text;

  begin();
  for (size_t i = 0; i < 5; i++)
    add_failure("192.0.2.10", FINDING_NULL_CIPHER_REJECTED, i == 3 ? "the server sent RST" : "the server sent FIN");
  text = end(&no_surroundings);
  assert_says(text, "5 attempts of client 192.0.2.10 Stopped");
  assert_is_silent_about(text, "all the same");
  assert_says(text,
              "Stopped 4 x: after Client Hello: the server sent FIN 1 x: after Client Hello: the server sent RST");
  g_free(text);
}

static void test_gravest_stands_first_and_explanations_once(void)
{
  const char *failed, *connected;
  char *text;

  begin();
  add_session("192.0.2.9", "backup.example.com", VERDICT_CONNECTED);
  add_session("192.0.2.9", "backup.example.com", VERDICT_IN_PROGRESS);
  add_failure("192.0.2.10", FINDING_NULL_CIPHER_REJECTED, "the server sent RST");
  g_free(((session_t *)g_ptr_array_index(sessions, 2))->server_name);
  ((session_t *)g_ptr_array_index(sessions, 2))->server_name = g_strdup("other.example.com");
  add_failure("192.0.2.10", FINDING_NULL_CIPHER_REJECTED, "the server sent RST");
  text = end(&no_surroundings);
  failed = strstr(text, "other.example.com:443");
  connected = strstr(text, "backup.example.com:443");
  g_assert_true(failed != NULL && connected != NULL && failed < connected);
  assert_says(text, "Next step as above");
  assert_says(text, "IN PROGRESS");
  assert_says(text, "Nothing has gone wrong up to Client Hello; more of the session is not in the capture.");
  g_free(text);
}

static void test_other_findings_come_with_their_remedy(void)
{
  session_t *session;
  char *text;

  begin();
  session = add_failure("192.0.2.10", FINDING_CLIENT_CERTIFICATE_MISSING, "the server sent RST");
  raise_finding(session, FINDING_CLIENT_CERTIFICATE_REQUESTED, 2, WINDOWS_ERROR_NONE, "it asks for one");
  raise_finding(session, FINDING_CERTIFICATE_SELF_SIGNED, 2, WINDOWS_ERROR_NONE, "it is self-signed");
  text = end(&no_surroundings);
  assert_says(text, "FAILED: client certificate missing");
  assert_says(text, "it is self-signed. Cause");
  assert_says(text, "preauthentication is on: it asks for one.");
  g_free(text);
}

/* The same end for two reasons: two groups, each with the box of its reason. */
static void test_groups_are_told_apart_by_what_explains_them(void)
{
  char *text;

  begin();
  add_failure("192.0.2.10", FINDING_CERTIFICATE_UNTRUSTED, "unknown_ca");
  raise_finding(add_failure("192.0.2.11", FINDING_CERTIFICATE_UNTRUSTED, "unknown_ca"), FINDING_CERTIFICATE_INSPECTED,
                2, WINDOWS_ERROR_NONE, "by a product");
  text = end(&no_surroundings);
  assert_says(text, "FAILED: certificate not trusted Look at server's certificate");
  assert_says(text, "FAILED: certificate not trusted (TLS inspection) Look at proxy, firewall, antivirus");
  assert_says(text, "by a product. Next step as above");
  g_free(text);
}

/* Schannel has a code of its own for alerts that it receives only; what the certificate is wrong in has one. */
static void test_code_is_that_of_what_has_one(void)
{
  session_t *session;
  char *text;

  begin();
  session = add_session("192.0.2.10", "da.example.com", VERDICT_FAILED);
  raise_finding(session, FINDING_CERTIFICATE_EXPIRED, 5, WINDOWS_CERT_E_EXPIRED, "it was valid until yesterday");
  raise_finding(session, FINDING_CERTIFICATE_REJECTED, 6, WINDOWS_ERROR_NONE, "certificate_expired (45)");
  text = end(&no_surroundings);
  assert_says(text, "FAILED: certificate rejected (certificate expired)");
  assert_says(text, "Windows 0x800b0101 CERT_E_EXPIRED");
  g_free(text);
}

static void test_warning_of_a_connected_session_heads_it(void)
{
  char *text;

  begin();
  raise_finding(add_session("192.0.2.10", "da.example.com", VERDICT_CONNECTED),
                FINDING_TUNNEL_WITHOUT_ROUTER_ADVERTISEMENT, 8, WINDOWS_WSANO_DATA, "no advertisement");
  text = end(&no_surroundings);
  assert_says(text, "CONNECTED: no router advertisement Look at DirectAccess server");
  g_free(text);
}

static void test_a_hundred_thousand_sessions_are_a_page_or_three(void)
{
  char *text;

  begin();
  for (guint i = 0; i < MANY; i++) {
    char *client = g_strdup_printf("10.%u.%u.%u", i >> 16, i >> 8 & 0xff, i & 0xff);
    char *evidence = g_strdup_printf("something that differs each time, %u", i);
    session_t *session = add_failure(client, (finding_id_t)(i % FINDING_CONNECTED), evidence);

    g_free(session->server_name);
    session->server_name = g_strdup_printf("%u.%s.example.com", i % 1000, client);
    g_free(client);
    g_free(evidence);
  }
  text = end(&no_surroundings);
  assert_says(text, "100000 DirectAccess sessions of 100000 clients: 100000 failed.");
  assert_says(text, "more groups of sessions are left out");
  assert_fits(text, 200);
  g_free(text);
}

static void test_names_that_are_too_long_for_a_line_are_cut(void)
{
  char name[ENDPOINT_NAME_MAX + 1];
  char *text;

  memset(name, 'x', sizeof(name) - 1);
  name[sizeof(name) - 1] = '\0';
  begin();
  g_free(add_failure("192.0.2.10", FINDING_CERTIFICATE_NAME_MISMATCH, name)->server_name);
  ((session_t *)g_ptr_array_index(sessions, 0))->server_name = g_strdup(name);
  text = end(&no_surroundings);
  assert_fits(text, 60);
  g_free(text);
}

static void test_nothing_of_directaccess_is_said_plainly(void)
{
  static const suspect_t suspects[] = {
      {.kind = SUSPECT_NO_ANSWER, .target = (char *)"203.0.113.20:443", .count = 3, .first_frame = 4},
      {.kind = SUSPECT_NAME_LOOKUP, .target = (char *)"da.example.com", .count = 1, .first_frame = 2},
      {.kind = SUSPECT_REFUSED, .target = (char *)"203.0.113.21:443", .count = 2, .first_frame = 9},
  };
  summary_surroundings_t surroundings = {.suspects = suspects, .suspect_count = G_N_ELEMENTS(suspects)};
  char *text;

  begin();
  text = end(&surroundings);
  assert_says(text, "This capture holds no DirectAccess (IP-HTTPS) session.");
  assert_says(text, "- 203.0.113.20:443 did not answer 3 connections, first tried in frame 4");
  assert_says(text, "- the lookup of da.example.com failed 1 time, first in frame 2");
  assert_says(text, "- 203.0.113.21:443 refused 2 connections, first in frame 9");
  assert_says(text, "The table of endpoints is empty.");
  assert_fits(text, 40);
  g_free(text);
  begin();
  surroundings = (summary_surroundings_t){.endpoint_row_count = 2};
  text = end(&surroundings);
  assert_says(text, "No frame of the capture belongs to an endpoint of the table, which has 2 rows.");
  assert_is_silent_about(text, "may be DirectAccess");
  g_free(text);
  begin();
  surroundings = (summary_surroundings_t){.filter = "ip.addr == 192.0.2.1"};
  text = end(&surroundings);
  g_assert_cmpstr(text, ==, "No frame that passes the filter belongs to a DirectAccess (IP-HTTPS) session.\n\n");
  g_free(text);
}

static void test_words_are_wrapped(void)
{
  static const struct {
    const char *words;
    const char *page;
  } cases[] = {
      {"", "\n"},
      {"one two", "one two\n"},
      {"one two three", "one two\n  three\n"},
      {"one twothree", "one\n  twothree\n"},
      {"one twothreefour five", "one\n  twothree\n  four\n  five\n"},
      {"M\xc3\xbcnchen-S\xc3\xbc"
       "d",
       "M\xc3\xbcnchen-\n  S\xc3\xbc"
       "d\n"},
  };

  for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
    GString *page = g_string_new(NULL);

    text_append_wrapped(page, cases[i].words, 2, 10);
    g_assert_cmpstr(page->str, ==, cases[i].page);
    g_string_free(page, TRUE);
  }
}

/* What a window shows breaks where the window ends, and takes nothing of a capture for its own. */
static void test_page_for_a_window(void)
{
  GString *page = g_string_new(NULL);
  char *html;

  page_line(page, 0, "da.example.com:443");
  page_line(page, 2, "FAILED: this & that");
  page_labelled(page, "Next step", "do <b>this</b>");
  page_labelled(page, "", "and that");
  page_line(page, 0, "");
  html = page_as_html(page->str);
  g_assert_cmpstr(
      html, ==,
      "<html><body><div><b>da.example.com:443</b></div><div>&nbsp;&nbsp;<b>FAILED: this &amp; that</b></div>"
      "<table><tr><td>&nbsp;&nbsp;&nbsp;Next&nbsp;step&nbsp;&nbsp;</td>"
      "<td>do &lt;b&gt;this&lt;/b&gt;</td></tr>"
      "<tr><td>&nbsp;&nbsp;&nbsp;&nbsp;&nbsp;</td><td>and "
      "that</td></tr></table><div>&nbsp;&nbsp;<b></b></div></body></html>");
  g_free(html);
  g_string_free(page, TRUE);
}

static void add_rejection(const char *client, uint16_t status, const finding_remedy_t *remedy)
{
  session_t *session = add_failure(client, FINDING_HTTP_REJECTED, "the server answered");

  g_array_index(session->findings, session_finding_t, 0).remedy = remedy;
  session->response_status = status;
}

/* One finding, two causes: each is told once, and the other endpoint's refers to it. */
static void test_each_cause_is_told_once(void)
{
  const finding_remedy_t *remedies = finding_row(FINDING_HTTP_REJECTED)->remedies;
  char *text, *line;

  begin();
  add_rejection("192.0.2.10", 404, &remedies[0]);
  add_rejection("192.0.2.11", 503, &remedies[1]);
  add_rejection("192.0.2.12", 404, &remedies[0]);
  add_rejection("192.0.2.13", 403, NULL);
  text = end(&no_surroundings);
  line = unfolded(text);
  for (size_t i = 0; i < 2; i++) {
    assert_says(text, remedies[i].cause);
    assert_says(text, remedies[i].next_step[0]);
    g_assert_null(strstr(strstr(line, remedies[i].cause) + 1, remedies[i].cause));
  }
  assert_says(text, finding_row(FINDING_HTTP_REJECTED)->cause);
  assert_is_silent_about(text, remedies[2].cause);
  g_free(line);
  g_free(text);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/summary/one-session", test_one_session_is_told_whole);
  g_test_add_func("/summary/group", test_sessions_that_ended_alike_are_one_group);
  g_test_add_func("/summary/variants", test_one_cause_that_looks_different_is_not_all_the_same);
  g_test_add_func("/summary/order", test_gravest_stands_first_and_explanations_once);
  g_test_add_func("/summary/other-findings", test_other_findings_come_with_their_remedy);
  g_test_add_func("/summary/code", test_code_is_that_of_what_has_one);
  g_test_add_func("/summary/window", test_page_for_a_window);
  g_test_add_func("/summary/explanations", test_groups_are_told_apart_by_what_explains_them);
  g_test_add_func("/summary/connected", test_warning_of_a_connected_session_heads_it);
  g_test_add_func("/summary/bounded", test_a_hundred_thousand_sessions_are_a_page_or_three);
  g_test_add_func("/summary/long-names", test_names_that_are_too_long_for_a_line_are_cut);
  g_test_add_func("/summary/nothing", test_nothing_of_directaccess_is_said_plainly);
  g_test_add_func("/summary/wrapped", test_words_are_wrapped);
  g_test_add_func("/summary/causes", test_each_cause_is_told_once);
  return g_test_run();
}
