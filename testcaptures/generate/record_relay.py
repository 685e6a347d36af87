#!/usr/bin/python3
"""Passes a TLS server's connections on and puts its first handshake messages into one record.
With --tamper it leaves the records alone, and spoils the client's key exchange.

SPDX-License-Identifier: GPL-2.0-or-later

Schannel packs its whole first flight into one record, OpenSSL and GnuTLS give each message its own.
The handshake's hash is over messages, not records, so that a relay may do it.
"""

import argparse
import socket
import struct
import threading

HANDSHAKE, SERVER_HELLO_DONE, CLIENT_KEY_EXCHANGE = 22, 14, 16
HEADER_BYTES = 5


def _read_exactly(connection, length):
    data = b""
    while len(data) < length:
        chunk = connection.recv(length - len(data))
        if not chunk:
            raise EOFError
        data += chunk
    return data


def _read_record(connection):
    header = _read_exactly(connection, HEADER_BYTES)
    return header, _read_exactly(connection, struct.unpack_from("!H", header, 3)[0])


def _pass_on(source, destination):
    try:
        while data := source.recv(16384):
            destination.sendall(data)
        destination.shutdown(socket.SHUT_WR)
    except OSError:
        destination.close()


def _merge_flight(server, client):
    """The server's records up to the Server Hello Done as one; ones that are not of a handshake
    (an alert) end the flight as they are."""
    flight = b""
    while True:
        header, content = _read_record(server)
        if header[0] != HANDSHAKE:
            client.sendall(header + content)
            return
        flight += content
        if content[0] == SERVER_HELLO_DONE:
            client.sendall(header[:3] + struct.pack("!H", len(flight)) + flight)
            return


def _spoil_key_exchange(client, server):
    """The client's records up to its key exchange, in which one bit is another."""
    while True:
        header, content = _read_record(client)
        if content[0] == CLIENT_KEY_EXCHANGE:
            server.sendall(header + content[:-1] + bytes([content[-1] ^ 1]))
            return
        server.sendall(header + content)


def _pass_on_after(first, source, destination):
    """Passes on in one direction, the first records by the function `first`."""
    try:
        first(source, destination)
    except (EOFError, OSError):
        destination.close()
        return
    _pass_on(source, destination)


def _serve(client, address, tamper):
    first_of_client = _spoil_key_exchange if tamper else lambda *_: None
    first_of_server = _merge_flight if not tamper else lambda *_: None
    with client, socket.create_connection(address) as server:
        threading.Thread(target=_pass_on_after, args=(first_of_client, client, server),
                         daemon=True).start()
        _pass_on_after(first_of_server, server, client)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("server")
    parser.add_argument("port", type=int)
    parser.add_argument("--tamper", action="store_true")
    options = parser.parse_args()
    address = (options.server, options.port)
    with socket.create_server(("0.0.0.0", options.port)) as listener:
        while True:
            client, _ = listener.accept()
            threading.Thread(target=_serve, args=(client, address, options.tamper),
                             daemon=True).start()


if __name__ == "__main__":
    main()
