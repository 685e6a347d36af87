/* server_certificate.c - which findings a session raises: what the server's certificate looks like
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "cases.h"

#define SHOWS(certificate) CONFIGURED_HELLO "<shello:003b+cert:" certificate

static const diagnosis_case_t cases[] = {
    {"certificate_name_mismatch", "other name", SHOWS("other-name"), "certificate_name_mismatch@5", "failed@5",
     "expected da.example.com, the certificate is for www.example.net (SAN: www.example.net)"},
    {"certificate_name_mismatch", "wildcard of another domain", SHOWS("wildcard-elsewhere"),
     "certificate_name_mismatch@5", "failed@5", "expected da.example.com, the certificate is for *.corp.example.com"},
    {"certificate_name_mismatch", "exact", SHOWS("good"), "", "in progress", NULL},
    {"certificate_name_mismatch", "wildcard", SHOWS("wildcard"), "", "in progress", NULL},
    {"certificate_name_mismatch", "no name to expect", "=address =nameless " NULL_HELLO "<shello:003b+cert:other-name",
     "", "in progress", NULL},
    {"certificate_name_mismatch", "cannot be parsed", SHOWS("junk"), "", "in progress", NULL},
    {"certificate_name_only_in_san", "SAN alone", SHOWS("san-only"), "certificate_name_only_in_san@5", "in progress",
     "expected da.example.com, the certificate is for edge01.corp.example.com (SAN: da.example.com)"},
    {"certificate_name_only_in_san", "subject alone", SHOWS("subject-only"), "", "in progress", NULL},
    {"certificate_name_only_in_san", "in neither", SHOWS("other-name"), "certificate_name_mismatch@5", "failed@5",
     NULL},
    {"certificate_not_expected", "another thumbprint", "=configured:renewed " NULL_HELLO "<shello:003b+cert:good",
     "certificate_not_expected@5", "failed@5", "its thumbprint is SHA1"},
    {"certificate_not_expected", "another than learned", "=learned:renewed " NULL_HELLO "<shello:003b+cert:good",
     "certificate_not_expected@5", "failed@5", "its thumbprint is SHA1"},
    {"certificate_not_expected", "configured thumbprint", "=configured:good " NULL_HELLO "<shello:003b+cert:good", "",
     "in progress", NULL},
    {"certificate_not_expected", "as learned", "=learned:good " NULL_HELLO "<shello:003b+cert:good", "", "in progress",
     NULL},
    {"certificate_not_expected", "nothing learned yet", "=learned " NULL_HELLO "<shello:003b+cert:good", "",
     "in progress", NULL},
    {"certificate_inspected", "a company's own CA, known by what connected sessions showed",
     "=learned:good " NULL_HELLO "<shello:003b+cert:reissued", "certificate_not_expected@5 certificate_inspected@5",
     "failed@5",
     "the same names, issued by CN=Corporate Proxy CA,O=Example; connected sessions showed one issued by CN=Example "
     "Issuing CA,O=Example"},
    {"certificate_inspected", "renewed by the same CA", "=learned:good " NULL_HELLO "<shello:003b+cert:renewed",
     "certificate_not_expected@5", "failed@5", NULL},
    {"certificate_inspected", "other names by another CA", "=learned:good " NULL_HELLO "<shello:003b+cert:inspected",
     "certificate_not_expected@5 certificate_inspected@5", "failed@5",
     "Fortinet FortiGate (issuer CN=FG100F,O=Fortinet,OU=Certificate Authority)"},
    {"certificate_inspected", "known product", SHOWS("inspected"), "certificate_inspected@5", "failed@5",
     "Fortinet FortiGate (issuer CN=FG100F,O=Fortinet,OU=Certificate Authority)"},
    {"certificate_inspected", "product's name in the subject", SHOWS("of-fortinet"), "", "in progress", NULL},
    {"certificate_expired", "yesterday", SHOWS("expired"), "certificate_expired@5", "failed@5",
     "it was valid until 2025-05-31 00:00:00 UTC"},
    {"certificate_expired", "last second", SHOWS("expires-now"), "", "in progress", NULL},
    {"certificate_expired", "one second later", CONFIGURED_HELLO "~1000 <shello:003b+cert:expires-now",
     "certificate_expired@5", "failed@5", "it was valid until 2025-06-01 00:00:00 UTC"},
    {"certificate_not_yet_valid", "from tomorrow", SHOWS("future"), "certificate_not_yet_valid@5", "failed@5",
     "it is valid from 2025-06-02 00:00:00 UTC"},
    {"certificate_not_yet_valid", "first second", SHOWS("begins-now"), "", "in progress", NULL},
    {"certificate_without_server_auth", "Client Authentication alone", SHOWS("not-for-servers"),
     "certificate_without_server_auth@5", "failed@5", "subject CN=da.example.com"},
    {"certificate_without_server_auth", "any purpose", SHOWS("for-any-purpose"), "", "in progress", NULL},
    {"certificate_without_server_auth", "no extended key usage", SHOWS("subject-only"), "", "in progress", NULL},
    {"certificate_self_signed", "self-signed", SHOWS("self-signed"), "certificate_self_signed@5", "in progress",
     "subject CN=da.example.com"},
    {"certificate_self_signed", "issuer of the same name", SHOWS("own-name-as-issuer"), "", "in progress", NULL},
    {"certificate_key_not_rsa", "ECDSA", SHOWS("ecdsa"), "certificate_key_not_rsa@5", "in progress",
     "subject CN=da.example.com"},
    {"certificate_key_not_rsa", "RSA", SHOWS("good"), "", "in progress", NULL},
    /* What an inferred session's certificate looks like shows only when it fails. */
    {"certificate_name_mismatch", "while inferred", NULL_HELLO "<shello:003b+cert:other-name", "", "in progress", NULL},
    {"certificate_name_mismatch", "inferred and failed", NULL_HELLO "<shello:003b+cert:other-name <ack >alert:46",
     "certificate_name_mismatch@7 certificate_rejected@7", "failed@7",
     "expected da.example.com, the certificate is for www.example.net (SAN: www.example.net)"},
    {"certificate_expired", "inferred and silent", NULL_HELLO "<shello:003b+cert:expired >rst",
     "certificate_expired@6 certificate_silently_rejected@6", "failed@6", "it was valid until 2025-05-31 00:00:00 UTC"},
    {"certificate_key_not_rsa", "inferred and failed", NULL_HELLO "<shello:003b+cert:ecdsa <alert:40",
     "certificate_key_not_rsa@6 handshake_failed@6:80090326", "failed@6", "subject CN=da.example.com"},
    {"certificate_self_signed", "inferred and connected",
     NULL_HELLO "<shello:003b+cert:self-signed >ckx+ccs+finished <ccs+finished >post <status:200", "connected@9",
     "connected@9", NULL},
    {"certificate_inspected", "inferred, request refused",
     NULL_HELLO "<shello:003b+cert:inspected >ckx+ccs+finished <ccs+finished >post <status:403",
     "certificate_inspected@9 http_rejected@9", "failed@9",
     "Fortinet FortiGate (issuer CN=FG100F,O=Fortinet,OU=Certificate Authority)"},
    {"certificate_name_mismatch", "tag withdrawn",
     NULL_HELLO "<shello:003b+cert:other-name >ckx+ccs+finished <ccs+finished >other <alert:40", "", "in progress",
     NULL},
    {"certificate_name_mismatch", "learned", "=learned " NULL_HELLO "<shello:003b+cert:other-name",
     "certificate_name_mismatch@5", "failed@5",
     "expected da.example.com, the certificate is for www.example.net (SAN: www.example.net)"},
    /* What came first stays found; the verdict follows what happened last. */
    {"certificate_name_mismatch", "connected all the same",
     SHOWS("other-name") " >ckx+ccs+finished <ccs+finished >post <status:200",
     "certificate_name_mismatch@5 connected@9", "connected@9",
     "expected da.example.com, the certificate is for www.example.net (SAN: www.example.net)"},
};

