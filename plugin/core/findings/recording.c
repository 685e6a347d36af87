/* recording.c - findings about the capture itself: what it lacks of a session, or has more than once
 *
 * They explain why other findings are not raised; see unread_t.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "findings/evidence.h"

/* Of both sides. A DNS message says so of itself alone. */
static uint8_t unread(const evidence_t *given)
{
  const uint8_t *sides =
      saw(given, SEEN_NAME_QUERY | SEEN_NAME_RESPONSE) ? given->observation->unread : given->session->unread;

  return sides[SIDE_CLIENT] | sides[SIDE_SERVER];
}

/* They are no evidence that the session is one. */
static bool is_ours(const evidence_t *given)
{
  return given->session->tagged_by != TAG_NONE;
}

static bool capture_truncated(const evidence_t *given)
{
  return is_ours(given) && (unread(given) & UNREAD_CUT) != 0;
}

static bool capture_incomplete(const evidence_t *given)
{
  const uint8_t reasons = UNREAD_BEFORE | UNREAD_MISSING | UNREAD_WITHHELD | UNREAD_TWICE | UNREAD_ENCRYPTED;

  return is_ours(given) && (saw(given, SEEN_MIDST) || (unread(given) & reasons) != 0);
}

/* Copies from before the session was known for one count as well. */
static bool capture_duplicated(const evidence_t *given)
{
  return is_ours(given) && given->session->has_copies;
}

static void describe_cut(const evidence_t *given, GString *text)
{
  if (given->observation->cut_to != 0)
    g_string_append_printf(text, "frames are cut to %u bytes", given->observation->cut_to);
}

static void describe_gap(const evidence_t *given, GString *text)
{
  bool has_client = !is_read(given, SIDE_CLIENT), has_server = !is_read(given, SIDE_SERVER);
  const char *whose = has_client && has_server ? "both sides'" : has_client ? "the client's" : "the server's";
  uint8_t reasons = unread(given);

  if (saw(given, SEEN_MIDST) || (reasons & UNREAD_BEFORE))
    g_string_append(text, "it begins in the midst of the connection");
  else if (reasons & UNREAD_MISSING)
    g_string_append_printf(text, "some of %s bytes are missing, or come later than their acknowledgement", whose);
  else if (reasons & UNREAD_ENCRYPTED)
    g_string_append_printf(text, "some of %s records cannot be decrypted", whose);
  else
    g_string_append_printf(text, "some of %s bytes come again or out of their order, and are not read once", whose);
}

const finding_row_t recording_findings[] = {
    {
        .id = FINDING_CAPTURE_TRUNCATED,
        .slug = "capture_truncated",
        .severity = SEVERITY_NOTE,
        .title = "frames cut short",
        .summary = "Frames of this session are cut short in the file, so that what they said can be seen in part only.",
        .cause =
            "The capture was taken with a snap length, or what mirrors packets cuts them; pktmon keeps 128 bytes of "
            "each unless told otherwise.",
        .next_step =
            {
                "Windows: capture again with pktmon start --capture --pkt-size 0.",
                "Wireshark: capture again without a snap length, with dumpcap -s 0.",
                "Switch (ERSPAN, VXLAN): mirror packets as a whole; sFlow never does.",
            },
        .reference = "RFC 791 section 3.1",
        .raised_when = "the file has not all bytes of a frame with payload",
        .raised_on = "the first such frame",
        .applies = capture_truncated,
        .particulars = describe_cut,
    },
    {
        .id = FINDING_CAPTURE_INCOMPLETE,
        .slug = "capture_incomplete",
        .severity = SEVERITY_NOTE,
        .title = "capture incomplete",
        .summary = "Some of what was sent in this session is missing in the file, or could not be read in its order.",
        .cause = "The capture began late, saw one direction only or lost frames, or it has the frames in another order "
                 "than they were sent in.",
        .next_step =
            {
                "Client: begin the capture, then Restart-Service iphlpsvc, which makes it connect anew.",
                "Mirror both directions, and give dumpcap a larger buffer with -B.",
                "Frames in the wrong order: read the file with -o tcp.reassemble_out_of_order:TRUE.",
            },
        .reference = "RFC 9293 section 3.4",
        .raised_when = "sequence numbers or acknowledgements tell of bytes that the capture has not, or has too late, "
                       "or that Wireshark reads twice",
        .raised_on = "the frame that shows it",
        .applies = capture_incomplete,
        .particulars = describe_gap,
    },
    {
        .id = FINDING_CAPTURE_DUPLICATED,
        .slug = "capture_duplicated",
        .severity = SEVERITY_NOTE,
        .title = "frames more than once",
        .summary = "Frames of this session are in the file more than once; each packet is counted once.",
        .cause = "Windows records a packet at each layer it passes (pktmon, netsh trace), and a merged file has it "
                 "from both "
                 "sides.",
        .next_step =
            {
                "Windows: capture again at the network cards only, with pktmon start --capture --comp nics.",
                "Remove the copies from the file with editcap -d.",
            },
        .reference = "RFC 9293 section 3.8.1",
        .raised_when = "a segment comes again as the same IP packet within a second, or sooner than it can have been "
                       "sent again",
        .raised_on = "the first copy",
        .applies = capture_duplicated,
    },
    {.slug = NULL},
};
