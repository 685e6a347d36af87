/* diagnose.c - from what is known of a session to findings
 *
 * Every row of the catalogue has one predicate in the table at the end of this file.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "diagnose.h"

#include <string.h>

#include "certificate.h"
#include "tls_alert.h"
#include "windows_error.h"

#define NANOSECONDS INT64_C(1000000000)
#define SYN_TRANSMISSIONS_OF_A_TIMEOUT 3 /* Windows' default: the first SYN and two more */
#define HELLO_TRANSMISSIONS_OF_SILENCE 3
#define ROUTER_SOLICITATIONS_OF_SILENCE 3 /* RFC 4861 section 10: MAX_RTR_SOLICITATIONS */
#define TUNNEL_SETTLED_NS (2 * NANOSECONDS)
#define LOOKUP_REPEATED_NS NANOSECONDS
/* The shortest record with a Server Hello: header, message header, version, random, session id length, suite,
 * compression (RFC 5246 section 7.4.1.3). A server that has sent less cannot have answered with one. */
#define SERVER_HELLO_RECORD_MIN (5 + 4 + 2 + 32 + 1 + 2 + 1)

enum { DNS_NO_ERROR = 0, DNS_NAME_ERROR = 3, DNS_REFUSED = 5 };
enum { HTTP_OK = 200 };

/* What a predicate may look at: the session after the frame's messages, and the frame. */
typedef struct {
  session *judged;
  const observation *frame;
  finding_id ending; /* how the frame ends the handshake or the request, FINDING_COUNT if it does not */
} evidence;

typedef bool (*predicate)(const evidence *given);
typedef void (*description)(const evidence *given, GString *text);

static bool saw(const evidence *given, uint32_t facts)
{
  return (given->frame->seen & facts) != 0;
}

static bool fatal_alert(const observation *frame)
{
  return (frame->seen & SEEN_ALERT) && frame->alert_level == TLS_ALERT_LEVEL_FATAL;
}

static bool closes(const observation *frame)
{
  return (frame->seen & (SEEN_FIN | SEEN_RST)) != 0;
}

/* Before a close, what was not said was not said, unless the capture lacks some of the connection. */
static bool proves_silence(const session *judged, const observation *frame)
{
  return closes(frame) && !judged->client_bytes_lost && !judged->server_bytes_lost;
}

static bool alert_names_another_reason(const observation *frame)
{
  return fatal_alert(frame) &&
         (frame->alert == TLS_ALERT_PROTOCOL_VERSION || frame->alert == TLS_ALERT_UNRECOGNIZED_NAME);
}

/* An alert speaks for its sender; a FIN or RST for whoever was the first to close. */
static bool client_ends(const session *judged, const observation *frame)
{
  if (fatal_alert(frame) || judged->closer == CLOSER_NONE)
    return frame->from_client;
  return judged->closer == CLOSER_CLIENT;
}

static finding_id ending_before_server_hello(const session *judged, const observation *frame)
{
  if (judged->handshake.renegotiated)
    return FINDING_HANDSHAKE_FAILED;
  if (!fatal_alert(frame) && judged->closer == CLOSER_UNKNOWN)
    return FINDING_COUNT;
  if (judged->handshake.client_answered || judged->client_spoke)
    return FINDING_COUNT; /* the client was answered: the capture has only what it sent */
  if (frame->server_bytes >= SERVER_HELLO_RECORD_MIN && !(fatal_alert(frame) && frame->server_bytes == BYTES_UNKNOWN))
    return FINDING_COUNT; /* the server said something that the capture lost */
  if (client_ends(judged, frame))
    return !fatal_alert(frame) && frame->server_bytes == 0 ? FINDING_HELLO_UNANSWERED : FINDING_HANDSHAKE_FAILED;
  if (judged->offer >= NULL_OFFER_FIRST && !alert_names_another_reason(frame))
    return FINDING_NULL_CIPHER_REJECTED;
  return FINDING_HELLO_REJECTED;
}

static finding_id ending_by_client_alert(const handshake_state *handshake, uint8_t alert)
{
  if (alert == TLS_ALERT_NO_CERTIFICATE && handshake->certificate_request_frame != 0)
    return FINDING_CLIENT_CERTIFICATE_MISSING;
  if (handshake->certificate_frame == 0)
    return FINDING_HANDSHAKE_FAILED;
  if (alert == TLS_ALERT_UNKNOWN_CA)
    return FINDING_CERTIFICATE_UNTRUSTED;
  if ((alert >= TLS_ALERT_BAD_CERTIFICATE && alert <= TLS_ALERT_CERTIFICATE_UNKNOWN) ||
      alert == TLS_ALERT_BAD_CERTIFICATE_STATUS_RESPONSE)
    return FINDING_CERTIFICATE_REJECTED;
  return FINDING_HANDSHAKE_FAILED;
}

