/* late_tree.h - has Wireshark build trees from the next frame on, in the midst of a pass
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_LATE_TREE_H
#define IPHTTPS_LATE_TREE_H

#include <epan/packet.h>

/* Gives the dissection that a post-dissector is called from a tree, should it have none: it is filled from the next
 * frame on. */
void late_tree_give(packet_info *pinfo);

#endif
