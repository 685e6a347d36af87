/* session.c - what is known of one DirectAccess session, and how far it has come
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "session.h"

#include <string.h>

#include "tls_alert.h"

/* What a peer sends at the least with its TLS 1.3 Finished: record header, message header, SHA-256 transcript hash,
 * content type and authentication tag (RFC 8446 sections 4.4.4 and 5.2). An alert, even behind a ChangeCipherSpec, is
 * shorter. */
#define TLS13_FINISHED_BYTES_MIN (5 + 4 + 32 + 1 + 16)
#define TRANSMISSIONS_APART_NS INT64_C(10000000)
enum { DNS_NO_ERROR = 0, DNS_SERVER_FAILURE = 2, DNS_NAME_ERROR = 3, DNS_REFUSED = 5 }; /* RFC 1035 section 4.1.1 */
#define DNS_TYPE_AAAA 28                                                                /* RFC 3596 section 2.1 */
#define HTTP_OK 200
#define HTTP_FIRST_FINAL_STATUS 200

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

const char *session_phase_name(session_phase phase)
{
  return phase_names[phase];
}

static void clear_finding(gpointer value)
{
  session_finding *finding = value;

  g_free(finding->text);
}

session *session_new(const session_context *context)
{
  session *created = g_new0(session, 1);

  created->context = context;
  created->attempt = 1;
  created->findings = g_array_new(FALSE, FALSE, sizeof(session_finding));
  g_array_set_clear_func(created->findings, clear_finding);
  return created;
}

void session_free(session *freed)
{
  if (freed == NULL)
    return;
  endpoint_clear(&freed->configured);
  g_free(freed->server_name);
  g_free(freed->connect_host);
  g_free(freed->request_host);
  g_free(freed->looked_up_name);
  g_free(freed->request_uri);
  g_free(freed->response_server);
  g_free(freed->requested_authorities);
  g_free(freed->stop.event);
  g_array_free(freed->findings, TRUE);
  g_free(freed);
}

void session_tag_as(session *tagged, session_tag tag, uint32_t index, uint32_t frame)
{
  tagged->tagged_by = tag;
  tagged->index = index;
  tagged->tagged_frame = frame;
  for (guint i = 0; i < tagged->findings->len; i++)
    g_array_index(tagged->findings, session_finding, i).frame = frame;
  tagged->provisional = (tag == TAG_NULL_ONLY || tag == TAG_NULL_FIRST) && tagged->learned == NULL;
}

session_phase session_phase_at(const session *asked, uint32_t frame)
{
  session_phase latest = PHASE_NONE;

  for (int phase = PHASE_NONE + 1; phase < PHASE_COUNT; phase++)
    if (asked->phase_frames[phase] != 0 && asked->phase_frames[phase] <= frame)
      latest = (session_phase)phase;
  return latest;
}

const char *session_name(const session *asked)
{
  if (asked->has_configured && asked->configured.host != NULL && asked->configured.host[0] != '*')
    return asked->configured.host;
  if (asked->server_name != NULL)
    return asked->server_name;
  if (asked->connect_host != NULL)
    return asked->connect_host;
  if (asked->request_host != NULL)
    return asked->request_host;
  if (asked->looked_up_name != NULL)
    return asked->looked_up_name;
  return asked->learned != NULL ? asked->learned->server_name : NULL;
}

static uint16_t endpoint_port(const session *asked)
{
  if (asked->connect_port != 0)
    return asked->connect_port;
  if (asked->server_port != 0)
    return asked->server_port;
  return asked->has_configured ? asked->configured.port : ENDPOINT_DEFAULT_PORT;
}

char *session_endpoint_text(const session *asked)
{
  const char *name = session_name(asked);
  char *address = ip_address_to_text(&asked->server);
  const char *host = name != NULL ? name : address;
  bool brackets = strchr(host, ':') != NULL && host[0] != '[';
  char *text = g_strdup_printf(brackets ? "[%s]:%u" : "%s:%u", host, endpoint_port(asked));

  g_free(address);
  return text;
}