static bool client_certificate_given(const handshake_state *handshake)
{
  return handshake->client_certificate_frame != 0 && !handshake->client_certificate_empty;
}

static finding_id ending_by_client(const session *judged, const observation *frame)
{
  const handshake_state *handshake = &judged->handshake;

  if (fatal_alert(frame))
    return ending_by_client_alert(handshake, frame->alert);
  if (handshake->certificate_request_frame != 0)
    return client_certificate_given(handshake) ? FINDING_HANDSHAKE_FAILED : FINDING_CLIENT_CERTIFICATE_MISSING;
  if (handshake->certificate_frame != 0 && !handshake->client_answered)
    return FINDING_CERTIFICATE_SILENTLY_REJECTED;
  return FINDING_HANDSHAKE_FAILED;
}

static finding_id ending_by_server(const handshake_state *handshake)
{
  if (handshake->certificate_request_frame == 0 || handshake->client_certificate_frame == 0)
    return FINDING_HANDSHAKE_FAILED;
  return handshake->client_certificate_empty ? FINDING_CLIENT_CERTIFICATE_MISSING : FINDING_CLIENT_CERTIFICATE_REJECTED;
}

/* Some clients, such as NSS, judge the server's certificate while the handshake goes on, and say so when it is
 * complete, before they send anything else. */
static bool objects_late(const session *judged, const observation *frame)
{
  finding_id objection = ending_by_client_alert(&judged->handshake, frame->alert);

  return fatal_alert(frame) && frame->from_client && judged->request_frame == 0 &&
         objection != FINDING_HANDSHAKE_FAILED;
}

static finding_id ending_after_handshake(const session *judged, const observation *frame)
{
  const handshake_state *handshake = &judged->handshake;
  bool answered = judged->response_frame != 0 || judged->server_packets != 0;
  bool verified_late = cipher_suite_is_tls13(judged->cipher_suite) && handshake->certificate_request_frame != 0;

  if (objects_late(judged, frame))
    return ending_by_client_alert(handshake, frame->alert);
  /* In TLS 1.3 the server judges the client's certificate after the client has finished (RFC 8446 section 4.4.2.4). */
  if (!answered && verified_late && !client_ends(judged, frame) &&
      (fatal_alert(frame) || (closes(frame) && handshake->client_certificate_empty)))
    return ending_by_server(handshake);
  if (judged->request_frame != 0 && !answered && closes(frame))
    return FINDING_HTTP_UNANSWERED;
  return FINDING_COUNT;
}

/* A server that answers the request all the same has not waited for the handshake it asked for: a close breaks nothing
 * off. */
static bool renegotiation_is_awaited(const session *judged, const observation *frame)
{
  return judged->handshake.renegotiated &&
         (fatal_alert(frame) || judged->response_frame <= judged->handshake.client_hello_frame);
}

static finding_id classify_ending(const session *judged, const observation *frame)
{
  const handshake_state *handshake = &judged->handshake;
  bool completed =
      handshake->complete_frame != 0 || (judged->request_frame != 0 && !renegotiation_is_awaited(judged, frame));
  bool undecidable = cipher_suite_is_tls13(judged->cipher_suite) && !handshake->readable &&
                     (judged->tls13_client_may_be_finished || frame->client_bytes == 0);

  if (judged->ended || (!fatal_alert(frame) && !closes(frame)))
    return FINDING_COUNT;
  if (!completed && handshake->server_hello_frame == 0)
    return handshake->client_hello_frame != 0 ? ending_before_server_hello(judged, frame) : FINDING_COUNT;
  if (!fatal_alert(frame) && !proves_silence(judged, frame))
    return FINDING_COUNT;
  if (completed)
    return ending_after_handshake(judged, frame);
  if (undecidable)
    return FINDING_COUNT;
  return client_ends(judged, frame) ? ending_by_client(judged, frame) : ending_by_server(handshake);
}

static bool hello_unanswered(const evidence *given)
{
  const handshake_state *handshake = &given->judged->handshake;

  return saw(given, SEEN_REPETITION) && given->frame->from_client && handshake->server_hello_frame == 0 &&
         given->frame->server_bytes == 0 && handshake->hello_transmissions >= HELLO_TRANSMISSIONS_OF_SILENCE;
}

