#!/usr/bin/env python3
"""The service under load, on a large estate: every list and every page, one by one and all at once.

    cargo bench -p stance-store --bench estate -- --assets 1000000 --database DIRECTORY/service.db
    cargo build --release && python3 benches/load.py DIRECTORY [--stance FILE] [--rate 200] [--seconds 60]

Starts `stance serve` on the directory, signs in, makes a token and learns which assets, findings and cursors there
are. Then:

1. Memory of the process at rest.
2. Each request alone, ten times: the first, the median, the worst, CPU of the server and bytes.
3. All of them mixed at a fixed rate, pages by the cookie of a session and JSON by the token. A request is due at its
   time whether or not those before it were answered, and its time counts from then on.
4. The same while a source of 10,000 assets is pushed and taken in (`--no-writes` leaves it out).

CPU time of the server does not depend on what else the machine does; the other times do. Needs Linux, Python 3.11 and
nothing else. Exits with 1 when an answer was an error, or a bar is missed: p99 below 100 ms, memory at rest below 300 MB.
"""

import argparse
import asyncio
import gzip
import http.cookiejar
import json
import os
import pathlib
import random
import re
import select
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
PASSWORD = "correct horse battery"
SLOWEST = 100.0
MEMORY = 300.0
KINDS = ("agent", "dataset", "endpoint", "identity", "mcp_server", "model", "prompt", "tool")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("directory", type=pathlib.Path)
    parser.add_argument("--stance", type=pathlib.Path, default=ROOT / "target/release/stance")
    parser.add_argument("--rate", type=float, default=200)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--repeat", type=int, default=10)
    parser.add_argument("--no-writes", action="store_true")
    parser.add_argument("--only", default="", help="part of the paths that are asked for")
    options = parser.parse_args()
    log = open(options.directory / "load.log", "wb")
    service = subprocess.Popen(
        [options.stance, "serve", "--listen", "127.0.0.1:0", "--data-dir", options.directory],
        stdout=subprocess.PIPE, stderr=log)
    try:
        passed = run(options, Server(service))
    finally:
        service.terminate()
        service.wait(60)
    sys.exit(0 if passed else 1)


class Server:
    """The process and who is signed in."""

    def __init__(self, service):
        self.pid = service.pid
        told = b""
        # The link of the first administrator, where there is one, follows at once.
        while select.select([service.stdout], [], [], 2 if told else 60)[0]:
            told += os.read(service.stdout.fileno(), 4096)
        links = re.findall(r"http://\S+", told.decode())
        self.base = links[0]
        link = links[1] if len(links) > 1 else None
        self.host, self.port = urllib.parse.urlsplit(self.base).netloc.split(":")
        self.jar = http.cookiejar.CookieJar()
        self.browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        if link:
            self.post(link, {"name": "Root", "password": PASSWORD, "again": PASSWORD})
        else:
            self.post(self.base + "/sign-in", {"login": "admin", "password": PASSWORD})
        page = self.browser.open(self.base + "/account").read().decode()
        self.csrf = re.search(r'name="csrf" value="([^"]+)"', page)[1]
        scopes = [it["name"] for it in self.get("/api/v1/account")["scopes"]]
        wanted = {"name": f"load {time.time():.0f}", "days": 1, "scopes": scopes}
        self.token = self.send("/api/v1/account/tokens", wanted)["token"]
        self.cookie = "; ".join(f"{it.name}={it.value}" for it in self.jar)

    def post(self, url, form):
        self.browser.open(url, urllib.parse.urlencode(form).encode()).read()

    def send(self, path, value):
        headers = {"content-type": "application/json", "x-csrf-token": self.csrf}
        request = urllib.request.Request(self.base + path, json.dumps(value).encode(), headers)
        return json.load(self.browser.open(request))

    def get(self, path):
        return json.load(self.browser.open(self.base + path))

    def memory(self):
        """Resident memory in MB: all, and what is of the process alone."""
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return [int(re.search(rf"{name}:\s+(\d+)", status)[1]) / 1000 for name in ("VmRSS", "RssAnon")]

    def cpu(self):
        """Milliseconds of CPU of all threads that live."""
        total = 0
        for task in pathlib.Path(f"/proc/{self.pid}/task").iterdir():
            try:
                total += int((task / "schedstat").read_text().split()[0])
            except OSError:
                pass
        return total / 1e6


