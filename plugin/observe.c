/* observe.c - reads one dissected frame into a plain observation
 *
 * This is the only file that knows the names of other dissectors' fields. None is asked for until a session begins:
 * starts.c reads what may begin one from the bytes. TCP's own are never asked for; tcp.c reads its state from the
 * conversation.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "observe.h"

#include <string.h>

#include <epan/charsets.h>
#include <epan/proto.h>
#include <wsutil/wslog.h>

#include "compat.h"
#include "core/mark_set.h"
#include "core/tls_alert.h"
#include "dns.h"
#include "starts.h"
#include "tunnel/notes.h"

enum { HTTP_PROXY_LOGIN = 407 };                                /* RFC 9110 section 15.5.8 */
enum { TLS_CERTIFICATE = 11, TLS_COMPRESSED_CERTIFICATE = 25 }; /* RFC 5246 section 7.4, RFC 8879 section 4 */
enum { TLS_CHANGE_CIPHER_SPEC = 20, TLS_HANDSHAKE = 22, TLS_APPLICATION_DATA = 23 };
enum { ICMP_UNREACHABLE = 3, ICMP_FRAGMENTATION_NEEDED = 4, ICMPV6_UNREACHABLE = 1 };

/* How far into a frame an ICMP message is looked for. */
#define HEADERS_MAX 512

typedef enum {
  FIELD_TLS_HANDSHAKE_TYPE,
  FIELD_TLS_CERTIFICATE,
  FIELD_TLS_DISTINGUISHED_NAME,
  FIELD_TLS_CONTENT_TYPE,
  FIELD_TLS_OPAQUE_TYPE,
  FIELD_TLS_ALERT_LEVEL,
  FIELD_TLS_ALERT,
  FIELD_HTTP_STATUS,
  FIELD_HTTP_PROXY_AUTHENTICATE,
  FIELD_COUNT,
} field_t;

static const char *const field_names[FIELD_COUNT] = {
    [FIELD_TLS_HANDSHAKE_TYPE] = "tls.handshake.type",
    [FIELD_TLS_CERTIFICATE] = "tls.handshake.certificate",
    [FIELD_TLS_DISTINGUISHED_NAME] = "tls.handshake.dname",
    [FIELD_TLS_CONTENT_TYPE] = "tls.record.content_type",
    [FIELD_TLS_OPAQUE_TYPE] = "tls.record.opaque_type",
    [FIELD_TLS_ALERT_LEVEL] = "tls.alert_message.level",
    [FIELD_TLS_ALERT] = "tls.alert_message.desc",
    [FIELD_HTTP_STATUS] = "http.response.code",
    [FIELD_HTTP_PROXY_AUTHENTICATE] = "http.proxy_authenticate",
};

static int field_ids[FIELD_COUNT];
static facts_level_t wanted_facts;
static int proto_http = -1;
static dissector_handle_t post_dissector_handle;

void observe_want(facts_level_t wanted)
{
  static const int counts[] = {
      [FACTS_OF_STARTS] = 0, [FACTS_OF_SESSIONS] = FIELD_COUNT, [FACTS_OF_NAMES] = FIELD_COUNT};
  GArray *fields = g_array_new(FALSE, FALSE, sizeof(int));

  for (int i = 0; i < counts[wanted]; i++)
    if (field_ids[i] > 0)
      g_array_append_val(fields, field_ids[i]);
  set_postdissector_wanted_hfids(post_dissector_handle, fields);
  wanted_facts = wanted;
}

void observe_reg_handoff(dissector_handle_t post_dissector)
{
  post_dissector_handle = post_dissector;
  tcp_reg_handoff();
  starts_reg_handoff();
  proto_http = proto_get_id_by_filter_name("http");
  for (int i = 0; i < FIELD_COUNT; i++) {
    field_ids[i] = proto_registrar_get_id_byname(field_names[i]);
    if (field_ids[i] <= 0)
      ws_warning("this Wireshark has no field \"%s\": findings that rest on it stay silent", field_names[i]);
  }
  observe_want(FACTS_OF_STARTS);
}

