/* make_tls_message.c - handshake messages of TLS for the tests
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "make_tls_message.h"

#include <string.h>

#include "put_bytes.h"

/* Both hellos up to behind the session's id. */
static void put_hello_start(GByteArray *body, uint16_t version, size_t session_id_length)
{
  put_uint(body, version, 2);
  for (size_t i = 0; i < 32 + (session_id_length != 0); i++)
    put_uint(body, i < 32 ? 0xa5 : session_id_length, 1);
  for (size_t i = 0; i < session_id_length; i++)
    put_uint(body, 0x5a, 1);
  if (session_id_length == 0)
    put_uint(body, 0, 1);
}

GByteArray *message_of(uint8_t type, GByteArray *body)
{
  GByteArray *message = g_byte_array_new();

  put_uint(message, type, 1);
  put_uint(message, body->len, 3);
  put(message, body->data, body->len);
  g_byte_array_unref(body);
  return message;
}

GByteArray *client_hello(const uint16_t *suites, size_t count, size_t session_id_length, const char *name)
{
  GByteArray *body = g_byte_array_new();
  size_t length = name != NULL ? strlen(name) : 0;

  put_hello_start(body, 0x0303, session_id_length);
  put_uint(body, 2 * count, 2);
  for (size_t i = 0; i < count; i++)
    put_uint(body, suites[i], 2);
  put_uint(body, 0x0100, 2); /* compression */
  put_uint(body, 5 + (name != NULL ? 9 + length : 0), 2);
  put(body, "\xff\x01\x00\x01\x00", 5); /* renegotiation_info */
  if (name != NULL) {
    put_uint(body, 0, 2);
    put_uint(body, 5 + length, 2);
    put_uint(body, 3 + length, 2);
    put_uint(body, 0, 1);
    put_uint(body, length, 2);
    put(body, name, length);
  }
  return message_of(CLIENT_HELLO, body);
}

GByteArray *server_hello(uint16_t version, size_t session_id_length, uint16_t suite)
{
  GByteArray *body = g_byte_array_new();

  put_hello_start(body, version, session_id_length);
  put_uint(body, suite, 2);
  put_uint(body, 0, 1);
  return message_of(SERVER_HELLO, body);
}
