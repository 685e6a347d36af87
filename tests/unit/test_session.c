/* test_session.c - what is known of a session as it goes on: phases, names, verdict, and where it stopped
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "outcome.h"
#include "session.h"
#include "session_script.h"

#include <string.h>

#define TCP ">syn <synack >ack "
#define TO_BE_CHECKED TCP ">hello:null <shello:003b+cert:with-crl >ckx+ccs+finished <ccs+finished "
#define HANDSHAKE ">hello:null <shello:003b+cert:good+certreq:machine >cert:machine+ckx+ccs+finished <ccs+finished "
#define LOOKED_UP "=configured >ask:A <answer:A,0,1 "

static void test_phases_follow_the_frames(void)
{
  static const session_phase_t phases[] = {PHASE_NAME_RESOLUTION,
                                           PHASE_NAME_RESOLUTION,
                                           PHASE_TCP_CONNECT,
                                           PHASE_TCP_CONNECT,
                                           PHASE_TCP_CONNECT,
                                           PHASE_PROXY,
                                           PHASE_PROXY,
                                           PHASE_CLIENT_HELLO,
                                           PHASE_CLIENT_CERTIFICATE,
                                           PHASE_CLIENT_CERTIFICATE,
                                           PHASE_HANDSHAKE_COMPLETE,
                                           PHASE_TUNNEL_REQUEST,
                                           PHASE_TUNNEL,
                                           PHASE_TUNNEL};
  const session_t *end =
      script_play(LOOKED_UP TCP ">connect:da.example.com:443 <proxy:200 " HANDSHAKE ">post <status:200 >packet");

  g_assert_cmpint(end->phase, ==, PHASE_TUNNEL);
  g_assert_cmpint(session_phase_at(end, 0), ==, PHASE_NONE);
  for (uint32_t i = 0; i < G_N_ELEMENTS(phases); i++)
    g_assert_cmpint(session_phase_at(end, i + 1), ==, phases[i]);
}

static void test_phases_have_names(void)
{
  for (int phase = PHASE_NONE; phase < PHASE_COUNT; phase++)
    g_assert_cmpuint(strlen(session_phase_name((session_phase_t)phase)), >, 0);
}

static void test_frames_of_the_handshake(void)
{
  const session_t *end = script_play(TCP HANDSHAKE ">post <status:200");

  g_assert_cmpuint(end->client_hello_frame, ==, 4);
  g_assert_cmpuint(end->server_hello_frame, ==, 5);
  g_assert_cmpuint(end->certificate_frame, ==, 5);
  g_assert_cmpuint(end->request_frame, ==, 8);
  g_assert_cmpuint(end->response_frame, ==, 9);
  g_assert_cmphex(end->cipher_suite, ==, 0x003b);
  g_assert_cmpint(session_client_kind(end), ==, CLIENT_OFFERS_NULL);
  g_assert_cmpstr(end->request_uri, ==, "/IPHTTPS");
  g_assert_cmpstr(end->request_host, ==, "da.example.com");
  g_assert_cmpuint(end->response_status, ==, 200);
}

static void assert_span(const session_t *session, session_phase_t phase, uint32_t begin_frame, uint32_t end_frame)
{
  int64_t interval_ns = INT64_C(10000000);
  const session_span_t *span = session_span(session, phase);

  g_assert_true(span->begun);
  g_assert_cmpint(span->begin_time_ns - session->first_time_ns, ==, (begin_frame - 1) * interval_ns);
  g_assert_cmpuint(span->end_frame, ==, end_frame);
  if (end_frame != 0)
    g_assert_cmpint(span->duration_ns, ==, (end_frame - begin_frame) * interval_ns);
}

static void test_spans_run_from_the_question_to_its_answer(void)
{
  const session_t *end =
      script_play(LOOKED_UP TCP ">connect:da.example.com:443 <proxy:200 " HANDSHAKE ">post <status:200 >rs <ra");

  assert_span(end, PHASE_NAME_RESOLUTION, 1, 2);
  assert_span(end, PHASE_TCP_CONNECT, 3, 5);
  assert_span(end, PHASE_PROXY, 6, 7);
  assert_span(end, PHASE_CLIENT_HELLO, 8, 11);
  assert_span(end, PHASE_TUNNEL_REQUEST, 12, 13);
  assert_span(end, PHASE_TUNNEL, 13, 15);
}

/* What TCP took is known of a session that only its Client Hello tells. */
static void test_span_before_the_first_frame_is_known(void)
{
  const session_t *end = script_play(TCP HANDSHAKE ">post <status:200");
  int64_t interval_ns = INT64_C(10000000);

  g_assert_cmpuint(end->first_frame, ==, 4);
  g_assert_cmpint(session_span(end, PHASE_TCP_CONNECT)->duration_ns, ==, 2 * interval_ns);
  g_assert_cmpuint(session_span(end, PHASE_TCP_CONNECT)->end_frame, ==, 4);
  g_assert_cmpint(end->decided_time_ns - end->first_time_ns, ==, (end->decided_frame - 1) * interval_ns);
}

