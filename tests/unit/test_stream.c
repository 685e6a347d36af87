/* test_stream.c - cutting a tunnel into HTTP heads and IPv6 packets
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "stream.h"

#include <glib.h>
#include <string.h>

#define ENDLESS "Content-Length: 18446744073709551615\r\n"
#define REQUEST "POST /IPHTTPS HTTP/1.1\r\nHost: da.example.com\r\n" ENDLESS "\r\n"
#define ANSWER "HTTP/1.1 200 OK\r\nServer: Microsoft-HTTPAPI/2.0\r\nDate: Sun, 22 Nov 2026 12:00:00 GMT\r\n\r\n"
#define CONTINUE "HTTP/1.1 100 Continue\r\n\r\n"
#define HINTS "HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n"

enum { HEADER = 40, ICMPV6 = 58, ESP = 50, NO_NEXT_HEADER = 59, HOP_BY_HOP = 0 };

/* An IPv6 header with that payload length, followed by the payload, of which first is the first byte. */
static GByteArray *append_packet(GByteArray *to, uint16_t payload_length, uint8_t next_header, uint8_t first)
{
  guint start = to->len;
  g_byte_array_set_size(to, start + HEADER + payload_length);
  uint8_t *packet = to->data + start;
  memset(packet, 0xaa, HEADER + payload_length);
  packet[0] = 0x60;
  packet[4] = (uint8_t)(payload_length >> 8);
  packet[5] = (uint8_t)payload_length;
  packet[6] = next_header;
  if (payload_length > 0)
    packet[HEADER] = first;
  return to;
}

static GByteArray *packet_of(uint16_t payload_length, uint8_t next_header)
{
  return append_packet(g_byte_array_new(), payload_length, next_header, 0x80);
}

static GByteArray *bytes_of(const char *text)
{
  return g_byte_array_append(g_byte_array_new(), (const uint8_t *)text, (guint)strlen(text));
}

/* The first piece of exactly these bytes; a sanitiser sees a read beyond them. */
static tunnel_piece_t piece_of(const uint8_t *data, size_t captured, size_t reported)
{
  uint8_t *exact = g_memdup2(data, captured);
  tunnel_piece_t piece = tunnel_next_piece(exact, captured, reported);
  g_free(exact);
  return piece;
}

static tunnel_start_t start_of(const char *text, size_t length)
{
  uint8_t *exact = g_memdup2(text, length);
  tunnel_start_t start = tunnel_recognise(exact, length);
  g_free(exact);
  return start;
}

static tunnel_head_t head_of(const char *text)
{
  tunnel_piece_t piece = tunnel_next_piece((const uint8_t *)text, strlen(text), strlen(text));
  g_assert_cmpint(piece.kind, ==, TUNNEL_PIECE_HEAD);
  return piece.head;
}

static void assert_span(byte_span_t span, const char *text)
{
  g_assert_cmpmem(span.data, span.length, text, strlen(text));
}

static void test_packet_byte_by_byte(void)
{
  GByteArray *packet = packet_of(100, ICMPV6);
  for (size_t length = 1; length < packet->len; length++) {
    tunnel_piece_t piece = piece_of(packet->data, length, length);
    g_assert_cmpint(piece.kind, ==, TUNNEL_PIECE_PARTIAL);
    g_assert_cmpuint(piece.length, ==, length < 6 ? 0 : packet->len - length);
  }
  tunnel_piece_t whole = piece_of(packet->data, packet->len, packet->len);
  g_assert_cmpint(whole.kind, ==, TUNNEL_PIECE_PACKET);
  g_assert_cmpuint(whole.length, ==, HEADER + 100);
  g_byte_array_unref(packet);
}

static void test_packet_ends_where_it_says(void)
{
  GByteArray *packets = append_packet(packet_of(0, NO_NEXT_HEADER), 65535, ESP, 0);
  tunnel_piece_t piece = piece_of(packets->data, packets->len, packets->len);
  g_assert_cmpint(piece.kind, ==, TUNNEL_PIECE_PACKET);
  g_assert_cmpuint(piece.length, ==, HEADER);
  piece = piece_of(packets->data + HEADER, packets->len - HEADER, packets->len - HEADER);
  g_assert_cmpint(piece.kind, ==, TUNNEL_PIECE_PACKET);
  g_assert_cmpuint(piece.length, ==, HEADER + 65535);
  g_byte_array_unref(packets);
}

