/* handshake.c - which findings a session raises: the end of the handshake
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "cases.h"

static const diagnosis_case_t cases[] = {
    /* Chain and revocation are checked by Windows itself when the handshake is complete. */
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
    {"handshake_failed", "answered before renegotiation is complete", REQUESTED ">hello:null <status:200 >fin",
     "connected@10", "connected@10", NULL},
    {"handshake_failed", "alert in a renegotiation that was not waited for",
     REQUESTED ">hello:null <status:200 <alert:40", "connected@10 handshake_failed@11:80090326", "failed@11",
     "the server sent the fatal alert handshake_failure (40)"},
    {"handshake_failed", "renegotiation declined", REQUESTED ">warning:100 <status:200", "connected@10", "connected@10",
     NULL},
};

static const sentence_case_t sentences[] = {
    {REQUESTED ">hello:null <status:200 <alert:40", "handshake_failed",
     "The TLS handshake was ended before it was complete: the server sent the fatal alert handshake_failure (40)."},
    {ASKED "~20000 >fin+unreceived", "handshake_failed",
     "The TLS handshake was ended before it was complete: the client closed the connection, having acknowledged "
     "nothing of the server's answer."},
};

static const cause_case_t causes[] = {
    {SHOWN "~20000 >fin+unreceived", "handshake_failed",
     "The server's answer, and the certificate in it, never reached the client: large segments get lost on the path "
     "(MTU), or a firewall drops them.",
     "Client: ping -f -l 1472 SERVER, then with less, finds what the path lets through."},
    {SHOWN "<fin >fin", "handshake_failed",
     "Neither cipher suites nor a certificate explain it: a middlebox alters TLS, the private key does not fit the "
     "certificate, or one side failed internally.",
     "Windows Server: Get-WinEvent -ProviderName Schannel -MaxEvents 20 shows what Schannel says of it."},
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

const phase_cases_t handshake_cases = {"handshake", LISTED(cases), LISTED(sentences), LISTED(causes)};
