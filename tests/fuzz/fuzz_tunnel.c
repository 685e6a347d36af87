/* fuzz_tunnel.c - feeds the splitter of the tunnel with any bytes, whole and cut
 *
 * Input: two bytes that say where to cut, then the stream of one direction.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <glib.h>
#include <string.h>

#include "fuzz_reader.h"
#include "stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_span(byte_span_t span, byte_span_t within)
{
  g_assert_true(span.data == NULL ||
                (span.data >= within.data && span.data + span.length <= within.data + within.length));
}

static void check_piece(const tunnel_piece_t *piece, byte_span_t stream, size_t reported)
{
  switch (piece->kind) {
  case TUNNEL_PIECE_PACKET:
    g_assert_cmpuint(piece->length, >, 0);
    g_assert_cmpuint(piece->length, <=, reported);
    break;
  case TUNNEL_PIECE_HEAD:
    g_assert_cmpuint(piece->length, >, 0);
    g_assert_cmpuint(piece->length, <=, stream.length);
    g_assert_false(piece->head.opens_tunnel && piece->head.followed_by_body);
    check_span(piece->head.uri, stream);
    check_span(piece->head.host, stream);
    check_span(piece->head.server, stream);
    break;
  case TUNNEL_PIECE_PARTIAL:
  case TUNNEL_PIECE_FOREIGN:
    break;
  }
}

/* What more bytes may make of a piece: nothing else, unless it was only a part. */
static void check_prefix(byte_span_t stream, size_t cut)
{
  tunnel_piece_t whole = tunnel_next_piece(stream.data, stream.length, stream.length);
  tunnel_piece_t part = tunnel_next_piece(stream.data, cut, cut);
  size_t awaited = cut + part.length;

  check_piece(&part, (byte_span_t){stream.data, cut}, cut);
  if (part.kind != TUNNEL_PIECE_PARTIAL) {
    g_assert_cmpint(part.kind, ==, whole.kind);
    g_assert_cmpuint(part.length, ==, whole.length);
  } else if (part.length > 0 && awaited <= stream.length) {
    tunnel_piece_t asked_for = tunnel_next_piece(stream.data, awaited, awaited);

    g_assert_cmpint(asked_for.kind, !=, TUNNEL_PIECE_PARTIAL);
    g_assert_true(asked_for.kind != TUNNEL_PIECE_PACKET || asked_for.length == awaited);
  }
}

static void check_recognition(byte_span_t stream, size_t cut)
{
  tunnel_start_t whole = tunnel_recognise(stream.data, stream.length);

  if (cut == 0 || stream.length < 6 || memcmp(stream.data, "POST /", 6) != 0)
    return;
  /* Of a request with another path (TUNNEL_START_KNOWN) a part tells nothing. */
  if (whole == TUNNEL_START_YES || whole == TUNNEL_START_MAYBE)
    g_assert_cmpint(tunnel_recognise(stream.data, cut), !=, TUNNEL_START_NO);
}

/* Interim answers are heads, and what they go before is none of them. */
static void check_interim(byte_span_t stream)
{
  size_t interim = tunnel_interim_length(stream.data, stream.length), at = 0;
  uint16_t status = tunnel_final_status(stream.data, stream.length);

  g_assert_true(status == 0 || (status >= 200 && status <= 999));
  g_assert_true(interim == 0 || interim < stream.length);
  while (at < interim) {
    tunnel_piece_t piece = tunnel_next_piece(stream.data + at, stream.length - at, stream.length - at);

    g_assert_cmpint(piece.kind, ==, TUNNEL_PIECE_HEAD);
    g_assert_false(piece.head.is_final || piece.head.is_request);
    at += piece.length;
  }
  g_assert_cmpuint(at, ==, interim);
  g_assert_cmpuint(tunnel_interim_length(stream.data + at, stream.length - at), ==, 0);
}

/* What is no piece must be left behind, or the dissector would stand still. */
static size_t skip(byte_span_t rest)
{
  size_t skipped = tunnel_resynchronise(rest.data, rest.length);

  g_assert_cmpuint(skipped, >, 0);
  g_assert_cmpuint(skipped, <=, rest.length);
  return skipped;
}

/* Goes through the stream as the dissector does; `reported` bytes were on the wire. */
static void split(byte_span_t stream, size_t reported)
{
  size_t offset = 0;

  while (offset < stream.length) {
    byte_span_t rest = {stream.data + offset, stream.length - offset};
    tunnel_piece_t piece = tunnel_next_piece(rest.data, rest.length, reported - offset);

    check_piece(&piece, rest, reported - offset);
    if (piece.kind == TUNNEL_PIECE_PARTIAL)
      return;
    if (piece.kind == TUNNEL_PIECE_PACKET)
      g_assert_cmpint(tunnel_packet_icmpv6_type(rest.data, MIN(piece.length, rest.length)), >=, -1);
    offset += piece.kind == TUNNEL_PIECE_FOREIGN ? skip(rest) : piece.length;
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  fuzz_reader_t reader = {data, size};
  size_t position = take_number(&reader, 2);
  /* A block of exactly its length, so that a byte read beyond it is seen. */
  uint8_t *copy = g_memdup2(reader.data, reader.left);
  byte_span_t stream = {copy, reader.left};
  size_t cut = stream.length > 0 ? position % (stream.length + 1) : 0;

  split(stream, stream.length);
  split((byte_span_t){stream.data, cut}, stream.length);
  check_prefix(stream, cut);
  check_recognition(stream, cut);
  if (stream.length > 0)
    check_interim(stream);
  g_free(copy);
  return 0;
}