static void test_packet_cut_by_the_capture(void)
{
  GByteArray *packet = packet_of(1240, ESP);
  tunnel_piece_t piece = piece_of(packet->data, 64, packet->len);
  g_assert_cmpint(piece.kind, ==, TUNNEL_PIECE_PACKET);
  g_assert_cmpuint(piece.length, ==, HEADER + 1240);
  g_byte_array_unref(packet);
}

static void test_jumbogram_is_foreign(void)
{
  GByteArray *packet = packet_of(0, HOP_BY_HOP);
  tunnel_piece_t piece = piece_of(packet->data, packet->len, packet->len);
  g_assert_cmpint(piece.kind, ==, TUNNEL_PIECE_FOREIGN);
  g_byte_array_unref(packet);
}

static void test_request_byte_by_byte(void)
{
  for (size_t length = 1; length < strlen(REQUEST); length++) {
    tunnel_piece_t piece = piece_of((const uint8_t *)REQUEST, length, length);
    g_assert_cmpint(piece.kind, ==, TUNNEL_PIECE_PARTIAL);
    g_assert_cmpuint(piece.length, ==, 0);
    g_assert_cmpint(start_of(REQUEST, length), ==, TUNNEL_START_MAYBE);
  }
  g_assert_cmpint(start_of(REQUEST, strlen(REQUEST)), ==, TUNNEL_START_YES);
}

static void test_request(void)
{
  tunnel_head_t head = head_of(REQUEST "`");
  g_assert_true(head.is_request && head.endless && head.opens_tunnel && !head.followed_by_body);
  assert_span(head.uri, "/IPHTTPS");
  assert_span(head.host, "da.example.com");
  g_assert_null(head.server.data);
}

static void test_head_leaves_the_packet_behind_it(void)
{
  GByteArray *stream = append_packet(bytes_of(REQUEST), 8, ICMPV6, 133);
  tunnel_piece_t piece = piece_of(stream->data, stream->len, stream->len);
  g_assert_cmpint(piece.kind, ==, TUNNEL_PIECE_HEAD);
  g_assert_cmpuint(piece.length, ==, strlen(REQUEST));
  piece = piece_of(stream->data + piece.length, stream->len - piece.length, stream->len - piece.length);
  g_assert_cmpint(piece.kind, ==, TUNNEL_PIECE_PACKET);
  g_byte_array_unref(stream);
}

static void test_requests_that_open_a_tunnel(void)
{
  static const char *const requests[] = {
      "POST /IPHTTPS HTTP/1.1\r\n" ENDLESS "\r\n",
      "POST /iphttps HTTP/1.1\r\n" ENDLESS "\r\n",
      "POST /IpTls HTTP/1.1\r\n" ENDLESS "\r\n",
      "POST https://da.example.com:443/IPHTTPS HTTP/1.1\r\n" ENDLESS "\r\n",
      "POST /IPHTTPS HTTP/1.1\ncontent-length:18446744073709551615 \n\n",
      "POST /IPHTTPS/ HTTP/1.1\r\n" ENDLESS "\r\n",
      "POST /IPHTTPS HTTP/1.1\r\nContent-Length: 9223372036854775807\r\n\r\n",
      "POST /IPHTTPS HTTP/1.1\r\nContent-Length: 018446744073709551614\r\n\r\n",
  };
  for (size_t i = 0; i < G_N_ELEMENTS(requests); i++)
    g_assert_true(head_of(requests[i]).opens_tunnel && !head_of(requests[i]).may_open_tunnel);
}

/* A snap length may take away the Content-Length, or part of it. */
static void test_request_cut_by_the_capture(void)
{
  static const char request[] = "POST /IPHTTPS HTTP/1.1\r\nContent-Length: 184467";
  tunnel_piece_t piece = piece_of((const uint8_t *)request, strlen(request), strlen(request) + 20);
  g_assert_cmpint(piece.kind, ==, TUNNEL_PIECE_HEAD);
  g_assert_true(piece.head.is_cut && piece.head.may_open_tunnel);
  g_assert_false(head_of(REQUEST).is_cut);
}

