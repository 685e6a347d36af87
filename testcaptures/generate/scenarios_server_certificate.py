"""Is this the DirectAccess server at all: certificates of servers, and clients that refuse them.

SPDX-License-Identifier: GPL-2.0-or-later
"""

import dataclasses
import functools
import os
from pathlib import Path

import clients
import servers
from pki import (EXPIRED, FORTINET_CA, ISSUING_CA, NOT_YET_VALID, PRIVATE_CA, SERVER_CA)
from scenario import Session, scenario
from wire import (BAD_CERTIFICATE, CERTIFICATE_EXPIRED, CERTIFICATE_REVOKED, CLIENT_FIN,
                  CLIENT_RESET, CLOSED, CONFIGURED, CONNECTED, DIRECTACCESS, FAILED,
                  HANDSHAKE_COMPLETE, HANDSHAKE_FAILURE, IS_CLOSED, IS_CONNECTED,
                  NULL_FIRST, ONLY_NULL, SEEN_EARLIER, SERVER_CERTIFICATE, SERVER_FIN, SERVER_HELLO, UNKNOWN_CA,
                  UNSUPPORTED_CERTIFICATE, WINDOWS_7, WINDOWS_8, client_alert, server_alert)

server_certificate = functools.partial(scenario, "Server certificate")

CRYPT_E_REVOKED = 0x80092010
NOT_SELECTED = ("null_cipher_not_selected", SERVER_HELLO)
WEB = "www.example.net"


def shown(slug):
    """What a certificate looks like is said on the Certificate of a known endpoint."""
    return (f"certificate_{slug}", SERVER_CERTIFICATE)


def refused(*findings, tagged_by=CONFIGURED, **options):
    """A session that failed on the server's certificate."""
    options.setdefault("client_type", WINDOWS_8)
    return Session(tagged_by, FAILED, findings, **options)


def rejected_with(description):
    """The client refuses the certificate with an alert."""
    slug = "untrusted" if description == UNKNOWN_CA else "rejected"
    return (f"certificate_{slug}", client_alert(description))


def silently(display_filter):
    """The client refuses the certificate without a word."""
    return ("certificate_silently_rejected", display_filter)


def verifying_client(lab, server="server", ca=SERVER_CA, **options):
    """A client that verifies the server's certificate and says by an alert what it thinks of it."""
    clients.connect(lab, server, trust=lab.pki.authority(ca).cert, **options)


def silent_client(lab, server="server", end="rst", **options):
    """A client that closes when it has read the server's certificate."""
    clients.connect(lab, server, stop_at="certificate", end=end, **options)


@server_certificate(["nginx", "python"],
                    refused(NOT_SELECTED, shown("name_mismatch"), rejected_with(BAD_CERTIFICATE),
                            server="web"),
                    endpoints=DIRECTACCESS)
def certificate_name_mismatch(lab):
    """The name leads to a web server, which shows its own certificate; the client says so.

    nginx with a certificate for www.example.net; a client that offers NULL suites first and
    verifies certificate and name: bad_certificate."""
    web_server(lab)
    verifying_client(lab, "web", suites="null-first", check_name=True)


@server_certificate(["nginx", "python"],
                    refused(shown("name_mismatch"), silently(CLIENT_FIN), server="web",
                            client_type=WINDOWS_7),
                    endpoints=DIRECTACCESS)
def certificate_name_mismatch_windows7(lab):
    """A Windows 7 client meets a web server's certificate and closes without an alert.

    nginx with a certificate for www.example.net; a client with AES suites that closes with FIN."""
    web_server(lab)
    silent_client(lab, "web", "fin", suites="encrypted")


def web_server(lab):
    """nginx as a web server that has nothing to do with DirectAccess."""
    servers.nginx(lab, lab.pki.server(f"CN={WEB}", san=(WEB, "example.net")), host="web")


@server_certificate(["openssl", "python"],
                    refused(("certificate_name_mismatch", CLIENT_RESET), silently(CLIENT_RESET),
                            tagged_by=ONLY_NULL))
def certificate_name_mismatch_inferred(lab):
    """Nothing but the NULL suites says DirectAccess: the finding waits for the failure.

    OpenSSL s_server with NULL suites and a certificate for www.example.net; a client that offers
    only NULL suites and resets."""
    servers.s_server(lab, lab.pki.server(f"CN={WEB}", san=(WEB,)))
    silent_client(lab)


