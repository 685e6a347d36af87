"""The plugin has what the reference, plugin/README.md, says it has, and nothing else.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import re

import pytest

import sandbox

INTERFACE = sandbox.interface()


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
    lines = [line.split("\t") for line in tshark.glossary("fields")]
    return {line[2]: line[3].removeprefix("FT_").lower() for line in lines
            if line[0] == "F" and line[2].startswith("iphttps.")}


@pytest.fixture(scope="module")
def values(tshark):
    """The names of values, by field and value."""
    lines = [line.split("\t") for line in tshark.glossary("values")]
    return {(line[1], int(line[2], 0)): line[3] for line in lines
            if line[0] == "V" and line[1].startswith("iphttps.")}


@pytest.fixture(scope="module")
def preferences(tshark):
    """The preferences with simple values, and their defaults."""
    found = re.findall(r"^#(iphttps\.\w+): ?(.*)$", "\n".join(tshark.glossary("defaultprefs")),
                       re.MULTILINE)
    return dict(found)


def test_protocol_has_its_names(tshark):
    """The post-dissector's own, which no frame shows, stands among Wireshark's internal ones."""
    names = [line.split("\t")[:3] for line in tshark.glossary("protocols") if "iphttps" in line]
    assert sorted(names) == [["IP-HTTPS in a frame", "IP-HTTPS in a frame", "_ws.iphttps"],
                                      ["Microsoft DirectAccess IP-HTTPS", "IP-HTTPS", "iphttps"]]


def test_fields_are_those_promised(fields):
    assert {name: fields.get(name) for name in INTERFACE["fields"]} == INTERFACE["fields"]


def test_every_finding_is_an_expert_info(fields):
    assert {f"iphttps.{slug}" for slug in INTERFACE["findings"]} <= set(fields)


def test_reference_lists_every_field(fields):
    described = {name: kind for name, kind, _ in table("field", "type")}
    experts = {f"iphttps.{row[0]}": "none" for row in table("finding", "title")}
    assert {**described, **experts} == fields


def test_reference_lists_every_finding_twice():
    assert [row[0] for row in table("finding", "title")] == list(INTERFACE["findings"])
    assert [row[0] for row in table("finding", "summary")] == list(INTERFACE["findings"])


def test_reference_has_the_severities_and_windows_errors_promised():
    described = {slug: {"severity": severity, "windows_error": without_symbol(error)}
                 for slug, _, severity, error, *_ in table("finding", "title")}
    assert described == INTERFACE["findings"]


def without_symbol(error):
    """A Windows error as interface.json has it: 0x2af9 for "0x00002af9 WSAHOST_NOT_FOUND"."""
    return re.sub(r"^0x0*([0-9a-f]+) [A-Z]\w*", r"0x\1", error) or None


def test_values_are_those_promised(values):
    found = {field: sorted(value for name, value in values if name == field)
             for field in INTERFACE["values"]}
    assert found == INTERFACE["values"]


def test_reference_lists_every_value(values):
    described = {(field, int(value, 0)): name for field, value, name in table("field", "value")}
    assert described == {key: name for key, name in values.items()
                         if key[0] != "iphttps.cipher_suite"}


def test_preferences_are_those_promised(preferences):
    assert preferences == INTERFACE["preferences"]


def test_reference_lists_every_preference():
    described = {row[0]: row[1] for row in table("preference", "default")}
    assert described.keys() == INTERFACE["preferences"].keys() | INTERFACE["tables"].keys()
    assert INTERFACE["preferences"].items() <= described.items()


@pytest.mark.parametrize("preference", INTERFACE["tables"])
def test_tables_have_the_promised_columns(tshark, preference):
    def complaints(row):
        file_name = preference.replace(".", "_")
        tshark.write_table(file_name, [row])
        capture = tshark.readable(sandbox.capture_of("healthy-null-sha"))
        done = tshark.run("-r", capture, "-c", "1")
        tshark.write_table(file_name, [])
        return [line for line in done.stderr.splitlines() if file_name in line]

    row = ["da.example.com", *[""] * (INTERFACE["tables"][preference] - 1)]
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
