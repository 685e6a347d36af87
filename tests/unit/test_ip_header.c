/* test_ip_header.c - whose segment an IP packet holds, whatever its options and extension headers
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <glib.h>
#include <string.h>

#include "ip_header.h"

/* Packets are written in hexadecimal digits. */
#define PORTS "c000 01bb "
#define IPV4(words, protocol) "4" words "00 0030 0000 4000 40" protocol " 0000 "
#define CLIENT "0a000001 "
#define SERVER "0a000002 "
#define ROUTER "0a000003 "
#define ROUTED IPV4("7", "06") CLIENT ROUTER "01 "
#define IPV6(next) "60000000 0040 " next " 40 "
#define CLIENT6 "20010db8 00000000 00000000 00000001 "
#define SERVER6 "20010db8 00000000 00000000 00000002 "
#define OTHER6 "20010db8 00000000 00000000 00000003 "
#define TO_ROUTER IPV6("2b") CLIENT6 OTHER6 "06 "
#define AH "06 04 0000 00000001 00000001 00000000 00000000 00000000 "

typedef struct {
  const char *name, *packet;
  const char *client, *server; /* NULL where there is nothing to read */
} packet_t;

static const packet_t packets[] = {
    {"no options", IPV4("5", "06") CLIENT SERVER PORTS, "10.0.0.1", "10.0.0.2"},
    {"no route among the options", IPV4("6", "06") CLIENT SERVER "94040000 " PORTS, "10.0.0.1", "10.0.0.2"},
    {"loose route", ROUTED "83 07 04 " SERVER PORTS, "10.0.0.1", "10.0.0.2"},
    {"strict route", ROUTED "89 07 04 " SERVER PORTS, "10.0.0.1", "10.0.0.2"},
    {"loose route over two", IPV4("8", "06") CLIENT ROUTER "01 83 0b 04 " ROUTER SERVER PORTS, "10.0.0.1", "10.0.0.2"},
    {"route at its end", IPV4("7", "06") CLIENT SERVER "01 83 07 08 " ROUTER PORTS, "10.0.0.1", "10.0.0.2"},
    {"route behind the end of the options", IPV4("7", "06") CLIENT ROUTER "00 83 07 04 " SERVER PORTS, "10.0.0.1",
     "10.0.0.3"},
    {"route without an address", IPV4("6", "06") CLIENT SERVER "83 03 04 00" PORTS, "10.0.0.1", "10.0.0.2"},
    {"route longer than the header", ROUTED "83 17 04 " SERVER PORTS, "10.0.0.1", "10.0.0.3"},
    {"option without a length", ROUTED "07 00 04 " SERVER PORTS, "10.0.0.1", "10.0.0.3"},
    {"authentication", IPV4("5", "33") CLIENT SERVER AH PORTS, "10.0.0.1", "10.0.0.2"},
    {"ports cut", IPV4("5", "06") CLIENT SERVER "c000 01", NULL, NULL},
    {"options cut", ROUTED "83 07 04 0a00", NULL, NULL},
    {"authentication cut", IPV4("5", "33") CLIENT SERVER "06 04", NULL, NULL},
    {"shorter than its header", IPV4("4", "06") CLIENT SERVER PORTS, NULL, NULL},
    {"no extensions", IPV6("06") CLIENT6 SERVER6 PORTS, "2001:db8::1", "2001:db8::2"},
    {"hop-by-hop options", IPV6("00") CLIENT6 SERVER6 "06 00 0104 00000000 " PORTS, "2001:db8::1", "2001:db8::2"},
    {"a whole packet as a fragment", IPV6("2c") CLIENT6 SERVER6 "06 00 0000 00000001 " PORTS, "2001:db8::1",
     "2001:db8::2"},
    {"IPv6 authentication", IPV6("33") CLIENT6 SERVER6 AH PORTS, "2001:db8::1", "2001:db8::2"},
    {"routing of type 0", TO_ROUTER "04 00 02 00000000 " OTHER6 SERVER6 PORTS, "2001:db8::1", "2001:db8::2"},
    {"routing of type 2", TO_ROUTER "02 02 01 00000000 " SERVER6 PORTS, "2001:db8::1", "2001:db8::2"},
    {"routing of type 3", TO_ROUTER "02 03 01 00000000 " SERVER6 PORTS, "2001:db8::1", "2001:db8::2"},
    {"routing of type 4", TO_ROUTER "04 04 01 01000000 " SERVER6 OTHER6 PORTS, "2001:db8::1", "2001:db8::2"},
    {"routing of a type that is unknown", TO_ROUTER "02 fd 01 00000000 " SERVER6 PORTS, "2001:db8::1", "2001:db8::3"},
    {"routing at its end", IPV6("2b") CLIENT6 SERVER6 "06 02 02 00 00000000 " OTHER6 PORTS, "2001:db8::1",
     "2001:db8::2"},
    {"routing without an address", TO_ROUTER "00 00 01 00000000 " PORTS, "2001:db8::1", "2001:db8::3"},
    {"home address", IPV6("3c") OTHER6 SERVER6 "06 02 0102 0000 c910 " CLIENT6 PORTS, "2001:db8::1", "2001:db8::2"},
    {"home address behind another option", IPV6("3c") OTHER6 SERVER6 "06 02 00 0101 00 c910 " CLIENT6 PORTS,
     "2001:db8::1", "2001:db8::2"},
    {"home address longer than the options", IPV6("3c") OTHER6 SERVER6 "06 00 0102 0000 c910 " PORTS, "2001:db8::3",
     "2001:db8::2"},
    {"later fragment", IPV6("2c") CLIENT6 SERVER6 "06 00 0008 00000001 " PORTS, NULL, NULL},
    {"extension header cut", IPV6("00") CLIENT6 SERVER6 "06 00 0104 ", NULL, NULL},
    {"IPv6 ports cut", IPV6("06") CLIENT6 SERVER6 "c000", NULL, NULL},
    {"routing cut", TO_ROUTER "02 02 01 00000000 20010db8", NULL, NULL},
    {"IPv6 header cut", IPV6("06") CLIENT6 "20010db8", NULL, NULL},
    {"another version", "5" PORTS PORTS PORTS PORTS PORTS PORTS PORTS PORTS PORTS PORTS PORTS "0", NULL, NULL},
    {"nothing", "", NULL, NULL},
};

