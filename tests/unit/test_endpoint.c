/* test_endpoint.c - rows of the endpoint table, and what they match
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "endpoint.h"

#include <glib.h>
#include <string.h>

#define SHA1_TEXT "00112233445566778899aabbccddeeff01234567"
#define SHA256_TEXT "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define LABEL_63 "abcdefghijklmnopqrstuvwxyz-abcdefghijklmnopqrstuvwxyz0123456789"
#define NAME_253 LABEL_63 "." LABEL_63 "." LABEL_63 ".abcdefghijklmnopqrstuvwxyz-abcdefghijklmnopqrstuvwxyz01234567"
#define LEFT_TO_RIGHT_MARK "\xe2\x80\x8e"

static endpoint_t parse(endpoint_text_t text)
{
  endpoint_t row;
  char *sentence = endpoint_parse(&row, &text);
  g_assert_cmpstr(sentence, ==, NULL);
  return row;
}

static void assert_empty(const endpoint_t *row)
{
  g_assert_null(row->host);
  g_assert_cmpuint(row->address.length, ==, 0);
  g_assert_cmpuint(row->prefix_length, ==, 0);
  g_assert_cmpuint(row->port, ==, 0);
  g_assert_cmpuint(row->thumbprint_length, ==, 0);
}

static void test_full_row(void)
{
  endpoint_t row = parse((endpoint_text_t){" DA.Example.COM. ", "192.0.2.128/25\t", " 8443", SHA1_TEXT});
  char *address = ip_address_to_text(&row.address);
  g_assert_cmpstr(row.host, ==, "da.example.com");
  g_assert_cmpstr(address, ==, "192.0.2.128");
  g_assert_cmpuint(row.prefix_length, ==, 25);
  g_assert_cmpuint(row.port, ==, 8443);
  g_assert_cmpuint(row.thumbprint_length, ==, 20);
  g_assert_cmphex(row.thumbprint[0], ==, 0x00);
  g_assert_cmphex(row.thumbprint[1], ==, 0x11);
  g_assert_cmphex(row.thumbprint[10], ==, 0xaa);
  g_assert_cmphex(row.thumbprint[19], ==, 0x67);
  g_free(address);
  endpoint_clear(&row);
  assert_empty(&row);
}

static void test_empty_columns(void)
{
  endpoint_t host_only = parse((endpoint_text_t){"da.example.com", NULL, "", "  "});
  g_assert_cmpuint(host_only.address.length, ==, 0);
  g_assert_cmpuint(host_only.port, ==, 443);
  g_assert_cmpuint(host_only.thumbprint_length, ==, 0);
  endpoint_clear(&host_only);

  endpoint_t address_only = parse((endpoint_text_t){.address = "2001:db8::1"});
  g_assert_null(address_only.host);
  g_assert_cmpuint(address_only.address.length, ==, 16);
  g_assert_cmpuint(address_only.prefix_length, ==, 128);
  g_assert_cmpuint(address_only.port, ==, 443);
  endpoint_clear(&address_only);
}

static void test_hosts_accepted(void)
{
  static const char *const hosts[] = {
      "da",     "da-1.example.com", "1.example.com",     "_da.example.com",   "xn--mnchen-3ya.example.com",
      "a.1com", "*.example.com",    "*.a.b.example.com", LABEL_63 ".example", NAME_253,
  };
  for (size_t at = 0; at < G_N_ELEMENTS(hosts); at++) {
    endpoint_t row = parse((endpoint_text_t){.host = hosts[at]});
    g_assert_cmpstr(row.host, ==, hosts[at]);
    endpoint_clear(&row);
  }
  endpoint_t row = parse((endpoint_text_t){.host = NAME_253 "."});
  g_assert_cmpstr(row.host, ==, NAME_253);
  endpoint_clear(&row);
}

static void test_pasted_url_is_taken_apart(void)
{
  static const struct {
    endpoint_text_t text;
    uint16_t port;
  } cases[] = {
      {{.host = "https://da.example.com:443/IPHTTPS"}, 443},
      {{.host = "https://DA.example.com./IPHTTPS"}, 443},
      {{.host = "HTTPS://da.example.com:8443/IPHTTPS"}, 8443},
      {{.host = "https://da.example.com"}, 443},
      {{.host = "http://da.example.com/IPHTTPS"}, 80},
      {{.host = "https://da.example.com:443/", .port = "8443"}, 8443},
  };
  for (size_t at = 0; at < G_N_ELEMENTS(cases); at++) {
    endpoint_t row = parse(cases[at].text);
    g_assert_cmpstr(row.host, ==, "da.example.com");
    g_assert_cmpuint(row.port, ==, cases[at].port);
    endpoint_clear(&row);
  }
}

static void test_thumbprints_accepted(void)
{
  static const char *const spellings[] = {
      SHA1_TEXT,
      "00112233445566778899AABBCCDDEEFF01234567",
      "00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff:01:23:45:67",
      "00 11 22 33 44 55 66 77 88 99 AA bb cc dd ee ff 01 23 45 67",
      LEFT_TO_RIGHT_MARK "00 11 22 33 44 55 66 77 88 99 aa bb cc dd ee ff 01 23 45 67",
  };
  endpoint_t plain = parse((endpoint_text_t){.host = "da.example.com", .thumbprint = SHA1_TEXT});
  for (size_t at = 0; at < G_N_ELEMENTS(spellings); at++) {
    endpoint_t row = parse((endpoint_text_t){.host = "da.example.com", .thumbprint = spellings[at]});
    g_assert_cmpmem(row.thumbprint, row.thumbprint_length, plain.thumbprint, 20);
    endpoint_clear(&row);
  }
  endpoint_clear(&plain);

  endpoint_t sha256 = parse((endpoint_text_t){.host = "da.example.com", .thumbprint = SHA256_TEXT});
  g_assert_cmpuint(sha256.thumbprint_length, ==, 32);
  g_assert_cmphex(sha256.thumbprint[31], ==, 0xff);
  endpoint_clear(&sha256);
}

static const struct {
  endpoint_text_t text;
  const char *sentence;
} refused[] = {
    {{NULL, NULL, NULL, NULL}, "A row needs a host name or an address."},
    {{" ", "", "443", SHA1_TEXT}, "A row needs a host name or an address."},
    {{.host = "192.0.2.1"}, "Host name \"192.0.2.1\" is an IP address; it belongs in the address column."},
    {{.host = "192.0.2.0/24"}, "Host name \"192.0.2.0/24\" is an IP address; it belongs in the address column."},
    {{.host = "[2001:db8::1]"}, "Host name \"[2001:db8::1]\" is an IP address; it belongs in the address column."},
    {{.host = "192.0.2.256"},
     "Host name \"192.0.2.256\" ends in a number, as no host name does, and is no IP address."},
    {{.host = "*.com"},
     "Host name \"*.com\" is too wide: behind \"*.\" two labels or more are needed, as in \"*.example.com\"."},
    {{.host = "*"}, "Host name \"*\" has \"*\" elsewhere than as its whole first label, as in \"*.example.com\"."},
    {{.host = "da*.example.com"},
     "Host name \"da*.example.com\" has \"*\" elsewhere than as its whole first label, as in \"*.example.com\"."},
    {{.host = "*.*.example.com"},
     "Host name \"*.*.example.com\" has \"*\" elsewhere than as its whole first label, as in \"*.example.com\"."},
    {{.host = "da.example.com:443/IPHTTPS"},
     "Host name \"da.example.com:443/IPHTTPS\" holds the character \":\"; a host name is letters, digits, hyphens and "
     "dots, without scheme, port and path."},
    {{.host = "https://da.example.com:0/IPHTTPS"},
     "Host name \"https://da.example.com:0/IPHTTPS\" has a port that is not a number from 1 to 65535."},
    {{.host = "https://192.0.2.1:443/IPHTTPS"},
     "Host name \"https://192.0.2.1:443/IPHTTPS\" is an IP address; it belongs in the address column."},
    {{.host = "https:///IPHTTPS"},
     "Host name \"https:///IPHTTPS\" has an empty label: a dot at its beginning, or two in a row."},
    {{.host = "da example.com"},
     "Host name \"da example.com\" holds the character \" \"; a host name is letters, digits, hyphens and dots, "
     "without "
     "scheme, port and path."},
    {{.host = "d\xc3\xa4.example.com"},
     "Host name \"d\xc3\xa4.example.com\" holds the character \"\xc3\xa4\"; an international name is written in its "
     "ASCII "
     "form, with \"xn--\"."},
    {{.host = "d\xe4.example.com"},
     "Host name \"d\xef\xbf\xbd.example.com\" holds the character \"\xef\xbf\xbd\"; an international name is written "
     "in its "
     "ASCII form, with \"xn--\"."},
    {{.host = "da..example.com"},
     "Host name \"da..example.com\" has an empty label: a dot at its beginning, or two in a row."},
    {{.host = "."}, "Host name \".\" has an empty label: a dot at its beginning, or two in a row."},
    {{.host = "*.."}, "Host name \"*..\" has an empty label: a dot at its beginning, or two in a row."},
    {{.host = "-da.example.com"}, "Host name \"-da.example.com\" has a label that begins or ends with a hyphen."},
    {{.host = "da-.example.com"}, "Host name \"da-.example.com\" has a label that begins or ends with a hyphen."},
    {{.host = LABEL_63 "a.com"},
     "Host name \"abcdefghijklmnopqrstuvwxyz-abcdefghijklmnopqrstuvwxyz0123456\xe2\x80\xa6\" has a label of more than "
     "63 "
     "characters."},
    {{.host = NAME_253 "a"},
     "Host name \"abcdefghijklmnopqrstuvwxyz-abcdefghijklmnopqrstuvwxyz0123456\xe2\x80\xa6\" is longer than 253 "
     "characters."},
    {{.address = "da.example.com"},
     "Address \"da.example.com\" is not an IPv4 or IPv6 address, alone or with a prefix "
     "length as in \"192.0.2.0/24\"."},
    {{.address = "192.0.2"},
     "Address \"192.0.2\" is not an IPv4 or IPv6 address, alone or with a prefix length as in "
     "\"192.0.2.0/24\"."},
    {{.address = "192.0.2.1:443"},
     "Address \"192.0.2.1:443\" is not an IPv4 or IPv6 address, alone or with a prefix "
     "length as in \"192.0.2.0/24\"."},
    {{.address = "192.0.2.0/33"}, "Address \"192.0.2.0/33\" has a prefix length that is not a number from 0 to 32."},
    {{.address = "192.0.2.0/"}, "Address \"192.0.2.0/\" has a prefix length that is not a number from 0 to 32."},
    {{.address = "2001:db8::/129"},
     "Address \"2001:db8::/129\" has a prefix length that is not a number from 0 to 128."},
    {{.host = "da.example.com", .port = "70000"}, "Port \"70000\" is not a number from 1 to 65535."},
    {{.host = "da.example.com", .port = "65536"}, "Port \"65536\" is not a number from 1 to 65535."},
    {{.host = "da.example.com", .port = "0"}, "Port \"0\" is not a number from 1 to 65535."},
    {{.host = "da.example.com", .port = "-1"}, "Port \"-1\" is not a number from 1 to 65535."},
    {{.host = "da.example.com", .port = "https"}, "Port \"https\" is not a number from 1 to 65535."},
    {{.host = "da.example.com", .port = "99999999999999999999999"},
     "Port \"99999999999999999999999\" is not a number from 1 to 65535."},
    {{.host = "da.example.com", .thumbprint = "0011"},
     "Thumbprint \"0011\" has 4 hexadecimal digits; a SHA-1 thumbprint has 40, a SHA-256 thumbprint 64."},
    {{.host = "da.example.com", .thumbprint = "0"},
     "Thumbprint \"0\" has 1 hexadecimal digits; a SHA-1 thumbprint has 40, a SHA-256 thumbprint 64."},
    {{.host = "da.example.com", .thumbprint = SHA256_TEXT "0"},
     "Thumbprint \"00112233445566778899aabbccddeeff00112233445566778899aabbccdd\xe2\x80\xa6\" has 65 hexadecimal "
     "digits; a "
     "SHA-1 thumbprint has 40, a SHA-256 thumbprint 64."},
    {{.host = "da.example.com", .thumbprint = SHA256_TEXT SHA256_TEXT SHA256_TEXT},
     "Thumbprint \"00112233445566778899aabbccddeeff00112233445566778899aabbccdd\xe2\x80\xa6\" has 192 hexadecimal "
     "digits; a SHA-1 thumbprint has 40, a SHA-256 thumbprint 64."},
    {{.host = "da.example.com", .thumbprint = "sha1 " SHA1_TEXT},
     "Thumbprint \"sha1 " SHA1_TEXT "\" holds the character \"s\", which is not a hexadecimal digit."},
};

static void test_rows_refused(void)
{
  for (size_t at = 0; at < G_N_ELEMENTS(refused); at++) {
    endpoint_t row;
    char *sentence = endpoint_parse(&row, &refused[at].text);
    g_assert_cmpstr(sentence, ==, refused[at].sentence);
    assert_empty(&row);
    g_free(sentence);
  }
}

static void test_copy_is_independent(void)
{
  endpoint_t original = parse((endpoint_text_t){"*.example.com", "2001:db8::/32", "8443", SHA256_TEXT});
  endpoint_t copy;
  endpoint_copy(&copy, &original);
  endpoint_clear(&original);
  g_assert_cmpstr(copy.host, ==, "*.example.com");
  g_assert_cmpuint(copy.prefix_length, ==, 32);
  g_assert_cmpuint(copy.port, ==, 8443);
  g_assert_cmpuint(copy.thumbprint_length, ==, 32);
  endpoint_clear(&copy);
}

/* RFC 6125 section 6.4. */
static const struct {
  const char *pattern;
  const char *name;
  bool covers;
} patterns[] = {
    {"da.example.com", "da.example.com", true},
    {"DA.example.com", "da.EXAMPLE.com", true},
    {"da.example.com.", "da.example.com", true},
    {"da.example.com", "da.example.com.", true},
    {"da.example.com", "da.example.co", false},
    {"da.example.com", "da.example.com.evil.test", false},
    {"da.example.com", "xda.example.com", false},
    {"example.com", "da.example.com", false},
    {"da", "da", true},
    {"*.example.com", "da.example.com", true},
    {"*.example.com", "DA.Example.Com.", true},
    {"*.example.com", "xn--d-zfa.example.com", true},
    {"*.example.com", "example.com", false},
    {"*.example.com", ".example.com", false},
    {"*.example.com", "a.da.example.com", false},
    {"*.example.com", "daexample.com", false},
    {"*.com", "example.com", true},
    {"*.com", "com", false},
    {"*", "da", false},
    {"*.", "da.", false},
    {"", "", false},
    {"", "da", false},
    {".", ".", false},
    {"da*.example.com", "da1.example.com", false},
    {"*a.example.com", "da.example.com", false},
    {"xn--*.example.com", "xn--d-zfa.example.com", false},
    {"da.*.com", "da.example.com", false},
    {"*.*.com", "da.example.com", false},
    {"192.0.2.1", "192.0.2.1", false},
    {"*.0.2.1", "192.0.2.1", false},
    {"*.0.2.1", "192.0.2.1.", false},
    {"2001:db8::1", "2001:db8::1", false},
    {"[2001:db8::1]", "[2001:db8::1]", false},
};

