/* tvb_bytes.h - Wireshark's buffers as the runs of bytes that the core reads
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_TVB_BYTES_H
#define IPHTTPS_TVB_BYTES_H

#include <epan/tvbuff.h>

#include "core/bytes.h"

/* What the capture has of a buffer; it belongs to the frame. An empty one need not have memory. */
static inline byte_span_t bytes_of(tvbuff_t *tvb)
{
  size_t captured = tvb_captured_length(tvb);

  return (byte_span_t){.data = captured > 0 ? tvb_get_ptr(tvb, 0, (int)captured) : NULL, .length = captured};
}

#endif
