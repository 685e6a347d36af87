/* platform.h - every difference between the platforms that the core meets
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_PLATFORM_H
#define IPHTTPS_PLATFORM_H

/* inet_pton() and inet_ntop() */
#ifdef _WIN32
#include <ws2tcpip.h>
#else
#include <arpa/inet.h>
#endif

#endif
