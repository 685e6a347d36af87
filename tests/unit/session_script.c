/* session_script.c - plays sessions written as one line of text, so that a test shows what happens and nothing else
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "session_script.h"

#include <string.h>

#include "capture_driver.h"
#include "make_certificate.h"
#include "stream.h"
#include "tls_alert.h"
#include "windows_error.h"

#define START INT64_C(1748736000) /* 2025-06-01 00:00:00 UTC */
#define NANOSECONDS INT64_C(1000000000)
#define NANOSECONDS_PER_MS INT64_C(1000000)
#define HTTP_PORT 80
#define FRAME_INTERVAL_NS (10 * NANOSECONDS_PER_MS)
#define DAY_S (24 * 60 * 60)
#define NAME "da.example.com"
#define CRL_NAME "crl.example.com"
#define CRL_SERVER "198.51.100.80"
#define SERVER_CA "CN=Example Issuing CA,O=Example"
#define MACHINE_CA "CN=Machine CA,O=Example"
#define PURPOSE_SERVER "1.3.6.1.5.5.7.3.1"
#define PURPOSE_CLIENT "1.3.6.1.5.5.7.3.2"
#define PURPOSE_ANY "2.5.29.37.0"

static const char *const its_name[] = {NAME, NULL};
static const char *const another_name[] = {"www.example.net", NULL};
static const char *const for_server[] = {PURPOSE_SERVER, NULL};
static const char *const for_client[] = {PURPOSE_CLIENT, NULL};
static const char *const for_any[] = {PURPOSE_ANY, NULL};

static void add_crl(gnutls_x509_crt_t made)
{
  static const char url[] = "http://" CRL_NAME "/ca.crl";

  g_assert_cmpint(gnutls_x509_crt_set_crl_dist_points2(made, GNUTLS_SAN_URI, url, sizeof url - 1, 0), >=, 0);
}

static void add_crl_and_ocsp(gnutls_x509_crt_t made)
{
  static char url[] = "http://ocsp.example.com:8080";
  gnutls_datum_t responder = {(unsigned char *)url, sizeof url - 1};

  add_crl(made);
  g_assert_cmpint(gnutls_x509_crt_set_authority_info_access(made, GNUTLS_IA_OCSP_URI, &responder), >=, 0);
}

