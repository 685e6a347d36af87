/* track.c - which session a frame belongs to: conversations, what may be skipped, first pass and later passes
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "track.h"

#include <epan/conversation.h>
#include <epan/proto_data.h>

#include "core/capture.h"
#include "core/mark_set.h"
#include "core/tagging.h"
#include "observe.h"
#include "segment.h"
#include "tcp.h"
#include "tcp_analysis.h"
#include "tunnel/claim.h"
#include "tunnel/notes.h"

/* A TCP connection that is followed. Lives in file scope with its conversation; written on the first pass only. */
typedef struct {
  session_t *followed; /* tagged, or a candidate; NULL while nothing says that it is ours */
  union {
    tcp_connection_t *connection; /* while it is followed */
    session_brief_t brief;        /* of its handshake while it is not */
  };
} tracked_connection_t;

/* Of the capture that is open; written on the first pass only. */
static struct {
  capture_t *capture;         /* owned */
  const contents_t *contents; /* of the TCP segment at hand */
  bool has_tracked;           /* any connection, so far */
  bool has_followed;          /* the same of those that are followed */
  mark_set_t followed_ends;   /* of the connections that are followed: tcp_mark_of_ends() */
} track;

static const capture_settings_t *settings;
static int proto;

void track_register(int proto_iphttps, const capture_settings_t *given)
{
  proto = proto_iphttps;
  settings = given;
}

void track_init(void)
{
  tcp_init();
  track.capture = capture_new(settings);
  track.followed_ends = (mark_set_t){0};
  track.has_tracked = track.has_followed = false;
}

void track_cleanup(void)
{
  capture_free(track.capture);
  track.capture = NULL;
}

static bool has_sessions(void)
{
  return capture_sessions(track.capture)->len > 0;
}

/* The frame's sender taken for the client. */
static ends_t ends_of(const packet_info *pinfo)
{
  return (ends_t){.client = observe_address(&pinfo->src),
                  .server = observe_address(&pinfo->dst),
                  .client_port = (uint16_t)pinfo->srcport,
                  .server_port = (uint16_t)pinfo->destport};
}

/* Whether one end of a connection nobody follows yet may be a known endpoint. */
static bool may_have_known_end(const packet_info *pinfo)
{
  return capture_may_know(track.capture, pinfo->dst.data, (size_t)pinfo->dst.len, pinfo->destport) ||
         capture_may_know(track.capture, pinfo->src.data, (size_t)pinfo->src.len, pinfo->srcport);
}

static bool has_known_end(const packet_info *pinfo)
{
  ends_t ends, reversed;

  if (!may_have_known_end(pinfo))
    return false;
  ends = ends_of(pinfo);
  reversed = (ends_t){.server = ends.client, .server_port = ends.client_port};
  return capture_knows(track.capture, &ends) || capture_knows(track.capture, &reversed);
}

bool track_expects_tls(const packet_info *pinfo, const conversation_t *conversation)
{
  if (settings->endpoint_count == 0 || conversation == NULL || conversation->setup_frame != pinfo->num)
    return false;
  ends_t ends = ends_of(pinfo);
  return tagging_row_may_mean(settings, &ends.server, ends.server_port) ||
         tagging_row_may_mean(settings, &ends.client, ends.client_port);
}

static bool is_sent_by_client(const packet_info *pinfo, const session_t *session)
{
  ip_address_t sender = observe_address(&pinfo->src);

  return session->client_port == pinfo->srcport && ip_address_equal(&session->client, &sender);
}

/* NULL without a conversation, or if there is none. */
static tracked_connection_t *tracked_of(const conversation_t *conversation)
{
  return track.has_tracked && conversation != NULL ? conversation_get_proto_data(conversation, proto) : NULL;
}

/* The connection that Wireshark has taken for another one by now. */
static tracked_connection_t *tracked_before(const packet_info *pinfo, const conversation_t *conversation)
{
  tracked_connection_t *repeated = tracked_of(tcp_conversation_repeated(pinfo, conversation));

  return repeated != NULL ? repeated : tracked_of(tcp_conversation_continued(pinfo, conversation));
}

