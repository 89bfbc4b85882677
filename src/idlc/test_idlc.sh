#!/bin/sh
# SPDX-License-Identifier: MIT
# test_idlc.sh IDLC INCLUDE IDL...: the command line, and what compilers say of the output.
set -eu
idlc=$(realpath "$1") include=$2
shift 2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
fail() { echo "FAIL: $*" >&2; exit 1; }

# Output is C and C++, without a warning, and the same every time.
"$idlc" -o "$dir" --depfile "$dir/all.d" "$@"
mkdir "$dir/again"
"$idlc" -o "$dir/again" "$@"
for idl in "$@"; do
    base=$(basename "$idl" .idl)
    for suffix in h c; do
        cmp "$dir/$base.$suffix" "$dir/again/$base.$suffix" || fail "$base.$suffix differs between two runs"
    done
    grep -q "$base.h.*$base.c:" "$dir/all.d" || fail "no rule for $base"
    grep -qF "$idl" "$dir/all.d" || fail "$idl is not in the rules"
    case $base in # those with types of their own under the names of Windows do not go together with lm.h
    test_*) echo > "$dir/$base.cc" ;;
    *) echo "#include <lm.h>" > "$dir/$base.cc" ;;
    esac
    echo "#include \"$base.h\"
int main(void) { return 0; }" >> "$dir/$base.cc"
    for cc in gcc clang; do
        command -v $cc >/dev/null || continue
        $cc -std=c17 -Wall -Wextra -Wconversion -Werror -I"$include" -I"$include/netmgmt" -c \
            -o "$dir/out.o" "$dir/$base.c" || fail "$cc does not accept $base.c"
    done
    for cxx in g++ clang++; do
        command -v $cxx >/dev/null || continue
        $cxx -Wall -Wextra -Werror -I"$include" -I"$include/netmgmt" -fsyntax-only "$dir/$base.cc" ||
            fail "$cxx does not accept $base.h"
    done
done

# An error leaves what was there before, and nothing else.
cd "$dir"
mkdir bad && echo old > bad/x.h
echo 'typedef [ptr] long *P;' > x.idl
if "$idlc" -o bad x.idl 2> messages; then fail "accepted [ptr]"; fi
[ "$(ls bad)" = x.h ] && [ "$(cat bad/x.h)" = old ] || fail "a failed run left $(ls bad)"
printf '%s\n' 'x.idl:1:10: error: [ptr] is not supported: full pointers may name one object twice, which a message without a memory cannot hold; write [unique] or [ref]' \
    '    typedef [ptr] long *P;' '             ^~~' | diff - messages || fail "the message is another one"

# Imports: beside the file first, then -I; nothing found is an error.
mkdir lib near
echo 'typedef short T;' > lib/t.idl
echo 'import "t.idl"; typedef struct { T t; } S;' > near/s.idl
if "$idlc" near/s.idl 2> messages; then fail "found t.idl nowhere"; fi
grep -q 'near/s.idl:1:8: error: cannot read t.idl' messages || fail "import: $(cat messages)"
"$idlc" -I lib near/s.idl
grep -q 'int16_t' s.c || fail "lib/t.idl was not read"
echo 'typedef hyper T;' > near/t.idl
"$idlc" -I lib near/s.idl
grep -q 'int64_t' s.c || fail "near/t.idl was not read first"

# Usage.
"$idlc" --help | grep -q '^Usage: idlc' || fail "--help"
"$idlc" --version | grep -q '^idlc [0-9]' || fail "--version"
status=0; "$idlc" 2> messages || status=$?
[ $status = 2 ] || fail "no file: status $status"
status=0; "$idlc" --nonsense 2> messages || status=$?
[ $status = 2 ] || fail "--nonsense: status $status"
status=0; "$idlc" missing.idl 2> messages || status=$?
[ $status = 1 ] && grep -q 'missing.idl: error: cannot read the file' messages || fail "missing file: $(cat messages)"
status=0; "$idlc" -o nowhere near/t.idl 2> messages || status=$?
[ $status = 1 ] && grep -q 'cannot write nowhere/t.h' messages || fail "no output folder: $(cat messages)"
if [ -e /dev/full ]; then
    status=0; "$idlc" --depfile /dev/full/x near/t.idl 2> messages || status=$?
    [ $status = 1 ] || fail "depfile that cannot be written: status $status"
fi
echo ok
