/* http.c - findings about the tunnel request and its answer
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "findings/evidence.h"

#include <string.h>

#include "stream.h"
#include "windows_error.h"

#define HTTP_SYS "Microsoft-HTTPAPI"

static bool http_rejected(const evidence_t *given)
{
  return saw(given, SEEN_RESPONSE) && given->observation->http_status > HTTP_OK && !may_refuse_certificate(given);
}

static bool connected(const evidence_t *given)
{
  return saw(given, SEEN_RESPONSE) && given->observation->http_status == HTTP_OK;
}

/* Load balancers may hide the Server header; then only an answer with an end gives the other server away. */
static bool http_not_directaccess(const evidence_t *given)
{
  const char *server = given->observation->http_server;

  if (!connected(given))
    return false;
  return server != NULL ? strstr(server, HTTP_SYS) == NULL : given->observation->http_is_finite;
}

/* What is not the tunnel's own in the framing of the frame's request or answer; NULL if all of it is. */
static const char *altered_framing(const observation_t *observation)
{
  if (observation->http_is_chunked)
    return "Transfer-Encoding";
  return observation->http_length != NULL && strcmp(observation->http_length, TUNNEL_ENDLESS) != 0 ? "Content-Length"
                                                                                                   : NULL;
}

static bool request_is_altered(const evidence_t *given)
{
  const observation_t *observation = given->observation;

  return saw(given, SEEN_REQUEST) && observation->request_uri != NULL &&
         (altered_framing(observation) != NULL || observation->http_length == NULL ||
          !tunnel_is_request_uri(observation->request_uri));
}

/* An answer of another server's has been altered by nobody. */
static bool answer_is_altered(const evidence_t *given)
{
  const char *server = given->observation->http_server;

  return connected(given) && server != NULL && strstr(server, HTTP_SYS) != NULL &&
         altered_framing(given->observation) != NULL;
}

static bool request_altered(const evidence_t *given)
{
  return session_has_known_endpoint(given->session) && (request_is_altered(given) || answer_is_altered(given));
}

static void describe_alteration(const evidence_t *given, GString *text)
{
  const observation_t *observation = given->observation;
  bool is_request = saw(given, SEEN_REQUEST) && request_is_altered(given);

  g_string_append(text, is_request ? "the request " : "the answer ");
  if (observation->http_is_chunked)
    g_string_append(text, "is chunked");
  else if (altered_framing(observation) != NULL)
    g_string_append_printf(text, "has Content-Length %s", observation->http_length);
  else if (observation->http_length == NULL)
    g_string_append(text, "has no Content-Length");
  else
    g_string_append_printf(text, "is for %s", observation->request_uri);
}

static void describe_status(const evidence_t *given, GString *text)
{
  const char *server = given->observation->http_server;

  g_string_append_printf(text, "status %u", given->observation->http_status);
  if (server != NULL)
    g_string_append_printf(text, " (%s)", server);
}

static void describe_server_header(const evidence_t *given, GString *text)
{
  if (given->observation->http_server != NULL)
    g_string_append_printf(text, "the Server header is %s", given->observation->http_server);
  else
    g_string_append(text, "it has a length and no Server header");
}

