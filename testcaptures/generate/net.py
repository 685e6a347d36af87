"""Hosts of a small network, each in a network namespace of its own, and the capture taken on it.

SPDX-License-Identifier: GPL-2.0-or-later
"""

import contextlib
import os
import re
import select
import signal
import subprocess
import time

# RFC 5737 and RFC 3849 documentation addresses; MAC addresses of RFC 7042, section 2.1.2.
ADDRESSES = {
    "client": ("192.0.2.10", "2001:db8:1::10"),
    "client2": ("192.0.2.11", "2001:db8:1::11"),
    "server": ("203.0.113.10", "2001:db8:2::10"),
    "adc": ("203.0.113.20", "2001:db8:2::20"),
    "web": ("203.0.113.80", "2001:db8:2::80"),
    "proxy": ("198.51.100.8", "2001:db8:3::8"),
    "dns": ("198.51.100.53", "2001:db8:3::53"),
}
GATEWAY = ("192.0.2.1", "2001:db8:1::1")
GATEWAY_MAC = "00:00:5e:00:53:01"

# Neighbour discovery, multicast listener reports and ARP say nothing of the scenario.
CAPTURE_FILTER = "not arp and not (ip6 and (ip6[6] == 0 or (ip6[6] == 58 and ip6[40] >= 130)))"

ROUTER_RULES = """
table inet lab {
    chain forward { type filter hook forward priority 0; }
    chain prerouting { type nat hook prerouting priority dstnat; }
}
"""

# dumpcap hands over what the kernel has buffered four times a second.
DUMPCAP_LATENCY = 0.4


class CommandFailed(RuntimeError):
    """A program of a scenario ended with an error; the message holds its output."""


def run(argv, **options):
    """Runs a program to its end and returns the completed process, output captured as text."""
    options.setdefault("timeout", 60)
    check = options.pop("check", True)
    result = subprocess.run([str(word) for word in argv], text=True, capture_output=True, **options)
    if check and result.returncode != 0:
        raise CommandFailed(f"{' '.join(map(str, argv))}: {result.stdout}{result.stderr}")
    return result


class Host:
    """One network namespace. `address` and `address6` are those of ADDRESSES."""

    def __init__(self, lab, name):
        self.lab = lab
        self.name = name
        self.namespace = f"{lab.name}.{name}"
        self.address, self.address6 = ADDRESSES.get(name, GATEWAY)

    def command(self, argv):
        """The argument list that runs `argv` on this host."""
        return ["ip", "netns", "exec", self.namespace, *map(str, argv)]

    def run(self, *argv, **options):
        """Runs a program on this host to its end; raises CommandFailed unless check=False."""
        return run(self.command(argv), **options)

    def start(self, *argv, listen=None, **options):
        """Starts a program on this host that the lab kills at its end, and waits until it listens
        on the TCP port `listen`. Its output goes to the file `process.log` unless redirected, its
        input stays open."""
        log = self.lab.directory / f"{self.name}-{len(self.lab.processes)}.log"
        with open(log, "wb") as output:
            options.setdefault("stdin", subprocess.PIPE)  # s_server ends at the end of its input
            options.setdefault("stdout", output)
            options.setdefault("stderr", output)
            process = subprocess.Popen(self.command(argv), **options)
        process.log = log
        self.lab.processes.append(process)
        if listen:
            self.lab.wait_until(lambda: self.listens(listen), f"{argv[0]} listens on {listen}",
                                process)
        return process

    def listens(self, port, protocol="tcp"):
        """Whether a socket of this host waits on `port`."""
        kind = {"tcp": "-ltn", "udp": "-lun"}[protocol]
        return run(self.command(["ss", "-H", kind, f"sport = :{port}"])).stdout.strip() != ""

    def nft(self, rules):
        """Loads nftables commands."""
        self.run("nft", "-f", "-", input=rules)

    def limit_segments(self, size):
        """Makes this host announce a TCP maximum segment size of `size` bytes."""
        self.run("ip", "route", "change", "default", "via", GATEWAY[0], "advmss", size)


