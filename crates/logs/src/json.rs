//! JSON: one object on each line, or many in one document, which is cut into its records as it comes.

use std::sync::LazyLock;

use memchr::memmem::{Finder, find};

use crate::event::{Event, Named};
use crate::format::Format;

/// Names of arrays that hold the records of a document.
const ARRAYS: [&[u8]; 6] = [
    b"\"Records\"",
    b"\"value\"",
    b"\"addons\"",
    b"\"items\"",
    b"\"events\"",
    b"\"extensions\"",
];

/// How deep records lie in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    depth: u32,
}

impl Shape {
    /// Looks at the first bytes; `None` when they are no JSON.
    pub(crate) fn of(head: &[u8]) -> Option<Self> {
        let text = head.trim_ascii_start();
        let behind = text.get(1..).unwrap_or_default().trim_ascii_start();
        match text.first()? {
            b'[' if matches!(behind.first(), Some(b'{' | b']')) => Some(Self { depth: 1 }),
            b'{' if matches!(behind.first(), Some(b'"' | b'}')) => {
                let inside = ARRAYS.iter().any(|name| {
                    find(text, name).is_some_and(|at| {
                        // At the top: no other object begins before it.
                        let before = text.get(1..at).unwrap_or_default();
                        let rest = text
                            .get(at.saturating_add(name.len())..)
                            .unwrap_or_default();
                        let rest = rest
                            .trim_ascii_start()
                            .strip_prefix(b":")
                            .unwrap_or_default();
                        memchr::memchr2(b'{', b'[', before).is_none()
                            && rest.trim_ascii_start().first() == Some(&b'[')
                    })
                });
                Some(Self {
                    depth: if inside { 2 } else { 0 },
                })
            }
            _ => None,
        }
    }

    /// Whether objects stand by themselves.
    pub(crate) const fn is_bare(self) -> bool {
        self.depth == 0
    }
}

/// Cuts a document into its records.
#[derive(Debug, Default)]
pub(crate) struct Cutter {
    depth: u32,
    in_string: bool,
    escaped: bool,
    /// The start of a record whose end has not come yet.
    record: Vec<u8>,
    taking: bool,
    /// Whether the record is larger than is kept.
    too_large: bool,
    /// Line ends so far, and at the start of the record.
    lines: u64,
    begun: u64,
}

/// A record of a document, and the line from 1 on which it begins.
pub(crate) type Cut<'r> = (Option<&'r [u8]>, u64);

/// Bytes that mean something outside of strings.
#[expect(
    clippy::indexing_slicing,
    reason = "the compiler works it out, and would refuse an index out of bounds"
)]
const MARKS: [bool; 256] = {
    let mut marks = [false; 256];
    let all = b"\"{}[]\n";
    let mut at = 0;
    while at < all.len() {
        marks[all[at] as usize] = true;
        at += 1;
    }
    marks
};

impl Cutter {
    /// Takes the next bytes; `found` gets each record, or `None` for one that is too large.
    pub(crate) fn feed(
        &mut self,
        shape: Shape,
        bytes: &[u8],
        most: usize,
        found: &mut dyn FnMut(Cut<'_>),
    ) {
        let mut at = 0_usize;
        // Where the record at hand begins in these bytes.
        let mut start = 0_usize;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            if self.in_string {
                if self.escaped {
                    self.escaped = false;
                    at = at.saturating_add(1);
                    continue;
                }
                let Some(mark) = memchr::memchr2(b'"', b'\\', rest) else {
                    break;
                };
                self.escaped = rest.get(mark) == Some(&b'\\');
                self.in_string = self.escaped;
                at = at.saturating_add(mark).saturating_add(1);
                continue;
            }
            let is_mark = |byte: &u8| MARKS.get(usize::from(*byte)).copied().unwrap_or_default();
            let Some(mark) = rest.iter().position(is_mark) else {
                break;
            };
            let byte = rest.get(mark).copied().unwrap_or_default();
            at = at.saturating_add(mark).saturating_add(1);
            match byte {
                b'"' => self.in_string = true,
                b'\n' => self.lines = self.lines.saturating_add(1),
                b'{' | b'[' => {
                    if byte == b'{' && self.depth == shape.depth && !self.taking {
                        self.taking = true;
                        self.too_large = false;
                        self.record.clear();
                        self.begun = self.lines;
                        start = at.saturating_sub(1);
                    }
                    self.depth = self.depth.saturating_add(1);
                }
                _ => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.taking && self.depth == shape.depth {
                        self.taking = false;
                        let line = self.begun.saturating_add(1);
                        let piece = bytes.get(start..at).unwrap_or_default();
                        if self.record.is_empty() && !self.too_large && piece.len() <= most {
                            found((Some(piece), line));
                        } else {
                            self.keep(piece, most);
                            found(((!self.too_large).then_some(&*self.record), line));
                        }
                        start = at;
                    }
                }
            }
        }
        if self.taking {
            self.keep(bytes.get(start..).unwrap_or_default(), most);
        }
    }

    fn keep(&mut self, piece: &[u8], most: usize) {
        let room = most.saturating_sub(self.record.len());
        self.too_large |= piece.len() > room;
        self.record
            .extend_from_slice(piece.get(..piece.len().min(room)).unwrap_or_default());
    }

    /// Whether something was begun and not ended, and on which line from 1.
    pub(crate) const fn open(&self) -> Option<u64> {
        if self.taking || self.in_string {
            Some(self.begun.saturating_add(1))
        } else {
            None
        }
    }
}

