/* test_capture.c - why sessions are ours, and what the sessions of a capture teach each other
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "capture_driver.h"
#include "lookups.h"
#include "outcome.h"
#include "session_script.h"

#define TCP ">syn <synack >ack "
#define WEB_HELLO ">hello:encrypted,www.example.net "
#define BROWSER TCP WEB_HELLO                /* that asks for another site on the server's address */
#define OTHER_CLIENT TCP ">hello:encrypted " /* nothing but its name says that it is ours */
#define NAMELESS_CLIENT TCP ">hello:encrypted,none "
#define TUNNEL ">hello:null <shello:003b+cert:good >ckx+ccs+finished <ccs+finished >post <status:200 "
#define REFUSED TCP ">hello:null <alert:40 >fin "
#define CONNECT_ELSEWHERE ">connect:da.example.com:8443 <proxy:200 " /* no port at which an offer tags */
#define TUNNEL_FROM_ITS_REQUEST_ON ">post+data <status:200 "
#define NAMELESS_TUNNEL TCP ">hello:null,none <shello:003b >ckx+ccs+finished <ccs+finished >post:none <status:200 "

typedef struct {
  const char *what;
  const char *script;
  session_tag_t tagged_by; /* of the last connection; TAG_NONE for a withdrawn tag, too */
} tagging_case_t;

static const tagging_case_t cases[] = {
    {"nothing known", OTHER_CLIENT, TAG_NONE},
    {"NULL suites alone", TCP ">hello:null", TAG_NULL_ONLY},
    {"NULL suites first", TCP ">hello:null-first", TAG_NULL_FIRST},
    {"NULL suites behind others", TCP ">hello:null-behind", TAG_NONE},
    {"NULL suites behind others, which are to tag", "=null-anywhere " TCP ">hello:null-behind", TAG_NULL_BEHIND},
    {"encrypted suites after refused NULL suites", REFUSED "/ ~59000 " OTHER_CLIENT, TAG_LEARNED},
    {"the attempt after that", REFUSED "/ " OTHER_CLIENT "/ " OTHER_CLIENT, TAG_NONE},
    {"encrypted suites a minute after refused NULL suites", REFUSED "/ ~60000 " OTHER_CLIENT, TAG_NONE},
    {"encrypted suites after NULL suites that were refused and did not tag",
     TCP CONNECT_ELSEWHERE ">hello:null <alert:40 <fin / " TCP CONNECT_ELSEWHERE ">hello:encrypted", TAG_NONE},
    {"the same, and not closed",
     TCP CONNECT_ELSEWHERE ">hello:null <alert:40 / " TCP CONNECT_ELSEWHERE ">hello:encrypted", TAG_NONE},
    {"another name after refused NULL suites", REFUSED "/ " BROWSER, TAG_NONE},
    {"encrypted suites after accepted NULL suites", TCP ">hello:null <shello:003b / " OTHER_CLIENT, TAG_NONE},
    {"tunnel request", OTHER_CLIENT "<shello:c030 >post", TAG_TUNNEL_REQUEST},
    {"address of a row", "=address >syn", TAG_CONFIGURED},
    {"address of a row, another name", "=address " BROWSER, TAG_CONFIGURED},
    {"address and name of a row", "=configured " OTHER_CLIENT, TAG_CONFIGURED},
    {"address of a row, not its name", "=configured " BROWSER, TAG_NONE},
    {"address of a row, not its name, NULL suites", "=configured " TCP ">hello:null,www.example.net", TAG_NULL_ONLY},
    {"what a row does not mean teaches nothing", "=configured " BROWSER "/ " BROWSER, TAG_NONE},
    {"name of a connected session", TCP TUNNEL "/ " OTHER_CLIENT, TAG_LEARNED},
    {"another name than a connected session's", TCP TUNNEL "/ " BROWSER, TAG_NONE},
    {"no name at an endpoint with one", TCP TUNNEL "/ " NAMELESS_CLIENT, TAG_LEARNED},
    {"SYN to an endpoint with a name", TCP TUNNEL "/ >syn", TAG_NONE},
    {"refused by an endpoint with a name", TCP TUNNEL "/ >syn <rst", TAG_LEARNED},
    {"late, then another name", TCP TUNNEL "/ >syn ~1000 >syn ~2000 >syn <synack >ack " WEB_HELLO, TAG_NONE},
    {"certificate of a handshake whose Client Hello is lost", TCP TUNNEL "/ " TCP "<shello:c030+cert:expired",
     TAG_NONE},
    {"Client Hello lost, its Host", TUNNEL_FROM_ITS_REQUEST_ON "/ " OTHER_CLIENT, TAG_LEARNED},
    {"Client Hello lost, another name than its Host", TUNNEL_FROM_ITS_REQUEST_ON "/ " BROWSER, TAG_NONE},
    {"Client Hello lost, no Host", ">post:none+data <status:200 / " BROWSER, TAG_NONE},
    {"Client Hello lost, no Host, address for a name", ">post:203.0.113.10+data <status:200 / " BROWSER, TAG_NONE},
    {"sessions without a name", NAMELESS_TUNNEL "/ " NAMELESS_CLIENT, TAG_LEARNED},
    {"SYN where sessions have no name", NAMELESS_TUNNEL "/ >syn", TAG_LEARNED},
    {"a name where sessions have none", NAMELESS_TUNNEL "/ " BROWSER, TAG_NONE},
    {"a look-up of a CRL's host that a client over IPv4 has followed, and one over IPv6 might have",
     "=configured " TCP ">hello:null <shello:003b+cert:with-crl ( >ask:A <answer:A,0,1 >syn " WEB_HELLO
     ") (crl.example.com,2001:db8::10,198.51.100.80 >syn )",
     TAG_CONFIGURED},
    {"plain HTTP", TCP ">post <status:200 / >syn", TAG_LEARNED},
};

