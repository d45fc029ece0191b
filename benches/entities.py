"""Precision and recall of entities on annotated sentences, for each kind and each half of the corpus.

Usage: python3 benches/entities.py [--least 50] [--misses KIND] [--half dev|report]

The corpus is `data/pii/synthetic_pii_750.jsonl.gz` below `STANCE_CORPUS` (default `../shared/corpus` beside the checkout).
Even lines are for development, odd lines are reported. A span counts as found where one of the same type overlaps it;
`iou` counts only overlaps of at least half of both together.
"""

import argparse
import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TYPES = {
    "CREDIT_CARD": {"payment-card"},
    "EMAIL_ADDRESS": {"email"},
    "IBAN_CODE": {"iban"},
    "IP_ADDRESS": {"ip-address"},
    "US_SSN": {"us-ssn"},
    "PHONE_NUMBER": {"phone"},
    "DOMAIN_NAME": {"url", "domain"},
    "DATE_TIME": {"date", "date-of-birth"},
    "AGE": {"age"},
    "PERSON": {"person-name"},
    "STREET_ADDRESS": {"street-address"},
    "US_DRIVER_LICENSE": {"drivers-license"},
}
# A postal code or a town inside an address that was told is no false alarm and no miss of another kind.
LENIENT = {"STREET_ADDRESS": {"ZIP_CODE", "GPE"}}


def overlap(a, b):
    return max(0, min(a[1], b[1]) - max(a[0], b[0]))


def iou(a, b):
    both = overlap(a, b)
    return both / (a[1] - a[0] + b[1] - b[0] - both)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--least", type=int, default=50)
    options.add_argument("--misses", default="")
    options.add_argument("--half", default="both")
    options = options.parse_args()
    corpus = Path(os.environ.get("STANCE_CORPUS", ROOT.parent / "shared" / "corpus"))
    path = corpus / "data" / "pii" / "synthetic_pii_750.jsonl.gz"
    if not path.exists():
        sys.exit(f"skipped: {path} is not there; set STANCE_CORPUS")
    rows = [json.loads(line) for line in gzip.open(path, "rt", encoding="utf-8")]
    run = subprocess.run(
        ["cargo", "run", "-q", "--release", "-p", "stance-guard", "--example", "entities"]
        if not os.environ.get("STANCE_ENTITIES")
        else [os.environ["STANCE_ENTITIES"]],
        input="\n".join(json.dumps(row["text"]) for row in rows) + "\n",
        capture_output=True, text=True, check=True, cwd=ROOT,
    )
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    for half, rest in (("dev", 1), ("report", 0)):
        if options.half not in ("both", half):
            continue
        print(f"{half:18} {'gold':>5} {'found':>5} {'P':>6} {'R':>6} {'P iou':>6} {'R iou':>6}")
        for kind, ids in TYPES.items():
            gold_count = found_count = right = hit = right_iou = hit_iou = 0
            for number, (row, answer) in enumerate(zip(rows, answers)):
                if number % 2 != rest:
                    continue
                text = row["text"]
                places = [0]
                for char in text:
                    places.append(places[-1] + len(char.encode()))
                gold = [(places[s["start"]], places[s["end"]]) for s in row["spans"] if s["type"] == kind]
                near = [(places[s["start"]], places[s["end"]]) for s in row["spans"] if s["type"] in LENIENT.get(kind, ())]
                found = [(a[1], a[2]) for a in answer if a[0] in ids and a[3] >= options.least]
                gold_count += len(gold)
                found_count += len(found)
                for one in found:
                    ok = any(overlap(one, g) for g in gold)
                    right += ok or any(overlap(one, g) for g in near)
                    right_iou += any(iou(one, g) >= 0.5 for g in gold)
                    if kind == options.misses and not ok:
                        print("   false:", text.encode()[one[0]:one[1]].decode(), "|", text[:140].replace("\n", "\\n"))
                for one in gold:
                    ok = any(overlap(one, f) for f in found)
                    hit += ok
                    hit_iou += any(iou(one, f) >= 0.5 for f in found)
                    if kind == options.misses and not ok:
                        print("   missed:", text.encode()[one[0]:one[1]].decode(), "|", text[:140].replace("\n", "\\n"))
            share = lambda a, b: f"{a / b:6.3f}" if b else "     -"
            print(f"{kind:18} {gold_count:5} {found_count:5} {share(right, found_count)} {share(hit, gold_count)}"
                  f" {share(right_iou, found_count)} {share(hit_iou, gold_count)}")


if __name__ == "__main__":
    main()