/* Exactly those bytes; a sanitiser sees a read beyond them. */
static uint8_t *bytes_of(const char *digits, size_t *length)
{
  uint8_t *bytes = g_malloc(strlen(digits) / 2 + 1);
  size_t count = 0;

  for (const char *at = digits; *at != '\0'; at++)
    if (*at != ' ') {
      bytes[count / 2] = (uint8_t)((count % 2 == 0 ? 0 : bytes[count / 2] << 4) | g_ascii_xdigit_value(*at));
      count++;
    }
  *length = count / 2;
  return g_realloc(bytes, *length);
}

static void test_ends(gconstpointer given)
{
  const packet_t *packet = given;
  size_t length;
  uint8_t *bytes = bytes_of(packet->packet, &length);
  ends_t ends;

  g_assert_cmpint(ip_ends_read(&ends, bytes, length), ==, packet->client != NULL);
  if (packet->client != NULL) {
    char *client = ip_address_to_text(&ends.client), *server = ip_address_to_text(&ends.server);

    g_assert_cmpstr(client, ==, packet->client);
    g_assert_cmpstr(server, ==, packet->server);
    g_assert_cmpuint(ends.client_port, ==, 49152);
    g_assert_cmpuint(ends.server_port, ==, 443);
    g_free(client);
    g_free(server);
  }
  g_free(bytes);
}

int main(int argc, char *argv[])
{
  g_test_init(&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS(packets); i++) {
    char *path = g_strconcat("/ip-header/ends/", packets[i].name, NULL);

    g_test_add_data_func(path, &packets[i], test_ends);
    g_free(path);
  }
  return g_test_run();
}
