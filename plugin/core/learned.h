/* learned.h - DirectAccess endpoints that a capture itself has shown
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_CORE_LEARNED_H
#define IPHTTPS_CORE_LEARNED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "certificate.h"
#include "ip_address.h"

#define LEARNED_ENDPOINTS_MAX 1024 /* of a capture; later ones are not learned */
#define LEARNED_CERTIFICATES_MAX 8 /* of an endpoint */
#define LEARNED_NAMES_MAX 16       /* of one address and port */

struct session;

/* One endpoint: an address, a port, and the name its sessions asked for. */
typedef struct {
  ip_address_t address;
  uint16_t port;
  char *server_name; /* NULL if its sessions send none; owned */
  bool plain_http;   /* its sessions have no Client Hello, and so none that names another site */
  size_t certificate_count;
  const certificate_t *certificates[LEARNED_CERTIFICATES_MAX]; /* what connected sessions showed; not owned */
} learned_endpoint_t;

typedef struct learned_endpoints learned_endpoints_t;

/* An empty set; free with learned_endpoints_free(), which frees its endpoints too. */
learned_endpoints_t *learned_endpoints_new(void);
void learned_endpoints_free(learned_endpoints_t *set);

/* False if no endpoint at that address and port has been learned; true if it may have been. */
bool learned_endpoints_may_have(const learned_endpoints_t *set, const uint8_t *address, size_t length, uint32_t port);

/* The endpoint at that address and port that has that name (NULL: any will do); NULL if there is none. */
learned_endpoint_t *learned_endpoints_find(const learned_endpoints_t *set, const ip_address_t *address, uint16_t port,
                                           const char *server_name);

/* An endpoint whose sessions asked for that name, on any address; NULL if there is none. */
learned_endpoint_t *learned_endpoints_find_name(const learned_endpoints_t *set, const char *server_name);

/* Learns an endpoint, or returns the one known; NULL when the set is full. */
learned_endpoint_t *learned_endpoints_add(learned_endpoints_t *set, const ip_address_t *address, uint16_t port,
                                          const char *server_name);

/* Learns what a tagged session shows of its endpoint, once it has shown that it is one's; connects: with this frame it
 * connects, so that its certificate is the endpoint's. */
void learned_endpoints_note(learned_endpoints_t *set, struct session *session, bool connects);

/* Whether the endpoint has that name; never where it was learned without one. */
bool learned_endpoint_has_name(const learned_endpoint_t *learned, const char *server_name);

/* Remembers a certificate that a connected session of the endpoint showed; it must outlive the set. */
void learned_endpoint_add_certificate(learned_endpoint_t *learned, const certificate_t *leaf);

/* Whether the certificate is one of those remembered. */
bool learned_endpoint_has_certificate(const learned_endpoint_t *learned, const certificate_t *leaf);

/* Of those remembered, one with the same names as the certificate, if all have another issuer than it has:
 * what somebody between has issued anew looks so. NULL if there is none. */
const certificate_t *learned_endpoint_original_of(const learned_endpoint_t *learned, const certificate_t *leaf);

#endif
