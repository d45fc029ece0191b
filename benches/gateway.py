#!/usr/bin/env python3
"""What the gateway costs with all that it looks at, beside LiteLLM's proxy and beside nothing, in one run.

    cargo build --release && cargo build --release -p stance-gateway --example load
    python3 -m venv VENV && VENV/bin/pip install 'litellm[proxy]'      # leave out to measure Stance alone
    python3 benches/gateway.py [--litellm VENV/bin/litellm] [--seconds 10] [--rounds 3] [--json FILE]

A provider that costs next to nothing answers (`load mock`), and a client asks at a fixed rate (`load ask`): directly, through
Stance with the preset `balanced` in both directions and with receipts, through LiteLLM with its own content filter in both
directions, and through LiteLLM without. All take turns, `--rounds` times; what is told is the median of the rounds.

1. CPU: milliseconds of user and system time of the gateway for each request of 1 KB with an answer of 1 KB, and with tools.
   It depends little on what else the machine does.
2. Added latency: quantiles through the gateway less those without one, at `--rates` requests a second. A request is due at
   its time whether or not those before it were answered, and its time counts from then on.
3. Requests a second when each connection asks again at once (`--connections`), with the provider and the client on the same
   cores.
4. Streams: time to the first event and to the first word, less those without a gateway.
5. Memory: with no requests yet, after all of them, and with 1,000 slow streams at once (Stance only).

Needs Linux and Python 3.11. Exits with 1 when a bar is missed; `--report` only tells.
"""

import argparse
import json
import os
import pathlib
import resource
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
KEY = "sk-of-the-benchmark-and-of-nothing-else-0123456789"
TICK = os.sysconf("SC_CLK_TCK")

# What issue and documentation promise.
CPU = 0.25            # milliseconds a request
LATENCY = 1.0         # milliseconds at the 99th percentile, at 2,000 requests a second
FIRST = 1.0           # milliseconds to the first event of a stream
MEMORY = 300.0        # MB with 1,000 slow streams
STREAMS = 1000

STANCE = """
[gateway.upstreams.models]
url = "{mock}"
auth = "none"
retries = 0

[guard]
preset = "balanced"
"""

LITELLM = """
model_list:
  - {{model_name: quick, litellm_params: {{model: openai/quick, api_base: "{mock}/v1", api_key: none}}}}
  - {{model_name: slow, litellm_params: {{model: openai/slow, api_base: "{mock}/v1", api_key: none}}}}
general_settings:
  master_key: {key}
"""

