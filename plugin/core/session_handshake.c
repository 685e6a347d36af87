/* session_handshake.c - what is known of a session's TLS handshake: its messages, and whether it is complete
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "outcome.h"
#include "session_note.h"

/* What a peer sends at the least with its TLS 1.3 Finished: record header, message header, SHA-256 transcript hash,
 * content type and authentication tag (RFC 8446 sections 4.4.4 and 5.2). An alert, even behind a ChangeCipherSpec, is
 * shorter. */
#define TLS13_FINISHED_BYTES_MIN (5 + 4 + 32 + 1 + 16)

bool session_hides_handshake(const session_t *session)
{
  return session->hello_is_strange || cipher_suite_is_tls13(session->cipher_suite);
}

/* A distinguished name without the header of its SEQUENCE (X.690 section 8.1.3), if it comes with one. */
static byte_span_t name_content(byte_span_t name)
{
  enum { SEQUENCE = 0x30, LONG_FORM = 0x80 };
  size_t header = 2;

  if (name.length < header || name.data[0] != SEQUENCE)
    return name;
  if (name.data[1] & LONG_FORM)
    header += name.data[1] & ~LONG_FORM;
  if (header > name.length)
    return name;
  return (byte_span_t){.data = name.data + header, .length = name.length - header};
}

/* The hash under which a distinguished name is remembered (FNV-1a, 64 bits): a server may list hundreds of them. */
static uint64_t name_hash(byte_span_t name)
{
  byte_span_t content = name_content(name);
  uint64_t hash = UINT64_C(0xcbf29ce484222325);

  for (size_t i = 0; i < content.length; i++)
    hash = (hash ^ content.data[i]) * UINT64_C(0x100000001b3);
  return hash;
}

bool session_asked_for_issuer(const session_t *session, const uint8_t *name, size_t length)
{
  uint64_t hash = name_hash((byte_span_t){name, length});

  for (size_t i = 0; i < session->requested_authority_count; i++)
    if (session->requested_authorities[i] == hash)
      return true;
  return session->requested_authority_count == 0;
}

/* A Hello once the handshake is complete begins another one: the client's, or the server's where Wireshark has not
 * recognised the client's among what may be encrypted. */
static void begin_renegotiation(session_t *session)
{
  if (session->handshake.complete_frame != 0 || session->request_frame != 0)
    session->handshake = (handshake_state_t){.renegotiated = true};
}

static void note_client_hello(session_t *session, const observation_t *observation)
{
  begin_renegotiation(session);
  if (session->handshake.client_hello_frame != 0)
    return; /* TLS 1.3: the second Client Hello, after a HelloRetryRequest */
  session->handshake.client_hello_frame = observation->frame;
  session_count_transmission(session, &session->handshake.hello_transmissions, observation);
  if (session->handshake.renegotiated)
    return;
  session_reach(session, PHASE_CLIENT_HELLO, observation->frame);
  session->client_hello_frame = observation->frame;
  session->offer = observation->offer;
  if (observation->server_name != NULL && session->server_name == NULL)
    session->server_name = g_ascii_strdown(observation->server_name, -1);
}

static void note_server_hello(session_t *session, const observation_t *observation)
{
  begin_renegotiation(session);
  session->handshake.server_hello_frame = observation->frame;
  session->cipher_suite = observation->chosen_suite;
  session->hello_is_strange = observation->hello_is_strange;
  session_reach(session, PHASE_SERVER_HELLO, observation->frame);
  if (session->server_hello_frame == 0)
    session->server_hello_frame = observation->frame;
}

static void note_server_certificate(session_t *session, const observation_t *observation)
{
  session->handshake.certificate_frame = observation->frame;
  session_reach(session, PHASE_SERVER_CERTIFICATE, observation->frame);
  if (session->certificate_frame == 0) {
    session->certificate_frame = observation->frame;
    session->leaf_time_ns = observation->time_ns;
    if (observation->certificate_count > 0)
      session->leaf = certificate_cache_get(session->context->certificates, observation->certificates[0]);
  }
}

static void note_certificate_request(session_t *session, const observation_t *observation)
{
  session->handshake.certificate_request_frame = observation->frame;
  session->client_certificate_asked = true;
  session_reach(session, PHASE_CLIENT_CERTIFICATE, observation->frame);
  g_free(session->requested_authorities);
  session->requested_authorities = NULL;
  session->requested_authority_count = 0;
  if (observation->authority_count == 0 || observation->authority_count >= OBSERVATION_AUTHORITIES_MAX)
    return;
  session->requested_authorities = g_new(uint64_t, observation->authority_count);
  for (size_t i = 0; i < observation->authority_count; i++)
    session->requested_authorities[session->requested_authority_count++] = name_hash(observation->authorities[i]);
}

static void note_client_certificate(session_t *session, const observation_t *observation)
{
  session->handshake.client_certificate_frame = observation->frame;
  session->handshake.client_certificate_empty =
      observation->certificate_count == 0 && !observation->certificate_is_hidden;
  session->client_certificate_not_given = session->handshake.client_certificate_empty;
  session_reach(session, PHASE_CLIENT_CERTIFICATE, observation->frame);
}

