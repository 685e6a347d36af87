/* observe.c - reads one dissected frame into a plain observation
 *
 * No field of another dissector is asked for: what TLS, http and dns have dissected is read from the bytes by
 * contents.c and dns.c, what the segment brings is counted by tcp.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "observe.h"

#include <string.h>

#include <epan/charsets.h>
#include <epan/proto.h>

#include "compat.h"
#include "core/ip_header.h"
#include "core/tls_alert.h"
#include "dns.h"
#include "tcp_analysis.h"
#include "tunnel/notes.h"
#include "tvb_bytes.h"

enum { HTTP_PROXY_LOGIN = 407 }; /* RFC 9110 section 15.5.8 */
enum { ICMP_UNREACHABLE = 3, ICMP_FRAGMENTATION_NEEDED = 4, ICMPV6_UNREACHABLE = 1 };

void observe_reg_handoff(void)
{
  tcp_reg_handoff();
  contents_reg_handoff();
}

const void *observe_cipher_suite_names(void)
{
  header_field_info *suites = proto_registrar_get_byname("tls.handshake.ciphersuite");

  return suites != NULL && (suites->display & BASE_EXT_STRING) ? suites->strings : NULL;
}

ip_address_t observe_address(const address *given)
{
  bool is_ip = (given->type == AT_IPv4 && given->len == 4) || (given->type == AT_IPv6 && given->len == 16);

  return is_ip ? ip_address_of(given->data, (size_t)given->len) : (ip_address_t){0};
}

