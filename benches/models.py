#!/usr/bin/env python3
"""How much model scanning costs, beside picklescan and modelscan.

    python3 benches/models.py --stance target/release/stance --venv /tmp/scanners

installs picklescan 1.0.5 and modelscan 0.8.8 into the virtual environment when they are not there, makes
the same files every time in a temporary directory, runs the programs in turn for several rounds, and prints the
least user and system time of each, its peak memory and the ratios. The files are random or sparse; the two
large ones take a gibibyte each where the file system knows no holes. Nothing that is scanned is ever loaded.
"""

import argparse
import array
import io
import json
import os
import pickle
import random
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import venv
import zipfile
import zlib
from collections import OrderedDict
from pathlib import Path

GIB = 1 << 30
PEERS = {"picklescan": "picklescan==1.0.5", "modelscan": "modelscan==0.8.8"}


class Global:
    """Pickles as the name of something that is not imported here."""

    def __init__(self, name, *arguments):
        self.name, self.arguments = name, arguments


class Pickler(pickle._Pickler):
    """Writes `Global` as GLOBAL and REDUCE, in protocol 2, as PyTorch does."""

    dispatch = dict(pickle._Pickler.dispatch)

    def save_call(self, call):
        module, _, attribute = call.name.rpartition(".")
        self.write(b"c" + module.encode() + b"\n" + attribute.encode() + b"\n")
        self.save(tuple(call.arguments))
        self.write(b"R")

    dispatch[Global] = save_call

    def persistent_id(self, value):
        return value.key if isinstance(value, Storage) else None


class Storage:
    def __init__(self, key):
        self.key = key


def dumps(value):
    out = io.BytesIO()
    Pickler(out, protocol=2).dump(value)
    return out.getvalue()


def small_pickle(generator):
    state = OrderedDict()
    for index in range(generator.randrange(5, 60)):
        values = [generator.random() for _ in range(generator.randrange(1, 40))]
        state[f"layer.{index}.weight"] = values
    return dumps({"state": state, "epoch": generator.randrange(100), "created": Global("collections.OrderedDict")})


def small_pickles(directory):
    generator = random.Random(1)
    for index in range(300):
        (directory / f"m{index:03}.pkl").write_bytes(small_pickle(generator))


def checkpoint(path):
    """A PyTorch checkpoint of one tensor of a gibibyte, which is a hole."""
    tensor = Global(
        "torch._utils._rebuild_tensor_v2",
        Storage(("storage", "FloatStorage", "0", "cpu", GIB // 4)),
        0,
        (GIB // 4096, 1024),
        (1024, 1),
        False,
        OrderedDict(),
    )
    members = [("m/data.pkl", dumps({"weight": tensor}), 0), ("m/data/0", b"", GIB), ("m/version", b"3\n", 0)]
    with open(path, "wb") as out:
        directory, count = b"", 0
        for name, content, hole in members:
            crc = zeros_crc(hole) if hole else zlib.crc32(content)
            size = hole or len(content)
            offset = out.tell()
            fixed = struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 33, crc, size, size, len(name), 0)
            out.write(b"PK\x03\x04" + fixed + name.encode() + content)
            if hole:
                out.seek(hole, os.SEEK_CUR)
            directory += b"PK\x01\x02" + struct.pack("<H", 20) + fixed + struct.pack("<HHHII", 0, 0, 0, 0, offset)
            directory += name.encode()
            count += 1
        start = out.tell()
        out.write(directory + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), start, 0))


def zeros_crc(length):
    crc, block = 0, bytes(1 << 20)
    for _ in range(length >> 20):
        crc = zlib.crc32(block, crc)
    return crc