/* nginx lets the handshake finish and answers 400; other servers refuse by one of these. */
static bool status_refuses_certificate(uint16_t status)
{
  return status == 400 || status == 401 || status == 403;
}

static bool refused_for_certificate(const evidence *given)
{
  return saw(given, SEEN_RESPONSE) && given->judged->client_certificate_asked &&
         given->judged->client_certificate_not_given && status_refuses_certificate(given->frame->http_status);
}

static bool lookups_without_address(const evidence *given)
{
  const name_lookup *a = &given->judged->lookups[LOOKUP_A], *aaaa = &given->judged->lookups[LOOKUP_AAAA];

  return !a->has_address && !aaaa->has_address && a->answered && (aaaa->answered || !aaaa->asked);
}

static bool name_not_found(const evidence *given)
{
  return saw(given, SEEN_NAME_RESPONSE) && given->frame->name_code == DNS_NAME_ERROR &&
         !given->judged->lookups[LOOKUP_A].has_address && !given->judged->lookups[LOOKUP_AAAA].has_address;
}

static bool lookup_refused(const evidence *given)
{
  return given->judged->lookups[LOOKUP_A].refused || given->judged->lookups[LOOKUP_AAAA].refused;
}

static bool name_without_address(const evidence *given)
{
  return saw(given, SEEN_NAME_RESPONSE) && given->frame->name_code != DNS_NAME_ERROR &&
         lookups_without_address(given) && !lookup_refused(given);
}

static bool lookup_repeated(const evidence *given)
{
  const name_lookup *lookups = given->judged->lookups, *asked = session_lookup(given->judged, given->frame);

  return saw(given, SEEN_NAME_QUERY) && !asked->answered && !lookups[LOOKUP_A].has_address &&
         !lookups[LOOKUP_AAAA].has_address && given->frame->time_ns - asked->asked_time_ns >= LOOKUP_REPEATED_NS;
}

static bool name_lookup_failed(const evidence *given)
{
  return lookup_repeated(given) ||
         (saw(given, SEEN_NAME_RESPONSE) && lookups_without_address(given) && lookup_refused(given));
}

static bool still_connecting(const evidence *given)
{
  return given->judged->syn_transmissions > 0 && !given->judged->connected_tcp;
}

/* What ICMP has answered is not unanswered, though the client may go on to send its SYN. */
static bool connect_timeout(const evidence *given)
{
  return saw(given, SEEN_SYN) && still_connecting(given) && !given->judged->raised[FINDING_CONNECT_UNREACHABLE] &&
         given->judged->syn_transmissions >= SYN_TRANSMISSIONS_OF_A_TIMEOUT;
}

static bool connect_refused(const evidence *given)
{
  return saw(given, SEEN_RST) && !given->frame->from_client && still_connecting(given);
}

static bool connect_unreachable(const evidence *given)
{
  return saw(given, SEEN_UNREACHABLE) && still_connecting(given);
}

static bool proxy_awaited(const evidence *given)
{
  return given->judged->phase == PHASE_PROXY && !given->judged->proxy_answered;
}

/* Whatever else HTTP answers, on the endpoint's own port or before a CONNECT, is no proxy's word on it. */
static bool connect_answered(const evidence *given)
{
  return saw(given, SEEN_PROXY_ANSWER) && given->judged->connect_host != NULL;
}

static bool accepts(uint16_t status)
{
  return status / 100 == 2;
}

/* Wireshark does not tell of an answer whose body goes on until the proxy closes, where the client does so first. */
static bool refusal_ends(const evidence *given)
{
  uint16_t status = given->judged->proxy_status;

  return status != 0 && !accepts(status) && (saw(given, SEEN_RST) || !given->frame->from_client);
}

static bool proxy_refused(const evidence *given)
{
  if (connect_answered(given))
    return !accepts(given->frame->http_status);
  return proxy_awaited(given) && closes(given->frame) &&
         (given->judged->closer == CLOSER_SERVER || refusal_ends(given));
}

static bool proxy_in_path(const evidence *given)
{
  return connect_answered(given) && accepts(given->frame->http_status);
}

static bool no_client_hello(const evidence *given)
{
  const session *judged = given->judged;

  return closes(given->frame) && judged->closer == CLOSER_CLIENT && judged->connected_tcp &&
         judged->phase == PHASE_TCP_CONNECT && given->frame->client_bytes == 0;
}