static void note_end_of_handshake(session_t *session, const observation_t *observation)
{
  handshake_state_t *handshake = &session->handshake;
  bool tls13 = handshake->server_hello_frame != 0 && session_hides_handshake(session);

  if (observation->from_client &&
      (observation->facts & (SEEN_CLIENT_KEY_EXCHANGE | SEEN_CHANGE_CIPHER_SPEC | SEEN_FINISHED)))
    handshake->client_answer_time_ns = observation->time_ns;
  if (observation->from_client && (observation->facts & (SEEN_CLIENT_KEY_EXCHANGE | SEEN_FINISHED)))
    handshake->client_answered = true;
  if (observation->facts & SEEN_FINISHED)
    handshake->finished[sender_of(observation)] = handshake->readable = true;
  /* In TLS 1.3 ChangeCipherSpec is a dummy for middleboxes (RFC 8446 appendix D.4). */
  if ((observation->facts & SEEN_CHANGE_CIPHER_SPEC) && !tls13) {
    handshake->changed_cipher[sender_of(observation)] = true;
    handshake->client_answered = handshake->client_answered || observation->from_client;
  }
}

/* Without keys only the amount of what flows behind the Server Hello tells: a client's flight that can hold its
 * Finished, then more from the server than an alert. */
static bool tls13_seems_complete(session_t *session, const observation_t *observation)
{
  if (session->handshake.server_hello_frame == observation->frame)
    session->tls13_client_bytes = observation->bytes[SIDE_CLIENT];
  if ((observation->facts & (SEEN_CLIENT_HELLO | SEEN_HELLO_BYTES)) &&
      observation->from_client) { /* what a HelloRetryRequest asked for is no Finished */
    session->tls13_client_bytes = observation->bytes[SIDE_CLIENT];
    session->tls13_client_may_be_finished = false;
  }
  if (observation->from_client &&
      observation->bytes[SIDE_CLIENT] - session->tls13_client_bytes >= TLS13_FINISHED_BYTES_MIN &&
      !session->tls13_client_may_be_finished) {
    session->tls13_client_may_be_finished = true;
    session->tls13_server_bytes = observation->bytes[SIDE_SERVER];
  }
  return session->tls13_client_may_be_finished && !observation->from_client &&
         observation->bytes[SIDE_SERVER] - session->tls13_server_bytes >= TLS13_FINISHED_BYTES_MIN;
}

static bool handshake_is_complete(session_t *session, const observation_t *observation)
{
  const handshake_state_t *handshake = &session->handshake;

  if (handshake->server_hello_frame == 0 || handshake->complete_frame != 0)
    return false;
  if (!session_hides_handshake(session)) {
    /* The server's application data proves it as well, should the capture have lost a ChangeCipherSpec. */
    bool server_speaks =
        (observation->facts & SEEN_APPLICATION_DATA) && !observation->from_client && !handshake->renegotiated;

    return server_speaks || (handshake->changed_cipher[SIDE_CLIENT] && handshake->changed_cipher[SIDE_SERVER]);
  }
  if (handshake->readable)
    return handshake->finished[SIDE_CLIENT] && handshake->finished[SIDE_SERVER];
  return tls13_seems_complete(session, observation);
}

/* Whether the server's certificate is wrong for DirectAccess: then a handshake that completes all the same is no
 * success. */
static bool certificate_objected_to(const session_t *session)
{
  for (guint i = 0; i < session->findings->len; i++) {
    const finding_row_t *row = finding_row(g_array_index(session->findings, session_finding_t, i).id);

    if (row->judges == JUDGES_SERVER_CERTIFICATE && row->severity == SEVERITY_ERROR)
      return true;
  }
  return false;
}

void session_note_tls(session_t *session, const observation_t *observation)
{
  if ((observation->facts & SEEN_CLIENT_HELLO) && observation->from_client)
    note_client_hello(session, observation);
  if ((observation->facts & SEEN_SERVER_HELLO) && !observation->from_client)
    note_server_hello(session, observation);
  if (observation->facts & SEEN_CERTIFICATE)
    observation->from_client ? note_client_certificate(session, observation)
                             : note_server_certificate(session, observation);
  if ((observation->facts & SEEN_CERTIFICATE_REQUEST) && !observation->from_client)
    note_certificate_request(session, observation);
  session->client_spoke =
      session->client_spoke || (observation->from_client && (observation->facts & SEEN_APPLICATION_DATA));
  session->server_spoke = session->server_spoke || (!observation->from_client && !observation->http_is_interim &&
                                                    (observation->facts & SEEN_APPLICATION_DATA));
  if ((observation->facts & SEEN_APPLICATION_DATA) && cipher_suite_is_null(session->cipher_suite))
    session_go_on(session);
  note_end_of_handshake(session, observation);
  if (handshake_is_complete(session, observation)) {
    session->handshake.complete_frame = observation->frame;
    session_reach(session, PHASE_HANDSHAKE_COMPLETE, observation->frame);
    if (!session->handshake.readable && !certificate_objected_to(session))
      session_decide(session, VERDICT_HANDSHAKE_COMPLETE, observation->frame);
  }
}
