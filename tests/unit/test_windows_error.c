/* test_windows_error.c - names of Windows' codes, and what Schannel reports for an alert
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "windows_error.h"

#include <glib.h>

/* Codes and names as winerror.h has them, alerts by number, so that a wrong constant cannot agree with itself. */
static const struct {
  uint32_t code;
  const char *name;
} names[] = {
    {0, "NO_ERROR"},
    {52, "ERROR_DUP_NAME"},
    {259, "ERROR_NO_MORE_ITEMS"},
    {1214, "ERROR_INVALID_NETNAME"},
    {1603, "ERROR_INSTALL_FAILURE"},
    {10060, "WSAETIMEDOUT"},
    {10061, "WSAECONNREFUSED"},
    {10065, "WSAEHOSTUNREACH"},
    {11001, "WSAHOST_NOT_FOUND"},
    {11004, "WSANO_DATA"},
    {0x00090320, "SEC_I_INCOMPLETE_CREDENTIALS"},
    {0x80090302, "SEC_E_UNSUPPORTED_FUNCTION"},
    {0x80090304, "SEC_E_INTERNAL_ERROR"},
    {0x8009030c, "SEC_E_LOGON_DENIED"},
    {0x8009030f, "SEC_E_MESSAGE_ALTERED"},
    {0x80090325, "SEC_E_UNTRUSTED_ROOT"},
    {0x80090326, "SEC_E_ILLEGAL_MESSAGE"},
    {0x80090327, "SEC_E_CERT_UNKNOWN"},
    {0x80090328, "SEC_E_CERT_EXPIRED"},
    {0x80090330, "SEC_E_DECRYPT_FAILURE"},
    {0x80090331, "SEC_E_ALGORITHM_MISMATCH"},
    {0x80092010, "CRYPT_E_REVOKED"},
    {0x80092013, "CRYPT_E_REVOCATION_OFFLINE"},
    {0x800b0101, "CERT_E_EXPIRED"},
    {0x800b0109, "CERT_E_UNTRUSTEDROOT"},
    {0x800b010f, "CERT_E_CN_NO_MATCH"},
};

static const struct {
  uint8_t alert;
  uint32_t code;
} alerts[] = {
    {10, 0x80090326}, {20, 0x8009030f}, {21, 0x80090330}, {22, 0x80090326}, {30, 0x8009030f},
    {40, 0x80090326}, {42, 0x80090327}, {43, 0x80090327}, {44, 0x80092010}, {45, 0x80090328},
    {46, 0x80090327}, {47, 0x80090326}, {48, 0x80090325}, {49, 0x8009030c}, {50, 0x80090326},
    {51, 0x80090330}, {60, 0x80090326}, {70, 0x80090302}, {71, 0x80090331}, {80, 0x80090304},
};

static void test_codes_have_names(void)
{
  for (size_t at = 0; at < G_N_ELEMENTS(names); at++)
    g_assert_cmpstr(windows_error_to_name(names[at].code), ==, names[at].name);
}

static void test_other_codes_have_none(void)
{
  g_assert_null(windows_error_to_name(1));
  g_assert_null(windows_error_to_name(0x80090329));
  g_assert_null(windows_error_to_name(WINDOWS_ERROR_NONE));
}

/* Wireshark's binary search over value strings needs the order. */
static void test_table_is_sorted(void)
{
  size_t rows = 1;
  for (; windows_error_names[rows].name != NULL; rows++)
    g_assert_cmphex(windows_error_names[rows - 1].code, <, windows_error_names[rows].code);
  g_assert_cmpuint(rows, ==, G_N_ELEMENTS(names));
}

static void test_alerts_become_codes(void)
{
  for (size_t at = 0; at < G_N_ELEMENTS(alerts); at++)
    g_assert_cmphex(windows_error_from_alert(alerts[at].alert), ==, alerts[at].code);
}

static void test_other_alerts_are_illegal_messages(void)
{
  static const uint8_t others[] = {0, 41, 90, 100, 112, 116, 120, 255};
  for (size_t at = 0; at < G_N_ELEMENTS(others); at++)
    g_assert_cmphex(windows_error_from_alert(others[at]), ==, 0x80090326);
}

int main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/windows_error/codes_have_names", test_codes_have_names);
  g_test_add_func("/windows_error/other_codes_have_none", test_other_codes_have_none);
  g_test_add_func("/windows_error/table_is_sorted", test_table_is_sorted);
  g_test_add_func("/windows_error/alerts_become_codes", test_alerts_become_codes);
  g_test_add_func("/windows_error/other_alerts_are_illegal_messages", test_other_alerts_are_illegal_messages);
  return g_test_run();
}