/* Their body is the tunnel where something has rewritten the head; elsewhere they are no tunnel's. */
static void test_requests_that_do_at_known_endpoints(void)
{
  static const char *const requests[] = {
      "POST /IPHTTPS HTTP/1.1\r\nContent-Length: 100\r\n\r\n",
      "POST /IPHTTPS HTTP/1.1\r\nContent-Length: 9223372036854775806\r\n\r\n",
      "POST /IPHTTPS HTTP/1.1\r\nContent-Length: 9223372036854775807x\r\n\r\n",
      "POST /IPHTTPS HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
      "POST /IPHTTPS HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" ENDLESS "\r\n",
      "POST /IPHTTPS HTTP/1.1\r\n\r\n",
      "POST /IPHTTPS2 HTTP/1.1\r\n" ENDLESS "\r\n",
      "POST /x/IPHTTPS HTTP/1.1\r\n" ENDLESS "\r\n",
      "POST /?u=http://a/IPHTTPS HTTP/1.1\r\n" ENDLESS "\r\n",
      "POST /go/http://a/IPHTTPS HTTP/1.1\r\n" ENDLESS "\r\n",
      "POST / HTTP/1.1\r\n" ENDLESS "\r\n",
  };
  for (size_t i = 0; i < G_N_ELEMENTS(requests); i++) {
    tunnel_head_t head = head_of(requests[i]);
    g_assert_true(head.is_request && !head.opens_tunnel && head.may_open_tunnel && !head.followed_by_body);
    g_assert_cmpint(start_of(requests[i], strlen(requests[i])), ==, TUNNEL_START_KNOWN);
  }
}

static void test_requests_that_do_not(void)
{
  static const char *const requests[] = {
      "POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\n",
      "POST /IPHTTPS2 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
      "GET /IPHTTPS HTTP/1.1\r\n\r\n",
      "GET / HTTP/1.1\r\n" ENDLESS "\r\n",
      "PUT /IPHTTPS HTTP/1.1\r\n" ENDLESS "\r\n", /* it is a POST, or none */
  };
  for (size_t i = 0; i < G_N_ELEMENTS(requests); i++) {
    tunnel_head_t head = head_of(requests[i]);
    g_assert_true(head.is_request && !head.opens_tunnel && !head.may_open_tunnel && head.followed_by_body);
    g_assert_cmpint(start_of(requests[i], strlen(requests[i])), ==, TUNNEL_START_NO);
  }
}

static void test_starts_of_something_else(void)
{
  static const char *const starts[] = {"G",        "GET /", "PUT", "PO5T", "POST: ", "SSTP_DUPLEX_POST /sra_",
                                       "\x16\x03", "`"};
  static const char *const other_paths[] = {"POST /i/", "POST /IPHTTPSX", "POST /IPHTTPS// ", "POST / HTTP/1.1\r\n"};
  for (size_t i = 0; i < G_N_ELEMENTS(starts); i++)
    g_assert_cmpint(start_of(starts[i], strlen(starts[i])), ==, TUNNEL_START_NO);
  for (size_t i = 0; i < G_N_ELEMENTS(other_paths); i++)
    g_assert_cmpint(start_of(other_paths[i], strlen(other_paths[i])), ==, TUNNEL_START_MAYBE_KNOWN);
  g_assert_cmpint(start_of("", 0), ==, TUNNEL_START_NO);
}

static void test_answer(void)
{
  tunnel_head_t head = head_of(ANSWER);
  g_assert_true(!head.is_request && head.opens_tunnel && !head.endless && !head.followed_by_body);
  g_assert_cmpuint(head.status, ==, 200);
  assert_span(head.server, "Microsoft-HTTPAPI/2.0");
}

static void test_blanked_server_is_none(void)
{
  g_assert_null(head_of("HTTP/1.1 200 OK\r\nServer: \r\n\r\n").server.data);
  g_assert_null(head_of("HTTP/1.1 200 OK\r\nServer:\r\n\r\n").server.data);
}

