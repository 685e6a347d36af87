# glibconfig.sed - makes GLib's glibconfig.h of Linux one for Windows x64, where long has 32 bits
#
# SPDX-License-Identifier: GPL-2.0-or-later

s/^typedef \(.*signed\) long \(g\(u\?int64\|s\?size\|u\?intptr\)\);/typedef \1 long long \2;/
s/(val##L)/(val##LL)/
s/(val##UL)/(val##ULL)/
s/\(MODIFIER  *\)"l"/\1"ll"/
s/\(_FORMAT  *\)"l\([iu]\)"/\1"ll\2"/
s/\(G_MAXSIZE\s*\)G_MAXULONG/\1G_MAXUINT64/
s/\(G_MINSSIZE\s*\)G_MINLONG/\1G_MININT64/
s/\(G_MAXSSIZE\s*\)G_MAXLONG/\1G_MAXINT64/
s/\(GLIB_SIZEOF_LONG *\)8/\14/
/POINTER/{
  s/(glong)/(gint64)/
  s/(gulong)/(guint64)/
}
/^#define GU\?LONG_TO_/s/INT64/INT32/
s/^#define G_OS_UNIX/#define G_OS_WIN32\n#define G_PLATFORM_WIN32/
s/G_THREADS_IMPL_POSIX/G_THREADS_IMPL_WIN32/
/GLIB_HAVE_ALLOCA_H/d
/GLIB_USING_SYSTEM_PRINTF/d
/#define G_HAVE_GNUC_VISIBILITY/d
s/\(G_POLLFD_FORMAT *\).*/\1"%#llx"/
s/^typedef int GPid;/typedef void *GPid;/
s/\(G_PID_FORMAT *\).*/\1"p"/
s/\(GLIB_SYSDEF_AF_INET6 *\)10/\123/
s/\(G_MODULE_SUFFIX *\).*/\1"dll"/
s/\(G_DIR_SEPARATOR *\)'.*/\1'\\\\'/
s/\(G_DIR_SEPARATOR_S *\).*/\1"\\\\"/
s/\(G_SEARCHPATH_SEPARATOR *\)'.*/\1';'/
s/\(G_SEARCHPATH_SEPARATOR_S *\).*/\1";"/
