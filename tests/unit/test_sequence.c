/* test_sequence.c - a byte is new once, wherever its neighbours came before it or not
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <glib.h>
#include <string.h>

#include "sequence.h"

#define NEAR_WRAP (UINT32_MAX - 49) /* byte 50 of what follows has the number 0 */

static sequence_range_t range(uint32_t from, uint32_t to)
{
  return (sequence_range_t){NEAR_WRAP + from, NEAR_WRAP + to};
}

static void take(sequence_t *sequence, uint32_t from, uint32_t to)
{
  sequence_take(sequence, range(from, to));
}

static uint32_t first_new(const sequence_t *sequence, uint32_t from, uint32_t to)
{
  return sequence_first_new(sequence, range(from, to)) - NEAR_WRAP;
}

static void test_repeated_bytes_are_known(void)
{
  sequence_t sequence = {0};

  g_assert_cmpuint(first_new(&sequence, 0, 40), ==, 0);
  take(&sequence, 0, 40);
  take(&sequence, 40, 80);
  g_assert_cmpuint(first_new(&sequence, 0, 40), ==, 40);
  g_assert_cmpuint(first_new(&sequence, 40, 80), ==, 80);
  g_assert_cmpuint(first_new(&sequence, 10, 70), ==, 70);
  g_assert_cmpuint(first_new(&sequence, 60, 100), ==, 80);
  g_assert_cmpuint(first_new(&sequence, 80, 90), ==, 80);
}

static void test_bytes_that_come_late_are_new_once(void)
{
  sequence_t sequence = {0};

  take(&sequence, 0, 20);
  take(&sequence, 60, 80);
  g_assert_cmpuint(first_new(&sequence, 60, 80), ==, 80);
  g_assert_cmpuint(first_new(&sequence, 20, 60), ==, 20);
  take(&sequence, 30, 40);
  g_assert_cmpuint(first_new(&sequence, 30, 40), ==, 40);
  g_assert_cmpuint(first_new(&sequence, 20, 30), ==, 20);
  g_assert_cmpuint(first_new(&sequence, 35, 60), ==, 40);
  take(&sequence, 20, 60);
  g_assert_cmpuint(first_new(&sequence, 0, 80), ==, 80);
}

static void test_bytes_before_the_first_are_new_once(void)
{
  sequence_t sequence = {0};

  take(&sequence, 60, 80);
  g_assert_cmpuint(first_new(&sequence, 10, 20), ==, 10);
  take(&sequence, 10, 20);
  g_assert_cmpuint(first_new(&sequence, 10, 20), ==, 20);
  g_assert_cmpuint(first_new(&sequence, 15, 70), ==, 20);
}

/* Against a map of single bytes, in steps that leave no more holes than are remembered. */
static void test_any_order_takes_each_byte_once(void)
{
  enum { BYTES = 100, ROUNDS = 2000 };

  for (int round = 0; round < ROUNDS; round++) {
    sequence_t sequence = {0};
    bool taken[BYTES] = {false};

    for (int step = 0; step < SEQUENCE_HOLES_MAX; step++) {
      uint32_t from = (uint32_t)g_test_rand_int_range(0, BYTES - 1);
      uint32_t to = (uint32_t)g_test_rand_int_range((gint32)from + 1, BYTES);
      uint32_t expected = from;

      while (expected < to && taken[expected])
        expected++;
      g_assert_cmpuint(first_new(&sequence, from, to), ==, expected);
      take(&sequence, from, to);
      memset(taken + from, true, to - from);
    }
  }
}

static void test_holes_are_bounded(void)
{
  sequence_t sequence = {0};

  for (uint32_t i = 0; i <= SEQUENCE_HOLES_MAX + 1; i++)
    take(&sequence, 20 * i, 20 * i + 10);
  g_assert_cmpuint(sequence.hole_count, ==, SEQUENCE_HOLES_MAX);
  g_assert_cmpuint(first_new(&sequence, 10, 20), ==, 20);
  g_assert_cmpuint(first_new(&sequence, 30, 40), ==, 30);
}

static void test_long_streams_go_on(void)
{
  const uint32_t step = UINT32_C(1) << 20;
  sequence_t sequence = {0};

  for (uint32_t i = 0; i < 3 * 4096; i++) {
    sequence_range_t next = {i * step, (i + 1) * step};
    g_assert_cmpuint(sequence_first_new(&sequence, next), ==, next.from);
    sequence_take(&sequence, next);
    g_assert_cmpuint(sequence_first_new(&sequence, next), ==, next.to);
  }
}

int main(int argc, char *argv[])
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/sequence/repeated", test_repeated_bytes_are_known);
  g_test_add_func("/sequence/late", test_bytes_that_come_late_are_new_once);
  g_test_add_func("/sequence/before", test_bytes_before_the_first_are_new_once);
  g_test_add_func("/sequence/any-order", test_any_order_takes_each_byte_once);
  g_test_add_func("/sequence/bounded", test_holes_are_bounded);
  g_test_add_func("/sequence/long", test_long_streams_go_on);
  return g_test_run();
}