def requests(server, only):
    """What is asked for, by name: several addresses each where one would only show the cache."""
    rng = random.Random(5)
    teams = [f"team-{number}" for number in range(40)]
    lists = {
        "overview": ["/", "/?days=90"],
        "inventory": ["/inventory"],
        "inventory by name": ["/inventory?sort=name"],
        "inventory new first": ["/inventory?sort=first_seen"],
        "inventory of a kind": [f"/inventory?kind={kind}{sort}" for kind in KINDS for sort in ("", "&sort=name")],
        "inventory two kinds, owner": [f"/inventory?kind=agent&kind={kind}&owner={team}" for kind in ("model", "prompt") for team in teams],
        "inventory of an owner": [f"/inventory?owner={team}" for team in teams],
        "inventory of an owner by name": [f"/inventory?owner={team}&sort=name" for team in teams],
        "inventory without owner": ["/inventory?owner=-"],
        "inventory environment": ["/inventory?environment=unknown", "/inventory?environment=production"],
        "inventory sensitivity": ["/inventory?sensitivity=restricted", "/inventory?sensitivity=unknown&sort=name"],
        "inventory criticality": ["/inventory?criticality=high", "/inventory?criticality=unknown"],
        "inventory not reviewed": ["/inventory?approval=unreviewed"],
        "inventory approved": ["/inventory?approval=approved"],
        "inventory critical": ["/inventory?severity=critical", "/inventory?severity=critical&sort=name"],
        "inventory critical of a kind": [f"/inventory?severity=critical&kind=agent&owner={team}" for team in teams],
        "inventory in tests": ["/inventory?part=test", "/inventory?part=production"],
        "inventory gone": ["/inventory?gone=true"],
        "inventory rare text": ["/inventory?q=ranker-41-77", "/inventory?q=vision-7-99"],
        "inventory common text": ["/inventory?q=refund", "/inventory?q=module_12&sort=name"],
        "inventory no such text": ["/inventory?q=no+such+thing"],
        "inventory since": [f"/inventory?since=2026-10-01T0{hour}:{minute}0:00Z" for hour in (0, 1) for minute in range(1, 4)],
        "findings": ["/findings"],
        "findings that give back": ["/findings?sort=gives_back"],
        "findings new first": ["/findings?sort=first_seen"],
        "findings due": ["/findings?sort=due", "/findings?severity=critical&sort=due"],
        "findings overdue": ["/findings?due=overdue"],
        "findings severity": ["/findings?severity=critical", "/findings?severity=low&severity=medium"],
        "findings of a rule": [f"/findings?rule=code/rule-{n}" for n in range(160)],
        "findings of an area": ["/findings?area=code"] + [f"/findings?area=code&owner={team}" for team in teams],
        "findings of an owner": [f"/findings?owner={team}&severity=high" for team in teams],
        "findings of a kind": [f"/findings?kind={kind}" for kind in KINDS] + ["/findings?kind=model&kind=dataset&severity=critical"],
        "findings without assignee": ["/findings?assignee=-"],
        "findings rare text": ["/findings?q=step+4177+of+31"],
        "findings common text": ["/findings?q=evaluated", "/findings?q=module_7"],
        "findings no such text": ["/findings?q=no+such+thing"],
        "findings fixed": ["/findings?state=fixed", "/findings?state=accepted"],
        "findings all": ["/findings?state=all"],
        "findings by rule": ["/findings?group=rule"],
        "findings by asset": ["/findings?group=asset"],
        "findings by owner": ["/findings?group=owner"],
        "findings by fix": ["/findings?group=fix"],
        "findings by rule, filtered": [f"/findings?group=rule&owner={team}" for team in teams] + [f"/findings?group=owner&rule=code/rule-{n}" for n in range(40)],
        "findings by fix, filtered": [f"/findings?group=fix&kind={kind}&severity=critical" for kind in KINDS],
        "findings by asset, filtered": ["/findings?group=asset&area=code"] + [f"/findings?group=asset&owner={team}" for team in teams],
        "changes": ["/changes", "/changes?state=all"],
        "changes weakening": ["/changes?effect=weakening"],
        "expected changes": ["/changes/expected"],
        "waivers": ["/waivers"],
        "sources": ["/sources"],
        "runs": ["/runs", "/runs?state=failed"],
        "jobs": ["/jobs"],
        "compliance": ["/compliance"],
        "rules": ["/rules", "/rules?q=pickle", "/rules?open=true"],
        "audit": ["/audit", "/audit?action=session"],
        "search": ["/search?q=ranker-41-77", "/search?q=refund", "/search?q=team-17", "/search?q=prompt"],
        "users": ["/settings/users"],
        "tokens": ["/settings/tokens"],
        "account": ["/account"],
    }
    frameworks = server.get("/api/v1/compliance")["frameworks"]
    lists["framework"] = [f"/compliance/framework/{it['key']}" for it in frameworks][:4]
    control = server.get("/api/v1" + lists["framework"][0])["controls"]
    lists["control"] = ["/compliance/control?id=" + urllib.parse.quote(control[0]["reference"])]
    rule = server.get("/api/v1/rules")["rules"][0]["id"]
    lists["rule"] = [f"/rules/{rule}"]
    assets = [it["number"] for it in server.get("/api/v1/inventory?limit=200")["assets"]]
    most = max(assets)
    some = [rng.randint(1, most) for _ in range(200)]
    some = [it for it in some if exists(server, f"/api/v1/inventory/{it}")][:60]
    lists["asset"] = [f"/inventory/{it}" for it in some]
    lists["relations of an asset"] = [f"/inventory/{it}/relations" for it in some[:20]]
    lists["relations to an asset"] = [f"/inventory/{it}/relations?direction=in" for it in some[:20]]
    findings = [it["number"] for it in server.get("/api/v1/findings?limit=1000&sort=first_seen")["findings"]]
    lists["finding"] = [f"/findings/{it}" for it in rng.sample(findings, min(60, len(findings)))]
    lists["finding beside the list"] = [f"/findings?open={it}" for it in findings[:5]]
    lists["inventory of a source"] = [f"/inventory?source={n}" for n in range(1, 60)]
    lists["findings of a source"] = [f"/findings?source={n}&state=all" for n in range(1, 60)]
    lists["source"] = [f"/sources/{n}" for n in (1, 2)]
    runs = server.get("/api/v1/runs")["runs"]
    if runs:
        lists["run"] = [f"/runs/{it['id']}" for it in runs[:5]]
    entry = server.get("/api/v1/audit")["entries"][0]
    lists["audit entry"] = [f"/audit/{entry['seq']}"]
    for name, path in [("inventory", "/inventory"), ("inventory by name", "/inventory?sort=name"),
                       ("inventory of an owner", "/inventory?owner=team-3"), ("findings", "/findings"),
                       ("findings due", "/findings?sort=due"), ("findings of a rule", "/findings?rule=code/rule-7")]:
        lists[name + ", deep"] = [deep(server, path)]
    return {name: paths for name, paths in lists.items() if not only or any(only in it for it in paths)}