/* A certificate comes with the server's hello, and waits for nothing. */
static void test_phases_without_a_span(void)
{
  const session_t *end = script_play(TCP HANDSHAKE ">post <status:200");

  g_assert_null(session_span(end, PHASE_NONE));
  g_assert_null(session_span(end, PHASE_SERVER_HELLO));
  g_assert_null(session_span(end, PHASE_SERVER_CERTIFICATE));
}

static void test_span_without_an_answer_does_not_end(void)
{
  const session_t *end = script_play("=configured >syn >syn >syn");

  assert_span(end, PHASE_TCP_CONNECT, 1, 0);
  g_assert_false(session_span(end, PHASE_CLIENT_HELLO)->begun);
}

static void test_first_handshake_stays_the_session_s(void)
{
  const session_t *end = script_play(TCP HANDSHAKE ">post >hello:encrypted <shello:c030+cert:other-name");

  g_assert_cmpuint(end->client_hello_frame, ==, 4);
  g_assert_cmpuint(end->server_hello_frame, ==, 5);
  g_assert_cmpuint(end->certificate_frame, ==, 5);
  g_assert_cmpint(session_client_kind(end), ==, CLIENT_OFFERS_NULL);
  g_assert_cmpstr(end->leaf->common_names[0], ==, "da.example.com");
}

static void test_client_kind(void)
{
  static const struct {
    const char *script;
    client_kind_t kind;
  } cases[] = {
      {"=configured " TCP, CLIENT_UNKNOWN},
      {TCP ">hello:null", CLIENT_OFFERS_NULL},
      {TCP ">hello:null-first", CLIENT_OFFERS_NULL},
      {"=configured " TCP ">hello:null-behind", CLIENT_OFFERS_NULL},
      {"=configured " TCP ">hello:encrypted", CLIENT_ENCRYPTED_ONLY},
  };

  for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
    g_assert_cmpint(session_client_kind(script_play(cases[i].script)), ==, cases[i].kind);
}

static void assert_endpoint(const session_t *asked, const char *expected)
{
  char *text = session_endpoint_text(asked);

  g_assert_cmpstr(text, ==, expected);
  g_free(text);
}

static void test_endpoint_takes_the_best_name(void)
{
  session_t *end;

  assert_endpoint(script_play("=address " TCP), "203.0.113.10:443");
  assert_endpoint(script_play("=address " TCP ">hello:encrypted"), "da.example.com:443");
  assert_endpoint(script_play("=address =nameless " TCP ">hello:encrypted"), "203.0.113.10:443");
  assert_endpoint(script_play("=address " TCP ">connect:gateway.example.com:8443"), "gateway.example.com:8443");
  assert_endpoint(script_play("=address =nameless " TCP ">hello:encrypted >post"), "da.example.com:443");
  assert_endpoint(script_play("=configured >ask:A"), "da.example.com:443");
  assert_endpoint(script_play(TCP ">post:[2001:DB8::1]:443"), "[2001:db8::1]:443");
  assert_endpoint(script_play(TCP ">post:[2001:db8::1]"), "[2001:db8::1]:443");
  assert_endpoint(script_play(TCP ">post:DA.example.com"), "da.example.com:443");
  end = script_play("=address " TCP);
  g_assert_true(ip_address_parse("2001:db8::10", &end->server));
  assert_endpoint(end, "[2001:db8::10]:443");
}

