/* fuzz_session.c - feeds a capture with any stream of observations, and holds its session to their promises
 *
 * Input: a byte that says how the endpoint is known (KNOWN_...), then frames. A frame is, numbers little-endian:
 *
 *   1 byte    FRAME_... flags
 *   1 byte    time since the frame before, the root of milliseconds
 *   3 bytes   observation_facts
 *   2 bytes   payload of its sender
 *   4 bytes   with FRAME_HAS_PACKETS: inner packets of client and server, router solicitations, router advertisements
 *
 * and then, in the order of observation_facts, what each fact has for particulars (see the take_... functions).
 * seed.py writes this format.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <glib.h>
#include <string.h>

#include "capture_driver.h"
#include "fuzz_reader.h"
#include "make_certificate.h"
#include "session_promises.h"
#include "stream.h"

#define START_NS (INT64_C(1748736000) * 1000000000) /* 2025-06-01 00:00:00 UTC */
#define NANOSECONDS_PER_MS INT64_C(1000000)
#define OUR_NAME "da.example.com"
#define FRAMES_MAX 512

enum { KNOWN_ROW = 0x01, KNOWN_THUMBPRINT = 0x02, KNOWN_ADDRESS_ONLY = 0x04, KNOWN_LEARNED = 0x08 };
enum {
  FRAME_FROM_CLIENT = 0x01,
  FRAME_HAS_HOLE = 0x02,
  FRAME_CLIENT_BYTES_ANY = 0x04,
  FRAME_SERVER_BYTES_ANY = 0x08,
  FRAME_HAS_PACKETS = 0x10,
  FRAME_ACKS_UNSEEN = 0x20,
  FRAME_ASIDE = 0x40,  /* of the client's connection to another server, which tells of revocation */
  FRAME_BEGINS = 0x80, /* the client's next connection to the server */
};
enum { SUITES_INCOMPLETE = 0x80, SECONDS_PER_DAY = 24 * 60 * 60 };

static const char *const names[] = {
    OUR_NAME,
    "www.example.net",
    "DA.Example.COM.",
    "da.example.com:443",
    "192.0.2.1",
    "[2001:db8::1]:443",
    "*",
    "",
    ":",
    "da.example.com\n\x1b[2J",
    ("a.name.longer.than.any.label.should.be.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."
     "test"),
};

static const char *const servers[] = {NULL, "Microsoft-HTTPAPI/2.0", "nginx", "%s%n\t"};

static const uint16_t suites[] = {0x003b, 0x0002, 0x0001, 0xc030, 0x002f, 0x1301, 0x00ff, 0x5600, 0x0a0a};

static const char *const its_name[] = {OUR_NAME, NULL};
static const char *const for_server[] = {"1.3.6.1.5.5.7.3.1", NULL};
static const char *const for_client[] = {"1.3.6.1.5.5.7.3.2", NULL};

#define SERVER_CA "CN=Example Issuing CA,O=Example"
#define MACHINE_CA "CN=Machine CA,O=Example"

static void add_crl(gnutls_x509_crt_t made)
{
  static const char url[] = "http://www.example.net/ca.crl";

  gnutls_x509_crt_set_crl_dist_points2(made, GNUTLS_SAN_URI, url, sizeof url - 1, 0);
}

static const certificate_recipe_t recipes[] = {
    {.subject = "CN=" OUR_NAME,
     .issuer = SERVER_CA,
     .dns_names = its_name,
     .key_purposes = for_server,
     .adjust = add_crl},
    {.subject = "CN=edge01.corp.example.com", .issuer = SERVER_CA, .dns_names = its_name},
    {.subject = "CN=www.example.net", .issuer = SERVER_CA},
    {.issuer = SERVER_CA},
    {.subject = "CN=" OUR_NAME, .issuer = SERVER_CA, .not_after = DEFAULT_NOT_BEFORE + SECONDS_PER_DAY},
    {.subject = "CN=" OUR_NAME, .issuer = SERVER_CA, .not_before = DEFAULT_NOT_AFTER - SECONDS_PER_DAY},
    {.subject = "CN=" OUR_NAME, .issuer = SERVER_CA, .key_purposes = for_client},
    {.subject = "CN=" OUR_NAME},
    {.subject = "CN=" OUR_NAME, .issuer = "CN=FG100F,O=Fortinet,OU=Certificate Authority"},
    {.subject = "CN=pc1.corp.example.com", .issuer = MACHINE_CA, .key_purposes = for_client},
    {.subject = MACHINE_CA, .issuer = "CN=Root CA,O=Example"},
};