def exists(server, path):
    try:
        server.get(path)
    except urllib.error.HTTPError:
        return False
    return True


def deep(server, path):
    """The slice behind the first 20,000 rows."""
    join = "&" if "?" in path else "?"
    after = ""
    for _ in range(20):
        page = server.get(f"/api/v1{path}{join}limit=1000" + (f"&after={after}" if after else ""))
        if not page["next"]:
            break
        after = urllib.parse.quote(page["next"])
    return f"{path}{join}after={after}"


class Connections:
    """Connections that stay open; one more is made when all are busy, up to some hundreds."""

    def __init__(self, server):
        self.server = server
        self.idle = []
        self.made = 0
        self.free = asyncio.Semaphore(400)

    async def get(self, path, api):
        async with self.free:
            return await self.ask(path, api)

    async def ask(self, path, api):
        """Status and bytes of the body."""
        who = f"authorization: Bearer {self.server.token}" if api else f"cookie: {self.server.cookie}"
        if api:
            path = re.sub(r"^/settings", "", re.sub(r"^/(?=$|\?)", "/overview", path))
            path = "/api/v1" + path
        head = (f"GET {path} HTTP/1.1\r\nhost: {self.server.host}:{self.server.port}\r\n"
                f"accept-encoding: gzip\r\n{who}\r\n\r\n").encode()
        while True:
            kept = bool(self.idle)
            if kept:
                reader, writer = self.idle.pop()
            else:
                self.made += 1
                reader, writer = await asyncio.open_connection(self.server.host, self.server.port)
            writer.write(head)
            try:
                answer = (await reader.readuntil(b"\r\n\r\n")).lower()
                break
            except asyncio.IncompleteReadError as error:
                # The server ended a connection that nobody used for a while, as it may: like any client, ask on another.
                if not kept or error.partial:
                    raise
                writer.close()
        status = int(answer.split(b" ", 2)[1])
        size = re.search(rb"content-length: (\d+)", answer)
        if size:
            size = int(size[1])
            await reader.readexactly(size)
        else:
            size = 0
            while chunk := int((await reader.readuntil(b"\r\n")).strip(), 16):
                size += chunk
                await reader.readexactly(chunk + 2)
            await reader.readexactly(2)
        self.idle.append((reader, writer))
        return status, size


