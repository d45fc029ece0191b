//! Query logs of resolvers: dnsmasq (and Pi-hole, which writes the same), BIND, Unbound, CoreDNS.

use memchr::memmem::{Finder, find};
use std::sync::LazyLock;

use crate::event::{Event, Line, Named};

static DNSMASQ: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"]: "));
static COLON: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b": "));
static QUERY: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b": query: "));
static CLIENT: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"client "));
static UNBOUND: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"unbound"));
static INFO: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"info: "));
static COREDNS: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"[INFO] "));

fn event<'l>(host: &'l [u8], time: &'l [u8], user: &'l [u8]) -> Line<'l> {
    Line::Event(Event {
        what: Named::Host(host),
        also: b"",
        time,
        user,
        sent: b"",
        received: b"",
    })
}

/// Up to the next blank.
fn word(text: &[u8]) -> &[u8] {
    let end = memchr::memchr(b' ', text).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

/// The time at the start of a syslog line: `Nov 26 11:00:00`, or one word of RFC 3339.
fn syslog_time(line: &[u8]) -> &[u8] {
    if line.first().is_some_and(u8::is_ascii_digit) {
        return word(line);
    }
    line.get(..15).unwrap_or_default()
}

/// What a line is that the program at hand did not write: that of another one in a system log, or nothing known.
fn foreign(line: &[u8]) -> Line<'_> {
    const MONTHS: [&[u8]; 12] = [
        b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov",
        b"Dec",
    ];
    let by_month = MONTHS.iter().any(|month| line.starts_with(month))
        && line.get(3) == Some(&b' ')
        && line.get(9) == Some(&b':');
    let by_number = line.get(4) == Some(&b'-')
        && line.get(10) == Some(&b'T')
        && line.first().is_some_and(u8::is_ascii_digit);
    if (by_month || by_number) && COLON.find(line.get(15..).unwrap_or_default()).is_some() {
        Line::Foreign
    } else {
        Line::Unknown
    }
}

/// `Nov 26 11:00:00 dnsmasq[7]: query[A] example.com from 10.0.0.7`.
pub(crate) fn dnsmasq(line: &[u8]) -> Line<'_> {
    let Some(at) = DNSMASQ.find(line) else {
        return foreign(line);
    };
    if find(line.get(..at).unwrap_or_default(), b"dnsmasq").is_none() {
        return foreign(line);
    }
    let mut text = line.get(at.saturating_add(3)..).unwrap_or_default();
    if text.first().is_some_and(u8::is_ascii_digit) {
        // `log-queries=extra`: a number and who asks stand before.
        let mut words = text.splitn(3, |byte| *byte == b' ');
        words.next();
        words.next();
        text = words.next().unwrap_or_default();
    }
    let Some(query) = text.strip_prefix(b"query[") else {
        return Line::Other;
    };
    let Some(close) = memchr::memchr(b']', query) else {
        return Line::Unknown;
    };
    let rest = query.get(close.saturating_add(2)..).unwrap_or_default();
    let host = word(rest);
    let behind = rest.get(host.len()..).unwrap_or_default();
    match behind.strip_prefix(b" from ") {
        Some(client) if !host.is_empty() => event(host, syslog_time(line), word(client)),
        _ => Line::Unknown,
    }
}

/// `26-Nov-2026 10:00:00.000 queries: info: client @0x7f 10.0.0.1#5353 (example.com): query: example.com IN A +E(0)K (10.0.0.2)`.
pub(crate) fn bind(line: &[u8]) -> Line<'_> {
    let Some(at) = QUERY.find(line) else {
        let own = [
            &b": info: "[..],
            b": notice: ",
            b": warning: ",
            b": error: ",
            b"named[",
        ];
        return if own.iter().any(|word| find(line, word).is_some()) {
            Line::Other
        } else {
            foreign(line)
        };
    };
    let host = word(line.get(at.saturating_add(9)..).unwrap_or_default());
    let front = line.get(..at).unwrap_or_default();
    let Some(client) = CLIENT.find(front) else {
        return Line::Unknown;
    };
    let mut client = front.get(client.saturating_add(7)..).unwrap_or_default();
    if client.first() == Some(&b'@') {
        client = client
            .get(word(client).len().saturating_add(1)..)
            .unwrap_or_default();
    }
    let client = word(client);
    let user = client
        .split(|byte| *byte == b'#')
        .next()
        .unwrap_or_default();
    // Day and hour are two words; a syslog line has three.
    let time = if line.first().is_some_and(u8::is_ascii_digit) {
        let day = word(line).len();
        if day < 15 {
            line.get(..day.saturating_add(9)).unwrap_or_default()
        } else {
            word(line)
        }
    } else {
        syslog_time(line)
    };
    event(host, time, user)
}

