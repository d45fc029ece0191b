#!/usr/bin/env python3
"""Mail over STARTTLS, tried for real: directly, and through a proxy; and a webhook through the same proxy.

usage: mail.py STANCE

STANCE is the program. A mail server of aiosmtpd takes what it sends, with a certificate made for this run, on loopback;
it offers STARTTLS, takes no mail without it and asks for an account. The other way leads through a proxy that speaks
HTTP and asks for an account too, under names that only the proxy knows.

Needs Python 3.11 with the packages of requirements.txt. Exits with 1 when something does not hold.
"""

import base64
import contextlib
import http.cookiejar
import http.server
import json
import logging
import pathlib
import re
import socket
import socketserver
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request
import warnings

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

NAME, HOOK = "mail.stance.test", "hooks.stance.test"
LOGIN, WORD = "stance", "a word for this run"
PATIENCE = 30


class Box:
    """Keeps what comes, and how it came."""

    def __init__(self):
        self.mail = []

    async def handle_DATA(self, server, session, envelope):
        self.mail.append((session.ssl is not None, session.authenticated, envelope))
        return "250 taken"

    def authenticate(self, server, session, envelope, mechanism, data):
        good = (data.login, data.password) == (LOGIN.encode(), WORD.encode())
        return AuthResult(success=good, handled=good)


class Way(socketserver.BaseRequestHandler):
    """A proxy: CONNECT for whoever has the account, to the names that it knows."""

    def handle(self):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self.request.recv(1)
        line, *fields = head.decode().split("\r\n")
        account = base64.b64encode(f"{LOGIN}:{WORD}".encode()).decode()
        self.server.asked.append(line)
        if f"Proxy-Authorization: Basic {account}" not in fields:
            return self.request.sendall(b"HTTP/1.1 407 no\r\n\r\n")
        leads_to = self.server.leads_to.get(line.removeprefix("CONNECT ").split(":")[0])
        if leads_to is None:
            return self.request.sendall(b"HTTP/1.1 403 no\r\n\r\n")
        with socket.create_connection(("127.0.0.1", leads_to)) as far:
            self.request.sendall(b"HTTP/1.1 200 go on\r\n\r\n")
            back = threading.Thread(target=pour, args=(far, self.request), daemon=True)
            back.start()
            pour(self.request, far)
            back.join(PATIENCE)


class Hook(http.server.BaseHTTPRequestHandler):
    """Takes webhooks."""

    def do_POST(self):
        self.server.got.append((self.path, self.headers["webhook-id"]))
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


def pour(source, target):
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def service(program, *words):
    """A service with these words, and somebody who may everything there."""
    with tempfile.TemporaryDirectory() as directory:
        log = open(pathlib.Path(directory) / "log", "wb")
        command = [program, "serve", "--listen", "127.0.0.1:0", "--data-dir", directory, *words]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            found = (re.search(r"http://\S+/welcome/\S+", line) for line in process.stdout)
            yield Admin(next(link.group(0) for link in found if link))
        except StopIteration:
            sys.exit(pathlib.Path(log.name).read_text())
        finally:
            process.terminate()
            process.wait(PATIENCE)