const char *session_expected_name(const session *asked)
{
  const char *candidates[] = {
      asked->server_name,  asked->connect_host,   asked->has_configured ? asked->configured.host : NULL,
      asked->request_host, asked->looked_up_name,
  };

  for (size_t i = 0; i < G_N_ELEMENTS(candidates); i++)
    if (candidates[i] != NULL && candidates[i][0] != '*' && !ip_address_parse(candidates[i], NULL))
      return candidates[i];
  return NULL;
}

const session_finding *session_worst_finding(const session *asked)
{
  const session_finding *worst = NULL;

  for (guint i = 0; i < asked->findings->len; i++) {
    const session_finding *finding = &g_array_index(asked->findings, session_finding, i);

    if (worst == NULL || finding_catalogue[finding->id].severity > finding_catalogue[worst->id].severity)
      worst = finding;
  }
  return worst;
}

char *session_stop_text(const session *asked)
{
  if (asked->stop.event == NULL)
    return NULL;
  if (asked->stop.phase == PHASE_NONE)
    return g_strdup_printf("Stopped: %s", asked->stop.event);
  return g_strdup_printf("Stopped after %s: %s", session_phase_name(asked->stop.phase), asked->stop.event);
}

static void decide(session *decided, session_verdict verdict, uint32_t frame)
{
  decided->verdict = verdict;
  decided->decided_frame = frame;
}

/* Findings of one frame stand in the order of the catalogue. */
static bool comes_before(const session_finding *one, const session_finding *other)
{
  return one->frame == other->frame && one->id < other->id;
}

void session_raise(session *raising, finding_id id, uint32_t frame, uint32_t windows_error, char *text)
{
  session_finding finding = {.frame = frame, .id = id, .windows_error = windows_error, .text = text};
  guint position = raising->findings->len;

  if (raising->raised[id]) {
    g_free(text);
    return;
  }
  raising->raised[id] = true;
  while (position > 0 && comes_before(&finding, &g_array_index(raising->findings, session_finding, position - 1)))
    position--;
  g_array_insert_val(raising->findings, position, finding);
  if (finding_catalogue[id].severity == SEVERITY_ERROR && raising->verdict != VERDICT_FAILED)
    decide(raising, VERDICT_FAILED, frame);
}

static void reach(session *moving, session_phase phase, uint32_t frame)
{
  if (moving->phase_frames[phase] == 0)
    moving->phase_frames[phase] = frame;
  if (phase > moving->phase)
    moving->phase = phase;
}

/* A distinguished name without the header of its SEQUENCE (X.690 section 8.1.3), if it comes with one. */
static byte_span name_content(byte_span name)
{
  enum { SEQUENCE = 0x30, LONG_FORM = 0x80 };
  size_t header = 2;

  if (name.length < header || name.data[0] != SEQUENCE)
    return name;
  if (name.data[1] & LONG_FORM)
    header += name.data[1] & ~LONG_FORM;
  if (header > name.length)
    return name;
  return (byte_span){.data = name.data + header, .length = name.length - header};
}

/* The hash under which a distinguished name is remembered (FNV-1a, 64 bits): a server may list hundreds of them. */
static uint64_t name_hash(byte_span name)
{
  byte_span content = name_content(name);
  uint64_t hash = UINT64_C(0xcbf29ce484222325);

  for (size_t i = 0; i < content.length; i++)
    hash = (hash ^ content.data[i]) * UINT64_C(0x100000001b3);
  return hash;
}

bool session_asked_for_issuer(const session *asked, const uint8_t *name, size_t length)
{
  uint64_t hash = name_hash((byte_span){name, length});

  for (size_t i = 0; i < asked->requested_authority_count; i++)
    if (asked->requested_authorities[i] == hash)
      return true;
  return asked->requested_authority_count == 0;
}

const name_lookup *session_lookup(const session *asked, const observation *seen)
{
  return &asked->lookups[seen->name_type == DNS_TYPE_AAAA ? LOOKUP_AAAA : LOOKUP_A];
}

/* Other codes complain about the question, such as FORMERR about EDNS: the client asks again in another way, as it does
 * where the addresses do not fit into the answer. */
