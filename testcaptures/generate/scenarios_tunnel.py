"""Scenarios of working tunnels: what flows in them, and over what they run.

SPDX-License-Identifier: GPL-2.0-or-later
"""

import proxies
import servers
import tunnels
from expected import (AES128_SHA, CONNECTED, ECDHE_AES256_GCM, NULL_SESSION, NULL_SHA,
                      NULL_SHA256, PLAIN_ANSWER, TLS13_AES256_GCM, WINDOWS_7, WINDOWS_8,
                      connected, offloaded)
from scenario import Session, scenario
from wire import CLIENT_HELLO, FROM_SERVER, SERVER_HELLO

CONTENT = "Tunnel: what flows in it"
TRANSPORT = "Tunnel: over what it runs"

PEERS = ("python", "radvd")


def everyday_traffic(lab):
    """What a client does at first: it finds its server, asks a name, and fetches something."""
    tunnels.ping(lab)
    tunnels.resolve(lab)
    tunnels.web(lab)
    tunnels.fetch(lab)
    tunnels.ping(lab, size=2000)


@scenario(CONTENT, [*PEERS, "dig", "dnsmasq", "curl", "ping"], NULL_SESSION)
def tunnel_null_sha256(lab):
    """Router advertisement, ping, DNS, HTTP and fragments over TLS_RSA_WITH_NULL_SHA256.

    Kernel IPv6 on TUN devices at both ends, the client's address by radvd; dnsmasq and a web server
    answer inside; the last echo request is larger than the tunnel's MTU of 1280 bytes."""
    with tunnels.session(lab, tunnels.serve(lab)):
        everyday_traffic(lab)


# IPv6, UDP between ports 4500, an SPI where IKE has its marker of zeros (RFC 3948 section 2.2).
ESP_IN_UDP = r'tcp.payload matches r"\x11\x94\x11\x94[\s\S]{4}[^\x00]"'
ESTABLISHED = ("ipsec_established", f"{ESP_IN_UDP} && {FROM_SERVER}")


def _ipsec(*findings):
    return connected(client_type=WINDOWS_8, cipher_suite=NULL_SHA256,
                     findings=(*CONNECTED, *findings))


@scenario(CONTENT, [*PEERS, "strongswan", "ping"], _ipsec(ESTABLISHED))
def tunnel_ipsec(lab):
    """IKEv2 and ESP in UDP inside the tunnel.

    strongSwan with its user-space IPsec at both ends: IKE_SA_INIT, IKE_AUTH with a pre-shared key,
    then pings to a corporate address as ESP in UDP (RFC 3948)."""
    with tunnels.session(lab, tunnels.serve(lab)):
        with tunnels.ipsec(lab):
            tunnels.ping(lab, count=5, to=tunnels.CORPORATE)


# The client's INIT, and the answer's payload of type notify with its length and error.
INIT_REQUEST = r'tcp.payload matches r"\x01\xf4\x01\xf4[\s\S]{12}\x00{8}"'
NO_PROPOSAL_CHOSEN = (r'tcp.payload matches r"\x00\x00\x00\x08\x00\x00\x00\x0e" && '
                      f"{FROM_SERVER}")


@scenario(CONTENT, [*PEERS, "strongswan"], _ipsec(("ipsec_unanswered", INIT_REQUEST, 3)))
def ipsec_unanswered(lab):
    """IKEv2 inside the tunnel is not answered.

    strongSwan sends its first message four times; the server's firewall drops UDP 500."""
    with tunnels.session(lab, tunnels.serve(lab)):
        tunnels.ipsec_unanswered(lab, transmissions=4)


@scenario(CONTENT, [*PEERS, "strongswan"], _ipsec(), near_miss_of=("ipsec_unanswered",))
def ipsec_given_up_early(lab):
    """IKEv2 inside the tunnel is sent twice without an answer, and given up.

    strongSwan; the server's firewall drops UDP 500."""
    with tunnels.session(lab, tunnels.serve(lab)):
        tunnels.ipsec_unanswered(lab, transmissions=2)


@scenario(CONTENT, [*PEERS, "strongswan"], _ipsec(("ipsec_rejected", NO_PROPOSAL_CHOSEN)))
def ipsec_rejected(lab):
    """The server answers the client's IKEv2 with NO_PROPOSAL_CHOSEN.

    strongSwan at both ends, with other algorithms at each."""
    with tunnels.session(lab, tunnels.serve(lab)):
        tunnels.ipsec_refused(lab, ("aes256-sha384-ecp384", "aes128-sha256-ecp256"))


