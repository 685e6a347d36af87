"""Scenarios of HTTP proxies between the client and the server.

SPDX-License-Identifier: GPL-2.0-or-later
"""

import time

import proxies
import resolvers
import servers
import tunnels
from expected import WINDOWS_8, connected
from scenario import Session, scenario
from wire import CLIENT_HELLO, HANDSHAKE_FAILURE

GROUP = "Proxies"
NAME = "da.example.com"
BY_NAME = ((NAME, "", "", "", ""),)
BY_ADDRESS = (("", "203.0.113.10", "", "", ""),)
TARGET = f"{NAME}:443"

FROM_PROXY = "ip.src == 198.51.100.8"
ACCEPTED = "http.response.code == 200"
ALERT = f"tls.alert_message.desc == {HANDSHAKE_FAILURE}"
ANSWER = f"tls.record.content_type == 23 && {FROM_PROXY}"
WSANO_DATA, ILLEGAL_MESSAGE = 0x2AFC, 0x80090326
PROXY = 3

AUTHENTICATED = """\
auth_param basic program /usr/lib/squid/basic_fake_auth
auth_param basic realm Example Corp
acl known proxy_auth REQUIRED
http_access allow known
http_access deny all
"""
RESETTING = """\
acl tunnels method CONNECT
deny_info TCP_RESET tunnels
http_access deny tunnels
"""
FOREIGN = """\
auth_param basic program /usr/lib/squid/basic_fake_auth
acl known proxy_auth REQUIRED
acl forbidden dstdomain forbidden.example.com
acl private dstdomain private.example.com
acl reset dstdomain reset.example.com
deny_info TCP_RESET reset
http_access deny forbidden
http_access deny reset
http_access deny private !known
http_access allow all
"""


def refused(decides, tagged_by=1, **fields):
    """A session that ends at the proxy."""
    return Session(tagged_by, 3, (("proxy_refused", decides),), server="proxy", phase=PROXY,
                   windows_error=WSANO_DATA, **fields)


def answered(status, **fields):
    """A session whose CONNECT the proxy answers with `status`."""
    return refused(f"http.response.code == {status}", **fields)


def ask(lab, target=TARGET, port=proxies.SQUID_PORT, **options):
    """An attempt through the proxy."""
    tunnels.attempt(lab, to="proxy", port=port, proxy_target=target, **options)


@scenario(GROUP, ["squid", "python"], answered(407), endpoints=BY_NAME)
def proxy_refused_407(lab):
    """The proxy wants to know who asks.

    Squid with basic authentication; the client has no credentials for it."""
    proxies.squid(lab, AUTHENTICATED)
    ask(lab)


@scenario(GROUP, ["squid", "python"], answered(403), endpoints=BY_NAME,
          near_miss_of=("proxy_in_path",))
def proxy_refused_403(lab):
    """The proxy forbids the connection.

    Squid with a rule that denies all."""
    proxies.squid(lab, "http_access deny all")
    ask(lab)


@scenario(GROUP, ["tinyproxy", "python"], answered(403, endpoint=f"{NAME}:8443"),
          endpoints=((NAME, "", "8443", "", ""),))
def proxy_refused_port(lab):
    """The proxy allows CONNECT to port 443 only, and the server is on 8443.

    tinyproxy with ConnectPort 443."""
    proxies.tinyproxy(lab)
    ask(lab, target=f"{NAME}:8443", port=proxies.TINYPROXY_PORT)


@scenario(GROUP, ["squid", "python"], answered(503), endpoints=BY_NAME)
def proxy_refused_503(lab):
    """The proxy cannot reach the server.

    Squid; nothing listens on the server's port."""
    proxies.squid(lab)
    ask(lab)


@scenario(GROUP, ["squid", "dnsmasq", "python"], answered(500), endpoints=BY_NAME)
def proxy_refused_unresolved(lab):
    """The proxy cannot resolve the server's name.

    Squid, whose name server dnsmasq answers NXDOMAIN."""
    resolvers.dnsmasq(lab, "--local=/example.com/", host="proxy", address="127.0.0.1")
    proxies.squid(lab, names={})
    ask(lab)


