/* test_certificate.c - what is read from an X.509 certificate
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "certificate.h"
#include "make_certificate.h"

#include <string.h>

#define SUBJECT "CN=da.example.com,O=Example,C=DE"
#define CA "CN=Example Issuing CA,OU=PKI,OU=Munich,O=Example,C=DE"
#define MUTATIONS 2000

static certificate_t *parse(GBytes *der)
{
  gsize length;
  const uint8_t *bytes = g_bytes_get_data(der, &length);
  return certificate_parse(bytes, length);
}

/* Made with OpenSSL 3.0 (openssl req -x509); the expected values are those of "openssl x509 -noout -fingerprint
 * -dates". */
static const char openssl_pem[] = "-----BEGIN CERTIFICATE-----\n"
                                  "MIICDzCCAbWgAwIBAgIUNYrqUNYdc1KMDSpwUNvI5AKR4MQwCgYIKoZIzj0EAwIw\n"
                                  "ODELMAkGA1UEBhMCREUxEDAOBgNVBAoMB0V4YW1wbGUxFzAVBgNVBAMMDmRhLmV4\n"
                                  "YW1wbGUuY29tMB4XDTI2MTEyMjEyNDcxMFoXDTM2MTExOTEyNDcxMFowODELMAkG\n"
                                  "A1UEBhMCREUxEDAOBgNVBAoMB0V4YW1wbGUxFzAVBgNVBAMMDmRhLmV4YW1wbGUu\n"
                                  "Y29tMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEmfQq7j+Wo+jqDktJZTLVNFce\n"
                                  "okDSOL6TL0Yt0GOtZ7bdpXnWah/3xmMTZEp0d1GOpwn/pn7W5qbpYpp5P8URvKOB\n"
                                  "nDCBmTAdBgNVHQ4EFgQUyMubyG0sp+Yl2+b2qyEJmyVwY3swHwYDVR0jBBgwFoAU\n"
                                  "yMubyG0sp+Yl2+b2qyEJmyVwY3swDwYDVR0TAQH/BAUwAwEB/zAxBgNVHREEKjAo\n"
                                  "gg5kYS5leGFtcGxlLmNvbYIQKi5kYS5leGFtcGxlLmNvbYcEwAACATATBgNVHSUE\n"
                                  "DDAKBggrBgEFBQcDATAKBggqhkjOPQQDAgNIADBFAiARWVegx2oWaDgVvAw+75UB\n"
                                  "NCr432MS15pPwnvSQ8PVCwIhAKZ5xMGPSUcz8/2IeXs9DkaqWqEOmaqwoWX4Qe8E\n"
                                  "zwHL\n"
                                  "-----END CERTIFICATE-----\n";

static void test_agrees_with_openssl(void)
{
  static const uint8_t sha1[] = {0x7A, 0x93, 0x36, 0x4E, 0x98, 0x38, 0x9D, 0xAB, 0x34, 0x32,
                                 0x64, 0x82, 0xE1, 0xF2, 0x2B, 0x01, 0xB5, 0x3B, 0x48, 0x7D};
  static const uint8_t sha256[] = {0xB4, 0x73, 0xE9, 0xD5, 0xE9, 0x1F, 0x3E, 0x38, 0x51, 0xFA, 0xF5,
                                   0xE5, 0xC9, 0x63, 0x95, 0x84, 0x06, 0xC2, 0xF6, 0x51, 0x8E, 0xD9,
                                   0x49, 0xE3, 0x00, 0x2E, 0x42, 0x80, 0xA2, 0x7B, 0x14, 0xD6};
  const gnutls_datum_t pem = {(unsigned char *)openssl_pem, sizeof openssl_pem - 1};
  gnutls_datum_t der;
  g_assert_cmpint(gnutls_pem_base64_decode2("CERTIFICATE", &pem, &der), ==, 0);
  certificate_t *leaf = certificate_parse(der.data, der.size);
  g_assert_nonnull(leaf);
  g_assert_cmpmem(leaf->sha1, sizeof leaf->sha1, sha1, sizeof sha1);
  g_assert_cmpmem(leaf->sha256, sizeof leaf->sha256, sha256, sizeof sha256);
  g_assert_cmpstr(leaf->subject, ==, SUBJECT);
  g_assert_cmpstr(leaf->issuer, ==, SUBJECT);
  g_assert_cmpint(leaf->not_before, ==, 1795351630);
  g_assert_cmpint(leaf->not_after, ==, 2110711630);
  g_assert_true(leaf->self_signed);
  g_assert_false(leaf->key_is_rsa);
  g_assert_true(leaf->allows_server_auth);
  g_assert_false(leaf->allows_client_auth);
  certificate_free(leaf);
  gnutls_free(der.data);
}