static void test_expected_name_is_what_the_client_asked_for(void)
{
  g_assert_cmpstr(session_expected_name(script_play(TCP ">hello:null")), ==, "da.example.com");
  g_assert_cmpstr(session_expected_name(script_play("=configured =nameless " TCP ">hello:null")), ==, "da.example.com");
  g_assert_cmpstr(session_expected_name(script_play("=address =nameless " TCP ">connect:gateway.example.com:443 "
                                                    "<proxy:200 >hello:null")),
                  ==, "gateway.example.com");
  g_assert_null(session_expected_name(script_play("=address =nameless " TCP ">hello:null")));
  g_assert_null(
      session_expected_name(script_play("=address =nameless " TCP ">connect:203.0.113.10:443 <proxy:200 >hello:null")));
}

static void test_inference_is_provisional(void)
{
  static const struct {
    const char *script;
    bool provisional;
  } cases[] = {
      {TCP ">hello:null", true},
      {TCP ">hello:null-first <shello:c030", true},
      {TCP HANDSHAKE, true},
      {TCP HANDSHAKE ">post", false},
      {TCP ">hello:null <alert:40", false},
      {"=configured " TCP ">hello:null", false},
      {"=learned " TCP ">hello:null", false},
  };

  for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
    g_assert_true(script_play(cases[i].script)->provisional == cases[i].provisional);
}

static void test_other_content_withdraws_an_inference(void)
{
  g_assert_cmpuint(script_play(TCP HANDSHAKE ">other >fin")->withdrawn_frame, ==, 8);
  g_assert_cmpuint(script_play(TCP HANDSHAKE ">post <status:200 >other")->withdrawn_frame, ==, 0);
  g_assert_cmpuint(script_play("=configured " TCP HANDSHAKE ">other")->withdrawn_frame, ==, 0);
}

static void test_withdrawn_session_learns_no_more(void)
{
  const session_t *end = script_play(TCP HANDSHAKE ">other >post <status:200");

  g_assert_cmpint(end->verdict, ==, VERDICT_IN_PROGRESS);
  g_assert_cmpuint(end->request_frame, ==, 0);
  g_assert_cmpuint(end->findings->len, ==, 1); /* client_certificate_requested, from before */
}

static void test_worst_finding(void)
{
  static const struct {
    const char *script;
    const char *slug;
  } cases[] = {
      {TCP HANDSHAKE, NULL},
      {TCP HANDSHAKE ">post <status:200", NULL},
      {"=configured " TCP HANDSHAKE ">post <status:200,nginx,5", "http_not_directaccess"},
      {TCP HANDSHAKE ">post <status:200 >rs >rs >rs", "tunnel_without_router_advertisement"},
      {TCP HANDSHAKE ">post <status:401 >post <status:200", NULL},
      {TCP HANDSHAKE ">post <status:401", "http_rejected"},
      {"=configured " TCP ">connect:da.example.com:443 <proxy:407+login >connect:da.example.com:443 <proxy:200 "
       ">hello:null <alert:40",
       "null_cipher_rejected"},
      {TCP ">connect:da.example.com:443 <proxy:407 >connect:da.example.com:443 <n:39+hole >hello:null", NULL},
      {"=configured " TCP ">hello:null <shello:003b+cert:expired >ckx+ccs+finished <ccs+finished >post <status:503",
       "http_rejected"},
      {"=configured " TCP ">hello:null <shello:003b+cert:expired <alert:80", "handshake_failed"},
      {"=configured " TCP ">hello:null <shello:003b+cert:expired", "certificate_expired"},
      {"=configured >ask:A <answer:A,2 >syn <synack", NULL},
      {TCP ">hello:null-first <shello:c030+cert:good+certreq:machine", "null_cipher_not_selected"},
      {TCP ">hello:null-first <shello:c030+cert:good+certreq:machine <alert:80", "handshake_failed"},
      {"=configured >syn >syn >syn <synack >hello:null <alert:40", "null_cipher_rejected"},
      {"=configured >syn ~1000 >syn ~2000 >syn <synack", NULL},
      {"=configured >syn ~1000 >syn ~2000 >syn", "connect_timeout"},
      {TO_BE_CHECKED "( >ask:A <answer:A,3 ) >fin", "certificate_revocation_unreachable"},
      {TO_BE_CHECKED ">fin / " TO_BE_CHECKED "( >ask:A <answer:A,3 ) >fin", "closed_after_handshake"},
  };

  g_assert_null(session_leading_finding(script_play(TCP ">hello:null")));
  for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
    const session_finding_t *leading = session_leading_finding(script_play(cases[i].script));

    g_test_message("%s", cases[i].script);
    g_assert_cmpstr(leading != NULL ? finding_row(leading->id)->slug : NULL, ==, cases[i].slug);
  }
}

