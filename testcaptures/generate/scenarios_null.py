"""The server's answer to the Client Hello: NULL suites refused, silence, no TLS at all.

SPDX-License-Identifier: GPL-2.0-or-later
"""

import functools

import clients
import servers
from pki import OTHER_CA
from scenario import NO_CODE, Session, scenario
from wire import (BAD_RECORD_MAC, CLIENT_DATA, CLIENT_FIN, CLIENT_RESET, CONFIGURED, CONNECTED,
                  DIRECTACCESS, FAILED, HANDSHAKE_FAILURE, IS_CONNECTED, NULL_FIRST, ONLY_NULL,
                  PROTOCOL_VERSION, SERVER_DATA, SERVER_FIN, SERVER_RESET, UNKNOWN_CA,
                  UNRECOGNIZED_NAME, WINDOWS_7, WINDOWS_8, client_alert, server_alert)

null_ciphers = functools.partial(scenario, "Answers to the Client Hello")

SEC_E_ILLEGAL_MESSAGE = 0x80090326
SEC_E_UNSUPPORTED_FUNCTION = 0x80090302
SEC_E_MESSAGE_ALTERED = 0x8009030F
CLIENT_HELLO_PHASE = 4

# Matches of nftables on the TLS record at the start of a segment (hosts send no TCP timestamps, so
# that it begins 20 bytes into the TCP header).
TO_SERVER = "tcp dport 443"
HAS_DATA = "meta length > 60"
IS_LARGE = "meta length > 600"
IS_CLIENT_KEY_EXCHANGE = "@th,160,8 22 @th,200,8 16"


def rejected(slug, display_filter, tagged_by, **options):
    """A session that failed on the answer to its Client Hello."""
    options.setdefault("client_type", WINDOWS_8)
    options.setdefault("windows_error", SEC_E_ILLEGAL_MESSAGE)
    return Session(tagged_by, FAILED, ((slug, display_filter),), phase=CLIENT_HELLO_PHASE,
                   **options)


@null_ciphers(
    ["openssl", "python"],
    rejected("null_cipher_rejected", server_alert(HANDSHAKE_FAILURE), ONLY_NULL),
    near_miss_of=("not_tls",))
def null_rejected_alert(lab):
    """The server has no NULL suite enabled and answers handshake_failure.

    OpenSSL s_server with AES suites only; a client that offers only NULL suites."""
    servers.s_server(lab, lab.pki.server(), suites=servers.ENCRYPTED)
    clients.connect(lab)


@null_ciphers(
    ["haproxy", "python"],
    rejected("null_cipher_rejected", server_alert(HANDSHAKE_FAILURE), ONLY_NULL, server="adc"))
def null_rejected_adc(lab):
    """The load balancer has no NULL suite enabled and answers handshake_failure.

    HAProxy with AES suites only; a client that offers only NULL suites."""
    servers.haproxy(lab, lab.pki.server())
    clients.connect(lab, "adc")


@null_ciphers(["gnutls"], rejected("null_cipher_rejected", server_alert(HANDSHAKE_FAILURE),
                                   ONLY_NULL))
def null_rejected_gnutls(lab):
    """The same between two other implementations.

    gnutls-serv with its default suites; gnutls-cli with a priority string of NULL suites alone."""
    servers.gnutls_serv(lab, lab.pki.server(), "NORMAL:-VERS-TLS1.3")
    clients.gnutls_cli(lab, "NONE:+VERS-TLS1.2:+RSA:+NULL:+SHA256:+SHA1:+COMP-NULL:+SIGN-ALL")


@null_ciphers(
    ["openssl", "python"],
    rejected("null_cipher_rejected", server_alert(HANDSHAKE_FAILURE), CONFIGURED),
    endpoints=DIRECTACCESS, near_miss_of=("hello_rejected",))
def null_rejected_configured(lab):
    """The same where the endpoint is configured.

    As null-rejected-alert."""
    null_rejected_alert(lab)


@null_ciphers(
    ["haproxy", "python"],
    rejected("null_cipher_rejected", server_alert(HANDSHAKE_FAILURE), NULL_FIRST, server="adc"))
def null_first_rejected(lab):
    """A client offers NULL suites ahead of encrypted ones and is refused altogether.

    HAProxy with one CHACHA20 suite, which the client does not offer."""
    servers.haproxy(lab, lab.pki.server(), suites="ECDHE-RSA-CHACHA20-POLY1305")
    clients.connect(lab, "adc", suites="null-first")


@null_ciphers(["openssl", "nft", "python"], rejected("null_cipher_rejected", SERVER_RESET,
                                                          ONLY_NULL, windows_error=NO_CODE))
