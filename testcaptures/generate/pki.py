"""Certificates of the scenarios, made by certtool in a scratch folder at each run.

SPDX-License-Identifier: GPL-2.0-or-later
"""

import datetime
import hashlib
import itertools
import ssl
import threading
from dataclasses import dataclass
from pathlib import Path

from net import run

SERVER_NAME = "da.example.com"
SERVER_CA = "CN=Example Public CA,O=Example Trust"
ISSUING_CA = "CN=Example Issuing CA 2,O=Example Trust"
FORTINET_CA = "CN=FortiGate CA,OU=Certificate Authority,O=Fortinet,C=US"
PRIVATE_CA = "CN=Example Corp Root CA,O=Example Corp"
MACHINE_CA = "CN=Example Corp Machine CA,O=Example Corp"
MACHINE_CA_OTHER_KEY = "CN=Example Corp Machine CA, O=Example Corp"  # the same name
MACHINE_ISSUING_CA = "CN=Example Corp Machine Issuing CA,O=Example Corp"
OTHER_CA = "CN=Example Partner CA,O=Example Partner"
ISSUED_BY = {ISSUING_CA: SERVER_CA, MACHINE_ISSUING_CA: MACHINE_CA}

# Days from today: begin and end of validity.
VALID = (-30, 700)
EXPIRED = (-400, -10)
NOT_YET_VALID = (10, 375)


@dataclass(frozen=True)
class Certificate:
    """Paths of one certificate: `cert`, its `key`, `issuers` (those below the root, may be empty),
    `chain` (certificate and issuers), `combined` (chain and key), and the issuing authority's
    `ca`."""
    cert: Path
    key: Path
    issuers: Path
    chain: Path
    combined: Path
    ca: Path

    @property
    def thumbprint(self):
        """SHA-1 hash, as `netsh http show sslcert` prints it."""
        return hashlib.sha1(ssl.PEM_cert_to_DER_cert(self.cert.read_text())).hexdigest()


class Pki:
    """Makes each certificate once; asked for the same again, it returns the same files."""

    def __init__(self, directory):
        self.directory = directory
        self.made = {}
        self.lists = itertools.count()
        self.lock = threading.RLock()
        directory.mkdir(parents=True)

    def authority(self, name=SERVER_CA):
        """A certification authority with the distinguished name `name`: a root, unless ISSUED_BY
        says otherwise."""
        lines = ["ca", "cert_signing_key", "crl_signing_key"]
        return self._make(name, lines, ISSUED_BY.get(name), (-1000, 3000), "rsa")

    def server(self, name=f"CN={SERVER_NAME}", san=(SERVER_NAME,), issuer=SERVER_CA, days=VALID,
               key_type="rsa", usage=("tls_www_server",), crl="http://crl.example.com/da.crl",
               ocsp=None, serial=None):
        """A server's certificate. `issuer` None makes it self-signed; an issuer's name not seen
        before makes that authority; `san` DNS names; `usage` certtool's names of extended key
        usages, none leaves the extension out."""
        lines = [f'dns_name = "{host}"' for host in san] + list(usage)
        lines += ["signing_key", "encryption_key"]
        if crl:
            lines.append(f'crl_dist_points = "{crl}"')
        if ocsp:
            lines.append(f'ocsp_uri = "{ocsp}"')
        if serial:
            lines.append(f"serial = {serial}")
        return self._make(name, lines, issuer, days, key_type)

    def machine(self, name="CN=pc17.corp.example.com", issuer=MACHINE_CA, days=VALID,
                usage=("tls_www_client",), serial=None):
        """A client computer's certificate; parameters as in `server`."""
        lines = [f'dns_name = "{name.partition("=")[2].partition(",")[0]}"', *usage]
        lines += ["signing_key", "encryption_key"]
        if serial:
            lines.append(f"serial = {serial}")
        return self._make(name, lines, issuer, days, "rsa")

    def revocation_list(self, *revoked, issuer=MACHINE_CA, days=VALID):
        """Path of a CRL (PEM) of `issuer` that revokes the given certificates."""
        authority = self.authority(issuer)
        path = self.directory / f"list-{next(self.lists)}.crl"
        bundle = path.with_suffix(".revoked")
        bundle.write_text("".join(certificate.cert.read_text() for certificate in revoked))
        template = path.with_suffix(".template")
        begin, end = _dates(days)
        template.write_text(f'crl_this_update_date = "{begin}"\ncrl_next_update_date = "{end}"\n'
                            "crl_number = 1\n")
        run(["certtool", "--generate-crl", "--load-ca-certificate", authority.cert,
             "--load-ca-privkey", authority.key, "--load-certificate", bundle,
             "--template", template, "--outfile", path])
        return path

    def _make(self, name, lines, issuer, days, key_type):
        identity = (name, tuple(lines), issuer, days, key_type)
        with self.lock:
            if identity not in self.made:
                authority = self.authority(issuer) if issuer else None
                stem = self.directory / str(len(self.made))
                self.made[identity] = _issue(stem, name, lines, authority, days, key_type)
            return self.made[identity]


def _dates(days):
    """Days from today as certtool wants them."""
    today = datetime.datetime.now(datetime.timezone.utc)
    return [f"{today + datetime.timedelta(days=day):%Y-%m-%d} 00:00:00 UTC" for day in days]


def _issue(stem, name, lines, authority, days, key_type):
    certificate = Certificate(*(stem.with_suffix(end) for end in
                                (".crt", ".key", ".issuers", ".chain", ".pem")),
                              authority.cert if authority else stem.with_suffix(".crt"))
    size = {"rsa": ["--key-type", "rsa", "--bits", "2048"],
            "ecdsa": ["--key-type", "ecdsa", "--curve", "secp256r1"]}[key_type]
    run(["certtool", "--generate-privkey", "--no-text", "--outfile", certificate.key, *size])
    begin, end = _dates(days)
    template = stem.with_suffix(".template")
    template.write_text("\n".join([
        f'dn = "{name}"', f'activation_date = "{begin}"', f'expiration_date = "{end}"',
        *lines, ""]))
    argv = ["certtool", "--no-text", "--hash", "SHA256", "--load-privkey", certificate.key,
            "--template", template, "--outfile", certificate.cert]
    if authority:
        argv += ["--generate-certificate", "--load-ca-certificate", authority.cert,
                 "--load-ca-privkey", authority.key]
    else:
        argv += ["--generate-self-signed"]
    run(argv)
    subordinate = authority and authority.ca != authority.cert
    issuers = authority.chain.read_text() if subordinate else ""
    chain = certificate.cert.read_text() + issuers
    certificate.issuers.write_text(issuers)
    certificate.chain.write_text(chain)
    certificate.combined.write_text(chain + certificate.key.read_text())
    return certificate
