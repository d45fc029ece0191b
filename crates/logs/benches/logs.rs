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
    let formats: [(&str, &str, Make); 4] = [
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
