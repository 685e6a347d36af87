"""Servers, load balancers and proxies of the scenarios: how each is set up and started.

SPDX-License-Identifier: GPL-2.0-or-later
"""

import os
import sys
from pathlib import Path

from net import run

PROGRAM = Path(__file__).parent / "tls_server.py"
RELAY = Path(__file__).parent / "record_relay.py"
ENCRYPTED = "ECDHE-RSA-AES256-GCM-SHA384:AES256-GCM-SHA384:AES256-SHA256:AES256-SHA"
WITH_NULL = f"NULL-SHA256:NULL-SHA:{ENCRYPTED}:@SECLEVEL=0"
BACKEND_PORT = 8080

HAPROXY_CONFIGURATION = """\
global
    log stdout format raw local0
    ssl-default-bind-options ssl-min-ver TLSv1.0
defaults
    mode {mode}
    timeout connect 5s
    timeout client 10s
    timeout server 10s
frontend adc
    bind :{port} {tls}
    {frontend}
    default_backend directaccess
backend directaccess
    {backend}
"""

NGINX_TLS = """\
        ssl_certificate {certificate.chain};
        ssl_certificate_key {certificate.key};
        ssl_ciphers {suites};
        ssl_protocols TLSv1.2;
"""

NGINX_CONFIGURATION = """\
daemon off;
user root;
pid {directory}/nginx.pid;
error_log stderr info;
events {{}}
http {{
    access_log off;
    {http}
    server {{
        listen {port} {listen};
        {tls}
        {server}
    }}
}}
"""

NGINX_STREAM_CONFIGURATION = """\
daemon off;
user root;
load_module /usr/lib/nginx/modules/ngx_stream_module.so;
pid {directory}/nginx-stream.pid;
error_log stderr info;
events {{}}
stream {{
    server {{
        listen 443;
        proxy_pass {address}:443;
        {server}
    }}
}}
"""

MOSQUITTO_CONFIGURATION = """\
listener {port}
allow_anonymous true
user root
certfile {certificate.chain}
keyfile {certificate.key}
ciphers {suites}
"""

OPENSSL_CONFIGURATION = """\
openssl_conf = configuration
[configuration]
ssl_conf = ssl
[ssl]
system_default = system
[system]
MaxProtocol = TLSv1.2
"""


def directaccess(lab, certificate=None, host="server", port=443, **options):
    """tls_server.py: a DirectAccess server; without a certificate one behind a load balancer.
    Options are those of the program, with underscores."""
    argv = [sys.executable, PROGRAM, "--port", port]
    argv += ["--certificate", certificate.combined] if certificate else ["--plain"]
    for name, value in options.items():
        argv.append("--" + name.replace("_", "-"))
        argv += value if isinstance(value, (list, tuple)) else [value]
    return lab.host(host).start(*argv, listen=port)


def s_server(lab, certificate, *arguments, suites=WITH_NULL, host="server", port=443):
    """openssl s_server, TLS 1.2, which completes handshakes and says nothing more."""
    return lab.host(host).start(*_s_server(certificate, suites, port), *arguments, listen=port)


def s_server_tunnel(lab, certificate, *arguments, suites=WITH_NULL, command=None, status=200):
    """openssl s_server with the DirectAccess exchange on its standard streams. `command` is one of
    s_server's interactive commands, given when the request has arrived; `status` the answer."""
    read_content, write_content = _pipe()
    read_answer, write_answer = _pipe()
    argv = [sys.executable, PROGRAM, "--standard-streams", "--status", status]
    lab.server.start(*argv, *(["--command", command] if command else []),
                     stdin=read_content, stdout=write_answer)
    lab.server.start(*_s_server(certificate, suites, 443), *arguments,
                     *([] if command else ["-quiet"]), stdin=read_answer, stdout=write_content,
                     listen=443)
    for stream in (read_content, write_content, read_answer, write_answer):
        stream.close()


def _s_server(certificate, suites, port):
    return ["openssl", "s_server", "-accept", port, "-tls1_2", "-cipher", suites, "-serverpref",
            "-cert", certificate.cert, "-key", certificate.key,
            *(["-cert_chain", certificate.issuers] if certificate.issuers.read_text() else [])]


def _pipe():
    read_end, write_end = os.pipe()
    return open(read_end, "rb", buffering=0), open(write_end, "wb", buffering=0)


