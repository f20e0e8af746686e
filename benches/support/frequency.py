#!/usr/bin/env python3
"""Makes src/signatures/frequency.bin: how often short byte strings stand in ordinary source text.

usage: frequency.py FOLDER...        (source trees; about 100 MB of text is plenty)

Bytes are folded to 40 classes: 26 letters (either case), one for digits, 12 signs, one for the rest.
The file holds 40^3 bytes, -8 * log2 of the share of each trigram of classes, then 2,048 records of
five bytes: the most frequent 4-grams after `| 0x20` and the same measure of each.
"""
import collections, math, os, sys

SIGNS = b"_-. \n/\"'=:(,"


def classes():
    table = bytearray([39] * 256)
    for i in range(26):
        table[97 + i] = table[65 + i] = i
    for digit in b"0123456789":
        table[digit] = 26
    for i, sign in enumerate(SIGNS):
        table[sign] = 27 + i
    return bytes(table)


def texts(roots, budget=120_000_000):
    for root in roots:
        for folder, names, files in sorted(os.walk(root)):
            names.sort()
            for name in sorted(files):
                path = os.path.join(folder, name)
                if os.path.islink(path) or os.path.getsize(path) > 400_000:
                    continue
                with open(path, "rb") as file:
                    data = file.read()
                if b"\0" in data[:8192] or budget < 0:
                    continue
                budget -= len(data)
                yield data


def main():
    fold, case = classes(), bytes(b | 0x20 for b in range(256))
    three, four = collections.Counter(), collections.Counter()
    for data in texts(sys.argv[1:]):
        c = data.translate(fold)
        three.update(zip(c, c[1:], c[2:]))
        d = data.translate(case)
        four.update(zip(d, d[1:], d[2:], d[3:]))
    measure = lambda n, all: min(255, round(-8 * math.log2(n / all)))
    total = sum(three.values()) + 40**3 * 0.1
    out = bytearray()
    for a in range(40):
        for b in range(40):
            for c in range(40):
                out.append(measure(three[(a, b, c)] + 0.1, total))
    total = sum(four.values())
    for gram, n in sorted(four.items(), key=lambda kv: (-kv[1], kv[0]))[:2048]:
        out += bytes(gram) + bytes([measure(n, total)])
    with open("src/signatures/frequency.bin", "wb") as file:
        file.write(out)


main()
