#!/usr/bin/python3
"""A DirectAccess server in the role of http.sys: TLS, the tunnel's answer, router advertisements.

SPDX-License-Identifier: GPL-2.0-or-later

With --plain it is the server behind a load balancer that ends TLS; with --standard-streams it is
what a TLS server such as s_server passes the content to.
"""

import argparse
import os
import re
import socket
import ssl
import sys
import threading
import time

import exchange
from channel import VERSIONS, Channel, close


class StandardStreams:
    """Standard input and output in the manner of a socket."""

    def recv(self, length):
        return os.read(sys.stdin.fileno(), length)

    def sendall(self, data):
        os.write(sys.stdout.fileno(), data)


class TalkingProgram(StandardStreams):
    """The streams of a program that mixes messages into the content: passes over what comes before
    the request and over those of a renegotiation, which it demands by writing `command` before the
    answer."""

    MESSAGES = re.compile(rb"SSL_do_handshake -> 1\n|Read BLOCK\n")
    RENEGOTIATION_SECONDS = 0.5

    def __init__(self, command):
        self.command = command
        self.waiting = b""
        while b"POST " not in self.waiting:
            self.waiting += super().recv(4096) or sys.exit("no request")
        self.waiting = self.waiting[self.waiting.index(b"POST "):]

    def recv(self, length):
        while not self.waiting:
            data = super().recv(4096)
            if not data:
                return b""
            self.waiting = self.MESSAGES.sub(b"", data)
        data, self.waiting = self.waiting[:length], self.waiting[length:]
        return data

    def sendall(self, data):
        if self.command:
            super().sendall(self.command.encode() + b"\n")
            self.command = None
            time.sleep(self.RENEGOTIATION_SECONDS)
        super().sendall(data)


def _context(options):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version, context.maximum_version = map(VERSIONS.get, options.versions)
    context.set_ciphers(options.suites)
    context.options |= ssl.OP_CIPHER_SERVER_PREFERENCE
    context.load_cert_chain(options.certificate)
    context.verify_mode = {"none": ssl.CERT_NONE, "optional": ssl.CERT_OPTIONAL,
                           "required": ssl.CERT_REQUIRED}[options.client_certificate]
    if options.client_ca:
        context.load_verify_locations(options.client_ca)
    return context


def _serve(connection, context, options):
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    end = "fin"
    try:
        stream = connection
        if context:
            stream = Channel(connection, context, mute=bool(options.mute), server_side=True)
            stream.handshake()
        exchange.server_side(stream, options.status)
    except OSError as error:
        print(error, flush=True)
        end = options.mute
    finally:
        close(connection, end)


def _arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--address", default="0.0.0.0")
    parser.add_argument("--port", type=int, default=443)
    parser.add_argument("--plain", action="store_true")
    parser.add_argument("--standard-streams", action="store_true")
    parser.add_argument("--command", help="line to write before the answer, with standard streams")
    parser.add_argument("--certificate", help="PEM file with certificate, issuers and key")
    parser.add_argument("--suites", default="NULL-SHA256:NULL-SHA:AES256-SHA256:@SECLEVEL=0")
    parser.add_argument("--versions", nargs=2, choices=VERSIONS, default=("1.2", "1.2"))
    parser.add_argument("--client-certificate", choices=("none", "optional", "required"),
                        default="none")
    parser.add_argument("--client-ca")
    parser.add_argument("--mute", choices=("fin", "rst"),
                        help="end a failed handshake so, without an alert")
    parser.add_argument("--status", type=int, choices=exchange.REASONS, default=200)
    return parser.parse_args()


def main():
    options = _arguments()
    if options.standard_streams:
        streams = TalkingProgram(options.command) if options.command else StandardStreams()
        exchange.server_side(streams, options.status)
        return
    context = None if options.plain else _context(options)
    family = socket.AF_INET6 if ":" in options.address else socket.AF_INET
    with socket.create_server((options.address, options.port), family=family) as listener:
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=_serve, args=(connection, context, options),
                             daemon=True).start()


if __name__ == "__main__":
    main()
