# Stands for the configuration that Wireshark's development package brings: headers of Debian's package of one version,
# and import libraries for the DLLs of the official Wireshark for Windows
#
# IPHTTPS_HEADERS is the folder with the unpacked Debian packages, IPHTTPS_IMPORTS that of the import libraries.
#
# SPDX-License-Identifier: GPL-2.0-or-later

set(headers ${IPHTTPS_HEADERS}/usr/include/wireshark)
foreach(part MAJOR MINOR MICRO)
  file(STRINGS ${headers}/ws_version.h line REGEX "WIRESHARK_VERSION_${part}")
  string(REGEX REPLACE ".* " "" Wireshark_${part}_VERSION "${line}")
endforeach()
set(Wireshark_VERSION ${Wireshark_MAJOR_VERSION}.${Wireshark_MINOR_VERSION}.${Wireshark_MICRO_VERSION})
set(Wireshark_INSTALL_PREFIX .)
set(Wireshark_PLUGIN_INSTALL_DIR plugins/${Wireshark_MAJOR_VERSION}.${Wireshark_MINOR_VERSION})

add_library(epan INTERFACE IMPORTED)
target_include_directories(epan INTERFACE ${headers})
target_link_libraries(epan INTERFACE ${IPHTTPS_IMPORTS}/libwireshark.dll.a ${IPHTTPS_IMPORTS}/libwsutil.dll.a)
