/* endpoint.h - the table of configured DirectAccess endpoints, and matching against it
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_CORE_ENDPOINT_H
#define IPHTTPS_CORE_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ip_address.h"

#define ENDPOINT_DEFAULT_PORT 443
#define ENDPOINT_THUMBPRINT_MAX 32 /* bytes of a SHA-256 */
#define ENDPOINT_NAME_MAX 253      /* characters of a host name, RFC 1035 section 2.3.4 */

/* One row of the table. A host name, an address range, or both name the endpoint; the rest may be empty. */
typedef struct {
  char *host;           /* lower case, no trailing dot, may begin with "*."; NULL if not given; owned */
  ip_address_t address; /* length 0 if not given */
  uint8_t prefix_length;
  uint16_t port;
  uint8_t thumbprint_length; /* 0 if not given, 20 (SHA-1) or 32 (SHA-256) */
  uint8_t thumbprint[ENDPOINT_THUMBPRINT_MAX];
} endpoint_t;

/* The texts of one row as the user typed them; NULL and "" both mean an empty column. White space around a text is
 * ignored. */
typedef struct {
  const char *host;       /* or a URL, whose host and port count; the port column outdoes its port */
  const char *address;    /* IPv4 or IPv6, with or without "/prefix" */
  const char *port;       /* decimal, 1 to 65535; empty for ENDPOINT_DEFAULT_PORT */
  const char *thumbprint; /* hexadecimal SHA-1 or SHA-256; colons, spaces and any letter case allowed */
} endpoint_text_t;

/*
 * Parses one row into *parsed (whose former contents are overwritten, not freed). Returns NULL on success; otherwise
 * one sentence for the user that says which column makes no sense and why, to be freed with g_free(), and *parsed is
 * empty. A row needs a host name or an address. Host names follow RFC 1123 (underscore tolerated); "*" is allowed only
 * as the whole leftmost label of a name with at least two more labels. An IP address in the host column is refused with
 * a hint to the address column.
 */
char *endpoint_parse(endpoint_t *endpoint, const endpoint_text_t *text);

/* Frees what the endpoint owns and empties it. */
void endpoint_clear(endpoint_t *endpoint);

/* Makes *copy an independent copy of *original. */
void endpoint_copy(endpoint_t *copy, const endpoint_t *original);

/* Whether the host column covers the name (any letter case, a trailing dot ignored); false where there is no host
 * column. A "*." row covers exactly one more label, as RFC 6125 section 6.4.3 has it for certificates. */
bool endpoint_covers_name(const endpoint_t *row, const char *name);

/* Whether the address column covers the address; false where there is no address column. */
bool endpoint_covers_address(const endpoint_t *row, const ip_address_t *address);

/* The first row that covers a name (NULL: none does) at a port; 0 for any. */
const endpoint_t *endpoints_find_name(const endpoint_t *rows, size_t count, const char *name, uint16_t port);

/* The first row that covers an address at a port. */
const endpoint_t *endpoints_find_address(const endpoint_t *rows, size_t count, const ip_address_t *address,
                                         uint16_t port);

/* Whether pattern (a name, or "*." and a parent domain) covers name, by RFC 6125 section 6.4: letter case ignored,
 * trailing dots ignored, the wildcard stands for one whole leftmost label, and IP address literals are covered by no
 * pattern. */
bool name_pattern_covers(const char *pattern, const char *name);

#endif
