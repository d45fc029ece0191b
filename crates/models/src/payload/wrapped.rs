//! Payloads that were packed first: written in letters and digits, compressed, or both.

use std::ops::Range;

use stance_pickle::codecs::{self, compression};

use super::archive::{is_zlib, peek};
use super::{Found, Kind, starts};

/// Characters in a row that are worth undoing.
const LEAST: usize = 32;
/// Characters that are undone to see what they are.
const TRIED: usize = 16 * 1024;
/// Most bytes that are undone, once it is known what they are.
const MOST: usize = 1 << 20;
/// Runs of one block that are tried.
const RUNS: usize = 512;
/// How often something is packed into something else.
const LAYERS: usize = 4;

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Something packed, and what was in it.
#[derive(Debug)]
pub struct Wrapped {
    /// Where the wrapping starts.
    pub at: u64,
    /// How many bytes the wrapping has.
    pub length: u64,
    /// What is inside.
    pub kind: Kind,
    /// How it was packed, the outermost first: `base64`, `zlib`.
    pub(crate) layers: Vec<&'static str>,
    /// What was in it, the first mebibyte.
    pub content: Vec<u8>,
}

impl Wrapped {
    /// What it is, with its article: `a Python pickle in zlib in base64`.
    pub fn title(&self) -> String {
        let mut title = self.kind.title().to_owned();
        for layer in self.layers.iter().rev() {
            title.push_str(" in ");
            title.push_str(layer);
        }
        title
    }
}

/// Looks for packed payloads that start within `at` in `bytes`; `base` is where `bytes` starts.
pub fn find_wrapped(bytes: &[u8], at: Range<usize>, base: u64, into: &mut Vec<Wrapped>) {
    let runs = Runs {
        bytes,
        at: at.start,
    };
    for (start, end) in runs.take(RUNS) {
        if start >= at.end || into.len() >= super::KEPT {
            return;
        }
        // One that began before was looked at there.
        if start < at.start {
            continue;
        }
        let run = bytes.get(start..end).unwrap_or_default();
        if let Some((kind, layers, content)) = in_letters(run) {
            into.push(Wrapped {
                at: base.saturating_add(start as u64),
                length: run.len() as u64,
                kind,
                layers,
                content,
            });
        }
    }
}

/// What begins here, when it is compressed: at the start of a value, or behind its length.
pub fn compressed_at(bytes: &[u8], base: u64) -> Option<Wrapped> {
    [0_usize, 4, 8].iter().find_map(|skip| {
        let packed = bytes.get(*skip..)?;
        let known = is_zlib(packed) || matches!(packed, [0x5d, 0, 0, ..]);
        let (kind, layers, content) = known.then(|| unwrap(packed.to_vec(), Vec::new()))??;
        (!layers.is_empty()).then(|| Wrapped {
            at: base.saturating_add(*skip as u64),
            length: packed.len() as u64,
            kind,
            layers,
            content,
        })
    })
}

/// The program in compressed bytes that were found; archives and pickles in them are looked at otherwise.
pub fn inside(bytes: &[u8], base: u64, found: &Found) -> Option<Wrapped> {
    if !found.kind.is_compressed() || !found.is_certain() {
        return None;
    }
    let from = usize::try_from(found.at.checked_sub(base)?).ok()?;
    let packed = bytes.get(from..)?;
    let near = packed.get(..MOST).unwrap_or(packed);
    let (kind, layers, _) = unwrap(near.to_vec(), Vec::new())?;
    (!layers.is_empty() && kind.is_program()).then(|| Wrapped {
        at: found.at,
        length: found.length,
        kind,
        layers,
        content: Vec::new(),
    })
}

