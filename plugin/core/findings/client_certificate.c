/* client_certificate.c - findings about the client's certificate: preauthentication
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "findings/evidence.h"
#include "tls_alert.h"
#include "windows_error.h"

static bool client_certificate_requested(const evidence_t *given)
{
  return !given->observation->from_client;
}

/* nginx lets the handshake finish and answers 400; other servers refuse by one of these. */
static bool status_refuses_certificate(uint16_t status)
{
  return status == 400 || status == 401 || status == 403;
}

static bool refused_for_certificate(const evidence_t *given)
{
  return saw(given, SEEN_RESPONSE) && given->session->client_certificate_asked &&
         given->session->client_certificate_not_given && status_refuses_certificate(given->observation->http_status);
}

bool may_refuse_certificate(const evidence_t *given)
{
  return refused_for_certificate(given) ||
         (!all_is_read(given) && status_refuses_certificate(given->observation->http_status));
}

static const certificate_t *client_certificate(const evidence_t *given, size_t position)
{
  if (!given->observation->from_client || position >= given->observation->certificate_count)
    return NULL;
  return certificate_cache_get(given->session->context->certificates, given->observation->certificates[position]);
}

static bool client_certificate_issuer_not_listed(const evidence_t *given)
{
  if (given->observation->certificate_count == 0 || !given->observation->from_client ||
      given->session->requested_authority_count == 0)
    return false;
  for (size_t i = 0; i < given->observation->certificate_count; i++) {
    const certificate_t *link = client_certificate(given, i);

    if (link == NULL || session_asked_for_issuer(given->session, link->issuer_dn, link->issuer_dn_length))
      return false;
  }
  return true;
}

static bool client_certificate_expired(const evidence_t *given)
{
  const certificate_t *leaf = client_certificate(given, 0);
  int64_t seconds = given->observation->time_ns / NANOSECONDS;

  return leaf != NULL && is_date(given->observation->time_ns) &&
         (seconds < leaf->not_before || seconds > leaf->not_after);
}

static bool client_certificate_without_client_auth(const evidence_t *given)
{
  const certificate_t *leaf = client_certificate(given, 0);

  return leaf != NULL && leaf->has_extended_key_usage && !leaf->allows_client_auth;
}

static void describe_refusal_without_certificate(const evidence_t *given, GString *text)
{
  if (saw(given, SEEN_RESPONSE))
    describe_response(given, text);
  else
    describe_ending(given, text);
}

static void describe_client_certificate(const evidence_t *given, GString *text)
{
  const certificate_t *leaf = client_certificate(given, 0);

  g_string_append_printf(text, "subject %s, issuer %s", leaf->subject, leaf->issuer);
}

static void describe_client_validity(const evidence_t *given, GString *text)
{
  const certificate_t *leaf = client_certificate(given, 0);

  describe_client_certificate(given, text);
  g_string_append(text, ", valid from ");
  append_date(text, leaf->not_before);
  g_string_append(text, " until ");
  append_date(text, leaf->not_after);
}

#define BIND_THE_CA                                                                                                    \
  "NetScaler: bind the CA that issued it with bind ssl vserver VS -certkeyName CA -CA.",                               \
      "F5: add that CA to Trusted Certificate Authorities in the client SSL profile.",                                 \
      "Kemp: add that CA to the intermediate certificates.", "HAProxy: add that CA to the file that ca-file names.",   \
      "Windows Server: put that CA into the store LocalMachine\\Root."

static bool issuer_is_unknown(const evidence_t *given)
{
  return fatal_alert(given) && given->observation->alert == TLS_ALERT_UNKNOWN_CA;
}

static bool is_revoked(const evidence_t *given)
{
  return fatal_alert(given) && given->observation->alert == TLS_ALERT_CERTIFICATE_REVOKED;
}

/* By the server's clock alone: where the capture's agrees, client_certificate_expired says why. */
static bool is_expired(const evidence_t *given)
{
  return fatal_alert(given) && given->observation->alert == TLS_ALERT_CERTIFICATE_EXPIRED &&
         !given->session->raised[FINDING_CLIENT_CERTIFICATE_EXPIRED];
}

