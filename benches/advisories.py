#!/usr/bin/env python3
"""Whether the matcher of advisories says what public databases say, and how fast a scan looks packages up.

    python3 benches/advisories.py oracle DIRECTORY...
    python3 benches/advisories.py speed [--stance BINARY] [--records 230000]

`oracle` takes checkouts: pypa/advisory-database (`vulns`), golang/vulndb (`data/osv`), rustsec/advisory-db (`crates`),
or any directory of records of the Open Source Vulnerability format. It prints how many pairs of record and version
were asked, how many lie only in the ranges or only in the list of versions, and each record whose own list and
ranges differ, with what is wrong with it.

`speed` makes an archive of records (about 300 MB; details that do not compress) and a lock file of 2,000 packages,
imports the one, scans the other, and prints seconds and peak memory. Nothing is fetched.
"""

import argparse
import base64
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def oracle(directories):
    command = ["cargo", "run", "--quiet", "-p", "stance-advisories", "--example", "oracle", "--"]
    return subprocess.run([*command, *directories], cwd=ROOT).returncode


def make(directory, records):
    chance = random.Random(1)
    with zipfile.ZipFile(directory / "all.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number in range(records):
            name = f"package-{int(chance.random() ** 3 * 60000)}"
            major, minor = chance.randint(0, 9), chance.randint(0, 30)
            record = {
                "id": f"GHSA-{number:06}",
                "modified": "2026-10-01T00:00:00Z",
                "aliases": [f"CVE-2026-{number}"],
                "summary": f"A flaw in {name}",
                "details": base64.b64encode(os.urandom(820)).decode(),
                "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
                "affected": [
                    {
                        "package": {"ecosystem": "npm", "name": name},
                        "ranges": [
                            {
                                "type": "SEMVER",
                                "events": [{"introduced": f"{major}.0.0"}, {"fixed": f"{major}.{minor}.0"}],
                            }
                        ],
                        "versions": [f"{major}.{each}.0" for each in range(minor)],
                    }
                ],
            }
            archive.writestr(f"GHSA-{number:06}.json", json.dumps(record))
    packages = {"": {"dependencies": {"package-1": "1"}}}
    for number in range(2000):
        version = f"{chance.randint(0, 9)}.{chance.randint(0, 30)}.0"
        packages[f"node_modules/package-{number * 7}"] = {"version": version, "integrity": "sha512-x"}
    (directory / "tree").mkdir()
    lock = {"lockfileVersion": 3, "packages": packages}
    (directory / "tree" / "package-lock.json").write_text(json.dumps(lock, indent=1))


def timed(words, environment):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    run = subprocess.run(words, env=environment, stdout=subprocess.PIPE, check=False)
    if run.returncode not in (0, 1):
        sys.exit(f"{words} failed")
    seconds = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return f"{seconds:.2f} s ({processor:.2f} s of processor)", after.ru_maxrss // 1024, run.stdout


def speed(stance, records):
    with tempfile.TemporaryDirectory() as scratch:
        directory = Path(scratch)
        make(directory, records)
        environment = {**os.environ, "STANCE_DATA_DIR": str(directory / "data")}
        size = (directory / "all.zip").stat().st_size / 1e6
        seconds, memory, _ = timed([stance, "advisories", "import", str(directory / "all.zip")], environment)
        print(f"import of {records} records, {size:.0f} MB: {seconds}, {memory} MB")
        words = [stance, "scan", str(directory / "tree"), "--no-store", "--format", "json-v1"]
        seconds, memory, out = timed(words, environment)
        rule = "supply-chain/vulnerable-component"
        found = sum(finding["rule"] == rule for finding in json.loads(out)["findings"])
        print(f"scan of a lock file of 2,000 packages: {seconds}, {found} vulnerable")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("oracle").add_argument("directories", nargs="+")
    of_speed = commands.add_parser("speed")
    of_speed.add_argument("--stance", default=str(ROOT / "target" / "release" / "stance"))
    of_speed.add_argument("--records", type=int, default=230000)
    arguments = parser.parse_args()
    if arguments.command == "oracle":
        return oracle([str(Path(each).resolve()) for each in arguments.directories])
    speed(arguments.stance, arguments.records)
    return 0


if __name__ == "__main__":
    sys.exit(main())
