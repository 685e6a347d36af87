/* test_certificate_names.c - whom an X.509 certificate is for, and how its names are shown
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "certificate.h"
#include "make_certificate.h"

#include <string.h>

#define SUBJECT "CN=da.example.com,O=Example,C=DE"
#define CA "CN=Example Issuing CA,OU=PKI,OU=Munich,O=Example,C=DE"
#define REPLACED "\xef\xbf\xbd"

static void test_names_covered(void)
{
  static const struct {
    const char *subject;
    const char *dns_names[3];
    const char *name;
    bool by_subject, by_san;
  } rows[] = {
      {SUBJECT, {NULL}, "da.example.com", true, false},
      {SUBJECT, {NULL}, "DA.Example.com.", true, false},
      {SUBJECT, {NULL}, "vpn.example.com", false, false},
      {SUBJECT, {"vpn.example.com", "da.example.com"}, "da.example.com", true, true},
      {"CN=www.example.com", {"www.example.com", "da.example.com"}, "da.example.com", false, true},
      {"CN=www.example.com", {"*.example.com"}, "da.example.com", false, true},
      {"CN=*.example.com", {NULL}, "da.example.com", true, false},
      {"CN=*.example.com", {NULL}, "a.da.example.com", false, false},
      {"CN=*.example.com", {NULL}, "example.com", false, false},
      {"CN=da*.example.com", {"da*.example.com"}, "da1.example.com", false, false},
      {"O=Example", {NULL}, "da.example.com", false, false},
      {NULL, {"da.example.com"}, "da.example.com", false, true},
      {"CN=192.0.2.1", {"192.0.2.1"}, "192.0.2.1", false, false},
      {"CN=*.0.2.1", {"*.0.2.1"}, "192.0.2.1", false, false},
  };
  for (size_t at = 0; at < G_N_ELEMENTS(rows); at++) {
    certificate_t *leaf = make_and_parse(
        (certificate_recipe_t){.subject = rows[at].subject, .issuer = CA, .dns_names = rows[at].dns_names});
    g_test_message("%s and \"%s\"", leaf->subject, rows[at].name);
    g_assert_cmpint(certificate_subject_covers(leaf, rows[at].name), ==, rows[at].by_subject);
    g_assert_cmpint(certificate_san_covers(leaf, rows[at].name), ==, rows[at].by_san);
    certificate_free(leaf);
  }
}

static void test_empty_subject(void)
{
  static const char *const names[] = {"da.example.com", NULL};
  certificate_t *leaf = make_and_parse((certificate_recipe_t){.issuer = CA, .dns_names = names});
  g_assert_cmpstr(leaf->subject, ==, "");
  g_assert_null(leaf->common_names[0]);
  certificate_free(leaf);
}

static void add_name(gnutls_x509_crt_t made, const char *oid, const void *value, size_t length)
{
  g_assert_cmpint(gnutls_x509_crt_set_dn_by_oid(made, oid, 0, value, (unsigned)length), ==, 0);
}

static void add_alternative(gnutls_x509_crt_t made, gnutls_x509_subject_alt_name_t type, const void *value,
                            size_t length)
{
  g_assert_cmpint(gnutls_x509_crt_set_subject_alt_name(made, type, value, (unsigned)length, GNUTLS_FSAN_APPEND), ==, 0);
}

/* A certificate writes the least specific attribute first. */
static void add_three_common_names(gnutls_x509_crt_t made)
{
  add_name(made, GNUTLS_OID_X520_COMMON_NAME, "least.example.com", 17);
  add_name(made, GNUTLS_OID_X520_COMMON_NAME, "middle.example.com", 18);
  add_name(made, GNUTLS_OID_X520_COMMON_NAME, "most.example.com", 16);
}

static void test_most_specific_common_name(void)
{
  certificate_t *leaf = make_and_parse((certificate_recipe_t){.issuer = CA, .adjust = add_three_common_names});
  g_assert_cmpstr(leaf->common_names[0], ==, "most.example.com");
  g_assert_cmpstr(leaf->subject, ==, "CN=most.example.com,CN=middle.example.com,CN=least.example.com");
  certificate_free(leaf);
}

static void add_other_alternatives(gnutls_x509_crt_t made)
{
  static const uint8_t address[] = {192, 0, 2, 1};
  add_alternative(made, GNUTLS_SAN_RFC822NAME, "da@example.com", 14);
  add_alternative(made, GNUTLS_SAN_IPADDRESS, address, sizeof address);
  add_alternative(made, GNUTLS_SAN_DNSNAME, "da.example.com", 14);
  add_alternative(made, GNUTLS_SAN_URI, "https://vpn.example.com/", 24);
}

static void test_only_dns_names_of_the_san(void)
{
  static const char *const names[] = {"da.example.com", NULL};
  certificate_t *leaf =
      make_and_parse((certificate_recipe_t){.subject = SUBJECT, .issuer = CA, .adjust = add_other_alternatives});
  g_assert_cmpstrv(leaf->dns_names, names);
  certificate_free(leaf);
}

