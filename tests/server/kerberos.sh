#!/bin/bash
# SPDX-License-Identifier: MIT
# kerberos.sh NETMGMT NETMGMTD SKEW: inside tests/samba/world.sh dc: netmgmtd on a machine of the domain, with a key that
# the domain has given it. Who may do what is decided by the SIDs in the client's ticket, whatever the client's name is.
set -u
netmgmt=$1 netmgmtd=$2 skew=$3 failed=0
name=nm.world.test address=127.0.0.9 dir=$SAMBA_DIR/nm
port=49500 daemon=
mkdir "$dir"
echo "$address $name nm" >>/etc/hosts
export KRB5RCACHEDIR=$dir

samba() { samba-tool "$@" -s "$SAMBA_DC_CONF" >>"$dir/samba.log" 2>&1 || { echo "FAILED samba-tool $*"; tail -n 5 "$dir/samba.log"; exit 1; }; }
samba computer create NM --service-principal-name="host/$name"
/usr/bin/python3 - "$SAMBA_DC_CONF" <<'PYTHON' || exit 1
import sys
from samba.auth import system_session
from samba.param import LoadParm
from samba.samdb import SamDB
lp = LoadParm()
lp.load(sys.argv[1])
db = SamDB(url=lp.private_path("sam.ldb"), session_info=system_session(), lp=lp)
db.modify_ldif("dn: CN=NM,CN=Computers,%s\nchangetype: modify\nreplace: msDS-SupportedEncryptionTypes\n"
               "msDS-SupportedEncryptionTypes: 24\n" % db.domain_dn())  # AES
PYTHON
samba user setpassword 'NM$' --newpassword=First.Passw0rd.1
samba domain exportkeytab "$dir/keytab" --principal="host/$name"
sid=$(samba-tool user show Administrator -s "$SAMBA_DC_CONF" --attributes=objectSid | sed -n 's/^objectSid: //p')
for user in Administrator alice; do
    kinit -c "$dir/$user" "$user" <<<"$SAMBA_PASSWORD" >/dev/null || exit 1
done

# start OPTION...: netmgmtd, with PRELOAD before it
start() {
    : >"$dir/log"
    LD_PRELOAD=${PRELOAD:-} "$netmgmtd" -s "$dir/socket" -d "$dir/accounts.db" --listen-tcp $address:$port \
        --listen-epm $address:135 --keytab "$dir/keytab" "$@" 2>>"$dir/log" &
    daemon=$!
    local i
    for ((i = 0; i < 500; i++)); do
        (exec 3<>/dev/tcp/$address/135) 2>/dev/null && return
        kill -0 $daemon 2>/dev/null || break
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

# check WHAT USER STATUS PATTERN NETMGMT-ARGUMENTS...: the exit status, and what the output must match
check() {
    local what=$1 user=$2 status=$3 pattern=$4 output got
    shift 4
    output=$(KRB5CCNAME=FILE:$dir/$user "$netmgmt" "$@" -S $name --transport tcp 2>&1)
    got=$?
    if [ $got != "$status" ] || ! grep -qE -- "$pattern" <<<"$output"; then
        echo "FAILED $what: exit status $got, expected $status and /$pattern/:"
        head -n 8 <<<"$output"
        cat "$dir/log"
        failed=1
    fi
}
# logged WHAT PATTERN
logged() {
    grep -qE "$2" "$dir/log" || { echo "FAILED $1: not logged: $2"; cat "$dir/log"; failed=1; }
}
# who VERB SID: who is an administrator; the daemon need not be restarted
who() {
    "$netmgmtd" -d "$dir/accounts.db" "--$1-administrator=$2" >>"$dir/samba.log" 2>&1
}

start
check 'nobody yet' Administrator 1 ERROR_ACCESS_DENIED group list -k required
who add "${sid%-*}-512" || { echo 'FAILED to add Domain Admins'; failed=1; }
who add "${sid%-*}-512" && { echo 'FAILED: added twice'; failed=1; }
who add "Domain Admins" && { echo 'FAILED: no SID'; failed=1; }
check 'Domain Admins' Administrator 0 '' group add 'kerberos one' -k required
check 'list' Administrator 0 'kerberos one' group list -k required
check 'SPNEGO' Administrator 0 'bind .* OK +Kerberos, encrypted' ping
check 'user of the domain' alice 1 ERROR_ACCESS_DENIED group list -k required
printf '[global]\nworkgroup = WORLD\nrealm = %s\n' "$SAMBA_DC_REALM" >"$dir/smb.conf"
client() {
    KRB5CCNAME=FILE:$dir/$1 rpcclient -s "$dir/smb.conf" --use-kerberos=required -c enumdomains \
        "ncacn_ip_tcp:$name[seal]" >"$dir/rpcclient" 2>&1 </dev/null
}
client Administrator
grep -q 'name:\[Builtin\]' "$dir/rpcclient" || { echo 'FAILED rpcclient:'; cat "$dir/rpcclient"; failed=1; }
client alice && { echo 'FAILED rpcclient, not refused'; failed=1; }
who remove "${sid%-*}-512" || { echo 'FAILED to remove Domain Admins'; failed=1; }
check 'removed' Administrator 1 ERROR_ACCESS_DENIED group list -k required
who add "$sid"
check 'by user' Administrator 0 'kerberos one' group list -k required
stop

start --remote-access=everyone
check 'everyone reads' alice 0 'kerberos one' group list -k required
check 'everyone changes nothing' alice 1 ERROR_ACCESS_DENIED group add 'kerberos two' -k required
stop

# the clock of the server, ten hours and more after the tickets ended
PRELOAD=$skew SKEW_SECONDS=90000 start
check 'expired' Administrator 1 ERROR_ACCESS_DENIED group list -k required
logged 'expired' 'logon .* failed: the Kerberos ticket has expired'
stop
PRELOAD=$skew SKEW_SECONDS=3600 start
check 'clock' Administrator 1 ERROR_ACCESS_DENIED group list -k required
logged 'clock' 'logon .* failed: the clocks are too far apart'
stop

# the domain has changed the key since: this one opens no new ticket
samba user setpassword 'NM$' --newpassword=Other.Passw0rd.1
kinit -c "$dir/Administrator" Administrator <<<"$SAMBA_PASSWORD" >/dev/null
start
check 'old key' Administrator 1 ERROR_ACCESS_DENIED group list -k required
logged 'old key' 'logon .* failed: the ticket is for another server or for an older key'
stop
"$netmgmtd" -s "$dir/socket" -d "$dir/accounts.db" --listen-tcp $address:$port --keytab "$dir/none" 2>"$dir/log" &&
    { echo 'FAILED: no keytab'; failed=1; }
grep -q keytab "$dir/log" || { echo 'FAILED: no keytab, no word'; failed=1; }
exit $failed