@scenario(CONTENT, [*PEERS, "strongswan", "ping"], _ipsec(ESTABLISHED),
          near_miss_of=("ipsec_rejected",))
def ipsec_other_group(lab):
    """The server asks for another group by INVALID_KE_PAYLOAD, and IKEv2 succeeds with that.

    strongSwan at both ends; the client begins with a group that the server does not take."""
    proposals = ("aes128-sha256-ecp384", "aes128-sha256-ecp256-ecp384")
    with tunnels.session(lab, tunnels.serve(lab)):
        with tunnels.ipsec(lab, proposals):
            tunnels.ping(lab, to=tunnels.CORPORATE)


# The answer's notification: version 1.0, of the IPsec DOI, NO-PROPOSAL-CHOSEN.
NOTIFIED = (r'tcp.payload matches r"\x00\x00\x00\x0c\x00\x00\x00\x01\x01\x00\x00\x0e" && '
            f"{FROM_SERVER}")


@scenario(CONTENT, [*PEERS, "scapy"], _ipsec(("ipsec_unanswered", INIT_REQUEST, 3)))
def authip_unanswered(lab):
    """AuthIP inside the tunnel is not answered.

    Scapy sends the first message of AuthIP's main mode three times, as Windows does; the server's
    firewall drops UDP 500."""
    with tunnels.session(lab, tunnels.serve(lab)):
        tunnels.authip(lab, messages=3, answered=False)


@scenario(CONTENT, [*PEERS, "scapy"], _ipsec(("ipsec_rejected", NOTIFIED)),
          near_miss_of=("ipsec_unanswered",))
def authip_rejected(lab):
    """The server answers AuthIP inside the tunnel with NO-PROPOSAL-CHOSEN, and the client tries on.

    Scapy at both ends: AuthIP's main mode, answered by its notify exchange; three times."""
    with tunnels.session(lab, tunnels.serve(lab)):
        tunnels.authip(lab, messages=3, answered=True)


@scenario(CONTENT, [*PEERS, "scapy"], NULL_SESSION, near_miss_of=("ipsec_established",))
def tunnel_esp(lab):
    """ESP directly on IPv6 inside the tunnel.

    Scapy encrypts three packets; the server's kernel has no IPsec and refuses them by ICMPv6."""
    with tunnels.session(lab, tunnels.serve(lab)):
        tunnels.esp(lab)


@scenario(CONTENT, PEERS, NULL_SESSION)
def tunnel_packets_without_payload(lab):
    """Packets of an IPv6 header and nothing else.

    Their next header is 59, "no next header" (RFC 8200, section 4.7), their payload length 0."""
    with tunnels.session(lab, tunnels.serve(lab)):
        tunnels.empty(lab)


@scenario(CONTENT, [*PEERS, "curl"],
          *(connected(tagged_by, client_type=WINDOWS_8, stream=stream)
            for stream, tagged_by in enumerate((3, 5))))
def tunnel_same_inside(lab):
    """Two tunnels one after the other with the same addresses and ports inside.

    The client's inner address is set by hand, and curl uses the same local port in both: they
    are two inner TCP connections all the same."""
    # Else the port stays taken for a minute where the client's kernel is the first to close.
    lab.client.run("sysctl", "-qw", "net.ipv4.tcp_max_tw_buckets=0")
    server = tunnels.serve(lab, sessions=2)
    tunnels.web(lab)
    for _ in range(2):
        with tunnels.session(lab, server, inner_address="2001:db8:da::a/64"):
            tunnels.fetch(lab, "--local-port", 50000)


@scenario(CONTENT, [*PEERS, "haproxy", "ping", "curl"],
          connected(server="adc", client_type=WINDOWS_8, stream=0),
          connected(5, server="adc", client_type=WINDOWS_8, stream=1, client="client2"),
          capture={"host": "adc", "capture_filter": "tcp port 443"})
def tunnel_same_inside_at_once(lab):
    """Two clients' tunnels at the same time, with the same addresses and ports inside.

    HAProxy ends TLS in front of two servers and gives each client another; captured on it. The
    inner addresses are set by hand, both clients ping, and curl uses the same local port in both
    tunnels."""
    names = ("server", "web")
    both = [tunnels.serve(lab, host=name, port=62000, plain=True) for name in names]
    for name in names:
        tunnels.web(lab, host=name)
    servers.haproxy(lab, lab.pki.server(), suites=servers.WITH_NULL, backend="\n".join(
        f"server {name} {lab.host(name).address}:62000" for name in names))
    inside = {"to": "adc", "inner_address": "2001:db8:da::a/64"}
    clients = ("client", "client2")
    with tunnels.session(lab, both[0], **inside):
        with tunnels.session(lab, both[1], client="client2", **inside):
            tunnels.ping(lab, count=4, clients=clients)
            tunnels.fetch(lab, "--local-port", 50000, clients=clients)
    lab.packets.reverse()  # the first to open was the last to end


