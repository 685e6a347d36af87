#!/usr/bin/python3
"""Passes a TLS server's connections on and puts its first handshake messages into one record.

SPDX-License-Identifier: GPL-2.0-or-later

Schannel packs its whole first flight into one record, OpenSSL and GnuTLS give each message its own.
The handshake's hash is over messages, not records, so that a relay may do it.
"""

import argparse
import socket
import struct
import threading

HANDSHAKE, SERVER_HELLO_DONE = 22, 14
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


def _serve(client, address):
    with client, socket.create_connection(address) as server:
        threading.Thread(target=_pass_on, args=(client, server), daemon=True).start()
        try:
            _merge_flight(server, client)
        except EOFError:
            return
        _pass_on(server, client)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("server")
    parser.add_argument("port", type=int)
    options = parser.parse_args()
    address = (options.server, options.port)
    with socket.create_server(("0.0.0.0", options.port)) as listener:
        while True:
            client, _ = listener.accept()
            threading.Thread(target=_serve, args=(client, address), daemon=True).start()


if __name__ == "__main__":
    main()
