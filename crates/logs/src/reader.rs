//! One file, in pieces as they come.

use memchr::memchr;
use serde::Serialize;

use crate::catalogue::Catalogue;
use crate::event::{Event, Line, Named, host};
use crate::format::{Format, Syntax};
use crate::json::{self, Cutter};
use crate::tally::{Tally, Use};
use crate::{csv, example, time};

/// What bounds the memory of a reader.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes by which a file is known.
    pub head: usize,
    /// Longest line or record that is read, in bytes.
    pub line: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: 64 << 10,
            line: 1 << 20,
        }
    }
}

/// How a file was read.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Read {
    /// The file, as it was named.
    pub path: String,
    /// What wrote it; `None` when that is not known.
    pub format: Option<Format>,
    /// Lines or records, blank ones not counted.
    pub lines: u64,
    /// Of these, how many tell of a service of the catalogue.
    pub matched: u64,
    /// Of these, how many were not understood.
    pub unknown: u64,
    /// The first that was not understood, without what could be secret in it.
    pub example: Option<String>,
    /// Why the file was not read to its end.
    pub stopped: Option<String>,
}

/// Reads one file.
#[derive(Debug)]
pub struct Reader<'c> {
    catalogue: &'c Catalogue,
    limits: Limits,
    year: i16,
    syntax: Option<Syntax>,
    /// A line that is not whole yet, or the head of the file.
    partial: Vec<u8>,
    /// Whether the rest of a line that is too long is passed over.
    skipping: bool,
    is_header: bool,
    cutter: Cutter,
    last_time: (Vec<u8>, Option<i64>),
    read: Read,
}

impl<'c> Reader<'c> {
    /// Begins a file; `year` is taken for times that name none.
    #[must_use]
    pub fn new(path: &str, year: i16, catalogue: &'c Catalogue, limits: Limits) -> Self {
        Self {
            catalogue,
            limits,
            year,
            syntax: None,
            partial: Vec::new(),
            skipping: false,
            is_header: true,
            cutter: Cutter::default(),
            last_time: (Vec::new(), None),
            read: Read {
                path: path.to_owned(),
                ..Read::default()
            },
        }
    }

    /// Takes the next bytes of the file.
    pub fn feed(&mut self, bytes: &[u8], tally: &mut Tally) {
        if self.syntax.is_none() {
            self.partial.extend_from_slice(bytes);
            if self.partial.len() < self.limits.head {
                return;
            }
            let head = std::mem::take(&mut self.partial);
            self.begin(&head);
            self.take(&head, tally);
            return;
        }
        self.take(bytes, tally);
    }

    /// Ends the file.
    pub fn finish(mut self, tally: &mut Tally) -> Read {
        let rest = std::mem::take(&mut self.partial);
        if self.syntax.is_none() {
            self.begin(&rest);
            self.take(&rest, tally);
            let rest = std::mem::take(&mut self.partial);
            self.whole(&rest, tally);
        } else {
            self.whole(&rest, tally);
        }
        if self.cutter.is_open() {
            self.read.lines = self.read.lines.saturating_add(1);
            self.unknown(b"(a record without an end)");
        }
        self.read
    }

    /// What is known of the file so far, with why it was not read to its end.
    pub fn stop(self, why: &str, tally: &mut Tally) -> Read {
        let mut read = self.finish(tally);
        read.stopped = Some(why.to_owned());
        read
    }

    fn begin(&mut self, head: &[u8]) {
        let end = head.len().min(self.limits.head);
        let syntax = Syntax::of(head.get(..end).unwrap_or_default());
        self.read.format = syntax.format();
        self.syntax = Some(syntax);
    }

    fn take(&mut self, bytes: &[u8], tally: &mut Tally) {
        if let Some(Syntax::JsonRecords(shape, format)) = self.syntax {
            let mut cutter = std::mem::take(&mut self.cutter);
            let most = self.limits.line;
            cutter.feed(shape, bytes, most, &mut |record| match record {
                Some(record) => self.json(record, format, tally),
                None => {
                    self.read.lines = self.read.lines.saturating_add(1);
                    self.unknown(b"(a record larger than is read)");
                }
            });
            self.cutter = cutter;
            return;
        }
        let mut rest = bytes;
        while let Some(at) = memchr(b'\n', rest) {
            let line = rest.get(..at).unwrap_or_default();
            rest = rest.get(at.saturating_add(1)..).unwrap_or_default();
            if self.skipping {
                self.skipping = false;
            } else if self.partial.is_empty() && !(self.is_table() && csv::is_open(line)) {
                self.whole(line, tally);
            } else {
                self.partial.extend_from_slice(line);
                if self.is_table()
                    && csv::is_open(&self.partial)
                    && self.partial.len() < self.limits.line
                {
                    self.partial.push(b'\n');
                    continue;
                }
                let line = std::mem::take(&mut self.partial);
                self.whole(&line, tally);
                self.partial = line;
                self.partial.clear();
            }
        }
        if self.skipping {
            return;
        }
        self.partial.extend_from_slice(rest);
        if self.partial.len() > self.limits.line {
            self.read.lines = self.read.lines.saturating_add(1);
            let line = std::mem::take(&mut self.partial);
            self.unknown(&line);
            self.skipping = true;
        }
    }

