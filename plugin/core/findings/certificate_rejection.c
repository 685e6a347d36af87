/* certificate_rejection.c - findings about what the client makes of the server's certificate
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "findings/evidence.h"
#include "tls_alert.h"
#include "windows_error.h"

static bool certificate_is_objectionable(const evidence_t *given)
{
  for (const finding_row_t *row = server_certificate_findings; row->slug != NULL; row++)
    if (row->judges == JUDGES_SERVER_CERTIFICATE && row->severity == SEVERITY_ERROR && row->applies(given))
      return true;
  return false;
}

static bool alert_is_revoked(const evidence_t *given)
{
  return fatal_alert(given) && given->observation->alert == TLS_ALERT_CERTIFICATE_REVOKED;
}

/* Some clients, such as curl, look at the server's certificate when the handshake is complete. One that
 * then closes without a word proves nothing, it may be a probe, unless there is something to object to. */
static bool certificate_silently_rejected(const evidence_t *given)
{
  const session_t *session = given->session;

  return client_leaves_after_handshake(given) && !session->client_certificate_asked && session->leaf != NULL &&
         certificate_is_objectionable(given);
}

/* Nothing where it could not be parsed. */
static void describe_certificate(const evidence_t *given, GString *text)
{
  const certificate_t *leaf = given->session->leaf;

  if (leaf != NULL)
    g_string_append_printf(text, "subject %s, issuer %s", leaf->subject, leaf->issuer);
}

static void describe_alert(const evidence_t *given, GString *text)
{
  append_alert(text, given->observation->alert);
}

/* By the client's clock alone: where the capture's agrees, certificate_expired says why. */
static bool alert_is_expired(const evidence_t *given)
{
  return given->observation->alert == TLS_ALERT_CERTIFICATE_EXPIRED &&
         (given->session->leaf == NULL || !certificate_expired(given));
}

static const finding_remedy_t rejection_remedies[] = {
    {
        .where = "Alert certificate_revoked",
        .fits = alert_is_revoked,
        .cause = "The CA has revoked the certificate.",
        .next_step =
            {
                "Ask the CA why, and have another issued.",
                BIND_ON_WINDOWS,
                "ADC: bind the new one to the virtual server.",
            },
    },
    {
        .where = "Alert certificate_expired, and the capture does not show that it is",
        .fits = alert_is_expired,
        .cause = "The client takes the certificate for expired: it is, or the client's clock is wrong.",
        .next_step =
            {
                "Compare the validity in the certificate with the client's clock (w32tm /query /status).",
                BIND_ON_WINDOWS,
                "ADC: bind the renewed certificate to the virtual server.",
            },
    },
    {.cause = NULL},
};

