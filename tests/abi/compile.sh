#!/bin/bash
# SPDX-License-Identifier: MIT
# compile.sh INCLUDE LIBRARY CC...: the public headers compile alone and beside system headers, without a warning, in C and C++,
# with 16-bit literals of both kinds; a program that uses them runs; a 32-bit wide literal is refused.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
include=$1 library=$2
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
strict="-Wall -Wextra -Wpedantic -Wshadow -Werror"

must() {
    "$@" >"$work/log" 2>&1 || { echo "failed: $*"; cat "$work/log"; exit 1; }
}
must_not() {
    ! "$@" >"$work/log" 2>&1 || { echo "should have failed: $*"; exit 1; }
}

# One file for each header, and some with system headers around ours, in both orders.
for header in "$include"/netmgmt/*.h; do
    name=$(basename "$header")
    printf '#include <%s>\n#include <%s>\nextern int end;\n' "$name" "$name" >"$work/alone-${name%.h}.c"
done
system='assert ctype errno limits locale math setjmp signal stdarg stddef stdint stdio stdlib string time wchar
    unistd pthread netdb poll fcntl sys/socket sys/stat sys/mman netinet/in arpa/inet'
for h in $system; do echo "#include <$h.h>"; done >"$work/system"
ours='#include <windows.h>\n#include <lm.h>\n#include <netmgmt.h>\n'
{ cat "$work/system"; printf "$ours"; echo 'extern int end;'; } >"$work/after.c"
{ printf "$ours"; cat "$work/system"; echo 'extern int end;'; } >"$work/before.c"
printf '#include <netmgmt/lm.h>\nextern LPCWSTR end;\n' >"$work/prefixed.c"
{ printf "$ours"; for h in algorithm functional locale map memory string; do echo "#include <$h>"; done; } >"$work/library.cc"

for cc in "$@"; do
    case $(basename "$cc") in
    *++*) language="-x c++" oldest=c++11 newest=c++20 more="$work/library.cc" ;;
    *) language="-x c" oldest=c11 newest=gnu17 more= ;;
    esac
    must "$cc" $language -std=$oldest $strict -I"$include/netmgmt" -fsyntax-only "$work"/alone-*.c "$here/program.c" "$here/calls.c"
    must "$cc" $language -std=$newest $strict -I"$include/netmgmt" -fsyntax-only "$work/before.c" "$work/after.c" "$here/program.c" $more
    must "$cc" $language $strict -fshort-wchar -I"$include/netmgmt" -fsyntax-only "$work"/alone-*.c
    must "$cc" $language $strict -fshort-wchar -DWIDE_L -DUNICODE -I"$include/netmgmt" -fsyntax-only "$here/program.c" "$here/calls.c"
    must "$cc" $language $strict -I"$include" -fsyntax-only "$work/prefixed.c"
    must_not "$cc" $language $strict -DWIDE_L -I"$include/netmgmt" -fsyntax-only "$here/program.c" "$here/calls.c"
    must "$cc" $language $strict -I"$include/netmgmt" "$here/program.c" -x none "$library" -Wl,-rpath,"$(dirname "$library")" -o "$work/program"
    must env -u NETMGMT_BUFFERS "$work/program"
done
echo "$# compilers"
