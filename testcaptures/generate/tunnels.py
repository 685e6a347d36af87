"""Tunnels of the scenarios: a tunnel_peer.py on either side, radvd, and what flows inside.

SPDX-License-Identifier: GPL-2.0-or-later
"""

import contextlib
import json
import math
import sys
from pathlib import Path

import resolvers
from clients import SUITES
from net import CommandFailed
from pki import SERVER_NAME
from servers import WITH_NULL

PEER = Path(__file__).with_name("tunnel_peer.py")
DEVICE = "iphttps"
INSIDE = "2001:db8:da::1"
CORPORATE = "2001:db8:c::10"
ANY_PORT = {"4": "0.0.0.0", "6": "::"}

# Only with an option of Mobile IPv6 does radvd answer a solicitation less than three seconds after
# its last advertisement (RFC 6275, section 7.5).
RADVD = f"""
interface {DEVICE} {{{{
  AdvSendAdvert on;
  IgnoreIfMissing on;
  MinRtrAdvInterval {{shortest}};
  MaxRtrAdvInterval {{longest}};
  MinDelayBetweenRAs 0.03;
  AdvIntervalOpt on;
  prefix {INSIDE}/64 {{{{ AdvOnLink on; AdvAutonomous on; }}}};
}}}};
"""
# What radvd logs once its own first advertisement has come back to it.
RADVD_READY = f"processed RA on {DEVICE}"

STRONGSWAN = """
charon {{
  load = random nonce openssl kdf vici kernel-libipsec kernel-netlink socket-default
  retransmit_timeout = 1
  retransmit_tries = {tries}
  plugins {{ vici {{ socket = unix://{socket} }} }}
}}
"""

IKE_SERVER = f"""
connections {{ infrastructure {{
  version = 2
  mobike = no
  proposals = PROPOSALS
  local_addrs = {INSIDE}
  pools = clients
  local {{ auth = psk
    id = server.corp.example.com }}
  remote {{ auth = psk
  }}
  children {{ corporate {{ local_ts = {CORPORATE}/128
    esp_proposals = aes128gcm16 }} }}
}} }}
pools {{ clients {{ addrs = 2001:db8:f::/120
}} }}
secrets {{ ike-example {{ secret = "example"
}} }}
"""

IKE_CLIENT = f"""
connections {{ infrastructure {{
  version = 2
  mobike = no
  proposals = PROPOSALS
  remote_addrs = {INSIDE}
  vips = ::
  local {{ auth = psk
    id = pc17.corp.example.com }}
  remote {{ auth = psk
    id = server.corp.example.com }}
  children {{ corporate {{ remote_ts = {CORPORATE}/128
    esp_proposals = aes128gcm16 }} }}
}} }}
secrets {{ ike-example {{ secret = "example"
}} }}
"""

# RFC 4303 packets as they follow an IPv6 header; the kernel of these hosts has no IPsec of its own.
ESP_SENDER = """
import socket, sys
from scapy.layers.inet import TCP
from scapy.layers.inet6 import IPv6
from scapy.layers.ipsec import ESP, SecurityAssociation
association = SecurityAssociation(ESP, spi=0xda7a, crypt_algo="AES-CBC", crypt_key=b"k" * 16,
                                  auth_algo="HMAC-SHA1-96", auth_key=b"a" * 20)
with socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ESP) as sender:
    for length in (0, 100, 1000):
        plain = IPv6(src="2001:db8:c::1", dst=sys.argv[1]) / TCP(dport=445) / bytes(length)
        sender.sendto(bytes(association.encrypt(plain)[ESP]), (sys.argv[1], 0))
"""