def haproxy(lab, certificate, bind="", suites=ENCRYPTED, host="adc", port=443, mode="tcp",
            tls=True, frontend="", backend=None):
    """HAProxy as load balancer that ends TLS, with a DirectAccess server behind it. `bind` are
    further words of the bind line; `backend` is the backend's configuration if it is another."""
    if backend is None:
        directaccess(lab, port=BACKEND_PORT)
        backend = f"server da {lab.server.address}:{BACKEND_PORT}"
    words = f"ssl crt {certificate.combined} ciphers {suites} {bind}" if tls else bind
    return _configured(lab, host, "haproxy.cfg", HAPROXY_CONFIGURATION.format(
        mode=mode, port=port, tls=words, frontend=frontend, backend=backend),
        lambda path: ["haproxy", "-db", "-f", path], port)


def nginx(lab, certificate, server="return 404;", http="", suites=ENCRYPTED, host="server",
          port=443):
    """nginx as a web server, without TLS if there is no certificate; `server` and `http` are
    further lines of these blocks."""
    tls = NGINX_TLS.format(certificate=certificate, suites=suites) if certificate else ""
    return _configured(lab, host, "nginx.conf", NGINX_CONFIGURATION.format(
        directory=lab.directory, port=port, listen="ssl" if tls else "", tls=tls, server=server,
        http=http), lambda path: ["nginx", "-p", lab.directory, "-c", path], port)


def nginx_stream(lab, server, host="adc"):
    """nginx that passes what comes on to the server; `server` are further lines of that block."""
    return _configured(lab, host, "nginx-stream.conf", NGINX_STREAM_CONFIGURATION.format(
        directory=lab.directory, address=lab.server.address, server=server),
        lambda path: ["nginx", "-p", lab.directory, "-c", path], 443)


def nginx_verify(authority):
    """nginx' configuration that asks for certificates of an authority."""
    return f"ssl_verify_client on; ssl_client_certificate {authority.cert};"


def gnutls_serv(lab, certificate, priority, *arguments, host="server"):
    """gnutls-serv, which echoes what it gets."""
    return lab.host(host).start("gnutls-serv", "--echo", "--port", 443, "--priority", priority,
                                "--x509certfile", certificate.chain,
                                "--x509keyfile", certificate.key, *arguments, listen=443)


def mitmproxy(lab, authority, *arguments):
    """mitmproxy, which answers in the name of the DirectAccess server with certificates of
    `authority`, or of a CA of its own."""
    if authority:
        (lab.directory / "mitmproxy-ca.pem").write_bytes(authority.combined.read_bytes())
    return lab.host("proxy").start(
        "mitmdump", "--mode", f"reverse:https://{lab.server.address}:443", "--listen-port", 443,
        "--set", f"confdir={lab.directory}", "--ssl-insecure", *arguments, listen=443)


def mosquitto(lab, certificate, port, suites=WITH_NULL):
    """Mosquitto, an MQTT broker."""
    return _configured(lab, "web", "mosquitto.conf", MOSQUITTO_CONFIGURATION.format(
        certificate=certificate, port=port, suites=suites),
        lambda path: [*openssl_tls12(lab), "mosquitto", "-c", path], port)


def openssl_tls12(lab):
    """The beginning of a command whose OpenSSL is not to go beyond TLS 1.2, for programs that can
    only set the lowest version."""
    path = lab.directory / "openssl.cnf"
    path.write_text(OPENSSL_CONFIGURATION)
    return ["env", f"OPENSSL_CONF={path}"]


def record_relay(lab, *arguments, server="server", host="adc"):
    """record_relay.py on `host` in front of `server`."""
    return lab.host(host).start(sys.executable, RELAY, lab.host(server).address, 443, *arguments,
                                listen=443)


def dropbear(lab, host="server"):
    """An SSH server on port 443."""
    key = lab.directory / "dropbear.key"
    run(["dropbearkey", "-t", "rsa", "-f", key])
    return lab.host(host).start("dropbear", "-F", "-E", "-p", 443, "-r", key, listen=443)


def _configured(lab, host, name, text, command, port):
    path = lab.directory / f"{host}-{name}"
    path.write_text(text)
    return lab.host(host).start(*command(path), listen=port)
