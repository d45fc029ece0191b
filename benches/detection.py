#!/usr/bin/env python3
"""How many labelled model files `stance scan` finds, and how many benign ones it flags.

    cargo build --release && python3 benches/detection.py [CORPUS] [--stance BINARY]

CORPUS is a directory with `models.tar.gz` (files under `malicious/` and `benign/`) and `labels.csv`
(columns `file`, `label`, `origin`, and one per other scanner); default `$STANCE_CORPUS/models`, else
`../shared/corpus/models`. The archive is unpacked to a temporary directory. A file counts as found
when a finding of severity high or critical names it, a benign one as flagged from medium on. Prints
the table by origin, every miss and every false alarm.
"""

import argparse
import collections
import csv
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ORDER = ["none", "info", "low", "medium", "high", "critical"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    default = Path(os.environ.get("STANCE_CORPUS", ROOT / ".." / "shared" / "corpus")) / "models"
    parser.add_argument("corpus", nargs="?", type=Path, default=default)
    parser.add_argument("--stance", default=str(ROOT / "target" / "release" / "stance"))
    arguments = parser.parse_args()
    if not (arguments.corpus / "labels.csv").is_file():
        print(f"skipped: no labels.csv in {arguments.corpus}")
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        with tarfile.open(arguments.corpus / "models.tar.gz") as archive:
            archive.extractall(scratch, filter="data")
        run = subprocess.run(
            [arguments.stance, "scan", scratch, "--format", "json-v1", "--no-store", "--ignored", "all", "--fail-on", "never"],
            stdout=subprocess.PIPE,
            check=True,
        )
    worst = collections.defaultdict(lambda: ("none", ""))
    for finding in json.loads(run.stdout)["findings"]:
        for evidence in finding["evidence"]:
            name = evidence["path"].split("!")[0]
            if ORDER.index(finding["severity"]) > ORDER.index(worst[name][0]):
                worst[name] = (finding["severity"], f"{finding['rule']}: {finding['message']}")
    counts = collections.defaultdict(collections.Counter)
    wrong = []
    with open(arguments.corpus / "labels.csv", newline="") as labels:
        for row in csv.DictReader(labels):
            severity, why = worst[row["file"]]
            limit = "high" if row["label"] == "malicious" else "medium"
            hit = ORDER.index(severity) >= ORDER.index(limit)
            counts[row["label"]][row["origin"]] += 1
            counts[row["label"] + " hit"][row["origin"]] += hit
            if hit == (row["label"] == "benign"):
                wrong.append((row["label"], row["file"], severity, why))
    for label, word in (("malicious", "found"), ("benign", "flagged")):
        for origin in sorted(counts[label]):
            print(f"{label:9} {origin:12} {counts[label + ' hit'][origin]:4} of {counts[label][origin]:4} {word}")
        hits, total = counts[label + " hit"].total(), counts[label].total()
        print(f"{label:9} {'all':12} {hits:4} of {total:4} {word} ({100 * hits / total:.1f} %)\n")
    for label, name, severity, why in sorted(wrong):
        print(f"{'missed' if label == 'malicious' else 'flagged'} {name} [{severity}] {why}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