/* The certificates that scripts know. */
static const struct {
  const char *name;
  certificate_recipe_t recipe;
} certificates[] = {
    {"good", {.subject = "CN=" NAME, .issuer = SERVER_CA, .dns_names = its_name, .key_purposes = for_server}},
    {"renewed",
     {.subject = "CN=" NAME ",O=Renewed", .issuer = SERVER_CA, .dns_names = its_name, .key_purposes = for_server}},
    {"subject-only", {.subject = "CN=" NAME, .issuer = SERVER_CA}},
    {"wildcard", {.subject = "CN=*.example.com", .issuer = SERVER_CA}},
    {"wildcard-elsewhere", {.subject = "CN=*.corp.example.com", .issuer = SERVER_CA}},
    {"other-name", {.subject = "CN=www.example.net", .issuer = SERVER_CA, .dns_names = another_name}},
    {"san-only", {.subject = "CN=edge01.corp.example.com", .issuer = SERVER_CA, .dns_names = its_name}},
    {"expired", {.subject = "CN=" NAME, .issuer = SERVER_CA, .not_after = START - DAY_S}},
    {"expires-now", {.subject = "CN=" NAME, .issuer = SERVER_CA, .not_after = START}},
    {"future", {.subject = "CN=" NAME, .issuer = SERVER_CA, .not_before = START + DAY_S}},
    {"begins-now", {.subject = "CN=" NAME, .issuer = SERVER_CA, .not_before = START}},
    {"not-for-servers", {.subject = "CN=" NAME, .issuer = SERVER_CA, .key_purposes = for_client}},
    {"for-any-purpose", {.subject = "CN=" NAME, .issuer = SERVER_CA, .key_purposes = for_any}},
    {"self-signed", {.subject = "CN=" NAME}},
    {"own-name-as-issuer", {.subject = "CN=" NAME, .issuer = "CN=" NAME}},
    {"reissued",
     {.subject = "CN=" NAME,
      .issuer = "CN=Corporate Proxy CA,O=Example",
      .dns_names = its_name,
      .key_purposes = for_server}},
    {"inspected", {.subject = "CN=" NAME, .issuer = "CN=FG100F,O=Fortinet,OU=Certificate Authority"}},
    {"of-fortinet", {.subject = "CN=" NAME ",O=Fortinet", .issuer = SERVER_CA}},
    {"machine", {.subject = "CN=pc1.corp.example.com", .issuer = MACHINE_CA, .key_purposes = for_client}},
    {"machine-for-any-purpose", {.subject = "CN=pc2.corp.example.com", .issuer = MACHINE_CA, .key_purposes = for_any}},
    {"machine-for-servers", {.subject = "CN=pc3.corp.example.com", .issuer = MACHINE_CA, .key_purposes = for_server}},
    {"machine-expired", {.subject = "CN=pc4.corp.example.com", .issuer = MACHINE_CA, .not_after = START - DAY_S}},
    {"machine-future", {.subject = "CN=pc7.corp.example.com", .issuer = MACHINE_CA, .not_before = START + DAY_S}},
    {"machine-begins-now", {.subject = "CN=pc8.corp.example.com", .issuer = MACHINE_CA, .not_before = START}},
    {"machine-expires-now", {.subject = "CN=pc5.corp.example.com", .issuer = MACHINE_CA, .not_after = START}},
    {"machine-elsewhere", {.subject = "CN=pc6.corp.example.com", .issuer = "CN=Other CA,O=Elsewhere"}},
    {"with-crl", {.subject = "CN=" NAME, .issuer = SERVER_CA, .adjust = add_crl}},
    {"with-crl-and-ocsp", {.subject = "CN=" NAME, .issuer = SERVER_CA, .adjust = add_crl_and_ocsp}},
    {"machine-ca", {.subject = MACHINE_CA, .issuer = "CN=Root CA,O=Example"}},
};

typedef struct {
  capture_settings_t settings;
  endpoint_t row;                 /* what settings hold, if there is one */
  driven_connection_t connection; /* its capture is made with the first frame, when all is set; owned */
  session_t *played;              /* NULL while no frame was of any */
  bool nameless;
  bool is_learned;
  char *learned_certificate; /* owned */
  int64_t time_ns;
  observation_t frame; /* the latest; its byte and packet counts go on */
  bool hello_seen;
  bool server_spoke;
  bool syn_answered;
  const char *asked_name; /* of DNS; interned or literal */
  uint16_t next_port;     /* of the client's */
} stage_t;

/* What the capture shows so far. Made anew for every script. */
static stage_t stage;
static stage_t beside; /* how it stood before a connection to another server began */

static GHashTable *made; /* certificate's name -> GBytes */
static certificate_cache_t *parsed_certificates;
static session_t *nobodys; /* what was played where no frame was of a session */

static byte_span_t span_of(GBytes *bytes)
{
  byte_span_t span;

  span.data = g_bytes_get_data(bytes, &span.length);
  return span;
}

