/* revocation.h - where a server's certificate has its revocation asked for, and how clients fared there
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_CORE_REVOCATION_H
#define IPHTTPS_CORE_REVOCATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "certificate.h"
#include "ip_address.h"
#include "observation.h"

#define REVOCATION_HOSTS_MAX 256     /* of a capture; later ones are not looked for */
#define REVOCATION_ENDS_MAX 1024     /* addresses and ports of theirs */
#define REVOCATION_TRIALS_MAX 4096   /* hosts, each with a client */
#define REVOCATION_ATTEMPTS_MAX 4096 /* that are followed: look-ups and connections */

struct session;

/* The hosts that the certificates of a capture's sessions name. Everything but revocation_failures() is for the first
 * pass only. */
typedef struct revocation revocation_t;

/* How a client failed to reach a host. Its texts live as long as the capture. */
typedef struct {
  const char *host;
  const char *how; /* a finding's title, or the like; NULL if HTTP refused it by status */
  uint16_t status;
  uint32_t frame;
} revocation_failure_t;

/* An empty set. Free with revocation_free(), which allows NULL. */
revocation_t *revocation_new(void);
void revocation_free(revocation_t *revocation);

/* Has the certificate's hosts looked for from here on; false if it names none. */
bool revocation_expect(revocation_t *revocation, const certificate_t *leaf);

/* Whether a host is looked for, by its name with or without a port. */
bool revocation_expects(const revocation_t *revocation, const char *authority);

/* Whether any host is expected to be asked. */
bool revocation_expects_any(const revocation_t *revocation);

/* Whether an end of a connection may be such a host's; false if it is not worth a closer look. */
bool revocation_may_have(const revocation_t *revocation, const uint8_t *address, size_t length, uint32_t port);

/* The host that a connection's server is, by what DNS answered last; else the one that a request to a proxy asks for
 * (NULL: no request). NULL if it is none. */
const char *revocation_host_of(const revocation_t *revocation, const ends_t *ends, const char *asked);

/* Notes the addresses that a DNS answer has for a host. */
void revocation_note_addresses(revocation_t *revocation, const observation_t *observation);

/* Counts one more attempt to reach a host; false if there are too many to follow. */
bool revocation_count_attempt(revocation_t *revocation);

/* Notes what a frame tells of an attempt to reach a host: a session that is none of DirectAccess, but followed and
 * judged as one, its looked_up_name being the host's and its request_host that of its latest request. */
void revocation_note(revocation_t *revocation, struct session *attempt, const observation_t *observation);

/*
 * How the session's client failed to reach hosts of its server's certificate, shortly before or during the session, and
 * before it closed. Stores at most max of it and returns how many: none where one of the hosts has answered, or where
 * a later attempt came further.
 */
size_t revocation_failures(const struct session *session, revocation_failure_t *failures, size_t max);

#endif
