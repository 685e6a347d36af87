/* test_certificate_cache.c - each certificate is parsed once, and not endlessly many of them
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "certificate_cache.h"

#include <glib.h>
#include <string.h>

#include "make_certificate.h"

static byte_span_t span_of(GBytes *bytes)
{
  byte_span_t span;

  span.data = g_bytes_get_data(bytes, &span.length);
  return span;
}

static GBytes *certificate_for(const char *subject)
{
  certificate_recipe_t recipe = {.subject = subject, .issuer = "CN=Example Issuing CA"};

  return make_certificate(&recipe);
}

static void test_same_bytes_same_certificate(void)
{
  certificate_cache_t *cache = certificate_cache_new();
  GBytes *one = certificate_for("CN=one.example.com"), *other = certificate_for("CN=other.example.com");
  uint8_t *copy = g_memdup2(span_of(one).data, span_of(one).length);
  const certificate_t *parsed = certificate_cache_get(cache, span_of(one));

  g_assert_cmpstr(parsed->common_names[0], ==, "one.example.com");
  g_assert_true(certificate_cache_get(cache, (byte_span_t){copy, span_of(one).length}) == parsed);
  g_assert_true(certificate_cache_get(cache, span_of(other)) != parsed);
  g_free(copy);
  g_bytes_unref(one);
  g_bytes_unref(other);
  g_assert_cmpstr(parsed->common_names[0], ==, "one.example.com");
  certificate_cache_free(cache);
}

/* What ends in the same way may be another one all the same. */
static void test_alike_but_for_a_byte(void)
{
  certificate_cache_t *cache = certificate_cache_new();
  GBytes *one = certificate_for("CN=one.example.com");
  byte_span_t der = span_of(one);
  uint8_t *altered = g_memdup2(der.data, der.length);

  for (size_t i = 0; i + 3 < der.length; i++)
    if (memcmp(altered + i, "one", 3) == 0)
      altered[i] = 'O';
  g_assert_cmpstr(certificate_cache_get(cache, der)->common_names[0], ==, "one.example.com");
  g_assert_cmpstr(certificate_cache_get(cache, (byte_span_t){altered, der.length})->common_names[0], ==,
                  "One.example.com");
  g_assert_null(certificate_cache_get(cache, (byte_span_t){altered, der.length - 1}));
  g_free(altered);
  g_bytes_unref(one);
  certificate_cache_free(cache);
}

static void test_what_is_no_certificate(void)
{
  certificate_cache_t *cache = certificate_cache_new();
  uint8_t *huge = g_malloc0(CERTIFICATE_DER_MAX + 1);

  for (int twice = 0; twice < 2; twice++) {
    g_assert_null(certificate_cache_get(cache, (byte_span_t){(const uint8_t *)"junk", 4}));
    g_assert_null(certificate_cache_get(cache, (byte_span_t){NULL, 0}));
    g_assert_null(certificate_cache_get(cache, (byte_span_t){huge, CERTIFICATE_DER_MAX + 1}));
  }
  g_free(huge);
  certificate_cache_free(cache);
  certificate_cache_free(NULL);
}

static void test_full_cache_keeps_what_it_has(void)
{
  certificate_cache_t *cache = certificate_cache_new();
  GBytes *early = certificate_for("CN=early.example.com"), *late = certificate_for("CN=late.example.com");
  const certificate_t *parsed = certificate_cache_get(cache, span_of(early));

  for (uint32_t junk = 1; junk < CERTIFICATE_CACHE_MAX; junk++)
    g_assert_null(certificate_cache_get(cache, (byte_span_t){(const uint8_t *)&junk, sizeof junk}));
  g_assert_null(certificate_cache_get(cache, span_of(late)));
  g_assert_true(certificate_cache_get(cache, span_of(early)) == parsed);
  g_bytes_unref(early);
  g_bytes_unref(late);
  certificate_cache_free(cache);
}

/* What is parsed costs many times its size, and is bounded as a whole. */
static void test_cache_is_bounded_by_bytes(void)
{
  certificate_cache_t *cache = certificate_cache_new();
  GBytes *early = certificate_for("CN=early.example.com"), *late = certificate_for("CN=late.example.com");
  const certificate_t *parsed = certificate_cache_get(cache, span_of(early));
  uint32_t junk[CERTIFICATE_DER_MAX / sizeof(uint32_t)] = {0};

  for (junk[0] = 0; junk[0] <= CERTIFICATE_CACHE_BYTES_MAX / CERTIFICATE_DER_MAX; junk[0]++)
    g_assert_null(certificate_cache_get(cache, (byte_span_t){(const uint8_t *)junk, sizeof junk}));
  for (size_t size = CERTIFICATE_DER_MAX / 2; size > 0; size /= 2, junk[0]++) /* fills what is left to the last byte */
    g_assert_null(certificate_cache_get(cache, (byte_span_t){(const uint8_t *)junk, size}));
  g_assert_null(certificate_cache_get(cache, span_of(late)));
  g_assert_true(certificate_cache_get(cache, span_of(early)) == parsed);
  g_bytes_unref(early);
  g_bytes_unref(late);
  certificate_cache_free(cache);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/certificate_cache/same", test_same_bytes_same_certificate);
  g_test_add_func("/certificate_cache/alike", test_alike_but_for_a_byte);
  g_test_add_func("/certificate_cache/no certificate", test_what_is_no_certificate);
  g_test_add_func("/certificate_cache/full", test_full_cache_keeps_what_it_has);
  g_test_add_func("/certificate_cache/bytes", test_cache_is_bounded_by_bytes);
  return g_test_run();
}
