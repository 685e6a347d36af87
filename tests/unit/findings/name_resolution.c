/* name_resolution.c - which findings a session raises: looking up the server's name
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "cases.h"

static const diagnosis_case_t cases[] = {
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
    {"name_lookup_failed", "answered by what is cut short, asked again",
     "=configured >ask:A <answer:A,0,0+cut:78 ~1000 >ask:A", "capture_truncated@2", "in progress", NULL},
    {"name_lookup_failed", "answered late", "=configured >ask:A ~1000 >ask:A <answer:A,0,1", "name_lookup_failed@2",
     "failed@2", "da.example.com was asked for again, no answer for 1 s"},
    {"name_lookup_failed", "answered where the capture does not see it",
     "=configured >ask:A ~1000 >ask:A ~10 >syn <synack >ack", "name_lookup_failed@2", "in progress",
     "da.example.com was asked for again, no answer for 1 s"},
    {"name_lookup_failed", "answered by SERVFAIL, connected by an address known otherwise",
     "=configured >ask:A <answer:A,2 ~10 >syn <synack >ack", "", "in progress", NULL},
    {"name_lookup_failed", "asked again at once", "=configured >ask:A ~900 >ask:A <answer:A,0,1", "", "in progress",
     NULL},
    {"name_lookup_failed", "AAAA asked late", "=configured >ask:A ~2000 >ask:AAAA <answer:A,0,1", "", "in progress",
     NULL},
    {"name_lookup_failed", "answered before", "=configured >ask:A <answer:A,0,1 ~2000 >ask:A", "", "in progress", NULL},
    {"name_lookup_failed", "SERVFAIL to AAAA alone", "=configured >ask:A >ask:AAAA <answer:A,0,1 <answer:AAAA,2", "",
     "in progress", NULL},
    {"name_lookup_failed", "one answer outstanding", "=configured >ask:A >ask:AAAA <answer:AAAA,2 <answer:A,0,1", "",
     "in progress", NULL},
    /* What came first stays found; the verdict follows what happened last. */
    {"name_lookup_failed", "connected later",
     "=configured >ask:A ~1000 >ask:A <answer:A,0,1 " NULL_HELLO
     "<shello:003b+cert:good >ckx+ccs+finished <ccs+finished >post <status:200",
     "name_lookup_failed@2 connected@12", "connected@12", "da.example.com was asked for again, no answer for 1 s"},
};

static const sentence_case_t sentences[] = {
    {"=configured >ask:A <answer:A,3", "name_not_found",
     "The name of the DirectAccess server does not exist in DNS (NXDOMAIN): da.example.com."},
    {"=configured >ask:A >ask:AAAA <answer:A,0,0 <answer:AAAA,0,0", "name_without_address",
     "The DNS answer for the DirectAccess server's name holds no address of the server: da.example.com."},
    {"=configured >ask:A <answer:A,2", "name_lookup_failed",
     "The client's DNS server has so far given no usable answer for the DirectAccess server's name: da.example.com "
     "was answered "
     "with SERVFAIL (A)."},
};

static const cause_case_t causes[] = {
    {"=configured >ask:A ~990 >ask:A", "name_lookup_failed",
     "A firewall drops DNS, or the NRPT sends the query for the public name to the DNS64 address inside the tunnel "
     "that is not up.",
     "Client: Get-DnsClientNrptPolicy -Effective; exempt the server's public name from those rules."},
    {"=configured >ask:A <answer:A,2", "name_lookup_failed",
     "The DNS server cannot reach the zone's name servers (SERVFAIL), or does not serve this client (REFUSED).",
     "Run Resolve-DnsName NAME -Server ADDRESS against the client's DNS server and a public one."},
};

const phase_cases_t name_resolution_cases = {"name_resolution", LISTED(cases), LISTED(sentences), LISTED(causes)};
