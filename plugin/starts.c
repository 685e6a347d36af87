/* starts.c - what may begin a session, read from a frame's bytes
 *
 * A field that is asked for has Wireshark build a tree of every frame, which slows it by a fifth and has some
 * dissectors write other columns. So nothing is asked for until something of DirectAccess is in a capture. What is
 * looked at for that is what TLS and http have dissected: it stands at the start of the segment's payload, behind what
 * was put together with earlier segments, or in one of the buffers that dissectors have made of it, which are all
 * listed as the frame's data sources.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "starts.h"

#include <string.h>

#include "segment.h"
#include "tcp.h"

static int proto_tls = -1, proto_http = -1;

void starts_reg_handoff(void)
{
  proto_tls = proto_get_id_by_filter_name("tls");
  proto_http = proto_get_id_by_filter_name("http");
}

/* The layers of a frame are there without a tree, too. */
static bool has_layer(const packet_info *pinfo, int proto)
{
  for (wmem_list_frame_t *layer = wmem_list_tail(pinfo->layers); layer != NULL; layer = wmem_list_frame_prev(layer))
    if (GPOINTER_TO_INT(wmem_list_frame_data(layer)) == proto)
      return true;
  return false;
}

static byte_span_t span_of(tvbuff_t *tvb)
{
  size_t captured = tvb_captured_length(tvb);

  return (byte_span_t){.data = captured > 0 ? tvb_get_ptr(tvb, 0, (int)captured) : NULL, .length = captured};
}

/* Whether dissectors have made buffers of their own: of more than one segment, or by decryption. */
static bool has_further_sources(const packet_info *pinfo)
{
  return pinfo->data_src != NULL && pinfo->data_src->next != NULL;
}

/* Has the payload begin where the segment itself is dissected; false if the capture has none of it. */
static bool read_payload(segment_t *segment, tvbuff_t *tvb, packet_info *pinfo)
{
  if (!segment_read(segment, tvb, pinfo))
    return false;
  if (has_further_sources(pinfo)) {
    size_t continued = tcp_continued_bytes(tcp_conversation_of(pinfo), segment);

    if (continued >= segment->payload.length)
      return false;
    segment->payload.data += continued;
    segment->payload.length -= continued;
    segment->length -= (uint32_t)continued;
  }
  return segment->payload.length > 0;
}

tls_handshake_t starts_handshake(tvbuff_t *tvb, packet_info *pinfo)
{
  tls_handshake_t handshake = {0};
  segment_t segment;

  if (!has_layer(pinfo, proto_tls))
    return handshake;
  if (read_payload(&segment, tvb, pinfo))
    tls_handshake_read_records(&handshake, segment.payload, segment.length);
  for (GSList *source = pinfo->data_src; source != NULL; source = source->next) {
    tvbuff_t *made = get_data_source_tvb(source->data);
    byte_span_t bytes;

    if (made == tvb)
      continue;
    bytes = span_of(made);
    tls_handshake_read_records(&handshake, bytes, tvb_reported_length(made));
    tls_handshake_read_messages(&handshake, bytes);
  }
  return handshake;
}

static bool begins_with(byte_span_t bytes, const char *text)
{
  return bytes.length >= strlen(text) && memcmp(bytes.data, text, strlen(text)) == 0;
}

static bool is_connect(byte_span_t bytes)
{
  return begins_with(bytes, "CONNECT ");
}

/* Methods are in capitals. */
static bool is_request(byte_span_t bytes)
{
  return bytes.length > 0 && g_ascii_isupper(bytes.data[0]) && !begins_with(bytes, "HTTP/");
}

static bool has_http_start(tvbuff_t *tvb, packet_info *pinfo, bool (*is_meant)(byte_span_t bytes))
{
  segment_t segment;

  if (!has_layer(pinfo, proto_http))
    return false;
  if (read_payload(&segment, tvb, pinfo) && is_meant(segment.payload))
    return true;
  for (GSList *source = pinfo->data_src; source != NULL; source = source->next)
    if (get_data_source_tvb(source->data) != tvb && is_meant(span_of(get_data_source_tvb(source->data))))
      return true;
  return false;
}

bool starts_has_request(tvbuff_t *tvb, packet_info *pinfo)
{
  return has_http_start(tvb, pinfo, is_request);
}

bool starts_has_connect(tvbuff_t *tvb, packet_info *pinfo)
{
  return has_http_start(tvb, pinfo, is_connect);
}
