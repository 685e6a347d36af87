"""What is no DirectAccess and must stay as it is.

SPDX-License-Identifier: GPL-2.0-or-later
"""

import functools
import time

import clients
import servers
from pki import EXPIRED, MACHINE_CA, OTHER_CA, PRIVATE_CA
from scenario import scenario
from wire import DIRECTACCESS

foreign = functools.partial(scenario, "Foreign traffic")
untouched = functools.partial(foreign, untouched=True)

WEB = "www.example.net"


def web_certificate(lab, **options):
    """A web server's certificate."""
    return lab.pki.server(f"CN={WEB}", san=(WEB,), **options)


def browser(lab, server="web", **options):
    """A client with encrypted suites that asks for a page."""
    options.setdefault("suites", "encrypted")
    options.setdefault("request", "get")
    clients.connect(lab, server, name=WEB, **options)


@untouched(["nginx", "python"])
def foreign_https(lab):
    """An ordinary HTTPS session.

    nginx and a client with AES suites that asks for a page."""
    servers.nginx(lab, web_certificate(lab), host="web")
    browser(lab)


@untouched(["nginx", "python"], endpoints=DIRECTACCESS, keys=True)
def foreign_https_keys(lab):
    """The same with session keys in the capture, and a DirectAccess endpoint configured elsewhere.

    As foreign-https; the client logs its keys."""
    servers.nginx(lab, web_certificate(lab), host="web")
    browser(lab, keylog=lab.keylog)


@untouched(["openssl", "python"])
def foreign_https_tls13(lab):
    """An ordinary TLS 1.3 session.

    openssl s_server -www and a client with AES suites."""
    certificate = web_certificate(lab)
    lab.host("web").start("openssl", "s_server", "-accept", 443, "-cert", certificate.cert,
                          "-key", certificate.key, "-www", "-quiet", listen=443)
    browser(lab, versions=("1.2", "1.3"))


@untouched(["nginx", "python"], endpoints=DIRECTACCESS)
def foreign_certificate_expired(lab):
    """A web server's certificate is expired, the browser says so.

    nginx with an expired certificate; a client that verifies it: certificate_expired."""
    servers.nginx(lab, web_certificate(lab, days=EXPIRED), host="web")
    browser(lab, trust=lab.pki.authority().cert)


@untouched(["nginx", "python"])
def foreign_certificate_untrusted(lab):
    """A web server's certificate is of a private CA.

    nginx; a client that trusts another CA: unknown_ca."""
    servers.nginx(lab, web_certificate(lab, issuer=PRIVATE_CA), host="web")
    browser(lab, trust=lab.pki.authority().cert)


@untouched(["nginx", "python"])
def foreign_certificate_silently_rejected(lab):
    """A browser resets at a certificate it does not like.

    nginx with a self-signed certificate; a client that resets after the Server Hello Done."""
    servers.nginx(lab, web_certificate(lab, issuer=None), host="web")
    browser(lab, stop_at="certificate", end="rst")


@untouched(["openssl", "python"], endpoints=DIRECTACCESS)
def foreign_handshake_failure(lab):
    """Client and web server have no suite in common.

    OpenSSL s_server with one CHACHA20 suite; a client with AES suites: handshake_failure."""
    servers.s_server(lab, web_certificate(lab), suites="ECDHE-RSA-CHACHA20-POLY1305", host="web")
    browser(lab)


@untouched(["openssl", "python"])
def foreign_protocol_version(lab):
    """An old browser meets a server that speaks TLS 1.2 only.

    OpenSSL s_server; a client with TLS 1.0: protocol_version."""
    servers.s_server(lab, web_certificate(lab), host="web")
    browser(lab, versions=("1.0", "1.0"))


@untouched(["haproxy", "python"], endpoints=DIRECTACCESS)
def foreign_mutual_tls(lab):
    """Mutual TLS elsewhere, the client has no certificate.

    HAProxy with verify required for www.example.net; a client with AES suites and none."""
    ca = lab.pki.authority(MACHINE_CA).cert
    servers.haproxy(lab, web_certificate(lab), host="web", backend="server none 127.0.0.1:1",
                    bind=f"verify required ca-file {ca}")
    browser(lab)


@untouched(["nginx", "python"], keys=True)
def foreign_mutual_tls_400(lab):
    """The same with a web server that completes the handshake and answers 400.

    nginx with ssl_verify_client on; the session keys are in the capture."""
    servers.nginx(lab, web_certificate(lab), host="web",
                  server=servers.nginx_verify(lab.pki.authority(MACHINE_CA)))
    browser(lab, keylog=lab.keylog)


