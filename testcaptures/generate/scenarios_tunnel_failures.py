"""Scenarios of tunnels that are refused, or open and do not work.

SPDX-License-Identifier: GPL-2.0-or-later
"""

import time

import servers
import tunnels
from expected import (ANSWER, CONNECTED, NULL_SESSION, NULL_SHA256, PLAIN_ANSWER, WINDOWS_7,
                      WINDOWS_8, connected, failed)
from pki import MACHINE_CA
from scenario import UNADVERTISED, Session, Unlucky, scenario
from wire import CERTIFICATE_REQUEST, CLIENT_FIN, DIRECTACCESS, SERVER_FIN

REFUSED = "Tunnel: the request is refused or ignored"
BROKEN = "Tunnel: it opens and does not work"

PEERS = ("python", "radvd")

FIN, RESET = "tcp.flags.fin == 1", "tcp.flags.reset == 1"
SEC_I_INCOMPLETE_CREDENTIALS = 0x90320


@scenario(REFUSED, ["python"], failed(("http_rejected", ANSWER)))
def http_rejected_401(lab):
    """The request is answered 401.

    By a server that calls itself Microsoft-HTTPAPI/2.0."""
    tunnels.serve(lab, advertise=False, answers="401")
    tunnels.attempt(lab)


@scenario(REFUSED, ["python"], failed(("http_rejected", ANSWER)), near_miss_of=("connected",))
def http_rejected_403(lab):
    """The request is answered 403.

    By a server that calls itself Microsoft-HTTPAPI/2.0."""
    tunnels.serve(lab, advertise=False, answers="403")
    tunnels.attempt(lab)


@scenario(REFUSED, ["python"], failed(("http_rejected", ANSWER)),
          near_miss_of=("http_not_directaccess",))
def http_rejected_404(lab):
    """The request is answered 404.

    By a server that calls itself Microsoft-HTTPAPI/2.0: nothing listens for the URI there."""
    tunnels.serve(lab, advertise=False, answers="404")
    tunnels.attempt(lab)


@scenario(REFUSED, ["haproxy", "python"], failed(("http_rejected", ANSWER), server="adc"))
def http_rejected_503(lab):
    """The load balancer answers 503: no server is behind it.

    HAProxy with a NULL suite, whose only server's port is closed."""
    backend = f"server da {lab.server.address}:62000"
    servers.haproxy(lab, lab.pki.server(), suites=servers.WITH_NULL, mode="http", backend=backend)
    tunnels.attempt(lab, to="adc")


@scenario(REFUSED, ["nginx", "python"], failed(("http_rejected", ANSWER)))
def http_rejected_nginx(lab):
    """A web server answers 400: it does not understand the endless Content-Length.

    nginx with a NULL suite."""
    servers.nginx(lab, lab.pki.server(), suites=servers.WITH_NULL)
    tunnels.attempt(lab)


@scenario(REFUSED, ["python"],
          failed(("http_rejected", ANSWER), tagged_by=2, client_type=WINDOWS_7), keys=True)
def http_rejected_encrypted(lab):
    """The request is answered 404 in an encrypted session, keys in the capture.

    TLS 1.2 with AES-GCM; the request tells what the session is."""
    tunnels.serve(lab, advertise=False, answers="404", ciphers=servers.ENCRYPTED)
    tunnels.attempt(lab, suites="encrypted", keylog=lab.keylog)


@scenario(REFUSED, ["python"], Session(2, 3, (("http_rejected", "http.response.code == 503"),),
                                       endpoint="da.example.com:80"))
def http_rejected_plain(lab):
    """The request is answered 503 behind a load balancer.

    Plain HTTP on port 80."""
    tunnels.serve(lab, port=80, plain=True, advertise=False, answers="503")
    tunnels.attempt(lab, port=80, plain=True)


@scenario(REFUSED, [*PEERS, "ping"],
          Session(2, 1, (("http_rejected", ANSWER), ("connected", ANSWER, 2)),
                  client_type=WINDOWS_7), keys=True)
def http_401_then_200(lab):
    """Answered 401, asked again with credentials on the same connection, answered 200.

    The verdict is that of the last answer. TLS 1.2 with AES-GCM, keys in the capture."""
    server = tunnels.serve(lab, answers="401,200", ciphers=servers.ENCRYPTED)
    with tunnels.session(lab, server, suites="encrypted", keylog=lab.keylog,
                         authorization="Negotiate YII="):
        tunnels.ping(lab)


