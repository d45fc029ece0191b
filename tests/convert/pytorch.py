"""Holds `stance convert` and `stance disarm` against the libraries themselves.

Outside of the build, because PyTorch is large. It needs two interpreters: this one with PyTorch (and
NumPy, joblib and scikit-learn where they are there), and one with `safetensors` and NumPy, which reads
what Stance wrote:

    python3 tests/convert/pytorch.py target/debug/stance /path/to/venv/bin/python

Every checkpoint is written by PyTorch, converted, read by the `safetensors` package, and compared with
what PyTorch loads from the same file, byte for byte. Every one is also disarmed, with a payload put
into its pickle: the copy has to load in PyTorch with equal tensors, and the payload must not have run.
"""

import collections
import io
import json
import os
import pathlib
import pickle
import shutil
import struct
import subprocess
import sys
import tempfile
import warnings
import zipfile

warnings.filterwarnings("ignore")
import numpy
import torch

STANCE, READER = sys.argv[1], sys.argv[2]
VERSION = tuple(int(part) for part in torch.__version__.split("+")[0].split(".")[:2])
READ = r"""
import json, sys
from safetensors import safe_open, deserialize
path = sys.argv[1]
with safe_open(path, "np") as file:
    metadata, keys = file.metadata(), list(file.keys())
tensors = dict(deserialize(open(path, "rb").read()))
assert sorted(tensors) == sorted(keys)
print(json.dumps({"metadata": metadata, "tensors": {
    name: [t["dtype"], t["shape"], bytes(t["data"]).hex()] for name, t in tensors.items()}}))
"""
NAMES = {
    torch.float64: "F64", torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16",
    torch.int64: "I64", torch.int32: "I32", torch.int16: "I16", torch.int8: "I8",
    torch.uint8: "U8", torch.bool: "BOOL", torch.complex64: "C64",
}
for name, short in (("float8_e4m3fn", "F8_E4M3"), ("float8_e5m2", "F8_E5M2"), ("uint16", "U16"),
                    ("uint32", "U32"), ("uint64", "U64"), ("float8_e8m0fnu", "F8_E8M0")):
    if hasattr(torch, name):
        NAMES[getattr(torch, name)] = short


def stance(*words):
    return subprocess.run([STANCE, *map(str, words)], capture_output=True, text=True)


def raw(tensor):
    """Type, shape and bytes of a tensor, as safetensors has them."""
    tensor = tensor.detach().cpu()
    tensor = torch.empty(tensor.shape, dtype=tensor.dtype).copy_(tensor)
    if tensor.numel() == 0:
        data = b""
    elif tensor.dtype == torch.complex64:
        data = torch.view_as_real(tensor).numpy().tobytes()
    elif tensor.element_size() == 1 and tensor.dtype not in (torch.bool,):
        data = tensor.view(torch.uint8).numpy().tobytes()
    elif tensor.dtype in (torch.bfloat16, torch.float16):
        data = tensor.view(torch.int16).numpy().tobytes()
    else:
        data = tensor.numpy().tobytes()
    return [NAMES[tensor.dtype], list(tensor.shape), data.hex()]


def flat(value, prefix=""):
    """Tensors by dotted name."""
    found = {}
    if isinstance(value, torch.Tensor):
        found[prefix or "tensor"] = raw(value)
    elif isinstance(value, torch.nn.Module):
        for name, tensor in value.state_dict(keep_vars=True).items():
            found[f"{prefix}.{name}" if prefix else name] = raw(tensor)
    elif isinstance(value, numpy.ndarray) or isinstance(value, numpy.generic):
        array = numpy.asarray(value)
        little = array.astype(array.dtype.newbyteorder("<"), order="C")
        kinds = {"f8": "F64", "f4": "F32", "f2": "F16", "i8": "I64", "i4": "I32", "i2": "I16",
                 "i1": "I8", "u8": "U64", "u4": "U32", "u2": "U16", "u1": "U8", "b1": "BOOL",
                 "c8": "C64"}
        kind = kinds.get(array.dtype.str[1:])
        if kind:
            found[prefix or "tensor"] = [kind, list(array.shape), little.tobytes().hex()]
    elif isinstance(value, dict):
        for key, inner in value.items():
            if isinstance(key, (str, int)):
                found.update(flat(inner, f"{prefix}.{key}" if prefix else str(key)))
    elif isinstance(value, (list, tuple)):
        for index, inner in enumerate(value):
            found.update(flat(inner, f"{prefix}.{index}" if prefix else str(index)))
    return found


