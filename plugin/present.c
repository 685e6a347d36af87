/* present.c - what the user sees of a session on a frame: fields, tree, expert infos, Info column
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "present.h"

#include <epan/proto.h>

#include "core/outcome.h"
#include "generated.h"
#include "present_finding.h"

static int proto = -1;
static int ett_iphttps = -1;
static int ett_certificate = -1;

static int hf_session = -1;
static int hf_endpoint = -1;
static int hf_tagged_by = -1;
static int hf_client = -1;
static int hf_cipher_suite = -1;
static int hf_phase = -1;
static int hf_verdict = -1;
static int hf_decided_in = -1;
static int hf_stopped = -1;
static int hf_look_at = -1;
static int hf_attempt = -1;
static int hf_previous_session = -1;
static int hf_client_hello_in = -1;
static int hf_server_hello_in = -1;
static int hf_certificate_in = -1;
static int hf_request_in = -1;
static int hf_response_in = -1;
static int hf_certificate_subject = -1;
static int hf_certificate_name = -1;
static int hf_certificate_issuer = -1;
static int hf_certificate_not_before = -1;
static int hf_certificate_not_after = -1;
static int hf_certificate_thumbprint = -1;
static int hf_expected_name = -1;
static int hf_request_uri = -1;
static int hf_response_status = -1;
static int hf_response_server = -1;

static const value_string tags[] = {
    {TAG_CONFIGURED, "Configured endpoint"},
    {TAG_TUNNEL_REQUEST, "Tunnel request seen"},
    {TAG_NULL_ONLY, "Only NULL cipher suites offered"},
    {TAG_NULL_FIRST, "A NULL cipher suite offered first"},
    {TAG_LEARNED, "Endpoint seen earlier in this capture"},
    {TAG_NULL_BEHIND, "A NULL cipher suite offered behind encrypted ones"},
    {0, NULL},
};

static const value_string clients[] = {
    {CLIENT_OFFERS_NULL, "Offers NULL cipher suites (Windows 8 or later)"},
    {CLIENT_ENCRYPTED_ONLY, "Encrypted cipher suites only (Windows 7, or not Windows)"},
    {0, NULL},
};

static const value_string verdicts[] = {
    {VERDICT_IN_PROGRESS, "In progress"},
    {VERDICT_CONNECTED, "Connected"},
    {VERDICT_HANDSHAKE_COMPLETE, "Handshake complete (content not readable)"},
    {VERDICT_FAILED, "Failed"},
    {VERDICT_CLOSED, "Closed, nothing decided"},
    {0, NULL},
};

static value_string phases[PHASE_COUNT];

const char *present_verdict_name(session_verdict_t verdict)
{
  return val_to_str_const(verdict, verdicts, "Unknown");
}

static void register_fields(const void *cipher_suite_names)
{
  static hf_register_info fields[] = {
      {&hf_session,
       {"Session", "iphttps.session", FT_UINT32, BASE_DEC, NULL, 0x0,
        "Index of the DirectAccess session in this capture, in the order of tagging", HFILL}},
      {&hf_endpoint,
       {"Endpoint", "iphttps.endpoint", FT_STRING, BASE_NONE, NULL, 0x0,
        "The DirectAccess endpoint by the best name known, and its port", HFILL}},
      {&hf_tagged_by,
       {"Tagged by", "iphttps.tagged_by", FT_UINT8, BASE_DEC, VALS(tags), 0x0,
        "Why this is taken for a DirectAccess session", HFILL}},
      {&hf_client,
       {"Client", "iphttps.client", FT_UINT8, BASE_DEC, VALS(clients), 0x0, "What the Client Hello tells of the client",
        HFILL}},
      {&hf_cipher_suite,
       {"Cipher suite", "iphttps.cipher_suite", FT_UINT16, BASE_HEX, NULL, 0x0, "The suite the server chose", HFILL}},
      {&hf_phase,
       {"Phase", "iphttps.phase", FT_UINT8, BASE_DEC, VALS(phases), 0x0, "How far the session has come with this frame",
        HFILL}},
      {&hf_verdict,
       {"Verdict", "iphttps.verdict", FT_UINT8, BASE_DEC, VALS(verdicts), 0x0, "What has become of the session",
        HFILL}},
      {&hf_decided_in,
       {"Decided in", "iphttps.decided_in", FT_FRAMENUM, BASE_NONE, NULL, 0x0, "The frame that decided the verdict",
        HFILL}},
      {&hf_stopped,
       {"Stopped", "iphttps.stopped", FT_STRING, BASE_NONE, NULL, 0x0, "Where a failed session stopped, and by what",
        HFILL}},
      {&hf_look_at,
       {"Look at", "iphttps.look_at", FT_STRING, BASE_NONE, NULL, 0x0,
        "The box or service to look at first, by the gravest finding of the session", HFILL}},
      {&hf_attempt,
       {"Attempt", "iphttps.attempt", FT_UINT32, BASE_DEC, NULL, 0x0,
        "Which attempt of this client at this endpoint it is, from 1", HFILL}},
      {&hf_previous_session,
       {"Previous session", "iphttps.previous_session", FT_UINT32, BASE_DEC, NULL, 0x0,
        "The session of the attempt before", HFILL}},
      {&hf_client_hello_in,
       {"Client Hello in", "iphttps.client_hello_in", FT_FRAMENUM, BASE_NONE, NULL, 0x0, NULL, HFILL}},
      {&hf_server_hello_in,
       {"Server Hello in", "iphttps.server_hello_in", FT_FRAMENUM, BASE_NONE, NULL, 0x0, NULL, HFILL}},
      {&hf_certificate_in,
       {"Server certificate in", "iphttps.certificate_in", FT_FRAMENUM, BASE_NONE, NULL, 0x0, NULL, HFILL}},
      {&hf_request_in, {"Tunnel request in", "iphttps.request_in", FT_FRAMENUM, BASE_NONE, NULL, 0x0, NULL, HFILL}},
      {&hf_response_in, {"Answer in", "iphttps.response_in", FT_FRAMENUM, BASE_NONE, NULL, 0x0, NULL, HFILL}},
      {&hf_certificate_subject,
       {"Subject", "iphttps.certificate.subject", FT_STRING, BASE_NONE, NULL, 0x0, "Of the server's certificate",
        HFILL}},
      {&hf_certificate_name,
       {"Name", "iphttps.certificate.name", FT_STRING, BASE_NONE, NULL, 0x0, "A name the server's certificate covers",
        HFILL}},
      {&hf_certificate_issuer,
       {"Issuer", "iphttps.certificate.issuer", FT_STRING, BASE_NONE, NULL, 0x0, "Of the server's certificate", HFILL}},
      {&hf_certificate_not_before,
       {"Not before", "iphttps.certificate.not_before", FT_ABSOLUTE_TIME, ABSOLUTE_TIME_UTC, NULL, 0x0,
        "Start of the server certificate's validity", HFILL}},
      {&hf_certificate_not_after,
       {"Not after", "iphttps.certificate.not_after", FT_ABSOLUTE_TIME, ABSOLUTE_TIME_UTC, NULL, 0x0,
        "End of the server certificate's validity", HFILL}},
      {&hf_certificate_thumbprint,
       {"Thumbprint", "iphttps.certificate.thumbprint", FT_STRING, BASE_NONE, NULL, 0x0,
        "SHA-1 hash of the server's certificate, as Windows shows it", HFILL}},
      {&hf_expected_name,
       {"Expected name", "iphttps.expected_name", FT_STRING, BASE_NONE, NULL, 0x0,
        "The name the certificate was held against", HFILL}},
      {&hf_request_uri,
       {"Request URI", "iphttps.request.uri", FT_STRING, BASE_NONE, NULL, 0x0, "Of the tunnel request", HFILL}},
      {&hf_response_status,
       {"Response status", "iphttps.response.status", FT_UINT16, BASE_DEC, NULL, 0x0,
        "HTTP status that answers the tunnel request", HFILL}},
      {&hf_response_server,
       {"Response server", "iphttps.response.server", FT_STRING, BASE_NONE, NULL, 0x0,
        "Server header of the answer to the tunnel request", HFILL}},
  };
  static int *subtrees[] = {&ett_iphttps, &ett_certificate};

  for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
    if (fields[i].p_id == &hf_cipher_suite && cipher_suite_names != NULL) {
      fields[i].hfinfo.strings = cipher_suite_names;
      fields[i].hfinfo.display = BASE_HEX | BASE_EXT_STRING;
    }
  proto_register_field_array(proto, fields, G_N_ELEMENTS(fields));
  proto_register_subtree_array(subtrees, G_N_ELEMENTS(subtrees));
}

/* Opens these subtrees, so that the next step is seen without a click; a user who closes them is not overruled by the
 * next capture. Wireshark keeps what is open only once all protocols are registered, hence not at registration. */