def null_rejected_reset(lab):
    """The Client Hello is answered with RST.

    OpenSSL s_server behind a router that rejects the Client Hello with a TCP reset (nftables)."""
    servers.s_server(lab, lab.pki.server(), suites=servers.ENCRYPTED)
    lab.on_path(f"{TO_SERVER} {HAS_DATA} reject with tcp reset")
    clients.connect(lab)


@null_ciphers(["haproxy", "python"], rejected("null_cipher_rejected", SERVER_FIN, ONLY_NULL,
                                              server="adc", windows_error=NO_CODE))
def null_rejected_fin(lab):
    """The Client Hello is answered with FIN, without an alert.

    HAProxy in TCP mode that passes TLS through and closes the connection when it has seen a Client
    Hello (tcp-request content reject)."""
    servers.haproxy(lab, lab.pki.server(), tls=False, frontend="tcp-request inspect-delay 5s\n"
                    "    tcp-request content reject if { req.ssl_hello_type 1 }")
    clients.connect(lab, "adc")


@null_ciphers(["nginx", "python"], rejected("hello_rejected", server_alert(UNRECOGNIZED_NAME),
                                            ONLY_NULL))
def hello_rejected_name(lab):
    """NULL suites are offered, but it is the name that the server refuses: unrecognized_name.

    nginx with ssl_reject_handshake on for names it does not serve; a client that offers only NULL
    suites."""
    servers.nginx(lab, lab.pki.server(), server="ssl_reject_handshake on;",
                  suites=servers.WITH_NULL)
    clients.connect(lab)


@null_ciphers(["haproxy", "python"], rejected("hello_rejected", server_alert(UNRECOGNIZED_NAME),
                                              CONFIGURED, server="adc", client_type=WINDOWS_7),
              endpoints=DIRECTACCESS)
def hello_rejected_strict_sni(lab):
    """A Windows 7 client's server name is none of the load balancer's.

    HAProxy with strict-sni and a certificate for www.example.net; a client with AES suites."""
    certificate = lab.pki.server("CN=www.example.net", san=("www.example.net",))
    servers.haproxy(lab, certificate, bind="strict-sni")
    clients.connect(lab, "adc", suites="encrypted")


@null_ciphers(["openssl", "python"], rejected("hello_rejected", server_alert(PROTOCOL_VERSION),
                                              CONFIGURED, client_type=WINDOWS_7,
                                              windows_error=SEC_E_UNSUPPORTED_FUNCTION),
              endpoints=DIRECTACCESS)
def hello_rejected_version(lab):
    """A Windows 7 client with TLS 1.0 meets a server that speaks TLS 1.2 only.

    OpenSSL s_server with TLS 1.2; a client with TLS 1.0 and AES suites."""
    servers.s_server(lab, lab.pki.server())
    clients.connect(lab, suites="encrypted", versions=("1.0", "1.0"))


@null_ciphers(["openssl", "python"], rejected("hello_rejected", server_alert(PROTOCOL_VERSION),
                                              ONLY_NULL, windows_error=SEC_E_UNSUPPORTED_FUNCTION))
def hello_rejected_version_null(lab):
    """NULL suites in a TLS 1.0 Client Hello: it is the version that the server refuses.

    OpenSSL s_server with TLS 1.2; a client with TLS 1.0 that offers only NULL suites."""
    servers.s_server(lab, lab.pki.server())
    clients.connect(lab, versions=("1.0", "1.0"))


@null_ciphers(["haproxy", "python"], rejected("hello_rejected", server_alert(HANDSHAKE_FAILURE),
                                              CONFIGURED, server="adc", client_type=WINDOWS_7),
              endpoints=DIRECTACCESS, near_miss_of=("null_cipher_rejected",))
def hello_rejected_windows7(lab):
    """A Windows 7 client and the load balancer have no suite in common.

    HAProxy with one CHACHA20 suite; a client with AES suites."""
    servers.haproxy(lab, lab.pki.server(), suites="ECDHE-RSA-CHACHA20-POLY1305")
    clients.connect(lab, "adc", suites="encrypted")


@null_ciphers(["openssl", "nft", "python"],
              rejected("hello_rejected", SERVER_RESET, CONFIGURED, client_type=WINDOWS_7),
              endpoints=DIRECTACCESS)
def hello_rejected_reset(lab):
    """A Windows 7 client's Client Hello is answered with RST.

    As null-rejected-reset, with a client that offers AES suites."""
    servers.s_server(lab, lab.pki.server())
    lab.on_path(f"{TO_SERVER} {HAS_DATA} reject with tcp reset")
    clients.connect(lab, suites="encrypted")


