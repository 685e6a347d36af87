/* stats.c - Statistics > IP-HTTPS: the sessions table and the findings tree
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "stats.h"

void stats_register(void)
{
}
