/* make_certificate.h - certificates for the tests, made with GnuTLS when the tests run
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_TESTS_MAKE_CERTIFICATE_H
#define IPHTTPS_TESTS_MAKE_CERTIFICATE_H

#include <glib.h>
#include <gnutls/x509.h>
#include <stdint.h>

#include "certificate.h"

#define DEFAULT_NOT_BEFORE INT64_C(1704067200) /* 2024-01-01 00:00:00 UTC */
#define DEFAULT_NOT_AFTER INT64_C(1767225599)  /* 2025-12-31 23:59:59 UTC */
#define WITHOUT_END INT64_C(253402300799)      /* 9999-12-31 23:59:59 UTC, RFC 5280 section 4.1.2.5 */

/* What the certificate is to contain. What is left NULL or 0 is left out, or as the comment says. */
typedef struct {
  const char *subject;       /* RFC 4514 */
  const char *issuer;        /* RFC 4514; NULL for a certificate that names itself as its issuer */
  gnutls_x509_privkey_t key; /* NULL for the test's RSA key */
  gnutls_x509_privkey_t
      signer; /* NULL for the certificate's own key where issuer is NULL, else for the test's CA key */
  const char *const *dns_names;                           /* NULL-terminated */
  const char *const *key_purposes;                        /* NULL-terminated OIDs */
  int64_t not_before;                                     /* seconds since 1970; 0 for DEFAULT_NOT_BEFORE */
  int64_t not_after;                                      /* 0 for DEFAULT_NOT_AFTER */
  void (*adjust)(gnutls_x509_crt_t unsigned_certificate); /* for what has no member above; NULL for nothing */
} certificate_recipe_t;

/* A key made at the first call and kept until the program ends; 1024 bits for RSA, P-256 for ECDSA. */
gnutls_x509_privkey_t test_key(gnutls_pk_algorithm_t algorithm);

/* An RSA key other than test_key()'s. */
gnutls_x509_privkey_t test_ca_key(void);

/* The certificate's DER. Ends the program where GnuTLS cannot make it. */
GBytes *make_certificate(const certificate_recipe_t *recipe);

/* The same, parsed; to be freed with certificate_free(). */
certificate_t *make_and_parse(certificate_recipe_t recipe);

#endif
