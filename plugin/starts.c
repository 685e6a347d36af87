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

static int proto_tcp = -1, proto_tls = -1, proto_http = -1;

void starts_reg_handoff(void)
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
  }
  return segment->payload.length > 0;
}

static bool begins_with(byte_span_t bytes, const char *text)
{
  return bytes.length >= strlen(text) && memcmp(bytes.data, text, strlen(text)) == 0;
}

/* Methods are in capitals. */
static void read_http(starts_t *starts, byte_span_t bytes)
{
  if (bytes.length == 0 || !g_ascii_isupper(bytes.data[0]) || begins_with(bytes, "HTTP/"))
    return;
  starts->has_request = true;
  starts->has_connect = starts->has_connect || begins_with(bytes, "CONNECT ");
}

static void read_bytes(starts_t *starts, layers_t layers, byte_span_t bytes)
{
  if (layers.http)
    read_http(starts, bytes);
  if (layers.tls)
    tls_handshake_read_records(&starts->handshake, bytes);
}

starts_t starts_read(tvbuff_t *tvb, packet_info *pinfo, bool with_handshake)
{
  layers_t layers = layers_of(pinfo);
  starts_t starts = {0};
  segment_t segment;

  layers.tls = layers.tls && with_handshake;
  if (!layers.tls && !layers.http)
    return starts;
  if (read_payload(&segment, tvb, pinfo))
    read_bytes(&starts, layers, segment.payload);
  for (GSList *source = pinfo->data_src; source != NULL; source = source->next) {
    tvbuff_t *made = get_data_source_tvb(source->data);

    if (made == tvb)
      continue;
    read_bytes(&starts, layers, span_of(made));
    if (layers.tls)
      tls_handshake_read_messages(&starts.handshake, span_of(made));
  }
  return starts;
}
