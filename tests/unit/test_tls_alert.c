/* test_tls_alert.c - names of TLS alerts
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tls_alert.h"

#include <glib.h>

/* IANA's registry "TLS Alerts", without the "_RESERVED" that later TLS versions append to abandoned names. */
static const struct {
  uint8_t alert;
  const char *name;
} names[] = {
    {0, "close_notify"},
    {10, "unexpected_message"},
    {20, "bad_record_mac"},
    {21, "decryption_failed"},
    {22, "record_overflow"},
    {30, "decompression_failure"},
    {40, "handshake_failure"},
    {41, "no_certificate"},
    {42, "bad_certificate"},
    {43, "unsupported_certificate"},
    {44, "certificate_revoked"},
    {45, "certificate_expired"},
    {46, "certificate_unknown"},
    {47, "illegal_parameter"},
    {48, "unknown_ca"},
    {49, "access_denied"},
    {50, "decode_error"},
    {51, "decrypt_error"},
    {60, "export_restriction"},
    {70, "protocol_version"},
    {71, "insufficient_security"},
    {80, "internal_error"},
    {86, "inappropriate_fallback"},
    {90, "user_canceled"},
    {100, "no_renegotiation"},
    {109, "missing_extension"},
    {110, "unsupported_extension"},
    {111, "certificate_unobtainable"},
    {112, "unrecognized_name"},
    {113, "bad_certificate_status_response"},
    {114, "bad_certificate_hash_value"},
    {115, "unknown_psk_identity"},
    {116, "certificate_required"},
    {120, "no_application_protocol"},
};

static void test_alerts_have_names(void)
{
  for (size_t at = 0; at < G_N_ELEMENTS(names); at++)
    g_assert_cmpstr(tls_alert_name(names[at].alert), ==, names[at].name);
}

static void test_other_numbers_have_none(void)
{
  g_assert_null(tls_alert_name(1));
  g_assert_null(tls_alert_name(39));
  g_assert_null(tls_alert_name(255));
}

static void test_record_of_version_0(void)
{
  static const struct {
    uint8_t bytes[8];
    size_t length;
    bool is_alert;
  } cases[] = {
      {{21, 0, 0, 0, 2, 2, 40}, 7, true},     {{21, 0, 0, 0, 2, 1, 0, 9}, 8, true}, {{21, 3, 3, 0, 2, 2, 40}, 7, false},
      {{21, 0, 0, 0, 2, 3, 40}, 7, false},    {{21, 0, 0, 0, 2, 2}, 6, false},      {{22, 0, 0, 0, 2, 2, 40}, 7, false},
      {{21, 0, 0, 0, 3, 2, 40, 0}, 8, false},
  };

  for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
    uint8_t level, alert;
    bool is_alert = tls_alert_read_versionless(cases[i].bytes, cases[i].length, &level, &alert);

    g_assert_cmpint(is_alert, ==, cases[i].is_alert);
    g_assert_true(!is_alert || (level == cases[i].bytes[5] && alert == cases[i].bytes[6]));
  }
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/tls_alert/alerts_have_names", test_alerts_have_names);
  g_test_add_func("/tls_alert/record of version 0", test_record_of_version_0);
  g_test_add_func("/tls_alert/other_numbers_have_none", test_other_numbers_have_none);
  return g_test_run();
}