/* A longer name than hosts can have is none. */
static const char *host_name(const char *name)
{
  return name != NULL && strlen(name) <= ENDPOINT_NAME_MAX ? name : NULL;
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

bool observe_tells_of_sessions(packet_info *pinfo, const contents_t *contents)
{
  return contents->tls.facts != 0 || contents->has_connect || contents->has_post || tunnel_has_part_in(pinfo) ||
         dns_is_port_of(pinfo);
}

void observe_brief(session_brief_t *brief, const packet_info *pinfo, const contents_t *contents)
{
  const tls_handshake_t *handshake = &contents->tls;

  if (brief->server_hello_frame == 0 && (handshake->facts & SEEN_SERVER_HELLO)) {
    brief->server_hello_frame = pinfo->num;
    brief->cipher_suite = server_hello_suite(handshake->server_hello);
  }
  if (brief->certificate_frame == 0 && (handshake->facts & SEEN_CERTIFICATE))
    brief->certificate_frame = pinfo->num;
}

static void observe_certificates(observation_t *observation, const packet_info *pinfo, const contents_t *contents)
{
  observation->certificate_count =
      contents_certificates(contents, pinfo, observation->certificates, OBSERVATION_CERTIFICATES_MAX);
  observation->certificate_is_hidden =
      observation->certificate_count == 0 && certificate_message_hides(contents->tls.certificate);
}

static void observe_authorities(observation_t *observation, packet_info *pinfo, byte_span_t request)
{
  byte_span_t *authorities = wmem_alloc_array(pinfo->pool, byte_span_t, OBSERVATION_AUTHORITIES_MAX);

  observation->authority_count = certificate_request_read(request, authorities, OBSERVATION_AUTHORITIES_MAX);
  observation->authorities = authorities;
}

static void observe_alert(observation_t *observation, const tls_handshake_t *handshake)
{
  observation->facts |= handshake->record_facts & SEEN_ALERT;
  observation->alert_level = handshake->alert_level;
  observation->alert = handshake->alert;
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

/* In TLS 1.3 all that is encrypted looks like application data, and its content tells what it is. What the client sends
 * before the server has answered its Hello is data of a session resumed (RFC 8446 section 2.3). */
static void observe_encrypted(observation_t *observation, tcp_connection_t *connection, const packet_info *pinfo,
                              const tls_handshake_t *handshake)
{
  bool *in_handshake = &connection->in_handshake[sender_of(observation)];
  contents_decrypted_t decrypted = contents_decrypted(pinfo);
  bool is_early = observation->from_client && observation->bytes[SIDE_SERVER] == 0;

  if (handshake->data_records > decrypted.records)
    observation->facts |= SEEN_UNREADABLE;
  if (observation->facts & (SEEN_FINISHED | SEEN_UNREADABLE)) /* of a handshake that is not read nothing is awaited */
    *in_handshake = false;
  if ((decrypted.has_data && !*in_handshake) || is_early)
    observation->facts |= SEEN_APPLICATION_DATA;
}

static void observe_records(observation_t *observation, tcp_connection_t *connection, const packet_info *pinfo,
                            const tls_handshake_t *handshake)
{
  observation->facts |= handshake->record_facts & SEEN_CHANGE_CIPHER_SPEC;
  if (handshake->messages == 0)
    observation->facts |= handshake->record_facts & SEEN_UNREADABLE;
  if (handshake->data_records > 0 && connection->is_tls13)
    observe_encrypted(observation, connection, pinfo, handshake);
  else if (handshake->data_records > 0)
    observation->facts |= SEEN_APPLICATION_DATA;
}

static void observe_tls(observation_t *observation, tcp_connection_t *connection, packet_info *pinfo,
                        const contents_t *contents)
{
  const tls_handshake_t *handshake = &contents->tls;

  observe_hellos(observation, pinfo, handshake);
  if (observation->from_client && (handshake->facts & SEEN_CLIENT_HELLO))
    observation->facts |= SEEN_HELLO_BYTES;
  if (observation->facts & SEEN_SERVER_HELLO)
    tcp_note_server_hello(connection, server_hello_is_tls13(handshake->server_hello));
  if (observation->facts & SEEN_CERTIFICATE)
    observe_certificates(observation, pinfo, contents);
  if (observation->facts & SEEN_CERTIFICATE_REQUEST)
    observe_authorities(observation, pinfo, handshake->certificate_request);
  observe_records(observation, connection, pinfo, handshake);
  if (observation->facts & SEEN_APPLICATION_DATA)
    tcp_note_application_data(connection, observation);
  observe_alert(observation, handshake);
  if ((observation->facts & SEEN_CLIENT_HELLO) && observation->from_client && !connection->has_client_hello)
    tcp_note_client_hello(connection, observation);
  if (observation->facts & SEEN_SERVER_HELLO)
    tcp_note_start(connection, observation);
}

/* The target of a CONNECT (RFC 9110 section 9.3.6). */
static void observe_connect(observation_t *observation, tcp_connection_t *connection, packet_info *pinfo,
                            const conversation_t *conversation)
{
  const char *target = contents_request_uri(conversation);
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
  const char *host = host_name(contents_request_host(conversation));

  return host != NULL ? wmem_strdup(pinfo->pool, host) : NULL;
}

/* Whom a request other than a CONNECT asks. */
static void observe_http_host(observation_t *observation, packet_info *pinfo, const conversation_t *conversation,
                              const contents_t *contents)
{
  if (contents->has_request && !contents->has_connect)
    observation->http_host = latest_host(pinfo, conversation);
}

static void observe_proxy(observation_t *observation, tcp_connection_t *connection, packet_info *pinfo,
                          const conversation_t *conversation, const contents_t *contents)
{
  uint16_t status = contents_status(contents, conversation, pinfo);

  if (observation->from_client && contents->has_connect)
    observe_connect(observation, connection, pinfo, conversation);
  else if (observation->from_client)
    observe_http_host(observation, pinfo, conversation, contents);
  if (!observation->from_client && status >= HTTP_FIRST_FINAL_STATUS) {
    observation->facts |= SEEN_PROXY_ANSWER;
    observation->http_status = status;
    /* Windows logs in as the computer where it may (RFC 4559). */
    observation->proxy_offers_login = status == HTTP_PROXY_LOGIN && contents_answer_head(contents).offers_login;
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
  observation->http_is_interim = facts->interim_frame == observation->frame;
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
  observation->time_ns = nanoseconds_of(pinfo->abs_ts.secs, pinfo->abs_ts.nsecs);
}

bool observe_start(observation_t *observation, const conversation_t *conversation, packet_info *pinfo,
                   const contents_t *contents)
{
  observe_frame(observation, pinfo);
  observe_hellos(observation, pinfo, &contents->tls);
  if (contents->has_connect)
    observation->facts |= SEEN_CONNECT;
  if (observe_has_request(pinfo, conversation))
    observation->facts |= SEEN_REQUEST;
  observe_http_host(observation, pinfo, conversation, contents);
  return observation->facts != 0;
}

void observe_segment(observation_t *observation, tcp_connection_t *connection, const conversation_t *conversation,
                     tvbuff_t *tvb, packet_info *pinfo, const contents_t *contents)
{
  const tunnel_facts_t *facts = facts_of(pinfo, conversation);

  observe_frame(observation, pinfo);
  bool brings_facts = tcp_observe(observation, connection, conversation, tvb, pinfo);
  if (facts != NULL)
    observe_tunnel_counts(observation, facts);
  if (!brings_facts && contents->tls.has_part)
    observation->facts |= SEEN_UNREADABLE;
  if (!brings_facts)
    return;
  bool is_found = facts != NULL && facts->middle_frame != 0;
  bool is_up = is_found || (facts != NULL && facts->response_frame != 0);
  /* Once the tunnel is up, TLS and HTTP in a frame with inner packets are what somebody does inside it. */
  if (!is_up || facts->last_packet_frame != pinfo->num)
    observe_tls(observation, connection, pinfo, contents);
  if (!connection->has_client_hello && !is_found && (facts == NULL || facts->request_frame == 0))
    observe_proxy(observation, connection, pinfo, conversation, contents);
  if (facts != NULL)
    observe_tunnel(observation, facts);
}

bool observe_name_lookup(observation_t *observation, tvbuff_t *tvb, packet_info *pinfo)
{
  dns_message_t message;
  bool is_cut;

  if (!dns_is_port_of(pinfo) || observe_is_icmp(pinfo) || !dns_read(&message, &is_cut, tvb, pinfo) ||
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
  if (is_cut)
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

bool observe_is_icmp(const packet_info *pinfo)
{
  return proto_is_frame_protocol(pinfo->layers, "icmp") || proto_is_frame_protocol(pinfo->layers, "icmpv6");
}

bool observe_next_unreachable(tvbuff_t *tvb, packet_info *pinfo, size_t *at, ends_t *quoted)
{
  enum { ICMP_HEADER = 8 }; /* RFC 792, RFC 4443 section 3.1 */
  bool is_icmpv6 = proto_is_frame_protocol(pinfo->layers, "icmpv6");
  byte_span_t bytes = bytes_of(tvb);
  size_t searched = MIN(bytes.length, SEGMENT_HEADERS_MAX);

  if (!observe_is_icmp(pinfo))
    return false;
  while (*at + ICMP_HEADER < searched) {
    size_t message = (*at)++, packet = message + ICMP_HEADER;

    if (ends_attempt(bytes.data + message, is_icmpv6) && ip_ends_read(quoted, bytes.data + packet, searched - packet))
      return true;
  }
  return false;
}

void observe_unreachable(observation_t *observation, const packet_info *pinfo)
{
  observe_frame(observation, pinfo);
  observation->facts = SEEN_UNREACHABLE;
}
