/* diagnose.c - from what is known of a session to findings
 *
 * Every row of the catalogue has one predicate in the table at the end of this file.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "findings/diagnose.h"

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
  session_t *session;
  const observation_t *observation;
  finding_id_t ending; /* how the frame ends the handshake or the request, FINDING_COUNT if it does not */
} evidence_t;

typedef bool (*predicate_t)(const evidence_t *given);
typedef void (*description_t)(const evidence_t *given, GString *text);

static bool saw(const evidence_t *given, uint32_t facts)
{
  return (given->observation->facts & facts) != 0;
}

static bool fatal_alert(const observation_t *observation)
{
  return (observation->facts & SEEN_ALERT) && observation->alert_level == TLS_ALERT_LEVEL_FATAL;
}

static bool closes(const observation_t *observation)
{
  return (observation->facts & (SEEN_FIN | SEEN_RST)) != 0;
}

/* Before a close, what was not said was not said, unless the capture lacks some of the connection. */
static bool proves_silence(const session_t *session, const observation_t *observation)
{
  return closes(observation) && !session->client_bytes_lost && !session->server_bytes_lost;
}

static bool alert_names_another_reason(const observation_t *observation)
{
  return fatal_alert(observation) &&
         (observation->alert == TLS_ALERT_PROTOCOL_VERSION || observation->alert == TLS_ALERT_UNRECOGNIZED_NAME);
}

/* An alert speaks for its sender; a FIN or RST for whoever was the first to close. */
static bool client_ends(const session_t *session, const observation_t *observation)
{
  if (fatal_alert(observation) || session->closer == CLOSER_NONE)
    return observation->from_client;
  return session->closer == CLOSER_CLIENT;
}

static finding_id_t ending_before_server_hello(const session_t *session, const observation_t *observation)
{
  if (session->handshake.renegotiated)
    return FINDING_HANDSHAKE_FAILED;
  if (!fatal_alert(observation) && session->closer == CLOSER_UNKNOWN)
    return FINDING_COUNT;
  if (session->handshake.client_answered || session->client_spoke)
    return FINDING_COUNT; /* the client was answered: the capture has only what it sent */
  if (observation->server_bytes >= SERVER_HELLO_RECORD_MIN &&
      !(fatal_alert(observation) && observation->server_bytes == BYTES_UNKNOWN))
    return FINDING_COUNT; /* the server said something that the capture lost */
  if (client_ends(session, observation))
    return !fatal_alert(observation) && observation->server_bytes == 0 ? FINDING_HELLO_UNANSWERED
                                                                       : FINDING_HANDSHAKE_FAILED;
  if (session->offer >= NULL_OFFER_FIRST && !alert_names_another_reason(observation))
    return FINDING_NULL_CIPHER_REJECTED;
  return FINDING_HELLO_REJECTED;
}

static finding_id_t ending_by_client_alert(const handshake_state_t *handshake, uint8_t alert)
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

static bool client_certificate_given(const handshake_state_t *handshake)
{
  return handshake->client_certificate_frame != 0 && !handshake->client_certificate_empty;
}

static finding_id_t ending_by_client(const session_t *session, const observation_t *observation)
{
  const handshake_state_t *handshake = &session->handshake;

  if (fatal_alert(observation))
    return ending_by_client_alert(handshake, observation->alert);
  if (handshake->certificate_request_frame != 0)
    return client_certificate_given(handshake) ? FINDING_HANDSHAKE_FAILED : FINDING_CLIENT_CERTIFICATE_MISSING;
  if (handshake->certificate_frame != 0 && !handshake->client_answered)
    return FINDING_CERTIFICATE_SILENTLY_REJECTED;
  return FINDING_HANDSHAKE_FAILED;
}

static finding_id_t ending_by_server(const handshake_state_t *handshake)
{
  if (handshake->certificate_request_frame == 0 || handshake->client_certificate_frame == 0)
    return FINDING_HANDSHAKE_FAILED;
  return handshake->client_certificate_empty ? FINDING_CLIENT_CERTIFICATE_MISSING : FINDING_CLIENT_CERTIFICATE_REJECTED;
}