@scenario(REFUSED, ["python"], failed(("http_unanswered", SERVER_FIN)))
def http_unanswered_server_closes(lab):
    """The server closes without an answer.

    One second after the request."""
    tunnels.serve(lab, advertise=False, silent=1)
    tunnels.attempt(lab)


@scenario(REFUSED, ["python"], failed(("http_unanswered", RESET)))
def http_unanswered_server_resets(lab):
    """The server resets the connection without an answer.

    One second after the request."""
    tunnels.serve(lab, advertise=False, silent=1, reset=True)
    tunnels.attempt(lab)


@scenario(REFUSED, ["python"], failed(("http_unanswered", CLIENT_FIN)))
def http_unanswered_client_gives_up(lab):
    """The client gives up waiting for an answer.

    After two seconds."""
    tunnels.serve(lab, advertise=False, silent=4)
    tunnels.attempt(lab, patience=2)


@scenario(REFUSED, ["python"],
          Session(3, 0, client_type=WINDOWS_8, cipher_suite=NULL_SHA256),
          near_miss_of=("http_unanswered",))
def http_answer_pending(lab):
    """The capture ends while the request waits for its answer.

    Nothing has failed yet."""
    tunnels.serve(lab, advertise=False, silent=30)
    tunnels.connect(lab)
    time.sleep(1)


@scenario(REFUSED, [*PEERS, "ping"], NULL_SESSION)
def http_answered_late(lab):
    """The answer comes after three seconds.

    Late is not unanswered."""
    with tunnels.session(lab, tunnels.serve(lab, think=3)):
        tunnels.ping(lab)


@scenario(REFUSED, [*PEERS, "ping"],
          connected(client_type=WINDOWS_8,
                    findings=(*CONNECTED, ("http_not_directaccess", ANSWER))),
          near_miss_of=("http_rejected",))
def http_not_directaccess(lab):
    """Answered 200, but by another server.

    The answer's Server header says nginx/1.22.1."""
    with tunnels.session(lab, tunnels.serve(lab, server_name="nginx/1.22.1")):
        tunnels.ping(lab)


@scenario(REFUSED, [*PEERS, "ping"], NULL_SESSION)
def http_without_server_header(lab):
    """Answered 200 by a server that hides its name.

    The answer has no Server header and no Content-Length, and the tunnel works."""
    with tunnels.session(lab, tunnels.serve(lab, server_name="")):
        tunnels.ping(lab)


@scenario(REFUSED, [*PEERS, "ping"], NULL_SESSION)
def http_without_server_header_endless(lab):
    """The same with the endless Content-Length in the answer.

    No Server header; the tunnel works."""
    with tunnels.session(lab, tunnels.serve(lab, server_name="", answer_length=2**64 - 1)):
        tunnels.ping(lab)


@scenario(REFUSED, ["haproxy", "python"],
          failed(*CONNECTED, ("http_not_directaccess", ANSWER), ("tunnel_closed", SERVER_FIN),
                 server="adc"))
def http_not_directaccess_adc(lab):
    """The load balancer answers 200 itself, with no Server header, and closes.

    HAProxy's http-request return."""
    servers.haproxy(lab, lab.pki.server(), suites=servers.WITH_NULL, mode="http", backend="",
                    frontend="http-request return status 200")
    tunnels.attempt(lab, to="adc")


@scenario(REFUSED, ["python"],
          failed(("client_certificate_requested", CERTIFICATE_REQUEST),
                 ("client_certificate_missing", ANSWER),
                 windows_error=SEC_I_INCOMPLETE_CREDENTIALS))
def client_certificate_missing_403(lab):
    """Asked for a certificate the client has none; the request is answered 403.

    The server asks for one in the handshake, a NULL suite, and refuses later."""
    authority = lab.pki.authority(MACHINE_CA)
    tunnels.serve(lab, advertise=False, answers="403", client_ca=authority.cert)
    tunnels.attempt(lab)


@scenario(REFUSED, [*PEERS, "ping"], connected(
    client_type=WINDOWS_8,
    findings=(("client_certificate_requested", CERTIFICATE_REQUEST), *CONNECTED)))
def client_certificate_not_needed(lab):
    """Asked for a certificate the client has none, and the tunnel opens all the same.

    The server does not insist."""
    authority = lab.pki.authority(MACHINE_CA)
    with tunnels.session(lab, tunnels.serve(lab, client_ca=authority.cert)):
        tunnels.ping(lab)