# [MS-AIPS]: ISAKMP's header with version 1.0 and exchange types of its own. Only Windows speaks it.
AUTHIP = """
import socket, sys, time
from scapy.layers.isakmp import (ISAKMP, ISAKMP_payload_Proposal, ISAKMP_payload_SA,
                                 ISAKMP_payload_Transform, ISAKMP_payload_VendorID)
MAIN_MODE, NOTIFY = 243, 246
VENDORS = "1e2b516905991c7d7c96fcbfb587e46100000009", "214ca4faffa7f32d6748e5303395ae83"
address, role, messages = sys.argv[1], sys.argv[2], int(sys.argv[3])
udp = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
udp.bind((address if role == "server" else "::", 500))
if role == "server":
    for _ in range(messages):
        request, client = udp.recvfrom(4096)
        answer = ISAKMP(init_cookie=request[:8], resp_cookie=b"AuthIP 2", next_payload=11,
                        exch_type=NOTIFY)
        refusal = bytes.fromhex("0000000c 00000001 0100 000e")  # NO-PROPOSAL-CHOSEN
        udp.sendto(bytes(answer / refusal), client)
else:
    transforms = ISAKMP_payload_Transform(transforms=[("Encryption", "AES-CBC"), ("KeyLength", 128),
                                                      ("Hash", "SHA"), ("GroupDesc", "1024MODPgr")])
    proposal = ISAKMP_payload_SA(prop=ISAKMP_payload_Proposal(trans_nb=1, trans=transforms))
    vendors = [ISAKMP_payload_VendorID(load=bytes.fromhex(one)) for one in VENDORS]
    request = bytes(ISAKMP(init_cookie=b"AuthIP 1", exch_type=MAIN_MODE)
                    / proposal / vendors[0] / vendors[1])
    for number in range(messages):
        time.sleep(min(number, 1))
        udp.sendto(request, (address, 500))
    time.sleep(0.3)
"""


def _arguments(options):
    """The options of tunnel_peer.py for keyword arguments; None and False leave one out."""
    words = []
    for name, value in options.items():
        if value is not None and value is not False:
            words.append("--" + name.replace("_", "-"))
            words += [] if value is True else [value]
    return words


def serve(lab, host="server", port=443, family="4", advertise=30, **options):
    """Starts the server's end of a tunnel; `options` are those of tunnel_peer.py. radvd publishes a
    prefix in it, at the first solicitation and at least every `advertise` seconds; False: never."""
    on = lab.host(host)
    on.run("sysctl", "-qw", "net.ipv6.conf.all.forwarding=1")
    if not options.get("plain"):
        certificate = lab.pki.server()
        options = {"certificate": certificate.chain, "key": certificate.key,
                   "ciphers": WITH_NULL} | options
    options = {"tun": DEVICE, "inner_address": f"{INSIDE}/64"} | options
    ledger = lab.directory / f"{host}-{port}.ledger"
    process = on.start(sys.executable, PEER, "server", ANY_PORT[family], port, "--ledger", ledger,
                       *_arguments(options), listen=port)
    process.ledger = ledger
    process.host = on
    process.clients = []
    process.sessions = options.get("sessions", 1)
    if options["tun"]:
        _wait_for_address(process, "link", seconds=10)
    if advertise:
        _start_radvd(on, advertise)
    return process


def _start_radvd(host, interval=30):
    """A router daemon for the tunnel whose end is on `host`."""
    configuration = host.lab.directory / f"{host.name}-radvd.conf"
    configuration.write_text(RADVD.format(shortest=interval / 3, longest=interval))
    process = host.start("radvd", "-n", "-C", configuration, "-m", "stderr", "-d", 3,
                         "-p", configuration.with_suffix(".pid"))
    host.lab.wait_until(lambda: RADVD_READY in process.log.read_text(), "radvd is ready", process)


def connect(lab, to="server", port=443, client="client", suites="null", **options):
    """Starts the client's end; `options` are those of tunnel_peer.py, `to` is a host or an address,
    `suites` a key of clients.SUITES."""
    on = lab.host(client)
    address = to if "." in to or ":" in to else lab.host(to).address
    ledger = lab.directory / f"{client}-{len(lab.processes)}.ledger"
    options = {"host": SERVER_NAME, "tun": DEVICE, "ciphers": SUITES[suites]} | options
    if not options.get("plain"):
        options.setdefault("server_name_indication", SERVER_NAME)
    process = on.start(sys.executable, PEER, "client", address, port,
                       "--ledger", ledger, *_arguments(options))
    process.ledger = ledger
    process.host = on
    return process