@scenario(TRANSPORT, [*PEERS, "ping"],
          connected(client_type=WINDOWS_8, cipher_suite=NULL_SHA))
def tunnel_null_sha(lab):
    """TLS_RSA_WITH_NULL_SHA.

    The server has only that NULL suite."""
    with tunnels.session(lab, tunnels.serve(lab, ciphers="NULL-SHA:@SECLEVEL=0")):
        tunnels.ping(lab)


@scenario(TRANSPORT, [*PEERS, "ping"],
          connected(tagged_by=4, client_type=WINDOWS_8, cipher_suite=NULL_SHA256))
def tunnel_null_first(lab):
    """NULL suites offered ahead of encrypted ones, and chosen.

    The client offers both as Windows 10 does."""
    with tunnels.session(lab, tunnels.serve(lab), suites="null-first"):
        tunnels.ping(lab)


@scenario(TRANSPORT, [*PEERS, "ping"],
          connected(tagged_by=4, client_type=WINDOWS_8, cipher_suite=ECDHE_AES256_GCM,
                    findings=(("null_cipher_not_selected", SERVER_HELLO), *CONNECTED)), keys=True)
def tunnel_null_not_selected(lab):
    """NULL suites offered first, an encrypted one chosen.

    The server has no NULL suite; the client accepts AES-GCM. The keys are in the capture."""
    server = tunnels.serve(lab, ciphers=servers.ENCRYPTED)
    with tunnels.session(lab, server, suites="null-first", keylog=lab.keylog):
        tunnels.ping(lab)


@scenario(TRANSPORT, [*PEERS, "dig", "dnsmasq", "curl", "ping"],
          connected(tagged_by=2, client_type=WINDOWS_7, cipher_suite=ECDHE_AES256_GCM), keys=True)
def tunnel_tls12_gcm(lab):
    """TLS 1.2 with AES-GCM, keys in the capture.

    The client offers encrypted suites only; nothing but the request tells what it is."""
    server = tunnels.serve(lab, ciphers=servers.ENCRYPTED)
    with tunnels.session(lab, server, suites="encrypted", keylog=lab.keylog):
        everyday_traffic(lab)


@scenario(TRANSPORT, [*PEERS, "ping"],
          connected(tagged_by=2, client_type=WINDOWS_7, cipher_suite=AES128_SHA), keys=True)
def tunnel_tls10_cbc(lab):
    """TLS 1.0 with AES128-SHA, keys in the capture.

    What a Windows 7 client and a Windows Server 2008 R2 speak."""
    tls = {"tls_min": "1.0", "tls_max": "1.0"}
    server = tunnels.serve(lab, ciphers="AES128-SHA:@SECLEVEL=0", **tls)
    with tunnels.session(lab, server, suites="encrypted", keylog=lab.keylog, **tls):
        tunnels.ping(lab)


@scenario(TRANSPORT, [*PEERS, "dig", "dnsmasq", "curl", "ping"],
          connected(tagged_by=2, client_type=WINDOWS_7, cipher_suite=TLS13_AES256_GCM), keys=True)
def tunnel_tls13(lab):
    """TLS 1.3, keys in the capture.

    As above with TLS 1.3 at both ends."""
    server = tunnels.serve(lab, ciphers=servers.ENCRYPTED, tls_max="1.3")
    with tunnels.session(lab, server, suites="encrypted", keylog=lab.keylog, tls_max="1.3"):
        everyday_traffic(lab)


@scenario(TRANSPORT, [*PEERS, "ping"],
          Session(1, 2, client_type=WINDOWS_7, cipher_suite=TLS13_AES256_GCM),
          endpoints=(("da.example.com", "", "", "", ""),))
def tunnel_tls13_without_keys(lab):
    """TLS 1.3 without keys to a configured endpoint: nothing inside can be read.

    The handshake completes, and that is all there is to say."""
    server = tunnels.serve(lab, ciphers=servers.ENCRYPTED, tls_max="1.3")
    with tunnels.session(lab, server, suites="encrypted", tls_max="1.3"):
        tunnels.ping(lab)
    lab.packets.clear()  # nobody can find them in this capture


