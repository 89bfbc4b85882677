#!/bin/bash
# SPDX-License-Identifier: MIT
# policy.sh NETMGMT: inside tests/samba/world.sh standalone: servers that have only some of the dialects, signing
# algorithms and ciphers, and clients that allow only some of them. What both have is agreed, the best of it first;
# where there is nothing, the status says so and ping says what is missing, and no call goes another way.
set -u
netmgmt=$1 failed=0 server=
cp "$SAMBA_FILES_CONF" "$SAMBA_DIR/plain.conf"
printf 'username = admin\npassword = %s\n' "$SAMBA_PASSWORD" >"$SAMBA_DIR/auth"
chmod 600 "$SAMBA_DIR/auth"

# server LINE...: the standalone server again, with these lines in its configuration
server() {
    local pid=$SAMBA_DIR/files/run/smbd.pid
    server=$*
    { echo '[global]'; printf '    %s\n' "$@"; sed '/^\[global\]/d' "$SAMBA_DIR/plain.conf"; } >"$SAMBA_FILES_CONF"
    kill "$(cat "$pid")"
    for _ in {1..500}; do [ -e "$pid" ] || break; sleep 0.02; done
    smbd -s "$SAMBA_FILES_CONF" -D
    for _ in {1..500}; do (exec 3<>/dev/tcp/$SAMBA_FILES_ADDRESS/445) 2>/dev/null && break; sleep 0.02; done
}
complain() {
    echo "FAILED with server \"$server\" and $*"
    failed=1
}
# agrees TEXT OPTION...: what ping says that was negotiated, and a call succeeds
agrees() {
    local text=$1 output
    shift
    output=$("$netmgmt" ping -S files -A "$SAMBA_DIR/auth" -k off --raw -n -o STEP,STATUS,DETAIL "$@" 2>&1)
    grep -qF "negotiate OK ${text// /\\x20}" <<<"$output" && ! grep -q netmgmt: <<<"$output" ||
        complain "$*: not \"$text\": $output"
    "$netmgmt" group list -S files -A "$SAMBA_DIR/auth" "$@" >/dev/null || complain "$*: no call"
}
# refuses TEXT OPTION...: in which step and why; and so does a call
refuses() {
    local step=$1 status=$2 text=$3 output
    shift 3
    output=$("$netmgmt" ping -S files -A "$SAMBA_DIR/auth" -k off --raw -n -o STEP,STATUS,DETAIL "$@" 2>/dev/null | tail -n 1)
    [ "$output" = "$step $status ${text// /\\x20}" ] || complain "$*: not \"$text\" but: $output"
    output=$("$netmgmt" group list -S files -A "$SAMBA_DIR/auth" "$@" 2>&1)
    grep -q "cannot list the groups: $status" <<<"$output" || complain "$*: a call says: $output"
}
no() { refuses negotiate ERROR_PROTOCOL_UNREACHABLE "$@"; }

agrees 'SMB 3.1.1, signed with AES-GMAC, encrypted with AES-128-GCM'
agrees 'SMB 3.0.2, signed with AES-CMAC, encrypted with AES-128-CCM' --smb -3.0.2
agrees 'SMB 3.1.1, signed with AES-GMAC, encrypted with AES-256-CCM' --encryption aes-256-ccm
agrees 'SMB 3.1.1, signed with HMAC-SHA256, not encrypted' --signing hmac-sha256 --encryption off
agrees 'SMB 2.0.2, signed with HMAC-SHA256, not encrypted' --smb 2.0.2

server 'server max protocol = SMB2_10'
agrees 'SMB 2.1, signed with HMAC-SHA256, not encrypted'
agrees 'SMB 2.1, signed with HMAC-SHA256, not encrypted' --signing hmac-sha256
no 'the server does not speak SMB 3.0, 3.0.2, 3.1.1' --smb 3.0-
no 'the server does not speak SMB 3.0, 3.0.2, 3.1.1' --encryption required
no 'the server does not speak SMB 3.1.1' --encryption aes-256-gcm,aes-256-ccm
no 'the server does not speak SMB 3.1.1' --signing aes-gmac

server 'server min protocol = SMB3_11' 'server smb3 signing algorithms = AES-128-CMAC' \
    'server smb3 encryption algorithms = AES-128-CCM'
agrees 'SMB 3.1.1, signed with AES-CMAC, encrypted with AES-128-CCM'
agrees 'SMB 3.1.1, signed with AES-CMAC, encrypted with AES-128-CCM' --encryption aes-256-gcm,aes-128-ccm
no 'the server does not speak SMB 2.0.2, 2.1, 3.0, 3.0.2' --smb -3.0.2
no 'SMB 3.1.1, and the server does not sign with AES-GMAC' --signing aes-gmac
no 'SMB 3.1.1, and the server does not sign with HMAC-SHA256, AES-GMAC' --signing aes-gmac,hmac-sha256
no 'SMB 3.1.1, and the server does not encrypt with AES-256-CCM, AES-256-GCM' --encryption aes-256-gcm,aes-256-ccm

server 'server smb encrypt = off'
agrees 'SMB 3.1.1, signed with AES-GMAC, not encrypted'
no 'SMB 3.1.1, and the server does not encrypt' --encryption required
no 'SMB 3.0, and the server does not encrypt' --encryption aes-128-ccm --smb 3.0

server 'server smb encrypt = required'
agrees 'SMB 3.0, signed with AES-CMAC, encrypted with AES-128-CCM' --smb 3.0
refuses 'log\x20on' ERROR_ACCESS_DENIED \
    'NTLM: the server says STATUS_ACCESS_DENIED (0xC0000022), as those do that demand encryption' --encryption off
exit $failed
