/* certificate.h - what of an X.509 certificate matters to DirectAccess
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_CORE_CERTIFICATE_H
#define IPHTTPS_CORE_CERTIFICATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CERTIFICATE_SHA1_LENGTH 20
#define CERTIFICATE_SHA256_LENGTH 32
#define CERTIFICATE_COMMON_NAMES_MAX 1024 /* of a subject; GnuTLS takes the longer for each the more there are */
#define CERTIFICATE_ISSUER_TEXTS_MAX 16   /* values kept of each: the issuer's CN, O and OU */
#define CERTIFICATE_TEXT_MAX 1024 /* characters kept of subject and issuer; a single value this long is left out */
#define CERTIFICATE_DER_MAX (64 * 1024) /* a larger one is not parsed */
#define CERTIFICATE_REVOCATION_HOSTS_MAX 16

/* The facts of one certificate. Owns all it points to. */
typedef struct {
  char *subject;           /* RFC 4514 text, "" for an empty subject */
  char **common_names;     /* NULL-terminated: the subject's CN values, the most specific first */
  char *issuer;            /* RFC 4514 text */
  char *issuer_texts;      /* the issuer's CN, O and OU values, a line each, casefolded: to look for a text in them */
  char **dns_names;        /* NULL-terminated: dNSName entries of the subjectAltName, all of them, in order */
  char **revocation_hosts; /* NULL-terminated: "host" or "host:port" of the HTTP addresses of its CRL and OCSP, each
                              once, at most CERTIFICATE_REVOCATION_HOSTS_MAX */
  uint8_t *issuer_dn;      /* DER of the issuer's distinguished name, to compare with CertificateRequest's list */
  size_t issuer_dn_length;
  int64_t not_before; /* seconds since 1970-01-01 UTC */
  int64_t not_after;
  uint8_t sha1[CERTIFICATE_SHA1_LENGTH]; /* of the whole DER: Windows' "thumbprint" */
  uint8_t sha256[CERTIFICATE_SHA256_LENGTH];
  bool self_signed; /* subject equals issuer and its own key verifies the signature */
  bool key_is_rsa;  /* rsaEncryption: fit for RSA key exchange, unlike RSASSA-PSS (RFC 4055 section 1.2) */
  bool has_extended_key_usage;
  bool allows_server_auth; /* 1.3.6.1.5.5.7.3.1 or anyExtendedKeyUsage; true where there is no extended key usage */
  bool allows_client_auth; /* 1.3.6.1.5.5.7.3.2 likewise */
} certificate_t;

/* Parses DER (X.509, RFC 5280) with GnuTLS. Returns NULL for what GnuTLS refuses, for a validity it cannot read, for
 * length 0 and beyond CERTIFICATE_DER_MAX. Free with certificate_free(). Strings are valid UTF-8; what cannot be
 * printed in them is U+FFFD. */
certificate_t *certificate_parse(const uint8_t *der, size_t length);

/* Frees it; NULL is allowed. */
void certificate_free(certificate_t *certificate);

/* Whether one of the subject's common names covers the name (wildcards by RFC 6125). */
bool certificate_subject_covers(const certificate_t *leaf, const char *name);

/* Whether a dNSName of the subjectAltName covers it. */
bool certificate_san_covers(const certificate_t *leaf, const char *name);

/* Whether the certificate is for the name: where there are dNSNames, by them alone, whatever the subject says (RFC 6125
 * section 6.4.4); else by the subject's common names. */
bool certificate_covers(const certificate_t *leaf, const char *name);

/* Whether both have the same common names and the same dNSNames. */
bool certificate_same_names(const certificate_t *one, const certificate_t *other);

/* Whether both name the same issuer. */
bool certificate_same_issuer(const certificate_t *one, const certificate_t *other);

/* Its SHA-1 in hexadecimal, as Windows shows a thumbprint; to be freed with g_free(). */
char *certificate_thumbprint_to_text(const certificate_t *leaf);

/* Whether thumbprint (20 bytes SHA-1 or 32 bytes SHA-256) is the certificate's. */
bool certificate_has_thumbprint(const certificate_t *leaf, const uint8_t *thumbprint, size_t length);

#endif
