#!/usr/bin/python3
"""The two ends of an IP-HTTPS tunnel: the kernel's IPv6 on a TUN device, in one endless exchange.

SPDX-License-Identifier: GPL-2.0-or-later

The protocol is that of [MS-IPHTTPS]: a POST and its answer, both with a body that never ends; in
the bodies IPv6 packets, back to back, with no framing of their own. Each end keeps a ledger of the
packets it put into the tunnel and took out of it, as an oracle for whoever reads the capture.

The client takes its prefix from router advertisements; some daemon has to send them on the server's
device. A client that is told to stop (SIGTERM) closes its half, takes what is still on its way, and
ends.
"""

import argparse
import email.utils
import fcntl
import hashlib
import json
import os
import re
import select
import signal
import socket
import ssl
import struct
import subprocess
import sys
import time

ENDLESS = 2**64 - 1
HTTPAPI = "Microsoft-HTTPAPI/2.0"
IPV6_HEADER_BYTES = 40
ROUTER_SOLICITATION, ROUTER_ADVERTISEMENT = 133, 134
JUMBOGRAM = bytes(3)  # payload length 0 before a hop-by-hop header: RFC 2675, section 3
LARGEST_RECORD_BYTES = 16384
TUN_MTU = 1280
RANDOM_ADDRESS = 3  # of the kernel's addr_gen_mode
TLS_VERSIONS = {
    "1.0": ssl.TLSVersion.TLSv1,
    "1.1": ssl.TLSVersion.TLSv1_1,
    "1.2": ssl.TLSVersion.TLSv1_2,
    "1.3": ssl.TLSVersion.TLSv1_3,
}
REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    503: "Service Unavailable",
}

stopping = False


class Closed(Exception):
    """The other end closed the connection."""


class Tun:
    """A TUN device without packet information: one read or write is one IPv6 packet."""

    TUNSETIFF = 0x400454CA
    IFF_TUN = 0x0001
    IFF_NO_PI = 0x1000

    def __init__(self, name):
        self.name = name
        self.descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        request = struct.pack("16sH22x", name.encode(), self.IFF_TUN | self.IFF_NO_PI)
        fcntl.ioctl(self.descriptor, self.TUNSETIFF, request)

    def fileno(self):
        return self.descriptor

    def configure(self, **settings):
        """Set the device's IPv6 settings, as in /proc/sys/net/ipv6/conf."""
        for setting, value in settings.items():
            with open(f"/proc/sys/net/ipv6/conf/{self.name}/{setting}", "w") as file:
                file.write(str(value))

    def up(self, address=None):
        """Bring the device up with a link-local address of its own.

        "arp on" makes the kernel do duplicate address detection on it."""
        self.configure(addr_gen_mode=RANDOM_ADDRESS, accept_dad=1)
        link = f"ip link set {self.name} mtu {TUN_MTU} multicast on arp on up"
        subprocess.run(link.split(), check=True)
        if address:
            subprocess.run(f"ip -6 addr add {address} dev {self.name} nodad".split(), check=True)

    def read(self):
        """The next IPv6 packet of the kernel, or None."""
        while True:
            try:
                packet = os.read(self.descriptor, 65536)
            except BlockingIOError:
                return None
            if packet[0] >> 4 == 6:
                return packet

    def flush(self):
        while self.read() is not None:
            pass

    def write(self, packet):
        os.write(self.descriptor, packet)


class Ledger:
    """What one session put into the tunnel and took out of it; `solicitations` counts the router
    solicitations that went in before a router advertisement came out."""

    def __init__(self):
        self.sent = []
        self.received = []
        self.solicitations = 0
        self.advertised = False

    def note_sent(self, packet):
        self.sent.append(self._entry(packet))
        if not self.advertised and self._icmpv6_type(packet) == ROUTER_SOLICITATION:
            self.solicitations += 1

    def note_received(self, packet):
        self.received.append(self._entry(packet))
        if self._icmpv6_type(packet) == ROUTER_ADVERTISEMENT:
            self.advertised = True

    @staticmethod
    def _entry(packet):
        return [len(packet), hashlib.sha256(packet).hexdigest()[:16]]

    @staticmethod
    def _icmpv6_type(packet):
        has_message = packet[6] == socket.IPPROTO_ICMPV6 and len(packet) > IPV6_HEADER_BYTES
        return packet[IPV6_HEADER_BYTES] if has_message else None


