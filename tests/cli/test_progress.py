#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""test_progress.py NETMGMT NETMGMTD: the bar on a terminal. It is drawn when work takes more than a second, is gone at
the end, and never mixes with what else stands there. The daemon is stopped for a while, so that the work takes long."""
import os
import pty
import re
import signal
import subprocess
import sys
import tempfile
import time

STOPPED = 1.1  # seconds of waiting; the bar comes after one
ERASE = "\r\x1b[K"
tool, program = sys.argv[1:3]


def read_all(fd):
    data = b""
    while True:
        try:
            part = os.read(fd, 65536)
        except OSError:  # EIO: the last one who had the terminal open has gone
            return data.decode()
        if not part:
            return data.decode()
        data += part


def wait_for_call(pid):
    """Until it has a socket: its work has begun then, and waits for the daemon."""
    files = "/proc/%d/fd/" % pid
    while os.listdir(files):  # a zombie has none
        for name in os.listdir(files):
            try:
                if os.readlink(files + name).startswith("socket:"):
                    return
            except FileNotFoundError:
                pass
        time.sleep(0.01)


def run(daemon, arguments, stop, terminal=("stderr",), stdin=""):
    """The exit status, what came to the terminal, what came to the pipe that is stdout otherwise."""
    master, slave = pty.openpty()
    if stop:
        daemon.send_signal(signal.SIGSTOP)
    ends = {name: slave for name in terminal}
    p = subprocess.Popen([tool] + arguments, stdin=subprocess.PIPE, stdout=ends.get("stdout", subprocess.PIPE),
                         stderr=ends.get("stderr", subprocess.STDOUT), text=True)
    os.close(slave)
    p.stdin.write(stdin)
    p.stdin.close()
    if stop:
        wait_for_call(p.pid)
        time.sleep(STOPPED)
        daemon.send_signal(signal.SIGCONT)
    shown = read_all(master)
    out = p.stdout.read() if p.stdout else ""
    os.close(master)
    return p.wait(), shown, out


def on_screen(shown):
    """What is left of it when all is written."""
    return "\n".join(line.rsplit(ERASE, 1)[-1] for line in shown.replace("\r\n", "\n").split("\n"))


def check(daemon):
    bar = re.compile(r"\r\x1b\[Kadd group \[(#*)( *)\] (\d+) of 4")

    status, shown, _ = run(daemon, ["group", "add", "quick"], stop=False)
    assert (status, shown) == (0, ""), (status, shown)

    status, shown, _ = run(daemon, ["group", "add", "a", "b", "c", "d"], stop=True)
    first = bar.search(shown)
    assert status == 0 and first, (status, shown)
    assert len(first[1]) + len(first[2]) == 40 and len(first[1]) == 10 * int(first[3]), first
    assert shown.endswith(ERASE) and on_screen(shown) == "", shown

    # how many there are is not known
    status, shown, _ = run(daemon, ["group", "delete", "-"], stop=True, stdin="a\nb\n")
    assert status == 0 and re.search(r"\r\x1b\[Kdelete group [12]", shown), (status, shown)
    assert on_screen(shown) == "", shown

    # messages stand on lines of their own
    status, shown, _ = run(daemon, ["group", "add", "e", "quick"], stop=True)
    assert status == 1 and "add group [" in shown, (status, shown)
    assert re.fullmatch(r"netmgmt: cannot add group \"quick\": .*\n", on_screen(shown)), shown

    # and so do rows that are printed page by page
    many = ["many%05d" % i for i in range(9000)]
    status, _, _ = run(daemon, ["group", "add", "-"], stop=False, stdin="\n".join(many))
    assert status == 0
    status, shown, _ = run(daemon, ["group", "list", "--raw", "--columns", "NAME"], stop=True,
                           terminal=("stdout", "stderr"))
    pages = re.findall(r"groups \[#+ *\] (\d+) of 9005", shown)
    assert status == 0 and pages and int(pages[0]) > 0, (status, shown[-2000:])
    assert on_screen(shown).split() == ["NAME", "c", "d", "e"] + many + ["None", "quick"], shown

    # no terminal, no bar
    status, shown, out = run(daemon, ["group", "add", "f", "g"], stop=True, terminal=())
    assert (status, shown, out) == (0, "", ""), (status, shown, out)


def main():
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as folder:
        path = folder + "/socket"
        os.environ["NETMGMT_LOCAL"] = "unix:" + path
        os.environ["LC_ALL"] = "C.UTF-8"
        daemon = subprocess.Popen([program, "--socket", path, "--database", folder + "/accounts.db"],
                                  stderr=subprocess.DEVNULL)
        try:
            while not os.path.exists(path):
                assert daemon.poll() is None, "netmgmtd did not start"
                time.sleep(0.01)
            check(daemon)
        finally:
            daemon.send_signal(signal.SIGCONT)
            daemon.terminate()
            daemon.wait()


main()
