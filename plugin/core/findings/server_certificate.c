/* server_certificate.c - findings about the server's certificate: what it looks like, and what the client makes of it
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "findings/evidence.h"
#include "tls_alert.h"
#include "windows_error.h"

static bool certificate_name_mismatch(const evidence_t *given)
{
  const char *expected = session_expected_name(given->session);
  const certificate_t *leaf = given->session->leaf;

  return expected != NULL && !certificate_covers(leaf, expected);
}

static bool certificate_name_only_in_san(const evidence_t *given)
{
  const char *expected = session_expected_name(given->session);
  const certificate_t *leaf = given->session->leaf;

  return expected != NULL && !certificate_subject_covers(leaf, expected) && certificate_san_covers(leaf, expected);
}

static bool certificate_not_expected(const evidence_t *given)
{
  const session_t *session = given->session;
  bool configured = session->configured != NULL && session->configured->thumbprint_length > 0;
  bool learned = session->learned != NULL && session->learned->certificate_count > 0;

  if (configured && certificate_has_thumbprint(session->leaf, session->configured->thumbprint,
                                               session->configured->thumbprint_length))
    return false;
  if (learned && learned_endpoint_has_certificate(session->learned, session->leaf))
    return false;
  return configured || learned;
}

static const char *inspecting_product(const evidence_t *given)
{
  return inspection_product(given->session->context->inspection, given->session->leaf,
                            session_expected_name(given->session));
}

/* The certificate that the endpoint's connected sessions showed in this one's place, NULL if there is none. A company's
 * own inspection bears no product's name. */
static const certificate_t *replaced_certificate(const evidence_t *given)
{
  const session_t *session = given->session;
  const endpoint_t *row = session->configured;

  if (session->learned == NULL || (row != NULL && row->thumbprint_length > 0 &&
                                   certificate_has_thumbprint(session->leaf, row->thumbprint, row->thumbprint_length)))
    return NULL;
  return learned_endpoint_original_of(session->learned, session->leaf);
}

static bool certificate_inspected(const evidence_t *given)
{
  return inspecting_product(given) != NULL || replaced_certificate(given) != NULL;
}

static bool certificate_expired(const evidence_t *given)
{
  return is_date(given->session->leaf_time_ns) &&
         given->session->leaf_time_ns / NANOSECONDS > given->session->leaf->not_after;
}

static bool certificate_not_yet_valid(const evidence_t *given)
{
  return is_date(given->session->leaf_time_ns) &&
         given->session->leaf_time_ns / NANOSECONDS < given->session->leaf->not_before;
}

static bool certificate_without_server_auth(const evidence_t *given)
{
  return given->session->leaf->has_extended_key_usage && !given->session->leaf->allows_server_auth;
}

static bool certificate_self_signed(const evidence_t *given)
{
  return given->session->leaf->self_signed;
}

static bool certificate_key_not_rsa(const evidence_t *given)
{
  return !given->session->leaf->key_is_rsa;
}

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

static void describe_names(const evidence_t *given, GString *text)
{
  enum { NAMES_SHOWN = 5 };
  const certificate_t *leaf = given->session->leaf;

  g_string_append_printf(text, "expected %s, the certificate is for %s", session_expected_name(given->session),
                         leaf->common_names[0] != NULL ? leaf->common_names[0] : "no common name");
  for (int i = 0; leaf->dns_names[i] != NULL; i++) {
    if (i == NAMES_SHOWN) {
      g_string_append(text, " and more");
      break;
    }
    g_string_append_printf(text, i == 0 ? " (SAN: %s" : ", %s", leaf->dns_names[i]);
  }
  if (leaf->dns_names[0] != NULL)
    g_string_append_c(text, ')');
}