async def alone(server, wanted, repeat):
    """Each request by itself. Gives what was an error."""
    print(f"\n{'one at a time':34} {'':4} {'first':>8} {'median':>8} {'worst':>8} {'CPU':>8}  kB")
    connections = Connections(server)
    wrong, slow = [], []
    for name, paths in wanted.items():
        for api in (False, True):
            times, cpu, size = [], server.cpu(), 0
            for number in range(max(repeat, min(len(paths), 60))):
                path = paths[number % len(paths)]
                began = time.perf_counter()
                status, size = await connections.get(path, api)
                times.append((time.perf_counter() - began) * 1e3)
                if status != 200:
                    wrong.append(f"{status} {'JSON' if api else 'page'} {path}")
            cpu = (server.cpu() - cpu) / len(times)
            mark = "  !" if max(times) > SLOWEST else ""
            print(f"{name:34} {'json' if api else 'page'} {times[0]:8.1f} {statistics.median(times):8.1f} "
                  f"{max(times):8.1f} {cpu:8.2f} {size / 1000:5.1f}{mark}", flush=True)
            if mark:
                slow.append(name)
    return wrong, slow


async def mixed(server, wanted, rate, seconds, title, until=None):
    """All requests at a rate. Gives the 99th percentile in ms and what was an error."""
    rng = random.Random(7)
    connections = Connections(server)
    times, wrong = {}, {}
    choices = [(name, path) for name, paths in wanted.items() for path in paths]
    weights = [1 / len(wanted[name]) for name, _ in choices]
    began, cpu, most = time.perf_counter(), server.cpu(), 0.0

    async def one(due, name, path, api):
        try:
            status, _ = await asyncio.wait_for(connections.get(path, api), 60)
        except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError) as error:
            status = type(error).__name__
        times.setdefault(name, []).append((time.perf_counter() - due) * 1e3)
        if status != 200:
            key = f"{status} {'JSON' if api else 'page'} {path}"
            wrong[key] = wrong.get(key, 0) + 1

    waiting = set()
    number = 0
    while time.perf_counter() - began < seconds or (until and not until.done()):
        due = began + number / rate
        delay = due - time.perf_counter()
        if delay > 0:
            await asyncio.sleep(delay)
        name, path = rng.choices(choices, weights)[0]
        task = asyncio.create_task(one(due, name, path, rng.random() < 0.5))
        waiting.add(task)
        task.add_done_callback(waiting.discard)
        number += 1
        if number % 50 == 0:
            most = max(most, server.memory()[0])
    await asyncio.gather(*waiting)
    took = time.perf_counter() - began
    cpu = (server.cpu() - cpu) / number
    every = sorted(it for of in times.values() for it in of)
    print(f"\n{title}: {number} requests in {took:.1f} s, {number / took:.0f}/s over {connections.made} connections; "
          f"machine load {os.getloadavg()[0]:.1f}")
    print(f"  p50 {at(every, 0.5):.1f}  p90 {at(every, 0.9):.1f}  p99 {at(every, 0.99):.1f}  max {every[-1]:.1f} ms; "
          f"CPU of the server {cpu:.2f} ms each, {cpu * number / took / 10:.0f} % of one core; "
          f"memory at most {most:.0f} MB; {sum(wrong.values())} errors")
    worst = sorted(times.items(), key=lambda it: -at(sorted(it[1]), 0.99))[:12]
    for name, of in worst:
        of.sort()
        print(f"  {name:34} {len(of):5}  p50 {at(of, 0.5):7.1f}  p99 {at(of, 0.99):7.1f}  max {of[-1]:7.1f}")
    for key, count in sorted(wrong.items(), key=lambda it: -it[1])[:10]:
        print(f"  {count} x {key}")
    return at(every, 0.99), list(wrong)


