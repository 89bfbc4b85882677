#!/bin/bash
# SPDX-License-Identifier: MIT
# world.sh standalone|dc|standalone,dc COMMAND [ARGUMENT ...]: run a command in a world of its own in which real
# Samba servers answer, and nothing else: network with only a loopback, mounts, processes and host name are
# private to it, /run is empty memory that holds all state. So runs never meet, nothing can leave the machine,
# and nothing stays behind: the kernel ends every process of the world and drops its memory when its first
# process ends, which is tied to ours, which is tied to that of our caller, however either of them dies.
#
# The command's environment: SAMBA_SERVERS, SAMBA_DIR (state, also for the command's own files), SAMBA_PASSWORD
# (of every account), and what standalone.sh and dc.sh say. Exit status: the command's; 77: cannot be done here.
set -eu
here=$(dirname "$(readlink -f "$0")")
PATH=$PATH:/usr/sbin:/sbin

skip() {
    echo "Samba tests SKIPPED: $*"
    exit 77
}

enter() {
    local missing= tool
    [ "$(id -u)" = 0 ] || skip "only root can make network namespaces; run 'make check' as root"
    for tool in smbd:samba pdbedit:samba-common-bin net:samba-common-bin ip:iproute2 unshare:util-linux \
        setpriv:util-linux; do
        command -v "${tool%:*}" >/dev/null || missing="$missing ${tool#*:}"
    done
    case $1 in *dc*)
        for tool in samba:samba samba-tool:samba-common-bin winbindd:winbind kinit:krb5-user; do
            command -v "${tool%:*}" >/dev/null || missing="$missing ${tool#*:}"
        done
        [ -d /usr/share/samba/setup ] || missing="$missing samba-ad-provision"
        /usr/bin/python3 -c 'import samba' 2>/dev/null || missing="$missing python3-samba"
        ls /usr/lib/*/samba/ldb/samldb.so >/dev/null 2>&1 || missing="$missing samba-dsdb-modules"
        ls /usr/lib/*/samba/vfs/acl_xattr.so >/dev/null 2>&1 || missing="$missing samba-vfs-modules"
        ;;
    esac
    [ -z "$missing" ] || skip "these packages are missing: $(tr ' ' '\n' <<<"$missing" | sort -u | xargs)"
    unshare --net --mount --pid --uts --ipc --fork --mount-proc true 2>/dev/null ||
        skip "this machine (container?) does not let root make namespaces"
    WORLD_INSIDE=1 exec setpriv --pdeathsig KILL \
        unshare --net --mount --pid --uts --ipc --fork --kill-child=KILL --mount-proc "$here/world.sh" "$@"
}

furnish() {
    ip link set lo up
    hostname world
    mount -t tmpfs -o mode=755 world /run
    export SAMBA_DIR=/run/world SAMBA_PASSWORD=Passw0rd.123
    mkdir -p "$SAMBA_DIR" /run/samba /run/lock
    # /etc as the servers and the command see it; written in place by the account scripts
    cat >"$SAMBA_DIR/passwd" <<'FILE'
root:x:0:0:root:/root:/bin/sh
nobody:x:65534:65534:nobody:/:/bin/false
FILE
    printf 'root:x:0:\nnogroup:x:65534:\nusers:x:100:\n' >"$SAMBA_DIR/group"
    printf '127.0.0.1 localhost world\n127.0.0.2 files\n127.0.0.5 dc1.world.test dc1\n' >"$SAMBA_DIR/hosts"
    printf 'passwd: files\ngroup: files\nhosts: files\n' >"$SAMBA_DIR/nsswitch.conf"
    : >"$SAMBA_DIR/resolv.conf"
    local file
    for file in passwd group hosts nsswitch.conf resolv.conf; do
        [ ! -e "/etc/$file" ] || mount --bind "$SAMBA_DIR/$file" "/etc/$file" # resolv.conf may have been in /run
    done
}

# wait_port ADDRESS PORT SECONDS: until something listens
wait_port() {
    local i
    for ((i = 0; i < $3 * 50; i++)); do
        (exec 3<>"/dev/tcp/$1/$2") 2>/dev/null && return 0
        sleep 0.02
    done
    echo "nothing listens on $1 port $2 after $3 s" >&2
    return 1
}

if [ -z "${WORLD_INSIDE:-}" ]; then
    [ $# -ge 2 ] || { sed -n '3,12p' "$0" >&2; exit 2; }
    enter "$@"
fi
unset WORLD_INSIDE
export SAMBA_SERVERS=$1
shift
furnish
started=$(date +%s%N)
for server in ${SAMBA_SERVERS//,/ }; do
    . "$here/$server.sh"
done
[ -z "${WORLD_TIMES:-}" ] || echo "started $SAMBA_SERVERS in $((($(date +%s%N) - started) / 1000000)) ms"
"$@"