static byte_span_t der_of(const char *name)
{
  static const uint8_t junk[] = "no certificate";
  GBytes *der = g_hash_table_lookup(made, name);

  if (strcmp(name, "junk") == 0)
    return (byte_span_t){junk, sizeof junk};
  if (der != NULL)
    return span_of(der);
  for (size_t i = 0; i < G_N_ELEMENTS(certificates); i++)
    if (strcmp(certificates[i].name, name) == 0) {
      der = make_certificate(&certificates[i].recipe);
      g_hash_table_insert(made, (gpointer)certificates[i].name, der);
      return span_of(der);
    }
  if (strcmp(name, "ecdsa") == 0) {
    certificate_recipe_t recipe = {.subject = "CN=" NAME, .issuer = SERVER_CA, .key = test_key(GNUTLS_PK_ECDSA)};

    der = make_certificate(&recipe);
    g_hash_table_insert(made, (gpointer) "ecdsa", der);
    return span_of(der);
  }
  g_error("scripts know no certificate %s", name);
}

static const certificate_t *parsed(const char *name)
{
  return certificate_cache_get(parsed_certificates, der_of(name));
}

static void set_up_once(void)
{
  if (made != NULL)
    return;
  made = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_bytes_unref);
  parsed_certificates = certificate_cache_new();
}

static void take_payload(size_t length, const void *start)
{
  observation_t *frame = &stage.frame;

  frame->bytes[sender_of(frame)] += (uint32_t)length;
  if (frame->from_client || stage.server_spoke)
    return;
  stage.server_spoke = true;
  frame->facts |= SEEN_FIRST_BYTES;
  frame->first_bytes = (byte_span_t){start, MIN(length, OBSERVATION_FIRST_BYTES_MAX)};
}

static void take_record(size_t length)
{
  static const uint8_t handshake_record[] = {22, 3, 3, 0, 100, 2};

  take_payload(length, handshake_record);
}

static int number(char *const *arguments, guint position)
{
  return position < g_strv_length((char **)arguments) ? (int)g_ascii_strtoll(arguments[position], NULL, 10) : 0;
}

static void play_bytes(char *const *arguments)
{
  static char text[OBSERVATION_FIRST_BYTES_MAX];

  g_strlcpy(text, arguments[0], sizeof text);
  take_payload(strlen(text), text);
}

static void play_hex(char *const *arguments)
{
  static uint8_t bytes[OBSERVATION_FIRST_BYTES_MAX];
  size_t length = 0;

  for (const char *digits = arguments[0]; digits[0] != '\0' && length < sizeof bytes; digits += 2)
    bytes[length++] = (uint8_t)(g_ascii_xdigit_value(digits[0]) << 4 | g_ascii_xdigit_value(digits[1]));
  take_payload(length, bytes);
}

static void play_head(char *const *arguments)
{
  static char text[OBSERVATION_FIRST_BYTES_MAX];

  g_snprintf(text, sizeof text, "HTTP/1.1 %s ", arguments[0]);
  take_payload(strlen(text), text);
}

static void play_count(char *const *arguments)
{
  take_record((size_t)number(arguments, 0));
}

static void play_hole(char *const *arguments)
{
  (void)arguments;
  stage.frame.unread[sender_of(&stage.frame)] |= UNREAD_MISSING;
}

static void play_unseen(char *const *arguments)
{
  (void)arguments;
  stage.frame.unread[stage.frame.from_client ? SIDE_SERVER : SIDE_CLIENT] |= UNREAD_MISSING;
}

static void play_cut(char *const *arguments)
{
  stage.frame.unread[sender_of(&stage.frame)] |= UNREAD_CUT;
  stage.frame.cut_to = (uint32_t)number(arguments, 0);
}

static void play_copy(char *const *arguments)
{
  (void)arguments;
  stage.frame.facts |= SEEN_COPY;
}

static void play_midst(char *const *arguments)
{
  (void)arguments;
  stage.frame.facts |= SEEN_MIDST;
  stage.frame.unread[SIDE_CLIENT] |= UNREAD_BEFORE;
  stage.frame.unread[SIDE_SERVER] |= UNREAD_BEFORE;
}

static void play_twice(char *const *arguments)
{
  (void)arguments;
  stage.frame.facts |= SEEN_READ_TWICE;
}

static void play_unreadable(char *const *arguments)
{
  (void)arguments;
  stage.frame.facts |= SEEN_UNREADABLE;
}

