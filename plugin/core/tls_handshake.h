/* tls_handshake.h - TLS records and handshake messages as they stand in bytes
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_CORE_TLS_HANDSHAKE_H
#define IPHTTPS_CORE_TLS_HANDSHAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "observation.h"

enum { TLS_HANDSHAKE_JOINED_MAX = 4 };

/* What TLS has sent in a frame. The spans belong to the frame; a message begins with its type, and may be cut. */
typedef struct {
  uint32_t facts;           /* observation_facts_t of its messages */
  byte_span_t client_hello; /* the first; data is NULL where there is none */
  byte_span_t server_hello;
  byte_span_t certificate;
  byte_span_t certificate_request;
  uint32_t record_facts; /* the same of its records: what stands beside messages, or could not be read */
  uint8_t alert_level;   /* with SEEN_ALERT among these, of the first that is fatal, or else the last */
  uint8_t alert;
  unsigned messages;     /* of any kind */
  unsigned data_records; /* of application data; in TLS 1.3 all that is encrypted looks like that */
  bool has_part;         /* a message ends in another record than it begins in */
  byte_span_t joined[TLS_HANDSHAKE_JOINED_MAX]; /* messages put together of several records */
  size_t joined_count;
} tls_handshake_t;

/* What a Client Hello offers and asks for. */
typedef struct {
  null_offer_t offer;
  bool is_complete;        /* false where it is cut: who is asked for, or what is offered, is not known then */
  byte_span_t server_name; /* SNI; data is NULL if there is none, or not all of it */
} client_hello_t;

/* Notes a buffer that TLS has made in the frame, should it be a message put together of several records: a record that
 * is read later may begin with its end. Those beyond the first few are forgotten. */
void tls_handshake_note_joined(tls_handshake_t *handshake, byte_span_t made);

/* Takes in a run of TLS records (RFC 8446 section 5.1) that has `reported` bytes on the wire: records that were sent as
 * a whole, and what the capture has of them. A message that goes on in another record is left to
 * tls_handshake_read_content(). */
void tls_handshake_read_records(tls_handshake_t *handshake, byte_span_t records, size_t reported);

typedef enum {
  TLS_CONTENT_MESSAGES, /* of a handshake, or the beginning of one */
  TLS_CONTENT_ALERT,
  TLS_CONTENT_OTHER,
} tls_content_t;

/* Takes in the content of a record that was decrypted, or a message put together of several; it is messages only if
 * these make up all of it, the last one perhaps not to its end. Returns what it is taken for. */
tls_content_t tls_handshake_read_content(tls_handshake_t *handshake, byte_span_t content);

/* Reads a Client Hello; is_whole says that the frame is not cut. */
client_hello_t client_hello_read(byte_span_t message, bool is_whole);

/* Whether a Server Hello has another layout than that of SSL 3.0 to TLS 1.3, as the drafts of TLS 1.3 have. */
bool server_hello_is_strange(byte_span_t message);

/* The suite that a Server Hello chooses, 0 if none can be read. */
uint16_t server_hello_suite(byte_span_t message);

/* Whether a Server Hello chooses TLS 1.3 (RFC 8446 section 4.2.1) or a draft of it. */
bool server_hello_is_tls13(byte_span_t message);

/* Whether a Certificate message is a compressed one (RFC 8879). */
bool certificate_message_is_compressed(byte_span_t message);

/* Whether a Certificate message may have certificates that it does not show: it is compressed, or cut. */
bool certificate_message_hides(byte_span_t message);

/* The certificates of a Certificate message (RFC 5246 section 7.4.2, RFC 8446 section 4.4.2), leaf first, up to one
 * that is cut. Stores at most max and returns how many. */
size_t certificate_message_read(byte_span_t message, byte_span_t *certificates, size_t max);

/* The same of what a compressed one holds, which has no header. */
size_t certificate_body_read(byte_span_t body, byte_span_t *certificates, size_t max);

/* The distinguished names of a CertificateRequest (RFC 5246 section 7.4.4, RFC 8446 section 4.3.2), none of one that is
 * cut. Stores at most max and returns how many. */
size_t certificate_request_read(byte_span_t message, byte_span_t *names, size_t max);

#endif