static void test_issued_by_ca(void)
{
  static const char *const names[] = {"da.example.com", "*.da.example.com", NULL};
  certificate_t *leaf = make_and_parse((certificate_recipe_t){.subject = SUBJECT, .issuer = CA, .dns_names = names});
  g_assert_cmpstr(leaf->subject, ==, SUBJECT);
  g_assert_cmpstr(leaf->common_names[0], ==, "da.example.com");
  g_assert_cmpstr(leaf->issuer, ==, CA);
  g_assert_cmpstr(leaf->issuer_texts, ==, "example issuing ca\nexample\nmunich\npki");
  g_assert_cmpstrv(leaf->dns_names, names);
  g_assert_cmpint(leaf->not_before, ==, DEFAULT_NOT_BEFORE);
  g_assert_cmpint(leaf->not_after, ==, DEFAULT_NOT_AFTER);
  g_assert_false(leaf->self_signed);
  g_assert_true(leaf->key_is_rsa);
  certificate_free(leaf);
}

/* The bytes a CertificateRequest would list for the CA are those of the CA certificate's own subject. */
static void test_issuer_dn_is_the_ca_subject(void)
{
  GBytes *ca_der = make_certificate(&(certificate_recipe_t){.subject = CA, .key = test_ca_key()});
  const gnutls_datum_t encoded = {(unsigned char *)g_bytes_get_data(ca_der, NULL), (unsigned)g_bytes_get_size(ca_der)};
  gnutls_x509_crt_t ca;
  gnutls_datum_t subject;
  g_assert_cmpint(gnutls_x509_crt_init(&ca), ==, 0);
  g_assert_cmpint(gnutls_x509_crt_import(ca, &encoded, GNUTLS_X509_FMT_DER), ==, 0);
  g_assert_cmpint(gnutls_x509_crt_get_raw_dn(ca, &subject), ==, 0);

  certificate_t *leaf = make_and_parse((certificate_recipe_t){.subject = SUBJECT, .issuer = CA});
  g_assert_cmpmem(leaf->issuer_dn, leaf->issuer_dn_length, subject.data, subject.size);
  certificate_free(leaf);
  gnutls_free(subject.data);
  gnutls_x509_crt_deinit(ca);
  g_bytes_unref(ca_der);
}

static bool is_self_signed(certificate_recipe_t recipe)
{
  certificate_t *leaf = make_and_parse(recipe);
  const bool answer = leaf->self_signed;
  certificate_free(leaf);
  return answer;
}

static void forbid_signing_certificates(gnutls_x509_crt_t made)
{
  gnutls_x509_crt_set_basic_constraints(made, 0, -1);
  gnutls_x509_crt_set_key_usage(made, GNUTLS_KEY_KEY_ENCIPHERMENT);
}

static void test_self_signed(void)
{
  gnutls_x509_privkey_t ecdsa = test_key(GNUTLS_PK_ECDSA);
  g_assert_true(is_self_signed((certificate_recipe_t){.subject = SUBJECT}));
  g_assert_true(is_self_signed((certificate_recipe_t){.subject = SUBJECT, .key = ecdsa}));
  g_assert_true(is_self_signed((certificate_recipe_t){.subject = SUBJECT, .adjust = forbid_signing_certificates}));
  g_assert_true(is_self_signed((certificate_recipe_t){.subject = SUBJECT, .not_after = DEFAULT_NOT_BEFORE + 1}));
  g_assert_false(is_self_signed((certificate_recipe_t){.subject = SUBJECT, .issuer = CA}));
}

static void test_same_name_is_not_self_signed(void)
{
  gnutls_x509_privkey_t ecdsa = test_key(GNUTLS_PK_ECDSA);
  g_assert_false(is_self_signed((certificate_recipe_t){.subject = CA, .issuer = CA}));
  g_assert_false(is_self_signed((certificate_recipe_t){.subject = CA, .signer = test_ca_key()}));
  g_assert_false(is_self_signed((certificate_recipe_t){.subject = CA, .issuer = CA, .key = ecdsa}));
  g_assert_false(
      is_self_signed((certificate_recipe_t){.subject = SUBJECT, .issuer = CA, .signer = test_key(GNUTLS_PK_RSA)}));
}