static void test_tag(gconstpointer data)
{
  const tagging_case_t *tested = data;
  const session_t *last = script_play(tested->script);

  g_test_message("%s", tested->script);
  g_assert_cmpint(last->withdrawn_frame == 0 ? last->tagged_by : TAG_NONE, ==, tested->tagged_by);
}

static void test_findings_keep_their_frames_when_a_session_is_tagged_again(void)
{
  const session_t *late =
      script_play("=configured >syn ~1000 >syn ~2000 >syn <synack >ack >hello:null,www.example.net");
  char *findings = script_findings(late);

  g_assert_cmpint(late->tagged_by, ==, TAG_NULL_ONLY);
  g_assert_cmpuint(late->tagged_frame, ==, 1);
  g_assert_cmpstr(findings, ==, "connect_timeout@3");
  g_free(findings);
}

static void test_attempts_are_counted(void)
{
  const session_t *third = script_play("=configured >syn <rst / >syn <rst / >syn <rst");

  g_assert_cmpuint(third->index, ==, 2);
  g_assert_cmpuint(third->attempt, ==, 3);
  g_assert_cmpuint(third->previous->index, ==, 1);
}

/* Once may be a monitor or a user who gives up; the reconnect timer does the same again. */
static void test_closing_again_after_the_handshake_is_an_error(void)
{
#define CLOSES(offer)                                                                                                  \
  "=configured >syn <synack >ack >hello:" offer " <shello:003b+cert:good >ckx+ccs+finished <ccs+finished >fin "
  static const struct {
    const char *script;
    session_verdict_t verdict;
    const char *evidence;
  } rows[] = {
      {CLOSES("null"), VERDICT_CLOSED, "the client closed the connection"},
      {CLOSES("null") "/ " CLOSES("null"), VERDICT_FAILED,
       "the client closed the connection, as it did in its attempt before"},
      {CLOSES("encrypted") "/ " CLOSES("encrypted"), VERDICT_CLOSED, "the client closed the connection"},
  };

  for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
    const session_t *last = script_play(rows[i].script);
    const session_finding_t *leading = session_leading_finding(last);

    g_test_message("%s", rows[i].script);
    g_assert_cmpint(last->verdict, ==, rows[i].verdict);
    g_assert_cmpint(leading->id, ==, FINDING_CLOSED_AFTER_HANDSHAKE);
    g_assert_cmpint(leading->severity, ==, rows[i].verdict == VERDICT_FAILED ? SEVERITY_ERROR : SEVERITY_WARNING);
    g_assert_cmpstr(leading->evidence, ==, rows[i].evidence);
  }
}

