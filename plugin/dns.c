/* dns.c - the DNS message that a frame holds
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "dns.h"

#include "segment.h"
#include "tvb_bytes.h"

enum { DNS_PORT = 53 };
enum { LENGTH_SIZE = 2 }; /* before each message over TCP: RFC 1035 section 4.2.2 */

bool dns_is_port_of(const packet_info *pinfo)
{
  return pinfo->srcport == DNS_PORT || pinfo->destport == DNS_PORT;
}

/* What TCP has put together of this segment and earlier ones: a buffer made behind that which the segment stands in. */
static tvbuff_t *find_put_together(tvbuff_t *segment_tvb, const packet_info *pinfo)
{
  for (GSList *source = pinfo->data_src; source != NULL; source = source->next)
    if (get_data_source_tvb(source->data) == segment_tvb)
      return source->next != NULL ? get_data_source_tvb(source->next->data) : NULL;
  return NULL;
}

/* The first message over TCP. One that goes on in later segments is read in the last of them. */
static bool find_in_segment(byte_span_t *found, bool *is_cut, tvbuff_t *tvb, const packet_info *pinfo)
{
  segment_t segment;

  if (!segment_read(&segment, tvb, pinfo))
    return false;
  *is_cut = segment.payload.length < segment.length;
  tvbuff_t *made = find_put_together(segment.tvb, pinfo);
  byte_span_t stream = made != NULL ? bytes_of(made) : segment.payload;

  if (stream.length < LENGTH_SIZE)
    return false;
  size_t length = uint16_at(stream.data), left = stream.length - LENGTH_SIZE;

  if (length > left && !*is_cut)
    return false;
  *found = (byte_span_t){.data = stream.data + LENGTH_SIZE, .length = MIN(length, left)};
  return true;
}

static bool find_in_datagram(byte_span_t *found, bool *is_cut, tvbuff_t *tvb, const packet_info *pinfo)
{
  datagram_t datagram;

  if (!datagram_read(&datagram, tvb, pinfo))
    return false;
  *is_cut = datagram.payload.length < datagram.length;
  *found = datagram.payload;
  return true;
}

static bool find_message(byte_span_t *found, bool *is_cut, tvbuff_t *tvb, const packet_info *pinfo)
{
  if (pinfo->ptype == PT_TCP)
    return find_in_segment(found, is_cut, tvb, pinfo);
  return pinfo->ptype == PT_UDP && find_in_datagram(found, is_cut, tvb, pinfo);
}

bool dns_read(dns_message_t *message, bool *is_cut, tvbuff_t *tvb, const packet_info *pinfo)
{
  byte_span_t bytes;

  return proto_is_frame_protocol(pinfo->layers, "dns") && find_message(&bytes, is_cut, tvb, pinfo) &&
         dns_message_read(message, bytes);
}
