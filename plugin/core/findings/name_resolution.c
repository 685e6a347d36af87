/* name_resolution.c - findings about the lookup of the server's name
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "findings/evidence.h"
#include "windows_error.h"

#define LOOKUP_REPEATED_NS NANOSECONDS

/* A public name inside the internal namespace: its query is meant for a DNS64 server behind the tunnel. */
#define EXEMPT_FROM_NRPT "Client: Get-DnsClientNrptPolicy -Effective; exempt the server's public name from those rules."

static bool has_address(const session_t *session)
{
  return session->lookups[LOOKUP_A].has_address || session->lookups[LOOKUP_AAAA].has_address;
}

static bool lookups_without_address(const session_t *session)
{
  const name_lookup_t *a = &session->lookups[LOOKUP_A], *aaaa = &session->lookups[LOOKUP_AAAA];

  /* Of a question that the capture lacks, the other one may be missing as well. */
  return !has_address(session) && a->answered && (aaaa->answered || (!aaaa->asked && a->question_seen));
}

static bool lookup_refused(const session_t *session)
{
  return session->lookups[LOOKUP_A].refusal != 0 || session->lookups[LOOKUP_AAAA].refusal != 0;
}

static bool name_not_found(const evidence_t *given)
{
  return given->observation->name_code == DNS_NAME_ERROR && !has_address(given->session);
}

static bool name_without_address(const evidence_t *given)
{
  return given->observation->name_code != DNS_NAME_ERROR && lookups_without_address(given->session) &&
         !lookup_refused(given->session);
}

static bool lookup_repeated(const evidence_t *given)
{
  const name_lookup_t *asked = session_lookup(given->session, given->observation);

  return saw(given, SEEN_NAME_QUERY) && !asked->answered && !asked->answer_is_cut && !has_address(given->session) &&
         given->observation->time_ns - asked->asked_time_ns >= LOOKUP_REPEATED_NS;
}

static bool name_lookup_failed(const evidence_t *given)
{
  return lookup_repeated(given) ||
         (saw(given, SEEN_NAME_RESPONSE) && lookups_without_address(given->session) && lookup_refused(given->session));
}

static void describe_name(const evidence_t *given, GString *text)
{
  g_string_append(text, given->observation->name != NULL ? given->observation->name : "the name");
}

static void describe_missing_name(const evidence_t *given, GString *text)
{
  describe_name(given, text);
  g_string_append(text, " does not exist in DNS (NXDOMAIN)");
}

static void describe_empty_answer(const evidence_t *given, GString *text)
{
  describe_name(given, text);
  g_string_append(text, " has no A or AAAA record");
}

/* The frame may be the other question's answer, which was empty: what failed stands in the session. */
static void describe_failed_lookup(const evidence_t *given, GString *text)
{
  static const char *const types[LOOKUP_COUNT] = {[LOOKUP_A] = "A", [LOOKUP_AAAA] = "AAAA"};
  const char *conjunction = " was answered with";

  describe_name(given, text);
  if (!saw(given, SEEN_NAME_RESPONSE)) {
    g_string_append(text, " was asked for again, ");
    append_silence(given, text, session_lookup(given->session, given->observation)->asked_time_ns);
    return;
  }
  for (int i = 0; i < LOOKUP_COUNT; i++) {
    uint8_t refusal = given->session->lookups[i].refusal;

    if (refusal == 0)
      continue;
    g_string_append_printf(text, "%s %s (%s)", conjunction, refusal == DNS_REFUSED ? "REFUSED" : "SERVFAIL", types[i]);
    conjunction = " and";
  }
}

static const finding_remedy_t lookup_remedies[] = {
    {
        .where = "The question was asked again without an answer",
        .fits = lookup_repeated,
        .cause = "A firewall drops DNS, or the NRPT sends the query for the public name to the DNS64 address inside "
                 "the tunnel that is not up.",
        .next_step =
            {
                EXEMPT_FROM_NRPT,
                "Where the query goes to an IPv6 address that ends in 3333::1, it is that of the DNS64 server.",
                "Run Resolve-DnsName NAME -Server ADDRESS against the client's DNS server and a public one.",
                "Where only the former fails, look at the firewall before it.",
            },
    },
    {.cause = NULL},
};

