/* http.c - findings about the tunnel request and its answer
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "findings/evidence.h"

#include <string.h>

#include "stream.h"
#include "windows_error.h"

static bool http_rejected(const evidence_t *given)
{
  return given->observation->http_status > HTTP_OK && !may_refuse_certificate(given);
}

static bool connected(const evidence_t *given)
{
  return saw(given, SEEN_RESPONSE) && given->observation->http_status == HTTP_OK;
}

static bool from_windows(const evidence_t *given)
{
  const char *server = given->observation->http_server;

  return server != NULL && strstr(server, "Microsoft-HTTPAPI") != NULL;
}

/* Load balancers may hide the Server header; then only an answer with an end gives the other server away. */
static bool http_not_directaccess(const evidence_t *given)
{
  const char *server = given->observation->http_server;

  if (!connected(given))
    return false;
  return server != NULL ? !from_windows(given) : given->observation->http_is_finite;
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

/* Known by a row or by an earlier session, and not by this one's request alone. */
static bool is_known_beforehand(const session_t *session)
{
  return session->configured != NULL || session->tagged_by == TAG_LEARNED;
}

/* An ADC that ends HTTP may hide Windows' Server header, or put its own there; elsewhere it is another server's. */
static bool answer_is_altered(const evidence_t *given)
{
  return connected(given) && (from_windows(given) || is_known_beforehand(given->session)) &&
         altered_framing(given->observation) != NULL;
}

static bool request_altered(const evidence_t *given)
{
  return session_has_known_endpoint(given->session) && !given->observation->http_is_cut &&
         (request_is_altered(given) || answer_is_altered(given));
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

static void describe_server_header(const evidence_t *given, GString *text)
{
  if (given->observation->http_server != NULL)
    g_string_append_printf(text, "the Server header is %s", given->observation->http_server);
  else
    g_string_append(text, "it has a length and names no server");
}

static bool is_one_of(const evidence_t *given, const uint16_t *statuses)
{
  for (; *statuses != 0; statuses++)
    if (given->observation->http_status == *statuses)
      return true;
  return false;
}

static bool url_is_not_registered(const evidence_t *given)
{
  return from_windows(given) && given->observation->http_status == 404;
}

static bool nobody_listens(const evidence_t *given)
{
  return from_windows(given) && given->observation->http_status == 503;
}

static bool length_is_refused(const evidence_t *given)
{
  return !from_windows(given) && is_one_of(given, (const uint16_t[]){400, 411, 413, 0});
}

static bool pool_fails(const evidence_t *given)
{
  return is_one_of(given, (const uint16_t[]){502, 503, 504, 0});
}

static bool redirects(const evidence_t *given)
{
  return is_one_of(given, (const uint16_t[]){301, 302, 303, 307, 308, 0});
}

static bool asks_for_login(const evidence_t *given)
{
  return given->observation->http_status == 401;
}

static const finding_remedy_t rejection_remedies[] = {
    {
        .where = "Status 404 of Microsoft-HTTPAPI",
        .fits = url_is_not_registered,
        .cause = "Windows answers (404 from Microsoft-HTTPAPI), but nothing has registered the URL that the client "
                 "asks for.",
        .next_step =
            {
                "Windows Server: look for /IPHTTPS in netsh http show servicestate.",
                "Windows Server: where it is missing, restart the IP Helper service (Restart-Service iphlpsvc).",
                "Compare the request's URI with ServerURL; Server 2012 R2 and later answer no /IPTLS.",
            },
    },
    {
        .where = "Status 503 of Microsoft-HTTPAPI",
        .fits = nobody_listens,
        .cause = "The URL is registered, but nobody listens for it (503 from Microsoft-HTTPAPI): the IP Helper service "
                 "has stopped or hangs.",
        .next_step =
            {
                "Windows Server: Get-Service iphlpsvc shows its state, Restart-Service iphlpsvc starts it anew.",
                "Windows Server: Get-RemoteAccessHealth shows what IP-HTTPS is short of.",
                "Windows Server: look for /IPHTTPS in netsh http show servicestate afterwards.",
            },
    },
    {
        .where = "Status 400, 411 or 413 of another server",
        .fits = length_is_refused,
        .cause = "What answers does not take a request of endless length: a web application firewall, a proxy or "
                 "nginx, not the DirectAccess server.",
        .next_step =
            {
                "ADC or web application firewall: pass TLS or TCP through, or exempt the server from HTTP checks.",
                "With nginx, forward in the stream block; as HTTP it takes no length beyond 2^63-1.",
                "Look at the Server header to see who answers.",
            },
    },
    {
        .where = "Status 502, 503 or 504 of another server",
        .fits = pool_fails,
        .cause = "A load balancer or reverse proxy answers that it reaches no working DirectAccess server.",
        .next_step =
            {
                "ADC: look at the pool members and their monitors (NetScaler: show lb vserver VS).",
                "ADC with SSL offload: the server must take HTTP (Set-RemoteAccess -UseHttp $true).",
                "Windows Server: Get-RemoteAccessHealth shows the state of IP-HTTPS.",
            },
    },
    {
        .where = "A redirection, such as status 302",
        .fits = redirects,
        .cause = "A captive portal or a policy of the ADC redirects the client, which follows no redirection.",
        .next_step =
            {
                "Look at the Location header to see who redirects.",
                "Client: log in to the network's portal, or try another network.",
                "ADC: exempt the virtual server from redirects, responder and rewrite policies.",
            },
    },
    {
        .where = "Status 401",
        .fits = asks_for_login,
        .cause =
            "What publishes the server wants a login or preauthentication, which the client cannot give over HTTP.",
        .next_step =
            {
                "Publishing proxy or ADC: switch authentication off for this address, or pass TCP through.",
                "Windows Server: look in netsh http show servicestate for another site that answers for the URL.",
            },
    },
    {.cause = NULL},
};

static bool another_answers(const evidence_t *given)
{
  return saw(given, SEEN_RESPONSE) && !from_windows(given);
}

static const finding_remedy_t alteration_remedies[] = {
    {
        .where = "A 200 that is not of Microsoft-HTTPAPI",
        .fits = another_answers,
        .cause = "Another web server answers for the address, as a captive portal does, or an ADC that ends HTTP puts "
                 "its own head before the tunnel.",
        .next_step =
            {
                "Client: Resolve-DnsName NAME, then NAT and the ADC's pool, lead to the server that answers.",
                "ADC: let a TCP or SSL bridge virtual server carry IP-HTTPS, without an HTTP profile.",
            },
    },
    {.cause = NULL},
};

const finding_row_t http_findings[] = {
    {
        .id = FINDING_HTTP_NOT_DIRECTACCESS,
        .seen_on = SEEN_RESPONSE,
        .slug = "http_not_directaccess",
        .severity = SEVERITY_WARNING,
        .title = "not Microsoft-HTTPAPI",
        .look_at = "DNS, NAT or load balancer",
        .summary = "The tunnel request was answered with 200, but not by Microsoft-HTTPAPI.",
        .cause = "Another web server or the ADC itself answers at this address, or an ADC policy rewrites the Server "
                 "header of Windows.",
        .next_step =
            {
                "Client: Resolve-DnsName NAME, then NAT and the ADC's pool, lead to the server that answers.",
                "If packets flow in the tunnel, only the header was rewritten: nothing to repair.",
            },
        .reference = "[MS-IPHTTPS] section 4",
        .raised_when = "the answer is 200, and its Server header is not Microsoft-HTTPAPI",
        .raised_on = "HTTP answer",
        .applies = http_not_directaccess,
        .particulars = describe_server_header,
    },
    {
        .id = FINDING_REQUEST_ALTERED,
        .seen_on = SEEN_REQUEST | SEEN_RESPONSE,
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
        .remedies = alteration_remedies,
        .reference = "[MS-IPHTTPS] section 2.2, RFC 9112 section 6",
        .raised_when = "at a known endpoint the tunnel request or its 200 is chunked or has another length than "
                       "2^64-1, or the request has none or another path",
        .raised_on = "that message",
        .applies = request_altered,
        .particulars = describe_alteration,
    },
    {
        .id = FINDING_HTTP_REJECTED,
        .seen_on = SEEN_RESPONSE,
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
                "Windows Server: where it is missing, restart the IP Helper service (Restart-Service iphlpsvc).",
                "ADC: check the responder and rewrite policies.",
            },
        .remedies = rejection_remedies,
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
                "ADC: look at the pool members and their monitors (NetScaler: show lb vserver VS).",
                "Windows Server: Get-Service iphlpsvc must say Running; Restart-Service iphlpsvc starts it anew.",
                "Proxy or web application firewall: exempt the server from request buffering.",
            },
        .reference = "[MS-IPHTTPS] section 3.2",
        .raised_when = "the session ends, or the client gives up, before the tunnel request is answered",
        .raised_on = "FIN or RST",
        .happened = describe_ending,
    },
    {
        .id = FINDING_CONNECTED,
        .seen_on = SEEN_RESPONSE,
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
                "Client: if Get-DAConnectionStatus says CouldNotContactDirectAccessServer, look at IPsec and DNS64.",
                "Client: Get-NetIPsecMainModeSA shows IPsec, Get-DnsClientNrptPolicy -Effective name resolution.",
            },
        .reference = "[MS-IPHTTPS] section 4",
        .raised_when = "the tunnel request is answered with 200",
        .raised_on = "HTTP answer",
        .applies = connected,
    },
    {.slug = NULL},
};