class Stream:
    """A connection that never blocks the pump, with or without TLS."""

    def __init__(self, connection):
        self.socket = connection
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def fileno(self):
        return self.socket.fileno()

    def start_tls(self, context, **arguments):
        self.socket = context.wrap_socket(self.socket, **arguments)

    def send(self, data):
        """Write all of `data`; each write of at most a record's length is a record of its own."""
        view = memoryview(data)
        while view:
            try:
                view = view[self.socket.send(view[:LARGEST_RECORD_BYTES]):]
            except (ssl.SSLWantWriteError, BlockingIOError):
                select.select([], [self], [], 1)
            except ssl.SSLWantReadError:
                select.select([self], [], [], 1)

    def receive(self):
        """Whatever is there, b"" when there is nothing yet; raises Closed at the end."""
        try:
            data = self.socket.recv(65536)
        except (ssl.SSLWantReadError, BlockingIOError):
            return b""
        except (ssl.SSLError, OSError) as error:
            raise Closed(str(error)) from error
        if not data:
            raise Closed("end of stream")
        return data

    def read_head(self):
        """An HTTP head, and the bytes that came after it."""
        data = b""
        while b"\r\n\r\n" not in data:
            data += self.receive()
        head, _, rest = data.partition(b"\r\n\r\n")
        return head.decode("latin-1"), rest

    def read_to_end(self, patience):
        """Read until the other end closes or is silent for `patience` seconds: raises Closed."""
        self.socket.settimeout(patience)
        while True:
            self.receive()

    def finish(self):
        """Close our half: close_notify where there is TLS, then FIN."""
        self.socket.setblocking(False)
        try:
            if isinstance(self.socket, ssl.SSLSocket):
                self.socket.unwrap()
        except (OSError, ValueError):
            pass
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def close(self, reset=False):
        if reset:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


