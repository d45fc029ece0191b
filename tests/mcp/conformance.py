"""Runs the official conformance suite of MCP, and the official client of JavaScript, against a server of ours: bare, and behind
`stance gateway`. Whatever passes bare has to pass behind it.

    python tests/mcp/conformance.py target/debug/stance DIRECTORY

DIRECTORY has the packages of tests/mcp/package.json, and copies of the scripts beside it. Exits with 1 when a check passes bare
only.
"""

import contextlib
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time


def port():
    with socket.socket() as it:
        it.bind(("127.0.0.1", 0))
        return it.getsockname()[1]


@contextlib.contextmanager
def process(words, at, where):
    running = subprocess.Popen(words, cwd=where, stdout=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 20
        while time.monotonic() < end:
            with socket.socket() as it:
                if it.connect_ex(("127.0.0.1", at)) == 0:
                    break
            time.sleep(0.05)
        else:
            raise AssertionError(f"{words[0]} does not listen")
        yield
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(10)


def suite(node, where, url):
    """What each scenario of the suite says: how many of its checks passed, and how many failed."""
    words = [node, "node_modules/@modelcontextprotocol/conformance/dist/index.js", "server", "--suite", "all", "--url", url]
    run = subprocess.run(words, cwd=where, capture_output=True, text=True, timeout=300)
    found = re.findall(r"^\S+ ([\w-]+): (\d+) passed, (\d+) failed", run.stdout, re.MULTILINE)
    assert len(found) >= 30, run.stdout[-2000:] + run.stderr[-2000:]
    return {name: (int(passed), int(failed)) for name, passed, failed in found}


def main():
    stance, where = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    node = str(where / "node_modules" / ".bin" / "node")
    bare, gateway = port(), port()
    with tempfile.TemporaryDirectory() as scratch:
        config = pathlib.Path(scratch) / "stance.toml"
        config.write_text(f'[gateway.upstreams.it]\nurl = "http://127.0.0.1:{bare}"\nkind = "mcp"\n')
        listen = [str(stance), "gateway", "--config", str(config), "--data-dir", scratch, "--listen", f"127.0.0.1:{gateway}"]
        with process([node, "conformance.mjs", str(bare)], bare, where), process(listen, gateway, scratch):
            alone = suite(node, where, f"http://127.0.0.1:{bare}/mcp")
            behind = suite(node, where, f"http://127.0.0.1:{gateway}/it/mcp")
            lost = [name for name, (passed, _) in alone.items() if behind.get(name, (0, 0))[0] < passed]
            total = [sum(passed for passed, _ in all_of.values()) for all_of in (alone, behind)]
            print(f"conformance: {len(alone)} scenarios, {total[0]} checks pass bare, {total[1]} behind the gateway")
            for name in lost:
                print(f"FAILED  {name}: bare {alone[name]}, behind the gateway {behind.get(name)} (passed, failed)")
            for words in (["stdio", scratch], ["http", f"http://127.0.0.1:{gateway}/it/mcp"]):
                run = subprocess.run([node, "client.mjs", str(stance), *words], cwd=where, timeout=120)
                if run.returncode != 0:
                    lost.append(words[0])
                    print(f"FAILED  the client of JavaScript over {words[0]}")
    sys.exit(bool(lost))


if __name__ == "__main__":
    main()
