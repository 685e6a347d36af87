/* preferences.h - two tables and the switches, as settings for a capture
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_PREFERENCES_H
#define IPHTTPS_PREFERENCES_H

#include <stdbool.h>

#include "core/settings.h"

/* What Edit > Preferences > Protocols > IP-HTTPS says. Read anew for each capture and each re-dissection. */
typedef struct {
  capture_settings_t capture; /* its endpoints and issuers are owned by preferences.c */
  bool dissect_tunnel;
  bool annotate_info;
} preferences_t;

/* Registers the preferences of the protocol; once. */
void preferences_register(int proto_iphttps);

/* Reads them at the start of a capture, and forgets them at its end. */
void preferences_read(void);
void preferences_forget(void);

/* Those of the capture; the same address at any time, all zero between captures. */
const preferences_t *preferences_current(void);

#endif
