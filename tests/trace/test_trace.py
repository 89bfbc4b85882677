#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""test_trace.py NETMGMT NETMGMTD TALK [JUDGE]: what NETMGMT_TRACE and NETMGMT_PCAP write.

Lines and packets are read by readers of our own; with JUDGE (tests/rpc/judge.sh) the captures by tshark
instead, exit status 77 when there is none.
"""
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time

netmgmt, netmgmtd, talk = (os.path.abspath(path) for path in sys.argv[1:4])
judge = sys.argv[4] if len(sys.argv) > 4 else None
folder = tempfile.mkdtemp()
PASSWORD = b"\x5e" * 532
NAME = "Readable name of a group".encode("utf-16-le")
FIELDS = {"time": str, "pid": int, "tid": int, "server": str, "interface": str, "operation": str, "syntax": str,
          "status": (int, type(None)), "sent": int, "received": int, "us": int, "in": dict}


def path(name):
    return os.path.join(folder, name)


def run(*command, trace=None, pcap=None, local=None, status=0):
    """Runs it; what it wrote to standard error."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("NETMGMT_")}
    environment["NETMGMT_LOCAL"] = local or "embedded:" + path("db")
    for name, value in (("NETMGMT_TRACE", trace), ("NETMGMT_PCAP", pcap)):
        if value:
            environment[name] = value
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100)
    assert done.returncode == status, (command, done)
    return done.stderr


def read_lines(text):
    calls = [json.loads(line) for line in text.splitlines()]
    for call in calls:
        for field, kind in FIELDS.items():
            assert isinstance(call[field], kind), (field, call)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", call["time"]), call
        assert call["interface"] == "samr" and call["syntax"] in ("ndr20", "ndr64"), call
        assert call["us"] >= 0 and call["out"] is None or call["received"], call
    return calls


def read_trace(name):
    with open(path(name), encoding="utf-8") as file:
        text = file.read()
    assert text.endswith("\n")
    return read_lines(text)


def names(calls):
    return [(call["operation"], call["status"], call.get("result")) for call in calls]


def read_streams(name):
    """The bytes of each connection, [client's, server's]; lengths and sequence numbers must fit."""
    streams, sequence = {}, {}
    with open(path(name), "rb") as file:
        data = file.read()
    assert struct.unpack("=IHHiIII", data[:24]) == (0xA1B2C3D4, 2, 4, 0, 0, 65535, 101)
    at = 24
    while at < len(data):
        _, _, kept, length = struct.unpack_from("=IIII", data, at)
        packet = data[at + 16 : at + 16 + kept]
        at += 16 + kept
        assert kept == length == len(packet) == struct.unpack(">H", packet[2:4])[0]
        source, target, number, acknowledged, flags = struct.unpack(">HHIIH", packet[20:34])
        from_server = source == 135
        assert from_server != (target == 135) and packet[12 if from_server else 16 :][:4] == b"\x7f\0\0\1"
        flow = (packet[16:20], target) if from_server else (packet[12:16], source)
        if flags & 2:
            sequence[flow, from_server] = number
            streams.setdefault(flow, [b"", b""])
        assert sequence[flow, from_server] == number, "bytes are missing"
        assert not flags & 0x10 or sequence[flow, not from_server] == acknowledged
        sequence[flow, from_server] += len(packet) - 40 + bool(flags & 3)
        streams[flow][from_server] += packet[40:]
    return list(streams.values())


def read_pdus(stream):
    pdus = []
    while stream:
        assert stream[:2] == b"\5\0", stream[:16]
        length, signature = struct.unpack_from("<HH", stream, 8)
        pdus.append((stream[2], stream[:length], signature))
        assert len(pdus[-1][1]) == length
        stream = stream[length:]
    return pdus


def mode(name):
    return os.stat(path(name)).st_mode & 0o777


def test_tool():
    """A group is added, again, and listed: by three processes, into the same files."""
    files = {"trace": path("tool.json"), "pcap": path("tool.pcap")}
    os.umask(0)
    run(netmgmt, "group", "add", "Über uns", **files)
    run(netmgmt, "group", "add", "Über uns", status=1, **files)
    run(netmgmt, "group", "list", **files)
    assert mode("tool.json") == 0o600 and mode("tool.pcap") == 0o600
    calls = read_trace("tool.json")
    opening = [(name, 0, "STATUS_SUCCESS") for name in
               ("SamrConnect5", "SamrEnumerateDomainsInSamServer", "SamrLookupDomainInSamServer",
                "SamrOpenDomain")]
    per_process = [names(c for c in calls if c["pid"] == pid) for pid in dict.fromkeys(c["pid"] for c in calls)]
    assert per_process == [
        opening + [("SamrCreateGroupInDomain", 0, "STATUS_SUCCESS"), ("SamrCloseHandle", None, None)],
        opening + [("SamrCreateGroupInDomain", 0, "STATUS_GROUP_EXISTS")],
        opening + [("SamrQueryDisplayInformation3", 0, "STATUS_SUCCESS")]], per_process
    assert {call["server"] for call in calls} == {"inproc"}
    created = next(call for call in calls if call["operation"] == "SamrCreateGroupInDomain")
    assert created["in"]["Name"] == "Über uns" and created["out"]["RelativeId"] >= 1000, created
    streams = read_streams("tool.pcap")
    assert len(streams) == 3
    assert sum(kind == 0 for client, _ in streams for kind, _, _ in read_pdus(client)) == len(calls)
    assert [read_pdus(server)[0][0] for _, server in streams] == [12] * 3  # bind_ack


