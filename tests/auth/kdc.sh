#!/bin/bash
# SPDX-License-Identifier: MIT
# kdc.sh PROGRAM [ARGUMENT ...]: run a program that finds a Kerberos realm of its own on loopback: EXAMPLE.TEST with users alice, bob,
# Administrator, expired, disabled, watched (locked after two wrong ones) with the password Pa55w0rd, admin with another; keytabs for host/ and cifs/server.example.test; a ticket cache of bob. Of SILENT.TEST the KDC is whatever the program puts at TEST_SILENT_PORT.
# Needs krb5-kdc, krb5-admin-server and krb5-user, but no root. Without them: 77 (skipped).
set -eu
PATH=$PATH:/usr/sbin:/sbin
for tool in krb5kdc kdb5_util kadmin.local kinit; do
    command -v $tool >/dev/null || { echo "no $tool: skipped"; exit 77; }
done
dir=$(mktemp -d)
kdc=
finish() {
    [ -z "$kdc" ] || { kill "$kdc" 2>/dev/null || :; wait "$kdc" 2>/dev/null || :; }
    rm -rf "$dir"
}
trap finish EXIT
port=$((20000 + $$ % 20000 * 2))
export KRB5_CONFIG=$dir/krb5.conf KRB5_KDC_PROFILE=$dir/kdc.conf KRB5CCNAME=FILE:$dir/none KRB5RCACHEDIR=$dir
unset KRB5_KTNAME KRB5_CLIENT_KTNAME
cat >"$KRB5_CONFIG" <<EOF
[libdefaults]
    default_realm = EXAMPLE.TEST
    dns_lookup_kdc = false
    dns_lookup_realm = false
[realms]
    EXAMPLE.TEST = {
        kdc = 127.0.0.1:$port
    }
    SILENT.TEST = {
        kdc = 127.0.0.1:$((port + 1))
    }
    UNREACHABLE.TEST = {
        kdc = 127.0.0.1:1
    }
[domain_realm]
    .example.test = EXAMPLE.TEST
EOF
cat >"$KRB5_KDC_PROFILE" <<EOF
[kdcdefaults]
    kdc_listen = 127.0.0.1:$port
    kdc_tcp_listen = 127.0.0.1:$port
[realms]
    EXAMPLE.TEST = {
        database_name = $dir/principal
        key_stash_file = $dir/stash
        acl_file = $dir/acl
        supported_enctypes = aes256-cts:normal aes128-cts:normal
    }
[logging]
    kdc = FILE:$dir/kdc.log
EOF
kdb5_util -r EXAMPLE.TEST create -s -P master >"$dir/log" 2>&1 || { cat "$dir/log" >&2; exit 1; }
kadmin.local >>"$dir/log" 2>&1 <<EOF
addprinc -pw Pa55w0rd +requires_preauth alice
addprinc -pw Pa55w0rd +requires_preauth bob
addprinc -pw Pa55w0rd +requires_preauth -pwexpire 2000-01-01 expired
addprinc -pw Pa55w0rd +requires_preauth -allow_tix disabled
addprinc -pw another +requires_preauth admin
addprinc -pw Pa55w0rd +requires_preauth Administrator
addpol -maxfailure 2 strict
addprinc -pw Pa55w0rd +requires_preauth -policy strict watched
addprinc -randkey carol
addprinc -randkey host/server.example.test
addprinc -randkey cifs/server.example.test
addprinc -randkey host/other.example.test
ktadd -k $dir/server.keytab host/server.example.test cifs/server.example.test
ktadd -k $dir/carol.keytab carol
EOF
krb5kdc -n >>"$dir/log" 2>&1 &
kdc=$!
export TEST_KEYTAB=$dir/server.keytab TEST_CLIENT_KEYTAB=$dir/carol.keytab TEST_CCACHE=FILE:$dir/bob TEST_SILENT_PORT=$((port + 1))
for try in 1 2 3 4 5 6 7 8 9 10; do
    echo Pa55w0rd | kinit -c "$TEST_CCACHE" bob >>"$dir/log" 2>&1 && break
    sleep 0.2
done
[ -f "$dir/bob" ] || { cat "$dir/log" >&2; exit 1; }
"$@"
