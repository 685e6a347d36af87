# shellcheck shell=sh disable=SC2154
# roots.sh - Debian roots that are kept: how they are made, and how commands run in them
#
# Sourced; roots is the folder of the roots, source that of this project, logs one for what is not asked for.
#
# SPDX-License-Identifier: GPL-2.0-or-later

# make_root RELEASE [NAME]. It is made under another name first, so that an interrupted run leaves none that looks whole.
make_root() {
  name=${2:-$1}
  echo "making a Debian $1 root in $roots/$name"
  rm -rf "$roots/$name.new"
  mkdir -p "$roots"
  debootstrap --variant=minbase "$1" "$roots/$name.new" >"$logs/$name.debootstrap" || {
    cat "$logs/$name.debootstrap"
    return 1
  }
  # The Release file of a mirror's sid may be past its date.
  echo 'Acquire::Check-Valid-Until "false";' >"$roots/$name.new/etc/apt/apt.conf.d/99valid-until"
  mv "$roots/$name.new" "$roots/$name"
}

# in_root NAME|FOLDER COMMAND...: runs it there with the source at /mnt, built in IPHTTPS_ROOT_BUILD of the root. Mounts
# in a namespace of their own vanish with the command.
in_root() {
  case $1 in
    /*) root=$1 ;;
    *) root=$roots/$1 ;;
  esac
  shift
  # shellcheck disable=SC2016 # expanded by the inner shell
  unshare --mount sh -euc '
    root=$1 source=$2
    shift 2
    cp -L /etc/resolv.conf "$root/etc/resolv.conf"
    mount --rbind /dev "$root/dev"
    mount -t proc proc "$root/proc"
    mount --rbind /sys "$root/sys"
    mount --bind "$source" "$root/mnt"
    mount -o remount,bind,ro "$root/mnt"
    exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
      IPHTTPS_BUILD="${IPHTTPS_ROOT_BUILD:-/var/cache/iphttps-build}" "$@"
  ' sh "$root" "$source" "$@"
}

# This machine itself is as good as a root of the same Debian.
is_this_machine() {
  # shellcheck source=/dev/null
  [ "$(. /etc/os-release && echo "${VERSION_CODENAME:-}")" = "$1" ]
}
