/* present_finding.h - what the user sees of a finding: its subtree, and the expert info
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_PRESENT_FINDING_H
#define IPHTTPS_PRESENT_FINDING_H

#include <epan/packet.h>

#include "core/session.h"

/* Registers the findings' fields and expert infos under the protocol. */
void present_finding_register(int proto);

/* Opens the findings' subtrees: those of the capture that is opened next. */
void present_finding_open_subtrees(void);

/* Adds a finding to the tree of the frame that it stands on, its expert info included. */
void present_finding(const session_t *session, const session_finding_t *finding, tvbuff_t *tvb, packet_info *pinfo,
                     proto_tree *tree);

/* Adds the expert info alone; item may be NULL. */
void present_finding_expert(const session_t *session, const session_finding_t *finding, packet_info *pinfo,
                            proto_item *item);

/* Adds what heads the session or, if there is no such finding, what is open. */
void present_leading_finding(const session_t *session, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree);

#endif