static bool looks_like_tls(byte_span bytes)
{
  enum { CHANGE_CIPHER_SPEC = 20, HEARTBEAT = 24, MAJOR_VERSION = 3 };

  if (bytes.data[0] < CHANGE_CIPHER_SPEC || bytes.data[0] > HEARTBEAT)
    return false;
  return bytes.length < 2 || bytes.data[1] == MAJOR_VERSION;
}

static bool not_tls(const evidence *given)
{
  const session *judged = given->judged;
  bool awaits_tls = judged->handshake.client_hello_frame != 0 ||
                    (judged->phase == PHASE_TCP_CONNECT && judged->connected_tcp && given->frame->client_bytes == 0);

  return saw(given, SEEN_FIRST_BYTES) && given->frame->first_bytes.length > 0 && awaits_tls &&
         judged->handshake.server_hello_frame == 0 && !looks_like_tls(given->frame->first_bytes);
}

static bool null_cipher_not_selected(const evidence *given)
{
  return saw(given, SEEN_SERVER_HELLO) && given->judged->offer != NULL_OFFER_NONE &&
         !cipher_suite_is_null(given->frame->chosen_suite);
}

static bool client_certificate_requested(const evidence *given)
{
  return saw(given, SEEN_CERTIFICATE_REQUEST) && !given->frame->from_client;
}

static bool certificate_name_mismatch(const evidence *given)
{
  const char *expected = session_expected_name(given->judged);
  const certificate *leaf = given->judged->leaf;

  return expected != NULL && !certificate_subject_covers(leaf, expected) && !certificate_san_covers(leaf, expected);
}

static bool certificate_name_only_in_san(const evidence *given)
{
  const char *expected = session_expected_name(given->judged);
  const certificate *leaf = given->judged->leaf;

  return expected != NULL && !certificate_subject_covers(leaf, expected) && certificate_san_covers(leaf, expected);
}

static bool certificate_not_expected(const evidence *given)
{
  const session *judged = given->judged;
  bool configured = judged->has_configured && judged->configured.thumbprint_length > 0;
  bool learned = judged->learned != NULL && judged->learned->certificate_count > 0;

  if (configured &&
      certificate_has_thumbprint(judged->leaf, judged->configured.thumbprint, judged->configured.thumbprint_length))
    return false;
  if (learned && learned_endpoint_has_certificate(judged->learned, judged->leaf))
    return false;
  return configured || learned;
}

static const char *inspecting_product(const evidence *given)
{
  const session_context *context = given->judged->context;

  return inspection_product(context->inspection_issuers, context->inspection_issuer_count, given->judged->leaf);
}

static bool certificate_inspected(const evidence *given)
{
  return inspecting_product(given) != NULL;
}

static bool certificate_expired(const evidence *given)
{
  return given->judged->leaf_time_ns / NANOSECONDS > given->judged->leaf->not_after;
}

static bool certificate_not_yet_valid(const evidence *given)
{
  return given->judged->leaf_time_ns / NANOSECONDS < given->judged->leaf->not_before;
}

static bool certificate_without_server_auth(const evidence *given)
{
  return given->judged->leaf->has_extended_key_usage && !given->judged->leaf->allows_server_auth;
}

static bool certificate_self_signed(const evidence *given)
{
  return given->judged->leaf->self_signed;
}

static bool certificate_key_not_rsa(const evidence *given)
{
  return !given->judged->leaf->key_is_rsa;
}

static bool certificate_has_fault(const evidence *given)
{
  static const predicate faults[] = {
      certificate_name_mismatch, certificate_not_expected,  certificate_inspected,
      certificate_expired,       certificate_not_yet_valid, certificate_without_server_auth,
  };

  for (size_t i = 0; i < G_N_ELEMENTS(faults); i++)
    if (faults[i](given))
      return true;
  return false;
}

/* Some clients, such as curl, look at the server's certificate when the handshake is complete. One that
 * then closes without a word proves nothing, it may be a probe, unless there is something to object to. */
static bool certificate_silently_rejected(const evidence *given)
{
  const session *judged = given->judged;

  return proves_silence(judged, given->frame) && judged->closer == CLOSER_CLIENT &&
         judged->handshake.complete_frame != 0 && !judged->client_spoke && judged->request_frame == 0 &&
         !judged->client_certificate_asked && !judged->ended && judged->leaf != NULL && certificate_has_fault(given);
}

