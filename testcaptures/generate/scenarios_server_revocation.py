"""Clients that connect only once they know that the server's certificate is not revoked.

SPDX-License-Identifier: GPL-2.0-or-later
"""

import dataclasses

import clients
import proxies
import resolvers
import servers
from pki import SERVER_CA
from scenario import Session, scenario
from wire import (CLIENT_FIN, CONFIGURED, DIRECTACCESS, FAILED, IS_CLOSED, ONLY_NULL, WINDOWS_7,
                  WINDOWS_8)

GROUP = "Server certificate"
CRYPT_E_REVOCATION_OFFLINE = 0x80092013
LEFT = ("closed_after_handshake", CLIENT_FIN)
OUT_OF_REACH = ("certificate_revocation_unreachable", CLIENT_FIN)
UNREACHED = Session(ONLY_NULL, IS_CLOSED, (LEFT, OUT_OF_REACH), decided=CLIENT_FIN,
                    client_type=WINDOWS_8, windows_error=CRYPT_E_REVOCATION_OFFLINE)
REVOKED = Session(ONLY_NULL, IS_CLOSED, (LEFT,), decided=CLIENT_FIN, client_type=WINDOWS_8)
CRL_HOST = "crl A 203.0.113.80"


def connect(lab, **options):
    """A client that asks whether the certificate is revoked when the handshake is complete, and
    closes unless it is told that it is not."""
    clients.connect(lab, trust=lab.pki.authority(SERVER_CA).cert, check_revocation=True, **options)


def web_server(lab, *revoked):
    """nginx with the revocation list of the CA, which has these certificates."""
    revocation_list = lab.pki.revocation_list(*revoked, issuer=SERVER_CA)
    servers.nginx(lab, None, server=f"location = /da.crl {{ alias {revocation_list}; }}",
                  host="web", port=80)


@scenario(GROUP, ["openssl", "python", "curl", "unbound"],
          dataclasses.replace(UNREACHED, tagged_by=CONFIGURED, client_type=WINDOWS_7, stream=0),
          endpoints=DIRECTACCESS)
def revocation_refused(lab):
    """A Windows 7 client finds the host of the CRL, and nothing listens there.

    OpenSSL s_server with AES suites; the client has curl fetch the CRL, and the kernel of the host
    that Unbound names answers the SYN with RST."""
    servers.s_server(lab, lab.pki.server())
    resolvers.zone(lab, CRL_HOST)
    lab.host("web")
    connect(lab, suites="encrypted")


@scenario(GROUP, ["python", "openssl", "curl", "unbound"],
          dataclasses.replace(UNREACHED, stream=0),
          dataclasses.replace(UNREACHED, stream=1, verdict=FAILED))
def revocation_name_not_found(lab):
    """The host of the certificate's CRL does not exist in DNS, in two attempts.

    Python's ssl as server with NULL suites; a client that has curl fetch the CRL when the handshake
    is complete, since Windows' CryptoAPI cannot run here, and closes as it fails. In Unbound's zone
    there is no such name."""
    servers.directaccess(lab, lab.pki.server())
    resolvers.zone(lab)
    for _ in range(2):
        connect(lab)


@scenario(GROUP, ["python", "openssl", "curl", "unbound", "nft"],
          dataclasses.replace(UNREACHED, stream=0))
def revocation_unanswered(lab):
    """A firewall drops what the client sends to the host of the CRL.

    Python's ssl as server with NULL suites; curl fetches the CRL for the client, and nftables on
    the way drops port 80: three SYNs."""
    servers.directaccess(lab, lab.pki.server())
    resolvers.zone(lab, CRL_HOST)
    lab.host("web")
    lab.on_path("tcp dport 80 drop")
    connect(lab)


@scenario(GROUP, ["python", "openssl", "curl", "unbound", "nginx", "nft"],
          dataclasses.replace(UNREACHED, stream=0))
def revocation_request_unanswered(lab):
    """The host of the CRL connects, but a firewall lets no request through.

    Python's ssl as server with NULL suites; curl fetches the CRL for the client from nginx, and
    nftables on the way drops the segment with the request, until curl gives up."""
    servers.directaccess(lab, lab.pki.server())
    resolvers.zone(lab, CRL_HOST)
    web_server(lab, lab.pki.server(serial=67))
    lab.on_path("tcp dport 80 ip length > 80 drop")
    connect(lab)


@scenario(GROUP, ["python", "openssl", "curl", "unbound", "nginx"],
          dataclasses.replace(UNREACHED, stream=0))
def revocation_not_there(lab):
    """The host of the CRL answers with 404, and that of OCSP does not exist.

    Python's ssl as server with NULL suites; OpenSSL's ocsp and curl ask for the client. nginx has
    no such file, and Unbound no such name as that of the responder."""
    servers.directaccess(lab, lab.pki.server(ocsp="http://ocsp.example.com/"))
    resolvers.zone(lab, CRL_HOST)
    servers.nginx(lab, None, host="web", port=80)
    connect(lab)


@scenario(GROUP, ["python", "openssl", "curl", "tinyproxy"],
          dataclasses.replace(UNREACHED, stream=0))
def revocation_refused_by_proxy(lab):
    """The company's proxy refuses to fetch the CRL for the computer.

    Python's ssl as server with NULL suites; curl asks tinyproxy for the CRL, which answers with
    403: the computer's address is not among those it serves."""
    servers.directaccess(lab, lab.pki.server())
    proxies.tinyproxy(lab, "Allow 192.0.2.11")
    connect(lab, web_proxy=f"{lab.host('proxy').address}:{proxies.TINYPROXY_PORT}")


@scenario(GROUP, ["python", "openssl", "curl", "unbound", "nginx"],
          dataclasses.replace(REVOKED, stream=0),
          near_miss_of=("certificate_revocation_unreachable",))
def revocation_revoked(lab):
    """The client has had the CRL: it closes since the certificate is on it.

    Python's ssl as server with NULL suites; curl fetches the CRL for the client from nginx, and
    OpenSSL finds the certificate revoked."""
    certificate = lab.pki.server()
    servers.directaccess(lab, certificate)
    resolvers.zone(lab, CRL_HOST)
    web_server(lab, certificate)
    connect(lab)


@scenario(GROUP, ["python", "openssl", "curl", "unbound", "nginx"],
          dataclasses.replace(REVOKED, stream=0),
          near_miss_of=("certificate_revocation_unreachable",))
def revocation_had_elsewhere(lab):
    """The OCSP responder does not exist, but the client has had the CRL: the certificate is on it.

    Python's ssl as server with NULL suites; OpenSSL's ocsp fails for the client, as Unbound has no
    such name, and curl fetches the CRL from nginx."""
    certificate = lab.pki.server(ocsp="http://ocsp.example.com/")
    servers.directaccess(lab, certificate)
    resolvers.zone(lab, CRL_HOST)
    web_server(lab, certificate)
    connect(lab)
