/* middle.c - finds a tunnel in TLS whose handshake the capture lacks, and dissects it
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * With a NULL suite the packets lie open in the records, each followed by the record's MAC. TLS shows such records as
 * encrypted, since nothing has told it of the suite; it goes on to do so, and what is in them is shown below.
 */
#include "tunnel/middle.h"

#include <epan/dissectors/packet-tcp.h>

#include "core/sequence.h"
#include "core/stream.h"
#include "core/tls_record.h"
#include "tcp_analysis.h"
#include "tunnel/inner_dissection.h"
#include "tunnel/notes.h"

/*
 * Records in a row, of each side, that have to hold packets to the byte. One does so by chance less often than once in
 * 2^28 (see tunnel_record_mac()): two of each side, less often than once in 2^112. At a known endpoint one will do.
 */
#define FITTING_RECORDS_MIN 2
#define MISFITS_MAX 256 /* records of a conversation that are looked at in vain */

enum { TLS_1_0_MINOR = 1, TLS_1_2_MINOR = 3 };
enum { RECORD_LENGTH_MAX = (1 << 14) + (1 << 11) }; /* RFC 5246 section 6.2.3 */

/* A conversation that is looked at. Lives in file scope; changes on the first pass only. */
typedef struct {
  bool is_known_endpoint;
  unsigned fitting[SIDES]; /* the latest records in a row */
  sequence_t seen[SIDES];  /* copies of frames tell nothing more */
  unsigned misfits;
  uint32_t found_frame; /* from here on it is a tunnel; 0 while it is not */
  uint32_t read_frame;  /* from here on TLS reads it by itself: another handshake has come; 0 while it cannot */
} middle_t;

/* A record that is there as a whole. */
typedef struct {
  unsigned content; /* offset */
  unsigned length;
  bool is_application_data;
} record_t;

static wmem_map_t *conversations; /* conversation_t -> middle_t */
static dissector_handle_t middle_handle;
static dissector_handle_t tls_handle;
static dissector_handle_t content_handle;

/* The record at *at, which moves behind it; false if there is none. */
static bool next_record(tvbuff_t *tvb, unsigned *at, record_t *record)
{
  if (tvb_captured_length_remaining(tvb, (int)*at) < TLS_RECORD_HEADER)
    return false;
  const uint8_t *header = tvb_get_ptr(tvb, (int)*at, TLS_RECORD_HEADER);
  unsigned length = tls_record_content_length(header);
  if (header[0] < TLS_RECORD_CHANGE_CIPHER_SPEC || header[0] > TLS_RECORD_HEARTBEAT || header[1] != TLS_MAJOR_VERSION ||
      header[2] < TLS_1_0_MINOR || header[2] > TLS_1_2_MINOR || length > RECORD_LENGTH_MAX ||
      !tvb_bytes_exist(tvb, (int)*at + TLS_RECORD_HEADER, (int)length))
    return false;
  *record = (record_t){.content = *at + TLS_RECORD_HEADER,
                       .length = length,
                       .is_application_data = header[0] == TLS_RECORD_APPLICATION_DATA};
  *at = record->content + length;
  return true;
}

static size_t mac_of(tvbuff_t *tvb, const record_t *record)
{
  if (!record->is_application_data || record->length == 0)
    return 0;
  return tunnel_record_mac(tvb_get_ptr(tvb, (int)record->content, (int)record->length), record->length);
}

/* Of two ends of which nothing else is known the server has the lower port. */
static side_t side_of_sender(const packet_info *pinfo)
{
  return pinfo->srcport < pinfo->destport ? SIDE_SERVER : SIDE_CLIENT;
}

/* Where nothing is known of the endpoint, the client's frame is the one to begin a session with. */
static bool is_tunnel(const middle_t *middle, side_t sender)
{
  if (middle->is_known_endpoint)
    return middle->fitting[sender] > 0;
  return sender == SIDE_CLIENT && middle->fitting[SIDE_CLIENT] >= FITTING_RECORDS_MIN &&
         middle->fitting[SIDE_SERVER] >= FITTING_RECORDS_MIN;
}

static void look_at_records(middle_t *middle, tvbuff_t *tvb, const packet_info *pinfo, uint32_t sequence)
{
  side_t sender = side_of_sender(pinfo);
  sequence_range_t range = {sequence, sequence + tvb_reported_length(tvb)};
  record_t record;

  if (sequence_first_new(&middle->seen[sender], range) == range.to)
    return;
  sequence_take(&middle->seen[sender], range);

  for (unsigned at = 0; next_record(tvb, &at, &record);) {
    if (!record.is_application_data)
      continue;
    bool fits = mac_of(tvb, &record) > 0;
    middle->fitting[sender] = fits ? middle->fitting[sender] + 1 : 0;
    middle->misfits += !fits;
  }
  if (is_tunnel(middle, sender))
    middle->found_frame = pinfo->num;
}

