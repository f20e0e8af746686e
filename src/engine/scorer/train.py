#!/usr/bin/env python3
"""Trains the trees of the scorer and writes trees.bin; needs lightgbm and numpy.

    train.py LABELLED ORDINARY RECORDS OUT

LABELLED and ORDINARY hold one candidate a line, tab-separated: tag, start, end, value, signature, features
(blanks between). The tag of a labelled candidate is the number of its line in RECORDS, the labelled lines
as JSON; that of an ordinary one is its project, and what stands there is no secret. Prints precision and
recall out of fold, folds cut by repository, and alarms in ordinary code, folds cut by project.
"""
import collections, json, struct, sys, zlib

import lightgbm
import numpy

TREES, LEAVES, FOLDS = 90, 10, 5
LEVELS = (0.3, 0.5, 0.7, 0.8, 0.85, 0.9, 0.95)
SETTINGS = dict(objective="binary", num_leaves=LEAVES, learning_rate=0.12, min_data_in_leaf=15, verbose=-1,
                lambda_l2=5.0, feature_fraction=0.7, bagging_fraction=0.8, bagging_freq=1, seed=7,
                deterministic=True, num_threads=1)


def read(path):
    for line in open(path, encoding="utf-8", errors="replace"):
        tag, start, end, value, signature, features = line.rstrip("\n").split("\t")
        yield tag, int(start), int(end), value, signature, [float(f) for f in features.split()]


def labelled(path, records):
    """Features, label, repository; what touches no value on a true line is left out."""
    for tag, start, end, _, _, features in read(path):
        record = records[int(tag)]
        true = record["label"] == "T"
        if true and record["value_start"] >= 0:
            if end <= record["value_start"] or start >= record["value_end"]:
                continue
        yield features, true, record["repo"], 1.0


def ordinary(path):
    seen = collections.Counter()
    for project, _, _, value, signature, features in read(path):
        seen[project, value, signature] += 1
        if seen[project, value, signature] <= 2:
            yield features, False, project, 0.5


def fold(group):
    return zlib.crc32(group.encode()) % FOLDS


def main(labelled_path, ordinary_path, records_path, out):
    records = [json.loads(line) for line in open(records_path)]
    rows = list(labelled(labelled_path, records))
    known = len(rows)
    rows += list(ordinary(ordinary_path))
    x = numpy.array([row[0] for row in rows], dtype=numpy.float32)
    y = numpy.array([row[1] for row in rows])
    w = numpy.array([row[3] for row in rows])
    folds = numpy.array([fold(row[2]) for row in rows])
    scores = numpy.zeros(len(rows))
    for k in range(FOLDS):
        train, test = folds != k, folds == k
        data = lightgbm.Dataset(x[train], y[train], weight=w[train])
        scores[test] = lightgbm.train(SETTINGS, data, TREES).predict(x[test])
    first = numpy.arange(len(rows)) < known
    for level in LEVELS:
        said = scores >= level
        hit = (said & y & first).sum()
        p, r = hit / max(1, (said & first).sum()), hit / (y & first).sum()
        print(f"{level}: P {p:.3f} R {r:.3f} F1 {2*p*r/(p+r):.3f}; ordinary {(said & ~first).sum()}")
    model = lightgbm.train(SETTINGS, lightgbm.Dataset(x, y, weight=w), TREES)
    print(sorted(zip(model.feature_importance("gain").round(), range(x.shape[1])), reverse=True)[:14])
    write(model.dump_model()["tree_info"], out)


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


main(*sys.argv[1:])
