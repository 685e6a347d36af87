"""Scenarios of the look-up of the server's name.

SPDX-License-Identifier: GPL-2.0-or-later
"""

import time

import resolvers
import tunnels
from expected import WINDOWS_8, connected
from scenario import Session, scenario
from wire import SYN

GROUP = "Name resolution"
NAME = "da.example.com"
BY_NAME = ((NAME, "", "", "", ""),)
ADDRESS = "da A 203.0.113.10"

QUESTION = "dns.flags.response == 0"
RESPONSE = "dns.flags.response == 1"
NXDOMAIN = f"{RESPONSE} && dns.flags.rcode == 3"
WSAHOST_NOT_FOUND, WSANO_DATA, WSAETIMEDOUT = 0x2AF9, 0x2AFC, 0x274C
NAME_RESOLUTION = 1


def unresolved(slug, *decides, error=WSAHOST_NOT_FOUND, tagged_by=1, **fields):
    """A session that ends at the name; of the server no address is known."""
    fields = {"server": None, "phase": NAME_RESOLUTION, "decided": None} | fields
    return Session(tagged_by, 3, ((slug, *decides),), windows_error=error, **fields)


@scenario(GROUP, ["unbound"], unresolved("name_not_found", NXDOMAIN), endpoints=BY_NAME)
def name_not_found(lab):
    """The name does not exist.

    In Unbound's zone there is no such name; the C library asks for A and AAAA side by side, and the
    first answer decides."""
    resolvers.zone(lab, "www A 203.0.113.80")
    resolvers.look_up(lab)


@scenario(GROUP, ["dnsmasq"], unresolved("name_not_found", NXDOMAIN), endpoints=BY_NAME)
def name_not_found_tcp(lab):
    """The name does not exist, asked over TCP.

    dnsmasq answers for example.com; the C library is told to use TCP."""
    resolvers.dnsmasq(lab, "--local=/example.com/")
    resolvers.look_up(lab, options="attempts:1 use-vc")


@scenario(GROUP, ["unbound"], unresolved("name_not_found", NXDOMAIN), endpoints=BY_NAME)
def name_not_found_alias(lab):
    """The name is an alias of one that does not exist.

    Unbound answers with the CNAME and NXDOMAIN."""
    resolvers.zone(lab, "da CNAME gateway", "www A 203.0.113.80")
    resolvers.look_up(lab)


@scenario(GROUP, ["dnsmasq"],
          unresolved("name_not_found", NXDOMAIN, endpoint="gateway.example.com:443"),
          endpoints=(("*.example.com", "", "", "", ""),))
def name_not_found_wildcard(lab):
    """A name that a configured wildcard covers does not exist.

    dnsmasq answers for example.com."""
    resolvers.dnsmasq(lab, "--local=/example.com/")
    resolvers.look_up(lab, "gateway.example.com")


@scenario(GROUP, ["python", "radvd", "ping", "dnsmasq"],
          connected(client_type=WINDOWS_8, stream=0),
          unresolved("name_not_found", NXDOMAIN, tagged_by=5))
def name_not_found_learned(lab):
    """Nothing configured: the name of a tunnel in the same capture does not exist later.

    A NULL session to da.example.com, then a look-up that dnsmasq answers with NXDOMAIN."""
    with tunnels.session(lab, tunnels.serve(lab)):
        tunnels.ping(lab, count=1)
    resolvers.dnsmasq(lab, "--local=/example.com/")
    resolvers.look_up(lab)


@scenario(GROUP, ["unbound"],
          unresolved("name_without_address", f"{RESPONSE} && dns.count.answers == 0", 2,
                     error=WSANO_DATA), endpoints=BY_NAME)
def name_without_address(lab):
    """The name exists and has neither A nor AAAA.

    In Unbound's zone it has a TXT record only. The C library asks for both side by side, and the
    second empty answer decides."""
    resolvers.zone(lab, 'da TXT "moved"')
    resolvers.look_up(lab)


