"""TLS on a socket with the records in sight: to stop at a message, to fail without an alert.

SPDX-License-Identifier: GPL-2.0-or-later
"""

import socket
import ssl
import struct

VERSIONS = {"1.0": ssl.TLSVersion.TLSv1, "1.1": ssl.TLSVersion.TLSv1_1,
            "1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}
HANDSHAKE = 22
MESSAGES = {"server-hello": 2, "certificate": 11, "certificate-request": 13,
            "server-hello-done": 14}


class Stopped(Exception):
    """The message at which this end is to give up has arrived."""


class Channel:
    """One end of a TLS connection. `stop_at` names the handshake message of the other end at which
    this one gives up; a `mute` one sends no alert when it fails. The rest are arguments of
    ssl.SSLContext.wrap_bio."""

    def __init__(self, connection, context, stop_at=None, mute=False, **arguments):
        self.connection = connection
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, **arguments)
        self.stop_at = MESSAGES.get(stop_at)
        self.mute = mute
        self.seen = b""

    def handshake(self):
        self._call(self.tls.do_handshake)

    def sendall(self, data):
        self._call(lambda: self.tls.write(data))

    def recv(self, length):
        """Up to `length` bytes; none when the other end has closed."""
        try:
            return self._call(lambda: self.tls.read(length))
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            return b""

    def close(self):
        """Closes in one segment, so that it is plain who closes first: closing alert and FIN. Then
        waits for the other end's FIN."""
        try:
            self.tls.unwrap()
        except ssl.SSLError:
            pass  # wants the other end's closing alert, which is not waited for
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
        self._flush()
        self.connection.shutdown(socket.SHUT_WR)
        while self.connection.recv(16384):
            pass

    def _call(self, operation):
        while True:
            try:
                result = operation()
                self._flush()
                return result
            except ssl.SSLWantReadError:
                self._flush()
                self._receive()
            except ssl.SSLError:
                if not self.mute:
                    self._flush()
                raise

    def _flush(self):
        if self.outgoing.pending:
            self.connection.sendall(self.outgoing.read())

    def _receive(self):
        data = self.connection.recv(16384)
        if self.stop_at is not None:
            self.seen += data
            if self.stop_at in _handshake_types(self.seen):
                raise Stopped()
        if data:
            self.incoming.write(data)
        else:
            self.incoming.write_eof()


def _handshake_types(records):
    """Types of the complete handshake messages in the first, unencrypted records."""
    messages, types = b"", []
    while len(records) >= 5 and records[0] == HANDSHAKE:
        length = struct.unpack_from("!H", records, 3)[0]
        messages += records[5:5 + length]
        records = records[5 + length:]
    while len(messages) >= 4:
        length = int.from_bytes(messages[1:4], "big")
        if len(messages) < 4 + length:
            break
        types.append(messages[0])
        messages = messages[4 + length:]
    return types


def close(connection, by):
    """Closes a socket with "fin" or "rst"."""
    if by == "rst":
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