static void open_subtrees(void)
{
  static bool opened;

  if (opened)
    return;
  opened = true;
  tree_expanded_set(ett_iphttps, TRUE);
  present_finding_open_subtrees();
}

/* Wireshark's tables of names end with a NULL; ours is made from the core's. */
static void name_phases(void)
{
  for (int phase = PHASE_NONE + 1; phase < PHASE_COUNT; phase++)
    phases[phase - 1] = (value_string){.value = (uint32_t)phase, .strptr = session_phase_name((session_phase_t)phase)};
}

void present_register(int proto_iphttps, const void *cipher_suite_names)
{
  proto = proto_iphttps;
  name_phases();
  register_fields(cipher_suite_names);
  present_finding_register(proto);
  register_init_routine(open_subtrees);
}

static void add_time(proto_tree *tree, tvbuff_t *tvb, int field, int64_t seconds)
{
  nstime_t time = {.secs = (time_t)seconds, .nsecs = 0};

  proto_item_set_generated(proto_tree_add_time(tree, field, tvb, 0, 0, &time));
}

/* The findings that the frame decides, the gravest first: at most one of each kind. Returns their number. */
static size_t findings_at(const session_t *session, uint32_t frame, const session_finding_t *at[FINDING_COUNT])
{
  finding_severity_t severities_at[FINDING_COUNT];
  size_t count = 0;

  for (guint i = 0; i < session->findings->len; i++) {
    const session_finding_t *finding = &g_array_index(session->findings, session_finding_t, i);

    if (finding->frame != frame)
      continue;
    finding_severity_t severity = session_finding_severity(session, finding);
    size_t place = count++;
    for (; place > 0 && severities_at[place - 1] < severity; place--) {
      at[place] = at[place - 1];
      severities_at[place] = severities_at[place - 1];
    }
    at[place] = finding;
    severities_at[place] = severity;
  }
  return count;
}

