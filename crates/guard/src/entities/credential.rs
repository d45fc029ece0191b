//! Credentials, by the engine of `stance-read`, field by field.
//!
//! A field reaches to the next blank, quote or bracket. Only one that holds a long run of letters and digits, a
//! password in an address, or that follows a telling name, is given to the engine, with what stands before it. A
//! private key reaches over its lines, up to 16 KiB and the line that ends it; nothing of it is decided before.

use memchr::memmem;
use stance_read::secrets;

use super::view::View;
use super::{Entity, Kind};

/// Longest field that is looked at as one, in bytes; longer ones are looked at in pieces that overlap.
pub(crate) const LONGEST_FIELD: usize = 4096;
/// How much of two pieces of a long field is the same.
const OVERLAP: usize = 1024;
/// How much before a field tells whose it is.
pub(crate) const BEFORE: usize = 192;
/// Longest private key with its last line.
pub(crate) const LONGEST_KEY: usize = (16 << 10) + 256;
/// Shortest run of letters and digits in a credential.
const LEAST_RUN: usize = 16;

const BEGIN: &str = "-----BEGIN ";
const BEGIN_OF_KEY: &str = BEGIN.trim_ascii_end();

/// Looks at the field at `at`, adds what it holds, and says up to where nothing more need be looked for.
pub(crate) fn look(view: &View<'_>, at: usize, found: &mut Vec<Entity>) -> usize {
    let Field {
        mut end,
        promising,
        longest,
    } = field(view, at);
    let key = longest >= BEGIN_OF_KEY.len()
        && view.slice(at..end).contains(BEGIN_OF_KEY)
        && view.byte(end) == Some(b' ');
    if key {
        let end = key_end(view, at);
        return search(view, at, end, end, found);
    }
    let long = end.saturating_sub(at) >= LONGEST_FIELD;
    if !promising {
        return if long {
            end.saturating_sub(OVERLAP).max(at.saturating_add(1))
        } else {
            end
        };
    }
    end = view.boundary(end);
    let decided = if long {
        end.saturating_sub(OVERLAP)
    } else {
        end
    };
    search(view, at, end, decided, found)
}

/// A field of a text.
struct Field {
    end: usize,
    /// Whether it may hold a credential.
    promising: bool,
    /// Its longest run of letters, digits, hyphens and underscores.
    longest: usize,
}

/// What a byte is in a field.
const RUN: u8 = 1;
const BORDER: u8 = 2;

static CLASSES: [u8; 256] = classes();

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "evaluated by the compiler, over all 256 bytes"
)]
const fn classes() -> [u8; 256] {
    let mut classes = [0; 256];
    let mut at = 0;
    while at < 256 {
        classes[at] = match at as u8 {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' => RUN,
            b' ' | b'\t' | b'\n' | b'\r' | b'"' | b'\'' | b'`' | b'<' | b'>' | b'(' | b')'
            | b'{' | b'}' | b'|' | b'\\' => BORDER,
            _ => 0,
        };
        at += 1;
    }
    classes
}

#[inline]
fn class(byte: u8) -> u8 {
    CLASSES.get(usize::from(byte)).copied().unwrap_or(BORDER)
}

/// The field that begins at `at`.
fn field(view: &View<'_>, at: usize) -> Field {
    let bytes = view.ahead(at, LONGEST_FIELD);
    let (mut longest, mut slashes, mut signs) = (0_usize, false, 0_usize);
    let mut place = 0_usize;
    while let Some(rest) = bytes.get(place..).filter(|rest| !rest.is_empty()) {
        let run = rest.iter().position(|byte| class(*byte) != RUN);
        let run = run.unwrap_or(rest.len());
        longest = longest.max(run);
        place = place.saturating_add(run);
        let Some(byte) = bytes.get(place).copied() else {
            break;
        };
        if class(byte) == BORDER {
            break;
        }
        let here = at.saturating_add(place);
        slashes |= byte == b'/' && view.before(here) == Some(b'/');
        signs = signs.saturating_add(usize::from(matches!(byte, b'+' | b'/')));
        place = place.saturating_add(1);
    }
    let end = at.saturating_add(place);
    if place < LONGEST_FIELD && place == bytes.len() {
        // The field may go on with what is not there yet.
        let _ = view.byte(end);
    }
    // A value full of signs may hold no long run: those of AWS have 40 characters of base64.
    let promising = longest >= LEAST_RUN || (slashes && place > 12) || (signs > 0 && place >= 40);
    Field {
        end,
        promising,
        longest,
    }
}

/// Gives a field and what stands before it to the engine.
fn search(
    view: &View<'_>,
    at: usize,
    end: usize,
    decided: usize,
    found: &mut Vec<Entity>,
) -> usize {
    let end = view.boundary(end);
    let from = view.boundary(at.saturating_sub(BEFORE));
    let mut decided = view.boundary(decided);
    for one in secrets::find(view.slice(from..end)) {
        let range = from.saturating_add(one.range.start)..from.saturating_add(one.range.end);
        if range.start < at || range.start >= decided {
            continue;
        }
        decided = decided.max(range.end);
        found.push(Entity {
            kind: Kind::Credential,
            range,
            confidence: if one.doubtful { 60 } else { 95 },
            verified: false,
            detail: Some(one.pattern.id),
        });
    }
    decided.max(at.saturating_add(1))
}

/// Where a private key that begins at `at` ends at most.
fn key_end(view: &View<'_>, at: usize) -> usize {
    let most = at.saturating_add(LONGEST_KEY);
    let bytes = view.bytes();
    let there = bytes.get(at..most.min(bytes.len())).unwrap_or_default();
    let label = there.get(..there.len().min(96)).unwrap_or_default();
    // Whatever is not a private key is no longer than its label.
    let named = memmem::find(label, BEGIN.as_bytes())
        .and_then(|begin| label.get(begin.saturating_add(BEGIN.len())..))
        .map(|rest| {
            (
                memmem::find(rest, b"-----"),
                memmem::find(rest, b"PRIVATE KEY"),
            )
        });
    match named {
        Some((Some(close), key)) if key.is_none_or(|key| key > close) => {
            return at.saturating_add(BEGIN.len()).min(bytes.len());
        }
        Some((None, _)) | None if label.len() >= 96 => {
            return at.saturating_add(BEGIN.len()).min(bytes.len());
        }
        _ => {}
    }
    let last = memmem::find(there, b"-----END ").and_then(|end| {
        let body = end.saturating_add(9);
        let tail = there.get(body..there.len().min(body.saturating_add(60)))?;
        memmem::find(tail, b"-----").map(|close| body.saturating_add(close).saturating_add(5))
    });
    match last {
        Some(length) => at.saturating_add(length),
        None if there.len() < LONGEST_KEY => {
            // Not all is there: this asks for more, unless it is all there will ever be.
            let _ = view.byte(bytes.len());
            bytes.len()
        }
        None => most,
    }
}
