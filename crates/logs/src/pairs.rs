//! Lines of `key=value`: CEF, LEEF, and what Zscaler, Fortinet, Sophos and others write to syslog.

use memchr::memchr_iter;

use crate::event::{Event, Line, Named};

/// What the value of a key is. Of several keys of one kind, the one that stands first in its list wins.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Host,
    Name,
    User,
    Time,
    Sent,
    Received,
}

/// Keys in small letters, the best of each kind first.
const KEYS: &[(&[u8], Kind)] = &[
    (b"hostname", Kind::Host),
    (b"dhost", Kind::Host),
    (b"destinationdnsdomain", Kind::Host),
    (b"sni", Kind::Host),
    (b"dstname", Kind::Host),
    (b"domain", Kind::Host),
    (b"dest_host", Kind::Host),
    (b"qname", Kind::Host),
    (b"query", Kind::Host),
    (b"request", Kind::Host),
    (b"url", Kind::Host),
    (b"app", Kind::Name),
    (b"appname", Kind::Name),
    (b"application", Kind::Name),
    (b"user", Kind::User),
    (b"suser", Kind::User),
    (b"usrname", Kind::User),
    (b"user_name", Kind::User),
    (b"srcuser", Kind::User),
    (b"login", Kind::User),
    (b"clientip", Kind::User),
    (b"src", Kind::User),
    (b"srcip", Kind::User),
    (b"src_ip", Kind::User),
    (b"cip", Kind::User),
    (b"shost", Kind::User),
    (b"rt", Kind::Time),
    (b"devtime", Kind::Time),
    (b"eventtime", Kind::Time),
    (b"date", Kind::Time),
    (b"start", Kind::Time),
    (b"timestamp", Kind::Time),
    (b"out", Kind::Sent),
    (b"requestsize", Kind::Sent),
    (b"sentbyte", Kind::Sent),
    (b"bytes_sent", Kind::Sent),
    (b"srcbytes", Kind::Sent),
    (b"sent_bytes", Kind::Sent),
    (b"in", Kind::Received),
    (b"responsesize", Kind::Received),
    (b"rcvdbyte", Kind::Received),
    (b"bytes_received", Kind::Received),
    (b"dstbytes", Kind::Received),
    (b"recv_bytes", Kind::Received),
];

/// Pairs that a line needs to be taken for one of this kind.
const FEWEST: usize = 4;

/// Reads a line.
pub(crate) fn line(line: &[u8]) -> Line<'_> {
    // By kind: the place in the list, and the value.
    let mut best: [(usize, &[u8]); 6] = [(usize::MAX, b""); 6];
    let mut pairs = 0_usize;
    // What lies inside quotes is no key.
    let mut behind = 0_usize;
    for at in memchr_iter(b'=', line) {
        if at < behind {
            continue;
        }
        let before = line.get(..at).unwrap_or_default();
        let length = before
            .iter()
            .rev()
            .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'))
            .count();
        let key = before.get(at.saturating_sub(length)..).unwrap_or_default();
        if key.is_empty() {
            continue;
        }
        pairs = pairs.saturating_add(1);
        let rest = line.get(at.saturating_add(1)..).unwrap_or_default();
        let quoted = rest.first() == Some(&b'"');
        let value = if quoted {
            let inner = rest.get(1..).unwrap_or_default();
            let end = memchr::memchr(b'"', inner).unwrap_or(inner.len());
            behind = at.saturating_add(end).saturating_add(2);
            inner.get(..end).unwrap_or_default()
        } else {
            let end = rest
                .iter()
                .position(|byte| matches!(byte, b' ' | b'\t' | b'^'))
                .unwrap_or(rest.len());
            rest.get(..end).unwrap_or_default()
        };
        let Some(place) = KEYS
            .iter()
            .position(|(name, _)| name.eq_ignore_ascii_case(key))
        else {
            continue;
        };
        let Some((_, kind)) = KEYS.get(place) else {
            continue;
        };
        let value = match kind {
            Kind::Time if !quoted => time(rest, value),
            _ => value,
        };
        if matches!(value, b"" | b"-" | b"None" | b"NA" | b"N/A" | b"n/a") {
            continue;
        }
        if let Some(slot) = best.get_mut(*kind as usize)
            && place < slot.0
        {
            *slot = (place, value);
        }
    }
    if pairs < FEWEST {
        return Line::Unknown;
    }
    let value = |kind: Kind| best.get(kind as usize).map_or(&b""[..], |slot| slot.1);
    let host = value(Kind::Host);
    let name = value(Kind::Name);
    let what = if !host.is_empty() {
        Named::Url(host)
    } else if !name.is_empty() {
        Named::Name(String::from_utf8_lossy(name).into_owned())
    } else {
        return Line::Other;
    };
    Line::Event(Event {
        what,
        also: if host.is_empty() { b"" } else { name },
        time: match value(Kind::Time) {
            b"" => leading_time(line),
            time => time,
        },
        user: value(Kind::User),
        sent: value(Kind::Sent),
        received: value(Kind::Received),
    })
}

/// A time may have blanks inside (`Nov 26 2026 12:00:00`), and Fortinet writes `date=2026-11-26 time=12:00:00`.
fn time<'l>(rest: &'l [u8], word: &'l [u8]) -> &'l [u8] {
    if word.len() > 3 && word.first().is_some_and(u8::is_ascii_digit) {
        let behind = rest.get(word.len()..).unwrap_or_default();
        if word.len() == 10 && behind.starts_with(b" time=") {
            return rest.get(..24).unwrap_or(word);
        }
        return word;
    }
    rest.get(..rest.len().min(20)).unwrap_or_default()
}

/// The time that stands at the start of the line, perhaps behind the priority of syslog.
fn leading_time(line: &[u8]) -> &[u8] {
    let line = match (line.first(), memchr::memchr(b'>', line)) {
        (Some(b'<'), Some(at)) if at < 6 => line.get(at.saturating_add(1)..).unwrap_or_default(),
        _ => line,
    };
    if line.first().is_some_and(u8::is_ascii_digit) {
        // `2026-11-26T12:00:00Z`, or the day and the hour as two words.
        let word = line
            .iter()
            .position(|byte| matches!(byte, b' ' | b'\t'))
            .unwrap_or(line.len());
        let end = if word <= 10 { 19 } else { word };
        return line.get(..end.min(line.len())).unwrap_or_default();
    }
    line.get(..15).unwrap_or_default()
}