static void add_certificate(const session_t *session, tvbuff_t *tvb, proto_tree *tree)
{
  const certificate_t *leaf = session->leaf;
  const char *expected = session_expected_name(session);
  char *thumbprint = certificate_thumbprint_to_text(leaf);
  proto_item *item;
  proto_tree *subtree;

  subtree =
      proto_tree_add_subtree_format(tree, tvb, 0, 0, ett_certificate, &item, "Server certificate: %s", leaf->subject);
  proto_item_set_generated(item);
  if (expected != NULL)
    proto_item_append_text(item, " (expected name: %s)", expected);
  add_text(subtree, tvb, hf_certificate_subject, leaf->subject);
  for (char **name = leaf->common_names; *name != NULL; name++)
    add_text(subtree, tvb, hf_certificate_name, *name);
  for (char **name = leaf->dns_names; *name != NULL; name++)
    if (!g_strv_contains((const char *const *)leaf->common_names, *name))
      add_text(subtree, tvb, hf_certificate_name, *name);
  add_text(subtree, tvb, hf_certificate_issuer, leaf->issuer);
  add_time(subtree, tvb, hf_certificate_not_before, leaf->not_before);
  add_time(subtree, tvb, hf_certificate_not_after, leaf->not_after);
  add_text(subtree, tvb, hf_certificate_thumbprint, thumbprint);
  add_text(subtree, tvb, hf_expected_name, expected);
  g_free(thumbprint);
}

static void add_links(const session_t *session, tvbuff_t *tvb, proto_tree *tree)
{
  const struct {
    int field;
    uint32_t frame;
  } links[] = {
      {hf_client_hello_in, session->client_hello_frame}, {hf_server_hello_in, session->server_hello_frame},
      {hf_certificate_in, session->certificate_frame},   {hf_request_in, session->request_frame},
      {hf_response_in, session->response_frame},
  };

  for (size_t i = 0; i < G_N_ELEMENTS(links); i++)
    if (links[i].frame != 0)
      add_uint(tree, tvb, links[i].field, links[i].frame);
}

static void add_http(const session_t *session, uint32_t frame, tvbuff_t *tvb, proto_tree *tree)
{
  if (session->request_frame == frame)
    add_text(tree, tvb, hf_request_uri, session->request_uri);
  if (session->response_frame == frame && session->response_status != 0) {
    add_uint(tree, tvb, hf_response_status, session->response_status);
    add_text(tree, tvb, hf_response_server, session->response_server);
  }
}

/* NULL while nothing has been found that needs repair. */
static const char *look_at(const session_t *session)
{
  const session_finding_t *leading = session_leading_finding(session);

  return leading != NULL ? session_finding_look_at(session, leading) : NULL;
}