@scenario(GROUP, ["unbound", "dig"],
          unresolved("name_without_address", RESPONSE, error=WSANO_DATA), endpoints=BY_NAME)
def name_without_a(lab):
    """The name exists, only A is asked, and there is none.

    In Unbound's zone it has a TXT record only."""
    resolvers.zone(lab, 'da TXT "moved"')
    resolvers.dig(lab, NAME, "A")


@scenario(GROUP, ["unbound", "dig"],
          Session(1, 0, server=None, phase=NAME_RESOLUTION), endpoints=BY_NAME)
def name_answer_truncated(lab):
    """The addresses do not fit into the answer over UDP, those over TCP are enough.

    In Unbound's zone the name has 40 addresses; dig without EDNS asks again over TCP."""
    resolvers.zone(lab, *(f"da A 203.0.113.{number}" for number in range(1, 41)))
    resolvers.dig(lab, NAME, "A", "+noedns")


@scenario(GROUP, ["unbound"],
          unresolved("name_without_address", f"{RESPONSE} && dns.resp.type == 5", 2,
                     error=WSANO_DATA), endpoints=BY_NAME)
def name_without_address_alias(lab):
    """The name is an alias of one without address.

    Unbound answers with the CNAME alone."""
    resolvers.zone(lab, "da CNAME gateway", 'gateway TXT "moved"')
    resolvers.look_up(lab)


@scenario(GROUP, ["dnsmasq", "dig"],
          unresolved("name_lookup_failed", f"{RESPONSE} && dns.flags.rcode == 5"),
          endpoints=BY_NAME)
def name_lookup_refused(lab):
    """The name server refuses.

    dnsmasq without a server to ask answers REFUSED."""
    resolvers.dnsmasq(lab)
    resolvers.dig(lab, NAME, "A")


@scenario(GROUP, ["unbound", "dig"],
          unresolved("name_lookup_failed", f"{RESPONSE} && dns.flags.rcode == 2"),
          endpoints=BY_NAME)
def name_lookup_servfail(lab):
    """The name server fails.

    Unbound cannot get the zone from its primary server: SERVFAIL."""
    resolvers.unbound(lab, "auth-zone:\n    name: example.com\n    primary: 127.0.0.2\n")
    resolvers.dig(lab, NAME, "A")


@scenario(GROUP, ["dnsmasq", "nft"],
          unresolved("name_lookup_failed", f"{QUESTION} && frame.time_relative > 1"),
          endpoints=BY_NAME)
def name_lookup_unanswered(lab):
    """No answer: the question is asked again after two seconds.

    nftables drops the questions; the C library asks for A and AAAA and tries twice."""
    resolvers.dnsmasq(lab)
    lab.on_path("udp dport 53 drop")
    resolvers.look_up(lab, options="timeout:2 attempts:2")


@scenario(GROUP, ["python", "radvd", "ping", "unbound"],
          connected(tagged_by=1, client_type=WINDOWS_8), endpoints=BY_NAME,
          near_miss_of=("name_not_found",))
def name_with_a_only(lab):
    """A has an address, AAAA has none: one is enough.

    Unbound's zone has an A record; the C library asks for both, then the tunnel is opened."""
    resolvers.zone(lab, ADDRESS)
    resolvers.look_up(lab)
    with tunnels.session(lab, tunnels.serve(lab)):
        tunnels.ping(lab, count=1)


@scenario(GROUP, ["python", "radvd", "ping", "unbound"],
          connected(tagged_by=1, client_type=WINDOWS_8, client="2001:db8:1::10",
                    server="2001:db8:2::10"), endpoints=BY_NAME,
          near_miss_of=("name_without_address",))
def name_with_aaaa_only(lab):
    """AAAA has an address, A has none: one is enough.

    Unbound's zone has an AAAA record; the C library asks for both, then the tunnel is opened over
    IPv6."""
    resolvers.zone(lab, "da AAAA 2001:db8:2::10")
    resolvers.look_up(lab)
    with tunnels.session(lab, tunnels.serve(lab, family="6"), to=lab.server.address6):
        tunnels.ping(lab, count=1)