static void describe_thumbprint(const evidence_t *given, GString *text)
{
  static const char digits[] = "0123456789abcdef";
  const uint8_t *thumbprint = given->session->leaf->sha1;

  g_string_append(text, "its thumbprint is ");
  for (size_t i = 0; i < CERTIFICATE_SHA1_LENGTH; i++) {
    g_string_append_c(text, digits[thumbprint[i] >> 4]);
    g_string_append_c(text, digits[thumbprint[i] & 0xf]);
  }
}

static void describe_product(const evidence_t *given, GString *text)
{
  const char *product = inspecting_product(given), *issuer = given->session->leaf->issuer;

  if (product != NULL)
    g_string_append_printf(text, "%s (issuer %s)", product, issuer);
  else
    g_string_append_printf(text, "the same names, issued by %s; connected sessions showed one issued by %s", issuer,
                           replaced_certificate(given)->issuer);
}

static void describe_end_of_validity(const evidence_t *given, GString *text)
{
  g_string_append(text, "it was valid until ");
  append_date(text, given->session->leaf->not_after);
}

static void describe_start_of_validity(const evidence_t *given, GString *text)
{
  g_string_append(text, "it is valid from ");
  append_date(text, given->session->leaf->not_before);
}

static void describe_subject(const evidence_t *given, GString *text)
{
  g_string_append_printf(text, "subject %s", given->session->leaf->subject);
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

/* It takes a certificate, not a thumbprint. */
#define BIND_ON_WINDOWS                                                                                                \
  "Windows Server: Set-RemoteAccess -SslCertificate (Get-Item Cert:\\LocalMachine\\My\\THUMBPRINT)."

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

const finding_row_t server_certificate_findings[] = {
    {
        .id = FINDING_CERTIFICATE_NAME_MISMATCH,
        .slug = "certificate_name_mismatch",
        .severity = SEVERITY_ERROR,
        .judges = JUDGES_SERVER_CERTIFICATE,
        .overcome_by = PHASE_HANDSHAKE_COMPLETE,
        .error_rule = ERROR_FIXED,
        .windows_error = WINDOWS_ERROR_NO_MORE_ITEMS,
        .title = "certificate of another name",
        .look_at = "DNS, NAT or load balancer",
        .summary = "The server's certificate does not cover the name that the client connects to.",
        .cause = "NAT, DNS or the ADC leads to another server, or the certificate was issued for another name than the "
                 "host in the client's IP-HTTPS URL.",
        .next_step =
            {
                "Client: Resolve-DnsName NAME must give the public address of the server or its ADC.",
                "Client: compare the certificate's subject with ServerURL in Get-NetIPHttpsConfiguration.",
                "Compare its thumbprint with netsh http show sslcert on the DirectAccess server.",
            },
        .reference = "RFC 6125 section 6.4",
        .raised_when =
            "there are alternative names and none covers the expected name, or there are none and the subject does not",
        .raised_on = "Certificate",
        .applies = certificate_name_mismatch,
        .particulars = describe_names,
    },
    {
        .id = FINDING_CERTIFICATE_NAME_ONLY_IN_SAN,
        .slug = "certificate_name_only_in_san",
        .severity = SEVERITY_WARNING,
        .judges = JUDGES_SERVER_CERTIFICATE,
        .error_rule = ERROR_FIXED,
        .windows_error = WINDOWS_ERROR_NO_MORE_ITEMS,
        .title = "name only in SAN",
        .look_at = "server's certificate",
        .summary = "The name that the client connects to is an alternative name of the certificate, not its subject.",
        .cause = "DirectAccess wants the public host name, or a wildcard that covers it, as the subject's common name; "
                 "the list of alternative names alone does not count.",
        .next_step =
            {
                "Have the certificate issued anew with the public host name as common name.",
                BIND_ON_WINDOWS,
                "ADC: bind it to the virtual server.",
            },
        .reference = "RFC 6125 section 6.4.4",
        .raised_when = "an alternative name covers the expected name and the subject does not",
        .raised_on = "Certificate",
        .applies = certificate_name_only_in_san,
        .particulars = describe_names,
    },
    {
        .id = FINDING_CERTIFICATE_NOT_EXPECTED,
        .slug = "certificate_not_expected",
        .severity = SEVERITY_ERROR,
        .judges = JUDGES_SERVER_CERTIFICATE,
        .overcome_by = PHASE_HANDSHAKE_COMPLETE,
        .title = "unexpected certificate",
        .look_at = "DNS, NAT or load balancer",
        .summary = "The certificate is neither the one configured for the endpoint nor one of its connected sessions.",
        .cause = "The connection went to another server, something between answers with its own certificate, or a "
                 "renewed one is bound on some servers of the cluster only.",
        .next_step =
            {
                "Windows Server: compare the thumbprint with netsh http show sslcert on each server.",
                "ADC: compare it with the certificate bound to the virtual server.",
                "If the certificate was renewed, update the endpoints table.",
            },
        .reference = "RFC 5246 section 7.4.2",
        .raised_when = "the certificate's thumbprint is not the configured one, and it is not a certificate that a "
                       "connected session "
                       "of the endpoint showed",
        .raised_on = "Certificate",
        .applies = certificate_not_expected,
        .particulars = describe_thumbprint,
    },
    {
        .id = FINDING_CERTIFICATE_INSPECTED,
        .slug = "certificate_inspected",
        .severity = SEVERITY_ERROR,
        .judges = JUDGES_SERVER_CERTIFICATE,
        .overcome_by = PHASE_HANDSHAKE_COMPLETE,
        .error_rule = ERROR_FIXED,
        .windows_error = WINDOWS_CERT_E_UNTRUSTEDROOT,
        .title = "TLS inspection",
        .look_at = "proxy, firewall, antivirus",
        .summary = "TLS inspection on the way issued the certificate that the client was shown.",
        .cause = "A proxy, firewall or antivirus on the way decrypts TLS and puts its own certificate in the place of "
                 "the DirectAccess server's.",
        .next_step =
            {
                "Exempt the DirectAccess server's name and address from TLS inspection on that product.",
                "Then compare the certificate with netsh http show sslcert on the server.",
            },
        .reference = "RFC 5280 section 4.1.2.4",
        .raised_when =
            "CN, O or OU of the issuer contain a text of the table `iphttps.inspection_issuers`, or connected "
            "sessions of the endpoint showed the same names by another issuer",
        .raised_on = "Certificate",
        .applies = certificate_inspected,
        .particulars = describe_product,
    },
    {
        .id = FINDING_CERTIFICATE_EXPIRED,
        .slug = "certificate_expired",
        .severity = SEVERITY_ERROR,
        .judges = JUDGES_SERVER_CERTIFICATE,
        .overcome_by = PHASE_HANDSHAKE_COMPLETE,
        .error_rule = ERROR_FIXED,
        .windows_error = WINDOWS_CERT_E_EXPIRED,
        .title = "certificate expired",
        .look_at = "server's certificate",
        .summary = "The server's certificate had expired when the frame was captured.",
        .cause = "The certificate was not renewed, or the renewed one was never bound to IP-HTTPS on the server or to "
                 "the ADC's "
                 "virtual server.",
        .next_step =
            {
                BIND_ON_WINDOWS,
                "NetScaler: update ssl certKey with the renewed certificate.",
                "F5: put the renewed certificate into the client SSL profile.",
                "Kemp: assign the renewed certificate to the virtual service in SSL Properties.",
                "HAProxy: put the renewed certificate where crt on the bind line points.",
            },
        .reference = "RFC 5280 section 4.1.2.5",
        .raised_when = "the frame's time is after the validity",
        .raised_on = "Certificate",
        .applies = certificate_expired,
        .particulars = describe_end_of_validity,
    },
    {
        .id = FINDING_CERTIFICATE_NOT_YET_VALID,
        .slug = "certificate_not_yet_valid",
        .severity = SEVERITY_ERROR,
        .judges = JUDGES_SERVER_CERTIFICATE,
        .overcome_by = PHASE_HANDSHAKE_COMPLETE,
        .error_rule = ERROR_FIXED,
        .windows_error = WINDOWS_CERT_E_EXPIRED,
        .title = "certificate not yet valid",
        .look_at = "server's certificate",
        .summary = "The server's certificate was not valid yet when the frame was captured.",
        .cause = "The certificate was issued for a later start, or the clock of the client, or of the CA when it "
                 "issued the certificate, is wrong.",
        .next_step =
            {
                "Check the clocks of client and CA with w32tm /query /status.",
                "Where they are right, bind the former certificate until the new one's validity begins.",
            },
        .reference = "RFC 5280 section 4.1.2.5",
        .raised_when = "the frame's time is before the validity",
        .raised_on = "Certificate",
        .applies = certificate_not_yet_valid,
        .particulars = describe_start_of_validity,
    },
    {
        .id = FINDING_CERTIFICATE_WITHOUT_SERVER_AUTH,
        .slug = "certificate_without_server_auth",
        .severity = SEVERITY_ERROR,
        .judges = JUDGES_SERVER_CERTIFICATE,
        .overcome_by = PHASE_HANDSHAKE_COMPLETE,
        .title = "no Server Authentication",
        .look_at = "server's certificate",
        .summary = "The extended key usages of the server's certificate do not include Server Authentication.",
        .cause =
            "The certificate was issued from a template for another purpose, such as client authentication or signing.",
        .next_step =
            {
                "Issue one from a template with Server Authentication (1.3.6.1.5.5.7.3.1), such as Web Server.",
                BIND_ON_WINDOWS,
                "ADC: bind it to the virtual server.",
            },
        .reference = "RFC 5280 section 4.2.1.12",
        .raised_when = "there is an extended key usage and Server Authentication is not in it",
        .raised_on = "Certificate",
        .applies = certificate_without_server_auth,
        .particulars = describe_subject,
    },
    {
        .id = FINDING_CERTIFICATE_SELF_SIGNED,
        .slug = "certificate_self_signed",
        .severity = SEVERITY_WARNING,
        .judges = JUDGES_SERVER_CERTIFICATE,
        .title = "self-signed certificate",
        .look_at = "server's certificate",
        .summary = "The server's certificate is self-signed.",
        .cause = "DirectAccess was set up with a certificate of its own; Windows then disables NULL cipher suites, and "
                 "only clients that were given this certificate trust it.",
        .next_step =
            {
                "Take a certificate of a public CA or of your own, with the public host name as subject.",
                BIND_ON_WINDOWS,
            },
        .reference = "RFC 5280 section 3.2",
        .raised_when = "subject and issuer are the same and its own key signed it",
        .raised_on = "Certificate",
        .applies = certificate_self_signed,
        .particulars = describe_subject,
    },
    {
        .id = FINDING_CERTIFICATE_KEY_NOT_RSA,
        .slug = "certificate_key_not_rsa",
        .severity = SEVERITY_WARNING,
        .judges = JUDGES_SERVER_CERTIFICATE,
        .title = "certificate key not RSA",
        .look_at = "server's certificate",
        .summary = "The key of the server's certificate is not an RSA key.",
        .cause = "NULL cipher suites need RSA key exchange, so a server with an ECDSA certificate alone can never "
                 "negotiate them.",
        .next_step =
            {
                "Request the certificate with an RSA key of 2048 bits and a SHA-256 signature.",
                BIND_ON_WINDOWS,
                "ADC: bind it to the virtual server in this one's place.",
            },
        .reference = "RFC 5246 sections 7.4.3 and A.5",
        .raised_when = "the certificate's key is of another kind, such as ECDSA",
        .raised_on = "Certificate",
        .applies = certificate_key_not_rsa,
        .particulars = describe_subject,
    },
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