/* A name given behind others, "none" for no name; fallback where it is left out. */
static const char *name_at(char *const *arguments, guint position, char kept[64], const char *fallback)
{
  if (position >= g_strv_length((char **)arguments))
    return fallback;
  g_strlcpy(kept, arguments[position], 64);
  return strcmp(kept, "none") != 0 ? kept : NULL;
}

static void play_hello(char *const *arguments)
{
  static char name[64];
  static const struct {
    const char *name;
    null_offer_t offer;
  } offers[] = {
      {"null", NULL_OFFER_ONLY},
      {"null-first", NULL_OFFER_FIRST},
      {"null-behind", NULL_OFFER_BEHIND},
      {"encrypted", NULL_OFFER_NONE},
  };
  observation_t *frame = &stage.frame;
  size_t known = 0;

  frame->facts |= SEEN_CLIENT_HELLO;
  frame->server_name = name_at(arguments, 1, name, stage.nameless ? NULL : NAME);
  while (known < G_N_ELEMENTS(offers) && strcmp(offers[known].name, arguments[0]) != 0)
    known++;
  if (known == G_N_ELEMENTS(offers))
    g_error("scripts know no offer %s", arguments[0]);
  frame->offer = offers[known].offer;
  take_record(200);
  if (!stage.hello_seen) {
    stage.hello_seen = true;
    stage.server_spoke = false;
    frame->bytes[SIDE_SERVER] = 0;
  }
}

static void play_server_hello(char *const *arguments)
{
  stage.frame.facts |= SEEN_SERVER_HELLO;
  stage.frame.hello_is_strange = strcmp(arguments[0], "strange") == 0;
  stage.frame.chosen_suite = stage.frame.hello_is_strange ? 0 : (uint16_t)g_ascii_strtoull(arguments[0], NULL, 16);
  take_record(90);
}

static void play_certificate(char *const *arguments)
{
  observation_t *frame = &stage.frame;

  frame->facts |= SEEN_CERTIFICATE;
  frame->certificate_count = 0;
  frame->certificate_is_compressed = false;
  for (; *arguments != NULL; arguments++)
    frame->certificates[frame->certificate_count++] = der_of(*arguments);
  take_record(10 + 800 * frame->certificate_count);
}

static void play_compressed_certificate(char *const *arguments)
{
  (void)arguments;
  stage.frame.certificate_count = 0;
  stage.frame.certificate_is_compressed = true;
}

static void play_certificate_request(char *const *arguments)
{
  static byte_span_t authorities[OBSERVATION_AUTHORITIES_MAX];
  static uint8_t invented[OBSERVATION_AUTHORITIES_MAX][2];
  observation_t *frame = &stage.frame;
  bool many = arguments[0] != NULL && strcmp(arguments[0], "many") == 0;

  frame->facts |= SEEN_CERTIFICATE_REQUEST;
  frame->authorities = authorities;
  frame->authority_count = 0;
  for (int i = 0; many && i < OBSERVATION_AUTHORITIES_MAX; i++) {
    invented[i][0] = (uint8_t)(i >> 8);
    invented[i][1] = (uint8_t)i;
    authorities[frame->authority_count++] = (byte_span_t){invented[i], sizeof invented[i]};
  }
  for (; !many && *arguments != NULL; arguments++) {
    const certificate_t *issued = parsed(*arguments); /* authorities are named by a certificate that they issued */

    authorities[frame->authority_count++] = (byte_span_t){issued->issuer_dn, issued->issuer_dn_length};
  }
  take_record(30);
}

static void play_alert_of(uint8_t level, char *const *arguments)
{
  stage.frame.facts |= SEEN_ALERT;
  stage.frame.alert_level = level;
  stage.frame.alert = (uint8_t)number(arguments, 0);
  take_record(7);
}

