#!/bin/bash
# SPDX-License-Identifier: MIT
# ndrdump.sh MAKE_VECTORS: Samba's ndrdump reads what our encoder makes of every SAMR procedure. In NDR20 it must write
# the same bytes again; in NDR64 (which ndrdump 4.17 reads, but writes as NDR20) it must find the same values.
set -u
command -v ndrdump >/dev/null || { echo "ndrdump is not installed (Debian: samba-testsuite)"; exit 77; }
dir=$(mktemp -d -t netmgmt-ndr.XXXXXX)
trap 'rm -rf "$dir"' EXIT
"$1" "$dir" || exit 1

# What Samba 4.17 does not do as the documents say: OPNUM-VARIANT.DIRECTION, reason.
known() {
    case $1 in
    09-05.* | 09-08.*) echo "reads a 16-bit enum (server role, server state) as 32 bits" ;;
    36-16.out | 36-20.out | 36-22.out | 47-16.out | 47-20.out | 47-22.out)
        echo "does not know [ms_union]: [MS-RPCE] 2.2.4.5 aligns every arm as the widest" ;;
    37-23.* | 37-24.* | 58-23.* | 58-24.* | 36-23.* | 36-24.* | 47-23.* | 47-24.* | 73-*)
        echo "does not know AES passwords" ;;
    67-01.in | 67-02.in | 40-03.out | 40-04.out | 48-03.out | 48-04.out | 51-03.out | 51-04.out)
        echo "works MaximumLength out anew" ;;
    *) return 1 ;;
    esac
}

agree=0 differ=0 excused=0
complain() { # NAME TEXT
    if reason=$(known "$1"); then
        excused=$((excused + 1))
    else
        differ=$((differ + 1))
        echo "$1: $2"
    fi
}

for end in in out; do
    for old in "$dir"/*.ndr20.$end; do
        name=${old##*/}
        name=${name%.ndr20.*}
        opnum=$((10#${name%%-*}))
        new=${old%.ndr20.*}.ndr64.$end
        old_context=() new_context=()
        if [ $end = out ]; then
            old_context=(-c "${old%.out}.in") new_context=(-c "${new%.out}.in")
        fi
        ndrdump samr $opnum $end "$old" "${old_context[@]}" --validate >"$dir/old" 2>&1 || echo "exit status $?" >>"$dir/old"
        if bad=$(grep -m1 -iE 'warning|fail|exit status|error' "$dir/old"); then
            complain "$name.$end" "NDR20: $bad"
            continue
        fi
        ndrdump samr $opnum $end "$new" "${new_context[@]}" --ndr64 >"$dir/new" 2>&1
        # what --validate adds comes behind the values
        if ! cmp -s <(grep -vE 'returned|dump OK' "$dir/old") <(grep -vE 'returned|dump OK' "$dir/new"); then
            complain "$name.$end" "NDR64: $(diff "$dir/old" "$dir/new" | sed -n 2p)"
            continue
        fi
        agree=$((agree + 1))
    done
done
echo "$agree agree, $excused known differences, $differ unknown"
[ $differ = 0 ] && [ $agree -gt 150 ]
