/* revocation.c - findings about what a client has to know of the server's certificate beside the connection
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "findings/evidence.h"
#include "windows_error.h"

#define HOSTS_SHOWN 4

static size_t failures_to_ask(const evidence_t *given, revocation_failure_t failures[HOSTS_SHOWN])
{
  return revocation_failures(given->session, failures, HOSTS_SHOWN);
}

bool certificate_revocation_unreachable(const evidence_t *given)
{
  revocation_failure_t failures[HOSTS_SHOWN];

  return (client_leaves_after_handshake(given) || given->ending == FINDING_CERTIFICATE_SILENTLY_REJECTED) &&
         failures_to_ask(given, failures) > 0;
}

static void describe_unreachable_hosts(const evidence_t *given, GString *text)
{
  revocation_failure_t failures[HOSTS_SHOWN];
  size_t count = failures_to_ask(given, failures);

  for (size_t i = 0; i < count; i++) {
    g_string_append_printf(text, "%s%s (", i > 0 ? ", " : "", failures[i].host);
    if (failures[i].how != NULL)
      g_string_append(text, failures[i].how);
    else
      g_string_append_printf(text, "status %u", failures[i].status);
    g_string_append_printf(text, " in frame %u)", failures[i].frame);
  }
}

const finding_row_t revocation_findings[] = {
    {
        .id = FINDING_CERTIFICATE_REVOCATION_UNREACHABLE,
        .seen_on = SEEN_CLOSE,
        .slug = "certificate_revocation_unreachable",
        .severity = SEVERITY_WARNING,
        .error_rule = ERROR_FIXED,
        .windows_error = WINDOWS_CRYPT_E_REVOCATION_OFFLINE,
        .title = "CRL or OCSP out of reach",
        .look_at = "host of the CRL or OCSP",
        .summary = "The client closed the connection, having failed to reach the host that tells whether the server's "
                   "certificate is revoked.",
        .cause = "Windows 7, and later versions where StrongCRLRequired is set, connect only once they have had the "
                 "certificate's CRL or OCSP answer, and close without a word if its host is out of reach.",
        .next_step =
            {
                "Client: certutil -verify -urlfetch on the exported certificate tries each of its addresses.",
                "Issuing CA: publish the CRL where clients on the internet reach it, without DirectAccess.",
                "DNS, firewall, proxy: let the computer itself fetch it over HTTP, before anybody logs on.",
                "Client: certutil -urlcache * delete makes the next attempt ask anew.",
                "Windows 8 or later: Get-NetIPHttpsConfiguration shows whether StrongCRLRequired is set.",
            },
        .reference = "RFC 5280 sections 4.2.1.13 and 4.2.2.1",
        .raised_when = "the client closes or resets after the certificate, or after a complete handshake without "
                       "having sent application data, and before that the host of the certificate's CRL or OCSP "
                       "address did not resolve for it, did not connect, or answered its request with an error status "
                       "or not at all",
        .raised_on = "FIN or RST",
        .applies = certificate_revocation_unreachable,
        .particulars = describe_unreachable_hosts,
    },
    {.slug = NULL},
};
