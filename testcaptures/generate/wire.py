"""What decides a finding, as display filters for Wireshark without the plugin.

SPDX-License-Identifier: GPL-2.0-or-later
"""

FROM_SERVER = "tcp.srcport == 443"
FROM_CLIENT = "tcp.dstport == 443"

SYN = "tcp.flags.syn == 1 && tcp.flags.ack == 0"
CLIENT_HELLO = "tls.handshake.type == 1"
SERVER_HELLO = "tls.handshake.type == 2"
SERVER_CERTIFICATE = f"tls.handshake.type == 11 && {FROM_SERVER}"
CERTIFICATE_REQUEST = "tls.handshake.type == 13"
CLIENT_CERTIFICATE = f"tls.handshake.type == 11 && {FROM_CLIENT}"
SERVER_RESET = f"tcp.flags.reset == 1 && {FROM_SERVER}"
SERVER_FIN = f"tcp.flags.fin == 1 && {FROM_SERVER}"
CLIENT_RESET = f"tcp.flags.reset == 1 && {FROM_CLIENT}"
CLIENT_FIN = f"tcp.flags.fin == 1 && {FROM_CLIENT}"
CLOSED = "tcp.flags.fin == 1 || tcp.flags.reset == 1"
SERVER_DATA = f"tcp.len > 0 && {FROM_SERVER}"
CLIENT_DATA = f"tcp.len > 0 && {FROM_CLIENT}"
GAP, UNSEEN = "tcp.analysis.lost_segment", "tcp.analysis.ack_lost_segment"
COPY = "tcp.analysis.retransmission"

BAD_RECORD_MAC = 20
HANDSHAKE_FAILURE = 40
BAD_CERTIFICATE = 42
UNSUPPORTED_CERTIFICATE = 43
CERTIFICATE_REVOKED = 44
CERTIFICATE_EXPIRED = 45
UNKNOWN_CA = 48
ACCESS_DENIED = 49
DECODE_ERROR = 50
PROTOCOL_VERSION = 70
INSUFFICIENT_SECURITY = 71
UNRECOGNIZED_NAME = 112
CERTIFICATE_REQUIRED = 116


def server_alert(description):
    """A fatal alert of the server."""
    return f"tls.alert_message.desc == {description} && {FROM_SERVER}"


def client_alert(description):
    """A fatal alert of the client."""
    return f"tls.alert_message.desc == {description} && {FROM_CLIENT}"


def response(status):
    """The head of a response to the tunnel request. Wireshark holds back a response whose body does
    not end, until the connection does; only the segment's content shows where it came."""
    return f'(http.response.code == {status} || tls.segment.data contains "HTTP/1.1 {status} ")'


CONNECTED = ("connected", response(200))

# Values of iphttps.tagged_by, iphttps.verdict, iphttps.client and iphttps.phase.
CONFIGURED, REQUEST_SEEN, ONLY_NULL, NULL_FIRST, SEEN_EARLIER = 1, 2, 3, 4, 5
IN_PROGRESS, IS_CONNECTED, HANDSHAKE_COMPLETE, FAILED, IS_CLOSED = 0, 1, 2, 3, 4
WINDOWS_8, WINDOWS_7 = 1, 2

NULL_SHA256, NULL_SHA = 0x003B, 0x0002

# A row for the table of endpoints.
DIRECTACCESS = (("da.example.com", "", "443", "", "DirectAccess"),)
