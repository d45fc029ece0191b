//! Squid's access log: the native format, and the common and combined ones of web servers;
//! <https://wiki.squid-cache.org/Features/LogFormat>.

use crate::event::{Event, Line, Named};

/// `time elapsed client code/status bytes method URL user hierarchy/peer type`.
pub(crate) fn native(line: &[u8]) -> Line<'_> {
    let mut words = line
        .split(|byte| *byte == b' ')
        .filter(|word| !word.is_empty());
    let (Some(time), Some(_), Some(client), Some(code), Some(bytes), Some(method), Some(url)) = (
        words.next(),
        words.next(),
        words.next(),
        words.next(),
        words.next(),
        words.next(),
        words.next(),
    ) else {
        return Line::Unknown;
    };
    let is_time = time.len() >= 10
        && time
            .iter()
            .all(|byte| byte.is_ascii_digit() || *byte == b'.');
    if !is_time
        || time.iter().filter(|byte| **byte == b'.').count() > 1
        || memchr::memchr(b'/', code).is_none()
    {
        return Line::Unknown;
    }
    if method == b"NONE" || url.starts_with(b"error:") {
        return Line::Other;
    }
    let user = match words.next() {
        None => return Line::Unknown,
        Some(b"-") => client,
        Some(user) => user,
    };
    // The bytes of the line are those that went to the client.
    Line::Event(Event {
        what: Named::Url(url),
        also: b"",
        time,
        user,
        sent: b"",
        received: bytes,
    })
}

/// `client ident user [time] "METHOD URL HTTP/1.1" status bytes`, and what may follow.
pub(crate) fn common(line: &[u8]) -> Line<'_> {
    read_common(line).unwrap_or(Line::Unknown)
}

fn read_common(line: &[u8]) -> Option<Line<'_>> {
    let open = memchr::memchr(b'[', line)?;
    let close = open.saturating_add(memchr::memchr(b']', line.get(open..)?)?);
    let mut before = line.get(..open)?.split(|byte| *byte == b' ');
    let client = before.next()?;
    before.next()?;
    let user = match before.next()? {
        b"-" | b"" => client,
        user => user,
    };
    let rest = line.get(close..)?;
    let quote = memchr::memchr(b'"', rest)?.saturating_add(1);
    let request = rest.get(quote..)?;
    let request = request.get(..memchr::memchr(b'"', request)?)?;
    let mut words = request.split(|byte| *byte == b' ');
    let (_, Some(url)) = (words.next()?, words.next()) else {
        return Some(Line::Other);
    };
    if url.starts_with(b"/") {
        // A server that answers itself; the name of the host is not in the line.
        return Some(Line::Other);
    }
    // Behind the request: status and bytes.
    let behind = rest.get(quote.saturating_add(request.len()).saturating_add(1)..);
    let mut numbers = behind
        .unwrap_or_default()
        .split(|byte| *byte == b' ')
        .filter(|word| !word.is_empty());
    numbers.next();
    Some(Line::Event(Event {
        what: Named::Url(url),
        also: b"",
        time: line.get(open.saturating_add(1)..close)?,
        user,
        sent: b"",
        received: numbers.next().unwrap_or_default(),
    }))
}