type Content = (Kind, Vec<&'static str>, Vec<u8>);
type Code = fn(&[u8]) -> Option<Vec<u8>>;

fn base32(text: &[u8]) -> Option<Vec<u8>> {
    codecs::base32(text, BASE32)
}

/// What a run of letters and digits holds.
fn in_letters(run: &[u8]) -> Option<Content> {
    const CODES: [(&str, Code); 3] = [
        ("hexadecimal", codecs::hex),
        ("base32", base32),
        ("base64", codecs::base64),
    ];
    // A prefix such as `0x` before the digits, and line breaks between them.
    let run = run.strip_prefix(b"0x").unwrap_or(run);
    let joined: Vec<u8>;
    let run = if run.iter().any(u8::is_ascii_whitespace) {
        let letters = run.iter().take(MOST.saturating_mul(2));
        joined = letters
            .copied()
            .filter(|byte| !byte.is_ascii_whitespace())
            .collect();
        &joined
    } else {
        run
    };
    let start = run.get(..LEAST)?;
    for (name, code) in CODES {
        let hexadecimal = start.iter().all(u8::is_ascii_hexdigit);
        if (name == "hexadecimal") != hexadecimal && name != "base64" {
            continue;
        }
        let even = run
            .len()
            .saturating_sub(usize::from(name == "hexadecimal") & run.len());
        let tried = run.get(..even.min(TRIED)).unwrap_or(run);
        let Some(content) = code(tried) else {
            continue;
        };
        let Some((_, _, first)) = unwrap(content, vec![name]) else {
            continue;
        };
        let all = run.get(..even.min(MOST)).unwrap_or(run);
        let whole = (all.len() > tried.len()).then(|| code(all)).flatten();
        return match whole {
            Some(whole) => unwrap(whole, vec![name]),
            None => {
                let mut layers = vec![name];
                let (kind, inner, _) = unwrap(code(tried)?, Vec::new())?;
                layers.extend(inner);
                Some((kind, layers, first))
            }
        };
    }
    None
}

/// Takes layer after layer off, down to something that is a payload.
fn unwrap(mut content: Vec<u8>, mut layers: Vec<&'static str>) -> Option<Content> {
    for _ in 0..LAYERS {
        // What is stored in a compressed stream may stand there as it is.
        let inner = compression(&content).map(|packed| (packed, peek(packed, &content)));
        if let Some((packed, inner)) = inner.filter(|(_, inner)| !inner.is_empty()) {
            layers.push(packed.name());
            content = inner;
            continue;
        }
        if let Some(kind) = starts(&content) {
            return Some((kind, layers, content));
        }
        let start = content.get(..LEAST)?;
        if !start.iter().all(|byte| is_letter(*byte)) {
            return None;
        }
        let end = content
            .iter()
            .position(|byte| !is_letter(*byte) && !byte.is_ascii_whitespace() && *byte != b'=')
            .unwrap_or(content.len());
        let run = content.get(..end)?;
        let hexadecimal = start.iter().all(u8::is_ascii_hexdigit);
        let inner = match codecs::hex(run) {
            Some(inner) if hexadecimal => {
                layers.push("hexadecimal");
                inner
            }
            _ => {
                layers.push("base64");
                codecs::base64(run)?
            }
        };
        content = inner;
    }
    None
}

const fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

/// The runs of letters and digits that are long enough, without those between them being read.
struct Runs<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl Runs<'_> {
    /// Whether a run goes on over a line break at `at`.
    fn breaks(&self, at: usize) -> Option<usize> {
        let rest = self.bytes.get(at..)?;
        let gap = rest
            .iter()
            .take(2)
            .take_while(|byte| matches!(byte, b'\r' | b'\n'))
            .count();
        let behind = at.saturating_add(gap);
        let goes_on = self.bytes.get(behind).is_some_and(|byte| is_letter(*byte));
        (gap > 0 && goes_on).then_some(behind)
    }
}

impl Iterator for Runs<'_> {
    type Item = (usize, usize);

    fn next(&mut self) -> Option<(usize, usize)> {
        const STEP: usize = LEAST / 2;
        loop {
            let byte = self.bytes.get(self.at)?;
            if !is_letter(*byte) {
                self.at = self.at.saturating_add(STEP);
                continue;
            }
            let before = self.bytes.get(self.at.saturating_sub(LEAST)..self.at)?;
            let back = before
                .iter()
                .rev()
                .take_while(|byte| is_letter(**byte))
                .count();
            let start = self.at.saturating_sub(back);
            let mut end = self.at;
            loop {
                let rest = self.bytes.get(end..)?;
                let more = rest.iter().take_while(|byte| is_letter(**byte)).count();
                end = end.saturating_add(more);
                match self.breaks(end) {
                    // A single line of words is no run that goes on.
                    Some(next) if more >= LEAST => end = next,
                    _ => break,
                }
            }
            self.at = end.saturating_add(1);
            if end.saturating_sub(start) >= LEAST {
                return Some((start, end));
            }
            // The next place to look: no run of the least length fits between.
            self.at = end.saturating_add(1).max(start.saturating_add(STEP));
        }
    }
}