@scenario(GROUP, ["python", "radvd", "ping", "unbound"],
          connected(tagged_by=1, client_type=WINDOWS_8), endpoints=BY_NAME)
def name_alias_chain(lab):
    """The name is an alias of an alias of a name with an address.

    Two CNAMEs and an A record in Unbound's zone; then the tunnel is opened."""
    resolvers.zone(lab, "da CNAME gateway", "gateway CNAME site1", "site1 A 203.0.113.10")
    resolvers.look_up(lab)
    with tunnels.session(lab, tunnels.serve(lab)):
        tunnels.ping(lab, count=1)


@scenario(GROUP, ["python", "radvd", "ping", "unbound", "dig"],
          connected(tagged_by=1, client_type=WINDOWS_8), endpoints=BY_NAME)
def name_asked_again(lab):
    """The same question again after two seconds, the first has been answered.

    Two look-ups by dig, both with an address; then the tunnel is opened."""
    resolvers.zone(lab, ADDRESS)
    resolvers.dig(lab, NAME, "A")
    time.sleep(2)
    resolvers.dig(lab, NAME, "A")
    with tunnels.session(lab, tunnels.serve(lab)):
        tunnels.ping(lab, count=1)


@scenario(GROUP, ["python", "radvd", "ping", "unbound", "dig", "nft"],
          connected(tagged_by=1, client_type=WINDOWS_8), endpoints=BY_NAME,
          near_miss_of=("name_lookup_failed",))
def name_asked_again_at_once(lab):
    """A question gets lost, the same is asked again after a third of a second and answered.

    nftables drops the first one; then the tunnel is opened."""
    resolvers.zone(lab, ADDRESS)
    lab.on_path("udp dport 53 numgen inc mod 2 == 0 drop")
    lab.client.start("dig", f"@{lab.host('dns').address}", "+tries=1", NAME, "A")
    time.sleep(0.35)
    resolvers.dig(lab, NAME, "A")
    with tunnels.session(lab, tunnels.serve(lab)):
        tunnels.ping(lab, count=1)


@scenario(GROUP, ["unbound", "nft", "python"],
          Session(1, 3, (("connect_timeout", SYN, 3),), windows_error=WSAETIMEDOUT, phase=2),
          endpoints=BY_NAME)
def name_resolved_no_connection(lab):
    """The name resolves, and the server does not answer: only the name is configured.

    The address is known from the DNS answer; nftables drops the SYNs."""
    resolvers.zone(lab, ADDRESS)
    resolvers.look_up(lab)
    lab.on_path("tcp dport 443 drop")
    tunnels.attempt(lab, patience=2.5)


@scenario(GROUP, ["unbound", "dnsmasq", "dig", "nft"], untouched=True, endpoints=BY_NAME)
def name_foreign_failures(lab):
    """Other names fail in every way.

    NXDOMAIN, no address, REFUSED and no answer, for names that are not configured."""
    server = resolvers.zone(lab, 'www TXT "moved"', ADDRESS)
    resolvers.look_up(lab, "www.example.com")
    resolvers.look_up(lab, "nowhere.example.com")
    server.terminate()
    server.wait(timeout=10)
    resolvers.dnsmasq(lab)
    resolvers.dig(lab, "www.example.net", "A")
    lab.on_path("udp dport 53 drop")
    resolvers.dig(lab, "www.example.com", "A", "+timeout=2", tries=2)


@scenario(GROUP, ["dig"], untouched=True, endpoints=BY_NAME)
def name_multicast_unanswered(lab):
    """The configured name asked by multicast DNS and LLMNR, without an answer.

    dig sends each question twice to 224.0.0.251, port 5353, and to 224.0.0.252, port 5355."""
    for address, port in (("224.0.0.251", 5353), ("224.0.0.252", 5355)):
        lab.client.run("dig", f"@{address}", "-p", port, "+tries=2", "+timeout=2", NAME, "A",
                       check=False)