static const certificate *client_certificate(const evidence *given, size_t position)
{
  if (!saw(given, SEEN_CERTIFICATE) || !given->frame->from_client || position >= given->frame->certificate_count)
    return NULL;
  return certificate_cache_get(given->judged->context->certificates, given->frame->certificates[position]);
}

static bool client_certificate_issuer_not_listed(const evidence *given)
{
  if (!saw(given, SEEN_CERTIFICATE) || given->frame->certificate_count == 0 || !given->frame->from_client ||
      given->judged->requested_authority_count == 0)
    return false;
  for (size_t i = 0; i < given->frame->certificate_count; i++) {
    const certificate *link = client_certificate(given, i);

    if (link == NULL || session_asked_for_issuer(given->judged, link->issuer_dn, link->issuer_dn_length))
      return false;
  }
  return true;
}

static bool client_certificate_expired(const evidence *given)
{
  const certificate *leaf = client_certificate(given, 0);

  return leaf != NULL && given->frame->time_ns / NANOSECONDS > leaf->not_after;
}

static bool client_certificate_without_client_auth(const evidence *given)
{
  const certificate *leaf = client_certificate(given, 0);

  return leaf != NULL && leaf->has_extended_key_usage && !leaf->allows_client_auth;
}

static bool http_rejected(const evidence *given)
{
  return saw(given, SEEN_RESPONSE) && given->frame->http_status > HTTP_OK && !refused_for_certificate(given);
}

static bool http_not_directaccess(const evidence *given)
{
  const char *server = given->frame->http_server;

  if (!saw(given, SEEN_RESPONSE) || given->frame->http_status != HTTP_OK)
    return false;
  /* Load balancers may hide the Server header; then only an answer with an end gives the other server away. */
  return server != NULL ? strstr(server, "Microsoft-HTTPAPI") == NULL : given->frame->http_is_finite;
}

static bool connected(const evidence *given)
{
  return saw(given, SEEN_RESPONSE) && given->frame->http_status == HTTP_OK;
}

static bool tunnel_is_up(const evidence *given)
{
  return given->judged->response_status == HTTP_OK;
}

/* The server is the one that ends the tunnel, before it has been of any use. A capture of its side alone does not tell
 * who closed first. */
static bool server_gives_up(const evidence *given)
{
  const session *judged = given->judged;

  return tunnel_is_up(given) && judged->closer == CLOSER_SERVER && given->frame->client_bytes > 0 &&
         (judged->server_packets == 0 || given->frame->time_ns - judged->response_time_ns < TUNNEL_SETTLED_NS);
}

static bool tunnel_closed(const evidence *given)
{
  return closes(given->frame) && !given->frame->from_client && server_gives_up(given) &&
         !given->judged->client_bytes_lost; /* which may have closed before */
}

static bool tunnel_without_router_advertisement(const evidence *given)
{
  const session *judged = given->judged;

  if (!tunnel_is_up(given) || judged->router_advertisements > 0 || judged->server_bytes_lost || server_gives_up(given))
    return false;
  return judged->router_solicitations >= ROUTER_SOLICITATIONS_OF_SILENCE ||
         (judged->router_solicitations > 0 && closes(given->frame));
}

static bool tunnel_malformed(const evidence *given)
{
  return saw(given, SEEN_MALFORMED);
}

static const char *sender(const observation *frame)
{
  return frame->from_client ? "the client" : "the server";
}

/* What happened on the frame, as the end of a sentence. */
static void describe_event(const evidence *given, GString *text)
{
  const observation *frame = given->frame;
  const char *alert = tls_alert_name(frame->alert);

  if (saw(given, SEEN_ALERT))
    g_string_append_printf(text, "%s sent the %salert %s (%u)", sender(frame),
                           frame->alert_level == TLS_ALERT_LEVEL_FATAL ? "fatal " : "",
                           alert != NULL ? alert : "unknown", frame->alert);
  else if (saw(given, SEEN_RST))
    g_string_append_printf(text, "%s reset the connection", sender(frame));
  else if (saw(given, SEEN_FIN))
    g_string_append_printf(text, "%s closed the connection", sender(frame));
  else if (saw(given, SEEN_SYN))
    g_string_append_printf(text, "SYN sent %u times without an answer", given->judged->syn_transmissions);
  else if (saw(given, SEEN_REPETITION))
    g_string_append_printf(text, "Client Hello sent %u times without an answer",
                           given->judged->handshake.hello_transmissions);
  else if (saw(given, SEEN_UNREACHABLE))
    g_string_append(text, "ICMP reports the server as unreachable");
}

