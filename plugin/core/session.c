/* session.c - what is known of one DirectAccess session, and how far it has come
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "session.h"

#include <string.h>

#include "outcome.h"
#include "session_note.h"
#include "tls_alert.h"

static const char *const phase_names[PHASE_COUNT] = {
    [PHASE_NONE] = "none",
    [PHASE_NAME_RESOLUTION] = "Name resolution",
    [PHASE_TCP_CONNECT] = "TCP connect",
    [PHASE_PROXY] = "Proxy",
    [PHASE_CLIENT_HELLO] = "Client Hello",
    [PHASE_SERVER_HELLO] = "Server Hello",
    [PHASE_SERVER_CERTIFICATE] = "Server certificate",
    [PHASE_CLIENT_CERTIFICATE] = "Client certificate",
    [PHASE_HANDSHAKE_COMPLETE] = "Handshake complete",
    [PHASE_TUNNEL_REQUEST] = "Tunnel request",
    [PHASE_TUNNEL] = "Tunnel",
};

const char *session_phase_name(session_phase_t phase)
{
  return phase_names[phase];
}

static void clear_finding(gpointer value)
{
  session_finding_t *finding = value;

  g_free(finding->evidence);
}

static void begin(session_t *session, const session_context_t *context)
{
  *session = (session_t){.context = context, .attempt = 1};
  session->findings = g_array_new(FALSE, FALSE, sizeof(session_finding_t));
  g_array_set_clear_func(session->findings, clear_finding);
}

ends_t session_ends(const session_t *session)
{
  return (ends_t){.client = session->client,
                  .server = session->server,
                  .client_port = session->client_port,
                  .server_port = session->server_port};
}

void session_take_row(session_t *session, const endpoint_t *row)
{
  if (session->configured != NULL)
    endpoint_clear(session->configured);
  g_free(session->configured);
  session->configured = NULL;
  if (row == NULL)
    return;
  session->configured = g_new(endpoint_t, 1);
  endpoint_copy(session->configured, row);
}

static void release(session_t *session)
{
  session_take_row(session, NULL);
  g_free(session->server_name);
  g_free(session->connect_host);
  g_free(session->request_host);
  g_free(session->looked_up_name);
  g_free(session->request_uri);
  g_free(session->response_server);
  g_free(session->requested_authorities);
  g_free(session->stopped);
  g_array_free(session->findings, TRUE);
}

session_t *session_new(const session_context_t *context)
{
  session_t *session = g_new(session_t, 1);

  begin(session, context);
  return session;
}

void session_free(session_t *session)
{
  if (session == NULL)
    return;
  release(session);
  g_free(session);
}

void session_restart(session_t *session)
{
  const session_context_t *context = session->context;

  release(session);
  begin(session, context);
}

void session_tag_as(session_t *session, session_tag_t tag, uint32_t index, uint32_t frame)
{
  session->tagged_by = tag;
  session->index = index;
  session->tagged_frame = frame;
  for (guint i = 0; i < session->findings->len; i++) {
    session_finding_t *finding = &g_array_index(session->findings, session_finding_t, i);

    finding->frame = MAX(finding->frame, frame);
  }
  session->provisional =
      (tag == TAG_NULL_ONLY || tag == TAG_NULL_FIRST || tag == TAG_NULL_BEHIND) && session->learned == NULL;
}

session_phase_t session_phase_at(const session_t *session, uint32_t frame)
{
  session_phase_t latest = PHASE_NONE;

  for (int phase = PHASE_NONE + 1; phase < PHASE_COUNT; phase++)
    if (session->phase_frames[phase] != 0 && session->phase_frames[phase] <= frame)
      latest = (session_phase_t)phase;
  return latest;
}

const char *session_name(const session_t *session)
{
  if (session->configured != NULL && session->configured->host != NULL && session->configured->host[0] != '*')
    return session->configured->host;
  if (session->server_name != NULL)
    return session->server_name;
  if (session->connect_host != NULL)
    return session->connect_host;
  if (session->request_host != NULL)
    return session->request_host;
  if (session->looked_up_name != NULL)
    return session->looked_up_name;
  return session->learned != NULL ? session->learned->server_name : NULL;
}

uint16_t session_endpoint_port(const session_t *session)
{
  if (session->connect_port != 0)
    return session->connect_port;
  if (session->server_port != 0)
    return session->server_port;
  return session->configured != NULL ? session->configured->port : ENDPOINT_DEFAULT_PORT;
}

char *session_endpoint_text(const session_t *session)
{
  const char *name = session_name(session);
  char *host = name != NULL ? g_strdup(name) : ip_address_to_text(&session->server);
  char *text = host_and_port_to_text(host, session_endpoint_port(session));

  g_free(host);
  return text;
}

client_kind_t session_client_kind(const session_t *session)
{
  if (session->client_hello_frame == 0)
    return CLIENT_UNKNOWN;
  return session->offer != NULL_OFFER_NONE ? CLIENT_OFFERS_NULL : CLIENT_ENCRYPTED_ONLY;
}

const char *session_expected_name(const session_t *session)
{
  const char *candidates[] = {
      session->server_name,  session->connect_host,   session->configured != NULL ? session->configured->host : NULL,
      session->request_host, session->looked_up_name,
  };

  for (size_t i = 0; i < G_N_ELEMENTS(candidates); i++)
    if (candidates[i] != NULL && candidates[i][0] != '*' && !ip_address_parse(candidates[i], NULL))
      return candidates[i];
  return NULL;
}

bool session_has_known_endpoint(const session_t *session)
{
  return session->configured != NULL || session->learned != NULL || session->tagged_by == TAG_TUNNEL_REQUEST;
}

void session_reach(session_t *session, session_phase_t phase, uint32_t frame)
{
  if (session->phase_frames[phase] == 0)
    session->phase_frames[phase] = frame;
  if (phase > session->phase)
    session->phase = phase;
}

void session_count_transmission(session_t *session, uint32_t *count, const observation_t *observation)
{
  session->transmission_time_ns = observation->time_ns;
  (*count)++;
}

const name_lookup_t *session_lookup(const session_t *session, const observation_t *observation)
{
  return &session->lookups[observation->name_type == DNS_TYPE_AAAA ? LOOKUP_AAAA : LOOKUP_A];
}

/* Other codes complain about the question, such as FORMERR about EDNS: the client asks again in another way, as it does
 * where the addresses do not fit into the answer. What the capture has cut off may be addresses. */
