/* settings.h - what the preferences say
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_CORE_SETTINGS_H
#define IPHTTPS_CORE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "endpoint.h"
#include "inspection.h"

/* Which Client Hellos with NULL suites are taken for DirectAccess'. */
typedef enum {
  TAG_NULL_OFFERS_NEVER,
  TAG_NULL_OFFERS_FIRST,    /* alone, or before encrypted suites */
  TAG_NULL_OFFERS_ANYWHERE, /* behind them as well, unless as a scanner offers them */
} tag_null_offers_t;

/* Belongs to the preferences, which change it between captures and before a re-dissection only. */
typedef struct {
  const endpoint_t *endpoints;
  size_t endpoint_count;
  const inspection_issuer_t *inspection_issuers;
  size_t inspection_issuer_count;
  tag_null_offers_t tag_null_offers;
  bool tag_learned_endpoints;
} capture_settings_t;

#endif