@scenario(REFUSED, ["nginx", "curl"], untouched=True)
def request_not_endless(lab):
    """A POST to /IPHTTPS that is no tunnel request: its body has an end.

    curl to nginx, plain HTTP on port 80."""
    servers.nginx(lab, None, port=80)
    lab.client.run("curl", "-s", "--data", "status=1", f"http://{lab.server.address}/IPHTTPS")


@scenario(REFUSED, ["python"], untouched=True)
def request_other_uri(lab):
    """A POST with the endless Content-Length to another URI.

    The same exchange and the same packets as in a tunnel, in plain HTTP on port 80."""
    tunnels.serve(lab, port=80, plain=True, advertise=False)
    tunnels.attempt(lab, port=80, plain=True, uri="/upload", seconds=2)


CHUNKED = "Transfer-Encoding: chunked"
CHUNK = f"28\r\n{'`' * 40}\r\n"


@scenario(BROKEN, ["python"], connected(
    1, client_type=WINDOWS_8,
    findings=(("request_altered", ANSWER), *CONNECTED)), endpoints=DIRECTACCESS)
def request_altered_chunked(lab):
    """The answer to the tunnel request is chunked.

    As an ADC makes it that ends HTTP; here the server itself does. The client closes at the first
    chunk."""
    tunnels.serve(lab, advertise=False, tun=None, answer_header=CHUNKED,
                  garbage=CHUNK.encode().hex())
    tunnels.attempt(lab)


@scenario(BROKEN, ["haproxy", *PEERS, "ping"],
          Session(1, 1, (("request_altered", 'tcp contains "POST /directaccess"'),
                         ("connected", PLAIN_ANSWER)),
                  client="adc", endpoint="da.example.com:80", windows_error=0),
          endpoints=(("", "203.0.113.10", "80", "", ""),), capture={"host": "server"})
def request_altered_path(lab):
    """The load balancer gives the tunnel request another path.

    HAProxy's http-request set-path, with a NULL suite towards the client; captured at the server
    behind it, in plain HTTP on port 80."""
    server = tunnels.serve(lab, port=80, plain=True)
    servers.haproxy(lab, lab.pki.server(), suites=servers.WITH_NULL, mode="http",
                    backend=f"server da {lab.server.address}:80",
                    frontend="http-request set-path /directaccess")
    with tunnels.session(lab, server, to="adc"):
        tunnels.ping(lab)


@scenario(BROKEN, [*PEERS, "ping"], connected(1, client_type=WINDOWS_8), endpoints=DIRECTACCESS,
          near_miss_of=("request_altered",))
def request_with_slash(lab):
    """A slash behind the path, and the endless Content-Length in the answer, too.

    Both are the tunnel's own way of saying it."""
    server = tunnels.serve(lab, answer_length=2**64 - 1)
    with tunnels.session(lab, server, uri="/IPHTTPS/"):
        tunnels.ping(lab)


SOLICITATION = "tcp contains ff:02:00:00:00:00:00:00:00:00:00:00:00:00:00:02:85:00"


@scenario(BROKEN, ["python"], connected(client_type=WINDOWS_8, findings=(
    *CONNECTED, (UNADVERTISED, SOLICITATION, 3))))
def tunnel_no_router_advertisement(lab):
    """Three router solicitations are not answered.

    No router daemon on the server; the client closes after eight seconds."""
    tunnels.attempt(lab, tunnels.serve(lab, advertise=False), seconds=8)


@scenario(BROKEN, ["python"], connected(client_type=WINDOWS_8, findings=(
    *CONNECTED, (UNADVERTISED, f"{FIN} || {RESET}"))))
def tunnel_closed_unadvertised(lab):
    """The client closes, its only router solicitation unanswered.

    No router daemon on the server; the client solicits once and closes after three seconds."""
    server = tunnels.serve(lab, advertise=False)
    tunnels.attempt(lab, server, seconds=3, solicitations=1)


@scenario(BROKEN, PEERS, connected(client_type=WINDOWS_8))
def tunnel_late_router_advertisement(lab):
    """The router advertisement comes after the second solicitation.

    The router daemon on the server starts only then."""
    server = tunnels.serve(lab, advertise=False)
    with tunnels.session(lab, server, radvd_after=2):
        pass
    if lab.solicitations != [2]:
        raise Unlucky(f"{lab.solicitations[0]} router solicitations instead of two")


def _server_closes(lab, seconds, **options):
    server = tunnels.serve(lab, seconds=seconds, **options)
    tunnels.attempt(lab, server)


