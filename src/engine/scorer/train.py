#!/usr/bin/env python3
"""Trains the trees of the scorer and writes trees.bin; needs lightgbm and numpy. README.md has the steps.

    train.py DATA LABELLED ORDINARY OUT [--findings FILE]

DATA is what benches/generic/evaluate.py reads. LABELLED and ORDINARY are tables that the ignored test
`export` writes: of the files that `evaluate.py DATA --write FOLDER` makes, and of a folder that holds one
folder of ordinary code a project, in which nothing is a secret. Repositories that evaluate.py holds out are
not trained on. FILE is what `leakspan scan -f jsonl` at low confidence says about the first folder: with it
the figures printed are those of the whole engine, over all repositories, each judged by trees that have not
seen it; and the curve over the score.
"""
import argparse
import collections
import json
import pathlib
import struct
import sys
import zlib

import lightgbm
import numpy

sys.path.insert(0, str(pathlib.Path(__file__).parents[3] / "benches" / "generic"))
import evaluate  # noqa: E402

TREES, LEAVES, FOLDS = 130, 12, 6
LEVELS = (0.05, 0.1, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95)
SETTINGS = dict(objective="binary", num_leaves=LEAVES, learning_rate=0.08, min_data_in_leaf=12, verbose=-1,
                lambda_l2=5.0, feature_fraction=0.6, bagging_fraction=0.8, bagging_freq=1, seed=7,
                deterministic=True, num_threads=2)
SCORED = {"generic-password-assignment", "generic-api-key-assignment", "command-line-password", "call-login",
          "named-value", "basic-login", "url-basic-auth", "postgres-url", "mysql-url", "mongodb-url", "redis-url",
          "rabbitmq-url"}


def read(path):
    for line in open(path, encoding="utf-8", errors="replace", newline="\n"):
        name, first, last, start, signature, value, features = line.rstrip("\n").split("\t")
        yield name, int(first), int(last), int(start), signature, value, [float(f) for f in features.split()]


def labelled(path, spans):
    """Features, label, group, number of the span; what touches no value on a true line is left out."""
    for name, first, last, start, _, value, features in read(path):
        number = int(name.split("/")[1])
        span = spans[number]
        own = len(span["before"]) + 1
        if last < own or first > own + len(span["lines"]) - 1:
            continue
        if span["true"] and len(span["lines"]) == 1:
            line = len("\n".join(span["before"]).encode()) + (1 if span["before"] else 0)
            text = span["lines"][0].encode()
            at = len(text[:max(0, start - line)].decode(errors="ignore"))
            touches = [low < 0 or (at < high and at + len(value) > low) for low, high in span["values"]]
            if not any(touches):
                continue
        yield features, span["true"], span["repo"], number, 1.0


def ordinary(path):
    seen = collections.Counter()
    for name, _, _, _, signature, value, features in read(path):
        project = name.split("/")[0]
        seen[project, value, signature] += 1
        if seen[project, value, signature] <= 2:
            yield features, False, project, -1, 0.25


def fold(group):
    return zlib.crc32(group[::-1].encode()) % FOLDS


def fit(x, y, w):
    return lightgbm.train(SETTINGS, lightgbm.Dataset(x, y, weight=w), TREES)


def engine(spans, findings, numbers, scores):
    """The curve of the whole engine: what is not scored counts as the binary says."""
    rows = collections.defaultdict(list)
    for line in open(findings, encoding="utf-8"):
        row = json.loads(line)
        if row["type"] == "finding" and row["signature"] not in SCORED:
            rows[int(row["path"].split("/")[1])].append(row)
    others = {n: evaluate.touching(span, rows[n]) for n, span in enumerate(spans)}
    best = collections.defaultdict(float)
    for number, score in zip(numbers, scores):
        best[number] = max(best[number], score)
    truth = sum(span["true"] for span in spans)
    print("score      P      R     F1 of the whole engine, out of fold")
    for level in LEVELS:
        least = 1 if level >= 0.4 else 0
        said = [n for n in range(len(spans)) if best[n] >= level or
                (others[n] and evaluate.LEVELS[others[n]["confidence"]] >= least)]
        hits = sum(spans[n]["true"] for n in said)
        p, r, f = evaluate.figures(hits, len(said) - hits, truth)
        print(f"{level:5}  {p:5.3f}  {r:5.3f}  {f:5.3f}")
    return best


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    for name in ("data", "labelled", "ordinary", "out"):
        arguments.add_argument(name)
    arguments.add_argument("--findings")
    arguments = arguments.parse_args()
    spans = evaluate.spans(arguments.data)
    rows = list(labelled(arguments.labelled, spans))
    known = len(rows)
    rows += list(ordinary(arguments.ordinary))
    x = numpy.array([row[0] for row in rows], dtype=numpy.float32)
    y = numpy.array([row[1] for row in rows])
    w = numpy.array([row[4] for row in rows])
    folds = numpy.array([fold(row[2]) for row in rows])
    scores = numpy.zeros(len(rows))
    for k in range(FOLDS):
        train, test = folds != k, folds == k
        if test.any():
            scores[test] = fit(x[train], y[train], w[train]).predict(x[test])
    print(f"{known} labelled candidates, {y.sum()} true; {len(rows) - known} of ordinary code")
    print("score  P of candidates  alarms in ordinary code, out of fold")
    for level in LEVELS:
        said = scores >= level
        hit = (said & y).sum()
        print(f"{level:5}  {hit / max(1, said[:known].sum()):5.3f}  {said[known:].sum()}")
    if arguments.findings:
        engine(spans, arguments.findings, [row[3] for row in rows[:known]], scores[:known])
    shown = numpy.array([row[3] < 0 or not evaluate.held_out(row[2]) for row in rows])
    model = fit(x[shown], y[shown], w[shown])
    gains = sorted(zip(model.feature_importance("gain").round(), range(x.shape[1])), reverse=True)
    print("features by gain:", " ".join(str(feature) for _, feature in gains))
    write(model.dump_model()["tree_info"], arguments.out)


def write(trees, out):
    nodes = [None] * len(trees)

    def add(tree, place=None):
        if place is None:
            place = len(nodes)
            nodes.append(None)
        if "leaf_value" in tree:
            nodes[place] = (255, tree["leaf_value"], 0, 0)
        else:
            sides = add(tree["left_child"]), add(tree["right_child"])
            nodes[place] = (tree["split_feature"], tree["threshold"], *sides)
        return place

    for number, tree in enumerate(trees):
        add(tree["tree_structure"], number)
    packed = b"".join(struct.pack("<BxfHH", *node) for node in nodes)
    open(out, "wb").write(struct.pack("<H", len(trees)) + packed)


if __name__ == "__main__":
    main()
