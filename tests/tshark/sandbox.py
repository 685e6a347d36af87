"""Runs tshark with the plugin as built, away from the user's profile and, under root, as nobody.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import functools
import hashlib
import itertools
import json
import os
import pathlib
import pwd
import re
import shutil
import subprocess
import tempfile

import resident
import shared

SOURCE = pathlib.Path(__file__).resolve().parents[2]
CAPTURES = SOURCE / "testcaptures"
# The folder below which tshark finds <version>/epan/iphttps.so.
PLUGINS = pathlib.Path(os.environ.get("IPHTTPS_PLUGIN_DIR", SOURCE / "build" / "plugins"))
# Another tshark than this machine's, such as tests/windows/tshark.
TSHARK = os.environ.get("IPHTTPS_TSHARK", "tshark")
# What a tshark that stays is preloaded with, if it was built.
RESIDENT = PLUGINS.parent / "tests" / "tshark" / "resident.so"
INHERITED = ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS")
WITHOUT_PLUGIN = {"WIRESHARK_PLUGIN_DIR": "/nonexistent"}  # as an environment
# A plugin built with AddressSanitizer needs its library in the programs that load it; others may hang with it.
PRELOADED = os.environ.get("IPHTTPS_PRELOAD")
LOADING_PLUGINS = ("tshark", "sharkd", "/usr/bin/python3", "sh")  # scripts start sharkd
ENDPOINT_COLUMNS = 5
NO_CODE = -1  # the catalogue's word for a session without any Windows error
TIMEOUT_S = 120


def may_stay():
    """Whether a tshark may stay to answer many questions; IPHTTPS_START_EACH forbids it."""
    return (TSHARK == "tshark" and not PRELOADED and RESIDENT.exists()
            and "IPHTTPS_START_EACH" not in os.environ)


@functools.lru_cache(maxsize=None)
def catalogue():
    """The scenarios of testcaptures/ with what each is expected to show, by name: to be read alone,
    since all get the same."""
    return json.loads((CAPTURES / "expected.json").read_text(encoding="utf-8"))


@functools.lru_cache(maxsize=None)
def interface():
    """The public interface: fields and their types, values, findings with severity and Windows
    error, preferences with their defaults, tables with their numbers of columns; to be read alone,
    too."""
    return json.loads((SOURCE / "tests" / "interface.json").read_text(encoding="utf-8"))


def findings_of_severity(severity):
    """The slugs of the findings that are an error, a warning, a note or a chat."""
    return {slug for slug, row in interface()["findings"].items() if row["severity"] == severity}


def capture_of(scenario):
    """The capture of a scenario of the catalogue."""
    return CAPTURES / f"{scenario}.pcapng"


def profile_zip():
    """The zip of the profile that is built with the plugin; None if that was not built by CMake
    in the folder above IPHTTPS_PLUGIN_DIR."""
    build = PLUGINS.parent
    return build / "IP-HTTPS.zip" if (build / "CMakeCache.txt").exists() else None


def capture_digest(path):
    """What tells a capture from all others."""
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


class Sandbox:
    """A folder with a HOME and with copies of the plugin and of captures.

    Started by root, Wireshark loads plugins from the global folder only; so tshark runs as nobody
    there, who may be unable to enter the folders of the source; hence the copies.
    """

    def __init__(self):
        self._nobody = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="iphttps-", dir="/tmp"))
        self.folder.chmod(0o755)
        self.home = self._writable_folder("home")
        self.output = self._writable_folder("output")
        self.plugins = self.folder / "plugins"
        shutil.copytree(PLUGINS, self.plugins)
        self._copies = {}
        self._residents = {}

    def close(self):
        """Removes the folder and all that is in it; what goes by itself meanwhile is no error."""
        for stays in filter(None, self._residents.values()):
            stays.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _writable_folder(self, name):
        folder = self.folder / name
        folder.mkdir()
        self._give_away(folder)
        return folder

    def _give_away(self, path):
        if self._nobody:
            os.chown(path, self._nobody.pw_uid, self._nobody.pw_gid)

    def readable(self, path):
        """A copy of the file that tshark can read; the file itself if it is in the sandbox."""
        path = pathlib.Path(path).resolve()
        if self.folder in path.parents:
            return path
        if path not in self._copies:
            copy = self.folder / "captures" / str(len(self._copies)) / path.name
            copy.parent.mkdir(parents=True)
            shutil.copyfile(path, copy)
            copy.chmod(0o644)
            self._copies[path] = copy
        return self._copies[path]

    def unpacked(self, archive):
        """A folder with what is in a zip, which tshark can read."""
        folder = self.folder / "unpacked"
        shutil.unpack_archive(archive, folder)
        return folder

    def profile_folder(self, profile=None):
        """The folder of a profile, the default one if none is named; it may not be there."""
        settings = self.home / ".config" / "wireshark"
        return settings / "profiles" / profile if profile else settings

    def write_table(self, name, rows, profile=None):
        """Writes a table (such as iphttps_endpoints) of a profile, the default one if none is
        named; no rows: no file."""
        folder = self.profile_folder(profile)
        table = folder / name
        table.unlink(missing_ok=True)
        if rows:
            folder.mkdir(parents=True, exist_ok=True)
            table.write_text("".join(f"{_line(row)}\n" for row in rows), encoding="utf-8")
            for path in (folder.parent, folder, table):
                self._give_away(path)

    def install_profile(self, name):
        """Copies a profile of profiles/ to where -C finds it, anew if it is already there."""
        profile = self.profile_folder(name)
        shutil.rmtree(profile, ignore_errors=True)
        shutil.copytree(SOURCE / "profiles" / name, profile)
        for path in (*[profile, *profile.parents][:4], *profile.iterdir()):
            self._give_away(path)
            path.chmod(0o755 if path.is_dir() else 0o644)

    def _settings(self, profile):
        """All that tshark finds in its HOME, as pairs of a file's name and content; of profiles
        the one it is told to take, since others come and go with the tests of the profile."""
        folders = {self.profile_folder(), self.profile_folder(profile)}
        files = sorted(path for folder in folders if folder.exists()
                       for path in folder.iterdir() if path.is_file())
        return [(str(path.relative_to(self.home)), path.read_bytes()) for path in files]

    def _preloading(self):
        """The settings for a plugin with AddressSanitizer: no extcap programs, which inherit it."""
        return {"LD_PRELOAD": PRELOADED, "WIRESHARK_EXTCAP_DIR": str(self.home)}

    def _surroundings(self, program, environment):
        """How programs are started here: folder, environment and user, as subprocess takes them.

        A variable of the environment given as None is not set."""
        settings = {
            **{name: os.environ[name] for name in INHERITED if name in os.environ},
            "HOME": str(self.home),
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
            "WIRESHARK_ABORT_ON_DISSECTOR_BUG": "1",
            "WIRESHARK_PLUGIN_DIR": str(self.plugins),
            **(self._preloading() if PRELOADED and program in LOADING_PLUGINS else {}),
            **(environment or {}),
        }
        privileges = {}
        if self._nobody:
            privileges = {"user": self._nobody.pw_uid, "group": self._nobody.pw_gid,
                          "extra_groups": []}
        settings = {name: value for name, value in settings.items() if value is not None}
        return {"cwd": self.output, "env": settings, **privileges}

    def version(self):
        """Major and minor number of tshark's version."""
        text = self.run("--version").stdout
        return tuple(map(int, re.search(r"(\d+)\.(\d+)", text).groups()))

    def glossary(self, report):
        """The lines of a report of tshark -G, such as "fields"."""
        return shared.once(("-G", report), lambda: self.run("-G", report).stdout.splitlines())

    def start(self, program, *arguments, environment=None, **options):
        """Starts a program of any kind and does not wait: its Popen, made with these options."""
        return subprocess.Popen([program, *map(str, arguments)],
                                **self._surroundings(program, environment),
                                **{"stdin": subprocess.DEVNULL, **options})

    def run(self, *arguments, program=TSHARK, environment=None, stdin=""):
        """Runs a program of Wireshark's; its CompletedProcess has stdout and stderr as text."""
        return subprocess.run([program, *map(str, arguments)], input=stdin,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              timeout=TIMEOUT_S, check=False,
                              **self._surroundings(program, environment))

    def ask(self, *arguments, environment=None):
        """The same with a tshark that stays, from the second question in an environment on: for
        what does not depend on how tshark starts, and has no input."""
        surroundings = tuple(sorted((environment or {}).items()))
        if surroundings not in self._residents:
            if may_stay():
                self._residents[surroundings] = None
            return self.run(*arguments, environment=environment)
        if self._residents[surroundings] is None:
            self._residents[surroundings] = resident.Resident(self, RESIDENT, environment)
        return self._residents[surroundings].run(*arguments, timeout_s=TIMEOUT_S)

    def read(self, capture, *arguments, endpoints=(), preferences=None, profile=None,
             two_pass=False, environment=None, check=True):
        """Reads a capture with tshark, which must succeed if check.

        endpoints: rows of that table (host, address, port, thumbprint, comment; the last ones may
        be left out); preferences: a dict of name and value; profile: the name of an installed one,
        whose colouring rules are applied too; two_pass: whether to give -2.

        The same question is asked once in a run of the tests, but for one that writes a file.
        """
        self.write_table("iphttps_endpoints", [_padded(row) for row in endpoints], profile)
        options = ["-C", profile, "--color"] if profile else []
        options += ["-2"] if two_pass else []
        for name, value in (preferences or {}).items():
            options += ["-o", f"{name}:{value}"]

        def answer():
            return self.ask("-n", *options, "-r", self.readable(capture), *arguments,
                            environment=environment)

        question = (options, capture_digest(capture), arguments, environment,
                    self._settings(profile))
        done = answer() if "-w" in arguments else shared.once(question, answer)
        if check:
            assert done.returncode == 0, f"{done.args} ended with {done.returncode}: {done.stderr}"
        return done

    def fields(self, capture, *names, display_filter=None, **options):
        """Fields of each frame that the filter lets through: a list of dicts, one for each frame.

        A dict has for each name the list of the field's texts, empty where the frame lacks it.
        """
        chosen = ["-Y", display_filter] if display_filter else []
        lines = self.read(capture, *_field_options(names), *chosen, **options).stdout.splitlines()
        return [_field_texts(names, line) for line in lines]

    def fields_and_statistics(self, capture, names, statistics, **options):
        """The same of all frames, and the text that statistics (-z) print behind them, from one
        run; two names at least."""
        asked = [text for one in statistics for text in ("-z", one)]
        lines = self.read(capture, *_field_options(names), *asked, **options).stdout.splitlines()
        rows = list(itertools.takewhile(lambda line: "\t" in line, lines))
        return [_field_texts(names, line) for line in rows], "\n".join(lines[len(rows):])

    def frames(self, capture, display_filter, **options):
        """The numbers of the frames that a display filter matches."""
        found = self.fields(capture, "frame.number", display_filter=display_filter, **options)
        return [int(row["frame.number"][0]) for row in found]

    def json(self, capture, *arguments, **options):
        """The layers of each frame as tshark -T json has them; repeated keys become lists."""
        done = self.read(capture, "-T", "json", "--no-duplicate-keys", *arguments, **options)
        return [packet["_source"]["layers"] for packet in json.loads(done.stdout)]


def _field_options(names):
    return ["-T", "fields", "-E", "separator=/t", "-E", "aggregator=\x1f",
            *(text for name in names for text in ("-e", name))]


def _field_texts(names, line):
    """The texts of each field in a line that tshark printed with these options."""
    return {name: text.split("\x1f") if text else []
            for name, text in zip(names, line.split("\t"))}


def table_row(row):
    """A row for the table of endpoints as it stands in the file; the last columns may be left
    out."""
    return _line(_padded(row))


def _padded(row):
    return [*row, *[""] * (ENDPOINT_COLUMNS - len(row))]


def _line(row):
    return ",".join(f'"{_escaped(column)}"' for column in row)


def _escaped(text):
    return text.replace("\\", "\\x5c").replace('"', "\\x22")