class Tunnel:
    """One session's packets, between a TUN device and a stream."""

    def __init__(self, stream, tun, ledger, options):
        self.stream = stream
        self.tun = tun
        self.ledger = ledger
        self.options = options
        self.incoming = b""
        self.outgoing = b""
        self.queued = []
        self.due = None

    def take_waiting_data(self):
        data = self.stream.receive()
        while data:
            self.take(data)
            data = self.stream.receive()

    def take(self, data):
        """Hand the whole packets of the stream so far to the kernel."""
        self.incoming += data
        while len(self.incoming) >= IPV6_HEADER_BYTES:
            if self.incoming[0] >> 4 != 6 or self.incoming[4:7] == JUMBOGRAM:
                raise Closed("not IPv6, or a jumbogram")
            length = IPV6_HEADER_BYTES + int.from_bytes(self.incoming[4:6], "big")
            if len(self.incoming) < length:
                return
            packet, self.incoming = self.incoming[:length], self.incoming[length:]
            self.ledger.note_received(packet)
            if self.tun:
                self.tun.write(packet)

    def put(self, packet):
        """Queue a packet, to go with those that follow it within the holding time."""
        self.queued.append(packet)
        self.outgoing += packet
        if self.due is None:
            self.due = time.monotonic() + self.options.hold

    def flush(self):
        size = self.options.record
        for start in range(0, len(self.outgoing), size):
            self.stream.send(self.outgoing[start:start + size])
        for packet in self.queued:
            self.ledger.note_sent(packet)
        self.outgoing = b""
        self.queued = []
        self.due = None

    def put_waiting_packets(self):
        packet = self.tun.read()
        while packet is not None:
            self.put(packet)
            packet = self.tun.read()

    def run(self, until=None):
        """Carry packets until the other end closes (raises Closed), SIGTERM, or the time is up."""
        self.stream.socket.setblocking(False)
        sources = [self.stream] + ([self.tun] if self.tun else [])
        while not stopping and (until is None or time.monotonic() < until):
            ready = select.select(sources, [], [], 0.02)[0]
            self.take_waiting_data()
            if self.tun in ready:
                self.put_waiting_packets()
            if self.due is not None and time.monotonic() >= self.due:
                self.flush()
        self.flush()

    def drain(self, seconds):
        """Take what the other end still sends after we closed our half."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            select.select([self.stream], [], [], 0.1)
            self.take_waiting_data()


def tls_context(options, protocol):
    """The TLS settings that both roles share."""
    context = ssl.SSLContext(protocol)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = TLS_VERSIONS[options.tls_min]
    context.maximum_version = TLS_VERSIONS[options.tls_max]
    context.set_ciphers(options.ciphers)
    if options.keylog:
        context.keylog_filename = options.keylog
    if options.alpn:
        context.set_alpn_protocols(options.alpn.split(","))
    if options.certificate:
        context.load_cert_chain(options.certificate, options.key)
    return context


def request_head(options, authorization=None):
    lines = [f"POST {options.uri} HTTP/1.1"]
    if authorization:
        lines.append(f"Authorization: {authorization}")
    lines += [f"Host: {options.host}", f"Content-Length: {ENDLESS}"]
    return "\r\n".join(lines + ["", ""]).encode()


def answer_head(status, options):
    """An answer as http.sys words it; a refusal has a body of its own."""
    lines = [f"HTTP/1.1 {status} {REASONS[status]}"]
    body = ""
    if status == 200:
        if options.answer_header:
            lines.append(options.answer_header)
        if options.answer_length is not None:
            lines.append(f"Content-Length: {options.answer_length}")
    else:
        body = f"<html><head><title>{REASONS[status]}</title></head></html>\r\n"
        lines += ["Content-Type: text/html; charset=us-ascii", f"Content-Length: {len(body)}"]
    if status == 401:
        lines.append("WWW-Authenticate: Negotiate")
    if options.server_name:
        lines.append(f"Server: {options.server_name}")
    lines.append(f"Date: {email.utils.formatdate(usegmt=True)}")
    return "\r\n".join(lines + ["", body]).encode()


def connect_through_proxy(stream, target, authorization):
    """Ask the proxy for a way to `target`, again with credentials where it wants them.

    Raises Closed where it refuses."""
    request = f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n"
    stream.send(f"{request}\r\n".encode())
    head, body = stream.read_head()
    if head.split()[1] == "407" and authorization:
        length = int(re.search(r"Content-Length: (\d+)", head).group(1))
        while len(body) < length:
            body += stream.receive()
        stream.send(f"{request}Proxy-Authorization: {authorization}\r\n\r\n".encode())
        head, _ = stream.read_head()
    if head.split()[1][:1] != "2":
        print(f"proxy: {head.splitlines()[0]}", flush=True)
        stream.read_to_end(patience=0.5)


def open_client_connection(options):
    endpoint = (options.address, options.port)
    connection = socket.create_connection(endpoint, options.patience, ("", options.source_port))
    return Stream(connection)


def prepare_client_stream(stream, options):
    """Everything between the connection and the request: proxy and TLS."""
    if options.proxy_target:
        connect_through_proxy(stream, options.proxy_target, options.proxy_authorization)
    time.sleep(options.delay)
    if not options.plain:
        context = tls_context(options, ssl.PROTOCOL_TLS_CLIENT)
        stream.start_tls(context, server_hostname=options.server_name_indication)


def raise_client_device(name, options):
    tun = Tun(name)
    tun.configure(
        accept_ra=1,
        router_solicitations=options.solicitations,
        router_solicitation_interval=1,
        router_solicitation_delay=0,
    )
    tun.up(options.inner_address)
    return tun


def first_packet(tun):
    """The first packet the kernel has for the tunnel."""
    select.select([tun], [], [], 5)
    return tun.read() or b""


def exchange_heads(stream, tun, ledger, options):
    """Send the request, again with credentials where the server wants them.

    Returns the status and the bytes after the answer's head."""
    early = first_packet(tun) if tun else b""
    if early:
        ledger.note_sent(early)
    stream.send(request_head(options) + early)
    head, rest = stream.read_head()
    status = int(head.split()[1])
    if status == 401 and options.authorization:
        stream.send(request_head(options, options.authorization))
        head, rest = stream.read_head()
        # The body of the refusal precedes the second head.
        status = int(head[head.rindex("HTTP/1.1"):].split()[1])
    return status, rest


