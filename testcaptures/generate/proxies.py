"""HTTP proxies of the scenarios.

SPDX-License-Identifier: GPL-2.0-or-later
"""

from pki import SERVER_NAME

SQUID_PORT = 3128
TINYPROXY_PORT = 8888

SQUID_CONFIGURATION = """\
http_port {port}
hosts_file {directory}/hosts
pid_filename none
cache deny all
cache_log /dev/stderr
access_log none
shutdown_lifetime 0 seconds
connect_timeout 3 seconds
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


def _write_hosts(lab):
    """The proxy's only knowledge of names."""
    path = lab.directory / "hosts"
    path.write_text(f"127.0.0.1 localhost\n{lab.server.address} {SERVER_NAME}\n")
    return path


def squid(lab, rules="http_access allow all"):
    """Squid; `rules` are further lines of its configuration."""
    _write_hosts(lab)
    path = lab.directory / "squid.conf"
    path.write_text(SQUID_CONFIGURATION.format(port=SQUID_PORT, directory=lab.directory,
                                               rules=rules))
    return lab.host("proxy").start("prlimit", "--nofile=1024", "squid", "--foreground", "-f", path,
                                   listen=SQUID_PORT)


def tinyproxy(lab, rules="ConnectPort 443"):
    """tinyproxy; `rules` are further lines of its configuration."""
    host = lab.host("proxy")
    path = lab.directory / "tinyproxy.conf"
    path.write_text(TINYPROXY_CONFIGURATION.format(port=TINYPROXY_PORT, address=host.address,
                                                   rules=rules))
    # "ip netns exec" gives each program a mount name space of its own.
    return host.start("sh", "-c", 'mount --bind "$0" /etc/hosts && exec tinyproxy -d -c "$1"',
                      _write_hosts(lab), path, listen=TINYPROXY_PORT)