/// What wrote a document, by the keys at its start.
pub(crate) fn format(head: &[u8]) -> Format {
    let has = |key: &[u8]| find(head, key).is_some();
    if has(b"\"eventSource\"") {
        Format::CloudTrail
    } else if has(b"\"id.orig_h\"") {
        Format::ZeekJson
    } else if has(b"\"event_type\"") && has(b"\"flow_id\"") {
        Format::Suricata
    } else if has(b"\"query_name\"") {
        Format::Route53
    } else if has(b"\"consentType\"") || has(b"oauth2PermissionGrants") {
        Format::GraphGrants
    } else if has(b"admin#reports#activit") {
        Format::GoogleOauth
    } else if has(b"\"manifest_version\"")
        || has(b"\"addons\"")
        || has(b"\"extension_id\"")
        || has(b"\"identifier\"")
        || has(b"\"extensions\"")
        || has(b"\"vscode\"")
    {
        Format::Extensions
    } else if has(b"\"servicePrincipalType\"")
        || has(b"\"appDisplayName\"")
        || has(b"\"appId\"")
        || has(b"\"targetResources\"")
        || has(b"\"AppDisplayName\"")
    {
        Format::EntraApps
    } else {
        Format::Json
    }
}

/// A key of a record and how it is found: inside a string its quotes would be escaped.
struct Key(LazyLock<Finder<'static>>);

macro_rules! keys {
    ($($name:ident = $text:literal),* $(,)?) => {
        $(static $name: Key = Key(LazyLock::new(|| Finder::new($text)));)*
    };
}

keys! {
    QUERY = b"\"query\":",
    SERVER_NAME = b"\"server_name\":",
    HOST = b"\"host\":",
    QUERY_NAME = b"\"query_name\":",
    EVENT_SOURCE = b"\"eventSource\":",
    TS = b"\"ts\":",
    ORIGIN = b"\"id.orig_h\":",
    REQUEST_BODY = b"\"request_body_len\":",
    RESPONSE_BODY = b"\"response_body_len\":",
    QUERY_TIMESTAMP = b"\"query_timestamp\":",
    SOURCE_ADDRESS = b"\"srcaddr\":",
    INSTANCE = b"\"instance\":",
    SNI = b"\"sni\":",
    RRNAME = b"\"rrname\":",
    HTTP_HOST = b"\"hostname\":",
    TIMESTAMP = b"\"timestamp\":",
    SOURCE_IP = b"\"src_ip\":",
}

/// Whether a record names something that could be a service.
pub(crate) enum Quick<'r> {
    /// It names this host.
    Host(&'r [u8]),
    /// It has none of the keys that name hosts.
    Nothing,
    /// It has to be parsed.
    Unclear,
}

impl Key {
    /// The raw value, a string without escapes or a number; `None` when there is no such key.
    fn value<'r>(&self, record: &'r [u8]) -> Option<Result<&'r [u8], ()>> {
        let at = self.0.find(record)?;
        let behind = at.saturating_add(self.0.needle().len());
        let rest = record.get(behind..).unwrap_or_default();
        let rest = rest.trim_ascii_start();
        Some(match rest.strip_prefix(b"\"") {
            Some(inner) => match memchr::memchr2(b'"', b'\\', inner) {
                Some(end) if inner.get(end) == Some(&b'"') => {
                    Ok(inner.get(..end).unwrap_or_default())
                }
                _ => Err(()),
            },
            None => {
                let end = rest
                    .iter()
                    .position(|byte| !(byte.is_ascii_digit() || matches!(byte, b'.' | b'-')));
                match rest.get(..end.unwrap_or_default()) {
                    Some(number) if !number.is_empty() => Ok(number),
                    _ => Err(()),
                }
            }
        })
    }
}

/// The host that a record names, without parsing it: most records are of no interest.
pub(crate) fn quick(record: &[u8], format: Format) -> Quick<'_> {
    let keys: &[&Key] = match format {
        Format::ZeekJson => &[&QUERY, &SERVER_NAME, &HOST],
        Format::Suricata => &[&SNI, &RRNAME, &HTTP_HOST],
        Format::Route53 => &[&QUERY_NAME],
        Format::CloudTrail => &[&EVENT_SOURCE],
        _ => return Quick::Unclear,
    };
    if !(record.starts_with(b"{") && record.ends_with(b"}")) {
        return Quick::Unclear;
    }
    for key in keys {
        match key.value(record) {
            Some(Ok(host)) => return Quick::Host(host),
            Some(Err(())) => return Quick::Unclear,
            None => {}
        }
    }
    match format {
        Format::ZeekJson | Format::Suricata => Quick::Nothing,
        _ => Quick::Unclear,
    }
}

/// What a flat record of Zeek or a resolver tells of its host, without parsing it.
pub(crate) fn flat<'r>(record: &'r [u8], host: &'r [u8], format: Format) -> Option<Event<'r>> {
    let (time, users, sent, received): (_, &[&Key], _, _) = match format {
        Format::ZeekJson => (&TS, &[&ORIGIN], Some(&REQUEST_BODY), Some(&RESPONSE_BODY)),
        Format::Suricata => (&TIMESTAMP, &[&SOURCE_IP], None, None),
        Format::Route53 => (&QUERY_TIMESTAMP, &[&INSTANCE, &SOURCE_ADDRESS], None, None),
        _ => return None,
    };
    let number = |key: Option<&Key>| match key.and_then(|key| key.value(record)) {
        Some(value) => value.ok(),
        None => Some(&b""[..]),
    };
    let user = users.iter().find_map(|key| key.value(record));
    Some(Event {
        what: Named::Host(host),
        also: b"",
        time: time.value(record)?.ok()?,
        user: user.unwrap_or(Ok(b"")).ok()?,
        sent: number(sent)?,
        received: number(received)?,
    })
}
