/* script_facts.c - the words of a script that say what a frame holds
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "script_facts.h"

#include <glib.h>
#include <string.h>

#include "script_certificates.h"
#include "stream.h"
#include "tls_alert.h"

static void take_payload(script_spoken_t *spoken, size_t length, const void *start)
{
  observation_t *frame = &spoken->frame;

  frame->bytes[sender_of(frame)] += (uint32_t)length;
  if (frame->from_client || spoken->server_spoke)
    return;
  spoken->server_spoke = true;
  frame->facts |= SEEN_FIRST_BYTES;
  frame->first_bytes = (byte_span_t){start, MIN(length, OBSERVATION_FIRST_BYTES_MAX)};
}

static void take_record(script_spoken_t *spoken, size_t length)
{
  static const uint8_t handshake_record[] = {22, 3, 3, 0, 100, 2};

  take_payload(spoken, length, handshake_record);
}

static int number(char *const *arguments, guint position)
{
  return position < g_strv_length((char **)arguments) ? (int)g_ascii_strtoll(arguments[position], NULL, 10) : 0;
}

static void play_bytes(script_spoken_t *spoken, char *const *arguments)
{
  static char text[OBSERVATION_FIRST_BYTES_MAX];

  g_strlcpy(text, arguments[0], sizeof text);
  take_payload(spoken, strlen(text), text);
}

static void play_hex(script_spoken_t *spoken, char *const *arguments)
{
  static uint8_t bytes[OBSERVATION_FIRST_BYTES_MAX];
  size_t length = 0;

  for (const char *digits = arguments[0]; digits[0] != '\0' && length < sizeof bytes; digits += 2)
    bytes[length++] = (uint8_t)(g_ascii_xdigit_value(digits[0]) << 4 | g_ascii_xdigit_value(digits[1]));
  take_payload(spoken, length, bytes);
}

static void play_head(script_spoken_t *spoken, char *const *arguments)
{
  static char text[OBSERVATION_FIRST_BYTES_MAX];

  g_snprintf(text, sizeof text, "HTTP/1.1 %s ", arguments[0]);
  take_payload(spoken, strlen(text), text);
  spoken->frame.first_status = tunnel_final_status((const uint8_t *)text, strlen(text));
}

static void play_count(script_spoken_t *spoken, char *const *arguments)
{
  take_record(spoken, (size_t)number(arguments, 0));
}

static void play_hole(script_spoken_t *spoken, char *const *arguments)
{
  (void)arguments;
  spoken->frame.unread[sender_of(&spoken->frame)] |= UNREAD_MISSING;
}

static void play_unseen(script_spoken_t *spoken, char *const *arguments)
{
  (void)arguments;
  spoken->frame.unread[other_side(sender_of(&spoken->frame))] |= UNREAD_MISSING;
}

static void play_cut(script_spoken_t *spoken, char *const *arguments)
{
  spoken->frame.unread[sender_of(&spoken->frame)] |= UNREAD_CUT;
  spoken->frame.cut_to = (uint32_t)number(arguments, 0);
}

static void play_copy(script_spoken_t *spoken, char *const *arguments)
{
  (void)arguments;
  spoken->frame.facts |= SEEN_COPY;
}

static void play_midst(script_spoken_t *spoken, char *const *arguments)
{
  (void)arguments;
  spoken->frame.facts |= SEEN_MIDST;
  spoken->frame.unread[SIDE_CLIENT] |= UNREAD_BEFORE;
  spoken->frame.unread[SIDE_SERVER] |= UNREAD_BEFORE;
}

static void play_twice(script_spoken_t *spoken, char *const *arguments)
{
  (void)arguments;
  spoken->frame.facts |= SEEN_READ_TWICE;
}

static void play_unreadable(script_spoken_t *spoken, char *const *arguments)
{
  (void)arguments;
  spoken->frame.facts |= SEEN_UNREADABLE;
}

/* A name given behind others, "none" for no name; fallback where it is left out. */
static const char *name_at(char *const *arguments, guint position, char kept[64], const char *fallback)
{
  if (position >= g_strv_length((char **)arguments))
    return fallback;
  g_strlcpy(kept, arguments[position], 64);
  return strcmp(kept, "none") != 0 ? kept : NULL;
}

