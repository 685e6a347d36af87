/* test_diagnose.c - which findings a session raises, on which frame, and what becomes of it
 *
 * Every row of the catalogue has a case that raises it and a near miss that does not; session_script.h explains the
 * scripts.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "findings/diagnose.h"
#include "outcome.h"
#include "session_script.h"

#include <string.h>

#define TCP ">syn <synack >ack "
#define NULL_HELLO TCP ">hello:null "                              /* frame 4 */
#define NULL_FIRST_HELLO TCP ">hello:null-first "                  /* frame 4 */
#define CONFIGURED_HELLO "=configured " NULL_HELLO                 /* frame 4 */
#define ENCRYPTED_HELLO "=configured " TCP ">hello:encrypted "     /* frame 4 */
#define SHOWN NULL_HELLO "<shello:003b+cert:good "                 /* frame 5 */
#define ASKED NULL_HELLO "<shello:003b+cert:good+certreq:machine " /* frame 5 */
#define READABLE SHOWN ">ckx+ccs+finished <ccs+finished "          /* frame 7 */
#define REQUESTED READABLE ">post "                                /* frame 8 */
#define KNOWN_READABLE "=configured " READABLE
#define TUNNEL REQUESTED "<status:200 "                                 /* frame 9 */
#define TLS13_HELLO "=configured " TCP ">hello:encrypted <shello:1301 " /* frame 5 */
#define BY_PROXY "=configured " TCP ">connect:da.example.com:443 "      /* frame 4 */

typedef struct {
  const char *about; /* the row that the case raises or nearly does */
  const char *what;
  const char *script;
  const char *findings; /* all that are raised */
  const char *verdict;
  const char *
      evidence; /* of the row, if it is raised and there is some; SHA1 stands for the server certificate's thumbprint */
} diagnosis_case_t;

static const diagnosis_case_t name_resolution[] = {
    {"name_not_found", "A", "=configured >ask:A <answer:A,3", "name_not_found@2", "failed@2", "da.example.com"},
    {"name_not_found", "AAAA alone", "=configured >ask:AAAA <answer:AAAA,3", "name_not_found@2", "failed@2",
     "da.example.com"},
    {"name_not_found", "first of two answers", "=configured >ask:A >ask:AAAA <answer:A,3 <answer:AAAA,3",
     "name_not_found@3", "failed@3", "da.example.com"},
    {"name_not_found", "learned name", "=learned >ask:A <answer:A,3", "name_not_found@2", "failed@2", "da.example.com"},
    {"name_not_found", "has an address", "=configured >ask:A <answer:A,0,1", "", "in progress", NULL},
    {"name_not_found", "AAAA denied, A with address", "=configured >ask:A >ask:AAAA <answer:A,0,1 <answer:AAAA,3", "",
     "in progress", NULL},
    {"name_without_address", "both empty", "=configured >ask:A >ask:AAAA <answer:A,0,0 <answer:AAAA,0,0",
     "name_without_address@4", "failed@4", "da.example.com"},
    {"name_without_address", "both empty, AAAA first", "=configured >ask:A >ask:AAAA <answer:AAAA,0,0 <answer:A,0,0",
     "name_without_address@4", "failed@4", "da.example.com"},
    {"name_without_address", "A alone", "=configured >ask:A <answer:A,0,0", "name_without_address@2", "failed@2",
     "da.example.com"},
    {"name_without_address", "IPv4 only", "=configured >ask:A >ask:AAAA <answer:A,0,1 <answer:AAAA,0,0", "",
     "in progress", NULL},
    {"name_without_address", "IPv6 only", "=configured >ask:A >ask:AAAA <answer:A,0,0 <answer:AAAA,0,1", "",
     "in progress", NULL},
    {"name_without_address", "one answer outstanding", "=configured >ask:A >ask:AAAA <answer:A,0,0", "", "in progress",
     NULL},
    {"name_without_address", "truncated, asked again over TCP",
     "=configured >ask:A <answer:A,0,0+truncated >ask:A <answer:A,0,1", "", "in progress", NULL},
    {"name_without_address", "truncated, none over TCP either",
     "=configured >ask:A <answer:A,0,0+truncated >ask:A <answer:A,0,0", "name_without_address@4", "failed@4",
     "da.example.com"},
    {"name_without_address", "answer cut short", "=configured >ask:A <answer:A,0,0+cut:96", "capture_truncated@2",
     "in progress", NULL},
    {"name_lookup_failed", "SERVFAIL", "=configured >ask:A <answer:A,2", "name_lookup_failed@2", "failed@2",
     "da.example.com was answered with SERVFAIL (A)"},
    {"name_lookup_failed", "REFUSED", "=configured >ask:A <answer:A,5", "name_lookup_failed@2", "failed@2",
     "da.example.com was answered with REFUSED (A)"},
    {"name_lookup_failed", "SERVFAIL to A, nothing for AAAA",
     "=configured >ask:A >ask:AAAA <answer:A,2 <answer:AAAA,0,0", "name_lookup_failed@4", "failed@4",
     "da.example.com was answered with SERVFAIL (A)"},
    {"name_lookup_failed", "nothing for A, REFUSED to AAAA",
     "=configured >ask:A >ask:AAAA <answer:A,0,0 <answer:AAAA,5", "name_lookup_failed@4", "failed@4",
     "da.example.com was answered with REFUSED (AAAA)"},
    {"name_without_address", "BADVERS, then an address", "=configured >ask:A <answer:A,16,0 >ask:A <answer:A,0,1", "",
     "in progress", NULL},
    {"name_lookup_failed", "FORMERR, then an address", "=configured >ask:A <answer:A,1 >ask:A <answer:A,0,1", "",
     "in progress", NULL},
    {"name_lookup_failed", "SERVFAIL to both", "=configured >ask:A >ask:AAAA <answer:A,2 <answer:AAAA,2",
     "name_lookup_failed@4", "failed@4", "da.example.com was answered with SERVFAIL (A) and SERVFAIL (AAAA)"},
    {"name_lookup_failed", "asked again after a second", "=configured >ask:A ~990 >ask:A", "name_lookup_failed@2",
     "failed@2", "da.example.com was asked for again, no answer for 1 s"},
    {"name_lookup_failed", "both asked again", "=configured >ask:A >ask:AAAA ~1000 >ask:A >ask:AAAA",
     "name_lookup_failed@3", "failed@3", "da.example.com was asked for again, no answer for 1 s"},
    {"name_lookup_failed", "answered late", "=configured >ask:A ~1000 >ask:A <answer:A,0,1", "name_lookup_failed@2",
     "failed@2", "da.example.com was asked for again, no answer for 1 s"},
    {"name_lookup_failed", "asked again at once", "=configured >ask:A ~900 >ask:A <answer:A,0,1", "", "in progress",
     NULL},
    {"name_lookup_failed", "AAAA asked late", "=configured >ask:A ~2000 >ask:AAAA <answer:A,0,1", "", "in progress",
     NULL},
    {"name_lookup_failed", "answered before", "=configured >ask:A <answer:A,0,1 ~2000 >ask:A", "", "in progress", NULL},
    {"name_lookup_failed", "SERVFAIL to AAAA alone", "=configured >ask:A >ask:AAAA <answer:A,0,1 <answer:AAAA,2", "",
     "in progress", NULL},
    {"name_lookup_failed", "one answer outstanding", "=configured >ask:A >ask:AAAA <answer:AAAA,2 <answer:A,0,1", "",
     "in progress", NULL},
};

static const diagnosis_case_t connecting[] = {
    {"connect_timeout", "third SYN", "=configured >syn ~1000 >syn ~2000 >syn", "connect_timeout@3", "failed@3",
     "203.0.113.10:443, no answer for 3 s"},
    {"connect_timeout", "answered late", "=configured >syn ~1000 >syn ~2000 >syn <synack", "connect_timeout@3",
     "in progress", "203.0.113.10:443, no answer for 3 s"},
    {"connect_timeout", "each SYN answered by ICMP", "=configured >syn <icmp ~3000 >syn <icmp ~6000 >syn <icmp",
     "connect_unreachable@2", "failed@2", NULL},
    {"connect_timeout", "two SYNs", "=configured >syn ~1000 >syn", "", "in progress", NULL},
    {"connect_timeout", "second SYN answered", "=configured >syn ~1000 >syn <synack >ack", "", "in progress", NULL},
    {"connect_refused", "RST", "=configured >syn <rst", "connect_refused@2", "failed@2", "203.0.113.10:443"},
    {"connect_refused", "second SYN refused", "=configured >syn ~1000 >syn <rst", "connect_refused@3", "failed@3",
     "203.0.113.10:443"},
    {"connect_refused", "reset once connected", "=configured >syn <synack <rst", "", "closed@3", NULL},
    {"connect_refused", "client's own RST", "=configured >syn >rst", "", "closed@2", NULL},
    {"connect_unreachable", "ICMP", "=configured >syn <icmp", "connect_unreachable@2", "failed@2", "203.0.113.10:443"},
    {"connect_unreachable", "second SYN", "=configured >syn ~1000 >syn <icmp", "connect_unreachable@3", "failed@3",
     "203.0.113.10:443"},
    {"connect_unreachable", "ICMP once connected", "=configured >syn <synack <icmp", "", "in progress", NULL},
    {"no_client_hello", "FIN", "=configured " TCP ">fin <fin", "no_client_hello@4", "closed@4", "it sent FIN"},
    {"no_client_hello", "RST", "=configured " TCP ">rst", "no_client_hello@4", "closed@4", "it sent RST"},
    {"no_client_hello", "server closes first", "=configured " TCP "<fin >fin", "", "closed@4", NULL},
    {"no_client_hello", "server resets", "=configured " TCP "<rst", "", "closed@4", NULL},
    {"no_client_hello", "never connected", "=configured >syn >rst", "", "closed@2", NULL},
    {"no_client_hello", "a scanner's RST answers the SYN-ACK", "=configured >syn <synack >rst", "", "closed@3", NULL},
    {"no_client_hello", "connected by the FIN itself", "=configured >syn <synack >fin", "no_client_hello@3", "closed@3",
     "it sent FIN"},
    {"no_client_hello", "Client Hello lost in the capture", "=configured " TCP ">n:200 >fin", "", "closed@5", NULL},
};