static bool is_read_by_tls(const middle_t *middle, const packet_info *pinfo)
{
  return middle->read_frame != 0 && pinfo->num >= middle->read_frame;
}

static void dissect_records(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
  uint16_t can_desegment = pinfo->can_desegment;
  record_t record;

  pinfo->can_desegment = 0;
  for (unsigned at = 0; next_record(tvb, &at, &record);) {
    size_t mac = mac_of(tvb, &record);
    if (mac > 0)
      call_dissector(content_handle, tvb_new_subset_length(tvb, (int)record.content, (int)(record.length - mac)), pinfo,
                     tree);
  }
  pinfo->can_desegment = can_desegment;
}

/* What of a record TLS waits for it will have been given when it is there as a whole. */
static int dissect_tunnel_in_tls(middle_t *middle, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
  bool had_part = tunnel_has_part_in(pinfo);
  pinfo->can_desegment = pinfo->saved_can_desegment;
  int dissected = call_dissector_only(tls_handle, tvb, pinfo, tree, data);
  if (!PINFO_FD_VISITED(pinfo) && !had_part && tunnel_has_part_in(pinfo))
    middle->read_frame = pinfo->num;
  if (is_read_by_tls(middle, pinfo))
    return dissected;
  int desegment_offset = pinfo->desegment_offset;
  uint32_t desegment_len = pinfo->desegment_len;
  dissect_records(tvb, pinfo, tree);
  pinfo->desegment_offset = desegment_offset;
  pinfo->desegment_len = desegment_len;
  return dissected;
}

/* As long as nothing is found, TCP goes on as if we had not been asked. */
static int dissect_middle(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
  const struct tcpinfo *info = data;
  conversation_t *conversation = tcp_conversation_of(pinfo);
  middle_t *middle = wmem_map_lookup(conversations, conversation);

  if (middle == NULL || info == NULL || inner_dissection_is_running())
    return 0;
  if (!PINFO_FD_VISITED(pinfo) && middle->found_frame == 0) {
    bool is_readable = tunnel_facts_of(conversation) != NULL; /* the handshake was captured after all */
    if (!is_readable)
      look_at_records(middle, tvb, pinfo, info->seq);
    if (is_readable || (middle->misfits > MISFITS_MAX && middle->found_frame == 0))
      conversation_set_dissector_from_frame_number(conversation, pinfo->num + 1, NULL);
    if (middle->found_frame == pinfo->num)
      tunnel_note_middle(tunnel_notes_of(pinfo), pinfo, side_of_sender(pinfo));
  }
  if (middle->found_frame == 0 || pinfo->num < middle->found_frame)
    return 0;
  return dissect_tunnel_in_tls(middle, tvb, pinfo, tree, data);
}

static bool began_before_capture(const conversation_t *conversation)
{
  const struct tcp_analysis *tcp = tcp_analysis_of(conversation);

  return tcp != NULL && !(tcp->conversation_completeness & (COMPLETENESS_SYN | COMPLETENESS_SYN_ACK));
}

void tunnel_watch_middle(const packet_info *pinfo, conversation_t *conversation, bool is_known_endpoint)
{
  middle_t *middle = wmem_map_lookup(conversations, conversation);

  if (middle == NULL) {
    if (!began_before_capture(conversation) || tunnel_facts_of(conversation) != NULL)
      return;
    middle = wmem_new0(wmem_file_scope(), middle_t);
    wmem_map_insert(conversations, conversation, middle);
    conversation_set_dissector_from_frame_number(conversation, pinfo->num + 1, middle_handle);
  }
  middle->is_known_endpoint = middle->is_known_endpoint || is_known_endpoint;
}

void tunnel_middle_register(void)
{
  conversations = wmem_map_new_autoreset(wmem_epan_scope(), wmem_file_scope(), g_direct_hash, g_direct_equal);
  middle_handle = register_dissector("iphttps_tunnel_middle", dissect_middle, -1);
}

void tunnel_middle_reg_handoff(dissector_handle_t tunnel_handle)
{
  content_handle = tunnel_handle;
  tls_handle = find_dissector("tls");
}