const finding_row_t name_resolution_findings[] = {
    {
        .id = FINDING_NAME_NOT_FOUND,
        .seen_on = SEEN_NAME_RESPONSE,
        .slug = "name_not_found",
        .severity = SEVERITY_ERROR,
        .overcome_by = PHASE_TCP_CONNECT,
        .error_rule = ERROR_FIXED,
        .windows_error = WINDOWS_WSAHOST_NOT_FOUND,
        .title = "name not found",
        .look_at = "DNS",
        .summary = "The name of the DirectAccess server does not exist in DNS (NXDOMAIN).",
        .cause = "The public DNS zone has no record for the host name in the client's IP-HTTPS URL, or the client "
                 "asked a DNS server that does not see the public zone.",
        .next_step =
            {
                "Compare ServerURL in Get-NetIPHttpsConfiguration with the public DNS zone.",
                "Run Resolve-DnsName for that host on the client, with -Server set to a public resolver as well.",
                EXEMPT_FROM_NRPT,
            },
        .reference = "RFC 1035 section 4.1.1",
        .raised_when = "the answer to a known endpoint's name is NXDOMAIN",
        .raised_on = "DNS response",
        .applies = name_not_found,
        .happened = describe_missing_name,
        .particulars = describe_name,
    },
    {
        .id = FINDING_NAME_WITHOUT_ADDRESS,
        .seen_on = SEEN_NAME_RESPONSE,
        .slug = "name_without_address",
        .severity = SEVERITY_ERROR,
        .overcome_by = PHASE_TCP_CONNECT,
        .error_rule = ERROR_FIXED,
        .windows_error = WINDOWS_WSANO_DATA,
        .title = "name without address",
        .look_at = "DNS",
        .summary = "The DNS answer for the DirectAccess server's name holds no address of the server.",
        .cause = "The name exists, but only with records of other types, or it is an alias whose target has neither an "
                 "A nor an AAAA record.",
        .next_step =
            {
                "Add an A record with the public address of the server or load balancer.",
                "Check it on the client with Resolve-DnsName NAME -Type A.",
                EXEMPT_FROM_NRPT,
            },
        .reference = "RFC 2308 section 2.2",
        .raised_when = "the answers hold neither an A nor an AAAA record, along all aliases; where both are asked for "
                       "side by side, one with an address is enough",
        .raised_on = "DNS response",
        .applies = name_without_address,
        .happened = describe_empty_answer,
        .particulars = describe_name,
    },
    {
        .id = FINDING_NAME_LOOKUP_FAILED,
        .seen_on = SEEN_NAME_QUERY | SEEN_NAME_RESPONSE,
        .slug = "name_lookup_failed",
        .severity = SEVERITY_ERROR,
        .overcome_by = PHASE_TCP_CONNECT,
        .error_rule = ERROR_FIXED,
        .windows_error = WINDOWS_WSAHOST_NOT_FOUND,
        .title = "name lookup failed",
        .look_at = "DNS",
        .summary = "The client's DNS server has so far given no usable answer for the DirectAccess server's name.",
        .cause =
            "The DNS server cannot reach the zone's name servers (SERVFAIL), or does not serve this client (REFUSED).",
        .next_step =
            {
                "Run Resolve-DnsName NAME -Server ADDRESS against the client's DNS server and a public one.",
                "Where only the former fails, correct its forwarders or the firewall before it.",
                EXEMPT_FROM_NRPT,
            },
        .remedies = lookup_remedies,
        .reference = "RFC 1035 section 4.1.1",
        .raised_when = "the answer is SERVFAIL or REFUSED, or the question is asked again a second or more later "
                       "without an answer in between",
        .raised_on = "DNS response, or the repeated question",
        .applies = name_lookup_failed,
        .happened = describe_failed_lookup,
    },
    {.slug = NULL},
};