static const sentence_case_t sentences[] = {
    {SHOWS("other-name"), "certificate_name_mismatch",
     "The server's certificate does not cover the name that the client connects to: expected da.example.com, the "
     "certificate is for www.example.net (SAN: www.example.net)."},
    {SHOWS("san-only"), "certificate_name_only_in_san",
     "The name that the client connects to is an alternative name of the certificate, not its subject: expected "
     "da.example.com, the certificate is for edge01.corp.example.com (SAN: da.example.com)."},
    {SHOWS("inspected"), "certificate_inspected",
     "TLS inspection on the way issued the certificate that the client was shown: Fortinet FortiGate (issuer "
     "CN=FG100F,O=Fortinet,OU=Certificate Authority)."},
    {SHOWS("expired"), "certificate_expired",
     "The server's certificate had expired when the frame was captured: it was valid until 2025-05-31 00:00:00 UTC."},
    {SHOWS("future"), "certificate_not_yet_valid",
     "The server's certificate was not valid yet when the frame was captured: it is valid from 2025-06-02 00:00:00 "
     "UTC."},
    {SHOWS("not-for-servers"), "certificate_without_server_auth",
     "The extended key usages of the server's certificate do not include Server Authentication: subject "
     "CN=da.example.com."},
    {SHOWS("self-signed"), "certificate_self_signed",
     "The server's certificate is self-signed: subject CN=da.example.com."},
    {SHOWS("ecdsa"), "certificate_key_not_rsa",
     "The key of the server's certificate is not an RSA key: subject CN=da.example.com."},
};

const phase_cases_t server_certificate_cases = {"server_certificate", LISTED(cases), LISTED(sentences), NULL, 0};
