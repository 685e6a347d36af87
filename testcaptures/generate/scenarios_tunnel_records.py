"""Scenarios of packets, records and segments that do not line up, are missing or out of order.

SPDX-License-Identifier: GPL-2.0-or-later
"""

import frames
import servers
import tunnels
from expected import (NULL_SESSION, TLS13_AES256_GCM, WINDOWS_7, connected, incomplete, offloaded,
                      truncated)
from scenario import Session, scenario
from wire import CLOSED, GAP, IS_CLOSED, UNSEEN

PACKING = "Tunnel: packets and records"
DAMAGED = "Tunnel: captures with something missing"

PEERS = ("python", "radvd")


@scenario(PACKING, PEERS, NULL_SESSION)
def tunnel_many_packets_in_record(lab):
    """Hundreds of packets in one record.

    The client gathers 400 small UDP datagrams for a second and writes them at once."""
    with tunnels.session(lab, tunnels.serve(lab, hold=0.2), hold=1):
        tunnels.burst(lab, 400)


@scenario(PACKING, PEERS, connected(tagged_by=2, client_type=WINDOWS_7), keys=True)
def tunnel_many_packets_in_gcm_record(lab):
    """Hundreds of packets in one encrypted record, keys in the capture.

    As above with TLS 1.2 and AES-GCM."""
    server = tunnels.serve(lab, ciphers=servers.ENCRYPTED, hold=0.2)
    with tunnels.session(lab, server, suites="encrypted", keylog=lab.keylog, hold=1):
        tunnels.burst(lab, 400)


@scenario(PACKING, [*PEERS, "ping"], NULL_SESSION)
def tunnel_packets_across_records(lab):
    """Each packet spread over several records.

    Both ends write 31 bytes at a time: an IPv6 header never is whole in one record."""
    with tunnels.session(lab, tunnels.serve(lab, record=31), record=31):
        tunnels.ping(lab, count=1, size=200)


@scenario(PACKING, [*PEERS, "ping"],
          connected(tagged_by=2, client_type=WINDOWS_7, cipher_suite=TLS13_AES256_GCM), keys=True)
def tunnel_packets_across_tls13_records(lab):
    """Each packet spread over several records of TLS 1.3, keys in the capture.

    Both ends write 61 bytes at a time."""
    server = tunnels.serve(lab, ciphers=servers.ENCRYPTED, tls_max="1.3", record=61)
    with tunnels.session(lab, server, suites="encrypted", keylog=lab.keylog, tls_max="1.3",
                         record=61):
        tunnels.ping(lab, count=1, size=200)


@scenario(PACKING, [*PEERS, "ping"], NULL_SESSION)
def tunnel_records_and_packets_apart(lab):
    """Many packets to a record, and records that end in the middle of one.

    Both ends gather packets and write 1000 bytes at a time."""
    with tunnels.session(lab, tunnels.serve(lab, hold=0.2, record=1000), hold=0.2, record=1000):
        tunnels.ping(lab, count=10, size=300, interval=0.05)


@scenario(PACKING, [*PEERS, "ping"], NULL_SESSION)
def tunnel_records_across_segments(lab):
    """Each record of a large packet spread over several TCP segments.

    Both ends announce a maximum segment size of 300 bytes."""
    lab.client.limit_segments(300)
    lab.server.limit_segments(300)
    with tunnels.session(lab, tunnels.serve(lab)):
        tunnels.ping(lab, size=1000)


@scenario(PACKING, [*PEERS, "ping"], offloaded(80))
def tunnel_plain_across_segments(lab):
    """Packets over several TCP segments, and several in one, without TLS.

    Plain HTTP; both ends gather packets and announce a maximum segment size of 300 bytes."""
    lab.client.limit_segments(300)
    lab.server.limit_segments(300)
    server = tunnels.serve(lab, port=80, plain=True, hold=0.2)
    with tunnels.session(lab, server, port=80, plain=True, hold=0.2):
        tunnels.ping(lab, count=10, size=300, interval=0.05)


@scenario(PACKING, [*PEERS, "ping"], NULL_SESSION)
def tunnel_packet_with_heads(lab):
    """The request and the first packet in one record, and so the answer.

    The client does not wait for the answer; the server answers once radvd has something to say."""
    server = tunnels.serve(lab, advertise=1, answer_with_packet=True)
    with tunnels.session(lab, server, early=True):
        tunnels.ping(lab)


@scenario(PACKING, [*PEERS, "ping"],
          connected(tagged_by=2, client_type=WINDOWS_7, cipher_suite=TLS13_AES256_GCM), keys=True)
def tunnel_packet_with_heads_tls13(lab):
    """The same with TLS 1.3, keys in the capture.

    Request and first packet in one record, answer and first packet in one record."""
    server = tunnels.serve(lab, advertise=1, ciphers=servers.ENCRYPTED, tls_max="1.3",
                           answer_with_packet=True)
    with tunnels.session(lab, server, suites="encrypted", keylog=lab.keylog, tls_max="1.3",
                         early=True):
        tunnels.ping(lab)


