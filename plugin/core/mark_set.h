/* mark_set.h - a set of numbers that says fast which of them are not worth a closer look
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_CORE_MARK_SET_H
#define IPHTTPS_CORE_MARK_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A power of two, many more than the connections that are followed in most captures. */
#define MARK_SET_SIZE 65536

/* Numbers that agree modulo MARK_SET_SIZE share a mark. Zeroed memory is the empty set. */
typedef struct {
  uint8_t bits[MARK_SET_SIZE / 8];
} mark_set_t;

void mark_set_add(mark_set_t *set, uint32_t number);

/* False if the number was not added; true if it was, or another that shares its mark. */
bool mark_set_may_have(const mark_set_t *set, uint32_t number);

/* A number for an end of a TCP connection, by the last bytes of its address. */
uint32_t mark_of_end(const uint8_t *address, size_t length, uint32_t port);

#endif