static bool answers_lookup(const observation *seen)
{
  if (seen->name_answer_truncated && seen->address_count == 0)
    return false;
  return seen->name_code == DNS_NO_ERROR || seen->name_code == DNS_NAME_ERROR ||
         seen->name_code == DNS_SERVER_FAILURE || seen->name_code == DNS_REFUSED;
}

static void note_lookup(session *noted, const observation *seen)
{
  name_lookup *lookup = &noted->lookups[session_lookup(noted, seen) - noted->lookups];

  if (!lookup->asked) {
    lookup->asked = true;
    lookup->asked_time_ns = seen->time_ns;
  }
  if ((seen->seen & SEEN_NAME_RESPONSE) && answers_lookup(seen)) {
    lookup->answered = true;
    lookup->has_address = lookup->has_address || seen->address_count > 0;
    lookup->refused = seen->name_code == DNS_SERVER_FAILURE || seen->name_code == DNS_REFUSED;
  }
}

static void note_name_resolution(session *noted, const observation *seen)
{
  if (!(seen->seen & (SEEN_NAME_QUERY | SEEN_NAME_RESPONSE)))
    return;
  reach(noted, PHASE_NAME_RESOLUTION, seen->frame);
  if (noted->looked_up_name == NULL && seen->name != NULL)
    noted->looked_up_name = g_ascii_strdown(seen->name, -1);
  note_lookup(noted, seen);
}

/* A frame that a mirror port delivers twice is no transmission of its own. */
static void count_transmission(session *noted, uint32_t *count, const observation *seen)
{
  if (*count > 0 && seen->time_ns - noted->transmission_time_ns < TRANSMISSIONS_APART_NS)
    return;
  noted->transmission_time_ns = seen->time_ns;
  (*count)++;
}

/* What the capture lacks of the other side may have been its close. */
static void note_closer(session *noted, const observation *seen)
{
  bool others_close_missing = seen->from_client ? seen->server_bytes_missing : seen->client_bytes_missing;
  session_closer closer = seen->from_client ? CLOSER_CLIENT : CLOSER_SERVER;
  bool closes =
      (seen->seen & (SEEN_FIN | SEEN_RST)) || ((seen->seen & SEEN_ALERT) && seen->alert == TLS_ALERT_CLOSE_NOTIFY);

  if (closes && noted->closer == CLOSER_NONE)
    noted->closer = others_close_missing ? CLOSER_UNKNOWN : closer;
}

static void note_tcp(session *noted, const observation *seen)
{
  if (seen->seen & SEEN_SYN) {
    reach(noted, PHASE_TCP_CONNECT, seen->frame);
    count_transmission(noted, &noted->syn_transmissions, seen);
  }
  if (seen->seen & SEEN_SYN_ACK) {
    reach(noted, PHASE_TCP_CONNECT, seen->frame);
    noted->connected_tcp = true;
  }
  note_closer(noted, seen);
  noted->client_bytes_lost = noted->client_bytes_lost || seen->client_bytes_missing;
  noted->server_bytes_lost = noted->server_bytes_lost || seen->server_bytes_missing;
  if ((seen->seen & SEEN_REPETITION) && seen->from_client && !(seen->seen & SEEN_SYN) && seen->server_bytes == 0 &&
      noted->handshake.client_hello_frame != 0)
    count_transmission(noted, &noted->handshake.hello_transmissions, seen);
}

/* The status that an HTTP answer begins with (RFC 9112 section 4), 0 if it is none. */
static uint16_t status_in(byte_span bytes)
{
  static const char version[] = "HTTP/1.";
  size_t start = strlen(version) + 2, end = start + 3;
  uint16_t status = 0;

  if (bytes.length < end || memcmp(bytes.data, version, strlen(version)) != 0)
    return 0;
  for (size_t i = start; i < end; i++) {
    if (!g_ascii_isdigit(bytes.data[i]))
      return 0;
    status = (uint16_t)(status * 10 + (bytes.data[i] - '0'));
  }
  return status;
}

