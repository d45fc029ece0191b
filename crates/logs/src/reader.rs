//! One file, in pieces as they come.

use std::collections::HashMap;
use std::sync::Arc;

use memchr::memchr;
use serde::Serialize;

use crate::catalogue::Catalogue;
use crate::event::{Event, Line, Named, host};
use crate::format::{Format, Syntax};
use crate::json::{self, Cutter, Quick};
use crate::tally::{Tally, Use};
use crate::{csv, example, record, time};

/// How files are read, and what bounds the memory of it.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Bytes by which a file is known.
    pub head: usize,
    /// Longest line or record that is read, in bytes.
    pub line: usize,
    /// The clock, in seconds since 1970 UTC: times without a year are not later.
    pub now: i64,
    /// What is older is left out, in seconds since 1970 UTC; what has no time is kept.
    pub since: Option<i64>,
    /// What is not older is left out.
    pub until: Option<i64>,
}

impl Options {
    /// The usual limits.
    #[must_use]
    pub const fn at(now: i64) -> Self {
        Self {
            head: 64 << 10,
            line: 1 << 20,
            now,
            since: None,
            until: None,
        }
    }
}

/// Numbers of lines that were not understood, as many as are kept.
const MOST_NUMBERS: usize = 5;

/// Names that are remembered with what they are: the same ones come on most lines.
const MOST_NAMES: usize = 1024;

/// Lines behind a head without a format in which one is looked for.
const MOST_TRIES: u32 = 20_000;

/// Records of a kind of JSON of ours nothing is known that are all parsed, to see whether any names a service.
const PROBES: u64 = 200;

/// How a file was read.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Read {
    /// The file, as it was named.
    pub path: Arc<str>,
    /// What wrote it; `None` when that is not known.
    pub format: Option<Format>,
    /// Lines or records, blank ones not counted.
    pub lines: u64,
    /// Of these, how many tell of a service of the catalogue.
    pub matched: u64,
    /// Of these, how many lie outside of the time that was asked for.
    pub outside: u64,
    /// Of these, how many were not understood.
    pub unknown: u64,
    /// Numbers of the first lines that were not understood, from 1.
    pub unknown_lines: Vec<u64>,
    /// The first that was not understood, without what could be secret in it.
    pub example: Option<String>,
    /// Why the file was not read to its end.
    pub stopped: Option<String>,
}

/// Reads one file.
#[derive(Debug)]
pub struct Reader<'c> {
    catalogue: &'c Catalogue,
    options: Options,
    /// Whose file it is, for lines that name nobody.
    owner: String,
    syntax: Option<Syntax>,
    tries: u32,
    /// A line that is not whole yet, or the head of the file.
    partial: Vec<u8>,
    /// Whether the rest of a line that is too long is passed over.
    skipping: bool,
    is_header: bool,
    cutter: Cutter,
    /// Line ends so far.
    ended: u64,
    /// The line, from 1, on which what is read at the moment begins.
    at: u64,
    /// Whether any record of JSON without a known origin named something.
    is_telling: bool,
    last_time: (Vec<u8>, Option<i64>),
    names: HashMap<Box<[u8]>, Option<usize>>,
    read: Read,
}

impl<'c> Reader<'c> {
    /// Begins a file that belongs to `owner`, where that is known.
    #[must_use]
    pub fn new(path: &str, owner: &str, catalogue: &'c Catalogue, options: Options) -> Self {
        Self {
            catalogue,
            options,
            owner: owner.to_owned(),
            syntax: None,
            tries: 0,
            partial: Vec::new(),
            skipping: false,
            is_header: true,
            cutter: Cutter::default(),
            ended: 0,
            at: 1,
            is_telling: false,
            last_time: (Vec::new(), None),
            names: HashMap::new(),
            read: Read {
                path: path.into(),
                ..Read::default()
            },
        }
    }

    /// Takes the next bytes of the file, and says whether more are wanted: none of what is no text.
    pub fn feed(&mut self, bytes: &[u8], tally: &mut Tally) -> bool {
        if self.read.stopped.is_some() {
            return false;
        }
        if self.syntax.is_none() {
            self.partial.extend_from_slice(bytes);
            if self.partial.len() < self.options.head {
                return true;
            }
            let head = std::mem::take(&mut self.partial);
            self.begin(&head, tally);
        } else {
            self.take(bytes, tally);
        }
        self.read.stopped.is_none()
    }

    /// Ends the file.
    pub fn finish(mut self, tally: &mut Tally) -> Read {
        let rest = std::mem::take(&mut self.partial);
        if self.syntax.is_none() {
            self.begin(&rest, tally);
            let rest = std::mem::take(&mut self.partial);
            self.whole(&rest, tally);
        } else {
            self.whole(&rest, tally);
        }
        if let Some(line) = self.cutter.open() {
            self.read.lines = self.read.lines.saturating_add(1);
            self.at = line;
            self.unknown(b"(a record without an end)");
        }
        self.read
    }

