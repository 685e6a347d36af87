"""Scenarios of the TCP connection: refused, unanswered, unreachable, or up and unused.

SPDX-License-Identifier: GPL-2.0-or-later
"""

import sys

import servers
import tunnels
from expected import WINDOWS_8, connected
from net import GATEWAY
from scenario import Session, scenario
from wire import CLIENT_FIN, CLIENT_RESET, CLOSED, IS_CLOSED, SERVER_RESET, SYN

GROUP = "TCP connection"
CONFIGURED = (("da.example.com", "203.0.113.10", "", "", ""),)
CONFIGURED_IPV6 = (("da.example.com", "2001:db8:2::10", "", "", ""),)
BOTH_ENDS_IPV6 = {"client": "2001:db8:1::10", "server": "2001:db8:2::10"}

UNREACHABLE = "icmp.type == 3"
UNREACHABLE_IPV6 = "icmpv6.type == 1"
WSAHOST_NOT_FOUND, WSAEHOSTUNREACH, WSAETIMEDOUT, WSAECONNREFUSED = 0x2AF9, 0x2751, 0x274C, 0x274D
TCP_CONNECT = 2

SOURCE_NAT = f"""
table ip source_nat {{
    chain postrouting {{
        type nat hook postrouting priority srcnat;
        ip saddr 192.0.2.0/24 snat to {GATEWAY[0]}
    }}
}}
"""

# A connection from a given port on which nothing is said, ended by RST if the third word is "rst".
SILENT = """
import socket, struct, sys, time
address, port, end = sys.argv[1:]
with socket.socket() as connection:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    connection.bind(("", int(port)))
    connection.connect((address, 443))
    time.sleep(1)
    if end == "rst":
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
"""


def unconnected(slug, *decides, error, tagged_by=1, **fields):
    """A session that ends at the TCP connection."""
    return Session(tagged_by, 3, ((slug, *decides),), windows_error=error, phase=TCP_CONNECT,
                   **fields)


def timed_out(**fields):
    """No answer to three SYNs."""
    return unconnected("connect_timeout", SYN, 3, error=WSAETIMEDOUT, **fields)


def refused(**fields):
    """The SYN is answered by RST."""
    return unconnected("connect_refused", SERVER_RESET, error=WSAECONNREFUSED, **fields)


def unreachable(message=UNREACHABLE, **fields):
    """The SYN is answered by ICMP."""
    return unconnected("connect_unreachable", message, error=WSAEHOSTUNREACH, **fields)


def unused(decides, **fields):
    """The client ends the connection and has said nothing: a warning."""
    return Session(1, IS_CLOSED, (("no_client_hello", decides),), windows_error=WSAHOST_NOT_FOUND,
                   phase=TCP_CONNECT, decided=decides, **fields)


def try_once(lab, patience=2.5, **options):
    """An attempt to connect that is given up after `patience` seconds: time for three SYNs."""
    tunnels.attempt(lab, patience=patience, **options)


def say_nothing(lab, end="fin", port=50000, client="client"):
    """A connection to the server on which the client says nothing for a second."""
    lab.host(client).run(sys.executable, "-c", SILENT, lab.server.address, port, end)


@scenario(GROUP, ["nft", "python"], timed_out(), endpoints=CONFIGURED)
def connect_timeout(lab):
    """Nobody answers the SYNs.

    nftables on the path drops them."""
    lab.on_path("tcp dport 443 drop")
    try_once(lab)


@scenario(GROUP, ["nft", "python"], timed_out(**BOTH_ENDS_IPV6), endpoints=CONFIGURED_IPV6)
def connect_timeout_ipv6(lab):
    """Nobody answers the SYNs over IPv6.

    nftables on the path drops them."""
    lab.on_path("tcp dport 443 drop")
    try_once(lab, to=lab.server.address6)


@scenario(GROUP, ["nft", "python"], timed_out(), endpoints=CONFIGURED)
def connect_timeout_answers_lost(lab):
    """The server answers, but its answers are lost.

    nftables on the path drops what the server sends."""
    servers.nginx(lab, lab.pki.server())
    lab.on_path("tcp sport 443 drop")
    try_once(lab)


@scenario(GROUP, ["python"], refused(), endpoints=CONFIGURED)
def connect_refused(lab):
    """Nothing listens on the port.

    The server's kernel answers the SYN with RST."""
    try_once(lab)


@scenario(GROUP, ["python"], refused(**BOTH_ENDS_IPV6), endpoints=CONFIGURED_IPV6)
def connect_refused_ipv6(lab):
    """Nothing listens on the port, over IPv6.

    The server's kernel answers the SYN with RST."""
    try_once(lab, to=lab.server.address6)