/* The DER of a subjectAltName, since GnuTLS does not write such names: one with a NUL, one that is not UTF-8. */
static void add_hostile_texts(gnutls_x509_crt_t made)
{
  static const char names[] = "\x30\x2b"
                              "\x82\x19"
                              "da.example.com\0.evil.test"
                              "\x82\x0e"
                              "d\xff.example.com";
  g_assert_cmpint(gnutls_x509_crt_set_extension_by_oid(made, "2.5.29.17", names, sizeof names - 1, 0), ==, 0);
  add_name(made, GNUTLS_OID_X520_COMMON_NAME, "da.example.com\n\x1b[2J", 19);
}

static void test_hostile_texts(void)
{
  static const char *const names[] = {"da.example.com" REPLACED ".evil.test", "d" REPLACED ".example.com", NULL};
  certificate_t *leaf = make_and_parse((certificate_recipe_t){.issuer = CA, .adjust = add_hostile_texts});
  g_assert_cmpstrv(leaf->dns_names, names);
  g_assert_cmpstr(leaf->common_names[0], ==, "da.example.com" REPLACED REPLACED "[2J");
  g_assert_false(certificate_san_covers(leaf, "da.example.com"));
  g_assert_false(certificate_subject_covers(leaf, "da.example.com"));
  certificate_free(leaf);
}

#define MANY_NAMES 300 /* more than twice what was met on public certificates */

static void add_many_texts(gnutls_x509_crt_t made)
{
  for (int i = 0; i < MANY_NAMES; i++) {
    char *name = g_strdup_printf("da%d.example.com", i);
    add_alternative(made, GNUTLS_SAN_DNSNAME, name, strlen(name));
    g_free(name);
  }
  for (int i = 0; i < CERTIFICATE_TEXT_MAX / 4; i++)
    add_name(made, GNUTLS_OID_X520_ORGANIZATIONAL_UNIT_NAME, "Unit", 4);
}

static void test_bounds(void)
{
  certificate_t *leaf = make_and_parse((certificate_recipe_t){.adjust = add_many_texts});
  g_assert_cmpuint(g_strv_length(leaf->dns_names), ==, MANY_NAMES);
  g_assert_true(certificate_covers(leaf, "da299.example.com"));
  g_assert_cmpuint(strlen(leaf->issuer_texts), ==, CERTIFICATE_ISSUER_TEXTS_MAX * strlen("unit\n") - 1);
  g_assert_cmpint(g_utf8_strlen(leaf->subject, -1), ==, CERTIFICATE_TEXT_MAX + 1);
  g_assert_true(g_str_has_suffix(leaf->subject, "\xe2\x80\xa6"));
  certificate_free(leaf);
}

static void add_common_names(gnutls_x509_crt_t made)
{
  for (int i = 0; i < 14; i++) {
    char *name = g_strdup_printf("host%d.example.com", i);
    add_name(made, GNUTLS_OID_X520_COMMON_NAME, name, strlen(name));
    g_free(name);
  }
}

/* As a public certificate of 2003 has them: without dNSNames every common name counts. */
static void test_every_common_name_counts(void)
{
  certificate_t *leaf = make_and_parse((certificate_recipe_t){.adjust = add_common_names});
  g_assert_cmpuint(g_strv_length(leaf->common_names), ==, 14);
  g_assert_true(certificate_covers(leaf, "host0.example.com"));
  g_assert_true(certificate_covers(leaf, "host13.example.com"));
  g_assert_false(certificate_covers(leaf, "host14.example.com"));
  certificate_free(leaf);
}

/* KB 2980635: the subject is right, and the list of names without it is what counts. */
static void test_dns_names_count_alone(void)
{
  static const char *const names[] = {"www.example.com", NULL};
  certificate_t *leaf = make_and_parse((certificate_recipe_t){.subject = SUBJECT, .dns_names = names});
  g_assert_true(certificate_subject_covers(leaf, "da.example.com"));
  g_assert_false(certificate_covers(leaf, "da.example.com"));
  g_assert_true(certificate_covers(leaf, "www.example.com"));
  certificate_free(leaf);
}

static void add_long_and_short_name(gnutls_x509_crt_t made)
{
  char *name = g_strnfill(CERTIFICATE_TEXT_MAX, 'a');
  add_alternative(made, GNUTLS_SAN_DNSNAME, name, strlen(name));
  add_alternative(made, GNUTLS_SAN_DNSNAME, "da.example.com", 14);
  g_free(name);
}

static void test_overlong_name_is_left_out(void)
{
  static const char *const names[] = {"da.example.com", NULL};
  certificate_t *leaf = make_and_parse((certificate_recipe_t){.subject = SUBJECT, .adjust = add_long_and_short_name});
  g_assert_cmpstrv(leaf->dns_names, names);
  certificate_free(leaf);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/certificate_names/names_covered", test_names_covered);
  g_test_add_func("/certificate_names/empty_subject", test_empty_subject);
  g_test_add_func("/certificate_names/every_common_name_counts", test_every_common_name_counts);
  g_test_add_func("/certificate_names/dns_names_count_alone", test_dns_names_count_alone);
  g_test_add_func("/certificate_names/most_specific_common_name", test_most_specific_common_name);
  g_test_add_func("/certificate_names/only_dns_names_of_the_san", test_only_dns_names_of_the_san);
  g_test_add_func("/certificate_names/hostile_texts", test_hostile_texts);
  g_test_add_func("/certificate_names/bounds", test_bounds);
  g_test_add_func("/certificate_names/overlong_name_is_left_out", test_overlong_name_is_left_out);
  return g_test_run();
}