static void note_proxy(session *noted, const observation *seen)
{
  if (seen->seen & SEEN_PROXY_ANSWER)
    noted->proxy_answered = true;
  if ((seen->seen & SEEN_FIRST_BYTES) && noted->phase == PHASE_PROXY)
    noted->proxy_status = status_in(seen->first_bytes);
  if (!(seen->seen & SEEN_CONNECT))
    return;
  noted->proxy_answered = false;
  noted->proxy_status = 0;
  reach(noted, PHASE_PROXY, seen->frame);
  g_free(noted->connect_host);
  noted->connect_host = g_ascii_strdown(seen->connect_host, -1);
  noted->connect_port = seen->connect_port;
}

/* A Hello once the handshake is complete begins another one: the client's, or the server's where Wireshark has not
 * recognised the client's among what may be encrypted. */
static void begin_renegotiation(session *noted)
{
  if (noted->handshake.complete_frame != 0)
    noted->handshake = (handshake_state){.renegotiated = true};
}

static void note_client_hello(session *noted, const observation *seen)
{
  null_offer offer = cipher_suites_null_offer(seen->suites, seen->suite_count, seen->suites_complete);

  begin_renegotiation(noted);
  if (noted->handshake.client_hello_frame != 0)
    return; /* TLS 1.3: the second Client Hello, after a HelloRetryRequest */
  noted->handshake.client_hello_frame = seen->frame;
  count_transmission(noted, &noted->handshake.hello_transmissions, seen);
  if (noted->handshake.renegotiated)
    return;
  reach(noted, PHASE_CLIENT_HELLO, seen->frame);
  noted->client_hello_frame = seen->frame;
  noted->offer = offer;
  noted->client_kind = offer != NULL_OFFER_NONE ? CLIENT_OFFERS_NULL : CLIENT_ENCRYPTED_ONLY;
  if (seen->server_name != NULL && noted->server_name == NULL)
    noted->server_name = g_ascii_strdown(seen->server_name, -1);
}

static void note_server_hello(session *noted, const observation *seen)
{
  begin_renegotiation(noted);
  noted->handshake.server_hello_frame = seen->frame;
  noted->cipher_suite = seen->chosen_suite;
  reach(noted, PHASE_SERVER_HELLO, seen->frame);
  if (noted->server_hello_frame == 0)
    noted->server_hello_frame = seen->frame;
}

static void note_server_certificate(session *noted, const observation *seen)
{
  noted->handshake.certificate_frame = seen->frame;
  reach(noted, PHASE_SERVER_CERTIFICATE, seen->frame);
  if (noted->certificate_frame == 0) {
    noted->certificate_frame = seen->frame;
    noted->leaf_time_ns = seen->time_ns;
    if (seen->certificate_count > 0)
      noted->leaf = certificate_cache_get(noted->context->certificates, seen->certificates[0]);
  }
}

static void note_certificate_request(session *noted, const observation *seen)
{
  noted->handshake.certificate_request_frame = seen->frame;
  noted->client_certificate_asked = true;
  reach(noted, PHASE_CLIENT_CERTIFICATE, seen->frame);
  g_free(noted->requested_authorities);
  noted->requested_authorities = NULL;
  noted->requested_authority_count = 0;
  if (seen->authority_count == 0 || seen->authority_count >= OBSERVATION_AUTHORITIES_MAX)
    return;
  noted->requested_authorities = g_new(uint64_t, seen->authority_count);
  for (size_t i = 0; i < seen->authority_count; i++)
    noted->requested_authorities[noted->requested_authority_count++] = name_hash(seen->authorities[i]);
}

static void note_client_certificate(session *noted, const observation *seen)
{
  noted->handshake.client_certificate_frame = seen->frame;
  noted->handshake.client_certificate_empty = seen->certificate_count == 0;
  noted->client_certificate_not_given = noted->handshake.client_certificate_empty;
  reach(noted, PHASE_CLIENT_CERTIFICATE, seen->frame);
}

