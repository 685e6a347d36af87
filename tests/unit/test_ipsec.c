/* test_ipsec.c - what inner packets tell of IPsec, and when it is unanswered, rejected or established
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "ipsec.h"

#include <string.h>

#include <glib.h>

#define CLIENT true
#define SERVER false

/* A packet under construction. */
typedef struct {
  uint8_t bytes[256];
  size_t length;
} packet_t;

static void put(packet_t *packet, const char *hexadecimal)
{
  for (const char *at = hexadecimal; *at != '\0'; at++) {
    if (*at == ' ')
      continue;
    packet->bytes[packet->length++] = (uint8_t)(g_ascii_xdigit_value(at[0]) << 4 | g_ascii_xdigit_value(at[1]));
    at++;
  }
}

/* An IPv6 header with the next header given, and what follows it. */
static packet_t ipv6(uint8_t next_header, const char *payload)
{
  packet_t packet = {.length = 40};

  packet.bytes[0] = 0x60;
  packet.bytes[6] = next_header;
  put(&packet, payload);
  packet.bytes[5] = (uint8_t)(packet.length - 40);
  return packet;
}

static ipsec_message_t read_packet(uint8_t next_header, const char *payload)
{
  packet_t packet = ipv6(next_header, payload);

  return ipsec_read(packet.bytes, packet.length);
}

#define UDP_500 "01f4 01f4 0000 0000 "
#define UDP_4500 "1194 1194 0000 0000 "
#define COOKIE "1111111111111111 "
#define NO_RESPONDER "0000000000000000 "
#define RESPONDER "2222222222222222 "
#define IKEV2_FIRST COOKIE NO_RESPONDER "21 20 22 08 00000000 0000001c"
#define IKEV2_NOTIFY(type) COOKIE RESPONDER "29 20 22 20 00000000 00000024 00000008 0000" type
#define IKEV1_NOTIFY(type) COOKIE RESPONDER "0b 10 05 00 00000000 00000028 0000000c 00000001 0100" type

static void test_key_exchange_is_read(void)
{
  ipsec_message_t message = read_packet(17, UDP_500 IKEV2_FIRST);

  g_assert_cmpint(message.kind, ==, IPSEC_KEY_EXCHANGE);
  g_assert_cmpuint(message.major_version, ==, 2);
  g_assert_true(message.begins);
  g_assert_cmphex(message.initiator, ==, UINT64_C(0x1111111111111111));
  g_assert_cmpuint(message.error, ==, 0);
  g_assert_cmpint(read_packet(17, UDP_4500 "00000000 " IKEV2_FIRST).kind, ==, IPSEC_KEY_EXCHANGE);
  g_assert_false(read_packet(17, UDP_500 IKEV2_NOTIFY("000e")).begins);
}

static void test_error_notifications(void)
{
  g_assert_cmpuint(read_packet(17, UDP_500 IKEV2_NOTIFY("000e")).error, ==, 14);
  g_assert_cmpuint(read_packet(17, UDP_500 IKEV1_NOTIFY("0018")).error, ==, 24);
  /* COOKIE asks to begin again, and so does INVALID_KE_PAYLOAD; IKEv1's INITIAL-CONTACT tells no error. */
  g_assert_cmpuint(read_packet(17, UDP_500 IKEV2_NOTIFY("4006")).error, ==, 0);
  g_assert_cmpuint(read_packet(17, UDP_500 IKEV2_NOTIFY("0011")).error, ==, 0);
  g_assert_cmpuint(read_packet(17, UDP_500 IKEV1_NOTIFY("6002")).error, ==, 0);
  /* The same as IKEv1's, encrypted: what looks like a type there is none. */
  g_assert_cmpuint(
      read_packet(17, UDP_500 COOKIE RESPONDER "0b 10 05 01 00000000 00000028 0000000c 00000001 0100 0018").error, ==,
      0);
  g_assert_cmpstr(ipsec_error_name(2, 14), ==, "NO_PROPOSAL_CHOSEN");
  g_assert_cmpstr(ipsec_error_name(1, 24), ==, "AUTHENTICATION-FAILED");
  g_assert_null(ipsec_error_name(2, 9999));
}

static void test_esp(void)
{
  g_assert_cmpint(read_packet(50, "00000001 00000001").kind, ==, IPSEC_ESP);
  g_assert_cmpint(read_packet(17, UDP_4500 "00000001 00000001").kind, ==, IPSEC_ESP);
  g_assert_cmpint(read_packet(0, "32000000 00000000 00000001").kind, ==, IPSEC_ESP);  /* behind hop-by-hop options */
  g_assert_cmpint(read_packet(44, "32000001 00000001 00000001").kind, ==, IPSEC_ESP); /* a first fragment */
}

static void test_what_is_no_ipsec(void)
{
  g_assert_cmpint(read_packet(17, UDP_4500 "ff").kind, ==, IPSEC_NOTHING);                      /* a keep-alive */
  g_assert_cmpint(read_packet(44, "32000101 00000001 00000001").kind, ==, IPSEC_NOTHING);       /* a later fragment */
  g_assert_cmpint(read_packet(17, "0035 0035 0000 0000 " IKEV2_FIRST).kind, ==, IPSEC_NOTHING); /* DNS's port */
  g_assert_cmpint(read_packet(6, UDP_500 IKEV2_FIRST).kind, ==, IPSEC_NOTHING);                 /* TCP */
  g_assert_cmpint(read_packet(17, UDP_500 COOKIE NO_RESPONDER "21 30 22 08 00000000 0000001c").kind, ==,
                  IPSEC_NOTHING); /* version 3 */
}

