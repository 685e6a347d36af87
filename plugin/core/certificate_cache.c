/* certificate_cache.c - the certificates of one capture, each parsed once however many sessions show it
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "certificate_cache.h"

#include <glib.h>

struct certificate_cache {
  GHashTable *by_digest; /* SHA-256 of the DER as hexadecimal text -> certificate, or NULL if it cannot be parsed */
  size_t bytes;          /* of DER that has been parsed */
};

static void free_certificate(gpointer value)
{
  certificate_free(value);
}

certificate_cache_t *certificate_cache_new(void)
{
  certificate_cache_t *cache = g_new0(certificate_cache_t, 1);

  cache->by_digest = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_certificate);
  return cache;
}

void certificate_cache_free(certificate_cache_t *cache)
{
  if (cache == NULL)
    return;
  g_hash_table_destroy(cache->by_digest);
  g_free(cache);
}

const certificate_t *certificate_cache_get(certificate_cache_t *cache, byte_span_t der)
{
  gpointer found;
  char *digest;

  if (der.length == 0 || der.length > CERTIFICATE_DER_MAX)
    return NULL;
  digest = g_compute_checksum_for_data(G_CHECKSUM_SHA256, der.data, der.length);
  if (g_hash_table_lookup_extended(cache->by_digest, digest, NULL, &found)) {
    g_free(digest);
    return found;
  }
  if (g_hash_table_size(cache->by_digest) >= CERTIFICATE_CACHE_MAX ||
      der.length > CERTIFICATE_CACHE_BYTES_MAX - cache->bytes) {
    g_free(digest);
    return NULL;
  }
  cache->bytes += der.length;
  found = certificate_parse(der.data, der.length);
  g_hash_table_insert(cache->by_digest, digest, found);
  return found;
}