@contextlib.contextmanager
def session(lab, server, radvd_after=None, **options):
    """A client's session from connection to end. In the block the tunnel is up and the client
    has an address in it. After the server's last session the packets of both ends are held against
    each other. With `radvd_after` radvd starts only after so many router solicitations."""
    process = connect(lab, **options)
    if radvd_after:
        lab.wait_until(lambda: _solicitations(process.host) >= radvd_after, "solicitation", process)
        _start_radvd(server.host)
    _wait_for_address(process, "global", seconds=10)
    yield process
    process.terminate()
    process.wait(timeout=10)
    server.clients.append(process)
    if len(server.clients) == server.sessions:
        keep_packets(lab, server)


def _wait_for_address(process, scope, seconds):
    """Waits until the device of a tunnel's end has an address of that scope, not tentative."""
    def has_address():
        shown = process.host.run("ip", "-6", "-o", "addr", "show", "dev", DEVICE,
                                 "scope", scope, "-tentative", check=False)
        return shown.stdout.strip() != ""
    process.host.lab.wait_until(has_address, f"{scope} address in the tunnel", process, seconds)


def _solicitations(host):
    """How many router solicitations the kernel of `host` has sent into its tunnel."""
    shown = host.run("cat", f"/proc/net/dev_snmp6/{DEVICE}", check=False).stdout.split()
    return int(shown[shown.index("Icmp6OutRouterSolicits") + 1]) if shown else 0


def attempt(lab, server=None, **options):
    """A client's session that ends by itself; with `server` the packets are kept."""
    process = connect(lab, **options)
    process.wait(timeout=30)
    if server:
        server.clients.append(process)
        keep_packets(lab, server)


def keep_packets(lab, server):
    """Notes the packets of ended sessions for NAME.packets.json: by the client's count and by the
    server's, which must agree on every packet that came out. Notes also how many router
    solicitations each took."""
    server.wait(timeout=10)
    clients = [json.loads(client.ledger.read_text())[0] for client in server.clients]
    for client, other in zip(clients, json.loads(server.ledger.read_text()), strict=True):
        lab.packets.append({"to_server": _agreed(client["sent"], other["received"]),
                            "to_client": _agreed(other["sent"], client["received"])})
        in_vain = client["solicitations"] > 0 and not client["advertised"]
        lab.solicitations.append(math.inf if in_vain else client["solicitations"])


def _agreed(sent, received):
    """What was sent; at the end of a session some of it may be still on its way."""
    if received != sent[:len(received)]:
        raise CommandFailed("other packets came out of the tunnel than went into it")
    return {"count": len(sent), "bytes": sum(length for length, _ in sent), "packets": sent}


def ping(lab, count=2, size=56, to=INSIDE, interval=0.2, clients=("client",)):
    """Echo requests through the tunnel; more than 1232 bytes make fragments."""
    _run_at_once(lab, clients, "ping", "-6", "-n", "-q", "-c", count, "-i", interval, "-s", size,
                 "-W", 2, to)


def _run_at_once(lab, hosts, *argv):
    """Runs a program on all these hosts at the same time; it must succeed on each."""
    processes = [lab.host(host).start(*argv) for host in hosts]
    for process in processes:
        if process.wait(timeout=60) != 0:
            raise CommandFailed(f"{argv[0]}: {process.log.read_text()}")


def burst(lab, packets, payload=8):
    """UDP datagrams through the tunnel as fast as they go, to a port where nobody listens."""
    program = ("import socket, sys; s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)\n"
               "for n in range(int(sys.argv[2])):\n"
               " s.sendto(n.to_bytes(int(sys.argv[3]), 'big'), (sys.argv[1], 4500))")
    lab.client.run(sys.executable, "-c", program, INSIDE, packets, payload)


def empty(lab, packets=3):
    """Packets without a payload."""
    program = ("import socket, sys; s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, 59)\n"
               "for _ in range(int(sys.argv[2])): s.sendto(b'', (sys.argv[1], 0))")
    lab.client.run(sys.executable, "-c", program, INSIDE, packets)


