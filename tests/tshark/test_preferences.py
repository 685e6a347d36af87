"""What the preferences promise: endpoints, inspection products, and what may be switched off.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import hashlib
import re

import pytest

import sandbox

TAGGED_BY_CONFIGURED, TAGGED_BY_REQUEST = "1", "2"
# A client of Windows 7 that gets through: nothing but a row tells what it is.
WINDOWS_7 = sandbox.capture_of("healthy-windows7")
WINDOWS_7_IPV4, PORT = "203.0.113.10", "443"
GOOD_ROW = ("da.example.com", "", "", "", "")


def tags(tshark, capture, **options):
    """The reasons why sessions of a capture are tagged, without repetition."""
    rows = tshark.fields(capture, "iphttps.tagged_by", **options)
    return sorted({tag for row in rows for tag in row["iphttps.tagged_by"]})


def findings(tshark, capture, **options):
    """The findings of a capture in the order of its frames."""
    rows = tshark.fields(capture, "iphttps.finding", **options)
    return [slug for row in rows for slug in row["iphttps.finding"]]


@pytest.fixture(scope="module")
def thumbprints(tshark):
    """SHA-1 and SHA-256 of the server's certificate in the capture of the Windows 7 client."""
    rows = tshark.fields(WINDOWS_7, "tls.handshake.certificate")
    der = bytes.fromhex(next(row["tls.handshake.certificate"][0] for row in rows
                             if row["tls.handshake.certificate"]))
    return hashlib.sha1(der).hexdigest(), hashlib.sha256(der).hexdigest()


@pytest.mark.parametrize("row", [
    ("da.example.com",),
    ("DA.Example.COM.",),
    ("*.example.com",),
    ("", WINDOWS_7_IPV4),
    ("", "203.0.113.0/28"),
    ("", WINDOWS_7_IPV4, PORT),
    ("da.example.com", WINDOWS_7_IPV4, PORT, "", "the DirectAccess server"),
    ("elsewhere.example.net", WINDOWS_7_IPV4),
], ids=" ".join)
def test_row_covers_the_endpoint(tshark, row):
    wanted = [] if row[0].startswith("elsewhere") else [TAGGED_BY_CONFIGURED]
    assert tags(tshark, WINDOWS_7, endpoints=[row], two_pass=True) == wanted


@pytest.mark.parametrize("row", [
    ("da.example.net",),
    ("*.da.example.com",),
    ("", "203.0.113.11"),
    ("", "203.0.113.16/28"),
    ("", "2001:db8::/16"),
    ("da.example.com", "", "4443"),
], ids=" ".join)
def test_row_covers_nothing_else(tshark, row):
    assert tags(tshark, WINDOWS_7, endpoints=[row], two_pass=True) == []


@pytest.mark.parametrize("write", [
    str,
    str.upper,
    lambda digest: ":".join(re.findall("..", digest)),
    lambda digest: " ".join(re.findall("..", digest)),
], ids=["plain", "upper-case", "colons", "spaces"])
def test_row_knows_the_certificate(tshark, thumbprints, write):
    for digest in thumbprints:
        rows = [("da.example.com", "", "", write(digest))]
        assert tags(tshark, WINDOWS_7, endpoints=rows) == [TAGGED_BY_CONFIGURED]
        assert findings(tshark, WINDOWS_7, endpoints=rows) == []


def test_row_misses_the_certificate(tshark, thumbprints):
    rows = [("da.example.com", "", "", digest[::-1]) for digest in thumbprints]
    for row in rows:
        assert findings(tshark, WINDOWS_7, endpoints=[row])[0] == "certificate_not_expected"


@pytest.mark.parametrize("row, reason", [
    (("", "", "443"), "host name"),
    (("", "203.0.113.300"), "203.0.113.300"),
    (("", "203.0.113.0/33"), "33"),
    (("", "2001:db8::/129"), "129"),
    (("203.0.113.10",), "address"),
    (("*",), "*"),
    (("da..example.com",), "da..example.com"),
    (("da.example.com", "", "0"), "0"),
    (("da.example.com", "", "65536"), "65536"),
    (("da.example.com", "", "https"), "https"),
    (("da.example.com", "", "", "0123456789"), "SHA-1"),
    (("da.example.com", "", "", "x" * 40), "hexadecimal"),
], ids=lambda value: " ".join(value) if isinstance(value, tuple) else None)
def test_senseless_row_is_refused_with_a_reason(tshark, row, reason):
    capture = tshark.readable(WINDOWS_7)
    done = tshark.read(WINDOWS_7, "-T", "fields", "-e", "iphttps.tagged_by",
                       endpoints=[row, GOOD_ROW], check=False)
    assert done.returncode == 0
    assert set(done.stdout.split()) == {TAGGED_BY_CONFIGURED}
    complaint = [line for line in done.stderr.splitlines() if reason in line]
    assert len(complaint) == 1 and re.search(r": [A-Z].*\.$", complaint[0])
    tshark.write_table("iphttps_endpoints", [])
    columns = ",".join(f'"{column}"' for column in [*row, *[""] * (5 - len(row))])
    given = tshark.run("-n", "-o", f"uat:iphttps_endpoints:{columns}", "-r", capture, "-c", "1")
    assert complaint[0].partition(": ")[2].rpartition(": ")[2] in given.stderr