static void note_end_of_handshake(session *noted, const observation *seen)
{
  handshake_state *handshake = &noted->handshake;
  bool tls13 = handshake->server_hello_frame != 0 && cipher_suite_is_tls13(noted->cipher_suite);

  if (seen->from_client && (seen->seen & (SEEN_CLIENT_KEY_EXCHANGE | SEEN_FINISHED)))
    handshake->client_answered = true;
  if (seen->seen & SEEN_FINISHED)
    *(seen->from_client ? &handshake->client_finished : &handshake->server_finished) = true;
  if (seen->seen & SEEN_FINISHED)
    handshake->readable = true;
  /* In TLS 1.3 ChangeCipherSpec is a dummy for middleboxes (RFC 8446 appendix D.4). */
  if ((seen->seen & SEEN_CHANGE_CIPHER_SPEC) && !tls13) {
    *(seen->from_client ? &handshake->client_changed_cipher : &handshake->server_changed_cipher) = true;
    handshake->client_answered = handshake->client_answered || seen->from_client;
  }
}

/* Without keys only the amount of what flows behind the Server Hello tells: a client's flight that can hold its
 * Finished, then more from the server than an alert. */
static bool tls13_seems_complete(session *noted, const observation *seen)
{
  if (seen->client_bytes == BYTES_UNKNOWN || seen->server_bytes == BYTES_UNKNOWN)
    return false;
  if (noted->handshake.server_hello_frame == seen->frame)
    noted->tls13_client_bytes = seen->client_bytes;
  if ((seen->seen & SEEN_CLIENT_HELLO) && seen->from_client) { /* what a HelloRetryRequest asked for is no Finished */
    noted->tls13_client_bytes = seen->client_bytes;
    noted->tls13_client_may_be_finished = false;
  }
  if (seen->from_client && seen->client_bytes - noted->tls13_client_bytes >= TLS13_FINISHED_BYTES_MIN &&
      !noted->tls13_client_may_be_finished) {
    noted->tls13_client_may_be_finished = true;
    noted->tls13_server_bytes = seen->server_bytes;
  }
  return noted->tls13_client_may_be_finished && !seen->from_client &&
         seen->server_bytes - noted->tls13_server_bytes >= TLS13_FINISHED_BYTES_MIN;
}

static bool handshake_is_complete(session *noted, const observation *seen)
{
  const handshake_state *handshake = &noted->handshake;

  if (handshake->server_hello_frame == 0 || handshake->complete_frame != 0)
    return false;
  if (!cipher_suite_is_tls13(noted->cipher_suite)) {
    /* The server's application data proves it as well, should the capture have lost a ChangeCipherSpec. */
    bool server_speaks = (seen->seen & SEEN_APPLICATION_DATA) && !seen->from_client && !handshake->renegotiated;

    return server_speaks || (handshake->client_changed_cipher && handshake->server_changed_cipher);
  }
  if (handshake->readable)
    return handshake->client_finished && handshake->server_finished;
  return tls13_seems_complete(noted, seen);
}

/* Whether the server's certificate is wrong for DirectAccess: then a handshake that completes all the same is no
 * success. */
static bool certificate_objected_to(const session *asked)
{
  for (int id = FINDING_CERTIFICATE_NAME_MISMATCH; id <= FINDING_CERTIFICATE_KEY_NOT_RSA; id++)
    if (asked->raised[id] && finding_catalogue[id].severity == SEVERITY_ERROR)
      return true;
  return false;
}

static void note_tls(session *noted, const observation *seen)
{
  if ((seen->seen & SEEN_CLIENT_HELLO) && seen->from_client)
    note_client_hello(noted, seen);
  if ((seen->seen & SEEN_SERVER_HELLO) && !seen->from_client)
    note_server_hello(noted, seen);
  if (seen->seen & SEEN_CERTIFICATE)
    seen->from_client ? note_client_certificate(noted, seen) : note_server_certificate(noted, seen);
  if ((seen->seen & SEEN_CERTIFICATE_REQUEST) && !seen->from_client)
    note_certificate_request(noted, seen);
  noted->client_spoke = noted->client_spoke || (seen->from_client && (seen->seen & SEEN_APPLICATION_DATA));
  note_end_of_handshake(noted, seen);
  if (handshake_is_complete(noted, seen)) {
    noted->handshake.complete_frame = seen->frame;
    reach(noted, PHASE_HANDSHAKE_COMPLETE, seen->frame);
    if (!noted->handshake.readable && !certificate_objected_to(noted))
      decide(noted, VERDICT_HANDSHAKE_COMPLETE, seen->frame);
  }
}

