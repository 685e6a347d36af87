/* page.h - a page of text for people: paragraphs, labels in a column, and what came in several variants
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_CORE_PAGE_H
#define IPHTTPS_CORE_PAGE_H

#include <glib.h>
#include <stddef.h>

#define PAGE_WIDTH 100 /* characters of a line at most */

/* Texts that may be the same for many, in the order of their first one; only so many are told apart. */
typedef struct {
  GPtrArray *texts; /* char * */
  GArray *counts;   /* guint */
  guint others;     /* what came when as many as are kept were there */
} variants_t;

variants_t variants_new(void);
void variants_free(variants_t *variants);

/* Takes the text over. */
void variants_add(variants_t *variants, char *text);

/* "192.0.2.10, 192.0.2.11 and 5 more"; to be freed with g_free(). */
char *variants_list(const variants_t *variants, guint shown_max);

/* Adds a paragraph. */
void page_line(GString *page, size_t indent, const char *words);

/* Adds a text behind its label; behind an empty one it stands below the text before. */
void page_labelled(GString *page, const char *label, const char *words);
void page_formatted(GString *page, const char *label, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* Adds the variants that came first, and how often each came where there are several; nothing if there is none. */
void page_variants(GString *page, const char *label, const variants_t *variants);

/* The page as text, in lines that fit; and for a window that is as wide as it is. To be freed with g_free(). */
char *page_as_text(const char *page);
char *page_as_html(const char *page);

#endif
