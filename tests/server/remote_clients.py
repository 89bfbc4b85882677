#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Clients of others against netmgmtd (the program given as second argument) over TCP: `samba` or `impacket` as first
argument. Without their Python packages: 77 (skipped)."""
import os
import signal
import subprocess
import socket
import struct
import sys
import tempfile
import time

PASSWORD = "S\u00e4ure-Pass 1"
ADDRESS = "127.%d.%d.9" % (100 + os.getpid() // 250 % 100, os.getpid() % 250)  # nobody else's
MAXIMUM_ALLOWED = 0x02000000


class Daemon:
    def __init__(self, program, *options):
        self.folder = tempfile.TemporaryDirectory(prefix="netmgmtd-remote-")
        self.database = self.folder.name + "/accounts.db"
        for user in ("Administrator", "Guest"):
            subprocess.run([program, "--database", self.database, "--set-password", user], check=True,
                           input=PASSWORD.encode() + b"\n", stdout=subprocess.DEVNULL)
        self.log = self.folder.name + "/log"
        self.mapper = os.geteuid() == 0  # port 135
        if self.mapper:
            options += ("--listen-epm=%s:135" % ADDRESS,)
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([program, "-s", self.folder.name + "/socket", "-d", self.database,
                                             "--listen-tcp", ADDRESS + ":0", *options], stderr=log)
        deadline = time.time() + 10
        while True:
            text = self.text()
            if "on TCP, " in text:
                self.port = int(text.split("on TCP, " + ADDRESS + ":")[1].split("\n")[0])
                return
            assert time.time() < deadline and self.process.poll() is None, text
            time.sleep(0.02)

    def text(self):
        with open(self.log, encoding="utf-8") as log:
            return log.read()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(10) == 0, self.text()
        self.folder.cleanup()


def fails(function, *words):
    start = time.time()
    try:
        function()
    except Exception as error:  # whatever class the client has
        text = repr(error) + str(error)
        assert any(word.lower() in text.lower() for word in words), text
        return time.time() - start
    raise AssertionError("it was not refused")


class SambaClient:
    def __init__(self, port, user, password, protection):
        from samba import credentials, param
        from samba.dcerpc import samr
        lp = param.LoadParm()
        lp.load_default()
        self.samr = samr
        creds = credentials.Credentials()
        creds.guess(lp)
        if user is None:
            creds.set_anonymous()
        else:
            creds.set_username(user)
            creds.set_password(password)
            creds.set_domain("ANY")
            creds.set_kerberos_state(credentials.DONT_USE_KERBEROS)
        self.pipe = samr.samr("ncacn_ip_tcp:%s[%s,%s]" % (ADDRESS, port or "", protection), lp, creds)
        self.handle = self.pipe.Connect2(None, MAXIMUM_ALLOWED)

    def domains(self):
        return [e.name.string for e in self.pipe.EnumDomains(self.handle, 0, 0xffffffff)[1].entries]

    def open(self, name):
        from samba.dcerpc import lsa
        text = lsa.String()
        text.string = name
        return self.pipe.OpenDomain(self.handle, MAXIMUM_ALLOWED, self.pipe.LookupDomain(self.handle, text))

    def groups(self, domain):
        return [e.name.string for e in self.pipe.EnumDomainGroups(domain, 0, 0xffffffff)[1].entries]

    def add(self, domain, name):
        from samba.dcerpc import lsa
        text = lsa.String()
        text.string = name
        return self.pipe.CreateDomainGroup(domain, text, MAXIMUM_ALLOWED)[0]

    def delete(self, group):
        self.pipe.DeleteDomainGroup(group)

    def administrators(self):
        from samba.dcerpc import lsa
        builtin = self.open("Builtin")
        members = self.pipe.GetMembersInAlias(self.pipe.OpenAlias(builtin, MAXIMUM_ALLOWED, 544))
        one, sids = lsa.SidPtr(), lsa.SidArray()
        one.sid = members.sids[0].sid
        sids.num_sids, sids.sids = 1, [one]
        return [str(s.sid) for s in members.sids], list(self.pipe.GetAliasMembership(builtin, sids).ids)


class ImpacketClient:
    def __init__(self, port, user, password, protection):
        from impacket.dcerpc.v5 import rpcrt, samr, transport
        self.samr = samr
        tcp = transport.DCERPCTransportFactory("ncacn_ip_tcp:%s[%d]" % (ADDRESS, port))
        if user is not None:
            tcp.set_credentials(user, password, "ANY")
        self.rpc = tcp.get_dce_rpc()
        if user is not None:
            self.rpc.set_auth_type(rpcrt.RPC_C_AUTHN_WINNT)  # its SPNEGO is for Kerberos only
            self.rpc.set_auth_level({"connect": rpcrt.RPC_C_AUTHN_LEVEL_CONNECT,
                                     "sign": rpcrt.RPC_C_AUTHN_LEVEL_PKT_INTEGRITY,
                                     "seal": rpcrt.RPC_C_AUTHN_LEVEL_PKT_PRIVACY}[protection.split(",")[-1]])
        self.rpc.connect()
        self.rpc.bind(samr.MSRPC_UUID_SAMR)
        self.handle = samr.hSamrConnect(self.rpc)["ServerHandle"]

    def domains(self):
        found = self.samr.hSamrEnumerateDomainsInSamServer(self.rpc, self.handle)
        return [d["Name"] for d in found["Buffer"]["Buffer"]]

    def open(self, name):
        sid = self.samr.hSamrLookupDomainInSamServer(self.rpc, self.handle, name)["DomainId"]
        return self.samr.hSamrOpenDomain(self.rpc, self.handle, domainId=sid)["DomainHandle"]

    def groups(self, domain):
        found = self.samr.hSamrEnumerateGroupsInDomain(self.rpc, domain)
        return [g["Name"] for g in found["Buffer"]["Buffer"]]

    def add(self, domain, name):
        request = self.samr.SamrCreateGroupInDomain()
        request["DomainHandle"] = domain
        request["Name"] = name
        request["DesiredAccess"] = MAXIMUM_ALLOWED
        return self.rpc.request(request)["GroupHandle"]

    def delete(self, group):
        request = self.samr.SamrDeleteGroup()
        request["GroupHandle"] = group
        self.rpc.request(request)


def mapped_port():
    """As impacket's mapper client has it."""
    from impacket.dcerpc.v5 import epm, samr
    return int(epm.hept_map(ADDRESS, samr.MSRPC_UUID_SAMR, protocol="ncacn_ip_tcp").split("[")[1].rstrip("]"))


