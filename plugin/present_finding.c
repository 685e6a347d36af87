/* present_finding.c - what the user sees of a finding: its subtree, and the expert info
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "present_finding.h"

#include <string.h>

#include <epan/expert.h>
#include <epan/proto.h>

#include "core/outcome.h"
#include "core/windows_error.h"
#include "generated.h"

#define LINE_MAX_BYTES 110 /* of the packet details at 1280 pixels, indented and with a label */

static int ett_finding = -1;
static int ett_rest = -1;

static int hf_gravest_in = -1;
static int hf_finding = -1;
static int hf_finding_title = -1;
static int hf_finding_severity = -1;
static int hf_finding_summary = -1;
static int hf_finding_evidence = -1;
static int hf_finding_cause = -1;
static int hf_finding_next_step = -1;
static int hf_finding_reference = -1;
static int hf_windows_error = -1;

/* Of each finding as it is and as it may be: an error that the session got over is a warning, and some warnings are
 * errors. */
enum { EXPERT_AS_IS, EXPERT_OTHERWISE, EXPERTS };
static expert_field finding_experts[FINDING_COUNT][EXPERTS];

static const value_string severities[] = {
    {SEVERITY_CHAT, "Chat"},
    {SEVERITY_NOTE, "Note"},
    {SEVERITY_WARNING, "Warning"},
    {SEVERITY_ERROR, "Error"},
    {0, NULL},
};

static value_string *windows_errors;

static void register_fields(int proto)
{
  static hf_register_info fields[] = {
      {&hf_gravest_in,
       {"Gravest finding in", "iphttps.gravest_in", FT_FRAMENUM, BASE_NONE, NULL, 0x0,
        "The frame of the finding that heads the session", HFILL}},
      {&hf_finding,
       {"Finding", "iphttps.finding", FT_STRING, BASE_NONE, NULL, 0x0, "A finding that this frame decides", HFILL}},
      {&hf_finding_title,
       {"Title", "iphttps.finding.title", FT_STRING, BASE_NONE, NULL, 0x0, "The finding in a few words", HFILL}},
      {&hf_finding_severity,
       {"Severity", "iphttps.finding.severity", FT_UINT8, BASE_DEC, VALS(severities), 0x0, "How grave the finding is",
        HFILL}},
      {&hf_finding_summary,
       {"Summary", "iphttps.finding.summary", FT_STRING, BASE_NONE, NULL, 0x0, "What is wrong", HFILL}},
      {&hf_finding_evidence,
       {"Evidence", "iphttps.finding.evidence", FT_STRING, BASE_NONE, NULL, 0x0,
        "What was seen: the alert, the names, the status", HFILL}},
      {&hf_finding_cause,
       {"Cause", "iphttps.finding.cause", FT_STRING, BASE_NONE, NULL, 0x0, "What is behind it", HFILL}},
      {&hf_finding_next_step,
       {"Next step", "iphttps.finding.next_step", FT_STRING, BASE_NONE, NULL, 0x0, "What to do about it", HFILL}},
      {&hf_finding_reference,
       {"Reference", "iphttps.finding.reference", FT_STRING, BASE_NONE, NULL, 0x0, "The finding's page", HFILL}},
      {&hf_windows_error,
       {"Windows error", "iphttps.windows_error", FT_UINT32, BASE_HEX, NULL, 0x0,
        "What the client's LastErrorCode would read", HFILL}},
  };
  static int *subtrees[] = {&ett_finding, &ett_rest};

  for (size_t i = 0; i < G_N_ELEMENTS(fields); i++)
    if (fields[i].p_id == &hf_windows_error)
      fields[i].hfinfo.strings = VALS(windows_errors);
  proto_register_field_array(proto, fields, G_N_ELEMENTS(fields));
  proto_register_subtree_array(subtrees, G_N_ELEMENTS(subtrees));
}

static void register_experts(int proto)
{
  static const int of_experts[] = {
      [SEVERITY_CHAT] = PI_CHAT, [SEVERITY_NOTE] = PI_NOTE, [SEVERITY_WARNING] = PI_WARN, [SEVERITY_ERROR] = PI_ERROR};
  static ei_register_info infos[FINDING_COUNT * EXPERTS];

  for (int i = 0; i < FINDING_COUNT * EXPERTS; i++) {
    const finding_row_t *row = finding_row((finding_id_t)(i / EXPERTS));
    expert_field *expert = &finding_experts[i / EXPERTS][i % EXPERTS];
    finding_severity_t otherwise = row->severity == SEVERITY_ERROR ? SEVERITY_WARNING : SEVERITY_ERROR;

    *expert = (expert_field)EI_INIT;
    infos[i] = (ei_register_info){
        .ids = expert,
        .eiinfo = {.name = wmem_strdup_printf(wmem_epan_scope(), "iphttps.%s", row->slug),
                   .group = PI_PROTOCOL,
                   .severity = of_experts[i % EXPERTS == EXPERT_AS_IS ? row->severity : otherwise],
                   .summary = wmem_strdup_printf(wmem_epan_scope(), "%s: %s", row->title, row->summary),
                   EXPFILL}};
  }
  expert_register_field_array(expert_register_protocol(proto), infos, FINDING_COUNT * EXPERTS);
}