static void test_name_patterns(void)
{
  for (size_t at = 0; at < G_N_ELEMENTS(patterns); at++) {
    g_test_message("\"%s\" and \"%s\"", patterns[at].pattern, patterns[at].name);
    g_assert_cmpint(name_pattern_covers(patterns[at].pattern, patterns[at].name), ==, patterns[at].covers);
  }
}

static void test_covers_name(void)
{
  endpoint_t wildcard = parse((endpoint_text_t){.host = "*.Example.com"});
  endpoint_t address_only = parse((endpoint_text_t){.address = "192.0.2.1"});
  g_assert_true(endpoint_covers_name(&wildcard, "da.example.com"));
  g_assert_false(endpoint_covers_name(&wildcard, "example.com"));
  g_assert_false(endpoint_covers_name(&address_only, "da.example.com"));
  g_assert_false(endpoint_covers_name(&address_only, "192.0.2.1"));
  endpoint_clear(&wildcard);
  endpoint_clear(&address_only);
}

static const struct {
  const char *range;
  const char *address;
  bool covers;
} ranges[] = {
    {"192.0.2.1", "192.0.2.1", true},
    {"192.0.2.1", "192.0.2.2", false},
    {"192.0.2.0/24", "192.0.2.255", true},
    {"192.0.2.0/24", "192.0.3.0", false},
    {"192.0.2.77/24", "192.0.2.1", true},
    {"192.0.2.128/25", "192.0.2.127", false},
    {"192.0.2.128/25", "192.0.2.128", true},
    {"192.0.2.4/30", "192.0.2.7", true},
    {"192.0.2.4/30", "192.0.2.8", false},
    {"0.0.0.0/0", "203.0.113.9", true},
    {"0.0.0.0/0", "2001:db8::1", false},
    {"::/0", "2001:db8::1", true},
    {"::/0", "192.0.2.1", false},
    {"2001:db8::/33", "2001:db8:7fff::1", true},
    {"2001:db8::/33", "2001:db8:8000::1", false},
    {"[2001:db8::1]", "2001:db8::1", true},
    {"2001:db8::1/127", "2001:db8::2", false},
};