    /// What is known of the file so far, with why it was not read to its end.
    pub fn stop(self, why: &str, tally: &mut Tally) -> Read {
        let mut read = self.finish(tally);
        read.stopped.get_or_insert_with(|| why.to_owned());
        read
    }

    /// Knows the format by the head, and takes the head.
    fn begin(&mut self, head: &[u8], tally: &mut Tally) {
        let end = head.len().min(self.options.head);
        let known = head.get(..end).unwrap_or_default();
        let zeros = memchr::memchr_iter(0, known).count();
        let syntax = Syntax::of(known);
        if matches!(syntax, Syntax::Unknown) && zeros > 0 {
            self.syntax = Some(syntax);
            self.read.stopped = Some("it is no text".to_owned());
            return;
        }
        self.read.format = syntax.format();
        self.syntax = Some(syntax);
        self.take(head, tally);
    }

    fn take(&mut self, bytes: &[u8], tally: &mut Tally) {
        if let Some(Syntax::JsonRecords(shape, format)) = self.syntax {
            let mut cutter = std::mem::take(&mut self.cutter);
            let most = self.options.line;
            cutter.feed(shape, bytes, most, &mut |(record, line)| {
                self.at = line;
                match record {
                    Some(record) => self.json(record, format, tally),
                    None => {
                        self.read.lines = self.read.lines.saturating_add(1);
                        self.unknown(b"(a record larger than is read)");
                    }
                }
            });
            self.cutter = cutter;
            return;
        }
        let is_table = matches!(self.syntax, Some(Syntax::Table(..)));
        let mut rest = bytes;
        while let Some(at) = memchr(b'\n', rest) {
            let line = rest.get(..at).unwrap_or_default();
            rest = rest.get(at.saturating_add(1)..).unwrap_or_default();
            if self.skipping {
                self.skipping = false;
            } else if self.partial.is_empty() && !(is_table && csv::is_open(line)) {
                self.at = self.ended.saturating_add(1);
                self.whole(line, tally);
            } else {
                if self.partial.is_empty() {
                    self.at = self.ended.saturating_add(1);
                }
                self.partial.extend_from_slice(line);
                if is_table && csv::is_open(&self.partial) && self.partial.len() < self.options.line
                {
                    self.ended = self.ended.saturating_add(1);
                    self.partial.push(b'\n');
                    continue;
                }
                let line = std::mem::take(&mut self.partial);
                self.whole(&line, tally);
                self.partial = line;
                self.partial.clear();
            }
            self.ended = self.ended.saturating_add(1);
        }
        if self.skipping || rest.is_empty() {
            return;
        }
        if self.partial.is_empty() {
            self.at = self.ended.saturating_add(1);
        }
        self.partial.extend_from_slice(rest);
        if self.partial.len() > self.options.line {
            self.read.lines = self.read.lines.saturating_add(1);
            let line = std::mem::take(&mut self.partial);
            self.unknown(&line);
            self.skipping = true;
        }
    }

    /// One whole line.
    fn whole(&mut self, line: &[u8], tally: &mut Tally) {
        if line.len() > self.options.line {
            self.read.lines = self.read.lines.saturating_add(1);
            self.unknown(line);
            return;
        }
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() || line.trim_ascii().is_empty() {
            return;
        }
        let line = if self.read.lines == 0 {
            line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line)
        } else {
            line
        };
        // A daemon may write the first line of interest after many of others.
        if matches!(self.syntax, Some(Syntax::Unknown)) && self.tries < MOST_TRIES {
            self.tries = self.tries.saturating_add(1);
            if let Some(format) = Syntax::of_lines(line) {
                self.read.format = Some(format);
                self.syntax = Some(Syntax::Lines(format));
            }
        }
        let (parsed, format) = match &mut self.syntax {
            Some(Syntax::Lines(format)) => (Syntax::of_line(*format, line), *format),
            Some(Syntax::Zeek(columns)) => (columns.line(line), Format::Zeek),
            Some(Syntax::Table(table, format)) => {
                let format = *format;
                if line.starts_with(b"#") && (self.is_header || format == Format::W3c) {
                    // Comments, among which each part of such a log names its columns anew.
                    if line.starts_with(b"#Fields:")
                        && let Some((next, _)) = csv::Table::of(line)
                    {
                        *table = next;
                        self.is_header = false;
                    }
                    return;
                }
                if self.is_header {
                    self.is_header = false;
                    return;
                }
                (table.record(line), format)
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
            Line::Other | Line::Foreign => {}
            Line::Unknown => self.unknown(line),
        }
    }

    fn event(&mut self, event: &Event<'_>, line: &[u8], format: Format, tally: &mut Tally) {
        let found = match &event.what {
            Named::Host(name) => self.catalogue.of_host(name),
            Named::Url(url) => self.catalogue.of_host(host(url)),
            Named::Name(name) => self.named(name.as_bytes(), format),
            Named::Extension(id) => self.catalogue.of_extension(id),
        };
        let found = match found {
            None if !event.also.is_empty() => self.named(event.also, format),
            found => found,
        };
        let Some(service) = found else {
            return;
        };
        let number = |text: &[u8]| std::str::from_utf8(text).ok()?.parse().ok();
        let use_ = Use {
            time: self.time(event.time),
            user: event.user,
            sent: number(event.sent),
            received: number(event.received),
            count: 1,
            format,
            detail: None,
        };
        self.used(service, use_, line, tally);
    }

