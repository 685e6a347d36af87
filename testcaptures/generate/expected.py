"""What is expected of a session that comes as far as its tunnel request.

SPDX-License-Identifier: GPL-2.0-or-later
"""

import dataclasses

from scenario import Session
from wire import COPY, FROM_SERVER

# The server's first application data is the answer: Wireshark waits for the end of a body without
# length before it shows http.response.code.
ANSWER = f"tls.record.content_type == 23 && {FROM_SERVER}"
PLAIN_ANSWER = 'tcp contains "HTTP/1.1 200 OK"'
CONNECTED = (("connected", ANSWER),)

NULL_SHA256, NULL_SHA, AES128_SHA = 0x003B, 0x0002, 0x002F
ECDHE_AES256_GCM, TLS13_AES256_GCM = 0xC030, 0x1302
WINDOWS_8, WINDOWS_7 = 1, 2


def connected(tagged_by=3, findings=CONNECTED, **fields):
    """A session whose tunnel was opened, with no error afterwards."""
    return Session(tagged_by, 1, findings, windows_error=0, **fields)


def failed(*findings, tagged_by=3, **fields):
    """A session of a client of Windows 8 or later whose last finding is an error."""
    fields = {"client_type": WINDOWS_8, "decided": findings[-1][1]} | fields
    return Session(tagged_by, 3, findings, **fields)


def offloaded(port):
    """A tunnel without TLS; its client can be of any kind."""
    return connected(tagged_by=2, endpoint=f"da.example.com:{port}",
                     findings=(("connected", PLAIN_ANSWER),))


NULL_SESSION = connected(client_type=WINDOWS_8, cipher_suite=NULL_SHA256)


def _with_note(session, *finding):
    return dataclasses.replace(session, findings=(*session.findings, finding))


def incomplete(session, by, nth=1):
    """The same session in a capture that lacks some of it, as the nth frame shows."""
    return _with_note(session, "capture_incomplete", by, nth)


def truncated(session):
    """The same session in a capture whose frames are cut short."""
    return _with_note(session, "capture_truncated", "frame.cap_len < frame.len")


def duplicated(session, nth):
    """The same session in a capture with each frame twice, of which the nth copy is its first."""
    return _with_note(session, "capture_duplicated", COPY, nth)
