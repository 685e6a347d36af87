/* suspects.h - what failed in a capture and may have been DirectAccess, had anything told its server
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_SUSPECTS_H
#define IPHTTPS_SUSPECTS_H

#include <epan/packet.h>
#include <epan/tap.h>

#include "core/summary.h"

/* A tap listener of all frames: name lookups that fail, connections to port 443 that are refused or not answered. */
typedef struct suspects suspects_t;

/* Listens until suspects_free(). */
suspects_t *suspects_new(void);
void suspects_free(suspects_t *suspects);

/* What was met so far, the most frequent first: an array of suspect_t, to be freed with g_array_free(). */
GArray *suspects_list(const suspects_t *suspects);

#endif
