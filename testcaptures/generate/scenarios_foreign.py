"""What is no DirectAccess and must stay as it is.

SPDX-License-Identifier: GPL-2.0-or-later
"""

import functools

import clients
import servers
from pki import EXPIRED, MACHINE_CA, PRIVATE_CA
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
