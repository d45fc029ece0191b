"""Drives real instrumentation against a running `stance serve`: what it sends has to be in the database.

    python tests/telemetry/serve.py target/debug/stance

The official `openai` and `anthropic` clients talk to a provider of ours, and the libraries that watch them export over
OTLP/HTTP in protobuf and JSON and over OTLP/gRPC. The same calls go through the gateway within the service as well, and the
`litellm` package sends its own log. Needs the packages of requirements.txt; `litellm` wants others, so it runs where
`STANCE_LITELLM_PYTHON` says, an interpreter with the packages of requirements-litellm.txt, and is left out without it. One line for
each check; exits with 1 when one fails.
"""

import http.cookiejar
import json
import os
import pathlib
import re
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import provider

HERE = pathlib.Path(__file__).parent
CAPTURE = {"OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": "span_only", "OTEL_SEMCONV_STABILITY_OPT_IN": "gen_ai_latest_experimental"}
# Scenario, encoding, settings, and how many calls of a model it makes.
RUNS = [
    ("official-new", "protobuf", CAPTURE, 5),
    ("official-new", "json", CAPTURE, 5),
    ("official-new", "grpc", CAPTURE, 5),
    ("openllmetry", "protobuf", {}, 7),
    ("openllmetry", "grpc", {}, 7),
    ("openinference", "protobuf", {}, 7),
    ("openinference", "grpc", {}, 7),
]
MODEL_CALLS = ("chat", "embeddings", "text_completion")
FAILED = []


def check(name, holds, what=""):
    print(f"{'ok     ' if holds else 'FAILED '} {name}{'' if holds else f': {what}'}", flush=True)
    if not holds:
        FAILED.append(name)


class Service:
    """`stance serve` with a gateway within and a receiver, and its database."""

    def __init__(self, binary, directory, models):
        self.directory = pathlib.Path(directory)
        (self.directory / "stance.toml").write_text(
            f'[gateway.upstreams.workshop]\nurl = "{models}"\nauth = "none"\n')
        self.binary = binary
        self.start()

    def start(self):
        environment = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
        self.process = subprocess.Popen(
            [self.binary, "--data-dir", "data", "serve", "--listen", "127.0.0.1:0", "--gateway-listen", "127.0.0.1:0",
             "--otlp-listen", f"127.0.0.1:{self.port()}"],
            cwd=self.directory, env=environment, stdout=subprocess.PIPE, stderr=open(self.directory / "log", "ab"), text=True)
        self.otlp = self.gateway = None
        while line := self.process.stdout.readline():
            if found := re.match(r"Stance serves on (\S+)", line):
                self.url = found[1]
            if found := re.search(r"http://\S+/welcome/\S+", line):
                self.link = found[0]
            if found := re.match(r"Gateway on (\S+)", line):
                self.gateway = found[1]
            if found := re.match(r"OTLP on (\S+)", line):
                self.otlp = found[1]
                break
        threading.Thread(target=self.process.stdout.read, daemon=True).start()
        assert self.otlp and self.gateway, (self.directory / "log").read_text()

    @staticmethod
    def port():
        import socket
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return probe.getsockname()[1]

    def stop(self):
        self.process.terminate()
        return self.process.wait(60)

    def kill(self):
        self.process.kill()
        self.process.wait(60)

    def token(self):
        """Makes an administrator, and a token that may send."""
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        browser = urllib.request.build_opener(jar, urllib.request.ProxyHandler({}))
        form = {"name": "Root", "password": "correct horse battery", "again": "correct horse battery"}
        browser.open(self.link, urllib.parse.urlencode(form).encode()).read()
        page = browser.open(f"{self.url}/account").read().decode()
        csrf = re.search(r'name="csrf" value="([^"]+)"', page)[1]
        made = browser.open(urllib.request.Request(
            f"{self.url}/api/v1/account/tokens", json.dumps({"name": "logs", "days": 1, "scopes": ["ingest"]}).encode(),
            {"content-type": "application/json", "x-csrf-token": csrf}))
        return json.load(made)["token"]

    def rows(self):
        """Interactions that are kept: teller, operation, identity of the place, model, tokens, what was not judged."""
        database = sqlite3.connect(f"file:{self.directory}/data/service.db?mode=ro", uri=True)
        name = "(SELECT name FROM traffic_name WHERE id = {})"
        query = f"""SELECT teller, {name.format('operation')}, {name.format('place')}, {name.format('model')}, tokens_in,
            calls, unjudged, trace FROM interaction ORDER BY key"""
        rows = database.execute(query).fetchall()
        waiting = database.execute("SELECT count(*) FROM interaction_waiting").fetchone()[0]
        database.close()
        return rows, waiting


def emit(scenario, models, receiver, encoding, settings):
    """Runs a scenario of emit.py in a process of its own; it returns once its exporters were answered."""
    environment = {key: value for key, value in os.environ.items()
                   if not key.startswith("OTEL_") and not key.lower().endswith("_proxy")}
    done = subprocess.run([sys.executable, HERE / "emit.py", scenario, models, receiver, encoding],
                          timeout=180, env=environment | settings, capture_output=True, text=True)
    return done


