/* fuzz_certificate.c - feeds the reading of certificates with any bytes
 *
 * Input: the DER of a certificate.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <glib.h>
#include <string.h>

#include "certificate.h"
#include "certificate_cache.h"
#include "inspection.h"

#define OUR_NAME "da.example.com"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_line(const char *text)
{
  g_assert_true(g_utf8_validate(text, -1, NULL));
  g_assert_cmpint(g_utf8_strlen(text, -1), <=, CERTIFICATE_TEXT_MAX + 1);
  for (const char *at = text; *at != '\0'; at = g_utf8_next_char(at))
    g_assert_false(g_unichar_iscntrl(g_utf8_get_char(at)));
}

static void check_lines(char *const *texts, guint most)
{
  g_assert_cmpuint(g_strv_length((char **)texts), <=, most);
  for (; *texts != NULL; texts++)
    check_line(*texts);
}

/* Casefolding makes up to three characters of one. */
static void check_issuer_texts(const certificate_t *leaf)
{
  char **texts = g_strsplit(leaf->issuer_texts, "\n", -1);
  inspection_t *inspection = inspection_new(inspection_known_issuers, 1);

  g_assert_cmpuint(g_strv_length(texts), <=, 3 * CERTIFICATE_ISSUER_TEXTS_MAX);
  for (char **text = texts; *text != NULL; text++) {
    g_assert_true(g_utf8_validate(*text, -1, NULL));
    g_assert_cmpint(g_utf8_strlen(*text, -1), <=, 3 * (CERTIFICATE_TEXT_MAX + 1));
  }
  if (leaf->issuer_texts[0] == '\0')
    g_assert_null(inspection_product(inspection, leaf, OUR_NAME));
  inspection_free(inspection);
  g_strfreev(texts);
}

static void check_thumbprints(const certificate_t *leaf, const uint8_t *der, size_t length)
{
  char *sha1 = g_compute_checksum_for_data(G_CHECKSUM_SHA1, der, length);
  GString *text = g_string_new(NULL);

  for (size_t i = 0; i < CERTIFICATE_SHA1_LENGTH; i++)
    g_string_append_printf(text, "%02x", leaf->sha1[i]);
  g_assert_cmpstr(text->str, ==, sha1);
  g_assert_true(certificate_has_thumbprint(leaf, leaf->sha1, CERTIFICATE_SHA1_LENGTH));
  g_assert_true(certificate_has_thumbprint(leaf, leaf->sha256, CERTIFICATE_SHA256_LENGTH));
  g_string_free(text, TRUE);
  g_free(sha1);
}

static void check_certificate(const certificate_t *leaf)
{
  check_line(leaf->subject);
  check_line(leaf->issuer);
  check_lines(leaf->common_names, CERTIFICATE_COMMON_NAMES_MAX);
  check_lines(leaf->dns_names, CERTIFICATE_DER_MAX);
  check_lines(leaf->revocation_hosts, CERTIFICATE_REVOCATION_HOSTS_MAX);
  check_issuer_texts(leaf);
  g_assert_true(leaf->issuer_dn != NULL || leaf->issuer_dn_length == 0);
  g_assert_true(leaf->has_extended_key_usage || (leaf->allows_server_auth && leaf->allows_client_auth));
  if (g_strv_length(leaf->dns_names) == 0)
    g_assert_false(certificate_san_covers(leaf, OUR_NAME));
  if (leaf->common_names[0] == NULL)
    g_assert_false(certificate_subject_covers(leaf, OUR_NAME));
  g_assert_true(certificate_same_names(leaf, leaf) && certificate_same_issuer(leaf, leaf));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  certificate_t *leaf = certificate_parse(data, size);
  certificate_cache_t *cache = certificate_cache_new();
  const certificate_t *cached = certificate_cache_get(cache, (byte_span_t){data, size});

  g_assert_true((leaf == NULL) == (cached == NULL));
  g_assert_true(certificate_cache_get(cache, (byte_span_t){data, size}) == cached);
  if (leaf != NULL) {
    check_thumbprints(leaf, data, size);
    check_certificate(leaf);
  }
  certificate_cache_free(cache);
  certificate_free(leaf);
  return 0;
}