@server_certificate(["openssl", "python"],
                    refused(shown("name_mismatch"), silently(CLIENT_RESET),
                            endpoint="da.corp.example.com:443"),
                    endpoints=(("*.corp.example.com", "", "", "", "all sites"),))
def certificate_wildcard_too_short(lab):
    """A wildcard covers one label, not two (RFC 6125, section 6.4.3).

    OpenSSL s_server with a certificate for *.example.com; the client asks for
    da.corp.example.com."""
    servers.s_server(lab, lab.pki.server("CN=*.example.com", san=("*.example.com",)))
    silent_client(lab, name="da.corp.example.com")


@server_certificate(["python", "openssl"], Session(CONFIGURED, IS_CONNECTED, (CONNECTED,)),
                    endpoints=DIRECTACCESS, near_miss_of=("certificate_name_mismatch",))
def certificate_wildcard(lab):
    """A wildcard subject covers the name: nothing is wrong.

    Python's ssl as server with a certificate for *.example.com."""
    servers.directaccess(lab, lab.pki.server("CN=*.example.com", san=("*.example.com",)))
    clients.connect(lab)


@server_certificate(["python", "openssl"], Session(CONFIGURED, IS_CONNECTED, (CONNECTED,)),
                    endpoints=DIRECTACCESS,
                    near_miss_of=("certificate_name_only_in_san",
                                  "certificate_without_server_auth"))
def certificate_plain_subject(lab):
    """No SAN, capitals in the subject's name, no extended key usage: nothing is wrong.

    Python's ssl as server with a certificate CN=DA.Example.COM without these extensions."""
    certificate = lab.pki.server("CN=DA.Example.COM,OU=IT,O=Example Corp", san=(), usage=())
    servers.directaccess(lab, certificate)
    clients.connect(lab)


@server_certificate(["openssl", "python"],
                    refused(shown("name_only_in_san"), silently(CLIENT_FIN)),
                    endpoints=DIRECTACCESS)
def certificate_name_only_in_san(lab):
    """The subject is the machine's name, the public name is only in the SAN: the client closes.

    OpenSSL s_server with a certificate CN=edge01.corp.example.com and SAN da.example.com; a client
    that closes with FIN."""
    servers.s_server(lab, machine_name_certificate(lab))
    silent_client(lab, end="fin")


@server_certificate(["python", "openssl"],
                    Session(CONFIGURED, IS_CONNECTED, (shown("name_only_in_san"), CONNECTED)),
                    endpoints=DIRECTACCESS)
def certificate_name_only_in_san_connected(lab):
    """The same, and the client does not mind.

    As certificate-name-only-in-san, with a client that goes on."""
    servers.directaccess(lab, machine_name_certificate(lab))
    clients.connect(lab)


def machine_name_certificate(lab):
    """A certificate whose subject is not the public name."""
    name = "edge01.corp.example.com"
    return lab.pki.server(f"CN={name}", san=(name, "da.example.com"))


@server_certificate(["haproxy", "python"],
                    refused(shown("expired"), rejected_with(CERTIFICATE_EXPIRED), server="adc"),
                    endpoints=DIRECTACCESS, near_miss_of=("certificate_not_yet_valid",))
def certificate_expired(lab):
    """The load balancer's certificate is expired, the client says so.

    HAProxy with NULL suites and a certificate whose validity ended ten days before; a client that
    verifies it: certificate_expired."""
    servers.haproxy(lab, lab.pki.server(days=EXPIRED), suites=servers.WITH_NULL)
    verifying_client(lab, "adc")


@server_certificate(["haproxy", "python"],
                    refused(("certificate_expired", client_alert(CERTIFICATE_EXPIRED)),
                            rejected_with(CERTIFICATE_EXPIRED), server="adc", tagged_by=ONLY_NULL))
def certificate_expired_inferred(lab):
    """The same where nothing but the NULL suites says DirectAccess.

    As certificate-expired, without a configured endpoint."""
    certificate_expired(lab)


@server_certificate(["python", "openssl"],
                    Session(CONFIGURED, IS_CONNECTED, (shown("expired"), CONNECTED)),
                    endpoints=DIRECTACCESS)
def certificate_expired_connected(lab):
    """An expired certificate, and a client that does not look at it.

    Python's ssl as server; a client that does not verify."""
    servers.directaccess(lab, lab.pki.server(days=EXPIRED))
    clients.connect(lab)