class Tied(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = torch.nn.Embedding(11, 7)
        self.norm = torch.nn.BatchNorm1d(7)
        self.layers = torch.nn.ModuleList(torch.nn.Linear(7, 7) for _ in range(3))
        self.head = torch.nn.Linear(7, 11, bias=False)
        self.head.weight = self.embedding.weight
        self.register_buffer("passing", torch.ones(3), persistent=False)
        self.register_buffer("steps", torch.tensor(5))


def sample(dtype, *shape):
    if dtype == torch.bool:
        return torch.rand(*shape) > 0.5
    if dtype.is_complex:
        return torch.randn(*shape, dtype=dtype)
    if dtype.is_floating_point:
        return torch.randn(*shape).to(dtype)
    return torch.randint(0, 120, shape).to(dtype)


def values():
    """Names, and what is saved."""
    torch.manual_seed(7)
    for dtype, short in NAMES.items():
        yield f"type-{short}", {"a": sample(dtype, 3, 5), "b": sample(dtype, 1), "empty": sample(dtype, 0, 4)}
    for dtype in (torch.float32, torch.int16, torch.bfloat16, torch.complex64, torch.bool, torch.float64):
        base = sample(dtype, 6, 8, 4)
        yield f"views-{NAMES[dtype]}", collections.OrderedDict(
            transposed=base.transpose(0, 2), permuted=base.permute(2, 0, 1), sliced=base[1:5, ::3, 1:],
            row=base[2], column=base[:, 3, 2], expanded=base[:1].expand(4, 8, 4),
            scalar=base[1, 2, 3], diagonal=base[:, :, 0].diagonal(), unfolded=base[0, :, 0].unfold(0, 3, 2),
            strided=torch.as_strided(base, (3, 3), (5, 2), 4), nothing=base[:0], whole=base)
    yield "scalar", torch.tensor(3.5)
    yield "bare", torch.arange(12).reshape(3, 4).t()
    yield "large-transposed", {"w": torch.randn(700, 900).t(), "v": torch.randn(3, 500, 400).permute(2, 0, 1)}
    shared = torch.randn(5, 4)
    yield "shared", {"one": shared, "two": shared, "row": shared[2], "other": shared.view(20), "tied": {"x": shared}}
    yield "nested", {"layers": [torch.ones(2), (torch.zeros(3), {"deep": torch.eye(2)})], 7: torch.ones(1), "text": "x"}
    model = Tied()
    yield "state-dict", model.state_dict()
    yield "prefixed", {"state_dict": model.state_dict(), "epoch": 3, "config": {"lr": 0.1}}
    optimizer = torch.optim.Adam(model.parameters())
    model.head.weight.sum().backward()
    optimizer.step()
    yield "training", {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 1, "loss": [0.5, 0.25]}
    yield "lightning", {"model_state_dict": model.state_dict(), "hyper": {"a": None, "b": (1, 2.5, True)}}
    yield "parameters", {"p": torch.nn.Parameter(torch.randn(3)), "q": torch.nn.Parameter(torch.randn(2), requires_grad=False)}
    yield "parameter-list", list(torch.nn.Linear(3, 3).parameters())
    yield "sequential", torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.ReLU(), torch.nn.Linear(3, 2))
    yield "convolution", torch.nn.Conv2d(3, 8, 3).to(memory_format=torch.channels_last)
    yield "lstm", torch.nn.LSTM(4, 5, 2, bidirectional=True).state_dict()
    yield "transformer", torch.nn.TransformerEncoderLayer(8, 2, 16).state_dict()
    yield "sparse", {"dense": torch.ones(2), "sparse": torch.eye(3).to_sparse()}
    yield "quantised", {"dense": torch.ones(2), "q": torch.quantize_per_tensor(torch.rand(4), 0.1, 0, torch.qint8)}
    yield "double-complex", {"dense": torch.ones(2), "c": torch.randn(2, dtype=torch.complex128)}
    yield "conjugated", {"dense": torch.ones(2), "c": torch.randn(3, dtype=torch.complex64).conj()}
    yield "default-dict", collections.defaultdict(list, a=torch.ones(2))
    yield "unicode", {"größe.重み": torch.ones(2), 'quote"\\': torch.zeros(1)}
    yield "many", {f"layer.{index}.weight": torch.randn(4, 4) for index in range(600)}
    yield "numpy-inside", {"weights": torch.ones(3), "mean": numpy.arange(6.0).reshape(2, 3).T, "best": numpy.float32(2.5)}
    yield "half-views", {"a": torch.randn(8, 8).half()[::2, 1::3], "b": torch.randn(9).bfloat16()[2:7]}
    yield "size", {"size": torch.Size([3, 4]), "w": torch.ones(3, 4)}
    yield "device", {"w": torch.ones(2), "device": torch.device("cpu"), "dtype": torch.float16}
    if VERSION >= (2, 0):
        yield "meta", {"w": torch.ones(2), "m": torch.ones(2, device="meta")}