static struct {
  certificate_cache_t *parsed;
  GBytes *certificates[G_N_ELEMENTS(recipes)];
} fixture;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
  (void)argc;
  (void)argv;
  for (size_t i = 0; i < G_N_ELEMENTS(recipes); i++)
    fixture.certificates[i] = make_certificate(&recipes[i]);
  fixture.parsed = certificate_cache_new();
  return 0;
}

static byte_span_t certificate_at(size_t position)
{
  byte_span_t der;

  der.data = g_bytes_get_data(fixture.certificates[position % G_N_ELEMENTS(recipes)], &der.length);
  return der;
}

static const certificate_t *parsed_at(size_t position)
{
  return certificate_cache_get(fixture.parsed, certificate_at(position));
}

static ends_t ends_aside(void)
{
  ends_t ends = driven_ends(50001);

  g_assert_true(ip_address_parse("198.51.100.80", &ends.server));
  ends.server_port = 80;
  return ends;
}

static const char *take_name(fuzz_reader_t *reader)
{
  return names[take_byte(reader) % G_N_ELEMENTS(names)];
}

static uint16_t take_suite(fuzz_reader_t *reader)
{
  return suites[take_byte(reader) % G_N_ELEMENTS(suites)];
}

static void take_first_bytes(fuzz_reader_t *reader, observation_t *seen)
{
  seen->first_bytes = take_bytes(reader, take_byte(reader) % (OBSERVATION_FIRST_BYTES_MAX + 1));
  seen->first_status = tunnel_final_status(seen->first_bytes.data, seen->first_bytes.length);
}

static void take_client_hello(fuzz_reader_t *reader, observation_t *seen)
{
  uint8_t name = take_byte(reader), count = take_byte(reader);
  uint16_t offered[UINT8_MAX];

  seen->server_name = name < G_N_ELEMENTS(names) ? names[name] : NULL;
  for (size_t i = 0; i < (count & ~SUITES_INCOMPLETE); i++)
    offered[i] = take_suite(reader);
  seen->offer = cipher_suites_null_offer(offered, count & ~SUITES_INCOMPLETE, (count & SUITES_INCOMPLETE) == 0);
}

static void take_server_hello(fuzz_reader_t *reader, observation_t *seen)
{
  seen->chosen_suite = take_suite(reader);
}

/* A number behind the recipes stands for as many bytes that are no certificate. */
static void take_certificates(fuzz_reader_t *reader, observation_t *seen)
{
  seen->certificate_count = take_byte(reader) % (OBSERVATION_CERTIFICATES_MAX + 1);
  for (size_t i = 0; i < seen->certificate_count; i++) {
    uint8_t position = take_byte(reader);

    seen->certificates[i] = position < G_N_ELEMENTS(recipes) ? certificate_at(position) : take_bytes(reader, position);
  }
}

/* Likewise: the issuer of a certificate, or as many bytes. */
static void take_authorities(fuzz_reader_t *reader, observation_t *seen)
{
  static byte_span_t authorities[OBSERVATION_AUTHORITIES_MAX];

  seen->authorities = authorities;
  seen->authority_count = take_byte(reader) % (OBSERVATION_AUTHORITIES_MAX + 1);
  for (size_t i = 0; i < seen->authority_count; i++) {
    uint8_t position = take_byte(reader);

    authorities[i] = position < G_N_ELEMENTS(recipes)
                         ? (byte_span_t){parsed_at(position)->issuer_dn, parsed_at(position)->issuer_dn_length}
                         : take_bytes(reader, position);
  }
}

static void take_alert(fuzz_reader_t *reader, observation_t *seen)
{
  seen->alert_level = take_byte(reader);
  seen->alert = take_byte(reader);
}

static void take_connect(fuzz_reader_t *reader, observation_t *seen)
{
  seen->connect_host = take_name(reader);
  seen->connect_port = (uint16_t)take_number(reader, 2);
}

static void take_proxy_answer(fuzz_reader_t *reader, observation_t *seen)
{
  seen->http_status = (uint16_t)take_number(reader, 2);
  seen->http_host = take_name(reader);
}

static void take_request(fuzz_reader_t *reader, observation_t *seen)
{
  seen->request_uri = "/IPHTTPS";
  seen->request_host = take_name(reader);
}

