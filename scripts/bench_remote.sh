#!/bin/bash
# SPDX-License-Identifier: MIT
# bench_remote.sh: our library and, where samba-dev is installed, Samba's libnetapi against the same real servers, in a
# world of their own (tests/samba/world.sh). Lines of figure, value, unit: one for each round, in the order of the rounds,
# for the libraries take turns and are compared within a round. GROUPS_OF_DC: how many the DC has (10,000);
# USERS: how many both servers get at the end (1,000).
set -eu
cd "$(dirname "$0")/.."
if [ "${1:-}" != --inside ]; then
    CC=${CC:-gcc} scripts/build.sh build-bench -Dtests=false >&2
    ninja -C build-bench --quiet \
        $(ninja -C build-bench -t targets all | sed -n 's,^\(bench/remote_[a-z]*\): c_LINKER$,\1,p') \
        bench/bench_members bench/delay_relay >&2
    exec tests/samba/world.sh standalone,dc "$0" --inside
fi

# libnetapi knows no other place for its settings
mkdir -p "$SAMBA_DIR/client"
cat >"$SAMBA_DIR/client/smb.conf" <<CONF
[global]
    workgroup = WORLD
    netbios name = CLIENT
    private dir = $SAMBA_DIR/client
    state directory = $SAMBA_DIR/client
    cache directory = $SAMBA_DIR/client
    lock directory = $SAMBA_DIR/client
    interfaces = 127.0.0.1/8
    bind interfaces only = yes
CONF
mkdir -p /etc/samba
mount --bind "$SAMBA_DIR/client" /etc/samba
echo "making ${GROUPS_OF_DC:=10000} groups" >&2
/usr/bin/python3 tests/samba/dc_accounts.py "$SAMBA_DC_CONF" "$SAMBA_PASSWORD" "$GROUPS_OF_DC"

# requests LIBRARY FIGURE COMMAND ...: how many SMB requests it makes (unencrypted, that they can be counted)
requests() {
    local name=${1/netmgmt/remote}.$2.requests file=$SAMBA_DIR/capture.pcapng dumpcap
    shift 2
    command -v tshark >/dev/null || return 0
    dumpcap -q -i lo -B 64 -f 'tcp port 445' -w "$file" 2>"$SAMBA_DIR/dumpcap.log" &
    dumpcap=$!
    for _ in $(seq 100); do grep -q File: "$SAMBA_DIR/dumpcap.log" && break; sleep 0.05; done
    "$@" >/dev/null
    sleep 0.5
    kill -INT $dumpcap
    wait $dumpcap 2>/dev/null || true
    printf '%s\t%d\trequests\n' "$name" "$(tshark -n -r "$file" -Y 'smb2.flags.response == 0' -T fields -e smb2.cmd \
        2>/dev/null | tr ',' '\n' | grep -c .)"
}

libraries=
for library in libnetapi netmgmt; do
    [ ! -x build-bench/bench/remote_$library ] || libraries="$libraries $library"
done
backwards=$(tac -s ' ' <<<"$libraries " | xargs)
files() { "build-bench/bench/remote_$1" "files$2" files admin '' "$3"; }
dc() { "build-bench/bench/remote_$1" "dc$2" "$SAMBA_DC_NAME" Administrator WORLD "$3"; }

# whatever else the machine does, it does to both: short turns, many of them
turns() { if (($1 % 2)); then echo $libraries; else echo $backwards; fi; }
for round in $(seq 31); do
    for library in $(turns $round); do files $library '' first; done
done
for round in $(seq 11); do
    for library in $(turns $round); do files $library '' getinfo; done
    files netmgmt +signed getinfo
done
for round in $(seq 7); do
    for library in $(turns $round); do dc $library '' enum; done
    dc netmgmt +signed enum
    dc netmgmt +tcp enum
done
for library in $libraries; do
    requests "$library" dc.enum dc $library +signed once
done

# the last: a standalone server is slow in everything when it has many users
echo "making ${USERS:=1000} users" >&2
/usr/bin/python3 tests/samba/dc_accounts.py "$SAMBA_DC_CONF" "$SAMBA_PASSWORD" 0 "$USERS"
for ((i = 0; i < USERS; i++)); do
    printf 'user%06d:x:%d:100::/:/bin/false\n' "$i" $((40000 + i)) >&3
    printf 'user%06d:%d:%032d:80A95685C2B1B18764D3DED13E6F036A:[UX         ]:LCT-68000000:\n' "$i" $((40000 + i)) 0
done 3>>/etc/passwd >"$SAMBA_DIR/smbpasswd"
pdbedit -s "$SAMBA_FILES_CONF" -i "smbpasswd:$SAMBA_DIR/smbpasswd" -e "tdbsam:$SAMBA_DIR/files/private/passdb.tdb" \
    >"$SAMBA_DIR/pdbedit.log" 2>&1
for round in 1 2 3; do
    for library in $(turns $round); do
        for level in 0 20 3; do
            files $library '' users$level
            dc $library '' users$level
        done
    done
    for level in 0 20 3; do
        files netmgmt +signed users$level
        dc netmgmt +signed users$level
        dc netmgmt +tcp users$level
    done
done
for library in $libraries; do
    for level in 0 20 3; do
        requests "$library" files.users$level files $library +signed users$level
        requests "$library" dc.users$level dc $library +signed users$level
    done
done

# members WAY [PORT]: a group of the DC gets 500 members and loses them
members() { build-bench/bench/bench_members "remote.dc$1" "$SAMBA_DC_NAME" Administrator WORLD $((USERS < 500 ? USERS : 500)) "${@:2}"; }
echo "$SAMBA_DC_ADDRESS:445" >"$SAMBA_DIR/relay"
build-bench/bench/delay_relay "$SAMBA_DIR/relay" 4450 10 >/dev/null & # a round trip takes 20 ms more
relay=$!
for round in 1 2 3; do
    members ''
    members +signed
    members +tcp
    members +delay 4450
done
kill $relay
