# cross.sh - what the scripts that cross-build for Windows share; they source it with folder set
#
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # some are set, the others used by who sources this

host=x86_64-w64-mingw32ucrt
# Debian's libraries for MinGW that need no building. They use msvcrt.dll, and hand nothing of it to others.
debian_prefix=/usr/x86_64-w64-mingw32
windows_headers=/usr/share/mingw-w64/include
toolchain=$here/../../packaging/windows/toolchain.cmake
sources=$folder/sources
prefix=$folder/prefix
jobs=${IPHTTPS_JOBS:-2}
cflags="-O1 -pipe"
mkdir -p "$sources" "$folder/build" "$folder/done" "$prefix"

# fetch PACKAGE...: unpacks Debian's source packages with Debian's patches, the newest of each that the mirror has.
fetch() {
  for package; do
    [ ! -e "$folder/done/source-$package" ] || continue
    echo "windows: fetching the source of $package"
    (cd "$sources" && fetch_newest "$package")
    touch "$folder/done/source-$package"
  done
}

# A mirror may have lost a version that its index names.
fetch_newest() {
  for version in $(apt-cache showsrc --only-source "$1" | sed -n 's/^Version: //p' | sort -urV); do
    if apt-get -qq -o APT::Sandbox::User=root --download-only source "$1=$version" >/dev/null 2>&1; then
      dpkg-source --no-check -x "$1_${version#*:}.dsc" >/dev/null
      # Files that Debian's patches touch are newer than what is generated from them; no autotools are wanted for that.
      find "$1"-* -exec touch -h -d '2020-01-01' {} +
      return
    fi
  done
  echo "windows: the mirror has no source of $1" >&2
  return 1
}

# source_of PACKAGE: the folder that it was unpacked to.
source_of() {
  find "$sources" -maxdepth 1 -type d -name "$1-*"
}

# once PART: runs build_PART in a folder of its own, unless it has succeeded before.
once() {
  [ ! -e "$folder/done/$1" ] || return 0
  echo "windows: building $1"
  mkdir -p "$folder/build/$1"
  (cd "$folder/build/$1" && "build_$1")
  touch "$folder/done/$1"
}

# with_cmake SOURCE [OPTION...]
with_cmake() {
  cmake -G Ninja -DCMAKE_TOOLCHAIN_FILE="$toolchain" -DCMAKE_INSTALL_PREFIX="$prefix" -DCMAKE_BUILD_TYPE= \
    -DCMAKE_C_FLAGS="$cflags" -DCMAKE_POLICY_VERSION_MINIMUM=3.5 "$@" >cmake.log
  ninja -j "$jobs" install >ninja.log
}