/* Some clients, such as NSS, judge the server's certificate while the handshake goes on, and say so when it is
 * complete, before they send anything else. */
static bool objects_late(const session_t *session, const observation_t *observation)
{
  finding_id_t objection = ending_by_client_alert(&session->handshake, observation->alert);

  return fatal_alert(observation) && observation->from_client && session->request_frame == 0 &&
         objection != FINDING_HANDSHAKE_FAILED;
}

static finding_id_t ending_after_handshake(const session_t *session, const observation_t *observation)
{
  const handshake_state_t *handshake = &session->handshake;
  bool answered = session->response_frame != 0 || session->server_packets != 0;
  bool verified_late = cipher_suite_is_tls13(session->cipher_suite) && handshake->certificate_request_frame != 0;

  if (objects_late(session, observation))
    return ending_by_client_alert(handshake, observation->alert);
  /* In TLS 1.3 the server judges the client's certificate after the client has finished (RFC 8446 section 4.4.2.4). */
  if (!answered && verified_late && !client_ends(session, observation) &&
      (fatal_alert(observation) || (closes(observation) && handshake->client_certificate_empty)))
    return ending_by_server(handshake);
  if (session->request_frame != 0 && !answered && closes(observation))
    return FINDING_HTTP_UNANSWERED;
  return FINDING_COUNT;
}

/* A server that answers the request all the same has not waited for the handshake it asked for: a close breaks nothing
 * off. */
static bool renegotiation_is_awaited(const session_t *session, const observation_t *observation)
{
  return session->handshake.renegotiated &&
         (fatal_alert(observation) || session->response_frame <= session->handshake.client_hello_frame);
}

static finding_id_t classify_ending(const session_t *session, const observation_t *observation)
{
  const handshake_state_t *handshake = &session->handshake;
  bool completed = handshake->complete_frame != 0 ||
                   (session->request_frame != 0 && !renegotiation_is_awaited(session, observation));
  bool undecidable = cipher_suite_is_tls13(session->cipher_suite) && !handshake->readable &&
                     (session->tls13_client_may_be_finished || observation->client_bytes == 0);

  if (session->ended || (!fatal_alert(observation) && !closes(observation)))
    return FINDING_COUNT;
  if (!completed && handshake->server_hello_frame == 0)
    return handshake->client_hello_frame != 0 ? ending_before_server_hello(session, observation) : FINDING_COUNT;
  if (!fatal_alert(observation) && !proves_silence(session, observation))
    return FINDING_COUNT;
  if (completed)
    return ending_after_handshake(session, observation);
  if (undecidable)
    return FINDING_COUNT;
  return client_ends(session, observation) ? ending_by_client(session, observation) : ending_by_server(handshake);
}

static bool hello_unanswered(const evidence_t *given)
{
  const handshake_state_t *handshake = &given->session->handshake;

  return saw(given, SEEN_REPETITION) && given->observation->from_client && handshake->server_hello_frame == 0 &&
         given->observation->server_bytes == 0 && handshake->hello_transmissions >= HELLO_TRANSMISSIONS_OF_SILENCE;
}

/* nginx lets the handshake finish and answers 400; other servers refuse by one of these. */
static bool status_refuses_certificate(uint16_t status)
{
  return status == 400 || status == 401 || status == 403;
}

static bool refused_for_certificate(const evidence_t *given)
{
  return saw(given, SEEN_RESPONSE) && given->session->client_certificate_asked &&
         given->session->client_certificate_not_given && status_refuses_certificate(given->observation->http_status);
}

static bool lookups_without_address(const evidence_t *given)
{
  const name_lookup_t *a = &given->session->lookups[LOOKUP_A], *aaaa = &given->session->lookups[LOOKUP_AAAA];

  return !a->has_address && !aaaa->has_address && a->answered && (aaaa->answered || !aaaa->asked);
}

