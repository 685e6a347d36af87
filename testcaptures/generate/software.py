"""The programs that make the captures: how each tells its version, and which Debian package has it.

SPDX-License-Identifier: GPL-2.0-or-later
"""

import functools
import importlib.util
import re
import shutil
import subprocess
from dataclasses import dataclass


@dataclass(frozen=True)
class Program:
    """`command` prints the version that `pattern` finds. `module` is set where the program is one
    of Debian's Python."""
    title: str
    package: str
    command: tuple
    pattern: str = r"\d+(?:\.\d+)+[a-z]?"
    module: str = None


PROGRAMS = {
    "dumpcap": Program("Dumpcap", "wireshark-common", ("dumpcap", "--version")),
    "tshark": Program("TShark", "tshark", ("tshark", "--version")),
    "ip": Program("iproute2", "iproute2", ("ip", "-V")),
    "ethtool": Program("ethtool", "ethtool", ("ethtool", "--version"), r"\d\S*"),
    "nft": Program("nftables", "nftables", ("nft", "--version")),
    "unshare": Program("util-linux", "util-linux", ("unshare", "--version")),
    "setpriv": Program("setpriv", "util-linux", ("setpriv", "--version")),
    "sysctl": Program("procps", "procps", ("sysctl", "--version")),
    "certtool": Program("certtool", "gnutls-bin", ("certtool", "--version")),
    "gnutls": Program("GnuTLS", "gnutls-bin", ("gnutls-cli", "--version")),
    # Its tools do not tell their version, the package does.
    "nss": Program("NSS", "libnss3-tools",
                   ("dpkg-query", "-W", "-f", "${Version}", "libnss3-tools"),
                   r"(?<=:)\d+(?:\.\d+)+"),
    "openssl": Program("OpenSSL", "openssl", ("openssl", "version")),
    "python": Program("Python", "python3", ("/usr/bin/python3", "-V")),
    "haproxy": Program("HAProxy", "haproxy", ("haproxy", "-v")),
    "nginx": Program("nginx", "nginx", ("nginx", "-v")),
    "nginx_stream": Program("nginx stream", "libnginx-mod-stream",
                            ("dpkg-query", "-W", "-f", "${Version}", "libnginx-mod-stream")),
    "mosquitto": Program("Mosquitto", "mosquitto", ("mosquitto", "-h")),
    "mosquitto_pub": Program("mosquitto_pub", "mosquitto-clients", ("mosquitto_pub", "--help")),
    "dropbear": Program("Dropbear", "dropbear-bin", ("dropbear", "-V")),
    "mitmproxy": Program("mitmproxy", "mitmproxy", ("mitmdump", "--version")),
    "squid": Program("Squid", "squid-openssl", ("squid", "-v")),
    "apache": Program("Apache httpd", "apache2-bin", ("apache2", "-v")),
    "tinyproxy": Program("tinyproxy", "tinyproxy-bin", ("tinyproxy", "-v")),
    "dnsmasq": Program("dnsmasq", "dnsmasq-base", ("dnsmasq", "--version")),
    "radvd": Program("radvd", "radvd", ("radvd", "--version")),
    "unbound": Program("Unbound", "unbound", ("unbound", "-V")),
    "dig": Program("dig", "bind9-dnsutils", ("dig", "-v")),
    "curl": Program("curl", "curl", ("curl", "--version")),
    "ping": Program("iputils ping", "iputils-ping", ("ping", "-V"), r"\d{8}"),
    "socat": Program("socat", "socat", ("socat", "-V")),
    "strongswan": Program("strongSwan", "strongswan-swanctl strongswan-charon "
                          "libstrongswan-standard-plugins libcharon-extra-plugins",
                          ("swanctl", "--help")),
    "scapy": Program("Scapy", "python3-scapy",
                     ("/usr/bin/python3", "-c", "import scapy; print(scapy.__version__)"),
                     module="scapy"),
}

# Needed whatever the scenario.
FRAMEWORK = ("dumpcap", "tshark", "ip", "ethtool", "nft", "unshare", "setpriv", "sysctl",
             "certtool")


def missing_packages(names):
    """Debian packages, sorted, of those programs of `names` that are not installed."""
    return sorted({PROGRAMS[name].package for name in names if not _is_installed(PROGRAMS[name])})


def _is_installed(program):
    if program.module:
        return importlib.util.find_spec(program.module) is not None
    return shutil.which(program.command[0]) is not None


@functools.cache
def version(name):
    """Title and version, such as `HAProxy 2.6.12`."""
    program = PROGRAMS[name]
    result = subprocess.run(program.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, check=False)
    found = re.search(program.pattern, result.stdout)
    return f"{program.title} {found.group(0) if found else '(version unknown)'}"
