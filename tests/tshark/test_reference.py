"""The plugin has what the reference, plugin/README.md, says it has, and nothing else.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import re

import pytest

import sandbox

# The public interface: names that scripts and filters rely on, with their types.
PROMISED_FIELDS = {
    "iphttps.session": "uint32",
    "iphttps.endpoint": "string",
    "iphttps.tagged_by": "uint8",
    "iphttps.client": "uint8",
    "iphttps.cipher_suite": "uint16",
    "iphttps.phase": "uint8",
    "iphttps.verdict": "uint8",
    "iphttps.decided_in": "framenum",
    "iphttps.finding": "string",
    "iphttps.finding.summary": "string",
    "iphttps.finding.cause": "string",
    "iphttps.finding.next_step": "string",
    "iphttps.windows_error": "uint32",
    "iphttps.client_hello_in": "framenum",
    "iphttps.server_hello_in": "framenum",
    "iphttps.certificate_in": "framenum",
    "iphttps.request_in": "framenum",
    "iphttps.response_in": "framenum",
    "iphttps.certificate.subject": "string",
    "iphttps.certificate.name": "string",
    "iphttps.certificate.issuer": "string",
    "iphttps.certificate.not_before": "absolute_time",
    "iphttps.certificate.not_after": "absolute_time",
    "iphttps.certificate.thumbprint": "string",
    "iphttps.expected_name": "string",
    "iphttps.request.uri": "string",
    "iphttps.response.status": "uint16",
    "iphttps.response.server": "string",
    "iphttps.tunnel.packet": "protocol",
    "iphttps.tunnel.length": "uint32",
}
PROMISED_FINDINGS = """
    name_not_found name_without_address name_lookup_failed connect_timeout connect_refused
    connect_unreachable proxy_refused proxy_in_path no_client_hello null_cipher_rejected
    hello_rejected hello_unanswered not_tls null_cipher_not_selected certificate_name_mismatch
    certificate_name_only_in_san certificate_not_expected certificate_inspected certificate_expired
    certificate_not_yet_valid certificate_without_server_auth certificate_self_signed
    certificate_key_not_rsa certificate_untrusted certificate_rejected
    certificate_silently_rejected client_certificate_requested client_certificate_missing
    client_certificate_rejected client_certificate_issuer_not_listed client_certificate_expired
    client_certificate_without_client_auth handshake_failed http_rejected http_unanswered
    http_not_directaccess tunnel_without_router_advertisement tunnel_closed tunnel_malformed
    connected
    """.split()
PROMISED_PREFERENCES = {
    "iphttps.tag_null_offers": "TRUE",
    "iphttps.tag_learned_endpoints": "TRUE",
    "iphttps.dissect_tunnel": "TRUE",
    "iphttps.annotate_info": "TRUE",
}
PROMISED_TABLES = {"iphttps.endpoints": 5, "iphttps.inspection_issuers": 2}
PROMISED_VALUES = {
    "iphttps.tagged_by": {1, 2, 3, 4, 5},
    "iphttps.client": {1, 2},
    "iphttps.phase": set(range(1, 11)),
    "iphttps.verdict": {0, 1, 2, 3},
}


def reference():
    """The text of the reference."""
    return (sandbox.SOURCE / "plugin" / "README.md").read_text(encoding="utf-8")


def table(first_heading, second_heading):
    """The rows of the reference's table that begins with these two headings, as lists of texts."""
    pattern = rf"^\| {first_heading} \| {second_heading} \|.*\n\|[-|]*\n((?:\|.*\n)+)"
    rows = re.search(pattern, reference(), re.MULTILINE).group(1).splitlines()
    return [[column.strip().strip("`") for column in row.strip("|").split("|")] for row in rows]


@pytest.fixture(scope="module")
def fields(tshark):
    """Name and type of each field and expert info that the plugin registers."""
    lines = [line.split("\t") for line in tshark.run("-G", "fields").stdout.splitlines()]
    return {line[2]: line[3].removeprefix("FT_").lower() for line in lines
            if line[0] == "F" and line[2].startswith("iphttps.")}


