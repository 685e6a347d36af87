/* inner_streams.h - keeps TCP streams of different tunnels apart where they have the same addresses
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_INNER_STREAMS_H
#define IPHTTPS_INNER_STREAMS_H

#include <stddef.h>
#include <stdint.h>

#define INNER_STREAMS_PAIRS_MAX 65536 /* pairs of inner addresses of a capture; later ones are not kept apart */

/* Once each, at registration and from the hand-off routine. */
void inner_streams_register(void);
void inner_streams_reg_handoff(void);

/*
 * To be called around the dissection of an inner packet, of which `captured` bytes are at hand: if another tunnel had
 * its pair of addresses first, TCP sees addresses of this tunnel's own. They read and add up the same, but are not
 * equal. tunnel_number is not 0.
 */
void inner_streams_enter(uint32_t tunnel_number, const uint8_t *packet, size_t captured);
void inner_streams_leave(void);

#endif
