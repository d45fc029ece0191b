#!/usr/bin/env python3
"""How many labelled AI assets of checked-out repositories `stance scan` finds, and what it reports besides.

    python3 benches/discovery.py [--stance BINARY] [--show] TRUTH.json=CHECKOUT ...

Each argument is a truth file and a checkout of the repository and commit that it names. A label counts as
found when an asset of a fitting kind carries its id or one of its aliases (case and `_`/`-` aside) with
evidence in a file that the label names. Reported are the assets of labelled kinds in the scopes that the
labels know; one that meets no label is wrong until a person has looked at it (`--show` lists them, and every
miss), as is whatever stands in `not_assets`. A precision of `-` is one of nothing reported. Macro averages
count every kind alike.
"""

import argparse
import collections
import json
import re
import resource
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Kinds of assets that may stand for a label of a kind.
FITTING = {
    "model": {"model"},
    "model_output": {"model"},
    "provider": {"vendor"},
    "framework": {"package"},
    "mcp_server": {"mcp_server"},
    "mcp_server_impl": {"mcp_server", "application", "package"},
    "agent": {"agent"},
    "tool": {"tool"},
    "mcp_tool": {"tool"},
    "mcp_prompt": {"prompt"},
    "prompt": {"prompt"},
    "guardrail": {"guardrail"},
    "evaluator": {"evaluator"},
    "dataset": {"dataset"},
    "vector_store": {"vector_store"},
    "secret_ref": {"identity"},
    "identity": {"identity"},
    "service": {"endpoint"},
    "endpoint": {"endpoint"},
    "endpoint_ref": {"endpoint", "identity"},
    "infra": {"compute", "endpoint", "model", "vector_store"},
    "ci": {"pipeline"},
    "pipeline": {"pipeline"},
}
# Kinds that are not only about AI: what meets no label is left out of the reported ones, for labels name few.
OPEN = {"application"}


def plain(text):
    return re.sub(r"[_-]", "-", text.strip().lower())


def names_of(asset):
    names = {asset["name"], *asset.get("aliases", [])}
    key = asset["id"].split(":", 1)[1]
    names |= {key, key.rsplit("#", 1)[-1], key.rsplit("/", 1)[-1]}
    # A purl without its type, a variable without its kind.
    for name in list(names):
        names.add(re.sub(r"^pkg:[a-z]+/", "", name))
        names.add(re.sub(r"^env:", "", name))
    return {plain(name) for name in names if name}


def wanted(label):
    names = {label["id"], *label.get("aliases", [])}
    names |= {re.sub(r" \(.*\)$", "", name) for name in names}
    if label["kind"] in ("mcp_tool", "mcp_prompt"):
        names.add(label["id"].rsplit("/", 1)[-1])
    return {plain(name) for name in names}


def places(item):
    return {evidence["path"].split("!")[0] for evidence in item["evidence"]}


def fits(asset, label):
    return (
        asset["kind"] in FITTING.get(label["kind"], {label["kind"]})
        and not names_of(asset).isdisjoint(wanted(label))
        and not places(asset).isdisjoint(places(label))
    )


def scan(stance, checkout):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = subprocess.run(
        [stance, "scan", ".", "--format", "json-v1", "--no-store", "--fail-on", "never", "--quiet"],
        cwd=checkout,
        stdout=subprocess.PIPE,
        check=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return json.loads(run.stdout)["assets"], cpu, after.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pairs", nargs="*", metavar="TRUTH.json=CHECKOUT")
    parser.add_argument("--stance", default=str(ROOT / "target" / "release" / "stance"))
    parser.add_argument("--show", action="store_true", help="list misses and what meets no label")
    arguments = parser.parse_args()
    if not arguments.pairs:
        print("skipped: no truth file and checkout given")
        return 0
    table = collections.defaultdict(collections.Counter)
    misses, unmet = [], []
    cpu, memory = 0.0, 0.0
    for pair in arguments.pairs:
        truth, checkout = pair.split("=", 1)
        truth = json.loads(Path(truth).read_text())
        assets, spent, peak = scan(arguments.stance, checkout)
        cpu, memory = cpu + spent, max(memory, peak)
        name = truth["repo"]
        scopes = {{"prod": "production", "docs": "documentation"}.get(s, s) for s in (i["scope"] for i in truth["items"])}
        used = set()
        for label in truth["items"]:
            table[label["kind"]]["labels"] += 1
            found = [asset for asset in assets if fits(asset, label)]
            used |= {asset["id"] for asset in found}
            table[label["kind"]]["found"] += bool(found)
            if not found:
                misses.append((name, label))
        # An asset counts for the first labelled kind that it may stand for.
        labelled = list(dict.fromkeys(label["kind"] for label in truth["items"]))
        banned = [(plain(item["value"]), places(item)) for item in truth.get("not_assets", [])]
        for asset in assets:
            if asset["kind"] in OPEN:
                continue
            kind = next((k for k in labelled if asset["kind"] in FITTING.get(k, {k})), None)
            met = [label["kind"] for label in truth["items"] if fits(asset, label)]
            ban = any(value in names_of(asset) and not places(asset).isdisjoint(where) for value, where in banned)
            if kind is None and not ban:
                continue
            kind = met[0] if met else kind or asset["kind"]
            if asset.get("scope") not in scopes and not ban:
                continue
            table[kind]["reported"] += 1
            if ban or not met:
                table[kind]["wrong"] += 1
                unmet.append((name, kind, asset))
    line = "{:<18} {:>6} {:>6} {:>7}   {:>8} {:>6} {:>9}"
    print(line.format("kind", "labels", "found", "recall", "reported", "wrong", "precision"))
    recalls, precisions = [], []
    total = collections.Counter()
    for kind, row in sorted(table.items()):
        total.update(row)
        recall = row["found"] / row["labels"] if row["labels"] else None
        precision = 1 - row["wrong"] / row["reported"] if row["reported"] else None
        recalls += [recall] if recall is not None else []
        precisions += [precision] if precision is not None else []
        show = lambda it: "-" if it is None else f"{it:.3f}"
        print(line.format(kind, row["labels"], row["found"], show(recall), row["reported"], row["wrong"], show(precision)))
    print(line.format("all", total["labels"], total["found"], f"{total['found'] / max(total['labels'], 1):.3f}",
                      total["reported"], total["wrong"], f"{1 - total['wrong'] / max(total['reported'], 1):.3f}"))
    mean = lambda all_: sum(all_) / len(all_) if all_ else 0.0
    print(f"macro averages: recall {mean(recalls):.3f}, precision {mean(precisions):.3f}")
    print(f"CPU {cpu:.2f} s, peak memory {memory:.0f} MiB")
    if arguments.show:
        for name, label in misses:
            print(f"missed  {name}: {label['kind']} {label['id']} at {', '.join(sorted(places(label)))}")
        for name, kind, asset in unmet:
            where = asset["evidence"][0]
            at = where.get("locus", {}).get("line") or where.get("line") or ""
            print(f"no label  {name}: {kind} <- {asset['id']} ({asset['how']}) at {where['path']}:{at}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
