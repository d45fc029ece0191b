"""Whether the files under deploy/ are in order: linted by the tools of their formats, rendered, and held against what
docs/deploy.md promises. What cannot be checked here says so and is left out.

usage: check.py DIRECTORY_OF_THE_REPOSITORY [STANCE]
"""

import http.cookiejar
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request

import helm_python as helm
import kubernetes_validate
import yaml

root = pathlib.Path(sys.argv[1]).resolve()
deploy = root / "deploy"
chart = deploy / "helm" / "stance"


def run(*words):
    done = subprocess.run(words, capture_output=True, text=True)
    return done.returncode, (done.stdout + done.stderr).strip()


def dockerfile():
    # Versions of Alpine's packages go away with the next one: pinning them breaks the build.
    hadolint = pathlib.Path(sys.executable).parent / "hadolint"
    code, told = run(str(hadolint), "--no-color", "--ignore", "DL3018", str(deploy / "Dockerfile"))
    assert code == 0, told
    text = (deploy / "Dockerfile").read_text()
    last = text.rsplit("\nFROM ", 1)[1]
    assert last.startswith("scratch"), "nothing but the binary is in the image"
    assert "\nUSER 10001:10001" in last and "\nHEALTHCHECK" in last
    print("deploy/Dockerfile: hadolint finds nothing")