const finding_row_t certificate_rejection_findings[] = {
    {
        .id = FINDING_CERTIFICATE_UNTRUSTED,
        .slug = "certificate_untrusted",
        .severity = SEVERITY_ERROR,
        .overcome_by = PHASE_TUNNEL_REQUEST,
        .error_rule = ERROR_FIXED,
        .windows_error = WINDOWS_CERT_E_UNTRUSTEDROOT,
        .title = "certificate not trusted",
        .look_at = "server's certificate",
        .summary = "The client answered the server's certificate with the alert unknown_ca.",
        .cause = "Its CA is not among the client's trusted roots: a private CA or a TLS inspection product's, or the "
                 "server leaves out an intermediate certificate.",
        .next_step =
            {
                "Client: put the root into the store LocalMachine\\Root.",
                "NetScaler: complete the chain with link ssl certKey.",
                "Other servers: send the intermediate certificate along with the server's.",
                "Client: certutil -verify -urlfetch on the exported certificate shows what is missing.",
            },
        .explained_by =
            {
                FINDING_CERTIFICATE_INSPECTED,
                FINDING_CERTIFICATE_SELF_SIGNED,
                FINDING_CERTIFICATE_NAME_MISMATCH,
                FINDING_CERTIFICATE_NOT_EXPECTED,
            },
        .reference = "RFC 5246 section 7.2.2",
        .raised_when = "the client answers the certificate with the alert unknown_ca",
        .raised_on = "alert",
        .happened = describe_ending,
        .particulars = describe_certificate,
    },
    {
        .id = FINDING_CERTIFICATE_REJECTED,
        .slug = "certificate_rejected",
        .severity = SEVERITY_ERROR,
        .overcome_by = PHASE_TUNNEL_REQUEST,
        .error_rule = ERROR_FIXED,
        .windows_error = WINDOWS_CRYPT_E_REVOKED,
        .reports_when = alert_is_revoked,
        .reports_if = "if revoked",
        .title = "certificate rejected",
        .look_at = "server's certificate",
        .summary = "The client answered the server's certificate with an alert.",
        .cause = "The client found the certificate revoked, outside its validity, not usable for a server, or of a CA "
                 "or name that it does not accept; the alert's name may say which.",
        .next_step =
            {
                "Export the certificate and run certutil -verify -urlfetch on the client to see what fails.",
                "If another is needed, bind it on the server or ADC.",
            },
        .remedies = rejection_remedies,
        .explained_by =
            {
                FINDING_CERTIFICATE_INSPECTED,
                FINDING_CERTIFICATE_NAME_MISMATCH,
                FINDING_CERTIFICATE_NOT_EXPECTED,
                FINDING_CERTIFICATE_EXPIRED,
                FINDING_CERTIFICATE_NOT_YET_VALID,
                FINDING_CERTIFICATE_WITHOUT_SERVER_AUTH,
            },
        .reference = "RFC 5246 section 7.2.2",
        .raised_when = "the client answers the certificate with another alert about certificates",
        .raised_on = "alert",
        .happened = describe_ending,
        .particulars = describe_alert,
    },
    {
        .id = FINDING_CERTIFICATE_SILENTLY_REJECTED,
        .seen_on = SEEN_CLOSE,
        .slug = "certificate_silently_rejected",
        .severity = SEVERITY_ERROR,
        .overcome_by = PHASE_TUNNEL_REQUEST,
        .title = "closed after certificate",
        .look_at = "server's certificate",
        .summary = "The client closed the connection after the server's certificate, without an alert.",
        .cause = "The client does not accept the certificate's issuer, name or validity, or cannot reach its CRL, "
                 "which Windows 7 always checks and later ones with StrongCRLRequired.",
        .next_step =
            {
                "Windows 8 or later: Get-NetIPHttpsState shows the code (0x80092013: CRL out of reach).",
                "Windows 8 or later: Get-NetIPHttpsConfiguration shows StrongCRLRequired.",
                "Windows 7: netsh interface httpstunnel show interfaces shows the code.",
                "Client: run certutil -verify -urlfetch on the exported certificate.",
            },
        .explained_by =
            {
                FINDING_CERTIFICATE_INSPECTED,
                FINDING_CERTIFICATE_NAME_MISMATCH,
                FINDING_CERTIFICATE_NOT_EXPECTED,
                FINDING_CERTIFICATE_EXPIRED,
                FINDING_CERTIFICATE_NOT_YET_VALID,
                FINDING_CERTIFICATE_WITHOUT_SERVER_AUTH,
                FINDING_CERTIFICATE_REVOCATION_UNREACHABLE,
                FINDING_CERTIFICATE_SELF_SIGNED,
                FINDING_CERTIFICATE_NAME_ONLY_IN_SAN,
            },
        .reference = "RFC 5280 section 6",
        .raised_when = "the client closes or resets after the certificate, says nothing, and was not asked for a "
                       "certificate itself",
        .raised_on = "FIN or RST",
        .applies = certificate_silently_rejected,
        .happened = describe_ending,
        .particulars = describe_certificate,
    },
    {.slug = NULL},
};
