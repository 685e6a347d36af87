"""Preauthentication: a server or load balancer that asks for the client's computer certificate.

SPDX-License-Identifier: GPL-2.0-or-later
"""

import functools

import clients
import servers
from pki import EXPIRED, MACHINE_CA, MACHINE_CA_OTHER_KEY, MACHINE_ISSUING_CA, OTHER_CA
from scenario import NO_CODE, Session, scenario
from wire import (ACCESS_DENIED, CERTIFICATE_EXPIRED, CERTIFICATE_REQUEST, CERTIFICATE_REQUIRED,
                  CERTIFICATE_REVOKED, CLIENT_CERTIFICATE, CLIENT_FIN, CLIENT_RESET, CONFIGURED,
                  CONNECTED, DECODE_ERROR, DIRECTACCESS, FAILED, HANDSHAKE_FAILURE, IS_CONNECTED,
                  NULL_FIRST, ONLY_NULL, SERVER_FIN, SERVER_HELLO, SERVER_RESET, UNKNOWN_CA,
                  UNSUPPORTED_CERTIFICATE, WINDOWS_7, WINDOWS_8, response, server_alert)

client_certificate = functools.partial(scenario, "Client certificate")

SEC_I_INCOMPLETE_CREDENTIALS = 0x90320
SEC_E_ILLEGAL_MESSAGE = 0x80090326
SEC_E_UNTRUSTED_ROOT = 0x80090325
SEC_E_CERT_UNKNOWN = 0x80090327
SEC_E_CERT_EXPIRED = 0x80090328
SEC_E_LOGON_DENIED = 0x8009030C
CRYPT_E_REVOKED = 0x80092010

REQUESTED = ("client_certificate_requested", CERTIFICATE_REQUEST)
NOT_SELECTED = ("null_cipher_not_selected", SERVER_HELLO)
GNUTLS_NULL = "NONE:+VERS-TLS1.2:+RSA:+NULL:+SHA256:+SHA1:+COMP-NULL:+SIGN-ALL"


def missing(display_filter, tagged_by=ONLY_NULL, before=(REQUESTED,), **options):
    """A session that failed for want of a client certificate."""
    options.setdefault("client_type", WINDOWS_8)
    options.setdefault("windows_error", SEC_I_INCOMPLETE_CREDENTIALS)
    return Session(tagged_by, FAILED, (*before, ("client_certificate_missing", display_filter)),
                   **options)


def rejected(display_filter, windows_error, warning=None, **options):
    """A session of a configured endpoint that failed on the certificate which the client sent;
    `warning` is what the certificate looks like."""
    warnings = ((f"client_certificate_{warning}", CLIENT_CERTIFICATE),) if warning else ()
    return Session(CONFIGURED, FAILED, (REQUESTED, *warnings,
                                        ("client_certificate_rejected", display_filter)),
                   client_type=WINDOWS_8, windows_error=windows_error, **options)


def verifying_adc(lab, words="", verify="required", **options):
    """HAProxy that asks for certificates of the machine CA."""
    ca = lab.pki.authority(MACHINE_CA).cert
    options.setdefault("suites", servers.WITH_NULL)
    return servers.haproxy(lab, lab.pki.server(), bind=f"verify {verify} ca-file {ca} {words}",
                           **options)


def verifying_server(lab, **options):
    """tls_server.py that asks for certificates of the machine CA."""
    return servers.directaccess(lab, lab.pki.server(), client_certificate="required",
                                client_ca=lab.pki.authority(MACHINE_CA).cert, **options)


def renegotiating_server(lab, *arguments, **options):
    """openssl s_server that asks for a certificate when the request has arrived."""
    return servers.s_server_tunnel(
        lab, lab.pki.server(), "-CAfile", lab.pki.authority(MACHINE_CA).cert,
        "-no_resumption_on_reneg", *arguments, command="R", **options)


@client_certificate(["haproxy", "python"], missing(server_alert(HANDSHAKE_FAILURE), server="adc"))
def client_certificate_missing_alert(lab):
    """The client has no certificate; the load balancer answers handshake_failure.

    HAProxy with NULL suites and verify required; a client that sends an empty Certificate."""
    verifying_adc(lab)
    clients.connect(lab, "adc")


