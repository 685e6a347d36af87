/* compat.h - every difference between the supported versions of Wireshark, as questions with names
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_COMPAT_H
#define IPHTTPS_COMPAT_H

#include <wireshark.h>

#include <epan/dissectors/packet-http.h>
#include <epan/dissectors/packet-tls.h>
#include <epan/packet.h>
#include <epan/proto.h>
#include <epan/stats_tree.h>

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

#if !WIRESHARK_AT_LEAST(4, 4)
#define tvb_get_uint8 tvb_get_guint8
#endif

/* Separates submenus in the path of a stats tree. */
#ifdef STATS_TREE_MENU_SEPARATOR
#define MENU_SEPARATOR STATS_TREE_MENU_SEPARATOR
#else
#define MENU_SEPARATOR "/"
#endif

/* Where a heuristic dissector called by TLS stores the handle that is to get the session's further records. */
static inline dissector_handle_t *tls_app_handle(void *data)
{
#if WIRESHARK_AT_LEAST(4, 2)
  return ((struct tlsinfo *)data)->app_handle;
#else
  return (dissector_handle_t *)data;
#endif
}

/* The URI of the latest HTTP request of the conversation, NULL if there was none. First pass only. */
static inline const char *http_latest_request_uri(const http_conv_t *http)
{
#if WIRESHARK_AT_LEAST(4, 2)
  return http->req_res_tail != NULL ? http->req_res_tail->request_uri : NULL;
#else
  return http->request_uri;
#endif
}

static inline fvalue_t *field_value(field_info *field)
{
#if WIRESHARK_AT_LEAST(4, 2)
  return field->value;
#else
  return &field->value;
#endif
}

/* The bytes of a field of type FT_BYTES; they belong to the field. */
static inline const uint8_t *field_bytes(field_info *field, size_t *length)
{
#if WIRESHARK_AT_LEAST(4, 2)
  *length = fvalue_length2(field->value);
  return (const uint8_t *)fvalue_get_bytes_data(field->value);
#else
  *length = field->value.value.bytes->len;
  return field->value.value.bytes->data;
#endif
}

/* Whether fvalue_get_uinteger() can be asked for a value of this type. */
static inline bool field_type_is_uint32(enum ftenum type)
{
#ifdef FT_IS_UINT32
  return FT_IS_UINT32(type);
#else
  return IS_FT_UINT32(type);
#endif
}

static inline bool field_type_is_string(enum ftenum type)
{
#ifdef FT_IS_STRING
  return FT_IS_STRING(type);
#else
  return IS_FT_STRING(type);
#endif
}

/* Registers a stats tree of a plugin in a group of the Statistics menu. */
static inline void stats_tree_register_in_group(const char *tap, const char *abbreviation, const char *path,
                                                stat_tree_packet_cb packet, stat_tree_init_cb init,
                                                register_stat_group_t group)
{
#ifdef STATS_TREE_MENU_SEPARATOR
  stats_tree_set_group(stats_tree_register_plugin(tap, abbreviation, path, 0, packet, init, NULL), group);
#else
  stats_tree_register_with_group(tap, abbreviation, path, 0, packet, init, NULL, group);
#endif
}

#endif
