/* session_script.c - plays sessions written as one line of text, so that a test shows what happens and nothing else
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "session_script.h"

#include <string.h>

#include "capture_driver.h"
#include "script_certificates.h"
#include "script_facts.h"
#include "windows_error.h"

#define NANOSECONDS_PER_MS INT64_C(1000000)
#define HTTP_PORT 80
#define FRAME_INTERVAL_NS (10 * NANOSECONDS_PER_MS)
#define CRL_SERVER "198.51.100.80"

typedef struct {
  capture_settings_t settings;
  endpoint_t row;                 /* what settings hold, if there is one */
  driven_connection_t connection; /* its capture is made with the first frame, when all is set; owned */
  session_t *played;              /* NULL while no frame was of any */
  bool is_learned;
  char *learned_certificate; /* owned */
  int64_t time_ns;
  script_spoken_t spoken; /* of the connection */
  bool syn_answered;
  uint16_t next_port; /* of the client's */
} stage_t;

/* What the capture shows so far. Made anew for every script. */
static stage_t stage;
static stage_t beside; /* how it stood before a connection to another server began */

static session_t *nobodys; /* what was played where no frame was of a session */

/* Has an earlier session show the endpoint, and the certificate if it is named. */
static void teach_capture(const char *certificate_name)
{
  driven_connection_t earlier = {.capture = stage.connection.capture, .ends = driven_ends(49999)};
  observation_t frames[] = {
      {.facts = SEEN_CLIENT_HELLO | SEEN_REQUEST,
       .from_client = true,
       .server_name = SCRIPT_NAME,
       .request_uri = "/IPHTTPS"},
      {.facts = SEEN_CERTIFICATE, .certificate_count = 1},
      {.facts = SEEN_RESPONSE, .http_status = 200},
  };
  size_t count = certificate_name != NULL ? G_N_ELEMENTS(frames) : 1;

  if (certificate_name != NULL)
    frames[1].certificates[0] = script_certificate(certificate_name);
  for (size_t i = 0; i < count; i++) {
    frames[i].frame = 1;
    frames[i].time_ns = stage.time_ns;
    g_assert_nonnull(drive_frame(&earlier, &frames[i]));
  }
}

static void begin_capture(void)
{
  if (stage.connection.capture != NULL)
    return;
  stage.connection.capture = capture_new(&stage.settings);
  if (stage.is_learned)
    teach_capture(stage.learned_certificate);
}

/* As Wireshark's own analysis of TCP has it. */
static void note_connect(observation_t *frame)
{
  if ((frame->facts & SEEN_SYN) && frame->syn_time_ns == 0)
    frame->syn_time_ns = frame->time_ns;
  else if (frame->from_client && frame->syn_time_ns != 0 && frame->connected_time_ns == 0 && stage.syn_answered)
    frame->connected_time_ns = frame->time_ns;
  stage.syn_answered |= (frame->facts & SEEN_SYN_ACK) != 0;
}

static void play_frame(const char *word)
{
  observation_t *frame = &stage.spoken.frame;
  char **parts = g_strsplit(word + 1, "+", -1);
  session_t *played;

  begin_capture();

  frame->frame++;
  stage.time_ns += FRAME_INTERVAL_NS;
  frame->time_ns = stage.time_ns;
  frame->facts = 0;
  frame->cut_to = 0;
  frame->address_count = 0;
  frame->name_answer_truncated = frame->proxy_offers_login = false;
  frame->http_host = NULL;
  frame->from_client = word[0] == '>';
  for (char **part = parts; *part != NULL; part++)
    script_take_fact(&stage.spoken, *part);
  g_strfreev(parts);
  for (size_t i = 0; i < frame->address_count; i++)
    frame->addresses[i] = stage.connection.ends.server;
  note_connect(frame);
  played = drive_frame(&stage.connection, frame);
  if (played != NULL || stage.connection.put_aside)
    stage.played = played;
}

static void take_row(const endpoint_text_t *text, const char *certificate_name)
{
  endpoint_clear(&stage.row); /* of the same word before */
  g_assert_null(endpoint_parse(&stage.row, text));
  stage.settings.endpoints = &stage.row;
  stage.settings.endpoint_count = 1;
  if (certificate_name == NULL)
    return;
  stage.row.thumbprint_length = CERTIFICATE_SHA1_LENGTH;
  memcpy(stage.row.thumbprint, script_parsed_certificate(certificate_name)->sha1, CERTIFICATE_SHA1_LENGTH);
}

static void take_learned(const char *certificate_name)
{
  stage.is_learned = true;
  stage.learned_certificate = g_strdup(certificate_name);
}

static void play_setting(const char *word)
{
  char **parts = g_strsplit(word + 1, ":", 2);

  if (strcmp(parts[0], "configured") == 0)
    take_row(&(endpoint_text_t){.host = SCRIPT_NAME, .address = "203.0.113.10"}, parts[1]);
  else if (strcmp(parts[0], "address") == 0)
    take_row(&(endpoint_text_t){.address = "203.0.113.10"}, parts[1]);
  else if (strcmp(parts[0], "learned") == 0)
    take_learned(parts[1]);
  else if (strcmp(parts[0], "null-anywhere") == 0)
    stage.settings.tag_null_offers = TAG_NULL_OFFERS_ANYWHERE;
  else if (strcmp(parts[0], "nameless") == 0)
    stage.spoken.hello_name = NULL;
  else
    g_error("scripts know no setting %s", word);
  g_strfreev(parts);
}

