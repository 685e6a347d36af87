/* server_certificate.c - findings about the server's certificate: what it looks like
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "findings/evidence.h"
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

bool certificate_expired(const evidence_t *given)
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
  char *thumbprint = certificate_thumbprint_to_text(given->session->leaf);

  g_string_append_printf(text, "its thumbprint is %s", thumbprint);
  g_free(thumbprint);
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
    {.slug = NULL},
};
