/* ip_address.c - IP addresses, the ends of connections, and hosts with their ports as text
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "ip_address.h"

#include <string.h>

#include <glib.h>

#include "platform.h"

ip_address_t ip_address_of(const uint8_t *bytes, size_t length)
{
  ip_address_t address = {.length = (uint8_t)length};

  memcpy(address.bytes, bytes, length);
  return address;
}

bool ip_address_parse_start(const char *text, size_t length, ip_address_t *address)
{
  const bool bracketed = length >= 2 && text[0] == '[' && text[length - 1] == ']';
  if (bracketed) {
    text++;
    length -= 2;
  }
  char literal[INET6_ADDRSTRLEN];
  if (length >= sizeof literal)
    return false;
  memcpy(literal, text, length);
  literal[length] = '\0';

  ip_address_t parsed = {0};
  if (!bracketed && inet_pton(AF_INET, literal, parsed.bytes) == 1)
    parsed.length = 4;
  else if (inet_pton(AF_INET6, literal, parsed.bytes) == 1)
    parsed.length = 16;
  if (parsed.length != 0 && address != NULL)
    *address = parsed;
  return parsed.length != 0;
}

bool ip_address_parse(const char *text, ip_address_t *address)
{
  return ip_address_parse_start(text, strlen(text), address);
}

/* Writes a number in decimal; returns where it ends. */
static char *write_number(char *at, uint16_t number)
{
  if (number > 9)
    at = write_number(at, number / 10);
  *at = (char)('0' + number % 10);
  return at + 1;
}

/* Without printf(), which a capture with many failing attempts would spend much of its time in. */
static char *ipv4_address_to_text(const uint8_t bytes[4])
{
  char text[INET_ADDRSTRLEN], *at = text;

  for (size_t i = 0; i < 4; i++) {
    if (i > 0)
      *at++ = '.';
    at = write_number(at, bytes[i]);
  }
  return g_strndup(text, (gsize)(at - text));
}

char *ip_address_to_text(const ip_address_t *address)
{
  char text[INET6_ADDRSTRLEN];

  if (address->length == 0)
    return g_strdup("");
  if (address->length == 4)
    return ipv4_address_to_text(address->bytes);
  return g_strdup(inet_ntop(AF_INET6, address->bytes, text, sizeof text));
}

bool ip_address_equal(const ip_address_t *left, const ip_address_t *right)
{
  return left->length == right->length && memcmp(left->bytes, right->bytes, left->length) == 0;
}

ip_family_t ip_address_family(const ip_address_t *address)
{
  return address->length == sizeof(address->bytes) ? FAMILY_IPV6 : FAMILY_IPV4;
}

unsigned ip_address_hash(const ip_address_t *address)
{
  uint32_t hash = address->length, word;

  for (size_t i = 0; i + sizeof(word) <= address->length; i += sizeof(word)) {
    memcpy(&word, address->bytes + i, sizeof(word));
    hash = (hash ^ word) * UINT32_C(0x9e3779b1); /* 2^32 by the golden ratio spreads what differs little */
  }
  return hash ^ hash >> 16;
}

unsigned ends_hash(const void *ends)
{
  const ends_t *hashed = ends;

  return (ip_address_hash(&hashed->client) * 31 + ip_address_hash(&hashed->server)) * 31 + hashed->client_port;
}

int ends_equal(const void *left, const void *right)
{
  const ends_t *a = left, *b = right;

  return a->client_port == b->client_port && a->server_port == b->server_port &&
         ip_address_equal(&a->client, &b->client) && ip_address_equal(&a->server, &b->server);
}

/* Behind the brackets of an IPv6 address; the text itself where there are none. */
static const char *behind_brackets(const char *authority)
{
  const char *closing = authority[0] == '[' ? strchr(authority, ']') : NULL;

  return closing != NULL ? closing + 1 : authority;
}

/* The colon before the port, NULL if there is none: an address without brackets has several. */
static const char *colon_of_port(const char *authority)
{
  const char *colon = strchr(behind_brackets(authority), ':');

  return colon != NULL && strchr(colon + 1, ':') == NULL ? colon : NULL;
}

char *host_of_authority(const char *authority)
{
  const char *behind = behind_brackets(authority), *colon = colon_of_port(authority);
  const char *host = behind > authority ? authority + 1 : authority;
  gssize length = (gssize)strlen(host);

  if (behind > authority)
    length = behind - 1 - host;
  else if (colon != NULL)
    length = colon - host;
  return length > 0 ? g_ascii_strdown(host, length) : NULL;
}

uint16_t port_of_authority(const char *authority)
{
  const char *colon = colon_of_port(authority);
  guint64 port;

  if (colon == NULL || !g_ascii_string_to_unsigned(colon + 1, 10, 1, UINT16_MAX, &port, NULL))
    return 0;
  return (uint16_t)port;
}

char *host_and_port_to_text(const char *host, uint16_t port)
{
  bool has_colon = strchr(host, ':') != NULL;
  GString *text = g_string_new(has_colon ? "[" : NULL);
  char digits[sizeof "65535"];

  *write_number(digits, port) = '\0';
  g_string_append(text, host);
  g_string_append(text, has_colon ? "]:" : ":");
  g_string_append(text, digits);
  return g_string_free(text, FALSE);
}