@scenario(TRANSPORT, [*PEERS, "ping"],
          connected(client_type=WINDOWS_8, cipher_suite=NULL_SHA256))
def tunnel_null_alpn(lab):
    """ALPN http/1.1 negotiated, with a NULL suite.

    Both ends name http/1.1; the server chooses it."""
    with tunnels.session(lab, tunnels.serve(lab, alpn="http/1.1"), alpn="h2,http/1.1"):
        tunnels.ping(lab)


@scenario(TRANSPORT, [*PEERS, "ping"],
          connected(tagged_by=2, client_type=WINDOWS_7, cipher_suite=ECDHE_AES256_GCM), keys=True)
def tunnel_tls12_alpn(lab):
    """ALPN http/1.1 negotiated, with TLS 1.2 and AES-GCM, keys in the capture.

    As above with encrypted suites."""
    server = tunnels.serve(lab, ciphers=servers.ENCRYPTED, alpn="http/1.1")
    with tunnels.session(lab, server, suites="encrypted", alpn="h2,http/1.1", keylog=lab.keylog):
        tunnels.ping(lab)


@scenario(TRANSPORT, [*PEERS, "ping"],
          connected(tagged_by=2, client_type=WINDOWS_7, cipher_suite=TLS13_AES256_GCM), keys=True)
def tunnel_tls13_alpn(lab):
    """ALPN http/1.1 negotiated, with TLS 1.3, keys in the capture.

    As above with TLS 1.3; the server's choice is in its Encrypted Extensions."""
    tls = {"tls_max": "1.3", "alpn": "http/1.1"}
    server = tunnels.serve(lab, ciphers=servers.ENCRYPTED, **tls)
    with tunnels.session(lab, server, suites="encrypted", keylog=lab.keylog, **tls):
        tunnels.ping(lab)


@scenario(TRANSPORT, [*PEERS, "dig", "dnsmasq", "curl", "ping"], offloaded(80))
def tunnel_plain_80(lab):
    """Plain HTTP on port 80: TLS ended at a load balancer.

    What is seen between the load balancer and the server."""
    with tunnels.session(lab, tunnels.serve(lab, port=80, plain=True), port=80, plain=True):
        everyday_traffic(lab)


@scenario(TRANSPORT, [*PEERS, "ping"], offloaded(62000))
def tunnel_plain_62000(lab):
    """Plain HTTP on port 62000.

    The server's port behind a load balancer is free to choose."""
    with tunnels.session(lab, tunnels.serve(lab, port=62000, plain=True), port=62000, plain=True):
        tunnels.ping(lab)


def _behind_haproxy(lab):
    backend = f"server da {lab.server.address}:62000"
    server = tunnels.serve(lab, port=62000, plain=True)
    servers.haproxy(lab, lab.pki.server(), suites=servers.WITH_NULL, mode="http", backend=backend)
    with tunnels.session(lab, server, to="adc"):
        tunnels.ping(lab)


@scenario(TRANSPORT, [*PEERS, "haproxy", "ping"],
          connected(server="adc", client_type=WINDOWS_8, cipher_suite=NULL_SHA256))
def tunnel_haproxy_outside(lab):
    """A load balancer ends TLS with a NULL suite; captured on the client.

    HAProxy in HTTP mode, the server behind it on port 62000."""
    _behind_haproxy(lab)


@scenario(TRANSPORT, [*PEERS, "haproxy", "ping"],
          connected(tagged_by=2, client="adc", endpoint="da.example.com:62000",
                    findings=(("connected", PLAIN_ANSWER),)),
          capture={"host": "server"})
def tunnel_haproxy_inside(lab):
    """The same between the load balancer and the server.

    Captured on the server; the request came through HAProxy, which changes the heads."""
    _behind_haproxy(lab)


def _through_proxy(port, **fields):
    """A session of which the proxy's answer does not tell yet that it is one."""
    return connected(server="proxy", client_type=WINDOWS_8, cipher_suite=NULL_SHA256, findings=(
        ("proxy_in_path", CLIENT_HELLO),
        ("connected", f"tls.record.content_type == 23 && tcp.srcport == {port}")), **fields)


