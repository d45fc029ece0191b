//! Serialised R objects: `.rds` of one object, `.rda` and `.RData` of several named ones.
//!
//! Reading one runs nothing by itself; looking at what was read may: a promise is evaluated when its
//! value is needed, an active binding is called, a formula is evaluated by the functions of the model.
//! Versions 2 and 3 are read in all three encodings; compression is undone by the parser of that.

#[doc(hidden)]
pub mod assemble;
pub mod context;
pub mod functions;
mod stream;
mod value;
mod walk;

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use stance_core::fact::{
    Anomaly, AnomalyKind, Artifact, ArtifactFormat, Embedded, EmbeddedKind, Fact, GapReason,
};

pub use value::hides;

use crate::magic::recognise;
use context::Context;
use functions::{Capability, capability};
use stance_read::Inspector;
use stance_read::active::is_active;
use stance_read::input::Input;
use stance_read::redact::shown;
use stance_read::report::Facts;
use stance_read::source::Slice;
use stance_read::window::{Stop, Window};
use stream::{Encoding, Stream};
use value::{Call, Value};
use walk::{Error, Sink, Walk};

pub(crate) static INSPECTOR: RData = RData;

/// Calls that are kept of one kind, and in all.
const KEPT_PER_KIND: u32 = 4;
const KEPT: usize = 512;

/// Raw vectors that are looked into.
const RAW: usize = 32;

/// Objects in a row that are read of one file.
const OBJECTS: usize = 64;

/// The name of a fact about a promise itself, whatever it would call.
pub const PROMISE: &str = "promise";

pub(crate) struct RData;

impl Inspector for RData {
    fn name(&self) -> &'static str {
        "R data"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        is_header(input.head())
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let mut reader = Reader {
            input,
            artifact: Artifact::new(ArtifactFormat::RData, input.len(), input.evidence()),
            kept: HashMap::new(),
            raw: Vec::new(),
            packages: Vec::new(),
            objects: Vec::new(),
        };
        let mut stream = Stream {
            window: Window::new(input, input.options().limits.header),
            at: 0,
            encoding: Encoding::Xdr,
        };
        for _ in 0..OBJECTS {
            if let Err(error) = reader.read(&mut stream) {
                reader.tell(error, stream.at, facts);
                break;
            }
            // What follows may be another object, as `serialize` to one connection leaves it.
            let from = stream.at;
            let near = usize::try_from(stream.left()).unwrap_or(32).min(32);
            if !stream.window.get(from, near).is_ok_and(is_header) {
                let end = input.len();
                let from = stream.blanks(from);
                let found = crate::unclaimed::anomaly(
                    input,
                    &mut stream.window,
                    from,
                    end,
                    "behind the object",
                );
                reader.artifact.anomalies.extend(found);
                break;
            }
        }
        stream.window.finish(facts);
        reader.finish(facts);
    }
}

/// Whether bytes begin as a serialised object.
pub(crate) fn is_header(head: &[u8]) -> bool {
    let body = match head {
        [
            b'R',
            b'D',
            b'X' | b'A' | b'B',
            b'2' | b'3',
            b'\n',
            body @ ..,
        ] => body,
        body => body,
    };
    match body {
        [b'X', b'\n', 0, 0, 0, 2 | 3, 0, major, _, _, ..] => *major < 16,
        [b'B', b'\n', 2 | 3, 0, 0, 0, _, _, major, 0, ..] => *major < 16,
        [b'A', b'\n', b'2' | b'3', b'\n', rest @ ..] => {
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            (5..=7).contains(&digits) && rest.get(digits) == Some(&b'\n')
        }
        _ => false,
    }
}

struct Reader<'i, 'a> {
    input: &'i Input<'a>,
    artifact: Artifact,
    /// How many calls of a function were kept, by when they run and whether they hold code.
    kept: HashMap<(String, Context, bool), u32>,
    raw: Vec<(u64, u64)>,
    packages: Vec<String>,
    objects: Vec<String>,
}