const void *observe_cipher_suite_names(void)
{
  header_field_info *suites = proto_registrar_get_byname("tls.handshake.ciphersuite");

  return suites != NULL && (suites->display & BASE_EXT_STRING) ? suites->strings : NULL;
}

ip_address_t observe_address(const address *given)
{
  ip_address_t copied = {0};

  if ((given->type == AT_IPv4 && given->len == 4) || (given->type == AT_IPv6 && given->len == 16)) {
    copied.length = (uint8_t)given->len;
    memcpy(copied.bytes, given->data, (size_t)given->len);
  }
  return copied;
}

static GPtrArray *fields_of(proto_tree *tree, field_t wanted)
{
  GPtrArray *found = field_ids[wanted] > 0 ? proto_get_finfo_ptr_array(tree, field_ids[wanted]) : NULL;

  return found != NULL && found->len > 0 ? found : NULL;
}

static uint32_t uint_at(const GPtrArray *found, guint position)
{
  return fvalue_get_uinteger(field_value(g_ptr_array_index(found, position)));
}

/* The first value of a field, or fallback where the frame has none. */
static uint32_t uint_of(proto_tree *tree, field_t wanted, uint32_t fallback)
{
  GPtrArray *found = fields_of(tree, wanted);

  return found != NULL ? uint_at(found, 0) : fallback;
}

/* What was captured of the bytes that a field begins with, at most length of them. */
static byte_span_t bytes_at(const field_info *found, int length)
{
  int captured = MIN(length, tvb_captured_length_remaining(found->ds_tvb, found->start));

  if (captured <= 0)
    return (byte_span_t){.data = NULL};
  return (byte_span_t){.data = tvb_get_ptr(found->ds_tvb, found->start, captured), .length = (size_t)captured};
}