static session_t *looked_up_by(const char *client, uint32_t index)
{
  static const session_context_t context = {.certificates = NULL};
  session_t *session = session_new(&context);

  g_assert_true(ip_address_parse(client, &session->client));
  session->looked_up_name = g_strdup("da.example.com");
  session->index = index;
  return session;
}

static void test_connection_follows_the_lookup_of_its_client(void)
{
  session_t *asked[] = {looked_up_by("192.0.2.10", 0), looked_up_by("2001:db8::10", 1),
                        looked_up_by("2001:db8::11", 2)};
  ip_address_t asker, other;
  lookups_t *lookups = lookups_new();

  g_assert_true(ip_address_parse("192.0.2.10", &asker));
  g_assert_true(ip_address_parse("192.0.2.11", &other));
  for (size_t i = 0; i < G_N_ELEMENTS(asked); i++)
    lookups_add(lookups, asked[i]);
  g_assert_true(lookups_find(lookups, &asker, "DA.example.com") == asked[0]);
  g_assert_null(lookups_find(lookups, &other, "da.example.com"));
  g_assert_null(lookups_take(lookups, &asker, "other.example.com"));
  g_assert_true(lookups_take(lookups, &asked[1]->client, "da.example.com") == asked[1]);
  g_assert_true(lookups_take(lookups, &asker, "da.example.com") == asked[0]);
  g_assert_true(lookups_take(lookups, &other, "da.example.com") == asked[2]); /* asked over IPv6 */
  g_assert_null(lookups_take(lookups, &other, "da.example.com"));
  g_assert_cmpuint(lookups_count(lookups), ==, 0);
  lookups_free(lookups);
  for (size_t i = 0; i < G_N_ELEMENTS(asked); i++)
    session_free(asked[i]);
}

/* What is looked up matters where a row has a name, or a session has shown one. */
static void test_names_are_followed_once_one_is_known(void)
{
  static const endpoint_text_t by_address = {.address = "203.0.113.0/24"}, by_name = {.host = "da.example.com"};
  static const observation_t frames[] = {
      {.frame = 1, .facts = SEEN_SYN, .from_client = true},
      {.frame = 2, .facts = SEEN_CLIENT_HELLO, .from_client = true, .server_name = "da.example.com"},
      {.frame = 3, .facts = SEEN_REQUEST, .from_client = true, .request_uri = "/IPHTTPS"},
  };
  const struct {
    const endpoint_text_t *row;
    bool at_first;
  } cases_of_rows[] = {{&by_name, true}, {&by_address, false}};

  for (size_t i = 0; i < G_N_ELEMENTS(cases_of_rows); i++) {
    endpoint_t row;
    const capture_settings_t settings = {.endpoints = &row, .endpoint_count = 1};

    g_assert_null(endpoint_parse(&row, cases_of_rows[i].row));
    capture_t *capture = capture_new(&settings);
    driven_connection_t driven = {.capture = capture, .ends = driven_ends(50000)};

    g_assert_cmpint(capture_knows_names(capture), ==, cases_of_rows[i].at_first);
    for (size_t j = 0; j < G_N_ELEMENTS(frames); j++)
      drive_frame(&driven, &frames[j]);
    g_assert_true(capture_knows_names(capture));
    capture_free(capture);
    endpoint_clear(&row);
  }
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_set_nonfatal_assertions();
  for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
    char *path = g_strdup_printf("/capture/tag/%s", cases[i].what);

    g_test_add_data_func(path, &cases[i], test_tag);
    g_free(path);
  }
  g_test_add_func("/capture/tagged again", test_findings_keep_their_frames_when_a_session_is_tagged_again);
  g_test_add_func("/capture/lookups", test_connection_follows_the_lookup_of_its_client);
  g_test_add_func("/capture/names", test_names_are_followed_once_one_is_known);
  g_test_add_func("/capture/attempts", test_attempts_are_counted);
  g_test_add_func("/capture/closed again", test_closing_again_after_the_handshake_is_an_error);
  return g_test_run();
}