    /// Adds a use, unless it lies outside of the time that was asked for.
    fn used(&mut self, service: usize, use_: Use<'_>, line: &[u8], tally: &mut Tally) {
        let is_early = |time| self.options.since.is_some_and(|since| time < since);
        let is_late = |time| self.options.until.is_some_and(|until| time >= until);
        if use_
            .time
            .is_some_and(|time| is_early(time) || is_late(time))
        {
            self.read.outside = self.read.outside.saturating_add(1);
            return;
        }
        self.read.matched = self.read.matched.saturating_add(1);
        let use_ = match use_.user {
            b"" | b"-" => Use {
                user: self.owner.as_bytes(),
                ..use_
            },
            _ => use_,
        };
        tally.add(service, &use_);
        tally.place(service, &self.read.path, self.at, line);
    }

    /// The service behind the name of an application or merchant.
    fn named(&mut self, name: &[u8], format: Format) -> Option<usize> {
        if let Some(known) = self.names.get(name) {
            return *known;
        }
        let text = String::from_utf8_lossy(name);
        let found = self.catalogue.of_name(&text).or_else(|| {
            let by_vendor = matches!(format, Format::Expenses | Format::PaloAlto);
            by_vendor.then(|| self.catalogue.of_merchant(&text))?
        });
        if self.names.len() < MOST_NAMES {
            self.names.insert(name.into(), found);
        }
        found
    }

    fn json(&mut self, record: &[u8], format: Format, tally: &mut Tally) {
        self.read.lines = self.read.lines.saturating_add(1);
        match json::quick(record, format) {
            Quick::Nothing => return,
            Quick::Host(host) => {
                let Some(service) = self.catalogue.of_host(host) else {
                    return;
                };
                if let Some(event) = json::flat(record, host, format) {
                    let number = |text: &[u8]| std::str::from_utf8(text).ok()?.parse().ok();
                    let use_ = Use {
                        time: self.time(event.time),
                        user: event.user,
                        sent: number(event.sent),
                        received: number(event.received),
                        count: 1,
                        format,
                        detail: None,
                    };
                    self.used(service, use_, record, tally);
                    return;
                }
            }
            Quick::Unclear => {
                // An extension may be known by its path, and its id may stand in two parts.
                let probed = match format {
                    Format::Extensions => false,
                    Format::Json => self.read.lines > PROBES,
                    _ => true,
                };
                if probed && !self.catalogue.may_name(record) && record.ends_with(b"}") {
                    if format == Format::Json && !self.is_telling {
                        self.unknown(record);
                    }
                    return;
                }
            }
        }
        let told = record::told(record, format, &self.read.path, self.catalogue);
        let Some(told) = told else {
            self.unknown(record);
            return;
        };
        self.is_telling = true;
        let Some(service) = told.service else {
            return;
        };
        let use_ = Use {
            time: self.time(told.time.as_bytes()),
            user: told.user.as_bytes(),
            sent: told.sent,
            received: told.received,
            count: 1,
            format,
            detail: told.detail.as_deref(),
        };
        self.used(service, use_, record, tally);
    }

    /// Whether an address is one of a service of the catalogue.
    #[must_use]
    pub fn is_of_service(&self, url: &[u8]) -> bool {
        self.catalogue.of_host(host(url)).is_some()
    }

    /// Adds a page that a browser remembers: its address, and when it was visited in seconds since 1970 UTC.
    pub fn visit(&mut self, url: &str, time: Option<i64>, format: Format, tally: &mut Tally) {
        self.read.format = Some(format);
        self.syntax.get_or_insert(Syntax::Unknown);
        self.read.lines = self.read.lines.saturating_add(1);
        let Some(service) = self.catalogue.of_host(host(url.as_bytes())) else {
            return;
        };
        let use_ = Use {
            time,
            user: b"",
            sent: None,
            received: None,
            count: 1,
            format,
            detail: None,
        };
        // A row of a table is on no line.
        self.at = 0;
        self.used(service, use_, url.as_bytes(), tally);
    }

    fn time(&mut self, text: &[u8]) -> Option<i64> {
        // Neighbours have the same second.
        if self.last_time.0 != text {
            self.last_time.0.clear();
            self.last_time.0.extend_from_slice(text);
            self.last_time.1 = time::parse(text, self.options.now);
        }
        self.last_time.1
    }

    fn unknown(&mut self, line: &[u8]) {
        self.read.unknown = self.read.unknown.saturating_add(1);
        if self.read.unknown_lines.len() < MOST_NUMBERS {
            self.read.unknown_lines.push(self.at);
        }
        if self.read.example.is_none() {
            self.read.example = Some(example::redacted(line));
        }
    }
}
