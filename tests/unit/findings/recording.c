/* recording.c - which findings a session raises: what is wrong with the capture
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "cases.h"

static const diagnosis_case_t cases[] = {
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
    {"capture_incomplete", "renegotiated, and encrypted as all before",
     ENCRYPTED_HELLO "<shello:c030+cert:good >ckx+ccs+unreadable <ccs+unreadable >n:200+unreadable <n:1400+unreadable "
                     ">data >fin",
     "", "complete@7", NULL},
    {"capture_incomplete", "the server's Finished in a segment of its own",
     ENCRYPTED_HELLO "<shello:c030+cert:good >ckx+ccs+unreadable <ccs <n:40+unreadable >fin",
     "closed_after_handshake@9", "closed@9", NULL},
    {"capture_incomplete", "what a NULL suite should show", READABLE "<n:100+unreadable", "capture_incomplete@8",
     "in progress", "some of the server's records cannot be decrypted"},
};

const phase_cases_t recording_cases = {"recording", LISTED(cases), NULL, 0, NULL, 0};