static const diagnosis_case_t proxies[] = {
    {"proxy_refused", "the first step of a login", BY_PROXY "<proxy:407+login", "proxy_refused@5", "failed@5",
     "the proxy answered CONNECT da.example.com:443 with status 407"},
    {"proxy_refused", "a login that succeeds", BY_PROXY "<proxy:407+login >connect:da.example.com:443 <proxy:200",
     "proxy_refused@5 proxy_in_path@7", "failed@5", "the proxy answered CONNECT da.example.com:443 with status 407"},
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

static const diagnosis_case_t hellos[] = {
    {"null_cipher_rejected", "handshake_failure", NULL_HELLO "<alert:40", "null_cipher_rejected@5:80090326", "failed@5",
     "the server sent the fatal alert handshake_failure (40)"},
    {"null_cipher_rejected", "insufficient_security", NULL_HELLO "<alert:71", "null_cipher_rejected@5:80090331",
     "failed@5", "the server sent the fatal alert insufficient_security (71)"},
    {"null_cipher_rejected", "internal_error", NULL_HELLO "<alert:80", "null_cipher_rejected@5:80090304", "failed@5",
     "the server sent the fatal alert internal_error (80)"},
    {"null_cipher_rejected", "access_denied", NULL_HELLO "<alert:49", "null_cipher_rejected@5:8009030c", "failed@5",
     "the server sent the fatal alert access_denied (49)"},
    {"null_cipher_rejected", "inappropriate_fallback", NULL_HELLO "<alert:86", "null_cipher_rejected@5:80090326",
     "failed@5", "the server sent the fatal alert inappropriate_fallback (86)"},
    {"null_cipher_rejected", "RST", NULL_HELLO "<rst", "null_cipher_rejected@5", "failed@5",
     "the server reset the connection"},
    {"null_cipher_rejected", "FIN", NULL_HELLO "<ack <fin >fin", "null_cipher_rejected@6", "failed@6",
     "the server closed the connection"},
    {"null_cipher_rejected", "close_notify and FIN", NULL_HELLO "<warning:0 <fin", "null_cipher_rejected@6", "failed@6",
     "the server closed the connection"},
    {"null_cipher_rejected", "close_notify and FIN in one segment", NULL_HELLO "<warning:0+fin",
     "null_cipher_rejected@5", "failed@5", "the server sent the alert close_notify (0)"},
    {"null_cipher_rejected", "alert followed by RST", NULL_HELLO "<alert:40 <rst", "null_cipher_rejected@5:80090326",
     "failed@5", "the server sent the fatal alert handshake_failure (40)"},
    {"null_cipher_rejected", "alert and FIN in one segment", NULL_HELLO "<alert:71+fin >fin",
     "null_cipher_rejected@5:80090331", "failed@5", "the server sent the fatal alert insufficient_security (71)"},
    {"null_cipher_rejected", "NULL first", NULL_FIRST_HELLO "<alert:40", "null_cipher_rejected@5:80090326", "failed@5",
     "the server sent the fatal alert handshake_failure (40)"},
    {"null_cipher_rejected", "Client Hello sent twice", NULL_HELLO ">again <alert:40",
     "null_cipher_rejected@6:80090326", "failed@6", "the server sent the fatal alert handshake_failure (40)"},
    {"null_cipher_rejected", "sent three times, then answered", NULL_HELLO ">again >again <alert:40",
     "hello_unanswered@6 null_cipher_rejected@7:80090326", "failed@6",
     "the server sent the fatal alert handshake_failure (40)"},
    {"null_cipher_rejected", "selected", NULL_HELLO "<shello:003b", "", "in progress", NULL},
    {"null_cipher_rejected", "rejected behind the Server Hello", NULL_HELLO "<shello:003b <alert:40",
     "handshake_failed@6:80090326", "failed@6", NULL},
    {"null_cipher_rejected", "warning about the name", NULL_HELLO "<warning:112+shello:003b", "", "in progress", NULL},
    {"null_cipher_rejected", "capture ends", NULL_HELLO, "", "in progress", NULL},
    {"null_cipher_rejected", "the client's FIN lost in the capture", NULL_HELLO "<fin+unseen", "capture_incomplete@5",
     "closed@5", NULL},
    {"null_cipher_rejected", "client closes first", NULL_HELLO ">fin <fin", "hello_unanswered@5", "failed@5", NULL},
    {"null_cipher_rejected", "the reset answers the client's FIN", NULL_HELLO ">fin <rst", "hello_unanswered@5",
     "failed@5", NULL},
    {"hello_rejected", "Windows 7", ENCRYPTED_HELLO "<alert:40", "hello_rejected@5:80090326", "failed@5",
     "the server sent the fatal alert handshake_failure (40)"},
    {"hello_rejected", "Windows 7, RST", ENCRYPTED_HELLO "<rst", "hello_rejected@5", "failed@5",
     "the server reset the connection"},
    {"hello_rejected", "Windows 7, FIN", ENCRYPTED_HELLO "<fin", "hello_rejected@5", "failed@5",
     "the server closed the connection"},
    {"hello_rejected", "NULL behind others", "=configured " TCP ">hello:null-behind <alert:40",
     "hello_rejected@5:80090326", "failed@5", "the server sent the fatal alert handshake_failure (40)"},
    {"hello_rejected", "protocol_version", NULL_HELLO "<alert:70", "hello_rejected@5:80090302", "failed@5",
     "the server sent the fatal alert protocol_version (70)"},
    {"hello_rejected", "unrecognized_name", NULL_HELLO "<alert:112", "hello_rejected@5:80090326", "failed@5",
     "the server sent the fatal alert unrecognized_name (112)"},
    {"hello_rejected", "NULL alone", NULL_HELLO "<alert:40", "null_cipher_rejected@5:80090326", "failed@5", NULL},
    {"hello_rejected", "client's alert", ENCRYPTED_HELLO ">alert:80", "handshake_failed@5", "failed@5", NULL},
    {"hello_rejected", "accepted", ENCRYPTED_HELLO "<shello:c030", "", "in progress", NULL},
    {"hello_unanswered", "sent a third time", NULL_HELLO ">again >again", "hello_unanswered@6", "failed@6",
     "it was sent 3 times, no answer for 20 ms"},
    {"hello_unanswered", "acknowledged and sent a third time", NULL_HELLO "<ack >again <ack >again",
     "hello_unanswered@8", "failed@8", "it was sent 3 times, no answer for 40 ms"},
    {"hello_unanswered", "client gives up", NULL_HELLO "~20990 >fin", "hello_unanswered@5", "failed@5",
     "the client closed the connection, no answer for 21 s"},
    {"hello_unanswered", "the answer may be on its way", "=configured >syn ~90 <synack >ack >hello:null ~80 >fin", "",
     "closed@5", NULL},
    {"hello_unanswered", "answered behind the FIN, within a round trip",
     "=configured >syn ~90 <synack >ack >hello:null ~80 >fin <shello:003b+cert:good", "", "closed@5", NULL},
    {"hello_unanswered", "the server closes without a byte, too",
     "=configured >syn ~90 <synack >ack >hello:null ~80 >fin ~10 <fin", "hello_unanswered@6", "failed@6",
     "the server closed the connection, no answer for 110 ms"},
    {"hello_unanswered", "client resets", ENCRYPTED_HELLO ">rst", "hello_unanswered@5", "failed@5",
     "the client reset the connection, no answer for 10 ms"},
    {"hello_unanswered", "only the client's side in the capture",
     "=configured >syn >ack >hello:encrypted >ckx+ccs >data >fin", "", "closed@6", NULL},
    {"hello_unanswered", "only the client's side in the capture, TLS 1.3",
     "=configured >syn >ack >hello:encrypted >ccs+data >fin", "", "closed@5", NULL},
    {"hello_unanswered", "sent again once", NULL_HELLO ">again", "", "in progress", NULL},
    {"hello_unanswered", "capture ends", NULL_HELLO "<ack", "", "in progress", NULL},
    {"hello_unanswered", "answered at last", NULL_HELLO ">again <shello:003b+cert:good", "", "in progress", NULL},
    {"hello_unanswered", "half an answer", NULL_HELLO "<n:20 >again >again >fin", "handshake_failed@8", "failed@8",
     NULL},
    {"hello_unanswered", "answer lost in the capture", NULL_HELLO "<n:1300 >fin", "", "closed@6", NULL},
    {"not_tls", "HTTP", NULL_HELLO "<bytes:HTTP/1.1", "not_tls@5", "failed@5",
     "the server's first bytes are \"HTTP/1.1\""},
    {"not_tls", "HTTP, then closed", NULL_HELLO "<bytes:HTTP/1.1 <fin >fin", "not_tls@5", "failed@5",
     "the server's first bytes are \"HTTP/1.1\""},
    {"not_tls", "before the Client Hello", "=address " TCP "<bytes:SSH-2.0 >hello:encrypted >fin", "not_tls@4",
     "failed@4", "the server's first bytes are \"SSH-2.0\""},
    {"not_tls", "through a proxy", BY_PROXY "<proxy:200 >hello:null <bytes:HTTP/1.1", "proxy_in_path@5 not_tls@7",
     "failed@7", "the server's first bytes are \"HTTP/1.1\""},
    {"not_tls", "alert", ENCRYPTED_HELLO "<alert:70", "hello_rejected@5:80090302", "failed@5", NULL},
    {"not_tls", "alert whose record has version 0", NULL_HELLO "<hex:15000000020228+alert:40",
     "null_cipher_rejected@5:80090326", "failed@5", NULL},
    {"not_tls", "record of version 0 that is no alert", NULL_HELLO "<hex:16000000020228", "not_tls@5", "failed@5",
     "the server's first bytes are 0x16000000020228"},
    {"not_tls", "answer of a proxy", BY_PROXY "<proxy:200", "proxy_in_path@5", "in progress", NULL},
    {"not_tls", "tunnel over HTTP", TCP ">post <bytes:HTTP/1.1+status:200", "connected@5", "connected@5", NULL},
    {"not_tls", "bytes with a line feed among them", NULL_HELLO "<hex:4a0102030a38", "not_tls@5", "failed@5",
     "the server's first bytes are 0x4a0102030a38"},
    {"not_tls", "text whose first line is empty", NULL_HELLO "<hex:0d0a48692e0d0a", "not_tls@5", "failed@5",
     "the server's first bytes are 0x0d0a48692e0d0a"},
    {"null_cipher_not_selected", "offered first", NULL_FIRST_HELLO "<shello:c030", "null_cipher_not_selected@5",
     "in progress", "the server chose suite 0xc030"},
    {"null_cipher_not_selected", "offered behind", "=configured " TCP ">hello:null-behind <shello:002f",
     "null_cipher_not_selected@5", "in progress", "the server chose suite 0x002f"},
    {"null_cipher_not_selected", "a draft of TLS 1.3", NULL_FIRST_HELLO "<shello:strange", "", "in progress", NULL},
    {"null_cipher_not_selected", "TLS 1.3", NULL_FIRST_HELLO "<shello:1302", "null_cipher_not_selected@5",
     "in progress", "the server chose suite 0x1302"},
    {"null_cipher_not_selected", "NULL-SHA256 selected", NULL_FIRST_HELLO "<shello:003b", "", "in progress", NULL},
    {"null_cipher_not_selected", "NULL-SHA selected", NULL_FIRST_HELLO "<shello:0002", "", "in progress", NULL},
    {"null_cipher_not_selected", "not offered", ENCRYPTED_HELLO "<shello:c030", "", "in progress", NULL},
};

#define SHOWS(certificate) CONFIGURED_HELLO "<shello:003b+cert:" certificate

static const diagnosis_case_t certificates[] = {
    {"certificate_name_mismatch", "other name", SHOWS("other-name"), "certificate_name_mismatch@5", "failed@5",
     "expected da.example.com, the certificate is for www.example.net (SAN: www.example.net)"},
    {"certificate_name_mismatch", "wildcard of another domain", SHOWS("wildcard-elsewhere"),
     "certificate_name_mismatch@5", "failed@5", "expected da.example.com, the certificate is for *.corp.example.com"},
    {"certificate_name_mismatch", "exact", SHOWS("good"), "", "in progress", NULL},
    {"certificate_name_mismatch", "wildcard", SHOWS("wildcard"), "", "in progress", NULL},
    {"certificate_name_mismatch", "no name to expect", "=address =nameless " NULL_HELLO "<shello:003b+cert:other-name",
     "", "in progress", NULL},
    {"certificate_name_mismatch", "cannot be parsed", SHOWS("junk"), "", "in progress", NULL},
    {"certificate_name_only_in_san", "SAN alone", SHOWS("san-only"), "certificate_name_only_in_san@5", "in progress",
     "expected da.example.com, the certificate is for edge01.corp.example.com (SAN: da.example.com)"},
    {"certificate_name_only_in_san", "subject alone", SHOWS("subject-only"), "", "in progress", NULL},
    {"certificate_name_only_in_san", "in neither", SHOWS("other-name"), "certificate_name_mismatch@5", "failed@5",
     NULL},
    {"certificate_not_expected", "another thumbprint", "=configured:renewed " NULL_HELLO "<shello:003b+cert:good",
     "certificate_not_expected@5", "failed@5", "its thumbprint is SHA1"},
    {"certificate_not_expected", "another than learned", "=learned:renewed " NULL_HELLO "<shello:003b+cert:good",
     "certificate_not_expected@5", "failed@5", "its thumbprint is SHA1"},
    {"certificate_not_expected", "configured thumbprint", "=configured:good " NULL_HELLO "<shello:003b+cert:good", "",
     "in progress", NULL},
    {"certificate_not_expected", "as learned", "=learned:good " NULL_HELLO "<shello:003b+cert:good", "", "in progress",
     NULL},
    {"certificate_not_expected", "nothing learned yet", "=learned " NULL_HELLO "<shello:003b+cert:good", "",
     "in progress", NULL},
    {"certificate_inspected", "a company's own CA, known by what connected sessions showed",
     "=learned:good " NULL_HELLO "<shello:003b+cert:reissued", "certificate_not_expected@5 certificate_inspected@5",
     "failed@5",
     "the same names, issued by CN=Corporate Proxy CA,O=Example; connected sessions showed one issued by CN=Example "
     "Issuing CA,O=Example"},
    {"certificate_inspected", "renewed by the same CA", "=learned:good " NULL_HELLO "<shello:003b+cert:renewed",
     "certificate_not_expected@5", "failed@5", NULL},
    {"certificate_inspected", "other names by another CA", "=learned:good " NULL_HELLO "<shello:003b+cert:inspected",
     "certificate_not_expected@5 certificate_inspected@5", "failed@5",
     "Fortinet FortiGate (issuer CN=FG100F,O=Fortinet,OU=Certificate Authority)"},
    {"certificate_inspected", "known product", SHOWS("inspected"), "certificate_inspected@5", "failed@5",
     "Fortinet FortiGate (issuer CN=FG100F,O=Fortinet,OU=Certificate Authority)"},
    {"certificate_inspected", "product's name in the subject", SHOWS("of-fortinet"), "", "in progress", NULL},
    {"certificate_expired", "yesterday", SHOWS("expired"), "certificate_expired@5", "failed@5",
     "it was valid until 2025-05-31 00:00:00 UTC"},
    {"certificate_expired", "last second", SHOWS("expires-now"), "", "in progress", NULL},
    {"certificate_expired", "one second later", CONFIGURED_HELLO "~1000 <shello:003b+cert:expires-now",
     "certificate_expired@5", "failed@5", "it was valid until 2025-06-01 00:00:00 UTC"},
    {"certificate_not_yet_valid", "from tomorrow", SHOWS("future"), "certificate_not_yet_valid@5", "failed@5",
     "it is valid from 2025-06-02 00:00:00 UTC"},
    {"certificate_not_yet_valid", "first second", SHOWS("begins-now"), "", "in progress", NULL},
    {"certificate_without_server_auth", "Client Authentication alone", SHOWS("not-for-servers"),
     "certificate_without_server_auth@5", "failed@5", "subject CN=da.example.com"},
    {"certificate_without_server_auth", "any purpose", SHOWS("for-any-purpose"), "", "in progress", NULL},
    {"certificate_without_server_auth", "no extended key usage", SHOWS("subject-only"), "", "in progress", NULL},
    {"certificate_self_signed", "self-signed", SHOWS("self-signed"), "certificate_self_signed@5", "in progress",
     "subject CN=da.example.com"},
    {"certificate_self_signed", "issuer of the same name", SHOWS("own-name-as-issuer"), "", "in progress", NULL},
    {"certificate_key_not_rsa", "ECDSA", SHOWS("ecdsa"), "certificate_key_not_rsa@5", "in progress",
     "subject CN=da.example.com"},
    {"certificate_key_not_rsa", "RSA", SHOWS("good"), "", "in progress", NULL},
    {"certificate_untrusted", "unknown_ca", SHOWN ">alert:48", "certificate_untrusted@6", "failed@6",
     "subject CN=da.example.com, issuer CN=Example Issuing CA,O=Example"},
    {"certificate_untrusted", "alert and RST", SHOWN ">alert:48 >rst", "certificate_untrusted@6", "failed@6",
     "subject CN=da.example.com, issuer CN=Example Issuing CA,O=Example"},
    {"certificate_untrusted", "with a client certificate wanted", ASKED ">alert:48",
     "client_certificate_requested@5 certificate_untrusted@6", "failed@6",
     "subject CN=da.example.com, issuer CN=Example Issuing CA,O=Example"},
    {"certificate_untrusted", "once the handshake is complete", READABLE ">alert:48 >fin", "certificate_untrusted@8",
     "failed@8", "subject CN=da.example.com, issuer CN=Example Issuing CA,O=Example"},
    {"certificate_untrusted", "with the tunnel up", TUNNEL ">alert:48 >fin", "connected@9", "connected@9", NULL},
    {"certificate_untrusted", "resumed handshake, once it is complete",
     NULL_HELLO "<shello:003b+ccs+finished >ccs+finished >alert:48", "", "in progress", NULL},
    {"certificate_untrusted", "resumed handshake", NULL_HELLO "<shello:003b+ccs+finished >alert:48",
     "handshake_failed@6", "failed@6", NULL},
    {"certificate_untrusted", "the server's alert", SHOWN "<alert:48", "handshake_failed@6:80090325", "failed@6", NULL},
    {"certificate_untrusted", "an alert that speaks for itself, though bytes are lost", SHOWN ">alert:48+hole",
     "certificate_untrusted@6 capture_incomplete@6", "failed@6",
     "subject CN=da.example.com, issuer CN=Example Issuing CA,O=Example"},
    {"certificate_rejected", "revoked", SHOWN ">alert:44", "certificate_rejected@6:80092010", "failed@6",
     "certificate_revoked (44)"},
    {"certificate_rejected", "bad_certificate", SHOWN ">alert:42", "certificate_rejected@6", "failed@6",
     "bad_certificate (42)"},
    {"certificate_rejected", "unsupported_certificate", SHOWN ">alert:43", "certificate_rejected@6", "failed@6",
     "unsupported_certificate (43)"},
    {"certificate_rejected", "certificate_expired", SHOWN ">alert:45", "certificate_rejected@6", "failed@6",
     "certificate_expired (45)"},
    {"certificate_rejected", "certificate_unknown", SHOWN ">alert:46", "certificate_rejected@6", "failed@6",
     "certificate_unknown (46)"},
    {"certificate_rejected", "once the handshake is complete", READABLE ">alert:42", "certificate_rejected@8",
     "failed@8", "bad_certificate (42)"},
    {"certificate_rejected", "another alert once the handshake is complete", READABLE "<fin >alert:50", "", "closed@8",
     NULL},
    {"certificate_rejected", "unknown_ca", SHOWN ">alert:48", "certificate_untrusted@6", "failed@6", NULL},
    {"certificate_rejected", "handshake_failure", SHOWN ">alert:40", "handshake_failed@6", "failed@6", NULL},
    {"certificate_rejected", "warning", SHOWN ">warning:42 >ckx", "", "in progress", NULL},
    {"certificate_silently_rejected", "FIN", SHOWN ">fin <fin", "certificate_silently_rejected@6", "failed@6",
     "subject CN=da.example.com, issuer CN=Example Issuing CA,O=Example"},
    {"certificate_silently_rejected", "never received by the client", SHOWN "~20000 >fin+unreceived",
     "handshake_failed@6", "failed@6", NULL},
    {"certificate_silently_rejected", "RST", SHOWN "<ack >rst", "certificate_silently_rejected@7", "failed@7",
     "subject CN=da.example.com, issuer CN=Example Issuing CA,O=Example"},
    {"certificate_silently_rejected", "close_notify and FIN", SHOWN ">warning:0 >fin",
     "certificate_silently_rejected@7", "failed@7",
     "subject CN=da.example.com, issuer CN=Example Issuing CA,O=Example"},
    {"certificate_silently_rejected", "once the handshake is complete",
     NULL_HELLO "<shello:003b+cert:other-name >ckx+ccs+finished <ccs+finished >warning:0 <fin >rst",
     "certificate_name_mismatch@9 certificate_silently_rejected@9", "failed@9",
     "subject CN=www.example.net, issuer CN=Example Issuing CA,O=Example"},
    {"certificate_silently_rejected", "content not readable",
     ENCRYPTED_HELLO "<shello:c030+cert:other-name >ckx+ccs <ccs >fin",
     "certificate_name_mismatch@5 certificate_silently_rejected@8", "failed@5",
     "subject CN=www.example.net, issuer CN=Example Issuing CA,O=Example"},
    {"certificate_silently_rejected", "a probe of a server with a certificate of its own",
     ENCRYPTED_HELLO "<shello:c030+cert:self-signed >ckx+ccs <ccs >fin",
     "certificate_self_signed@5 closed_after_handshake@8", "closed@8", NULL},
    {"certificate_silently_rejected", "nothing to object to", READABLE ">fin", "closed_after_handshake@8", "closed@8",
     NULL},
    {"certificate_silently_rejected", "an alert before the close",
     NULL_HELLO "<shello:003b+cert:other-name >ckx+ccs+finished <ccs+finished >alert:42 >fin",
     "certificate_name_mismatch@8 certificate_rejected@8", "failed@8", NULL},
    {"certificate_silently_rejected", "client sent data",
     ENCRYPTED_HELLO "<shello:c030+cert:other-name >ckx+ccs <ccs >data >fin", "certificate_name_mismatch@5", "failed@5",
     NULL},
    {"certificate_silently_rejected", "server closes the idle session",
     NULL_HELLO "<shello:003b+cert:other-name >ckx+ccs+finished <ccs+finished <fin >fin", "", "closed@8", NULL},
    {"certificate_silently_rejected", "asked for one itself", ASKED ">rst",
     "client_certificate_requested@5 client_certificate_missing@6", "failed@6", NULL},
    {"certificate_silently_rejected", "said something", SHOWN ">ckx+ccs >fin", "handshake_failed@7", "failed@7", NULL},
    {"certificate_silently_rejected", "server closes", SHOWN "<fin >fin", "handshake_failed@6", "failed@6", NULL},
    {"certificate_silently_rejected", "its alert lost in the capture", SHOWN ">fin+hole", "capture_incomplete@6",
     "closed@6", NULL},
    {"certificate_silently_rejected", "the server acknowledges what the capture lacks", SHOWN "<ack+unseen >fin",
     "capture_incomplete@6", "closed@7", NULL},
    {"certificate_silently_rejected", "no certificate shown", NULL_HELLO "<shello:003b >fin", "handshake_failed@6",
     "failed@6", NULL},
};

/* Chain and revocation are checked by Windows itself when the handshake is complete. */
static const diagnosis_case_t after_handshake[] = {
    {"closed_after_handshake", "FIN", READABLE ">fin", "closed_after_handshake@8", "closed@8",
     "the client closed the connection"},
    {"closed_after_handshake", "close_notify, then RST", READABLE ">warning:0 >rst", "closed_after_handshake@9",
     "closed@9", "the client reset the connection"},
    {"closed_after_handshake", "content not readable", ENCRYPTED_HELLO "<shello:c030+cert:good >ckx+ccs <ccs >fin",
     "closed_after_handshake@8", "closed@8", "the client closed the connection"},
    {"closed_after_handshake", "TLS 1.3, Finished and close_notify alone",
     TLS13_HELLO "<n:900 >ccs+n:58 <n:300 >n:24+fin", "closed_after_handshake@9", "closed@9",
     "the client closed the connection"},
    {"closed_after_handshake", "TLS 1.3 with a request", TLS13_HELLO "<n:900 >ccs+n:58 <n:300 >n:120 >fin", "",
     "complete@8", NULL},
    {"closed_after_handshake", "the server closes", READABLE "<fin >fin", "", "closed@8", NULL},
    {"closed_after_handshake", "client sent data", ENCRYPTED_HELLO "<shello:c030+cert:good >ckx+ccs <ccs >data >fin",
     "", "complete@7", NULL},
    {"closed_after_handshake", "request sent", REQUESTED ">fin", "http_unanswered@9", "failed@9", NULL},
    {"closed_after_handshake", "its data lost in the capture", READABLE ">fin+hole", "capture_incomplete@8", "closed@8",
     NULL},
    {"closed_after_handshake", "a certificate to object to",
     NULL_HELLO "<shello:003b+cert:other-name >ckx+ccs+finished <ccs+finished >fin",
     "certificate_name_mismatch@8 certificate_silently_rejected@8", "failed@8", NULL},
};

/* What an inferred session's certificate looks like shows only when it fails. */
static const diagnosis_case_t provisional[] = {
    {"certificate_name_mismatch", "while inferred", NULL_HELLO "<shello:003b+cert:other-name", "", "in progress", NULL},
    {"certificate_name_mismatch", "inferred and failed", NULL_HELLO "<shello:003b+cert:other-name <ack >alert:46",
     "certificate_name_mismatch@7 certificate_rejected@7", "failed@7",
     "expected da.example.com, the certificate is for www.example.net (SAN: www.example.net)"},
    {"certificate_expired", "inferred and silent", NULL_HELLO "<shello:003b+cert:expired >rst",
     "certificate_expired@6 certificate_silently_rejected@6", "failed@6", "it was valid until 2025-05-31 00:00:00 UTC"},
    {"certificate_key_not_rsa", "inferred and failed", NULL_HELLO "<shello:003b+cert:ecdsa <alert:40",
     "certificate_key_not_rsa@6 handshake_failed@6:80090326", "failed@6", "subject CN=da.example.com"},
    {"certificate_self_signed", "inferred and connected",
     NULL_HELLO "<shello:003b+cert:self-signed >ckx+ccs+finished <ccs+finished >post <status:200", "connected@9",
     "connected@9", NULL},
    {"certificate_inspected", "inferred, request refused",
     NULL_HELLO "<shello:003b+cert:inspected >ckx+ccs+finished <ccs+finished >post <status:403",
     "certificate_inspected@9 http_rejected@9", "failed@9",
     "Fortinet FortiGate (issuer CN=FG100F,O=Fortinet,OU=Certificate Authority)"},
    {"certificate_name_mismatch", "tag withdrawn",
     NULL_HELLO "<shello:003b+cert:other-name >ckx+ccs+finished <ccs+finished >other <alert:40", "", "in progress",
     NULL},
    {"certificate_name_mismatch", "learned", "=learned " NULL_HELLO "<shello:003b+cert:other-name",
     "certificate_name_mismatch@5", "failed@5",
     "expected da.example.com, the certificate is for www.example.net (SAN: www.example.net)"},
};

static const diagnosis_case_t client_certificates[] = {
    {"client_certificate_requested", "asked", ASKED, "client_certificate_requested@5", "in progress", NULL},
    {"client_certificate_requested", "not asked", SHOWN, "", "in progress", NULL},
    {"client_certificate_missing", "empty, handshake_failure", ASKED ">cert+ckx+ccs+finished <alert:40",
     "client_certificate_requested@5 client_certificate_missing@7", "failed@7",
     "the server sent the fatal alert handshake_failure (40)"},
    {"client_certificate_missing", "empty, decode_error", ASKED ">cert+ckx+ccs+finished <alert:50",
     "client_certificate_requested@5 client_certificate_missing@7", "failed@7",
     "the server sent the fatal alert decode_error (50)"},
    {"client_certificate_missing", "empty, RST", ASKED ">cert+ckx+ccs+finished <rst",
     "client_certificate_requested@5 client_certificate_missing@7", "failed@7", "the server reset the connection"},
    {"client_certificate_missing", "empty, FIN", ASKED ">cert+ckx+ccs+finished <fin",
     "client_certificate_requested@5 client_certificate_missing@7", "failed@7", "the server closed the connection"},
    {"client_certificate_missing", "client closes", ASKED ">fin",
     "client_certificate_requested@5 client_certificate_missing@6", "failed@6", "the client closed the connection"},
    {"client_certificate_missing", "client resets", ASKED ">rst",
     "client_certificate_requested@5 client_certificate_missing@6", "failed@6", "the client reset the connection"},
    {"client_certificate_missing", "request answered 400",
     ASKED ">cert+ckx+ccs+finished <ccs+finished >post <status:400,nginx",
     "client_certificate_requested@5 client_certificate_missing@9", "failed@9",
     "the server answered the tunnel request with status 400 (nginx)"},
    {"client_certificate_missing", "request answered 403",
     ASKED ">cert+ckx+ccs+finished <ccs+finished >post <status:403",
     "client_certificate_requested@5 client_certificate_missing@9", "failed@9",
     "the server answered the tunnel request with status 403 (Microsoft-HTTPAPI/2.0)"},
    {"client_certificate_missing", "TLS 1.3 with keys",
     "=configured " TCP ">hello:encrypted <shello:1301+certreq+cert:good+finished >cert+finished >post <alert:116",
     "client_certificate_requested@5 client_certificate_missing@8", "failed@8",
     "the server sent the fatal alert certificate_required (116)"},
    {"client_certificate_missing", "TLS 1.3 with keys, closed",
     "=configured " TCP ">hello:encrypted <shello:1301+certreq+cert:good+finished >cert+finished >post <fin",
     "client_certificate_requested@5 client_certificate_missing@8", "failed@8", "the server closed the connection"},
    {"client_certificate_missing", "optional", ASKED ">cert+ckx+ccs+finished <ccs+finished >post <status:200",
     "client_certificate_requested@5 connected@9", "connected@9", NULL},
    {"client_certificate_missing", "given", ASKED ">cert:machine+ckx+ccs+finished <alert:40",
     "client_certificate_requested@5 client_certificate_rejected@7:80090326", "failed@7", NULL},
    {"client_certificate_missing", "never asked, request answered 400", REQUESTED "<status:400", "http_rejected@9",
     "failed@9", NULL},
    {"client_certificate_missing", "server ends it before the client can answer", ASKED "<rst",
     "client_certificate_requested@5 handshake_failed@6", "failed@6", NULL},
    {"client_certificate_missing", "given, request answered 403",
     ASKED ">cert:machine+ckx+ccs+finished <ccs+finished >post <status:403",
     "client_certificate_requested@5 http_rejected@9", "failed@9", NULL},
    {"client_certificate_rejected", "unknown_ca", ASKED ">cert:machine+ckx+ccs+finished <alert:48",
     "client_certificate_requested@5 client_certificate_rejected@7:80090325", "failed@7",
     "the server sent the fatal alert unknown_ca (48)"},
    {"client_certificate_rejected", "revoked", ASKED ">cert:machine+ckx+ccs+finished <alert:44",
     "client_certificate_requested@5 client_certificate_rejected@7:80092010", "failed@7",
     "the server sent the fatal alert certificate_revoked (44)"},
    {"client_certificate_rejected", "expired", ASKED ">cert:machine+ckx+ccs+finished <alert:45",
     "client_certificate_requested@5 client_certificate_rejected@7:80090328", "failed@7",
     "the server sent the fatal alert certificate_expired (45)"},
    {"client_certificate_rejected", "bad_certificate", ASKED ">cert:machine+ckx+ccs+finished <alert:42",
     "client_certificate_requested@5 client_certificate_rejected@7:80090327", "failed@7",
     "the server sent the fatal alert bad_certificate (42)"},
    {"client_certificate_rejected", "RST", ASKED ">cert:machine+ckx+ccs+finished <rst",
     "client_certificate_requested@5 client_certificate_rejected@7", "failed@7", "the server reset the connection"},
    {"client_certificate_rejected", "FIN", ASKED ">cert:machine+ckx+ccs+finished <fin",
     "client_certificate_requested@5 client_certificate_rejected@7", "failed@7", "the server closed the connection"},
    {"client_certificate_rejected", "TLS 1.3 with keys",
     "=configured " TCP
     ">hello:encrypted <shello:1301+certreq+cert:good+finished >cert:machine+finished >post <alert:48",
     "client_certificate_requested@5 client_certificate_rejected@8:80090325", "failed@8",
     "the server sent the fatal alert unknown_ca (48)"},
    {"client_certificate_rejected", "accepted", ASKED ">cert:machine+ckx+ccs+finished <ccs+finished",
     "client_certificate_requested@5", "in progress", NULL},
    {"client_certificate_rejected", "client gives up", ASKED ">cert:machine+ckx+ccs+finished >fin",
     "client_certificate_requested@5 handshake_failed@7", "failed@7", NULL},
    {"client_certificate_issuer_not_listed", "another CA", ASKED ">cert:machine-elsewhere",
     "client_certificate_requested@5 client_certificate_issuer_not_listed@6", "in progress",
     "subject CN=pc6.corp.example.com, issuer CN=Other CA,O=Elsewhere"},
    {"client_certificate_issuer_not_listed", "listed", ASKED ">cert:machine", "client_certificate_requested@5",
     "in progress", NULL},
    {"client_certificate_issuer_not_listed", "one of several listed",
     NULL_HELLO "<shello:003b+cert:good+certreq:machine-elsewhere,machine >cert:machine",
     "client_certificate_requested@5", "in progress", NULL},
    {"client_certificate_issuer_not_listed", "its CA's issuer listed",
     NULL_HELLO "<shello:003b+cert:good+certreq:machine-ca >cert:machine,machine-ca", "client_certificate_requested@5",
     "in progress", NULL},
    {"client_certificate_issuer_not_listed", "no list", NULL_HELLO "<shello:003b+cert:good+certreq >cert:machine",
     "client_certificate_requested@5", "in progress", NULL},
    {"client_certificate_issuer_not_listed", "more listed than are kept",
     NULL_HELLO "<shello:003b+cert:good+certreq:many >cert:machine", "client_certificate_requested@5", "in progress",
     NULL},
    {"client_certificate_issuer_not_listed", "none given", ASKED ">cert", "client_certificate_requested@5",
     "in progress", NULL},
    {"client_certificate_issuer_not_listed", "cannot be parsed", ASKED ">cert:junk", "client_certificate_requested@5",
     "in progress", NULL},
    {"client_certificate_expired", "yesterday", ASKED ">cert:machine-expired",
     "client_certificate_requested@5 client_certificate_expired@6", "in progress",
     "subject CN=pc4.corp.example.com, issuer CN=Machine CA,O=Example, valid from 2024-01-01 00:00:00 UTC until "
     "2025-05-31 00:00:00 UTC"},
    {"client_certificate_expired", "from tomorrow", ASKED ">cert:machine-future",
     "client_certificate_requested@5 client_certificate_expired@6", "in progress",
     "subject CN=pc7.corp.example.com, issuer CN=Machine CA,O=Example, valid from 2025-06-02 00:00:00 UTC until "
     "2025-12-31 23:59:59 UTC"},
    {"client_certificate_expired", "first second", ASKED ">cert:machine-begins-now", "client_certificate_requested@5",
     "in progress", NULL},
    {"client_certificate_expired", "last second", ASKED ">cert:machine-expires-now", "client_certificate_requested@5",
     "in progress", NULL},
    {"client_certificate_without_client_auth", "Server Authentication alone", ASKED ">cert:machine-for-servers",
     "client_certificate_requested@5 client_certificate_without_client_auth@6", "in progress",
     "subject CN=pc3.corp.example.com, issuer CN=Machine CA,O=Example"},
    {"client_certificate_without_client_auth", "any purpose", ASKED ">cert:machine-for-any-purpose",
     "client_certificate_requested@5", "in progress", NULL},
};

static const diagnosis_case_t renegotiation[] = {
    {"client_certificate_missing", "renegotiated, 403",
     REQUESTED ">hello:null <shello:003b+cert:good+certreq:machine >cert+ckx+ccs+finished <ccs+finished <status:403",
     "client_certificate_requested@10 client_certificate_missing@13", "failed@13",
     "the server answered the tunnel request with status 403 (Microsoft-HTTPAPI/2.0)"},
    {"client_certificate_missing", "renegotiated, alert",
     REQUESTED ">hello:null <shello:003b+cert:good+certreq:machine >cert+ckx+ccs+finished <alert:40",
     "client_certificate_requested@10 client_certificate_missing@12", "failed@12",
     "the server sent the fatal alert handshake_failure (40)"},
    {"client_certificate_missing", "renegotiated, Client Hello not recognised",
     REQUESTED ">n:1400 <shello:003b <cert:good+certreq:machine >cert <alert:42",
     "client_certificate_requested@11 client_certificate_missing@13", "failed@13",
     "the server sent the fatal alert bad_certificate (42)"},
    {"client_certificate_rejected", "renegotiated",
     REQUESTED ">hello:null <shello:003b+cert:good+certreq:machine >cert:machine+ckx+ccs+finished <alert:48",
     "client_certificate_requested@10 client_certificate_rejected@12:80090325", "failed@12",
     "the server sent the fatal alert unknown_ca (48)"},
    {"client_certificate_rejected", "renegotiated and accepted",
     REQUESTED ">hello:null <shello:003b+cert:good+certreq:machine >cert:machine+ckx+ccs+finished <ccs+finished "
               "<status:200",
     "client_certificate_requested@10 connected@13", "connected@13", NULL},
    {"client_certificate_issuer_not_listed", "renegotiated",
     REQUESTED ">hello:null <shello:003b+cert:good+certreq:machine >cert:machine-elsewhere",
     "client_certificate_requested@10 client_certificate_issuer_not_listed@11", "in progress",
     "subject CN=pc6.corp.example.com, issuer CN=Other CA,O=Elsewhere"},
    {"null_cipher_rejected", "renegotiated", REQUESTED ">hello:null <alert:40", "handshake_failed@10:80090326",
     "failed@10", NULL},
    {"hello_unanswered", "renegotiated", REQUESTED ">hello:null >fin", "handshake_failed@10", "failed@10", NULL},
    {"handshake_failed", "answered before renegotiation is complete", REQUESTED ">hello:null <status:200 >fin",
     "connected@10", "connected@10", NULL},
    {"handshake_failed", "alert in a renegotiation that was not waited for",
     REQUESTED ">hello:null <status:200 <alert:40", "connected@10 handshake_failed@11:80090326", "failed@11",
     "the server sent the fatal alert handshake_failure (40)"},
    {"handshake_failed", "renegotiation declined", REQUESTED ">warning:100 <status:200", "connected@10", "connected@10",
     NULL},
};

static const diagnosis_case_t handshakes[] = {
    {"handshake_failed", "alert behind the Server Hello", SHOWN ">ckx+ccs <alert:51", "handshake_failed@7:80090330",
     "failed@7", "the server sent the fatal alert decrypt_error (51)"},
    {"handshake_failed", "bad_record_mac", SHOWN ">ckx+ccs <alert:20", "handshake_failed@7:8009030f", "failed@7",
     "the server sent the fatal alert bad_record_mac (20)"},
    {"handshake_failed", "an alert where bytes are lost", SHOWN ">ckx+ccs+hole <alert:20", "capture_incomplete@6",
     "in progress", NULL},
    {"handshake_failed", "the end of the handshake lost in the capture", SHOWN ">ckx+ccs <ack+unseen <fin",
     "capture_incomplete@7", "closed@8", NULL},
    {"handshake_failed", "server resets", SHOWN ">ckx+ccs <rst", "handshake_failed@7", "failed@7",
     "the server reset the connection"},
    {"handshake_failed", "server closes", SHOWN ">ckx+ccs <fin", "handshake_failed@7", "failed@7",
     "the server closed the connection"},
    {"handshake_failed", "client's alert to the Server Hello", NULL_HELLO "<shello:003b >alert:47",
     "handshake_failed@6", "failed@6", "the client sent the fatal alert illegal_parameter (47)"},
    {"handshake_failed", "resumed, client closes", NULL_HELLO "<shello:003b+ccs+finished >fin", "handshake_failed@6",
     "failed@6", "the client closed the connection"},
    {"handshake_failed", "TLS 1.3 without keys, client closes", TLS13_HELLO "<n:1200 >n:30 >fin", "handshake_failed@8",
     "failed@8", "the client closed the connection"},
    {"handshake_failed", "complete, then closed", ENCRYPTED_HELLO "<shello:c030+cert:good >ckx+ccs <ccs <fin >fin", "",
     "complete@7", NULL},
    {"handshake_failed", "complete and readable, then closed", READABLE "<fin", "", "closed@8", NULL},
    {"handshake_failed", "capture ends", SHOWN ">ckx+ccs", "", "in progress", NULL},
    {"handshake_failed", "a draft of TLS 1.3, perhaps complete",
     ENCRYPTED_HELLO "<shello:strange <n:1200 >n:80 <n:24 <fin", "", "closed@9", NULL},
    {"handshake_failed", "TLS 1.3 without keys, complete", TLS13_HELLO "<n:1200 >n:80 <n:500 <fin >fin", "",
     "complete@8", NULL},
    {"handshake_failed", "TLS 1.3 without keys, perhaps complete", TLS13_HELLO "<n:1200 >n:80 <n:24 <fin", "",
     "closed@9", NULL},
    {"handshake_failed", "TLS 1.3 without keys, complete after a HelloRetryRequest",
     TLS13_HELLO ">hello:encrypted <shello:1301+n:1200 >n:80 <n:500 <fin", "", "complete@9", NULL},
    {"handshake_failed", "alert after a HelloRetryRequest",
     TLS13_HELLO ">n:1400 >hello:encrypted <shello:1301+n:1200 >alert:48 >fin", "handshake_failed@9", "failed@9",
     "the client sent the fatal alert unknown_ca (48)"},
    {"handshake_failed", "TLS 1.3 without keys, only the server's side in the capture",
     "=configured <synack <shello:1301+n:1200 <n:500 <fin", "", "closed@4", NULL},
    {"handshake_failed", "TLS 1.3 with keys, complete", TLS13_HELLO "<cert:good+finished >finished <fin", "",
     "closed@8", NULL},
    {"handshake_failed", "TLS 1.3 dummy ChangeCipherSpec", TLS13_HELLO "<ccs >ccs <rst", "handshake_failed@8",
     "failed@8", "the server reset the connection"},
    {"handshake_failed", "ChangeCipherSpec lost in the capture",
     ENCRYPTED_HELLO "<shello:c030+cert:good >ckx+ccs >data <data <fin", "", "complete@8", NULL},
};

static const diagnosis_case_t tunnels[] = {
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
     "http_not_directaccess@9 connected@9", "connected@9", NULL},
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
    {"http_unanswered", "server resets", REQUESTED "<rst", "http_unanswered@9", "failed@9",
     "the server reset the connection"},
    {"http_unanswered", "client gives up", REQUESTED "<ack >fin", "http_unanswered@10", "failed@10",
     "the client closed the connection"},
    {"http_unanswered", "interim answer alone", REQUESTED "<status:100 <fin", "http_unanswered@10", "failed@10",
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
    {"tunnel_without_router_advertisement", "third solicitation", TUNNEL ">rs ~4000 >rs ~4000 >rs ~4000 >rs",
     "connected@9 tunnel_without_router_advertisement@12", "connected@9", "it sent 3"},
    {"tunnel_without_router_advertisement", "client closes", TUNNEL ">rs <packet ~3000 >fin",
     "connected@9 tunnel_without_router_advertisement@12", "connected@9", "it sent 1"},
    {"tunnel_without_router_advertisement", "server closes later", TUNNEL ">rs <packet ~3000 <fin",
     "connected@9 tunnel_without_router_advertisement@12", "connected@9", "it sent 1"},
    {"tunnel_without_router_advertisement", "two solicitations", TUNNEL ">rs ~4000 >rs", "connected@9", "connected@9",
     NULL},
    {"tunnel_without_router_advertisement", "third one answered", TUNNEL ">rs ~4000 >rs <ra ~4000 >rs >fin",
     "connected@9", "connected@9", NULL},
    {"tunnel_without_router_advertisement", "closed without solicitation", TUNNEL ">packet <packet ~3000 >fin",
     "connected@9", "connected@9", NULL},
    {"tunnel_without_router_advertisement", "answers lost in the capture", TUNNEL ">rs <n:100+hole >rs >rs >fin",
     "connected@9 capture_incomplete@11", "connected@9", NULL},
    {"tunnel_closed", "at once", TUNNEL ">rs <ra ~1000 <fin", "connected@9 tunnel_closed@12", "failed@12",
     "1030 ms after its 200, inner packets sent: 1"},
    {"tunnel_closed", "reset at once", TUNNEL ">rs <ra <rst", "connected@9 tunnel_closed@12", "failed@12",
     "30 ms after its 200, inner packets sent: 1"},
    {"tunnel_closed", "without a packet of its own", TUNNEL ">packet ~30000 <fin", "connected@9 tunnel_closed@11",
     "failed@11", "30020 ms after its 200, inner packets sent: 0"},
    {"tunnel_closed", "close_notify, then FIN", TUNNEL "<warning:0 <fin", "connected@9 tunnel_closed@11", "failed@11",
     "20 ms after its 200, inner packets sent: 0"},
    {"tunnel_closed", "later", TUNNEL ">rs <ra ~2000 <fin", "connected@9", "connected@9", NULL},
    {"tunnel_closed", "only the server's side in the capture",
     "=configured <synack <shello:003b+cert:good <ccs+finished <data+status:200 <packet <fin", "connected@4",
     "connected@4", NULL},
    {"tunnel_closed", "client closes first", TUNNEL ">rs <ra >fin <fin", "connected@9", "connected@9", NULL},
    {"tunnel_closed", "client's close_notify first", TUNNEL ">rs <ra >warning:0 <fin", "connected@9", "connected@9",
     NULL},
    {"tunnel_closed", "client's close lost in the capture", TUNNEL "<fin+unseen >fin",
     "connected@9 capture_incomplete@10", "connected@9", NULL},
    {"tunnel_closed", "client resets", TUNNEL ">rst", "connected@9", "connected@9", NULL},
    {"tunnel_malformed", "not IPv6", TUNNEL "<malformed", "connected@9 tunnel_malformed@10", "failed@10",
     "the server sent it"},
    {"ipsec_unanswered", "third message", TUNNEL "<ra >ike ~1000 >ike ~2000 >ike ~4000 >ike",
     "connected@9 ipsec_unanswered@13", "connected@9", "it sent 3"},
    {"ipsec_unanswered", "second message", TUNNEL "<ra >ike ~1000 >ike", "connected@9", "connected@9", NULL},
    {"ipsec_unanswered", "third one answered", TUNNEL "<ra >ike ~1000 >ike <ike ~1000 >ike >ike", "connected@9",
     "connected@9", NULL},
    {"ipsec_unanswered", "answers lost in the capture", TUNNEL "<ra >ike ~1000 >ike <n:100+hole ~2000 >ike",
     "connected@9 capture_incomplete@13", "connected@9", NULL},
    {"ipsec_unanswered", "in use at last", TUNNEL "<ra >ike >ike >ike <ike >esp <esp",
     "connected@9 ipsec_unanswered@13 ipsec_established@16", "connected@9", "it sent 3"},
    {"ipsec_rejected", "no proposal chosen", TUNNEL "<ra >ike <ike:14", "connected@9 ipsec_rejected@12", "connected@9",
     "NO_PROPOSAL_CHOSEN (14)"},
    {"ipsec_rejected", "error without a name", TUNNEL "<ra >ike <ike:9999", "connected@9 ipsec_rejected@12",
     "connected@9", "error (9999)"},
    {"ipsec_rejected", "another group asked for", TUNNEL "<ra >ike <ike:17 >ike <ike", "connected@9", "connected@9",
     NULL},
    {"ipsec_rejected", "by the client", TUNNEL "<ra >ike <ike >ike:24", "connected@9", "connected@9", NULL},
    {"ipsec_established", "both directions", TUNNEL "<ra >ike <ike >esp <esp >esp", "connected@9 ipsec_established@14",
     "connected@9", NULL},
    {"ipsec_established", "one direction", TUNNEL "<ra >ike <ike >esp >esp", "connected@9", "connected@9", NULL},
    {"tunnel_malformed", "packets", TUNNEL ">packet <packet", "connected@9", "connected@9", NULL},
};

/* What came first stays found; the verdict follows what happened last. */
static const diagnosis_case_t recordings[] = {
    {"capture_truncated", "Certificate cut off", NULL_HELLO "<shello:003b+cut:256 >alert:42", "capture_truncated@5",
     "in progress", "frames are cut to 256 bytes"},
    {"capture_truncated", "nothing cut", TUNNEL, "connected@9", "connected@9", NULL},
    {"capture_incomplete", "begins late", "=configured <shello:003b+midst", "capture_incomplete@1", "in progress",
     "it begins in the midst of the connection"},
    {"capture_incomplete", "frame lost", NULL_HELLO "<shello:003b+hole >alert:42", "capture_incomplete@5",
     "in progress", "some of the server's bytes are missing, or come later than their acknowledgement"},
    {"capture_incomplete", "both sides' lost", NULL_HELLO "<shello:003b+hole+unseen", "capture_incomplete@5",
     "in progress", "some of both sides' bytes are missing, or come later than their acknowledgement"},
    {"capture_incomplete", "records that cannot be decrypted", REQUESTED "<data+unreadable <fin",
     "capture_incomplete@9", "closed@10", "some of the server's records cannot be decrypted"},
    {"capture_incomplete", "encrypted records read twice",
     ENCRYPTED_HELLO "<shello:c030+cert:good >ckx+ccs >data+twice <ccs >data", "capture_incomplete@7", "complete@8",
     "some of the client's bytes come again or out of their order, and are not read once"},
    {"capture_incomplete", "what is open read twice",
     NULL_HELLO "<shello:003b+cert:good <ack+twice >ckx+ccs+finished "
                "<ccs+finished >post <status:200",
     "connected@10", "connected@10", NULL},
    {"capture_incomplete", "a handshake's end is always encrypted", SHOWN ">ckx+ccs+unreadable <ccs+unreadable >fin",
     "closed_after_handshake@8", "closed@8", NULL},
    {"capture_duplicated", "SYN twice", "=configured >syn >ack+copy", "capture_duplicated@2", "in progress", NULL},
    {"capture_duplicated", "of a connection that is not ours", TCP ">hello:encrypted+copy", "", "in progress", NULL},
    {"capture_duplicated", "once each", NULL_HELLO "<shello:003b", "", "in progress", NULL},
};

static const diagnosis_case_t later_success[] = {
    {"connect_timeout", "connected later",
     "=configured >syn >syn >syn <synack >hello:null <shello:003b+cert:good >ckx+ccs+finished <ccs+finished >post "
     "<status:200",
     "connect_timeout@3 connected@10", "connected@10", "203.0.113.10:443, no answer for 20 ms"},
    {"hello_unanswered", "connected later",
     NULL_HELLO ">again >again <shello:003b+cert:good >ckx+ccs+finished <ccs+finished >post <status:200",
     "hello_unanswered@6 connected@11", "connected@11", "it was sent 3 times, no answer for 20 ms"},
    {"certificate_name_mismatch", "connected all the same",
     SHOWS("other-name") " >ckx+ccs+finished <ccs+finished >post <status:200",
     "certificate_name_mismatch@5 connected@9", "connected@9",
     "expected da.example.com, the certificate is for www.example.net (SAN: www.example.net)"},
    {"name_lookup_failed", "connected later",
     "=configured >ask:A ~1000 >ask:A <answer:A,0,1 " NULL_HELLO
     "<shello:003b+cert:good >ckx+ccs+finished <ccs+finished >post <status:200",
     "name_lookup_failed@2 connected@12", "connected@12", "da.example.com was asked for again, no answer for 1 s"},
    {"null_cipher_rejected", "nothing after the end", NULL_HELLO "<alert:40 >fin <rst >rst",
     "null_cipher_rejected@5:80090326", "failed@5", "the server sent the fatal alert handshake_failure (40)"},
};

#define GROUP(name)                                                                                                    \
  {                                                                                                                    \
#name, name, G_N_ELEMENTS(name)                                                                                    \
  }

static const struct {
  const char *name;
  const diagnosis_case_t *cases;
  size_t count;
} groups[] = {
    GROUP(name_resolution),     GROUP(connecting),      GROUP(proxies),     GROUP(hellos),
    GROUP(certificates),        GROUP(after_handshake), GROUP(provisional), GROUP(handshakes),
    GROUP(client_certificates), GROUP(renegotiation),   GROUP(tunnels),     GROUP(later_success),
    GROUP(recordings),
};

static const session_finding_t *finding_of(const session_t *session, const char *slug)
{
  for (guint i = 0; i < session->findings->len; i++) {
    const session_finding_t *finding = &g_array_index(session->findings, session_finding_t, i);

    if (strcmp(finding_row(finding->id)->slug, slug) == 0)
      return finding;
  }
  return NULL;
}

/* Keys are made anew for each run, and so are thumbprints. */
static void assert_evidence(const session_t *session, const diagnosis_case_t *played)
{
  const session_finding_t *finding = finding_of(session, played->about);
  char **parts = g_strsplit(played->evidence != NULL ? played->evidence : "", "SHA1", 2);
  GString *thumbprint = g_string_new(NULL);
  char *expected;

  for (size_t i = 0; session->leaf != NULL && i < CERTIFICATE_SHA1_LENGTH; i++)
    g_string_append_printf(thumbprint, "%02x", session->leaf->sha1[i]);
  expected = g_strjoinv(thumbprint->str, parts);
  g_assert_cmpstr(finding != NULL ? finding->evidence : NULL, ==, played->evidence != NULL ? expected : NULL);
  g_free(expected);
  g_string_free(thumbprint, TRUE);
  g_strfreev(parts);
}

static void test_case(gconstpointer data)
{
  const diagnosis_case_t *played = data;
  const session_t *end = script_play(played->script);
  char *findings = script_findings(end), *verdict = script_verdict(end);

  g_test_message("%s", played->script);
  g_assert_cmpstr(findings, ==, played->findings);
  g_assert_cmpstr(verdict, ==, played->verdict);
  assert_evidence(end, played);
  g_free(findings);
  g_free(verdict);
}

static bool raises(const diagnosis_case_t *asked, const char *slug)
{
  char **findings = g_strsplit_set(asked->findings, " @", -1);
  bool raised = g_strv_contains((const char *const *)findings, slug);

  g_strfreev(findings);
  return raised;
}

static bool has_case(const char *slug, bool raising)
{
  for (size_t group = 0; group < G_N_ELEMENTS(groups); group++)
    for (size_t i = 0; i < groups[group].count; i++)
      if (strcmp(groups[group].cases[i].about, slug) == 0 && raises(&groups[group].cases[i], slug) == raising)
        return true;
  return false;
}

static void test_every_row_has_cases(void)
{
  for (size_t i = 0; i < FINDING_COUNT; i++) {
    if (!has_case(finding_row((finding_id_t)i)->slug, true))
      g_error("no case raises %s", finding_row((finding_id_t)i)->slug);
    if (!has_case(finding_row((finding_id_t)i)->slug, false))
      g_error("no case nearly raises %s", finding_row((finding_id_t)i)->slug);
  }
}

/* A finding's whole sentence is its summary and, behind a colon, its evidence; never does it say the same twice. */
static void test_findings_are_whole_sentences(void)
{
  static const struct {
    const char *script;
    const char *slug;
    const char *sentence;
  } cases[] = {
      {"=configured >ask:A <answer:A,3", "name_not_found",
       "The name of the DirectAccess server does not exist in DNS (NXDOMAIN): da.example.com."},
      {"=configured >ask:A >ask:AAAA <answer:A,0,0 <answer:AAAA,0,0", "name_without_address",
       "The DNS answer for the DirectAccess server's name holds no address of the server: da.example.com."},
      {"=configured >ask:A <answer:A,2", "name_lookup_failed",
       "The client's DNS server has so far given no usable answer for the DirectAccess server's name: da.example.com "
       "was answered "
       "with SERVFAIL (A)."},
      {"=configured >syn ~1000 >syn ~2000 >syn", "connect_timeout",
       "The client had to send its SYN a third time, since nothing at the DirectAccess server's address had answered: "
       "203.0.113.10:443, no answer for 3 s."},
      {"=configured >syn <rst", "connect_refused",
       "The SYN to the DirectAccess server was answered with RST: 203.0.113.10:443."},
      {"=configured >syn <icmp", "connect_unreachable",
       "An ICMP message reports the DirectAccess server as unreachable or the traffic as prohibited: "
       "203.0.113.10:443."},
      {"=configured " TCP ">fin <fin", "no_client_hello",
       "TCP connected, but the client ended the connection without a Client Hello: it sent FIN."},
      {BY_PROXY "<proxy:407", "proxy_refused",
       "The HTTP proxy did not let the client through to the DirectAccess server: the proxy answered CONNECT "
       "da.example.com:443 with status 407."},
      {BY_PROXY "<proxy:200", "proxy_in_path",
       "The client reaches the DirectAccess server through an HTTP proxy: the proxy answered CONNECT "
       "da.example.com:443 with status 200."},
      {NULL_HELLO "<alert:40", "null_cipher_rejected",
       "The server refused a Client Hello that offers the NULL cipher suites of Windows 8 and later: the server sent "
       "the fatal alert handshake_failure (40)."},
      {ENCRYPTED_HELLO "<alert:40", "hello_rejected",
       "The server refused the Client Hello, and not for its NULL cipher suites: the server sent the fatal alert "
       "handshake_failure (40)."},
      {NULL_HELLO ">again >again", "hello_unanswered",
       "TCP connected, but the server had not sent a byte in answer to the Client Hello: it was sent 3 times, no "
       "answer for 20 ms."},
      {NULL_HELLO "<bytes:HTTP/1.1", "not_tls",
       "What answers the Client Hello does not speak TLS, so it is not the DirectAccess server: the server's first "
       "bytes are \"HTTP/1.1\"."},
      {NULL_FIRST_HELLO "<shello:c030", "null_cipher_not_selected",
       "NULL cipher suites were offered but an encrypted one was chosen, so IPsec's packets are encrypted twice: the "
       "server chose suite 0xc030."},
      {SHOWS("other-name"), "certificate_name_mismatch",
       "The server's certificate does not cover the name that the client connects to: expected da.example.com, the "
       "certificate is for www.example.net (SAN: www.example.net)."},
      {SHOWS("san-only"), "certificate_name_only_in_san",
       "The name that the client connects to is an alternative name of the certificate, not its subject: expected "
       "da.example.com, the certificate is for edge01.corp.example.com (SAN: da.example.com)."},
      {SHOWS("inspected"), "certificate_inspected",
       "TLS inspection on the way issued the certificate that the client was shown: Fortinet FortiGate (issuer "
       "CN=FG100F,O=Fortinet,OU=Certificate Authority)."},
      {SHOWS("expired"), "certificate_expired",
       "The server's certificate had expired when the frame was captured: it was valid until 2025-05-31 00:00:00 UTC."},
      {SHOWS("future"), "certificate_not_yet_valid",
       "The server's certificate was not valid yet when the frame was captured: it is valid from 2025-06-02 00:00:00 "
       "UTC."},
      {SHOWS("not-for-servers"), "certificate_without_server_auth",
       "The extended key usages of the server's certificate do not include Server Authentication: subject "
       "CN=da.example.com."},
      {SHOWS("self-signed"), "certificate_self_signed",
       "The server's certificate is self-signed: subject CN=da.example.com."},
      {SHOWS("ecdsa"), "certificate_key_not_rsa",
       "The key of the server's certificate is not an RSA key: subject CN=da.example.com."},
      {SHOWN ">alert:48", "certificate_untrusted",
       "The client answered the server's certificate with the alert unknown_ca: subject CN=da.example.com, issuer "
       "CN=Example Issuing CA,O=Example."},
      {SHOWN ">alert:44", "certificate_rejected",
       "The client answered the server's certificate with an alert: certificate_revoked (44)."},
      {SHOWN ">fin <fin", "certificate_silently_rejected",
       "The client closed the connection after the server's certificate, without an alert: subject CN=da.example.com, "
       "issuer CN=Example Issuing CA,O=Example."},
      {ASKED, "client_certificate_requested", "The server asks the client for a certificate: preauthentication is on."},
      {ASKED ">cert+ckx+ccs+finished <alert:40", "client_certificate_missing",
       "The server asked the client for a certificate, got none, and the connection ended there: the server sent the "
       "fatal alert handshake_failure (40)."},
      {ASKED ">cert:machine+ckx+ccs+finished <alert:48", "client_certificate_rejected",
       "The client sent its certificate, and the server ended the handshake: the server sent the fatal alert "
       "unknown_ca (48)."},
      {ASKED ">cert:machine-elsewhere", "client_certificate_issuer_not_listed",
       "No issuer in the client's chain is among the CAs that the server asked for: subject CN=pc6.corp.example.com, "
       "issuer CN=Other CA,O=Elsewhere."},
      {ASKED ">cert:machine-expired", "client_certificate_expired",
       "The client's certificate was outside its validity when the frame was captured: subject "
       "CN=pc4.corp.example.com, issuer CN=Machine CA,O=Example, valid from 2024-01-01 00:00:00 UTC until 2025-05-31 "
       "00:00:00 UTC."},
      {ASKED ">cert:machine-for-servers", "client_certificate_without_client_auth",
       "The extended key usages of the client's certificate do not include Client Authentication: subject "
       "CN=pc3.corp.example.com, issuer CN=Machine CA,O=Example."},
      {REQUESTED ">hello:null <status:200 <alert:40", "handshake_failed",
       "The TLS handshake was ended before it was complete: the server sent the fatal alert handshake_failure (40)."},
      {"=configured " REQUESTED "<status:200,Microsoft-HTTPAPI/2.0,chunked", "request_altered",
       "The tunnel request or its answer is not as Windows writes it: the answer is chunked."},
      {ASKED "~20000 >fin+unreceived", "handshake_failed",
       "The TLS handshake was ended before it was complete: the client closed the connection, having acknowledged "
       "nothing of the server's answer."},
      {REQUESTED "<status:404", "http_rejected",
       "The tunnel request was answered with a status other than 200: status 404 (Microsoft-HTTPAPI/2.0)."},
      {REQUESTED "<fin >fin", "http_unanswered",
       "The session ended before the tunnel request was answered: the server closed the connection."},
      {REQUESTED "<status:200,nginx", "http_not_directaccess",
       "The tunnel request was answered with 200, but not by Microsoft-HTTPAPI: the Server header is nginx."},
      {REQUESTED "<status:200", "connected",
       "The server answered the tunnel request with 200: the IP-HTTPS tunnel is up."},
      {TUNNEL ">rs ~4000 >rs ~4000 >rs ~4000 >rs", "tunnel_without_router_advertisement",
       "The tunnel is up, but the client's router solicitations have had no answer so far: it sent 3."},
      {TUNNEL ">rs <ra ~1000 <fin", "tunnel_closed",
       "The server closed the tunnel at once, or before it sent a packet: 1030 ms after its 200, inner packets sent: "
       "1."},
      {TUNNEL ">ike >ike >ike", "ipsec_unanswered",
       "The tunnel is up, but the client's IKE or AuthIP messages in it get no answer: it sent 3."},
      {TUNNEL ">ike <ike:24", "ipsec_rejected",
       "The server answered the client's IKE or AuthIP in the tunnel with an error: AUTHENTICATION_FAILED (24)."},
      {TUNNEL ">esp <esp", "ipsec_established",
       "ESP flows in the tunnel in both directions: IPsec between client and server is up."},
      {TUNNEL "<malformed", "tunnel_malformed", "What flows in the tunnel is not IPv6: the server sent it."},
  };

  for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
    const session_finding_t *finding = finding_of(script_play(cases[i].script), cases[i].slug);
    char *sentence = finding != NULL ? session_finding_sentence(finding) : NULL;

    g_assert_cmpstr(sentence, ==, cases[i].sentence);
    g_free(sentence);
  }
}

