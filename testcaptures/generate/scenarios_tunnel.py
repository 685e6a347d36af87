"""Scenarios of the tunnel: what flows in it, over what it runs, and how it fails.

SPDX-License-Identifier: GPL-2.0-or-later
"""

import tunnels
from scenario import Session, scenario

IN_TUNNEL = "Tunnel: what flows in it"
PEERS = ("python", "radvd")

ANSWER = "tls.record.content_type == 23 && tcp.srcport == 443"
CONNECTED = (("connected", ANSWER),)

NULL_SHA256, NULL_SHA = 0x003B, 0x0002
WINDOWS_8, WINDOWS_7 = 1, 2


def connected(tagged_by=3, findings=CONNECTED, **fields):
    """A session whose tunnel was opened and whose only fault is nothing worse than a warning."""
    return Session(tagged_by, 1, findings, decided=fields.pop("decided", findings[-1][1]),
                   windows_error=0, **fields)


def everyday_traffic(lab):
    """What a client does at first: it finds its server, asks a name, and fetches something."""
    tunnels.ping(lab)
    tunnels.resolve(lab)
    tunnels.fetch(lab)
    tunnels.ping(lab, size=2000)


@scenario(IN_TUNNEL, [*PEERS, "dnsmasq", "curl"],
          connected(client_type=WINDOWS_8, cipher_suite=NULL_SHA256))
def tunnel_null_sha256(lab):
    """Router advertisement, ping, DNS, HTTP and fragments over TLS_RSA_WITH_NULL_SHA256.

    Kernel IPv6 on TUN devices on both ends, the client's address by radvd; dnsmasq and a web server
    answer inside; the last echo request is larger than the tunnel's MTU of 1280 bytes."""
    server = tunnels.serve(lab, ciphers=tunnels.WINDOWS_8_SUITES)
    with tunnels.session(lab, server):
        everyday_traffic(lab)


@scenario(IN_TUNNEL, [*PEERS, "strongswan"],
          connected(client_type=WINDOWS_8, cipher_suite=NULL_SHA256))
def tunnel_ipsec(lab):
    """IKEv2 and ESP in UDP inside the tunnel.

    strongSwan with its user-space IPsec on both ends: IKE_SA_INIT, IKE_AUTH with a pre-shared key, then
    pings to a corporate address as ESP (RFC 3948)."""
    server = tunnels.serve(lab, ciphers=tunnels.WINDOWS_8_SUITES)
    with tunnels.session(lab, server):
        with tunnels.ipsec(lab):
            tunnels.ping(lab, count=5, to=tunnels.CORPORATE)


@scenario(IN_TUNNEL, [*PEERS, "scapy"],
          connected(client_type=WINDOWS_8, cipher_suite=NULL_SHA256))
def tunnel_esp(lab):
    """ESP directly on IPv6 inside the tunnel.

    Scapy encrypts three packets; the server's kernel, which has no IPsec, answers each with an ICMPv6
    parameter problem."""
    server = tunnels.serve(lab, ciphers=tunnels.WINDOWS_8_SUITES)
    with tunnels.session(lab, server):
        tunnels.esp(lab)
