/* make_tls_message.h - handshake messages of TLS for the tests
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_TESTS_MAKE_TLS_MESSAGE_H
#define IPHTTPS_TESTS_MAKE_TLS_MESSAGE_H

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

enum { CLIENT_HELLO = 1, SERVER_HELLO = 2, CERTIFICATE = 11, CERTIFICATE_REQUEST = 13 };

/* A message with that body, which it takes. */
GByteArray *message_of(uint8_t type, GByteArray *body);

/* A Client Hello that asks for a server's name (NULL: for none). */
GByteArray *client_hello(const uint16_t *suites, size_t count, size_t session_id_length, const char *name);

/* A Server Hello without extensions. */
GByteArray *server_hello(uint16_t version, size_t session_id_length, uint16_t suite);

#endif
