/* test_inspection.c - which certificates betray a TLS-inspection product
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "inspection.h"

#include <glib.h>

#include "make_certificate.h"

static size_t known_count(void)
{
  size_t count = 0;

  while (inspection_known_issuers[count].issuer_text != NULL)
    count++;
  return count;
}

static const char *product_for(const char *host, const char *issuer, const inspection_issuer_t *issuers, size_t count)
{
  certificate_t *leaf =
      make_and_parse((certificate_recipe_t){.subject = "CN=da.example.com,O=Zscaler", .issuer = issuer});
  inspection_t *inspection = inspection_new(issuers, count);
  const char *product = inspection_product(inspection, leaf, host);

  inspection_free(inspection);
  certificate_free(leaf);
  return product;
}

static const char *product_of(const char *issuer, const inspection_issuer_t *issuers, size_t count)
{
  return product_for("da.example.com", issuer, issuers, count);
}

/* Issuers as these products write them when their signing certificate is made with the default settings. */
static void test_known_products(void)
{
  static const struct {
    const char *issuer;
    const char *product;
  } cases[] = {
      {"CN=FGT60E,OU=Certificate Authority,O=Fortinet,L=Sunnyvale,ST=California,C=US", "Fortinet FortiGate"},
      {"CN=Zscaler Intermediate Root CA (zscaler.net) (t),OU=Zscaler Inc.,O=Zscaler Inc.,C=US", "Zscaler"},
      {"CN=mitmproxy,O=mitmproxy", "mitmproxy"},
      {"CN=Cisco Umbrella Root CA,O=Cisco", "Cisco Umbrella"},
      {"CN=DO_NOT_TRUST_FiddlerRoot,O=DO_NOT_TRUST", "Fiddler"},
      {"CN=Microsoft Forefront TMG HTTPS Inspection Certification Authority", "Microsoft Forefront TMG"},
      {"CN=Gateway CA - Cloudflare Managed G1,O=Cloudflare\\, Inc.", "Cloudflare Gateway"},
      {"CN=Cloudflare Inc ECC CA-3,O=Cloudflare\\, Inc.,C=US", NULL}, /* a public CA's */
      {"CN=DigiCert TLS RSA SHA256 2020 CA1,O=DigiCert Inc,C=US", NULL},
      {"CN=Example Issuing CA,O=Example", NULL},
  };

  for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
    g_assert_cmpstr(product_of(cases[i].issuer, inspection_known_issuers, known_count()), ==, cases[i].product);
}

/* A vendor's own sites may show certificates that the vendor has issued itself. */
static void test_vendor_may_certify_itself(void)
{
  static const struct {
    const char *host, *issuer;
    bool inspected;
  } cases[] = {
      {"support.fortinet.com", "CN=support,O=Fortinet", false},
      {"FORTINET.com", "CN=support,O=Fortinet", false},
      {"fortinet.example.org", "CN=support,O=Fortinet", false}, /* a gateway's own pages */
      {"www.paloaltonetworks.com", "CN=CA,O=Palo Alto Networks", false},
      {"gateway.umbrella.cisco.com", "CN=Cisco Umbrella Root CA,O=Cisco", false},
      {"da.example.com", "CN=support,O=Fortinet", true},
      {"www.notfortinet.com", "CN=support,O=Fortinet", true},
      {"www.palo.example", "CN=CA,O=Palo Alto Networks", true},
      {"da.example.fortinet", "CN=support,O=Fortinet", true},
  };

  for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_test_message("%s by %s", cases[i].host, cases[i].issuer);
    g_assert_true((product_for(cases[i].host, cases[i].issuer, inspection_known_issuers, known_count()) != NULL) ==
                  cases[i].inspected);
  }
}

/* A row that somebody wrote is of a known product if its text is, in whatever letter case; another one speaks of the
 * company's own hosts. */
static void test_whose_row_it_is(void)
{
  static const inspection_issuer_t issuers[] = {{"FORTINET", "known"}, {"Example", "ours"}};

  g_assert_null(product_for("support.fortinet.com", "CN=CA,O=Fortinet", issuers, G_N_ELEMENTS(issuers)));
  g_assert_cmpstr(product_for("da.example.com", "CN=CA,O=Fortinet", issuers, G_N_ELEMENTS(issuers)), ==, "known");
  g_assert_cmpstr(product_for("da.example.com", "CN=CA,O=Example", issuers, G_N_ELEMENTS(issuers)), ==, "ours");
  g_assert_cmpstr(product_for("da.fortinet.com", "CN=Fortinet,O=Example", issuers, G_N_ELEMENTS(issuers)), ==, "ours");
}

/* Nobody asked for a name: the certificate's own tells whose it is. */
static void test_without_a_name(void)
{
  g_assert_cmpstr(product_for(NULL, "CN=FGT60E,O=Fortinet", inspection_known_issuers, known_count()), ==,
                  "Fortinet FortiGate");
}

static void test_text_is_found_in_any_part_and_case(void)
{
  static const inspection_issuer_t issuers[] = {{"\xc3\x84 Corporate Proxy", "ours"},
                                                {"Stra\xc3\x9f"
                                                 "e",
                                                 "folded"}};
  static const struct {
    const char *issuer;
    const char *product;
  } cases[] = {
      {"CN=The \xc3\xa4 corporate PROXY of Example,O=Example", "ours"},
      {"CN=CA,O=\xc3\x84 Corporate Proxy", "ours"},
      {"CN=CA,OU=\xc3\x84 Corporate Proxy,O=Example", "ours"},
      {"CN=CA,L=\xc3\x84 Corporate Proxy,O=Example", NULL},
      {"CN=Corporate Proxy,O=Example", NULL},
      {"CN=STRASSE 1,O=Example", "folded"},
      {"CN=Stra\xc3\x9f"
       "e 1,O=Example",
       "folded"},
      {"CN=STRA,O=SSE", NULL}, /* of two values */
  };

  for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
    g_assert_cmpstr(product_of(cases[i].issuer, issuers, G_N_ELEMENTS(issuers)), ==, cases[i].product);
}

static void test_first_row_wins_and_empty_ones_never_match(void)
{
  static const inspection_issuer_t issuers[] = {{"", "empty"}, {NULL, "none"}, {"Example", "first"}, {"CA", "second"}};

  g_assert_cmpstr(product_of("CN=CA,O=Example", issuers, G_N_ELEMENTS(issuers)), ==, "first");
  g_assert_cmpstr(product_of("CN=CA", issuers, G_N_ELEMENTS(issuers)), ==, "second");
  g_assert_null(product_of("CN=Other", issuers, G_N_ELEMENTS(issuers)));
  g_assert_null(product_of("CN=CA", NULL, 0));
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/inspection/known products", test_known_products);
  g_test_add_func("/inspection/vendor", test_vendor_may_certify_itself);
  g_test_add_func("/inspection/whose row", test_whose_row_it_is);
  g_test_add_func("/inspection/without a name", test_without_a_name);
  g_test_add_func("/inspection/any part and case", test_text_is_found_in_any_part_and_case);
  g_test_add_func("/inspection/order", test_first_row_wins_and_empty_ones_never_match);
  return g_test_run();
}