@null_ciphers(["openssl", "nft", "python"],
              Session(ONLY_NULL, FAILED, (("hello_unanswered", CLIENT_DATA, 3),),
                      client_type=WINDOWS_8, phase=CLIENT_HELLO_PHASE))
def hello_unanswered(lab):
    """The Client Hello is sent again and again, the server never says a byte.

    OpenSSL s_server behind a router that drops every segment with data (nftables)."""
    servers.s_server(lab, lab.pki.server())
    lab.on_path(f"{TO_SERVER} {HAS_DATA} drop")
    clients.connect(lab, patience=2)


@null_ciphers(["openssl", "nft", "python"],
              Session(ONLY_NULL, FAILED, (("hello_unanswered", CLIENT_FIN),),
                      client_type=WINDOWS_8, phase=CLIENT_HELLO_PHASE))
def hello_unanswered_fin(lab):
    """The client gives up with FIN before it has sent its Client Hello a third time.

    As hello-unanswered; the client waits 0.1 seconds."""
    servers.s_server(lab, lab.pki.server())
    lab.on_path(f"{TO_SERVER} {HAS_DATA} drop")
    clients.connect(lab, patience=0.1)


@null_ciphers(["haproxy", "python"],
              Session(CONFIGURED, FAILED, (("hello_unanswered", CLIENT_RESET),), server="adc",
                      client_type=WINDOWS_7, phase=CLIENT_HELLO_PHASE),
              endpoints=DIRECTACCESS)
def hello_unanswered_reset(lab):
    """A Windows 7 client gives up with RST; its Client Hello was acknowledged, but not answered.

    HAProxy in TCP mode that waits for data it never gets (tcp-request inspect-delay)."""
    servers.haproxy(lab, lab.pki.server(), tls=False, frontend="tcp-request inspect-delay 9s\n"
                    "    tcp-request content accept if { req.len gt 9000 }")
    clients.connect(lab, "adc", suites="encrypted", patience=1, end="rst")


@null_ciphers(["openssl", "nft", "python"],
              Session(ONLY_NULL, IS_CONNECTED, (CONNECTED,)), near_miss_of=("hello_unanswered",))
def hello_retransmitted(lab):
    """The first Client Hello is lost, the second one answered: all is well.

    OpenSSL s_server behind a router that drops the client's third packet (nftables)."""
    servers.s_server_tunnel(lab, lab.pki.server())
    lab.on_path(f"{TO_SERVER} ct original packets 3 drop")
    clients.connect(lab)


@null_ciphers(["openssl", "nft", "python"],
              rejected("null_cipher_rejected", server_alert(HANDSHAKE_FAILURE), ONLY_NULL))
def null_rejected_after_loss(lab):
    """The first Client Hello is lost, the second one refused.

    As hello-retransmitted, with a server that has AES suites only."""
    servers.s_server(lab, lab.pki.server(), suites=servers.ENCRYPTED)
    lab.on_path(f"{TO_SERVER} ct original packets 3 drop")
    clients.connect(lab)


@null_ciphers(["nginx", "python"],
              Session(ONLY_NULL, FAILED, (("not_tls", SERVER_DATA),), server="adc",
                      client_type=WINDOWS_8, windows_error=NO_CODE))
def not_tls_http(lab):
    """Port 443 leads to a web server without TLS: it answers 400 in plain text.

    nginx listening on 443 without ssl; a client that offers only NULL suites."""
    servers.nginx(lab, None, host="adc")
    clients.connect(lab, "adc")


@null_ciphers(["nginx", "python"],
              Session(CONFIGURED, FAILED, (("not_tls", SERVER_DATA),), client_type=WINDOWS_7,
                      windows_error=NO_CODE),
              endpoints=DIRECTACCESS)
def not_tls_portal(lab):
    """A captive portal answers in the server's place and sends the client to its login page.

    The router redirects port 443 to nginx without ssl on another host, whose answer to bad requests
    is a redirection (nftables dnat)."""
    servers.nginx(lab, None, host="web",
                  server="error_page 400 =302 http://portal.example.net/login;")
    portal = lab.host("web").address
    lab.redirect(f"ip daddr {lab.server.address} tcp dport 443 dnat ip to {portal}")
    clients.connect(lab, suites="encrypted")


@null_ciphers(["dropbear", "python"],
              Session(CONFIGURED, FAILED, (("not_tls", SERVER_DATA),), client_type=WINDOWS_8,
                      windows_error=NO_CODE),
              endpoints=(("", "203.0.113.10", "443", "", ""),))
