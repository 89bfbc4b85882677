#!/bin/bash
# SPDX-License-Identifier: MIT
# kerberos_without_pac.sh NETMGMT NETMGMTD: inside tests/auth/kdc.sh, whose KDC says nothing of SIDs: a ticket lets nobody
# in who is not let in with every account, whatever the principal is called. And a bind that was overheard is of no use.
set -u
netmgmt=$1 netmgmtd=$2 failed=0 daemon=
dir=$(mktemp -d)
trap 'kill $daemon 2>/dev/null; rm -rf "$dir"' EXIT
address=127.$((100 + $$ / 250 % 100)).$(($$ % 250)).10

start() {
    : >"$dir/log"
    "$netmgmtd" -s "$dir/socket" -d "$dir/accounts.db" --listen-tcp "$address:0" --keytab "$TEST_KEYTAB" "$@" 2>"$dir/log" &
    daemon=$!
    local i
    for ((i = 0; i < 500; i++)); do
        port=$(sed -n "s/.*on TCP, $address:\([0-9]*\).*/\1/p" "$dir/log")
        [ -n "$port" ] && return
        sleep 0.02
    done
    echo 'FAILED to start netmgmtd:'
    cat "$dir/log"
    exit 1
}
stop() {
    kill $daemon
    wait $daemon || { echo "FAILED: netmgmtd ended with $?"; cat "$dir/log"; failed=1; }
}
# check WHAT STATUS PATTERN NETMGMT-ARGUMENTS...
check() {
    local what=$1 status=$2 pattern=$3 output got
    shift 3
    output=$("$netmgmt" "$@" -S server.example.test --address "$address" --transport tcp --port "$port" -k required 2>&1)
    got=$?
    if [ $got != "$status" ] || ! grep -qE -- "$pattern" <<<"$output"; then
        echo "FAILED $what: exit status $got, expected $status and /$pattern/:"
        head -n 8 <<<"$output"
        cat "$dir/log"
        failed=1
    fi
}

export KRB5CCNAME=$TEST_CCACHE
start
check 'a ticket' 1 ERROR_ACCESS_DENIED group list
check 'a name' 1 ERROR_ACCESS_DENIED group list -U Administrator@EXAMPLE.TEST --password-fd 3 3<<<Pa55w0rd
stop
start --remote-access=everyone
check 'everyone reads' 0 'None' group list
check 'everyone changes nothing' 1 ERROR_ACCESS_DENIED group add one
check 'nor does the name' 1 ERROR_ACCESS_DENIED group add one -U Administrator@EXAMPLE.TEST --password-fd 3 3<<<Pa55w0rd

# a client's bind, taken down on its way, then sent again
python3 - "$address" "$port" "$netmgmt" <<'PYTHON' || { echo 'FAILED replay'; failed=1; }
import socket, subprocess, sys
address, port, netmgmt = sys.argv[1], int(sys.argv[2]), sys.argv[3]
BIND, BIND_ACK, BIND_NAK = 11, 12, 13

def pdu(s):
    data = b""
    while len(data) < 10 or len(data) < int.from_bytes(data[8:10], "little"):
        more = s.recv(65536)
        if not more:
            break
        data += more
    return data

between = socket.create_server((address, 0))
client = subprocess.Popen([netmgmt, "group", "list", "-S", "server.example.test", "--address", address, "--transport", "tcp",
                           "--port", str(between.getsockname()[1]), "-k", "required"], stderr=subprocess.DEVNULL)
stream, _ = between.accept()
bind = pdu(stream)
assert bind[2] == BIND
answers = []
for turn in range(2):
    with socket.create_connection((address, port)) as server:
        server.sendall(bind)
        answers.append(pdu(server)[2])
stream.close()
client.wait()
assert answers == [BIND_ACK, BIND_NAK], answers
PYTHON
grep -q 'logon .* failed: authentication messages were altered' "$dir/log" || { echo 'FAILED replay:'; cat "$dir/log"; failed=1; }
stop
exit $failed