static void test_stop_says_where_and_by_what(void)
{
  static const struct {
    const char *script;
    const char *stopped;
  } cases[] = {
      {"=configured >ask:A <answer:A,3", "Stopped at Name resolution: da.example.com does not exist in DNS (NXDOMAIN)"},
      {"=configured >ask:A <answer:A,0,0", "Stopped at Name resolution: da.example.com has no A or AAAA record"},
      {"=configured >ask:A <answer:A,2", "Stopped at Name resolution: da.example.com was answered with SERVFAIL (A)"},
      {"=configured >syn >syn >syn", "Stopped at TCP connect: SYN sent 3 times, no answer for 20 ms"},
      {"=configured >syn <rst", "Stopped at TCP connect: RST answered the SYN"},
      {"=configured >syn <icmp", "Stopped at TCP connect: ICMP reports the server as unreachable"},
      {"=address " TCP "<bytes:SSH-2.0", "Stopped after TCP connect: the server's first bytes are \"SSH-2.0\""},
      {"=configured " TCP ">connect:da.example.com:443 <proxy:407",
       "Stopped at Proxy: the proxy answered CONNECT da.example.com:443 with status 407"},
      {"=configured " TCP ">connect:da.example.com:443 <fin",
       "Stopped at Proxy: the proxy closed the connection without an answer"},
      {TCP ">hello:null <alert:40",
       "Stopped after Client Hello: the server sent the fatal alert handshake_failure (40)"},
      {TCP ">hello:null <rst", "Stopped after Client Hello: the server reset the connection"},
      {TCP ">hello:null >again >again", "Stopped after Client Hello: it was sent 3 times, no answer for 20 ms"},
      {TCP ">hello:null ~100 >fin",
       "Stopped after Client Hello: the client closed the connection, no answer for 110 ms"},
      {TCP ">hello:null <shello:003b+cert:good >fin",
       "Stopped after Server certificate: the client closed the connection"},
      {TCP ">hello:null <shello:003b+cert:good >alert:48",
       "Stopped after Server certificate: the client sent the fatal alert unknown_ca (48)"},
      {TCP HANDSHAKE ">post <status:503,nginx",
       "Stopped after Tunnel request: the server answered the tunnel request with status 503 (nginx)"},
      {TCP HANDSHAKE ">post <fin", "Stopped after Tunnel request: the server closed the connection"},
      {TCP HANDSHAKE ">post <status:200 <rst", "Stopped in Tunnel: the server reset the connection"},
      {TCP HANDSHAKE ">post <status:200 <malformed",
       "Stopped in Tunnel: what the server sent in the tunnel is not IPv6"},
  };

  g_assert_null(script_play(TCP HANDSHAKE ">post <status:200")->stopped);
  for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
    g_assert_cmpstr(script_play(cases[i].script)->stopped, ==, cases[i].stopped);
}

static void test_recalled_handshake(void)
{
  session_brief_t brief = {.client_hello_frame = 4,
                           .server_hello_frame = 5,
                           .certificate_frame = 6,
                           .cipher_suite = 0xc030,
                           .offer = NULL_OFFER_NONE,
                           .server_name = "DA.example.com"};
  session_context_t context = {.certificates = NULL};
  session_t *recalling = session_new(&context);

  session_recall(recalling, &brief);
  g_assert_cmpint(session_phase_at(recalling, 4), ==, PHASE_CLIENT_HELLO);
  g_assert_cmpint(session_phase_at(recalling, 7), ==, PHASE_SERVER_CERTIFICATE);
  g_assert_cmphex(recalling->cipher_suite, ==, 0xc030);
  g_assert_cmpint(session_client_kind(recalling), ==, CLIENT_ENCRYPTED_ONLY);
  g_assert_cmpstr(recalling->server_name, ==, "da.example.com");
  g_assert_cmpuint(recalling->findings->len, ==, 0);
  session_free(recalling);
}

