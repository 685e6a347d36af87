/* side.h - the two sides of a connection, to index what is kept of each
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_CORE_SIDE_H
#define IPHTTPS_CORE_SIDE_H

typedef enum { SIDE_CLIENT, SIDE_SERVER, SIDES } side_t;

static inline side_t other_side(side_t side)
{
  return side == SIDE_CLIENT ? SIDE_SERVER : SIDE_CLIENT;
}

#endif
