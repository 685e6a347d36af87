/* tunnel.c - which findings a session raises: what flows in the tunnel
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "cases.h"

static const diagnosis_case_t cases[] = {
    {"tunnel_without_router_advertisement", "third solicitation", TUNNEL ">rs ~4000 >rs ~4000 >rs ~4000 >rs",
     "connected@9 tunnel_without_router_advertisement@12", "connected@9", "3 sent"},
    {"tunnel_without_router_advertisement", "client closes", TUNNEL ">rs <packet ~3000 >fin",
     "connected@9 tunnel_without_router_advertisement@12", "connected@9", "1 sent"},
    {"tunnel_without_router_advertisement", "server closes later", TUNNEL ">rs <packet ~3000 <fin",
     "connected@9 tunnel_without_router_advertisement@12", "connected@9", "1 sent"},
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
    {"tunnel_malformed", "packets", TUNNEL ">packet <packet", "connected@9", "connected@9", NULL},
};

static const sentence_case_t sentences[] = {
    {TUNNEL ">rs ~4000 >rs ~4000 >rs ~4000 >rs", "tunnel_without_router_advertisement",
     "The tunnel is up, but the client's router solicitations have had no answer so far: 3 sent."},
    {TUNNEL ">rs <ra ~1000 <fin", "tunnel_closed",
     "The server closed the tunnel at once, or before it sent a packet: 1030 ms after its 200, inner packets sent: "
     "1."},
    {TUNNEL "<malformed", "tunnel_malformed", "What flows in the tunnel is not IPv6: the server sent it."},
};

const phase_cases_t tunnel_cases = {"tunnel", LISTED(cases), LISTED(sentences), NULL, 0};
