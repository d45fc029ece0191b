//! Reads a log in pieces: lines, or one document.

use std::collections::BTreeMap;

use super::{Format, KNOWN, Known, Record, agentgateway, names};
use crate::genai;
use crate::interaction::Interaction;
use crate::json;
use crate::limits::Limits;
use crate::otlp;
use crate::value::Value;

/// What was read from a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Read {
    /// How many records of each format told interactions.
    pub formats: BTreeMap<Format, u64>,
    /// How many records were understood and told none.
    pub other: u64,
    /// Why records were not understood, and how many.
    pub unknown: BTreeMap<&'static str, u64>,
    /// The beginning of the first record that was not understood. It may hold words and secrets: whoever shows it redacts.
    pub example: Option<String>,
    /// Where the first fifty of these stand.
    pub unread: Vec<Unread>,
}

/// Most places of records that were not understood that are told.
const PLACES: usize = 50;

/// A record that was not understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unread {
    /// Its line, from 1 on; that at which the document begins where it is one on many lines.
    pub line: u64,
    /// Which one of a list in that line or document, from 1 on.
    pub record: Option<u64>,
    /// Why.
    pub why: &'static str,
}

/// Names of lists that hold the records of a document.
const LISTS: [&str; 7] = [
    "records", "Records", "value", "data", "logs", "result", "rows",
];

/// Fields in which something that collects logs has the record of another.
const WRAPPERS: [&str; 8] = [
    "message",
    "@message",
    "jsonPayload",
    "log",
    "line",
    "event",
    "kwargs",
    "standard_logging_object",
];

/// How many records may lie inside others.
const NESTED: u32 = 4;

/// Reads a log that comes in pieces.
#[derive(Debug)]
pub struct Reader {
    limits: Limits,
    /// The only format that is meant, where somebody said so.
    only: Option<Format>,
    read: Read,
    /// The line that is read, from 1 on, and the record of a list in it.
    line: u64,
    record: Option<u64>,
    /// What came and is no whole line yet, or the whole of a document.
    held: Vec<u8>,
    /// Whether it is one document on many lines.
    document: bool,
    /// Whether a line or document is too long, and is passed over up to its end.
    skipping: bool,
}

