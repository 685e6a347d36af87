/* evidence.h - what the predicates and the sentences of findings may look at; for the files of this folder
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_CORE_EVIDENCE_H
#define IPHTTPS_CORE_EVIDENCE_H

#include "findings/catalogue.h"
#include "observation.h"
#include "session.h"

/* The session after the frame's messages, and the frame. */
struct evidence {
  const session_t *session;
  const observation_t *observation;
  finding_id_t ending; /* what the frame's end of the handshake or request is classified as, FINDING_COUNT if it is
                          none: see ending.h */
};

/* The next step that several findings about the server's certificate have: the command takes a certificate, not its
 * thumbprint. */
#define BIND_ON_WINDOWS                                                                                                \
  "Windows Server: Set-RemoteAccess -SslCertificate (Get-Item Cert:\\LocalMachine\\My\\THUMBPRINT)."

/* The rows of each phase; each array ends with a row without slug. */
extern const finding_row_t name_resolution_findings[];
extern const finding_row_t connect_findings[];
extern const finding_row_t proxy_findings[];
extern const finding_row_t hello_findings[];
extern const finding_row_t server_certificate_findings[];
extern const finding_row_t certificate_rejection_findings[];
extern const finding_row_t client_certificate_findings[];
extern const finding_row_t handshake_findings[];
extern const finding_row_t revocation_findings[];
extern const finding_row_t http_findings[];
extern const finding_row_t tunnel_findings[];
extern const finding_row_t ipsec_findings[];
extern const finding_row_t recording_findings[];

/* Whether the frame has one of these facts. */
bool saw(const evidence_t *given, uint32_t facts);

bool fatal_alert(const evidence_t *given);

/* Whether the frame has a FIN or RST. */
bool closes(const evidence_t *given);

/* Whether dissectors have read all that a side has sent, and all that both have: else what was not seen may have been
 * said all the same, and no finding of the kind "it was not sent" may be raised. */
bool is_read(const evidence_t *given, side_t side);
bool all_is_read(const evidence_t *given);

/* Before a close, what was not said was not said, if all is read. */
bool proves_silence(const evidence_t *given);

/* Whether an answer to what the client sent at that time is overdue: a client that closes sooner has not waited for it.
 */
bool answer_was_due(const evidence_t *given, int64_t since_ns);

/* The server's certificate, which is there, was no longer valid when it was captured. In server_certificate.c. */
bool certificate_expired(const evidence_t *given);

/* The client is the first to close a session whose handshake is complete, and has sent nothing in it. In handshake.c.
 */
bool client_leaves_after_handshake(const evidence_t *given);

/* It has failed before that to reach the host that tells whether the server's certificate is revoked. In revocation.c.
 */
bool certificate_revocation_unreachable(const evidence_t *given);

/* Whether a time is a date at all, and not that of a clock that was never set, of a file without time stamps, or of one
 * that was read wrongly. */
bool is_date(int64_t time_ns);

/* What answers the Client Hello, or speaks before it, is no TLS. In hello.c. */
bool answer_is_not_tls(const evidence_t *given);

/* The tunnel request was refused for want of a client certificate, or may have been: the capture lacks what would tell.
 * In client_certificate.c. */
bool may_refuse_certificate(const evidence_t *given);

/* "the client" or "the server": who sent the frame. */
const char *sender(const evidence_t *given);

/* "handshake_failure (40)". */
void append_alert(GString *text, uint8_t alert);

/* "2025-06-01 00:00:00 UTC". */
void append_date(GString *text, int64_t seconds);

/* "no answer for 9 s", at the frame that is looked at: what comes later may answer all the same. */
void append_silence(const evidence_t *given, GString *text, int64_t since_ns);

/* By which alert, FIN or RST the frame ends something, as a clause. */
void describe_ending(const evidence_t *given, GString *text);

/* "status 404 (Microsoft-HTTPAPI/2.0)", of the answer to the tunnel request. */
void describe_status(const evidence_t *given, GString *text);

/* How the tunnel request was answered, as a clause. */
void describe_response(const evidence_t *given, GString *text);

#endif