def work(client):
    names = client.domains()
    assert len(names) == 2 and "Builtin" in names, names
    domain = client.open([n for n in names if n != "Builtin"][0])
    assert client.groups(domain) == ["None"]
    group = client.add(domain, "Dr\u00fccker")
    assert sorted(client.groups(domain)) == ["Dr\u00fccker", "None"]
    client.delete(group)
    assert client.groups(domain) == ["None"]
    if isinstance(client, SambaClient):
        members, aliases = client.administrators()
        assert len(members) == 1 and members[0].endswith("-500") and aliases == [544], (members, aliases)


def main():
    client, program = {"samba": SambaClient, "impacket": ImpacketClient}[sys.argv[1]], sys.argv[2]
    try:
        if sys.argv[1] == "samba":
            import samba.dcerpc.samr  # noqa: F401
        else:
            import impacket.dcerpc.v5.samr  # noqa: F401
    except ImportError:
        print("no Python package %s: skipped" % sys.argv[1])
        return 77
    spnego = ["spnego,"] if sys.argv[1] == "samba" else []
    daemon = Daemon(program)
    with socket.create_connection((ADDRESS, daemon.port)) as gone:  # resets the connection: no fault of the daemon's
        time.sleep(0.2)  # until it is accepted
        gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    for protection in ["seal"] + [s + "seal" for s in spnego]:
        work(client(daemon.port, "Administrator", PASSWORD, protection))
    if daemon.mapper and sys.argv[1] == "samba":
        work(client(None, "Administrator", PASSWORD, "seal"))
    elif daemon.mapper:
        assert mapped_port() == daemon.port
    denied = ("access_denied", "access denied", "-1073741790", "0x5", "rpc_s_access_denied")
    fails(lambda: client(daemon.port, "Administrator", PASSWORD, "sign"), *denied)
    fails(lambda: client(daemon.port, None, None, "connect"), *denied)
    fails(lambda: client(daemon.port, "Guest", PASSWORD, "seal"), *denied)
    times = [fails(lambda: client(daemon.port, user, "wrong", protection), "logon", "denied", "0xc0000022", "0xc000006d",
                   "reset", "closed", "disconnected", "0x5", "checksum", "bind")
             for user in ("Administrator", "nobody") for protection in ["seal"] + [s + "seal" for s in spnego]]
    assert min(times) > 1.9, times
    text = daemon.text()
    assert text.count('failed: unknown user name or wrong password') + text.count('the user is not known') == len(times), text
    assert '\\nobody" from 127.' in text, text
    assert "bad file descriptor" not in text, text
    daemon.stop()
    daemon = Daemon(program, "--tcp-level=integrity", "--remote-access=everyone")
    for protection in ["sign", "seal"] + [s + "sign" for s in spnego]:
        work(client(daemon.port, "Administrator", PASSWORD, protection))
    reader = client(daemon.port, "Guest", PASSWORD, "seal")
    domain = reader.open([n for n in reader.domains() if n != "Builtin"][0])
    assert reader.groups(domain) == ["None"]
    fails(lambda: reader.add(domain, "mine"), *denied)
    daemon.stop()
    return 0


if __name__ == "__main__":
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    sys.exit(main())
