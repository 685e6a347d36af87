/* summary_advice.c - what to say where a capture holds nothing of DirectAccess
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "summary_advice.h"

#include "page.h"

#define SUSPECTS_SHOWN_MAX 8

static const struct {
  const char *label;
  const char *words;
} checks[] = {
    {"Attempt",
     "A client tries again after 30 s, and in the end every 15 minutes only. To see an attempt, restart its IP "
     "Helper service while the capture runs: Restart-Service iphlpsvc."},
    {"Capture", "It has to hold the client's name lookups and its connections to the server or proxy from their first "
                "frame on: take it at the client, without a capture filter or with \"port 53 or port 443\"."},
    {"Client",
     "Its own trace shows what it sends: netsh trace start scenario=DirectAccess capture=yes, or pktmon start "
     "--capture --pkt-size 0. Where it sends nothing, Get-NetIPHttpsState tells why (LastErrorCode), and "
     "Get-DnsClientNrptPolicy -Effective whether the server's name is asked for inside the tunnel."},
};

static char *suspicion(const suspect_t *suspect)
{
  const char *plural = suspect->count > 1 ? "s" : "";

  switch (suspect->kind) {
  case SUSPECT_NAME_LOOKUP:
    return g_strdup_printf("- the lookup of %s failed %u time%s, first in frame %u", suspect->target, suspect->count,
                           plural, suspect->first_frame);
  case SUSPECT_REFUSED:
    return g_strdup_printf("- %s refused %u connection%s, first in frame %u", suspect->target, suspect->count, plural,
                           suspect->first_frame);
  default:
    return g_strdup_printf("- %s did not answer %u connection%s, first tried in frame %u", suspect->target,
                           suspect->count, plural, suspect->first_frame);
  }
}

static void add_suspects(GString *page, const summary_surroundings_t *surroundings)
{
  if (surroundings->suspect_count == 0)
    return;
  page_line(page, 0, "What failed in it, and may be DirectAccess if this is your server's name or address:");
  for (size_t i = 0; i < surroundings->suspect_count && i < SUSPECTS_SHOWN_MAX; i++) {
    char *line = suspicion(&surroundings->suspects[i]);

    page_line(page, 2, line);
    g_free(line);
  }
  if (surroundings->suspect_count > SUSPECTS_SHOWN_MAX)
    page_line(page, 2, "- and others");
  g_string_append_c(page, '\n');
}

static void add_endpoints_check(GString *page, size_t row_count)
{
  if (row_count == 0)
    page_labelled(page, "Endpoints",
                  "The table of endpoints is empty. Clients of Windows 7, and what fails before TLS (name "
                  "lookup, TCP, proxy), are known only by it: enter the host name of the server's "
                  "IP-HTTPS URL under Edit > Preferences > Protocols > IP-HTTPS, or with tshark -o "
                  "'uat:iphttps_endpoints:\"da.example.com\",\"\",\"\",\"\",\"\"'.");
  else
    page_formatted(page, "Endpoints",
                   "No frame of the capture belongs to an endpoint of the table, which has %" G_GSIZE_FORMAT
                   " row%s. Compare names and ports there with ServerURL in Get-NetIPHttpsConfiguration on the client.",
                   row_count, row_count > 1 ? "s" : "");
}

void summary_add_advice(GString *page, const summary_surroundings_t *surroundings)
{
  page_line(page, 0,
            surroundings->filter != NULL
                ? "No frame that passes the filter belongs to a DirectAccess (IP-HTTPS) session."
                : "This capture holds no DirectAccess (IP-HTTPS) session.");
  g_string_append_c(page, '\n');
  if (surroundings->filter != NULL)
    return;
  add_suspects(page, surroundings);
  page_line(page, 0, "What to check:");
  add_endpoints_check(page, surroundings->endpoint_row_count);
  for (size_t i = 0; i < G_N_ELEMENTS(checks); i++)
    page_labelled(page, checks[i].label, checks[i].words);
  g_string_append_c(page, '\n');
}