static void test_answer_alone_shows_a_tunnel_by_length_or_server(void)
{
  static const struct {
    const char *answer;
    tunnel_start_t start;
  } cases[] = {
      {"HTTP/1.1 200 OK\r\n" ENDLESS "\r\n", TUNNEL_START_ANSWER},
      {ANSWER, TUNNEL_START_ANSWER},
      {ANSWER "\x60", TUNNEL_START_ANSWER},
      {CONTINUE HINTS ANSWER, TUNNEL_START_ANSWER},
      {CONTINUE "HTTP/1.1 404 Not Found\r\nServer: Microsoft-HTTPAPI/2.0\r\n\r\n", TUNNEL_START_NO},
      {CONTINUE, TUNNEL_START_NO},
      {ANSWER "<html>", TUNNEL_START_NO},
      {"HTTP/1.1 200 OK\r\nServer: Microsoft-HTTPAPI/2.0\r\nContent-Length: 5\r\n\r\n", TUNNEL_START_NO},
      {"HTTP/1.1 404 Not Found\r\nServer: Microsoft-HTTPAPI/2.0\r\n\r\n", TUNNEL_START_NO},
      {"HTTP/1.1 200 OK\r\n\r\n", TUNNEL_START_NO},
      {"HTTP/1.1 200 OK\r\nServer: nginx\r\n\r\n", TUNNEL_START_NO},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
    g_assert_cmpint(start_of(cases[i].answer, strlen(cases[i].answer)), ==, cases[i].start);
}

static void test_answers_with_a_body_of_their_own(void)
{
  static const char *const answers[] = {
      "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 403 Forbidden\r\n\r\n",
      "HTTP/1.1 403 Forbidden\r\n" ENDLESS "\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 612\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
      "HTTP/1.1 200 OK\r\n\r\n<html>",
      "HTTP/1.1 204 No Content\r\n\r\n",
  };
  for (size_t i = 0; i < G_N_ELEMENTS(answers); i++) {
    tunnel_head_t head = head_of(answers[i]);
    g_assert_true(!head.is_request && !head.opens_tunnel && head.followed_by_body);
  }
}

static void test_interim_answer_has_no_body(void)
{
  tunnel_head_t head = head_of(CONTINUE ANSWER);
  g_assert_cmpuint(head.status, ==, 100);
  g_assert_true(!head.is_final && !head.opens_tunnel && !head.followed_by_body);
}

static void test_interim_answers_end_where_another_begins(void)
{
  static const struct {
    const char *interim, *behind;
  } cases[] = {
      {CONTINUE, ANSWER}, {CONTINUE HINTS, ANSWER}, {CONTINUE, "H"}, {CONTINUE, HINTS},         {"", ANSWER},
      {"", CONTINUE},     {"", CONTINUE "\x60"},    {"", REQUEST},   {"", "HTTP/1.1 100 Cont"}, {"", "HTTP/1.1 "},
      {"", ""},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
    char *answers = g_strconcat(cases[i].interim, cases[i].behind, NULL);
    uint8_t *exact = g_memdup2(answers, strlen(answers));
    g_assert_cmpuint(tunnel_interim_length(exact, strlen(answers)), ==, strlen(cases[i].interim));
    g_free(exact);
    g_free(answers);
  }
}

static void test_status_is_that_of_the_final_answer(void)
{
  static const struct {
    const char *answers;
    uint16_t status;
  } cases[] = {
      {ANSWER, 200},
      {CONTINUE "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", 407},
      {CONTINUE HINTS "HTTP/1.0 503", 503},
      {CONTINUE, 0},
      {CONTINUE "HTTP/1.1 40", 0},
      {"HTTP/1.1 4O7 Proxy\r\n\r\n", 0},
      {REQUEST, 0},
      {"\x16\x03\x01", 0},
      {"", 0},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
    uint8_t *exact = g_memdup2(cases[i].answers, strlen(cases[i].answers) + 1);
    g_assert_cmpuint(tunnel_final_status(exact, strlen(cases[i].answers)), ==, cases[i].status);
    g_free(exact);
  }
}

static void test_endless_head_is_foreign(void)
{
  GByteArray *stream = bytes_of("POST /IPHTTPS HTTP/1.1\r\nX: ");
  while (stream->len < TUNNEL_HEAD_MAX - 1)
    g_byte_array_append(stream, (const uint8_t *)"x", 1);
  g_assert_cmpint(piece_of(stream->data, stream->len, stream->len).kind, ==, TUNNEL_PIECE_PARTIAL);
  g_byte_array_append(stream, (const uint8_t *)"x", 1);
  g_assert_cmpint(piece_of(stream->data, stream->len, stream->len).kind, ==, TUNNEL_PIECE_FOREIGN);
  g_byte_array_unref(stream);
}

static void test_head_cut_by_the_capture(void)
{
  tunnel_piece_t piece = piece_of((const uint8_t *)REQUEST, strlen(REQUEST) - 10, strlen(REQUEST));
  g_assert_cmpint(piece.kind, ==, TUNNEL_PIECE_HEAD);
  g_assert_cmpuint(piece.length, ==, strlen(REQUEST) - 10);
}

static void test_foreign_bytes(void)
{
  static const char *const streams[] = {"E", "\x16\x03\x01", "<html>", "POSTER", "HTTP/2", "post /", "\n"};
  for (size_t i = 0; i < G_N_ELEMENTS(streams); i++) {
    size_t length = strlen(streams[i]);
    g_assert_cmpint(piece_of((const uint8_t *)streams[i], length, length).kind, ==, TUNNEL_PIECE_FOREIGN);
  }
}

static void test_text_that_begins_like_a_packet_is_foreign(void)
{
  static const char *const texts[] = {"hello world", "error: the service is restarting, please wait for it"};
  for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
    size_t length = strlen(texts[i]);
    g_assert_cmpint(piece_of((const uint8_t *)texts[i], length, length).kind, ==, TUNNEL_PIECE_FOREIGN);
  }
}