def run_client(options):
    """One session, from the connection to its end; the ledger of it."""
    ledger = Ledger()
    tun = raise_client_device(options.tun, options) if options.early else None
    stream = None
    try:
        stream = open_client_connection(options)
        prepare_client_stream(stream, options)
        status, rest = exchange_heads(stream, tun, ledger, options)
        print(f"answered {status}", flush=True)
        if status == 200:
            if options.tun and not tun:
                tun = raise_client_device(options.tun, options)
            tunnel = Tunnel(stream, tun, ledger, options)
            tunnel.take(rest)
            tunnel.run(options.seconds and time.monotonic() + options.seconds)
            stream.finish()
            tunnel.drain(2)
    except (Closed, OSError) as reason:
        print(f"closed: {reason}", flush=True)
    if stream:
        stream.finish()
        stream.close()
    return ledger


def accept(listener, options):
    while not select.select([listener], [], [], 0.1)[0]:
        if stopping:
            raise Closed("stopped")
    stream = Stream(listener.accept()[0])
    if not options.plain:
        context = tls_context(options, ssl.PROTOCOL_TLS_SERVER)
        if options.client_ca:
            context.load_verify_locations(options.client_ca)
            context.verify_mode = ssl.CERT_OPTIONAL
        stream.start_tls(context, server_side=True)
    return stream


def answer_requests(stream, options):
    """Answer requests as told, until one is to open the tunnel.

    Returns the head that opens it, not yet sent, and the bytes after the request's head."""
    for status in options.answers:
        rest = stream.read_head()[1]
        time.sleep(options.think)
        if status == 200:
            return answer_head(200, options), rest
        stream.send(answer_head(status, options))
    stream.read_head()
    raise Closed("no answer left")


def serve_tunnel(stream, tun, ledger, options):
    head, rest = answer_requests(stream, options)
    tunnel = Tunnel(stream, tun, ledger, options)
    if tun:
        tun.flush()
    if options.answer_with_packet:
        tunnel.outgoing = head
    else:
        stream.send(head)
    tunnel.take(rest)
    if options.garbage:
        tunnel.run(time.monotonic() + options.garbage_after)
        stream.send(options.garbage)
    tunnel.run(options.seconds and time.monotonic() + options.seconds)


def serve_session(listener, tun, options):
    """The next session and its ledger; None if there was no TLS handshake."""
    ledger = Ledger()
    try:
        stream = accept(listener, options)
    except (Closed, OSError) as error:
        print(f"no session: {error}", flush=True)
        return None
    try:
        if options.silent:
            stream.read_head()
            time.sleep(options.silent)
        else:
            serve_tunnel(stream, tun, ledger, options)
    except Closed as reason:
        print(f"closed: {reason}", flush=True)
    if not options.reset:
        stream.finish()
    stream.close(reset=options.reset)
    return ledger


def raise_server_device(name, options):
    tun = Tun(name)
    tun.configure(forwarding=1, accept_ra=0)
    tun.up(options.inner_address)
    return tun


def run_server(options):
    """Sessions one after the other, all on one device; their ledgers."""
    tun = raise_server_device(options.tun, options) if options.tun else None
    family = socket.AF_INET6 if ":" in options.address else socket.AF_INET
    listener = socket.create_server((options.address, options.port), family=family)
    ledgers = []
    while len(ledgers) < options.sessions and not stopping:
        ledger = serve_session(listener, tun, options)
        if ledger:
            ledgers.append(ledger)
    return ledgers