impl Reader<'_, '_> {
    /// Reads one object with its header.
    fn read(&mut self, stream: &mut Stream<'_>) -> Result<(), Error> {
        let workspace = stream
            .window
            .get(stream.at, 3)
            .is_ok_and(|mark| mark.starts_with(b"RD"));
        if workspace {
            stream.at = stream.at.saturating_add(5);
        }
        stream.encoding = match stream.window.u8(stream.at)? {
            b'X' => Encoding::Xdr,
            b'B' => Encoding::Native,
            _ => Encoding::Ascii,
        };
        stream.at = stream.at.saturating_add(2);
        let version = stream.int()?;
        let writer = stream.int()?.cast_unsigned();
        stream.int()?;
        let metadata = &mut self.artifact.metadata;
        metadata.insert("r.serialization".to_owned(), version.to_string());
        let written = format!(
            "{}.{}.{}",
            writer >> 16,
            (writer >> 8) & 0xff,
            writer & 0xff
        );
        metadata.insert("r.version".to_owned(), written);
        if version == 3 {
            self.native_encoding(stream)?;
        }
        Walk::new(stream).run(workspace, self)?;
        Ok(())
    }

    /// Version 3 names the encoding of its texts. Without it R reads what follows as something else.
    fn native_encoding(&mut self, stream: &mut Stream<'_>) -> Result<(), Error> {
        let from = stream.at;
        let length = stream.int()?;
        if (1..=64).contains(&length) {
            let name = stream.text(u64::from(length.cast_unsigned()), 64)?;
            if name.chars().all(|c| c.is_ascii_graphic()) {
                return Ok(());
            }
        }
        stream.at = from;
        let detail = "version 3 without the name of its encoding".to_owned();
        let evidence = self
            .input
            .evidence_at(from..from.saturating_add(4), &detail);
        self.artifact
            .anomaly(AnomalyKind::LyingHeader, detail, evidence);
        Ok(())
    }

    fn tell(&mut self, error: Error, at: u64, facts: &mut Facts<'_>) {
        let here = at..at.saturating_add(1);
        let (reason, detail) = match error {
            Error::Lie(detail, from) => {
                let evidence = self
                    .input
                    .evidence_at(from..from.saturating_add(8), &detail);
                self.artifact
                    .anomaly(AnomalyKind::LyingHeader, detail.clone(), evidence);
                (GapReason::Malformed, detail)
            }
            Error::Stop(Stop::End) => {
                let detail = "the file ends inside of an object".to_owned();
                let evidence = self.input.evidence_at(here.clone(), &detail);
                self.artifact
                    .anomaly(AnomalyKind::Truncated, detail.clone(), evidence);
                (GapReason::Malformed, detail)
            }
            Error::Stop(Stop::Limit) => (
                GapReason::Limit,
                "it is longer than the limit for headers".to_owned(),
            ),
            Error::Stop(Stop::Failed) => {
                (GapReason::Malformed, "a number cannot be read".to_owned())
            }
            Error::Unknown(what) => (GapReason::Malformed, format!("{what} is not known")),
            Error::Limit(what) => (GapReason::Limit, what.to_owned()),
        };
        facts.gap(
            reason,
            format!("R data: {detail}"),
            self.input.evidence_at(here, &detail),
        );
    }

    fn keep(&mut self, name: &str, printed: &str, context: Context, at: u64) {
        let acts = is_active(printed) || hides(printed);
        let count = self
            .kept
            .entry((name.to_owned(), context, acts))
            .or_default();
        *count = count.saturating_add(1);
        if *count > KEPT_PER_KIND || self.artifact.embedded.len() >= KEPT {
            return;
        }
        let detail = shown(&format!("{}: {printed}", context.title()));
        self.artifact.embedded.push(Embedded {
            kind: EmbeddedKind::RCode,
            name: shown(name),
            evidence: self.input.evidence_at(at..at.saturating_add(4), &detail),
            detail,
        });
    }