@scenario(TRANSPORT, [*PEERS, "squid", "ping"], _through_proxy(proxies.SQUID_PORT))
def tunnel_squid(lab):
    """Through a proxy: CONNECT by name, Squid.

    Squid accepts the CONNECT to da.example.com:443, and the session runs through it."""
    proxies.squid(lab)
    with tunnels.session(lab, tunnels.serve(lab), to="proxy", port=proxies.SQUID_PORT,
                         proxy_target="da.example.com:443"):
        tunnels.ping(lab)


@scenario(TRANSPORT, [*PEERS, "tinyproxy", "ping"], _through_proxy(proxies.TINYPROXY_PORT))
def tunnel_tinyproxy(lab):
    """Through a proxy: CONNECT by name, tinyproxy on port 8888.

    tinyproxy accepts the CONNECT to da.example.com:443."""
    proxies.tinyproxy(lab)
    with tunnels.session(lab, tunnels.serve(lab), to="proxy", port=proxies.TINYPROXY_PORT,
                         proxy_target="da.example.com:443"):
        tunnels.ping(lab)


@scenario(TRANSPORT, [*PEERS, "squid", "ping"], _through_proxy(proxies.SQUID_PORT))
def tunnel_squid_by_address(lab):
    """Through a proxy: CONNECT by address.

    The name is known from the Client Hello only."""
    proxies.squid(lab)
    with tunnels.session(lab, tunnels.serve(lab), to="proxy", port=proxies.SQUID_PORT,
                         proxy_target=f"{lab.server.address}:443"):
        tunnels.ping(lab)


@scenario(TRANSPORT, [*PEERS, "ping"],
          connected(tagged_by=1, client_type=WINDOWS_8, endpoint="da.example.com:8443", findings=(
              ("connected", "tls.record.content_type == 23 && tcp.srcport == 8443"),)),
          endpoints=(("da.example.com", "", "8443", "", ""),))
def tunnel_port_8443(lab):
    """A configured endpoint on port 8443.

    A NULL suite."""
    with tunnels.session(lab, tunnels.serve(lab, port=8443), port=8443):
        tunnels.ping(lab)


@scenario(TRANSPORT, [*PEERS, "ping"],
          connected(tagged_by=2, client_type=WINDOWS_8, endpoint="da.example.com:4443", findings=(
              ("connected", PLAIN_ANSWER),)))
def tunnel_port_4443(lab):
    """Port 4443, not configured: the request alone tells.

    A NULL suite; the Client Hello on this port says nothing yet."""
    with tunnels.session(lab, tunnels.serve(lab, port=4443), port=4443):
        tunnels.ping(lab)


@scenario(TRANSPORT, [*PEERS, "ping"],
          connected(client_type=WINDOWS_8, cipher_suite=NULL_SHA256,
                    client="2001:db8:1::10", server="2001:db8:2::10"))
def tunnel_over_ipv6(lab):
    """IPv6 outside as well.

    A NULL suite."""
    with tunnels.session(lab, tunnels.serve(lab, family="6"), to=lab.server.address6):
        tunnels.ping(lab)


def _with_uri(lab, uri):
    with tunnels.session(lab, tunnels.serve(lab), uri=uri):
        tunnels.ping(lab, count=1)


@scenario(TRANSPORT, [*PEERS, "ping"], NULL_SESSION)
def tunnel_uri_lower_case(lab):
    """The request's URI is /iphttps.

    The configured URL may be written with any letter case."""
    _with_uri(lab, "/iphttps")


@scenario(TRANSPORT, [*PEERS, "ping"], NULL_SESSION)
def tunnel_uri_iptls(lab):
    """The request's URI is /IPTLS.

    As in the specification's example."""
    _with_uri(lab, "/IPTLS")


@scenario(TRANSPORT, [*PEERS, "ping"], connected(tagged_by=2, client_type=WINDOWS_7), keys=True)
def tunnel_uri_mixed_case(lab):
    """The request's URI is /IpHttps, and nothing else tells what it is.

    TLS 1.2 with AES-GCM, keys in the capture."""
    server = tunnels.serve(lab, ciphers=servers.ENCRYPTED)
    with tunnels.session(lab, server, uri="/IpHttps", suites="encrypted", keylog=lab.keylog):
        tunnels.ping(lab, count=1)


@scenario(TRANSPORT, [*PEERS, "ping"], NULL_SESSION)
def tunnel_answer_with_length(lab):
    """The answer has the endless Content-Length too.

    A NULL suite."""
    with tunnels.session(lab, tunnels.serve(lab, answer_length=2**64 - 1)):
        tunnels.ping(lab, count=1)