@pytest.fixture(scope="module")
def values(tshark):
    """The names of values, by field and value."""
    lines = [line.split("\t") for line in tshark.run("-G", "values").stdout.splitlines()]
    return {(line[1], int(line[2], 0)): line[3] for line in lines
            if line[0] == "V" and line[1].startswith("iphttps.")}


@pytest.fixture(scope="module")
def preferences(tshark):
    """The preferences with simple values, and their defaults."""
    found = re.findall(r"^#(iphttps\.\w+): ?(.*)$", tshark.run("-G", "defaultprefs").stdout,
                       re.MULTILINE)
    return dict(found)


def test_protocol_has_its_names(tshark):
    lines = tshark.run("-G", "protocols").stdout.splitlines()
    names = [line.split("\t")[:3] for line in lines if "\tiphttps\t" in line + "\t"]
    assert names == [["Microsoft DirectAccess IP-HTTPS", "IP-HTTPS", "iphttps"]]


def test_fields_are_those_promised(fields):
    assert {name: fields.get(name) for name in PROMISED_FIELDS} == PROMISED_FIELDS


def test_every_finding_is_an_expert_info(fields):
    assert {f"iphttps.{slug}" for slug in PROMISED_FINDINGS} <= set(fields)


def test_reference_lists_every_field(fields):
    described = {name: kind for name, kind, _ in table("field", "type")}
    experts = {f"iphttps.{row[0]}": "none" for row in table("finding", "title")}
    assert {**described, **experts} == fields


def test_reference_lists_every_finding_twice():
    assert [row[0] for row in table("finding", "title")] == PROMISED_FINDINGS
    assert [row[0] for row in table("finding", "summary")] == PROMISED_FINDINGS


def test_values_are_those_promised(values):
    found = {field: {value for name, value in values if name == field}
             for field in PROMISED_VALUES}
    assert found == PROMISED_VALUES


def test_reference_lists_every_value(values):
    described = {(field, int(value, 0)): name for field, value, name in table("field", "value")}
    assert described == {key: name for key, name in values.items()
                         if key[0] != "iphttps.cipher_suite"}


def test_preferences_are_those_promised(preferences):
    assert preferences == PROMISED_PREFERENCES


def test_reference_lists_every_preference():
    described = {row[0]: row[1] for row in table("preference", "default")}
    assert described.keys() == PROMISED_PREFERENCES.keys() | PROMISED_TABLES.keys()
    assert {name: described[name] for name in PROMISED_PREFERENCES} == PROMISED_PREFERENCES


@pytest.mark.parametrize("preference", PROMISED_TABLES)
def test_tables_have_the_promised_columns(tshark, preference):
    def complaints(row):
        file_name = preference.replace(".", "_")
        tshark.write_table(file_name, [row])
        capture = tshark.readable(sandbox.capture_of("healthy-null-sha"))
        done = tshark.run("-r", capture, "-c", "1")
        tshark.write_table(file_name, [])
        return [line for line in done.stderr.splitlines() if file_name in line]

    row = ["da.example.com", *[""] * (PROMISED_TABLES[preference] - 1)]
    assert not complaints(row)
    assert complaints([*row, ""])


@pytest.mark.parametrize("statistic", ["iphttps,sessions", "iphttps,tree"])
def test_statistics_are_offered_and_described(tshark, statistic):
    offered = tshark.run("-z", "help")
    assert statistic in (offered.stdout + offered.stderr).split()
    assert f"-z {statistic}[,filter]" in reference()


def test_export_is_offered_and_described(tshark):
    offered = tshark.run("-U", "", "-r", tshark.readable(sandbox.capture_of("healthy-null-sha")),
                         "-w", "nothing")
    assert "IP-HTTPS tunnel" in offered.stdout + offered.stderr
    assert '-U "IP-HTTPS tunnel"' in reference()