static bool name_not_found(const evidence_t *given)
{
  return saw(given, SEEN_NAME_RESPONSE) && given->observation->name_code == DNS_NAME_ERROR &&
         !given->session->lookups[LOOKUP_A].has_address && !given->session->lookups[LOOKUP_AAAA].has_address;
}

static bool lookup_refused(const evidence_t *given)
{
  return given->session->lookups[LOOKUP_A].refused || given->session->lookups[LOOKUP_AAAA].refused;
}

static bool name_without_address(const evidence_t *given)
{
  return saw(given, SEEN_NAME_RESPONSE) && given->observation->name_code != DNS_NAME_ERROR &&
         lookups_without_address(given) && !lookup_refused(given);
}

static bool lookup_repeated(const evidence_t *given)
{
  const name_lookup_t *lookups = given->session->lookups, *asked = session_lookup(given->session, given->observation);

  return saw(given, SEEN_NAME_QUERY) && !asked->answered && !lookups[LOOKUP_A].has_address &&
         !lookups[LOOKUP_AAAA].has_address && given->observation->time_ns - asked->asked_time_ns >= LOOKUP_REPEATED_NS;
}

static bool name_lookup_failed(const evidence_t *given)
{
  return lookup_repeated(given) ||
         (saw(given, SEEN_NAME_RESPONSE) && lookups_without_address(given) && lookup_refused(given));
}

static bool still_connecting(const evidence_t *given)
{
  return given->session->syn_transmissions > 0 && !given->session->connected_tcp;
}

/* What ICMP has answered is not unanswered, though the client may go on to send its SYN. */
static bool connect_timeout(const evidence_t *given)
{
  return saw(given, SEEN_SYN) && still_connecting(given) && !given->session->raised[FINDING_CONNECT_UNREACHABLE] &&
         given->session->syn_transmissions >= SYN_TRANSMISSIONS_OF_A_TIMEOUT;
}

static bool connect_refused(const evidence_t *given)
{
  return saw(given, SEEN_RST) && !given->observation->from_client && still_connecting(given);
}

static bool connect_unreachable(const evidence_t *given)
{
  return saw(given, SEEN_UNREACHABLE) && still_connecting(given);
}

static bool proxy_awaited(const evidence_t *given)
{
  return given->session->phase == PHASE_PROXY && !given->session->proxy_answered;
}

/* Whatever else HTTP answers, on the endpoint's own port or before a CONNECT, is no proxy's word on it. */
static bool connect_answered(const evidence_t *given)
{
  return saw(given, SEEN_PROXY_ANSWER) && given->session->connect_host != NULL;
}

static bool accepts(uint16_t status)
{
  return status / 100 == 2;
}

/* Wireshark does not tell of an answer whose body goes on until the proxy closes, where the client does so first. */
static bool refusal_ends(const evidence_t *given)
{
  uint16_t status = given->session->proxy_status;

  return status != 0 && !accepts(status) && (saw(given, SEEN_RST) || !given->observation->from_client);
}

static bool proxy_refused(const evidence_t *given)
{
  if (connect_answered(given))
    return !accepts(given->observation->http_status);
  return proxy_awaited(given) && closes(given->observation) &&
         (given->session->closer == CLOSER_SERVER || refusal_ends(given));
}

static bool proxy_in_path(const evidence_t *given)
{
  return connect_answered(given) && accepts(given->observation->http_status);
}

static bool no_client_hello(const evidence_t *given)
{
  const session_t *session = given->session;

  return closes(given->observation) && session->closer == CLOSER_CLIENT && session->connected_tcp &&
         session->phase == PHASE_TCP_CONNECT && given->observation->client_bytes == 0;
}

static bool looks_like_tls(byte_span_t bytes)
{
  enum { CHANGE_CIPHER_SPEC = 20, HEARTBEAT = 24, MAJOR_VERSION = 3 };

  if (bytes.data[0] < CHANGE_CIPHER_SPEC || bytes.data[0] > HEARTBEAT)
    return false;
  return bytes.length < 2 || bytes.data[1] == MAJOR_VERSION;
}

