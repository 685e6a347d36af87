/* evidence.c - questions and clauses that findings of several phases share
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "findings/evidence.h"

#include "tls_alert.h"

bool saw(const evidence_t *given, uint32_t facts)
{
  return (given->observation->facts & facts) != 0;
}

bool fatal_alert(const evidence_t *given)
{
  return saw(given, SEEN_ALERT) && given->observation->alert_level == TLS_ALERT_LEVEL_FATAL;
}

bool closes(const evidence_t *given)
{
  return saw(given, SEEN_CLOSE);
}

bool is_read(const evidence_t *given, side_t side)
{
  return given->session->unread[side] == 0;
}

bool all_is_read(const evidence_t *given)
{
  return is_read(given, SIDE_CLIENT) && is_read(given, SIDE_SERVER);
}

bool proves_silence(const evidence_t *given)
{
  return closes(given) && all_is_read(given);
}

bool answer_was_due(const evidence_t *given, int64_t since_ns)
{
  const int64_t work_ns = NANOSECONDS / 20; /* what a server takes at most for a handshake message, unless it hangs */

  return given->observation->time_ns - since_ns >= given->session->round_trip_ns + work_ns;
}

bool is_date(int64_t time_ns)
{
  const int64_t first_s = 1230768000, last_s = 4102444800; /* 2009, when DirectAccess came out, to 2100 */

  return time_ns >= first_s * NANOSECONDS && time_ns < last_s * NANOSECONDS;
}

const char *sender(const evidence_t *given)
{
  return given->observation->from_client ? "the client" : "the server";
}

void append_alert(GString *text, uint8_t alert)
{
  const char *name = tls_alert_name(alert);

  g_string_append_printf(text, "%s (%u)", name != NULL ? name : "unknown", alert);
}

void append_date(GString *text, int64_t seconds)
{
  GDateTime *date = g_date_time_new_from_unix_utc(seconds);
  char *shown = date != NULL ? g_date_time_format(date, "%Y-%m-%d %H:%M:%S UTC") : NULL;

  g_string_append(text, shown != NULL ? shown : "an impossible date");
  g_free(shown);
  if (date != NULL)
    g_date_time_unref(date);
}

void append_silence(const evidence_t *given, GString *text, int64_t since_ns)
{
  const int64_t millisecond = NANOSECONDS / 1000;
  int64_t silence_ns = given->observation->time_ns - since_ns;

  if (silence_ns < NANOSECONDS)
    g_string_append_printf(text, "no answer for %" G_GINT64_FORMAT " ms", silence_ns / millisecond);
  else
    g_string_append_printf(text, "no answer for %" G_GINT64_FORMAT " s", (silence_ns + NANOSECONDS / 2) / NANOSECONDS);
}

void describe_ending(const evidence_t *given, GString *text)
{
  if (given->observation->from_client && !fatal_alert(given) && given->session->closer == CLOSER_SERVER) {
    g_string_append(text, "the server was the first to close"); /* the frame is but the client's answer to that */
    return;
  }
  g_string_append(text, sender(given));
  if (saw(given, SEEN_ALERT)) {
    g_string_append(text, fatal_alert(given) ? " sent the fatal alert " : " sent the alert ");
    append_alert(text, given->observation->alert);
  } else {
    g_string_append(text, saw(given, SEEN_RST) ? " reset the connection" : " closed the connection");
  }
}

void describe_status(const evidence_t *given, GString *text)
{
  const char *server = given->observation->http_server;

  g_string_append_printf(text, "status %u", given->observation->http_status);
  if (server != NULL)
    g_string_append_printf(text, " (%s)", server);
}

void describe_response(const evidence_t *given, GString *text)
{
  g_string_append(text, "the server answered the tunnel request with ");
  describe_status(given, text);
}
