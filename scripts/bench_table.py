#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""bench_table.py FILE: the figures (name, value, unit, tab separated; medians where a name comes several times) as one
table with our targets and what the peer, Samba 4.17's libnetapi and servers, was measured at on such a machine."""
import os
import platform
import statistics
import sys

# name: (what it is, target as text or None, peer as text or None)
ROWS = {
    'embedded.enum.rate': ('NetGroupEnum 1, all, embedded', '>= 1,000,000', '244,000 (50,000 groups, smbd)'),
    'embedded.enum.peak_ratio': ('  peak memory of it', '<= 2.5', None),
    'embedded.pages.first_page': ('  first page of 64 KiB', None, None),
    'embedded.pages.last_page': ('  last page of 64 KiB', 'as the first', None),
    'embedded.getinfo.p50': ('NetGroupGetInfo warm, embedded', '<= 40', '1,223 (smbd)'),
    'unix.getinfo.p50': ('NetGroupGetInfo warm, unix socket', '<= 180', '1,223 (smbd)'),
    'unix.clients32.rate': ('NetGroupGetInfo, 32 clients', '>= 12,000', '870'),
    'embedded.first.process': ('process start to first answer', '<= 5', '31 + 11 (smbd)'),
    'embedded.first.private_memory': ('memory of the first call', '< 3', '19.4 (all of it)'),
    'disk.fdatasync': ('one fdatasync of this disk (two in a NetGroupAdd 1)', None, None),
    'embedded.add.small.rate': ('NetGroupAdd durable, embedded, 10 groups', '>= 1,000', '70-128'),
    'embedded.add.large.rate': ('  with all groups there', '>= 1,000', '11-35 (10,000 groups)'),
    'unix.add1.small.rate': ('NetGroupAdd durable, 1 client, 10 groups', '>= 1,000', '70-128'),
    'unix.add1.large.rate': ('  with all groups there', '>= 1,000', '11-35 (10,000 groups)'),
    'unix.add8.small.rate': ('NetGroupAdd durable, 8 clients, 10 groups', '>= 4,000', None),
    'unix.add8.large.rate': ('  with all groups there', '>= 4,000', None),
    'thousand.delayed': ('1,000 servers, 20 ms away, 256 at once', '<= 3,000', None),
    'thousand.direct': ('  without the delay', None, None),
    'remote.files.first.call': ('first call to smbd, NTLM, new process', '<= 0.7 of peer', '11-24'),
    'remote.files.first.process': ('  from the start of the process', None, '31 + 11'),
    'remote.files.first.memory': ('  memory after it', '<= 1/4 of peer', '19.4'),
    'remote.files.getinfo.p50': ('NetGroupGetInfo warm, smbd, encrypted', None, '1,223'),
    'remote.files+signed.getinfo.p50': ('  signed, as the peer does', '<= 0.8 of peer', '1,223'),
    'remote.dc.enum.time': ('NetGroupEnum 1, 10,000 groups, DC, encrypted', None, None),
    'remote.dc+signed.enum.time': ('  signed, as the peer does', '<= peer', None),
    'remote.dc+tcp.enum.time': ('  over TCP, sealed', None, None),
    'remote.dc.enum.requests': ('  SMB requests', '< peer', '221'),
    'ndr.decode.ndr20': ('NDR decode, 1,000 names, an entry', '<= 60', None),
    'ndr.decode.ndr64': ('  the same in NDR64', '<= 60', None),
    'ndr.decode_allocations.ndr20': ('  allocations of it', '1', None),
    'ndr.encode.ndr20': ('NDR encode, 1,000 names, an entry', '<= 60', None),
    'ndr.encode.ndr64': ('  the same in NDR64', '<= 60', None),
    'ndr.block.add': ('block of GROUP_INFO_1, add one of 1M', None, None),
    'ndr.block.take': ('  put together, an entry', None, None),
}


def number(value):
    return f'{value:,.0f}' if value >= 1000 else f'{value:.4g}'


figures = {}
for line in open(sys.argv[1]):
    name, value, unit = line.rstrip('\n').split('\t')
    figures.setdefault(name, ([], unit))[0].append(float(value))

with open('/proc/cpuinfo') as f:
    cpu = next((l.split(':', 1)[1].strip() for l in f if l.startswith('model name')), platform.machine())
print(f'{os.cpu_count()} x {cpu}, Linux {platform.release()}')
rows = [('figure', 'measured', 'unit', 'target', 'Samba 4.17')]
# libndr.X, libnetapi.X: the peer's figures for ndr.X, remote.X, measured in the same run
measured_peer = {n[3:]: v for n, v in figures.items() if n.startswith('libndr.')}
for n, v in figures.items():
    if n.startswith('libnetapi.'):
        n = n.replace('libnetapi.', 'remote.')
        measured_peer[n] = measured_peer[n.replace('.getinfo', '+signed.getinfo').replace('.enum.time', '+signed.enum.time')] = v
for name in list(ROWS) + [n for n in figures if n not in ROWS and not n.startswith(('libndr.', 'libnetapi.'))]:
    if name not in figures:
        continue
    values, unit = figures[name]
    what, target, peer = ROWS.get(name, (name, None, None))
    if name in measured_peer:
        peer = number(statistics.median(measured_peer[name][0]))
    rows.append((what, number(statistics.median(values)), unit, target or '', peer or ''))
widths = [max(len(r[i]) for r in rows) for i in range(5)]
for i, r in enumerate(rows):
    print('  '.join(c.rjust(w) if j == 1 else c.ljust(w) for j, (c, w) in enumerate(zip(r, widths))).rstrip())
    if i == 0:
        print('  '.join('-' * w for w in widths))