@client_certificate(["haproxy", "python"], missing(server_alert(HANDSHAKE_FAILURE), CONFIGURED,
                                                   server="adc", client_type=WINDOWS_7),
                    endpoints=DIRECTACCESS)
def client_certificate_missing_windows7(lab):
    """The same with a Windows 7 client.

    HAProxy with verify required; a client with AES suites."""
    verifying_adc(lab)
    clients.connect(lab, "adc", suites="encrypted")


@client_certificate(["gnutls", "python"], missing(server_alert(DECODE_ERROR)))
def client_certificate_missing_decode_error(lab):
    """Another server answers the empty Certificate with decode_error, and RST at once.

    gnutls-serv with NULL suites and --require-client-cert."""
    servers.gnutls_serv(lab, lab.pki.server(), GNUTLS_NULL, "--require-client-cert",
                        "--x509cafile", lab.pki.authority(MACHINE_CA).cert)
    clients.connect(lab)


@client_certificate(["python", "openssl"], missing(SERVER_RESET))
def client_certificate_missing_reset(lab):
    """The server answers the empty Certificate with RST, without an alert.

    Python's ssl as server that requires a certificate and resets the connection."""
    verifying_server(lab, mute="rst")
    clients.connect(lab)


@client_certificate(["python", "openssl"], missing(SERVER_FIN))
def client_certificate_missing_fin(lab):
    """The server answers the empty Certificate with FIN, without an alert.

    Python's ssl as server that requires a certificate and closes the connection."""
    verifying_server(lab, mute="fin")
    clients.connect(lab)


@client_certificate(["haproxy", "python"], missing(CLIENT_RESET, server="adc"),
                    near_miss_of=("certificate_silently_rejected",))
def client_certificate_missing_client_reset(lab):
    """The client gives up at the CertificateRequest with RST.

    HAProxy with NULL suites and verify required; a client that resets after the Server Hello
    Done."""
    verifying_adc(lab)
    clients.connect(lab, "adc", stop_at="server-hello-done", end="rst")


@client_certificate(["haproxy", "python"], missing(CLIENT_FIN, NULL_FIRST, server="adc"))
def client_certificate_missing_client_fin(lab):
    """The client gives up at the CertificateRequest with FIN.

    HAProxy with NULL suites and verify required; a client that closes after the Server Hello
    Done."""
    verifying_adc(lab)
    clients.connect(lab, "adc", suites="null-first", stop_at="server-hello-done")


@client_certificate(["nginx", "python"], missing(response(400), server="adc"))
def client_certificate_missing_400(lab):
    """The handshake is completed without a certificate, and the tunnel request answered with 400.

    nginx with NULL suites and ssl_verify_client on (which can make nothing of the endless
    Content-Length either)."""
    servers.nginx(lab, lab.pki.server(), suites=servers.WITH_NULL, host="adc",
                  server=servers.nginx_verify(lab.pki.authority(MACHINE_CA)))
    clients.connect(lab, "adc")


@client_certificate(["nginx", "python"], missing(response(400), NULL_FIRST,
                                                 (NOT_SELECTED, REQUESTED), server="adc"),
                    keys=True)
def client_certificate_missing_400_keys(lab):
    """The same in an encrypted session whose keys are in the capture.

    nginx with AES suites and ssl_verify_client on."""
    servers.nginx(lab, lab.pki.server(), host="adc",
                  server=servers.nginx_verify(lab.pki.authority(MACHINE_CA)))
    clients.connect(lab, "adc", suites="null-first", keylog=lab.keylog)


@client_certificate(
    ["haproxy", "python"],
    missing(server_alert(CERTIFICATE_REQUIRED), ONLY_NULL, (NOT_SELECTED, REQUESTED),
            server="adc"),
    keys=True)
