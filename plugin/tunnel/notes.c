/* notes.c - what is known of the conversations that carry, or may carry, a tunnel
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tunnel/notes.h"

#include <epan/dissectors/packet-tcp.h>
#include <epan/to_str.h>

#include "compat.h"
#include "core/ip_address.h"
#include "core/observation.h"
#include "core/text.h"
#include "tcp_analysis.h"

#define FACT_CHARACTERS_MAX 256 /* of a URI, host or server name that is kept */
#define OUT_OF_STEP_MAX 8       /* runs of foreign bytes that are put down to segments missing from the capture */

enum { ROUTER_SOLICITATION = 133, ROUTER_ADVERTISEMENT = 134 }; /* RFC 4861 sections 4.1 and 4.2 */

static int proto_http = -1;
static uint32_t noted_frame;                /* the latest that belongs to a tunnel, or may; first pass only */
static tunnel_conversation_t *noted_tunnel; /* its first */
static wmem_map_t *tunnels;                 /* conversation_t -> tunnel_conversation_t */
static wmem_map_t *known_endpoints;         /* conversations of known endpoints, as a set */
static wmem_map_t *known_clients;           /* the ends of those with a CONNECT: client_of(), as a set */

static void forget_frame(void)
{
  noted_frame = 0;
}

void tunnel_notes_register(void)
{
  tunnels = wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), g_direct_hash, g_direct_equal);
  known_endpoints = wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), g_direct_hash, g_direct_equal);
  known_clients = wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), g_str_hash, g_str_equal);
  register_init_routine(forget_frame);
}

void tunnel_notes_reg_handoff(void)
{
  proto_http = proto_get_id_by_filter_name("http");
}

tunnel_conversation_t *tunnel_notes_found(const conversation_t *conversation)
{
  return wmem_map_lookup(tunnels, conversation);
}

const tunnel_facts_t *tunnel_facts_of(const conversation_t *conversation)
{
  const tunnel_conversation_t *found = tunnel_notes_found(conversation);
  return found != NULL ? &found->facts : NULL;
}

tunnel_conversation_t *tunnel_notes_of_conversation(const conversation_t *conversation)
{
  tunnel_conversation_t *found = tunnel_notes_found(conversation);
  if (found == NULL) {
    found = wmem_new0(wmem_file_scope(), tunnel_conversation_t);
    found->number = conversation->conv_index + 1;
    found->has_known_endpoint = tunnel_has_known_endpoint(conversation);
    wmem_map_insert(tunnels, conversation, found);
  }
  return found;
}

const conversation_t *tunnel_behind_connect(const packet_info *pinfo, const conversation_t *outer)
{
  const http_conv_t *http = conversation_get_proto_data(outer, proto_http);
  const char *target = http != NULL ? http_latest_request_uri(http) : NULL;
  uint16_t port = target != NULL ? port_of_authority(target) : 0;
  bool from_proxy = http != NULL && pinfo->srcport == http->server_port;
  if (port == 0)
    return NULL;
  return find_conversation(pinfo->num, &pinfo->src, &pinfo->dst, CONVERSATION_TCP, from_proxy ? port : pinfo->srcport,
                           from_proxy ? pinfo->destport : port, 0);
}

/* What stays the same behind a CONNECT, where http dissects under another port of the proxy's, and in 4.6 under another
 * address. */
static char *client_of(wmem_allocator_t *scope, const packet_info *pinfo, bool is_sender)
{
  char *source = address_to_str(scope, &pinfo->net_src), *destination = address_to_str(scope, &pinfo->net_dst);
  return is_sender ? wmem_strdup_printf(scope, "%s %u %s", source, pinfo->srcport, destination)
                   : wmem_strdup_printf(scope, "%s %u %s", destination, pinfo->destport, source);
}

static bool has_known_client(const packet_info *pinfo)
{
  return wmem_map_size(known_clients) > 0 && (wmem_map_contains(known_clients, client_of(pinfo->pool, pinfo, true)) ||
                                              wmem_map_contains(known_clients, client_of(pinfo->pool, pinfo, false)));
}

static void note_known_client(const packet_info *pinfo, const conversation_t *conversation)
{
  const http_conv_t *http = conversation_get_proto_data(conversation, proto_http);
  const char *target = http != NULL ? http_latest_request_uri(http) : NULL;
  if (target == NULL || port_of_authority(target) == 0)
    return;
  char *client = client_of(wmem_file_scope(), pinfo, pinfo->srcport != http->server_port);
  wmem_map_insert(known_clients, client, client);
}

