/* observation.h - what one frame tells about one DirectAccess session: plain facts, no judgement
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_CORE_OBSERVATION_H
#define IPHTTPS_CORE_OBSERVATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes.h"
#include "cipher_suite.h"
#include "ip_address.h"
#include "ipsec.h"
#include "nanoseconds.h"
#include "side.h"

#define OBSERVATION_CERTIFICATES_MAX 10 /* of a chain */
#define OBSERVATION_AUTHORITIES_MAX 100 /* names of a CertificateRequest; Wireshark dissects no more */
#define OBSERVATION_ADDRESSES_MAX 16    /* of a DNS response */
#define OBSERVATION_FIRST_BYTES_MAX 32  /* of what the server sent first */

enum { DNS_TYPE_A = 1, DNS_TYPE_AAAA = 28 }; /* RFC 1035 section 3.2.2, RFC 3596 section 2.1 */

/* RCODEs of RFC 1035 section 4.1.1. */
enum { DNS_NO_ERROR = 0, DNS_SERVER_FAILURE = 2, DNS_NAME_ERROR = 3, DNS_REFUSED = 5 };

/* RFC 9110 section 15: what is below the first final status is interim. */
enum { HTTP_OK = 200, HTTP_FIRST_FINAL_STATUS = 200 };

/* Which facts are there. A message's bit is set where the frame completes it. */
typedef enum {
  SEEN_SYN = 1u << 0,
  SEEN_SYN_ACK = 1u << 1,
  SEEN_FIN = 1u << 2,         /* the sender's first FIN */
  SEEN_RST = 1u << 3,         /* the connection's first RST */
  SEEN_REPETITION = 1u << 4,  /* a segment with data or SYN sent again */
  SEEN_FIRST_BYTES = 1u << 5, /* first_bytes: the server's first payload after the Client Hello (or before any) */
  SEEN_UNREACHABLE = 1u << 6, /* an ICMP or ICMPv6 error that quotes a segment of the client's */

  SEEN_CLIENT_HELLO = 1u << 7,
  SEEN_SERVER_HELLO = 1u << 8,
  SEEN_CERTIFICATE = 1u << 9, /* a Certificate message, of the sender of the frame */
  SEEN_CERTIFICATE_REQUEST = 1u << 10,
  SEEN_CLIENT_KEY_EXCHANGE = 1u << 11,
  SEEN_CHANGE_CIPHER_SPEC = 1u << 12,
  SEEN_FINISHED = 1u << 13, /* readable: in NULL suites, or with keys */
  SEEN_ALERT = 1u << 14,
  SEEN_APPLICATION_DATA = 1u << 15,

  SEEN_CONNECT = 1u << 16,       /* HTTP CONNECT: connect_host, connect_port */
  SEEN_PROXY_ANSWER = 1u << 17,  /* http_status answers the CONNECT */
  SEEN_TUNNEL = 1u << 24,        /* packets show a tunnel whose opening the capture lacks */
  SEEN_REQUEST = 1u << 18,       /* the tunnel request */
  SEEN_RESPONSE = 1u << 19,      /* http_status and http_server answer the tunnel request */
  SEEN_OTHER_CONTENT = 1u << 20, /* the client's first readable content is no tunnel request */
  SEEN_MALFORMED = 1u << 21,     /* what flows in the tunnel is not IPv6 */

  SEEN_NAME_QUERY = 1u << 22,    /* a DNS question for name */
  SEEN_NAME_RESPONSE = 1u << 23, /* its answer: name_code, addresses */

  SEEN_COPY = 1u << 25,        /* the packet is in the capture once more: no fact comes from it a second time */
  SEEN_READ_TWICE = 1u << 26,  /* bytes seen before were handed to dissectors again */
  SEEN_UNREADABLE = 1u << 27,  /* TLS records that could not be decrypted: encrypted, or taken for that */
  SEEN_MIDST = 1u << 28,       /* the capture begins with this frame of the connection, and its beginning was before */
  SEEN_HELLO_BYTES = 1u << 30, /* the client's segment begins as a Client Hello does, read as one or not */
  SEEN_UNRECEIVED = 1u << 29,  /* the client acknowledges nothing of what the server has sent since the Client Hello */

  SEEN_CLOSE = SEEN_FIN | SEEN_RST, /* one of them */
} observation_facts_t;

/* Why some of what a side has sent was read by no dissector, or not once and in its order: what it did not say is then
 * not known. */