@scenario(GROUP, ["nft", "python"], refused(), endpoints=CONFIGURED)
def connect_refused_firewall(lab):
    """A firewall answers the second SYN with RST.

    nftables on the path drops the first and rejects the second with a TCP reset."""
    lab.on_path("tcp dport 443 numgen inc mod 2 == 0 drop")
    lab.on_path("tcp dport 443 reject with tcp reset")
    try_once(lab)


@scenario(GROUP, ["nft", "python"], unreachable(), endpoints=CONFIGURED)
def connect_unreachable_host(lab):
    """A router says that the host is unreachable.

    nftables on the path rejects the SYN with ICMP host unreachable."""
    lab.on_path("tcp dport 443 reject with icmp type host-unreachable")
    try_once(lab)


@scenario(GROUP, ["nft", "python"], unreachable(), endpoints=CONFIGURED)
def connect_unreachable_prohibited(lab):
    """A firewall says that the connection is administratively prohibited.

    nftables on the path rejects the SYN with ICMP admin-prohibited."""
    lab.on_path("tcp dport 443 reject with icmp type admin-prohibited")
    try_once(lab)


@scenario(GROUP, ["ip", "python"], unreachable(), endpoints=CONFIGURED)
def connect_unreachable_network(lab):
    """A router has no route to the server.

    Its route is replaced by an unreachable one."""
    lab.router.run("ip", "route", "replace", "unreachable", f"{lab.server.address}/32")
    try_once(lab)


@scenario(GROUP, ["nft", "python"], unreachable(UNREACHABLE_IPV6, **BOTH_ENDS_IPV6),
          endpoints=CONFIGURED_IPV6)
def connect_unreachable_ipv6(lab):
    """A firewall says that the connection is administratively prohibited, over IPv6.

    nftables on the path rejects the SYN with ICMPv6 admin-prohibited."""
    lab.on_path("tcp dport 443 reject with icmpv6 type admin-prohibited")
    try_once(lab, to=lab.server.address6)


@scenario(GROUP, ["python", "radvd", "ping", "nft"],
          connected(stream=0, client_type=WINDOWS_8),
          refused(tagged_by=5, stream=1), timed_out(tagged_by=5, stream=2),
          unconnected("connect_unreachable",
                      UNREACHABLE, tagged_by=5, error=WSAEHOSTUNREACH))
def connect_learned(lab):
    """Nothing configured: a tunnel, then the same server refuses, is silent, is unreachable.

    The endpoint is known from the tunnel in the same capture. The server's program ends with the
    session; then nftables on the path drops the SYNs, then rejects them."""
    with tunnels.session(lab, tunnels.serve(lab)):
        tunnels.ping(lab, count=1)
    try_once(lab)
    lab.on_path("tcp dport 443 limit rate 1/minute burst 3 packets drop")
    try_once(lab)
    lab.on_path("tcp dport 443 reject with icmp type host-unreachable")
    try_once(lab)


@scenario(GROUP, ["python"], *(refused(stream=number) for number in range(14)),
          endpoints=CONFIGURED)
def connect_refused_14_times(lab):
    """A client tries fourteen times, always refused.

    Nothing listens on the port; the client comes back after each failure."""
    for _ in range(14):
        try_once(lab)


@scenario(GROUP, ["nft", "python", "radvd", "ping"], connected(tagged_by=1, client_type=WINDOWS_8),
          endpoints=CONFIGURED)
def connect_second_syn_answered(lab):
    """One SYN is lost, the second is answered.

    nftables on the path drops the first; then the tunnel is opened."""
    server = tunnels.serve(lab)
    lab.on_path("tcp dport 443 tcp flags & (syn | ack) == syn numgen inc mod 2 == 0 drop")
    with tunnels.session(lab, server):
        tunnels.ping(lab, count=1)


@scenario(GROUP, ["nft", "python"], Session(1, 0, stream=0, phase=TCP_CONNECT),
          Session(1, 0, stream=1, phase=TCP_CONNECT), endpoints=CONFIGURED,
          near_miss_of=("connect_timeout",))
def connect_given_up_early(lab):
    """Two SYNs, and two more of a new connection from the same port.

    nftables on the path drops them; the client gives up after 1.5 seconds each time. They are four
    SYNs, but no third one of a connection."""
    lab.on_path("tcp dport 443 drop")
    for _ in range(2):
        try_once(lab, patience=1.5, source_port=50000)


@scenario(GROUP, ["python", "radvd", "ping", "dig"],
          connected(tagged_by=1, client_type=WINDOWS_8), endpoints=CONFIGURED,
          near_miss_of=("connect_unreachable",))
