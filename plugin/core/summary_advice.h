/* summary_advice.h - what to say where a capture holds nothing of DirectAccess
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_CORE_SUMMARY_ADVICE_H
#define IPHTTPS_CORE_SUMMARY_ADVICE_H

#include <glib.h>

#include "summary.h"

/* Says so on the page, names what may have been attempts, and what to check. */
void summary_add_advice(GString *page, const summary_surroundings_t *surroundings);

#endif