static void take_response(fuzz_reader_t *reader, observation_t *seen)
{
  seen->http_status = (uint16_t)take_number(reader, 2);
  seen->http_is_interim = seen->http_status < HTTP_FIRST_FINAL_STATUS;
  seen->http_server = servers[take_byte(reader) % G_N_ELEMENTS(servers)];
}

static void take_lookup(fuzz_reader_t *reader, observation_t *seen)
{
  seen->name = take_name(reader);
  seen->name_type = take_byte(reader);
  seen->name_code = take_byte(reader);
  seen->address_count = take_byte(reader) % (OBSERVATION_ADDRESSES_MAX + 1);
  for (size_t i = 0; i < seen->address_count; i++)
    seen->addresses[i] = i % 2 == 0 ? driven_ends(0).server : ends_aside().server;
  seen->name_answer_truncated = take_byte(reader) & 1;
}

static const struct {
  observation_facts_t fact;
  void (*take)(fuzz_reader_t *reader, observation_t *seen);
} particulars[] = {
    {SEEN_FIRST_BYTES, take_first_bytes},
    {SEEN_CLIENT_HELLO, take_client_hello},
    {SEEN_SERVER_HELLO, take_server_hello},
    {SEEN_CERTIFICATE, take_certificates},
    {SEEN_CERTIFICATE_REQUEST, take_authorities},
    {SEEN_ALERT, take_alert},
    {SEEN_CONNECT, take_connect},
    {SEEN_PROXY_ANSWER, take_proxy_answer},
    {SEEN_REQUEST, take_request},
    {SEEN_RESPONSE, take_response},
    {SEEN_NAME_QUERY, take_lookup},
    {SEEN_NAME_RESPONSE, take_lookup},
};

/* Sequence numbers may run backwards and over, so totals are any number too; packets are counted up by the plugin.
 * Returns the frame's flags. */
static uint8_t take_frame(fuzz_reader_t *reader, observation_t *seen, const observation_t *latest)
{
  uint8_t flags = take_byte(reader), delay = take_byte(reader);
  const observation_t none = {.frame = latest->frame, .time_ns = latest->time_ns};
  const observation_t *before = flags & FRAME_BEGINS ? &none : latest;

  *seen = (observation_t){.frame = before->frame + 1,
                          .time_ns = before->time_ns + delay * delay * NANOSECONDS_PER_MS,
                          .facts = take_number(reader, 3),
                          .from_client = flags & FRAME_FROM_CLIENT,
                          .router_solicitations = before->router_solicitations,
                          .router_advertisements = before->router_advertisements};
  memcpy(seen->unread, before->unread, sizeof seen->unread);
  seen->unread[sender_of(seen)] |= flags & FRAME_HAS_HOLE;
  seen->unread[other_side(sender_of(seen))] |= flags & FRAME_ACKS_UNSEEN;
  memcpy(seen->packets, before->packets, sizeof seen->packets);
  memcpy(seen->bytes, before->bytes, sizeof seen->bytes);
  seen->bytes[sender_of(seen)] += take_number(reader, 2);
  if (flags & FRAME_CLIENT_BYTES_ANY)
    seen->bytes[SIDE_CLIENT] = UINT32_MAX;
  if (flags & FRAME_SERVER_BYTES_ANY)
    seen->bytes[SIDE_SERVER] = UINT32_MAX;
  if (flags & FRAME_HAS_PACKETS) {
    seen->packets[SIDE_CLIENT] += take_byte(reader);
    seen->packets[SIDE_SERVER] += take_byte(reader);
    seen->router_solicitations += take_byte(reader);
    seen->router_advertisements += take_byte(reader);
  }
  for (size_t i = 0; i < G_N_ELEMENTS(particulars); i++)
    if (seen->facts & particulars[i].fact)
      particulars[i].take(reader, seen);
  return flags;
}

/* The rows of a capture in which the endpoint is known so. */
static void take_settings(capture_settings_t *settings, endpoint_t *row, uint8_t known)
{
  endpoint_text_t text = {.host = known & KNOWN_ADDRESS_ONLY ? NULL : OUR_NAME, .address = "203.0.113.0/24"};

  *settings = (capture_settings_t){.inspection_issuers = inspection_known_issuers,
                                   .tag_null_offers = TAG_NULL_OFFERS_FIRST,
                                   .tag_learned_endpoints = true};
  while (inspection_known_issuers[settings->inspection_issuer_count].issuer_text != NULL)
    settings->inspection_issuer_count++;
  if (!(known & KNOWN_ROW))
    return;
  g_assert_null(endpoint_parse(row, &text));
  settings->endpoints = row;
  settings->endpoint_count = 1;
  if (!(known & KNOWN_THUMBPRINT))
    return;
  row->thumbprint_length = CERTIFICATE_SHA1_LENGTH;
  memcpy(row->thumbprint, parsed_at(0)->sha1, CERTIFICATE_SHA1_LENGTH);
}

