/* inner_dissection.h - calls dissectors for what a tunnel carries, and leaves the frame around it undisturbed
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_INNER_DISSECTION_H
#define IPHTTPS_INNER_DISSECTION_H

#include <stdbool.h>

#include <epan/packet.h>

#define INNER_INFO_PACKETS_MAX 3 /* packets of a frame that the Info column tells of one by one */
#define INNER_LAYERS_MAX 64      /* of a frame's protocol stack that are kept; Wireshark takes 500 for a bug */

/* Tells once, at registration, the protocol under which frames carry the state of their inner dissections. */
void inner_dissection_register(int proto_iphttps);

/* Whether an inner packet is being dissected. */
bool inner_dissection_is_running(void);

/* Drops what goes beyond INNER_LAYERS_MAX: a frame may hold hundreds of records and packets, each with layers of its
 * own. */
void inner_dissection_trim_layers(packet_info *pinfo);

/*
 * Has an inner packet dissected by handle below tree. Addresses, ports and whatever else of the frame's state
 * dissectors write are what they were, however it ends; an exception but for one that ends the frame ends here. Info
 * tells of the frame's first packets and counts the others.
 */
void inner_dissect_packet(dissector_handle_t handle, uint32_t tunnel_number, tvbuff_t *tvb, packet_info *pinfo,
                          proto_tree *tree);

/* The same for a message of the exchange that opens the tunnel; it keeps its place in Info whatever follows. */
void inner_dissect_message(dissector_handle_t handle, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree);

#endif