static const finding_remedy_t rejection_remedies[] = {
    {
        .where = "Alert unknown_ca",
        .fits = issuer_is_unknown,
        .cause = "The CA that issued the client's certificate, or one between it and the root, is not bound for "
                 "client authentication.",
        .next_step =
            {
                BIND_THE_CA,
            },
    },
    {
        .where = "Alert certificate_revoked",
        .fits = is_revoked,
        .look_at = "client",
        .cause = "The CRL that the server or ADC goes by lists the client's certificate as revoked.",
        .next_step =
            {
                "Client: certutil -store My shows its serial number, certutil -pulse enrols another.",
                "CA: look for that number among the revoked certificates, with certutil -dump on the CRL.",
            },
    },
    {
        .where = "Alert certificate_expired, and the capture does not show that it is",
        .fits = is_expired,
        .look_at = "client",
        .cause = "The server or ADC takes the client's certificate for expired: it is, or a clock is wrong.",
        .next_step =
            {
                "Client: certutil -store My shows its validity, certutil -pulse renews it.",
                "Server or ADC: compare its clock with w32tm /query /status on the client.",
            },
    },
    {.cause = NULL},
};

const finding_row_t client_certificate_findings[] = {
    {
        .id = FINDING_CLIENT_CERTIFICATE_REQUESTED,
        .seen_on = SEEN_CERTIFICATE_REQUEST,
        .slug = "client_certificate_requested",
        .severity = SEVERITY_NOTE,
        .title = "preauthentication",
        .summary = "The server asks the client for a certificate: preauthentication is on.",
        .cause = "Client authentication is enabled on the ADC's virtual server or, by clientcertnegotiation or "
                 "AuthMode Certificates, in http.sys on the server.",
        .next_step =
            {
                "NetScaler, if it is not wanted: set ssl vserver VS -clientAuth DISABLED.",
                "F5, if it is not wanted: set Client Certificate to ignore in the client SSL profile.",
                "Kemp, if it is not wanted: in SSL Properties require no client certificates.",
                "HAProxy, if it is not wanted: put verify none on the bind line.",
                "Windows Server: netsh http show sslcert shows it as Negotiate Client Certificate.",
                "Windows Server, if it is not wanted: bind with clientcertnegotiation=disable (netsh http).",
                "DirectAccess server, if it is not wanted: change it in the server GPO; AuthMode None is not enough.",
            },
        .reference = "RFC 5246 section 7.4.4",
        .raised_when = "the server sends a Certificate Request",
        .raised_on = "Certificate Request",
        .applies = client_certificate_requested,
    },
    {
        .id = FINDING_CLIENT_CERTIFICATE_MISSING,
        .seen_on = SEEN_RESPONSE,
        .slug = "client_certificate_missing",
        .severity = SEVERITY_ERROR,
        .overcome_by = PHASE_TUNNEL,
        .error_rule = ERROR_FIXED,
        .windows_error = WINDOWS_SEC_I_INCOMPLETE_CREDENTIALS,
        .title = "client certificate missing",
        .look_at = "client",
        .summary = "The server asked the client for a certificate, got none, and the connection ended there.",
        .cause = "The client has no valid computer certificate for Client Authentication from a CA that the server "
                 "asks for.",
        .next_step =
            {
                "Client: look into LocalMachine\\My with certutil -store My, and enrol with certutil -pulse.",
                "ADC: compare the certificate's issuer with the CA bound for client authentication.",
            },
        .reference = "RFC 5246 sections 7.4.4 and 7.4.6",
        .raised_when =
            "asked for a certificate, the client sends an empty Certificate or closes, and the handshake ends there "
            "or the tunnel request is then refused",
        .raised_on = "alert, RST, FIN or HTTP answer",
        .applies = refused_for_certificate,
        .happened = describe_refusal_without_certificate,
    },
    {
        .id = FINDING_CLIENT_CERTIFICATE_REJECTED,
        .slug = "client_certificate_rejected",
        .severity = SEVERITY_ERROR,
        .overcome_by = PHASE_TUNNEL,
        .error_rule = ERROR_BY_ALERT,
        .title = "client certificate rejected",
        .look_at = "server or load balancer",
        .summary = "The client sent its certificate, and the server ended the handshake.",
        .cause = "The root or intermediate CA bound for client authentication is wrong or missing, or the client's "
                 "certificate is revoked or expired.",
        .next_step =
            {
                BIND_THE_CA,
                "CA: check the client's certificate against the CRL.",
            },
        .remedies = rejection_remedies,
        .explained_by =
            {
                FINDING_CLIENT_CERTIFICATE_EXPIRED,
                FINDING_CLIENT_CERTIFICATE_WITHOUT_CLIENT_AUTH,
                FINDING_CLIENT_CERTIFICATE_ISSUER_NOT_LISTED,
            },
        .reference = "RFC 5246 sections 7.2.2 and 7.4.6",
        .raised_when = "the client sends its certificate and the server ends the handshake",
        .raised_on = "alert, RST or FIN",
        .happened = describe_ending,
    },
    {
        .id = FINDING_CLIENT_CERTIFICATE_ISSUER_NOT_LISTED,
        .seen_on = SEEN_CERTIFICATE,
        .slug = "client_certificate_issuer_not_listed",
        .severity = SEVERITY_WARNING,
        .title = "client's CA not asked for",
        .look_at = "server or load balancer",
        .summary = "No issuer in the client's chain is among the CAs that the server asked for.",
        .cause = "The server or ADC advertises another CA than the one that issues computer certificates, or the "
                 "client picked the wrong certificate.",
        .next_step =
            {
                "Client: certutil -store My names the issuer; compare it with the names in the Certificate Request.",
                "NetScaler: correct the -CA binding of the virtual server.",
                "F5: correct Advertised Certificate Authorities in the client SSL profile.",
                "HAProxy: correct the file that ca-file names.",
            },
        .reference = "RFC 5246 section 7.4.4",
        .raised_when = "no issuer in the client's chain is among the names in the Certificate Request",
        .raised_on = "the client's Certificate",
        .applies = client_certificate_issuer_not_listed,
        .particulars = describe_client_certificate,
    },
    {
        .id = FINDING_CLIENT_CERTIFICATE_EXPIRED,
        .seen_on = SEEN_CERTIFICATE,
        .slug = "client_certificate_expired",
        .severity = SEVERITY_WARNING,
        .title = "client certificate expired",
        .look_at = "client",
        .summary = "The client's certificate was outside its validity when the frame was captured.",
        .cause = "Autoenrolment has not renewed the computer certificate: a client that has long been away from the "
                 "domain cannot reach its CA.",
        .next_step =
            {
                "Connect the client to the internal network or by another VPN.",
                "Run gpupdate and certutil -pulse there, and check LocalMachine\\My with certutil -store My.",
            },
        .reference = "RFC 5280 section 4.1.2.5",
        .raised_when = "the frame's time is outside the validity of the client's certificate",
        .raised_on = "the client's Certificate",
        .applies = client_certificate_expired,
        .particulars = describe_client_validity,
    },
    {
        .id = FINDING_CLIENT_CERTIFICATE_WITHOUT_CLIENT_AUTH,
        .seen_on = SEEN_CERTIFICATE,
        .slug = "client_certificate_without_client_auth",
        .severity = SEVERITY_WARNING,
        .title = "no Client Authentication",
        .look_at = "client",
        .summary = "The extended key usages of the client's certificate do not include Client Authentication.",
        .cause = "The computer certificate was issued from a template for another purpose, or the client picked the "
                 "wrong one of several.",
        .next_step =
            {
                "Enrol from a template with Client Authentication (1.3.6.1.5.5.7.3.2), such as Computer.",
                "Client: enrol with certutil -pulse, and remove the unsuitable certificate from LocalMachine\\My.",
            },
        .reference = "RFC 5280 section 4.2.1.12",
        .raised_when = "there is an extended key usage and Client Authentication is not in it",
        .raised_on = "the client's Certificate",
        .applies = client_certificate_without_client_auth,
        .particulars = describe_client_certificate,
    },
    {.slug = NULL},
};
