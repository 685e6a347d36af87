/* session.h - what is known of one DirectAccess session, and how far it has come
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_CORE_SESSION_H
#define IPHTTPS_CORE_SESSION_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "certificate_cache.h"
#include "cipher_suite.h"
#include "endpoint.h"
#include "findings/catalogue.h"
#include "inspection.h"
#include "learned.h"
#include "observation.h"
#include "phase.h"
#include "revocation.h"
#include "span.h"

typedef enum {
  VERDICT_IN_PROGRESS,
  VERDICT_CONNECTED,
  VERDICT_HANDSHAKE_COMPLETE, /* and what follows cannot be read */
  VERDICT_FAILED,
  VERDICT_CLOSED, /* and nothing was decided */
  VERDICT_COUNT,
} session_verdict_t;

typedef enum {
  TAG_NONE,
  TAG_CONFIGURED,
  TAG_TUNNEL_REQUEST,
  TAG_NULL_ONLY,
  TAG_NULL_FIRST,
  TAG_LEARNED,
  TAG_NULL_BEHIND,
} session_tag_t;

typedef enum {
  CLIENT_UNKNOWN,
  CLIENT_OFFERS_NULL,    /* Windows 8 or later */
  CLIENT_ENCRYPTED_ONLY, /* Windows 7, or not Windows */
} client_kind_t;

/* What all sessions of a capture share. Owned by the capture; a session only refers to it. */
typedef struct {
  certificate_cache_t *certificates;
  revocation_t *revocation;
  inspection_t *inspection;
} session_context_t;

/* A finding as raised on a frame; belongs to its session. */
typedef struct {
  uint32_t frame;        /* on which it is shown */
  uint32_t raised_frame; /* which shows it: an earlier one where the session was not known yet */
  finding_id_t id;
  finding_severity_t severity;    /* the row's, or graver: see finding_row_t */
  uint32_t windows_error;         /* WINDOWS_ERROR_NONE if the evidence does not tell */
  const finding_remedy_t *remedy; /* stands in for the row's cause and next steps; NULL: those hold */
  char *evidence;                 /* what was seen, without the summary; owned, NULL where the summary says it all */
} session_finding_t;

/* The handshake under way: the first one, or one renegotiated inside the session. Frames are 0 for what was not seen.
 */
typedef struct {
  uint32_t client_hello_frame;
  uint32_t server_hello_frame;
  uint32_t certificate_frame;
  uint32_t certificate_request_frame;
  uint32_t client_certificate_frame;
  uint32_t complete_frame;
  uint32_t hello_transmissions;
  bool renegotiated;
  bool client_certificate_empty;
  bool client_answered;          /* a ClientKeyExchange, ChangeCipherSpec or Finished of the client was seen */
  int64_t client_answer_time_ns; /* of the latest of these */
  bool changed_cipher[SIDES];
  bool finished[SIDES];
  bool readable; /* a Finished could be read: NULL suite or keys at hand */
} handshake_state_t;

/* Who was the first to close, by close_notify, FIN or RST; unknown where the capture may lack the other's close. */
typedef enum { CLOSER_NONE, CLOSER_CLIENT, CLOSER_SERVER, CLOSER_UNKNOWN } session_closer_t;

/* The two questions a client asks side by side for one name. */
enum { LOOKUP_A, LOOKUP_AAAA, LOOKUP_COUNT };

typedef struct {
  bool asked;
  bool question_seen; /* and not its answer alone */
  bool answered;
  bool answer_is_cut; /* an answer was, so that it may have had addresses */
  bool has_address;
  uint8_t refusal;       /* the error other than NXDOMAIN that it was answered with, 0 if none */
  int64_t asked_time_ns; /* of the first question */
} name_lookup_t;

/* The few facts kept of a TLS handshake that has not been tagged, should its tunnel request come. Frames are 0 for what
 * was not seen. */
typedef struct {
  uint32_t client_hello_frame;
  uint32_t server_hello_frame;
  uint32_t certificate_frame;
  uint16_t cipher_suite;
  null_offer_t offer;
  const char *server_name; /* not owned, NULL if none */
} session_brief_t;

/* One session: what is known of it. Filled by session_note() and diagnose(), on the first pass only; read at any time.
 */
