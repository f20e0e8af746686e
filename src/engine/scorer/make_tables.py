#!/usr/bin/env python3
"""Makes the two tables of src/engine/scorer from ordinary source text.

    make_tables.py LIST OUT     LIST names source files, one a line; OUT is a folder

trigrams.bin: one byte for each of 38^3 triples of signs (a-z, 0-9, edge, other): how surprising the third
sign is after the first two, in sixteenths of a bit, 255 at most. Each distinct word counts with the power
0.7 of its occurrences; triples fall back on pairs, pairs on single signs.
words.txt: words of 3 to 14 letters that stand in many files (the shorter, the more), one a line, sorted.
"""
import collections, math, re, sys

EDGE, OTHER, SIGNS = 36, 37, 38


def sign(c):
    if "a" <= c <= "z":
        return ord(c) - 97
    if "0" <= c <= "9":
        return ord(c) - 48 + 26
    return OTHER


def main(listing, out):
    words, files = collections.Counter(), collections.Counter()
    parts = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
    for path in open(listing).read().split("\n"):
        try:
            text = open(path, encoding="utf-8", errors="ignore").read(400_000)
        except OSError:
            continue
        here = collections.Counter(re.findall(r"[A-Za-z_][A-Za-z0-9_-]{2,40}", text))
        words.update(here)
        files.update({p.lower() for w in here for p in parts.findall(w) if len(p) >= 3})
    three, two, one = (collections.Counter() for _ in range(3))
    for word, count in words.items():
        weight = count**0.7
        signs = [EDGE, EDGE] + [sign(c) for c in word.lower()] + [EDGE]
        for a, b, c in zip(signs, signs[1:], signs[2:]):
            three[a, b, c] += weight
            two[b, c] += weight
            one[c] += weight
    total = sum(one.values())
    chance1 = [(one[c] + 1) / (total + SIGNS) for c in range(SIGNS)]
    of_two, of_three = collections.Counter(), collections.Counter()
    for (b, _), weight in two.items():
        of_two[b] += weight
    for (a, b, _), weight in three.items():
        of_three[a, b] += weight
    table = bytearray()
    for a in range(SIGNS):
        for b in range(SIGNS):
            for c in range(SIGNS):
                chance2 = (two[b, c] + 20 * chance1[c]) / (of_two[b] + 20)
                chance = (three[a, b, c] + 20 * chance2) / (of_three[a, b] + 20)
                table.append(min(255, round(-math.log2(chance) * 16)))
    open(out + "/trigrams.bin", "wb").write(table)
    least = {3: 150, 4: 60}
    kept = sorted(w for w, n in files.items() if len(w) <= 14 and n >= least.get(len(w), 25))
    open(out + "/words.txt", "w").write("\n".join(kept) + "\n")
    print(len(words), "words,", len(kept), "kept", file=sys.stderr)


main(*sys.argv[1:])