/* What is behind a finding, where the evidence tells more than the finding does; the first next step as well, which
 * tells remedies of one product apart. */
static void test_causes_follow_the_evidence(void)
{
  static const char nobody[] = "The URL is registered, but nobody listens for it (503 from Microsoft-HTTPAPI): the IP "
                               "Helper service has stopped or hangs.";
  static const char pool[] = "A load balancer or reverse proxy answers that it reaches no working DirectAccess server.";
  static const char length[] = "What answers does not take a request of endless length: a web application firewall, a "
                               "proxy or nginx, not the DirectAccess server.";
  static const char other_site[] = "Another web site or an ADC policy answers for this address, or IP-HTTPS has not "
                                   "registered /IPHTTPS on the DirectAccess server.";
  static const char check_length[] =
      "ADC or web application firewall: pass TLS or TCP through, or exempt the server from HTTP checks.";
  static const char find_url[] = "Windows Server: look for /IPHTTPS in netsh http show servicestate.";
  static const struct {
    const char *script;
    const char *slug;
    const char *cause;
    const char *first_step;
  } cases[] = {
      {REQUESTED "<status:404", "http_rejected",
       "Windows answers (404 from Microsoft-HTTPAPI), but nothing has registered the URL that the client asks for.",
       find_url},
      {REQUESTED "<status:404,nginx", "http_rejected", other_site, find_url},
      {REQUESTED "<status:503", "http_rejected", nobody,
       "Windows Server: Get-Service iphlpsvc shows its state, Restart-Service iphlpsvc starts it anew."},
      {REQUESTED "<status:503,none", "http_rejected", pool, "ADC: look at the pool members and their monitors."},
      {REQUESTED "<status:502,nginx", "http_rejected", pool, "ADC: look at the pool members and their monitors."},
      {REQUESTED "<status:504,none", "http_rejected", pool, "ADC: look at the pool members and their monitors."},
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
      {BY_PROXY "<proxy:407", "proxy_refused",
       "The proxy wants a login: Windows 7 can give none, and later versions log in by Negotiate or NTLM alone.",
       "Proxy: exempt the server's name and port from authentication."},
      {BY_PROXY "<head:407 >rst", "proxy_refused",
       "The proxy wants a login: Windows 7 can give none, and later versions log in by Negotiate or NTLM alone.",
       "Proxy: exempt the server's name and port from authentication."},
      {BY_PROXY "<proxy:403", "proxy_refused", "The proxy's rules forbid this client the server's name or port.",
       "Proxy: allow CONNECT to the server's name and port."},
      {BY_PROXY "<proxy:502", "proxy_refused", "The proxy itself cannot resolve the server's name or reach the server.",
       "Proxy: resolve the server's name and connect to its port there, and correct what fails."},
      {BY_PROXY "<fin", "proxy_refused",
       "The proxy does not accept the computer's connection: it wants a login (407), forbids the name or port (403), "
       "or cannot reach the server (5xx).",
       "Proxy: exempt the server's name and port from authentication and filters."},
      {"=configured >ask:A ~990 >ask:A", "name_lookup_failed",
       "A firewall drops DNS, or the NRPT sends the query for the public name to the DNS64 address inside the tunnel "
       "that is not up.",
       "Client: Get-DnsClientNrptPolicy -Effective; exempt the server's public name from those rules."},
      {"=configured >ask:A <answer:A,2", "name_lookup_failed",
       "The DNS server cannot reach the zone's name servers (SERVFAIL), or does not serve this client (REFUSED).",
       "Run Resolve-DnsName NAME -Server ADDRESS against the client's DNS server and a public one."},
      {SHOWN "~20000 >fin+unreceived", "handshake_failed",
       "The server's answer, and the certificate in it, never reached the client: large segments get lost on the path "
       "(MTU), or a firewall drops them.",
       "Client: ping -f -l 1472 SERVER, then with less, finds what the path lets through."},
      {SHOWN "<fin >fin", "handshake_failed",
       "Neither cipher suites nor a certificate explain it: a middlebox alters TLS, the private key does not fit the "
       "certificate, or one side failed internally.",
       "Capture at the server too and compare: a difference points to TLS inspection between."},
      {NULL_HELLO "<alert:70", "hello_rejected", "The server accepts none of the TLS versions that the client offers.",
       "NetScaler: set ssl vserver VS -tls12 ENABLED, or in the SSL profile where profiles are in force."},
      {NULL_HELLO "<alert:112", "hello_rejected", "The server knows no site of the name that the client sends as SNI.",
       "Compare the name in the Client Hello with ServerURL in Get-NetIPHttpsConfiguration."},
      {ENCRYPTED_HELLO "<rst", "hello_rejected",
       "Client and server share no TLS version or cipher suite, the server does not know the name in SNI, or a "
       "middlebox ends the connection.",
       "ADC: compare the hello's versions, suites and SNI with its SSL settings."},
      {NULL_FIRST_HELLO "<shello:1302", "null_cipher_not_selected",
       "The server chose TLS 1.3, and NULL suites exist up to TLS 1.2 only.",
       "ADC: limit the virtual server to TLS 1.2 and put the NULL suites first in its cipher list."},
      {NULL_FIRST_HELLO "<shello:c030", "null_cipher_not_selected",
       "The server or ADC has no NULL suite or prefers another; on Windows FIPS or suite order policy, "
       "preauthentication in http.sys, SSTP or a self-signed certificate do that.",
       "ADC: put the NULL suites first in the cipher list and let the server's order win."},
      {SHOWN ">alert:44", "certificate_rejected", "The CA has revoked the certificate.",
       "Ask the CA why, and have another issued."},
      {SHOWN ">alert:45", "certificate_rejected",
       "The client takes the certificate for expired: it is, or the client's clock is wrong.",
       "Compare the validity in the certificate with the client's clock (w32tm /query /status)."},
      {SHOWN ">alert:46", "certificate_rejected",
       "The client found the certificate revoked, outside its validity or not usable for a server; the alert's name "
       "says which.",
       "Export the certificate and run certutil -verify -urlfetch on the client to see what fails."},
      {READABLE ">fin", "closed_after_handshake",
       "Windows checks the certificate's chain, and its CRL where StrongCRLRequired is set, only now, and closes "
       "without a word if it does not accept them.",
       "Client: Get-NetIPHttpsState (0x800b0109: untrusted chain, 0x80092013: CRL out of reach)."},
      {ENCRYPTED_HELLO "<shello:c030+cert:good >ckx+ccs <ccs >fin", "closed_after_handshake",
       "A load balancer's monitor closes like this, and so does Windows 7 if it does not accept the certificate's "
       "chain "
       "or cannot reach its CRL, which it checks only now.",
       "If it comes once a minute from a load balancer's address, it is a monitor: nothing to repair."},
  };

  for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
    const session_finding_t *finding = finding_of(script_play(cases[i].script), cases[i].slug);

    g_test_message("%s", cases[i].script);
    g_assert_cmpstr(finding != NULL ? session_finding_cause(finding) : NULL, ==, cases[i].cause);
    g_assert_cmpstr(finding != NULL ? session_finding_next_steps(finding)[0] : NULL, ==, cases[i].first_step);
  }
}

static void add_cases(void)
{
  for (size_t group = 0; group < G_N_ELEMENTS(groups); group++)
    for (size_t i = 0; i < groups[group].count; i++) {
      const diagnosis_case_t *added = &groups[group].cases[i];
      char *path = g_strdup_printf("/diagnose/%s/%s/%s", groups[group].name, added->about, added->what);

      g_test_add_data_func(path, added, test_case);
      g_free(path);
    }
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_set_nonfatal_assertions(); /* one failing case hides no other */
  add_cases();
  g_test_add_func("/diagnose/every row has cases", test_every_row_has_cases);
  g_test_add_func("/diagnose/sentences", test_findings_are_whole_sentences);
  g_test_add_func("/diagnose/causes", test_causes_follow_the_evidence);
  return g_test_run();
}
