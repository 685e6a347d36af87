"""Clients of the scenarios: the cipher suites of Windows' generations, and how they are started.

SPDX-License-Identifier: GPL-2.0-or-later
"""

import sys
from pathlib import Path

import resolvers
import servers

PROGRAM = Path(__file__).parent / "tls_client.py"

NULL_SUITES = "NULL-SHA256:NULL-SHA"
ENCRYPTED_SUITES = ("ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256:"
                    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-SHA384:AES256-GCM-SHA384:"
                    "AES128-GCM-SHA256:AES256-SHA256:AES128-SHA256:AES256-SHA:AES128-SHA")

# What the clients offer, in OpenSSL's notation. OpenSSL adds the signalling value for secure
# renegotiation at the end, and TLS 1.3's suites in front where that version is allowed.
SUITES = {
    "null": f"{NULL_SUITES}:@SECLEVEL=0",
    "null-first": f"{NULL_SUITES}:{ENCRYPTED_SUITES}:@SECLEVEL=0",
    "null-behind": f"{ENCRYPTED_SUITES}:{NULL_SUITES}:@SECLEVEL=0",
    "encrypted": f"{ENCRYPTED_SUITES}:@SECLEVEL=0",
}


def connect(lab, server="server", host="client", suites="null", wait=True, **options):
    """Runs tls_client.py on `host` against the host `server` (or an address). Options are those of
    the program, with underscores; True gives an option without a value, None leaves it out.
    Returns the completed process, or the running one without `wait`."""
    address = server if "." in server or ":" in server else lab.host(server).address
    argv = [sys.executable, PROGRAM, address, "--suites", SUITES.get(suites, suites)]
    for name, value in options.items():
        if value is None:
            continue
        argv.append("--" + name.replace("_", "-"))
        if isinstance(value, (list, tuple)):
            argv += value
        elif value is not True:
            argv.append(value)
    if "check_revocation" in options:
        argv = [*resolvers.asking(lab), *argv]
    start = lab.host(host).run if wait else lab.host(host).start
    return start(*argv)


def gnutls_cli(lab, priority, *arguments, server="server", trust=None, keylog=None):
    """gnutls-cli, which sends nothing but its handshake. It trusts the authority in a file, or does
    not verify."""
    verification = (["--x509cafile", trust, "--verify-hostname", "da.example.com"] if trust
                    else ["--insecure"])
    program = ["env", f"SSLKEYLOGFILE={keylog}", "gnutls-cli"] if keylog else ["gnutls-cli"]
    return lab.client.run(*program, *verification, "--port", 443, "--priority", priority,
                          "--sni-hostname", "da.example.com", *arguments,
                          lab.host(server).address, check=False, input="")


def tstclnt(lab):
    """NSS' tstclnt with NULL suites, which trusts no authority."""
    return lab.client.run("tstclnt", "-D", "-h", lab.server.address, "-p", 443,
                          "-a", "da.example.com", "-V", "tls1.2:tls1.2", "-c", ":003B:0002",
                          check=False, input="")


def curl(lab, authority):
    """curl with a NULL suite, which trusts `authority` (the path of its certificate)."""
    return lab.client.run("curl", "-s", "--tls-max", "1.2", "--ciphers", SUITES["null"],
                          "--cacert", authority, "https://da.example.com/",
                          "--resolve", f"da.example.com:443:{lab.server.address}", check=False)


def mosquitto_pub(lab, server, port):
    """A sensor that publishes a value by MQTT over a NULL suite."""
    return lab.client.run(*servers.openssl_tls12(lab), "mosquitto_pub",
                          "-h", lab.host(server).address, "-p", port,
                          "-t", "plant/temperature", "-m", "21.5", "-i", "sensor-1",
                          "--cafile", lab.pki.authority().cert, "--insecure",
                          "--ciphers", SUITES["null"], check=False)