def at(values, part):
    return values[min(len(values) - 1, int(len(values) * part))]


def bill(count, salt):
    """A bill of materials of a source, with models and packages that depend on each other."""
    components = [{
        "type": "machine-learning-model" if number % 10 == 0 else "library",
        "bom-ref": f"part-{number}", "name": f"pushed-{salt}-{number}", "version": f"{number % 90}.{salt}",
        "purl": f"pkg:{'huggingface/acme' if number % 10 == 0 else 'pypi'}/pushed-{salt}-{number}@{number % 90}.{salt}",
    } for number in range(count)]
    dependencies = [{
        "ref": f"part-{number}",
        "dependsOn": sorted({f"part-{(number * 7 + step * 131) % count}" for step in range(1, 11)}),
    } for number in range(count)]
    return gzip.compress(json.dumps({
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "components": components, "dependencies": dependencies,
    }).encode())


async def push(server, document, name):
    """Pushes a document and waits until it is taken in; tells how that went."""
    def send():
        request = urllib.request.Request(
            f"{server.base}/api/v1/ingest?source={name}", document,
            {"authorization": f"Bearer {server.token}", "content-type": "application/json", "content-encoding": "gzip"})
        began = time.perf_counter()
        run = json.load(urllib.request.urlopen(request, timeout=300))["run"]
        while run["state"] in ("queued", "running"):
            time.sleep(0.2)
            run = server.get(f"/api/v1/runs/{run['id']}")
        return f"{run['state']} {time.perf_counter() - began:.1f} s after the push began: {run.get('outcome') or run.get('error')}"

    await asyncio.sleep(3)
    try:
        return await asyncio.to_thread(send)
    except OSError as error:
        return f"not taken in: {error}"


async def together(options, server, wanted):
    p99, wrong = await mixed(server, wanted, options.rate, options.seconds, "all at once")
    if options.no_writes:
        return p99, wrong
    pushed = asyncio.create_task(push(server, bill(10_000, int(time.time()) % 100_000), "pushed"))
    with_writes, also = await mixed(server, wanted, options.rate, 30, "with a source of 10,000 assets coming in", pushed)
    print(f"  the source: {pushed.result()}")
    return max(p99, with_writes), wrong + also


def run(options, server):
    time.sleep(3)
    rest, own = server.memory()
    print(f"at rest after the start: {rest:.0f} MB resident, {own:.0f} MB of its own; "
          f"database {(options.directory / 'service.db').stat().st_size / 1e9:.2f} GB")
    wanted = requests(server, options.only)
    wrong, slow = asyncio.run(alone(server, wanted, options.repeat))
    p99, more = (0, [])
    if options.rate:
        p99, more = asyncio.run(together(options, server, wanted))
        wrong += more
    time.sleep(5)
    rest, own = server.memory()
    print(f"\nat rest after the load: {rest:.0f} MB resident, {own:.0f} MB of its own")
    for it in sorted(set(wrong))[:20]:
        print(f"error: {it}")
    if slow:
        print("slower than 100 ms alone:", ", ".join(dict.fromkeys(slow)))
    bars = {"no errors": not wrong, f"p99 {p99:.0f} ms below {SLOWEST:.0f} ms": p99 < SLOWEST,
            f"memory at rest {rest:.0f} MB below {MEMORY:.0f} MB": rest < MEMORY}
    for name, met in bars.items():
        print(f"{'met   ' if met else 'MISSED'} {name}")
    return all(bars.values())


if __name__ == "__main__":
    main()
