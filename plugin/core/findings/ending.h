/* ending.h - how a handshake, or the wait for an answer to the tunnel request, ended
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_CORE_ENDING_H
#define IPHTTPS_CORE_ENDING_H

#include "findings/evidence.h"

/* The finding that the frame's fatal alert, FIN or RST amounts to; FINDING_COUNT if it ends nothing, or the capture
 * does not tell. given->ending is not looked at. */
finding_id_t classify_ending(const evidence_t *given);

#endif
