/* plugin.c - the symbols Wireshark looks up in the module
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
/* On Windows: what this file marks as public is exported. All other files import. */
#define WS_BUILD_DLL
#include <wireshark.h>

#include <epan/epan.h>
#include <epan/proto.h>
#include <gmodule.h>

#include "compat.h"
#include "packet-iphttps.h"

WS_DLL_PUBLIC_DEF const char plugin_version[] = PLUGIN_VERSION;
WS_DLL_PUBLIC_DEF const int plugin_want_major = WIRESHARK_VERSION_MAJOR;
WS_DLL_PUBLIC_DEF const int plugin_want_minor = WIRESHARK_VERSION_MINOR;

WS_DLL_PUBLIC void plugin_register(void);
WS_DLL_PUBLIC uint32_t plugin_describe(void);

void plugin_register(void)
{
  static proto_plugin iphttps;

  iphttps.register_protoinfo = proto_register_iphttps;
  iphttps.register_handoff = proto_reg_handoff_iphttps;
  proto_register_plugin(&iphttps);
}

uint32_t plugin_describe(void)
{
  return PLUGIN_KIND_DISSECTOR;
}