static void describe_lookup(const evidence *given, GString *text)
{
  g_string_append(text, given->frame->name != NULL ? given->frame->name : "the name");
  if (!saw(given, SEEN_NAME_RESPONSE))
    g_string_append(text, " asked again without an answer");
  else if (given->frame->name_code == DNS_NAME_ERROR)
    g_string_append(text, " does not exist (NXDOMAIN)");
  else if (given->frame->name_code == DNS_NO_ERROR)
    g_string_append(text, " has no A or AAAA record");
  else
    g_string_append(text,
                    given->frame->name_code == DNS_REFUSED ? " answered with REFUSED" : " answered with SERVFAIL");
}

static void describe_proxy(const evidence *given, GString *text)
{
  uint16_t status = saw(given, SEEN_PROXY_ANSWER) ? given->frame->http_status : given->judged->proxy_status;

  if (status == 0)
    g_string_append(text, "the proxy closed the connection without an answer");
  else
    g_string_append_printf(text, "the proxy answered CONNECT %s:%u with status %u", given->judged->connect_host,
                           given->judged->connect_port, status);
}

static void describe_first_bytes(const evidence *given, GString *text)
{
  byte_span bytes = given->frame->first_bytes;
  bool printable = true;

  for (size_t i = 0; i < bytes.length; i++)
    printable = printable && (g_ascii_isprint(bytes.data[i]) || g_ascii_isspace(bytes.data[i]));
  g_string_append(text, "the server's first bytes are ");
  g_string_append(text, printable ? "\"" : "0x");
  for (size_t i = 0; i < bytes.length && bytes.data[i] != '\r' && bytes.data[i] != '\n'; i++)
    g_string_append_printf(text, printable ? "%c" : "%02x", bytes.data[i]);
  g_string_append(text, printable ? "\"" : "");
}

static void describe_suite(const evidence *given, GString *text)
{
  g_string_append_printf(text, "the server chose suite 0x%04x", given->frame->chosen_suite);
}

static void describe_names(const evidence *given, GString *text)
{
  enum { NAMES_SHOWN = 5 };
  const certificate *leaf = given->judged->leaf;

  g_string_append_printf(text, "expected %s, the certificate is for %s", session_expected_name(given->judged),
                         leaf->common_name != NULL ? leaf->common_name : "no common name");
  for (int i = 0; leaf->dns_names[i] != NULL; i++) {
    if (i == NAMES_SHOWN) {
      g_string_append(text, " and more");
      break;
    }
    g_string_append_printf(text, i == 0 ? " (SAN: %s" : ", %s", leaf->dns_names[i]);
  }
  if (leaf->dns_names[0] != NULL)
    g_string_append_c(text, ')');
}

static void describe_thumbprint(const evidence *given, GString *text)
{
  g_string_append(text, "its thumbprint is ");
  for (size_t i = 0; i < CERTIFICATE_SHA1_LENGTH; i++)
    g_string_append_printf(text, "%02x", given->judged->leaf->sha1[i]);
}

static void describe_product(const evidence *given, GString *text)
{
  g_string_append_printf(text, "%s (issuer %s)", inspecting_product(given), given->judged->leaf->issuer);
}

static void append_date(GString *text, int64_t seconds)
{
  GDateTime *date = g_date_time_new_from_unix_utc(seconds);
  char *shown = date != NULL ? g_date_time_format(date, "%Y-%m-%d %H:%M:%S UTC") : NULL;

  g_string_append(text, shown != NULL ? shown : "an impossible date");
  g_free(shown);
  if (date != NULL)
    g_date_time_unref(date);
}

static void describe_end_of_validity(const evidence *given, GString *text)
{
  g_string_append(text, "it was valid until ");
  append_date(text, given->judged->leaf->not_after);
}

static void describe_start_of_validity(const evidence *given, GString *text)
{
  g_string_append(text, "it is valid from ");
  append_date(text, given->judged->leaf->not_before);
}

static void describe_subject(const evidence *given, GString *text)
{
  g_string_append_printf(text, "subject %s", given->judged->leaf->subject);
}

static void describe_client_subject(const evidence *given, GString *text)
{
  const certificate *leaf = client_certificate(given, 0);

  if (leaf != NULL)
    g_string_append_printf(text, "subject %s, issuer %s", leaf->subject, leaf->issuer);
}

