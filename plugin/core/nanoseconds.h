/* nanoseconds.h - the unit in which the core counts time
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_CORE_NANOSECONDS_H
#define IPHTTPS_CORE_NANOSECONDS_H

#include <stdint.h>

#define NANOSECONDS INT64_C(1000000000) /* in a second */

#endif
