"""What an installation leaves where, and that a second one takes nothing from its user.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os
import shutil
import subprocess

import pytest

import sandbox

BUILD = sandbox.PLUGINS.parent
PROFILE = sandbox.SOURCE / "profiles" / "IP-HTTPS"
KEPT = (sandbox.SOURCE / "packaging" / "kept").read_text(encoding="utf-8").split()
OTHERS = sorted({file.name for file in PROFILE.iterdir()} - set(KEPT))

pytestmark = pytest.mark.skipif(
    not (BUILD / "CPackConfig.cmake").exists(),
    reason="the plugin was not built by CMake in the folder above IPHTTPS_PLUGIN_DIR")


@pytest.fixture
def room():
    """A sandbox with a HOME that nothing has been installed in."""
    made = sandbox.Sandbox()
    yield made
    made.close()


def install(*arguments, **environment):
    """Runs cmake --install; what it prints."""
    settings = {name: value for name, value in os.environ.items() if name != "XDG_CONFIG_HOME"}
    return subprocess.run(["cmake", "--install", BUILD, *map(str, arguments)],
                          env={**settings, **environment}, stdout=subprocess.PIPE,
                          check=True, text=True).stdout


def installed_plugins(room):
    """What tshark lists of ours from the user's own folder."""
    listed = room.run("-G", "plugins", environment={"WIRESHARK_PLUGIN_DIR": ""}).stdout
    return [line.split("\t")[-1] for line in listed.splitlines() if line.startswith("iphttps")
            and line.split("\t")[-1].startswith(str(room.home))]


def names(folder):
    """The names of the files in a folder."""
    return sorted(file.name for file in folder.iterdir())


def unpack(room):
    """The folder of the .tar.gz for this Wireshark, unpacked where the sandbox can read it."""
    subprocess.run([sandbox.SOURCE / "packaging" / "pack", BUILD, "tgz"], check=True)
    [version] = sandbox.PLUGINS.iterdir()
    [archive] = (BUILD / "packages").glob(f"*-wireshark{version.name}-*.tar.gz")
    shutil.unpack_archive(archive, room.folder / "archive")
    [folder] = (room.folder / "archive").iterdir()
    return folder


def by_cmake(room):
    """Installs for the user of the sandbox."""
    install("--component", "user", HOME=str(room.home))


def by_archive(room):
    """The same by the installer in the archive."""
    folder = room.folder / "archive"
    folder = next(folder.iterdir()) if folder.exists() else unpack(room)
    done = room.run(program=folder / "install.sh")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("way", [by_cmake, by_archive])
def test_installed_for_one_user_it_is_found(room, way):
    way(room)
    [plugin] = installed_plugins(room)
    [expected] = (room.home / ".local/lib/wireshark/plugins").glob("*/epan/iphttps.so")
    assert plugin == str(expected)
    assert names(room.profile_folder("IP-HTTPS")) == names(PROFILE)
    assert os.access(room.home / ".local/bin/iphttps-triage", os.X_OK)


@pytest.mark.parametrize("way", [by_cmake, by_archive])
def test_second_installation_keeps_what_its_user_filled_in(room, way):
    way(room)
    profile = room.profile_folder("IP-HTTPS")
    for file in profile.iterdir():
        file.write_text(f"# mine: {file.name}\n", encoding="utf-8")
    way(room)
    assert set(KEPT) >= {"iphttps_endpoints", "iphttps_inspection_issuers", "preferences", "recent"}
    for name in KEPT:
        assert (profile / name).read_text(encoding="utf-8") == f"# mine: {name}\n"
    for name in OTHERS:
        assert (profile / name).read_bytes() == (PROFILE / name).read_bytes()
        assert (profile / f"{name}.old").read_text(encoding="utf-8") == f"# mine: {name}\n"


def test_folder_is_decided_when_installing(tmp_path):
    for home in (tmp_path / "one", tmp_path / "two"):
        home.mkdir()
        install("--component", "user", HOME=str(home), XDG_CONFIG_HOME=str(home / "settings"))
        assert list(home.glob(".local/lib/wireshark/plugins/*/epan/iphttps.so"))
        assert (home / "settings/wireshark/profiles/IP-HTTPS/colorfilters").exists()
    install("--prefix", tmp_path / "prefix")
    assert list((tmp_path / "prefix").glob("lib*/**/epan/iphttps.so"))
    assert (tmp_path / "prefix/share/wireshark/profiles/IP-HTTPS/colorfilters").exists()


def test_installation_for_all_users_keeps_tables_too(tmp_path):
    install(DESTDIR=str(tmp_path))
    [table] = tmp_path.glob("**/IP-HTTPS/iphttps_endpoints")
    table.write_text("# the administrator's\n", encoding="utf-8")
    install(DESTDIR=str(tmp_path))
    assert table.read_text(encoding="utf-8") == "# the administrator's\n"


def test_archive_is_refused_for_another_version(room):
    folder = unpack(room)
    [plugins] = (folder / "plugins").iterdir()
    plugins.rename(folder / "plugins" / "3.6")
    done = room.run(program=folder / "install.sh")
    version = ".".join(map(str, room.version()))
    assert done.returncode == 1 and installed_plugins(room) == []
    assert f"your Wireshark is {version}; this package has the plugin for 3.6" in done.stderr
    assert not room.profile_folder("IP-HTTPS").exists()


def test_archive_removes_the_plugin_and_leaves_the_tables(room):
    by_archive(room)
    [folder] = (room.folder / "archive").iterdir()
    assert room.run("--uninstall", program=folder / "install.sh").returncode == 0
    assert installed_plugins(room) == [] and not (room.home / ".local/bin/iphttps-triage").exists()
    assert (room.profile_folder("IP-HTTPS") / "iphttps_endpoints").exists()


def pack_zip(build):
    """Makes the .zip for Windows of what is in the build folder."""
    return subprocess.run([sandbox.SOURCE / "packaging" / "pack", build, "zip"], check=False,
                          text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_zip_holds_a_dll_for_each_version(tmp_path):
    for version in ("4.0", "4.6"):
        (tmp_path / "windows" / version).mkdir(parents=True)
        (tmp_path / "windows" / version / "iphttps.dll").write_bytes(version.encode())
    assert pack_zip(tmp_path).returncode == 0
    [packed] = (tmp_path / "packages").iterdir()
    shutil.unpack_archive(packed, tmp_path / "unpacked")
    [folder] = (tmp_path / "unpacked").iterdir()
    held = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}
    assert held == {
        "INSTALL.txt", "LICENSE", "install.ps1", "kept",
        "plugins/4.0/iphttps.dll", "plugins/4.6/iphttps.dll",
        *(f"profiles/IP-HTTPS/{file.name}" for file in PROFILE.iterdir())}
    assert (folder / "plugins/4.6/iphttps.dll").read_bytes() == b"4.6"


def test_zip_without_dlls_is_refused(tmp_path):
    done = pack_zip(tmp_path)
    assert done.returncode == 1 and "./run windows builds them" in done.stderr
    assert not list((tmp_path / "packages").iterdir())
