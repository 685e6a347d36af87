/* contents.c - what TLS and http have dissected in a frame, read from its bytes
 *
 * A field that is asked for has Wireshark build a tree of every frame, which slows it by a fifth and has some
 * dissectors write other columns. So none is asked for. What is looked at instead is what TLS and http have dissected:
 * it stands at the start of the segment's payload, behind what was put together with earlier segments, or in one of the
 * buffers that dissectors have made of it, which are all listed as the frame's data sources.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "contents.h"

#include <string.h>

#include "compat.h"
#include "core/proxy_protocol.h"
#include "segment.h"
#include "segments.h"
#include "tcp_analysis.h"
#include "tvb_bytes.h"

static int proto_tcp = -1, proto_tls = -1, proto_http = -1;

void contents_reg_handoff(void)
{
  proto_tcp = proto_get_id_by_filter_name("tcp");
  proto_tls = proto_get_id_by_filter_name("tls");
  proto_http = proto_get_id_by_filter_name("http");
}

typedef struct {
  bool tls, http;
} layers_t;

/* Who has dissected the segment: the layers of a frame are there without a tree, too. */
static layers_t layers_of(const packet_info *pinfo)
{
  wmem_list_frame_t *layer = wmem_list_tail(pinfo->layers);
  layers_t found = {0};

  for (int proto = 0; layer != NULL && proto != proto_tcp; layer = wmem_list_frame_prev(layer)) {
    proto = GPOINTER_TO_INT(wmem_list_frame_data(layer));
    found.tls = found.tls || proto == proto_tls;
    found.http = found.http || proto == proto_http;
  }
  return found;
}

/* Whether dissectors have made buffers of their own: of more than one segment, or by decryption. */
static bool has_further_sources(const packet_info *pinfo)
{
  return pinfo->data_src != NULL && pinfo->data_src->next != NULL;
}

/* How many of the segment's first bytes are not dissected where they stand: they belong to what was put together with
 * earlier segments, or were given before. */
static size_t bytes_before(const segment_t *segment, packet_info *pinfo)
{
  size_t continued =
      has_further_sources(pinfo) ? tcp_continued_bytes(tcp_conversation_of(pinfo), segment, pinfo->num) : 0;

  return continued + segments_kept_bytes(pinfo, segment->sequence + (uint32_t)continued);
}

static void pass_over(segment_t *segment, size_t count)
{
  segment->payload.data += count;
  segment->payload.length -= count;
  segment->length -= (uint32_t)count;
}

/* Has the payload begin where the segment itself is dissected, and behind what a load balancer has put before it; false
 * if the capture has none of it. */
static bool read_payload(segment_t *segment, tvbuff_t *tvb, packet_info *pinfo)
{
  if (!segment_read(segment, tvb, pinfo))
    return false;
  size_t before = bytes_before(segment, pinfo);

  if (before >= segment->payload.length)
    return false;
  pass_over(segment, before);
  if (proxy_protocol_may_begin(segment->payload))
    pass_over(segment, proxy_protocol_header(segment->payload));
  return true;
}

static bool begins_with(byte_span_t bytes, const char *text)
{
  return bytes.length >= strlen(text) && memcmp(bytes.data, text, strlen(text)) == 0;
}

/* Methods are in capitals. */
static void read_http(contents_t *contents, byte_span_t bytes, size_t reported)
{
  if (begins_with(bytes, "HTTP/")) {
    size_t interim = tunnel_interim_length(bytes.data, bytes.length);

    contents->answer = (byte_span_t){.data = bytes.data + interim, .length = bytes.length - interim};
    contents->answer_length = reported - interim;
  } else if (bytes.length > 0 && g_ascii_isupper(bytes.data[0])) {
    contents->has_request = true;
    contents->has_connect = contents->has_connect || begins_with(bytes, "CONNECT ");
    contents->has_post = contents->has_post || begins_with(bytes, "POST ");
  }
}

static void read_bytes(contents_t *contents, layers_t layers, byte_span_t bytes, size_t reported)
{
  if (layers.http)
    read_http(contents, bytes, reported);
  if (layers.tls)
    tls_handshake_read_records(&contents->tls, bytes, reported);
}