static void test_rare_protocol_is_a_packet_by_its_addresses(void)
{
  enum { OSPF = 89 };
  static const struct {
    uint8_t source, destination;
    tunnel_piece_kind_t kind;
  } cases[] = {
      {0x20, 0x3f, TUNNEL_PIECE_PACKET},  {0xfe, 0xff, TUNNEL_PIECE_PACKET},  {0x00, 0xfd, TUNNEL_PIECE_PACKET},
      {0x40, 0x20, TUNNEL_PIECE_FOREIGN}, {0x20, 0x40, TUNNEL_PIECE_FOREIGN},
  };
  for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
    GByteArray *packet = packet_of(24, OSPF);
    packet->data[8] = cases[i].source;
    packet->data[24] = cases[i].destination;
    g_assert_cmpint(piece_of(packet->data, packet->len, packet->len).kind, ==, cases[i].kind);
    g_byte_array_unref(packet);
  }
}

static void test_resynchronise(void)
{
  GByteArray *stream = bytes_of("the rest of a packet whose beginning was lost, with ` in it");
  size_t lost = stream->len;
  append_packet(append_packet(stream, 8, ICMPV6, 133), 60, ESP, 0);
  g_assert_cmpuint(tunnel_resynchronise(stream->data, stream->len), ==, lost);
  g_assert_cmpuint(tunnel_resynchronise(stream->data, stream->len - 1), ==, stream->len - 1);
  g_assert_cmpuint(tunnel_resynchronise(stream->data, lost), ==, lost);
  g_byte_array_unref(stream);
}

static void test_icmpv6_type(void)
{
  GByteArray *direct = append_packet(g_byte_array_new(), 16, ICMPV6, 134);
  GByteArray *behind_options = append_packet(g_byte_array_new(), 16, HOP_BY_HOP, ICMPV6);
  GByteArray *esp = append_packet(g_byte_array_new(), 16, ESP, 134);
  behind_options->data[HEADER + 1] = 0; /* 8 bytes of options */
  behind_options->data[HEADER + 8] = 143;
  g_assert_cmpint(tunnel_packet_icmpv6_type(direct->data, direct->len), ==, 134);
  g_assert_cmpint(tunnel_packet_icmpv6_type(direct->data, HEADER), ==, -1);
  g_assert_cmpint(tunnel_packet_icmpv6_type(behind_options->data, behind_options->len), ==, 143);
  g_assert_cmpint(tunnel_packet_icmpv6_type(behind_options->data, HEADER + 1), ==, -1);
  behind_options->data[HEADER + 1] = 255; /* more options than there are bytes */
  g_assert_cmpint(tunnel_packet_icmpv6_type(behind_options->data, behind_options->len), ==, -1);
  g_assert_cmpint(tunnel_packet_icmpv6_type(esp->data, esp->len), ==, -1);
  g_byte_array_unref(direct);
  g_byte_array_unref(behind_options);
  g_byte_array_unref(esp);
}