const finding_row_t http_findings[] = {
    {
        .id = FINDING_REQUEST_ALTERED,
        .slug = "request_altered",
        .severity = SEVERITY_WARNING,
        .title = "tunnel request rewritten",
        .look_at = "load balancer or proxy",
        .summary = "The tunnel request or its answer is not as Windows writes it.",
        .cause = "An ADC, proxy or web application firewall on the path ends HTTP and writes it anew; a tunnel has no "
                 "end, and must pass as it is.",
        .next_step =
            {
                "ADC: let a TCP or SSL bridge virtual server carry IP-HTTPS, without an HTTP profile.",
                "ADC: switch chunking, compression, caching and URL rewriting off for this virtual server.",
                "Proxy or web application firewall: exempt the server.",
            },
        .reference = "[MS-IPHTTPS] section 2.2, RFC 9112 section 6",
        .raised_when = "at a known endpoint the tunnel request, or a 200 of Microsoft-HTTPAPI, is chunked or has "
                       "another length than 2^64-1, or the request has none or another path",
        .raised_on = "that message",
        .applies = request_altered,
        .particulars = describe_alteration,
    },
    {
        .id = FINDING_HTTP_REJECTED,
        .slug = "http_rejected",
        .severity = SEVERITY_ERROR,
        .overcome_by = PHASE_TUNNEL,
        .title = "tunnel request rejected",
        .look_at = "server or load balancer",
        .summary = "The tunnel request was answered with a status other than 200.",
        .cause = "Another web site or an ADC policy answers for this address, or IP-HTTPS has not registered /IPHTTPS "
                 "on the DirectAccess server.",
        .next_step =
            {
                "Windows Server: look for /IPHTTPS in netsh http show servicestate.",
                "Windows Server: restart the IP Helper service if it is missing there.",
                "ADC: check the responder and rewrite policies.",
            },
        .reference = "[MS-IPHTTPS] section 3.2",
        .raised_when = "the tunnel request is answered with a status other than 200",
        .raised_on = "HTTP answer",
        .applies = http_rejected,
        .happened = describe_response,
        .particulars = describe_status,
    },
    {
        .id = FINDING_HTTP_UNANSWERED,
        .slug = "http_unanswered",
        .severity = SEVERITY_ERROR,
        .overcome_by = PHASE_TUNNEL,
        .title = "tunnel request unanswered",
        .look_at = "server or load balancer",
        .summary = "The session ended before the tunnel request was answered.",
        .cause = "The ADC could not pass the request on to a DirectAccess server, or a proxy waits for the end of a "
                 "body that never ends.",
        .next_step =
            {
                "ADC: check the pool members and their monitors.",
                "Windows Server: check the IP Helper service.",
                "Proxy or web application firewall: exempt the server from request buffering.",
            },
        .reference = "[MS-IPHTTPS] section 3.2",
        .raised_when = "the session ends, or the client gives up, before the tunnel request is answered",
        .raised_on = "FIN or RST",
        .happened = describe_ending,
    },
    {
        .id = FINDING_HTTP_NOT_DIRECTACCESS,
        .slug = "http_not_directaccess",
        .severity = SEVERITY_WARNING,
        .title = "not Microsoft-HTTPAPI",
        .look_at = "DNS, NAT or load balancer",
        .summary = "The tunnel request was answered with 200, but not by Microsoft-HTTPAPI.",
        .cause = "Another web server or the ADC itself answers at this address, or an ADC policy rewrites the Server "
                 "header of Windows.",
        .next_step =
            {
                "If no packets flow in the tunnel, follow DNS, NAT and the ADC's pool to the server that answers.",
                "If packets do flow, only the header was rewritten.",
            },
        .reference = "[MS-IPHTTPS] section 4",
        .raised_when = "the answer is 200, and its Server header is not Microsoft-HTTPAPI",
        .raised_on = "HTTP answer",
        .applies = http_not_directaccess,
        .particulars = describe_server_header,
    },
    {
        .id = FINDING_CONNECTED,
        .slug = "connected",
        .severity = SEVERITY_CHAT,
        .error_rule = ERROR_FIXED,
        .windows_error = WINDOWS_NO_ERROR,
        .title = "connected",
        .summary = "The server answered the tunnel request with 200: the IP-HTTPS tunnel is up.",
        .cause = "The connection, TLS where it is used, and the tunnel request all succeeded.",
        .next_step =
            {
                "If DirectAccess still fails, look inside the tunnel, first for a router advertisement.",
                "Client: Get-NetIPsecMainModeSA shows IPsec, Get-DnsClientNrptPolicy name resolution.",
            },
        .reference = "[MS-IPHTTPS] section 4",
        .raised_when = "the tunnel request is answered with 200",
        .raised_on = "HTTP answer",
        .applies = connected,
    },
    {.slug = NULL},
};