static tracked_connection_t *begin(packet_info *pinfo, conversation_t *conversation)
{
  tracked_connection_t *tracked;
  observation_t first;
  session_t *session;
  ends_t ends;

  tracked = track.has_tracked ? tracked_before(pinfo, conversation) : NULL;
  if (tracked != NULL) {
    conversation_add_proto_data(conversation, proto, tracked);
    return tracked;
  }
  if (!observe_start(&first, conversation, pinfo, track.contents) && !capture_asks_revocation(track.capture, &first) &&
      !may_have_known_end(pinfo))
    return NULL;
  ends = ends_of(pinfo);
  session = capture_begin(track.capture, &ends, &first);
  if (session == NULL && first.facts == 0)
    return NULL;
  tracked = wmem_new0(wmem_file_scope(), tracked_connection_t);
  tracked->followed = session;
  if (session != NULL)
    tracked->connection = tcp_connection_start(conversation, is_sent_by_client(pinfo, session));
  else
    tracked->brief = capture_brief(track.capture, &first);
  conversation_add_proto_data(conversation, proto, tracked);
  track.has_tracked = true;
  return tracked;
}

/* A handshake that was not tagged shows its tunnel request after all. */
static void revive(tracked_connection_t *tracked, const packet_info *pinfo, const conversation_t *conversation)
{
  ends_t ends = ends_of(pinfo);
  bool has_handshake = tracked->brief.client_hello_frame != 0;

  tracked->followed = capture_recall(track.capture, &ends, &tracked->brief);
  if (tracked->followed != NULL)
    tracked->connection = tcp_connection_resume(conversation, has_handshake, tracked->brief.cipher_suite);
}

static void note_missing_bytes(const observation_t *observation, conversation_t *conversation)
{
  for (side_t side = 0; side < SIDES; side++)
    if (observation->unread[side] != 0)
      tunnel_note_missing_bytes(conversation, side);
}

static bool track_segment(tvbuff_t *tvb, packet_info *pinfo, conversation_t *conversation)
{
  tracked_connection_t *tracked;
  observation_t observation;

  if (conversation == NULL)
    return false;
  tracked = tracked_of(conversation);
  if (tracked == NULL)
    tracked = begin(pinfo, conversation);
  if (tracked == NULL)
    return false;
  if (tracked->followed == NULL && observe_has_request(pinfo, conversation))
    revive(tracked, pinfo, conversation);
  if (tracked->followed == NULL) {
    observe_brief(&tracked->brief, pinfo, track.contents);
    return true;
  }
  observe_segment(&observation, tracked->connection, conversation, tvb, pinfo, track.contents);
  note_missing_bytes(&observation, conversation);
  if (capture_feed(track.capture, tracked->followed, &observation)) {
    mark_set_add(&track.followed_ends, tcp_mark_of_ends(pinfo));
    track.has_followed = true;
    return true;
  }
  tracked->followed = NULL;
  wmem_free(wmem_file_scope(), tracked->connection);
  tracked->brief = capture_brief(track.capture, &observation);
  return true;
}

static bool track_unreachable(packet_info *pinfo)
{
  ends_t quoted;
  observation_t observation;
  session_t *session = NULL;

  if (!capture_is_connecting(track.capture))
    return false;
  for (GSList *source = pinfo->data_src; session == NULL && source != NULL; source = source->next)
    for (size_t at = 0;
         session == NULL && observe_next_unreachable(get_data_source_tvb(source->data), pinfo, &at, &quoted);)
      session = capture_unreachable(track.capture, &quoted);
  if (session == NULL)
    return false;
  observe_unreachable(&observation, pinfo);
  capture_feed(track.capture, session, &observation);
  if (session->tagged_by != TAG_NONE) /* others may be freed before the frame is shown again */
    p_add_proto_data(wmem_file_scope(), pinfo, proto, 0, session);
  return true;
}

