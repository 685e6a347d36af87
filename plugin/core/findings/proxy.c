/* proxy.c - findings about an HTTP proxy between client and server
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "findings/evidence.h"
#include "windows_error.h"

/* Whatever else HTTP answers, on the endpoint's own port or before a CONNECT, is no proxy's word on it. */
static bool connect_answered(const evidence_t *given)
{
  return saw(given, SEEN_PROXY_ANSWER) && given->session->connect_host != NULL;
}

static bool accepts(uint16_t status)
{
  return status / 100 == 2;
}

/* Wireshark does not tell of an answer whose body goes on until the proxy closes, where the client does so first. */
static bool refusal_ends(const evidence_t *given)
{
  uint16_t status = given->session->proxy_status;

  return status != 0 && !accepts(status) && (saw(given, SEEN_RST) || !given->observation->from_client);
}

static bool proxy_refused(const evidence_t *given)
{
  const session_t *session = given->session;

  if (connect_answered(given))
    return !accepts(given->observation->http_status);
  return session->phase == PHASE_PROXY && !session->proxy_answered && proves_silence(given) &&
         (session->closer == CLOSER_SERVER || refusal_ends(given));
}

static bool proxy_in_path(const evidence_t *given)
{
  return connect_answered(given) && accepts(given->observation->http_status);
}

/* The first steps of a login look like a refusal; only its end tells. */
static bool refusal_is_final(const evidence_t *given)
{
  return !given->observation->proxy_offers_login;
}

static uint16_t status_of(const evidence_t *given)
{
  return saw(given, SEEN_PROXY_ANSWER) ? given->observation->http_status : given->session->proxy_status;
}

static void describe_proxy(const evidence_t *given, GString *text)
{
  uint16_t status = status_of(given);

  if (status == 0) {
    g_string_append_printf(text, "the proxy %s the connection without an answer",
                           saw(given, SEEN_RST) ? "reset" : "closed");
    return;
  }
  char *target = host_and_port_to_text(given->session->connect_host, given->session->connect_port);

  g_string_append_printf(text, "the proxy answered CONNECT %s with status %u", target, status);
  g_free(target);
}

static bool wants_login(const evidence_t *given)
{
  enum { PROXY_AUTHENTICATION_REQUIRED = 407 };

  return status_of(given) == PROXY_AUTHENTICATION_REQUIRED;
}

static bool forbids(const evidence_t *given)
{
  enum { FORBIDDEN = 403 };

  return status_of(given) == FORBIDDEN;
}

static bool cannot_reach_server(const evidence_t *given)
{
  return status_of(given) / 100 == 5;
}

#define CACHED_PROXIES                                                                                                 \
  "Client: clear cached proxies in iphlpsvc\\Parameters\\ProxyMgr (registry), then restart iphlpsvc."
#define BYPASS_PROXY "Client: let it bypass the proxy for the server; netsh winhttp show proxy shows the one it uses."

static const finding_remedy_t proxy_remedies[] = {
    {
        .where = "Status 407",
        .fits = wants_login,
        .cause =
            "The proxy wants a login: Windows 7 can give none, and later versions log in by Negotiate or NTLM alone.",
        .next_step =
            {
                "Proxy: exempt the server's name and port from authentication.",
                BYPASS_PROXY,
                CACHED_PROXIES,
            },
    },
    {
        .where = "Status 403",
        .fits = forbids,
        .cause = "The proxy's rules forbid this client the server's name or port.",
        .next_step =
            {
                "Proxy: allow CONNECT to the server's name and port.",
                BYPASS_PROXY,
                CACHED_PROXIES,
            },
    },
    {
        .where = "Status 500 and above",
        .fits = cannot_reach_server,
        .cause = "The proxy itself cannot resolve the server's name or reach the server.",
        .next_step =
            {
                "Proxy: try nslookup NAME and curl -v https://NAME there, and correct what fails.",
                BYPASS_PROXY,
                CACHED_PROXIES,
            },
    },
    {.cause = NULL},
};

const finding_row_t proxy_findings[] = {
    {
        .id = FINDING_PROXY_REFUSED,
        .seen_on = SEEN_PROXY_ANSWER | SEEN_CLOSE,
        .slug = "proxy_refused",
        .severity = SEVERITY_ERROR,
        .overcome_by = PHASE_CLIENT_HELLO,
        .settled_by = FINDING_PROXY_IN_PATH,
        .error_rule = ERROR_FIXED,
        .windows_error = WINDOWS_WSANO_DATA,
        .reports_when = refusal_is_final,
        .reports_if = "unless the proxy offers a login",
        .title = "proxy refused CONNECT",
        .look_at = "proxy",
        .summary = "The HTTP proxy did not let the client through to the DirectAccess server.",
        .cause = "The proxy does not accept the computer's connection: it wants a login (407), forbids the name or "
                 "port (403), or cannot reach the server (5xx).",
        .next_step =
            {
                "Proxy: exempt the server's name and port from authentication and filters.",
                BYPASS_PROXY,
                CACHED_PROXIES,
            },
        .remedies = proxy_remedies,
        .reference = "[MS-IPHTTPS] section 3.1, RFC 9110 section 9.3.6",
        .raised_when = "CONNECT to a known endpoint, or to one that looks like it, is answered with a status other "
                       "than 2xx, or the proxy closes without an answer",
        .raised_on = "the proxy's answer",
        .applies = proxy_refused,
        .happened = describe_proxy,
    },
    {
        .id = FINDING_PROXY_IN_PATH,
        .seen_on = SEEN_PROXY_ANSWER,
        .slug = "proxy_in_path",
        .severity = SEVERITY_NOTE,
        .title = "through a proxy",
        .summary = "The client reaches the DirectAccess server through an HTTP proxy.",
        .cause = "A proxy is set in WinHTTP or found by automatic detection, and it accepted the CONNECT.",
        .next_step =
            {
                "Nothing to repair here; where tunnels drop, look at the proxy's idle time-out and its limits.",
                "Client: netsh winhttp show proxy shows where the proxy comes from.",
            },
        .reference = "[MS-IPHTTPS] section 3.1, RFC 9110 section 9.3.6",
        .raised_when = "CONNECT is accepted and the session runs through the proxy",
        .raised_on = "the proxy's answer",
        .applies = proxy_in_path,
        .happened = describe_proxy,
    },
    {.slug = NULL},
};
