/* ending.c - how a handshake, or the wait for an answer to the tunnel request, ended
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "findings/ending.h"

#include <string.h>

#include "tls_alert.h"

/* The shortest record with a Server Hello: header, message header, version, random, session id length, suite,
 * compression (RFC 5246 section 7.4.1.3). A server that has sent less cannot have answered with one. */
#define SERVER_HELLO_RECORD_MIN (5 + 4 + 2 + 32 + 1 + 2 + 1)

/* Another one than the cipher suites. */
static bool alert_names_another_reason(const evidence_t *given)
{
  static const uint8_t others[] = {TLS_ALERT_PROTOCOL_VERSION, TLS_ALERT_UNRECOGNIZED_NAME,
                                   TLS_ALERT_NO_APPLICATION_PROTOCOL};

  return fatal_alert(given) && memchr(others, given->observation->alert, sizeof others) != NULL;
}

/* An alert speaks for its sender; a FIN or RST for whoever was the first to close. */
static bool client_ends(const evidence_t *given)
{
  if (fatal_alert(given) || given->session->closer == CLOSER_NONE)
    return given->observation->from_client;
  return given->session->closer == CLOSER_CLIENT;
}

static bool closed_before(const session_t *session, side_t side, uint32_t frame)
{
  return session->close_frames[side] != 0 && session->close_frames[side] < frame;
}

/* The client closes, and has had no byte of an answer. */
static finding_id_t ending_by_leaving(const evidence_t *given)
{
  const session_t *session = given->session;

  if (session->server_spoke_first)
    return FINDING_COUNT; /* it may have gone for what it had read */
  return answer_was_due(given, session->transmission_time_ns) || !given->observation->from_client
             ? FINDING_HELLO_UNANSWERED
             : FINDING_COUNT;
}

static finding_id_t ending_before_server_hello(const evidence_t *given)
{
  const session_t *session = given->session;
  uint32_t server_bytes = given->observation->bytes[SIDE_SERVER];

  if (!all_is_read(given) &&
      (session->handshake.renegotiated || !fatal_alert(given) || given->observation->from_client))
    return FINDING_COUNT; /* a server's alert speaks for itself where it is the first thing that the server has sent */
  if (session->handshake.renegotiated)
    return FINDING_HANDSHAKE_FAILED;
  if (session->handshake.client_answered || session->client_spoke)
    return FINDING_COUNT; /* the client was answered: the capture has only what it sent */
  if (server_bytes >= SERVER_HELLO_RECORD_MIN)
    return FINDING_COUNT; /* the server said something that the capture lost */
  if (client_ends(given) && !fatal_alert(given) && server_bytes == 0)
    return ending_by_leaving(given);
  if (client_ends(given))
    return FINDING_HANDSHAKE_FAILED;
  if (session->offer >= NULL_OFFER_FIRST && !alert_names_another_reason(given) &&
      !closed_before(session, SIDE_SERVER, session->client_hello_frame))
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
  return tls_alert_is_of_certificate(alert) ? FINDING_CERTIFICATE_REJECTED : FINDING_HANDSHAKE_FAILED;
}

static bool client_certificate_given(const handshake_state_t *handshake)
{
  return handshake->client_certificate_frame != 0 && !handshake->client_certificate_empty;
}

static finding_id_t ending_by_client(const evidence_t *given)
{
  const handshake_state_t *handshake = &given->session->handshake;

  if (fatal_alert(given))
    return ending_by_client_alert(handshake, given->observation->alert);
  if (saw(given, SEEN_UNRECEIVED)) /* what it never had it did not reject */
    return answer_was_due(given, given->session->transmission_time_ns) ? FINDING_HANDSHAKE_FAILED : FINDING_COUNT;
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

/* Whether the client's alert by itself says what it has against the server's certificate. */
static bool objects(const evidence_t *given)
{
  const handshake_state_t *handshake = &given->session->handshake;

  return fatal_alert(given) && given->observation->from_client &&
         ending_by_client_alert(handshake, given->observation->alert) != FINDING_HANDSHAKE_FAILED;
}

/* Some clients, such as NSS, judge the server's certificate while the handshake goes on, and say so when it is
 * complete, before they send anything else. */
static bool objects_late(const evidence_t *given)
{
  return given->session->request_frame == 0 && objects(given);
}

static finding_id_t ending_after_handshake(const evidence_t *given)
{
  const session_t *session = given->session;
  const handshake_state_t *handshake = &session->handshake;
  bool answered = session->response_frame != 0 || session->packets[SIDE_SERVER] != 0;
  bool verified_late = cipher_suite_is_tls13(session->cipher_suite) && handshake->certificate_request_frame != 0;

  if (objects_late(given))
    return ending_by_client_alert(handshake, given->observation->alert);
  /* In TLS 1.3 the server judges the client's certificate after the client has finished (RFC 8446 section 4.4.2.4). */
  if (!answered && verified_late && !client_ends(given) &&
      (fatal_alert(given) || (closes(given) && handshake->client_certificate_empty)))
    return ending_by_server(handshake);
  if (session->request_frame != 0 && !answered && !session->server_spoke && closes(given))
    return FINDING_HTTP_UNANSWERED;
  return FINDING_COUNT;
}

/* The client sends nothing more, but still listens: the server's Finished may be on its way. */
static bool finished_may_come(const evidence_t *given)
{
  const handshake_state_t *handshake = &given->session->handshake;

  return given->observation->from_client && !fatal_alert(given) && !saw(given, SEEN_RST) &&
         handshake->changed_cipher[SIDE_CLIENT] && !answer_was_due(given, handshake->client_answer_time_ns);
}

/* A server that answers the request all the same has not waited for the handshake it asked for: a close breaks nothing
 * off. */
static bool renegotiation_is_awaited(const evidence_t *given)
{
  const session_t *session = given->session;

  return session->handshake.renegotiated &&
         (fatal_alert(given) || session->response_frame <= session->handshake.client_hello_frame);
}

finding_id_t classify_ending(const evidence_t *given)
{
  const session_t *session = given->session;
  const handshake_state_t *handshake = &session->handshake;

  if (session->ended || (!fatal_alert(given) && !closes(given)))
    return FINDING_COUNT;
  bool completed = handshake->complete_frame != 0 || (session->request_frame != 0 && !renegotiation_is_awaited(given));
  bool undecidable = session_hides_handshake(session) && !handshake->readable &&
                     (session->tls13_client_may_be_finished || given->observation->bytes[SIDE_CLIENT] == 0);

  if (!completed && handshake->server_hello_frame == 0)
    return handshake->client_hello_frame != 0 ? ending_before_server_hello(given) : FINDING_COUNT;
  if (!all_is_read(given) && !objects(given))
    return FINDING_COUNT;
  if (completed)
    return ending_after_handshake(given);
  if (undecidable || finished_may_come(given) || closed_before(session, SIDE_CLIENT, handshake->server_hello_frame))
    return FINDING_COUNT;
  return client_ends(given) ? ending_by_client(given) : ending_by_server(handshake);
}