typedef enum {
  UNREAD_BEFORE = 1u << 0,    /* sent before the capture, which begins in the midst of the connection */
  UNREAD_MISSING = 1u << 1,   /* the capture lacks it, or has it only behind what came later */
  UNREAD_AWAITED = 1u << 2,   /* the same, but may still come in time */
  UNREAD_CUT = 1u << 3,       /* in frames that are cut short */
  UNREAD_WITHHELD = 1u << 4,  /* taken for sent again, and so not handed on */
  UNREAD_TWICE = 1u << 5,     /* encrypted, and handed on again: decryption is out of step; set by the session */
  UNREAD_APART = 1u << 6,     /* in pieces that the preferences have left apart */
  UNREAD_ENCRYPTED = 1u << 7, /* in records that could not be decrypted, though others can; set by the session */
} unread_t;

/* The facts of one frame. All pointers belong to the frame and are valid only while it is fed. */
typedef struct {
  uint32_t frame;
  int64_t time_ns; /* since 1970-01-01 UTC */
  uint32_t facts;  /* observation_facts_t */
  bool from_client;

  /* TCP: when the first SYN was sent, and when its answer was acknowledged; 0 while that was not seen */
  int64_t syn_time_ns;
  int64_t connected_time_ns;
  /* payload bytes up to and with this frame, by sequence numbers and acknowledgements */
  uint32_t bytes[SIDES]; /* the client's since its SYN; the server's since the Client Hello once there is one, before
                            that since its SYN */
  uint8_t unread[SIDES]; /* unread_t, of all that was sent so far; of DNS, of this message */
  uint32_t cut_to;       /* how many bytes the capture has of the frame where it is cut short, else 0 */
  byte_span_t first_bytes;
  uint16_t first_status; /* of the HTTP answer that they begin, behind interim ones; 0 if there is none */

  /* TLS */
  const char *server_name; /* SNI, NULL if not sent */
  null_offer_t offer;      /* of the Client Hello */
  uint16_t chosen_suite;   /* 0 where none can be read */
  bool hello_is_strange;   /* the Server Hello is a draft's, or of no version that is known */
  byte_span_t certificates[OBSERVATION_CERTIFICATES_MAX]; /* DER, leaf first */
  size_t certificate_count;
  bool certificate_is_hidden; /* cut, or compressed (RFC 8879) and not read by Wireshark: there may be one, that is all
                               */
  const byte_span_t *authorities; /* DER of distinguished names, at most OBSERVATION_AUTHORITIES_MAX */
  size_t authority_count;
  uint8_t alert_level;
  uint8_t alert;

  /* HTTP and the tunnel; the counts are totals of the session up to and with this frame */
  const char *connect_host;
  uint16_t connect_port;
  const char *http_host;   /* whom another request than a CONNECT asks, with its port; NULL if it does not say */
  bool proxy_offers_login; /* a 407 with a scheme that Windows can answer by itself: Negotiate or NTLM */
  const char *request_uri;
  const char *request_host;
  const char *http_length; /* Content-Length of the tunnel request or its answer, NULL if there is none */
  bool http_is_chunked;    /* the same has a Transfer-Encoding */
  bool http_is_cut;        /* the capture has but a part of its head */
  uint16_t http_status;
  const char *http_server; /* NULL if the answer names none */
  bool http_is_interim;    /* the frame has an answer of status 1xx to the tunnel request: the one to come counts */
  bool http_is_finite;     /* the answer to the tunnel request has a length: no tunnel follows it */
  uint32_t packets[SIDES];
  uint32_t router_solicitations;
  uint32_t router_advertisements;
  ipsec_progress_t ipsec; /* of the inner packets up to and with this frame */

  /* DNS */
  const char *name;
  uint16_t name_type;         /* the question's type: 1 A, 28 AAAA */
  uint16_t name_code;         /* RCODE, with the upper bits that EDNS has for it (RFC 6891 section 6.1.3) */
  uint16_t name_id;           /* of question and answer alike */
  bool name_answer_truncated; /* the client asks again over TCP */
  ip_address_t addresses[OBSERVATION_ADDRESSES_MAX];
  size_t address_count;
} observation_t;

/* Who sent the frame. */
static inline side_t sender_of(const observation_t *observation)
{
  return observation->from_client ? SIDE_CLIENT : SIDE_SERVER;
}

#endif