def not_tls_ssh(lab):
    """A wrong NAT rule leads to an SSH server.

    Dropbear on port 443; the endpoint is known by its address."""
    servers.dropbear(lab)
    clients.connect(lab)


@null_ciphers(["dropbear", "python"],
              Session(CONFIGURED, FAILED, (("not_tls", SERVER_DATA),), windows_error=NO_CODE),
              endpoints=(("da.example.com", "203.0.113.10", "443", "", ""),))
def not_tls_before_hello(lab):
    """The SSH server speaks before the client has sent its Client Hello.

    As not-tls-ssh, known by name as well; the client begins its handshake after 0.2 seconds."""
    servers.dropbear(lab)
    clients.connect(lab, delay=0.2)


@null_ciphers(["openssl", "nft", "python"],
              Session(ONLY_NULL, FAILED, (("handshake_failed", SERVER_RESET),),
                      client_type=WINDOWS_8, windows_error=NO_CODE))
def handshake_failed_reset(lab):
    """After the Server Hello the connection is reset, though no client certificate was asked for.

    OpenSSL s_server behind a router that rejects the Client Key Exchange (nftables)."""
    servers.s_server(lab, lab.pki.server())
    lab.on_path(f"{TO_SERVER} {IS_CLIENT_KEY_EXCHANGE} reject with tcp reset")
    clients.connect(lab)


@null_ciphers(["openssl", "nft", "python"],
              Session(ONLY_NULL, FAILED, (("handshake_failed", CLIENT_FIN),),
                      client_type=WINDOWS_8, windows_error=NO_CODE),
              capture={"host": "server"}, near_miss_of=("certificate_silently_rejected",))
def handshake_failed_answer_lost(lab):
    """The server's certificate gets lost on the path, again and again, until the client gives up.

    Captured on the server: OpenSSL s_server behind a router that drops its large segments (nftables),
    as where the path has a smaller MTU and no ICMP comes back. The client waits 2 seconds."""
    servers.s_server(lab, lab.pki.server())
    lab.on_path(f"tcp sport 443 {IS_LARGE} drop")
    clients.connect(lab, patience=2)


@null_ciphers(["openssl", "python"],
              Session(ONLY_NULL, FAILED, (("handshake_failed", server_alert(BAD_RECORD_MAC)),),
                      server="adc", client_type=WINDOWS_8, windows_error=SEC_E_MESSAGE_ALTERED))
def handshake_failed_tampered(lab):
    """A middlebox alters the client's key exchange, the server answers bad_record_mac.

    OpenSSL s_server with NULL suites behind a relay (record_relay.py) that changes one bit of the
    encrypted premaster secret."""
    servers.s_server(lab, lab.pki.server())
    servers.record_relay(lab, "--tamper")
    clients.connect(lab, "adc")


@null_ciphers(["haproxy", "python"],
              Session(CONFIGURED, FAILED, (("handshake_failed", client_alert(UNKNOWN_CA)),),
                      server="adc", client_type=WINDOWS_7),
              endpoints=DIRECTACCESS)
def handshake_failed_retry(lab):
    """TLS 1.3 without keys: the client's alert follows a second Client Hello.

    HAProxy with the curve P-384 alone, which asks for another Client Hello (Hello Retry Request);
    a client that trusts another authority: unknown_ca. The certificate cannot be seen."""
    servers.haproxy(lab, lab.pki.server(), bind="curves P-384")
    clients.connect(lab, "adc", suites="encrypted", versions=("1.2", "1.3"),
                    trust=lab.pki.authority(OTHER_CA).cert)


@null_ciphers(["haproxy", "python"],
              Session(CONFIGURED, FAILED, (("handshake_failed", SERVER_FIN),), server="adc",
                      client_type=WINDOWS_7),
              endpoints=DIRECTACCESS)
def handshake_failed_timeout(lab):
    """The client does not go on after the Server Hello, the load balancer loses patience.

    HAProxy with timeout client 1s; a client that stops there."""
    servers.haproxy(lab, lab.pki.server(), frontend="timeout client 1s")
    clients.connect(lab, "adc", suites="encrypted", stop_at="server-hello-done", linger=3)


@null_ciphers(["python", "openssl"],
              Session(CONFIGURED, FAILED, (("handshake_failed", client_alert(PROTOCOL_VERSION)),),
                      client_type=WINDOWS_8),
              endpoints=DIRECTACCESS)
def handshake_failed_version(lab):
    """The server answers with TLS 1.0, which the client does not accept: protocol_version.

    Python's ssl as server with TLS 1.0 and NULL-SHA; a client with TLS 1.2."""
    servers.directaccess(lab, lab.pki.server(), versions=("1.0", "1.0"))
    clients.connect(lab)