static void test_key_kinds(void)
{
  static const struct {
    gnutls_pk_algorithm_t algorithm;
    bool is_rsa;
  } kinds[] = {
      {GNUTLS_PK_RSA, true},
      {GNUTLS_PK_RSA_PSS, false},
      {GNUTLS_PK_ECDSA, false},
      {GNUTLS_PK_EDDSA_ED25519, false},
  };
  for (size_t at = 0; at < G_N_ELEMENTS(kinds); at++) {
    certificate_t *leaf =
        make_and_parse((certificate_recipe_t){.subject = SUBJECT, .issuer = CA, .key = test_key(kinds[at].algorithm)});
    g_assert_cmpint(leaf->key_is_rsa, ==, kinds[at].is_rsa);
    certificate_free(leaf);
  }
}

static void test_key_purposes(void)
{
  static const struct {
    const char *purposes[3];
    bool extension, server, client;
  } rows[] = {
      {{NULL}, false, true, true},
      {{"1.3.6.1.5.5.7.3.1", NULL}, true, true, false},
      {{"1.3.6.1.5.5.7.3.2", NULL}, true, false, true},
      {{"1.3.6.1.5.5.7.3.3", "1.3.6.1.5.5.7.3.1", NULL}, true, true, false},
      {{"1.3.6.1.5.5.7.3.3", NULL}, true, false, false},
      {{"2.5.29.37.0", NULL}, true, true, true},
  };
  for (size_t at = 0; at < G_N_ELEMENTS(rows); at++) {
    certificate_t *leaf =
        make_and_parse((certificate_recipe_t){.subject = SUBJECT, .issuer = CA, .key_purposes = rows[at].purposes});
    g_assert_cmpint(leaf->has_extended_key_usage, ==, rows[at].extension);
    g_assert_cmpint(leaf->allows_server_auth, ==, rows[at].server);
    g_assert_cmpint(leaf->allows_client_auth, ==, rows[at].client);
    certificate_free(leaf);
  }
}

static void add_unreadable_key_purposes(gnutls_x509_crt_t made)
{
  static const uint8_t null[] = {0x05, 0x00};
  gnutls_x509_crt_set_extension_by_oid(made, "2.5.29.37", null, sizeof null, 0);
}

static void test_unreadable_key_purposes(void)
{
  certificate_t *leaf =
      make_and_parse((certificate_recipe_t){.subject = SUBJECT, .issuer = CA, .adjust = add_unreadable_key_purposes});
  g_assert_true(leaf->has_extended_key_usage);
  g_assert_false(leaf->allows_server_auth);
  g_assert_false(leaf->allows_client_auth);
  certificate_free(leaf);
}

static void test_validity(void)
{
  static const struct {
    int64_t not_before, not_after;
  } rows[] = {
      {946684800, 978307199},   /* 2000, long expired */
      {2524607999, 2524608000}, /* across 2050, where UTCTime becomes GeneralizedTime */
      {4102444800, 7258118400}, /* 2100 to 2200 */
      {1704067200, WITHOUT_END},
  };
  for (size_t at = 0; at < G_N_ELEMENTS(rows); at++) {
    certificate_t *leaf = make_and_parse((certificate_recipe_t){
        .subject = SUBJECT, .issuer = CA, .not_before = rows[at].not_before, .not_after = rows[at].not_after});
    g_assert_cmpint(leaf->not_before, ==, rows[at].not_before);
    g_assert_cmpint(leaf->not_after, ==, rows[at].not_after);
    certificate_free(leaf);
  }
}

static void test_thumbprint(void)
{
  GBytes *der = make_certificate(&(certificate_recipe_t){.subject = SUBJECT});
  certificate_t *leaf = parse(der);
  uint8_t other[CERTIFICATE_SHA256_LENGTH];
  memcpy(other, leaf->sha256, sizeof other);
  other[CERTIFICATE_SHA256_LENGTH - 1] ^= 1;
  g_assert_true(certificate_has_thumbprint(leaf, leaf->sha1, CERTIFICATE_SHA1_LENGTH));
  g_assert_true(certificate_has_thumbprint(leaf, leaf->sha256, CERTIFICATE_SHA256_LENGTH));
  g_assert_false(certificate_has_thumbprint(leaf, other, CERTIFICATE_SHA256_LENGTH));
  g_assert_false(certificate_has_thumbprint(leaf, leaf->sha256, CERTIFICATE_SHA1_LENGTH));
  g_assert_false(certificate_has_thumbprint(leaf, leaf->sha1, 0));
  g_assert_false(certificate_has_thumbprint(leaf, leaf->sha1, 19));
  certificate_free(leaf);
  g_bytes_unref(der);
}

