#!/usr/bin/env python3
"""Holds every output format against a validator that others wrote.

usage: outputs.py STANCE [DIRECTORY]

STANCE is the program, DIRECTORY a tree to scan: this repository when none is
given. Beside the outputs of that scan
the committed snapshots are checked, since they hold the hostile names.

Needs Python 3.11 with the packages of requirements.txt, and cargo: the SARIF
schema as OASIS published it lies in the source of the crate `serde-sarif`. The
JSON schema of SPDX 3.0.1 lies in the npm package `@cyclonedx/cdxgen`; without
npm that document is only held against the model of `spdx-python-model`.
Exits with 1 and one line for each violation.
"""

import json
import io
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile

import jsonschema
import markdown_it
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL
from sarif import loader
from spdx_python_model import v3_0_1 as spdx3

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
SNAPSHOTS = REPOSITORY / "crates/stance/tests/it/output/snapshots"
SARIF_CRATE = "0.8.0"
CDXGEN_PACKAGE = "@cyclonedx/cdxgen@12.8.4"
FORMATS = ["json-v1", "sarif", "cyclonedx", "markdown"]
BOMS = ["cyclonedx-1.6", "cyclonedx-1.7", "spdx-3.0.1", "json"]


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: outputs.py STANCE [DIRECTORY]")
    stance = sys.argv[1]
    directory = sys.argv[2] if len(sys.argv) > 2 else str(REPOSITORY)
    outputs = scan(stance, directory) + boms(stance, directory)
    outputs += [
        (f"snapshot of {form}", form, snapshot(name))
        for name, form in [
            ("json_v1__document", "json-v1"),
            ("formats__sarif", "sarif"),
            ("formats__cyclonedx", "cyclonedx"),
            ("formats__markdown", "markdown"),
        ]
    ]
    checks = {
        "json-v1": json_v1(json.loads(snapshot("json_v1__schema"))),
        "sarif": sarif(sarif_schema()),
        "cyclonedx": cyclonedx(SchemaVersion.V1_6),
        "cyclonedx-1.6": cyclonedx(SchemaVersion.V1_6),
        "cyclonedx-1.7": cyclonedx(SchemaVersion.V1_7),
        "spdx-3.0.1": spdx(spdx_schema()),
        "markdown": markdown,
        "json": json_v1(json.loads((REPOSITORY / "docs/schema/bom-v1.schema.json").read_text("utf-8"))),
    }
    violations = 0
    for name, form, text in outputs:
        found = list(checks[form](text))
        violations += len(found)
        print(f"{name}: {'valid' if not found else f'{len(found)} violations'}, {len(text)} characters")
        for violation in found[:20]:
            print(f"  {violation}")
    sys.exit(1 if violations else 0)


def scan(stance, directory):
    """The outputs of one scan, as (name, format, text)."""
    with tempfile.TemporaryDirectory() as temporary:
        files = {form: pathlib.Path(temporary) / form for form in FORMATS}
        arguments = [f"--output={form}={path}" for form, path in files.items()]
        command = [stance, "scan", "--no-store", "--quiet", *arguments, directory]
        done = subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
        # 1 means findings, which is fine here.
        if done.returncode not in (0, 1):
            sys.exit(f"{command} ended with {done.returncode}")
        return [(form, form, path.read_text("utf-8")) for form, path in files.items()]


def boms(stance, directory):
    """The bills of materials of a directory, as (name, format, text)."""
    outputs = []
    for form in BOMS:
        command = [stance, "bom", "--quiet", "--format", form, directory]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
        outputs.append((f"bom {form}", form, done.stdout.decode("utf-8")))
    return outputs


def snapshot(name):
    """What a committed snapshot holds, without its head."""
    text = (SNAPSHOTS / f"it__output__{name}.snap").read_text("utf-8")
    return text.split("\n---\n", 1)[1]