static void play_alert(char *const *arguments)
{
  play_alert_of(TLS_ALERT_LEVEL_FATAL, arguments);
}

static void play_warning(char *const *arguments)
{
  play_alert_of(1, arguments);
}

static void play_connect(char *const *arguments)
{
  static char host[64];
  const char *colon = strrchr(arguments[0], ':');

  g_strlcpy(host, arguments[0], MIN(sizeof host, (size_t)(colon - arguments[0]) + 1));
  stage.frame.connect_host = host;
  stage.frame.connect_port = (uint16_t)g_ascii_strtoull(colon + 1, NULL, 10);
  take_payload(100, "CONNECT");
}

static void play_proxy(char *const *arguments)
{
  stage.frame.http_status = (uint16_t)number(arguments, 0);
  take_payload(100, "HTTP/1.1 ");
}

static void play_get(char *const *arguments)
{
  static char host[64];

  g_strlcpy(host, arguments[0], sizeof host);
  stage.frame.http_host = host;
  take_payload(100, "GET");
}

static void play_login(char *const *arguments)
{
  (void)arguments;
  stage.frame.proxy_offers_login = true;
}

static void take_length(const char *length)
{
  stage.frame.http_is_chunked = length != NULL && strcmp(length, "chunked") == 0;
  stage.frame.http_length = stage.frame.http_is_chunked ? NULL : length;
}

static void play_post(char *const *arguments)
{
  static char host[64], length[64], uri[64];

  stage.frame.request_host = name_at(arguments, 0, host, NAME ":443");
  stage.frame.request_uri = name_at(arguments, 2, uri, "/IPHTTPS");
  take_length(name_at(arguments, 1, length, TUNNEL_ENDLESS));
  take_record(150);
}

static void play_status(char *const *arguments)
{
  static char server[64], length[64];

  stage.frame.http_status = (uint16_t)number(arguments, 0);
  stage.frame.http_server = name_at(arguments, 1, server, "Microsoft-HTTPAPI/2.0");
  take_length(name_at(arguments, 2, length, NULL));
  stage.frame.http_is_finite = stage.frame.http_is_chunked || stage.frame.http_length != NULL;
  take_record(150);
}

static void play_packet(char *const *arguments)
{
  (void)arguments;
  stage.frame.packets[sender_of(&stage.frame)]++;
  take_record(100);
}

static void play_solicitation(char *const *arguments)
{
  stage.frame.router_solicitations++;
  play_packet(arguments);
}

static void play_advertisement(char *const *arguments)
{
  stage.frame.router_advertisements++;
  play_packet(arguments);
}

static void note_ipsec(const uint8_t *packet, size_t length)
{
  observation_t *frame = &stage.frame;

  ipsec_note(&frame->ipsec, &(ipsec_packet_t){.from_client = frame->from_client,
                                              .frame = frame->frame,
                                              .time_ns = frame->time_ns,
                                              .data = packet,
                                              .captured = length});
}

/* RFC 8200 section 3; RFC 7296 sections 3.1 and 3.10. */
static void play_ike(char *const *arguments)
{
  enum { IPV6 = 40, UDP = 8, IKE = 28, NOTIFICATION = 8, NEXT_PAYLOAD = 16, VERSION = 17, NOTIFY = 41 };
  uint8_t packet[IPV6 + UDP + IKE + NOTIFICATION] = {[0] = 0x60, [6] = 17, [IPV6] = 1, 0xf4, 1, 0xf4};
  uint8_t *ike = packet + IPV6 + UDP, *notification = ike + IKE;
  int error = number(arguments, 0);

  ike[0] = 1;
  ike[8] = stage.frame.from_client ? 0 : 2;
  ike[VERSION] = 0x20;
  ike[NEXT_PAYLOAD] = error != 0 ? NOTIFY : 0;
  notification[3] = NOTIFICATION;
  notification[6] = (uint8_t)(error >> 8);
  notification[7] = (uint8_t)error;
  play_packet(arguments);
  note_ipsec(packet, sizeof packet);
}

