# Where a user's Wireshark keeps its things, and how the profile gets there without loss; run when installing
#
# SPDX-License-Identifier: GPL-2.0-or-later

cmake_policy(VERSION 3.20)

function(user_folders home configuration)
  set(settings $ENV{XDG_CONFIG_HOME})
  if(NOT settings)
    set(settings $ENV{HOME}/.config)
  endif()
  set(${home} $ENV{HOME} PARENT_SCOPE)
  set(${configuration} ${settings}/wireshark PARENT_SCOPE)
endfunction()

# Copies the profile into the folder of profiles. What its user fills in stays as it is; of the other files an earlier,
# perhaps changed one is kept as NAME.old.
function(install_profile profile profiles)
  get_filename_component(name ${profile} NAME)
  file(STRINGS ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/kept kept)
  file(GLOB files RELATIVE ${profile} ${profile}/*)
  foreach(file IN LISTS files)
    set(there $ENV{DESTDIR}${profiles}/${name}/${file})
    if(EXISTS ${there} AND file IN_LIST kept)
      message(STATUS "Kept: ${there}")
      continue()
    endif()
    if(EXISTS ${there})
      file(SHA256 ${there} before)
      file(SHA256 ${profile}/${file} now)
      if(NOT before STREQUAL now)
        file(RENAME ${there} ${there}.old)
      endif()
    endif()
    file(INSTALL ${profile}/${file} DESTINATION ${profiles}/${name})
  endforeach()
endfunction()
