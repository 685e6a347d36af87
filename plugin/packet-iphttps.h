/* packet-iphttps.h - the protocol's registration
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_PACKET_IPHTTPS_H
#define IPHTTPS_PACKET_IPHTTPS_H

/* Registers the protocol, its preferences and everything that hangs on it; called once by Wireshark. */
void proto_register_iphttps(void);

/* Binds it to the other dissectors; called by Wireshark when they are all registered. */
void proto_reg_handoff_iphttps(void);

#endif