if VERSION < (2, 0):
    # It saves what the view shows, without a mark that something is still to be done.
    CONJUGATED = set()
else:
    CONJUGATED = {"c"}
LOSSY = {"sparse": {"sparse"}, "quantised": {"q"}, "double-complex": {"c"}, "conjugated": CONJUGATED, "meta": {"m"}}


def wanted(value):
    """The part that convert takes by default."""
    if isinstance(value, dict) and not any(isinstance(inner, torch.Tensor) for inner in value.values()):
        for key in ("state_dict", "model_state_dict", "model", "module"):
            if key in value and flat(value[key]):
                return value[key]
    return value


def loaded(path):
    keywords = {"weights_only": False} if VERSION >= (1, 13) else {}
    return torch.load(path, map_location="cpu", **keywords)


def big_endian(path):
    """The same checkpoint as a machine of the other byte order writes it."""
    kinds = {}
    class Note(pickle.Unpickler):
        def persistent_load(self, saved):
            kinds[saved[2]] = saved[1]
            return None
        def find_class(self, module, name):
            if name.endswith("Storage"):
                return name
            return collections.OrderedDict if name == "OrderedDict" else lambda *all: None
    source = zipfile.ZipFile(path)
    prefix = source.namelist()[0].split("/")[0]
    Note(io.BytesIO(source.read(f"{prefix}/data.pkl"))).load()
    sizes = {"DoubleStorage": 8, "LongStorage": 8, "FloatStorage": 4, "IntStorage": 4, "ComplexFloatStorage": 4,
             "HalfStorage": 2, "BFloat16Storage": 2, "ShortStorage": 2}
    out = path.with_name("big-" + path.name)
    with zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name.endswith("/byteorder"):
                continue
            if "/data/" in name:
                size = sizes.get(kinds[name.rsplit("/", 1)[1]], 1)
                data = b"".join(data[at:at + size][::-1] for at in range(0, len(data), size))
            target.writestr(name, data)
        target.writestr(f"{prefix}/byteorder", "big")
    return out


def check(path, expected, missing=(), key=None):
    """Converts, reads and compares; says what differs."""
    output = path.with_suffix(".safetensors")
    words = ["convert", path, "-o", output, "--force", "--format", "json"]
    run = stance(*words, *(["--key", key] if key else []))
    if run.returncode != 0:
        return f"exit {run.returncode}: {run.stderr.strip() or run.stdout[-400:]}"
    read = subprocess.run([READER, "-c", READ, str(output)], capture_output=True, text=True)
    if read.returncode != 0:
        return f"safetensors does not read it: {read.stderr[-300:]}"
    result = json.loads(read.stdout)
    tensors, metadata = result["tensors"], result["metadata"]
    for name in list(expected):
        if name.split(".")[-1] in missing or name in missing:
            del expected[name]
    report = json.loads(run.stdout)
    for alias, kept in report["aliases"].items():
        if metadata.get(alias) != kept:
            return f"the metadata lacks {alias}"
        tensors[alias] = tensors[kept]
    if set(tensors) != set(expected):
        return f"names differ: {sorted(set(tensors) ^ set(expected))[:6]}"
    for name, [dtype, shape, data] in expected.items():
        if tensors[name] != [dtype, shape, data]:
            return f"{name} differs: {tensors[name][:2]} for {[dtype, shape]}"
    return None