void tunnel_note_known_endpoint(const packet_info *pinfo, const conversation_t *conversation)
{
  if (tunnel_facts_of(conversation) == NULL)
    note_known_client(pinfo, conversation);
  if (tunnel_has_known_endpoint(conversation))
    return;
  tunnel_conversation_t *tunnel = tunnel_notes_found(conversation);
  wmem_map_insert(known_endpoints, conversation, (void *)conversation);
  if (tunnel != NULL)
    tunnel->has_known_endpoint = true;
}

bool tunnel_has_known_endpoint(const conversation_t *conversation)
{
  return wmem_map_contains(known_endpoints, conversation);
}

tunnel_conversation_t *tunnel_notes_of(packet_info *pinfo)
{
  const conversation_t *found = tcp_conversation_of(pinfo);
  tunnel_conversation_t *tunnel =
      tunnel_notes_of_conversation(found != NULL ? found : find_or_create_conversation(pinfo));
  if (PINFO_FD_VISITED(pinfo))
    return tunnel;
  if (!tunnel->has_known_endpoint)
    tunnel->has_known_endpoint = has_known_client(pinfo);
  if (noted_frame != pinfo->num) {
    noted_frame = pinfo->num;
    noted_tunnel = tunnel;
  }
  return tunnel;
}

bool tunnel_has_part_in(const packet_info *pinfo)
{
  return noted_frame == pinfo->num;
}

void tunnel_note_outer_conversation(const packet_info *pinfo, const conversation_t *conversation)
{
  if (PINFO_FD_VISITED(pinfo) || !tunnel_has_part_in(pinfo) || noted_tunnel->outer != NULL)
    return;
  noted_tunnel->outer = conversation;
  if (tunnel_facts_of(conversation) == NULL)
    wmem_map_insert(tunnels, conversation, noted_tunnel);
}

/* Who sent the frame; where no head has told who the client is, the server has the port that led to the dissector. */
static side_t sender_of_frame(const tunnel_conversation_t *tunnel, const packet_info *pinfo)
{
  if (!tunnel->client_known)
    return pinfo->match_uint == pinfo->srcport ? SIDE_SERVER : SIDE_CLIENT;
  bool is_client = tunnel->client_port == pinfo->srcport && addresses_equal(&tunnel->client_address, &pinfo->src);
  return is_client ? SIDE_CLIENT : SIDE_SERVER;
}

static void note_client(tunnel_conversation_t *tunnel, const address *client, uint32_t port)
{
  if (tunnel->client_known)
    return;
  tunnel->client_known = true;
  tunnel->client_port = port;
  copy_address_wmem(wmem_file_scope(), &tunnel->client_address, client);
}

/* Replaces a text among the facts by one made of bytes from the wire. */
static void note_text(const char **fact, byte_span_t bytes)
{
  wmem_free(wmem_file_scope(), (void *)*fact);
  *fact = NULL;
  if (bytes.data == NULL)
    return;
  char *printable = text_printable(bytes.data, bytes.length, FACT_CHARACTERS_MAX);
  *fact = wmem_strdup(wmem_file_scope(), printable);
  g_free(printable);
}

/* A new request starts the exchange anew: its predecessor may have been refused for want of credentials. */
static void note_request(tunnel_conversation_t *tunnel, const packet_info *pinfo, const tunnel_head_t *head)
{
  tunnel_facts_t *facts = &tunnel->facts;
  note_client(tunnel, &pinfo->src, pinfo->srcport);
  facts->request_frame = pinfo->num;
  note_text(&facts->request_uri, head->uri);
  note_text(&facts->request_host, head->host);
  note_text(&facts->request_length, head->length);
  facts->request_is_chunked = head->is_chunked;
  facts->request_is_cut = head->is_cut;
  facts->response_frame = 0;
  facts->response_status = 0;
  note_text(&facts->response_server, (byte_span_t){NULL, 0});
}

static void note_answer(tunnel_conversation_t *tunnel, const packet_info *pinfo, const tunnel_head_t *head)
{
  tunnel_facts_t *facts = &tunnel->facts;
  if (head->status != 0 && !head->is_final)
    facts->interim_frame = pinfo->num;
  if (!head->is_final || facts->response_frame != 0)
    return;
  note_client(tunnel, &pinfo->dst, pinfo->destport);
  facts->response_frame = pinfo->num;
  facts->response_status = head->status;
  facts->response_is_finite = head->followed_by_body;
  facts->response_is_chunked = head->is_chunked;
  facts->response_is_cut = head->is_cut;
  note_text(&facts->response_length, head->length);
  note_text(&facts->response_server, head->server);
}