static bool answers_lookup(const observation_t *observation)
{
  bool lacks_addresses = observation->name_answer_truncated || observation->unread[SIDE_SERVER] != 0;

  if (lacks_addresses && observation->name_code == DNS_NO_ERROR && observation->address_count == 0)
    return false;
  return observation->name_code == DNS_NO_ERROR || observation->name_code == DNS_NAME_ERROR ||
         observation->name_code == DNS_SERVER_FAILURE || observation->name_code == DNS_REFUSED;
}

static void note_lookup(session_t *session, const observation_t *observation)
{
  name_lookup_t *lookup = &session->lookups[session_lookup(session, observation) - session->lookups];

  if (!lookup->asked) {
    lookup->asked = true;
    lookup->asked_time_ns = observation->time_ns;
  }
  lookup->question_seen = lookup->question_seen || (observation->facts & SEEN_NAME_QUERY);
  lookup->answer_is_cut = lookup->answer_is_cut || observation->unread[SIDE_SERVER] != 0;
  if ((observation->facts & SEEN_NAME_RESPONSE) && answers_lookup(observation)) {
    lookup->answered = true;
    lookup->has_address = lookup->has_address || observation->address_count > 0;
    lookup->refusal = observation->name_code != DNS_NAME_ERROR ? observation->name_code : 0;
  }
}

static void note_name_resolution(session_t *session, const observation_t *observation)
{
  if (!(observation->facts & (SEEN_NAME_QUERY | SEEN_NAME_RESPONSE)))
    return;
  session_reach(session, PHASE_NAME_RESOLUTION, observation->frame);
  if (session->looked_up_name == NULL && observation->name != NULL)
    session->looked_up_name = g_ascii_strdown(observation->name, -1);
  note_lookup(session, observation);
}

/* What the capture lacks of the other side may have been its close. */
static void note_closer(session_t *session, const observation_t *observation)
{
  bool others_close_missing = observation->unread[other_side(sender_of(observation))] != 0;
  session_closer_t closer = observation->from_client ? CLOSER_CLIENT : CLOSER_SERVER;
  bool closes = (observation->facts & SEEN_CLOSE) ||
                ((observation->facts & SEEN_ALERT) && observation->alert == TLS_ALERT_CLOSE_NOTIFY);

  if ((observation->facts & (SEEN_FIN | SEEN_RST)) && session->close_frames[sender_of(observation)] == 0)
    session->close_frames[sender_of(observation)] = observation->frame;
  if (!closes || session->closer != CLOSER_NONE)
    return;
  session->closer = others_close_missing ? CLOSER_UNKNOWN : closer;
  session->closer_time_ns = observation->time_ns;
}