@untouched(["python", "openssl"], keys=True)
def foreign_sstp(lab):
    """SSTP, Microsoft's VPN: the same endless Content-Length, another request.

    Python's ssl as http.sys; a client that sends SSTP_DUPLEX_POST; the keys are in the capture."""
    servers.directaccess(lab, lab.pki.server("CN=vpn.example.com", san=("vpn.example.com",)),
                         suites=servers.ENCRYPTED)
    clients.connect(lab, suites="encrypted", name="vpn.example.com", request="sstp",
                    keylog=lab.keylog)


@untouched(["nginx", "python"])
def foreign_scanner(lab):
    """A scanner offers NULL suites behind all others.

    nginx; a client whose ten AES suites are followed by NULL suites."""
    servers.nginx(lab, web_certificate(lab), host="web")
    browser(lab, suites="null-behind")


@untouched(["openssl", "python"])
def foreign_scanner_rejected(lab):
    """The scanner finds a server with which it has nothing in common.

    OpenSSL s_server with one CHACHA20 suite: handshake_failure."""
    servers.s_server(lab, web_certificate(lab), suites="ECDHE-RSA-CHACHA20-POLY1305", host="web")
    browser(lab, suites="null-behind")


@untouched(["mosquitto", "mosquitto_pub"])
def foreign_mqtt_null(lab):
    """A sensor speaks MQTT over a NULL suite on port 8883.

    Mosquitto with NULL-SHA256; mosquitto_pub that offers only NULL suites."""
    servers.mosquitto(lab, web_certificate(lab), 8883)
    clients.mosquitto_pub(lab, "web", 8883)


@untouched(["mosquitto", "mosquitto_pub"])
def foreign_mqtt_null_rejected(lab):
    """A sensor's NULL suites are refused on port 8883.

    Mosquitto with AES suites; mosquitto_pub that offers only NULL suites."""
    servers.mosquitto(lab, web_certificate(lab), 8883, suites="AES256-SHA256")
    clients.mosquitto_pub(lab, "web", 8883)


@foreign(["nginx", "python"], withdrawn=True)
def withdrawn_web_page(lab):
    """A device offers only NULL suites on port 443, and then asks for a web page.

    nginx with NULL suites; a client that sends GET."""
    servers.nginx(lab, web_certificate(lab), host="web", suites=servers.WITH_NULL)
    browser(lab, suites="null")


@foreign(["nginx", "python"], withdrawn=True)
def withdrawn_certificate(lab):
    """The same, and its server's certificate is expired, self-signed and for another name.

    As withdrawn-web-page: no finding may be left behind."""
    certificate = lab.pki.server("CN=localhost", san=(), issuer=None, days=EXPIRED, usage=())
    servers.nginx(lab, certificate, host="web", suites=servers.WITH_NULL)
    browser(lab, suites="null-first")


@foreign(["mosquitto", "mosquitto_pub"], withdrawn=True)
def withdrawn_mqtt(lab):
    """A sensor speaks MQTT over a NULL suite on port 443.

    As foreign-mqtt-null on the port of HTTPS."""
    servers.mosquitto(lab, web_certificate(lab), 443)
    clients.mosquitto_pub(lab, "web", 443)


def openssl_client(lab, *options, said="", server="web"):
    """openssl s_client, which sends `said` and ends with its input."""
    return lab.client.run("openssl", "s_client", "-connect", f"{lab.host(server).address}:443",
                          "-servername", WEB, *options, check=False, input=said)


def openssl_server(lab, *options, **certificate):
    """openssl s_server of any TLS version."""
    shown = web_certificate(lab, **certificate)
    return lab.host("web").start("openssl", "s_server", "-accept", 443, "-cert", shown.cert,
                                 "-key", shown.key, *options, listen=443)


@untouched(["openssl"])
def foreign_early_data(lab):
    """A resumed TLS 1.3 session whose request comes with the Client Hello.

    openssl s_server with early data; s_client, which sends the request early and closes when the
    handshake is complete."""
    session, request = lab.directory / "session", lab.directory / "request"
    request.write_text("GET / HTTP/1.0\r\n\r\n")
    openssl_server(lab, "-tls1_3", "-early_data")
    openssl_client(lab, "-sess_out", session, said=request.read_text())
    openssl_client(lab, "-sess_in", session, "-early_data", request)