@scenario(BROKEN, PEERS, failed(*CONNECTED, ("tunnel_closed", SERVER_FIN)))
def tunnel_closed_at_once(lab):
    """The server closes a second after its answer.

    It has sent a router advertisement by then."""
    _server_closes(lab, 1.5)


@scenario(BROKEN, PEERS, failed(*CONNECTED, ("tunnel_closed", RESET)))
def tunnel_reset_at_once(lab):
    """The server resets the connection a second after its answer.

    It has sent a router advertisement by then."""
    _server_closes(lab, 1.5, reset=True)


@scenario(BROKEN, ["python"], failed(*CONNECTED, ("tunnel_closed", SERVER_FIN)),
          near_miss_of=("tunnel_without_router_advertisement",))
def tunnel_closed_without_packet(lab):
    """The server closes after four seconds and has not sent a packet.

    The client has sent some, but solicits no router."""
    server = tunnels.serve(lab, advertise=False, tun=None, seconds=4)
    tunnels.attempt(lab, server, solicitations=0)


@scenario(BROKEN, PEERS, connected(client_type=WINDOWS_8), near_miss_of=("tunnel_closed",))
def tunnel_closed_later(lab):
    """The server closes after four seconds, packets have gone both ways.

    That is the end of a session and no failure."""
    _server_closes(lab, 4)


@scenario(BROKEN, PEERS, connected(client_type=WINDOWS_8))
def tunnel_closed_by_client(lab):
    """The client closes one second after the answer.

    It is the server's closing that would be a failure."""
    tunnels.attempt(lab, tunnels.serve(lab), seconds=1.5)


GARBAGE = "The service is restarting, please wait for the next maintenance window."
GARBAGE_BYTES = GARBAGE.encode().hex()
# With explicit nonce and tag, RFC 5288, section 3.
GARBAGE_RECORD = f"tls.record.length == {8 + len(GARBAGE) + 16}"
# Payload length 0, then a hop-by-hop header with the jumbo payload option, RFC 2675, section 2.
JUMBOGRAM = ("60:00:00:00:00:00:00:40:20:01:0d:b8:00:da:00:00:00:00:00:00:00:00:00:01:"
             "20:01:0d:b8:00:da:00:00:00:00:00:00:00:00:00:0a:3b:00:c2:04:00:01:00:00")
MALFORMED = ("tunnel_malformed", f'tcp contains "{GARBAGE[:40]}"')


@scenario(BROKEN, PEERS, failed(*CONNECTED, MALFORMED))
def tunnel_malformed(lab):
    """What flows in the tunnel is not IPv6.

    After three seconds of IPv6 the server writes a sentence into the tunnel."""
    tunnels.attempt(lab, tunnels.serve(lab, garbage=GARBAGE_BYTES, garbage_after=3))


@scenario(BROKEN, PEERS,
          failed(*CONNECTED, ("tunnel_malformed", GARBAGE_RECORD), tagged_by=2,
                 client_type=WINDOWS_7), keys=True)
def tunnel_malformed_encrypted(lab):
    """The same in TLS 1.2 with AES-GCM, keys in the capture.

    After three seconds of IPv6 the server writes a sentence into the tunnel."""
    server = tunnels.serve(lab, garbage=GARBAGE_BYTES, garbage_after=3, ciphers=servers.ENCRYPTED)
    tunnels.attempt(lab, server, suites="encrypted", keylog=lab.keylog)


@scenario(BROKEN, PEERS, Session(2, 3, (
    ("connected", PLAIN_ANSWER), MALFORMED), endpoint="da.example.com:80"))
def tunnel_malformed_plain(lab):
    """The same in plain HTTP.

    After three seconds of IPv6 the server writes a sentence into the tunnel."""
    server = tunnels.serve(lab, port=80, plain=True, garbage=GARBAGE_BYTES, garbage_after=3)
    tunnels.attempt(lab, server, port=80, plain=True)


@scenario(BROKEN, PEERS, failed(*CONNECTED, ("tunnel_malformed", f"tcp contains {JUMBOGRAM}")))
def tunnel_malformed_jumbogram(lab):
    """An IPv6 jumbogram in the tunnel: a packet whose length is not in its header.

    After three seconds the server writes the beginning of one (RFC 2675)."""
    garbage = JUMBOGRAM.replace(":", "")
    tunnels.attempt(lab, tunnels.serve(lab, garbage=garbage, garbage_after=3))
