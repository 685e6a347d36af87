/* inspection.c - recognising certificates made by TLS-inspection products
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "inspection.h"

#include <string.h>

#include <glib.h>

/* Names that these products put into their signing certificate when it is made with the default settings. */
const inspection_issuer_t inspection_known_issuers[] = {
    {"FortiGate", "Fortinet FortiGate"},
    {"Fortinet", "Fortinet FortiGate"},
    {"Palo Alto Networks", "Palo Alto Networks"},
    {"Zscaler", "Zscaler"},
    {"Blue Coat", "Symantec Blue Coat ProxySG"},
    {"Bluecoat", "Symantec Blue Coat ProxySG"},
    {"Cisco Umbrella", "Cisco Umbrella"},
    {"IronPort", "Cisco Secure Web Appliance"},
    {"Netskope", "Netskope"},
    {"Forcepoint", "Forcepoint"},
    {"Websense", "Forcepoint"},
    {"Sophos", "Sophos"},
    {"SonicWALL Firewall DPI-SSL", "SonicWall"},
    {"WatchGuard", "WatchGuard Fireware"},
    {"Barracuda", "Barracuda"},
    {"Check Point", "Check Point"},
    {"Untangle", "Untangle"},
    {"ContentKeeper", "ContentKeeper"},
    {"iboss", "iboss"},
    {"McAfee Web Gateway", "Skyhigh Web Gateway"},
    {"Skyhigh", "Skyhigh Web Gateway"},
    {"Smoothwall", "Smoothwall"},
    {"Lightspeed", "Lightspeed"},
    {"Securly", "Securly"},
    {"Menlo Security", "Menlo Security"},
    {"Kaspersky", "Kaspersky"},
    {"ESET SSL Filter", "ESET"},
    {"Avast", "Avast"},
    {"AVG Technologies", "AVG"},
    {"Bitdefender", "Bitdefender"},
    {"mitmproxy", "mitmproxy"},
    {"DO_NOT_TRUST_FiddlerRoot", "Fiddler"},
    {"Charles Proxy", "Charles"},
    {"PortSwigger", "Burp Suite"},
    {"Forefront TMG", "Microsoft Forefront TMG"},
    {"Trend Micro", "Trend Micro"},
    {"Gateway CA - Cloudflare", "Cloudflare Gateway"},
    {"Cloudflare Gateway", "Cloudflare Gateway"},
    {NULL, NULL},
};

/* A row, read. */
typedef struct {
  char *folded; /* its text, casefolded */
  const char *issuer_text;
  const char *product;
  bool is_known; /* one of inspection_known_issuers */
} pattern_t;

struct inspection {
  GArray *patterns; /* pattern_t */
};

/* The letters and digits of the text's first length bytes, folded: "Palo Alto Networks" is "paloaltonetworks" then. */
static char *squeezed(const char *text, size_t length)
{
  GString *letters = g_string_new(NULL);

  for (size_t i = 0; i < length; i++)
    if (g_ascii_isalnum(text[i]))
      g_string_append_c(letters, g_ascii_tolower(text[i]));
  return g_string_free(letters, FALSE);
}

/* Whether a label of the host, its top-level domain aside, is the vendor's name: the text as a whole, or its first word
 * where that is a name of its own ("Cisco Umbrella" at umbrella.cisco.com). */
static bool is_of_vendor(const char *host, const char *issuer_text)
{
  enum { NAME_LETTERS_MIN = 5 };
  char *whole = squeezed(issuer_text, strlen(issuer_text)), *word = squeezed(issuer_text, strcspn(issuer_text, " "));
  char **labels = g_strsplit(host, ".", -1);
  bool found = false;

  for (guint i = 0; i + 1 < g_strv_length(labels) && !found; i++) {
    char *label = squeezed(labels[i], strlen(labels[i]));

    found = strcmp(label, whole) == 0 || (strlen(word) >= NAME_LETTERS_MIN && strcmp(label, word) == 0);
    g_free(label);
  }
  g_strfreev(labels);
  g_free(whole);
  g_free(word);
  return found;
}

/* A row that a user has added speaks of the user's own company, whose hosts are those that it is for. */
static bool is_known(const char *issuer_text)
{
  for (const inspection_issuer_t *known = inspection_known_issuers; known->issuer_text != NULL; known++)
    if (g_ascii_strcasecmp(known->issuer_text, issuer_text) == 0)
      return true;
  return false;
}

static const char *own_name(const certificate_t *leaf)
{
  return leaf->dns_names[0] != NULL ? leaf->dns_names[0] : leaf->common_names[0];
}

static void clear_pattern(gpointer value)
{
  pattern_t *pattern = value;

  g_free(pattern->folded);
}

inspection_t *inspection_new(const inspection_issuer_t *issuers, size_t count)
{
  inspection_t *inspection = g_new(inspection_t, 1);

  inspection->patterns = g_array_new(FALSE, FALSE, sizeof(pattern_t));
  g_array_set_clear_func(inspection->patterns, clear_pattern);
  for (size_t i = 0; i < count; i++) {
    const char *text = issuers[i].issuer_text;

    if (text == NULL || text[0] == '\0')
      continue;
    pattern_t pattern = {.folded = g_utf8_casefold(text, -1),
                         .issuer_text = text,
                         .product = issuers[i].product,
                         .is_known = is_known(text)};

    g_array_append_val(inspection->patterns, pattern);
  }
  return inspection;
}

void inspection_free(inspection_t *inspection)
{
  if (inspection == NULL)
    return;
  g_array_free(inspection->patterns, TRUE);
  g_free(inspection);
}

const char *inspection_product(const inspection_t *inspection, const certificate_t *leaf, const char *host)
{
  const char *name = host != NULL ? host : own_name(leaf);

  for (guint i = 0; i < inspection->patterns->len; i++) {
    const pattern_t *pattern = &g_array_index(inspection->patterns, pattern_t, i);

    if (strstr(leaf->issuer_texts, pattern->folded) != NULL &&
        !(name != NULL && pattern->is_known && is_of_vendor(name, pattern->issuer_text)))
      return pattern->product;
  }
  return NULL;
}
