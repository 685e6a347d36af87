/* test_recent_segments.c - a copy of a packet is told from a segment that was sent again
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <glib.h>

#include "recent_segments.h"

#define MS (NANOSECONDS / 1000)

static recent_segment_t segment(uint32_t sequence, uint32_t length, uint16_t identification, int64_t time_ms)
{
  return (recent_segment_t){
      .sequence = sequence, .length = length, .identification = identification, .time_ns = time_ms * MS};
}

/* The segments before are two at 1000, of packets 7 and 8, and one at 2000 from a sender that does not number them. */
static void test_what_is_old(void)
{
  static const struct {
    uint32_t sequence, length;
    uint16_t identification;
    int64_t time_ms;
    bool is_wanted;
    segment_novelty_t novelty;
  } cases[] = {
      {1000, 100, 7, 1000, false, SEGMENT_COPY},
      {1000, 100, 7, 1001, false, SEGMENT_AGAIN}, /* the number has come round */
      {1000, 100, 8, 1300, true, SEGMENT_COPY},
      {1000, 100, 9, 499, false, SEGMENT_SOON_AGAIN},
      {1000, 100, 9, 500, false, SEGMENT_AGAIN},
      {2000, 100, 0, 999, false, SEGMENT_COPY},
      {2000, 100, 0, 999, true, SEGMENT_SOON_AGAIN},
      {2000, 100, 0, 1000, false, SEGMENT_AGAIN},
      {2000, 99, 0, 800, false, SEGMENT_AGAIN}, /* another segment */
      {3000, 100, 0, 800, false, SEGMENT_AGAIN},
  };
  recent_segments_t recent = {0};

  recent_segments_add(&recent, segment(1000, 100, 7, 0));
  recent_segments_add(&recent, segment(1000, 100, 8, 300));
  recent_segments_add(&recent, segment(2000, 100, 0, 800));
  for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
    recent_segment_t old = segment(cases[i].sequence, cases[i].length, cases[i].identification, cases[i].time_ms);

    g_test_message("%" G_GSIZE_FORMAT, i);
    g_assert_cmpint(recent_segments_novelty(&recent, &old, cases[i].is_wanted), ==, cases[i].novelty);
  }
}

static void test_where_segments_began(void)
{
  recent_segments_t recent = {0};

  g_assert_false(recent_segments_begin_at(&recent, 0));
  recent_segments_add(&recent, segment(999, 0, 0, 0)); /* a SYN */
  recent_segments_add(&recent, segment(1000, 100, 0, 0));
  g_assert_false(recent_segments_begin_at(&recent, 999));
  g_assert_true(recent_segments_begin_at(&recent, 1000));
  g_assert_false(recent_segments_begin_at(&recent, 1001));
}

static void test_the_oldest_is_forgotten(void)
{
  recent_segments_t recent = {0};

  for (uint32_t i = 0; i <= RECENT_SEGMENTS_MAX; i++)
    recent_segments_add(&recent, segment(1000 + i, 1, 0, 0));
  g_assert_false(recent_segments_begin_at(&recent, 1000));
  for (uint32_t i = 1; i <= RECENT_SEGMENTS_MAX; i++)
    g_assert_true(recent_segments_begin_at(&recent, 1000 + i));
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/recent-segments/old", test_what_is_old);
  g_test_add_func("/recent-segments/beginnings", test_where_segments_began);
  g_test_add_func("/recent-segments/forgotten", test_the_oldest_is_forgotten);
  return g_test_run();
}
