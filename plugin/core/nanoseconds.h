/* nanoseconds.h - the unit in which the core counts time
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_CORE_NANOSECONDS_H
#define IPHTTPS_CORE_NANOSECONDS_H

#include <stdint.h>

#define NANOSECONDS INT64_C(1000000000) /* in a second */

/* Seconds and the nanoseconds behind them, as one number. Files may have any time in them: one more than 146 years off
 * is taken for the farthest, so that sums and differences of two hold, too. */
static inline int64_t nanoseconds_of(int64_t seconds, int64_t rest)
{
  const int64_t most = INT64_MAX / 2 / NANOSECONDS - 1;
  int64_t held = seconds < -most ? -most : seconds > most ? most : seconds;

  return held * NANOSECONDS + rest;
}

#endif