def safetensors(path):
    """A gibibyte of 256 tensors, which are a hole."""
    size = GIB // 256
    header = {
        f"model.layers.{index}.weight": {
            "dtype": "F16",
            "shape": [size // 2048, 1024],
            "data_offsets": [index * size, (index + 1) * size],
        }
        for index in range(256)
    }
    text = json.dumps(header).encode()
    with open(path, "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text)
        out.truncate(8 + len(text) + GIB)


def weights(directory, size):
    """Files of `size` bytes of numbers as training leaves them, one for each of the usual types."""
    generator = random.Random(3)
    values = array.array("f", (generator.gauss(0, 0.02) for _ in range(1 << 20)))
    single = values.tobytes()
    halves = b"".join(struct.pack("<e", value) for value in values)
    brain = b"".join(single[at + 2 : at + 4] for at in range(0, len(single), 4))
    quantised = bytes(max(-127, min(127, round(value * 2000))) & 0xFF for value in values)
    for dtype, block, width in (("F32", single, 4), ("F16", halves, 2), ("BF16", brain, 2), ("I8", quantised, 1)):
        rows = len(block) // width // 1024
        count = size // len(block)
        header = {
            f"layers.{index}.weight": {
                "dtype": dtype,
                "shape": [rows, 1024],
                "data_offsets": [index * len(block), (index + 1) * len(block)],
            }
            for index in range(count)
        }
        text = json.dumps(header).encode()
        with open(directory / f"{dtype.lower()}.safetensors", "wb") as out:
            out.write(struct.pack("<Q", len(text)) + text)
            for index in range(count):
                turned = index * 4 * 997 % len(block)
                out.write(block[turned:] + block[:turned])


def mixed(directory):
    """5,000 small files of the kinds that stand beside models."""
    generator = random.Random(2)
    for index in range(5000):
        folder = directory / f"d{index // 100:02}"
        folder.mkdir(exist_ok=True)
        kind = index % 5
        if kind == 0:
            (folder / f"m{index}.pkl").write_bytes(small_pickle(generator))
        elif kind == 1:
            values = {f"k{key}": generator.random() for key in range(generator.randrange(5, 100))}
            (folder / f"config{index}.json").write_text(json.dumps(values, indent=1))
        elif kind == 2:
            header = b'{"t":{"dtype":"U8","shape":[1000],"data_offsets":[0,1000]}}'
            data = generator.randbytes(1000)
            (folder / f"m{index}.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + data)
        elif kind == 3:
            lines = [f"value_{line} = {generator.random()}" for line in range(generator.randrange(5, 120))]
            (folder / f"s{index}.py").write_text("import math\n" + "\n".join(lines) + "\n")
        else:
            with zipfile.ZipFile(folder / f"m{index}.pt", "w") as archive:
                archive.writestr("m/data.pkl", small_pickle(generator))
                archive.writestr("m/version", "3\n")


def install(directory):
    if not (directory / "bin/python").exists():
        venv.create(directory, with_pip=True)
    missing = [spec for name, spec in PEERS.items() if not (directory / "bin" / name).exists()]
    if missing:
        subprocess.run([directory / "bin/pip", "install", "-q", *missing], check=True)


def run(command, directory):
    """CPU seconds, wall seconds and peak in MB of one run."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        # A process of its own, so that the peak is that of this run alone.
        os.close(reader)
        started = time.monotonic()
        subprocess.run(command, cwd=directory, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        figures = (usage.ru_utime + usage.ru_stime, time.monotonic() - started, usage.ru_maxrss / 1024)
        os.write(writer, json.dumps(figures).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        figures = json.loads(pipe.read())
    os.waitpid(child, 0)
    return figures


def compare(title, target, programs, rounds):
    print(f"\n{title}")
    best = {name: [float("inf")] * 3 for name in programs}
    for _ in range(rounds):
        for name, command in programs.items():
            figures = run([*command, target], Path(target).parent)
            best[name] = [min(old, new) for old, new in zip(best[name], figures)]
    first = best[next(iter(best))][0]
    for name, (cpu, wall, peak) in best.items():
        print(f"  {name:24} {cpu * 1000:9.1f} ms CPU  {wall * 1000:9.1f} ms  {peak:7.1f} MB  {cpu / max(first, 1e-4):6.2f}x")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stance", required=True, type=lambda path: str(Path(path).resolve()))
    parser.add_argument("--venv", type=Path, help="where the other scanners are, or are installed; without it Stance alone")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    stance = [arguments.stance, "scan", "--no-store", "--format", "json-v1", "--threads", "1"]
    programs = {"stance": stance}
    if arguments.venv:
        install(arguments.venv)
        binaries = arguments.venv.resolve() / "bin"
        programs["picklescan"] = [str(binaries / "picklescan"), "--path"]
        programs["modelscan"] = [str(binaries / "modelscan"), "--path"]
    work = Path(tempfile.mkdtemp(prefix="stance-models-"))
    try:
        pickles, files, large = work / "pickles", work / "mixed", work / "large"
        for directory in (pickles, files, large):
            directory.mkdir()
        small_pickles(pickles)
        mixed(files)
        checkpoint(large / "checkpoint.pt")
        safetensors(large / "model.safetensors")
        (work / "empty").mkdir()
        compare("start: an empty directory", str(work / "empty"), {"stance": stance}, arguments.rounds * 2)
        compare("300 small pickles", str(pickles), programs, arguments.rounds)
        compare("a checkpoint of 1 GiB", str(large / "checkpoint.pt"), programs, arguments.rounds)
        compare("a safetensors of 1 GiB", str(large / "model.safetensors"), programs, arguments.rounds)
        compare("5,000 mixed files", str(files), programs, max(2, arguments.rounds // 2))
        hashing = {"sha256sum": ["sha256sum"], "stance --hash": [*stance, "--hash"]}
        compare("the hash of 1 GiB", str(large / "model.safetensors"), hashing, max(2, arguments.rounds // 2))
        shutil.rmtree(large)
        large.mkdir()
        weights(large, GIB // 4)
        inspect = [arguments.stance, "inspect", "--hash", "--weights"]
        for path in sorted(large.iterdir()):
            full = {"sha256sum": ["sha256sum"], "stance --hash --weights": inspect}
            compare(f"the full content of 256 MiB of {path.stem.upper()}", str(path), full, max(2, arguments.rounds // 2))
        two = {"1 thread": stance, "2 threads": [*stance[:-1], "2"]}
        compare("5,000 mixed files on more cores", str(files), two, arguments.rounds)
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    sys.exit(main())
