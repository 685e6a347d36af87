/* packet-iphttps.c - protocol registration and the post-dissector
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "packet-iphttps.h"

#include <epan/packet.h>

#include "observe.h"
#include "preferences.h"
#include "present.h"
#include "report.h"
#include "segments.h"
#include "stats.h"
#include "tcp_analysis.h"
#include "track.h"
#include "tunnel/claim.h"
#include "tunnel/packet-iphttps-tunnel.h"

static int proto_iphttps = -1;
static dissector_handle_t iphttps_handle; /* of what a frame shows */

static void begin_capture(void)
{
  preferences_read();
  track_init();
}

static void end_capture(void)
{
  track_cleanup();
  preferences_forget();
}

/* A copy of a proxy's answer, taken for a second one, would hide all that comes behind it: until the Client Hello tells
 * whether the session is ours, each byte is dissected once there, too. */
static void watch_candidate(const packet_info *pinfo, conversation_t *conversation)
{
  if (PINFO_FD_VISITED(pinfo) || conversation == NULL)
    return;
  if (track_is_behind_connect(conversation))
    segments_follow(pinfo, conversation);
  else if (segments_give_once(conversation))
    segments_leave(pinfo, conversation);
}

/* Shows the session that a frame belongs to; whoever else calls us by name has none. */
static int dissect_iphttps(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *session)
{
  if (session == NULL)
    return 0;
  present_frame(session, tvb, pinfo, tree, preferences_current()->annotate_info);
  stats_tap(pinfo, session);
  return (int)tvb_captured_length(tvb);
}

static int follow_frame(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
  frame_concern_t concern = track_concern_of(tvb, pinfo);
  conversation_t *conversation;
  const session_t *session;

  if (concern == FRAME_IS_NOBODYS)
    return 0;
  conversation = tcp_conversation_of(pinfo);
  if (!PINFO_FD_VISITED(pinfo))
    tunnel_watch(pinfo, conversation, track_expects_tls(pinfo, conversation));
  if (concern == FRAME_BEGINS_CONNECTION)
    return 0;
  if (!PINFO_FD_VISITED(pinfo))
    track_frame(tvb, pinfo, conversation);
  session = track_session_of(pinfo, conversation);
  if (session == NULL) {
    watch_candidate(pinfo, conversation);
    return 0;
  }
  if (!PINFO_FD_VISITED(pinfo)) {
    tunnel_expect(pinfo, conversation, session_has_known_endpoint(session));
    segments_follow(pinfo, conversation);
  }
  return call_dissector_only(iphttps_handle, tvb, pinfo, tree, (void *)session);
}

/* The post-dissector. It has a look at each frame, of which most are nobody's: see register_post_dissector(). */
static int look_at_frame(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
  int shown = follow_frame(tvb, pinfo, tree);

  tcp_end_frame(pinfo);
  return shown;
}

/* Before it calls a protocol's dissector, Wireshark adds the protocol to the layers of the frame, and removes it when
 * there was nothing of it: for a frame that is nobody's, that would take most of our time. What has a protocol's name
 * only is called without that; it is on where its parent is, and no dialog lists it. */
static void register_post_dissector(void)
{
  int proto_frame = proto_register_protocol_in_name_only("IP-HTTPS in a frame", "IP-HTTPS in a frame", "_ws.iphttps",
                                                         proto_iphttps, FT_PROTOCOL);

  register_postdissector(create_dissector_handle(look_at_frame, proto_frame));
}

void proto_register_iphttps(void)
{
  const preferences_t *preferences = preferences_current();

  proto_iphttps = proto_register_protocol("Microsoft DirectAccess IP-HTTPS", "IP-HTTPS", "iphttps");
  iphttps_handle = register_dissector("iphttps", dissect_iphttps, proto_iphttps);
  preferences_register(proto_iphttps);
  present_register(proto_iphttps, observe_cipher_suite_names());
  track_register(proto_iphttps, &preferences->capture);
  tunnel_register(proto_iphttps, &preferences->dissect_tunnel);
  segments_register();
  stats_register();
  srt_register(proto_iphttps);
  report_register();
  register_init_routine(begin_capture);
  register_cleanup_routine(end_capture);
  register_post_dissector();
}

void proto_reg_handoff_iphttps(void)
{
  observe_reg_handoff();
  tunnel_reg_handoff();
}
