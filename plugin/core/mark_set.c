/* mark_set.c - a set of numbers that says fast which of them are not worth a closer look
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "mark_set.h"

#include <string.h>

void mark_set_add(mark_set_t *set, uint32_t number)
{
  set->bits[number % MARK_SET_SIZE / 8] |= (uint8_t)(1U << number % 8);
}

bool mark_set_may_have(const mark_set_t *set, uint32_t number)
{
  return set->bits[number % MARK_SET_SIZE / 8] >> number % 8 & 1;
}

uint32_t mark_of_end(const uint8_t *address, size_t length, uint32_t port)
{
  uint32_t last = 0;

  if (length >= sizeof(last))
    memcpy(&last, address + length - sizeof(last), sizeof(last));
  return (last ^ port) * UINT32_C(0x9e3779b1); /* 2^32 by the golden ratio spreads what differs little */
}
