/* handshake.c - findings about a TLS handshake that neither the hellos nor a certificate explain
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "findings/evidence.h"

#include "tls_alert.h"

/* What a client sends at the most behind a TLS 1.3 Server Hello without saying anything: ChangeCipherSpec, Finished
 * with a SHA-384 hash, close_notify (RFC 8446 sections 4.4.4, 5.2 and 6.1). A tunnel request is longer than what is
 * left. */
#define TLS13_SILENT_BYTES_MAX (6 + (5 + 4 + 48 + 1 + 16) + (5 + 2 + 1 + 16))

static bool client_said_nothing(const evidence_t *given)
{
  const session_t *session = given->session;
  uint32_t client_bytes = given->observation->bytes[SIDE_CLIENT];

  if (session->client_spoke || !session_hides_handshake(session) || session->handshake.readable)
    return !session->client_spoke;
  return client_bytes - session->tls13_client_bytes <= TLS13_SILENT_BYTES_MAX;
}

bool client_leaves_after_handshake(const evidence_t *given)
{
  const session_t *session = given->session;

  return proves_silence(given) && session->closer == CLOSER_CLIENT && session->handshake.complete_frame != 0 &&
         !session->handshake.renegotiated && session->request_frame == 0 && !session->ended &&
         client_said_nothing(given);
}

static bool closed_after_handshake(const evidence_t *given)
{
  return client_leaves_after_handshake(given) && given->ending == FINDING_COUNT &&
         !finding_row(FINDING_CERTIFICATE_SILENTLY_REJECTED)->applies(given);
}

/* A scanner offers all suites there are, and is no client of DirectAccess. */
static bool offers_null(const evidence_t *given)
{
  return given->session->offer > NULL_OFFER_AMONG;
}

/* Once may be anything. A client that comes back and does the same again has a reason; a monitor, which does so once a
 * minute, offers no NULL suites. */
static bool closed_so_before(const evidence_t *given)
{
  const session_t *session = given->session;

  return offers_null(given) && session->previous != NULL && session->previous->raised[FINDING_CLOSED_AFTER_HANDSHAKE];
}

/* The client ends the handshake without ever having had the server's answer. */
static bool answer_was_lost(const evidence_t *given)
{
  return saw(given, SEEN_UNRECEIVED) && closes(given) && given->session->handshake.server_hello_frame != 0;
}

static void describe_failure(const evidence_t *given, GString *text)
{
  describe_ending(given, text);
  if (answer_was_lost(given))
    g_string_append(text, ", having acknowledged nothing of the server's answer");
}

static void describe_leaving(const evidence_t *given, GString *text)
{
  if (given->observation->from_client)
    describe_ending(given, text);
  else
    g_string_append(text, "the client was the first to close");
  if (closed_so_before(given))
    g_string_append(text, ", as it did in its attempt before");
}

/* And nothing else of the session says why it left: see explained_by. */
static bool null_client_leaves(const evidence_t *given)
{
  const bool *raised = given->session->raised;

  return offers_null(given) && !raised[FINDING_CERTIFICATE_SELF_SIGNED] &&
         !raised[FINDING_CERTIFICATE_NAME_ONLY_IN_SAN] && !certificate_revocation_unreachable(given);
}

static const finding_remedy_t leaving_remedies[] = {
    {
        .where = "The client offers NULL cipher suites (Windows 8 or later)",
        .fits = null_client_leaves,
        .cause = "Windows checks the certificate's chain, and its CRL where StrongCRLRequired is set, only now, and "
                 "closes without a word if it does not accept them.",
        .next_step =
            {
                "Client: Get-NetIPHttpsState (0x800b0109: untrusted chain, 0x80092013: CRL out of reach).",
                "Client: Get-NetIPHttpsConfiguration shows StrongCRLRequired, by which CRLs are checked.",
                "Client: certutil -verify -urlfetch on the exported certificate shows the check that fails.",
                "Server or ADC: send the intermediate certificates too (NetScaler: link ssl certKey).",
            },
    },
    {.cause = NULL},
};

/* In TLS 1.3 without keys. */
static bool is_hidden(const evidence_t *given)
{
  return session_hides_handshake(given->session) && !given->session->handshake.readable;
}

static bool objects_to_hidden_certificate(const evidence_t *given)
{
  uint8_t alert = given->observation->alert;

  return is_hidden(given) && fatal_alert(given) && given->observation->from_client &&
         (alert == TLS_ALERT_UNKNOWN_CA || tls_alert_is_of_certificate(alert));
}

static bool client_leaves_unread(const evidence_t *given)
{
  return is_hidden(given) && !fatal_alert(given) && given->observation->from_client;
}

