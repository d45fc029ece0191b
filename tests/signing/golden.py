"""Verifies the signatures that versions 0.2.0 to 1.1.0 of model-signing made.

    python3 tests/signing/golden.py --stance target/debug/stance --golden CHECKOUT --trust-root trusted_root.json

CHECKOUT is one of github.com/sigstore/model-transparency, whose scripts/tests hold 13 signed models; the trust root is
that of the public Sigstore instance (`trusted_root.json`, which the PyPI package `sigstore` carries). Not part of
`.ci/run`: both belong to others. Each signature must verify; none may after one byte of a file is changed, a file is
added or removed, the payload is changed, or another key, certificate or identity is trusted.
"""

import argparse
import base64
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

IDENTITY = "stefanb@us.ibm.com"
PROVIDER = "https://sigstore.verify.ibm.com/oauth2"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stance", required=True, type=pathlib.Path)
    parser.add_argument("--golden", required=True, type=pathlib.Path)
    parser.add_argument("--trust-root", required=True, type=pathlib.Path)
    arguments = parser.parse_args()
    tests = arguments.golden / "scripts" / "tests"
    if not tests.is_dir():
        sys.exit(f"{tests} is not there: is {arguments.golden} a checkout of sigstore/model-transparency?")
    keys = tests / "keys" / "certificate"
    stance = arguments.stance.resolve()

    trusts = {
        "elliptic-key": ["--public-key", keys / "signing-key-pub.pem"],
        "certificate": ["--certificate-chain", keys / "ca-cert.pem"],
        "sigstore": [
            "--identity", IDENTITY, "--identity-provider", PROVIDER, "--trust-root", arguments.trust_root,
        ],
    }
    failures = []
    count = 0
    for signature in sorted(tests.glob("v*/model.sig")):
        directory = signature.parent
        kind = directory.name.split("-", 1)[1]
        count += 1
        envelope = json.loads(signature.read_text())["dsseEnvelope"]
        predicate = json.loads(base64.b64decode(envelope["payload"]))["predicate"]
        one_file = [resource["name"] for resource in predicate.get("resources", [])] == ["."]

        def verify(copy, trust=None):
            model = copy / "signme-1" if one_file else copy
            words = [stance, "verify", model, "--signature", copy / "model.sig"]
            words += ["--ignore", copy / "ignore-me"] if (copy / "ignore-me").exists() and model == copy else []
            run = subprocess.run(
                [str(word) for word in words + (trust or trusts[kind]) + ["--format", "json"]],
                capture_output=True, text=True, check=False,
            )
            if run.returncode not in (0, 1):
                failures.append(f"{directory.name}: exit {run.returncode}: {run.stderr}")
                return None
            report = json.loads(run.stdout)
            if report["verified"] != (run.returncode == 0):
                failures.append(f"{directory.name}: report and exit code disagree")
            return report

        def expect(what, wanted, change=None, trust=None):
            with tempfile.TemporaryDirectory() as scratch:
                copy = pathlib.Path(scratch) / directory.name
                shutil.copytree(directory, copy)
                if change:
                    change(copy)
                report = verify(copy, trust)
                if report is not None and report["verified"] != wanted:
                    failures.append(f"{directory.name}: {what}: {json.dumps(report)[:600]}")
                return report

        good = expect("as it is", True)
        if good:
            print(f"{directory.name:22} {json.dumps(good.get('signer', good.get('reason')))[:120]}")

        def change_a_byte(copy):
            path = copy / "signme-1"
            data = bytearray(path.read_bytes())
            data[0] ^= 1
            path.write_bytes(data)

        def change_payload(copy):
            bundle = json.loads((copy / "model.sig").read_text())
            payload = bytearray(base64.b64decode(bundle["dsseEnvelope"]["payload"]))
            at = payload.rindex(b"signme-1")
            payload[at] ^= 1
            bundle["dsseEnvelope"]["payload"] = base64.b64encode(payload).decode()
            (copy / "model.sig").write_text(json.dumps(bundle))

        def change_signature(copy):
            bundle = json.loads((copy / "model.sig").read_text())
            one = bundle["dsseEnvelope"]["signatures"][0]
            raw = bytearray(base64.b64decode(one["sig"]))
            raw[-1] ^= 1
            one["sig"] = base64.b64encode(raw).decode()
            (copy / "model.sig").write_text(json.dumps(bundle))

        expect("one byte of a file", False, change_a_byte)
        expect("the payload", False, change_payload)
        expect("the signature", False, change_signature)
        if not one_file:
            expect("a file more", False, lambda copy: (copy / "more").write_text("x"))
            expect("a file less", False, lambda copy: (copy / "signme-2").unlink())
        if kind == "sigstore":
            for identity, provider in (("other@us.ibm.com", PROVIDER), (IDENTITY, "https://accounts.google.com")):
                other = ["--identity", identity, "--identity-provider", provider, "--trust-root", arguments.trust_root]
                expect("another identity", False, trust=other)
            expect("a key in place of the identity", False, trust=trusts["elliptic-key"])
        else:
            # As model-signing does, the key behind the certificate is enough; the identity is not.
            expect("the key", True, trust=trusts["elliptic-key"])
            expect("an identity", False, trust=trusts["sigstore"])
            expect("another authority", False, trust=["--certificate-chain", keys / "signing-key-cert.pem"]
                   if kind == "elliptic-key" else trusts["sigstore"])

    print(f"{count} signatures, {len(failures)} failures")
    for failure in failures:
        print("FAILED", failure)
    if failures or count != 13:
        sys.exit(1)


if __name__ == "__main__":
    main()
