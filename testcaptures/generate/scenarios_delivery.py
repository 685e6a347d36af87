"""The same messages, delivered and captured in other ways.

SPDX-License-Identifier: GPL-2.0-or-later
"""

import functools
import time

import clients
import servers
from expected import duplicated, incomplete
from pcapng import Frame
from pki import EXPIRED, ISSUING_CA, MACHINE_CA
from scenario import Session, scenario
from wire import (BAD_CERTIFICATE, CERTIFICATE_EXPIRED, CERTIFICATE_REQUEST, CLOSED, CONFIGURED,
                  CONNECTED, DIRECTACCESS, FAILED, GAP, HANDSHAKE_FAILURE, IN_PROGRESS, IS_CLOSED,
                  IS_CONNECTED, NULL_SHA256, ONLY_NULL, REQUEST_SEEN, SERVER_CERTIFICATE, WINDOWS_8,
                  client_alert, server_alert)

delivery = functools.partial(scenario, "Delivery and capture")

REQUESTED = ("client_certificate_requested", CERTIFICATE_REQUEST)
REJECTED = ("null_cipher_rejected", server_alert(HANDSHAKE_FAILURE))
MISSING = ("client_certificate_missing", server_alert(HANDSHAKE_FAILURE))
EXPIRED_CERTIFICATE = (("certificate_expired", SERVER_CERTIFICATE),
                       ("certificate_rejected", client_alert(CERTIFICATE_EXPIRED)))
BY_ADDRESS = (("", "203.0.113.10", "443", "", "DirectAccess server"),
              ("", "203.0.113.20", "443", "", "load balancer"))
SMALL_SEGMENT = 256
CLIENT_HELLO_FRAME = 4
HELLO_AGAIN = 3  # behind SYN and SYN-ACK among the copies
ITS_ANSWER_ACKNOWLEDGED = 4  # among the client's frames: SYN, ACK, Client Hello, ACK
FOUND_IN = 5  # packets have fitted in both directions
SERVER_PORT = (443).to_bytes(2, "big")
TCP_OFFSET = 34


def refusing_adc(lab):
    """HAProxy without NULL suites."""
    servers.haproxy(lab, lab.pki.server())


def certificate_adc(lab):
    """HAProxy with NULL suites that requires a client certificate."""
    ca = lab.pki.authority(MACHINE_CA).cert
    servers.haproxy(lab, lab.pki.server(), suites=servers.WITH_NULL,
                    bind=f"verify required ca-file {ca}")


def expired_server(lab, *arguments):
    """OpenSSL s_server with an expired certificate and its issuing CA's."""
    servers.s_server(lab, lab.pki.server(issuer=ISSUING_CA, days=EXPIRED), *arguments)


def verifying_client(lab, server="server"):
    """A client that verifies the server's certificate."""
    clients.connect(lab, server, trust=lab.pki.authority().cert)


@delivery(["haproxy", "nft", "python"], Session(ONLY_NULL, FAILED, (REJECTED,), server="adc"),
          near_miss_of=("capture_duplicated",))
def delivery_alert_retransmitted(lab):
    """The alert's acknowledgement is lost, the alert comes again.

    HAProxy without NULL suites behind a router that drops all of the client's packets after its
    Client Hello (nftables)."""
    refusing_adc(lab)
    lab.on_path("tcp dport 443 ct original packets > 3 drop")
    clients.connect(lab, "adc")
    time.sleep(1)


@delivery(["haproxy", "nft", "python"],
          Session(ONLY_NULL, FAILED, (REQUESTED, MISSING), server="adc"),
          near_miss_of=("capture_incomplete",))
def delivery_certificate_retransmitted(lab):
    """The client's empty Certificate is lost once and sent again, then refused.

    HAProxy with verify required behind a router that drops one packet (nftables)."""
    certificate_adc(lab)
    lab.on_path("tcp dport 443 meta length > 60 ct original packets 5 drop")
    clients.connect(lab, "adc")


@delivery(["openssl", "python"], Session(CONFIGURED, FAILED, EXPIRED_CERTIFICATE),
          endpoints=DIRECTACCESS)
def delivery_spanning_records(lab):
    """The server's Certificate spans several records.

    OpenSSL s_server with records of 512 bytes (-max_send_frag), an expired certificate and that of
    its issuing CA."""
    expired_server(lab, "-max_send_frag", 512)
    verifying_client(lab)


@delivery(["gnutls"],
          Session(CONFIGURED, FAILED, (("certificate_expired", SERVER_CERTIFICATE),
                                       ("certificate_rejected", client_alert(BAD_CERTIFICATE)))),
          endpoints=DIRECTACCESS, keys=True)
