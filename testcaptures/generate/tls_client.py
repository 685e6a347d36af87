#!/usr/bin/python3
"""A TLS client that behaves as the IP-HTTPS client of Windows, and misbehaves when told so.

SPDX-License-Identifier: GPL-2.0-or-later
"""

import argparse
import socket
import ssl
import sys
import time

import exchange
import revocation
from channel import MESSAGES, VERSIONS, Channel, Stopped, close

ORDINARY_REQUEST = "GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
SSTP_REQUEST = ("SSTP_DUPLEX_POST /sra_{{BA195980-CD49-458b-9E23-C84EE0ADCD75}}/ HTTP/1.1\r\n"
                "Host: {host}\r\nContent-Length: 18446744073709551615\r\n"
                "SSTPCORRELATIONID: {{6D1E1C4B-3A5F-4E0B-9C61-2B1A7D0F8E11}}\r\n\r\n")


def _context(options):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version, context.maximum_version = map(VERSIONS.get, options.versions)
    context.set_ciphers(options.suites)
    context.check_hostname = options.check_name
    context.verify_mode = ssl.CERT_REQUIRED if options.trust else ssl.CERT_NONE
    for path in options.trust:
        context.load_verify_locations(path)
    if options.crl:
        context.load_verify_locations(options.crl)
        context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
    if options.certificate:
        context.load_cert_chain(options.certificate)
    if options.alpn:
        context.set_alpn_protocols(options.alpn.split(","))
    if options.keylog:
        context.keylog_filename = options.keylog
    return context


def _converse(channel, options):
    time.sleep(options.delay)
    channel.handshake()
    print(channel.tls.version(), channel.tls.cipher()[0], flush=True)
    if options.check_revocation and not revocation.is_good(channel.tls, options.trust[0],
                                                           options.web_proxy):
        channel.close()
        return
    if options.request == "tunnel":
        exchange.client_side(channel, options.name)
        if options.stay:
            time.sleep(options.stay)
    elif options.request != "none":
        text = {"get": ORDINARY_REQUEST, "sstp": SSTP_REQUEST}[options.request]
        channel.sendall(text.format(host=options.name).encode())
        print(channel.recv(4096).decode(errors="replace"))
    channel.close()


def _attempt(context, options, session=None):
    """One connection; returns its TLS session if the handshake was completed."""
    connection = socket.create_connection((options.address, options.port), options.patience)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    name = None if options.no_sni else options.name
    try:
        channel = Channel(connection, context, options.stop_at, server_hostname=name,
                          session=session)
        _converse(channel, options)
        return channel.tls.session
    except (Stopped, OSError) as error:  # ssl.SSLError is an OSError
        print(f"{type(error).__name__}: {error}", flush=True)
        return None
    finally:
        time.sleep(options.linger)
        close(connection, options.end)


def _arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("address")
    parser.add_argument("--port", type=int, default=443)
    parser.add_argument("--name", default="da.example.com", help="server name and Host")
    parser.add_argument("--no-sni", action="store_true")
    parser.add_argument("--suites", required=True, help="in OpenSSL's notation")
    parser.add_argument("--versions", nargs=2, choices=VERSIONS, default=("1.2", "1.2"))
    parser.add_argument("--certificate", help="PEM file with certificate, issuers and key")
    parser.add_argument("--trust", action="append", default=[], help="verify against this CA")
    parser.add_argument("--crl", help="revocation list to verify against")
    parser.add_argument("--check-revocation", action="store_true",
                        help="send no request unless the certificate, issued by the first CA of "
                        "--trust, is known not to be revoked")
    parser.add_argument("--web-proxy", help="HTTP proxy to ask for that, as HOST:PORT")
    parser.add_argument("--check-name", action="store_true")
    parser.add_argument("--alpn")
    parser.add_argument("--keylog")
    parser.add_argument("--request", choices=("tunnel", "get", "sstp", "none"), default="tunnel")
    parser.add_argument("--stay", type=float, default=0, help="seconds to keep the tunnel open")
    parser.add_argument("--stop-at", choices=MESSAGES)
    parser.add_argument("--end", choices=("fin", "rst"), default="fin")
    parser.add_argument("--delay", type=float, default=0, help="seconds before the Client Hello")
    parser.add_argument("--linger", type=float, default=0, help="seconds before the end")
    parser.add_argument("--patience", type=float, default=10, help="seconds to wait for the server")
    parser.add_argument("--attempts", type=int, default=1)
    parser.add_argument("--pause", type=float, default=0.5, help="seconds between attempts")
    parser.add_argument("--resume", action="store_true", help="resume the TLS session")
    return parser.parse_args()


def main():
    options = _arguments()
    context = _context(options)
    session = None
    for number in range(options.attempts):
        if number:
            time.sleep(options.pause)
        session = _attempt(context, options, session if options.resume else None)


if __name__ == "__main__":
    sys.exit(main())