def resolve(lab):
    """A query for a corporate name to a DNS server inside the tunnel."""
    resolvers.dnsmasq(lab, f"--host-record=app.corp.example.com,{CORPORATE}", host="server",
                      address=INSIDE)
    lab.client.run("dig", "+tries=1", f"@{INSIDE}", "app.corp.example.com", "AAAA")


def web(lab, size=5000, host="server"):
    """A web server inside the tunnel with a file of `size` bytes."""
    folder = lab.directory / f"{host}-inside"
    folder.mkdir()
    (folder / "report.txt").write_text("DirectAccess\n" * (size // 13))
    lab.host(host).start(sys.executable, "-m", "http.server", "--bind", INSIDE,
                         "--directory", folder, "8080", listen=8080)


def fetch(lab, *words, clients=("client",)):
    """The file by HTTP inside the tunnel: a TCP connection with more than one segment."""
    _run_at_once(lab, clients, "curl", "-sSfg", *words, f"http://[{INSIDE}]:8080/report.txt")


def esp(lab):
    """ESP packets (RFC 4303) of Scapy, sent by the client."""
    lab.client.run(sys.executable, "-c", ESP_SENDER, INSIDE)


@contextlib.contextmanager
def ipsec(lab, proposals=("default", "default")):
    """IKEv2 and ESP in UDP between the ends of the tunnel by strongSwan's user-space IPsec; in the
    block a corporate address is reached through it. `proposals` are those of server and client."""
    swanctl = _ipsec_peers(lab, proposals)
    lab.client.run("swanctl", "--initiate", "--child", "corporate", *swanctl)
    yield
    lab.client.run("swanctl", "--terminate", "--ike", "infrastructure", *swanctl)


def ipsec_refused(lab, proposals):
    """The same where the server agrees to none of the client's proposals."""
    swanctl = _ipsec_peers(lab, proposals)
    lab.client.run("swanctl", "--initiate", "--child", "corporate", *swanctl, check=False)


def ipsec_unanswered(lab, transmissions):
    """IKEv2 of strongSwan's, sent so many times to a server whose firewall drops it."""
    _drop_ipsec(lab)
    swanctl = _charon(lab, lab.client, IKE_CLIENT, tries=transmissions - 1)
    lab.client.run("swanctl", "--initiate", "--child", "corporate", *swanctl, check=False)


def authip(lab, messages, answered):
    """AuthIP of Scapy's, the first message sent so many times a second apart: to a server that
    answers with an error, or whose firewall drops it."""
    if answered:
        lab.server.start(sys.executable, "-c", AUTHIP, INSIDE, "server", messages)
        lab.wait_until(lambda: lab.server.listens(500, "udp"), "AuthIP listens")
    else:
        _drop_ipsec(lab)
    lab.client.run(sys.executable, "-c", AUTHIP, INSIDE, "client", messages)


def _drop_ipsec(lab):
    lab.server.nft("add table inet fw\n"
                   "add chain inet fw input { type filter hook input priority 0; }\n"
                   "add rule inet fw input udp dport { 500, 4500 } drop\n")


def _ipsec_peers(lab, proposals):
    lab.server.run("ip", "-6", "addr", "add", f"{CORPORATE}/128", "dev", "lo")
    _charon(lab, lab.server, IKE_SERVER, proposals[0])
    return _charon(lab, lab.client, IKE_CLIENT, proposals[1])


def _charon(lab, host, connections, proposals="default", tries=5):
    """Starts strongSwan's daemon; returns the arguments by which swanctl finds it."""
    socket = lab.directory / f"{host.name}.vici"
    settings, swanctl = (lab.directory / f"{host.name}.{end}" for end in ("strongswan", "swanctl"))
    settings.write_text(STRONGSWAN.format(socket=socket, tries=tries))
    swanctl.write_text(connections.replace("PROPOSALS", proposals))
    process = host.start("env", f"STRONGSWAN_CONF={settings}", "/usr/lib/ipsec/charon")
    lab.wait_until(socket.exists, "IKE daemon is ready", process)
    # As long as it is there, no second daemon starts, though it be on another host.
    Path("/run/charon.pid").unlink()
    address = ["--uri", f"unix://{socket}"]
    host.run("swanctl", "--load-all", "--file", swanctl, *address)
    return address
