/* stats_tap.c - the tap by which statistics meet sessions, and count each of them once
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "stats_tap.h"

#include "compat.h"

/* What the tap hands over; belongs to the frame. */
typedef struct {
  const session_t *shown;
  bool first_pass; /* what becomes of the session may not be known yet */
} tapped_frame_t;

/*
 * What a statistic has met so far. The sessions belong to track.c; they are forgotten when the statistic is reset,
 * which Wireshark does before it dissects anew. A session met on the first pass is counted only when that pass is over
 * and its verdict is known.
 */
typedef struct {
  void *statistic; /* whatever stats_begin() was given: a table, a stats_tree, or the tables of srt.c */
  stats_count_t count;
  GHashTable *met;
  GPtrArray *unfinished;
} tally_t;

static GHashTable *tallies; /* by statistic */
static bool finisher_registered;
static int tap = -1;

static void free_tally(gpointer value)
{
  tally_t *tally = value;

  g_hash_table_destroy(tally->met);
  g_ptr_array_free(tally->unfinished, TRUE);
  g_free(tally);
}

void stats_begin(void *statistic, stats_count_t count)
{
  tally_t *tally = g_new(tally_t, 1);

  *tally = (tally_t){
      .statistic = statistic, .count = count, .met = g_hash_table_new(NULL, NULL), .unfinished = g_ptr_array_new()};
  g_hash_table_replace(tallies, statistic, tally);
}

void stats_end(void *statistic)
{
  g_hash_table_remove(tallies, statistic);
}

static void count_unfinished(void *data _U_)
{
  GHashTableIter iterator;
  gpointer value;

  g_hash_table_iter_init(&iterator, tallies);
  while (g_hash_table_iter_next(&iterator, NULL, &value)) {
    tally_t *tally = value;

    for (guint i = 0; i < tally->unfinished->len; i++) {
      const session_t *session = g_ptr_array_index(tally->unfinished, i);

      if (session->withdrawn_frame == 0)
        tally->count(tally->statistic, session);
    }
    g_ptr_array_set_size(tally->unfinished, 0);
  }
}

static void forget_unfinished(void *data _U_)
{
  GHashTableIter iterator;
  gpointer value;

  g_hash_table_iter_init(&iterator, tallies);
  while (g_hash_table_iter_next(&iterator, NULL, &value))
    g_ptr_array_set_size(((tally_t *)value)->unfinished, 0);
}

/* Wireshark draws the listener first that was registered last: registered behind the statistics, this one completes
 * them before they are drawn. */
static void register_finisher(void)
{
  GString *error;

  if (finisher_registered)
    return;
  finisher_registered = true;
  error =
      register_tap_listener(STATS_TAP, &finisher_registered, NULL, 0, forget_unfinished, NULL, count_unfinished, NULL);
  if (error != NULL) {
    ws_warning("%s", error->str);
    g_string_free(error, TRUE);
  }
}

tap_packet_status stats_meet(void *statistic, const void *tapped)
{
  const tapped_frame_t *frame = tapped;
  tally_t *tally = g_hash_table_lookup(tallies, statistic);

  if (tally == NULL || !g_hash_table_add(tally->met, (gpointer)frame->shown))
    return TAP_PACKET_DONT_REDRAW;
  if (frame->first_pass) {
    g_ptr_array_add(tally->unfinished, (gpointer)frame->shown);
    register_finisher();
  } else {
    tally->count(statistic, frame->shown);
  }
  return TAP_PACKET_REDRAW;
}

void stats_tap(packet_info *pinfo, const session_t *session)
{
  tapped_frame_t *frame;

  if (!have_tap_listener(tap))
    return;
  frame = wmem_new(pinfo->pool, tapped_frame_t);
  *frame = (tapped_frame_t){.shown = session, .first_pass = !PINFO_FD_VISITED(pinfo)};
  tap_queue_packet(tap, pinfo, frame);
}

const session_t *stats_session_of(const void *tapped)
{
  return ((const tapped_frame_t *)tapped)->shown;
}

static void cleanup(void)
{
  g_hash_table_destroy(tallies);
}

void stats_tap_register(void)
{
  tap = register_tap(STATS_TAP);
  tallies = g_hash_table_new_full(NULL, NULL, NULL, free_tally);
  register_shutdown_routine(cleanup);
}
