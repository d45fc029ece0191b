#!/usr/bin/env python3
"""How many lines of each kind of log `stance discover logs` reads per second, on one core and from end to end.

    cargo build --release && python3 benches/logs.py [--stance BINARY] [--lines 2000000] [--only NAME]

Logs are made in a temporary directory, one line in ten about an AI service. What is printed is user and system time of
the whole command, starting it included, and its peak memory; the fastest of three runs counts.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOSTS = [
    "www.example.com",
    "cdn.assets.shop.example.net",
    "mail.acme.co.uk",
    "api.github.com",
    "s3.eu-west-1.amazonaws.com",
    "login.microsoftonline.com",
    "clients4.google.com",
    "updates.vendor.example",
    "news.example.org",
    "chatgpt.com",
]


def client(n):
    return f"10.0.{n % 7}.{n % 251}"


def clock(n):
    return f"{n // 180000 % 24:02}:{n // 3000 % 60:02}:{n // 50 % 60:02}"


def epoch(n):
    return 1_795_000_000 + n // 50


def zeek_dns(n, host):
    return (
        f"{epoch(n)}.{n % 1000000:06}\tCj4k2a1b{n}\t{client(n)}\t51234\t10.0.0.2\t53\tudp\t{n % 65536}\t0.012\t{host}\t1"
        "\tC_INTERNET\t1\tA\t0\tNOERROR\tF\tF\tT\tT\t0\t93.184.216.34\t300.000000\tF"
    )


def zeek_json(n, host):
    return (
        f'{{"ts":{epoch(n)}.5,"uid":"Cj4k2a1b{n}","id.orig_h":"{client(n)}","id.orig_p":51234,"id.resp_h":"10.0.0.2",'
        f'"id.resp_p":53,"proto":"udp","trans_id":{n % 65536},"query":"{host}","qclass":1,"qclass_name":"C_INTERNET",'
        '"qtype":1,"qtype_name":"A","rcode":0,"rcode_name":"NOERROR","AA":false,"TC":false,"RD":true,"RA":true}'
    )


def squid(n, host):
    return (
        f"{epoch(n)}.{n % 1000:03}    {n % 900} {client(n)} TCP_TUNNEL/200 {n % 90000} CONNECT {host}:443 - "
        "HIER_DIRECT/93.184.216.34 -"
    )


def common(n, host):
    return (
        f'{client(n)} - user{n % 251} [26/Nov/2026:{clock(n)} +0000] "GET https://{host}/path HTTP/1.1" 200 {n % 9000} '
        '"-" "Mozilla/5.0" TCP_MISS:HIER_DIRECT'
    )


def dnsmasq(n, host):
    kind = n % 4
    if kind == 0:
        return f"Nov 26 {clock(n)} dnsmasq[712]: forwarded {host} to 1.1.1.1"
    if kind == 1:
        return f"Nov 26 {clock(n)} dnsmasq[712]: reply {host} is 93.184.216.34"
    return f"Nov 26 {clock(n)} dnsmasq[712]: query[A] {host} from {client(n)}"


def bind(n, host):
    return (
        f"26-Nov-2026 {clock(n)}.123 queries: info: client @0x7f3b {client(n)}#5353 ({host}): query: {host} IN A +E(0)K "
        "(10.0.0.2)"
    )


def unbound(n, host):
    return f"[{epoch(n)}] unbound[712:0] info: {client(n)} {host}. A IN"


def coredns(n, host):
    return f'[INFO] {client(n)}:5353 - {n % 65536} "A IN {host}. udp 40 false 512" NOERROR qr,rd,ra 78 0.012s'


def route53(n, host):
    return (
        '{"version":"1.100000","account_id":"123456789012","region":"us-east-1","vpc_id":"vpc-0a1b2c3d",'
        f'"query_timestamp":"2026-11-26T{clock(n)}Z","query_name":"{host}.","query_type":"A","query_class":"IN",'
        '"rcode":"NOERROR","answers":[{"Rdata":"93.184.216.34","Type":"A","Class":"IN"}],'
        f'"srcaddr":"{client(n)}","srcport":"51234","transport":"UDP"}}'
    )


def vpc_flow(n, _):
    return f"2 123456789010 eni-1235b8ca123456789 {client(n)} 93.184.216.34 20641 443 6 20 4249 {epoch(n)} {epoch(n)} ACCEPT OK"


def flow_table(n, host):
    return f"{epoch(n)},{client(n)},93.184.216.34,443,{host},{n % 5000},{n % 90000}"


def zscaler(n, host):
    return (
        f'"2026-11-26 {clock(n)}",user{n % 251}@acme.example,Sales,"Road Warrior",{host}/path?id={n},Corporate Marketing,'
        f"Business and Economy,General Browsing,Allowed,{n % 5000},{n % 90000}"
    )


def netskope(n, host):
    return f"{epoch(n)},user{n % 251}@acme.example,Web,Technology,medium,Client,https://{host}/path,{n % 5000},{n % 90000}"


def palo_alto(n, host):
    return (
        f"1,2026/11/26 {clock(n)},0011C103117,THREAT,url,2305,2026/11/26 {clock(n)},{client(n)},1.2.3.4,0.0.0.0,0.0.0.0,web,"
        f"acme\\user{n % 251},,ssl,vsys1,trust,untrust,ethernet1/1,ethernet1/2,fwd,2026/11/26 {clock(n)},{n},1,51234,443,0,0,"
        f'0x0,tcp,alert,"{host}/",(9999),computer-and-internet-info,informational,client-to-server,1,0x0'
    )


def w3c(n, host):
    return (
        f"2026-11-26 {clock(n)} 12 {client(n)} user{n % 251} GET https {host} 443 /path 200 {n % 90000} {n % 5000}"
    )


def pairs(n, host):
    return (
        f"CEF:0|Zscaler|NSSWeblog|5.7|200|Allowed|3|act=Allowed suser=user{n % 251}@acme.example src={client(n)} "
        f"dhost={host} request={host}/path out={n % 5000} in={n % 90000} rt={epoch(n)}000 cat=Web app=HTTPS"
    )


def suricata(n, host):
    return (
        f'{{"timestamp":"2026-11-26T{clock(n)}.000000+0000","flow_id":{n},"event_type":"tls","src_ip":"{client(n)}",'
        f'"src_port":51234,"dest_ip":"1.2.3.4","dest_port":443,"proto":"TCP","tls":{{"sni":"{host}","version":"TLS 1.3"}}}}'
    )


FORMATS = {
    "zeek": (
        zeek_dns,
        "#separator \\x09\n#path\tdns\n#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\ttrans_id\trtt"
        "\tquery\tqclass\tqclass_name\tqtype\tqtype_name\trcode\trcode_name\tAA\tTC\tRD\tRA\tZ\tanswers\tTTLs\trejected\n",
    ),
    "zeek json": (zeek_json, ""),
    "squid": (squid, ""),
    "squid common": (common, ""),
    "dnsmasq": (dnsmasq, ""),
    "bind": (bind, ""),
    "unbound": (unbound, ""),
    "coredns": (coredns, ""),
    "route 53": (route53, ""),
    "vpc flow": (vpc_flow, ""),
    "flow table": (flow_table, "start,srcaddr,dstaddr,dstport,sni,bytes_sent,bytes_received\n"),
    "zscaler": (
        zscaler,
        "Time,User,Department,Location,URL,URL Category,URL Super Category,Cloud App,Action,Bytes Sent,Bytes Received\n",
    ),
    "netskope": (netskope, "timestamp,user,app,appcategory,ccl,access_method,url,client_bytes,server_bytes\n"),
    "palo alto": (palo_alto, ""),
    "w3c": (
        w3c,
        "#Version: 1.0\n#Fields: date time time-taken c-ip cs-username cs-method cs-uri-scheme cs-host cs-uri-port cs-uri-path "
        "sc-status sc-bytes cs-bytes\n",
    ),
    "key=value": (pairs, ""),
    "suricata": (suricata, ""),
}


def measure(stance, path):
    """User and system seconds, peak memory in MiB, and the answer."""
    command = [stance, "discover", "logs", str(path), "--format", "json", "--threads", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=path.parent) as process:
        answer = json.loads(process.stdout.read())
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, answer


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stance", default=str(ROOT / "target" / "release" / "stance"))
    parser.add_argument("--lines", type=int, default=2_000_000)
    parser.add_argument("--only", help="a format")
    arguments = parser.parse_args()
    slow = []
    print("| format | million lines/s | MB/s | peak MiB |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "log"
        for name, (make, head) in FORMATS.items():
            if arguments.only not in (None, name):
                continue
            with path.open("w") as log:
                log.write(head)
                log.writelines(make(n, HOSTS[n % len(HOSTS)]) + "\n" for n in range(arguments.lines))
            best, peak, answer = min(
                (measure(arguments.stance, path) for _ in range(3)), key=lambda one: one[0]
            )
            if answer["totals"]["unknown"]:
                sys.exit(f"{name}: not understood: {answer['files']}")
            expected = 0 if name == "vpc flow" else 1
            if len(answer["rows"]) != expected:
                sys.exit(f"{name}: {len(answer['rows'])} rows")
            speed = arguments.lines / best / 1e6
            size = path.stat().st_size
            print(f"| {name} | {speed:.2f} | {size / best / 1e6:.0f} | {peak:.0f} |", flush=True)
            if speed < 1:
                slow.append(name)
    if slow:
        sys.exit(f"slower than a million lines per second: {', '.join(slow)}")


if __name__ == "__main__":
    main()