@scenario(GROUP, ["squid", "nft", "python"], answered(503), endpoints=BY_NAME)
def proxy_refused_timeout(lab):
    """The server does not answer the proxy, which says so after two seconds.

    Squid; nftables on the path drops what it sends to the server."""
    proxies.squid(lab)
    lab.on_path("ip saddr 198.51.100.8 tcp dport 443 drop")
    ask(lab)


@scenario(GROUP, ["mitmproxy", "python"], answered(502), endpoints=BY_NAME)
def proxy_refused_502(lab):
    """The proxy gets no proper answer from the server.

    mitmproxy; nothing listens on the server's port."""
    proxies.mitmproxy(lab)
    ask(lab, port=proxies.MITMPROXY_PORT)


@scenario(GROUP, ["apache", "python"], answered(502), endpoints=BY_NAME)
def proxy_refused_unresolved_502(lab):
    """The proxy cannot resolve the server's name and says so in another way.

    Apache httpd with mod_proxy_connect, which knows no name."""
    proxies.apache(lab, names={})
    ask(lab, port=proxies.APACHE_PORT)


@scenario(GROUP, ["haproxy", "squid", "nft", "python"], answered(504), endpoints=BY_NAME)
def proxy_refused_504(lab):
    """The proxy's proxy does not answer in time.

    HAProxy, which waits one second for Squid behind it; nftables on the path drops what that sends
    to the server."""
    proxies.squid(lab)
    servers.haproxy(lab, None, tls=False, host="proxy", port=proxies.HAPROXY_PORT, mode="http",
                    backend=f"timeout server 1s\n    server squid 127.0.0.1:{proxies.SQUID_PORT}")
    lab.on_path("ip saddr 198.51.100.8 tcp dport 443 drop")
    ask(lab, port=proxies.HAPROXY_PORT)


@scenario(GROUP, ["tinyproxy", "python"], answered(500), endpoints=BY_NAME)
def proxy_refused_500(lab):
    """The proxy cannot reach the server and says so in another way.

    tinyproxy; nothing listens on the server's port."""
    proxies.tinyproxy(lab)
    ask(lab, port=proxies.TINYPROXY_PORT)


@scenario(GROUP, ["squid", "python"], refused(f"tcp.flags.reset == 1 && {FROM_PROXY}"),
          endpoints=BY_NAME)
def proxy_refused_rst(lab):
    """The proxy resets the connection instead of answering.

    Squid with deny_info TCP_RESET."""
    proxies.squid(lab, RESETTING)
    ask(lab)


@scenario(GROUP, ["socat", "python"], refused(f"tcp.flags.fin == 1 && {FROM_PROXY}"),
          endpoints=BY_NAME)
def proxy_refused_fin(lab):
    """The proxy closes the connection without an answer.

    socat in its place reads and closes after one second."""
    lab.host("proxy").start("socat", f"TCP-LISTEN:{proxies.SQUID_PORT},reuseaddr",
                            "SYSTEM:read request && sleep 1", listen=proxies.SQUID_PORT)
    ask(lab)


@scenario(GROUP, ["squid", "python"], answered(403, endpoint="203.0.113.10:443"),
          endpoints=BY_ADDRESS)
def proxy_refused_by_address(lab):
    """The client asks for an address, and the proxy forbids it.

    The address is configured; Squid denies all."""
    proxies.squid(lab, "http_access deny all")
    ask(lab, target=f"{lab.server.address}:443")


@scenario(GROUP, ["squid", "python", "radvd", "ping"],
          connected(server="proxy", stream=0, client_type=WINDOWS_8, findings=(
              ("proxy_in_path", CLIENT_HELLO), ("connected", ANSWER))),
          answered(503, tagged_by=5, stream=1))