class Lab:
    """A router and the hosts around it, made when first asked for. Use as a context manager.

    `directory` is a scratch folder of this lab, `pki` the certificates (pki.Pki), `keylog` the file
    into which clients and servers may log their session keys (NSS key log format), `packets` what
    went through each tunnel by its ends' own count, see tunnels.keep_packets(), `solicitations` how
    many router solicitations each sent before it had an advertisement, infinity if it got none."""

    def __init__(self, name, directory, pki):
        self.name = name
        self.directory = directory
        self.pki = pki
        self.keylog = directory / "keys.log"
        self.packets = []
        self.solicitations = []
        self.processes = []
        self.hosts = {}
        self.router = Host(self, "router")

    def __enter__(self):
        self.directory.mkdir(parents=True)
        run(["ip", "netns", "add", self.router.namespace])
        self.router.run("ip", "link", "set", "lo", "up")
        self.router.run("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1",
                        "net.ipv6.conf.default.accept_dad=0", "net.ipv4.icmp_ratelimit=0")
        self.router.nft(ROUTER_RULES)
        self.host("client")
        return self

    def __exit__(self, *_):
        for process in self.processes:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            process.wait()
        for host in [self.router, *self.hosts.values()]:
            for pid in run(["ip", "netns", "pids", host.namespace]).stdout.split():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
            run(["ip", "netns", "delete", host.namespace])

    @property
    def client(self):
        """The DirectAccess client, on which captures are taken."""
        return self.host("client")

    @property
    def server(self):
        """The DirectAccess server, or what stands at its address."""
        return self.host("server")

    @property
    def adc(self):
        """The load balancer in front of the DirectAccess server."""
        return self.host("adc")

    def host(self, name):
        """The host `name` of ADDRESSES, made and joined to the router at the first call."""
        if name not in self.hosts:
            self.hosts[name] = self._make_host(name)
        return self.hosts[name]

    def _make_host(self, name):
        host = Host(self, name)
        mac = f"00:00:5e:00:53:{0x10 + list(ADDRESSES).index(name):02x}"
        run(["ip", "netns", "add", host.namespace])
        host.run("sysctl", "-qw", "net.ipv6.conf.default.accept_dad=0",
                 "net.ipv6.conf.default.router_solicitations=0",
                 "net.ipv6.conf.default.addr_gen_mode=1", "net.ipv4.tcp_timestamps=0")
        run(["ip", "link", "add", "eth0", "netns", host.namespace, "address", mac, "type", "veth",
             "peer", "name", name, "netns", self.router.namespace, "address", GATEWAY_MAC])
        for interface, owner in (("eth0", host), (name, self.router)):
            owner.run("ethtool", "-K", interface, "tx", "off", "tso", "off", "gso", "off",
                      "gro", "off")
        lines = ["link set lo up", "link set eth0 up"]
        for bits, address, gateway in ((32, host.address, GATEWAY[0]),
                                                (128, host.address6, GATEWAY[1])):
            lines += [f"addr add {address}/{bits} dev eth0",
                      f"neigh add {gateway} lladdr {GATEWAY_MAC} dev eth0",
                      f"route add {gateway} dev eth0",
                      f"route add default via {gateway} dev eth0"]
            self.router.run("ip", "-batch", "-", input="\n".join(
                [f"link set {name} up", f"addr add {gateway}/{bits} dev {name}",
                 f"neigh add {address} lladdr {mac} dev {name}",
                 f"route add {address} dev {name}"]))
        host.run("ip", "-batch", "-", input="\n".join(lines))
        return host

    def on_path(self, rule):
        """Adds an nftables rule to what the router forwards, such as `tcp dport 443 drop`."""
        self.router.run("nft", "add", "rule", "inet", "lab", "forward", *rule.split())

    def redirect(self, rule):
        """Adds a destination NAT rule, such as `ip daddr 203.0.113.10 dnat ip to 203.0.113.80`."""
        self.router.run("nft", "add", "rule", "inet", "lab", "prerouting", *rule.split())

    def wait_until(self, condition, what, process=None, seconds=30):
        """Waits until `condition()` holds; fails when `process` ends first or the time is over."""
        limit = time.monotonic() + seconds
        while not condition():
            if process and process.poll() is not None:
                raise CommandFailed(f"{what}: ended: {process.log.read_text(errors='replace')}")
            if time.monotonic() > limit:
                raise CommandFailed(f"{what}: not within {seconds} seconds")
            time.sleep(0.02)

    @contextlib.contextmanager
    def capture(self, path, host="client", snaplen=None, capture_filter=CAPTURE_FILTER,
                at_router=False):
        """Captures on a host's interface, or on the router's towards that host, into `path`
        (pcapng) while the block runs."""
        host = self.host(host)
        owner, interface = (self.router, host.name) if at_router else (host, "eth0")
        argv = ["dumpcap", "-q", "-n", "-i", interface, "-f", capture_filter, "-w", path]
        if snaplen:
            argv += ["-s", snaplen]
        process = subprocess.Popen(owner.command(argv), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            _read_until(process.stderr, rb"File: .*\n", seconds=10)
            yield
            time.sleep(DUMPCAP_LATENCY)
            process.send_signal(signal.SIGINT)
            process.wait(timeout=10)
        finally:
            process.kill()
            process.wait()
            process.stderr.close()


def _read_until(stream, pattern, seconds):
    """Reads a pipe until `pattern` has appeared in it."""
    seen = b""
    limit = time.monotonic() + seconds
    while not re.search(pattern, seen):
        ready, _, _ = select.select([stream], [], [], max(0, limit - time.monotonic()))
        chunk = os.read(stream.fileno(), 4096) if ready else b""
        if not chunk:
            raise CommandFailed(f"dumpcap: {seen.decode(errors='replace')}")
        seen += chunk
