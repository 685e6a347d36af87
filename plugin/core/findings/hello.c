/* hello.c - findings about the Client Hello and its answer
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "findings/evidence.h"

#include <string.h>

#include "tls_alert.h"
#include "tls_record.h"
#include "windows_error.h"

#define HELLO_TRANSMISSIONS_OF_SILENCE 3

static bool no_client_hello(const evidence_t *given)
{
  const session_t *session = given->session;

  return proves_silence(given) && session->closer == CLOSER_CLIENT && session->acknowledged_tcp &&
         session->phase == PHASE_TCP_CONNECT && given->observation->bytes[SIDE_CLIENT] == 0 &&
         !session->server_spoke_first;
}

static bool hello_unanswered(const evidence_t *given)
{
  const handshake_state_t *handshake = &given->session->handshake;

  return given->observation->from_client && is_read(given, SIDE_SERVER) && handshake->server_hello_frame == 0 &&
         given->observation->bytes[SIDE_SERVER] == 0 &&
         handshake->hello_transmissions >= HELLO_TRANSMISSIONS_OF_SILENCE;
}

static bool looks_like_tls(byte_span_t bytes)
{
  uint8_t level, alert;

  if (tls_alert_read_versionless(bytes.data, bytes.length, &level, &alert))
    return true;
  if (bytes.data[0] < TLS_RECORD_CHANGE_CIPHER_SPEC || bytes.data[0] > TLS_RECORD_HEARTBEAT)
    return false;
  return bytes.length < 2 || bytes.data[1] == TLS_MAJOR_VERSION;
}

bool answer_is_not_tls(const evidence_t *given)
{
  const session_t *session = given->session;
  bool awaits_tls =
      session->handshake.client_hello_frame != 0 ||
      (session->phase == PHASE_TCP_CONNECT && session->connected_tcp && given->observation->bytes[SIDE_CLIENT] == 0);

  return saw(given, SEEN_FIRST_BYTES) && given->observation->first_bytes.length > 0 && awaits_tls &&
         session->handshake.server_hello_frame == 0 && !looks_like_tls(given->observation->first_bytes);
}

static bool null_cipher_not_selected(const evidence_t *given)
{
  return given->session->offer != NULL_OFFER_NONE && !cipher_suite_is_null(given->observation->chosen_suite);
}

static void describe_close(const evidence_t *given, GString *text)
{
  g_string_append(text, saw(given, SEEN_RST) ? "it sent RST" : "it sent FIN");
}

static void describe_unanswered_hello(const evidence_t *given, GString *text)
{
  if (closes(given))
    describe_ending(given, text);
  else
    g_string_append_printf(text, "it was sent %u times", given->session->handshake.hello_transmissions);
  g_string_append(text, ", ");
  append_silence(given, text, session_span(given->session, PHASE_CLIENT_HELLO)->begin_time_ns);
}

/* How many of the bytes are the rest of a line of text; 0 where one of them cannot be read as text. */
static size_t line_length(byte_span_t bytes)
{
  const uint8_t *end = memchr(bytes.data, '\n', bytes.length);

  for (size_t i = 0; i < bytes.length; i++)
    if (!g_ascii_isprint(bytes.data[i]) && !g_ascii_isspace(bytes.data[i]))
      return 0;
  return end != NULL ? (size_t)(end - bytes.data) : bytes.length;
}

/* The first line of what can be read as text, else all in hexadecimal. */
static void describe_first_bytes(const evidence_t *given, GString *text)
{
  byte_span_t bytes = given->observation->first_bytes;
  char *line = g_strstrip(g_strndup((const char *)bytes.data, line_length(bytes)));

  g_string_append(text, "the server's first bytes are ");
  if (line[0] != '\0') {
    g_string_append_printf(text, "\"%s\"", line);
  } else {
    g_string_append(text, "0x");
    for (size_t i = 0; i < bytes.length; i++)
      g_string_append_printf(text, "%02x", bytes.data[i]);
  }
  g_free(line);
}

static void describe_suite(const evidence_t *given, GString *text)
{
  g_string_append_printf(text, "the server chose suite 0x%04x", given->observation->chosen_suite);
}

static bool version_refused(const evidence_t *given)
{
  return fatal_alert(given) && given->observation->alert == TLS_ALERT_PROTOCOL_VERSION;
}

static bool name_refused(const evidence_t *given)
{
  return fatal_alert(given) && given->observation->alert == TLS_ALERT_UNRECOGNIZED_NAME;
}