def test_daemon():
    socket = path("socket")
    daemon = subprocess.Popen([netmgmtd, "--socket", socket, "--database", path("daemon.db")],
                              stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            if os.path.exists(socket):
                break
            time.sleep(0.02)
        run(netmgmt, "group", "list", local="unix:" + socket, trace=path("daemon.json"))
    finally:
        daemon.terminate()
        daemon.wait()
    assert {call["server"] for call in read_trace("daemon.json")} == {"unix:" + socket}


def test_sealed():
    """A password is masked in lines and readable in captures; what was sealed on the wire is open there."""
    run(talk, "sealed", trace=path("sealed.json"), pcap=path("sealed.pcap"))
    calls = read_trace("sealed.json")
    lines = sorted((call["operation"], str(call["status"]), call.get("status_name")) for call in calls)
    assert lines == [
        ("SamrCloseHandle", "None", None), ("SamrConnect5", "1783", "RPC_X_BAD_STUB_DATA"),
        ("SamrLookupNamesInDomain", "0", None), ("SamrLookupNamesInDomain", "87", "ERROR_INVALID_PARAMETER"),
        ("SamrRidToSid", "0", None), ("SamrRidToSid", "0", None), ("SamrRidToSid", "None", None),
        ("SamrSetInformationUser2", "0", None)], lines
    assert [call["in"]["Rid"] for call in calls if call["operation"] == "SamrRidToSid"] == [502, 500, 501]
    secret = next(call for call in calls if call["operation"] == "SamrSetInformationUser2")
    assert secret["in"]["Buffer"]["Internal5New"]["UserPassword"]["Buffer"] == "***", secret
    assert secret["sent"] > len(PASSWORD), secret
    with open(path("sealed.json"), encoding="utf-8") as file:
        assert "5e5e5e" not in file.read()
    ((client, server),) = read_streams("sealed.pcap")
    stubs = b"".join(pdu[24:] for kind, pdu, _ in read_pdus(client) if kind == 0)
    assert PASSWORD in stubs and stubs.count(NAME) == 1000
    calls_seen = 0
    for kind, _, signature in read_pdus(client) + read_pdus(server):
        calls_seen += kind in (0, 2, 3)
        assert bool(signature) == (kind not in (0, 2, 3)), kind
    assert calls_seen > 20


def test_threads():
    """Two processes of 8 threads: every line and every packet is whole."""
    environment = dict(os.environ, NETMGMT_LOCAL="embedded:" + path("threads.db"),
                       NETMGMT_TRACE=path("threads.json"), NETMGMT_PCAP=path("threads.pcap"))
    both = [subprocess.Popen([talk, "threads", "8"], env=environment) for _ in range(2)]
    assert [process.wait(100) for process in both] == [0, 0]
    calls = read_trace("threads.json")
    assert {call["pid"] for call in calls} == {process.pid for process in both}
    assert len({call["tid"] for call in calls}) == 16
    assert sum(call["operation"] == "SamrCreateGroupInDomain" for call in calls) == 160
    longest = max(calls, key=lambda call: call["received"])
    assert len(longest["out"]["Buffer"]["GroupInformation"]["Buffer"]) >= 160, longest
    pdus = [pdu for both in read_streams("threads.pcap") for stream in both for pdu in read_pdus(stream)]
    assert sum(kind == 0 for kind, _, _ in pdus) == len(calls)


def test_files():
    """What cannot be written stops nobody; the tool says so. What is not a capture is left alone."""
    assert run(netmgmt, "group", "list") == ""
    error = run(netmgmt, "group", "list", trace="/nowhere/file", pcap=folder)
    assert "NETMGMT_TRACE" in error and "NETMGMT_PCAP" in error, error
    run(talk, "threads", "1", trace="/nowhere/file", pcap=folder)
    for content in (b"a letter", b"x" * 1000):
        with open(path("letter"), "wb") as file:
            file.write(content)
        os.chmod(path("letter"), 0o644)
        run(netmgmt, "group", "list", pcap=path("letter"))
        with open(path("letter"), "rb") as file:
            assert file.read() == content and mode("letter") == 0o644
    os.mkfifo(path("fifo"))
    run(talk, "threads", "1", trace=path("fifo"), pcap=path("fifo"))
    os.chmod(path("tool.pcap"), 0o644)
    run(netmgmt, "group", "list", pcap=path("tool.pcap"))
    assert mode("tool.pcap") == 0o600 and len(read_streams("tool.pcap")) == 4
    assert len(read_lines(run(netmgmt, "group", "list", trace="-"))) == 5


def test_analyser():
    """tshark, which is told nothing, names the operations of both captures."""
    wanted = {"tool.pcap": {"Connect5", "CreateDomainGroup", "Close"},
              "sealed.pcap": {"SetUserInfo2", "LookupNames", "RidToSid"}}
    for name, operations in wanted.items():
        subprocess.run([judge, path(name), "25"], check=True)
        shown = subprocess.run(["tshark", "-n", "-2", "-r", path(name), "-Y", "samr"], capture_output=True,
                               text=True, check=True).stdout
        for operation in operations:
            assert f" {operation} re" in shown, (operation, shown)
    shown = subprocess.run(["tshark", "-n", "-2", "-r", path("sealed.pcap"), "-Y", "samr", "-V"],
                           capture_output=True, text=True, check=True).stdout
    assert shown.count("Readable name of a group") >= 1000 and "Encrypted stub" not in shown


try:
    if judge and not shutil.which("tshark"):
        print("no tshark, skipped")
        sys.exit(77)
    for test in (test_tool, test_sealed, test_analyser) if judge else \
                (test_tool, test_daemon, test_sealed, test_threads, test_files):
        test()
        print(test.__name__, "ok")
finally:
    shutil.rmtree(folder)
