/* test_learned.c - endpoints that a capture has shown: what is found again, and how many are kept
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "learned.h"

#include <glib.h>

typedef struct {
  learned_endpoints_t *set;
} fixture_t;

static void set_up(fixture_t *used, gconstpointer data)
{
  (void)data;
  used->set = learned_endpoints_new();
}

static void tear_down(fixture_t *used, gconstpointer data)
{
  (void)data;
  learned_endpoints_free(used->set);
}

static ip_address_t address(const char *text)
{
  ip_address_t parsed;

  g_assert_true(ip_address_parse(text, &parsed));
  return parsed;
}

static learned_endpoint_t *add(fixture_t *used, const char *text, uint16_t port, const char *name)
{
  ip_address_t server = address(text);

  return learned_endpoints_add(used->set, &server, port, name);
}

static learned_endpoint_t *find(fixture_t *used, const char *text, uint16_t port, const char *name)
{
  ip_address_t server = address(text);

  return learned_endpoints_find(used->set, &server, port, name);
}

static void test_empty(fixture_t *used, gconstpointer data)
{
  (void)data;
  g_assert_null(find(used, "203.0.113.10", 443, NULL));
  g_assert_null(learned_endpoints_find_name(used->set, "da.example.com"));
  learned_endpoints_free(NULL);
}

static void test_address_port_and_name_count(fixture_t *used, gconstpointer data)
{
  learned_endpoint_t *added = add(used, "203.0.113.10", 443, "da.example.com");

  (void)data;
  g_assert_true(find(used, "203.0.113.10", 443, "da.example.com") == added);
  g_assert_true(find(used, "203.0.113.10", 443, "DA.Example.COM") == added);
  g_assert_true(find(used, "203.0.113.10", 443, NULL) == added);
  g_assert_null(find(used, "203.0.113.10", 443, "www.example.com"));
  g_assert_null(find(used, "203.0.113.10", 8443, "da.example.com"));
  g_assert_null(find(used, "203.0.113.11", 443, "da.example.com"));
  g_assert_null(find(used, "::ffff:203.0.113.10", 443, "da.example.com"));
}

static void test_nameless_endpoint_has_no_name(fixture_t *used, gconstpointer data)
{
  learned_endpoint_t *added = add(used, "2001:db8::10", 443, NULL);

  (void)data;
  g_assert_true(find(used, "2001:db8::10", 443, NULL) == added);
  g_assert_null(find(used, "2001:db8::10", 443, "any.example.com"));
}

static void test_name_is_found_at_any_address(fixture_t *used, gconstpointer data)
{
  learned_endpoint_t *added = add(used, "203.0.113.10", 443, "da.example.com");

  (void)data;
  g_assert_nonnull(add(used, "203.0.113.20", 443, "da.example.com"));
  g_assert_true(learned_endpoints_find_name(used->set, "Da.example.com") == added);
  g_assert_null(learned_endpoints_find_name(used->set, "www.example.com"));
}

static void test_known_endpoint_is_returned(fixture_t *used, gconstpointer data)
{
  (void)data;
  g_assert_true(add(used, "203.0.113.10", 443, "da.example.com") == add(used, "203.0.113.10", 443, "DA.EXAMPLE.COM"));
  g_assert_true(add(used, "203.0.113.10", 443, "da.example.com") != add(used, "203.0.113.10", 443, "www.example.com"));
}

static void test_endpoints_are_bounded(fixture_t *used, gconstpointer data)
{
  (void)data;
  for (int i = 0; i < LEARNED_ENDPOINTS_MAX; i++)
    g_assert_nonnull(add(used, "203.0.113.10", (uint16_t)(i + 1), NULL));
  g_assert_null(add(used, "203.0.113.11", 443, NULL));
  g_assert_nonnull(add(used, "203.0.113.10", 1, NULL));
}

static void test_names_of_one_address_are_bounded(fixture_t *used, gconstpointer data)
{
  (void)data;
  for (int i = 0; i < LEARNED_NAMES_MAX + 1; i++) {
    char *name = g_strdup_printf("host%d.example.com", i);

    g_assert_true((add(used, "203.0.113.10", 443, name) != NULL) == (i < LEARNED_NAMES_MAX));
    g_free(name);
  }
  g_assert_nonnull(add(used, "203.0.113.11", 443, "da.example.com"));
}

static void test_certificates(fixture_t *used, gconstpointer data)
{
  learned_endpoint_t *added = add(used, "203.0.113.10", 443, NULL);
  certificate_t shown[LEARNED_CERTIFICATES_MAX + 1] = {0};

  (void)data;
  for (uint8_t i = 0; i < LEARNED_CERTIFICATES_MAX + 1; i++) {
    shown[i].sha256[CERTIFICATE_SHA256_LENGTH - 1] = i;
    g_assert_false(learned_endpoint_has_certificate(added, &shown[i]));
    learned_endpoint_add_certificate(added, &shown[i]);
    learned_endpoint_add_certificate(added, &shown[i]);
    g_assert_true(learned_endpoint_has_certificate(added, &shown[i]) == (i < LEARNED_CERTIFICATES_MAX));
  }
}

static void add_test(const char *path, void (*test)(fixture_t *used, gconstpointer data))
{
  g_test_add(path, fixture_t, NULL, set_up, test, tear_down);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  add_test("/learned/empty", test_empty);
  add_test("/learned/address port and name", test_address_port_and_name_count);
  add_test("/learned/nameless", test_nameless_endpoint_has_no_name);
  add_test("/learned/by name", test_name_is_found_at_any_address);
  add_test("/learned/known", test_known_endpoint_is_returned);
  add_test("/learned/bounded", test_endpoints_are_bounded);
  add_test("/learned/names bounded", test_names_of_one_address_are_bounded);
  add_test("/learned/certificates", test_certificates);
  return g_test_run();
}
