"""What tshark writes for Elasticsearch is what docs/elasticsearch.md has the server told to expect.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import json
import re
import shutil
import subprocess

import pytest

import sandbox

SCENARIOS = sandbox.catalogue()
DOCS = sandbox.SOURCE / "docs"
WHOLE = {"byte": 8, "short": 16, "integer": 32, "long": 64}  # bits, signed

pytestmark = pytest.mark.skipif(not shutil.which("jq"), reason="there is no jq")


def chosen():
    """The first scenario with each finding."""
    first = {}
    for name, scenario in SCENARIOS.items():
        for session in scenario["sessions"]:
            for finding in session["findings"]:
                first.setdefault(finding["slug"], name)
    return sorted(set(first.values()))


@pytest.fixture(name="template", scope="module")
def fixture_template(tshark):
    """The index template, made as the page says."""
    printed = tshark.run("-G", "elastic-mapping", "--elastic-mapping-filter", "iphttps").stdout
    done = subprocess.run(["jq", "-f", DOCS / "elasticsearch-mapping.jq"], input=printed,
                          stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def properties(template):
    """The types of our fields."""
    layers = template["template"]["mappings"]["properties"]["layers"]["properties"]
    return {name: mapping["type"] for name, mapping in layers["iphttps"]["properties"].items()}


def takes(kind, value):
    """Whether a server takes a value for a field of that type; it coerces decimal texts."""
    if isinstance(value, list):
        return all(takes(kind, one) for one in value)
    if kind in WHOLE:
        limit = 2 ** (WHOLE[kind] - 1)
        return bool(re.fullmatch(r"-?\d+", str(value))) and -limit <= int(value) < limit
    if kind in ("date", "date_nanos"):
        return bool(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z|\d+", str(value)))
    return kind == "keyword" and isinstance(value, str)


def bulk(tshark, name):
    """The documents of a capture, with the server's index of each."""
    done = tshark.read(sandbox.capture_of(name), "-Y", "iphttps.finding", "-T", "ek",
                       "-J", "iphttps", two_pass=True, endpoints=SCENARIOS[name]["endpoints"])
    lines = [json.loads(line) for line in done.stdout.replace(',"_type":"doc"', "").splitlines()]
    return list(zip(lines[::2], lines[1::2]))


@pytest.mark.parametrize("name", chosen())
def test_server_takes_every_document(tshark, template, name):
    types = properties(template)
    documents = bulk(tshark, name)
    for action, document in documents:
        assert set(action) == {"index"} and set(action["index"]) == {"_index"}
        assert re.fullmatch(r"packets-\d{4}-\d\d-\d\d", action["index"]["_index"])
        assert takes("date", document["timestamp"])
        fields = document["layers"]["iphttps"]
        refused = {key: (types[key], value) for key, value in fields.items()
                   if key in types and not takes(types[key], value)}
        assert not refused
    told = [slug for _, document in documents
            for slug in as_list(document["layers"]["iphttps"]["iphttps_iphttps_finding"])]
    assert sorted(told) == sorted(finding["slug"] for session in SCENARIOS[name]["sessions"]
                                  for finding in session["findings"])


def as_list(value):
    """A field's values; tshark writes a single one without a list."""
    return value if isinstance(value, list) else [value]


def test_fields_of_the_page_can_be_asked_for(template):
    types = {f"layers.iphttps.{name}": kind for name, kind in properties(template).items()}
    types["timestamp"] = template["template"]["mappings"]["properties"]["timestamp"]["type"]
    page = (DOCS / "elasticsearch.md").read_text(encoding="utf-8")
    query = json.loads(re.search(r"<<'END'\n(.*?)\n    END", page, re.DOTALL).group(1))
    asked = re.findall(r'"field": "(.*?)"', json.dumps(query)) + list(query["query"]["term"])
    assert len(asked) == 4 and set(asked) <= types.keys()


def test_what_tshark_maps_by_itself_would_be_refused(tshark):
    """4.6 writes numbers in decimal, as its mapping has them."""
    printed = tshark.run("-G", "elastic-mapping", "--elastic-mapping-filter", "iphttps").stdout
    types = properties({"template": json.loads(printed)})
    [_, (_, document)] = bulk(tshark, "client-certificate-missing-alert")
    error = document["layers"]["iphttps"]["iphttps_iphttps_windows_error"]
    assert takes(types["iphttps_iphttps_windows_error"], error) == (tshark.version() >= (4, 6))