@scenario(DAMAGED, [*PEERS, "nft", "ping"], NULL_SESSION)
def tunnel_retransmissions(lab):
    """Segments of the client lost on the way and sent again.

    The router drops every fifth long segment to the server; the capture, taken before that, has all
    of them, some twice."""
    server = tunnels.serve(lab)
    with tunnels.session(lab, server):
        lab.on_path("tcp dport 443 meta length > 200 numgen inc mod 5 == 4 drop")
        tunnels.ping(lab, count=20, size=300, interval=0.02)


@scenario(DAMAGED, [*PEERS, "nft", "ping"], incomplete(NULL_SESSION, GAP))
def tunnel_segments_out_of_order(lab):
    """Segments of the server lost on the way, sent again and captured out of order.

    The router drops every fifth long segment to the client, where the capture is taken: what
    follows arrives before what was lost. All packets are there for who puts them in order."""
    server = tunnels.serve(lab)
    with tunnels.session(lab, server):
        lab.on_path("tcp sport 443 meta length > 200 numgen inc mod 5 == 4 drop")
        tunnels.ping(lab, count=20, size=300, interval=0.02)


@scenario(DAMAGED, [*PEERS, "ping"], incomplete(NULL_SESSION, GAP), edit=frames.swap_largest)
def tunnel_frames_swapped(lab):
    """Two frames of a flow in the wrong order.

    Two neighbouring segments of the server with an echo reply each are swapped in the capture. All
    packets are there for who puts the segments in order."""
    with tunnels.session(lab, tunnels.serve(lab)):
        tunnels.ping(lab, count=6, size=1000, interval=0.02)


@scenario(DAMAGED, [*PEERS, "ping"], incomplete(NULL_SESSION, UNSEEN), edit=frames.lose_largest,
          near_miss_of=("tunnel_malformed",))
def tunnel_record_lost(lab):
    """A record with a whole packet missing in the capture, a NULL suite.

    One segment of the server that holds an echo reply is taken out. This packet is missing, and no
    other."""
    with tunnels.session(lab, tunnels.serve(lab)):
        tunnels.ping(lab, count=6, size=1000, interval=0.02)


@scenario(DAMAGED, [*PEERS, "ping"], incomplete(NULL_SESSION, GAP), edit=frames.lose_largest)
def tunnel_part_of_packet_lost(lab):
    """A record with a part of a packet missing in the capture, a NULL suite.

    Packets are spread over records of 600 bytes; one segment of the server is taken out. The packet
    is lost that was in it, the next begins with a record."""
    with tunnels.session(lab, tunnels.serve(lab, record=600)):
        tunnels.ping(lab, count=6, size=1000, interval=0.02)


@scenario(DAMAGED, [*PEERS, "ping"],
          incomplete(connected(tagged_by=2, client_type=WINDOWS_7), UNSEEN), keys=True,
          edit=frames.lose_largest)
def tunnel_gcm_record_lost(lab):
    """A record missing in the capture, AES-GCM, keys in the capture.

    From then on the server's records cannot be decrypted: their number counts."""
    server = tunnels.serve(lab, ciphers=servers.ENCRYPTED)
    with tunnels.session(lab, server, suites="encrypted", keylog=lab.keylog):
        tunnels.ping(lab, count=6, size=1000, interval=0.02)


@scenario(DAMAGED, [*PEERS, "ping"], NULL_SESSION, edit=frames.first_three_quarters)
def tunnel_capture_ends_early(lab):
    """The capture ends in mid-session.

    The last quarter of the frames is cut off, and the packets in it."""
    with tunnels.session(lab, tunnels.serve(lab)):
        tunnels.ping(lab, count=10)


@scenario(DAMAGED, [*PEERS, "ping"], incomplete(NULL_SESSION, UNSEEN),
          edit=frames.without("POST /IPHTTPS"))
def tunnel_request_lost(lab):
    """The request is missing in the capture, the answer with the endless Content-Length is there.

    The frame with the request is taken out."""
    with tunnels.session(lab, tunnels.serve(lab, answer_length=2**64 - 1)):
        tunnels.ping(lab)


@scenario(DAMAGED, [*PEERS, "ping"], incomplete(Session(1, IS_CLOSED, decided=CLOSED), "tcp"),
          endpoints=(("da.example.com", "203.0.113.10", "", "", ""),),
          edit=frames.last_half)
def tunnel_capture_begins_late(lab):
    """The capture begins in mid-session.

    The first half of the frames is cut off; the address tells whose session it is, and nothing says
    that it failed."""
    with tunnels.session(lab, tunnels.serve(lab)):
        tunnels.ping(lab, count=10)


@scenario(DAMAGED, [*PEERS, "ping"], truncated(NULL_SESSION), capture={"snaplen": 400})
def tunnel_frames_truncated(lab):
    """Frames cut to 400 bytes by the capture.

    The server's Certificate and large packets are not whole, the exchange that opens the tunnel
    is."""
    with tunnels.session(lab, tunnels.serve(lab)):
        tunnels.ping(lab, size=1000)