static const finding_remedy_t rejection_remedies[] = {
    {
        .where = "Alert protocol_version",
        .fits = version_refused,
        .cause = "The server accepts none of the TLS versions that the client offers.",
        .next_step =
            {
                "NetScaler: set ssl vserver VS -tls12 ENABLED, or in the SSL profile where profiles are in force.",
                "ADC: enable a TLS version that the Client Hello offers.",
                "Windows Server: see Schannel's Protocols keys in the registry; older clients offer TLS 1.0 alone.",
            },
    },
    {
        .where = "Alert unrecognized_name",
        .fits = name_refused,
        .cause = "The server knows no site of the name that the client sends as SNI.",
        .next_step =
            {
                "Compare the name in the Client Hello with ServerURL in Get-NetIPHttpsConfiguration.",
                "ADC: bind a certificate for that name, or one without SNI as default.",
                "Windows Server: netsh http show sslcert must have a binding for that name or for 0.0.0.0:443.",
            },
    },
    {.cause = NULL},
};

static bool tls13_chosen(const evidence_t *given)
{
  return cipher_suite_is_tls13(given->observation->chosen_suite);
}

static const finding_remedy_t double_encryption_remedies[] = {
    {
        .where = "A suite of TLS 1.3 was chosen",
        .fits = tls13_chosen,
        .cause = "The server chose TLS 1.3, and NULL suites exist up to TLS 1.2 only.",
        .next_step =
            {
                "NetScaler: set ssl vserver VS -tls13 DISABLED.",
                "ADC: limit the virtual server to TLS 1.2 and put the NULL suites first in its cipher list.",
                "Windows Server 2022 or later: disable TLS 1.3 for this binding or in Schannel's Protocols keys.",
            },
    },
    {.cause = NULL},
};