/// `[1700000000] unbound[7:0] info: 10.0.0.1 example.com. A IN`, and the same through syslog.
pub(crate) fn unbound(line: &[u8]) -> Line<'_> {
    if UNBOUND.find(line).is_none() {
        return foreign(line);
    }
    let Some(at) = INFO.find(line) else {
        return Line::Other;
    };
    let mut words = line
        .get(at.saturating_add(6)..)
        .unwrap_or_default()
        .split(|byte| *byte == b' ');
    let (Some(client), Some(host), Some(_), Some(class)) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Line::Other;
    };
    if !matches!(class, b"IN" | b"CH" | b"HS") || !host.ends_with(b".") {
        return Line::Other;
    }
    let time = if line.first() == Some(&b'[') {
        word(line)
    } else {
        syslog_time(line)
    };
    event(host, time, client)
}

/// `[INFO] 10.0.0.1:5353 - 7 "A IN example.com. udp 40 false 512" NOERROR qr,rd 100 0.001s`.
pub(crate) fn coredns(line: &[u8]) -> Line<'_> {
    let Some(at) = COREDNS.find(line) else {
        return if find(line, b"[WARNING]").is_some() || find(line, b"[ERROR]").is_some() {
            Line::Other
        } else {
            Line::Unknown
        };
    };
    let rest = line.get(at.saturating_add(7)..).unwrap_or_default();
    let client = word(rest);
    let Some(quote) = memchr::memchr(b'"', rest) else {
        return Line::Other;
    };
    let mut words = rest
        .get(quote.saturating_add(1)..)
        .unwrap_or_default()
        .split(|byte| *byte == b' ');
    let (Some(_), Some(b"IN"), Some(host)) = (words.next(), words.next(), words.next()) else {
        return Line::Other;
    };
    let user = match memchr::memrchr(b':', client) {
        Some(at) => client.get(..at).unwrap_or_default(),
        None => client,
    };
    let time = if at == 0 { &[][..] } else { word(line) };
    event(host, time, user)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(line: Line<'_>) -> Option<(String, String, String)> {
        let Line::Event(event) = line else {
            return None;
        };
        let Named::Host(host) = event.what else {
            return None;
        };
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Some((text(host), text(event.time), text(event.user)))
    }

    #[test]
    fn a_query_of_every_resolver_names_host_time_and_client() {
        let wanted = |time: &str| {
            Some((
                "claude.ai".to_owned(),
                time.to_owned(),
                "10.0.0.7".to_owned(),
            ))
        };
        let line = b"Nov 26 11:00:00 dnsmasq[7]: query[A] claude.ai from 10.0.0.7";
        assert_eq!(parts(dnsmasq(line)), wanted("Nov 26 11:00:00"));
        let line = b"Nov 26 11:00:00 router dnsmasq[7]: 12 10.0.0.7/4242 query[HTTPS] claude.ai from 10.0.0.7";
        assert_eq!(parts(dnsmasq(line)), wanted("Nov 26 11:00:00"));
        assert_eq!(
            dnsmasq(b"Nov 26 11:00:00 dnsmasq[7]: reply claude.ai is 1.2.3.4"),
            Line::Other
        );
        assert_eq!(
            dnsmasq(b"Nov 26 11:00:00 dnsmasq[7]: query[A"),
            Line::Unknown
        );
        let line = b"26-Nov-2026 10:00:00.123 queries: info: client @0x7f3b 10.0.0.7#5353 (claude.ai): query: claude.ai IN A +E(0)K (10.0.0.2)";
        assert_eq!(parts(bind(line)), wanted("26-Nov-2026 10:00:00"));
        let line = b"Nov 26 11:00:00 ns named[3]: client 10.0.0.7#5353 (claude.ai): query: claude.ai IN A + (10.0.0.2)";
        assert_eq!(parts(bind(line)), wanted("Nov 26 11:00:00"));
        let line = b"[1700000000] unbound[7:0] info: 10.0.0.7 claude.ai. A IN";
        assert_eq!(
            parts(unbound(line)).map(|(host, _, user)| (host, user)),
            Some(("claude.ai.".to_owned(), "10.0.0.7".to_owned()))
        );
        assert_eq!(
            unbound(b"[1700000000] unbound[7:0] info: start of service (unbound 1.17.1)."),
            Line::Other
        );
        let line = br#"[INFO] 10.0.0.7:5353 - 7 "A IN claude.ai. udp 40 false 512" NOERROR qr,rd,ra 78 0.01s"#;
        assert_eq!(
            parts(coredns(line)).map(|(host, _, user)| (host, user)),
            Some(("claude.ai.".to_owned(), "10.0.0.7".to_owned()))
        );
    }
}