/* What is not encrypted may be read any number of times; what is, whose records are counted, once. */
static bool is_out_of_step(const session_t *session, const observation_t *observation)
{
  const handshake_state_t *handshake = &session->handshake;
  bool encrypts = handshake->changed_cipher[sender_of(observation)] || cipher_suite_is_tls13(session->cipher_suite) ||
                  handshake->complete_frame != 0;

  if (!(observation->facts & SEEN_READ_TWICE))
    return false;
  if (session->client_hello_frame == 0 || (observation->facts & SEEN_UNREADABLE))
    return true; /* HTTP takes the second answer for that to the next request, TLS a message for the next one's start */
  return encrypts && !cipher_suite_is_null(session->cipher_suite);
}

/* Once other content of the session could be read, or nothing should be encrypted, records that cannot be read tell of
 * messages that were lost on the way; in a handshake under way they are its end. Where nothing could be read so far, a
 * handshake in them is one that is renegotiated. */
static bool should_be_readable(const session_t *session)
{
  if (session->request_frame != 0)
    return true;
  return session->handshake.complete_frame != 0 &&
         (session->handshake.readable || cipher_suite_is_null(session->cipher_suite));
}

static void note_unread(session_t *session, const observation_t *observation)
{
  uint8_t *sender = &session->unread[sender_of(observation)];

  for (side_t side = 0; side < SIDES; side++)
    session->unread[side] = observation->unread[side] | (session->unread[side] & (UNREAD_TWICE | UNREAD_ENCRYPTED));
  if (is_out_of_step(session, observation))
    *sender |= UNREAD_TWICE;
  if ((observation->facts & SEEN_UNREADABLE) && should_be_readable(session))
    *sender |= UNREAD_ENCRYPTED;
  if (session->unread[SIDE_CLIENT] != 0 || session->unread[SIDE_SERVER] != 0)
    session_go_on(session);
}

/* The client goes on from the SYN-ACK. With that a round trip is over, wherever on the path the capture was taken; a
 * Client Hello may come later than it could. */
static void note_acknowledged(session_t *session, const observation_t *observation)
{
  bool is_bare = observation->bytes[SIDE_CLIENT] == 0 && !(observation->facts & SEEN_FIN);

  if (session->acknowledged_tcp)
    return;
  session->acknowledged_tcp = true;
  if (session->syn_transmissions > 0 && is_bare)
    session->round_trip_ns = observation->time_ns - session->transmission_time_ns;
}

/* Look-ups and ICMP errors stand beside the connection. */
static bool is_segment(const observation_t *observation)
{
  return !(observation->facts & (SEEN_NAME_QUERY | SEEN_NAME_RESPONSE | SEEN_UNREACHABLE));
}

static void note_tcp(session_t *session, const observation_t *observation)
{
  if (observation->facts & SEEN_SYN) {
    session_reach(session, PHASE_TCP_CONNECT, observation->frame);
    session_count_transmission(session, &session->syn_transmissions, observation);
  }
  if (observation->facts & SEEN_SYN_ACK) {
    session_reach(session, PHASE_TCP_CONNECT, observation->frame);
    if (!session->connected_tcp && session->syn_transmissions > 0)
      session->round_trip_ns = observation->time_ns - session->transmission_time_ns;
    session->connected_tcp = true;
  }
  if (session->connected_tcp && observation->from_client && !(observation->facts & (SEEN_SYN | SEEN_RST | SEEN_COPY)))
    note_acknowledged(session, observation);
  if ((observation->facts & SEEN_FIRST_BYTES) && session->client_hello_frame == 0)
    session->server_spoke_first = observation->bytes[SIDE_CLIENT] == 0;
  session->has_copies = session->has_copies || (observation->facts & SEEN_COPY);
  note_unread(session, observation);
  note_closer(session, observation);
  if ((observation->facts & SEEN_REPETITION) && observation->from_client && !(observation->facts & SEEN_SYN) &&
      observation->bytes[SIDE_SERVER] == 0 && session->handshake.client_hello_frame != 0)
    session_count_transmission(session, &session->handshake.hello_transmissions, observation);
}

