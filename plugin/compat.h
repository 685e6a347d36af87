/* compat.h - every difference between the supported versions of Wireshark, as questions with names
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_COMPAT_H
#define IPHTTPS_COMPAT_H

#include <wireshark.h>

#include <epan/conversation.h>
#include <epan/dissectors/packet-http.h>
#include <epan/dissectors/packet-tls.h>
#include <epan/packet.h>
#include <epan/proto.h>
#include <epan/stats_tree.h>
#include <epan/unit_strings.h>

#define WIRESHARK_AT_LEAST(major, minor)                                                                               \
  (WIRESHARK_VERSION_MAJOR > (major) || (WIRESHARK_VERSION_MAJOR == (major) && WIRESHARK_VERSION_MINOR >= (minor)))

#if WIRESHARK_AT_LEAST(4, 6)
#include <wsutil/value_string.h>
#else
#include <epan/value_string.h>
#endif

/* The type of a boolean preference's variable, and of what heuristic dissectors and the callbacks of a UAT return. */
#if WIRESHARK_AT_LEAST(4, 4)
typedef bool wireshark_bool;
#else
typedef gboolean wireshark_bool;
#endif

/* What a stat_tap_ui's init callback returns: nothing, or whether it succeeded. */
#if WIRESHARK_AT_LEAST(4, 6)
typedef bool stat_tap_init_result;
#define STAT_TAP_INIT_DONE true
#else
typedef void stat_tap_init_result;
#define STAT_TAP_INIT_DONE
#endif

/* What Analyze > Conversation Filter asks of a packet; later versions hand over data of the caller's own. */
#if WIRESHARK_AT_LEAST(4, 2)
#define CONVERSATION_FILTER_ARGUMENTS packet_info *pinfo, void *data _U_
#define register_packet_conversation_filter(proto_name, display_name, is_valid, build)                                 \
  register_conversation_filter(proto_name, display_name, is_valid, build, NULL)
#else
#define CONVERSATION_FILTER_ARGUMENTS packet_info *pinfo
#define register_packet_conversation_filter register_conversation_filter
#endif

/* What plugin_describe() answers; 4.0 does not ask. */
#if WIRESHARK_AT_LEAST(4, 4)
#include <wsutil/plugins.h>
#define PLUGIN_KIND_DISSECTOR WS_PLUGIN_DESC_DISSECTOR
#else
#define PLUGIN_KIND_DISSECTOR 1u
#endif

/* Separates submenus in the path of a stats tree. */
#ifdef STATS_TREE_MENU_SEPARATOR
#define MENU_SEPARATOR STATS_TREE_MENU_SEPARATOR
#else
#define MENU_SEPARATOR "/"
#endif

/* The URI of the latest HTTP request of the conversation, NULL if there was none. First pass only. */
static inline const char *http_latest_request_uri(const http_conv_t *http)
{
#if WIRESHARK_AT_LEAST(4, 2)
  return http->req_res_tail != NULL ? http->req_res_tail->request_uri : NULL;
#else
  return http->request_uri;
#endif
}

/* Its Host, likewise. */
static inline const char *http_latest_request_host(const http_conv_t *http)
{
#if WIRESHARK_AT_LEAST(4, 2)
  return http->req_res_tail != NULL ? http->req_res_tail->http_host : NULL;
#else
  return http->http_host;
#endif
}

/* The status of the latest answer, likewise. */
static inline unsigned http_latest_status(const http_conv_t *http)
{
#if WIRESHARK_AT_LEAST(4, 2)
  return http->req_res_tail != NULL ? http->req_res_tail->response_code : 0;
#else
  return http->response_code;
#endif
}

/* The conversation in which TCP has a segment, NULL for none: with conversations deinterlaced (4.4 and later), that of
 * its interface or VLAN. */
static inline conversation_t *tcp_conversation_find(const packet_info *pinfo)
{
#if WIRESHARK_AT_LEAST(4, 6)
  return find_conversation_strat(pinfo, CONVERSATION_TCP, 0, false);
#elif WIRESHARK_AT_LEAST(4, 4)
  return find_conversation_strat(pinfo, CONVERSATION_TCP, 0);
#else
  return find_conversation(pinfo->num, &pinfo->src, &pinfo->dst, CONVERSATION_TCP, pinfo->srcport, pinfo->destport, 0);
#endif
}

/* Whether a buffer that a dissector has made goes by this name. */
static inline bool data_source_is_named(const struct data_source *source, const char *name)
{
#if WIRESHARK_AT_LEAST(4, 6)
  char *description = get_data_source_description(source);
#else
  char *description = get_data_source_name(source);
#endif
  bool is_named = g_str_has_prefix(description, name);

  wmem_free(NULL, description);
  return is_named;
}

/* Wireshark's packet-tls-utils.h, which declares it, needs the headers of libgcrypt. */
extern void tls_set_appdata_dissector(dissector_handle_t tls_handle, packet_info *pinfo, dissector_handle_t app_handle);

/*
 * Has the further records of a TLS session given to handle. data is what TLS handed to the caller, where it was TLS
 * that called; with conversations deinterlaced (4.4 and later), it alone leads to the session.
 */
static inline void tls_set_session_dissector(packet_info *pinfo, void *data, dissector_handle_t handle)
{
#if WIRESHARK_AT_LEAST(4, 2)
  if (data != NULL) {
    *((struct tlsinfo *)data)->app_handle = handle;
    return;
  }
#else
  (void)data;
#endif
  tls_set_appdata_dissector(find_dissector("tls"), pinfo, handle);
}

/* By what the GUI follows a packet's stream, and dissectors of errors find the protocol they tell of. */
typedef struct {
  uint32_t id;
  uint32_t type;
} stream_tracking_t;

static inline stream_tracking_t packet_stream_tracking(const packet_info *pinfo)
{
#if WIRESHARK_AT_LEAST(4, 6)
  return (stream_tracking_t){.id = pinfo->stream_id, .type = pinfo->track_ctype};
#elif WIRESHARK_AT_LEAST(4, 4)
  return (stream_tracking_t){.id = pinfo->stream_id};
#else
  (void)pinfo;
  return (stream_tracking_t){0};
#endif
}

static inline void packet_set_stream_tracking(packet_info *pinfo, stream_tracking_t tracking)
{
#if WIRESHARK_AT_LEAST(4, 4)
  pinfo->stream_id = tracking.id;
#endif
#if WIRESHARK_AT_LEAST(4, 6)
  pinfo->track_ctype = tracking.type;
#endif
  (void)pinfo;
  (void)tracking;
}

static inline fvalue_t *field_value(field_info *field)
{
#if WIRESHARK_AT_LEAST(4, 2)
  return field->value;
#else
  return &field->value;
#endif
}

/* Of Wireshark's sequence_analysis.h, which is not installed: the flows of Statistics > Flow Graph. What a flow's tap
 * gets as its data is known to Wireshark alone. */
struct register_analysis;
extern void register_seq_analysis(const char *name, const char *title, const int proto, const char *tap,
                                  unsigned tap_flags, tap_packet_cb packet);
extern struct register_analysis *sequence_analysis_find_by_name(const char *name);
extern tap_packet_cb sequence_analysis_get_packet_func(struct register_analysis *analysis);

#endif
