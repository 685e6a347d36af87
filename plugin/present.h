/* present.h - what the user sees of a session on a frame: fields, tree, expert infos, Info column
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_PRESENT_H
#define IPHTTPS_PRESENT_H

#include <stdbool.h>

#include <epan/packet.h>

#include "core/session.h"

/* Registers the fields and expert infos under the protocol. cipher_suite_names is a value_string_ext of TLS suites, or
 * NULL. */
void present_register(int proto_iphttps, const void *cipher_suite_names);

/*
 * Shows the session on the frame. The findings are those raised on it and the phase is the one reached with it, the
 * same on every pass; what belongs to the session as a whole is shown as far as it is known. annotate_info puts the
 * findings' titles before the Info column.
 */
void present_frame(const session_t *session, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, bool annotate_info);

/* The verdict as its field shows it ("Failed"). */
const char *present_verdict_name(session_verdict_t verdict);

#endif