const finding_row_t hello_findings[] = {
    {
        .id = FINDING_NO_CLIENT_HELLO,
        .seen_on = SEEN_CLOSE,
        .slug = "no_client_hello",
        .severity = SEVERITY_WARNING,
        .error_rule = ERROR_FIXED,
        .windows_error = WINDOWS_WSAHOST_NOT_FOUND,
        .title = "no Client Hello",
        .look_at = "client",
        .summary = "TCP connected, but the client ended the connection without a Client Hello.",
        .cause = "The client never began TLS: a proxy set in the browser or in WinHTTP cannot be resolved or used, or "
                 "something merely tested the port.",
        .next_step =
            {
                "Client: netsh winhttp show proxy and the browser's settings show the proxy; reset proxy clears it.",
                "Client: clear cached proxies in iphlpsvc\\Parameters\\ProxyMgr (registry), then restart iphlpsvc.",
                "If it comes at regular intervals from a load balancer or scanner, it tests the port: nothing to do.",
            },
        .reference = "RFC 5246 section 7.3",
        .raised_when = "TCP is up on both sides, and the client closes or resets it before any Client Hello",
        .raised_on = "FIN or RST",
        .applies = no_client_hello,
        .particulars = describe_close,
    },
    {
        .id = FINDING_NULL_CIPHER_REJECTED,
        .slug = "null_cipher_rejected",
        .severity = SEVERITY_ERROR,
        .overcome_by = PHASE_SERVER_HELLO,
        .error_rule = ERROR_BY_ALERT,
        .title = "NULL cipher suites rejected",
        .look_at = "server or load balancer",
        .summary = "The server refused a Client Hello that offers the NULL cipher suites of Windows 8 and later.",
        .cause = "What ends TLS here, the server or the ADC before it, has neither TLS_RSA_WITH_NULL_SHA256 nor "
                 "TLS_RSA_WITH_NULL_SHA enabled.",
        .next_step =
            {
                "NetScaler: bind ssl vserver VS -cipherName SSL3-NULL-SHA, with TLS 1.2 enabled.",
                "NetScaler with SSL profiles: bind ssl profile P -cipherName SSL3-NULL-SHA.",
                "F5: add what tmm --clientciphers 'NULL-SHA256:NULL-SHA' shows to the SSL profile.",
                "Kemp: in SSL Properties choose a cipher set with them, such as Null_Ciphers.",
                "HAProxy: put ciphers NULL-SHA256:NULL-SHA:@SECLEVEL=0 on the bind line.",
                "Windows Server 2016 or later: Enable-TlsCipherSuite TLS_RSA_WITH_NULL_SHA256.",
                "Windows Server 2012 (R2): add them to the policy SSL Cipher Suite Order.",
            },
        .reference = "RFC 5246 sections 7.4.1.3 and A.5",
        .raised_when = "NULL suites are offered alone or first, and a fatal alert, RST or FIN of the server answers "
                       "the Client Hello",
        .raised_on = "alert, RST or FIN",
        .happened = describe_ending,
    },
    {
        .id = FINDING_HELLO_REJECTED,
        .slug = "hello_rejected",
        .severity = SEVERITY_ERROR,
        .overcome_by = PHASE_SERVER_HELLO,
        .error_rule = ERROR_BY_ALERT,
        .title = "Client Hello rejected",
        .look_at = "server or load balancer",
        .summary = "The server refused the Client Hello.",
        .cause =
            "Client and server share no TLS version, cipher suite or protocol (ALPN), the server does not know the "
            "name in SNI, or a middlebox ends the connection.",
        .next_step =
            {
                "ADC: compare the hello's versions, suites and SNI with its SSL settings.",
                "Windows Server: compare them with Get-TlsCipherSuite and Schannel's Protocols keys (registry).",
            },
        .remedies = rejection_remedies,
        .reference = "RFC 5246 sections 7.2.2 and 7.4.1.3",
        .raised_when =
            "a fatal alert, RST or FIN of the server answers a Client Hello that does not offer NULL suites alone "
            "or first, or the alert gives another reason: protocol_version, unrecognized_name, no_application_protocol",
        .raised_on = "alert, RST or FIN",
        .happened = describe_ending,
    },
    {
        .id = FINDING_HELLO_UNANSWERED,
        .seen_on = SEEN_REPETITION,
        .slug = "hello_unanswered",
        .severity = SEVERITY_ERROR,
        .overcome_by = PHASE_SERVER_HELLO,
        .title = "Client Hello unanswered",
        .look_at = "firewall or NAT",
        .summary = "TCP connected, but not a byte had come in answer to the Client Hello.",
        .cause = "A firewall or intrusion prevention system drops the Client Hello, or what accepts connections has no "
                 "working server behind it.",
        .next_step =
            {
                "Server: capture there too (pktmon start --capture --pkt-size 0), and look for the Client Hello.",
                "Where it does not arrive, look at the firewalls and intrusion prevention between.",
                "Where it does arrive: Get-Service iphlpsvc there, and the ADC's pool members.",
            },
        .reference = "RFC 5246 section 7.3",
        .raised_when =
            "the Client Hello is sent a third time, or the client gives up, and the server has not sent a byte",
        .raised_on = "the retransmission, FIN or RST",
        .applies = hello_unanswered,
        .happened = describe_unanswered_hello,
    },
    {
        .id = FINDING_NOT_TLS,
        .seen_on = SEEN_FIRST_BYTES,
        .slug = "not_tls",
        .severity = SEVERITY_ERROR,
        .overcome_by = PHASE_SERVER_HELLO,
        .title = "answer is not TLS",
        .look_at = "DNS, NAT or load balancer",
        .summary = "What answers at the server's address does not speak TLS, so it is not the DirectAccess server.",
        .cause = "NAT or a port forward leads to the wrong service, or a captive portal, firewall or plain HTTP "
                 "listener answers in the server's place.",
        .next_step =
            {
                "Client: Resolve-DnsName NAME gives the address; follow it through the NAT rule to the service.",
                "The answer's first bytes tell which service it is.",
                "Try the client on a network without a captive portal.",
            },
        .reference = "RFC 5246 section 6.2.1",
        .raised_when = "the server's first bytes are not a TLS record",
        .raised_on = "that answer",
        .applies = answer_is_not_tls,
        .happened = describe_first_bytes,
    },
    {
        .id = FINDING_NULL_CIPHER_NOT_SELECTED,
        .seen_on = SEEN_SERVER_HELLO,
        .slug = "null_cipher_not_selected",
        .severity = SEVERITY_WARNING,
        .title = "encrypted twice",
        .look_at = "server or load balancer",
        .summary =
            "NULL cipher suites were offered but an encrypted one was chosen, with which IPsec's packets are encrypted "
            "twice.",
        .cause = "The server or ADC has no NULL suite or prefers another; on Windows FIPS or suite order policy, "
                 "preauthentication in http.sys, SSTP or a self-signed certificate do that.",
        .next_step =
            {
                "ADC: put the NULL suites first in the cipher list and let the server's order win.",
                "Windows Server: netsh http show sslcert must not show Negotiate Client Certificate as enabled.",
                "Windows Server: gpresult /h shows policies of FIPS mode and SSL Cipher Suite Order: lift them.",
                "Windows Server: move client VPN (SSTP) elsewhere and use a certificate of a CA.",
            },
        .remedies = double_encryption_remedies,
        .explained_by =
            {
                FINDING_CERTIFICATE_INSPECTED,
                FINDING_CERTIFICATE_NAME_MISMATCH,
                FINDING_CERTIFICATE_KEY_NOT_RSA,
                FINDING_CERTIFICATE_SELF_SIGNED,
            },
        .reference = "RFC 5246 sections 7.4.1.3 and A.5",
        .raised_when = "NULL suites are offered and an encrypted one is chosen",
        .raised_on = "Server Hello",
        .applies = null_cipher_not_selected,
        .particulars = describe_suite,
    },
    {.slug = NULL},
};
