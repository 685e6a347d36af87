/* handshake.c - findings about a TLS handshake that neither the hellos nor a certificate explain
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "findings/evidence.h"

const finding_row_t handshake_findings[] = {
    {
        .id = FINDING_HANDSHAKE_FAILED,
        .slug = "handshake_failed",
        .severity = SEVERITY_ERROR,
        .error_rule = ERROR_BY_ALERT,
        .title = "TLS handshake failed",
        .look_at = "server or load balancer",
        .summary = "The TLS handshake was ended before it was complete.",
        .cause = "Neither cipher suites nor a certificate explain it: a middlebox alters TLS, the private key does not "
                 "fit the certificate, or one side failed internally.",
        .next_step =
            {
                "Capture at the server too and compare: a difference points to TLS inspection between.",
                "Windows Server: read the Schannel events in the System log.",
                "ADC: read its SSL log.",
            },
        .reference = "RFC 5246 sections 7.2.2 and 7.3",
        .raised_when = "any other fatal alert, RST or FIN ends the handshake before it is complete",
        .raised_on = "alert, RST or FIN",
        .happened = describe_ending,
    },
    {.slug = NULL},
};