/* Nothing is read beyond what is at hand: AddressSanitizer watches. */
static void test_cut_packets(void)
{
  static const char *const payloads[] = {UDP_500 IKEV2_NOTIFY("000e"), UDP_500 IKEV1_NOTIFY("0018"),
                                         UDP_4500 "00000000 " IKEV2_FIRST};

  for (size_t i = 0; i < G_N_ELEMENTS(payloads); i++) {
    packet_t packet = ipv6(17, payloads[i]);

    for (size_t captured = 0; captured <= packet.length; captured++) {
      uint8_t *copy = g_memdup2(packet.bytes, captured);

      ipsec_read(copy, captured);
      g_free(copy);
    }
  }
}

static int64_t time_ns; /* of what is noted */

static void note(ipsec_progress_t *progress, bool from_client, uint32_t frame, uint8_t next_header, const char *payload)
{
  packet_t packet = ipv6(next_header, payload);

  ipsec_note(progress, &(ipsec_packet_t){.from_client = from_client,
                                         .frame = frame,
                                         .time_ns = time_ns,
                                         .data = packet.bytes,
                                         .captured = packet.length});
}

static void test_third_message_without_an_answer(void)
{
  ipsec_progress_t progress = {0};

  for (uint32_t frame = 1; frame <= 4; frame++) {
    note(&progress, CLIENT, frame, 17, UDP_500 IKEV2_FIRST);
    g_assert_cmpuint(progress.unanswered_frame, ==, frame < 3 ? 0 : 3);
  }
  g_assert_cmpuint(progress.rejected_frame, ==, 0);
}

/* Windows begins with several protocols at once: that none is answered yet says nothing. */
static void test_exchanges_side_by_side(void)
{
  static const char *const first[] = {UDP_500 "0000000000000001 " NO_RESPONDER "21 20 22 08 00000000 0000001c",
                                      UDP_500 "0000000000000002 " NO_RESPONDER "21 20 22 08 00000000 0000001c",
                                      UDP_500 "0000000000000003 " NO_RESPONDER "21 20 22 08 00000000 0000001c"};
  ipsec_progress_t progress = {0};

  time_ns = 0;
  for (uint32_t frame = 1; frame <= 6; frame++)
    note(&progress, CLIENT, frame, 17, first[frame % 3]);
  g_assert_cmpuint(progress.unanswered_frame, ==, 0);
  time_ns = INT64_C(1999999999);
  note(&progress, CLIENT, 7, 17, UDP_500 "0000000000000004 " NO_RESPONDER "21 20 22 08 00000000 0000001c");
  g_assert_cmpuint(progress.unanswered_frame, ==, 0);
  time_ns = INT64_C(2000000000);
  note(&progress, CLIENT, 8, 17, UDP_500 "0000000000000005 " NO_RESPONDER "21 20 22 08 00000000 0000001c");
  g_assert_cmpuint(progress.unanswered_frame, ==, 8);
  time_ns = 0;
}

static void test_answered_in_time(void)
{
  ipsec_progress_t progress = {0};

  note(&progress, CLIENT, 1, 17, UDP_500 IKEV2_FIRST);
  note(&progress, CLIENT, 2, 17, UDP_500 IKEV2_FIRST);
  note(&progress, SERVER, 3, 17, UDP_500 COOKIE RESPONDER "21 20 22 20 00000000 0000001c");
  note(&progress, CLIENT, 4, 17, UDP_500 IKEV2_FIRST);
  note(&progress, CLIENT, 5, 17, UDP_500 IKEV2_FIRST);
  g_assert_cmpuint(progress.unanswered_frame, ==, 0);
}

static void test_rejected(void)
{
  ipsec_progress_t progress = {0};

  note(&progress, CLIENT, 1, 17, UDP_500 IKEV2_NOTIFY("000e")); /* the client's own objection is another matter */
  g_assert_cmpuint(progress.rejected_frame, ==, 0);
  note(&progress, SERVER, 2, 17, UDP_500 IKEV2_NOTIFY("000e"));
  note(&progress, SERVER, 3, 17, UDP_500 IKEV2_NOTIFY("0018"));
  g_assert_cmpuint(progress.rejected_frame, ==, 2);
  g_assert_cmpuint(progress.rejected_error, ==, 14);
  g_assert_cmpuint(progress.rejected_version, ==, 2);
}

static void test_established_with_both_directions(void)
{
  ipsec_progress_t progress = {0};

  note(&progress, CLIENT, 1, 50, "00000001 00000001");
  note(&progress, CLIENT, 2, 50, "00000001 00000002");
  g_assert_cmpuint(progress.established_frame, ==, 0);
  note(&progress, SERVER, 3, 17, UDP_4500 "00000002 00000001");
  note(&progress, CLIENT, 4, 50, "00000001 00000003");
  g_assert_cmpuint(progress.established_frame, ==, 3);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/ipsec/key exchange", test_key_exchange_is_read);
  g_test_add_func("/ipsec/errors", test_error_notifications);
  g_test_add_func("/ipsec/esp", test_esp);
  g_test_add_func("/ipsec/nothing", test_what_is_no_ipsec);
  g_test_add_func("/ipsec/cut", test_cut_packets);
  g_test_add_func("/ipsec/unanswered", test_third_message_without_an_answer);
  g_test_add_func("/ipsec/side by side", test_exchanges_side_by_side);
  g_test_add_func("/ipsec/answered", test_answered_in_time);
  g_test_add_func("/ipsec/rejected", test_rejected);
  g_test_add_func("/ipsec/established", test_established_with_both_directions);
  return g_test_run();
}
