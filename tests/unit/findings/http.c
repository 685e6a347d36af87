/* http.c - which findings a session raises: the tunnel request and its answer
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "cases.h"

static const diagnosis_case_t cases[] = {
    {"request_altered", "2^63-1, as nginx passes it on", KNOWN_READABLE ">post:none,9223372036854775807 <status:200",
     "request_altered@8 connected@9", "connected@9", "the request has Content-Length 9223372036854775807"},
    {"request_altered", "chunked", KNOWN_READABLE ">post:none,chunked <status:411", "request_altered@8 http_rejected@9",
     "failed@9", "the request is chunked"},
    {"request_altered", "no length", KNOWN_READABLE ">post:none,none", "request_altered@8", "in progress",
     "the request has no Content-Length"},
    {"request_altered", "another path", KNOWN_READABLE ">post:none,18446744073709551615,/", "request_altered@8",
     "in progress", "the request is for /"},
    {"request_altered", "chunked answer", REQUESTED "<status:200,Microsoft-HTTPAPI/2.0,chunked >fin", "connected@9",
     "connected@9", NULL},
    {"request_altered", "chunked answer of a known endpoint",
     "=configured " REQUESTED "<status:200,Microsoft-HTTPAPI/2.0,chunked >rs ~5000 >rs <fin",
     "request_altered@9 connected@9", "connected@9", "the answer is chunked"},
    {"request_altered", "answer of finite length", "=configured " REQUESTED "<status:200,Microsoft-HTTPAPI/2.0,5",
     "request_altered@9 connected@9", "connected@9", "the answer has Content-Length 5"},
    {"request_altered", "page of another server", "=configured " REQUESTED "<status:200,nginx,5",
     "http_not_directaccess@9 request_altered@9 connected@9", "connected@9", "the answer has Content-Length 5"},
    {"request_altered", "chunked by what hides the Server header", "=configured " REQUESTED "<status:200,none,chunked",
     "http_not_directaccess@9 request_altered@9 connected@9", "connected@9", "the answer is chunked"},
    {"request_altered", "page of another server at an endpoint that nobody knew", REQUESTED "<status:200,nginx,5",
     "http_not_directaccess@9 connected@9", "connected@9", NULL},
    {"request_altered", "page of another server, at an endpoint known by the request alone",
     TCP ">post <status:200,nginx,5", "http_not_directaccess@5 connected@5", "connected@5", NULL},
    {"request_altered", "page of another server at an endpoint that a session has shown",
     "=learned " REQUESTED "<status:200,nginx,5", "http_not_directaccess@9 request_altered@9 connected@9",
     "connected@9", "the answer has Content-Length 5"},
    {"request_altered", "another server's answer without an end", "=configured " REQUESTED "<status:200,nginx",
     "http_not_directaccess@9 connected@9", "connected@9", NULL},
    {"request_altered", "another server's refusal", "=configured " REQUESTED "<status:404,nginx,5", "http_rejected@9",
     "failed@9", NULL},
    {"request_altered", "as Windows sends it, with a slash behind the path",
     KNOWN_READABLE ">post:none,18446744073709551615,/iphttps/ <status:200,Microsoft-HTTPAPI/2.0,18446744073709551615",
     "connected@9", "connected@9", NULL},
    {"http_rejected", "404", REQUESTED "<status:404", "http_rejected@9", "failed@9",
     "status 404 (Microsoft-HTTPAPI/2.0)"},
    {"http_rejected", "503 of an ADC", REQUESTED "<status:503,nginx <fin", "http_rejected@9", "failed@9",
     "status 503 (nginx)"},
    {"http_rejected", "401, then 200", REQUESTED "<status:401 >post <status:200", "http_rejected@9 connected@11",
     "connected@11", "status 401 (Microsoft-HTTPAPI/2.0)"},
    {"http_rejected", "200", REQUESTED "<status:200", "connected@9", "connected@9", NULL},
    {"http_rejected", "interim answer", REQUESTED "<status:100 <status:200", "connected@10", "connected@10", NULL},
    {"http_unanswered", "server closes", REQUESTED "<fin >fin", "http_unanswered@9", "failed@9",
     "the server closed the connection"},
    {"http_unanswered", "server's close_notify, which the client answers", REQUESTED "<warning:0 >warning:0+fin <rst",
     "http_unanswered@10", "failed@10", "the server was the first to close"},
    {"http_unanswered", "server resets", REQUESTED "<rst", "http_unanswered@9", "failed@9",
     "the server reset the connection"},
    {"http_unanswered", "client gives up", REQUESTED "<ack >fin", "http_unanswered@10", "failed@10",
     "the client closed the connection"},
    {"http_unanswered", "interim answer alone", REQUESTED "<status:100+data <fin", "http_unanswered@10", "failed@10",
     "the server closed the connection"},
    {"http_unanswered", "second request", REQUESTED "<status:401 >post <fin", "http_rejected@9 http_unanswered@11",
     "failed@9", "the server closed the connection"},
    {"http_unanswered", "capture ends", REQUESTED "<ack", "", "in progress", NULL},
    {"http_unanswered", "answered", REQUESTED "<status:500 <fin", "http_rejected@9", "failed@9", NULL},
    {"http_unanswered", "answer lost in the capture", REQUESTED "<n:400+hole <fin", "capture_incomplete@9", "closed@10",
     NULL},
    {"http_unanswered", "acknowledged before it was captured", REQUESTED ">ack+unseen >fin", "capture_incomplete@9",
     "closed@10", NULL},
    {"http_unanswered", "answered by what cannot be read", REQUESTED "<data <fin", "", "closed@10", NULL},
    {"http_unanswered", "no request", READABLE ">fin", "closed_after_handshake@8", "closed@8", NULL},
    {"http_not_directaccess", "nginx", REQUESTED "<status:200,nginx", "http_not_directaccess@9 connected@9",
     "connected@9", "the Server header is nginx"},
    {"http_not_directaccess", "Microsoft-HTTPAPI", REQUESTED "<status:200", "connected@9", "connected@9", NULL},
    {"http_not_directaccess", "not 200", REQUESTED "<status:404,nginx", "http_rejected@9", "failed@9", NULL},
    {"connected", "200", REQUESTED "<status:200", "connected@9", "connected@9", NULL},
    {"connected", "plain HTTP", TCP ">post <status:200", "connected@5", "connected@5", NULL},
    {"connected", "403", REQUESTED "<status:403", "http_rejected@9", "failed@9", NULL},
    {"connected", "content not readable", ENCRYPTED_HELLO "<shello:c030+cert:good >ckx+ccs <ccs >data <data", "",
     "complete@7", NULL},
};

static const sentence_case_t sentences[] = {
    {"=configured " REQUESTED "<status:200,nginx,5", "http_not_directaccess",
     "The tunnel request was answered with 200, but not by Microsoft-HTTPAPI: the Server header is nginx."},
    {"=configured " REQUESTED "<status:200,nginx,5", "request_altered",
     "The tunnel request or its answer is not as Windows writes it: the answer has Content-Length 5."},
    {"=configured " REQUESTED "<status:200,Microsoft-HTTPAPI/2.0,chunked", "request_altered",
     "The tunnel request or its answer is not as Windows writes it: the answer is chunked."},
    {REQUESTED "<status:404", "http_rejected",
     "The tunnel request was answered with a status other than 200: status 404 (Microsoft-HTTPAPI/2.0)."},
    {REQUESTED "<fin >fin", "http_unanswered",
     "The session ended before the tunnel request was answered: the server closed the connection."},
    {REQUESTED "<status:200,nginx", "http_not_directaccess",
     "The tunnel request was answered with 200, but not by Microsoft-HTTPAPI: the Server header is nginx."},
    {REQUESTED "<status:200", "connected",
     "The server answered the tunnel request with 200: the IP-HTTPS tunnel is up."},
};

static const char nobody[] = "The URL is registered, but nobody listens for it (503 from Microsoft-HTTPAPI): the IP "
                             "Helper service has stopped or hangs.";
static const char pool[] = "A load balancer or reverse proxy answers that it reaches no working DirectAccess server.";
static const char length[] = "What answers does not take a request of endless length: a web application firewall, a "
                             "proxy or nginx, not the DirectAccess server.";
static const char other_site[] = "Another web site or an ADC policy answers for this address, or IP-HTTPS has not "
                                 "registered /IPHTTPS on the DirectAccess server.";
static const char check_length[] =
    "ADC or web application firewall: pass TLS or TCP through, or exempt the server from HTTP checks.";
static const char check_pool[] = "ADC: look at the pool members and their monitors (NetScaler: show lb vserver VS).";
static const char find_url[] = "Windows Server: look for /IPHTTPS in netsh http show servicestate.";

static const cause_case_t causes[] = {
    {"=configured " REQUESTED "<status:200,nginx,5", "request_altered",
     "Another web server answers for the address, as a captive portal does, or an ADC that ends HTTP puts its own head "
     "before the tunnel.",
     "Client: Resolve-DnsName NAME, then NAT and the ADC's pool, lead to the server that answers."},
    {"=configured " REQUESTED "<status:200,Microsoft-HTTPAPI/2.0,5", "request_altered",
     "An ADC, proxy or web application firewall on the path ends HTTP and writes it anew; a tunnel has no end, and "
     "must "
     "pass as it is.",
     "ADC: let a TCP or SSL bridge virtual server carry IP-HTTPS, without an HTTP profile."},
    {REQUESTED "<status:404", "http_rejected",
     "Windows answers (404 from Microsoft-HTTPAPI), but nothing has registered the URL that the client asks for.",
     find_url},
    {REQUESTED "<status:404,nginx", "http_rejected", other_site, find_url},
    {REQUESTED "<status:503", "http_rejected", nobody,
     "Windows Server: Get-Service iphlpsvc shows its state, Restart-Service iphlpsvc starts it anew."},
    {REQUESTED "<status:503,none", "http_rejected", pool, check_pool},
    {REQUESTED "<status:502,nginx", "http_rejected", pool, check_pool},
    {REQUESTED "<status:504,none", "http_rejected", pool, check_pool},
    {REQUESTED "<status:400,nginx", "http_rejected", length, check_length},
    {REQUESTED "<status:411,none", "http_rejected", length, check_length},
    {REQUESTED "<status:413,nginx", "http_rejected", length, check_length},
    {REQUESTED "<status:400", "http_rejected", other_site, find_url},
    {REQUESTED "<status:302,none", "http_rejected",
     "A captive portal or a policy of the ADC redirects the client, which follows no redirection.",
     "Look at the Location header to see who redirects."},
    {REQUESTED "<status:401", "http_rejected",
     "What publishes the server wants a login or preauthentication, which the client cannot give over HTTP.",
     "Publishing proxy or ADC: switch authentication off for this address, or pass TCP through."},
    {REQUESTED "<status:403", "http_rejected", other_site, find_url},
};

const phase_cases_t http_cases = {"http", LISTED(cases), LISTED(sentences), LISTED(causes)};
