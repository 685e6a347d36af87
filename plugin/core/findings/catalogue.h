/* catalogue.h - what a finding is: its id, and its row with all that is to be known of it
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_CORE_CATALOGUE_H
#define IPHTTPS_CORE_CATALOGUE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "phase.h"

#define NEXT_STEPS_MAX 8
#define EXPLANATIONS_MAX 9

/* In the order in which a session meets them; several findings of one frame are reported in this order. */
typedef enum {
  FINDING_NAME_NOT_FOUND,
  FINDING_NAME_WITHOUT_ADDRESS,
  FINDING_NAME_LOOKUP_FAILED,
  FINDING_CONNECT_TIMEOUT,
  FINDING_CONNECT_REFUSED,
  FINDING_CONNECT_UNREACHABLE,
  FINDING_PROXY_REFUSED,
  FINDING_PROXY_IN_PATH,
  FINDING_NO_CLIENT_HELLO,
  FINDING_NULL_CIPHER_REJECTED,
  FINDING_HELLO_REJECTED,
  FINDING_HELLO_UNANSWERED,
  FINDING_NOT_TLS,
  FINDING_NULL_CIPHER_NOT_SELECTED,
  FINDING_CERTIFICATE_NAME_MISMATCH,
  FINDING_CERTIFICATE_NAME_ONLY_IN_SAN,
  FINDING_CERTIFICATE_NOT_EXPECTED,
  FINDING_CERTIFICATE_INSPECTED,
  FINDING_CERTIFICATE_EXPIRED,
  FINDING_CERTIFICATE_NOT_YET_VALID,
  FINDING_CERTIFICATE_WITHOUT_SERVER_AUTH,
  FINDING_CERTIFICATE_SELF_SIGNED,
  FINDING_CERTIFICATE_KEY_NOT_RSA,
  FINDING_CERTIFICATE_UNTRUSTED,
  FINDING_CERTIFICATE_REJECTED,
  FINDING_CERTIFICATE_SILENTLY_REJECTED,
  FINDING_CLIENT_CERTIFICATE_REQUESTED,
  FINDING_CLIENT_CERTIFICATE_MISSING,
  FINDING_CLIENT_CERTIFICATE_REJECTED,
  FINDING_CLIENT_CERTIFICATE_ISSUER_NOT_LISTED,
  FINDING_CLIENT_CERTIFICATE_EXPIRED,
  FINDING_CLIENT_CERTIFICATE_WITHOUT_CLIENT_AUTH,
  FINDING_HANDSHAKE_FAILED,
  FINDING_CLOSED_AFTER_HANDSHAKE,
  FINDING_CERTIFICATE_REVOCATION_UNREACHABLE,
  FINDING_HTTP_NOT_DIRECTACCESS, /* which of the two on a frame comes first heads the session */
  FINDING_REQUEST_ALTERED,
  FINDING_HTTP_REJECTED,
  FINDING_HTTP_UNANSWERED,
  FINDING_TUNNEL_WITHOUT_ROUTER_ADVERTISEMENT,
  FINDING_TUNNEL_CLOSED,
  FINDING_TUNNEL_MALFORMED,
  FINDING_IPSEC_UNANSWERED,
  FINDING_IPSEC_REJECTED,
  FINDING_IPSEC_ESTABLISHED,
  FINDING_CONNECTED,
  FINDING_CAPTURE_TRUNCATED,
  FINDING_CAPTURE_INCOMPLETE,
  FINDING_CAPTURE_DUPLICATED,
  FINDING_COUNT,
} finding_id_t;

typedef enum {
  SEVERITY_CHAT,
  SEVERITY_NOTE,
  SEVERITY_WARNING,
  SEVERITY_ERROR,
} finding_severity_t;

/* What Windows reports for a finding. */
typedef enum {
  ERROR_UNKNOWN,  /* the evidence does not tell */
  ERROR_FIXED,    /* windows_error of the row, where reports_when holds */
  ERROR_BY_ALERT, /* what Schannel makes of the alert that the client received, see windows_error_from_alert() */
} finding_error_rule_t;

/* What a finding judges. */
typedef enum {
  JUDGES_COURSE,             /* what happened: an error stops the session */
  JUDGES_SERVER_CERTIFICATE, /* what the server's certificate looks like, which stops nothing by itself: raised when it
                                is shown; while the session is provisional, only once it fails */
} finding_judgement_t;

typedef struct evidence evidence_t; /* evidence.h */

typedef void (*finding_text_t)(const evidence_t *given, GString *text);

/* What is behind a finding, and what to do about it, where the evidence tells more than the finding does. */
typedef struct {
  const char *where; /* it fits, for the finding's page: "Status 404 of Microsoft-HTTPAPI" */
  bool (*fits)(const evidence_t *given);
  const char *look_at; /* NULL for the row's */
  const char *cause;
  const char *next_step[NEXT_STEPS_MAX + 1];
} finding_remedy_t;

/* All that is to be known of a finding. Summary, cause and each next step are one sentence. */
typedef struct {
  finding_id_t id;
  uint32_t seen_on; /* observation_facts_t, one of which the frame must have for the row to apply; 0: any frame does */
  const char *slug;
  finding_severity_t severity;
  finding_judgement_t judges;
  session_phase_t overcome_by; /* with this phase, or a later one, the session has got over an error; 0: never */
  finding_id_t settled_by;     /* with this finding it has got over the finding, be it a warning; 0: with none */
  finding_id_t yields_to;      /* this one, where it is no less grave, heads the session in its place; 0: none does */
  finding_error_rule_t error_rule;
  uint32_t windows_error; /* with ERROR_FIXED */
  const char *title;      /* a few words */
  const char *look_at;    /* the box or the service to look at first, in a few words; NULL for notes and chats */
  const char *summary;
  const char *cause;
  const char *next_step[NEXT_STEPS_MAX + 1]; /* one for each product or step, ended by NULL */
  const finding_remedy_t *remedies; /* the first that fits stands in for cause and next steps; ended by one without
                                       cause; NULL if there are none */
  finding_id_t explained_by[EXPLANATIONS_MAX + 1]; /* what says why, the first that the session has: its cause, next
                                                      steps and box stand in, unless a remedy fits; ended by 0 */
  const char *reference;                           /* where the rule behind it is written down */
  const char *raised_when;                         /* for the reference */
  const char *raised_on;                           /* the frame that decides it, for the reference */
  bool (*applies)(const evidence_t *given);  /* asked where seen_on holds; NULL where only the ending of a handshake or
                                                request decides */
  bool (*is_error)(const evidence_t *given); /* where a warning is one all the same; NULL: never */
  bool (*reports_when)(const evidence_t *given); /* with ERROR_FIXED, where Windows reports it; NULL: always */
  const char *reports_if;                        /* the same for the reference: "if revoked" */
  finding_text_t happened;    /* what happened, as a clause for "Stopped after ...: "; NULL where it stops nothing */
  finding_text_t particulars; /* what was seen, as far as the summary does not say it; NULL for the same as happened */
} finding_row_t;

/* The row of a finding. */
const finding_row_t *finding_row(finding_id_t id);

#endif
