/* tunnel.c - findings about the tunnel once it is up
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "findings/evidence.h"
#include "windows_error.h"

#define ROUTER_SOLICITATIONS_OF_SILENCE 3 /* RFC 4861 section 10: MAX_RTR_SOLICITATIONS */
#define TUNNEL_SETTLED_NS (2 * NANOSECONDS)

static bool tunnel_is_up(const evidence_t *given)
{
  return given->session->response_status == HTTP_OK;
}

/* What rewrites the answer has put its packets where they are not found. */
static bool hides_packets(const session_t *session)
{
  return session->response_is_finite && session->raised[FINDING_REQUEST_ALTERED];
}

/* Where there are no time stamps, nobody knows. */
static bool settles(const evidence_t *given)
{
  int64_t since_ns = given->session->response_time_ns;

  return since_ns != 0 && given->observation->time_ns - since_ns < TUNNEL_SETTLED_NS;
}

/* The server is the one that ends the tunnel, before it has been of any use. A capture of its side alone does not tell
 * who closed first. */
static bool server_gives_up(const evidence_t *given)
{
  const session_t *session = given->session;

  return tunnel_is_up(given) && session->closer == CLOSER_SERVER && given->observation->bytes[SIDE_CLIENT] > 0 &&
         ((session->packets[SIDE_SERVER] == 0 && !hides_packets(session)) || settles(given));
}

static bool tunnel_closed(const evidence_t *given)
{
  return proves_silence(given) && !given->observation->from_client && server_gives_up(given);
}

static bool tunnel_without_router_advertisement(const evidence_t *given)
{
  const session_t *session = given->session;

  if (!tunnel_is_up(given) || session->router_advertisements > 0 || !is_read(given, SIDE_SERVER) ||
      hides_packets(session) || server_gives_up(given))
    return false;
  return session->router_solicitations >= ROUTER_SOLICITATIONS_OF_SILENCE ||
         (session->router_solicitations > 0 && closes(given));
}

static bool tunnel_malformed(const evidence_t *given)
{
  return is_read(given, sender_of(given->observation));
}

static void describe_solicitations(const evidence_t *given, GString *text)
{
  g_string_append_printf(text, "%u sent", given->session->router_solicitations);
}

static void describe_short_life(const evidence_t *given, GString *text)
{
  const session_t *session = given->session;
  int64_t life_ns = given->observation->time_ns - session->response_time_ns;

  g_string_append_printf(text, "%u ms after its 200, inner packets sent: %u", (unsigned)(life_ns / 1000000),
                         session->packets[SIDE_SERVER]);
}

static void describe_malformed(const evidence_t *given, GString *text)
{
  g_string_append_printf(text, "what %s sent in the tunnel is not IPv6", sender(given));
}

static void describe_sender(const evidence_t *given, GString *text)
{
  g_string_append_printf(text, "%s sent it", sender(given));
}

const finding_row_t tunnel_findings[] = {
    {
        .id = FINDING_TUNNEL_WITHOUT_ROUTER_ADVERTISEMENT,
        .slug = "tunnel_without_router_advertisement",
        .severity = SEVERITY_WARNING,
        .error_rule = ERROR_FIXED,
        .windows_error = WINDOWS_WSANO_DATA,
        .title = "no router advertisement",
        .look_at = "DirectAccess server",
        .summary = "The tunnel is up, but the client's router solicitations have had no answer so far.",
        .cause = "The server publishes no IPv6 prefix on its IP-HTTPS interface, so the client gets no address for the "
                 "tunnel.",
        .next_step =
            {
                "Windows Server: compare ClientIPv6Prefix in Get-DAServer with Get-NetRoute -AddressFamily IPv6.",
                "Windows Server: New-NetRoute PREFIX -InterfaceAlias IPHTTPSInterface -Publish Yes, if it is missing.",
                "Windows Server: then Restart-Service RaMgmtSvc; Get-NetIPInterface must show Advertising enabled.",
            },
        .reference = "RFC 4861 section 6.3.7",
        .raised_when = "three router solicitations, or the close, and no router advertisement",
        .raised_on = "third solicitation, FIN or RST",
        .applies = tunnel_without_router_advertisement,
        .particulars = describe_solicitations,
    },
    {
        .id = FINDING_TUNNEL_CLOSED,
        .seen_on = SEEN_CLOSE,
        .slug = "tunnel_closed",
        .severity = SEVERITY_ERROR,
        .title = "tunnel closed by server",
        .look_at = "server or load balancer",
        .summary = "The server closed the tunnel at once, or before it sent a packet.",
        .cause = "The server accepted the request but not the client, its IP Helper service stopped, or the ADC ended "
                 "a connection that it takes for a finished exchange.",
        .next_step =
            {
                "Windows Server: Get-Service iphlpsvc,RemoteAccess must say Running; read their events at this time.",
                "ADC: look at the time-outs and the HTTP profile of the virtual server.",
            },
        .explained_by =
            {
                FINDING_HTTP_NOT_DIRECTACCESS,
                FINDING_REQUEST_ALTERED,
            },
        .reference = "[MS-IPHTTPS] section 3.2",
        .raised_when = "the server closes within two seconds of its 200, or before it has sent an inner packet",
        .raised_on = "FIN or RST",
        .applies = tunnel_closed,
        .happened = describe_ending,
        .particulars = describe_short_life,
    },
    {
        .id = FINDING_TUNNEL_MALFORMED,
        .seen_on = SEEN_MALFORMED,
        .slug = "tunnel_malformed",
        .severity = SEVERITY_ERROR,
        .title = "tunnel content not IPv6",
        .look_at = "server or load balancer",
        .summary = "What flows in the tunnel is not IPv6.",
        .cause = "An ADC or proxy changes the stream by compression, chunked transfer or rewriting, or what answered "
                 "is not an IP-HTTPS server.",
        .next_step =
            {
                "ADC: switch compression, caching and rewriting off for this virtual server.",
                "Compare with a capture at the server (pktmon start --capture --pkt-size 0).",
            },
        .explained_by =
            {
                FINDING_REQUEST_ALTERED,
            },
        .reference = "[MS-IPHTTPS] section 2.2, RFC 8200 section 3",
        .raised_when = "what follows the 200 does not begin as an IPv6 packet",
        .raised_on = "that frame",
        .applies = tunnel_malformed,
        .happened = describe_malformed,
        .particulars = describe_sender,
    },
    {.slug = NULL},
};