@untouched(["openssl"])
def foreign_renegotiation(lab):
    """A handshake that is renegotiated in an encrypted session.

    openssl s_server that allows it; s_client, told to do so, then a word and the end."""
    openssl_server(lab, "-tls1_2", "-client_renegotiation")
    client = lab.client.start("openssl", "s_client", "-connect", f"{lab.host('web').address}:443")
    for line in ("R", "a word", "Q"):
        time.sleep(0.5)
        client.stdin.write(f"{line}\n".encode())
        client.stdin.flush()
    client.wait(timeout=10)


@untouched(["openssl", "curl"])
def foreign_retry_rejected(lab):
    """Clients of TLS 1.3 do not accept the server's certificate, one after a HelloRetryRequest.

    openssl s_server with the group P-521 alone; curl, which trusts another CA; s_client, which
    trusts none and has that group."""
    openssl_server(lab, "-tls1_3", "-groups", "P-521")
    lab.client.run("curl", "-s", f"https://{WEB}/", "--resolve",
                   f"{WEB}:443:{lab.host('web').address}", check=False)
    openssl_client(lab, "-groups", "P-521", "-verify_return_error")


@untouched(["openssl"])
def foreign_client_certificates(lab):
    """Clients with a certificate, without one, and with one of another CA, in TLS 1.2 and 1.3.

    openssl s_server that insists on one of its CA's; s_client."""
    ca = lab.pki.authority(MACHINE_CA).cert
    openssl_server(lab, "-www", "-Verify", 2, "-verify_return_error", "-CAfile", ca)
    for version in ("-tls1_2", "-tls1_3"):
        for machine in (lab.pki.machine(), None,
                        lab.pki.machine("CN=pc9.partner.example.net", issuer=OTHER_CA)):
            shown = ("-cert", machine.cert, "-key", machine.key) if machine else ()
            openssl_client(lab, version, *shown, said="Q\n")


MONITORS = """\
defaults
    timeout connect 2s
    timeout client 2s
    timeout server 2s
    timeout check 2s
listen connecting
    bind 127.0.0.1:1
    server web {address}:443 check inter 600
listen greeting
    bind 127.0.0.1:2
    option ssl-hello-chk
    server web {address}:443 check inter 600
listen asking
    mode http
    bind 127.0.0.1:3
    option httpchk GET /
    server web {address}:443 check inter 600 ssl verify none
listen handshaking
    bind 127.0.0.1:4
    server web {address}:443 check inter 600 ssl verify none
listen trusting
    bind 127.0.0.1:5
    server web {address}:443 check inter 600 ssl verify required ca-file {authority}
"""


@untouched(["nginx", "haproxy"])
def foreign_monitors(lab):
    """A load balancer's monitors: they connect, send a hello of SSL 3, ask, shake hands, distrust.

    nginx; HAProxy with five kinds of checks, ssl-hello-chk among them."""
    servers.nginx(lab, web_certificate(lab), host="web", server="return 200;")
    path = lab.directory / "monitors.cfg"
    path.write_text(MONITORS.format(address=lab.host("web").address,
                                    authority=lab.pki.authority(PRIVATE_CA).cert))
    lab.client.start("haproxy", "-db", "-f", path)
    time.sleep(1.1)


@untouched(["dropbear", "socat", "python"])
def foreign_ssh(lab):
    """Clients of an SSH server on port 443: one reads its greeting and goes, one tries TLS.

    Dropbear; socat, which ends at once or when it has read the greeting; the TLS client."""
    servers.dropbear(lab, host="web")
    address = lab.host("web").address
    for seconds in ("0.3", "0.01"):
        lab.client.run("timeout", seconds, "socat", "-u", f"TCP:{address}:443", "/dev/null",
                       check=False)
    browser(lab)


@untouched(["haproxy", "curl"])
def foreign_http2(lab):
    """HTTP/2, by TLS 1.3 and by TLS 1.2.

    HAProxy, which answers by itself; curl, which negotiates it by ALPN."""
    servers.haproxy(lab, web_certificate(lab), host="web", bind="alpn h2", mode="http",
                    frontend="http-request return status 200", backend="server none 127.0.0.1:1")
    for options in ((), ("--tls-max", "1.2")):
        lab.client.run("curl", "-sk", *options, f"https://{WEB}/", "--resolve",
                       f"{WEB}:443:{lab.host('web').address}")