def sarif_schema():
    """The published schema of SARIF 2.1.0, fetched by cargo."""
    with tempfile.TemporaryDirectory() as temporary:
        manifest = pathlib.Path(temporary) / "Cargo.toml"
        manifest.write_text(
            '[package]\nname = "schema"\nversion = "0.0.0"\nedition = "2024"\n'
            f'[lib]\npath = "lib.rs"\n[dependencies]\nserde-sarif = "={SARIF_CRATE}"\n[workspace]\n'
        )
        (manifest.parent / "lib.rs").touch()
        command = ["cargo", "metadata", "--format-version=1", f"--manifest-path={manifest}"]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
        packages = json.loads(done.stdout)["packages"]
        crate = next(package for package in packages if package["name"] == "serde-sarif")
        path = pathlib.Path(crate["manifest_path"]).parent / "src/schema.json"
        return json.loads(path.read_text("utf-8"))


def schema_violations(schema, document):
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    validator = kind(schema, format_checker=kind.FORMAT_CHECKER)
    for error in validator.iter_errors(document):
        yield f"{error.json_path}: {error.message[:300]}"


def json_v1(schema):
    return lambda text: schema_violations(schema, json.loads(text))


def sarif(schema):
    def check(text):
        document = json.loads(text)
        yield from schema_violations(schema, document)
        with tempfile.NamedTemporaryFile("w", suffix=".sarif", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            read = loader.load_sarif_files(file.name)
            results = document["runs"][0]["results"]
            if read.get_result_count() != len(results):
                yield f"sarif-tools reads {read.get_result_count()} results of {len(results)}"
            if len(read.get_records()) != len(results):
                yield "sarif-tools makes records of only some results"

    return check


def spdx_schema():
    """The published JSON schema of SPDX 3.0.1, fetched by npm; None without npm."""
    if not shutil.which("npm"):
        print("npm is not there: the JSON schema of SPDX 3.0.1 is not checked")
        return None
    with tempfile.TemporaryDirectory() as temporary:
        command = ["npm", "pack", "--silent", CDXGEN_PACKAGE]
        done = subprocess.run(command, cwd=temporary, stdout=subprocess.PIPE, check=True, text=True)
        archive = pathlib.Path(temporary) / done.stdout.split()[-1]
        with tarfile.open(archive) as files:
            return json.load(files.extractfile("package/data/spdx-export.schema.json"))


def spdx(schema):
    def check(text):
        if schema:
            yield from schema_violations(schema, json.loads(text))
        objects = spdx3.SHACLObjectSet()
        spdx3.JSONLDDeserializer().read(io.BytesIO(text.encode("utf-8")), objects)
        elements = [one for one in json.loads(text)["@graph"] if "spdxId" in one]
        for element in elements:
            if objects.find_by_id(element["spdxId"]) is None:
                yield f"spdx-python-model does not find {element['spdxId']}"

    return check


def cyclonedx(version):
    def check(text):
        for error in JsonStrictValidator(version).validate_str(text, all_errors=True) or []:
            yield str(error)[:400]
        bom = json.loads(text)
        parts = [bom["metadata"]["component"], *bom["components"], *bom["services"]]
        references = [part["bom-ref"] for part in parts]
        if len(set(references)) != len(references):
            yield "a bom-ref is there twice"
        for dependency in bom["dependencies"]:
            for reference in [dependency["ref"], *dependency.get("dependsOn", [])]:
                if reference not in references:
                    yield f"dependency on {reference}, which is not in the bill"
        for purl in (part["purl"] for part in parts if "purl" in part):
            try:
                PackageURL.from_string(purl)
            except ValueError as error:
                yield f"{purl}: {error}"

    return check


def markdown(text):
    """Links lead to rule pages only, and raw HTML is only what the format writes itself."""
    ours = ("<!--", "<details", "</details", "<summary", "</summary", "<code", "</code", "<b", "</b")
    ours += ("<span", "</span", "<sub", "</sub")
    tokens = markdown_it.MarkdownIt("gfm-like", {"linkify": False}).parse(text)
    for token in [child for token in tokens for child in [token, *(token.children or [])]]:
        if token.type == "link_open" and "/docs/rules/" not in token.attrs["href"]:
            yield f"a link to {token.attrs['href']}"
        if token.type == "image":
            yield f"an image {token.attrs}"
        if token.type in ("html_inline", "html_block"):
            for tag in token.content.split("<")[1:]:
                if not f"<{tag}".startswith(ours):
                    yield f"raw HTML <{tag}"


if __name__ == "__main__":
    main()