/* Has an earlier session show the endpoint and a certificate. */
static void teach(capture_t *capture)
{
  driven_connection_t earlier = {.capture = capture, .ends = driven_ends(49999)};
  const observation_t frames[] = {
      {.facts = SEEN_CLIENT_HELLO | SEEN_REQUEST,
       .from_client = true,
       .server_name = OUR_NAME,
       .request_uri = "/IPTLS"},
      {.facts = SEEN_CERTIFICATE, .certificate_count = 1, .certificates = {certificate_at(1)}},
      {.facts = SEEN_RESPONSE, .http_status = 200},
  };

  for (size_t i = 0; i < G_N_ELEMENTS(frames); i++) {
    observation_t frame = frames[i];

    frame.frame = 1;
    frame.time_ns = START_NS;
    drive_frame(&earlier, &frame);
  }
}

/* How each session stood after its latest frame; what is not among them has not been fed yet. */
static const session_t *session_before(GHashTable *stood, const session_t *fed)
{
  static const session_t untouched = {.attempt = 1};
  const session_t *before = g_hash_table_lookup(stood, fed);

  return before != NULL ? before : &untouched;
}

static void play_frame(driven_connection_t *driven, GHashTable *stood, const observation_t *frame)
{
  session_t *followed = driven->followed, *fed = drive_frame(driven, frame);

  if (followed != NULL && driven->followed == NULL)
    g_hash_table_remove(stood, followed);
  if (fed == NULL)
    return;
  if (fed->asks_revocation) { /* it is none of ours, and may have begun with messages that returned nothing */
    g_assert_true(fed->tagged_by == TAG_NONE);
    return;
  }
  check_promises(fed, session_before(stood, fed), frame->frame);
  g_hash_table_insert(stood, fed, g_memdup2(fed, sizeof *fed));
}

/* What is left of a play, to be held against another of the same input. */
typedef struct {
  capture_t *capture;
  endpoint_t row;
  capture_settings_t settings;
} played_t;

static void play(played_t *played, fuzz_reader_t reader)
{
  uint8_t known = take_byte(&reader);
  driven_connection_t driven = {.ends = driven_ends(50000)}, aside = {.ends = ends_aside()};
  observation_t frames[2] = {{.time_ns = START_NS}};
  GHashTable *stood = g_hash_table_new_full(NULL, NULL, NULL, g_free);
  uint16_t next_port = 50002;

  take_settings(&played->settings, &played->row, known);
  driven.capture = aside.capture = played->capture = capture_new(&played->settings);
  if (known & KNOWN_LEARNED)
    teach(driven.capture);
  for (unsigned i = 1; reader.left > 0 && i <= FRAMES_MAX; i++) {
    uint8_t flags = take_frame(&reader, &frames[i % 2], &frames[(i - 1) % 2]);

    if (flags & FRAME_BEGINS)
      driven = (driven_connection_t){.capture = played->capture, .ends = driven_ends(next_port++)};
    play_frame(flags & FRAME_ASIDE ? &aside : &driven, stood, &frames[i % 2]);
  }
  g_hash_table_destroy(stood);
  for (guint i = 0; i < capture_sessions(driven.capture)->len; i++)
    check_answers(g_ptr_array_index(capture_sessions(driven.capture), i));
}

static void check_all_same(const GPtrArray *one, const GPtrArray *other)
{
  g_assert_cmpuint(one->len, ==, other->len);
  for (guint i = 0; i < one->len; i++)
    check_same(g_ptr_array_index(one, i), g_ptr_array_index(other, i));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  played_t played[2] = {0};

  for (size_t i = 0; i < G_N_ELEMENTS(played); i++)
    play(&played[i], (fuzz_reader_t){data, size});
  check_all_same(capture_sessions(played[0].capture), capture_sessions(played[1].capture));
  for (size_t i = 0; i < G_N_ELEMENTS(played); i++) {
    capture_free(played[i].capture);
    endpoint_clear(&played[i].row);
  }
  return 0;
}
