/* stream.h - cuts what flows in an IP-HTTPS session into HTTP heads and IPv6 packets
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Nothing is remembered between calls: what a piece is, its own first bytes tell. So every pass over a capture, in any
 * order, cuts the stream in the same way. The stream is that of [MS-IPHTTPS]: a POST and its answer with bodies that
 * never end, and in the bodies IPv6 packets back to back, with no framing but their own payload length.
 */
#ifndef IPHTTPS_CORE_STREAM_H
#define IPHTTPS_CORE_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes.h"

/* The Content-Length of the tunnel request ([MS-IPHTTPS] section 2.2.1), and the least that counts as endless: nginx,
 * for one, passes 2^63 - 1 on. */
#define TUNNEL_ENDLESS "18446744073709551615"
#define TUNNEL_ENDLESS_MIN "9223372036854775807"

#define TUNNEL_HEAD_MAX 16384 /* bytes of an HTTP head, http.sys's own limit (MaxRequestBytes) */

typedef enum {
  TUNNEL_PIECE_PARTIAL, /* the beginning of a packet or head; length bytes are missing, 0 if that cannot be told yet */
  TUNNEL_PIECE_PACKET,  /* an IPv6 packet of length bytes */
  TUNNEL_PIECE_HEAD,    /* an HTTP head of length bytes, described by head */
  TUNNEL_PIECE_FOREIGN, /* neither */
} tunnel_piece_kind_t;

/* What an HTTP head says. The spans lie in the bytes it was read from; data is NULL where the head does not say. */
typedef struct {
  bool is_request;
  uint16_t status; /* of an answer */
  bool is_final;   /* an answer, and no interim one */
  byte_span_t uri; /* of a request */
  byte_span_t host;
  byte_span_t server;
  byte_span_t length;    /* the value of Content-Length */
  bool is_chunked;       /* a Transfer-Encoding is given */
  bool offers_login;     /* a proxy takes a scheme that Windows can answer by itself: Negotiate or NTLM */
  bool endless;          /* a Content-Length that no body reaches: see TUNNEL_ENDLESS_MIN */
  bool is_cut;           /* the capture has but a part of it, and what it seems to lack may be in the rest */
  bool opens_tunnel;     /* the tunnel request, or the answer that accepts it */
  bool may_open_tunnel;  /* a request that is the tunnel's at a known endpoint alone: its length or path is another */
  bool followed_by_body; /* the message goes on behind its head, and its body is not the tunnel */
} tunnel_head_t;

typedef struct {
  tunnel_piece_kind_t kind;
  size_t length;
  tunnel_head_t head;
} tunnel_piece_t;

/*
 * The piece at the start of data, of which `captured` bytes are at hand and `reported` were on the wire. A packet whose
 * header is at hand is whole if it was on the wire as a whole.
 */
tunnel_piece_t tunnel_next_piece(const uint8_t *data, size_t captured, size_t reported);

/* The bytes of the interim answers (RFC 9110 section 15.2) at the start of data, which are heads alone, as far as
 * another answer begins behind them. */
size_t tunnel_interim_length(const uint8_t *data, size_t length);

/* The status of the final answer at the start of data, interim ones before it passed over; 0 if there is none. */
uint16_t tunnel_final_status(const uint8_t *data, size_t length);

typedef enum {
  TUNNEL_START_NO,
  TUNNEL_START_MAYBE,       /* as far as it goes, it is a tunnel request */
  TUNNEL_START_MAYBE_KNOWN, /* as far as it goes, it is what the next one says */
  TUNNEL_START_KNOWN,       /* it is a tunnel request if the endpoint is known: its length or path is another */
  TUNNEL_START_ANSWER, /* it looks like the answer to one: of endless Content-Length, or Windows' own without any */
  TUNNEL_START_YES,
} tunnel_start_t;

/* Whether the first bytes of a session show that it is a tunnel. */
tunnel_start_t tunnel_recognise(const uint8_t *data, size_t length);

/* Whether a request for this URI may be the tunnel request: its path is /IPHTTPS or /IPTLS in any letter case, with
 * or without a slash behind it. */
bool tunnel_is_request_uri(const char *uri);

/*
 * Where to get back in step after bytes that are no piece: the first offset from which IPv6 packets fill the data to
 * its last byte. Returns length if there is none.
 */
size_t tunnel_resynchronise(const uint8_t *data, size_t length);

/*
 * The bytes of MAC at the end of a TLS record's data, without IV or padding, whose other bytes are whole IPv6 packets:
 * 32 (NULL-SHA256) or 20 (NULL-SHA); 0 if it is no such record. Bytes at random look like one less often than once in
 * 2^28: with either MAC, the version (4 bits) and the length (16) have to fit, a usual next header has 4 bits and a
 * half, the beginnings of two usual addresses more than 5. That several packets fit adds next to nothing to it.
 */
size_t tunnel_record_mac(const uint8_t *data, size_t length);

/*
 * The ICMPv6 type of an IPv6 packet of which `captured` bytes are at hand, a hop-by-hop header before it skipped; -1 if
 * it carries something else.
 */
int tunnel_packet_icmpv6_type(const uint8_t *packet, size_t captured);

#endif