static void describe_client_validity(const evidence *given, GString *text)
{
  describe_client_subject(given, text);
  g_string_append(text, ", valid until ");
  append_date(text, client_certificate(given, 0)->not_after);
}

static void describe_response(const evidence *given, GString *text)
{
  if (!saw(given, SEEN_RESPONSE)) {
    describe_event(given, text);
    return;
  }
  g_string_append_printf(text, "the server answered the tunnel request with status %u", given->frame->http_status);
  if (given->frame->http_server != NULL)
    g_string_append_printf(text, " (%s)", given->frame->http_server);
}

static void describe_solicitations(const evidence *given, GString *text)
{
  g_string_append_printf(text, "%u router solicitations, none answered", given->judged->router_solicitations);
}

static void describe_malformed(const evidence *given, GString *text)
{
  (void)given;
  g_string_append(text, "the bytes in the tunnel are not IPv6");
}

/* How a finding is reached. It is raised where the frame's ending is classified as it, or where its predicate holds. */
typedef struct {
  predicate applies;
  description particulars;
  bool looks; /* a judgement on what the server's certificate looks like: waits while the session is provisional */
} rule;

static const rule rules[FINDING_COUNT] = {
    [FINDING_NAME_NOT_FOUND] = {name_not_found, describe_lookup, false},
    [FINDING_NAME_WITHOUT_ADDRESS] = {name_without_address, describe_lookup, false},
    [FINDING_NAME_LOOKUP_FAILED] = {name_lookup_failed, describe_lookup, false},
    [FINDING_CONNECT_TIMEOUT] = {connect_timeout, describe_event, false},
    [FINDING_CONNECT_REFUSED] = {connect_refused, describe_event, false},
    [FINDING_CONNECT_UNREACHABLE] = {connect_unreachable, describe_event, false},
    [FINDING_PROXY_REFUSED] = {proxy_refused, describe_proxy, false},
    [FINDING_PROXY_IN_PATH] = {proxy_in_path, describe_proxy, false},
    [FINDING_NO_CLIENT_HELLO] = {no_client_hello, describe_event, false},
    [FINDING_NULL_CIPHER_REJECTED] = {NULL, describe_event, false},
    [FINDING_HELLO_REJECTED] = {NULL, describe_event, false},
    [FINDING_HELLO_UNANSWERED] = {hello_unanswered, describe_event, false},
    [FINDING_NOT_TLS] = {not_tls, describe_first_bytes, false},
    [FINDING_NULL_CIPHER_NOT_SELECTED] = {null_cipher_not_selected, describe_suite, false},
    [FINDING_CERTIFICATE_NAME_MISMATCH] = {certificate_name_mismatch, describe_names, true},
    [FINDING_CERTIFICATE_NAME_ONLY_IN_SAN] = {certificate_name_only_in_san, describe_names, true},
    [FINDING_CERTIFICATE_NOT_EXPECTED] = {certificate_not_expected, describe_thumbprint, true},
    [FINDING_CERTIFICATE_INSPECTED] = {certificate_inspected, describe_product, true},
    [FINDING_CERTIFICATE_EXPIRED] = {certificate_expired, describe_end_of_validity, true},
    [FINDING_CERTIFICATE_NOT_YET_VALID] = {certificate_not_yet_valid, describe_start_of_validity, true},
    [FINDING_CERTIFICATE_WITHOUT_SERVER_AUTH] = {certificate_without_server_auth, describe_subject, true},
    [FINDING_CERTIFICATE_SELF_SIGNED] = {certificate_self_signed, describe_subject, true},
    [FINDING_CERTIFICATE_KEY_NOT_RSA] = {certificate_key_not_rsa, describe_subject, true},
    [FINDING_CERTIFICATE_UNTRUSTED] = {NULL, describe_event, false},
    [FINDING_CERTIFICATE_REJECTED] = {NULL, describe_event, false},
    [FINDING_CERTIFICATE_SILENTLY_REJECTED] = {certificate_silently_rejected, describe_event, false},
    [FINDING_CLIENT_CERTIFICATE_REQUESTED] = {client_certificate_requested, NULL, false},
    [FINDING_CLIENT_CERTIFICATE_MISSING] = {refused_for_certificate, describe_response, false},
    [FINDING_CLIENT_CERTIFICATE_REJECTED] = {NULL, describe_event, false},
    [FINDING_CLIENT_CERTIFICATE_ISSUER_NOT_LISTED] = {client_certificate_issuer_not_listed, describe_client_subject,
                                                      false},
    [FINDING_CLIENT_CERTIFICATE_EXPIRED] = {client_certificate_expired, describe_client_validity, false},
    [FINDING_CLIENT_CERTIFICATE_WITHOUT_CLIENT_AUTH] = {client_certificate_without_client_auth, describe_client_subject,
                                                        false},
    [FINDING_HANDSHAKE_FAILED] = {NULL, describe_event, false},
    [FINDING_HTTP_REJECTED] = {http_rejected, describe_response, false},
    [FINDING_HTTP_UNANSWERED] = {NULL, describe_event, false},
    [FINDING_HTTP_NOT_DIRECTACCESS] = {http_not_directaccess, describe_response, false},
    [FINDING_TUNNEL_WITHOUT_ROUTER_ADVERTISEMENT] = {tunnel_without_router_advertisement, describe_solicitations,
                                                     false},
    [FINDING_TUNNEL_CLOSED] = {tunnel_closed, describe_event, false},
    [FINDING_TUNNEL_MALFORMED] = {tunnel_malformed, describe_malformed, false},
    [FINDING_CONNECTED] = {connected, NULL, false},
};

