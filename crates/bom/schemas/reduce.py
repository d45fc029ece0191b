#!/usr/bin/env python3
"""Reduces the published schemas to the facts that a validator needs.

usage: reduce.py SPECIFICATION SPDX_SCHEMA

SPECIFICATION is a checkout of the CycloneDX specification, SPDX_SCHEMA the JSON schema of SPDX 3.0.1. Titles,
descriptions, examples and defaults are left out: what remains are names, types, patterns and enumerations.
Writes its results beside itself.
"""

import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
TEXT = {"title", "description", "examples", "meta:enum", "default", "$comment", "deprecated", "$id", "$schema", "readOnly"}
MAPS = {"properties", "definitions", "dependencies"}


def reduced(schema):
    """`schema` without what only people read."""
    if isinstance(schema, list):
        return [reduced(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    out = {}
    for key, value in schema.items():
        if key in MAPS:
            out[key] = {name: reduced(one) for name, one in value.items()}
        elif key not in TEXT:
            out[key] = reduced(value)
    return out


def write(path, schema):
    """One definition a line, so that a change of a schema is a change of lines."""
    lines = []
    for key, value in schema.items():
        if key in ("definitions", "properties"):
            inner = ",\n".join(f"{json.dumps(name)}:{compact(one)}" for name, one in value.items())
            lines.append(f"{json.dumps(key)}:{{\n{inner}\n}}")
        else:
            lines.append(f"{json.dumps(key)}:{compact(value)}")
    (HERE / path).write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def classes(schema):
    """The classes of SPDX 3: `class NAME PARENT KIND` and, below, `NAME TYPE one|many required|optional`."""
    definitions = schema["$defs"]
    lines = []
    for name in sorted(one[: -len("_props")] for one in definitions if one.endswith("_props")):
        parent, properties = "-", {}
        required, many, all_of = set(), set(), definitions[f"{name}_props"]["allOf"]
        for part in all_of:
            if "$ref" in part:
                parent = part["$ref"].split("/")[-1].removesuffix("_props")
            for key, value in part.get("properties", {}).items():
                if "anyOf" in value and value["anyOf"][0].get("type") == "array":
                    array = value["anyOf"][0]
                    many.add(key)
                    if array.get("minItems"):
                        required.add(key)
                    value = array["items"]
                properties[key] = kind(definitions, value)
            required |= set(part.get("required", []))
        concrete = definitions.get(name, {})
        how = "abstract"
        if "if" in concrete:
            then = concrete["then"]["allOf"][0]
            how = "element" if "spdxId" in then["properties"] and "spdxId" in then.get("required", []) else "node"
        lines.append(f"class {name} {parent} {how}")
        for key, type_ in sorted(properties.items()):
            count = "many" if key in many else "one"
            need = "required" if key in required else "optional"
            lines.append(f"{key} {type_} {count} {need}")
    return lines


def kind(definitions, value):
    """What a value is: `text`, `integer`, a class as `@name`, or the words that it may be."""
    while "$ref" in value:
        name = value["$ref"].split("/")[-1]
        if name.endswith("_derived"):
            return "@" + name.removesuffix("_derived")
        value = definitions[name]
    if "enum" in value:
        return "|".join(value["enum"])
    if "anyOf" in value:
        return kind(definitions, value["anyOf"][0])
    for one in value.get("allOf", []):
        if "\\dZ$" in one.get("pattern", ""):
            return "time"
        if one.get("pattern", "").startswith("^(0|[1-9]"):
            return "semver"
        if "pattern" in one and one["pattern"].startswith("^[^\\/]+"):
            return "media-type"
    if value.get("type") == "integer":
        return "integer" if value.get("minimum") is None else f"integer>={value['minimum']}"
    if value.get("type") in ("boolean", "number"):
        return value["type"]
    if value.get("type") == "string":
        return "text"
    if "oneOf" in value:
        return kind(definitions, value["oneOf"][0])
    return json.dumps(value, separators=(",", ":"))[:120].replace(" ", "")


def main():
    specification, spdx = map(pathlib.Path, sys.argv[1:3])
    read = lambda path: json.loads((specification / "schema" / path).read_text("utf-8"))
    for version in ("1.4", "1.5", "1.6", "1.7"):
        write(f"cyclonedx-{version}.json", reduced(read(f"bom-{version}.schema.json")))
    write("jsf-0.82.json", reduced(read("jsf-0.82.schema.json")))
    write("cryptography.json", reduced(read("cryptography-defs.schema.json")))
    (HERE / "licences.txt").write_text("\n".join(read("spdx.schema.json")["enum"]) + "\n", "utf-8")
    (HERE / "spdx-3.0.1.txt").write_text("\n".join(classes(json.loads(spdx.read_text("utf-8")))) + "\n", "utf-8")


if __name__ == "__main__":
    main()