def client_certificate_missing_tls13(lab):
    """TLS 1.3: certificate_required comes when the client has already sent its request.

    HAProxy with TLS 1.3 and verify required; the session keys are in the capture."""
    verifying_adc(lab)
    clients.connect(lab, "adc", versions=("1.2", "1.3"), keylog=lab.keylog)


@client_certificate(["haproxy", "python"],
                    rejected(server_alert(UNKNOWN_CA), SEC_E_UNTRUSTED_ROOT, "issuer_not_listed",
                             server="adc"),
                    endpoints=DIRECTACCESS)
def client_certificate_wrong_ca(lab):
    """The client's certificate is of a CA which the load balancer neither names nor trusts.

    HAProxy with verify required and the machine CA; a client with another CA's certificate."""
    verifying_adc(lab)
    clients.connect(lab, "adc", certificate=lab.pki.machine(issuer=OTHER_CA).combined)


@client_certificate(["haproxy", "python"],
                    rejected(server_alert(UNKNOWN_CA), SEC_E_UNTRUSTED_ROOT, server="adc"),
                    endpoints=DIRECTACCESS)
def client_certificate_wrong_root(lab):
    """The load balancer has an old root of the right name: unknown_ca, though the issuer is listed.

    HAProxy with verify required and the machine CA; a client with a certificate of a CA of the same
    name with another key."""
    verifying_adc(lab)
    certificate = lab.pki.machine(issuer=MACHINE_CA_OTHER_KEY)
    clients.connect(lab, "adc", certificate=certificate.combined)


@client_certificate(["haproxy", "python"],
                    rejected(server_alert(CERTIFICATE_REVOKED), CRYPT_E_REVOKED, server="adc"),
                    endpoints=DIRECTACCESS, near_miss_of=("client_certificate_expired",))
def client_certificate_revoked(lab):
    """The client's certificate is revoked.

    HAProxy with verify required and a revocation list that has the client's certificate."""
    certificate = lab.pki.machine(serial=17)
    verifying_adc(lab, f"crl-file {lab.pki.revocation_list(certificate)}")
    clients.connect(lab, "adc", certificate=certificate.combined)


@client_certificate(["haproxy", "python"],
                    rejected(server_alert(CERTIFICATE_EXPIRED), SEC_E_CERT_EXPIRED, "expired",
                             server="adc"),
                    endpoints=DIRECTACCESS,
                    near_miss_of=("client_certificate_without_client_auth",))
def client_certificate_expired(lab):
    """The client's certificate is expired.

    HAProxy with verify required; a client with a certificate of the right CA, expired."""
    verifying_adc(lab)
    clients.connect(lab, "adc", certificate=lab.pki.machine(days=EXPIRED).combined)


@client_certificate(["haproxy", "python"],
                    rejected(server_alert(UNSUPPORTED_CERTIFICATE), SEC_E_CERT_UNKNOWN,
                             "without_client_auth", server="adc"),
                    endpoints=DIRECTACCESS)
def client_certificate_without_client_auth(lab):
    """The client's certificate is not meant for client authentication.

    HAProxy with verify required; a client with a certificate for server authentication only."""
    verifying_adc(lab)
    certificate = lab.pki.machine(usage=("tls_www_server",))
    clients.connect(lab, "adc", certificate=certificate.combined)


@client_certificate(["gnutls", "python"],
                    rejected(server_alert(ACCESS_DENIED), SEC_E_LOGON_DENIED, "issuer_not_listed"),
                    endpoints=DIRECTACCESS)
def client_certificate_access_denied(lab):
    """Another server refuses a certificate of the wrong CA with access_denied.

    gnutls-serv with --verify-client-cert; it sends a second alert and RST at once."""
    servers.gnutls_serv(lab, lab.pki.server(), GNUTLS_NULL, "--require-client-cert",
                        "--verify-client-cert", "--x509cafile", lab.pki.authority(MACHINE_CA).cert)
    clients.connect(lab, certificate=lab.pki.machine(issuer=OTHER_CA).combined)


@client_certificate(["python", "openssl"],
                    rejected(SERVER_RESET, NO_CODE),
                    endpoints=DIRECTACCESS)