    /// Looks into raw vectors, adds what was seen in all, and the artefact.
    fn finish(mut self, facts: &mut Facts<'_>) {
        for (key, names) in [("r.objects", &self.objects), ("r.packages", &self.packages)] {
            if !names.is_empty() {
                self.artifact
                    .metadata
                    .insert(key.to_owned(), shown(&names.join(", ")));
            }
        }
        let mark = facts.mark();
        for (start, length) in std::mem::take(&mut self.raw) {
            let Some(head) = self.input.read(start, length.min(512), facts) else {
                break;
            };
            match recognise(&head) {
                Some(magic) if magic.is_executable() => {
                    let detail = format!("a raw vector of {length} bytes holds {}", magic.title());
                    let evidence = self
                        .input
                        .evidence_at(start..start.saturating_add(length), &detail);
                    self.artifact.anomalies.push(Anomaly {
                        kind: AnomalyKind::Polyglot,
                        detail,
                        evidence,
                    });
                }
                Some(_) => {
                    let source = Slice::new(self.input.source(), start, length);
                    stance_read::scan_member(
                        self.input,
                        &format!("raw at {start}"),
                        &source,
                        facts,
                    );
                }
                None => {}
            }
        }
        for part in facts.take_artifacts(mark) {
            self.artifact.absorb(part);
        }
        let path = Arc::clone(self.input.path());
        facts.add(&path, Fact::Artifact(Box::new(self.artifact)));
    }
}

impl Sink for Reader<'_, '_> {
    fn call(&mut self, call: Call, context: Context, at: u64) -> Value {
        let (value, reaches) = call.finish();
        for reach in reaches {
            if is_told(&reach.name, context) {
                self.keep(&reach.name, &reach.printed, context, at);
            }
        }
        value
    }

    fn promise(&mut self, evaluated: bool, bare: bool, at: u64) {
        if bare && !evaluated {
            self.keep(
                PROMISE,
                "not evaluated, where no function leaves one",
                Context::Promise,
                at,
            );
        }
    }

    fn attribute(&mut self, name: &str, value: &Value) {
        if let ("class", Value::Text(class)) = (name, value) {
            self.artifact
                .architecture
                .get_or_insert_with(|| shown(class));
        }
    }

    fn object(&mut self, name: &str, value: &Value, at: u64) {
        if self.objects.len() < 64 {
            self.objects.push(name.to_owned());
        }
        if functions::HOOKS.contains(&name) && *value == Value::Function {
            self.keep(name, "called by R itself", Context::StartUp, at);
        }
    }

    fn package(&mut self, name: &str, at: u64) {
        if self.packages.len() < 64 && !self.packages.iter().any(|known| known == name) {
            self.packages.push(name.to_owned());
        }
        let plain = name.strip_prefix("package:").unwrap_or(name);
        if !plain
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '.' | '_'))
            && self.artifact.embedded.len() < KEPT
        {
            let detail = "loaded as a package when the object is read".to_owned();
            self.artifact.embedded.push(Embedded {
                kind: EmbeddedKind::LoaderModule,
                name: shown(name),
                evidence: self.input.evidence_at(at..at.saturating_add(4), &detail),
                detail,
            });
        }
    }

    fn raw(&mut self, start: u64, length: u64) {
        if self.raw.len() < RAW && length >= 16 {
            self.raw.push((start, length));
        }
    }

    fn constants(&mut self, symbols: Vec<Rc<str>>, texts: Vec<Rc<str>>, context: Context, at: u64) {
        for symbol in symbols {
            let strong = matches!(
                capability(&symbol),
                Some(Capability::Process | Capability::Native)
            );
            if !strong || !is_told(&symbol, context) {
                continue;
            }
            let mut told = self.kept.keys();
            if !told.any(|(name, when, _)| **name == *symbol && *when == context) {
                let texts: Vec<String> = texts.iter().map(|text| format!("'{text}'")).collect();
                self.keep(
                    &symbol,
                    &format!("{symbol}({})", texts.join(", ")),
                    context,
                    at,
                );
            }
        }
    }
}

/// Whether a call is worth telling where it stands: functions that are only called by people may
/// read, write and evaluate as functions do.
fn is_told(name: &str, context: Context) -> bool {
    match (context, capability(name)) {
        (Context::Evaluated, _) => false,
        (Context::Function, what) => matches!(
            what,
            Some(Capability::Process | Capability::Network | Capability::Native)
        ),
        (Context::Expression, Some(Capability::Attach | Capability::NativeCall)) => false,
        _ => true,
    }
}
