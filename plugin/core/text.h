/* text.h - text from outside, made fit to be shown
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_CORE_TEXT_H
#define IPHTTPS_CORE_TEXT_H

#include <glib.h>
#include <stddef.h>

/* The bytes (NULL only where length is 0) as valid UTF-8 of one line: what is not UTF-8, NUL, and characters that
 * cannot be printed (control and format characters, with which a name could pass for another) become U+FFFD. What goes
 * beyond characters_max is cut off, and "…" stands in its place. To be freed with g_free(). */
char *text_printable(const void *bytes, size_t length, size_t characters_max);

/* Appends words to a page of that width (in characters), on a line that has been indented already; the lines that
 * follow are indented as far. A word longer than a line is cut into pieces. Ends the line. */
void text_append_wrapped(GString *page, const char *words, size_t indent, size_t width);

#endif
