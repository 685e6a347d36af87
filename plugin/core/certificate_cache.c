/* certificate_cache.c - the certificates of one capture, each parsed once however many sessions show it
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "certificate_cache.h"

#include <glib.h>

struct certificate_cache {
  GHashTable *by_der; /* GBytes -> certificate_t, or NULL if it cannot be parsed */
  size_t bytes;       /* of all DER in it */
};

/* A certificate ends with its signature, which no other one has. */
static guint hash_of_end(gconstpointer key)
{
  enum { END_BYTES = 32 };
  gsize length;
  const uint8_t *der = g_bytes_get_data((GBytes *)key, &length);
  guint hash = (guint)length;

  for (size_t i = length - MIN(length, END_BYTES); i < length; i++)
    hash = hash * 31 + der[i];
  return hash;
}

static void free_key(gpointer key)
{
  g_bytes_unref(key);
}

static void free_certificate(gpointer value)
{
  certificate_free(value);
}

certificate_cache_t *certificate_cache_new(void)
{
  certificate_cache_t *cache = g_new0(certificate_cache_t, 1);

  cache->by_der = g_hash_table_new_full(hash_of_end, g_bytes_equal, free_key, free_certificate);
  return cache;
}

void certificate_cache_free(certificate_cache_t *cache)
{
  if (cache == NULL)
    return;
  g_hash_table_destroy(cache->by_der);
  g_free(cache);
}

static const certificate_t *add(certificate_cache_t *cache, byte_span_t der)
{
  certificate_t *parsed;

  if (g_hash_table_size(cache->by_der) >= CERTIFICATE_CACHE_MAX ||
      der.length > CERTIFICATE_CACHE_BYTES_MAX - cache->bytes)
    return NULL;
  cache->bytes += der.length;
  parsed = certificate_parse(der.data, der.length);
  g_hash_table_insert(cache->by_der, g_bytes_new(der.data, der.length), parsed);
  return parsed;
}

const certificate_t *certificate_cache_get(certificate_cache_t *cache, byte_span_t der)
{
  GBytes *shown;
  gpointer known = NULL;
  bool is_known;

  if (der.length == 0 || der.length > CERTIFICATE_DER_MAX)
    return NULL;
  shown = g_bytes_new_static(der.data, der.length);
  is_known = g_hash_table_lookup_extended(cache->by_der, shown, NULL, &known);
  g_bytes_unref(shown);
  return is_known ? known : add(cache, der);
}