def proxy_refused_learned(lab):
    """Nothing configured: a tunnel through the proxy, then the proxy cannot reach the server.

    The endpoint is known from the tunnel in the same capture. Squid; the server's program ends with
    the session."""
    proxies.squid(lab)
    with tunnels.session(lab, tunnels.serve(lab), to="proxy", port=proxies.SQUID_PORT,
                         proxy_target=TARGET):
        tunnels.ping(lab, count=1)
    ask(lab)


@scenario(GROUP, ["squid", "python", "radvd", "ping"],
          connected(tagged_by=1, server="proxy", client_type=WINDOWS_8, findings=(
              ("proxy_refused", "http.response.code == 407"), ("proxy_in_path", ACCEPTED),
              ("connected", ANSWER))), endpoints=BY_NAME)
def proxy_407_then_200(lab):
    """The proxy wants to know who asks, the client tells it, and the tunnel opens.

    Squid with basic authentication, both requests on the same connection. The first answer is a
    refusal; the verdict is that of the end."""
    proxies.squid(lab, AUTHENTICATED)
    with tunnels.session(lab, tunnels.serve(lab), to="proxy", port=proxies.SQUID_PORT,
                         proxy_target=TARGET, proxy_authorization="Basic cGMxNzpwYzE3"):
        tunnels.ping(lab, count=1)


@scenario(GROUP, ["squid", "nginx", "python"],
          Session(3, 3, (("proxy_in_path", CLIENT_HELLO), ("null_cipher_rejected", ALERT)),
                  server="proxy", client_type=WINDOWS_8, windows_error=ILLEGAL_MESSAGE))
def proxy_null_rejected(lab):
    """The proxy accepts, and the server behind it has no NULL suite.

    Squid, then nginx with encrypted suites only: the alert is the server's."""
    proxies.squid(lab)
    servers.nginx(lab, lab.pki.server())
    ask(lab)


@scenario(GROUP, ["squid", "nginx", "python"],
          Session(1, 3, (("proxy_in_path", ACCEPTED), ("null_cipher_rejected", ALERT)),
                  server="proxy", client_type=WINDOWS_8, windows_error=ILLEGAL_MESSAGE),
          endpoints=BY_ADDRESS)
def proxy_null_rejected_by_address(lab):
    """The same where the client asks for an address that is configured.

    Squid, then nginx with encrypted suites only."""
    proxies.squid(lab)
    servers.nginx(lab, lab.pki.server())
    ask(lab, target=f"{lab.server.address}:443")


@scenario(GROUP, ["socat", "python"], Session(1, 0, server="proxy", phase=PROXY),
          endpoints=BY_NAME, near_miss_of=("proxy_refused",))
def proxy_answer_pending(lab):
    """The capture ends while the proxy has not yet answered.

    socat in its place reads and waits; nothing has failed yet."""
    lab.host("proxy").start("socat", f"TCP-LISTEN:{proxies.SQUID_PORT},reuseaddr",
                            "SYSTEM:sleep 30", listen=proxies.SQUID_PORT)
    tunnels.connect(lab, to="proxy", port=proxies.SQUID_PORT, proxy_target=TARGET)
    time.sleep(1)


@scenario(GROUP, ["squid", "nginx", "curl"], untouched=True, endpoints=BY_NAME)
def proxy_foreign_failures(lab):
    """Other names are refused by the proxy in every way, and one is reached.

    Squid answers 403, 407 and 503 and resets for names that are not configured; then curl fetches a
    page of www.example.com through it."""
    web = lab.host("web")
    certificate = lab.pki.server("CN=www.example.com", ("www.example.com",))
    servers.nginx(lab, certificate, host="web")
    proxies.squid(lab, FOREIGN, names={"www.example.com": web.address})
    for name in ("forbidden", "private", "unknown", "reset", "www"):
        lab.client.run("curl", "-sk", "-x", f"{lab.host('proxy').address}:{proxies.SQUID_PORT}",
                       f"https://{name}.example.com/", check=False)
