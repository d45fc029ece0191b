#!/usr/bin/env python3
"""Holds the API of the service against validators that others wrote.

usage: api.py STANCE

STANCE is the program. It is started in a directory of its own; its OpenAPI
document is validated, and every route is called with what schemathesis makes
of that document: no answer may be an error of the server (5xx), and none may
differ from what the document says of its status and form.

Needs Python 3.11 with the packages of requirements.txt. Exits with 1 when
something does not hold.
"""

import http.cookiejar
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request

from openapi_spec_validator import validate

PASSWORD = "correct horse battery"
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as directory:
        log = open(pathlib.Path(directory) / "log", "wb")
        service = subprocess.Popen(
            [sys.argv[1], "serve", "--listen", "127.0.0.1:0", "--data-dir", directory],
            stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            check(first_link(service))
        finally:
            service.terminate()
            if service.wait(30) != 0:
                sys.exit(f"the service ended with {service.returncode}")


def first_link(service):
    for line in service.stdout:
        found = re.search(r"http://\S+/welcome/\S+", line)
        if found:
            return found.group(0)
    sys.exit("the service told no link")


def check(link):
    base = link.split("/welcome/")[0]
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    form = {"name": "Root", "password": PASSWORD, "again": PASSWORD}
    browser.open(link, urllib.parse.urlencode(form).encode()).read()
    page = browser.open(base + "/account").read().decode()
    csrf = re.search(r'name="csrf" value="([^"]+)"', page).group(1)
    account = json.load(browser.open(base + "/api/v1/account"))
    wanted = {"name": "api", "days": 1, "scopes": [scope["name"] for scope in account["scopes"]]}
    made = browser.open(urllib.request.Request(
        base + "/api/v1/account/tokens", json.dumps(wanted).encode(),
        {"content-type": "application/json", "x-csrf-token": csrf}))
    token = json.load(made)["token"]
    address = base + "/api/v1/openapi.json"
    document = json.load(browser.open(address))
    validate(document)
    print(f"{len(document['paths'])} paths: the document is OpenAPI {document['openapi']}")
    # What ends the token with which it asks, or asks for something that never ends, is left out.
    # It keeps notes where it runs.
    with tempfile.TemporaryDirectory() as notes:
        run = subprocess.run([
            pathlib.Path(sys.executable).absolute().parent / "schemathesis", "run", address,
            "--header", f"Authorization: Bearer {token}", "--checks", CHECKS,
            "--exclude-path-regex", r"/api/v1/(tokens|users)/\{id\}|/events",
            "--max-examples", "25", "--seed", "1", "--no-color"], cwd=notes)
    sys.exit(run.returncode) if run.returncode else print("every route keeps to it")


if __name__ == "__main__":
    main()