#define VERIFY_HIDDEN_CERTIFICATE                                                                                      \
  "Client: certutil -verify -urlfetch on the server's certificate shows which check fails."
#define CAPTURE_WITH_TLS12 "Capture an attempt with TLS 1.2 alone: there certificates and alerts can be seen."

static const finding_remedy_t failure_remedies[] = {
    {
        .where = "A client's alert about the certificate, in TLS 1.3",
        .fits = objects_to_hidden_certificate,
        .cause = "The client's alert says that it does not accept the server's certificate, which TLS 1.3 hides: its "
                 "CA, its validity or its name.",
        .next_step = {VERIFY_HIDDEN_CERTIFICATE, CAPTURE_WITH_TLS12},
    },
    {
        .where = "The client acknowledged nothing of the server's answer",
        .fits = answer_was_lost,
        .cause = "The server's answer, and the certificate in it, never reached the client: large segments get lost "
                 "on the path (MTU), or a firewall drops them.",
        .next_step =
            {
                "Client: ping -f -l 1472 SERVER, then with less, finds what the path lets through.",
                "Router or firewall: let ICMP (fragmentation needed, packet too big) pass, or clamp TCP's MSS.",
                "Capture at the client too: what does not arrive there gets lost between.",
            },
    },
    {
        .where = "The client closes in TLS 1.3",
        .fits = client_leaves_unread,
        .cause = "TLS 1.3 hides why: perhaps the client does not accept the server's certificate, or has none to give "
                 "where it is asked for one.",
        .next_step = {VERIFY_HIDDEN_CERTIFICATE, CAPTURE_WITH_TLS12},
    },
    {.cause = NULL},
};

const finding_row_t handshake_findings[] = {
    {
        .id = FINDING_HANDSHAKE_FAILED,
        .slug = "handshake_failed",
        .severity = SEVERITY_ERROR,
        .overcome_by = PHASE_HANDSHAKE_COMPLETE,
        .error_rule = ERROR_BY_ALERT,
        .title = "TLS handshake failed",
        .look_at = "server or load balancer",
        .summary = "The TLS handshake was ended before it was complete.",
        .cause = "Neither cipher suites nor a certificate explain it: a middlebox alters TLS, the private key does not "
                 "fit the certificate, or one side failed internally.",
        .next_step =
            {
                "Windows Server: Get-WinEvent -ProviderName Schannel -MaxEvents 20 shows what Schannel says of it.",
                "ADC: read its SSL log at this time.",
                "Capture at the server too and compare: a difference points to TLS inspection between.",
            },
        .remedies = failure_remedies,
        .reference = "RFC 5246 sections 7.2.2 and 7.3",
        .raised_when = "any other fatal alert, RST or FIN ends the handshake before it is complete",
        .raised_on = "alert, RST or FIN",
        .happened = describe_failure,
    },
    {
        .id = FINDING_CLOSED_AFTER_HANDSHAKE,
        .seen_on = SEEN_CLOSE,
        .slug = "closed_after_handshake",
        .severity = SEVERITY_WARNING,
        .yields_to = FINDING_CERTIFICATE_REVOCATION_UNREACHABLE,
        .title = "closed after handshake",
        .look_at = "server's certificate",
        .summary = "The client closed the connection when the handshake was complete, before it sent a request.",
        .cause = "A load balancer's monitor closes like this, and so does Windows 7 if it does not accept the "
                 "certificate's chain or cannot reach its CRL, which it checks only now.",
        .next_step =
            {
                "If it comes once a minute from a load balancer's address, it is a monitor: nothing to repair.",
                "Windows 7: netsh interface httpstunnel show interfaces (0x800b0109: chain, 0x80092013: CRL).",
                "Client: certutil -verify -urlfetch shows on the exported certificate which check fails.",
                "Server or ADC: send the intermediate certificate along (NetScaler: link ssl certKey).",
            },
        .remedies = leaving_remedies,
        .explained_by =
            {
                FINDING_CERTIFICATE_REVOCATION_UNREACHABLE,
                FINDING_CERTIFICATE_SELF_SIGNED,
                FINDING_CERTIFICATE_NAME_ONLY_IN_SAN,
            },
        .reference = "RFC 5280 section 6",
        .raised_when = "the client closes or resets after a complete handshake without having sent application data; "
                       "an error from the second attempt on of a client that offers NULL suites",
        .raised_on = "FIN or RST",
        .applies = closed_after_handshake,
        .is_error = closed_so_before,
        .happened = describe_leaving,
    },
    {.slug = NULL},
};
