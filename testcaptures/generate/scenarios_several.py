"""Several connections in one capture.

SPDX-License-Identifier: GPL-2.0-or-later
"""

import functools
import time

import clients
import servers
from pki import MACHINE_CA
from scenario import Session, scenario
from wire import (CERTIFICATE_REQUEST, CONFIGURED, CONNECTED, FAILED, HANDSHAKE_FAILURE,
                  IS_CONNECTED, ONLY_NULL, SEEN_EARLIER, server_alert)

several = functools.partial(scenario, "Several sessions")

REQUESTED = ("client_certificate_requested", CERTIFICATE_REQUEST)
REJECTED = ("null_cipher_rejected", server_alert(HANDSHAKE_FAILURE))
MISSING = ("client_certificate_missing", server_alert(HANDSHAKE_FAILURE))


@several(["haproxy", "python"],
         *(Session(ONLY_NULL, FAILED, (REJECTED,), server="adc", stream=stream)
           for stream in range(3)))
def several_attempts(lab):
    """The client tries again and again and is refused each time.

    HAProxy without NULL suites; a client that offers only NULL suites, three times."""
    servers.haproxy(lab, lab.pki.server())
    clients.connect(lab, "adc", attempts=3)


@several(["haproxy", "python"],
         *(Session(CONFIGURED, FAILED, (REJECTED,), server="adc", stream=stream)
           for stream in range(3)),
         endpoints=(("", "203.0.113.20", "", "", "load balancer"),))
def several_attempts_configured(lab):
    """The same where the endpoint is configured by its address.

    As several-attempts."""
    several_attempts(lab)


@several(["haproxy", "python"],
         Session(ONLY_NULL, FAILED, (REQUESTED, MISSING), server="adc", client="client2", stream=0),
         Session(ONLY_NULL, IS_CONNECTED, (REQUESTED, CONNECTED), server="adc", stream=1),
         Session(SEEN_EARLIER, FAILED, (REQUESTED, MISSING), server="adc", client="client2",
                 stream=2),
         capture={"host": "adc", "at_router": True, "capture_filter": "tcp port 443"})
def several_clients(lab):
    """One client connects, another without a certificate fails before and beside it.

    HAProxy with verify required, captured on the router: the client without a certificate tries
    before the other and once more while the other is connected."""
    ca = lab.pki.authority(MACHINE_CA).cert
    servers.haproxy(lab, lab.pki.server(), suites=servers.WITH_NULL,
                    bind=f"verify required ca-file {ca}")
    clients.connect(lab, "adc", host="client2")
    healthy = clients.connect(lab, "adc", certificate=lab.pki.machine().combined, stay=1.5,
                              wait=False)
    time.sleep(1)
    clients.connect(lab, "adc", host="client2")
    healthy.wait(10)


@several(["haproxy", "python"],
         Session(ONLY_NULL, FAILED, (REJECTED,), server="adc", stream=0),
         Session(ONLY_NULL, IS_CONNECTED, (CONNECTED,), server="server", stream=1))
def several_servers(lab):
    """The load balancer refuses the client, the server behind it does not.

    HAProxy without NULL suites; Python's ssl as server; a client that tries the one and then the
    other."""
    servers.haproxy(lab, lab.pki.server())
    servers.directaccess(lab, lab.pki.server())
    clients.connect(lab, "adc")
    clients.connect(lab, "server")


@several(["python", "openssl"],
         Session(ONLY_NULL, IS_CONNECTED, (CONNECTED,), stream=0))
def several_names(lab):
    """After a DirectAccess session a browser goes to another name at the same address.

    Python's ssl as server; then a client that asks for www.example.com with encrypted suites,
    closes at the certificate and is none of our business."""
    servers.directaccess(lab, lab.pki.server())
    clients.connect(lab)
    clients.connect(lab, suites="encrypted", name="www.example.com", stop_at="certificate")
