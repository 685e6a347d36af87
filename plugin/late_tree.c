/* late_tree.c - has Wireshark build trees from the next frame on, in the midst of a pass
 *
 * Wireshark and tshark decide before the first frame of a pass whether trees are built, by whether a post-dissector
 * wants fields then; which fields, they ask before each frame. All frames of the pass are dissected in one
 * epan_dissect_t, whose tree is emptied between frames. So a post-dissector that comes to want fields later, gives it a
 * tree. In versions or programs where each frame has one of its own, nothing comes of it, and no field either.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "late_tree.h"

#include <stddef.h>

#include <epan/epan_dissect.h>

void late_tree_give(packet_info *pinfo)
{
  /* A post-dissector is only ever given the packet_info in here. */
  epan_dissect_t *running = (epan_dissect_t *)(void *)((char *)pinfo - offsetof(epan_dissect_t, pi));
  epan_dissect_t *donor;

  if (running->tree != NULL)
    return;
  donor = epan_dissect_new(running->session, TRUE, FALSE); /* the only way to a tree without a parent */
  running->tree = donor->tree;
  PTREE_DATA(running->tree)->pinfo = pinfo;
  donor->tree = NULL;
  epan_dissect_free(donor);
}
