/* proxy.c - which findings a session raises: a proxy on the way
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "cases.h"

static const diagnosis_case_t cases[] = {
    {"proxy_refused", "the first step of a login", BY_PROXY "<proxy:407+login", "proxy_refused@5", "failed@5",
     "the proxy answered CONNECT da.example.com:443 with status 407"},
    {"proxy_refused", "a login that succeeds", BY_PROXY "<proxy:407+login >connect:da.example.com:443 <proxy:200",
     "proxy_refused@5 proxy_in_path@7", "in progress", "the proxy answered CONNECT da.example.com:443 with status 407"},
    {"proxy_refused", "a login whose end is not read",
     BY_PROXY "<proxy:407 >connect:da.example.com:443 <ack >hellobytes", "proxy_refused@5:00002afc", "in progress",
     "the proxy answered CONNECT da.example.com:443 with status 407"},
    {"proxy_refused", "a hello before any CONNECT is the session's own", "=configured " TCP ">hellobytes <rst", "",
     "closed@5", NULL},
    {"proxy_refused", "407", BY_PROXY "<proxy:407", "proxy_refused@5:00002afc", "failed@5",
     "the proxy answered CONNECT da.example.com:443 with status 407"},
    {"proxy_refused", "503 and closed", BY_PROXY "<proxy:503 <fin >fin", "proxy_refused@5:00002afc", "failed@5",
     "the proxy answered CONNECT da.example.com:443 with status 503"},
    {"proxy_refused", "closed without an answer", BY_PROXY "<fin", "proxy_refused@5:00002afc", "failed@5",
     "the proxy closed the connection without an answer"},
    {"proxy_refused", "reset without an answer", BY_PROXY "<rst", "proxy_refused@5:00002afc", "failed@5",
     "the proxy reset the connection without an answer"},
    {"proxy_refused", "answer without an end, client resets", BY_PROXY "<head:403 >rst", "proxy_refused@6:00002afc",
     "failed@6", "the proxy answered CONNECT da.example.com:443 with status 403"},
    {"proxy_refused", "answer without an end, client closes first", BY_PROXY "<head:407 >fin <fin",
     "proxy_refused@7:00002afc", "failed@7", "the proxy answered CONNECT da.example.com:443 with status 407"},
    {"proxy_refused", "answer without an end, accepted", BY_PROXY "<head:200 >rst", "", "closed@6", NULL},
    {"proxy_in_path", "by IPv6 address", TCP ">connect:2001:db8::1:443 <proxy:200 >hello:null", "proxy_in_path@6",
     "in progress", "the proxy answered CONNECT [2001:db8::1]:443 with status 200"},
    {"proxy_refused", "learned endpoint", "=learned " TCP ">connect:da.example.com:443 <proxy:403",
     "proxy_refused@5:00002afc", "failed@5", "the proxy answered CONNECT da.example.com:443 with status 403"},
    {"proxy_refused", "accepted", BY_PROXY "<proxy:200", "proxy_in_path@5", "in progress", NULL},
    {"proxy_refused", "closed after accepting", BY_PROXY "<proxy:200 >hello:encrypted <fin",
     "proxy_in_path@5 hello_rejected@7", "failed@7", NULL},
    {"proxy_refused", "unanswered", BY_PROXY, "", "in progress", NULL},
    {"proxy_refused", "client gives up", BY_PROXY ">fin <fin", "", "closed@5", NULL},
    {"proxy_in_path", "200", BY_PROXY "<proxy:200", "proxy_in_path@5", "in progress",
     "the proxy answered CONNECT da.example.com:443 with status 200"},
    {"proxy_in_path", "after 407",
     BY_PROXY "<proxy:407 >connect:da.example.com:443 <proxy:200 >hello:null <shello:003b+cert:good "
              ">ckx+ccs+finished <ccs+finished >post <status:200",
     "proxy_refused@5:00002afc proxy_in_path@7 connected@13", "connected@13",
     "the proxy answered CONNECT da.example.com:443 with status 200"},
    {"proxy_in_path", "403", BY_PROXY "<proxy:403", "proxy_refused@5:00002afc", "failed@5", NULL},
    {"proxy_in_path", "HTTP without CONNECT", "=configured " TCP ">bytes:GET <proxy:200", "", "in progress", NULL},
    {"proxy_refused", "HTTP without CONNECT", "=configured " TCP ">bytes:GET <proxy:404", "", "in progress", NULL},
    {"proxy_in_path", "no proxy", "=configured " NULL_HELLO, "", "in progress", NULL},
};

static const sentence_case_t sentences[] = {
    {BY_PROXY "<proxy:407", "proxy_refused",
     "The HTTP proxy did not let the client through to the DirectAccess server: the proxy answered CONNECT "
     "da.example.com:443 with status 407."},
    {BY_PROXY "<proxy:200", "proxy_in_path",
     "The client reaches the DirectAccess server through an HTTP proxy: the proxy answered CONNECT "
     "da.example.com:443 with status 200."},
};

static const cause_case_t causes[] = {
    {BY_PROXY "<proxy:407", "proxy_refused",
     "The proxy wants a login: Windows 7 can give none, and later versions log in by Negotiate or NTLM alone.",
     "Proxy: exempt the server's name and port from authentication."},
    {BY_PROXY "<head:407 >rst", "proxy_refused",
     "The proxy wants a login: Windows 7 can give none, and later versions log in by Negotiate or NTLM alone.",
     "Proxy: exempt the server's name and port from authentication."},
    {BY_PROXY "<proxy:403", "proxy_refused", "The proxy's rules forbid this client the server's name or port.",
     "Proxy: allow CONNECT to the server's name and port."},
    {BY_PROXY "<proxy:502", "proxy_refused", "The proxy itself cannot resolve the server's name or reach the server.",
     "Proxy: try nslookup NAME and curl -v https://NAME there, and correct what fails."},
    {BY_PROXY "<fin", "proxy_refused",
     "The proxy does not accept the computer's connection: it wants a login (407), forbids the name or port (403), "
     "or cannot reach the server (5xx).",
     "Proxy: exempt the server's name and port from authentication and filters."},
};

const phase_cases_t proxy_cases = {"proxy", LISTED(cases), LISTED(sentences), LISTED(causes)};
