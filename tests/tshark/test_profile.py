"""The profile works with this version of Wireshark and shows what it is meant to show.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import itertools
import math
import re
import zipfile

import pytest

import sandbox

PROFILE = sandbox.SOURCE / "profiles" / "IP-HTTPS"
SCENARIOS = sandbox.catalogue()
CONTRAST_MIN = 4.5
DIFFERENCE_MIN = 10  # CIE 1976
WHITE = (65535, 65535, 65535)
# How linear RGB looks to people with normal colour vision, deuteranopia and protanopia (Machado, Oliveira and
# Fernandes, 2009).
VISIONS = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413),
                     (-0.011820, 0.042940, 0.968881)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216),
                   (-0.003882, -0.048116, 1.051998)),
}
# Linear RGB of sRGB to CIE XYZ, white is 1.
XYZ = ((0.433953, 0.376219, 0.189828), (0.212673, 0.715152, 0.072175), (0.017757, 0.109475, 0.872768))
UNDECIDED = "DirectAccess: undecided"
PALE = {0: UNDECIDED, 1: "DirectAccess: session connected", 2: UNDECIDED,
        3: "DirectAccess: session failed", 4: UNDECIDED}
TUNNEL = "DirectAccess: tunnel content"
OPENED = "DirectAccess: tunnel opened"
# The answers to the three questions of the field, by the findings that give them.
GROUPS = {
    "DirectAccess: NULL cipher suites refused": {"null_cipher_rejected"},
    "DirectAccess: client certificate": {"client_certificate_missing",
                                         "client_certificate_rejected"},
    "DirectAccess: wrong server": {"certificate_name_mismatch", "certificate_not_expected",
                                   "certificate_inspected", "not_tls", "http_not_directaccess"},
    "DirectAccess: warning": sandbox.findings_of_severity("warning") - {"http_not_directaccess"},
    OPENED: {"connected"},
}
# Findings that need no look, but for the opened tunnel, have no strong colour.
NOTES = (sandbox.findings_of_severity("note")
         | sandbox.findings_of_severity("chat")) - {"connected"}
OTHER = "DirectAccess: other failure"


def rules():
    """The colouring rules: name, filter, background and foreground (red, green, blue; 16 bits)."""
    pattern = r"^@(.*?)@(.*)@\[(\d+),(\d+),(\d+)\]\[(\d+),(\d+),(\d+)\]$"
    text = (PROFILE / "colorfilters").read_text(encoding="utf-8")
    found = re.findall(pattern, text, re.MULTILINE)
    return [(name, display_filter, *(tuple(map(int, rgb)) for rgb in (numbers[:3], numbers[3:])))
            for name, display_filter, *numbers in found]


def buttons():
    """The filter buttons: label and filter."""
    text = (PROFILE / "dfilter_buttons").read_text(encoding="utf-8")
    return [(label, display_filter.replace("\\x22", '"')) for label, display_filter
            in re.findall(r'^"TRUE","(.*?)","(.*?)","[^"]*"$', text, re.MULTILINE)]


def columns():
    """The titles and formats of the columns."""
    text = (PROFILE / "preferences").read_text(encoding="utf-8")
    return re.findall(r'^\t"(.*?)", "(.*?)",?$', text, re.MULTILINE)


def linear(rgb):
    """The parts of a colour in proportion to light."""
    return [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4
            for part in (value / 65535 for value in rgb)]


def luminance(rgb):
    """Relative luminance, Web Content Accessibility Guidelines 2.1."""
    red, green, blue = linear(rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def product(matrix, vector):
    """A matrix by a vector."""
    return [sum(one * other for one, other in zip(row, vector)) for row in matrix]


def lab(rgb, vision):
    """A colour as it is seen, in CIE L*a*b*."""
    seen = [min(1, max(0, part)) for part in product(VISIONS[vision], linear(rgb))]
    x, y, z = (part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116
               for part in product(XYZ, seen))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.fixture
def profiled(tshark):
    """The sandbox with the profile installed, as it is shipped."""
    tshark.install_profile("IP-HTTPS")
    return tshark


def complaints(room):
    """What tshark says against the profile."""
    capture = room.readable(sandbox.capture_of("several-clients"))
    return room.run("-C", "IP-HTTPS", "--color", "-r", capture).stderr


@pytest.fixture
def coloured(profiled):
    """A function: number, findings, verdict, tunnel packets and colouring rule of each frame."""
    def read(name):
        return profiled.fields(
            sandbox.capture_of(name), "frame.number", "tcp.stream", "iphttps.finding",
            "iphttps.verdict", "iphttps.tunnel.packet", "frame.coloring_rule.name",
            profile="IP-HTTPS", endpoints=SCENARIOS[name]["endpoints"], two_pass=True)
    return read


def test_rules_are_readable():
    assert rules()
    for name, _, background, foreground in rules():
        darker, lighter = sorted((luminance(background), luminance(foreground)))
        contrast = (lighter + 0.05) / (darker + 0.05)
        assert contrast >= CONTRAST_MIN, f"{name}: {contrast:.1f}"


@pytest.mark.parametrize("vision", VISIONS)
def test_colours_are_told_apart(vision):
    colours = {**{name: background for name, _, background, _ in rules()}, "none": WHITE}
    for one, other in itertools.combinations(colours, 2):
        difference = math.dist(lab(colours[one], vision), lab(colours[other], vision))
        assert difference >= DIFFERENCE_MIN, f"{one}, {other}: {difference:.1f}"


@pytest.mark.parametrize("display_filter", [
    *(rule[1] for rule in rules()), *(button[1] for button in buttons())])
def test_filter_compiles(opener, display_filter):
    with opener.open(sandbox.capture_of("foreign-https")) as opened:
        assert opened.ask(("check", {"filter": display_filter})) == [{"status": "OK"}]


def test_filter_that_does_not_compile_is_told(opener):
    with opener.open(sandbox.capture_of("foreign-https")) as opened:
        assert opened.ask(("check", {"filter": "iphttps.no_such_field"})) != [{"status": "OK"}]


def test_profile_is_read_without_complaint(profiled):
    assert complaints(profiled) == ""


def test_profile_that_does_not_fit_is_complained_about(profiled):
    rule = "@Broken@iphttps.no_such_field@[65535,65535,65535][0,0,0]\n"
    (profiled.profile_folder("IP-HTTPS") / "colorfilters").write_text(rule, encoding="utf-8")
    assert "Broken" in complaints(profiled)


def test_columns_show_fields_that_exist(tshark):
    fields = {line.split("\t")[2] for line in tshark.glossary("fields") if line.startswith("F")}
    custom = [entry.split(":")[1] for _, entry in columns() if entry.startswith("%Cus:")]
    assert custom and set(custom) <= fields
    assert {"Session", "Endpoint", "Verdict", "Look at", "Finding", "Windows error"} \
        <= dict(columns()).keys()


NUMBER_WIDTH = 62  # of seven digits, which Wireshark gives to a column without a width


def test_verdict_box_and_finding_fit_a_small_screen():
    text = (PROFILE / "recent").read_text(encoding="utf-8")
    widths = [int(width) for width in re.findall(r'^\t".*?", (\d+)', text, re.MULTILINE)]
    titles = list(dict(columns()))
    assert titles[:5] == ["No.", "Time", "Verdict", "Look at", "Info"]
    assert NUMBER_WIDTH + sum(widths[:4]) <= 1000


def test_a_cause_button_covers_each_finding():
    causes = {label: display_filter for label, display_filter in buttons()
              if label.startswith("Cause//") and label != "Cause//Wrong server"}
    for slug, finding in sandbox.interface()["findings"].items():
        covering = [label for label, display_filter in causes.items()
                    if f'"{slug}"' in display_filter]
        assert len(covering) == (finding["severity"] != "chat"), slug


def test_widths_are_those_of_the_columns():
    text = (PROFILE / "recent").read_text(encoding="utf-8")
    widths = re.findall(r'^\t"(.*?)", \d', text, re.MULTILINE)
    assert ["%m", *widths] == [re.sub(r"(%Cus:[^:]*):.*", r"\1", entry) for _, entry in columns()]


def wanted_rule(slugs):
    """The rule of a frame with these findings."""
    names = [next((name for name, group in GROUPS.items() if slug in group), OTHER)
             for slug in slugs if slug not in NOTES]
    ranks = [name for name, *_ in rules()]
    return min(names, key=ranks.index, default=None)


def frames_of_interest():
    """The first scenario with each finding."""
    chosen = {}
    for name, scenario in SCENARIOS.items():
        for session in scenario["sessions"]:
            for finding in session["findings"]:
                chosen.setdefault(finding["slug"], name)
    return sorted(set(chosen.values()))


@pytest.mark.parametrize("name", frames_of_interest())
def test_deciding_frame_stands_out_from_its_session(coloured, name):
    verdicts = {session["stream"]: session["verdict"] for session in SCENARIOS[name]["sessions"]}
    for row in coloured(name):
        [rule] = row["frame.coloring_rule.name"] or [None]
        verdict = int(row["iphttps.verdict"][0]) if row["iphttps.verdict"] else None
        pale = TUNNEL if row["iphttps.tunnel.packet"] else PALE.get(verdict)
        assert rule == (wanted_rule(row["iphttps.finding"]) or pale), row["frame.number"]
        if len(verdicts) > 1 and row["tcp.stream"]:
            assert verdict == verdicts[int(row["tcp.stream"][0])]


@pytest.mark.parametrize("name", ["foreign-https", "foreign-mqtt-null", "withdrawn-web-page"])
def test_other_traffic_has_no_colour(coloured, name):
    rows = coloured(name)
    assert rows and not any(row["frame.coloring_rule.name"] for row in rows)


def test_buttons_pick_what_they_say(tshark):
    capture = sandbox.capture_of("several-attempts")
    picked = {label: tshark.frames(capture, display_filter, two_pass=True)
              for label, display_filter in buttons()}
    sessions = SCENARIOS["several-attempts"]["sessions"]
    deciding = [finding["frame"] for session in sessions for finding in session["findings"]]
    assert picked["Cause//Any finding"] == deciding
    assert picked["Cause//TCP"] == []
    assert picked["Failed"] == picked["DirectAccess"] \
        == tshark.frames(capture, "tcp", two_pass=True)
    assert picked["Reconnects"] == tshark.frames(capture, "tcp.stream > 0", two_pass=True)
    assert picked["Tunnel"] == []
    assert picked["Cause//NULL cipher suites"] == [
        finding["frame"] for session in sessions for finding in session["findings"]
        if finding["slug"] == "null_cipher_rejected"] != []


def samples(table):
    """The rows of a table that are commented out, as its lines."""
    lines = (PROFILE / table).read_text(encoding="utf-8").splitlines()
    return [line[1:] for line in lines if line.startswith('#"')]


def test_sample_endpoints_make_sense(profiled):
    rows = samples("iphttps_endpoints")
    table = profiled.profile_folder("IP-HTTPS") / "iphttps_endpoints"
    table.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
    assert rows and complaints(profiled) == ""
    table.write_text('"da.example.com","","no port","",""\n', encoding="utf-8")
    assert complaints(profiled) != ""


def test_known_inspection_products_are_those_of_the_plugin():
    source = (sandbox.SOURCE / "plugin" / "core" / "inspection.c").read_text(encoding="utf-8")
    table = (PROFILE / "iphttps_inspection_issuers").read_text(encoding="utf-8")
    known = re.findall(r'^ *\{"(.+?)", "(.+?)"\},$', source, re.MULTILINE)
    assert re.findall(r'^"(.+?)","(.+?)"$', table, re.MULTILINE) == known != []


def test_newer_versions_switch_to_it_for_directaccess():
    settings = (PROFILE / "profile_settings").read_text(encoding="utf-8")
    assert "auto_switch_filter: iphttps\n" in settings


def test_zip_holds_the_files_as_the_import_wants_them():
    packed = sandbox.profile_zip()
    if not packed:
        pytest.skip("the plugin was not built by CMake in the folder above IPHTTPS_PLUGIN_DIR")
    assert sorted(zipfile.ZipFile(packed).namelist()) \
        == sorted(f"IP-HTTPS/{file.name}" for file in PROFILE.iterdir())
