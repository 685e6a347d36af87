/* make_certificate.c - certificates for the tests, made with GnuTLS when the tests run
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "make_certificate.h"

#include <string.h>

/* Security does not matter here, and small keys are made quickly under valgrind too. */
#define RSA_BITS 1024

static void must(int status)
{
  if (status < 0)
    g_error("GnuTLS cannot make a certificate for the test: %s", gnutls_strerror(status));
}

static gnutls_x509_privkey_t generate_key(gnutls_pk_algorithm_t algorithm)
{
  const unsigned bits = algorithm == GNUTLS_PK_ECDSA ? GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1) : RSA_BITS;
  gnutls_x509_privkey_t key;
  must(gnutls_x509_privkey_init(&key));
  must(gnutls_x509_privkey_generate(key, algorithm, bits, 0));
  return key;
}

gnutls_x509_privkey_t test_key(gnutls_pk_algorithm_t algorithm)
{
  static gnutls_x509_privkey_t keys[GNUTLS_PK_MAX + 1];
  if (keys[algorithm] == NULL)
    keys[algorithm] = generate_key(algorithm);
  return keys[algorithm];
}

gnutls_x509_privkey_t test_ca_key(void)
{
  static gnutls_x509_privkey_t key;
  if (key == NULL)
    key = generate_key(GNUTLS_PK_RSA);
  return key;
}

static void add_dns_names(gnutls_x509_crt_t made, const char *const *names)
{
  for (; names != NULL && *names != NULL; names++) {
    must(gnutls_x509_crt_set_subject_alt_name(made, GNUTLS_SAN_DNSNAME, *names, (unsigned)strlen(*names),
                                              GNUTLS_FSAN_APPEND));
  }
}

static void add_key_purposes(gnutls_x509_crt_t made, const char *const *purposes)
{
  for (; purposes != NULL && *purposes != NULL; purposes++)
    must(gnutls_x509_crt_set_key_purpose_oid(made, *purposes, 0));
}

/* GnuTLS writes -1 as no end. Windows' functions of time, by which it writes a date there, end with the year 3000. */
static time_t end_of(const certificate_recipe_t *recipe)
{
  if (recipe->not_after == WITHOUT_END)
    return (time_t)-1;
  return recipe->not_after != 0 ? recipe->not_after : DEFAULT_NOT_AFTER;
}

static gnutls_x509_crt_t unsigned_certificate(const certificate_recipe_t *recipe, gnutls_x509_privkey_t key)
{
  static const unsigned char serial[] = {1};
  gnutls_x509_crt_t made;
  must(gnutls_x509_crt_init(&made));
  must(gnutls_x509_crt_set_version(made, 3));
  must(gnutls_x509_crt_set_serial(made, serial, sizeof serial));
  must(gnutls_x509_crt_set_key(made, key));
  must(gnutls_x509_crt_set_activation_time(made, recipe->not_before != 0 ? recipe->not_before : DEFAULT_NOT_BEFORE));
  must(gnutls_x509_crt_set_expiration_time(made, end_of(recipe)));
  if (recipe->subject != NULL)
    must(gnutls_x509_crt_set_dn(made, recipe->subject, NULL));
  add_dns_names(made, recipe->dns_names);
  add_key_purposes(made, recipe->key_purposes);
  if (recipe->adjust != NULL)
    recipe->adjust(made);
  return made;
}

static void sign_by_itself(gnutls_x509_crt_t made, gnutls_x509_privkey_t signer)
{
  must(gnutls_x509_crt_sign2(made, made, signer, GNUTLS_DIG_SHA256, 0));
}

static void sign_by_issuer(gnutls_x509_crt_t made, const char *issuer_name, gnutls_x509_privkey_t signer)
{
  gnutls_x509_crt_t issuer;
  must(gnutls_x509_crt_init(&issuer));
  must(gnutls_x509_crt_set_dn(issuer, issuer_name, NULL));
  must(gnutls_x509_crt_set_key(issuer, signer));
  must(gnutls_x509_crt_sign2(made, issuer, signer, GNUTLS_DIG_SHA256, 0));
  gnutls_x509_crt_deinit(issuer);
}

GBytes *make_certificate(const certificate_recipe_t *recipe)
{
  gnutls_x509_privkey_t key = recipe->key != NULL ? recipe->key : test_key(GNUTLS_PK_RSA);
  gnutls_x509_crt_t made = unsigned_certificate(recipe, key);
  if (recipe->issuer == NULL)
    sign_by_itself(made, recipe->signer != NULL ? recipe->signer : key);
  else
    sign_by_issuer(made, recipe->issuer, recipe->signer != NULL ? recipe->signer : test_ca_key());
  gnutls_datum_t der = {NULL, 0};
  must(gnutls_x509_crt_export2(made, GNUTLS_X509_FMT_DER, &der));
  gnutls_x509_crt_deinit(made);
  return g_bytes_new_with_free_func(der.data, der.size, (GDestroyNotify)gnutls_free, der.data);
}

certificate_t *make_and_parse(certificate_recipe_t recipe)
{
  GBytes *der = make_certificate(&recipe);
  certificate_t *parsed = certificate_parse(g_bytes_get_data(der, NULL), g_bytes_get_size(der));

  g_assert_nonnull(parsed);
  g_bytes_unref(der);
  return parsed;
}
