#!/bin/bash
# SPDX-License-Identifier: MIT
# cli.sh NETMGMT SKEW: inside tests/samba/world.sh standalone,dc: the tool with every way to say who one is, to both
# servers, alone and at once; Samba's tools see what it does; where it cannot get in it says why.
set -u
netmgmt=$1 skew=$2 failed=0
auth=$SAMBA_DIR/auth
printf 'username = admin\npassword = %s\n' "$SAMBA_PASSWORD" >"$auth"
printf 'username = Administrator\npassword = %s\ndomain = WORLD\n' "$SAMBA_PASSWORD" >"$auth.dc"
chmod 600 "$auth" "$auth.dc"
hash=$(/usr/bin/python3 -c 'import sys; from samba.crypto import md4_hash_blob
print(md4_hash_blob(sys.argv[1].encode("utf-16-le")).hex())' "$SAMBA_PASSWORD")

# check WHAT STATUS PATTERN NETMGMT-ARGUMENTS...: the exit status, and what the output must match
check() {
    local what=$1 status=$2 pattern=$3 output got
    shift 3
    output=$("$netmgmt" "$@" 2>&1)
    got=$?
    if [ $got != "$status" ] || ! grep -qE -- "$pattern" <<<"$output"; then
        echo "FAILED $what: exit status $got, expected $status and /$pattern/:"
        head -n 8 <<<"$output"
        failed=1
    fi
}
# sees WHAT COMMAND...: a command of Samba's succeeds
sees() {
    local what=$1
    shift
    "$@" >/dev/null 2>&1 || { echo "FAILED $what"; failed=1; }
}
dc=$SAMBA_DC_NAME

check 'add by file' 0 '' group add -S files -A "$auth" 'cli one' 'cli two'
check 'comment' 0 '' group set -S files -A "$auth" 'cli one' --comment 'von der Kommandozeile'
check 'list by file' 0 '^[0-9]+ cli one +von der Kommandozeile' group list -S files -A "$auth"
sees 'net sees it' net -s "$SAMBA_FILES_CONF" groupmap list ntgroup='cli one'
check 'add member' 0 '' group add-member -S files -A "$auth" 'cli one' alice
check 'members' 0 'alice' group members -S files -A "$auth" 'cli one'
check 'delete' 0 '' group delete -S files -A "$auth" 'cli one' 'cli two'
check 'list again' 1 'cli one' group show -S files -A "$auth" 'cli one'

check 'ticket' 0 'Domain Admins' group list -S "$dc"
check 'ticket, TCP' 0 'Domain Admins' group list -S "$dc" --transport tcp -k required
check 'hash' 0 'Domain Admins' group list -S "$dc" -U 'WORLD\Administrator' --nt-hash --password-fd 3 3<<<"$hash"
check 'password, NTLM' 0 'Domain Admins' group list -S "$dc" -U 'WORLD\Administrator' -k off --password-fd 3 \
    3<<<"$SAMBA_PASSWORD"
check 'UPN' 0 'Domain Admins' group list -S "$dc" -U administrator@WORLD.TEST -k required --password-fd 3 \
    3<<<"$SAMBA_PASSWORD"
check 'name and address' 0 'Domain Admins' group list -S "$dc" --address "$SAMBA_DC_ADDRESS" -k required
check 'address only' 0 'Domain Admins' group list -S "$SAMBA_DC_ADDRESS" -A "$auth.dc"
check 'add, DC' 0 '' group add -S "$dc" 'cli three'
sees 'samba-tool sees it' sh -c 'samba-tool group list -s "$SAMBA_DC_CONF" | grep -qx "cli three"'
check 'delete, DC' 0 '' group delete -S "$dc" 'cli three'

check 'users' 0 '^[0-9]+ alice' user list -n -r -S files -A "$auth"
check 'user' 0 '^disabled user normal,disabled,password-lasts$' user show -n -r -o NAME,PRIVILEGE,FLAGS -S files -A "$auth" disabled
check 'users of a DC' 0 '^Administrator admin 500 ' user list -n -r -o NAME,PRIVILEGE,RID,LAST-LOGON -S "$dc"
check 'machines of a DC' 0 '^DC1\$$' user list -n -r -o NAME --kinds server,workstation -S "$dc" --transport tcp
check 'no such user' 1 'NERR_UserNotFound' user show -S "$dc" nobody
check 'users of both' 0 '^files +[0-9]+ bob' user list -n -S files -S "$dc" -U bob -k off --password-fd 3 3<<<"$SAMBA_PASSWORD"

check 'ping' 0 'log on .* OK +NTLM' ping -S files -A "$auth" -k off
check 'ping, ticket' 0 'log on .* OK +Kerberos' ping -S "$dc"
check 'anonymous' 0 'Domain Users' group list -S "$dc" -U ''
check 'anonymous, standalone' 0 'bind .* OK +not protected' ping -S files -U '' --smb 2.1
check 'anonymous, encryption' 1 'no key to encrypt with' ping -S "$dc" -U '' --encryption required
check 'ping, TCP' 0 'bind .* OK +Kerberos, encrypted' ping -S "$dc" --transport tcp

check 'wrong password' 1 'ERROR_LOGON_FAILURE' group list -S files -U admin -k off --password-fd 3 3<<<wrong
check 'disabled' 1 'ERROR_ACCOUNT_DISABLED' group list -S files -U disabled -k off --password-fd 3 3<<<"$SAMBA_PASSWORD"
check 'expired' 1 'log on .* ERROR_ACCOUNT_EXPIRED +NTLM: the server says STATUS_ACCOUNT_EXPIRED' ping -S files -U expired -k off \
    --password-fd 3 3<<<"$SAMBA_PASSWORD"
check 'locked, Kerberos' 1 'ERROR_ACCOUNT_DISABLED .* locked out' group list -S "$dc" -U locked@WORLD.TEST -k required \
    --password-fd 3 3<<<"$SAMBA_PASSWORD"
check 'must change' 1 'ERROR_PASSWORD_MUST_CHANGE' group list -S files -U mustchange -k off --password-fd 3 \
    3<<<"$SAMBA_PASSWORD"
check 'no right' 1 'ERROR_ACCESS_DENIED' group add -S files -U alice -k off --password-fd 3 'cli four' 3<<<"$SAMBA_PASSWORD"
check 'nobody there' 1 'RPC_S_SERVER_UNAVAILABLE' group list -S 127.0.0.99 -A "$auth"
check 'no such name' 1 'ERROR_BAD_NETPATH' group list -S no-such-host -A "$auth"
KRB5CCNAME=FILE:/nonexistent check 'no ticket' 1 'ERROR_NO_SUCH_LOGON_SESSION' group list -S "$dc" -k required

# a user whom the domain knows too, by another password: a server with accounts of its own is asked as well, one of
# the domain is not, so that one wrong password counts once
{
    samba-tool domain passwordsettings set -s "$SAMBA_DC_CONF" --account-lockout-threshold=9 &&
        samba-tool user setpassword alice -s "$SAMBA_DC_CONF" --newpassword=Another.456
} >/dev/null 2>&1 || { echo 'FAILED to change the password of alice'; failed=1; }
wrong_tries() { samba-tool user show alice -s "$SAMBA_DC_CONF" --attributes=badPwdCount | sed -n 's/^badPwdCount: //p'; }
check 'own account, same name' 0 '' group list -S files -U alice --password-fd 3 3<<<"$SAMBA_PASSWORD"
before=$(wrong_tries)
check 'wrong password, one try' 1 'ERROR_LOGON_FAILURE' group list -S "$dc" -U alice --password-fd 3 3<<<"$SAMBA_PASSWORD"
[ "$(wrong_tries)" = $((${before:-0} + 1)) ] || { echo "FAILED: from ${before:-none} to $(wrong_tries) wrong tries"; failed=1; }
check 'domain named, one try' 1 'ERROR_LOGON_FAILURE' group list -S files -U 'WORLD\alice' --password-fd 3 3<<<"$SAMBA_PASSWORD"
[ "$(wrong_tries)" = $((${before:-0} + 2)) ] || { echo "FAILED: from ${before:-none} to $(wrong_tries) wrong tries"; failed=1; }
cp "${KRB5CCNAME#FILE:}" "$SAMBA_DIR/services"
for service in cifs host; do
    sees "ticket for $service" kvno -c "$SAMBA_DIR/services" "$service/$dc"
done
# a clock that is wrong: Kerberos sets itself right by the KDC's when it has a password, unless told not to
sed 's/^\[libdefaults\]/&\n    kdc_timesync = 0/' "$KRB5_CONFIG" >"$SAMBA_DIR/strict.conf"
for seconds in -3600 3600; do
    export SKEW_SECONDS=$seconds
    LD_PRELOAD=$skew check 'wrong clock' 0 'Domain Admins' group list -S "$dc" -U administrator@WORLD.TEST -k required \
        --password-fd 3 3<<<"$SAMBA_PASSWORD"
    KRB5_CONFIG=$SAMBA_DIR/strict.conf LD_PRELOAD=$skew check 'wrong clock, strict' 1 'ERROR_TIME_SKEW' group list \
        -S "$dc" -U administrator@WORLD.TEST -k required --password-fd 3 3<<<"$SAMBA_PASSWORD"
    LD_PRELOAD=$skew check 'wrong clock, ticket' 1 'ERROR_TIME_SKEW' group list -S "$dc" -k required
    # the tickets for the services are there: it is the server that finds the clocks different
    for transport in pipe tcp; do
        KRB5CCNAME=FILE:$SAMBA_DIR/services LD_PRELOAD=$skew check "wrong clock, service ticket, $transport" 1 \
            'ERROR_TIME_SKEW' group list -S "$dc" -k required --transport $transport
    done
done
unset SKEW_SECONDS

# a KDC that swallows what it is sent: the deadline holds all the same, and leaves time for NTLM where it may be used
sed 's/kdc = .*/kdc = 127.0.0.77:88/' "$KRB5_CONFIG" >"$SAMBA_DIR/silent.conf"
/usr/bin/python3 -c 'import socket, time
sockets = [socket.socket(socket.AF_INET, kind) for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM)]
for s in sockets:
    s.bind(("127.0.0.77", 88))
