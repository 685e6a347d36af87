# Makes an index template for Elasticsearch and OpenSearch of what tshark prints with
#   tshark -G elastic-mapping --elastic-mapping-filter iphttps
#
# tshark maps numbers and times. It leaves out texts, which then cannot be counted, and takes for numbers what it itself
# writes as 0x0009, which would have the whole document refused: both become keywords.
#
# SPDX-License-Identifier: GPL-2.0-or-later

def texts: ["endpoint", "stopped", "look_at", "finding", "finding_summary", "windows_error", "cipher_suite",
  "certificate_subject", "certificate_name", "certificate_issuer", "certificate_thumbprint", "expected_name",
  "request_uri", "response_server"];

{
  index_patterns: ["packets-*"],
  template: (
    .mappings.properties.layers.properties.iphttps.properties +=
      ([texts[] | {key: "iphttps_iphttps_\(.)", value: {type: "keyword"}}] | from_entries)
  )
}