def client_certificate_rejected_reset(lab):
    """The server names no CA, and answers a certificate of the wrong one with RST, without an
    alert.

    Python's ssl as server that requires a certificate and resets the connection."""
    verifying_server(lab, mute="rst")
    clients.connect(lab, certificate=lab.pki.machine(issuer=OTHER_CA).combined)


@client_certificate(["python", "openssl"], rejected(SERVER_FIN, NO_CODE, "expired"),
                    endpoints=DIRECTACCESS)
def client_certificate_rejected_fin(lab):
    """The server answers an expired certificate with FIN, without an alert.

    Python's ssl as server that requires a certificate and closes the connection."""
    verifying_server(lab, mute="fin")
    clients.connect(lab, certificate=lab.pki.machine(days=EXPIRED).combined)


@client_certificate(["haproxy", "python"],
                    Session(CONFIGURED, IS_CONNECTED, (REQUESTED, CONNECTED), server="adc"),
                    endpoints=DIRECTACCESS, near_miss_of=("client_certificate_issuer_not_listed",))
def client_certificate_intermediate(lab):
    """The client's chain ends at the CA that was named: nothing is wrong.

    HAProxy with verify required; a client with a certificate of a subordinate of the machine CA and
    that subordinate's own."""
    verifying_adc(lab)
    clients.connect(lab, "adc", certificate=lab.pki.machine(issuer=MACHINE_ISSUING_CA).combined)


@client_certificate(["openssl", "python"],
                    Session(CONFIGURED, IS_CONNECTED, (REQUESTED, CONNECTED)),
                    endpoints=DIRECTACCESS)
def client_certificate_any_issuer(lab):
    """The server names no CA: no issuer can be missing from its list.

    OpenSSL s_server with -verify, which takes any certificate; a client with one."""
    servers.s_server_tunnel(lab, lab.pki.server(), "-verify", 2)
    clients.connect(lab, certificate=lab.pki.machine(issuer=OTHER_CA).combined)


@client_certificate(
    ["openssl", "python"],
    Session(CONFIGURED, IS_CONNECTED, (REQUESTED, ("client_certificate_issuer_not_listed",
            CLIENT_CERTIFICATE), CONNECTED)),
    endpoints=DIRECTACCESS)
def client_certificate_not_listed_connected(lab):
    """The client's issuer is not in the server's list, and yet the server lets it in.

    OpenSSL s_server with -verify and the machine CA; a client with another CA's certificate."""
    servers.s_server_tunnel(lab, lab.pki.server(), "-verify", 2,
                            "-CAfile", lab.pki.authority(MACHINE_CA).cert)
    clients.connect(lab, certificate=lab.pki.machine(issuer=OTHER_CA).combined)


@client_certificate(["openssl", "python"],
                    Session(ONLY_NULL, IS_CONNECTED, (REQUESTED, CONNECTED)))
def renegotiation_client_certificate(lab):
    """The server asks for a certificate in a handshake renegotiated inside the session.

    OpenSSL s_server with NULL suites renegotiates after the tunnel request (its command R); a
    client with the right certificate."""
    renegotiating_server(lab)
    clients.connect(lab, certificate=lab.pki.machine().combined)


@client_certificate(["openssl", "python"], missing(response(403)))
def renegotiation_client_certificate_missing(lab):
    """The renegotiated handshake is completed without a certificate, and the request refused.

    As renegotiation-client-certificate; the client has no certificate, the answer is 403."""
    renegotiating_server(lab, status=403)
    clients.connect(lab)


@client_certificate(["openssl", "python"],
                    rejected(server_alert(UNKNOWN_CA), SEC_E_UNTRUSTED_ROOT, "issuer_not_listed"),
                    endpoints=DIRECTACCESS)
def renegotiation_client_certificate_rejected(lab):
    """The certificate given in a renegotiated handshake is of the wrong CA.

    As renegotiation-client-certificate, with -verify_return_error; a client with another CA's
    certificate."""
    renegotiating_server(lab, "-verify_return_error")
    clients.connect(lab, certificate=lab.pki.machine(issuer=OTHER_CA).combined)
