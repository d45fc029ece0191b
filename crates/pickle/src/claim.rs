//! Whether bytes are a pickle, by trying: cheap, and strict where the name says nothing.

use std::sync::Arc;

use stance_core::fact::PickleEnd;

use super::Traced;
use stance_read::limits::Limits;

/// Opcodes of a trial.
const TRIAL: u64 = 4096;

/// How much a file name says about its content being a pickle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// Only pickles are called that.
    Pickle,
    /// Pickles are called that, and much else.
    Maybe,
    /// It says nothing.
    Other,
}

impl Name {
    /// What this extension says, in lower case and without its dot.
    pub fn of(extension: &str) -> Self {
        match extension {
            "pkl" | "pickle" | "pck" | "p" | "joblib" | "dill" | "cloudpickle" | "pt" | "pth"
            | "pt2" => Self::Pickle,
            "bin" | "dat" | "data" | "ckpt" | "model" | "sav" | "z" | "dump" | "mdl" | "db"
            | "cache" | "th" | "weights" | "npy" | "" => Self::Maybe,
            _ => Self::Other,
        }
    }
}

/// Whether the first bytes can start a stream at all: an opcode that needs nothing on the stack.
pub fn may_start(head: &[u8]) -> bool {
    match head {
        // A zip archive, not a persistent id: what stands inside it is looked at there.
        [b'P', b'K', 3 | 5 | 7, ..] => false,
        [0x80, 0..=5, ..] => true,
        // A protocol that does not exist is refused by Python, not by all that reads pickles.
        [0x80, _, third, ..] => matches!(third, b'c' | b'(' | b']' | b'}' | b'X' | 0x8c | 0x95),
        // FRAME without PROTO: a length whose upper bytes are zero.
        [0x95, ..] => head.get(6..9) == Some(&[0; 3]),
        [first, second, ..] => match first {
            b'(' | b')' | b']' | b'}' | b'N' | 0x88 | 0x89 | 0x8f => {
                super::opcode::name(*second).is_some()
            }
            b'c' => second.is_ascii_alphabetic() || *second == b'_',
            b'I' | b'L' | b'F' => second.is_ascii_digit() || *second == b'-',
            b'S' => matches!(second, b'\'' | b'"'),
            b'K' | b'M' | b'J' | b'V' | b'X' | b'P' | b'C' | b'B' | b'U' | b'T' | b'G' | 0x8a
            | 0x8c | 0x8e | 0x96 => true,
            _ => false,
        },
        _ => false,
    }
}

/// Whether a constant is a pickle, from its first byte to its STOP: one that calls something, or
/// one that fills the constant and may hold further ones.
pub(super) fn hides_pickle(bytes: &[u8]) -> bool {
    if bytes.len() < 8 || !may_start(bytes) {
        return false;
    }
    let tried = Trial::run(bytes);
    let fills = bytes.first() == Some(&0x80) && tried.consumed == bytes.len() as u64;
    tried.stop && (tried.calls || fills)
}

/// What came of running the first bytes of a file.
#[derive(Debug)]
pub struct Trial {
    opcodes: u64,
    consumed: u64,
    stop: bool,
    truncated: bool,
    /// It did not break within what was looked at.
    cut: bool,
    imports: bool,
    calls: bool,
    calls_with_text: bool,
}

impl Trial {
    /// Runs the head of a file, unless its first byte already starts no stream.
    pub fn of(head: &[u8]) -> Option<Self> {
        may_start(head).then(|| Self::run(head))
    }

    /// Whether `head` starts a pickle whatever it is called: ordinary text and binary files are never
    /// taken for one.
    pub fn starts_pickle(&self, head: &[u8]) -> bool {
        self.is_pickle(head, head.len() as u64, Name::Other)
    }

    /// Whether it imports something by name, which no numbers do.
    pub fn acts(&self) -> bool {
        self.imports || self.calls
    }

    /// Whether `head`, the start of a file of `length` bytes that was run, is a pickle.
    pub fn is_pickle(&self, head: &[u8], length: u64, name: Name) -> bool {
        if let [0x80, 2..=5, ..] = head {
            // One constant may be longer than the head.
            let reaches_on = self.truncated && length > head.len() as u64;
            return self.opcodes > 3 || self.stop || self.imports || reaches_on;
        }
        let rest = usize::try_from(self.consumed)
            .ok()
            .and_then(|consumed| head.get(consumed..))
            .unwrap_or_default();
        let followed = rest.iter().all(u8::is_ascii_whitespace) || may_start(rest);
        let ends = self.stop && (self.consumed == length || followed);
        // What ends right behind an opcode has run all that stands before.
        let runs_out = self.truncated && self.consumed == length && self.opcodes > 3;
        let strict = self.calls && (self.stop || self.calls_with_text || runs_out)
            || self.imports && self.stop
            || self.calls && self.cut && self.opcodes > 8;
        match name {
            Name::Pickle => strict || self.imports || ends && self.opcodes > 1 || self.cut,
            Name::Maybe => strict || self.stop && self.consumed == length && self.opcodes > 2,
            Name::Other => strict,
        }
    }

    fn run(bytes: &[u8]) -> Self {
        let Traced {
            trace, consumed, ..
        } = super::trace_inner(&Arc::from(""), bytes, 0, &Limits::default(), TRIAL, u8::MAX);
        let named = |name: &str| name.split('.').all(is_identifier);
        Self {
            opcodes: trace.opcodes,
            consumed: consumed as u64,
            stop: trace.end == PickleEnd::Stop,
            truncated: trace.end == PickleEnd::Truncated,
            cut: matches!(trace.end, PickleEnd::Limit(_))
                || trace.end == PickleEnd::Truncated && trace.opcodes > 64,
            imports: trace
                .globals
                .iter()
                .any(|global| global.resolved && named(&global.name)),
            calls: trace
                .globals
                .iter()
                .any(|global| global.called && named(&global.name)),
            calls_with_text: trace
                .calls
                .iter()
                .any(|call| call.constant_text && named(&call.callable)),
        }
    }
}

pub(super) fn is_identifier(word: &str) -> bool {
    let mut characters = word.chars();
    characters
        .next()
        .is_some_and(|first| first == '_' || first.is_alphabetic())
        && characters.all(|character| character == '_' || character.is_alphanumeric())
}
