/* catalogue.c - all findings by their ids
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "findings/catalogue.h"

#include "findings/evidence.h"

static const finding_row_t *const phases[] = {
    name_resolution_findings,
    connect_findings,
    proxy_findings,
    hello_findings,
    server_certificate_findings,
    certificate_rejection_findings,
    client_certificate_findings,
    handshake_findings,
    revocation_findings,
    http_findings,
    tunnel_findings,
    ipsec_findings,
    recording_findings,
};

/* Filled once with what never changes. */
static const finding_row_t *rows[FINDING_COUNT];

const finding_row_t *finding_row(finding_id_t id)
{
  if (rows[0] == NULL)
    for (size_t i = 0; i < G_N_ELEMENTS(phases); i++)
      for (const finding_row_t *row = phases[i]; row->slug != NULL; row++)
        rows[row->id] = row;
  return rows[id];
}