static void note_joined(tls_handshake_t *handshake, tvbuff_t *tvb, const packet_info *pinfo)
{
  for (GSList *source = pinfo->data_src; source != NULL; source = source->next)
    if (get_data_source_tvb(source->data) != tvb)
      tls_handshake_note_joined(handshake, bytes_of(get_data_source_tvb(source->data)));
}

/* Most segments hold neither, and are told that without a byte being written. */
const contents_t *contents_read(tvbuff_t *tvb, packet_info *pinfo)
{
  static const contents_t nothing;
  static contents_t contents;
  layers_t layers = layers_of(pinfo);
  segment_t segment;

  if (!layers.tls && !layers.http)
    return &nothing;
  contents = (contents_t){0};
  if (layers.tls)
    note_joined(&contents.tls, tvb, pinfo);
  if (read_payload(&segment, tvb, pinfo))
    read_bytes(&contents, layers, segment.payload, segment.length);
  for (GSList *source = pinfo->data_src; source != NULL; source = source->next) {
    tvbuff_t *made = get_data_source_tvb(source->data);

    if (made == tvb)
      continue;
    read_bytes(&contents, layers, bytes_of(made), tvb_reported_length(made));
    if (layers.tls)
      tls_handshake_read_content(&contents.tls, bytes_of(made));
  }
  return &contents;
}

contents_decrypted_t contents_decrypted(const packet_info *pinfo)
{
  contents_decrypted_t decrypted = {0};
  tls_handshake_t ignored = {0};

  note_joined(&ignored, NULL, pinfo);
  for (GSList *source = pinfo->data_src; source != NULL; source = source->next) {
    if (!data_source_is_named(source->data, "Decrypted TLS"))
      continue;
    decrypted.records++;
    if (tls_handshake_read_content(&ignored, bytes_of(get_data_source_tvb(source->data))) == TLS_CONTENT_OTHER)
      decrypted.has_data = true;
  }
  return decrypted;
}

size_t contents_certificates(const contents_t *contents, const packet_info *pinfo, byte_span_t *certificates,
                             size_t max)
{
  size_t count = certificate_message_read(contents->tls.certificate, certificates, max);

  if (!certificate_message_is_compressed(contents->tls.certificate))
    return count;
  for (GSList *source = pinfo->data_src; source != NULL && count == 0; source = source->next)
    if (data_source_is_named(source->data, "Uncompressed certificate(s)"))
      count = certificate_body_read(bytes_of(get_data_source_tvb(source->data)), certificates, max);
  return count;
}

static const http_conv_t *http_of(const conversation_t *conversation)
{
  return conversation_get_proto_data(conversation, proto_http);
}

const char *contents_request_uri(const conversation_t *conversation)
{
  const http_conv_t *http = http_of(conversation);

  return http != NULL ? http_latest_request_uri(http) : NULL;
}

const char *contents_request_host(const conversation_t *conversation)
{
  const http_conv_t *http = http_of(conversation);

  return http != NULL ? http_latest_request_host(http) : NULL;
}

tunnel_head_t contents_answer_head(const contents_t *contents)
{
  return tunnel_next_piece(contents->answer.data, contents->answer.length, contents->answer_length).head;
}

/* Of the answer that http has noted in this frame, 0 if it has noted none. */
static uint16_t noted_status(const conversation_t *conversation, const packet_info *pinfo)
{
  const http_conv_t *http = http_of(conversation);
  bool is_noted = http != NULL && http->req_res_tail != NULL && http->req_res_tail->res_framenum == pinfo->num;

  return is_noted ? (uint16_t)http_latest_status(http) : 0;
}

/* http notes an answer when it has read all of its head: of one that is cut there is nothing to wait for. */
uint16_t contents_status(const contents_t *contents, const conversation_t *conversation, const packet_info *pinfo)
{
  uint16_t status = contents->answer.data != NULL ? noted_status(conversation, pinfo) : 0;
  bool is_cut = contents->answer.length < contents->answer_length;

  return status < HTTP_FIRST_FINAL_STATUS && is_cut ? contents_answer_head(contents).status : status;
}
