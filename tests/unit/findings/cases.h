/* cases.h - sessions that raise findings, by the phase that their rows belong to: one file a phase, as in core/findings
 *
 * A case stands in the file of the row that it raises or nearly does; session_script.h explains the scripts.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_TESTS_FINDINGS_CASES_H
#define IPHTTPS_TESTS_FINDINGS_CASES_H

#include <glib.h>
#include <stddef.h>

/* How sessions begin. */
#define TCP ">syn <synack >ack "
#define NULL_HELLO TCP ">hello:null "                              /* frame 4 */
#define NULL_FIRST_HELLO TCP ">hello:null-first "                  /* frame 4 */
#define CONFIGURED_HELLO "=configured " NULL_HELLO                 /* frame 4 */
#define ENCRYPTED_HELLO "=configured " TCP ">hello:encrypted "     /* frame 4 */
#define SHOWN NULL_HELLO "<shello:003b+cert:good "                 /* frame 5 */
#define ASKED NULL_HELLO "<shello:003b+cert:good+certreq:machine " /* frame 5 */
#define READABLE SHOWN ">ckx+ccs+finished <ccs+finished "          /* frame 7 */
#define REQUESTED READABLE ">post "                                /* frame 8 */
#define KNOWN_READABLE "=configured " READABLE
#define TUNNEL REQUESTED "<status:200 "                                 /* frame 9 */
#define TLS13_HELLO "=configured " TCP ">hello:encrypted <shello:1301 " /* frame 5 */
#define BY_PROXY "=configured " TCP ">connect:da.example.com:443 "      /* frame 4 */

typedef struct {
  const char *about; /* the row that the case raises or nearly does */
  const char *what;
  const char *script;
  const char *findings; /* all that are raised */
  const char *verdict;
  const char *
      evidence; /* of the row, if it is raised and there is some; SHA1 stands for the server certificate's thumbprint */
} diagnosis_case_t;

/* A finding's whole sentence is its summary and, behind a colon, its evidence; never does it say the same twice. */
typedef struct {
  const char *script;
  const char *slug;
  const char *sentence;
} sentence_case_t;

/* What is behind a finding, where the evidence tells more than the finding does; the first next step as well, which
 * tells remedies of one product apart. */
typedef struct {
  const char *script;
  const char *slug;
  const char *cause;
  const char *first_step;
} cause_case_t;

typedef struct {
  const char *phase;
  const diagnosis_case_t *cases;
  size_t case_count;
  const sentence_case_t *sentences;
  size_t sentence_count;
  const cause_case_t *causes;
  size_t cause_count;
} phase_cases_t;

#define LISTED(table) (table), G_N_ELEMENTS(table)

extern const phase_cases_t name_resolution_cases;
extern const phase_cases_t connect_cases;
extern const phase_cases_t proxy_cases;
extern const phase_cases_t hello_cases;
extern const phase_cases_t server_certificate_cases;
extern const phase_cases_t certificate_rejection_cases;
extern const phase_cases_t client_certificate_cases;
extern const phase_cases_t handshake_cases;
extern const phase_cases_t revocation_cases;
extern const phase_cases_t http_cases;
extern const phase_cases_t tunnel_cases;
extern const phase_cases_t ipsec_cases;
extern const phase_cases_t recording_cases;

#endif
