#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""bench_table.py FILE: the figures (name, value, unit, tab separated) as one table with our targets, what the peer,
Samba 4.17's libnetapi and servers, was measured at on such a machine or in this run, and whether the target was met.

A name that comes several times was measured in rounds: the table has the medians, and, where ours and the peer's took
turns in one run, the median of the rounds' ratios with its quartiles, which is what the target is compared with: so what
else the machine did in a round weighs on both."""
import os
import platform
import re
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
    'remote.dc.enum.time': ('NetGroupEnum 1, 10,000 groups, DC, encrypted', '<= peer', None),
    'remote.dc+signed.enum.time': ('  signed, as the peer does', '<= peer', None),
    'remote.dc+tcp.enum.time': ('  over TCP, sealed', None, None),
    'remote.dc.enum.requests': ('  SMB requests', '< peer', '221'),
    'remote.files+signed.users0.time': ('NetUserEnum 0, 1,000 users, smbd', '<= peer', None),
    'remote.files.users0.requests': ('  SMB requests', '<= peer', None),
    'remote.files+signed.users20.time': ('NetUserEnum 20, 1,000 users, smbd', '<= 1/10 of peer', None),
    'remote.files.users20.requests': ('  SMB requests', '< peer', None),
    'remote.files+signed.users3.time': ('NetUserEnum 3, 1,000 users, smbd', '<= 1/3 of peer', '9,750'),
    'remote.files.users3.time': ('  encrypted', None, None),
    'remote.files.users3.requests': ('  SMB requests', None, None),
    'remote.dc+signed.users0.time': ('NetUserEnum 0, 1,000 users, DC', '<= peer', None),
    'remote.dc.users0.requests': ('  SMB requests', '<= peer', None),
    'remote.dc+signed.users20.time': ('NetUserEnum 20, 1,000 users, DC', '<= 1/2 of peer', None),
    'remote.dc.users20.requests': ('  SMB requests', None, None),
    'remote.dc+signed.users3.time': ('NetUserEnum 3, 1,000 users, DC', '<= 1/3 of peer', '3,590'),
    'remote.dc.users3.time': ('  encrypted', None, None),
    'remote.dc+tcp.users3.time': ('  over TCP, sealed', None, None),
    'remote.dc.users3.requests': ('  SMB requests', None, None),
    'remote.dc.members.add': ('NetGroupSetUsers, 500 new members, DC, encrypted', None, None),
    'remote.dc+signed.members.add': ('  signed', None, None),
    'remote.dc+tcp.members.add': ('  over TCP, sealed', None, None),
    'remote.dc+delay.members.add': ('  encrypted, 20 ms away (one by one: 14,700)', None, None),
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


def parse_number(text):
    above, _, below = text.replace(',', '').partition('/')
    return float(above) / float(below or 1)


def ratios(ours, peers):
    """Of each round; where the rounds are not the same, of the medians."""
    if len(ours) == len(peers):
        return [a / b for a, b in zip(ours, peers)]
    return [statistics.median(ours) / statistics.median(peers)]


def ratio_text(values):
    if len(values) < 4:
        return f'{statistics.median(values):.2f}'
    low, middle, high = statistics.quantiles(values, method='inclusive')
    return f'{middle:.2f} ({low:.2f}-{high:.2f})'


def verdict(target, value, compared):
    """Of a target like '>= 1,000', '<= 0.7 of peer', '< peer'; '' where that cannot be said."""
    match = re.fullmatch(r'(<=|>=|<|>)? ?([\d.,/]+)?( of peer| ?peer)?', target or '')
    if not match or not (match[2] or match[3]) or (match[3] and not compared):
        return ''
    limit = parse_number(match[2]) if match[2] else 1
    if match[3]:
        value = statistics.median(compared)
    met = {'<=': value <= limit, '<': value < limit, '>=': value >= limit, '>': value > limit, None: value == limit}
    return 'met' if met[match[1]] else 'MISSED'


def read(path):
    figures = {}
    with open(path) as lines:
        for line in lines:
            name, value, unit = line.rstrip('\n').split('\t')
            figures.setdefault(name, ([], unit))[0].append(float(value))
    return figures


def peers_of(figures):
    """libndr.X, libnetapi.X are the peer's figures for ndr.X, remote.X, measured in the same run; signed, too."""
    found = {n[3:]: v for n, (v, _) in figures.items() if n.startswith('libndr.')}
    for n, (v, _) in figures.items():
        if n.startswith('libnetapi.'):
            n = n.replace('libnetapi.', 'remote.')
            found[n] = v
            server, dot, rest = n.removeprefix('remote.').partition('.')
            found[f'remote.{server}+signed{dot}{rest}'] = v
            found[f'remote.{server}+tcp{dot}{rest}'] = v
    return found


def table(figures):
    rows = [('figure', 'measured', 'unit', 'target', '', 'ratio to peer', 'Samba 4.17')]
    peers = peers_of(figures)
    for name in list(ROWS) + [n for n in figures if n not in ROWS and not n.startswith(('libndr.', 'libnetapi.'))]:
        if name not in figures:
            continue
        values, unit = figures[name]
        value = statistics.median(values)
        what, target, peer = ROWS.get(name, (name, None, None))
        compared = []
        if name in peers:
            peer = number(statistics.median(peers[name]))
            compared = ratios(values, peers[name])
        rows.append((what, number(value), unit, target or '', verdict(target, value, compared),
                     ratio_text(compared) if compared else '', peer or ''))
    return rows


def main():
    with open('/proc/cpuinfo') as f:
        cpu = next((l.split(':', 1)[1].strip() for l in f if l.startswith('model name')), platform.machine())
    print(f'{os.cpu_count()} x {cpu}, Linux {platform.release()}')
    rows = table(read(sys.argv[1]))
    widths = [max(len(r[i]) for r in rows) for i in range(len(rows[0]))]
    for i, r in enumerate(rows):
        print('  '.join(c.rjust(w) if j == 1 else c.ljust(w) for j, (c, w) in enumerate(zip(r, widths))).rstrip())
        if i == 0:
            print('  '.join('-' * w for w in widths))


if __name__ == '__main__':
    main()