/* Wireshark's tables of names end with a NULL; ours is made from the core's. */
static void name_windows_errors(void)
{
  size_t count = 0;

  while (windows_error_names[count].name != NULL)
    count++;
  windows_errors = wmem_alloc0_array(wmem_epan_scope(), value_string, count + 1);
  for (size_t i = 0; i < count; i++)
    windows_errors[i] = (value_string){.value = windows_error_names[i].code, .strptr = windows_error_names[i].name};
}

void present_finding_register(int proto)
{
  name_windows_errors();
  register_fields(proto);
  register_experts(proto);
}

void present_finding_open_subtrees(void)
{
  tree_expanded_set(ett_finding, TRUE);
}

/* Adds a sentence whose end stands on a line of its own where one line would not fit the screen. */
static void add_sentence(proto_tree *tree, tvbuff_t *tvb, int field, const char *sentence)
{
  const char *label = proto_registrar_get_nth((unsigned)field)->name;
  const char *end = sentence + strlen(sentence), *cut = end;
  proto_item *rest;

  if (cut - sentence > LINE_MAX_BYTES)
    for (cut = sentence + LINE_MAX_BYTES; cut > sentence && *cut != ' '; cut--)
      ;
  if (cut == sentence || cut == end) {
    add_text(tree, tvb, field, sentence);
    return;
  }
  proto_item_set_generated(proto_tree_add_string_format(tree, field, tvb, 0, 0, sentence, "%s: %.*s", label,
                                                        (int)(cut - sentence), sentence));
  proto_tree_add_subtree_format(tree, tvb, 0, 0, ett_rest, &rest, "%*s%s", (int)strlen(label) + 2, "", cut + 1);
  proto_item_set_generated(rest);
}

/* What to do: a line for each product. */
static void add_remedy(const session_t *session, const session_finding_t *finding, tvbuff_t *tvb, proto_tree *tree)
{
  for (const char *const *step = session_finding_next_steps(session, finding); *step != NULL; step++)
    add_text(tree, tvb, hf_finding_next_step, *step);
  add_sentence(tree, tvb, hf_finding_cause, session_finding_cause(session, finding));
}

static void add_reference(const finding_row_t *row, tvbuff_t *tvb, proto_tree *tree)
{
  char *url = g_strdup_printf("%s/%s.md", IPHTTPS_REFERENCE_URL, row->slug);

  proto_item_set_url(add_text(tree, tvb, hf_finding_reference, url));
  g_free(url);
}

void present_finding_expert(const session_t *session, const session_finding_t *finding, packet_info *pinfo,
                            proto_item *item)
{
  const finding_row_t *row = finding_row(finding->id);
  bool as_is = session_finding_severity(session, finding) == row->severity;

  expert_add_info_format(pinfo, item, &finding_experts[finding->id][as_is ? EXPERT_AS_IS : EXPERT_OTHERWISE], "%s: %s",
                         row->title, finding->evidence != NULL ? finding->evidence : row->summary);
}

void present_finding(const session_t *session, const session_finding_t *finding, tvbuff_t *tvb, packet_info *pinfo,
                     proto_tree *tree)
{
  const finding_row_t *row = finding_row(finding->id);
  proto_item *item = add_text(tree, tvb, hf_finding, row->slug);
  proto_tree *subtree;

  proto_item_append_text(item, " (%s)", row->title);
  /* First, since it makes the subtree one of its own kind, which would be closed. */
  present_finding_expert(session, finding, pinfo, item);
  subtree = proto_item_add_subtree(item, ett_finding);
  add_sentence(subtree, tvb, hf_finding_summary, row->summary);
  if (finding->evidence != NULL)
    add_sentence(subtree, tvb, hf_finding_evidence, finding->evidence);
  add_remedy(session, finding, tvb, subtree);
  if (finding->windows_error != WINDOWS_ERROR_NONE)
    add_uint(subtree, tvb, hf_windows_error, finding->windows_error);
  add_text(subtree, tvb, hf_finding_title, row->title);
  add_uint(subtree, tvb, hf_finding_severity, session_finding_severity(session, finding));
  add_reference(row, tvb, subtree);
}

/* Where nothing heads the session: what its verdict leaves open, and what is wrong with the capture that hid it. */
static void add_open_question(const session_t *session, tvbuff_t *tvb, uint32_t frame, proto_tree *tree)
{
  char *question = session_open_question(session);
  const session_finding_t *flaw = session_flaw_of_capture(session);
  proto_item *item;
  proto_tree *subtree = tree;

  if (question != NULL) {
    subtree = proto_tree_add_subtree_format(tree, tvb, 0, 0, ett_finding, &item, "Seen: %s", question);
    proto_item_set_generated(item);
  }
  if (flaw != NULL && flaw->frame != frame)
    add_remedy(session, flaw, tvb, subtree);
  g_free(question);
}

/* What heads the session. On the frames that it does not stand on itself its title comes first of all titles, for a
 * column, and what to do stands here. */
void present_leading_finding(const session_t *session, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
  const session_finding_t *leading = session_leading_finding(session);
  const finding_row_t *row;
  proto_item *item;
  proto_tree *subtree;

  if (leading == NULL) {
    add_open_question(session, tvb, pinfo->num, tree);
    return;
  }
  row = finding_row(leading->id);
  item = add_uint(tree, tvb, hf_gravest_in, leading->frame);
  if (leading->frame == pinfo->num)
    return;
  subtree = proto_item_add_subtree(item, ett_finding);
  add_text(subtree, tvb, hf_finding_title, row->title);
  add_remedy(session, leading, tvb, subtree);
}
