#!/bin/sh
# install.sh - installs the IP-HTTPS plugin and its profile for the user who runs it, or removes them
#
# usage: ./install.sh [--uninstall]
#
# SPDX-License-Identifier: GPL-2.0-or-later
set -eu

here=$(cd "$(dirname "$0")" && pwd -P)
programs=$HOME/.local/bin
profiles=${XDG_CONFIG_HOME:-$HOME/.config}/wireshark/profiles
PATH=$PATH:/Applications/Wireshark.app/Contents/MacOS

fail() {
  echo "install.sh: $*" >&2
  exit 1
}

# Wireshark's minor version, such as 4.4: a plugin fits no other.
find_version() {
  for program in tshark wireshark Wireshark; do
    if command -v "$program" >/dev/null; then
      "$program" --version 2>/dev/null | sed -n '1s/^[^0-9]*\([0-9]*\.[0-9]*\)\..*/\1/p'
      return
    fi
  done
}

# In the app for macOS the folder is 4-4.
plugin_folder() {
  case $(uname) in
    Darwin) echo "$HOME/.local/lib/wireshark/plugins/$(echo "$1" | tr . -)/epan" ;;
    *) echo "$HOME/.local/lib/wireshark/plugins/$1/epan" ;;
  esac
}

# What the user fills in stays as it is; of the other files an earlier, perhaps changed one is kept as NAME.old.
install_profile() {
  mkdir -p "$profiles/IP-HTTPS"
  for file in "$here"/profiles/IP-HTTPS/*; do
    name=$(basename "$file")
    there=$profiles/IP-HTTPS/$name
    if [ -e "$there" ] && grep -qx "$name" "$here/kept"; then
      echo "kept:      $there"
      continue
    fi
    if [ -e "$there" ] && ! cmp -s "$file" "$there"; then
      mv "$there" "$there.old"
    fi
    cp "$file" "$there"
  done
  echo "installed: $profiles/IP-HTTPS"
}

# copy FILE FOLDER
copy() {
  mkdir -p "$2"
  cp "$1" "$2"
  echo "installed: $2/$(basename "$1")"
}

remove() {
  for file in "$HOME"/.local/lib/wireshark/plugins/*/epan/iphttps.so "$programs/iphttps-triage"; do
    if [ -e "$file" ]; then
      rm "$file"
      echo "removed:   $file"
    fi
  done
  if [ -e "$profiles/IP-HTTPS" ]; then
    echo "left:      $profiles/IP-HTTPS, with your tables; remove it by hand if you no longer need it"
  fi
}

case ${1:-} in
  '') ;;
  --uninstall)
    remove
    exit
    ;;
  *) fail "usage: $0 [--uninstall]" ;;
esac

[ "$(id -u)" != 0 ] || fail "run this as the user of Wireshark: started by root, it ignores a user's plugins"
version=$(find_version)
[ -n "$version" ] || fail "neither tshark nor Wireshark is on the PATH: install Wireshark first"
if ! [ -e "$here/plugins/$version/iphttps.so" ]; then
  fail "your Wireshark is $version; this package has the plugin for" \
    "$(ls "$here/plugins"), and a plugin works with no other version"
fi
copy "$here/plugins/$version/iphttps.so" "$(plugin_folder "$version")"
[ ! -e "$here/iphttps-triage" ] || copy "$here/iphttps-triage" "$programs"
install_profile
echo "Start Wireshark and choose the profile IP-HTTPS (Edit > Configuration Profiles)."
