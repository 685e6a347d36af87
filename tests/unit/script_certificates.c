/* script_certificates.c - the certificates that scripts know, each made when it is first named
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "script_certificates.h"

#include <string.h>

#include "make_certificate.h"

#define DAY_S (24 * 60 * 60)
#define SERVER_CA "CN=Example Issuing CA,O=Example"
#define MACHINE_CA "CN=Machine CA,O=Example"
#define PURPOSE_SERVER "1.3.6.1.5.5.7.3.1"
#define PURPOSE_CLIENT "1.3.6.1.5.5.7.3.2"
#define PURPOSE_ANY "2.5.29.37.0"

static const char *const its_name[] = {SCRIPT_NAME, NULL};
static const char *const another_name[] = {"www.example.net", NULL};
static const char *const for_server[] = {PURPOSE_SERVER, NULL};
static const char *const for_client[] = {PURPOSE_CLIENT, NULL};
static const char *const for_any[] = {PURPOSE_ANY, NULL};

static void add_crl(gnutls_x509_crt_t made)
{
  static const char url[] = "http://" SCRIPT_CRL_NAME "/ca.crl";

  g_assert_cmpint(gnutls_x509_crt_set_crl_dist_points2(made, GNUTLS_SAN_URI, url, sizeof url - 1, 0), >=, 0);
}

static void add_crl_and_ocsp(gnutls_x509_crt_t made)
{
  static char url[] = "http://ocsp.example.com:8080";
  gnutls_datum_t responder = {(unsigned char *)url, sizeof url - 1};

  add_crl(made);
  g_assert_cmpint(gnutls_x509_crt_set_authority_info_access(made, GNUTLS_IA_OCSP_URI, &responder), >=, 0);
}

/* The certificates that scripts know. */
static const struct {
  const char *name;
  certificate_recipe_t recipe;
} certificates[] = {
    {"good", {.subject = "CN=" SCRIPT_NAME, .issuer = SERVER_CA, .dns_names = its_name, .key_purposes = for_server}},
    {"renewed",
     {.subject = "CN=" SCRIPT_NAME ",O=Renewed",
      .issuer = SERVER_CA,
      .dns_names = its_name,
      .key_purposes = for_server}},
    {"subject-only", {.subject = "CN=" SCRIPT_NAME, .issuer = SERVER_CA}},
    {"wildcard", {.subject = "CN=*.example.com", .issuer = SERVER_CA}},
    {"wildcard-elsewhere", {.subject = "CN=*.corp.example.com", .issuer = SERVER_CA}},
    {"other-name", {.subject = "CN=www.example.net", .issuer = SERVER_CA, .dns_names = another_name}},
    {"san-only", {.subject = "CN=edge01.corp.example.com", .issuer = SERVER_CA, .dns_names = its_name}},
    {"expired", {.subject = "CN=" SCRIPT_NAME, .issuer = SERVER_CA, .not_after = SCRIPT_START - DAY_S}},
    {"expires-now", {.subject = "CN=" SCRIPT_NAME, .issuer = SERVER_CA, .not_after = SCRIPT_START}},
    {"future", {.subject = "CN=" SCRIPT_NAME, .issuer = SERVER_CA, .not_before = SCRIPT_START + DAY_S}},
    {"begins-now", {.subject = "CN=" SCRIPT_NAME, .issuer = SERVER_CA, .not_before = SCRIPT_START}},
    {"not-for-servers", {.subject = "CN=" SCRIPT_NAME, .issuer = SERVER_CA, .key_purposes = for_client}},
    {"for-any-purpose", {.subject = "CN=" SCRIPT_NAME, .issuer = SERVER_CA, .key_purposes = for_any}},
    {"self-signed", {.subject = "CN=" SCRIPT_NAME}},
    {"own-name-as-issuer", {.subject = "CN=" SCRIPT_NAME, .issuer = "CN=" SCRIPT_NAME}},
    {"reissued",
     {.subject = "CN=" SCRIPT_NAME,
      .issuer = "CN=Corporate Proxy CA,O=Example",
      .dns_names = its_name,
      .key_purposes = for_server}},
    {"inspected", {.subject = "CN=" SCRIPT_NAME, .issuer = "CN=FG100F,O=Fortinet,OU=Certificate Authority"}},
    {"of-fortinet", {.subject = "CN=" SCRIPT_NAME ",O=Fortinet", .issuer = SERVER_CA}},
    {"machine", {.subject = "CN=pc1.corp.example.com", .issuer = MACHINE_CA, .key_purposes = for_client}},
    {"machine-for-any-purpose", {.subject = "CN=pc2.corp.example.com", .issuer = MACHINE_CA, .key_purposes = for_any}},
    {"machine-for-servers", {.subject = "CN=pc3.corp.example.com", .issuer = MACHINE_CA, .key_purposes = for_server}},
    {"machine-expired",
     {.subject = "CN=pc4.corp.example.com", .issuer = MACHINE_CA, .not_after = SCRIPT_START - DAY_S}},
    {"machine-future",
     {.subject = "CN=pc7.corp.example.com", .issuer = MACHINE_CA, .not_before = SCRIPT_START + DAY_S}},
    {"machine-begins-now", {.subject = "CN=pc8.corp.example.com", .issuer = MACHINE_CA, .not_before = SCRIPT_START}},
    {"machine-expires-now", {.subject = "CN=pc5.corp.example.com", .issuer = MACHINE_CA, .not_after = SCRIPT_START}},
    {"machine-elsewhere", {.subject = "CN=pc6.corp.example.com", .issuer = "CN=Other CA,O=Elsewhere"}},
    {"with-crl", {.subject = "CN=" SCRIPT_NAME, .issuer = SERVER_CA, .adjust = add_crl}},
    {"with-crl-and-ocsp", {.subject = "CN=" SCRIPT_NAME, .issuer = SERVER_CA, .adjust = add_crl_and_ocsp}},
    {"machine-ca", {.subject = MACHINE_CA, .issuer = "CN=Root CA,O=Example"}},
};

static GHashTable *made; /* certificate's name -> GBytes */
static certificate_cache_t *parsed_certificates;

static void set_up_once(void)
{
  if (made != NULL)
    return;
  made = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_bytes_unref);
  parsed_certificates = certificate_cache_new();
}

static byte_span_t span_of(GBytes *bytes)
{
  byte_span_t span;

  span.data = g_bytes_get_data(bytes, &span.length);
  return span;
}

byte_span_t script_certificate(const char *name)
{
  static const uint8_t junk[] = "no certificate";
  GBytes *der;

  set_up_once();
  der = g_hash_table_lookup(made, name);
  if (strcmp(name, "junk") == 0)
    return (byte_span_t){junk, sizeof junk};
  if (der != NULL)
    return span_of(der);
  for (size_t i = 0; i < G_N_ELEMENTS(certificates); i++)
    if (strcmp(certificates[i].name, name) == 0) {
      der = make_certificate(&certificates[i].recipe);
      g_hash_table_insert(made, (gpointer)certificates[i].name, der);
      return span_of(der);
    }
  if (strcmp(name, "ecdsa") == 0) {
    certificate_recipe_t recipe = {.subject = "CN=" SCRIPT_NAME, .issuer = SERVER_CA, .key = test_key(GNUTLS_PK_ECDSA)};

    der = make_certificate(&recipe);
    g_hash_table_insert(made, (gpointer) "ecdsa", der);
    return span_of(der);
  }
  g_error("scripts know no certificate %s", name);
}

const certificate_t *script_parsed_certificate(const char *name)
{
  byte_span_t der = script_certificate(name);

  return certificate_cache_get(parsed_certificates, der);
}
