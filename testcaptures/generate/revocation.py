"""Asks whether a server's certificate is revoked, as Windows does when the handshake is complete.

SPDX-License-Identifier: GPL-2.0-or-later

Windows' own part of this, CryptoAPI, cannot run here. In its place curl fetches the revocation list
and OpenSSL asks the OCSP responder, at the addresses that the certificate names.
"""

import ssl
import subprocess
import tempfile
from pathlib import Path

PATIENCE = 5  # seconds to connect in, which a SYN sent three times takes less than
PATIENCE_IN_ALL = 8


def is_good(tls, issuer, proxy=None):
    """Whether one of the addresses in the certificate of `tls` (an SSLObject that has verified it)
    tells that it is not revoked. `issuer` is the path of the CA's certificate, `proxy` HOST:PORT of
    a proxy for the list."""
    named = tls.getpeercert()
    with tempfile.TemporaryDirectory() as folder:
        certificate = Path(folder) / "server.crt"
        certificate.write_text(ssl.DER_cert_to_PEM_cert(tls.getpeercert(True)))
        answers = [_ask_responder(url, certificate, issuer) for url in named.get("OCSP", ())]
        if None not in answers and answers:
            return all(answers)
        return any(_look_up(url, certificate, issuer, proxy)
                   for url in named.get("crlDistributionPoints", ()))


def _run(*argv):
    result = subprocess.run(argv, capture_output=True, text=True, check=False)
    print(*argv, result.returncode, result.stdout, result.stderr, flush=True)
    return result


def _ask_responder(url, certificate, issuer):
    """Whether the responder calls the certificate good, None if there is no answer."""
    result = _run("openssl", "ocsp", "-url", url, "-issuer", issuer, "-cert", certificate,
                  "-CAfile", issuer)
    return f"{certificate}: good" in result.stdout if result.returncode == 0 else None


def _look_up(url, certificate, issuer, proxy):
    """Whether the list is to be had and has the certificate not."""
    fetched = certificate.with_suffix(".crl")
    fetch = _run("curl", "--silent", "--show-error", "--fail", "--connect-timeout", str(PATIENCE),
                 "--max-time", str(PATIENCE_IN_ALL),
                 *(["--proxy", proxy] if proxy else []), "--output", fetched, url)
    return fetch.returncode == 0 and _run(
        "openssl", "verify", "-CAfile", issuer, "-crl_check", "-CRLfile", fetched,
        certificate).returncode == 0