static uint16_t uint16_in(const uint8_t *bytes)
{
  return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

/* A longer name than hosts can have is none. */
static const char *host_name(const char *name)
{
  return name != NULL && strlen(name) <= ENDPOINT_NAME_MAX ? name : NULL;
}

/* The first item of a field that has the value, NULL if there is none. */
static const field_info *find_uint(proto_tree *tree, field_t wanted, uint32_t value)
{
  GPtrArray *found = fields_of(tree, wanted);

  for (guint i = 0; found != NULL && i < found->len; i++)
    if (uint_at(found, i) == value)
      return g_ptr_array_index(found, i);
  return NULL;
}

static bool has_uint(proto_tree *tree, field_t wanted, uint32_t value)
{
  return find_uint(tree, wanted, value) != NULL;
}

uint32_t observe_ends(const packet_info *pinfo)
{
  return mark_of_end(pinfo->src.data, (size_t)pinfo->src.len, pinfo->srcport) +
         mark_of_end(pinfo->dst.data, (size_t)pinfo->dst.len, pinfo->destport);
}

/* The tunnel's facts for a connection. */
static const tunnel_facts_t *facts_of(packet_info *pinfo, const conversation_t *conversation)
{
  const tunnel_facts_t *facts = tunnel_facts_of(conversation);

  return facts != NULL ? facts : tunnel_facts_of(tunnel_behind_connect(pinfo, conversation));
}

bool observe_has_request(packet_info *pinfo, const conversation_t *conversation)
{
  const tunnel_facts_t *facts = facts_of(pinfo, conversation);

  return facts != NULL && (facts->request_frame == pinfo->num || facts->middle_frame == pinfo->num);
}

static bool is_cut(const packet_info *pinfo)
{
  return pinfo->fd->cap_len < pinfo->fd->pkt_len;
}

static tls_handshake_t handshake_in(proto_tree *tree)
{
  GPtrArray *types = fields_of(tree, FIELD_TLS_HANDSHAKE_TYPE);
  tls_handshake_t handshake = {0};

  for (guint i = 0; types != NULL && i < types->len; i++) {
    byte_span_t message = bytes_at(g_ptr_array_index(types, i), INT_MAX);

    message.length = MIN(message.length, MAX(tls_handshake_message_length(message), 1));
    tls_handshake_meet(&handshake, message);
  }
  return handshake;
}

/* Whether the frame has been dissected with fields for us. */
static bool has_fields(const proto_tree *tree)
{
  return wanted_facts != FACTS_OF_STARTS && tree != NULL;
}

starts_t observe_starts(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
  starts_t starts = starts_read(tvb, pinfo, !has_fields(tree));

  if (has_fields(tree))
    starts.handshake = handshake_in(tree);
  return starts;
}

bool observe_tells_of_sessions(packet_info *pinfo, const starts_t *starts)
{
  return starts->handshake.facts != 0 || starts->has_request || tunnel_has_part_in(pinfo) || dns_is_port_of(pinfo);
}

void observe_brief(session_brief_t *brief, const packet_info *pinfo, const starts_t *starts)
{
  const tls_handshake_t *handshake = &starts->handshake;

  if (brief->server_hello_frame == 0 && (handshake->facts & SEEN_SERVER_HELLO)) {
    brief->server_hello_frame = pinfo->num;
    brief->cipher_suite = server_hello_suite(handshake->server_hello);
  }
  if (brief->certificate_frame == 0 && (handshake->facts & SEEN_CERTIFICATE))
    brief->certificate_frame = pinfo->num;
}

/* How many of the frame's certificates are those of its first Certificate message: what a frame may hold of another
 * handshake's is not its chain. One that was compressed has bytes of its own. */
static guint first_chain_length(const GPtrArray *certificates, proto_tree *tree)
{
  const field_info *message = find_uint(tree, FIELD_TLS_HANDSHAKE_TYPE, TLS_CERTIFICATE), *first;
  guint count = 0;

  if (certificates == NULL || message == NULL)
    return certificates != NULL ? certificates->len : 0;
  first = g_ptr_array_index(certificates, 0);
  if (first->ds_tvb != message->ds_tvb)
    return certificates->len;
  int end = message->start + (int)tls_handshake_message_length(bytes_at(message, INT_MAX));
  while (count < certificates->len) {
    const field_info *certificate = g_ptr_array_index(certificates, count);

    if (certificate->ds_tvb != message->ds_tvb || certificate->start < message->start || certificate->start >= end)
      break;
    count++;
  }
  return count;
}

static void observe_certificates(observation_t *observation, proto_tree *tree)
{
  GPtrArray *certificates = fields_of(tree, FIELD_TLS_CERTIFICATE);

  observation->certificate_count = MIN(first_chain_length(certificates, tree), OBSERVATION_CERTIFICATES_MAX);
  observation->certificate_is_compressed =
      certificates == NULL && has_uint(tree, FIELD_TLS_HANDSHAKE_TYPE, TLS_COMPRESSED_CERTIFICATE);
  for (size_t i = 0; i < observation->certificate_count; i++)
    observation->certificates[i].data =
        field_bytes(g_ptr_array_index(certificates, (guint)i), &observation->certificates[i].length);
}

static void observe_authorities(observation_t *observation, packet_info *pinfo, proto_tree *tree)
{
  GPtrArray *names = fields_of(tree, FIELD_TLS_DISTINGUISHED_NAME);
  byte_span_t *authorities;

  if (names == NULL)
    return;
  observation->authority_count = MIN(names->len, OBSERVATION_AUTHORITIES_MAX);
  authorities = wmem_alloc_array(pinfo->pool, byte_span_t, observation->authority_count);
  for (size_t i = 0; i < observation->authority_count; i++) {
    const field_info *name = g_ptr_array_index(names, (guint)i);

    authorities[i] = bytes_at(name, name->length);
  }
  observation->authorities = authorities;
}

static void observe_alert(observation_t *observation, proto_tree *tree)
{
  GPtrArray *levels = fields_of(tree, FIELD_TLS_ALERT_LEVEL), *alerts = fields_of(tree, FIELD_TLS_ALERT);

  for (guint i = 0; levels != NULL && alerts != NULL && i < levels->len && i < alerts->len; i++) {
    if ((observation->facts & SEEN_ALERT) && observation->alert_level == TLS_ALERT_LEVEL_FATAL)
      return;
    observation->facts |= SEEN_ALERT;
    observation->alert_level = (uint8_t)uint_at(levels, i);
    observation->alert = (uint8_t)uint_at(alerts, i);
  }
  if (!(observation->facts & SEEN_ALERT) && (observation->facts & SEEN_FIRST_BYTES) &&
      tls_alert_read_versionless(observation->first_bytes.data, observation->first_bytes.length,
                                 &observation->alert_level, &observation->alert))
    observation->facts |= SEEN_ALERT;
}

static const char *server_name_of(const client_hello_t *hello, packet_info *pinfo)
{
  byte_span_t name = hello->server_name;

  return name.data != NULL ? host_name((const char *)get_ascii_string(pinfo->pool, name.data, (int)name.length)) : NULL;
}

static void observe_hellos(observation_t *observation, packet_info *pinfo, const tls_handshake_t *handshake)
{
  observation->facts |= handshake->facts;
  if (handshake->facts & SEEN_CLIENT_HELLO) {
    client_hello_t hello = client_hello_read(handshake->client_hello, !is_cut(pinfo));

    /* Of one that is cut nothing can be said; some versions of Wireshark dissect what there is of it. */
    if (!hello.is_complete)
      observation->facts &= ~(uint32_t)SEEN_CLIENT_HELLO;
    observation->offer = hello.offer;
    observation->server_name = server_name_of(&hello, pinfo);
  }
  observation->chosen_suite = server_hello_suite(handshake->server_hello);
  observation->hello_is_strange = server_hello_is_strange(handshake->server_hello);
}

/* Whether handshake messages end in other records than they begin in. */
static bool has_parts_of_messages(proto_tree *tree)
{
  GPtrArray *records = fields_of(tree, FIELD_TLS_CONTENT_TYPE), *messages = fields_of(tree, FIELD_TLS_HANDSHAKE_TYPE);
  guint handshakes = 0;

  for (guint i = 0; records != NULL && i < records->len; i++)
    handshakes += uint_at(records, i) == TLS_HANDSHAKE;
  return handshakes > (messages != NULL ? messages->len : 0);
}

/* What the client sends before the server has answered its Hello is data of a session resumed in TLS 1.3 (RFC 8446
 * section 2.3). */
static bool has_early_data(const observation_t *observation, proto_tree *tree)
{
  return observation->from_client && observation->bytes[SIDE_SERVER] == 0 &&
         has_uint(tree, FIELD_TLS_OPAQUE_TYPE, TLS_APPLICATION_DATA);
}

/* Of a TLS 1.3 record only the outer type is shown where its content cannot be read, of a handshake record of earlier
 * versions no message. */
static bool has_unreadable_record(proto_tree *tree)
{
  GPtrArray *opaque = fields_of(tree, FIELD_TLS_OPAQUE_TYPE), *types = fields_of(tree, FIELD_TLS_CONTENT_TYPE);

  if (opaque != NULL && opaque->len > (types != NULL ? types->len : 0))
    return true;
  return has_uint(tree, FIELD_TLS_CONTENT_TYPE, TLS_HANDSHAKE) && fields_of(tree, FIELD_TLS_HANDSHAKE_TYPE) == NULL;
}

static void observe_records(observation_t *observation, packet_info *pinfo, proto_tree *tree)
{
  if (observation->facts & SEEN_CERTIFICATE)
    observe_certificates(observation, tree);
  if (observation->facts & SEEN_CERTIFICATE_REQUEST)
    observe_authorities(observation, pinfo, tree);
  if (has_uint(tree, FIELD_TLS_CONTENT_TYPE, TLS_CHANGE_CIPHER_SPEC))
    observation->facts |= SEEN_CHANGE_CIPHER_SPEC;
  if (has_uint(tree, FIELD_TLS_CONTENT_TYPE, TLS_APPLICATION_DATA) || has_early_data(observation, tree))
    observation->facts |= SEEN_APPLICATION_DATA;
  if (has_unreadable_record(tree))
    observation->facts |= SEEN_UNREADABLE;
}

/* The same of the frame that a capture begins with in the midst of a session: there are no fields in it yet. */
static void observe_bytes(observation_t *observation, packet_info *pinfo, const tls_handshake_t *handshake)
{
  byte_span_t *authorities = wmem_alloc_array(pinfo->pool, byte_span_t, OBSERVATION_AUTHORITIES_MAX);

  observation->facts |= handshake->record_facts;
  observation->certificate_count =
      certificate_message_read(handshake->certificate, observation->certificates, OBSERVATION_CERTIFICATES_MAX);
  observation->certificate_is_compressed =
      handshake->certificate.data != NULL && handshake->certificate.data[0] == TLS_COMPRESSED_CERTIFICATE;
  observation->authority_count =
      certificate_request_read(handshake->certificate_request, authorities, OBSERVATION_AUTHORITIES_MAX);
  observation->authorities = authorities;
  observation->alert_level = handshake->alert_level;
  observation->alert = handshake->alert;
}

static void observe_tls(observation_t *observation, tcp_connection_t *connection, packet_info *pinfo, proto_tree *tree,
                        const tls_handshake_t *handshake)
{
  observe_hellos(observation, pinfo, handshake);
  if (has_fields(tree))
    observe_records(observation, pinfo, tree);
  else
    observe_bytes(observation, pinfo, handshake);
  if (observation->facts & SEEN_APPLICATION_DATA)
    tcp_note_application_data(connection, observation);
  observe_alert(observation, tree);
  if ((observation->facts & SEEN_CLIENT_HELLO) && observation->from_client && !connection->has_client_hello)
    tcp_note_client_hello(connection, observation);
  if (observation->facts & SEEN_SERVER_HELLO)
    tcp_note_start(connection, observation);
}

/* The target of a CONNECT (RFC 9110 section 9.3.6). */
static void observe_connect(observation_t *observation, tcp_connection_t *connection, packet_info *pinfo,
                            const conversation_t *conversation)
{
  const http_conv_t *http = conversation_get_proto_data(conversation, proto_http);
  const char *target = http != NULL ? http_latest_request_uri(http) : NULL;
  char *host = target != NULL && port_of_authority(target) != 0 ? host_of_authority(target) : NULL;

  if (host_name(host) != NULL) {
    observation->connect_host = wmem_strdup(pinfo->pool, host);
    observation->connect_port = port_of_authority(target);
    observation->facts |= SEEN_CONNECT;
    tcp_note_start(connection, observation);
  }
  g_free(host);
}

/* Whom the connection's latest request asks (RFC 9110 section 7.2). */
static const char *latest_host(packet_info *pinfo, const conversation_t *conversation)
{
  const http_conv_t *http = conversation_get_proto_data(conversation, proto_http);
  const char *host = http != NULL ? host_name(http_latest_request_host(http)) : NULL;

  return host != NULL ? wmem_strdup(pinfo->pool, host) : NULL;
}

/* Whom a request other than a CONNECT asks. */
static void observe_http_host(observation_t *observation, packet_info *pinfo, const conversation_t *conversation,
                              const starts_t *starts)
{
  if (starts->has_request && !starts->has_connect)
    observation->http_host = latest_host(pinfo, conversation);
}

/* Windows logs in to a proxy with these schemes as the computer (RFC 4559); there may be a header for each scheme. */
static bool offers_login(proto_tree *tree)
{
  GPtrArray *found = fields_of(tree, FIELD_HTTP_PROXY_AUTHENTICATE);

  for (guint i = 0; found != NULL && i < found->len; i++) {
    const char *scheme = fvalue_get_string(field_value(g_ptr_array_index(found, i)));

    if (g_ascii_strncasecmp(scheme, "Negotiate", 9) == 0 || g_ascii_strncasecmp(scheme, "NTLM", 4) == 0)
      return true;
  }
  return false;
}

static void observe_proxy(observation_t *observation, tcp_connection_t *connection, packet_info *pinfo,
                          proto_tree *tree, const conversation_t *conversation, const starts_t *starts)
{
  uint32_t status = uint_of(tree, FIELD_HTTP_STATUS, 0);

  if (observation->from_client && starts->has_connect)
    observe_connect(observation, connection, pinfo, conversation);
  else if (observation->from_client)
    observe_http_host(observation, pinfo, conversation, starts);
  if (!observation->from_client && status >= HTTP_FIRST_FINAL_STATUS) {
    observation->facts |= SEEN_PROXY_ANSWER;
    observation->http_status = (uint16_t)status;
    observation->proxy_offers_login = status == HTTP_PROXY_LOGIN && offers_login(tree);
  }
}

static void observe_tunnel_counts(observation_t *observation, const tunnel_facts_t *facts)
{
  memcpy(observation->packets, facts->packets, sizeof observation->packets);
  observation->router_solicitations = facts->router_solicitations;
  observation->router_advertisements = facts->router_advertisements;
  observation->ipsec = facts->ipsec;
}

static void observe_tunnel(observation_t *observation, const tunnel_facts_t *facts)
{
  if (facts->request_frame == observation->frame) {
    observation->facts |= SEEN_REQUEST;
    observation->request_uri = facts->request_uri;
    observation->request_host = facts->request_host;
    observation->http_length = facts->request_length;
    observation->http_is_chunked = facts->request_is_chunked;
    observation->http_is_cut = facts->request_is_cut;
  }
  if (facts->response_frame == observation->frame) {
    observation->facts |= SEEN_RESPONSE;
    observation->http_status = facts->response_status;
    observation->http_server = facts->response_server;
    observation->http_length = facts->response_length;
    observation->http_is_chunked = facts->response_is_chunked;
    observation->http_is_cut = facts->response_is_cut;
    observation->http_is_finite = facts->response_is_finite;
  }
  if (facts->middle_frame == observation->frame)
    observation->facts |= SEEN_TUNNEL;
  if (facts->other_content_frame == observation->frame)
    observation->facts |= SEEN_OTHER_CONTENT;
  if (facts->malformed_frame == observation->frame)
    observation->facts |= SEEN_MALFORMED;
}

static void observe_frame(observation_t *observation, const packet_info *pinfo)
{
  memset(observation, 0, sizeof(*observation));
  observation->frame = pinfo->num;
  observation->cut_to = is_cut(pinfo) ? pinfo->fd->cap_len : 0;
  observation->time_ns = (int64_t)pinfo->abs_ts.secs * 1000000000 + pinfo->abs_ts.nsecs;
}

bool observe_start(observation_t *observation, const conversation_t *conversation, packet_info *pinfo,
                   const starts_t *starts)
{
  observe_frame(observation, pinfo);
  observe_hellos(observation, pinfo, &starts->handshake);
  if (starts->has_connect)
    observation->facts |= SEEN_CONNECT;
  if (observe_has_request(pinfo, conversation))
    observation->facts |= SEEN_REQUEST;
  observe_http_host(observation, pinfo, conversation, starts);
  return observation->facts != 0;
}

void observe_segment(observation_t *observation, tcp_connection_t *connection, const conversation_t *conversation,
                     tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, const starts_t *starts)
{
  const tunnel_facts_t *facts = facts_of(pinfo, conversation);

  observe_frame(observation, pinfo);
  bool brings_facts = tcp_observe(observation, connection, conversation, tvb, pinfo);
  if (facts != NULL)
    observe_tunnel_counts(observation, facts);
  if (!brings_facts && has_parts_of_messages(tree))
    observation->facts |= SEEN_UNREADABLE;
  if (!brings_facts)
    return;
  bool is_found = facts != NULL && facts->middle_frame != 0;
  bool is_up = is_found || (facts != NULL && facts->response_frame != 0);
  /* Once the tunnel is up, TLS and HTTP in a frame with inner packets are what somebody does inside it. */
  if (!is_up || facts->last_packet_frame != pinfo->num)
    observe_tls(observation, connection, pinfo, tree, &starts->handshake);
  if (!connection->has_client_hello && !is_found && (facts == NULL || facts->request_frame == 0))
    observe_proxy(observation, connection, pinfo, tree, conversation, starts);
  if (facts != NULL)
    observe_tunnel(observation, facts);
  /* Of the frame that begins to be followed, the types of TLS records are not known yet. */
  if ((observation->facts & SEEN_REQUEST) && proto_is_frame_protocol(pinfo->layers, "tls"))
    observation->facts |= SEEN_APPLICATION_DATA;
}

bool observe_name_lookup(observation_t *observation, tvbuff_t *tvb, packet_info *pinfo)
{
  dns_message_t message;

  if (!dns_is_port_of(pinfo) || observe_is_icmp(pinfo) || !dns_read(&message, tvb, pinfo) ||
      (message.type != DNS_TYPE_A && message.type != DNS_TYPE_AAAA))
    return false;
  observe_frame(observation, pinfo);
  observation->facts |= message.is_response ? SEEN_NAME_RESPONSE : SEEN_NAME_QUERY;
  observation->from_client = !message.is_response; /* a client's port may be 53, too */
  observation->name = wmem_strdup(pinfo->pool, message.name);
  observation->name_type = message.type;
  observation->name_code = message.code;
  observation->name_id = message.id;
  observation->name_answer_truncated = message.is_truncated;
  if (observation->cut_to != 0)
    observation->unread[sender_of(observation)] = UNREAD_CUT;
  memcpy(observation->addresses, message.addresses, sizeof(message.addresses));
  observation->address_count = message.address_count;
  return true;
}

/* Whether what quotes a segment is an error message that ends a connection attempt; header is the start of the ICMP
 * message. */
static bool ends_attempt(const uint8_t *header, bool is_icmpv6)
{
  if (is_icmpv6)
    return header[0] == ICMPV6_UNREACHABLE;
  return header[0] == ICMP_UNREACHABLE && header[1] != ICMP_FRAGMENTATION_NEEDED;
}

static ip_address_t address_in(const uint8_t *bytes, size_t length)
{
  ip_address_t copied = {.length = (uint8_t)length};

  memcpy(copied.bytes, bytes, length);
  return copied;
}

bool observe_is_icmp(const packet_info *pinfo)
{
  return proto_is_frame_protocol(pinfo->layers, "icmp") || proto_is_frame_protocol(pinfo->layers, "icmpv6");
}

bool observe_next_unreachable(tvbuff_t *tvb, packet_info *pinfo, size_t *at, ends_t *quoted)
{
  /* From the start of the ICMP message to the addresses in the quoted IP header: RFC 792, RFC 4443 section 3.1. */
  enum { ICMP_HEADER = 8, IPV4_ADDRESSES = ICMP_HEADER + 12, IPV6_ADDRESSES = ICMP_HEADER + 8, PORTS = 4 };
  bool is_icmpv6 = proto_is_frame_protocol(pinfo->layers, "icmpv6");
  size_t length = is_icmpv6 ? 16 : 4, before = is_icmpv6 ? IPV6_ADDRESSES : IPV4_ADDRESSES;
  size_t captured = MIN(tvb_captured_length(tvb), HEADERS_MAX);
  const uint8_t *data = tvb_get_ptr(tvb, 0, (int)captured);

  if (!observe_is_icmp(pinfo))
    return false;
  while (*at + before + 2 * length + PORTS <= captured) {
    const uint8_t *message = data + (*at)++;

    if (!ends_attempt(message, is_icmpv6))
      continue;
    *quoted = (ends_t){.client = address_in(message + before, length),
                       .server = address_in(message + before + length, length),
                       .client_port = uint16_in(message + before + 2 * length),
                       .server_port = uint16_in(message + before + 2 * length + 2)};
    return true;
  }
  return false;
}

void observe_unreachable(observation_t *observation, const packet_info *pinfo)
{
  observe_frame(observation, pinfo);
  observation->facts = SEEN_UNREACHABLE;
}