def delivery_spanning_tls13_records(lab):
    """TLS 1.3 with keys: the server's Certificate spans several records.

    gnutls-serv with an expired certificate and that of its issuing CA; gnutls-cli, which verifies
    it and asks for records of 512 bytes (--recordsize)."""
    certificate = lab.pki.server(issuer=ISSUING_CA, days=EXPIRED)
    servers.gnutls_serv(lab, certificate, "NORMAL", "--disable-client-cert")
    clients.gnutls_cli(lab, "NORMAL", "--recordsize=512", trust=lab.pki.authority().cert,
                       keylog=lab.keylog)


@delivery(["openssl", "python"], Session(CONFIGURED, FAILED, EXPIRED_CERTIFICATE),
          endpoints=DIRECTACCESS)
def delivery_small_segments(lab):
    """The server's Certificate spans many segments.

    As delivery-spanning-records with whole records; the client announces a segment size of 256
    bytes."""
    lab.client.limit_segments(SMALL_SEGMENT)
    expired_server(lab)
    verifying_client(lab)


@delivery(["openssl", "python"], Session(CONFIGURED, FAILED, EXPIRED_CERTIFICATE),
          endpoints=DIRECTACCESS)
def delivery_small_records_and_segments(lab):
    """Both at once: records of 512 bytes in segments of 256.

    As delivery-spanning-records and delivery-small-segments."""
    lab.client.limit_segments(SMALL_SEGMENT)
    expired_server(lab, "-max_send_frag", 512)
    verifying_client(lab)


@delivery(["haproxy", "python"], Session(ONLY_NULL, FAILED, (REQUESTED, MISSING), server="adc"))
def delivery_small_segments_request(lab):
    """Server Hello, Certificate and CertificateRequest in many segments.

    HAProxy with verify required; the client announces a segment size of 256 bytes."""
    lab.client.limit_segments(SMALL_SEGMENT)
    certificate_adc(lab)
    clients.connect(lab, "adc")


@delivery(["openssl", "python"], Session(ONLY_NULL, IS_CONNECTED, (CONNECTED,), server="adc",
                                         cipher_suite=NULL_SHA256))
def delivery_one_record(lab):
    """Server Hello, Certificate and Server Hello Done share one record, as Schannel sends them.

    OpenSSL s_server behind a relay (record_relay.py) that joins the records of its first flight."""
    servers.s_server_tunnel(lab, lab.pki.server())
    servers.record_relay(lab)
    clients.connect(lab, "adc")


@delivery(["haproxy", "python"], Session(CONFIGURED, FAILED, (REQUESTED, MISSING), server="web"),
          endpoints=DIRECTACCESS)
def delivery_one_record_request(lab):
    """Server Hello, Certificate, CertificateRequest and Server Hello Done share one record.

    HAProxy with verify required behind such a relay."""
    certificate_adc(lab)
    servers.record_relay(lab, server="adc", host="web")
    clients.connect(lab, "web")


@delivery(["openssl", "python"], Session(CONFIGURED, FAILED, EXPIRED_CERTIFICATE, server="adc"),
          endpoints=DIRECTACCESS)
def delivery_one_record_small_segments(lab):
    """One record with the whole flight, in many segments.

    As delivery-one-record with an expired certificate; the client announces a segment size of 256
    bytes."""
    lab.client.limit_segments(SMALL_SEGMENT)
    expired_server(lab)
    servers.record_relay(lab)
    verifying_client(lab, "adc")


def from_server(frames):
    """Positions of the frames, Ethernet with IPv4 and TCP, in which the server sends data."""
    return [position for position, frame in enumerate(frames)
            if frame.data[TCP_OFFSET:TCP_OFFSET + 2] == SERVER_PORT
            and frame.length > TCP_OFFSET + (frame.data[TCP_OFFSET + 12] >> 4) * 4]


def swap_fourth_and_fifth(frames):
    """Exchanges two segments of the server's, as if one had overtaken the other; the
    acknowledgement between them is left out, for the client had nothing to acknowledge yet."""
    first, second = from_server(frames)[3:5]
    one, other = frames[first], frames[second]
    one.time, other.time = other.time, one.time
    frames[first:second + 1] = [other, one]
    return frames


@delivery(["openssl", "python"], incomplete(Session(CONFIGURED, FAILED, EXPIRED_CERTIFICATE), GAP),
          endpoints=DIRECTACCESS, edit=swap_fourth_and_fifth)
def delivery_out_of_order(lab):
    """Two segments of the server's Certificate arrive in the wrong order.

    As delivery-small-segments; the fourth and fifth segment of the server have changed places in
    the capture."""
    delivery_small_segments(lab)


def twice(frames):
    """Every frame a second time, a microsecond later."""
    return [copy for frame in frames
            for copy in (frame, Frame(frame.time + 1000, frame.data, frame.length))]