static void track_name_lookup(tvbuff_t *tvb, packet_info *pinfo)
{
  observation_t observation;
  ip_address_t client;
  session_t *session;

  if (!capture_knows_names(track.capture) || !observe_name_lookup(&observation, tvb, pinfo))
    return;
  client = observe_address(observation.from_client ? &pinfo->src : &pinfo->dst);
  session = capture_lookup(track.capture, &client, &observation);
  if (session != NULL)
    p_add_proto_data(wmem_file_scope(), pinfo, proto, 0, session);
}

void track_frame(tvbuff_t *tvb, packet_info *pinfo, conversation_t *conversation)
{
  DISSECTOR_ASSERT(!PINFO_FD_VISITED(pinfo));
  if (!track_segment(tvb, pinfo, conversation) && !track_unreachable(pinfo))
    track_name_lookup(tvb, pinfo);
}

/* Whether the frame may be of a session that is followed, or of an endpoint that is known. */
static bool may_be_known(const packet_info *pinfo)
{
  if (!track.has_followed && settings->endpoint_count == 0)
    return false;
  return mark_set_may_have(&track.followed_ends, tcp_mark_of_ends(pinfo)) || has_known_end(pinfo) ||
         (capture_is_connecting(track.capture) && observe_is_icmp(pinfo));
}

static bool is_syn(tvbuff_t *tvb, const packet_info *pinfo)
{
  segment_t segment;

  return segment_read(&segment, tvb, pinfo) && (segment.flags & SEGMENT_SYN);
}

/* Of a connection that begins with its SYN on TLS' own ports, and is nobody's who is known, the hello will tell. */
static frame_concern_t concern_of_beginning(tvbuff_t *tvb, const packet_info *pinfo)
{
  if (may_have_known_end(pinfo))
    return FRAME_MAY_MATTER;
  if (!tunnel_watches_content(pinfo) && is_syn(tvb, pinfo))
    return FRAME_IS_NOBODYS;
  return track.has_tracked ? FRAME_MAY_MATTER : FRAME_BEGINS_CONNECTION; /* it may repeat one that is tracked */
}

static frame_concern_t concern_at_first(tvbuff_t *tvb, packet_info *pinfo)
{
  if (pinfo->ptype != PT_TCP)
    return FRAME_MAY_MATTER;
  track.contents = contents_read(tvb, pinfo);
  if (observe_tells_of_sessions(pinfo, track.contents) ||
      (track.contents->has_request && capture_may_ask_revocation(track.capture)) || may_be_known(pinfo))
    return FRAME_MAY_MATTER;
  return tcp_begins_connection() ? concern_of_beginning(tvb, pinfo) : FRAME_IS_NOBODYS;
}

frame_concern_t track_concern_of(tvbuff_t *tvb, packet_info *pinfo)
{
  if (!PINFO_FD_VISITED(pinfo))
    return concern_at_first(tvb, pinfo);
  return has_sessions() && (mark_set_may_have(&track.followed_ends, tcp_mark_of_ends(pinfo)) ||
                            p_get_proto_data(wmem_file_scope(), pinfo, proto, 0) != NULL)
             ? FRAME_MAY_MATTER
             : FRAME_IS_NOBODYS;
}

static const session_t *session_of_frame(packet_info *pinfo, const conversation_t *conversation)
{
  const tracked_connection_t *tracked = tracked_of(conversation);

  if (tracked != NULL)
    return tracked->followed;
  return p_get_proto_data(wmem_file_scope(), pinfo, proto, 0);
}

bool track_is_behind_connect(const conversation_t *conversation)
{
  const tracked_connection_t *tracked = tracked_of(conversation);

  return tracked != NULL && tracked->followed != NULL && tracked->followed->connect_host != NULL &&
         tracked->followed->client_hello_frame == 0;
}

const session_t *track_session_of(packet_info *pinfo, const conversation_t *conversation)
{
  const session_t *session;

  if (!has_sessions())
    return NULL;
  session = session_of_frame(pinfo, conversation);
  if (session == NULL || session->tagged_by == TAG_NONE)
    return NULL;
  if (PINFO_FD_VISITED(pinfo))
    return session->withdrawn_frame == 0 ? session : NULL;
  return session->withdrawn_frame == 0 || pinfo->num < session->withdrawn_frame ? session : NULL;
}