# Attacks are stopped and credentials and personal data masked, in both directions: the nearest there is to `balanced`.
FILTER = """
guardrails:
  - guardrail_name: content
    litellm_params:
      guardrail: litellm_content_filter
      mode: [pre_call, post_call]
      default_on: true
      patterns:
        - {pattern_type: prebuilt, pattern_name: email, action: MASK}
        - {pattern_type: prebuilt, pattern_name: us_ssn, action: MASK}
        - {pattern_type: prebuilt, pattern_name: credit_card, action: MASK}
        - {pattern_type: prebuilt, pattern_name: iban, action: MASK}
        - {pattern_type: prebuilt, pattern_name: aws_access_key, action: MASK}
        - {pattern_type: prebuilt, pattern_name: github_token, action: MASK}
        - {pattern_type: prebuilt, pattern_name: slack_token, action: MASK}
      categories:
        - {category: prompt_injection_jailbreak, enabled: true, action: BLOCK, severity_threshold: medium}
        - {category: prompt_injection_data_exfiltration, enabled: true, action: BLOCK, severity_threshold: medium}
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--stance", type=pathlib.Path, default=ROOT / "target/release/stance")
    parser.add_argument("--load", type=pathlib.Path, default=ROOT / "target/release/examples/load")
    parser.add_argument("--litellm", type=pathlib.Path, help="the program `litellm` of a venv with litellm[proxy]")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rates", type=float, nargs="+", default=[200, 2000])
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--only", nargs="+", choices=["cpu", "latency", "most", "streams", "memory"],
                        default=["cpu", "latency", "most", "streams", "memory"])
    parser.add_argument("--json", type=pathlib.Path, help="writes all figures there")
    parser.add_argument("--report", action="store_true", help="a bar that is missed is no failure")
    options = parser.parse_args()
    # A thousand streams are as many connections on either side.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 65536), most))
    with tempfile.TemporaryDirectory() as directory:
        bench = Bench(options, pathlib.Path(directory))
        try:
            bench.start()
            figures = bench.run()
        finally:
            bench.stop()
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")
    missed = tell(figures)
    for line in missed:
        print("MISSED:", line)
    sys.exit(bool(missed) and not options.report)


class Process:
    """A process that was started here, and what it used."""

    def __init__(self, name, words, log, is_read=True, **more):
        self.name = name
        self.log = open(log, "wb")
        out = subprocess.PIPE if is_read else self.log
        self.process = subprocess.Popen(words, stdout=out, stderr=self.log, start_new_session=True, **more)
        self.url = None

    def told(self, word):
        """Waits for a line with `word`, and gives it."""
        for line in self.process.stdout:
            if word in line:
                return line.decode()
        raise SystemExit(f"{self.name} does not start; it said: {pathlib.Path(self.log.name).read_text()[-2000:]}")

    def family(self):
        """It and what it started."""
        found, after = [], [self.process.pid]
        while after:
            pid = after.pop()
            found.append(pid)
            try:
                children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text()
            except OSError:
                continue
            after += map(int, children.split())
        return found

    def cpu(self):
        """Seconds of user and system time so far."""
        total = 0.0
        for pid in self.family():
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            total += (int(fields[11]) + int(fields[12])) / TICK
        return total

    def memory(self, which="VmRSS"):
        """MB in memory now, or with `VmHWM` at most."""
        total = 0
        for pid in self.family():
            for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith(which + ":"):
                    total += int(line.split()[1])
        return total / 1024

    def stop(self):
        try:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(10)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()


class Bench:
    def __init__(self, options, directory):
        self.options = options
        self.directory = directory
        self.started = []
        self.targets = {}

    def start(self):
        mock = self.process("mock", [self.options.load, "mock"])
        mock.url = mock.told(b"http://").strip()
        self.targets["nothing"] = mock
        settings = self.directory / "stance.toml"
        settings.write_text(STANCE.format(mock=mock.url))
        stance = self.process("stance", [
            self.options.stance, "gateway", "--config", settings, "--listen", "127.0.0.1:0",
            "--receipts", self.directory / "receipts"], XDG_DATA_HOME=str(self.directory))
        stance.url = stance.told(b"Gateway on").split()[-1] + "/models"
        self.targets["stance"] = stance
        if self.options.litellm:
            for name, more in [("litellm", ""), ("litellm-filter", FILTER)]:
                self.litellm(name, LITELLM.format(mock=mock.url, key=KEY) + more)

    def litellm(self, name, text):
        settings = self.directory / f"{name}.yaml"
        settings.write_text(text)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        process = self.process(name, [
            self.options.litellm, "--config", settings, "--host", "127.0.0.1", "--port", str(port), "--num_workers", "1"],
            LITELLM_LOCAL_MODEL_COST_MAP="True", LITELLM_MODE="PRODUCTION", LITELLM_LOG="ERROR", NO_PROXY="*", is_read=False)
        process.url = f"http://127.0.0.1:{port}"
        for _ in range(240):
            try:
                urllib.request.urlopen(process.url + "/health/liveliness", timeout=1).read()
                break
            except OSError:
                time.sleep(0.5)
            if process.process.poll() is not None:
                break
        if process.process.poll() is not None:
            raise SystemExit(f"{name} does not start: {pathlib.Path(process.log.name).read_text()[-2000:]}")
        self.targets[name] = process

    def process(self, name, words, is_read=True, **environment):
        process = Process(name, [str(word) for word in words], self.directory / f"{name}.log", is_read,
                          env={**os.environ, **environment}, cwd=self.directory)
        self.started.append(process)
        return process

    def stop(self):
        for process in reversed(self.started):
            process.stop()

    def ask(self, target, kind, rate, seconds, connections):
        words = [self.options.load, "ask", target.url, "--kind", kind, "--rate", rate, "--seconds", seconds,
                 "--connections", connections, "--key", KEY]
        before, began = target.cpu(), time.monotonic()
        told = subprocess.run([str(word) for word in words], capture_output=True, text=True)
        if told.returncode:
            raise SystemExit(told.stderr)
        seen = json.loads(told.stdout)
        seen["cpu_ms"] = (target.cpu() - before) * 1000 / max(seen["answered"] + seen["failed"], 1)
        seen["rate"] = seen["answered"] / seen["seconds"]
        seen["wall"] = time.monotonic() - began
        return seen

    def each(self, what, kind, rate, seconds, connections, only=None):
        """The median of the rounds, for each target in turn."""
        rounds = {name: [] for name in self.targets if only is None or name in only}
        for number in range(self.options.rounds):
            for name in rounds:
                if sys.stderr.isatty():
                    print(f"\r{what}, round {number + 1}: {name:<16}", end="", file=sys.stderr)
                rounds[name].append(self.ask(self.targets[name], kind, rate, seconds, connections))
        return {name: middle(all_) for name, all_ in rounds.items()}

    def run(self):
        options, figures = self.options, {}
        figures["memory"] = {name: {"idle": it.memory()} for name, it in self.targets.items()}
        for target in self.targets.values():
            self.ask(target, "whole", 50, 2, 8)    # Warm.
        connections, seconds = options.connections, options.seconds
        if "cpu" in options.only:
            for kind in ("whole", "tools"):
                # A rate that all can serve, so that nobody's queue is measured.
                figures[f"cpu-{kind}"] = self.each(f"CPU, {kind}", kind, 40, seconds, connections)
                quick = [name for name in self.targets if not name.startswith("litellm")]
                figures[f"cpu-{kind}-many"] = self.each(f"CPU, {kind}", kind, 1000, seconds, connections, quick)
        if "latency" in options.only:
            for rate in options.rates:
                figures[f"latency-{rate:g}"] = self.each(f"latency at {rate:g}", "whole", rate, seconds, 2 * connections)
        if "most" in options.only:
            figures["most"] = self.each("as many as there can be", "whole", 0, seconds, connections)
        if "streams" in options.only:
            figures["streams"] = self.each("streams", "stream", 10, seconds, 4 * connections)
        for name, target in self.targets.items():
            figures["memory"][name]["after"] = target.memory()
        if "memory" in options.only:
            figures["slow"] = self.slow()
        if sys.stderr.isatty():
            print("\r" + " " * 60 + "\r", end="", file=sys.stderr)
        return figures

    def slow(self):
        """A thousand slow streams at once, through Stance."""
        target = self.targets["stance"]
        asking = subprocess.Popen(
            [str(self.options.load), "ask", target.url, "--kind", "slow", "--rate", str(STREAMS), "--seconds", "1",
             "--connections", str(STREAMS)], stdout=subprocess.PIPE, text=True)
        most = 0.0
        while asking.poll() is None:
            most = max(most, target.memory())
            time.sleep(0.2)
        seen = json.loads(asking.stdout.read())
        return {"streams": seen["answered"], "failed": seen["failed"], "memory": most, "seconds": seen["seconds"]}


def middle(rounds):
    """The median of each figure."""
    first = rounds[0]
    if isinstance(first, dict):
        return {key: middle([one[key] for one in rounds]) for key in first}
    if isinstance(first, list):
        return sorted({item for one in rounds for item in one})
    return statistics.median(rounds)


def added(figures, name, what, quantile):
    """Milliseconds more than without a gateway."""
    return (figures[name][what][quantile] - figures["nothing"][what][quantile]) / 1000


def tell(figures):
    """Prints a table; gives the bars that are missed."""
    missed = []
    names = list(figures["memory"])
    print(f"{'':<34}" + "".join(f"{name:>16}" for name in names))

    def row(title, value, unit=""):
        print(f"{title:<34}" + "".join(f"{value(name):>16}" for name in names) + unit)

    def cell(part, function):
        return lambda name: function(name) if name in figures[part] else "-"

    for kind in ("whole", "tools"):
        for part in (f"cpu-{kind}", f"cpu-{kind}-many"):
            if part in figures:
                rate = "1,000" if part.endswith("many") else "40"
                row(f"CPU, {kind}, {rate}/s", cell(part, lambda name: f"{figures[part][name]['cpu_ms']:.3f}"), " ms/request")
        part = f"cpu-{kind}-many"
        if part in figures and figures[part]["stance"]["cpu_ms"] > CPU:
            missed.append(f"{figures[part]['stance']['cpu_ms']:.3f} ms CPU a request ({kind}); at most {CPU}")
    for part in [part for part in figures if part.startswith("latency-")]:
        rate = float(part.split("-")[1])
        of = figures[part]
        for quantile in ("p50", "p99"):
            row(f"added at {rate:g}/s, {quantile}", cell(part, lambda name: f"{added(of, name, 'whole_us', quantile):.3f}"), " ms")
        row(f"answered at {rate:g}/s", cell(part, lambda name: f"{of[name]['rate']:.0f}"), " a second")
        if rate == 2000 and added(of, "stance", "whole_us", "p99") > LATENCY:
            missed.append(f"{added(of, 'stance', 'whole_us', 'p99'):.3f} ms added at p99 and 2,000 a second; at most {LATENCY}")
    if "most" in figures:
        row("as many as there can be", cell("most", lambda name: f"{figures['most'][name]['rate']:.0f}"), " a second")
    if "streams" in figures:
        of = figures["streams"]
        for what in ("first_byte_us", "first_word_us", "whole_us"):
            for quantile in ("p50", "p99"):
                title = f"added to the {what[:-3].replace('_', ' ')}, {quantile}".replace("the whole", "a whole stream")
                row(title, cell("streams", lambda name: f"{added(of, name, what, quantile):.3f}"), " ms")
        row("CPU a stream", cell("streams", lambda name: f"{of[name]['cpu_ms']:.3f}"), " ms")
        if added(of, "stance", "first_word_us", "p50") > FIRST:
            missed.append(f"{added(of, 'stance', 'first_word_us', 'p50'):.3f} ms added to the first word; at most {FIRST}")
    for what in ("idle", "after"):
        row(f"memory, {what}", lambda name: f"{figures['memory'][name][what]:.0f}", " MB")
    if "slow" in figures:
        slow = figures["slow"]
        print(f"{slow['streams']:.0f} slow streams at once through Stance: {slow['memory']:.0f} MB, {slow['failed']} failed")
        if slow["memory"] > MEMORY or slow["failed"]:
            missed.append(f"{slow['memory']:.0f} MB with {STREAMS} slow streams, {slow['failed']} failed; at most {MEMORY} MB")
    failed = {(part, name): seen["failed"] for part, by in figures.items() if part not in ("memory", "slow")
              for name, seen in by.items() if seen["failed"]}
    for (part, name), count in failed.items():
        print(f"{name}, {part}: {count} failed with {figures[part][name]['failed_with']}")
        if name == "stance":
            missed.append(f"{count} requests failed ({part})")
    for name in names[2:]:
        ratios = []
        for part in ("cpu-whole", "cpu-tools"):
            if part in figures:
                ratios.append(f"CPU ({part[4:]}) {figures[part][name]['cpu_ms'] / max(figures[part]['stance']['cpu_ms'], 0.001):.0f}")
        if "most" in figures:
            ratios.append(f"requests a second 1/{figures['most']['stance']['rate'] / max(figures['most'][name]['rate'], 0.001):.0f}")
        ratios.append(f"memory {figures['memory'][name]['after'] / figures['memory']['stance']['after']:.1f}")
        print(f"{name} to stance: " + ", ".join(ratios))
    return missed


if __name__ == "__main__":
    main()
