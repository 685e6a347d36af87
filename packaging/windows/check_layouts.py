"""Checks that MSVC, which builds the official Wireshark, and MinGW lay out each struct alike.

usage: check_layouts.py FOLDER VERSION..., FOLDER being that of build. Clang knows both ways: it tells
the layout of every struct and union in the headers that the plugin includes.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import pathlib
import re
import shlex
import json
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]
HEADERS = "/usr/share/mingw-w64/include"
TARGETS = ("x86_64-w64-windows-gnu", "x86_64-pc-windows-msvc")
# MinGW's headers are to be read in both cases, so that only what the compilers do differs.
AS_MINGW = ("-U_MSC_VER", "-D__MINGW32__=1", "-D__MINGW64__=1", "-D__GNUC__=14", "-D_UCRT",
            "-fms-extensions", "-fno-ms-compatibility")
# Of the compilers themselves: types for vector instructions, long double (MSVC's is a double), and a name for what is in
# jmp_buf, which is declared without it.
OWN = re.compile(r"struct __(load|store)u_|unnamed at \S*/mingw-w64/include/std(def|lib)\.h|"
                 r"struct (_JUMP_BUFFER|__tile1024i_str)$")


def all_includes():
    """What the plugin's files include, each once, in the order in which they do."""
    lines = []
    for path in sorted((SOURCE / "plugin").rglob("*.c")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if re.match(r'#\s*(include|define WS_BUILD_DLL)', line) and line not in lines:
                lines.append(line)
    return [line for line in lines if "define" not in line]


def flags(build):
    """The include folders and macros by which a file of the plugin is compiled."""
    for entry in json.loads((build / "compile_commands.json").read_text(encoding="utf-8")):
        if entry["file"].endswith("/plugin.c"):
            words = shlex.split(entry["command"])
            return [word for i, word in enumerate(words)
                    if word.startswith(("-I", "-D", "-std")) or "-isystem" in words[i - 1:i + 1]]
    raise SystemExit(f"{build} has no plugin.c")


def layouts(target, text, options):
    """The layout of each record, by its name."""
    done = subprocess.run(
        ["clang", f"--target={target}", "-w", "-nostdlibinc", "-isystem", HEADERS, *AS_MINGW,
         "-Xclang", "-fdump-record-layouts-complete", "-fsyntax-only", "-x", "c", "-", *options],
        input=text, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"clang --target={target}: {done.stderr}")
    found = {}
    for record in done.stdout.split("*** Dumping AST Record Layout\n")[1:]:
        lines = [line.rstrip() for line in record.strip().splitlines()]
        name = re.sub(r"^\s*\d+ \| ", "", lines[0])
        found[name] = lines
    return found


def main():
    """Compares the layouts for each version."""
    folder = pathlib.Path(sys.argv[1])
    wrong = False
    for version in sys.argv[2:]:
        text = "\n".join(all_includes()) + "\n"
        options = [*flags(folder / "build" / version), f"-I{SOURCE / 'plugin'}"]
        mingw, msvc = (layouts(target, text, options) for target in TARGETS)
        differing = sorted(name for name in mingw.keys() | msvc.keys()
                           if mingw.get(name) != msvc.get(name) and not OWN.search(name))
        wrong = wrong or bool(differing) or len(mingw) < 1000
        print(f"windows: Wireshark {version}: {len(mingw)} structs and unions, laid out differently by "
              f"MSVC and MinGW: {', '.join(differing) or 'none'}")
    sys.exit(wrong)


if __name__ == "__main__":
    main()
