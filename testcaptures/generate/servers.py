"""Servers, load balancers and proxies of the scenarios: how each is set up and started.

SPDX-License-Identifier: GPL-2.0-or-later
"""

import subprocess
import sys
from pathlib import Path

PROGRAM = Path(__file__).parent / "tls_server.py"
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
        listen {port} ssl {listen};
        ssl_certificate {certificate.chain};
        ssl_certificate_key {certificate.key};
        ssl_ciphers {suites};
        ssl_protocols TLSv1.2;
        {server}
    }}
}}
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


def s_server_tunnel(lab, certificate, *arguments, suites=WITH_NULL, command=None):
    """openssl s_server with the DirectAccess exchange on its standard streams. `command` is one of
    s_server's interactive commands, given when the request has arrived."""
    read_content, write_content = _pipe()
    read_answer, write_answer = _pipe()
    argv = [sys.executable, PROGRAM, "--standard-streams"]
    lab.server.start(*argv, *(["--command", command] if command else []),
                     stdin=read_content, stdout=write_answer)
    lab.server.start(*_s_server(certificate, suites, 443), *arguments,
                     *([] if command else ["-quiet"]), stdin=read_answer, stdout=write_content,
                     listen=443)
    for stream in (read_content, write_content, read_answer, write_answer):
        stream.close()


def _s_server(certificate, suites, port):
    return ["openssl", "s_server", "-accept", port, "-tls1_2", "-cipher", suites, "-serverpref",
            "-cert", certificate.cert, "-key", certificate.key, "-cert_chain", certificate.chain]


def _pipe():
    read_end, write_end = subprocess.os.pipe()
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
          port=443, listen=""):
    """nginx as a web server; `server` and `http` are further lines of these blocks."""
    return _configured(lab, host, "nginx.conf", NGINX_CONFIGURATION.format(
        directory=lab.directory, port=port, listen=listen, certificate=certificate, suites=suites,
        server=server, http=http),
        lambda path: ["nginx", "-p", lab.directory, "-c", path], port)


def _configured(lab, host, name, text, command, port):
    path = lab.directory / f"{host}-{name}"
    path.write_text(text)
    return lab.host(host).start(*command(path), listen=port)