def test_rows_may_be_given_as_options(tshark):
    tshark.write_table("iphttps_endpoints", [])
    done = tshark.run("-n", "-o", 'uat:iphttps_endpoints:"nobody.example.net","","","",""',
                      "-o", 'uat:iphttps_endpoints:"da.example.com","","443","","comment"',
                      "-r", tshark.readable(WINDOWS_7), "-T", "fields", "-e", "iphttps.tagged_by")
    assert done.stderr == ""
    assert set(done.stdout.split()) == {TAGGED_BY_CONFIGURED}


def test_endpoint_has_the_name_of_its_row(tshark):
    def endpoint(row):
        shown = tshark.fields(WINDOWS_7, "iphttps.endpoint", endpoints=[row])
        return shown[-1]["iphttps.endpoint"]

    assert endpoint(("da.example.com",)) == ["da.example.com:443"]
    assert endpoint(("", WINDOWS_7_IPV4)) == ["da.example.com:443"]
    without_sni = sandbox.capture_of("healthy-without-sni")
    rows = [("", "203.0.113.0/24")]
    shown = tshark.fields(without_sni, "iphttps.endpoint", endpoints=rows)
    assert shown[0]["iphttps.endpoint"] == [f"{WINDOWS_7_IPV4}:443"]


@pytest.fixture
def inspection_rows(tshark):
    """A function that gives the table of inspection products other rows, for one test."""
    yield lambda rows: tshark.write_table("iphttps_inspection_issuers", rows)
    tshark.write_table("iphttps_inspection_issuers", [])


def inspected(tshark):
    """The findings of the capture whose certificate names a FortiGate as its issuer."""
    return findings(tshark, sandbox.capture_of("certificate-inspected"),
                    endpoints=sandbox.catalogue()["certificate-inspected"]["endpoints"])


def test_inspection_products_are_known_out_of_the_box(tshark):
    assert "certificate_inspected" in inspected(tshark)


def test_inspection_table_replaces_the_known_products(tshark, inspection_rows):
    inspection_rows([("Corporate Inspector", "our own")])
    assert "certificate_inspected" not in inspected(tshark)


def test_inspection_table_names_the_product(tshark, inspection_rows):
    inspection_rows([("Corporate Inspector", "our own"), ("fortigate ca", "the lab's proxy")])
    shown = tshark.read(sandbox.capture_of("certificate-inspected"), "-V", "-Y",
                        "iphttps.certificate_inspected", two_pass=True,
                        endpoints=sandbox.catalogue()["certificate-inspected"]["endpoints"])
    assert "the lab's proxy" in shown.stdout


def test_empty_inspection_text_is_refused(tshark, inspection_rows):
    inspection_rows([("", "everything")])
    done = tshark.read(sandbox.capture_of("healthy-null-sha256"), "-T", "fields", "-e",
                       "iphttps.finding")
    assert "match every certificate" in done.stderr
    assert done.stdout.split() == ["connected"]


def test_null_offers_need_not_tag(tshark):
    off = {"iphttps.tag_null_offers": "FALSE"}
    rejected = sandbox.capture_of("null-rejected-alert")
    assert tags(tshark, rejected) == ["3"]
    assert tags(tshark, rejected, preferences=off) == []
    assert tags(tshark, rejected, preferences=off, endpoints=[GOOD_ROW]) == [TAGGED_BY_CONFIGURED]
    tunnel = sandbox.capture_of("healthy-null-sha256")
    assert tags(tshark, tunnel, preferences=off) == [TAGGED_BY_REQUEST]
    assert findings(tshark, tunnel, preferences=off) == ["connected"]


def test_learned_endpoints_need_not_tag(tshark):
    capture = sandbox.capture_of("connect-learned")
    assert tags(tshark, capture, two_pass=True) == ["3", "5"]
    off = {"iphttps.tag_learned_endpoints": "FALSE"}
    assert tags(tshark, capture, preferences=off, two_pass=True) == ["3"]


def test_tunnel_need_not_be_dissected(tshark, two_pass):
    capture = sandbox.capture_of("healthy-null-sha256")
    off = {"iphttps.dissect_tunnel": "FALSE"}
    assert tshark.frames(capture, "iphttps.tunnel.packet", two_pass=two_pass)
    assert not tshark.frames(capture, "iphttps.tunnel.packet", preferences=off, two_pass=two_pass)
    assert findings(tshark, capture, preferences=off, two_pass=two_pass) == ["connected"]


def test_info_column_need_not_be_annotated(tshark):
    def annotated(**options):
        text = tshark.read(sandbox.capture_of("null-rejected-alert"), **options).stdout
        return [line for line in text.splitlines() if "[IP-HTTPS: " in line]

    assert len(annotated()) == 1
    assert annotated(preferences={"iphttps.annotate_info": "FALSE"}) == []