sockets[1].listen(100)
print("ready", flush=True)
time.sleep(600)' >"$SAMBA_DIR/silent" &
silent=$!
until [ -s "$SAMBA_DIR/silent" ]; do sleep 0.05; done
for transport in pipe tcp; do
    KRB5_CONFIG=$SAMBA_DIR/silent.conf NETMGMT_TIMEOUT=2 check "silent KDC, $transport" 1 'ERROR_TIMEOUT' group list -S "$dc" \
        -U administrator@WORLD.TEST -k required --transport $transport --password-fd 3 3<<<"$SAMBA_PASSWORD"
    KRB5_CONFIG=$SAMBA_DIR/silent.conf NETMGMT_TIMEOUT=6 check "silent KDC, NTLM, $transport" 0 'Domain Admins' group list \
        -S "$dc" -U 'WORLD\Administrator' --transport $transport --password-fd 3 3<<<"$SAMBA_PASSWORD"
done
kill $silent
# many at once: the good ones are there, and the dead one delays nobody
begin=$(date +%s%N)
check 'several' 1 'Domain Admins' group list -S "$dc" -S 127.0.0.99 -S "$SAMBA_DC_ADDRESS" -A "$auth.dc" -j 8
[ $((($(date +%s%N) - begin) / 1000000)) -lt 5000 ] || { echo 'FAILED several: it took too long'; failed=1; }
exit $failed
