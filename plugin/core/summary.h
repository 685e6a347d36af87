/* summary.h - the sessions of a capture in groups: what happened how often and to whom, the gravest first
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_CORE_SUMMARY_H
#define IPHTTPS_CORE_SUMMARY_H

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

#include "session.h"

/* Sessions of one endpoint that ended alike: by the same finding and for the same reason or, where none leads them, in
 * the same phase. */
typedef struct {
  session_verdict_t verdict;
  finding_id_t lead;        /* FINDING_COUNT: nothing needs repair */
  finding_id_t explanation; /* the finding that says why, FINDING_COUNT where none does */
  session_phase_t phase;    /* how far they came, where nothing leads them */
  GPtrArray *sessions;      /* const session_t *, by index */
} summary_group_t;

typedef struct {
  char *endpoint_text; /* "host:port" */
  GPtrArray *groups;   /* summary_group_t *, the gravest first, then the largest */
} summary_endpoint_t;

/* Belongs to whoever asked for it; refers to sessions that it does not own. */
typedef struct {
  GPtrArray *endpoints; /* summary_endpoint_t *, by their gravest and largest group */
  summary_group_t all;  /* every session */
  guint verdict_counts[VERDICT_COUNT];
  guint group_count;
  guint client_count;
} summary_t;

/* The sessions stand in the order of their indexes. Free with summary_free(). */
summary_t *summary_new(const session_t *const *sessions, size_t count);
void summary_free(summary_t *summary);

/* The frame that decided a group's first session, 0 if nothing has decided it. */
uint32_t summary_deciding_frame(const summary_group_t *group);

/* What in the capture may have been an attempt of a DirectAccess client, had anything told its server. */
typedef enum { SUSPECT_NAME_LOOKUP, SUSPECT_NO_ANSWER, SUSPECT_REFUSED } suspect_kind_t;

typedef struct {
  suspect_kind_t kind;
  char *target; /* the name looked up, or "address:port"; owned by whoever fills it in */
  uint32_t count;
  uint32_t first_frame;
} suspect_t;

/* What the text is to say beside the sessions. */
typedef struct {
  const char *filter;        /* the sessions are those that passed it; NULL for all */
  size_t endpoint_row_count; /* rows of the table of endpoints */
  const suspect_t *suspects; /* those that came most often first */
  size_t suspect_count;
} summary_surroundings_t;

/* What to know of the capture, in words, as a page of page.h: one or three printed, however many sessions there are. To
 * be freed with g_free(). */
char *summary_page(const summary_t *summary, const summary_surroundings_t *surroundings);

#endif
