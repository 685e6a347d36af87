"""Sessions that work, with each kind of cipher suite.

SPDX-License-Identifier: GPL-2.0-or-later
"""

import functools

import clients
import servers
from pki import MACHINE_CA
from scenario import Session, scenario
from wire import (CERTIFICATE_REQUEST, CONFIGURED, CONNECTED, DIRECTACCESS, HANDSHAKE_COMPLETE,
                  IS_CONNECTED, NULL_FIRST, NULL_SHA, NULL_SHA256, ONLY_NULL, SEEN_EARLIER,
                  SERVER_HELLO, WINDOWS_7, WINDOWS_8)

healthy = functools.partial(scenario, "Healthy sessions")
RECORD_OF_SERVER = "tls.record.opaque_type == 23 && tcp.srcport == 443"
not_selected = ("null_cipher_not_selected", SERVER_HELLO)


@healthy(
    ["openssl", "python"],
    Session(ONLY_NULL, IS_CONNECTED, (CONNECTED,), client_type=WINDOWS_8,
            cipher_suite=NULL_SHA256, windows_error=0))
def healthy_null_sha256(lab):
    """A Windows 8 client connects with TLS_RSA_WITH_NULL_SHA256.

    OpenSSL s_server with NULL suites, the tunnel's answer on its standard streams; a client that
    offers only NULL suites."""
    servers.s_server_tunnel(lab, lab.pki.server())
    clients.connect(lab)


@healthy(["haproxy", "python"], Session(ONLY_NULL, IS_CONNECTED, (CONNECTED,), server="adc",
                                        client_type=WINDOWS_8, cipher_suite=NULL_SHA256),
         near_miss_of=("client_certificate_requested",))
def healthy_null_adc(lab):
    """A load balancer with NULL suites ends TLS in front of the DirectAccess server.

    HAProxy with NULL suites first; a client that offers only NULL suites."""
    servers.haproxy(lab, lab.pki.server(), suites=servers.WITH_NULL)
    clients.connect(lab, "adc")


@healthy(["nginx", "nginx_stream", "haproxy", "python"],
         Session(ONLY_NULL, IS_CONNECTED, (CONNECTED,), client="adc", client_type=WINDOWS_8,
                 cipher_suite=NULL_SHA256),
         capture={"host": "server"}, near_miss_of=("capture_incomplete",))
def healthy_null_proxy_protocol(lab):
    """A load balancer tells in front of the Client Hello who the client is.

    nginx that passes connections on by server name, with a header of the PROXY protocol in the
    segment of the Client Hello; HAProxy with NULL suites takes it. Captured there."""
    servers.haproxy(lab, lab.pki.server(), "accept-proxy", servers.WITH_NULL, host="server")
    servers.nginx_stream(lab, "ssl_preread on; proxy_protocol on;")
    clients.connect(lab, "adc")


@healthy(["python", "openssl"], Session(ONLY_NULL, IS_CONNECTED, (CONNECTED,),
                                        client_type=WINDOWS_8, cipher_suite=NULL_SHA))
def healthy_null_sha(lab):
    """A server that knows only the older NULL suite, TLS_RSA_WITH_NULL_SHA.

    Python's ssl as server with NULL-SHA alone; a client that offers both NULL suites."""
    servers.directaccess(lab, lab.pki.server(), suites="NULL-SHA:@SECLEVEL=0")
    clients.connect(lab)


@healthy(["python", "openssl"], Session(NULL_FIRST, IS_CONNECTED, (CONNECTED,),
                                        client_type=WINDOWS_8, cipher_suite=NULL_SHA256),
         near_miss_of=("null_cipher_not_selected",))
def healthy_null_first(lab):
    """A client that offers NULL suites ahead of encrypted ones gets a NULL suite.

    Python's ssl as server that prefers NULL suites; the client offers ten AES suites behind
    them."""
    servers.directaccess(lab, lab.pki.server())
    clients.connect(lab, suites="null-first")


@healthy(
    ["python", "openssl"],
    Session(ONLY_NULL, IS_CONNECTED, (CONNECTED,), client_type=WINDOWS_8,
            client="2001:db8:1::10", server="2001:db8:2::10"))
def healthy_null_ipv6(lab):
    """The same over IPv6.

    Python's ssl as server on an IPv6 address; a client that offers only NULL suites."""
    servers.directaccess(lab, lab.pki.server(), address="::")
    clients.connect(lab, lab.server.address6)


@healthy(["python", "openssl"], Session(CONFIGURED, IS_CONNECTED, (CONNECTED,),
                                        client_type=WINDOWS_8),
         endpoints=(("", "203.0.113.0/24", "443", "", "all public addresses"),))
def healthy_without_sni(lab):
    """A client without Server Name Indication, known by its server's address.

    Python's ssl as server; a client that offers only NULL suites and names no server."""
    servers.directaccess(lab, lab.pki.server())
    clients.connect(lab, no_sni=True)


@healthy(
    ["python", "openssl"],
    Session(CONFIGURED, IS_CONNECTED, (CONNECTED,), client_type=WINDOWS_8,
            endpoint="da.example.com:8443"),
    endpoints=(("da.example.com", "", "8443", "", "DirectAccess on another port"),))
def healthy_other_port(lab):
    """A port of its own, known from the table of endpoints.

    Python's ssl as server on port 8443; a client that offers only NULL suites."""
    servers.directaccess(lab, lab.pki.server(), port=8443)
    clients.connect(lab, port=8443)


@healthy(["haproxy", "python"], Session(NULL_FIRST, HANDSHAKE_COMPLETE, (not_selected,),
                                        server="adc", client_type=WINDOWS_8))