    fn is_table(&self) -> bool {
        matches!(self.syntax, Some(Syntax::Table(..)))
    }

    /// One whole line.
    fn whole(&mut self, line: &[u8], tally: &mut Tally) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() || line.trim_ascii().is_empty() {
            return;
        }
        let line = if self.read.lines == 0 {
            line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line)
        } else {
            line
        };
        let (parsed, format) = match &mut self.syntax {
            Some(Syntax::Lines(format)) => (Syntax::of_line(*format, line), *format),
            Some(Syntax::Zeek(columns)) => (columns.line(line), Format::Zeek),
            Some(Syntax::Table(table, format)) => {
                if self.is_header {
                    // The header, and comments before it.
                    self.is_header = line.starts_with(b"#");
                    return;
                }
                (table.record(line), *format)
            }
            Some(Syntax::JsonLines(format)) => {
                let format = *format;
                self.json(line, format, tally);
                return;
            }
            Some(Syntax::JsonRecords(..)) => return,
            Some(Syntax::Unknown) | None => (Line::Unknown, Format::Json),
        };
        self.read.lines = self.read.lines.saturating_add(1);
        match parsed {
            Line::Event(event) => self.event(&event, line, format, tally),
            Line::Other => {}
            Line::Unknown => self.unknown(line),
        }
    }

    fn event(&mut self, event: &Event<'_>, line: &[u8], format: Format, tally: &mut Tally) {
        let found = match &event.what {
            Named::Host(name) => self.catalogue.of_host(name),
            Named::Url(url) => self.catalogue.of_host(host(url)),
            Named::Name(name) => self.catalogue.of_name(name),
            Named::Extension(id) => self.catalogue.of_extension(id),
        };
        let found = match (found, &self.syntax) {
            (None, Some(Syntax::Table(table, _))) => table
                .application(line)
                .and_then(|name| self.catalogue.of_name(&name)),
            (found, _) => found,
        };
        let Some(service) = found else {
            return;
        };
        self.read.matched = self.read.matched.saturating_add(1);
        let time = self.time(event.time);
        let sent = std::str::from_utf8(event.sent)
            .ok()
            .and_then(|text| text.parse().ok());
        let use_ = Use {
            time,
            user: event.user,
            sent,
            count: 1,
            format,
            detail: None,
        };
        tally.add(service, &use_);
    }

    fn json(&mut self, record: &[u8], format: Format, tally: &mut Tally) {
        self.read.lines = self.read.lines.saturating_add(1);
        if let Some(host) = json::quick_host(record, format)
            && self.catalogue.of_host(host).is_none()
        {
            return;
        }
        let Some(told) = json::told(record, format, &self.read.path, self.catalogue) else {
            self.unknown(record);
            return;
        };
        let Some(service) = told.service else {
            return;
        };
        self.read.matched = self.read.matched.saturating_add(1);
        let use_ = Use {
            time: time::parse(told.time.as_bytes(), self.year),
            user: told.user.as_bytes(),
            sent: told.sent,
            count: 1,
            format,
            detail: told.detail.as_deref(),
        };
        tally.add(service, &use_);
    }

    /// Adds a page that a browser remembers: its address, the last time in seconds since 1970 UTC, and how often.
    pub fn visit(
        &mut self,
        url: &str,
        time: i64,
        count: u64,
        user: &str,
        format: Format,
        tally: &mut Tally,
    ) {
        self.read.format = Some(format);
        self.syntax.get_or_insert(Syntax::Unknown);
        self.read.lines = self.read.lines.saturating_add(1);
        let Some(service) = self.catalogue.of_host(host(url.as_bytes())) else {
            return;
        };
        self.read.matched = self.read.matched.saturating_add(1);
        let use_ = Use {
            time: Some(time),
            user: user.as_bytes(),
            sent: None,
            count: count.max(1),
            format,
            detail: None,
        };
        tally.add(service, &use_);
    }

    fn time(&mut self, text: &[u8]) -> Option<i64> {
        // Neighbours have the same second.
        if self.last_time.0 != text {
            self.last_time.0.clear();
            self.last_time.0.extend_from_slice(text);
            self.last_time.1 = time::parse(text, self.year);
        }
        self.last_time.1
    }

    fn unknown(&mut self, line: &[u8]) {
        self.read.unknown = self.read.unknown.saturating_add(1);
        if self.read.example.is_none() {
            self.read.example = Some(example::redacted(line));
        }
    }
}
