#!/usr/bin/env python3
"""Speed and memory of `stance scan` against `rg -c . --no-ignore` on the same tree.

    cargo build --release && python3 benches/speed.py TREE [ROUNDS]

TREE needs at least 20,000 files; sources of AI packages are the interesting
ones. Both programs look at every file, hidden and ignored ones included. The
rounds alternate, so that both meet the same machine; the minimum counts.
Prints user+system CPU, wall time and peak memory, and the ratios.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STANCE = ROOT / "target" / "release" / "stance"


def measure(command):
    start = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        sys.exit(f"{command[0]} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    tree = Path(sys.argv[1])
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    files = size = 0
    for directory, _, names in os.walk(tree):
        for name in names:
            path = os.path.join(directory, name)
            if not os.path.islink(path):
                files += 1
                size += os.path.getsize(path)
    print(f"{tree}: {files} files, {size / 1e6:.0f} MB")
    if files < 20_000:
        sys.exit("a tree of at least 20,000 files is needed")
    commands = {
        "rg": ["rg", "-c", ".", "--no-ignore", "--hidden", str(tree)],
        "stance": [
            str(STANCE), "scan", str(tree), "--no-store", "--ignored", "all",
            "--format", "json-v1", "--fail-on", "never",
        ],
    }
    best = {}
    for number in range(rounds + 1):
        for name, command in commands.items():
            result = measure(command)
            if number == 0:
                continue  # warms the page cache
            old = best.get(name, result)
            best[name] = tuple(min(a, b) for a, b in zip(old, result))
    for name, (cpu, wall, memory) in best.items():
        print(f"{name:8} cpu {cpu:7.3f} s   wall {wall:7.3f} s   peak {memory:6.1f} MiB")
    cpu = best["stance"][0] / best["rg"][0]
    wall = best["stance"][1] / best["rg"][1]
    print(f"ratio    cpu {cpu:7.2f}x   wall {wall:7.2f}x")
    print(f"bars     cpu at most 3.00x: {'met' if cpu <= 3 else 'MISSED'}; "
          f"peak below 200 MB: {'met' if best['stance'][2] * 1.048576 < 200 else 'MISSED'}")


if __name__ == "__main__":
    main()