static void begin_stage(void)
{
  capture_free(stage.connection.capture);
  endpoint_clear(&stage.row);
  g_free(stage.learned_certificate);
  memset(&stage, 0, sizeof stage);
  stage.settings = (capture_settings_t){.inspection_issuers = inspection_known_issuers,
                                        .tag_null_offers = TAG_NULL_OFFERS_FIRST,
                                        .tag_learned_endpoints = true};
  while (inspection_known_issuers[stage.settings.inspection_issuer_count].issuer_text != NULL)
    stage.settings.inspection_issuer_count++;
  stage.spoken.hello_name = stage.spoken.asked_name = SCRIPT_NAME;
  stage.connection.ends = driven_ends(50000);
  stage.next_port = 50001;
  stage.time_ns = SCRIPT_START * NANOSECONDS;
}

static void begin_connection(void)
{
  script_spoken_t *spoken = &stage.spoken;

  stage.connection = (driven_connection_t){.capture = stage.connection.capture, .ends = stage.connection.ends};
  stage.connection.ends.client_port = stage.next_port++;
  const script_spoken_t next = {
      .frame = {.frame = spoken->frame.frame}, .hello_name = spoken->hello_name, .asked_name = spoken->asked_name};
  *spoken = next;
  stage.syn_answered = false;
  stage.played = NULL;
}

/* Begins a connection to another server beside the session's: of the same client, if no other one is named. */
static void begin_aside(const char *word)
{
  char **arguments = g_strsplit(word + 1, ",", -1);
  guint count = g_strv_length(arguments);

  begin_capture();
  beside = stage;
  begin_connection();
  stage.spoken.asked_name = g_intern_string(count > 0 && arguments[0][0] != '\0' ? arguments[0] : SCRIPT_CRL_NAME);
  g_assert_true(ip_address_parse(CRL_SERVER, &stage.connection.ends.server));
  stage.connection.ends.server_port = HTTP_PORT;
  if (count > 1)
    g_assert_true(ip_address_parse(arguments[1], &stage.connection.ends.client));
  if (count > 2)
    g_assert_true(ip_address_parse(arguments[2], &stage.connection.ends.server));
  g_strfreev(arguments);
}

/* Goes on with the session. */
static void end_aside(void)
{
  beside.time_ns = stage.time_ns;
  beside.spoken.frame.frame = stage.spoken.frame.frame;
  beside.next_port = stage.next_port;
  stage = beside;
}

/* A session of which no frame was seen. */
static session_t *no_session(void)
{
  static const session_context_t context = {.certificates = NULL};

  if (nobodys == NULL)
    nobodys = session_new(&context);
  return nobodys;
}

session_t *script_play(const char *script)
{
  char **words = g_strsplit_set(script, " ", -1);

  begin_stage();
  for (char **word = words; *word != NULL; word++)
    if ((*word)[0] == '>' || (*word)[0] == '<')
      play_frame(*word);
    else if ((*word)[0] == '~')
      stage.time_ns += g_ascii_strtoll(*word + 1, NULL, 10) * NANOSECONDS_PER_MS;
    else if ((*word)[0] == '/')
      begin_connection();
    else if ((*word)[0] == '(')
      begin_aside(*word);
    else if ((*word)[0] == ')')
      end_aside();
    else if ((*word)[0] == '=')
      play_setting(*word);
    else if ((*word)[0] != '\0')
      g_error("scripts know no word %s", *word);
  g_strfreev(words);
  return stage.played != NULL ? stage.played : no_session();
}

char *script_findings(const session_t *played)
{
  GString *text = g_string_new(NULL);

  for (guint i = 0; i < played->findings->len; i++) {
    const session_finding_t *finding = &g_array_index(played->findings, session_finding_t, i);
    const finding_row_t *row = finding_row(finding->id);

    g_string_append_printf(text, "%s%s@%u", i > 0 ? " " : "", row->slug, finding->frame);
    if (row->error_rule == ERROR_FIXED && row->reports_when == NULL)
      g_assert_cmphex(finding->windows_error, ==, row->windows_error);
    else if (finding->windows_error != WINDOWS_ERROR_NONE)
      g_string_append_printf(text, ":%08x", finding->windows_error);
  }
  return g_string_free(text, FALSE);
}

char *script_verdict(const session_t *played)
{
  static const char *const names[] = {[VERDICT_CONNECTED] = "connected",
                                      [VERDICT_HANDSHAKE_COMPLETE] = "complete",
                                      [VERDICT_FAILED] = "failed",
                                      [VERDICT_CLOSED] = "closed"};

  if (played->verdict == VERDICT_IN_PROGRESS)
    return g_strdup("in progress");
  return g_strdup_printf("%s@%u", names[played->verdict], played->decided_frame);
}
