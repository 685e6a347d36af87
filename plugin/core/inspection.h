/* inspection.h - recognising certificates made by TLS-inspection products
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_CORE_INSPECTION_H
#define IPHTTPS_CORE_INSPECTION_H

#include <stddef.h>

#include "certificate.h"

/* One row: text found anywhere in an issuer's CN, O or OU (any letter case), and the product it betrays. */
typedef struct {
  const char *issuer_text;
  const char *product;
} inspection_issuer_t;

/* The products known out of the box; ends with a row of NULLs. */
extern const inspection_issuer_t inspection_known_issuers[];

typedef struct inspection inspection_t;

/* Reads the rows once, whose texts must outlive it; those with an empty text never match. Free with inspection_free(),
 * which allows NULL. */
inspection_t *inspection_new(const inspection_issuer_t *issuers, size_t count);
void inspection_free(inspection_t *inspection);

/* The product of the first row whose text stands in the certificate's issuer, NULL if none. A known product does not
 * count for its vendor's own hosts, whose certificates may be the vendor's in earnest; host is the name that the
 * certificate stands for, NULL if nobody asked for one: then its own first name is taken. */
const char *inspection_product(const inspection_t *inspection, const certificate_t *leaf, const char *host);

#endif
