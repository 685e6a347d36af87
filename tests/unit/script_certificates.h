/* script_certificates.h - the certificates that scripts know, each made when it is first named
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_TESTS_SCRIPT_CERTIFICATES_H
#define IPHTTPS_TESTS_SCRIPT_CERTIFICATES_H

#include "certificate_cache.h"

#define SCRIPT_START INT64_C(1748736000) /* when scripts begin, 2025-06-01 00:00:00 UTC: some expire then */
#define SCRIPT_NAME "da.example.com"     /* whom most are for */
#define SCRIPT_CRL_NAME "crl.example.com"

/* The DER of the certificate with that name, "junk" for what is none; kept until the program ends, which an unknown
 * name does at once. */
byte_span_t script_certificate(const char *name);

/* The same, parsed. */
const certificate_t *script_parsed_certificate(const char *name);

#endif