def armed(path, marker):
    """The same file with a call put in front of what its pickle builds."""
    command = f"touch {marker}".encode()
    payload = b"cposix\nsystem\n(X" + struct.pack("<I", len(command)) + command + b"tR0"
    data = path.read_bytes()
    out = path.with_name("armed-" + path.name)
    if data[:2] == b"PK":
        source = zipfile.ZipFile(path)
        with zipfile.ZipFile(out, "w") as target:
            for name in source.namelist():
                content = source.read(name)
                if name.endswith("data.pkl"):
                    content = content[:2] + payload + content[2:]
                target.writestr(name, content)
    elif data[:1] == b"\x80":
        out.write_bytes(data[:2] + payload + data[2:])
    else:
        return None
    return out


def check_disarm(path, value, scratch, loader):
    marker = scratch / "ran"
    hostile = armed(path, marker)
    if hostile is None:
        return None
    clean = scratch / ("clean-" + path.name)
    run = stance("disarm", hostile, "-o", clean, "--force", "--format", "json")
    if run.returncode != 0:
        return f"exit {run.returncode}: {run.stderr.strip()[:400]}"
    if not any("posix.system" in removed["what"] for removed in json.loads(run.stdout)["removed"]):
        return "the payload is not named"
    try:
        result = loader(clean)
    except Exception as error:
        return f"the copy does not load: {type(error).__name__}: {str(error)[:200]}"
    if marker.exists():
        marker.unlink()
        return "the payload ran"
    before, after = flat(value), flat(result)
    if before != after:
        return f"tensors differ: {sorted(set(before) ^ set(after))[:5]}"
    return None


def main():
    scratch = pathlib.Path(tempfile.mkdtemp())
    count = collections.Counter()
    failures = []

    def note(kind, name, problem):
        count[kind] += 1
        if problem:
            failures.append(f"{kind} {name}: {problem}")

    for name, value in values():
        plain = name not in LOSSY
        for form in ("zip", "legacy"):
            for protocol in (2, 3, 4):
                if protocol == 3 and form == "zip" and not name.startswith("views"):
                    continue
                path = scratch / f"{name}-{form}-{protocol}.pt"
                try:
                    torch.save(value, path, pickle_protocol=protocol,
                               _use_new_zipfile_serialization=form == "zip")
                except Exception:
                    continue
                try:
                    there = loaded(path)
                except Exception:
                    continue
                lossy = LOSSY.get(name, set())
                part = wanted(there)
                expected = {}
                for key, inner in flat_safe(part, lossy).items():
                    expected[key] = inner
                note(f"convert {form}", path.name, check(path, expected, lossy))
                if plain:
                    note(f"disarm {form}", path.name, check_disarm(path, there, scratch, loaded))
                if form == "zip" and protocol == 2 and name.startswith(("type-", "views-", "shared", "nested", "state")):
                    if "F8" not in name and name[-3:] not in ("U16", "U32", "U64"):
                        other = big_endian(path)
                        note("convert big-endian", other.name, check(other, dict(expected), lossy))
                for leftover in scratch.glob("*"):
                    leftover.unlink()
    pickles(scratch, note)
    scripts(scratch, note)
    oldest(scratch, note)
    shutil.rmtree(scratch)
    for failure in failures:
        print("FAILED", failure)
    for kind, number in sorted(count.items()):
        print(f"{number:5} {kind}")
    total = sum(count.values())
    print(f"{total} checks with PyTorch {torch.__version__}, {len(failures)} failed")
    return 1 if failures else 0