static void add_facts(const session_t *session, uint32_t frame, tvbuff_t *tvb, proto_tree *tree)
{
  session_phase_t phase = session_phase_at(session, frame);

  add_uint(tree, tvb, hf_tagged_by, session->tagged_by);
  if (session_client_kind(session) != CLIENT_UNKNOWN)
    add_uint(tree, tvb, hf_client, session_client_kind(session));
  if (session->cipher_suite != 0)
    add_uint(tree, tvb, hf_cipher_suite, session->cipher_suite);
  if (phase != PHASE_NONE)
    add_uint(tree, tvb, hf_phase, phase);
  add_uint(tree, tvb, hf_verdict, session->verdict);
  if (session->decided_frame != 0)
    add_uint(tree, tvb, hf_decided_in, session->decided_frame);
  if (session->verdict == VERDICT_FAILED && session->stopped != NULL)
    proto_item_set_generated(
        proto_tree_add_string_format(tree, hf_stopped, tvb, 0, 0, session->stopped, "%s", session->stopped));
  add_text(tree, tvb, hf_look_at, look_at(session));
  add_uint(tree, tvb, hf_attempt, session->attempt);
  if (session->previous != NULL)
    add_uint(tree, tvb, hf_previous_session, session->previous->index);
}

/* "DirectAccess IP-HTTPS: Failed, client certificate missing; look at: client (session 0, da.example.com:443)". */
static void summarise(proto_item *item, const session_t *session, const char *endpoint_text)
{
  const session_finding_t *leading = session_leading_finding(session);
  const session_finding_t *first = leading != NULL ? leading : session_flaw_of_capture(session);
  const session_finding_t *why = leading != NULL ? session_finding_explanation(session, leading) : NULL;

  proto_item_set_text(item, "DirectAccess IP-HTTPS: %s", present_verdict_name(session->verdict));
  if (first != NULL)
    proto_item_append_text(item, ", %s", finding_row(first->id)->title);
  if (why != NULL)
    proto_item_append_text(item, " (%s)", finding_row(why->id)->title);
  if (look_at(session) != NULL)
    proto_item_append_text(item, "; look at: %s", look_at(session));
  proto_item_append_text(item, " (session %u, %s)", session->index, endpoint_text);
}

/* Before the rest, which is cut where the screen ends. */
static void annotate(packet_info *pinfo, const session_finding_t *const *findings, size_t count)
{
  if (count == 0)
    return;
  GString *titles = g_string_new(finding_row(findings[0]->id)->title);
  for (size_t i = 1; i < count; i++)
    g_string_append_printf(titles, ", %s", finding_row(findings[i]->id)->title);
  col_prepend_fence_fstr(pinfo->cinfo, COL_INFO, "[IP-HTTPS: %s] ", titles->str);
  g_string_free(titles, TRUE);
}

/* All that the frame's tree tells of the session; the expert infos aside, nothing that anybody sees without a tree. */
static void add_session(const session_t *session, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree,
                        const session_finding_t *const *findings, size_t count)
{
  proto_item *item = proto_tree_add_item(tree, proto, tvb, 0, 0, ENC_NA);
  proto_tree *subtree = proto_item_add_subtree(item, ett_iphttps);
  /* Every field counts as asked for where somebody sees the tree. */
  char *endpoint_text = proto_field_is_referenced(tree, hf_endpoint) ? session_endpoint_text(session) : NULL;

  proto_item_set_generated(item);
  if (endpoint_text != NULL)
    summarise(item, session, endpoint_text);
  present_leading_finding(session, tvb, pinfo, subtree);
  for (size_t i = 0; i < count; i++)
    present_finding(session, findings[i], tvb, pinfo, subtree);
  add_uint(subtree, tvb, hf_session, session->index);
  add_text(subtree, tvb, hf_endpoint, endpoint_text);
  add_facts(session, pinfo->num, tvb, subtree);
  add_http(session, pinfo->num, tvb, subtree);
  if (session->leaf != NULL && (session->certificate_frame == pinfo->num || count > 0))
    add_certificate(session, tvb, subtree);
  add_links(session, tvb, subtree);
  g_free(endpoint_text);
}

/* Whether anybody looks at what is put into the tree: the user, a filter, a column or a colouring rule. The tree may be
 * there for fields of others alone. */
static bool is_looked_at(proto_tree *tree)
{
  static int expert_info = -1; /* Wireshark registers it behind all others */

  if (expert_info < 0)
    expert_info = proto_get_id_by_filter_name("_ws.expert");
  return proto_field_is_referenced(tree, proto) || expert_info < 0 || proto_field_is_referenced(tree, expert_info);
}

void present_frame(const session_t *session, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, bool annotate_info)
{
  const session_finding_t *findings[FINDING_COUNT];
  size_t count = findings_at(session, pinfo->num, findings);

  if (tree != NULL && is_looked_at(tree))
    add_session(session, tvb, pinfo, tree, findings, count);
  else
    for (size_t i = 0; i < count; i++)
      present_finding_expert(session, findings[i], pinfo, NULL);
  if (annotate_info)
    annotate(pinfo, findings, count);
}
