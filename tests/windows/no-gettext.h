/* no-gettext.h - stands for GNU gettext's libintl.h where GLib is built for the tests: no message is translated
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_NO_GETTEXT_H
#define IPHTTPS_NO_GETTEXT_H

#include <locale.h>

#define LC_MESSAGES LC_CTYPE
#define gettext(text) ((char *)(text))
#define dgettext(domain, text) ((void)(domain), (char *)(text))
#define dcgettext(domain, text, category) ((void)(domain), (void)(category), (char *)(text))
#define ngettext(one, many, number) ((char *)((number) == 1 ? (one) : (many)))
#define dngettext(domain, one, many, number) ((void)(domain), (char *)((number) == 1 ? (one) : (many)))
#define textdomain(domain) ((char *)(domain))
#define bindtextdomain(domain, folder) ((void)(domain), (char *)(folder))
#define bind_textdomain_codeset(domain, codeset) ((void)(domain), (char *)(codeset))

#endif
