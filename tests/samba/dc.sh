# SPDX-License-Identifier: MIT
# dc.sh, sourced by world.sh: an AD DC (LDAP, KDC, SMB, RPC) on 127.0.0.5, name dc1.world.test, domain WORLD, realm
# WORLD.TEST. Accounts, all with SAMBA_PASSWORD: those of dc_accounts.py. Tickets: KRB5_CONFIG says where the KDC is.
export SAMBA_DC_ADDRESS=127.0.0.5 SAMBA_DC_NAME=dc1.world.test SAMBA_DC_REALM=WORLD.TEST
export SAMBA_DC_CONF=$SAMBA_DIR/dc/smb.conf KRB5_CONFIG=$SAMBA_DIR/krb5.conf KRB5CCNAME=FILE:$SAMBA_DIR/tickets

dc_configure() {
    local dir=$SAMBA_DIR/dc
    mkdir -p "$dir"/{private,state/sysvol/world.test/scripts,cache,lock,run,ncalrpc,winbindd,ntp,log}
    chmod 755 "$dir/winbindd"
    cat >"$SAMBA_DC_CONF" <<CONF
[global]
    workgroup = WORLD
    realm = $SAMBA_DC_REALM
    netbios name = DC1
    server role = active directory domain controller
    server services = s3fs, rpc, ldap, cldap, kdc, winbindd
    interfaces = $SAMBA_DC_ADDRESS/8
    bind interfaces only = yes
    disable netbios = yes
    smb ports = 445
    log level = ${SAMBA_LOG_LEVEL:-0}
    log file = $dir/log/log.samba
    load printers = no
    printcap name = /dev/null
    disable spoolss = yes
    usershare max shares = 0
    allow dns updates = disabled
    rpc server dynamic port range = 49152-49300
    posix:eadb = $dir/private/eadb.tdb
    private dir = $dir/private
    state directory = $dir/state
    cache directory = $dir/cache
    lock directory = $dir/lock
    pid directory = $dir/run
    ncalrpc dir = $dir/ncalrpc
    ntp signd socket directory = $dir/ntp
$(printf '%b' "${SAMBA_DC_OPTIONS:-}")
[sysvol]
    path = $dir/state/sysvol
    read only = no
[netlogon]
    path = $dir/state/sysvol/world.test/scripts
    read only = no
CONF
}

dc_provision() {
    local dir=$SAMBA_DIR/dc
    cat >"$KRB5_CONFIG" <<CONF
[libdefaults]
    default_realm = $SAMBA_DC_REALM
    dns_lookup_realm = false
    dns_lookup_kdc = false
    rdns = false
    dns_canonicalize_hostname = false
    udp_preference_limit = 0
[realms]
    $SAMBA_DC_REALM = {
        kdc = $SAMBA_DC_ADDRESS:88
    }
[domain_realm]
    .world.test = $SAMBA_DC_REALM
CONF
    dc_configure
    samba-tool domain provision --configfile="$SAMBA_DC_CONF" --realm=$SAMBA_DC_REALM --domain=WORLD \
        --host-name=dc1 --host-ip=$SAMBA_DC_ADDRESS --server-role=dc --dns-backend=NONE \
        --adminpass="$SAMBA_PASSWORD"
    dc_configure # provisioning has rewritten the file
    /usr/bin/python3 "$here/dc_accounts.py" "$SAMBA_DC_CONF" "$SAMBA_PASSWORD"
}

# libwbclient knows only /run/samba/winbindd: the DC's processes see their own there
dc_start() {
    unshare --mount --propagation private sh -c 'mount --bind "$1" /run/samba && mkdir -p /run/samba/winbindd &&
        exec samba --daemon --configfile="$2"' sh "$SAMBA_DIR/dc/winbindd" "$SAMBA_DC_CONF"
    local port
    for port in 445 135 389 88; do wait_port $SAMBA_DC_ADDRESS $port 30; done
    # its RPC services come up after its ports
    for ((i = 0; i < 200; i++)); do
        kinit -c "$KRB5CCNAME" Administrator <<<"$SAMBA_PASSWORD" &&
            smbclient -s "$SAMBA_DC_CONF" -U "Administrator%$SAMBA_PASSWORD" "//$SAMBA_DC_ADDRESS/sysvol" -c quit && return
        sleep 0.1
    done
    return 1
}

dc_run() {
    "$@" >>"$SAMBA_DIR/dc.log" 2>&1 || { tail -n 20 "$SAMBA_DIR/dc.log" >&2; exit 1; }
}
dc_run dc_provision
dc_run dc_start
