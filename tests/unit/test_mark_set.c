/* test_mark_set.c - what was added is never missed, and little else is taken for it
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <glib.h>

#include "mark_set.h"

static void test_empty_set_has_nothing(void)
{
  mark_set_t *set = g_new0(mark_set_t, 1);

  for (uint32_t number = 0; number < 2 * MARK_SET_SIZE; number++)
    g_assert_false(mark_set_may_have(set, number));
  g_free(set);
}

static void test_what_was_added_is_there_and_its_neighbours_are_not(void)
{
  const uint32_t added[] = {0, 7, 9, MARK_SET_SIZE - 1, UINT32_MAX - 5};
  const uint32_t absent[] = {1, 6, 8, 10, MARK_SET_SIZE - 2, UINT32_MAX - 4};
  mark_set_t *set = g_new0(mark_set_t, 1);

  for (size_t i = 0; i < G_N_ELEMENTS(added); i++)
    mark_set_add(set, added[i]);
  for (size_t i = 0; i < G_N_ELEMENTS(added); i++)
    g_assert_true(mark_set_may_have(set, added[i]));
  for (size_t i = 0; i < G_N_ELEMENTS(absent); i++)
    g_assert_false(mark_set_may_have(set, absent[i]));
  g_free(set);
}

static void test_numbers_far_apart_share_a_mark(void)
{
  mark_set_t *set = g_new0(mark_set_t, 1);

  mark_set_add(set, 12);
  g_assert_true(mark_set_may_have(set, 12 + MARK_SET_SIZE));
  g_free(set);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/mark-set/empty", test_empty_set_has_nothing);
  g_test_add_func("/mark-set/added", test_what_was_added_is_there_and_its_neighbours_are_not);
  g_test_add_func("/mark-set/shared", test_numbers_far_apart_share_a_mark);
  return g_test_run();
}