static uint32_t windows_error_of(const evidence *given, const finding_description *row)
{
  bool revoked = fatal_alert(given->frame) && given->frame->alert == TLS_ALERT_CERTIFICATE_REVOKED;

  switch (row->error_rule) {
  case ERROR_FIXED:
    return row->windows_error;
  case ERROR_IF_REVOKED:
    return revoked ? row->windows_error : WINDOWS_ERROR_NONE;
  case ERROR_BY_ALERT:
    return fatal_alert(given->frame) ? windows_error_from_alert(given->frame->alert) : WINDOWS_SEC_E_ILLEGAL_MESSAGE;
  case ERROR_UNKNOWN:
    break;
  }
  return WINDOWS_ERROR_NONE;
}

/* Remembers what stopped the session; what a certificate looks like does not stop anything by itself. */
static void note_stop(const evidence *given, finding_id id)
{
  GString *event;

  if (finding_catalogue[id].severity != SEVERITY_ERROR || rules[id].looks || rules[id].particulars == NULL)
    return;
  event = g_string_new(NULL);
  rules[id].particulars(given, event);
  g_free(given->judged->stop.event);
  given->judged->stop =
      (session_stop){.frame = given->frame->frame, .phase = given->judged->phase, .event = g_string_free(event, FALSE)};
}

static void raise_finding(const evidence *given, finding_id id)
{
  const finding_description *row = &finding_catalogue[id];
  GString *text;

  if (given->judged->raised[id])
    return;
  text = g_string_new(row->summary);
  if (rules[id].particulars != NULL) {
    if (g_str_has_suffix(text->str, "."))
      g_string_truncate(text, text->len - 1);
    g_string_append(text, ": ");
    rules[id].particulars(given, text);
    g_string_append_c(text, '.');
  }
  note_stop(given, id);
  session_raise(given->judged, id, given->frame->frame, windows_error_of(given, row), g_string_free(text, FALSE));
}

static void hold_against(const evidence *given, bool looks)
{
  for (int id = 0; id < FINDING_COUNT; id++)
    if (rules[id].looks == looks &&
        (given->ending == (finding_id)id || (rules[id].applies != NULL && rules[id].applies(given))))
      raise_finding(given, (finding_id)id);
}

/* A certificate is judged when it is shown; in a provisional session, when that fails. */
static bool certificate_is_due(const evidence *given, session_verdict before)
{
  const session *judged = given->judged;
  bool fails_now = judged->verdict == VERDICT_FAILED && before != VERDICT_FAILED;

  if (judged->leaf == NULL || judged->leaf_judged)
    return false;
  return fails_now || (!judged->provisional && judged->certificate_frame == given->frame->frame);
}

void diagnose(session *judged, const observation *seen)
{
  evidence given = {.judged = judged, .frame = seen, .ending = classify_ending(judged, seen)};
  session_verdict before = judged->verdict;

  if (judged->withdrawn_frame != 0)
    return;
  hold_against(&given, false);
  if (given.ending != FINDING_COUNT || not_tls(&given))
    judged->ended = true;
  if (certificate_is_due(&given, before)) {
    judged->leaf_judged = true;
    hold_against(&given, true);
  }
  if (judged->verdict == VERDICT_FAILED)
    judged->provisional = false;
}