static void test_covers_address(void)
{
  for (size_t at = 0; at < G_N_ELEMENTS(ranges); at++) {
    endpoint_t row = parse((endpoint_text_t){.address = ranges[at].range});
    ip_address_t address;
    g_assert_true(ip_address_parse(ranges[at].address, &address));
    g_test_message("%s and %s", ranges[at].range, ranges[at].address);
    g_assert_cmpint(endpoint_covers_address(&row, &address), ==, ranges[at].covers);
    endpoint_clear(&row);
  }
}

static void test_host_row_covers_no_address(void)
{
  endpoint_t row = parse((endpoint_text_t){.host = "da.example.com"});
  const ip_address_t none = {0};
  ip_address_t address;
  g_assert_true(ip_address_parse("0.0.0.0", &address));
  g_assert_false(endpoint_covers_address(&row, &address));
  g_assert_false(endpoint_covers_address(&row, &none));
  endpoint_clear(&row);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/endpoint/full_row", test_full_row);
  g_test_add_func("/endpoint/empty_columns", test_empty_columns);
  g_test_add_func("/endpoint/hosts_accepted", test_hosts_accepted);
  g_test_add_func("/endpoint/pasted-url", test_pasted_url_is_taken_apart);
  g_test_add_func("/endpoint/thumbprints_accepted", test_thumbprints_accepted);
  g_test_add_func("/endpoint/rows_refused", test_rows_refused);
  g_test_add_func("/endpoint/copy_is_independent", test_copy_is_independent);
  g_test_add_func("/endpoint/name_patterns", test_name_patterns);
  g_test_add_func("/endpoint/covers_name", test_covers_name);
  g_test_add_func("/endpoint/covers_address", test_covers_address);
  g_test_add_func("/endpoint/host_row_covers_no_address", test_host_row_covers_no_address);
  return g_test_run();
}