def settled(service, count):
    """Waits until nothing waits any more and so many are kept."""
    for _ in range(100):
        rows, waiting = service.rows()
        if waiting == 0 and len(rows) >= count:
            break
        time.sleep(0.2)
    return service.rows()[0]


def litellm(service, binary, python):
    """The callback of LiteLLM sends its log, in each of its forms, and a file of it is imported twice."""
    token = service.token()
    environment = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
    for form in ("json_array", "ndjson", "single"):
        known = len(service.rows()[0])
        done = subprocess.run([python, HERE / "logs_of_litellm.py", service.url, token, form],
                              timeout=180, env=environment, capture_output=True, text=True)
        new = service.rows()[0][known:]
        check(f"LiteLLM sends its log as {form}", done.returncode == 0 and "4 queued" in done.stdout, done.stdout + done.stderr[-2000:])
        check(f"LiteLLM's log as {form}: each call is one interaction, in the database when it is acknowledged",
              [row[:4] for row in new] == [(2, "chat", "LiteLLM", "gpt-4o-mini")] * 4 and sum(row[4] == 10 for row in new) == 3, new)
    (service.directory / "token").write_text(token)
    log = HERE.parent.parent / "crates/telemetry/tests/it/captures/litellm.payload.json.gz"
    told = []
    for _ in range(2):
        done = subprocess.run([binary, "traffic", "import", log, "--server", service.url, "--token-file", "token", "--print", "json"],
                              cwd=service.directory, timeout=60, env=environment, capture_output=True, text=True)
        told.append(json.loads(done.stdout)["files"][0])
    check("a log that is imported twice is kept once",
          [(one["interactions"], one["new"], one["unknown"]) for one in told] == [(4, 4, {}), (4, 0, {})], told)


def main(binary):
    binary = str(pathlib.Path(binary).resolve())
    models = provider.start()
    with tempfile.TemporaryDirectory() as directory:
        service = Service(binary, directory, models)
        if python := os.environ.get("STANCE_LITELLM_PYTHON"):
            litellm(service, binary, python)
        else:
            print("skipped the log of LiteLLM: STANCE_LITELLM_PYTHON names no interpreter", flush=True)
        known = len(settled(service, 0))
        for scenario, encoding, settings, calls in RUNS:
            name = f"{scenario} over {encoding}"
            address = service.otlp if encoding == "grpc" else f"http://{service.otlp}"
            done = emit(scenario, models, address, encoding, settings)
            check(f"{name}: the exporters are content", done.returncode == 0 and "rror" not in done.stderr, done.stderr[-2000:])
            rows, waiting = service.rows()
            check(f"{name}: what was acknowledged is in the database", len(rows) + waiting > known, (len(rows), waiting, known))
            new = settled(service, known + calls)[known:]
            made = [row for row in new if row[1] in MODEL_CALLS]
            check(f"{name}: each call of a model is one interaction", len(made) == calls, made)
            check(f"{name}: it tells service, model and tokens",
                  all(row[2] == "workshop" and row[3] for row in made) and any(row[4] for row in made), made)
            known += len(new)

        # Killed while spans wait for their events, it has them when it starts again.
        done = emit("openinference", models, f"http://{service.otlp}", "protobuf", {})
        rows, waiting = service.rows()
        service.kill()
        check("a kill while interactions wait", done.returncode == 0 and waiting > 0, (done.stderr[-2000:], waiting))
        service.start()
        after = settled(service, len(rows) + waiting)
        check("what was acknowledged is there after a kill", len(after) == len(rows) + waiting, (len(after), len(rows), waiting))

        # The gateway within tells of the same calls.
        known = len(after)
        body = {"model": "wheel-1", "messages": [{"role": "user", "content": "Where is my order A-17?"}]}
        trace = "4bf92f3577b34da6a3ce929d0e0e4736"
        request = urllib.request.Request(
            f"{service.gateway}/workshop/v1/chat/completions", json.dumps(body).encode(),
            {"content-type": "application/json", "traceparent": f"00-{trace}-00f067aa0ba902b7-01"})
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as answer:
            check("the gateway within answers", "A-17" in answer.read().decode())
        through = settled(service, known + 1)
        check("what passed the gateway is in the database",
              len(through) == known + 1 and sum(row[0] == 0 and row[3] == "wheel-1" for row in through) == 1, through[-2:])
        done = emit("official-new", f"{service.gateway}/workshop", f"http://{service.otlp}", "protobuf", CAPTURE)
        both = settled(service, known + 2)
        gateway = sum(row[0] == 0 for row in both)
        told = len(both) - known - gateway
        check("the application and the gateway behind it tell of one exchange once", gateway >= 5 and told <= 2, (gateway, told))
        check("it ends as it is told", service.stop() == 0, (pathlib.Path(directory) / "log").read_text()[-2000:])
    print(f"{len(FAILED)} checks fail" if FAILED else "all checks hold")
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