static void note_proxy(session_t *session, const observation_t *observation)
{
  if (observation->facts & SEEN_PROXY_ANSWER)
    session->proxy_answered = true;
  if ((observation->facts & SEEN_FIRST_BYTES) && session->phase == PHASE_PROXY)
    session->proxy_status = observation->first_status;
  /* The proxy has let it through, whatever was read of that. */
  if ((observation->facts & SEEN_HELLO_BYTES) && session->phase == PHASE_PROXY)
    session_reach(session, PHASE_CLIENT_HELLO, observation->frame);
  if (!(observation->facts & SEEN_CONNECT))
    return;
  session->proxy_answered = false;
  session->proxy_status = 0;
  session_reach(session, PHASE_PROXY, observation->frame);
  g_free(session->connect_host);
  session->connect_host = g_ascii_strdown(observation->connect_host, -1);
  session->connect_port = observation->connect_port;
}

static void note_request(session_t *session, const observation_t *observation)
{
  session_reach(session, PHASE_TUNNEL_REQUEST, observation->frame);
  session->request_frame = observation->frame;
  session->response_frame = 0;
  session->response_status = 0;
  session->response_is_finite = false;
  session->server_spoke = false;
  session->provisional = false;
  session_go_on(session);
  g_free(session->request_uri);
  session->request_uri = g_strdup(observation->request_uri);
  if (observation->request_host != NULL && session->request_host == NULL)
    session->request_host = host_of_authority(observation->request_host);
}

static void note_response(session_t *session, const observation_t *observation)
{
  if (observation->http_status < HTTP_FIRST_FINAL_STATUS)
    return;
  session->response_frame = observation->frame;
  session->response_time_ns = observation->time_ns;
  session->response_status = observation->http_status;
  session->response_is_finite = observation->http_is_finite;
  g_free(session->response_server);
  session->response_server = g_strdup(observation->http_server);
  if (observation->http_status == HTTP_OK) {
    session_reach(session, PHASE_TUNNEL, observation->frame);
    session->provisional = false;
    session_decide(session, VERDICT_CONNECTED, observation->frame);
  }
}

static void note_tunnel(session_t *session, const observation_t *observation)
{
  if (observation->facts & SEEN_REQUEST)
    note_request(session, observation);
  if (observation->facts & SEEN_RESPONSE)
    note_response(session, observation);
  if (observation->facts & SEEN_TUNNEL) {
    session_reach(session, PHASE_TUNNEL, observation->frame);
    session->provisional = false;
  }
  /* Whatever was read of its opening. */
  if (observation->packets[SIDE_SERVER] > session->packets[SIDE_SERVER])
    session_reach(session, PHASE_TUNNEL, observation->frame);
  memcpy(session->packets, observation->packets, sizeof session->packets);
  session->router_solicitations = observation->router_solicitations;
  session->router_advertisements = observation->router_advertisements;
  if ((observation->facts & SEEN_OTHER_CONTENT) && session->provisional && session->withdrawn_frame == 0)
    session->withdrawn_frame = observation->frame;
}

void session_note(session_t *session, const observation_t *observation)
{
  if (session->withdrawn_frame != 0)
    return;
  if (session->first_frame == 0)
    session->first_frame = observation->frame;
  session->last_frame = observation->frame;
  session->last_time_ns = observation->time_ns;
  note_name_resolution(session, observation);
  if (is_segment(observation))
    note_tcp(session, observation);
  note_proxy(session, observation);
  session_note_tls(session, observation);
  if (is_segment(observation))
    note_tunnel(session, observation);
  session_note_spans(session, observation);
}

void session_recall(session_t *session, const session_brief_t *brief)
{
  const struct {
    session_phase_t phase;
    uint32_t frame;
  } reached[] = {
      {PHASE_CLIENT_HELLO, brief->client_hello_frame},
      {PHASE_SERVER_HELLO, brief->server_hello_frame},
      {PHASE_SERVER_CERTIFICATE, brief->certificate_frame},
  };

  for (size_t i = 0; i < G_N_ELEMENTS(reached); i++)
    if (reached[i].frame != 0)
      session_reach(session, reached[i].phase, reached[i].frame);
  session->client_hello_frame = brief->client_hello_frame;
  session->server_hello_frame = brief->server_hello_frame;
  session->certificate_frame = brief->certificate_frame;
  session->cipher_suite = brief->cipher_suite;
  session->offer = brief->offer;
  session->server_name = brief->server_name != NULL ? g_ascii_strdown(brief->server_name, -1) : NULL;
}