@server_certificate(["openssl", "python"],
                    refused(shown("not_yet_valid"), rejected_with(BAD_CERTIFICATE)),
                    endpoints=DIRECTACCESS, near_miss_of=("certificate_expired",))
def certificate_not_yet_valid(lab):
    """The certificate's validity begins ten days from now.

    OpenSSL s_server with NULL suites; a client that verifies: bad_certificate."""
    servers.s_server(lab, lab.pki.server(days=NOT_YET_VALID))
    verifying_client(lab)


@server_certificate(["openssl", "python"],
                    refused(shown("without_server_auth"), rejected_with(UNSUPPORTED_CERTIFICATE)),
                    endpoints=DIRECTACCESS)
def certificate_without_server_auth(lab):
    """The certificate is meant for client authentication only.

    OpenSSL s_server with such a certificate; a client that verifies: unsupported_certificate."""
    servers.s_server(lab, lab.pki.server(usage=("tls_www_client",)))
    verifying_client(lab)


@server_certificate(["openssl", "python"],
                    refused(shown("self_signed"), rejected_with(UNKNOWN_CA)),
                    endpoints=DIRECTACCESS, near_miss_of=("certificate_key_not_rsa",))
def certificate_self_signed(lab):
    """The certificate is self-signed; the client does not trust it.

    OpenSSL s_server with NULL suites; a client that verifies: unknown_ca."""
    servers.s_server(lab, lab.pki.server(issuer=None, crl=None))
    verifying_client(lab)


@server_certificate(["python", "openssl"],
                    Session(CONFIGURED, IS_CONNECTED, (shown("self_signed"), CONNECTED)),
                    endpoints=DIRECTACCESS)
def certificate_self_signed_connected(lab):
    """A self-signed certificate which the client has been told to trust.

    Python's ssl as server."""
    certificate = lab.pki.server(issuer=None, crl=None)
    servers.directaccess(lab, certificate)
    clients.connect(lab, trust=certificate.cert)


@server_certificate(["haproxy", "python"],
                    Session(CONFIGURED, HANDSHAKE_COMPLETE,
                            (NOT_SELECTED, shown("key_not_rsa")), server="adc",
                            client_type=WINDOWS_8, cipher_suite=0xC02C),
                    endpoints=DIRECTACCESS)
def certificate_ecdsa(lab):
    """NULL suites cannot work with an ECDSA key: the client falls back to an encrypted suite.

    HAProxy with a P-256 certificate, ECDHE-ECDSA and NULL suites."""
    servers.haproxy(lab, lab.pki.server(key_type="ecdsa"), suites=f"{clients.SUITES['null-first']}")
    clients.connect(lab, "adc", suites="null-first")


@server_certificate(["haproxy", "python"],
                    Session(ONLY_NULL, FAILED,
                            (("null_cipher_rejected", server_alert(HANDSHAKE_FAILURE)),),
                            server="adc", client_type=WINDOWS_8))
def certificate_ecdsa_null_only(lab):
    """A client that offers only NULL suites is refused by a server with an ECDSA key.

    HAProxy with a P-256 certificate, ECDHE-ECDSA and NULL suites."""
    servers.haproxy(lab, lab.pki.server(key_type="ecdsa"), suites=f"{clients.SUITES['null-first']}")
    clients.connect(lab, "adc")


@server_certificate(["openssl", "python"], refused(rejected_with(UNKNOWN_CA), tagged_by=ONLY_NULL),
                    near_miss_of=("certificate_self_signed", "certificate_rejected"))
def certificate_untrusted(lab):
    """The certificate is of the company's own CA, which this client does not know.

    OpenSSL s_server with NULL suites; a client that trusts another CA: unknown_ca."""
    servers.s_server(lab, lab.pki.server(issuer=PRIVATE_CA))
    verifying_client(lab)


@server_certificate(["openssl", "python"], refused(rejected_with(UNKNOWN_CA), tagged_by=ONLY_NULL),
                    near_miss_of=("certificate_inspected",))
def certificate_untrusted_chain(lab):
    """The server does not send the certificate of the issuing CA.

    OpenSSL s_server with a certificate of a subordinate CA and no chain; a client that trusts the
    root: unknown_ca."""
    certificate = lab.pki.server(issuer=ISSUING_CA)
    servers.s_server(lab, dataclasses.replace(certificate, issuers=Path(os.devnull)))
    verifying_client(lab)


