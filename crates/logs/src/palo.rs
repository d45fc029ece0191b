//! Palo Alto firewalls as they write to syslog: no header, fields by their place;
//! <https://docs.paloaltonetworks.com/pan-os/11-1/pan-os-admin/monitoring/use-syslog-for-monitoring/syslog-field-descriptions>.

use memchr::memmem::Finder;
use std::sync::LazyLock;

use crate::csv;
use crate::event::{Event, Line, Named};

static THREAT: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b",THREAT,"));
static TRAFFIC: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b",TRAFFIC,"));

// Places of fields, counted from the one that holds the type.
const SUBTYPE: usize = 1;
const GENERATED: usize = 3;
const SOURCE: usize = 4;
const USER: usize = 9;
const APPLICATION: usize = 11;
const URL: usize = 28;
const SENT: usize = 29;
const RECEIVED: usize = 30;

/// `…,2026/11/26 12:00:00,0011C103,THREAT,url,…`, behind whatever syslog puts before it.
pub(crate) fn line(line: &[u8]) -> Line<'_> {
    let (at, is_threat) = match (THREAT.find(line), TRAFFIC.find(line)) {
        (Some(at), None) => (at, true),
        (None, Some(at)) => (at, false),
        (Some(a), Some(b)) => (a.min(b), a < b),
        (None, None) => {
            // Other kinds of log of the same firewall.
            let kinds: [&[u8]; 6] = [
                b",SYSTEM,",
                b",CONFIG,",
                b",USERID,",
                b",GLOBALPROTECT,",
                b",DECRYPTION,",
                b",HIPMATCH,",
            ];
            let own = kinds
                .iter()
                .any(|kind| memchr::memmem::find(line, kind).is_some());
            return if own { Line::Other } else { Line::Unknown };
        }
    };
    let rest = line.get(at.saturating_add(1)..).unwrap_or_default();
    let mut fields = Vec::with_capacity(RECEIVED.saturating_add(2));
    csv::split_most(rest, b',', RECEIVED.saturating_add(1), &mut fields);
    let field = |place: usize| fields.get(place).copied().unwrap_or_default();
    if fields.len() <= URL {
        return Line::Unknown;
    }
    let user = match field(USER) {
        b"" => field(SOURCE),
        user => user,
    };
    let mut event = Event {
        what: Named::Host(b""),
        also: b"",
        time: field(GENERATED),
        user,
        sent: b"",
        received: b"",
    };
    if is_threat {
        if field(SUBTYPE) != b"url" || field(URL).is_empty() {
            return Line::Other;
        }
        event.what = Named::Url(field(URL));
    } else {
        event.what = Named::Name(String::from_utf8_lossy(field(APPLICATION)).into_owned());
        event.sent = field(SENT);
        event.received = field(RECEIVED);
        // The start of a session is told again at its end, with the bytes.
        if field(SUBTYPE) == b"start" {
            return Line::Other;
        }
    }
    Line::Event(event)
}
