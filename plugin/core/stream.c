/* stream.c - cuts what flows in an IP-HTTPS session into HTTP heads and IPv6 packets
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "stream.h"

#include <string.h>

#include <glib.h>

#include "observation.h"

#define REQUEST_START "POST "
#define HTTP_VERSION_START "HTTP/1."
#define HTTP_SYS_SERVER "Microsoft-HTTPAPI/"

/* RFC 8200 section 3 */
#define IPV6_HEADER_LENGTH 40
#define IPV6_PAYLOAD_LENGTH_OFFSET 4
#define IPV6_NEXT_HEADER_OFFSET 6
#define IPV6_SOURCE_OFFSET 8
#define IPV6_DESTINATION_OFFSET 24
#define NEXT_HEADER_HOP_BY_HOP 0
#define NEXT_HEADER_ICMPV6 58

/* The paths of the tunnel request: that of [MS-IPHTTPS], and that of the servers there are. */
static const char *const tunnel_paths[] = {"/IPHTTPS", "/IPTLS"};

/* What a head begins with: an answer, the tunnel request, and requests that may precede it in a session. */
static const char *const head_starts[] = {HTTP_VERSION_START, REQUEST_START, "GET ", "HEAD ", "OPTIONS ", "PUT "};

static bool span_equals(byte_span_t span, const char *text)
{
  return span.length == strlen(text) && g_ascii_strncasecmp((const char *)span.data, text, span.length) == 0;
}

static bool starts_with(const uint8_t *data, size_t length, const char *text)
{
  return length >= strlen(text) && memcmp(data, text, strlen(text)) == 0;
}

/* Whether the data is, or may become, the start of a text. */
static bool may_start_with(const uint8_t *data, size_t length, const char *text)
{
  return memcmp(data, text, MIN(length, strlen(text))) == 0;
}

static byte_span_t trim(byte_span_t span)
{
  while (span.length > 0 && g_ascii_isspace(span.data[0])) {
    span.data++;
    span.length--;
  }
  while (span.length > 0 && g_ascii_isspace(span.data[span.length - 1]))
    span.length--;
  return span;
}

/* Takes the text up to the separator from the front of rest, all of it if there is no separator. */
static byte_span_t take_until(byte_span_t *rest, uint8_t separator)
{
  const uint8_t *end = rest->length > 0 ? memchr(rest->data, separator, rest->length) : NULL;
  byte_span_t taken = {rest->data, end != NULL ? (size_t)(end - rest->data) : rest->length};
  size_t consumed = taken.length + (end != NULL ? 1 : 0);
  rest->data += consumed;
  rest->length -= consumed;
  return taken;
}

/* The length of the head at the start of data with the empty line that ends it, 0 if that line is not there. */
static size_t head_length(const uint8_t *data, size_t length)
{
  byte_span_t rest = {data, MIN(length, TUNNEL_HEAD_MAX)};
  while (rest.length > 0 && memchr(rest.data, '\n', rest.length) != NULL) {
    byte_span_t line = take_until(&rest, '\n');
    if (trim(line).length == 0)
      return (size_t)(rest.data - data);
  }
  return 0;
}

/* "HTTP/1.", a digit, a space, and the first digit of an interim answer's status (RFC 9110 section 15.2). */
static bool begins_interim_answer(const uint8_t *data, size_t length)
{
  enum { STATUS = 9 };
  return starts_with(data, length, HTTP_VERSION_START) && length > STATUS && data[STATUS - 1] == ' ' &&
         data[STATUS] == '1';
}

size_t tunnel_interim_length(const uint8_t *data, size_t length)
{
  size_t at = 0;
  while (begins_interim_answer(data + at, length - at)) {
    size_t head = head_length(data + at, length - at);
    if (head == 0 || at + head == length || !may_start_with(data + at + head, length - at - head, HTTP_VERSION_START))
      break;
    at += head;
  }
  return at;
}

/* The path of a request's URI, which may be given with scheme and authority before it (RFC 9112 section 3.2). */
static byte_span_t uri_path(byte_span_t uri)
{
  if (starts_with(uri.data, uri.length, "/"))
    return uri;
  for (size_t i = 0; i + 2 < uri.length && uri.data[i] != '?'; i++) {
    if (memcmp(uri.data + i, "://", 3) != 0)
      continue;
    byte_span_t rest = {uri.data + i + 3, uri.length - i - 3};
    byte_span_t authority = take_until(&rest, '/');
    return (byte_span_t){authority.data + authority.length, uri.length - i - 3 - authority.length};
  }
  return uri;
}