@server_certificate(["openssl", "python"],
                    refused(rejected_with(CERTIFICATE_REVOKED), windows_error=CRYPT_E_REVOKED),
                    endpoints=DIRECTACCESS)
def certificate_revoked(lab):
    """The server's certificate is revoked.

    OpenSSL s_server with NULL suites; a client with the CA's revocation list:
    certificate_revoked."""
    certificate = lab.pki.server(serial=66)
    servers.s_server(lab, certificate)
    verifying_client(lab, crl=lab.pki.revocation_list(certificate, issuer=SERVER_CA))


@server_certificate(["openssl", "python"], refused(rejected_with(CERTIFICATE_EXPIRED),
                                                   tagged_by=NULL_FIRST),
                    near_miss_of=("certificate_untrusted",))
def certificate_rejected(lab):
    """The client refuses a certificate in which nothing looks wrong.

    OpenSSL s_server with NULL suites; a client whose copy of the CA's revocation list is out of
    date: certificate_expired."""
    servers.s_server(lab, lab.pki.server())
    verifying_client(lab, suites="null-first",
                     crl=lab.pki.revocation_list(lab.pki.server(serial=66), issuer=SERVER_CA,
                                                 days=EXPIRED))


@server_certificate(["openssl", "python"],
                    refused(silently(CLIENT_RESET), tagged_by=ONLY_NULL))
def certificate_silently_rejected_reset(lab):
    """The client reads the certificate and resets the connection.

    OpenSSL s_server with NULL suites; a client that resets after the Server Hello Done."""
    servers.s_server(lab, lab.pki.server())
    silent_client(lab)


@server_certificate(["haproxy", "python"],
                    refused(NOT_SELECTED, silently(CLIENT_FIN), tagged_by=NULL_FIRST,
                            server="adc"))
def certificate_silently_rejected_fin(lab):
    """The client reads the certificate and closes the connection.

    HAProxy with AES suites; a client that closes after the Server Hello Done."""
    servers.haproxy(lab, lab.pki.server())
    silent_client(lab, "adc", "fin", suites="null-first")


@server_certificate(["openssl", "nss"],
                    refused(rejected_with(UNKNOWN_CA), tagged_by=ONLY_NULL))
def certificate_untrusted_after_handshake(lab):
    """The client's alert comes when the handshake is complete.

    OpenSSL s_server with NULL suites; NSS' tstclnt, which judges the certificate while the
    handshake goes on: unknown_ca behind the server's Finished."""
    servers.s_server(lab, lab.pki.server())
    clients.tstclnt(lab)


@server_certificate(["openssl", "curl"],
                    refused(("certificate_name_mismatch", CLOSED), silently(CLOSED),
                            tagged_by=ONLY_NULL),
                    near_miss_of=("closed_after_handshake",))
def certificate_name_mismatch_after_handshake(lab):
    """The client closes when the handshake is complete, without an alert or a request.

    OpenSSL s_server with NULL suites and a certificate for www.example.net; curl, which compares
    the names only then."""
    certificate = lab.pki.server(f"CN={WEB}", san=(WEB,))
    servers.s_server(lab, certificate)
    clients.curl(lab, certificate.ca)


@server_certificate(["openssl", "python"],
                    Session(ONLY_NULL, IS_CLOSED, (("closed_after_handshake", CLOSED),), decided=CLOSED))
def certificate_probed(lab):
    """The client closes when the handshake is complete, and the certificate is as it should be.

    OpenSSL s_server with NULL suites; a client that sends no request, as a monitor may do."""
    servers.s_server(lab, lab.pki.server())
    clients.connect(lab, request="none")


@server_certificate(["mitmproxy", "openssl", "python"],
                    refused(NOT_SELECTED, shown("inspected"), rejected_with(UNKNOWN_CA)),
                    endpoints=DIRECTACCESS)
def certificate_inspected(lab):
    """A TLS-inspecting firewall answers with a certificate of its own.

    mitmproxy with a CA named as a FortiGate's; the router leads the client's connections to it. A
    client that verifies: unknown_ca."""
    inspect(lab, FORTINET_CA)
    verifying_client(lab, suites="null-first")


