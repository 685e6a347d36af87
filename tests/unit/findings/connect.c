/* connect.c - which findings a session raises: connecting to the server
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "cases.h"

static const diagnosis_case_t cases[] = {
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
    /* What came first stays found; the verdict follows what happened last. */
    {"connect_timeout", "connected later",
     "=configured >syn >syn >syn <synack >hello:null <shello:003b+cert:good >ckx+ccs+finished <ccs+finished >post "
     "<status:200",
     "connect_timeout@3 connected@10", "connected@10", "203.0.113.10:443, no answer for 20 ms"},
};

static const sentence_case_t sentences[] = {
    {"=configured >syn ~1000 >syn ~2000 >syn", "connect_timeout",
     "The client had to send its SYN a third time, since nothing at the DirectAccess server's address had answered: "
     "203.0.113.10:443, no answer for 3 s."},
    {"=configured >syn <rst", "connect_refused",
     "The SYN to the DirectAccess server was answered with RST: 203.0.113.10:443."},
    {"=configured >syn <icmp", "connect_unreachable",
     "An ICMP message reports the DirectAccess server as unreachable or the traffic as prohibited: "
     "203.0.113.10:443."},
};

const phase_cases_t connect_cases = {"connect", LISTED(cases), LISTED(sentences), NULL, 0};
