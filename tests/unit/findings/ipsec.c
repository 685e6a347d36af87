/* ipsec.c - which findings a session raises: IPsec inside the tunnel
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "cases.h"

static const diagnosis_case_t cases[] = {
    {"ipsec_unanswered", "third message", TUNNEL "<ra >ike ~1000 >ike ~2000 >ike ~4000 >ike",
     "connected@9 ipsec_unanswered@13", "connected@9", "3 sent"},
    {"ipsec_unanswered", "second message", TUNNEL "<ra >ike ~1000 >ike", "connected@9", "connected@9", NULL},
    {"ipsec_unanswered", "third one answered", TUNNEL "<ra >ike ~1000 >ike <ike ~1000 >ike >ike", "connected@9",
     "connected@9", NULL},
    {"ipsec_unanswered", "answers lost in the capture", TUNNEL "<ra >ike ~1000 >ike <n:100+hole ~2000 >ike",
     "connected@9 capture_incomplete@13", "connected@9", NULL},
    {"ipsec_unanswered", "in use at last", TUNNEL "<ra >ike >ike >ike <ike >esp <esp",
     "connected@9 ipsec_unanswered@13 ipsec_established@16", "connected@9", "3 sent"},
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
};

static const sentence_case_t sentences[] = {
    {TUNNEL ">ike >ike >ike", "ipsec_unanswered",
     "The tunnel is up, but the client's IKE or AuthIP messages in it get no answer: 3 sent."},
    {TUNNEL ">ike <ike:24", "ipsec_rejected",
     "The server answered the client's IKE or AuthIP in the tunnel with an error: AUTHENTICATION_FAILED (24)."},
    {TUNNEL ">esp <esp", "ipsec_established",
     "ESP flows in the tunnel in both directions: IPsec between client and server is up."},
};

const phase_cases_t ipsec_cases = {"ipsec", LISTED(cases), LISTED(sentences), NULL, 0};