static void add_crl_point(gnutls_x509_crt_t made, const char *url)
{
  g_assert_cmpint(gnutls_x509_crt_set_crl_dist_points2(made, GNUTLS_SAN_URI, url, (unsigned)strlen(url), 0), ==, 0);
}

static void add_access_description(gnutls_x509_crt_t made, int what, const char *url)
{
  char *text = g_strdup(url);

  g_assert_cmpint(gnutls_x509_crt_set_authority_info_access(
                      made, what, &(gnutls_datum_t){(unsigned char *)text, (unsigned)strlen(text)}),
                  ==, 0);
  g_free(text);
}

static void add_revocation_addresses(gnutls_x509_crt_t made)
{
  static const char *const others[] = {
      "ldap:///CN=CA,CN=CDP",
      "ldap://dc1.corp.example.com/CN=CA",
      "https://secure.example.com/ca.crl",
      "http:///ca.crl",
      "http://user@example.com/ca.crl",
      "http://two words/ca.crl",
      "ca.crl",
  };

  add_access_description(made, GNUTLS_IA_CAISSUERS_URI, "http://issuers.example.com/ca.crt");
  add_access_description(made, GNUTLS_IA_OCSP_URI, "http://ocsp.example.com:8080");
  add_access_description(made, GNUTLS_IA_OCSP_URI, "HTTP://CRL.example.com?ocsp");
  for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
    add_crl_point(made, others[i]);
  add_crl_point(made, "http://crl.example.com/ca.crl");
  add_crl_point(made, "http://[2001:db8::80]/ca.crl");
}

/* Those of HTTP alone, of the CRL first; what tells of the issuer's certificate is not among them. */
static void test_revocation_hosts(void)
{
  static const char *const hosts[] = {"crl.example.com", "[2001:db8::80]", "ocsp.example.com:8080", NULL};
  certificate_t *leaf = make_and_parse((certificate_recipe_t){.subject = SUBJECT, .adjust = add_revocation_addresses});
  certificate_t *without = make_and_parse((certificate_recipe_t){.subject = SUBJECT});

  g_assert_cmpstrv(leaf->revocation_hosts, hosts);
  g_assert_null(without->revocation_hosts[0]);
  certificate_free(without);
  certificate_free(leaf);
}

static void add_many_crl_points(gnutls_x509_crt_t made)
{
  for (int i = 0; i <= CERTIFICATE_REVOCATION_HOSTS_MAX; i++) {
    char *url = g_strdup_printf("http://crl%d.example.com/", i);

    add_crl_point(made, url);
    g_free(url);
  }
}

static void test_many_revocation_hosts(void)
{
  certificate_t *leaf = make_and_parse((certificate_recipe_t){.subject = SUBJECT, .adjust = add_many_crl_points});

  g_assert_cmpuint(g_strv_length(leaf->revocation_hosts), ==, CERTIFICATE_REVOCATION_HOSTS_MAX);
  certificate_free(leaf);
}

static void add_large_name(gnutls_x509_crt_t made)
{
  char *name = g_strnfill(CERTIFICATE_DER_MAX, 'a');
  g_assert_cmpint(
      gnutls_x509_crt_set_subject_alt_name(made, GNUTLS_SAN_URI, name, CERTIFICATE_DER_MAX, GNUTLS_FSAN_SET), ==, 0);
  g_free(name);
}

static void test_too_large(void)
{
  GBytes *der = make_certificate(&(certificate_recipe_t){.subject = SUBJECT, .adjust = add_large_name});
  g_assert_cmpuint(g_bytes_get_size(der), >, CERTIFICATE_DER_MAX);
  g_assert_null(parse(der));
  g_bytes_unref(der);
}

static void test_not_a_certificate(void)
{
  static const uint8_t text[] = "HTTP/1.1 400 Bad Request\r\n\r\n";
  static const uint8_t empty_sequence[] = {0x30, 0x00};
  static const uint8_t endless[] = {0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0x30};
  g_assert_null(certificate_parse(NULL, 0));
  g_assert_null(certificate_parse(text, sizeof text - 1));
  g_assert_null(certificate_parse(empty_sequence, sizeof empty_sequence));
  g_assert_null(certificate_parse(endless, sizeof endless));
  certificate_free(NULL);
}