static bool is_tunnel_uri(byte_span_t uri)
{
  byte_span_t path = uri_path(uri);
  if (path.length > 1 && path.data[path.length - 1] == '/')
    path.length--;
  for (size_t i = 0; i < G_N_ELEMENTS(tunnel_paths); i++)
    if (span_equals(path, tunnel_paths[i]))
      return true;
  return false;
}

bool tunnel_is_request_uri(const char *uri)
{
  return is_tunnel_uri((byte_span_t){(const uint8_t *)uri, strlen(uri)});
}

/* Whether a Content-Length is TUNNEL_ENDLESS_MIN or more. */
static bool is_endless(byte_span_t length)
{
  size_t least = strlen(TUNNEL_ENDLESS_MIN);
  for (; length.length > 0 && length.data[0] == '0'; length.length--)
    length.data++;
  for (size_t i = 0; i < length.length; i++)
    if (!g_ascii_isdigit(length.data[i]))
      return false;
  return length.length > least || (length.length == least && memcmp(length.data, TUNNEL_ENDLESS_MIN, least) >= 0);
}

static bool is_windows_login(byte_span_t challenge)
{
  byte_span_t scheme = take_until(&challenge, ' ');

  return span_equals(scheme, "Negotiate") || span_equals(scheme, "NTLM");
}

static void read_field(byte_span_t line, tunnel_head_t *head)
{
  byte_span_t name = trim(take_until(&line, ':'));
  byte_span_t value = trim(line);
  if (span_equals(name, "Host")) {
    head->host = value;
  } else if (span_equals(name, "Server") && value.length > 0) { /* blanked, it names none */
    head->server = value;
  } else if (span_equals(name, "Transfer-Encoding")) {
    head->is_chunked = true;
  } else if (span_equals(name, "Proxy-Authenticate")) { /* there may be one for each scheme */
    head->offers_login = head->offers_login || is_windows_login(value);
  } else if (span_equals(name, "Content-Length")) {
    head->length = value;
    head->endless = is_endless(value);
  }
}

static void read_start_line(byte_span_t line, tunnel_head_t *head)
{
  byte_span_t first = take_until(&line, ' ');
  byte_span_t second = take_until(&line, ' ');
  head->is_request = !starts_with(first.data, first.length, HTTP_VERSION_START);
  if (head->is_request) {
    if (starts_with(line.data, line.length, HTTP_VERSION_START))
      head->uri = second;
    return;
  }
  for (size_t i = 0; i < second.length && i < 3 && g_ascii_isdigit(second.data[i]); i++)
    head->status = (uint16_t)(head->status * 10 + (second.data[i] - '0'));
}

uint16_t tunnel_final_status(const uint8_t *data, size_t length)
{
  tunnel_head_t head = {0};
  size_t interim = tunnel_interim_length(data, length);
  byte_span_t rest = {data + interim, length - interim};
  read_start_line(take_until(&rest, '\n'), &head);
  return head.status >= HTTP_FIRST_FINAL_STATUS ? head.status : 0;
}

/*
 * An answer that accepts the tunnel is endless, or has no length and nothing but packets behind it; any other final one
 * has a body of its own.
 */
static void judge_answer(tunnel_head_t *head, bool packet_may_follow)
{
  bool bounded = head->is_chunked || (head->length.data != NULL && !head->endless);
  head->opens_tunnel = head->status == 200 && !bounded && (head->endless || packet_may_follow);
  head->is_final = head->status >= HTTP_FIRST_FINAL_STATUS;
  head->followed_by_body = head->is_final && !head->opens_tunnel;
}

/* What rewrites requests may have given the tunnel's another length or path; its body is the tunnel all the same. */
static void judge_request(tunnel_head_t *head, bool is_post)
{
  bool has_our_path = is_tunnel_uri(head->uri);
  bool is_endless_body = head->endless && !head->is_chunked;
  head->opens_tunnel = is_post && is_endless_body && has_our_path;
  head->may_open_tunnel = is_post && !head->opens_tunnel && (is_endless_body || has_our_path);
  head->followed_by_body = !head->opens_tunnel && !head->may_open_tunnel;
}

static tunnel_head_t read_head(const uint8_t *data, size_t length, bool packet_may_follow)
{
  tunnel_head_t head = {0};
  byte_span_t rest = {data, length};
  read_start_line(take_until(&rest, '\n'), &head);
  while (rest.length > 0)
    read_field(take_until(&rest, '\n'), &head);
  if (head.is_request)
    judge_request(&head, starts_with(data, length, REQUEST_START));
  else
    judge_answer(&head, packet_may_follow);
  return head;
}