static bool not_tls(const evidence_t *given)
{
  const session_t *session = given->session;
  bool awaits_tls =
      session->handshake.client_hello_frame != 0 ||
      (session->phase == PHASE_TCP_CONNECT && session->connected_tcp && given->observation->client_bytes == 0);

  return saw(given, SEEN_FIRST_BYTES) && given->observation->first_bytes.length > 0 && awaits_tls &&
         session->handshake.server_hello_frame == 0 && !looks_like_tls(given->observation->first_bytes);
}

static bool null_cipher_not_selected(const evidence_t *given)
{
  return saw(given, SEEN_SERVER_HELLO) && given->session->offer != NULL_OFFER_NONE &&
         !cipher_suite_is_null(given->observation->chosen_suite);
}

static bool client_certificate_requested(const evidence_t *given)
{
  return saw(given, SEEN_CERTIFICATE_REQUEST) && !given->observation->from_client;
}

static bool certificate_name_mismatch(const evidence_t *given)
{
  const char *expected = session_expected_name(given->session);
  const certificate_t *leaf = given->session->leaf;

  return expected != NULL && !certificate_covers(leaf, expected);
}

static bool certificate_name_only_in_san(const evidence_t *given)
{
  const char *expected = session_expected_name(given->session);
  const certificate_t *leaf = given->session->leaf;

  return expected != NULL && !certificate_subject_covers(leaf, expected) && certificate_san_covers(leaf, expected);
}

static bool certificate_not_expected(const evidence_t *given)
{
  const session_t *session = given->session;
  bool configured = session->has_configured && session->configured.thumbprint_length > 0;
  bool learned = session->learned != NULL && session->learned->certificate_count > 0;

  if (configured &&
      certificate_has_thumbprint(session->leaf, session->configured.thumbprint, session->configured.thumbprint_length))
    return false;
  if (learned && learned_endpoint_has_certificate(session->learned, session->leaf))
    return false;
  return configured || learned;
}

static const char *inspecting_product(const evidence_t *given)
{
  const session_context_t *context = given->session->context;

  return inspection_product(context->inspection_issuers, context->inspection_issuer_count, given->session->leaf,
                            session_expected_name(given->session));
}

static bool certificate_inspected(const evidence_t *given)
{
  return inspecting_product(given) != NULL;
}

static bool certificate_expired(const evidence_t *given)
{
  return given->session->leaf_time_ns / NANOSECONDS > given->session->leaf->not_after;
}

static bool certificate_not_yet_valid(const evidence_t *given)
{
  return given->session->leaf_time_ns / NANOSECONDS < given->session->leaf->not_before;
}

static bool certificate_without_server_auth(const evidence_t *given)
{
  return given->session->leaf->has_extended_key_usage && !given->session->leaf->allows_server_auth;
}

static bool certificate_self_signed(const evidence_t *given)
{
  return given->session->leaf->self_signed;
}

static bool certificate_key_not_rsa(const evidence_t *given)
{
  return !given->session->leaf->key_is_rsa;
}