def flat_safe(part, lossy):
    """Tensors of a value without those that safetensors cannot hold."""
    if lossy and isinstance(part, dict):
        part = {key: inner for key, inner in part.items() if key not in lossy}
    return flat(part)


def pickles(scratch, note):
    """Pickles of arrays and tensors, NumPy files, joblib dumps."""
    arrays = {"a": numpy.arange(24, dtype="<f4").reshape(2, 3, 4), "f": numpy.asfortranarray(numpy.arange(20.0).reshape(4, 5)),
              "big": numpy.arange(6, dtype=">i4"), "large": numpy.random.default_rng(1).random((300, 400)),
              "empty": numpy.zeros((0, 3)), "scalar": numpy.float64(2.5), "zero": numpy.array(7, dtype="u2"),
              "text": numpy.array(["x"]), "bools": numpy.array([True, False])}
    expected = flat(arrays)
    for protocol in range(6):
        path = scratch / f"arrays-{protocol}.pkl"
        # Protocol 0 writes an array as one line of text, and long lines are not read.
        some = {name: array for name, array in arrays.items() if protocol or name != "large"}
        with open(path, "wb") as file:
            pickle.dump(some, file, protocol=protocol)
        note("convert pickle", path.name, check(path, flat(some)))
        if protocol >= 2:
            note("disarm pickle", path.name, check_disarm(path, some, scratch, lambda p: pickle.load(open(p, "rb"))))
        path = scratch / f"tensors-{protocol}.pkl"
        tensors = {"w": torch.randn(4, 5).t(), "x": torch.arange(5)}
        with open(path, "wb") as file:
            pickle.dump(tensors, file, protocol=protocol)
        note("convert pickle", path.name, check(path, flat(tensors)))
        if protocol >= 2:
            note("disarm pickle", path.name, check_disarm(path, tensors, scratch, lambda p: pickle.load(open(p, "rb"))))
    for name, array in arrays.items():
        path = scratch / f"{name}.npy"
        numpy.save(path, array)
        found = flat(array, "array")
        if found:
            note("convert npy", path.name, check(path, found))
    for save in (numpy.savez, numpy.savez_compressed):
        path = scratch / f"{save.__name__}.npz"
        save(path, **arrays)
        note("convert npz", path.name, check(path, dict(expected)))
    objects = scratch / "objects.npy"
    numpy.save(objects, numpy.array([{"a": 1}, None, "x"], dtype=object), allow_pickle=True)
    run = stance("disarm", objects, "-o", scratch / "clean.npy", "--force")
    same = run.returncode == 0 and list(numpy.load(scratch / "clean.npy", allow_pickle=True)) == [{"a": 1}, None, "x"]
    note("disarm npy", "objects", None if same else run.stderr)
    try:
        import joblib
    except ImportError:
        return
    for compress in (0, 3, ("gzip", 3), ("bz2", 3), ("xz", 3), ("lzma", 3), ("lz4", 3)):
        for name, value in (("arrays", arrays), ("mixed", [arrays["large"], numpy.array([1, None], dtype=object), 3])):
            path = scratch / f"{name}.joblib"
            try:
                joblib.dump(value, path, compress=compress)
            except ValueError:
                continue
            note("convert joblib", f"{name} {compress}", check(path, flat(value)))
            clean = scratch / "clean.joblib"
            run = stance("disarm", path, "-o", clean, "--force")
            problem = run.stderr
            if run.returncode == 0:
                back = joblib.load(clean)
                problem = None if flat(back) == flat(value) else "differs"
                mapped = joblib.load(clean, mmap_mode="r")
                problem = problem or (None if flat(mapped) == flat(value) else "differs when mapped")
            note("disarm joblib", f"{name} {compress}", problem)
    try:
        from sklearn import ensemble, linear_model, pipeline, preprocessing
    except ImportError:
        return
    x, y = arrays["large"], (arrays["large"][:, 0] > 0.5).astype(int)
    for model in (linear_model.LogisticRegression().fit(x, y), ensemble.RandomForestClassifier(5).fit(x, y),
                  pipeline.make_pipeline(preprocessing.StandardScaler(), linear_model.Ridge()).fit(x, y)):
        name = type(model).__name__
        path, clean = scratch / f"{name}.joblib", scratch / f"clean-{name}.joblib"
        joblib.dump(model, path)
        run = stance("disarm", path, "-o", clean, "--force")
        problem = run.stderr
        if run.returncode == 0:
            try:
                back = joblib.load(clean)
                problem = None if (back.predict(x) == model.predict(x)).all() else "predicts something else"
            except Exception as error:
                problem = f"{type(error).__name__}: {error}"
        note("disarm scikit-learn", name, problem)


