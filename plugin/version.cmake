# The plugin's version, for a build by itself and for one inside Wireshark's own tree
#
# SPDX-License-Identifier: GPL-2.0-or-later

set(IPHTTPS_VERSION 0.1.0)