static void play_hello(script_spoken_t *spoken, char *const *arguments)
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
  observation_t *frame = &spoken->frame;
  size_t known = 0;

  frame->facts |= SEEN_CLIENT_HELLO;
  frame->server_name = name_at(arguments, 1, name, spoken->hello_name);
  while (known < G_N_ELEMENTS(offers) && strcmp(offers[known].name, arguments[0]) != 0)
    known++;
  if (known == G_N_ELEMENTS(offers))
    g_error("scripts know no offer %s", arguments[0]);
  frame->offer = offers[known].offer;
  take_record(spoken, 200);
  if (!spoken->hello_seen) {
    spoken->hello_seen = true;
    spoken->server_spoke = false;
    frame->bytes[SIDE_SERVER] = 0;
  }
}

static void play_server_hello(script_spoken_t *spoken, char *const *arguments)
{
  spoken->frame.facts |= SEEN_SERVER_HELLO;
  spoken->frame.hello_is_strange = strcmp(arguments[0], "strange") == 0;
  spoken->frame.chosen_suite = spoken->frame.hello_is_strange ? 0 : (uint16_t)g_ascii_strtoull(arguments[0], NULL, 16);
  take_record(spoken, 90);
}

static void play_certificate(script_spoken_t *spoken, char *const *arguments)
{
  observation_t *frame = &spoken->frame;

  frame->facts |= SEEN_CERTIFICATE;
  frame->certificate_count = 0;
  frame->certificate_is_hidden = false;
  for (; *arguments != NULL; arguments++)
    frame->certificates[frame->certificate_count++] = script_certificate(*arguments);
  take_record(spoken, 10 + 800 * frame->certificate_count);
}

static void play_compressed_certificate(script_spoken_t *spoken, char *const *arguments)
{
  (void)arguments;
  spoken->frame.certificate_count = 0;
  spoken->frame.certificate_is_hidden = true;
}

static void play_certificate_request(script_spoken_t *spoken, char *const *arguments)
{
  static byte_span_t authorities[OBSERVATION_AUTHORITIES_MAX];
  static uint8_t invented[OBSERVATION_AUTHORITIES_MAX][2];
  observation_t *frame = &spoken->frame;
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
    const certificate_t *issued =
        script_parsed_certificate(*arguments); /* authorities are named by a certificate that they issued */

    authorities[frame->authority_count++] = (byte_span_t){issued->issuer_dn, issued->issuer_dn_length};
  }
  take_record(spoken, 30);
}

static void play_alert_of(script_spoken_t *spoken, uint8_t level, char *const *arguments)
{
  spoken->frame.facts |= SEEN_ALERT;
  spoken->frame.alert_level = level;
  spoken->frame.alert = (uint8_t)number(arguments, 0);
  take_record(spoken, 7);
}

static void play_alert(script_spoken_t *spoken, char *const *arguments)
{
  play_alert_of(spoken, TLS_ALERT_LEVEL_FATAL, arguments);
}

static void play_warning(script_spoken_t *spoken, char *const *arguments)
{
  play_alert_of(spoken, 1, arguments);
}

static void play_connect(script_spoken_t *spoken, char *const *arguments)
{
  static char host[64];
  const char *colon = strrchr(arguments[0], ':');

  g_strlcpy(host, arguments[0], MIN(sizeof host, (size_t)(colon - arguments[0]) + 1));
  spoken->frame.connect_host = host;
  spoken->frame.connect_port = (uint16_t)g_ascii_strtoull(colon + 1, NULL, 10);
  take_payload(spoken, 100, "CONNECT");
}

static void play_proxy(script_spoken_t *spoken, char *const *arguments)
{
  spoken->frame.http_status = (uint16_t)number(arguments, 0);
  take_payload(spoken, 100, "HTTP/1.1 ");
}

static void play_get(script_spoken_t *spoken, char *const *arguments)
{
  static char host[64];

  g_strlcpy(host, arguments[0], sizeof host);
  spoken->frame.http_host = host;
  take_payload(spoken, 100, "GET");
}

static void play_login(script_spoken_t *spoken, char *const *arguments)
{
  (void)arguments;
  spoken->frame.proxy_offers_login = true;
}

static void take_length(script_spoken_t *spoken, const char *length)
{
  spoken->frame.http_is_chunked = length != NULL && strcmp(length, "chunked") == 0;
  spoken->frame.http_length = spoken->frame.http_is_chunked ? NULL : length;
}

static void play_post(script_spoken_t *spoken, char *const *arguments)
{
  static char host[64], length[64], uri[64];

  spoken->frame.request_host = name_at(arguments, 0, host, SCRIPT_NAME ":443");
  spoken->frame.request_uri = name_at(arguments, 2, uri, "/IPHTTPS");
  take_length(spoken, name_at(arguments, 1, length, TUNNEL_ENDLESS));
  take_record(spoken, 150);
}

