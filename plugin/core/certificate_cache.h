/* certificate_cache.h - the certificates of one capture, each parsed once however many sessions show it
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_CORE_CERTIFICATE_CACHE_H
#define IPHTTPS_CORE_CERTIFICATE_CACHE_H

#include "bytes.h"
#include "certificate.h"

/* Beyond these nothing new is parsed. The DER is kept, and a single one may hold thousands of names. */
#define CERTIFICATE_CACHE_MAX 4096            /* certificates */
#define CERTIFICATE_CACHE_BYTES_MAX (8 << 20) /* of their DER */

typedef struct certificate_cache certificate_cache_t;

/* An empty cache; free with certificate_cache_free(), which frees all certificates handed out. */
certificate_cache_t *certificate_cache_new(void);
void certificate_cache_free(certificate_cache_t *cache);

/* The certificate with this DER. Owned by the cache. NULL where it cannot be parsed or the cache is full. */
const certificate_t *certificate_cache_get(certificate_cache_t *cache, byte_span_t der);

#endif
