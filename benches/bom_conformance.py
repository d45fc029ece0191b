#!/usr/bin/env python3
"""Whether `stance bom check` accepts and rejects the official examples of CycloneDX as their names say.

usage: bom_conformance.py STANCE SPECIFICATION

STANCE is the program, SPECIFICATION a checkout of the CycloneDX specification. A file whose name begins with `valid`
must be accepted, one that begins with `invalid` rejected. Exits with 1 when one is not.
"""

import json
import pathlib
import subprocess
import sys

EDITIONS = ("1.4", "1.5", "1.6", "1.7")


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: bom_conformance.py STANCE SPECIFICATION")
    stance, specification = sys.argv[1], pathlib.Path(sys.argv[2])
    wrong = 0
    print("| edition | valid accepted | invalid rejected |")
    print("|---|---|---|")
    for edition in EDITIONS:
        counts = {True: [0, 0], False: [0, 0]}
        for path in sorted((specification / "tools/src/test/resources" / edition).glob("*.json")):
            valid = path.name.startswith("valid")
            accepted, why = judge(stance, path)
            counts[valid][1] += 1
            if accepted == valid:
                counts[valid][0] += 1
            else:
                wrong += 1
                print(f"{path.name}: {'rejected' if valid else 'accepted'}: {why}", file=sys.stderr)
        cells = (f"{right}/{all_}" for right, all_ in (counts[True], counts[False]))
        print(f"| {edition} | {' | '.join(cells)} |")
    sys.exit(1 if wrong else 0)


def judge(stance, path):
    """Whether the file is accepted, and why not."""
    done = subprocess.run([stance, "bom", "check", "--format", "json", path], capture_output=True, text=True, check=False)
    if done.returncode == 2:
        return False, done.stderr.strip()
    violations = json.loads(done.stdout)["violations"]
    return not violations, violations[:2]


if __name__ == "__main__":
    main()