impl Reader {
    /// A reader of one log.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            only: None,
            read: Read::default(),
            line: 1,
            record: None,
            held: Vec::new(),
            document: false,
            skipping: false,
        }
    }

    /// The same for records of one format only: what is of another is not understood.
    #[must_use]
    pub fn only(mut self, format: Option<Format>) -> Self {
        self.only = format;
        self
    }

    /// Takes the next piece; `found` gets each interaction.
    pub fn feed(&mut self, mut piece: &[u8], found: &mut dyn FnMut(Interaction)) {
        while !piece.is_empty() {
            let end = piece.iter().position(|byte| *byte == b'\n');
            let (line, rest) = match end.and_then(|end| piece.split_at_checked(end)) {
                Some((line, rest)) => (line, rest.get(1..).unwrap_or_default()),
                None => (piece, &[][..]),
            };
            let room = self.limits.bytes.saturating_sub(self.held.len());
            if line.len() > room {
                self.skipping = true;
            } else if !self.skipping {
                self.held.extend_from_slice(line);
            }
            if end.is_some() {
                self.line(found);
            }
            piece = rest;
        }
    }

    /// Ends the log.
    pub fn finish(mut self, found: &mut dyn FnMut(Interaction)) -> Read {
        if self.skipping {
            self.unknown("a record that is longer than is read", b"");
        } else if self.document {
            let held = std::mem::take(&mut self.held);
            match json::parse(&held, self.limits) {
                Ok(value) => self.value(&value, &held, 0, found),
                // Lines after all, of which the first was cut off.
                Err(_) => {
                    for line in held.split(|byte| *byte == b'\n') {
                        self.whole_line(line, found);
                        self.line = self.line.saturating_add(1);
                    }
                }
            }
        } else {
            let held = std::mem::take(&mut self.held);
            self.whole_line(&held, found);
        }
        self.read
    }

    /// A line ended.
    fn line(&mut self, found: &mut dyn FnMut(Interaction)) {
        if self.skipping {
            // A document that is too long has no end that could be told from that of its lines.
            if !self.document {
                self.skipping = false;
                self.unknown("a record that is longer than is read", b"");
                self.held.clear();
                self.line = self.line.saturating_add(1);
            }
            return;
        }
        if self.document {
            self.held.push(b'\n');
            return;
        }
        if self.opens_document() {
            self.document = true;
            self.held.push(b'\n');
            return;
        }
        let held = std::mem::take(&mut self.held);
        self.whole_line(&held, found);
        self.held = held;
        self.held.clear();
        self.line = self.line.saturating_add(1);
    }

    /// Whether the first line begins a document that goes on: it is JSON that is not complete.
    fn opens_document(&self) -> bool {
        let first = self.read == Read::default();
        let text = self.held.trim_ascii_start();
        first
            && matches!(text.first(), Some(b'[' | b'{'))
            && json::parse_cut(text, self.limits).is_ok_and(|document| document.cut)
    }

    fn whole_line(&mut self, line: &[u8], found: &mut dyn FnMut(Interaction)) {
        let text = line.trim_ascii();
        // An array on many lines has commas between its records, and brackets around them.
        let text = text.strip_suffix(b",").unwrap_or(text);
        if text.is_empty() || matches!(text, b"[" | b"]") {
            return;
        }
        if !matches!(text.first(), Some(b'[' | b'{')) {
            return self.text(text, found);
        }
        match json::parse(text, self.limits) {
            Ok(value) => self.value(&value, text, 0, found),
            Err(_) => self.text(text, found),
        }
    }

    /// A line that is no JSON: a text of agentgateway, or JSON behind a prefix, as log shippers write it.
    fn text(&mut self, line: &[u8], found: &mut dyn FnMut(Interaction)) {
        let text = String::from_utf8_lossy(line);
        if self.is_meant(Format::AgentGateway)
            && let Some(record) = agentgateway::line(&text, self.limits)
        {
            let name = names::of_line(&agentgateway::KNOWN, line);
            return self.record(Format::AgentGateway, named(record, name), line, found);
        }
        let json = text.find('{').and_then(|at| text.get(at..));
        if let Some(inner) = json
            && let Ok(value) = json::parse(inner.as_bytes(), self.limits)
        {
            return self.value(&value, line, 0, found);
        }
        self.unknown("a line that is no JSON", line);
    }

    fn value(
        &mut self,
        value: &Value<'_>,
        line: &[u8],
        nested: u32,
        found: &mut dyn FnMut(Interaction),
    ) {
        if nested > NESTED {
            return self.unknown("records inside of records", line);
        }
        let deeper = nested.saturating_add(1);
        match value {
            Value::List(items) => {
                // The outermost list with several is the one that people count in.
                let counts = self.record.is_none();
                for (item, at) in items.iter().zip(1..) {
                    if counts {
                        self.record = Some(at);
                    }
                    self.value(item, line, deeper, found);
                }
                if counts {
                    self.record = None;
                }
                return;
            }
            Value::Map(_) => {}
            _ => return self.unknown("a value that is no record", line),
        }
        if nested == 0 && self.is_meant(Format::Otlp) && self.otlp(value, line, found) {
            return;
        }
        for known in KNOWN {
            if self.is_meant(known.format) && (known.claims)(value) {
                let record = self.read_by(known, value);
                return self.record(known.format, record, line, found);
            }
        }
        for name in LISTS {
            if let Some(list @ Value::List(_)) = value.get(name) {
                return self.value(list, line, deeper, found);
            }
        }
        // Subscriptions of CloudWatch.
        if let Some(list @ Value::List(_)) = value.get("logEvents") {
            return self.value(list, line, deeper, found);
        }
        for name in WRAPPERS {
            match value.get(name) {
                Some(inner @ Value::Map(_)) => return self.value(inner, line, deeper, found),
                Some(Value::Text(text)) if text.trim_start().starts_with('{') => {
                    if let Ok(inner) = json::parse(text.as_bytes(), self.limits) {
                        return self.value(&inner, line, deeper, found);
                    }
                }
                _ => {}
            }
        }
        self.unknown("a record of a format that is not known", line);
    }

    fn is_meant(&self, format: Format) -> bool {
        self.only.is_none_or(|only| only == format)
    }

    /// Reads a record and names it.
    fn read_by(&self, known: &Known, value: &Value<'_>) -> Record {
        match (known.read)(value, self.limits) {
            Record::Interaction(interaction) => {
                let name = names::of(known, value, &interaction);
                named(Record::Interaction(interaction), name)
            }
            record => record,
        }
    }

    /// A request of OTLP, as the collector writes it to files.
    fn otlp(&mut self, value: &Value<'_>, line: &[u8], found: &mut dyn FnMut(Interaction)) -> bool {
        let has = |names: [&str; 2]| value.first(&names).is_some();
        let read = if has(["resourceSpans", "resource_spans"]) {
            otlp::json::traces(line, self.limits).map(|export| genai::traces(&export, self.limits))
        } else if has(["resourceLogs", "resource_logs"]) {
            otlp::json::logs(line, self.limits).map(|export| genai::logs(&export, self.limits))
        } else {
            return false;
        };
        match read {
            Ok(read) => {
                self.read.other = self.read.other.saturating_add(read.passed);
                for interaction in read.interactions {
                    self.record(Format::Otlp, Record::of(interaction), line, found);
                }
            }
            Err(_) => self.unknown("a request of OTLP that cannot be read", line),
        }
        true
    }

    fn record(
        &mut self,
        format: Format,
        record: Record,
        line: &[u8],
        found: &mut dyn FnMut(Interaction),
    ) {
        match record {
            Record::Interaction(interaction) => {
                let count = self.read.formats.entry(format).or_default();
                *count = count.saturating_add(1);
                found(*interaction);
            }
            Record::Other => self.read.other = self.read.other.saturating_add(1),
            Record::Unknown(why) => self.unknown(why, line),
        }
    }

    fn unknown(&mut self, why: &'static str, line: &[u8]) {
        let count = self.read.unknown.entry(why).or_default();
        *count = count.saturating_add(1);
        if self.read.unread.len() < PLACES {
            self.read.unread.push(Unread {
                line: self.line,
                record: self.record,
                why,
            });
        }
        if self.read.example.is_none() {
            let head = line.get(..200).unwrap_or(line);
            self.read.example = Some(String::from_utf8_lossy(head).into_owned());
        }
    }
}

fn named(record: Record, name: String) -> Record {
    match record {
        Record::Interaction(mut interaction) => {
            interaction.record = Some(name);
            Record::Interaction(interaction)
        }
        other => other,
    }
}
