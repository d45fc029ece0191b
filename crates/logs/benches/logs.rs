//! Lines per second of the formats that come in bulk; makes its own logs.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark measures time and prints it"
)]

use std::fmt::Write as _;
use std::time::Instant;

use stance_logs::{Catalogue, Options, Reader, Tally};

const LINES: usize = 1_000_000;
const HOSTS: [&str; 10] = [
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
];

fn main() {
    type Make = fn(&mut String, usize, &str);
    let formats: [(&str, &str, Make); 13] = [
        (
            "zeek dns",
            "#separator \\x09\n#path\tdns\n#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\ttrans_id\trtt\tquery\tqclass\tqclass_name\tqtype\tqtype_name\trcode\trcode_name\tAA\tTC\tRD\tRA\tZ\tanswers\tTTLs\trejected\n",
            |out, n, host| {
                let _ = writeln!(
                    out,
                    "{}.{:06}\tCj4k2a1b{n}\t10.0.{}.{}\t51234\t10.0.0.2\t53\tudp\t{}\t0.012\t{host}\t1\tC_INTERNET\t1\tA\t0\tNOERROR\tF\tF\tT\tT\t0\t93.184.216.34\t300.000000\tF",
                    1_700_000_000 + n / 50,
                    n % 1_000_000,
                    n % 7,
                    n % 251,
                    n % 65536
                );
            },
        ),
        ("squid", "", |out, n, host| {
            let _ = writeln!(
                out,
                "{}.{:03}    {} 10.0.{}.{} TCP_TUNNEL/200 {} CONNECT {host}:443 - HIER_DIRECT/93.184.216.34 -",
                1_700_000_000 + n / 50,
                n % 1000,
                n % 900,
                n % 7,
                n % 251,
                n % 90_000
            );
        }),
        ("dnsmasq", "", |out, n, host| {
            let second = n / 50 % 60;
            match n % 4 {
                0 => {
                    let _ = writeln!(
                        out,
                        "Nov 26 11:00:{second:02} dnsmasq[712]: forwarded {host} to 1.1.1.1"
                    );
                }
                1 => {
                    let _ = writeln!(
                        out,
                        "Nov 26 11:00:{second:02} dnsmasq[712]: reply {host} is 93.184.216.34"
                    );
                }
                _ => {
                    let _ = writeln!(
                        out,
                        "Nov 26 11:00:{second:02} dnsmasq[712]: query[A] {host} from 10.0.{}.{}",
                        n % 7,
                        n % 251
                    );
                }
            }
        }),
        ("zeek dns json", "", |out, n, host| {
            let _ = writeln!(
                out,
                "{{\"ts\":{}.5,\"uid\":\"Cj4k2a1b{n}\",\"id.orig_h\":\"10.0.{}.{}\",\"id.orig_p\":51234,\"id.resp_h\":\"10.0.0.2\",\"id.resp_p\":53,\"proto\":\"udp\",\"query\":\"{host}\",\"qtype_name\":\"A\"}}",
                1_700_000_000 + n / 50,
                n % 7,
                n % 251
            );
        }),
        ("bind", "", |out, n, host| {
            let _ = writeln!(
                out,
                "26-Nov-2026 10:00:{:02}.123 queries: info: client @0x7f3b 10.0.{}.{}#5353 ({host}): query: {host} IN A +E(0)K (10.0.0.2)",
                n / 50 % 60,
                n % 7,
                n % 251
            );
        }),
        ("unbound", "", |out, n, host| {
            let _ = writeln!(
                out,
                "[{}] unbound[712:0] info: 10.0.{}.{} {host}. A IN",
                1_700_000_000 + n / 50,
                n % 7,
                n % 251
            );
        }),
        ("coredns", "", |out, n, host| {
            let _ = writeln!(
                out,
                "[INFO] 10.0.{}.{}:5353 - {} \"A IN {host}. udp 40 false 512\" NOERROR qr,rd,ra 78 0.012s",
                n % 7,
                n % 251,
                n % 65536
            );
        }),
        ("route 53", "", |out, n, host| {
            let _ = writeln!(
                out,
                "{{\"version\":\"1.100000\",\"account_id\":\"123456789012\",\"region\":\"us-east-1\",\"vpc_id\":\"vpc-0a1b2c3d\",\"query_timestamp\":\"2026-11-26T12:{:02}:{:02}Z\",\"query_name\":\"{host}.\",\"query_type\":\"A\",\"query_class\":\"IN\",\"rcode\":\"NOERROR\",\"answers\":[{{\"Rdata\":\"93.184.216.34\",\"Type\":\"A\",\"Class\":\"IN\"}}],\"srcaddr\":\"10.0.{}.{}\",\"srcport\":\"51234\",\"transport\":\"UDP\",\"srcids\":{{\"instance\":\"i-0d15cd0d3adc50000\"}}}}",
                n / 3000 % 60,
                n / 50 % 60,
                n % 7,
                n % 251
            );
        }),
        (
            "zscaler csv",
            "Time,User,Department,Location,URL,URL Category,URL Super Category,Cloud App,Action,Bytes Sent,Bytes Received\n",
            |out, n, host| {
                let _ = writeln!(
                    out,
                    "\"2026-11-26 12:{:02}:{:02}\",user{}@acme.example,Sales,\"Road Warrior\",{host}/path/page?id={n},Corporate Marketing,Business and Economy,General Browsing,Allowed,{},{}",
                    n / 3000 % 60,
                    n / 50 % 60,
                    n % 251,
                    n % 5000,
                    n % 90_000
                );
            },
        ),
        (
            "w3c",
            "#Version: 1.0\n#Fields: date time time-taken c-ip cs-username cs-method cs-uri-scheme cs-host cs-uri-port cs-uri-path sc-status sc-bytes cs-bytes\n",
            |out, n, host| {
                let _ = writeln!(
                    out,
                    "2026-11-26 12:{:02}:{:02} 12 10.0.{}.{} user{} GET https {host} 443 /path 200 {} {}",
                    n / 3000 % 60,
                    n / 50 % 60,
                    n % 7,
                    n % 251,
                    n % 251,
                    n % 90_000,
                    n % 5000
                );
            },
        ),
        ("palo alto", "", |out, n, host| {
            let _ = writeln!(
                out,
                "1,2026/11/26 12:00:{:02},0011C103117,THREAT,url,2305,2026/11/26 12:00:{:02},10.0.{}.{},1.2.3.4,0.0.0.0,0.0.0.0,web,acme\\user{},,ssl,vsys1,trust,untrust,ethernet1/1,ethernet1/2,fwd,2026/11/26 12:00:00,{n},1,51234,443,0,0,0x0,tcp,alert,\"{host}/\",(9999),computer-and-internet-info,informational,client-to-server,1,0x0,10.0.0.0-10.255.255.255,US,0,",
                n / 50 % 60,
                n / 50 % 60,
                n % 7,
                n % 251,
                n % 251
            );
        }),
        ("key=value", "", |out, n, host| {
            let _ = writeln!(
                out,
                "CEF:0|Zscaler|NSSWeblog|5.7|200|Allowed|3|act=Allowed suser=user{}@acme.example src=10.0.{}.{} dhost={host} request={host}/path out={} in={} rt={} cat=Web app=HTTPS",
                n % 251,
                n % 7,
                n % 251,
                n % 5000,
                n % 90_000,
                1_700_000_000_000 + n as u64
            );
        }),
        ("suricata", "", |out, n, host| {
            let _ = writeln!(
                out,
                "{{\"timestamp\":\"2026-11-26T12:00:{:02}.000000+0000\",\"flow_id\":{n},\"event_type\":\"tls\",\"src_ip\":\"10.0.{}.{}\",\"src_port\":51234,\"dest_ip\":\"1.2.3.4\",\"dest_port\":443,\"proto\":\"TCP\",\"tls\":{{\"sni\":\"{host}\",\"version\":\"TLS 1.3\"}}}}",
                n / 50 % 60,
                n % 7,
                n % 251
            );
        }),
    ];
    let catalogue = Catalogue::embedded();
    for (name, head, make) in formats {
        let mut text = head.to_owned();
        for line in 0..LINES {
            make(&mut text, line, HOSTS[line % HOSTS.len()]);
        }
        let mut best = f64::MAX;
        for _ in 0..5 {
            let mut tally = Tally::new(10_000);
            let clock = Instant::now();
            let mut reader = Reader::new("log", "", catalogue, Options::at(1_795_694_400));
            for piece in text.as_bytes().chunks(256 << 10) {
                reader.feed(piece, &mut tally);
            }
            let read = reader.finish(&mut tally);
            assert!(read.unknown == 0 && read.matched > 0, "{read:?}");
            best = best.min(clock.elapsed().as_secs_f64());
        }
        println!(
            "{name:14} {:>6.2} million lines/s, {:>4.0} MB/s",
            LINES as f64 / best / 1e6,
            text.len() as f64 / best / 1e6
        );
    }
}