static void note_request(session *noted, const observation *seen)
{
  reach(noted, PHASE_TUNNEL_REQUEST, seen->frame);
  noted->request_frame = seen->frame;
  noted->response_frame = 0;
  noted->response_status = 0;
  noted->provisional = false;
  g_free(noted->request_uri);
  noted->request_uri = g_strdup(seen->request_uri);
  if (seen->request_host != NULL && noted->request_host == NULL) {
    const char *end = strrchr(seen->request_host, ':');
    bool has_port = end != NULL && strchr(seen->request_host, ':') == end;

    noted->request_host =
        g_ascii_strdown(seen->request_host, has_port ? (gssize)(end - seen->request_host) : (gssize)-1);
  }
}

static void note_response(session *noted, const observation *seen)
{
  if (seen->http_status < HTTP_FIRST_FINAL_STATUS)
    return;
  noted->response_frame = seen->frame;
  noted->response_time_ns = seen->time_ns;
  noted->response_status = seen->http_status;
  g_free(noted->response_server);
  noted->response_server = g_strdup(seen->http_server);
  if (seen->http_status == HTTP_OK) {
    reach(noted, PHASE_TUNNEL, seen->frame);
    noted->provisional = false;
    decide(noted, VERDICT_CONNECTED, seen->frame);
  }
}

static void note_tunnel(session *noted, const observation *seen)
{
  if (seen->seen & SEEN_REQUEST)
    note_request(noted, seen);
  if (seen->seen & SEEN_RESPONSE)
    note_response(noted, seen);
  noted->client_packets = seen->client_packets;
  noted->server_packets = seen->server_packets;
  noted->router_solicitations = seen->router_solicitations;
  noted->router_advertisements = seen->router_advertisements;
  if ((seen->seen & SEEN_OTHER_CONTENT) && noted->provisional && noted->withdrawn_frame == 0)
    noted->withdrawn_frame = seen->frame;
}

void session_note(session *noted, const observation *seen)
{
  if (noted->withdrawn_frame != 0)
    return;
  if (noted->first_frame == 0)
    noted->first_frame = seen->frame;
  noted->last_frame = seen->frame;
  note_name_resolution(noted, seen);
  note_tcp(noted, seen);
  note_proxy(noted, seen);
  note_tls(noted, seen);
  if (!(seen->seen & (SEEN_NAME_QUERY | SEEN_NAME_RESPONSE | SEEN_UNREACHABLE)))
    note_tunnel(noted, seen);
}

void session_recall(session *recalling, const session_brief *brief)
{
  const struct {
    session_phase phase;
    uint32_t frame;
  } reached[] = {
      {PHASE_CLIENT_HELLO, brief->client_hello_frame},
      {PHASE_SERVER_HELLO, brief->server_hello_frame},
      {PHASE_SERVER_CERTIFICATE, brief->certificate_frame},
  };

  for (size_t i = 0; i < G_N_ELEMENTS(reached); i++)
    if (reached[i].frame != 0)
      reach(recalling, reached[i].phase, reached[i].frame);
  recalling->client_hello_frame = brief->client_hello_frame;
  recalling->server_hello_frame = brief->server_hello_frame;
  recalling->certificate_frame = brief->certificate_frame;
  recalling->cipher_suite = brief->cipher_suite;
  recalling->offer = brief->offer;
  if (brief->client_hello_frame != 0)
    recalling->client_kind = brief->offer != NULL_OFFER_NONE ? CLIENT_OFFERS_NULL : CLIENT_ENCRYPTED_ONLY;
  recalling->server_name = brief->server_name != NULL ? g_ascii_strdown(brief->server_name, -1) : NULL;
}
