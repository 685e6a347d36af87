"""Name servers of the scenarios, and the look-ups of their clients.

SPDX-License-Identifier: GPL-2.0-or-later
"""

from pki import SERVER_NAME

UNBOUND_CONFIGURATION = """\
server:
    interface: {address}
    access-control: 0.0.0.0/0 allow
    chroot: ""
    directory: "{directory}"
    username: ""
    pidfile: ""
    use-syslog: no
    module-config: "iterator"
    do-ip6: no
remote-control:
    control-enable: no
{clauses}
"""

ZONE = """\
$ORIGIN example.com.
$TTL 300
@ SOA ns.example.com. hostmaster.example.com. 1 3600 600 86400 60
@ NS ns.example.com.
"""


def dnsmasq(lab, *records, host="dns", address=None):
    """dnsmasq with the given options, such as --host-record=NAME,ADDRESS; what it does not know it
    refuses."""
    on = lab.host(host)
    # It closes all descriptors it may have open at its start: that takes long where there are many.
    return on.start("prlimit", "--nofile=1024", "dnsmasq", "--keep-in-foreground",
                    "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--pid-file=",
                    "--user=root", "--bind-interfaces",
                    f"--listen-address={address or on.address}", *records, listen=53)


def unbound(lab, clauses):
    """Unbound as the name server; `clauses` are added to its configuration."""
    host = lab.host("dns")
    path = lab.directory / "unbound.conf"
    path.write_text(UNBOUND_CONFIGURATION.format(address=host.address, directory=lab.directory,
                                                 clauses=clauses))
    return host.start("unbound", "-d", "-c", path, listen=53)


def zone(lab, *records):
    """Unbound resolving for its clients; example.com has the given records (as in a zone file) and
    no others."""
    path = lab.directory / "example.com.zone"
    path.write_text(ZONE + "".join(f"{record}\n" for record in records))
    return unbound(lab, f"auth-zone:\n    name: example.com\n    zonefile: {path}\n"
                        "    for-downstream: no\n")


def dig(lab, *words, tries=1, client="client"):
    """A look-up by dig, such as dig(lab, "da.example.com", "A")."""
    lab.host(client).run("dig", f"@{lab.host('dns').address}", f"+tries={tries}", *words,
                         check=False)


def asking(lab, options="attempts:1"):
    """The beginning of a command that asks the name server; `options` as in resolv.conf."""
    configuration = lab.directory / "resolv.conf"
    configuration.write_text(f"nameserver {lab.host('dns').address}\noptions {options}\n")
    # "ip netns exec" gives each program a mount name space of its own.
    return ["sh", "-c", 'mount --bind "$0" /etc/resolv.conf && exec "$@"', configuration]


def look_up(lab, name=SERVER_NAME, options="attempts:1", client="client"):
    """A look-up by the C library, which asks for A and AAAA side by side; `options` as in
    resolv.conf."""
    lab.host(client).run(*asking(lab, options), "getent", "ahosts", f"{name}.", check=False)
