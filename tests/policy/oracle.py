#!/usr/bin/env python3
"""Holds `stance policy` against rego-cpp (`pip install regopy`), an independent implementation of Rego.

    tests/policy/oracle.py STANCE DIRECTORY...

Each directory holds policies (`*.rego`) with tests beside them, and inputs (`*.yaml`, `*.json`). Every test has to end the same
in both, and every rule named deny, violation or warn has to give the same messages for every input. Exit code 1 where they differ.
"""

import json
import pathlib
import subprocess
import sys

from regopy import Interpreter


def run(stance, *words):
    done = subprocess.run([stance, "policy", *words], capture_output=True, text=True)
    if done.returncode == 2:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout)


class Unreadable(Exception):
    """The other implementation cannot evaluate it at all, which says nothing about ours."""


def other(sources, document, query):
    interpreter = Interpreter()
    for source in sources:
        interpreter.add_module(str(source), source.read_text())
    if document is not None:
        interpreter.set_input(document)
    output = interpreter.query(query)
    if not output.ok():
        raise Unreadable(query)
    expressions = output.results[0].expressions if output.results else None
    return expressions[0] if expressions else None


def message(value):
    return value if isinstance(value, str) else value["msg"]


def main():
    stance, directories = sys.argv[1], sys.argv[2:]
    same, differ, unread = 0, 0, 0
    for directory in map(pathlib.Path, directories):
        sources = sorted(directory.rglob("*.rego"))
        for test in run(stance, "test", str(directory), "--format", "json")["tests"]:
            try:
                theirs = other(sources, None, test["test"])
            except Unreadable:
                unread += 1
                print(f"{test['test']}: the other implementation cannot evaluate it")
                continue
            ours = test["verdict"] == "pass"
            if ours == (theirs not in (None, False)):
                same += 1
            else:
                differ += 1
                print(f"{test['test']}: {test['verdict']}, but there {theirs}")
        policies = [source for source in sources if not source.stem.endswith("_test")]
        names = [rule["rule"] for rule in run(stance, "list", str(directory), "--format", "json")]
        for path in sorted(directory.glob("*.yaml")) + sorted(directory.glob("*.json")):
            # The document as the policy sees it, by our reader of YAML.
            document = run(
                stance, "eval", str(path), "-p", str(pathlib.Path(__file__).parent / "document.rego"), "--format", "json"
            )[0]["failures"][0]["evidence"]
            ours = {name: set() for name in names}
            for told in run(stance, "eval", str(path), "-p", str(directory), "--format", "json", "--fail-on", "never"):
                for found in told["failures"] + told["warnings"]:
                    ours[found["rule"]].add(found["message"])
            for name in names:
                theirs = set(map(message, other(policies, document, name) or []))
                if ours[name] == theirs:
                    same += 1
                else:
                    differ += 1
                    print(f"{path}: {name}: {sorted(ours[name])}, but there {sorted(theirs)}")
    print(f"{same} the same, {differ} differ, {unread} cannot be compared")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