def healthy_encrypted_fallback(lab):
    """A load balancer without NULL suites: the tunnel works, everything is encrypted twice.

    HAProxy with AES suites only; a client that offers NULL suites ahead of them. No session
    keys."""
    servers.haproxy(lab, lab.pki.server())
    clients.connect(lab, "adc", suites="null-first")


@healthy(["haproxy", "python"], Session(NULL_FIRST, IS_CONNECTED, (not_selected, CONNECTED),
                                        server="adc", client_type=WINDOWS_8),
         keys=True)
def healthy_encrypted_fallback_keys(lab):
    """The same with the session keys in the capture.

    As healthy-encrypted-fallback; the client logs its keys."""
    servers.haproxy(lab, lab.pki.server())
    clients.connect(lab, "adc", suites="null-first", keylog=lab.keylog)


@healthy(["python", "openssl"], Session(CONFIGURED, HANDSHAKE_COMPLETE, (), client_type=WINDOWS_7),
         endpoints=DIRECTACCESS)
def healthy_windows7(lab):
    """A Windows 7 client, which offers encrypted suites only.

    Python's ssl as server with TLS 1.2; a client that offers AES suites. No session keys."""
    servers.directaccess(lab, lab.pki.server(), suites=servers.ENCRYPTED)
    clients.connect(lab, suites="encrypted")


@healthy(["python", "openssl"], Session(CONFIGURED, HANDSHAKE_COMPLETE, (), client_type=WINDOWS_7),
         endpoints=DIRECTACCESS)
def healthy_windows7_tls10(lab):
    """A Windows 7 client with TLS 1.0.

    Python's ssl as server with TLS 1.0 to 1.2; a client with TLS 1.0 and AES-CBC suites."""
    servers.directaccess(lab, lab.pki.server(), suites="AES256-SHA:@SECLEVEL=0",
                         versions=("1.0", "1.2"))
    clients.connect(lab, suites="encrypted", versions=("1.0", "1.0"))


@healthy(["python", "openssl"], Session(ONLY_NULL, HANDSHAKE_COMPLETE, (not_selected,),
                                        client_type=WINDOWS_8), near_miss_of=("handshake_failed",))
def healthy_tls13(lab):
    """TLS 1.3 without keys: no certificate to see, the handshake is complete.

    Python's ssl as server with TLS 1.3; a client that offers NULL suites and those of TLS 1.3."""
    servers.directaccess(lab, lab.pki.server(), versions=("1.2", "1.3"))
    clients.connect(lab, versions=("1.2", "1.3"))


@healthy(["haproxy", "python"],
         Session(CONFIGURED, HANDSHAKE_COMPLETE, server="adc", client_type=WINDOWS_7,
                 decided=f"{RECORD_OF_SERVER} && tcp.seq > 1600"),
         endpoints=DIRECTACCESS)
def healthy_tls13_retry(lab):
    """TLS 1.3 without keys where the server asks for another Client Hello.

    HAProxy with the curve P-384 alone: Hello Retry Request. A client that offers X25519 first."""
    servers.haproxy(lab, lab.pki.server(), bind="curves P-384")
    clients.connect(lab, "adc", suites="encrypted", versions=("1.2", "1.3"))


@healthy(["python", "openssl"], Session(ONLY_NULL, IS_CONNECTED, (not_selected, CONNECTED),
                                        client_type=WINDOWS_8),
         keys=True)
def healthy_tls13_keys(lab):
    """TLS 1.3 with the session keys in the capture.

    As healthy-tls13; the client logs its keys."""
    servers.directaccess(lab, lab.pki.server(), versions=("1.2", "1.3"))
    clients.connect(lab, versions=("1.2", "1.3"), keylog=lab.keylog)


@healthy(["python", "openssl"],
         Session(ONLY_NULL, IS_CONNECTED, (CONNECTED,), stream=0, cipher_suite=NULL_SHA256),
         Session(SEEN_EARLIER, IS_CONNECTED, (CONNECTED,), stream=1, cipher_suite=NULL_SHA256))
def healthy_resumed(lab):
    """A second connection resumes the TLS session: no certificate in its handshake.

    Python's ssl as server with session tickets; the client connects twice."""
    servers.directaccess(lab, lab.pki.server())
    clients.connect(lab, attempts=2, resume=True)


@healthy(["haproxy", "python"],
         Session(ONLY_NULL, IS_CONNECTED,
                 (("client_certificate_requested", CERTIFICATE_REQUEST), CONNECTED), server="adc"),
         near_miss_of=("client_certificate_rejected",))
def healthy_client_certificate(lab):
    """Preauthentication with the right computer certificate.

    HAProxy with verify required and the machine CA; a client with a certificate of that CA."""
    servers.haproxy(lab, lab.pki.server(), suites=servers.WITH_NULL,
                    bind=f"verify required ca-file {lab.pki.authority(MACHINE_CA).cert}")
    clients.connect(lab, "adc", certificate=lab.pki.machine().combined)


@healthy(["haproxy", "python"],
         Session(ONLY_NULL, IS_CONNECTED,
                 (("client_certificate_requested", CERTIFICATE_REQUEST), CONNECTED), server="adc"),
         near_miss_of=("client_certificate_missing",))
def healthy_client_certificate_optional(lab):
    """A certificate is asked for and not given, and the load balancer does not mind.

    HAProxy with verify optional and the machine CA; a client without a certificate."""
    servers.haproxy(lab, lab.pki.server(), suites=servers.WITH_NULL,
                    bind=f"verify optional ca-file {lab.pki.authority(MACHINE_CA).cert}")
    clients.connect(lab, "adc")
