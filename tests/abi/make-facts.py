#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""make-facts.py ABI.tsv CONSTANTS.tsv HEADER... > facts.h

Turn two tables of facts about Windows' headers (struct, member, offset, size, type; name, value, header) into
the rows that test_abi.c compares ours with. Run once for each header that is added; the result is committed.
A member "." is the structure itself, its type is its header. A value 0 of a name that starts with Net stands
for a macro over a function and is no constant.
"""
import sys


def rows(path):
    with open(path, encoding="utf-8") as f:
        return [line.rstrip("\n").split("\t") for line in f][1:]


def main():
    abi, constants, headers = rows(sys.argv[1]), rows(sys.argv[2]), set(sys.argv[3:])
    ours = {row[0] for row in abi if row[1] == "." and row[4] in headers}
    print("/* SPDX-License-Identifier: MIT */")
    print("/* Sizes, offsets and values on 64-bit Windows. Made by make-facts.py; x86-64. */")
    print("/* clang-format off */")
    for name, member, offset, size, _ in abi:
        if name not in ours:
            continue
        if member == ".":
            print(f"STRUCT({name}, {size})")
        else:
            print(f"MEMBER({name}, {member}, {offset}, {size})")
    for name, value, header in constants:
        if header not in headers or (value == "0" and name.startswith("NetAccess")):
            continue
        print(f"TEXT_CONSTANT({name}, {value})" if value.startswith('"') else f"CONSTANT({name}, {value}u)")


main()