static void play_esp(char *const *arguments)
{
  static const uint8_t packet[80] = {[0] = 0x60, [6] = 50};

  play_packet(arguments);
  note_ipsec(packet, sizeof packet);
}

static void play_question(char *const *arguments)
{
  stage.frame.name = stage.asked_name;
  stage.frame.name_type = strcmp(arguments[0], "AAAA") == 0 ? 28 : 1;
}

static void play_answer(char *const *arguments)
{
  play_question(arguments);
  stage.frame.name_code = (uint16_t)number(arguments, 1);
  stage.frame.address_count = (size_t)number(arguments, 2);
  for (size_t i = 0; i < stage.frame.address_count; i++)
    stage.frame.addresses[i] = stage.connection.ends.server;
}

static void play_truncation(char *const *arguments)
{
  (void)arguments;
  stage.frame.name_answer_truncated = true;
}

/* What a frame may hold: the bits it sets, the TLS record it adds, and what else there is to do. */
static const struct {
  const char *name;
  uint32_t seen;
  size_t record_length;
  void (*play)(char *const *arguments);
} facts[] = {
    {"syn", SEEN_SYN, 0, NULL},
    {"synack", SEEN_SYN_ACK, 0, NULL},
    {"ack", 0, 0, NULL},
    {"fin", SEEN_FIN, 0, NULL},
    {"rst", SEEN_RST, 0, NULL},
    {"again", SEEN_REPETITION, 0, NULL},
    {"unreceived", SEEN_UNRECEIVED, 0, NULL},
    {"hellobytes", SEEN_HELLO_BYTES, 0, NULL},
    {"icmp", SEEN_UNREACHABLE, 0, NULL},
    {"bytes", 0, 0, play_bytes},
    {"hex", 0, 0, play_hex},
    {"head", 0, 0, play_head},
    {"n", 0, 0, play_count},
    {"hole", 0, 0, play_hole},
    {"unseen", 0, 0, play_unseen},
    {"cut", 0, 0, play_cut},
    {"copy", 0, 0, play_copy},
    {"midst", 0, 0, play_midst},
    {"twice", 0, 0, play_twice},
    {"unreadable", 0, 0, play_unreadable},
    {"hello", 0, 0, play_hello},
    {"shello", 0, 0, play_server_hello},
    {"cert", 0, 0, play_certificate},
    {"zcert", SEEN_CERTIFICATE, 600, play_compressed_certificate},
    {"certreq", 0, 0, play_certificate_request},
    {"ckx", SEEN_CLIENT_KEY_EXCHANGE, 260, NULL},
    {"ccs", SEEN_CHANGE_CIPHER_SPEC, 6, NULL},
    {"finished", SEEN_FINISHED, 60, NULL},
    {"data", SEEN_APPLICATION_DATA, 100, NULL},
    {"alert", 0, 0, play_alert},
    {"warning", 0, 0, play_warning},
    {"connect", SEEN_CONNECT, 0, play_connect},
    {"proxy", SEEN_PROXY_ANSWER, 0, play_proxy},
    {"login", 0, 0, play_login},
    {"get", 0, 0, play_get},
    {"post", SEEN_REQUEST, 0, play_post},
    {"status", SEEN_RESPONSE, 0, play_status},
    {"other", SEEN_OTHER_CONTENT, 100, NULL},
    {"malformed", SEEN_MALFORMED, 100, NULL},
    {"rs", 0, 0, play_solicitation},
    {"ra", 0, 0, play_advertisement},
    {"packet", 0, 0, play_packet},
    {"ike", 0, 0, play_ike},
    {"esp", 0, 0, play_esp},
    {"ask", SEEN_NAME_QUERY, 0, play_question},
    {"answer", SEEN_NAME_RESPONSE, 0, play_answer},
    {"truncated", 0, 0, play_truncation},
};

