"""What iphttps.dll takes from the DLLs of the official Wireshark: lists it, and checks the built DLL.

usage: dlls.py list FOLDER VERSION...    write FOLDER/lists/*.def from the objects of all versions
       dlls.py check FOLDER VERSION...   end with 1 if a built DLL is not as it must be

FOLDER is that of build. Debian's libraries of the same version tell what is to be had: the sources mark what
is exported for Linux and Windows alike.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import pathlib
import re
import subprocess
import sys

TOOLS = "x86_64-w64-mingw32ucrt-"
RELEASES = {"4.0": "bookworm", "4.4": "trixie", "4.6": "sid"}
# By the name of the list: the official Wireshark's DLL, and the folder of headers with Debian's library.
LIBRARIES = {
    "libwireshark": ("libwireshark.dll", None),
    "libwsutil": ("libwsutil.dll", None),
    "libglib-2.0": ("glib-2.0-0.dll", "libraries"),
    "libgnutls": ("libgnutls-30.dll", "libraries"),
}
EXPORTS = {"plugin_version", "plugin_want_major", "plugin_want_minor", "plugin_register",
           "plugin_describe"}
# What Windows itself has. Anything else would have to be delivered with the plugin.
WINDOWS = re.compile(r"KERNEL32\.dll|WS2_32\.dll|api-ms-win-crt-[a-z]+-l1-1-0\.dll", re.I)


def output(*command):
    """What a program prints."""
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def exported_by_debian(folder, version, name):
    """What Debian's library exports: whether it is data, by its name."""
    release = LIBRARIES[name][1] or RELEASES[version]
    library = next((folder / "headers" / release).glob(f"**/{name}.so.*"))
    words = [line.split() for line in output("nm", "-D", "--defined-only", library).splitlines()]
    return {line[-1].split("@")[0]: line[-2] not in "TWi" for line in words}


def needed(folder, version):
    """What the plugin's objects do not have themselves, however they call it."""
    objects = [str(path) for path in (folder / "build" / version / "plugin").glob("**/*.obj")]
    names = {}
    for option in ("--undefined-only", "--defined-only"):
        lines = output(TOOLS + "nm", option, *objects).splitlines()
        names[option] = {line.split()[-1] for line in lines if " " in line.strip()}
    return {name.removeprefix("__imp_") for name in
            names["--undefined-only"] - names["--defined-only"]}


def write_lists(folder, versions):
    """A line for each name; one that not all versions have where it is ends in those that do."""
    (folder / "lists").mkdir(exist_ok=True)
    wanted = {version: needed(folder, version) for version in versions}
    for name, (dll, _) in LIBRARIES.items():
        places = {version: exported_by_debian(folder, version, name) for version in versions}
        lines = []
        for symbol in sorted(set().union(*wanted.values())):
            having = [version for version in versions
                      if symbol in wanted[version] and symbol in places[version]]
            if having:
                data = " DATA" if places[having[0]][symbol] else ""
                only = "" if having == versions else " ; " + " ".join(having)
                lines.append(f"  {symbol}{data}{only}\n")
        (folder / "lists" / f"{name}.def").write_text(f'LIBRARY "{dll}"\nEXPORTS\n{"".join(lines)}',
                                                      encoding="utf-8")


def exports_and_imports(dll):
    """The names that a DLL exports, and those that it imports by the DLL they come from."""
    text = output(TOOLS + "objdump", "-p", dll)
    exports = set(re.findall(r"^\s*\[ *\d+\] \+base\[ *\d+\] +[0-9a-f]+ (\S+)$", text, re.M))
    imports = {}
    for line in text.splitlines():
        name = re.match(r"\s*DLL Name: (\S+)", line)
        member = re.match(r"\s+[0-9a-f]{8,}\s+<none>\s+[0-9a-f]{4}\s+(\S+)$", line)
        if name:
            names = imports.setdefault(name[1], set())
        elif member:
            names.add(member[1])
    return exports, imports


def listed(path):
    """The names of a list that an import library was made from."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return {line.split()[0] for line in lines if line.startswith(" ")}


def complaints(folder, version):
    """Sentences on what is wrong with the DLL of one version."""
    exports, imports = exports_and_imports(folder / "dll" / version / "iphttps.dll")
    if exports != EXPORTS:
        yield f"it exports {' '.join(sorted(exports))}"
    for name, (dll, _) in LIBRARIES.items():
        used = imports.pop(dll, set())
        unused = listed(folder / "imports" / version / f"{name}.def") - used
        if unused:
            yield f"imports/{name}.def lists what is not used: {' '.join(sorted(unused))}"
        missing = used - exported_by_debian(folder, version, name).keys()
        if missing:
            yield f"{dll} has no {' '.join(sorted(missing))}"
    for dll in imports:
        if not WINDOWS.fullmatch(dll):
            yield f"it imports {dll}, which is neither Wireshark's nor Windows' own"


def check(folder, versions):
    """Checks the DLL of each version: whether all are right."""
    right = True
    for version in versions:
        found = list(complaints(folder, version))
        right = right and not found
        for sentence in found or ["exports and imports are as they must be"]:
            print(f"windows: iphttps.dll for {version}: {sentence}")
    return right


def main():
    """Does what the first argument says."""
    command, folder, *versions = sys.argv[1:]
    if command == "list":
        write_lists(pathlib.Path(folder), versions)
    elif not check(pathlib.Path(folder), versions):
        sys.exit(1)


if __name__ == "__main__":
    main()