static bool certificate_has_fault(const evidence_t *given)
{
  static const predicate_t faults[] = {
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
static bool certificate_silently_rejected(const evidence_t *given)
{
  const session_t *session = given->session;

  return proves_silence(session, given->observation) && session->closer == CLOSER_CLIENT &&
         session->handshake.complete_frame != 0 && !session->client_spoke && session->request_frame == 0 &&
         !session->client_certificate_asked && !session->ended && session->leaf != NULL && certificate_has_fault(given);
}

static const certificate_t *client_certificate(const evidence_t *given, size_t position)
{
  if (!saw(given, SEEN_CERTIFICATE) || !given->observation->from_client ||
      position >= given->observation->certificate_count)
    return NULL;
  return certificate_cache_get(given->session->context->certificates, given->observation->certificates[position]);
}

static bool client_certificate_issuer_not_listed(const evidence_t *given)
{
  if (!saw(given, SEEN_CERTIFICATE) || given->observation->certificate_count == 0 || !given->observation->from_client ||
      given->session->requested_authority_count == 0)
    return false;
  for (size_t i = 0; i < given->observation->certificate_count; i++) {
    const certificate_t *link = client_certificate(given, i);

    if (link == NULL || session_asked_for_issuer(given->session, link->issuer_dn, link->issuer_dn_length))
      return false;
  }
  return true;
}

static bool client_certificate_expired(const evidence_t *given)
{
  const certificate_t *leaf = client_certificate(given, 0);

  return leaf != NULL && given->observation->time_ns / NANOSECONDS > leaf->not_after;
}

static bool client_certificate_without_client_auth(const evidence_t *given)
{
  const certificate_t *leaf = client_certificate(given, 0);

  return leaf != NULL && leaf->has_extended_key_usage && !leaf->allows_client_auth;
}

static bool http_rejected(const evidence_t *given)
{
  return saw(given, SEEN_RESPONSE) && given->observation->http_status > HTTP_OK && !refused_for_certificate(given);
}

static bool http_not_directaccess(const evidence_t *given)
{
  const char *server = given->observation->http_server;

  if (!saw(given, SEEN_RESPONSE) || given->observation->http_status != HTTP_OK)
    return false;
  /* Load balancers may hide the Server header; then only an answer with an end gives the other server away. */
  return server != NULL ? strstr(server, "Microsoft-HTTPAPI") == NULL : given->observation->http_is_finite;
}

static bool connected(const evidence_t *given)
{
  return saw(given, SEEN_RESPONSE) && given->observation->http_status == HTTP_OK;
}

static bool tunnel_is_up(const evidence_t *given)
{
  return given->session->response_status == HTTP_OK;
}

/* The server is the one that ends the tunnel, before it has been of any use. A capture of its side alone does not tell
 * who closed first. */
static bool server_gives_up(const evidence_t *given)
{
  const session_t *session = given->session;

  return tunnel_is_up(given) && session->closer == CLOSER_SERVER && given->observation->client_bytes > 0 &&
         (session->server_packets == 0 || given->observation->time_ns - session->response_time_ns < TUNNEL_SETTLED_NS);
}

static bool tunnel_closed(const evidence_t *given)
{
  return closes(given->observation) && !given->observation->from_client && server_gives_up(given) &&
         !given->session->client_bytes_lost; /* which may have closed before */
}

static bool tunnel_without_router_advertisement(const evidence_t *given)
{
  const session_t *session = given->session;

  if (!tunnel_is_up(given) || session->router_advertisements > 0 || session->server_bytes_lost ||
      server_gives_up(given))
    return false;
  return session->router_solicitations >= ROUTER_SOLICITATIONS_OF_SILENCE ||
         (session->router_solicitations > 0 && closes(given->observation));
}

static bool tunnel_malformed(const evidence_t *given)
{
  return saw(given, SEEN_MALFORMED);
}

static const char *sender(const observation_t *observation)
{
  return observation->from_client ? "the client" : "the server";
}

/* What happened on the frame, as the end of a sentence. */
static void describe_event(const evidence_t *given, GString *text)
{
  const observation_t *observation = given->observation;
  const char *alert = tls_alert_name(observation->alert);

  if (saw(given, SEEN_ALERT))
    g_string_append_printf(text, "%s sent the %salert %s (%u)", sender(observation),
                           observation->alert_level == TLS_ALERT_LEVEL_FATAL ? "fatal " : "",
                           alert != NULL ? alert : "unknown", observation->alert);
  else if (saw(given, SEEN_RST))
    g_string_append_printf(text, "%s reset the connection", sender(observation));
  else if (saw(given, SEEN_FIN))
    g_string_append_printf(text, "%s closed the connection", sender(observation));
  else if (saw(given, SEEN_SYN))
    g_string_append_printf(text, "SYN sent %u times without an answer", given->session->syn_transmissions);
  else if (saw(given, SEEN_REPETITION))
    g_string_append_printf(text, "Client Hello sent %u times without an answer",
                           given->session->handshake.hello_transmissions);
  else if (saw(given, SEEN_UNREACHABLE))
    g_string_append(text, "ICMP reports the server as unreachable");
}

static void describe_lookup(const evidence_t *given, GString *text)
{
  g_string_append(text, given->observation->name != NULL ? given->observation->name : "the name");
  if (!saw(given, SEEN_NAME_RESPONSE))
    g_string_append(text, " asked again without an answer");
  else if (given->observation->name_code == DNS_NAME_ERROR)
    g_string_append(text, " does not exist (NXDOMAIN)");
  else if (given->observation->name_code == DNS_NO_ERROR)
    g_string_append(text, " has no A or AAAA record");
  else
    g_string_append(text, given->observation->name_code == DNS_REFUSED ? " answered with REFUSED"
                                                                       : " answered with SERVFAIL");
}

static void describe_proxy(const evidence_t *given, GString *text)
{
  uint16_t status = saw(given, SEEN_PROXY_ANSWER) ? given->observation->http_status : given->session->proxy_status;

  if (status == 0)
    g_string_append(text, "the proxy closed the connection without an answer");
  else
    g_string_append_printf(text, "the proxy answered CONNECT %s:%u with status %u", given->session->connect_host,
                           given->session->connect_port, status);
}

static void describe_first_bytes(const evidence_t *given, GString *text)
{
  byte_span_t bytes = given->observation->first_bytes;
  bool printable = true;

  for (size_t i = 0; i < bytes.length; i++)
    printable = printable && (g_ascii_isprint(bytes.data[i]) || g_ascii_isspace(bytes.data[i]));
  g_string_append(text, "the server's first bytes are ");
  g_string_append(text, printable ? "\"" : "0x");
  for (size_t i = 0; i < bytes.length && bytes.data[i] != '\r' && bytes.data[i] != '\n'; i++)
    g_string_append_printf(text, printable ? "%c" : "%02x", bytes.data[i]);
  g_string_append(text, printable ? "\"" : "");
}

static void describe_suite(const evidence_t *given, GString *text)
{
  g_string_append_printf(text, "the server chose suite 0x%04x", given->observation->chosen_suite);
}

static void describe_names(const evidence_t *given, GString *text)
{
  enum { NAMES_SHOWN = 5 };
  const certificate_t *leaf = given->session->leaf;

  g_string_append_printf(text, "expected %s, the certificate is for %s", session_expected_name(given->session),
                         leaf->common_names[0] != NULL ? leaf->common_names[0] : "no common name");
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

static void describe_thumbprint(const evidence_t *given, GString *text)
{
  g_string_append(text, "its thumbprint is ");
  for (size_t i = 0; i < CERTIFICATE_SHA1_LENGTH; i++)
    g_string_append_printf(text, "%02x", given->session->leaf->sha1[i]);
}

static void describe_product(const evidence_t *given, GString *text)
{
  g_string_append_printf(text, "%s (issuer %s)", inspecting_product(given), given->session->leaf->issuer);
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

static void describe_end_of_validity(const evidence_t *given, GString *text)
{
  g_string_append(text, "it was valid until ");
  append_date(text, given->session->leaf->not_after);
}

static void describe_start_of_validity(const evidence_t *given, GString *text)
{
  g_string_append(text, "it is valid from ");
  append_date(text, given->session->leaf->not_before);
}

static void describe_subject(const evidence_t *given, GString *text)
{
  g_string_append_printf(text, "subject %s", given->session->leaf->subject);
}

static void describe_client_subject(const evidence_t *given, GString *text)
{
  const certificate_t *leaf = client_certificate(given, 0);

  if (leaf != NULL)
    g_string_append_printf(text, "subject %s, issuer %s", leaf->subject, leaf->issuer);
}

static void describe_client_validity(const evidence_t *given, GString *text)
{
  describe_client_subject(given, text);
  g_string_append(text, ", valid until ");
  append_date(text, client_certificate(given, 0)->not_after);
}

static void describe_response(const evidence_t *given, GString *text)
{
  if (!saw(given, SEEN_RESPONSE)) {
    describe_event(given, text);
    return;
  }
  g_string_append_printf(text, "the server answered the tunnel request with status %u",
                         given->observation->http_status);
  if (given->observation->http_server != NULL)
    g_string_append_printf(text, " (%s)", given->observation->http_server);
}

static void describe_solicitations(const evidence_t *given, GString *text)
{
  g_string_append_printf(text, "%u router solicitations, none answered", given->session->router_solicitations);
}

static void describe_malformed(const evidence_t *given, GString *text)
{
  (void)given;
  g_string_append(text, "the bytes in the tunnel are not IPv6");
}

/* How a finding is reached. It is raised where the frame's ending is classified as it, or where its predicate holds. */
typedef struct {
  predicate_t applies;
  description_t particulars;
  bool looks; /* a judgement on what the server's certificate looks like: waits while the session is provisional */
} rule_t;

static const rule_t rules[FINDING_COUNT] = {
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

static uint32_t windows_error_of(const evidence_t *given, const finding_description_t *row)
{
  bool revoked = fatal_alert(given->observation) && given->observation->alert == TLS_ALERT_CERTIFICATE_REVOKED;

  switch (row->error_rule) {
  case ERROR_FIXED:
    return row->windows_error;
  case ERROR_IF_REVOKED:
    return revoked ? row->windows_error : WINDOWS_ERROR_NONE;
  case ERROR_BY_ALERT:
    return fatal_alert(given->observation) ? windows_error_from_alert(given->observation->alert)
                                           : WINDOWS_SEC_E_ILLEGAL_MESSAGE;
  case ERROR_UNKNOWN:
    break;
  }
  return WINDOWS_ERROR_NONE;
}

/* Remembers what stopped the session; what a certificate looks like does not stop anything by itself. */
static void note_stop(const evidence_t *given, finding_id_t id)
{
  GString *event;

  if (finding_catalogue[id].severity != SEVERITY_ERROR || rules[id].looks || rules[id].particulars == NULL)
    return;
  event = g_string_new(NULL);
  rules[id].particulars(given, event);
  g_free(given->session->stop.event);
  given->session->stop = (session_stop_t){
      .frame = given->observation->frame, .phase = given->session->phase, .event = g_string_free(event, FALSE)};
}

static void raise_finding(const evidence_t *given, finding_id_t id)
{
  const finding_description_t *row = &finding_catalogue[id];
  GString *text;

  if (given->session->raised[id])
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
  session_raise(given->session, id, given->observation->frame, windows_error_of(given, row),
                g_string_free(text, FALSE));
}

static void hold_against(const evidence_t *given, bool looks)
{
  for (int id = 0; id < FINDING_COUNT; id++)
    if (rules[id].looks == looks &&
        (given->ending == (finding_id_t)id || (rules[id].applies != NULL && rules[id].applies(given))))
      raise_finding(given, (finding_id_t)id);
}

/* A certificate is judged when it is shown; in a provisional session, when that fails. */
static bool certificate_is_due(const evidence_t *given, session_verdict_t before)
{
  const session_t *session = given->session;
  bool fails_now = session->verdict == VERDICT_FAILED && before != VERDICT_FAILED;

  if (session->leaf == NULL || session->leaf_judged)
    return false;
  return fails_now || (!session->provisional && session->certificate_frame == given->observation->frame);
}

void diagnose(session_t *session, const observation_t *observation)
{
  evidence_t given = {.session = session, .observation = observation, .ending = classify_ending(session, observation)};
  session_verdict_t before = session->verdict;

  if (session->withdrawn_frame != 0)
    return;
  hold_against(&given, false);
  if (given.ending != FINDING_COUNT || not_tls(&given))
    session->ended = true;
  if (certificate_is_due(&given, before)) {
    session->leaf_judged = true;
    hold_against(&given, true);
  }
  if (session->verdict == VERDICT_FAILED)
    session->provisional = false;
}
