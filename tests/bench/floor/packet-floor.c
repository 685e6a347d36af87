/* packet-floor.c - the least a post-dissector can cost: it wants one field and does nothing
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <epan/packet.h>
#include <epan/proto.h>
#include <wireshark.h>

#define PLUGIN_DESCRIPTION_DISSECTOR 1u

WS_DLL_PUBLIC_DEF const char plugin_version[] = "0";
WS_DLL_PUBLIC_DEF const int plugin_want_major = WIRESHARK_VERSION_MAJOR;
WS_DLL_PUBLIC_DEF const int plugin_want_minor = WIRESHARK_VERSION_MINOR;

WS_DLL_PUBLIC void plugin_register(void);
WS_DLL_PUBLIC uint32_t plugin_describe(void);

static dissector_handle_t handle;

static int dissect_nothing(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
  (void)tvb;
  (void)pinfo;
  (void)tree;
  (void)data;
  return 0;
}

static void register_floor(void)
{
  int proto = proto_register_protocol("Floor of post-dissectors", "Floor", "floor");

  handle = create_dissector_handle(dissect_nothing, proto);
  register_postdissector(handle);
}

static void want_one_field(void)
{
  int wanted = proto_registrar_get_id_byname("tls.handshake.type");
  GArray *fields = g_array_new(FALSE, FALSE, sizeof(int));

  g_array_append_val(fields, wanted);
  set_postdissector_wanted_hfids(handle, fields);
}

void plugin_register(void)
{
  static proto_plugin plugin = {.register_protoinfo = register_floor, .register_handoff = want_one_field};

  proto_register_plugin(&plugin);
}

uint32_t plugin_describe(void)
{
  return PLUGIN_DESCRIPTION_DISSECTOR;
}
