#!/bin/bash
# SPDX-License-Identifier: MIT
# What a user has after `make install`: the files, nothing else exported, and README's program, compiled and run with
# what pkg-config says; with its free removed, the leak report names the function.
# usage: test_install.sh SOURCE-DIR BUILD-DIR
set -eu
source=$1 build=$2
dir=$(mktemp -d -t netmgmt-install.XXXXXX)
trap 'rm -rf "$dir"' EXIT
fail() { echo "FAILED: $*" >&2; exit 1; }

meson install -C "$build" --no-rebuild --quiet --destdir "$dir/root" >/dev/null
prefix=$(meson introspect "$build" --buildoptions | python3 -c "
import json, sys
print(next(o['value'] for o in json.load(sys.stdin) if o['name'] == 'prefix'))")
root=$dir/root$prefix
library=$(find "$root" -name 'libnetmgmt.so.0') || true
[ -n "$library" ] || fail "no libnetmgmt.so.0"
for file in bin/netmgmt bin/idlc include/netmgmt/lm.h include/netmgmt/windows.h include/netmgmt/lmaccess.h \
    include/netmgmt/netmgmt.h include/netmgmt/ndr.h share/man/man1/netmgmt.1 share/man/man1/idlc.1 \
    share/man/man8/netmgmtd.8 share/man/man3/NetGroupEnum.3 share/bash-completion/completions/netmgmt; do
    [ -e "$root/$file" ] || [ -e "$root/$file.gz" ] || fail "$file is not installed"
done
[ -x "$root/sbin/netmgmtd" ] || [ -x "$root/bin/netmgmtd" ] || fail "netmgmtd is not installed"

stray=$(nm -D --defined-only "$library" | awk '{print $3}' | grep -vE '^(Net|netmgmt_|NETMGMT_)' || true)
[ -z "$stray" ] || fail "the library exports $stray"

for name in $(nm -D --defined-only "$library" | awk '$2 == "T" { sub("@.*", "", $3); print $3 }'); do
    [ -e "$root/share/man/man3/$name.3" ] || fail "$name has no man page"
done

pc=$(find "$root" -name netmgmt.pc)
export PKG_CONFIG_PATH=${pc%/*} PKG_CONFIG_SYSROOT_DIR=$dir/root LD_LIBRARY_PATH=${library%/*}
sed -n '/^```c$/,/^```$/p' "$source/README.md" | sed '/^```/d' >"$dir/program.c"
[ -s "$dir/program.c" ] || fail "README.md has no program"
flags=$(pkg-config --cflags --libs netmgmt)
cc -Wall -Wextra -Werror "$dir/program.c" -o "$dir/program" $flags
export NETMGMT_LOCAL=embedded:$dir/accounts.db
"$dir/program" >"$dir/first" || fail "the README's program fails"
grep -q Operators "$dir/first" || fail "the README's program does not list the group that it added"
"$dir/program" >"$dir/second" || fail "the README's program fails when its group is there already"
cmp -s "$dir/first" "$dir/second" || fail "the README's program lists something else the second time"

NETMGMT_BUFFERS=leaks "$dir/program" 2>"$dir/report" >/dev/null
[ ! -s "$dir/report" ] || fail "a leak is reported where there is none: $(cat "$dir/report")"
sed '/NetApiBufferFree/d' "$dir/program.c" >"$dir/leaky.c"
cc "$dir/leaky.c" -o "$dir/leaky" $flags
NETMGMT_BUFFERS=leaks "$dir/leaky" 2>"$dir/report" >/dev/null || fail "a leak changes the exit status"
grep -q NetGroupEnum "$dir/report" || fail "the leak report does not name NetGroupEnum: $(cat "$dir/report")"
echo "installed under $prefix: complete; README's program works"