class Admin:
    def __init__(self, link):
        self.base = link.split("/welcome/")[0]
        jar = http.cookiejar.CookieJar()
        self.browser = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(jar))
        form = {"name": "Root", "password": "correct horse battery", "again": "correct horse battery"}
        self.browser.open(link, urllib.parse.urlencode(form).encode()).read()
        page = self.browser.open(self.base + "/account").read().decode()
        self.csrf = re.search(r'name="csrf" value="([^"]+)"', page).group(1)

    def ask(self, path, body=None):
        headers = {"content-type": "application/json", "x-csrf-token": self.csrf}
        data = None if body is None else json.dumps(body).encode()
        return json.load(self.browser.open(urllib.request.Request(self.base + "/api/v1" + path, data, headers)))

    def told(self, channel="mail", target="ada@example.org"):
        """Sends a message for trying it out; what became of it."""
        body = {"channel": channel, "name": "People", "target": target, "events": ["finding.opened"]}
        made = self.ask("/notifications", body)
        self.ask(f"/notifications/{made['notification']['id']}/test", {})
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            for one in self.ask("/notifications/deliveries")["deliveries"]:
                if one["state"] == "delivered" or one["attempts"] > 0:
                    return self.ask(f"/notifications/deliveries/{one['id']}")
            time.sleep(0.1)
        sys.exit("nothing was sent")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    # What the mail server says of a certificate that is refused on purpose.
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as directory:
        kept = pathlib.Path(directory)
        authority = trustme.CA()
        authority.cert_pem.write_to_path(kept / "ca.pem")
        (kept / "word").write_text(WORD + "\n")
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert("localhost", NAME).configure_cert(context)
        box = Box()
        # aiosmtpd looks whether it is there by a connection, which needs a port that is known.
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        server = Controller(
            box, hostname="127.0.0.1", port=port, tls_context=context, require_starttls=True,
            auth_required=True, authenticator=box.authenticate)
        server.start()
        proxy = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Way)
        proxy.daemon_threads = True
        hook = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
        hook.got = []
        proxy.leads_to, proxy.asked = {NAME: port, HOOK: hook.server_address[1]}, []
        for one in (proxy, hook):
            threading.Thread(target=one.serve_forever, daemon=True).start()
        try:
            check(sys.argv[1], kept, box, port, proxy, hook)
        finally:
            server.stop()
            proxy.shutdown()


def check(program, kept, box, port, proxy, hook):
    mail = [
        "--smtp-port", str(port), "--smtp-user", LOGIN, "--smtp-password-file", str(kept / "word"),
        "--mail-from", "Stance <stance@example.org>"]
    trusts = ["--smtp-ca", str(kept / "ca.pem")]
    address = f"http://{LOGIN}:{urllib.parse.quote(WORD)}@127.0.0.1:{proxy.server_address[1]}"

    with service(program, "--smtp-host", "localhost", *mail, *trusts) as admin:
        told = admin.told()
        assert told["delivery"]["state"] == "delivered", told
    tls, authenticated, envelope = box.mail.pop()
    assert tls and authenticated, "over TLS, with the account"
    assert envelope.rcpt_tos == ["ada@example.org"] and b"Auto-Submitted: auto-generated" in envelope.content
    assert not proxy.asked, "this machine needs no proxy"
    print("STARTTLS with an account: delivered")

    with service(program, "--smtp-host", "localhost", *mail) as admin:
        told = admin.told()
        assert told["delivery"]["state"] != "delivered", "the authority is not trusted"
    assert not box.mail
    print("STARTTLS with a certificate of nobody: not sent")

    with service(program, "--smtp-host", NAME, *mail, *trusts, "--notify-proxy", address) as admin:
        told = admin.told()
        assert told["delivery"]["state"] == "delivered", told
    tls, authenticated, _ = box.mail.pop()
    assert tls and authenticated and proxy.asked == [f"CONNECT {NAME}:{port} HTTP/1.1"], proxy.asked
    print("through the proxy: delivered, and the certificate is that of the mail server")

    words = ["--webhook-plain-http", "--notify-proxy", address]
    with service(program, *words) as admin:
        told = admin.told("webhook", f"http://{HOOK}/stance")
        assert told["delivery"]["state"] == "delivered", told
    assert [path for path, _ in hook.got] == ["/stance"] and HOOK in proxy.asked[-1], (hook.got, proxy.asked)
    print("a webhook through the proxy: delivered")

    # Without its account the proxy says no, and nothing goes another way.
    bare = f"http://127.0.0.1:{proxy.server_address[1]}"
    with service(program, "--smtp-host", NAME, *mail, *trusts, "--notify-proxy", bare) as admin:
        told = admin.told()
        assert "407" in json.dumps(told), told
    assert not box.mail
    print("a proxy that says no: not sent, and told")


if __name__ == "__main__":
    main()
