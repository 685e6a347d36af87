/* capture_driver.c - feeds the frames of one client to a capture, as the plugin's track.c does
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "capture_driver.h"

ends_t driven_ends(uint16_t client_port)
{
  ends_t ends = {.client_port = client_port, .server_port = ENDPOINT_DEFAULT_PORT};

  g_assert_true(ip_address_parse("192.0.2.10", &ends.client));
  g_assert_true(ip_address_parse("203.0.113.10", &ends.server));
  return ends;
}

static session_t *begin(const driven_connection_t *driven, const observation_t *first)
{
  const ends_t *ends = &driven->ends;
  ends_t reversed = {.client = ends->server,
                     .server = ends->client,
                     .client_port = ends->server_port,
                     .server_port = ends->client_port};

  return capture_begin(driven->capture, first->from_client ? ends : &reversed, first);
}

static void put_aside(driven_connection_t *driven, const observation_t *latest)
{
  driven->followed = NULL;
  driven->put_aside = true;
  driven->brief = capture_brief(driven->capture, latest);
}

static session_t *drive_segment(driven_connection_t *driven, const observation_t *observation)
{
  if (driven->followed == NULL && driven->put_aside && (observation->facts & SEEN_REQUEST))
    driven->followed = capture_recall(driven->capture, &driven->ends, &driven->brief);
  else if (driven->followed == NULL && !driven->put_aside)
    driven->followed = begin(driven, observation);
  if (driven->followed == NULL) {
    if (!driven->put_aside && (observation->facts & SEEN_CLIENT_HELLO))
      put_aside(driven, observation);
    return NULL;
  }
  if (!capture_feed(driven->capture, driven->followed, observation))
    put_aside(driven, observation);
  return driven->followed;
}

static session_t *drive_unreachable(driven_connection_t *driven, const observation_t *observation)
{
  session_t *session = capture_unreachable(driven->capture, &driven->ends);

  if (session != NULL && !capture_feed(driven->capture, session, observation))
    put_aside(driven, observation);
  return session != NULL ? driven->followed : NULL;
}

session_t *drive_frame(driven_connection_t *driven, const observation_t *observation)
{
  if (observation->facts & (SEEN_NAME_QUERY | SEEN_NAME_RESPONSE))
    return capture_lookup(driven->capture, &driven->ends.client, observation);
  if (observation->facts & SEEN_UNREACHABLE)
    return drive_unreachable(driven, observation);
  return drive_segment(driven, observation);
}
