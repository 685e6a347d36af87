/* generated.h - items of the tree that stand for no bytes of the frame
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_GENERATED_H
#define IPHTTPS_GENERATED_H

#include <epan/proto.h>

static inline proto_item *add_uint(proto_tree *tree, tvbuff_t *tvb, int field, uint32_t value)
{
  proto_item *item = proto_tree_add_uint(tree, field, tvb, 0, 0, value);

  proto_item_set_generated(item);
  return item;
}

/* Adds nothing where there is no text. */
static inline proto_item *add_text(proto_tree *tree, tvbuff_t *tvb, int field, const char *text)
{
  proto_item *item = NULL;

  if (text != NULL) {
    item = proto_tree_add_string(tree, field, tvb, 0, 0, text);
    proto_item_set_generated(item);
  }
  return item;
}

#endif