@server_certificate(["mitmproxy", "openssl", "python"],
                    refused(("certificate_inspected", client_alert(UNKNOWN_CA)),
                            rejected_with(UNKNOWN_CA), tagged_by=ONLY_NULL))
def certificate_inspected_inferred(lab):
    """The same where nothing but the NULL suites says DirectAccess.

    mitmproxy with the CA it makes for itself, and NULL suites enabled."""
    inspect(lab, None, "--set", f"ciphers_client={servers.WITH_NULL}")
    verifying_client(lab)


@server_certificate(["mitmproxy", "openssl", "python"],
                    Session(ONLY_NULL, FAILED,
                            (("null_cipher_rejected", SERVER_FIN),),
                            client_type=WINDOWS_8))
def inspection_null_rejected(lab):
    """The inspecting firewall knows no NULL suites; its certificate is never seen.

    mitmproxy with its default suites, which closes with FIN and sends no alert; a client that
    offers only NULL suites."""
    inspect(lab, None)
    clients.connect(lab)


@server_certificate(["python", "mitmproxy", "openssl", "nft"],
                    Session(ONLY_NULL, IS_CONNECTED, (CONNECTED,), stream=0),
                    Session(SEEN_EARLIER, FAILED,
                            (NOT_SELECTED, shown("not_expected"), shown("inspected"),
                             rejected_with(UNKNOWN_CA)), stream=1))
def certificate_inspected_own_ca(lab):
    """After a connected session a company's own proxy inspects the same endpoint: its CA bears no
    product's name, but the certificate has the same names and another issuer.

    Python's ssl as server; then the router leads the connection to mitmproxy, which has a CA of the
    company. A client that verifies: unknown_ca."""
    servers.directaccess(lab, lab.pki.server())
    clients.connect(lab)
    put_proxy_between(lab, PRIVATE_CA)
    verifying_client(lab, suites="null-first")


def inspect(lab, authority, *arguments):
    """A DirectAccess server behind mitmproxy."""
    servers.s_server(lab, lab.pki.server())
    put_proxy_between(lab, authority, *arguments)


def put_proxy_between(lab, authority, *arguments):
    """The router leads the client's further connections to mitmproxy."""
    servers.mitmproxy(lab, lab.pki.authority(authority) if authority else None, *arguments)
    proxy = lab.host("proxy").address
    lab.redirect(f"ip saddr {lab.client.address} tcp dport 443 dnat ip to {proxy}")


def renewed(pki):
    """A valid certificate for the same name, but not the one that is configured."""
    return pki.server(serial=67)


def known_thumbprint(pki):
    """A row that expects the certificate of pki.server()."""
    thumbprint = pki.server().thumbprint
    return (("da.example.com", "", "443", thumbprint, "DirectAccess"),)


@server_certificate(["python", "openssl"],
                    Session(CONFIGURED, IS_CONNECTED, (shown("not_expected"), CONNECTED)),
                    endpoints=known_thumbprint)
def certificate_not_expected(lab):
    """Not the certificate that is configured for the endpoint; everything else is right.

    Python's ssl as server; the row's thumbprint is that of another certificate."""
    servers.directaccess(lab, renewed(lab.pki))
    clients.connect(lab)


@server_certificate(["python", "openssl"], Session(CONFIGURED, IS_CONNECTED, (CONNECTED,)),
                    endpoints=known_thumbprint, near_miss_of=("certificate_not_expected",))
def certificate_expected(lab):
    """The very certificate that is configured for the endpoint.

    Python's ssl as server; the row's thumbprint is that of its certificate."""
    servers.directaccess(lab, lab.pki.server())
    clients.connect(lab)


@server_certificate(["python", "openssl", "nft"],
                    Session(ONLY_NULL, IS_CONNECTED, (CONNECTED,), stream=0),
                    Session(SEEN_EARLIER, FAILED,
                            (shown("not_expected"), silently(CLIENT_RESET)), stream=1))
def certificate_changed(lab):
    """After a connected session the same address shows another certificate.

    Python's ssl as server; then the router leads the connection to another server with another
    certificate for the same name (nftables dnat), and the client resets."""
    servers.directaccess(lab, lab.pki.server())
    servers.s_server(lab, renewed(lab.pki), host="web")
    clients.connect(lab)
    lab.redirect(f"tcp dport 443 dnat ip to {lab.host('web').address}")
    silent_client(lab)