static void raise_finding(session_t *session, finding_id_t id, uint32_t frame, const char *evidence)
{
  session_raise(session,
                (session_finding_t){
                    .frame = frame, .id = id, .severity = finding_row(id)->severity, .evidence = g_strdup(evidence)});
}

static void test_finding_is_raised_once(void)
{
  session_context_t context = {.certificates = NULL};
  session_t *raising = session_new(&context);

  raise_finding(raising, FINDING_HTTP_REJECTED, 7, "first");
  raise_finding(raising, FINDING_HTTP_REJECTED, 9, "second");
  raise_finding(raising, FINDING_CERTIFICATE_EXPIRED, 7, "of the same frame");
  g_assert_cmpuint(raising->findings->len, ==, 2);
  g_assert_cmpstr(g_array_index(raising->findings, session_finding_t, 0).evidence, ==, "of the same frame");
  g_assert_cmpstr(g_array_index(raising->findings, session_finding_t, 1).evidence, ==, "first");
  g_assert_cmpuint(raising->decided_frame, ==, 7);
  session_free(raising);
  session_free(NULL);
}

static void test_sentence_of_a_finding(void)
{
  static const struct {
    const char *evidence;
    const char *sentence;
  } cases[] = {
      {NULL, "The server's certificate is self-signed."},
      {"subject CN=da.example.com", "The server's certificate is self-signed: subject CN=da.example.com."},
      {"subject O=Example Inc.", "The server's certificate is self-signed: subject O=Example Inc."},
  };

  for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
    session_finding_t finding = {.id = FINDING_CERTIFICATE_SELF_SIGNED, .evidence = (char *)cases[i].evidence};
    char *sentence = session_finding_sentence(&finding);

    g_assert_cmpstr(sentence, ==, cases[i].sentence);
    g_free(sentence);
  }
}

static void test_earlier_findings_show_where_the_session_is_tagged(void)
{
  session_context_t context = {.certificates = NULL};
  session_t *late = session_new(&context);

  raise_finding(late, FINDING_PROXY_IN_PATH, 5, "before");
  session_tag_as(late, TAG_NULL_ONLY, 3, 8);
  g_assert_cmpuint(late->index, ==, 3);
  g_assert_cmpuint(g_array_index(late->findings, session_finding_t, 0).frame, ==, 8);
  session_free(late);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_set_nonfatal_assertions();
  g_test_add_func("/session/phases", test_phases_follow_the_frames);
  g_test_add_func("/session/phase names", test_phases_have_names);
  g_test_add_func("/session/frames", test_frames_of_the_handshake);
  g_test_add_func("/session/spans", test_spans_run_from_the_question_to_its_answer);
  g_test_add_func("/session/spans-before", test_span_before_the_first_frame_is_known);
  g_test_add_func("/session/spans-none", test_phases_without_a_span);
  g_test_add_func("/session/spans-unanswered", test_span_without_an_answer_does_not_end);
  g_test_add_func("/session/first handshake", test_first_handshake_stays_the_session_s);
  g_test_add_func("/session/client kind", test_client_kind);
  g_test_add_func("/session/endpoint", test_endpoint_takes_the_best_name);
  g_test_add_func("/session/expected name", test_expected_name_is_what_the_client_asked_for);
  g_test_add_func("/session/provisional", test_inference_is_provisional);
  g_test_add_func("/session/withdrawal", test_other_content_withdraws_an_inference);
  g_test_add_func("/session/withdrawn", test_withdrawn_session_learns_no_more);
  g_test_add_func("/session/worst finding", test_worst_finding);
  g_test_add_func("/session/stop", test_stop_says_where_and_by_what);
  g_test_add_func("/session/recall", test_recalled_handshake);
  g_test_add_func("/session/raised once", test_finding_is_raised_once);
  g_test_add_func("/session/sentence", test_sentence_of_a_finding);
  g_test_add_func("/session/tagged late", test_earlier_findings_show_where_the_session_is_tagged);
  return g_test_run();
}