static void play_fact(const char *text)
{
  char **parts = g_strsplit(text, ":", 2);
  char **arguments = g_strsplit(parts[1] != NULL ? parts[1] : "", ",", -1);

  for (size_t i = 0; i < G_N_ELEMENTS(facts); i++) {
    if (strcmp(facts[i].name, parts[0]) != 0)
      continue;
    stage.frame.facts |= facts[i].seen;
    if (facts[i].record_length > 0)
      take_record(facts[i].record_length);
    if (facts[i].play != NULL)
      facts[i].play(arguments);
    g_strfreev(arguments);
    g_strfreev(parts);
    return;
  }
  g_error("scripts know no fact %s", text);
}

/* Has an earlier session show the endpoint, and the certificate if it is named. */
static void teach_capture(const char *certificate_name)
{
  driven_connection_t earlier = {.capture = stage.connection.capture, .ends = driven_ends(49999)};
  observation_t frames[] = {
      {.facts = SEEN_CLIENT_HELLO | SEEN_REQUEST, .from_client = true, .server_name = NAME, .request_uri = "/IPHTTPS"},
      {.facts = SEEN_CERTIFICATE, .certificate_count = 1},
      {.facts = SEEN_RESPONSE, .http_status = 200},
  };
  size_t count = certificate_name != NULL ? G_N_ELEMENTS(frames) : 1;

  if (certificate_name != NULL)
    frames[1].certificates[0] = der_of(certificate_name);
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
  observation_t *frame = &stage.frame;
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
    play_fact(*part);
  g_strfreev(parts);
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
  memcpy(stage.row.thumbprint, parsed(certificate_name)->sha1, CERTIFICATE_SHA1_LENGTH);
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
    take_row(&(endpoint_text_t){.host = NAME, .address = "203.0.113.10"}, parts[1]);
  else if (strcmp(parts[0], "address") == 0)
    take_row(&(endpoint_text_t){.address = "203.0.113.10"}, parts[1]);
  else if (strcmp(parts[0], "learned") == 0)
    take_learned(parts[1]);
  else if (strcmp(parts[0], "null-anywhere") == 0)
    stage.settings.tag_null_offers = TAG_NULL_OFFERS_ANYWHERE;
  else if (strcmp(parts[0], "nameless") == 0)
    stage.nameless = true;
  else
    g_error("scripts know no setting %s", word);
  g_strfreev(parts);
}

static void begin_stage(void)
{
  set_up_once();
  capture_free(stage.connection.capture);
  endpoint_clear(&stage.row);
  g_free(stage.learned_certificate);
  memset(&stage, 0, sizeof stage);
  stage.settings = (capture_settings_t){.inspection_issuers = inspection_known_issuers,
                                        .tag_null_offers = TAG_NULL_OFFERS_FIRST,
                                        .tag_learned_endpoints = true};
  while (inspection_known_issuers[stage.settings.inspection_issuer_count].issuer_text != NULL)
    stage.settings.inspection_issuer_count++;
  stage.asked_name = NAME;
  stage.connection.ends = driven_ends(50000);
  stage.next_port = 50001;
  stage.time_ns = START * NANOSECONDS;
}

static void begin_connection(void)
{
  observation_t *frame = &stage.frame;

  stage.connection = (driven_connection_t){.capture = stage.connection.capture, .ends = stage.connection.ends};
  stage.connection.ends.client_port = stage.next_port++;
  *frame = (observation_t){.frame = frame->frame};
  stage.hello_seen = false;
  stage.server_spoke = false;
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
  stage.asked_name = g_intern_string(count > 0 && arguments[0][0] != '\0' ? arguments[0] : CRL_NAME);
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
  beside.frame.frame = stage.frame.frame;
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
  for (char **word = words; *word != NULL; word++) {
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
  }
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
