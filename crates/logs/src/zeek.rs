//! Zeek logs with tabs and a header; <https://docs.zeek.org/en/master/log-formats.html>.

use memchr::memchr_iter;

use crate::event::{Event, Line, Named};

/// Where the fields of interest stand, by the last `#fields` line.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Columns {
    time: Option<usize>,
    user: Option<usize>,
    host: Option<usize>,
    sent: Option<usize>,
    received: Option<usize>,
    last: usize,
    known: bool,
}

impl Columns {
    /// Reads a line; lines with `#` change what the next ones mean.
    pub(crate) fn line<'l>(&mut self, line: &'l [u8]) -> Line<'l> {
        if line.first() == Some(&b'#') {
            if let Some(fields) = line.strip_prefix(b"#fields\t") {
                *self = Self::of(fields);
            }
            return Line::Other;
        }
        if !self.known {
            return Line::Unknown;
        }
        let Some(host_column) = self.host else {
            // A log without names, such as conn.log: it is understood and tells nothing here.
            return Line::Other;
        };
        let mut event = Event {
            what: Named::Host(b""),
            also: b"",
            time: b"",
            user: b"",
            sent: b"",
            received: b"",
        };
        let mut host: Option<&[u8]> = None;
        let mut start = 0_usize;
        let mut column = 0_usize;
        let ends = memchr_iter(b'\t', line).chain(std::iter::once(line.len()));
        for end in ends {
            let is = |wanted: Option<usize>| wanted == Some(column);
            if column == host_column {
                host = line.get(start..end);
            } else if is(self.time) {
                event.time = line.get(start..end).unwrap_or_default();
            } else if is(self.user) {
                event.user = line.get(start..end).unwrap_or_default();
            } else if is(self.sent) {
                event.sent = line.get(start..end).unwrap_or_default();
            } else if is(self.received) {
                event.received = line.get(start..end).unwrap_or_default();
            }
            if column >= self.last {
                break;
            }
            column = column.saturating_add(1);
            start = end.saturating_add(1);
        }
        match host {
            None => Line::Unknown,
            Some(b"-" | b"(empty)" | b"") => Line::Other,
            Some(host) => {
                event.what = Named::Host(host);
                Line::Event(event)
            }
        }
    }

    fn of(fields: &[u8]) -> Self {
        let names: Vec<&[u8]> = fields.split(|byte| *byte == b'\t').collect();
        let find = |wanted: &[&[u8]]| {
            wanted
                .iter()
                .find_map(|name| names.iter().position(|field| field == name))
        };
        let mut columns = Self {
            time: find(&[b"ts"]),
            user: find(&[b"id.orig_h"]),
            host: find(&[b"query", b"server_name", b"host"]),
            sent: find(&[b"request_body_len", b"orig_bytes"]),
            received: find(&[b"response_body_len", b"resp_bytes"]),
            last: 0,
            known: true,
        };
        let wanted = [
            columns.time,
            columns.user,
            columns.host,
            columns.sent,
            columns.received,
        ];
        columns.last = wanted.into_iter().flatten().max().unwrap_or_default();
        columns
    }
}