static GBytes *rich_certificate(void)
{
  static const char *const names[] = {"da.example.com", "*.example.com", NULL};
  static const char *const purposes[] = {"1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2", NULL};
  return make_certificate(
      &(certificate_recipe_t){.subject = SUBJECT, .issuer = CA, .dns_names = names, .key_purposes = purposes});
}

/* Every prefix stands in a block of exactly its length, so that a sanitiser sees a byte read beyond it. */
static void test_truncated_at_every_byte(void)
{
  GBytes *der = rich_certificate();
  for (size_t length = 0; length < g_bytes_get_size(der); length++) {
    uint8_t *prefix = g_memdup2(g_bytes_get_data(der, NULL), length);
    g_assert_null(certificate_parse(prefix, length));
    g_free(prefix);
  }
  g_bytes_unref(der);
}

static void assert_one_line(const char *text)
{
  g_assert_true(g_utf8_validate(text, -1, NULL));
  for (const char *at = text; *at != '\0'; at = g_utf8_next_char(at))
    g_assert_false(g_unichar_iscntrl(g_utf8_get_char(at)));
}

static void assert_sound(const certificate_t *leaf)
{
  assert_one_line(leaf->subject);
  assert_one_line(leaf->issuer);
  assert_one_line(leaf->common_names[0] != NULL ? leaf->common_names[0] : "");
  for (char **name = leaf->dns_names; *name != NULL; name++)
    assert_one_line(*name);
  for (char **host = leaf->revocation_hosts; *host != NULL; host++)
    assert_one_line(*host);
  char **issuer_texts = g_strsplit(leaf->issuer_texts, "\n", -1);
  g_assert_cmpuint(g_strv_length(issuer_texts), <=, CERTIFICATE_ISSUER_TEXTS_MAX);
  for (char **text = issuer_texts; *text != NULL; text++)
    assert_one_line(*text);
  g_strfreev(issuer_texts);
  g_assert_true(leaf->has_extended_key_usage || (leaf->allows_server_auth && leaf->allows_client_auth));
}

static void test_mutated(void)
{
  GBytes *der = rich_certificate();
  const size_t length = g_bytes_get_size(der);
  GRand *changed = g_rand_new_with_seed(1);
  unsigned parsed = 0;
  for (int round = 0; round < MUTATIONS; round++) {
    uint8_t *bytes = g_memdup2(g_bytes_get_data(der, NULL), length);
    for (int changes = g_rand_int_range(changed, 1, 4); changes > 0; changes--)
      bytes[g_rand_int_range(changed, 0, (gint32)length)] = (uint8_t)g_rand_int_range(changed, 0, 256);
    certificate_t *leaf = certificate_parse(bytes, length);
    if (leaf != NULL) {
      assert_sound(leaf);
      parsed++;
    }
    certificate_free(leaf);
    g_free(bytes);
  }
  g_test_message("%u of %d mutated certificates still parse", parsed, MUTATIONS);
  g_assert_cmpuint(parsed, >, 0);
  g_rand_free(changed);
  g_bytes_unref(der);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/certificate/agrees_with_openssl", test_agrees_with_openssl);
  g_test_add_func("/certificate/issued_by_ca", test_issued_by_ca);
  g_test_add_func("/certificate/issuer_dn_is_the_ca_subject", test_issuer_dn_is_the_ca_subject);
  g_test_add_func("/certificate/self_signed", test_self_signed);
  g_test_add_func("/certificate/same_name_is_not_self_signed", test_same_name_is_not_self_signed);
  g_test_add_func("/certificate/key_kinds", test_key_kinds);
  g_test_add_func("/certificate/key_purposes", test_key_purposes);
  g_test_add_func("/certificate/unreadable_key_purposes", test_unreadable_key_purposes);
  g_test_add_func("/certificate/validity", test_validity);
  g_test_add_func("/certificate/thumbprint", test_thumbprint);
  g_test_add_func("/certificate/revocation_hosts", test_revocation_hosts);
  g_test_add_func("/certificate/many_revocation_hosts", test_many_revocation_hosts);
  g_test_add_func("/certificate/too_large", test_too_large);
  g_test_add_func("/certificate/not_a_certificate", test_not_a_certificate);
  g_test_add_func("/certificate/truncated_at_every_byte", test_truncated_at_every_byte);
  g_test_add_func("/certificate/mutated", test_mutated);
  return g_test_run();
}
