#!/usr/bin/env python3
"""Measures the whole engine against labelled lines of real repositories.

    evaluate.py DATA BINARY [--held-out | --trained-on] [--misses FILE] [--alarms FILE]
    evaluate.py DATA --write FOLDER

DATA is JSON lines: repo, file, folder_kind, label (T, F, X), category, before, lines, after. Each labelled
span of lines is written to a file of its own, with the lines around it, and `leakspan scan` reads them all at
low confidence. A span is reported when a finding touches one of its lines; what is found on the lines around
it is not counted: those have labels of their own, or none. True is a span with a row T; F and X are false.
Spans that are nothing but identifiers (UUID, salt, nonce, bucket) are left out.

--held-out takes the repositories that the shipped model was never trained on, --trained-on the others (see
`held_out`). Prints precision, recall and F1 at each level of confidence, then by category and repository.
--write only makes the files, for the scorer's training. Standard library only.
"""
import argparse
import collections
import json
import pathlib
import subprocess
import sys
import tempfile
import zlib

IDENTIFIERS = {"UUID", "Salt", "Nonce", "AWS S3 Bucket"}
LEVELS = {"low": 0, "medium": 1, "high": 2}


def held_out(repo):
    """Whether a repository is for validation alone: about a quarter of them, by a hash of the name."""
    return zlib.crc32(repo.encode()) % 4 == 0


def spans(data):
    """Labelled spans in the order of the data: the rows of one place are one span."""
    found = {}
    for line in open(data, encoding="utf-8"):
        row = json.loads(line)
        place = json.dumps([row[k] for k in ("repo", "file", "folder_kind", "before", "lines", "after")])
        span = found.setdefault(place, {**row, "true": False, "words": set(), "values": []})
        span["words"] |= set(row["category"].split(":"))
        if row["label"] == "T":
            span["true"] = True
            span["category"] = row["category"]
            span["values"].append((row["value_start"], row["value_end"]))
    return [span for span in found.values() if not span["words"] <= IDENTIFIERS]


def path_of(span, number):
    """The extension and one word of the folders are all that the data keeps of a path."""
    folder = "" if span["folder_kind"] == "_" else span["folder_kind"]
    name = span["file"] if "." in span["file"] else "file"
    return pathlib.PurePosixPath(span["repo"], str(number), folder, name)


def write(found, root):
    for number, span in enumerate(found):
        path = root / path_of(span, number)
        path.parent.mkdir(parents=True)
        text = "\n".join(span["before"] + span["lines"] + span["after"]) + "\n"
        path.write_text(text, encoding="utf-8", newline="")


def scan(binary, root):
    """Findings by the number of their span."""
    binary = str(pathlib.Path(binary).resolve())
    command = [binary, "scan", "--no-progress", "--no-suppress", "--min-confidence", "low", "-f", "jsonl", "."]
    output = subprocess.run(command, cwd=root, capture_output=True)
    if output.returncode not in (0, 1):
        sys.exit(f"scan ended with {output.returncode}: {output.stderr.decode()[-2000:]}")
    found = collections.defaultdict(list)
    for line in output.stdout.splitlines():
        row = json.loads(line)
        if row["type"] == "finding":
            found[int(row["path"].split("/")[1])].append(row)
    return found


def touching(span, findings):
    """The best finding that touches the span's own lines."""
    first = len(span["before"]) + 1
    last = first + len(span["lines"]) - 1
    inside = [f for f in findings if f["line"] <= last and f["end_line"] >= first]
    return max(inside, key=lambda f: LEVELS[f["confidence"]], default=None)


def figures(hits, alarms, truth):
    precision = hits / (hits + alarms) if hits + alarms else 1.0
    recall = hits / truth if truth else 1.0
    total = precision + recall
    return precision, recall, 2 * precision * recall / total if total else 0.0


def group(span):
    return span["category"].split(":")[0]


def table(title, found, level, key):
    print(f"\n{title}, at {level}\n{'':28} truth  found alarms      P      R     F1")
    groups = collections.defaultdict(lambda: [0, 0, 0])
    for span, best in found:
        said = best is not None and LEVELS[best["confidence"]] >= LEVELS[level]
        row = groups[key(span)]
        row[0] += span["true"]
        row[1] += said and span["true"]
        row[2] += said and not span["true"]
    for name, (truth, hits, alarms) in sorted(groups.items(), key=lambda item: -item[1][0]):
        if truth or alarms:
            p, r, f = figures(hits, alarms, truth)
            print(f"{name:28} {truth:5} {hits:6} {alarms:6}  {p:5.3f}  {r:5.3f}  {f:5.3f}")


def listing(path, rows):
    with open(path, "w", encoding="utf-8") as out:
        for span, best in rows:
            said = f"{best['signature']} {best['confidence']} {best['line']}" if best else "-"
            lines = "\n  ".join(line[:300] for line in span["lines"][:3])
            print(f"{span['repo']} {span['file']} {span['category']} {span['label']} [{said}]\n  {lines}", file=out)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("data")
    arguments.add_argument("binary", nargs="?")
    arguments.add_argument("--write", metavar="FOLDER", help="write the files here and stop")
    arguments.add_argument("--held-out", action="store_true")
    arguments.add_argument("--trained-on", action="store_true")
    arguments.add_argument("--misses", help="write true spans that are not reported at all to this file")
    arguments.add_argument("--alarms", help="write false spans that are reported to this file")
    arguments = arguments.parse_args()
    chosen = spans(arguments.data)
    if arguments.write:
        return write(chosen, pathlib.Path(arguments.write))
    if not arguments.binary:
        sys.exit("which binary?")
    if arguments.held_out or arguments.trained_on:
        chosen = [span for span in chosen if held_out(span["repo"]) == arguments.held_out]
    with tempfile.TemporaryDirectory() as folder:
        write(chosen, pathlib.Path(folder))
        findings = scan(arguments.binary, folder)
    found = [(span, touching(span, findings[number])) for number, span in enumerate(chosen)]
    truth = sum(span["true"] for span, _ in found)
    repositories = {span["repo"] for span in chosen}
    print(f"{len(repositories)} repositories, {len(chosen)} spans, {truth} of them true")
    print("level       P      R     F1   found alarms")
    for level, rank in LEVELS.items():
        said = [span["true"] for span, best in found if best and LEVELS[best["confidence"]] >= rank]
        p, r, f = figures(sum(said), len(said) - sum(said), truth)
        print(f"{level:8} {p:5.3f}  {r:5.3f}  {f:5.3f}  {sum(said):6} {len(said) - sum(said):6}")
    for level in ("low", "medium"):
        table("by category", found, level, group)
        table("by repository", found, level, lambda span: span["repo"])
    if arguments.misses:
        listing(arguments.misses, [row for row in found if row[0]["true"] and not row[1]])
    if arguments.alarms:
        listing(arguments.alarms, [row for row in found if not row[0]["true"] and row[1]])


if __name__ == "__main__":
    main()