def compose():
    services = yaml.safe_load((deploy / "compose.yaml").read_text())["services"]
    stance = services["stance"]
    assert stance["read_only"] is True and stance["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in stance["security_opt"]
    assert all(port.startswith("127.0.0.1:") for port in stance["ports"])
    code, told = run("docker", "compose", "version") if shutil.which("docker") else (1, "")
    if code != 0:
        print("deploy/compose.yaml: parsed; SKIPPED: docker compose is not here to check it")
        return
    command = ["docker", "compose", "-f", str(deploy / "compose.yaml"), "config", "--quiet"]
    done = subprocess.run(
        command, capture_output=True, text=True, env={"PATH": "/usr/local/bin:/usr/bin:/bin", "STANCE_PUBLIC_URL": "https://a.example"}
    )
    assert done.returncode == 0, done.stderr
    print("deploy/compose.yaml: docker compose takes it")


def unit():
    path = deploy / "systemd" / "stance.service"
    if not shutil.which("systemd-analyze"):
        print("deploy/systemd: SKIPPED: systemd-analyze is not here")
        return
    _, told = run("systemd-analyze", "verify", str(path))
    wrong = [line for line in told.splitlines() if "stance.service" in line and "is not executable" not in line]
    assert not wrong, "\n".join(wrong)
    code, told = run("systemd-analyze", "security", "--offline=true", "--threshold=20", str(path))
    if "unrecognized option" in told:
        print("deploy/systemd: verified; SKIPPED: this systemd does not judge units offline")
        return
    assert code == 0, told.splitlines()[-1]
    print("deploy/systemd/stance.service:", told.splitlines()[-1].strip())


def kinds(values):
    """The objects that the chart renders, by kind."""
    with helm.Chart.load(str(chart)) as loaded:
        loaded.validate_schema(values)
        rendered = loaded.render(values, name="demo", namespace="security")
    objects = {}
    for name, text in rendered.items():
        if name.endswith(".yaml"):
            for document in yaml.safe_load_all(text):
                if document:
                    objects[document["kind"]] = document
    return objects


def helm_chart():
    findings = helm.lint(str(chart))
    told = findings if isinstance(findings, list) else findings.get("messages", findings)
    wrong = [one for one in told if str(one.get("severity", "")).upper() in ("ERROR", "WARNING", "3", "2")]
    assert not wrong, wrong

    plain = kinds({})
    assert set(plain) == {"StatefulSet", "Service", "PersistentVolumeClaim", "NetworkPolicy"}, set(plain)
    pod = plain["StatefulSet"]["spec"]["template"]["spec"]
    container = pod["containers"][0]
    guard = container["securityContext"]
    assert guard["readOnlyRootFilesystem"] and not guard["allowPrivilegeEscalation"]
    assert guard["capabilities"] == {"drop": ["ALL"]}
    assert pod["securityContext"]["runAsNonRoot"] and not pod["automountServiceAccountToken"]
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert plain["StatefulSet"]["spec"]["replicas"] == 1, "two servers on one volume are refused"
    probes = {name: container[f"{name}Probe"]["httpGet"] for name in ("startup", "liveness", "readiness")}
    assert probes["liveness"]["path"] == "/healthz" and probes["readiness"]["path"] == "/readyz"
    assert all(probe["scheme"] == "HTTP" for probe in probes.values())
    environment = {one["name"]: one["value"] for one in container["env"]}
    assert environment["STANCE_BEHIND_PROXY"] == "true" and "STANCE_TLS_CERT" not in environment
    assert plain["NetworkPolicy"]["spec"]["policyTypes"] == ["Ingress", "Egress"]

    full = kinds(
        {
            "publicUrl": "https://stance.example.org",
            "tls": {"existingSecret": "stance-tls"},
            "oidc": {
                "issuer": "https://id.example.org",
                "clientId": "stance",
                "existingSecret": "stance-oidc",
                "roles": {"security-team": "analyst", "ciso": "approver"},
                "defaultRole": "viewer",
            },
            "ingress": {"enabled": True, "host": "stance.example.org", "tlsSecret": "web", "className": "nginx"},
            "persistence": {"existingClaim": "mine"},
            "networkPolicy": {"egress": [{"ports": [{"port": 443, "protocol": "TCP"}]}]},
            "extraVolumes": [{"name": "models", "hostPath": {"path": "/srv/models"}}],
            "extraVolumeMounts": [{"name": "models", "mountPath": "/srv/models", "readOnly": True}],
        }
    )
    assert set(full) == {"StatefulSet", "Service", "Ingress", "NetworkPolicy"}, set(full)
    pod = full["StatefulSet"]["spec"]["template"]["spec"]
    container = pod["containers"][0]
    environment = {one["name"]: one["value"] for one in container["env"]}
    assert environment["STANCE_OIDC_ROLE"] == "ciso=approver,security-team=analyst"
    assert "STANCE_BEHIND_PROXY" not in environment
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    for mount in container["volumeMounts"]:
        assert mount["name"] in volumes, mount
    assert environment["STANCE_TLS_CERT"].startswith("/etc/stance/tls/")
    assert volumes["tls"]["secret"]["secretName"] == "stance-tls"
    assert container["livenessProbe"]["httpGet"]["scheme"] == "HTTPS"

    published({**plain, **{f"{kind} with all": one for kind, one in full.items()}})

    for wrong in (
        {"publicUrl": "stance.example.org"},
        {"oidc": {"roles": {"a": "king"}}},
        {"service": {"port": 0}},
        {"imagee": {}},
        {"ingress": {"enabled": True}},
    ):
        try:
            kinds(wrong)
        except Exception as refusal:  # the library has one kind for each cause
            assert str(refusal), wrong
        else:
            raise AssertionError(f"{wrong} is taken")
    print("deploy/helm/stance: linted, rendered with", len(plain) + len(full), "objects, wrong values refused")


def published(objects):
    """Every object keeps to the schemas that Kubernetes publishes, the oldest version that is supported somewhere and the newest."""
    newest = kubernetes_validate.latest_version()
    for version in ("1.25", newest):
        for name, one in objects.items():
            try:
                kubernetes_validate.validate(one, version, strict=True)
            except kubernetes_validate.ValidationError as error:
                raise AssertionError(f"{name} in Kubernetes {version}: {error.message}") from error
    wrong = {**objects["Service"], "spec": {**objects["Service"]["spec"], "prots": []}}
    try:
        kubernetes_validate.validate(wrong, newest, strict=True)
    except kubernetes_validate.ValidationError:
        pass
    else:
        raise AssertionError("a field that there is not is taken")
    print(f"deploy/helm/stance: {len(objects)} objects keep to the schemas of Kubernetes 1.25 and {newest}")


def metrics():
    """What the service tells Prometheus, held against the linter of Prometheus; needs the program as second argument."""
    promtool = shutil.which("promtool")
    if promtool is None or len(sys.argv) < 3:
        print("/metrics: SKIPPED: this needs promtool (Debian: prometheus) and the program as second argument")
        return
    with tempfile.TemporaryDirectory() as directory:
        service = subprocess.Popen(
            [sys.argv[2], "serve", "--listen", "127.0.0.1:0", "--data-dir", directory],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            link = next(found.group(0) for line in service.stdout if (found := re.search(r"http://\S+/welcome/\S+", line)))
            browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
            form = {"name": "Root", "password": "correct horse battery", "again": "correct horse battery"}
            browser.open(link, urllib.parse.urlencode(form).encode()).read()
            told = browser.open(link.split("/welcome/")[0] + "/metrics").read()
        finally:
            service.terminate()
            service.wait(30)
    done = subprocess.run([promtool, "check", "metrics"], input=told, capture_output=True)
    assert done.returncode == 0, (done.stdout + done.stderr).decode()
    print("/metrics: promtool finds nothing in", told.count(b"# TYPE"), "figures")


def flags():
    """Every variable that the files set is one that the command line knows."""
    known = (root / "docs" / "cli.md").read_text()
    for path in sorted(deploy.rglob("*")):
        if path.is_file():
            for name in set(re.findall(r"\bSTANCE_[A-Z_]+\b", path.read_text())):
                assert name in known, f"{path}: {name} is no variable of the command line"
    print("deploy: every variable is one that the command line knows")


for check in (dockerfile, compose, unit, helm_chart, metrics, flags):
    check()
