/* text.h - text from outside, made fit to be shown
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_CORE_TEXT_H
#define IPHTTPS_CORE_TEXT_H

#include <stddef.h>

/* The bytes (NULL only where length is 0) as valid UTF-8 of one line: what is not UTF-8, NUL, and characters that
 * cannot be printed (control and format characters, with which a name could pass for another) become U+FFFD. What goes
 * beyond characters_max is cut off, and "…" stands in its place. To be freed with g_free(). */
char *text_printable(const void *bytes, size_t length, size_t characters_max);

#endif