def scripts(scratch, note):
    """TorchScript archives."""
    class Scripted(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = torch.nn.Linear(4, 3)
            self.register_buffer("scale", torch.arange(3.0))
        def forward(self, x):
            return self.layer(x) * self.scale
    module = Scripted().eval()
    for name, script in (("traced", torch.jit.trace(module, torch.ones(1, 4))),):
        path = scratch / f"{name}.pt"
        torch.jit.save(script, str(path))
        note("convert TorchScript", name, check(path, flat(dict(script.state_dict()))))
        frozen = torch.jit.freeze(script)
        path = scratch / f"{name}-frozen.pt"
        torch.jit.save(frozen, str(path))
        output = path.with_suffix(".safetensors")
        run = stance("convert", path, "-o", output, "--force")
        note("convert TorchScript", name + " frozen", None if run.returncode == 0 else run.stderr)


class Key(int):
    """What a tensor is in the pickle of a tar archive."""


class Keys(pickle.Pickler):
    def persistent_id(self, value):
        return str(int(value)) if isinstance(value, Key) else None


def oldest(scratch, note):
    """Checkpoints as PyTorch wrote them before 0.1.10, in a tar archive; PyTorch still reads them."""
    import tarfile
    kinds = [(torch.float32, "Float"), (torch.float64, "Double"), (torch.float16, "Half"), (torch.int64, "Long"),
             (torch.int32, "Int"), (torch.int16, "Short"), (torch.int8, "Char"), (torch.uint8, "Byte")]
    shapes = [([24], [1], 0), ([4, 6], [6, 1], 0), ([6, 4], [1, 6], 0), ([2, 3], [6, 2], 5), ([2, 3, 2], [1, 4, 2], 1)]
    for at, (dtype, kind) in enumerate(kinds):
        storages, tensors, value = io.BytesIO(), io.BytesIO(), io.BytesIO()
        pickle.dump(1, storages, 2)
        pickle.dump((1, "cpu", getattr(torch, f"{kind}Storage")), storages, 2)
        data = (torch.arange(24) + at).to(dtype)
        storages.write(struct.pack("<q", 24) + data.numpy().tobytes())
        pickle.dump([(2, 1, 4, 12)], storages, 2)
        pickle.dump(len(shapes) + 1, tensors, 2)
        named = collections.OrderedDict()
        for key, (shape, strides, offset) in enumerate(shapes + [([3, 2], [1, 3], 2)], 100):
            storage = 2 if key == 100 + len(shapes) else 1
            pickle.dump((key, storage, getattr(torch, f"{kind}Tensor")), tensors, 2)
            tensors.write(struct.pack("<ii", len(shape), 0))
            tensors.write(struct.pack(f"<{2 * len(shape) + 1}q", *shape, *strides, offset))
            named[f"layer.{key}"] = Key(key)
        Keys(value, 2).dump({"state_dict": named, "epoch": 3} if at % 2 else named)
        path = scratch / f"tar-{kind}.pt"
        with tarfile.open(path, "w:", format=tarfile.PAX_FORMAT) as archive:
            for name, content in (("storages", storages), ("tensors", tensors), ("pickle", value)):
                info = tarfile.TarInfo(name)
                info.size = len(content.getvalue())
                archive.addfile(info, io.BytesIO(content.getvalue()))
        try:
            there = loaded(path)
        except Exception as error:
            note("convert tar", path.name, f"PyTorch does not read it: {error}")
            continue
        note("convert tar", path.name, check(path, flat(there.get("state_dict", there))))


if __name__ == "__main__":
    sys.exit(main())
