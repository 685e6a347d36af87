/* fuzz_ip_header.c - feeds the reader of IP packets' ends with any bytes
 *
 * Input: what may be a packet.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <glib.h>

#include "ip_header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool read_exact(ends_t *ends, const uint8_t *data, size_t size)
{
  uint8_t *exact = g_memdup2(data, size);
  bool is_read = ip_ends_read(ends, exact, size);

  g_free(exact);
  return is_read;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  ends_t whole, cut;
  bool is_read = read_exact(&whole, data, size);

  for (size_t length = 0; length < size; length++)
    if (read_exact(&cut, data, length)) {
      g_assert_true(is_read);
      g_assert_true(ip_address_equal(&cut.client, &whole.client) && ip_address_equal(&cut.server, &whole.server));
      g_assert_cmpuint(cut.client_port, ==, whole.client_port);
      g_assert_cmpuint(cut.server_port, ==, whole.server_port);
    }
  return 0;
}
