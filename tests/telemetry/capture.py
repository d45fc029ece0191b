#!/usr/bin/env python3
"""Captures what real instrumentation sends over OTLP, against a provider of our own on the loopback interface.

usage: capture.py DIRECTORY SCENARIO...

Writes DIRECTORY/SCENARIO.SIGNAL.ENCODING.gz: the bodies of one scenario. Protobuf requests are joined end to end, which
is one request again; JSON has one request on each line. Needs Python 3.11 with packages: official-old and
openllmetry-old those of requirements-old.txt (they speak the conventions before 1.37), litellm those of
requirements-litellm.txt, the other scenarios those of requirements.txt.

`cargo test -p stance-telemetry` reads these files from `crates/telemetry/tests/it/captures`.
"""

import gzip
import os
import pathlib
import subprocess
import sys

import provider
import receiver

CAPTURE = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
LATEST = {"OTEL_SEMCONV_STABILITY_OPT_IN": "gen_ai_latest_experimental"}
BOTH = ("protobuf", "json")
RUNS = {
    "official-old": ({CAPTURE: "true"}, ("protobuf", "grpc")),
    "official-quiet": (LATEST, BOTH),
    "official-new": (LATEST | {CAPTURE: "span_only"}, BOTH),
    "official-event": (LATEST | {CAPTURE: "event_only"}, BOTH),
    "openllmetry": ({}, BOTH),
    "openllmetry-old": ({}, ("protobuf",)),
    "openinference": ({}, BOTH),
    "agents": (LATEST | {CAPTURE: "span_only"}, BOTH),
    "mcp": ({}, BOTH),
    "others": ({}, BOTH),
    "litellm": ({"LITELLM_LOCAL_MODEL_COST_MAP": "True"}, ("protobuf",)),
}


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    directory = pathlib.Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    models, received = provider.start(), receiver.Receiver()
    here = pathlib.Path(__file__).parent
    for scenario in sys.argv[2:]:
        settings, encodings = RUNS[scenario]
        for encoding in encodings:
            address = received.grpc if encoding == "grpc" else received.http
            environment = {key: value for key, value in os.environ.items() if not key.startswith("OTEL_")}
            subprocess.run(
                [sys.executable, here / "emit.py", scenario, models, address, encoding],
                check=True, timeout=120, env=environment | settings)
            by_signal = {}
            for signal, body in received.take():
                by_signal.setdefault(signal, []).append(body)
            for signal, bodies in sorted(by_signal.items()):
                written = "json" if signal == "payload" else encoding
                joined = b"".join(body + (b"\n" if written == "json" else b"") for body in bodies)
                path = directory / f"{scenario}.{signal}.{written}.gz"
                path.write_bytes(gzip.compress(joined, 9, mtime=0))
                print(f"{path.name}: {len(bodies)} requests, {len(joined)} bytes")


if __name__ == "__main__":
    main()