static bool is_ipv6_start(uint8_t first)
{
  return first >> 4 == 6;
}

/* A head whose end was not captured is taken for what of it is there: more of it will not come. */
static tunnel_piece_t head_piece(const uint8_t *data, size_t captured, size_t reported)
{
  size_t length = head_length(data, captured);
  if (length == 0 && captured >= TUNNEL_HEAD_MAX)
    return (tunnel_piece_t){.kind = TUNNEL_PIECE_FOREIGN};
  if (length == 0 && captured == reported)
    return (tunnel_piece_t){.kind = TUNNEL_PIECE_PARTIAL};
  bool is_cut = length == 0;
  if (is_cut)
    length = captured;
  bool packet_may_follow = captured == length || is_ipv6_start(data[length]);
  tunnel_piece_t piece = {
      .kind = TUNNEL_PIECE_HEAD, .length = length, .head = read_head(data, length, packet_may_follow)};
  piece.head.is_cut = is_cut;
  return piece;
}

/* The bytes of the packet whose first 6 bytes are at hand. */
static size_t packet_length(const uint8_t *data)
{
  return IPV6_HEADER_LENGTH + (size_t)uint16_at(data + IPV6_PAYLOAD_LENGTH_OFFSET);
}

/* A jumbogram (RFC 2675) says its length in an option; a tunnel cannot carry one. */
static bool is_jumbogram(const uint8_t *data, size_t captured)
{
  return captured > IPV6_NEXT_HEADER_OFFSET && packet_length(data) == IPV6_HEADER_LENGTH &&
         data[IPV6_NEXT_HEADER_OFFSET] == NEXT_HEADER_HOP_BY_HOP;
}

/* The next headers met in practice. */
static bool is_usual_next_header(uint8_t next_header)
{
  static const uint8_t usual[] = {0 /* hop-by-hop */,
                                  6 /* TCP */,
                                  17 /* UDP */,
                                  41 /* IPv6 */,
                                  43 /* routing */,
                                  44 /* fragment */,
                                  50 /* ESP */,
                                  51 /* AH */,
                                  NEXT_HEADER_ICMPV6,
                                  59 /* none */,
                                  60 /* destination options */};
  return memchr(usual, next_header, sizeof usual) != NULL;
}

/* What addresses in use begin with: unspecified or mapped, global (2000::/3), local and multicast (RFC 4291
 * section 2.4). */
static bool is_usual_address_start(uint8_t first)
{
  return first == 0 || first >> 5 == 1 || first >= 0xfc;
}

/*
 * Whether something has a packet's first byte and yet hardly is one, by what of the header is at hand. The letters from
 * a to o have that byte, and so has every sixteenth where the step is lost.
 */
static bool only_begins_like_packet(const uint8_t *data, size_t captured)
{
  if (captured <= IPV6_NEXT_HEADER_OFFSET || is_usual_next_header(data[IPV6_NEXT_HEADER_OFFSET]))
    return false;
  return (captured > IPV6_SOURCE_OFFSET && !is_usual_address_start(data[IPV6_SOURCE_OFFSET])) ||
         (captured > IPV6_DESTINATION_OFFSET && !is_usual_address_start(data[IPV6_DESTINATION_OFFSET]));
}

static tunnel_piece_t packet_piece(const uint8_t *data, size_t captured, size_t reported)
{
  if (captured < IPV6_NEXT_HEADER_OFFSET)
    return (tunnel_piece_t){.kind = TUNNEL_PIECE_PARTIAL};
  if (is_jumbogram(data, captured) || only_begins_like_packet(data, captured))
    return (tunnel_piece_t){.kind = TUNNEL_PIECE_FOREIGN};
  size_t length = packet_length(data);
  if (length > reported)
    return (tunnel_piece_t){.kind = TUNNEL_PIECE_PARTIAL, .length = length - reported};
  return (tunnel_piece_t){.kind = TUNNEL_PIECE_PACKET, .length = length};
}

tunnel_piece_t tunnel_next_piece(const uint8_t *data, size_t captured, size_t reported)
{
  if (captured == 0)
    return (tunnel_piece_t){.kind = TUNNEL_PIECE_PARTIAL};
  if (is_ipv6_start(data[0]))
    return packet_piece(data, captured, reported);
  for (size_t i = 0; i < G_N_ELEMENTS(head_starts); i++)
    if (may_start_with(data, captured, head_starts[i]))
      return head_piece(data, captured, reported);
  return (tunnel_piece_t){.kind = TUNNEL_PIECE_FOREIGN};
}

