/* certificate.c - what of an X.509 certificate matters to DirectAccess
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "certificate.h"

#include <string.h>

#include <glib.h>
#include <gnutls/x509-ext.h>
#include <gnutls/x509.h>

#include "endpoint.h"
#include "text.h"

typedef int (*attribute_reader_t)(gnutls_x509_crt_t parsed, const char *oid, unsigned index, unsigned raw, void *value,
                                  size_t *size);
typedef int (*name_reader_t)(gnutls_x509_crt_t parsed, gnutls_datum_t *name, unsigned flags);

/* A name without attributes has no text; GnuTLS calls that an error. */
static char *name_text(gnutls_x509_crt_t parsed, name_reader_t read)
{
  gnutls_datum_t name = {NULL, 0};
  if (read(parsed, &name, 0) < 0)
    return g_strdup("");
  char *text = text_printable(name.data, name.size, CERTIFICATE_TEXT_MAX);
  gnutls_free(name.data);
  return text;
}

/* Appends an attribute's values in the order of the name, max of them at the most. What GnuTLS cannot read as text, and
 * what is too long to be a name, is left out. */
static void append_attribute(GPtrArray *texts, gnutls_x509_crt_t parsed, attribute_reader_t read, const char *oid,
                             unsigned max)
{
  for (unsigned i = 0; i < max; i++) {
    char value[CERTIFICATE_TEXT_MAX];
    size_t size = sizeof value;
    int status = read(parsed, oid, i, 0, value, &size);

    if (status == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
      return;
    if (status == GNUTLS_E_SUCCESS)
      g_ptr_array_add(texts, text_printable(value, size, CERTIFICATE_TEXT_MAX));
  }
}

static char **string_vector(GPtrArray *texts)
{
  g_ptr_array_add(texts, NULL);
  return (char **)g_ptr_array_free(texts, FALSE);
}

/* A distinguished name begins with the least specific attribute, so the last common name is the most specific. */
static char **subject_common_names(gnutls_x509_crt_t parsed)
{
  GPtrArray *names = g_ptr_array_new();

  append_attribute(names, parsed, gnutls_x509_crt_get_dn_by_oid, GNUTLS_OID_X520_COMMON_NAME,
                   CERTIFICATE_COMMON_NAMES_MAX);
  for (guint i = 0; i < names->len / 2; i++) {
    gpointer swapped = names->pdata[i];

    names->pdata[i] = names->pdata[names->len - 1 - i];
    names->pdata[names->len - 1 - i] = swapped;
  }
  return string_vector(names);
}

static char *issuer_texts(gnutls_x509_crt_t parsed)
{
  static const char *const oids[] = {
      GNUTLS_OID_X520_COMMON_NAME,
      GNUTLS_OID_X520_ORGANIZATION_NAME,
      GNUTLS_OID_X520_ORGANIZATIONAL_UNIT_NAME,
  };
  GPtrArray *texts = g_ptr_array_new();

  for (size_t i = 0; i < G_N_ELEMENTS(oids); i++)
    append_attribute(texts, parsed, gnutls_x509_crt_get_issuer_dn_by_oid, oids[i], CERTIFICATE_ISSUER_TEXTS_MAX);
  char **values = string_vector(texts), *lines = g_strjoinv("\n", values), *folded = g_utf8_casefold(lines, -1);

  g_free(lines);
  g_strfreev(values);
  return folded;
}

static void append_dns_names(GPtrArray *names, const gnutls_datum_t *extension)
{
  gnutls_subject_alt_names_t parsed;
  gnutls_datum_t name;
  unsigned type;

  if (gnutls_subject_alt_names_init(&parsed) < 0)
    return;
  if (gnutls_x509_ext_import_subject_alt_names(extension, parsed, 0) >= 0)
    for (unsigned i = 0; gnutls_subject_alt_names_get(parsed, i, &type, &name, NULL) >= 0; i++)
      if (type == GNUTLS_SAN_DNSNAME && name.size < CERTIFICATE_TEXT_MAX)
        g_ptr_array_add(names, text_printable(name.data, name.size, CERTIFICATE_TEXT_MAX));
  gnutls_subject_alt_names_deinit(parsed);
}

/* What `append` finds in an extension of the certificate; nothing where it has none. */
static void append_from_extension(GPtrArray *texts, gnutls_x509_crt_t parsed, const char *oid,
                                  void (*append)(GPtrArray *texts, const gnutls_datum_t *extension))
{
  gnutls_datum_t extension = {NULL, 0};

  if (gnutls_x509_crt_get_extension_by_oid2(parsed, oid, 0, &extension, NULL) < 0)
    return;
  append(texts, &extension);
  gnutls_free(extension.data);
}

static char **dns_names(gnutls_x509_crt_t parsed)
{
  GPtrArray *names = g_ptr_array_new();

  append_from_extension(names, parsed, GNUTLS_X509EXT_OID_SAN, append_dns_names);
  return string_vector(names);
}

/* The authority of an "http" URL (RFC 3986 section 3.2), NULL if it is another one, or names no host; to be freed with
 * g_free(). Windows fetches nothing by HTTPS here; LDAP's addresses name a host inside the company, or none. */
static char *http_authority(const gnutls_datum_t *url)
{
  static const char scheme[] = "http://";
  char *text = g_strndup((const char *)url->data, MIN(url->size, CERTIFICATE_TEXT_MAX)), *authority = NULL;

  if (g_ascii_strncasecmp(text, scheme, strlen(scheme)) == 0) {
    char *start = text + strlen(scheme);

    start[strcspn(start, "/?#")] = '\0';
    if (start[0] != '\0' && strlen(start) <= ENDPOINT_NAME_MAX &&
        strspn(start, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-._:[]") == strlen(start))
      authority = g_ascii_strdown(start, -1);
  }
  g_free(text);
  return authority;
}

static void append_host(GPtrArray *hosts, const gnutls_datum_t *url)
{
  char *authority = http_authority(url);

  if (authority == NULL || hosts->len >= CERTIFICATE_REVOCATION_HOSTS_MAX ||
      g_ptr_array_find_with_equal_func(hosts, authority, g_str_equal, NULL))
    g_free(authority);
  else
    g_ptr_array_add(hosts, authority);
}

static void append_crl_hosts(GPtrArray *hosts, const gnutls_datum_t *extension)
{
  gnutls_x509_crl_dist_points_t points;
  gnutls_datum_t name;
  unsigned type;

  if (gnutls_x509_crl_dist_points_init(&points) < 0)
    return;
  if (gnutls_x509_ext_import_crl_dist_points(extension, points, 0) >= 0)
    for (unsigned i = 0; gnutls_x509_crl_dist_points_get(points, i, &type, &name, NULL) >= 0; i++)
      if (type == GNUTLS_SAN_URI)
        append_host(hosts, &name);
  gnutls_x509_crl_dist_points_deinit(points);
}

static bool is_oid(const gnutls_datum_t *read, const char *oid)
{
  return read->size == strlen(oid) && memcmp(read->data, oid, read->size) == 0;
}

static void append_ocsp_hosts(GPtrArray *hosts, const gnutls_datum_t *extension)
{
  gnutls_x509_aia_t descriptions;
  gnutls_datum_t method, name;
  unsigned type;

  if (gnutls_x509_aia_init(&descriptions) < 0)
    return;
  if (gnutls_x509_ext_import_aia(extension, descriptions, 0) >= 0)
    for (unsigned i = 0; gnutls_x509_aia_get(descriptions, i, &method, &type, &name) >= 0; i++)
      if (type == GNUTLS_SAN_URI && is_oid(&method, GNUTLS_OID_AD_OCSP))
        append_host(hosts, &name);
  gnutls_x509_aia_deinit(descriptions);
}

static char **revocation_hosts(gnutls_x509_crt_t parsed)
{
  GPtrArray *hosts = g_ptr_array_new();

  append_from_extension(hosts, parsed, GNUTLS_X509EXT_OID_CRL_DIST_POINTS, append_crl_hosts);
  append_from_extension(hosts, parsed, GNUTLS_X509EXT_OID_AUTHORITY_INFO_ACCESS, append_ocsp_hosts);
  return string_vector(hosts);
}

/* Whether the certificate is its own issuer: asked as for an untrusted one, whose only possible issuer is itself. That
 * a machine's policy calls its algorithm weak is no answer to that. */
static bool is_self_signed(gnutls_x509_crt_t parsed)
{
  const unsigned flags = GNUTLS_VERIFY_DO_NOT_ALLOW_SAME | GNUTLS_VERIFY_DISABLE_CA_SIGN |
                         GNUTLS_VERIFY_DISABLE_TIME_CHECKS | GNUTLS_VERIFY_IGNORE_UNKNOWN_CRIT_EXTENSIONS |
                         GNUTLS_VERIFY_ALLOW_BROKEN | GNUTLS_VERIFY_ALLOW_SIGN_WITH_SHA1;
  const unsigned weak = GNUTLS_CERT_INVALID | GNUTLS_CERT_INSECURE_ALGORITHM;
  unsigned status;
  return gnutls_x509_crt_verify(parsed, &parsed, 1, flags, &status) >= 0 && (status == 0 || status == weak);
}

static void fill_issuer_dn(certificate_t *leaf, gnutls_x509_crt_t parsed)
{
  gnutls_datum_t name = {NULL, 0};
  if (gnutls_x509_crt_get_raw_issuer_dn(parsed, &name) >= 0) {
    leaf->issuer_dn = g_memdup2(name.data, name.size);
    leaf->issuer_dn_length = name.size;
    gnutls_free(name.data);
  }
}

static bool lists_purpose(gnutls_x509_key_purposes_t purposes, const char *oid)
{
  gnutls_datum_t listed;
  for (unsigned index = 0; gnutls_x509_key_purpose_get(purposes, index, &listed) >= 0; index++)
    if (is_oid(&listed, oid))
      return true;
  return false;
}

/* An extension that cannot be read allows nothing. */
static void fill_key_purposes(certificate_t *leaf, gnutls_x509_crt_t parsed)
{
  gnutls_datum_t extension = {NULL, 0};
  gnutls_x509_key_purposes_t purposes;
  if (gnutls_x509_crt_get_extension_by_oid2(parsed, GNUTLS_X509EXT_OID_EXTENDED_KEY_USAGE, 0, &extension, NULL) < 0) {
    leaf->allows_server_auth = leaf->allows_client_auth = true;
    return;
  }
  leaf->has_extended_key_usage = true;
  if (gnutls_x509_key_purpose_init(&purposes) >= 0) {
    gnutls_x509_ext_import_key_purposes(&extension, purposes, 0);
    const bool any = lists_purpose(purposes, GNUTLS_KP_ANY);
    leaf->allows_server_auth = any || lists_purpose(purposes, GNUTLS_KP_TLS_WWW_SERVER);
    leaf->allows_client_auth = any || lists_purpose(purposes, GNUTLS_KP_TLS_WWW_CLIENT);
    gnutls_x509_key_purpose_deinit(purposes);
  }
  gnutls_free(extension.data);
}

/* GLib hashes it, since a machine in FIPS mode lets GnuTLS refuse SHA-1. */
static void fill_thumbprint(uint8_t *thumbprint, size_t length, GChecksumType type, const uint8_t *der,
                            size_t der_length)
{
  GChecksum *checksum = g_checksum_new(type);
  g_checksum_update(checksum, der, (gssize)der_length);
  g_checksum_get_digest(checksum, thumbprint, &length);
  g_checksum_free(checksum);
}

static certificate_t *read_facts(gnutls_x509_crt_t parsed, const uint8_t *der, size_t length)
{
  const time_t not_before = gnutls_x509_crt_get_activation_time(parsed);
  const time_t not_after = gnutls_x509_crt_get_expiration_time(parsed);
  if (not_before == (time_t)-1 || not_after == (time_t)-1)
    return NULL;
  certificate_t *leaf = g_new0(certificate_t, 1);
  leaf->subject = name_text(parsed, gnutls_x509_crt_get_dn3);
  leaf->common_names = subject_common_names(parsed);
  leaf->issuer = name_text(parsed, gnutls_x509_crt_get_issuer_dn3);
  leaf->issuer_texts = issuer_texts(parsed);
  leaf->dns_names = dns_names(parsed);
  leaf->revocation_hosts = revocation_hosts(parsed);
  leaf->not_before = not_before;
  leaf->not_after = not_after;
  leaf->key_is_rsa = gnutls_x509_crt_get_pk_algorithm(parsed, NULL) == GNUTLS_PK_RSA;
  leaf->self_signed = is_self_signed(parsed);
  fill_issuer_dn(leaf, parsed);
  fill_key_purposes(leaf, parsed);
  fill_thumbprint(leaf->sha1, sizeof leaf->sha1, G_CHECKSUM_SHA1, der, length);
  fill_thumbprint(leaf->sha256, sizeof leaf->sha256, G_CHECKSUM_SHA256, der, length);
  return leaf;
}

certificate_t *certificate_parse(const uint8_t *der, size_t length)
{
  gnutls_x509_crt_t parsed;
  if (length == 0 || length > CERTIFICATE_DER_MAX || gnutls_x509_crt_init(&parsed) < 0)
    return NULL;
  /* GnuTLS takes a pointer to mutable bytes, but only reads them. */
  const gnutls_datum_t encoded = {(unsigned char *)der, (unsigned)length};
  certificate_t *leaf = NULL;
  if (gnutls_x509_crt_import(parsed, &encoded, GNUTLS_X509_FMT_DER) >= 0)
    leaf = read_facts(parsed, der, length);
  gnutls_x509_crt_deinit(parsed);
  return leaf;
}

void certificate_free(certificate_t *certificate)
{
  if (certificate == NULL)
    return;
  g_free(certificate->subject);
  g_strfreev(certificate->common_names);
  g_free(certificate->issuer);
  g_free(certificate->issuer_texts);
  g_strfreev(certificate->dns_names);
  g_strfreev(certificate->revocation_hosts);
  g_free(certificate->issuer_dn);
  g_free(certificate);
}

static bool any_covers(char *const *patterns, const char *name)
{
  for (char *const *pattern = patterns; *pattern != NULL; pattern++)
    if (name_pattern_covers(*pattern, name))
      return true;
  return false;
}

bool certificate_subject_covers(const certificate_t *leaf, const char *name)
{
  return any_covers(leaf->common_names, name);
}

bool certificate_san_covers(const certificate_t *leaf, const char *name)
{
  return any_covers(leaf->dns_names, name);
}

bool certificate_covers(const certificate_t *leaf, const char *name)
{
  return any_covers(leaf->dns_names[0] != NULL ? leaf->dns_names : leaf->common_names, name);
}

bool certificate_same_names(const certificate_t *one, const certificate_t *other)
{
  return g_strv_equal((const char *const *)one->common_names, (const char *const *)other->common_names) &&
         g_strv_equal((const char *const *)one->dns_names, (const char *const *)other->dns_names);
}

bool certificate_same_issuer(const certificate_t *one, const certificate_t *other)
{
  return one->issuer_dn_length == other->issuer_dn_length &&
         memcmp(one->issuer_dn, other->issuer_dn, one->issuer_dn_length) == 0;
}

char *certificate_thumbprint_to_text(const certificate_t *leaf)
{
  static const char digits[] = "0123456789abcdef";
  char text[2 * CERTIFICATE_SHA1_LENGTH];

  for (size_t i = 0; i < CERTIFICATE_SHA1_LENGTH; i++) {
    text[2 * i] = digits[leaf->sha1[i] >> 4];
    text[2 * i + 1] = digits[leaf->sha1[i] & 0xf];
  }
  return g_strndup(text, sizeof text);
}

bool certificate_has_thumbprint(const certificate_t *leaf, const uint8_t *thumbprint, size_t length)
{
  switch (length) {
  case CERTIFICATE_SHA1_LENGTH:
    return memcmp(leaf->sha1, thumbprint, length) == 0;
  case CERTIFICATE_SHA256_LENGTH:
    return memcmp(leaf->sha256, thumbprint, length) == 0;
  default:
    return false;
  }
}