static size_t mac_of(const GByteArray *packets, int fewer, guint mac)
{
  GByteArray *data = g_byte_array_append(g_byte_array_new(), packets->data, packets->len);
  guint length = (guint)((int)(packets->len + mac) - fewer);
  g_byte_array_set_size(data, packets->len + mac);
  memset(data->data + packets->len, 0x60, mac);
  uint8_t *exact = g_memdup2(data->data, length);
  size_t found = tunnel_record_mac(exact, length);
  g_free(exact);
  g_byte_array_unref(data);
  return found;
}

static void test_record_holds_packets_to_the_byte(void)
{
  GByteArray *packets = append_packet(packet_of(60, ESP), 8, ICMPV6, 133);
  memset(packets->data + 8, 0xfe, 32);
  memset(packets->data + 108, 0x20, 32);
  for (guint mac = 0; mac <= 64; mac++)
    g_assert_cmpuint(mac_of(packets, 0, mac), ==, mac == 20 || mac == 32 ? mac : 0);
  for (int fewer = -3; fewer <= 3; fewer++)
    if (fewer != 0)
      g_assert_cmpuint(mac_of(packets, fewer, 35), ==, fewer == 3 ? 32 : 0);
  packets->data[108] = 0xaa; /* no address in use begins so */
  g_assert_cmpuint(mac_of(packets, 0, 32), ==, 0);
  g_byte_array_unref(packets);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/tunnel-splitter/packet/byte-by-byte", test_packet_byte_by_byte);
  g_test_add_func("/tunnel-splitter/packet/ends-where-it-says", test_packet_ends_where_it_says);
  g_test_add_func("/tunnel-splitter/packet/cut-by-the-capture", test_packet_cut_by_the_capture);
  g_test_add_func("/tunnel-splitter/packet/jumbogram-is-foreign", test_jumbogram_is_foreign);
  g_test_add_func("/tunnel-splitter/packet/icmpv6-type", test_icmpv6_type);
  g_test_add_func("/tunnel-splitter/request/fields", test_request);
  g_test_add_func("/tunnel-splitter/request/byte-by-byte", test_request_byte_by_byte);
  g_test_add_func("/tunnel-splitter/request/opens-a-tunnel", test_requests_that_open_a_tunnel);
  g_test_add_func("/tunnel-splitter/request/does-not", test_requests_that_do_not);
  g_test_add_func("/tunnel-splitter/request/cut", test_request_cut_by_the_capture);
  g_test_add_func("/tunnel-splitter/request/known endpoint", test_requests_that_do_at_known_endpoints);
  g_test_add_func("/tunnel-splitter/request/starts-of-something-else", test_starts_of_something_else);
  g_test_add_func("/tunnel-splitter/answer/fields", test_answer);
  g_test_add_func("/tunnel-splitter/answer/blanked server", test_blanked_server_is_none);
  g_test_add_func("/tunnel-splitter/answer/alone", test_answer_alone_shows_a_tunnel_by_length_or_server);
  g_test_add_func("/tunnel-splitter/answer/body-of-its-own", test_answers_with_a_body_of_their_own);
  g_test_add_func("/tunnel-splitter/answer/interim", test_interim_answer_has_no_body);
  g_test_add_func("/tunnel-splitter/answer/interim-before-another", test_interim_answers_end_where_another_begins);
  g_test_add_func("/tunnel-splitter/answer/final-status", test_status_is_that_of_the_final_answer);
  g_test_add_func("/tunnel-splitter/head/leaves-the-packet-behind-it", test_head_leaves_the_packet_behind_it);
  g_test_add_func("/tunnel-splitter/head/endless", test_endless_head_is_foreign);
  g_test_add_func("/tunnel-splitter/head/cut-by-the-capture", test_head_cut_by_the_capture);
  g_test_add_func("/tunnel-splitter/foreign/text", test_text_that_begins_like_a_packet_is_foreign);
  g_test_add_func("/tunnel-splitter/packet/rare-protocol", test_rare_protocol_is_a_packet_by_its_addresses);
  g_test_add_func("/tunnel-splitter/foreign", test_foreign_bytes);
  g_test_add_func("/tunnel-splitter/record", test_record_holds_packets_to_the_byte);
  g_test_add_func("/tunnel-splitter/resynchronise", test_resynchronise);
  return g_test_run();
}