void tunnel_note_head(tunnel_conversation_t *tunnel, const packet_info *pinfo, const tunnel_head_t *head)
{
  if (PINFO_FD_VISITED(pinfo))
    return;
  if (!head->is_request)
    note_answer(tunnel, pinfo, head);
  else if (head->opens_tunnel || (head->may_open_tunnel && tunnel->has_known_endpoint))
    note_request(tunnel, pinfo, head);
}

void tunnel_note_packet(tunnel_conversation_t *tunnel, const packet_info *pinfo, const uint8_t *packet, size_t captured)
{
  if (PINFO_FD_VISITED(pinfo))
    return;
  side_t sender = sender_of_frame(tunnel, pinfo);
  tunnel_facts_t *facts = &tunnel->facts;
  int icmpv6_type = tunnel_packet_icmpv6_type(packet, captured);
  facts->last_packet_frame = pinfo->num;
  tunnel->out_of_step[sender] = 0;
  facts->packets[sender]++;
  ipsec_note(&facts->ipsec, &(ipsec_packet_t){.from_client = sender == SIDE_CLIENT,
                                              .frame = pinfo->num,
                                              .time_ns = nanoseconds_of(pinfo->abs_ts.secs, pinfo->abs_ts.nsecs),
                                              .data = packet,
                                              .captured = captured});
  if (sender == SIDE_CLIENT)
    facts->router_solicitations += icmpv6_type == ROUTER_SOLICITATION;
  else
    facts->router_advertisements += icmpv6_type == ROUTER_ADVERTISEMENT;
}

void tunnel_note_middle(tunnel_conversation_t *tunnel, const packet_info *pinfo, side_t sender)
{
  bool from_client = sender == SIDE_CLIENT;
  if (PINFO_FD_VISITED(pinfo))
    return;
  note_client(tunnel, from_client ? &pinfo->src : &pinfo->dst, from_client ? pinfo->srcport : pinfo->destport);
  tunnel->facts.middle_frame = pinfo->num;
}

static bool is_open(const tunnel_facts_t *facts)
{
  return facts->response_status == HTTP_OK || facts->packets[SIDE_CLIENT] > 0 || facts->packets[SIDE_SERVER] > 0;
}

/* What comes in chunks (RFC 9112 section 7.1) is IPv6 between them, as far as anybody knows. */
static bool comes_in_chunks(const tunnel_facts_t *facts, side_t sender)
{
  return sender == SIDE_CLIENT ? facts->request_is_chunked : facts->response_is_chunked;
}

void tunnel_note_foreign(tunnel_conversation_t *tunnel, const packet_info *pinfo)
{
  side_t sender = sender_of_frame(tunnel, pinfo);
  if (PINFO_FD_VISITED(pinfo) || comes_in_chunks(&tunnel->facts, sender) ||
      (tunnel->has_gap[sender] && ++tunnel->out_of_step[sender] <= OUT_OF_STEP_MAX))
    return;
  if (is_open(&tunnel->facts) && tunnel->facts.malformed_frame == 0)
    tunnel->facts.malformed_frame = pinfo->num;
}

void tunnel_note_gap(tunnel_conversation_t *tunnel, const packet_info *pinfo)
{
  if (!PINFO_FD_VISITED(pinfo))
    tunnel->has_gap[sender_of_frame(tunnel, pinfo)] = true;
}

void tunnel_note_lost_segments(tunnel_conversation_t *tunnel, const packet_info *pinfo)
{
  if (tunnel->outer == NULL)
    return;
  const struct tcp_analysis *tcp = tcp_analysis_of(tunnel->outer);
  if (tcp != NULL && tcp->ta != NULL && (tcp->ta->flags & (TCP_ANALYSIS_LOST_SEGMENT | TCP_ANALYSIS_OUT_OF_ORDER)))
    tunnel_note_gap(tunnel, pinfo);
}

void tunnel_note_missing_bytes(const conversation_t *outer, side_t sender)
{
  tunnel_conversation_t *tunnel = tunnel_notes_found(outer);
  if (tunnel != NULL)
    tunnel->has_gap[sender] = true;
}

void tunnel_note_other_content(tunnel_conversation_t *tunnel, const packet_info *pinfo)
{
  tunnel_facts_t *facts = &tunnel->facts;
  if (!PINFO_FD_VISITED(pinfo) && !is_open(facts) && facts->request_frame == 0 && facts->other_content_frame == 0)
    facts->other_content_frame = pinfo->num;
}
