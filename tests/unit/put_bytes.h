/* put_bytes.h - bytes put together for the tests, numbers in network byte order
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_TESTS_PUT_BYTES_H
#define IPHTTPS_TESTS_PUT_BYTES_H

#include <glib.h>
#include <stddef.h>

#include "bytes.h"

/* Appends bytes. */
void put(GByteArray *bytes, const void *data, size_t length);

/* Appends a number of `width` bytes. */
void put_uint(GByteArray *bytes, size_t value, size_t width);

/* What has been put together so far; it belongs to the array. */
byte_span_t span_of(const GByteArray *bytes);

#endif
