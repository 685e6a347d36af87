/* ip_address.h - IP addresses, the ends of connections, and hosts with their ports as text
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_CORE_IP_ADDRESS_H
#define IPHTTPS_CORE_IP_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An IPv4 or IPv6 address in network byte order; length is 4 or 16, or 0 for "no address". */
typedef struct {
  uint8_t length;
  uint8_t bytes[16];
} ip_address_t;

/* The two ends of a TCP connection. */
typedef struct {
  ip_address_t client;
  ip_address_t server;
  uint16_t client_port;
  uint16_t server_port;
} ends_t;

typedef enum { FAMILY_IPV4, FAMILY_IPV6, FAMILIES } ip_family_t;

/* The address that the bytes are, 4 or 16 of them. */
ip_address_t ip_address_of(const uint8_t *bytes, size_t length);

/* Whether text is an IPv4 or IPv6 address literal (an IPv6 one may stand in brackets); if so and address is not NULL,
 * it is stored there. */
bool ip_address_parse(const char *text, ip_address_t *address);

/* The same of a text's first characters. */
bool ip_address_parse_start(const char *text, size_t length, ip_address_t *address);

/* The address as text (RFC 5952 for IPv6), "" for no address; to be freed with g_free(). */
char *ip_address_to_text(const ip_address_t *address);

/* Whether both are the same address. */
bool ip_address_equal(const ip_address_t *left, const ip_address_t *right);

ip_family_t ip_address_family(const ip_address_t *address);

/* For hash tables: of addresses; of ends_t, as GLib calls them. */
unsigned ip_address_hash(const ip_address_t *address);
unsigned ends_hash(const void *ends);
int ends_equal(const void *left, const void *right);

/* The host of "host", "host:port" or "[IPv6 address]:port" (RFC 3986 section 3.2), in lower case and without brackets;
 * NULL if it is empty; to be freed with g_free(). */
char *host_of_authority(const char *authority);

/* Its port, 0 if it has none. */
uint16_t port_of_authority(const char *authority);

/* "host:port", an IPv6 address in brackets; to be freed with g_free(). */
char *host_and_port_to_text(const char *host, uint16_t port);

#endif