static void play_status(script_spoken_t *spoken, char *const *arguments)
{
  static char server[64], length[64];

  spoken->frame.http_status = (uint16_t)number(arguments, 0);
  spoken->frame.http_server = name_at(arguments, 1, server, "Microsoft-HTTPAPI/2.0");
  take_length(spoken, name_at(arguments, 2, length, NULL));
  spoken->frame.http_is_interim = spoken->frame.http_status < HTTP_FIRST_FINAL_STATUS;
  spoken->frame.http_is_finite = spoken->frame.http_is_chunked || spoken->frame.http_length != NULL;
  take_record(spoken, 150);
}

static void play_packet(script_spoken_t *spoken, char *const *arguments)
{
  (void)arguments;
  spoken->frame.packets[sender_of(&spoken->frame)]++;
  take_record(spoken, 100);
}

static void play_solicitation(script_spoken_t *spoken, char *const *arguments)
{
  spoken->frame.router_solicitations++;
  play_packet(spoken, arguments);
}

static void play_advertisement(script_spoken_t *spoken, char *const *arguments)
{
  spoken->frame.router_advertisements++;
  play_packet(spoken, arguments);
}

static void note_ipsec(script_spoken_t *spoken, const uint8_t *packet, size_t length)
{
  observation_t *frame = &spoken->frame;

  ipsec_note(&frame->ipsec, &(ipsec_packet_t){.from_client = frame->from_client,
                                              .frame = frame->frame,
                                              .time_ns = frame->time_ns,
                                              .data = packet,
                                              .captured = length});
}

/* RFC 8200 section 3; RFC 7296 sections 3.1 and 3.10. */
static void play_ike(script_spoken_t *spoken, char *const *arguments)
{
  enum { IPV6 = 40, UDP = 8, IKE = 28, NOTIFICATION = 8, NEXT_PAYLOAD = 16, VERSION = 17, NOTIFY = 41 };
  uint8_t packet[IPV6 + UDP + IKE + NOTIFICATION] = {[0] = 0x60, [6] = 17, [IPV6] = 1, 0xf4, 1, 0xf4};
  uint8_t *ike = packet + IPV6 + UDP, *notification = ike + IKE;
  int error = number(arguments, 0);

  ike[0] = 1;
  ike[8] = spoken->frame.from_client ? 0 : 2;
  ike[VERSION] = 0x20;
  ike[NEXT_PAYLOAD] = error != 0 ? NOTIFY : 0;
  notification[3] = NOTIFICATION;
  notification[6] = (uint8_t)(error >> 8);
  notification[7] = (uint8_t)error;
  play_packet(spoken, arguments);
  note_ipsec(spoken, packet, sizeof packet);
}

static void play_esp(script_spoken_t *spoken, char *const *arguments)
{
  static const uint8_t packet[80] = {[0] = 0x60, [6] = 50};

  play_packet(spoken, arguments);
  note_ipsec(spoken, packet, sizeof packet);
}

static void play_question(script_spoken_t *spoken, char *const *arguments)
{
  spoken->frame.name = spoken->asked_name;
  spoken->frame.name_type = strcmp(arguments[0], "AAAA") == 0 ? 28 : 1;
}

static void play_answer(script_spoken_t *spoken, char *const *arguments)
{
  play_question(spoken, arguments);
  spoken->frame.name_code = (uint16_t)number(arguments, 1);
  spoken->frame.address_count = (size_t)number(arguments, 2);
}

static void play_truncation(script_spoken_t *spoken, char *const *arguments)
{
  (void)arguments;
  spoken->frame.name_answer_truncated = true;
}

/* What a frame may hold: the bits it sets, the TLS record it adds, and what else there is to do. */
static const struct {
  const char *name;
  uint32_t seen;
  size_t record_length;
  void (*play)(script_spoken_t *spoken, char *const *arguments);
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

void script_take_fact(script_spoken_t *spoken, const char *text)
{
  char **parts = g_strsplit(text, ":", 2);
  char **arguments = g_strsplit(parts[1] != NULL ? parts[1] : "", ",", -1);

  for (size_t i = 0; i < G_N_ELEMENTS(facts); i++) {
    if (strcmp(facts[i].name, parts[0]) != 0)
      continue;
    spoken->frame.facts |= facts[i].seen;
    if (facts[i].record_length > 0)
      take_record(spoken, facts[i].record_length);
    if (facts[i].play != NULL)
      facts[i].play(spoken, arguments);
    g_strfreev(arguments);
    g_strfreev(parts);
    return;
  }
  g_error("scripts know no fact %s", text);
}
