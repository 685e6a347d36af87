/* connect.c - findings about the TCP connection
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "findings/evidence.h"

#include "windows_error.h"

#define SYN_TRANSMISSIONS_OF_A_TIMEOUT 3 /* Windows' default: the first SYN and two more */

static bool still_connecting(const evidence_t *given)
{
  return given->session->syn_transmissions > 0 && !given->session->connected_tcp;
}

/* What ICMP has answered is not unanswered, though the client may go on to send its SYN. */
static bool connect_timeout(const evidence_t *given)
{
  return still_connecting(given) && !given->session->raised[FINDING_CONNECT_UNREACHABLE] &&
         given->session->syn_transmissions >= SYN_TRANSMISSIONS_OF_A_TIMEOUT;
}

static bool connect_refused(const evidence_t *given)
{
  return !given->observation->from_client && still_connecting(given);
}

/* The address and port that were tried: the name may have led to the wrong ones. */
static void describe_server(const evidence_t *given, GString *text)
{
  char *address = ip_address_to_text(&given->session->server);
  char *server = host_and_port_to_text(address, given->session->server_port);

  g_string_append(text, server);
  g_free(server);
  g_free(address);
}

static void describe_unanswered_syns(const evidence_t *given, GString *text)
{
  g_string_append_printf(text, "SYN sent %u times, ", given->session->syn_transmissions);
  append_silence(given, text, session_span(given->session, PHASE_TCP_CONNECT)->begin_time_ns);
}

static void describe_silent_server(const evidence_t *given, GString *text)
{
  describe_server(given, text);
  g_string_append(text, ", ");
  append_silence(given, text, session_span(given->session, PHASE_TCP_CONNECT)->begin_time_ns);
}

static void describe_refusal(const evidence_t *given, GString *text)
{
  (void)given;
  g_string_append(text, "RST answered the SYN");
}

static void describe_unreachable(const evidence_t *given, GString *text)
{
  (void)given;
  g_string_append(text, "ICMP reports the server as unreachable");
}

const finding_row_t connect_findings[] = {
    {
        .id = FINDING_CONNECT_TIMEOUT,
        .seen_on = SEEN_SYN,
        .slug = "connect_timeout",
        .severity = SEVERITY_ERROR,
        .overcome_by = PHASE_PROXY,
        .error_rule = ERROR_FIXED,
        .windows_error = WINDOWS_WSAETIMEDOUT,
        .title = "no answer to SYN",
        .look_at = "firewall or NAT",
        .summary = "The client had to send its SYN a third time, since nothing at the DirectAccess server's address "
                   "had answered.",
        .cause = "A firewall drops TCP 443 on the way, the NAT rule or load balancer does not forward it, or the DNS "
                 "record names an address that nobody uses.",
        .next_step =
            {
                "Run Test-NetConnection NAME -Port 443 from another network.",
                "Look for the SYN on the edge firewall, the NAT rule and the load balancer's virtual server.",
            },
        .reference = "RFC 9293 section 3.8.1",
        .raised_when = "a SYN to a known endpoint is sent a third time and nothing has answered",
        .raised_on = "third SYN",
        .applies = connect_timeout,
        .happened = describe_unanswered_syns,
        .particulars = describe_silent_server,
    },
    {
        .id = FINDING_CONNECT_REFUSED,
        .seen_on = SEEN_RST,
        .slug = "connect_refused",
        .severity = SEVERITY_ERROR,
        .overcome_by = PHASE_PROXY,
        .error_rule = ERROR_FIXED,
        .windows_error = WINDOWS_WSAECONNREFUSED,
        .title = "connection refused",
        .look_at = "server or load balancer",
        .summary = "The SYN to the DirectAccess server was answered with RST.",
        .cause = "Nothing listens on that port: the ADC's virtual server is down, IP-HTTPS is not running on the "
                 "DirectAccess server, or a firewall rejects the connection.",
        .next_step =
            {
                "Windows Server: run Get-RemoteAccessHealth, look for /IPHTTPS in netsh http show servicestate.",
                "ADC: see that the virtual server and a member of its pool are up.",
            },
        .reference = "RFC 9293 section 3.5.2",
        .raised_when = "RST answers the SYN",
        .raised_on = "RST",
        .applies = connect_refused,
        .happened = describe_refusal,
        .particulars = describe_server,
    },
    {
        .id = FINDING_CONNECT_UNREACHABLE,
        .seen_on = SEEN_UNREACHABLE,
        .slug = "connect_unreachable",
        .severity = SEVERITY_ERROR,
        .overcome_by = PHASE_PROXY,
        .error_rule = ERROR_FIXED,
        .windows_error = WINDOWS_WSAEHOSTUNREACH,
        .title = "destination unreachable",
        .look_at = "firewall or NAT",
        .summary = "An ICMP message reports the DirectAccess server as unreachable or the traffic as prohibited.",
        .cause = "A router on the way has no route to the server's address, or a firewall rejects the connection and "
                 "says so.",
        .next_step =
            {
                "The ICMP message's source address names the device: correct its route or its rule for TCP 443.",
                "Run tracert to the server to see where the path ends.",
            },
        .reference = "RFC 792, RFC 4443 section 3.1",
        .raised_when = "an ICMP or ICMPv6 error (unreachable, or prohibited) quotes the SYN",
        .raised_on = "ICMP message",
        .applies = still_connecting,
        .happened = describe_unreachable,
        .particulars = describe_server,
    },
    {.slug = NULL},
};