@delivery(["haproxy", "python"],
          duplicated(Session(ONLY_NULL, FAILED, (REJECTED,), server="adc"), HELLO_AGAIN),
          edit=twice)
def delivery_duplicated_rejection(lab):
    """Every packet is captured twice, as on a mirror port; NULL suites are refused.

    HAProxy without NULL suites; each frame is doubled in the capture."""
    refusing_adc(lab)
    clients.connect(lab, "adc")


@delivery(["haproxy", "python"],
          duplicated(Session(ONLY_NULL, FAILED, (REQUESTED, MISSING), server="adc"), HELLO_AGAIN),
          edit=twice)
def delivery_duplicated_request(lab):
    """Every packet is captured twice; the client has no certificate.

    HAProxy with verify required; each frame is doubled in the capture."""
    certificate_adc(lab)
    clients.connect(lab, "adc")


def from_server_hello(frames):
    """What follows the Client Hello and its acknowledgement."""
    return frames[from_server(frames)[0]:]


@delivery(["haproxy", "python"],
          incomplete(Session(CONFIGURED, FAILED, (REQUESTED, MISSING), server="adc",
                             endpoint="203.0.113.20:443"), "tcp"),
          endpoints=BY_ADDRESS, edit=from_server_hello)
def delivery_begins_at_server_hello(lab):
    """The capture begins after the Client Hello; the endpoint is known by its address.

    HAProxy with verify required; the frames before the Server Hello are left out."""
    certificate_adc(lab)
    clients.connect(lab, "adc")


def of_client(frames):
    """What a port shows that is mirrored in one direction."""
    return [frame for frame in frames if frame.data[TCP_OFFSET:TCP_OFFSET + 2] != SERVER_PORT]


@delivery(["openssl", "python"],
          incomplete(Session(ONLY_NULL, IS_CLOSED, decided=CLOSED), "tcp", ITS_ANSWER_ACKNOWLEDGED),
          edit=of_client)
def delivery_client_alone(lab):
    """A session that works, captured in one direction: the server's silence is the capture's.

    OpenSSL s_server with NULL suites; the server's frames are left out."""
    servers.s_server_tunnel(lab, lab.pki.server())
    clients.connect(lab)


def from_tunnel(frames):
    """What follows the answer to the tunnel request."""
    return frames[from_server(frames)[2] + 1:]


@delivery(["openssl", "python"],
          incomplete(Session(REQUEST_SEEN, IS_CLOSED, decided=CLOSED,
                             endpoint="203.0.113.10:443"), "tcp", FOUND_IN), edit=from_tunnel)
def delivery_begins_in_tunnel(lab):
    """The capture begins inside a tunnel, of which its packets tell.

    OpenSSL s_server with NULL suites; the frames up to the answer to the tunnel request are left
    out."""
    servers.s_server_tunnel(lab, lab.pki.server())
    clients.connect(lab)


def up_to_hello(frames):
    """Connection and Client Hello."""
    return frames[:CLIENT_HELLO_FRAME]


@delivery(["haproxy", "python"], Session(ONLY_NULL, IN_PROGRESS, server="adc",
                                         client_type=WINDOWS_8), edit=up_to_hello)
def delivery_ends_at_hello(lab):
    """The capture ends at the Client Hello: nothing can be said.

    HAProxy without NULL suites; the frames after the Client Hello are left out."""
    refusing_adc(lab)
    clients.connect(lab, "adc")


def up_to_first_flight(frames):
    """Up to the server's first flight."""
    return frames[:from_server(frames)[0] + 1]


@delivery(["haproxy", "python"], Session(CONFIGURED, IN_PROGRESS, (REQUESTED,), server="adc",
                                         client_type=WINDOWS_8),
          endpoints=DIRECTACCESS, edit=up_to_first_flight)
def delivery_ends_at_request(lab):
    """The capture ends at the CertificateRequest: the client might still give one.

    HAProxy with verify required; the frames after the server's first flight are left out."""
    certificate_adc(lab)
    clients.connect(lab, "adc")


@delivery(["haproxy", "python"], untouched=True, capture={"snaplen": 96})
def delivery_snaplen_96(lab):
    """Frames cut at 96 bytes: the suites of the Client Hello are lost.

    HAProxy without NULL suites; dumpcap with a snapshot length of 96 bytes."""
    refusing_adc(lab)
    clients.connect(lab, "adc")


@delivery(["haproxy", "python"], Session(ONLY_NULL, FAILED, (REJECTED,), server="adc"),
          capture={"snaplen": 200},
          near_miss_of=("capture_truncated",))
def delivery_snaplen_200(lab):
    """Frames cut at 200 bytes: Client Hello and alert are whole.

    HAProxy without NULL suites; dumpcap with a snapshot length of 200 bytes."""
    refusing_adc(lab)
    clients.connect(lab, "adc")