typedef struct session {
  const session_context_t *context;

  /* Identity, set by whoever tags. */
  session_tag_t tagged_by;
  uint32_t index; /* valid once tagged */
  uint32_t tagged_frame;
  uint32_t withdrawn_frame; /* from here on the session is not ours after all; 0 if it is */
  bool provisional;         /* tagged by inference: see session_tag_as() */
  bool asks_revocation;     /* no session at all, but followed like one: see revocation_note() */
  ip_address_t client;
  ip_address_t server; /* the TCP peer: the DirectAccess server, its load balancer, or a proxy */
  uint16_t client_port;
  uint16_t server_port;
  endpoint_t *configured;         /* the row that covers it, NULL if none does; owned */
  learned_endpoint_t *learned;    /* the endpoint as other sessions showed it, or NULL; belongs to the capture's set */
  const struct session *previous; /* the attempt before of the same client at the same endpoint, NULL for the first */
  uint32_t attempt;               /* 1 for the first */

  /* Names; owned, NULL while unknown. */
  char *server_name; /* SNI */
  char *connect_host;
  uint16_t connect_port;
  char *request_host;
  char *looked_up_name;

  /* Progress. */
  uint32_t first_frame;
  int64_t first_time_ns; /* of its SYN, where it was seen before the session was taken for one */
  int64_t last_time_ns;
  int64_t decided_time_ns;
  uint32_t last_frame;
  uint32_t phase_frames[PHASE_COUNT]; /* the frame that reached the phase, 0 if it was not seen */
  session_phase_t phase;
  session_span_t spans[SPAN_COUNT]; /* see session_span() */
  session_verdict_t verdict;
  uint32_t decided_frame;
  null_offer_t offer;
  uint16_t cipher_suite; /* 0 while none is known */
  bool hello_is_strange; /* the Server Hello's layout is not known: nor is what follows */
  uint32_t client_hello_frame;
  uint32_t server_hello_frame;
  uint32_t certificate_frame;
  uint32_t request_frame;
  uint32_t response_frame;
  int64_t response_time_ns;
  uint16_t response_status;
  char *request_uri;
  char *response_server;
  bool response_is_finite;   /* its body has an end of its own: what the server sends is no tunnel as we know it */
  const certificate_t *leaf; /* of the server; belongs to context->certificates */
  int64_t leaf_time_ns;      /* when it was shown */
  bool leaf_judged;          /* findings about its looks have been raised or found wanting */

  uint32_t syn_transmissions;
  int64_t transmission_time_ns; /* of the latest SYN, or of the latest Client Hello */
  int64_t round_trip_ns;        /* from a SYN to what its SYN-ACK was acknowledged by; 0 if they were not seen */
  bool connected_tcp;           /* SYN-ACK seen */
  bool acknowledged_tcp;        /* and the client went on from there: both sides are connected */
  bool proxy_answered;          /* the latest CONNECT */
  uint16_t proxy_status;        /* in the first bytes of the answer to the first CONNECT; 0 if there are none */
  uint8_t unread[SIDES];        /* unread_t: the silence of that side proves nothing */
  bool has_copies;              /* the capture has frames of it more than once */
  session_closer_t closer;
  int64_t closer_time_ns;       /* when it did so */
  uint32_t close_frames[SIDES]; /* of each side's first FIN or RST, 0 if there is none */
  bool server_spoke_first;      /* before the client, which then closes for what it has read */
  bool ended;                   /* the handshake has come to a bad end; nothing that follows is judged by it */
  handshake_state_t handshake;
  bool client_spoke;             /* application data of the client was seen */
  bool server_spoke;             /* the same of the server since the latest tunnel request, but for interim answers */
  bool client_certificate_asked; /* in any handshake of the session */
  bool client_certificate_not_given;
  uint64_t *requested_authorities; /* hashes of the names in the CertificateRequest; NULL if none or too many; owned */
  size_t requested_authority_count;
  bool tls13_client_may_be_finished; /* TLS 1.3 without keys: the client has sent enough for its Finished */
  uint32_t tls13_client_bytes;       /* what it had sent at the Server Hello */
  uint32_t tls13_server_bytes;       /* what the server had sent when the client may have finished */

  name_lookup_t lookups[LOOKUP_COUNT];
  uint32_t packets[SIDES];
  uint32_t router_solicitations;
  uint32_t router_advertisements;

  uint32_t ended_frame; /* the latest error in the session's course, 0 if there is none */
  char *stopped; /* one sentence on where it stopped ("Stopped after Client Hello: the server ..."), NULL while nothing
                    has stopped it; owned */
  bool raised[FINDING_COUNT];
  GArray *findings; /* session_finding_t, by frame and, on one frame, by the catalogue; at most one of each kind */
} session_t;

/* A new, untagged session; context must outlive it. Free with session_free(), which allows NULL. */
session_t *session_new(const session_context_t *context);
void session_free(session_t *session);

/* Makes it such a one again, without its ends. */
void session_restart(session_t *session);

/* The two ends of its connection. */
ends_t session_ends(const session_t *session);

/* Makes a copy of the row the one that covers the session; NULL: none does. */
void session_take_row(session_t *session, const endpoint_t *row);

/* Tags the session. Tags TAG_NULL_ONLY, _FIRST and _BEHIND make it provisional unless its endpoint is learned. What was
 * found before the frame is shown on it, since no earlier one can show it on the first pass; tagging a session again
 * with its first tag's frame moves nothing. */
void session_tag_as(session_t *session, session_tag_t tag, uint32_t index, uint32_t frame);

/* Takes in what one frame tells; diagnose() then judges it. First pass only, frames in order. */
void session_note(session_t *session, const observation_t *observation);

/* Takes in the handshake of a session that has shown only later that it is one. */
void session_recall(session_t *session, const session_brief_t *brief);

/* The phase the session had reached with the given frame. */
session_phase_t session_phase_at(const session_t *session, uint32_t frame);

/* The best name known: configured, SNI, CONNECT, Host, looked up, that of the learned endpoint; else NULL. */
const char *session_name(const session_t *session);

/* What is known of the lookup (A or AAAA) that a frame with a DNS message belongs to. */
const name_lookup_t *session_lookup(const session_t *session, const observation_t *observation);

/* "host:port" of the endpoint, the address in place of an unknown name (IPv6 in brackets); to be freed with g_free().
 */
char *session_endpoint_text(const session_t *session);
uint16_t session_endpoint_port(const session_t *session);

/* What the Client Hello tells of the client. */
client_kind_t session_client_kind(const session_t *session);

/* The name a certificate is held against: what the client asked for; NULL if there is none or it is an address. */
const char *session_expected_name(const session_t *session);

/* Whether the distinguished name (DER, with or without its outer header) is among the CAs that the server's
 * CertificateRequest listed; true as well where it listed none, or more than are kept. */
bool session_asked_for_issuer(const session_t *session, const uint8_t *name, size_t length);

/* Whether what follows the Server Hello is encrypted, as in TLS 1.3, or unknown. */
bool session_hides_handshake(const session_t *session);

/* Whether the endpoint is known for DirectAccess by itself, whatever this client offers. */
bool session_has_known_endpoint(const session_t *session);

#endif
