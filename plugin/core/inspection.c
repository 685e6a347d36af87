/* inspection.c - recognising certificates made by TLS-inspection products
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "inspection.h"

#include <glib.h>
#include <string.h>

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
    {NULL, NULL},
};

static bool contains_folded(const char *folded_text, const char *part)
{
  char *folded_part = g_utf8_casefold(part, -1);
  bool found = strstr(folded_text, folded_part) != NULL;

  g_free(folded_part);
  return found;
}

const char *inspection_product(const inspection_issuer_t *issuers, size_t count, const certificate_t *leaf)
{
  char *texts = g_strjoinv("\n", leaf->issuer_texts), *folded_texts = g_utf8_casefold(texts, -1);
  const char *product = NULL;

  for (size_t row = 0; row < count && product == NULL; row++)
    if (issuers[row].issuer_text != NULL && issuers[row].issuer_text[0] != '\0' &&
        contains_folded(folded_texts, issuers[row].issuer_text))
      product = issuers[row].product;
  g_free(texts);
  g_free(folded_texts);
  return product;
}