/* Whether what begins like a request is, or may become, one for one of the tunnel's paths. */
static bool may_be_tunnel_request(const uint8_t *data, size_t length)
{
  if (length <= strlen(REQUEST_START))
    return true;
  byte_span_t rest = {data + strlen(REQUEST_START), length - strlen(REQUEST_START)};
  bool is_whole = memchr(rest.data, ' ', rest.length) != NULL;
  byte_span_t uri = take_until(&rest, ' ');
  if (is_whole || is_tunnel_uri(uri))
    return is_tunnel_uri(uri);
  for (size_t i = 0; i < G_N_ELEMENTS(tunnel_paths); i++)
    if (uri.length <= strlen(tunnel_paths[i]) &&
        g_ascii_strncasecmp((const char *)uri.data, tunnel_paths[i], uri.length) == 0)
      return true;
  return false;
}

/* An answer of no length tells by its server: http.sys gives all others a length or chunks. */
static tunnel_start_t start_of_head(const tunnel_head_t *head)
{
  bool is_windows = starts_with(head->server.data, head->server.length, HTTP_SYS_SERVER);
  if (head->may_open_tunnel)
    return TUNNEL_START_KNOWN;
  if (!head->opens_tunnel)
    return TUNNEL_START_NO;
  if (head->is_request)
    return TUNNEL_START_YES;
  return head->endless || is_windows ? TUNNEL_START_ANSWER : TUNNEL_START_NO;
}

tunnel_start_t tunnel_recognise(const uint8_t *data, size_t length)
{
  if (length == 0 || (data[0] != REQUEST_START[0] && data[0] != HTTP_VERSION_START[0]))
    return TUNNEL_START_NO;
  size_t interim = tunnel_interim_length(data, length);
  tunnel_piece_t piece = tunnel_next_piece(data + interim, length - interim, length - interim);
  if (piece.kind == TUNNEL_PIECE_HEAD)
    return start_of_head(&piece.head);
  if (piece.kind != TUNNEL_PIECE_PARTIAL || !may_start_with(data, length, REQUEST_START))
    return TUNNEL_START_NO;
  return may_be_tunnel_request(data, length) ? TUNNEL_START_MAYBE : TUNNEL_START_MAYBE_KNOWN;
}

static bool packets_fill(const uint8_t *data, size_t length)
{
  while (length >= IPV6_HEADER_LENGTH && is_ipv6_start(data[0]) &&
         is_usual_next_header(data[IPV6_NEXT_HEADER_OFFSET]) && !is_jumbogram(data, length) &&
         packet_length(data) <= length) {
    size_t packet = packet_length(data);
    data += packet;
    length -= packet;
  }
  return length == 0;
}

size_t tunnel_resynchronise(const uint8_t *data, size_t length)
{
  size_t offset = 0;
  while (offset < length && !packets_fill(data + offset, length - offset))
    offset++;
  return offset;
}

/* As above, and with addresses in use. */
static bool usual_packets_fill(const uint8_t *data, size_t length)
{
  if (length == 0 || !packets_fill(data, length))
    return false;
  for (size_t at = 0; at < length; at += packet_length(data + at))
    if (!is_usual_address_start(data[at + IPV6_SOURCE_OFFSET]) ||
        !is_usual_address_start(data[at + IPV6_DESTINATION_OFFSET]))
      return false;
  return true;
}

size_t tunnel_record_mac(const uint8_t *data, size_t length)
{
  static const size_t macs[] = {32, 20}; /* RFC 5246 appendix C */
  for (size_t i = 0; i < G_N_ELEMENTS(macs); i++)
    if (length > macs[i] && usual_packets_fill(data, length - macs[i]))
      return macs[i];
  return 0;
}

int tunnel_packet_icmpv6_type(const uint8_t *packet, size_t captured)
{
  if (captured < IPV6_HEADER_LENGTH)
    return -1;
  uint8_t next_header = packet[IPV6_NEXT_HEADER_OFFSET];
  size_t offset = IPV6_HEADER_LENGTH;
  if (next_header == NEXT_HEADER_HOP_BY_HOP) {
    if (captured < offset + 2)
      return -1;
    next_header = packet[offset];
    offset += 8 + 8 * (size_t)packet[offset + 1];
  }
  return next_header == NEXT_HEADER_ICMPV6 && offset < captured ? packet[offset] : -1;
}
