"""What `stance mcp-proxy` adds to a call of a tool: the same server bare and behind it, by turns.

    python benches/mcp.py target/release/stance [CALLS]

The server is a loop that answers at once, so that nothing but the way is measured. Prints microseconds and ratios.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import time

SERVER = """
import sys
for line in sys.stdin:
    id = line.split('"id":')[1].split(",")[0]
    text = "The weather in the city is fine, with some clouds in the evening. " * 14
    sys.stdout.write('{"jsonrpc":"2.0","id":%s,"result":{"content":[{"type":"text","text":"%s"}]}}\\n' % (id, text))
    sys.stdout.flush()
"""
ROUNDS = 5


def measure(words, calls):
    running = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    took = []
    for id in range(calls + 50):
        params = {"name": "weather", "arguments": {"city": "Koeln", "days": id}}
        line = json.dumps({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params}, separators=(",", ":"))
        began = time.perf_counter()
        running.stdin.write(line.encode() + b"\n")
        running.stdin.flush()
        answer = running.stdout.readline()
        took.append(time.perf_counter() - began)
        assert b"clouds" in answer, answer
    running.stdin.close()
    running.wait(30)
    return took[50:]


def main():
    stance, calls = pathlib.Path(sys.argv[1]).resolve(), int(sys.argv[2]) if len(sys.argv) > 2 else 2000
    bare = [sys.executable, "-c", SERVER]
    with tempfile.TemporaryDirectory() as data:
        behind = [str(stance), "mcp-proxy", "--name", "bench", "--data-dir", data, "--", *bare]
        took = {"bare": [], "behind": []}
        for _ in range(ROUNDS):
            took["bare"] += measure(bare, calls)
            took["behind"] += measure(behind, calls)
    print(f"{ROUNDS} rounds of {calls} calls, 1 KB answers")
    at = {}
    for name, all_of_them in took.items():
        all_of_them.sort()
        at[name] = [all_of_them[int(len(all_of_them) * share)] * 1e6 for share in (0.5, 0.99)]
        print(f"{name:7} p50 {at[name][0]:8.0f} us   p99 {at[name][1]:8.0f} us")
    added = [b - a for a, b in zip(at["bare"], at["behind"])]
    ratio = [b / a for a, b in zip(at["bare"], at["behind"])]
    print(f"added   p50 {added[0]:8.0f} us   p99 {added[1]:8.0f} us   ratio {ratio[0]:.2f} and {ratio[1]:.2f}")


if __name__ == "__main__":
    main()
