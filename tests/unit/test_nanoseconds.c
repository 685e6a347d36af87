/* test_nanoseconds.c - times as numbers, however far off they are
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <glib.h>

#include "nanoseconds.h"

static void test_times_of_captures(void)
{
  g_assert_cmpint(nanoseconds_of(0, 0), ==, 0);
  g_assert_cmpint(nanoseconds_of(1792837464, 5), ==, INT64_C(1792837464000000005));
  g_assert_cmpint(nanoseconds_of(-1, 999999999), ==, -1);
}

/* In order still, and no sum or difference leaves the range: sanitizers would say so. */
static void test_times_far_off(void)
{
  static const int64_t seconds[] = {INT64_MIN, -INT64_C(18448539426107), INT64_C(18448539426107), INT64_MAX};
  int64_t early = nanoseconds_of(seconds[0], 0), late = nanoseconds_of(seconds[3], NANOSECONDS - 1);

  for (size_t i = 0; i + 1 < G_N_ELEMENTS(seconds); i++)
    g_assert_cmpint(nanoseconds_of(seconds[i], 0), <=, nanoseconds_of(seconds[i + 1], 0));
  g_assert_cmpint(late - early, >, 0);
  g_assert_cmpint(late + late, >, 0);
  g_assert_cmpint(early + early, <, 0);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/nanoseconds/captures", test_times_of_captures);
  g_test_add_func("/nanoseconds/far-off", test_times_far_off);
  return g_test_run();
}
