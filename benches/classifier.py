"""How long a classifier takes for a window of 512 tokens on one thread: Stance's engine beside ONNX Runtime, in one run.

Models of the shape of DistilBERT and of BERT's base, with weights by chance: time does not depend on what they are.

Usage: cargo build --release --package stance-classifier --features onnx --example scores
       pip install -r tests/classifier/requirements.txt
       python benches/classifier.py target/release/examples/scores
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

sys.path.insert(0, str(Path(__file__).parent.parent / "tests/classifier"))
from models import LABELS, tokenizer, transformer  # noqa: E402

TIMES = 5


def theirs(directory):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(directory / "model.onnx"), options, providers=["CPUExecutionProvider"])
    given = {it.name: np.ones((1, 512), np.int64) for it in session.get_inputs()}
    session.run(["logits"], given)
    began = time.perf_counter()
    for _ in range(TIMES):
        session.run(["logits"], given)
    return (time.perf_counter() - began) * 1e3 / TIMES


def main():
    example = sys.argv[1]
    for name, layers in [("DistilBERT's shape", 6), ("BERT base's shape", 12)]:
        with tempfile.TemporaryDirectory() as scratch:
            directory = Path(scratch)
            onnx.save(transformer(1, width=768, heads=12, layers=layers), str(directory / "model.onnx"))
            tokenizer(directory / "tokenizer.json")
            (directory / "config.json").write_text(json.dumps({"id2label": LABELS, "max_position_embeddings": 512}))
            text = json.dumps("x " * 510) + "\n"
            ran = subprocess.run([example, str(directory), "--time", str(TIMES)], input=text, capture_output=True, text=True, check=True)
            line = ran.stdout.splitlines()[1]
            ours = float(line.split(": ")[1].split(" ms")[0])
            other = theirs(directory)
            print(f"{name}: {ours:.0f} ms for 512 tokens on one thread; ONNX Runtime {other:.0f} ms, ratio {ours / other:.2f}")


main()