def connect_other_port_unreachable(lab):
    """During a session ICMP says that another port of the server is unreachable.

    dig asks the server on UDP port 443, where nobody listens."""
    with tunnels.session(lab, tunnels.serve(lab)):
        lab.client.run("dig", f"@{lab.server.address}", "-p", 443, "+tries=1", "+timeout=1",
                       "example.com", check=False)
        tunnels.ping(lab, count=1)


@scenario(GROUP, ["python", "radvd", "ping"],
          connected(tagged_by=1, client_type=WINDOWS_8), endpoints=CONFIGURED,
          near_miss_of=("connect_refused",))
def connect_reset_later(lab):
    """The server resets a working session after four seconds.

    That RST answers no SYN, and the tunnel has carried packets both ways."""
    tunnels.attempt(lab, tunnels.serve(lab, seconds=4, reset=True))


@scenario(GROUP, ["nft", "python", "nginx"], untouched=True, endpoints=CONFIGURED)
def connect_foreign_failures(lab):
    """Connections to another host fail in every way.

    Refused, unused, without an answer, unreachable: to a web server that is not configured."""
    web = lab.host("web")
    try_once(lab, to="web")
    certificate = lab.pki.server("CN=www.example.com", ("www.example.com",))
    servers.nginx(lab, certificate, host="web")
    lab.client.run(sys.executable, "-c", SILENT, web.address, 50000, "fin")
    lab.on_path("tcp dport 443 limit rate 1/minute burst 3 packets drop")
    try_once(lab, to="web")
    lab.on_path("tcp dport 443 reject with icmp type host-unreachable")
    try_once(lab, to="web")


@scenario(GROUP, ["nginx", "python"], unused(CLIENT_FIN), endpoints=CONFIGURED)
def no_client_hello_fin(lab):
    """The client connects, says nothing, and closes.

    One second after the connection; nginx listens."""
    servers.nginx(lab, lab.pki.server())
    say_nothing(lab)


@scenario(GROUP, ["nginx", "python"], unused(CLIENT_RESET), endpoints=CONFIGURED)
def no_client_hello_rst(lab):
    """The client connects, says nothing, and resets.

    One second after the connection; nginx listens."""
    servers.nginx(lab, lab.pki.server())
    say_nothing(lab, end="rst")


@scenario(GROUP, ["nginx", "python"],
          Session(1, IS_CLOSED, phase=TCP_CONNECT, decided=CLOSED), endpoints=CONFIGURED,
          near_miss_of=("no_client_hello",))
def no_client_hello_server_closes(lab):
    """The client connects and says nothing, and the server is the first to close.

    nginx waits half a second for a Client Hello."""
    servers.nginx(lab, lab.pki.server(), server="client_header_timeout 500ms;")
    say_nothing(lab)


@scenario(GROUP, ["python", "radvd", "ping"],
          connected(tagged_by=1, client_type=WINDOWS_8), endpoints=CONFIGURED)
def client_hello_late(lab):
    """The Client Hello comes three seconds after the connection.

    Then the tunnel is opened."""
    with tunnels.session(lab, tunnels.serve(lab), delay=3):
        tunnels.ping(lab, count=1)


@scenario(GROUP, ["python", "radvd", "ping"], unused(CLIENT_RESET, stream=0),
          connected(tagged_by=1, client_type=WINDOWS_8, stream=1), endpoints=CONFIGURED)
def port_used_again(lab):
    """A client's port is used again at once by a new connection.

    The first says nothing and is reset, the second opens the tunnel."""
    server = tunnels.serve(lab)
    say_nothing(lab, end="rst")
    with tunnels.session(lab, server, source_port=50000):
        tunnels.ping(lab, count=1)


@scenario(GROUP, ["nft", "python", "radvd", "ping"],
          connected(tagged_by=1, client=GATEWAY[0], client_type=WINDOWS_8, stream=0),
          unused(CLIENT_RESET, client=GATEWAY[0], stream=1),
          Session(1, 3, (("http_rejected", "http.response.code == 400"),), client=GATEWAY[0],
                  endpoint="da.example.com:8443", stream=2, client_type=WINDOWS_8),
          endpoints=(*CONFIGURED, ("da.example.com", "203.0.113.10", "8443", "", "")),
          capture={"host": "server"})
def clients_behind_nat(lab):
    """Several clients behind one address at the same time.

    Captured on the server; nftables on the path gives both clients the router's address. While one
    is in its tunnel, the other connects, says nothing and resets; then nginx on port 8443 refuses
    its request."""
    servers.nginx(lab, lab.pki.server(), suites=servers.WITH_NULL, port=8443)
    lab.router.nft(SOURCE_NAT)
    with tunnels.session(lab, tunnels.serve(lab)):
        tunnels.ping(lab, count=1)
        say_nothing(lab, end="rst", client="client2")
        tunnels.attempt(lab, client="client2", port=8443)
        tunnels.ping(lab, count=1)