def add_common_options(parser):
    parser.add_argument("address")
    parser.add_argument("port", type=int)
    parser.add_argument("--tun", help="name of the TUN device to make; without it packets are lost")
    parser.add_argument("--inner-address", help="address and prefix length in the tunnel")
    parser.add_argument("--ledger", help="file for the ledger of packets")
    parser.add_argument("--plain", action="store_true", help="no TLS: it ended at a load balancer")
    parser.add_argument("--ciphers", default="NULL-SHA256:NULL-SHA:@SECLEVEL=0")
    parser.add_argument("--tls-min", default="1.2", choices=TLS_VERSIONS)
    parser.add_argument("--tls-max", default="1.2", choices=TLS_VERSIONS)
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    parser.add_argument("--keylog", help="file for the TLS session keys")
    parser.add_argument("--alpn", help="protocols to negotiate, with commas between them")
    parser.add_argument("--hold", type=float, default=0,
                        help="seconds to gather packets before they are written together")
    parser.add_argument("--record", type=int, default=LARGEST_RECORD_BYTES,
                        help="bytes to a write, whatever the packets in it")
    parser.add_argument("--seconds", type=float, help="end the session after that time of tunnel")


def add_client_options(parser):
    parser.add_argument("--host", required=True, help="the Host header")
    parser.add_argument("--server-name-indication")
    parser.add_argument("--uri", default="/IPHTTPS")
    parser.add_argument("--proxy-target", help="CONNECT to it: the address is a proxy's")
    parser.add_argument("--early", action="store_true",
                        help="send the first packet together with the request")
    parser.add_argument("--authorization", help="header value for a second request after a 401")
    parser.add_argument("--solicitations", type=int, default=3, help="router solicitations to send")
    parser.add_argument("--source-port", type=int, default=0)
    parser.add_argument("--proxy-authorization",
                        help="header value for a second CONNECT after a 407")
    parser.add_argument("--delay", type=float, default=0, help="seconds before the Client Hello")
    parser.add_argument("--patience", type=float, help="seconds to wait for an answer")


def add_server_options(parser):
    parser.add_argument("--sessions", type=int, default=1, help="sessions to serve")
    parser.add_argument("--answers", type=lambda text: [int(status) for status in text.split(",")],
                        default=[200], help="status of the answer to each request of a connection")
    parser.add_argument("--think", type=float, default=0, help="seconds before each answer")
    parser.add_argument("--answer-length", type=int,
                        help="Content-Length of the answer that opens the tunnel")
    parser.add_argument("--answer-header", help="a further line of that answer")
    parser.add_argument("--answer-with-packet", action="store_true",
                        help="send the answer together with the first packet")
    parser.add_argument("--server-name", default=HTTPAPI, help="the Server header")
    parser.add_argument("--silent", type=float, help="never answer, close after so many seconds")
    parser.add_argument("--reset", action="store_true", help="end sessions by RST")
    parser.add_argument("--garbage", type=bytes.fromhex,
                        help="bytes to write into the tunnel, in hexadecimal")
    parser.add_argument("--garbage-after", type=float, default=1,
                        help="seconds of tunnel before it")
    parser.add_argument("--client-ca",
                        help="ask for a client certificate of this authority, without insisting")


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    roles = parser.add_subparsers(dest="role", required=True)
    for role, add_options in (("client", add_client_options), ("server", add_server_options)):
        role_parser = roles.add_parser(role)
        add_common_options(role_parser)
        add_options(role_parser)
    return parser.parse_args()


def stop(_signal, _frame):
    global stopping
    stopping = True


def main():
    options = parse_options()
    signal.signal(signal.SIGTERM, stop)
    ledgers = [run_client(options)] if options.role == "client" else run_server(options)
    if options.ledger:
        with open(options.ledger, "w") as file:
            json.dump([vars(ledger) for ledger in ledgers], file)


if __name__ == "__main__":
    sys.exit(main())
