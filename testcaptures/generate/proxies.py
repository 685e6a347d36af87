"""HTTP proxies of the scenarios.

SPDX-License-Identifier: GPL-2.0-or-later
"""

from pki import SERVER_NAME

SQUID_PORT = 3128
TINYPROXY_PORT = 8888
MITMPROXY_PORT = 8080
APACHE_PORT = 8080
HAPROXY_PORT = 8080

SQUID_CONFIGURATION = """\
http_port {port}
hosts_file {directory}/hosts
pid_filename none
cache deny all
cache_log /dev/stderr
access_log none
shutdown_lifetime 0 seconds
connect_timeout 2 seconds
visible_hostname proxy.example.com
dns_nameservers 127.0.0.1
{rules}
"""

TINYPROXY_CONFIGURATION = """\
User root
Group root
Port {port}
Listen {address}
Timeout 60
LogLevel Info
{rules}
"""

APACHE_CONFIGURATION = """\
ServerRoot {directory}
ServerName proxy.example.com
DefaultRuntimeDir {directory}
PidFile {directory}/apache.pid
ErrorLog /dev/stderr
{modules}
User nobody
Group nogroup
Listen {port}
ProxyRequests On
"""
APACHE_MODULES = ("mpm_event", "authz_core", "proxy", "proxy_connect")


def _write_hosts(lab, names=None):
    """The proxy's only knowledge of names: without `names` that of the DirectAccess server."""
    names = {SERVER_NAME: lab.server.address} if names is None else names
    path = lab.directory / "hosts"
    path.write_text("127.0.0.1 localhost\n"
                    + "".join(f"{address} {name}\n" for name, address in names.items()))
    return path


def _start_with_hosts(lab, *command, listen, names=None):
    """Starts a proxy that resolves names by the system's library."""
    # "ip netns exec" gives each program a mount name space of its own.
    return lab.host("proxy").start("sh", "-c", 'mount --bind "$0" /etc/hosts && exec "$@"',
                                   _write_hosts(lab, names), *command, listen=listen)


def squid(lab, rules="http_access allow all", names=None):
    """Squid; `rules` are further lines of its configuration, `names` the names and addresses it
    knows."""
    _write_hosts(lab, names)
    path = lab.directory / "squid.conf"
    path.write_text(SQUID_CONFIGURATION.format(port=SQUID_PORT, directory=lab.directory,
                                               rules=rules))
    return lab.host("proxy").start("prlimit", "--nofile=1024", "squid", "--foreground", "-f", path,
                                   listen=SQUID_PORT)


def tinyproxy(lab, rules="ConnectPort 443"):
    """tinyproxy; `rules` are further lines of its configuration."""
    path = lab.directory / "tinyproxy.conf"
    path.write_text(TINYPROXY_CONFIGURATION.format(
        port=TINYPROXY_PORT, address=lab.host("proxy").address, rules=rules))
    return _start_with_hosts(lab, "tinyproxy", "-d", "-c", path, listen=TINYPROXY_PORT)


def apache(lab, names=None):
    """Apache httpd as a proxy; `names` as with squid()."""
    path = lab.directory / "apache.conf"
    path.write_text(APACHE_CONFIGURATION.format(
        port=APACHE_PORT, directory=lab.directory, modules="\n".join(
            f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so"
            for name in APACHE_MODULES)))
    return _start_with_hosts(lab, "apache2", "-X", "-f", path, listen=APACHE_PORT, names=names)


def mitmproxy(lab):
    """mitmproxy, which connects to the server before it answers a CONNECT."""
    return _start_with_hosts(lab, "mitmdump", "--listen-port", MITMPROXY_PORT,
                             "--set", f"confdir={lab.directory}",
                             "--set", "connection_strategy=eager", listen=MITMPROXY_PORT)
