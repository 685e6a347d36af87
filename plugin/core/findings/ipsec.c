/* ipsec.c - findings about IPsec inside the tunnel
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "findings/evidence.h"

#include "ipsec.h"

/* What the client sent is in the capture, but if some of the server's is not, its answer may be among that. */
static bool ipsec_unanswered(const evidence_t *given)
{
  const observation_t *observation = given->observation;

  return observation->ipsec.unanswered_frame == observation->frame && is_read(given, SIDE_SERVER);
}

static bool ipsec_rejected(const evidence_t *given)
{
  return given->observation->ipsec.rejected_frame == given->observation->frame;
}

static bool ipsec_established(const evidence_t *given)
{
  return given->observation->ipsec.established_frame == given->observation->frame;
}

static void describe_attempts(const evidence_t *given, GString *text)
{
  g_string_append_printf(text, "%u sent", given->observation->ipsec.unanswered);
}

static void describe_notification(const evidence_t *given, GString *text)
{
  const ipsec_progress_t *ipsec = &given->observation->ipsec;
  const char *name = ipsec_error_name(ipsec->rejected_version, ipsec->rejected_error);

  g_string_append_printf(text, "%s (%u)", name != NULL ? name : "error", ipsec->rejected_error);
}

const finding_row_t ipsec_findings[] = {
    {
        .id = FINDING_IPSEC_UNANSWERED,
        .slug = "ipsec_unanswered",
        .severity = SEVERITY_WARNING,
        .settled_by = FINDING_IPSEC_ESTABLISHED,
        .title = "IPsec unanswered",
        .look_at = "IPsec on the server",
        .summary = "The tunnel is up, but the client's IKE or AuthIP messages in it get no answer.",
        .cause = "The server's IKE service or firewall does not take UDP 500 and 4500 from the tunnel, or the client "
                 "has the address of another IPsec endpoint.",
        .next_step =
            {
                "Windows Server: see that Get-Service IKEEXT,MpsSvc,BFE shows all three running.",
                "Windows Server: Get-NetIPsecMainModeSA shows whether any client gets through.",
                "Client: compare Get-NetIPsecRule -PolicyStore ActiveStore with the server's addresses.",
            },
        .reference = "RFC 7296 section 2.1, [MS-AIPS] section 3.1",
        .raised_when = "the client sends the first message of IKE or AuthIP a third time in the tunnel, and the server "
                       "has sent none",
        .raised_on = "third message",
        .applies = ipsec_unanswered,
        .particulars = describe_attempts,
    },
    {
        .id = FINDING_IPSEC_REJECTED,
        .slug = "ipsec_rejected",
        .severity = SEVERITY_WARNING,
        .settled_by = FINDING_IPSEC_ESTABLISHED,
        .title = "IPsec rejected",
        .look_at = "IPsec on the server",
        .summary = "The server answered the client's IKE or AuthIP in the tunnel with an error.",
        .cause = "The IPsec policies of client and server do not agree, or the server does not accept the computer "
                 "certificate or the account with which the client authenticates.",
        .next_step =
            {
                "Client and server: read events 4653 and 4654 of the Security log at this time.",
                "Client: look for a computer certificate of the CA that Get-DAServer names, not expired.",
                "Client: gpupdate /force, then compare Get-NetIPsecMainModeCryptoSet with the server's.",
            },
        .reference = "RFC 7296 section 3.10.1, RFC 2408 section 3.14.1",
        .raised_when = "the server answers IKE or AuthIP in the tunnel with an error notification that can be read",
        .raised_on = "that answer",
        .applies = ipsec_rejected,
        .particulars = describe_notification,
    },
    {
        .id = FINDING_IPSEC_ESTABLISHED,
        .slug = "ipsec_established",
        .severity = SEVERITY_CHAT,
        .title = "IPsec established",
        .summary = "ESP flows in the tunnel in both directions: IPsec between client and server is up.",
        .cause = "IKE or AuthIP succeeded with the client's computer certificate or account.",
        .next_step =
            {
                "If names or resources fail all the same, look at DNS64 and the policies behind the server.",
                "Client: Get-DAConnectionStatus says what it misses, Get-DnsClientNrptPolicy who resolves.",
            },
        .reference = "RFC 4303",
        .raised_when = "ESP, in UDP or not, is seen in the tunnel in both directions",
        .raised_on = "first ESP of the second direction",
        .applies = ipsec_established,
    },
    {.slug = NULL},
};
