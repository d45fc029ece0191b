//! All credentials in a text.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::packed;

use super::alphabet::Alphabet;
use super::name::{self, Assignment};
use super::pattern::{Check, Grade, PATTERNS, Part, Pattern, Start, pattern};
use super::proof::{self, Proof};
use super::{address, private_key, runs, shape};
use crate::vendors;

/// A credential in a text.
#[derive(Clone, Debug)]
pub struct Match {
    /// What it is.
    pub pattern: &'static Pattern,
    /// The vendor it opens, where pattern or context tell; else `unknown`.
    pub vendor: &'static str,
    /// The bytes of the value.
    pub range: Range<usize>,
    /// Whether its checksum does not fit, so that it is no live one as it stands.
    pub doubtful: bool,
}

impl Match {
    /// The bytes that nobody may see: of a key in PEM, what follows its first line.
    #[must_use]
    pub fn hidden(&self, text: &str) -> Range<usize> {
        let header = text
            .get(self.range.clone())
            .and_then(|value| value.strip_prefix("-----BEGIN "))
            .and_then(|rest| rest.find("-----"))
            .map_or(0, |label| label.saturating_add(16));
        self.range.start.saturating_add(header)..self.range.end
    }
}

/// The patterns by how they are found.
struct Index {
    /// By the first byte of the prefix, the longest prefix first.
    prefixes: Vec<Vec<&'static Pattern>>,
    /// Those whose prefix ends in a dot, which ends a run.
    dotted: Vec<(&'static str, &'static Pattern)>,
    named: Vec<&'static Pattern>,
    within: Vec<(&'static str, &'static Pattern)>,
    markers: packed::Searcher,
    marks: Vec<Mark>,
}

/// What a marker announces.
#[derive(Clone, Copy)]
enum Mark {
    PrivateKey,
    Address,
    /// A prefix that is no run of its own.
    Prefix(&'static Pattern),
    /// The inside of a value.
    Near(&'static Pattern),
    /// A name whose value need not hold a long run.
    Name,
}

/// Names of variables for which a value may be too full of `+` and `/` to hold a long run.
const NAMES: [&str; 5] = [
    "ecretAccessKey",
    "SECRET_ACCESS_KEY",
    "secret_access_key",
    "ecretKey",
    "ecretkey",
];

static INDEX: LazyLock<Option<Index>> = LazyLock::new(|| {
    let mut prefixes = vec![Vec::new(); 256];
    let (mut dotted, mut named, mut within) = (Vec::new(), Vec::new(), Vec::new());
    let mut literals = vec!["-----BEGIN ", "://"];
    let mut marks = vec![Mark::PrivateKey, Mark::Address];
    for name in NAMES {
        literals.push(name);
        marks.push(Mark::Name);
    }
    for pattern in PATTERNS.iter() {
        match &pattern.start {
            Start::Prefix(prefix) if prefix.ends_with('.') => dotted.push((*prefix, pattern)),
            Start::Prefix(prefix) if prefix.ends_with(['=', '/']) => {
                literals.push(prefix);
                marks.push(Mark::Prefix(pattern));
            }
            Start::Prefix(prefix) => {
                if let Some(list) = prefix
                    .bytes()
                    .next()
                    .and_then(|byte| prefixes.get_mut(usize::from(byte)))
                {
                    list.push(pattern);
                }
            }
            Start::Near(inside) => {
                literals.push(inside);
                marks.push(Mark::Near(pattern));
            }
            Start::Name(_) => named.push(pattern),
            Start::Within(inside) => within.push((*inside, pattern)),
            Start::Code => {}
        }
    }
    for list in &mut prefixes {
        list.sort_by_key(|pattern| std::cmp::Reverse(prefix_of(pattern).len()));
    }
    let markers = packed::Searcher::new(literals)?;
    Some(Index {
        prefixes,
        dotted,
        named,
        within,
        markers,
        marks,
    })
});

fn prefix_of(pattern: &Pattern) -> &'static str {
    match pattern.start {
        Start::Prefix(prefix) => prefix,
        _ => "",
    }
}

/// Every credential in `text`, in order, none overlapping another.
#[must_use]
pub fn find(text: &str) -> Vec<Match> {
    let Some(index) = INDEX.as_ref() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    runs::each(text.as_bytes(), |run| {
        found.extend(in_run(index, text, &run));
    });
    for mark in index.markers.find_iter(text) {
        if let Some(kind) = index.marks.get(mark.pattern().as_usize())
            && let Some(value) = at_mark(index, text, *kind, mark.start()..mark.end())
        {
            found.push(value);
        }
    }
    // The longest one wins where two overlap: a key block over what stands in it.
    found.sort_by(|a, b| {
        (a.range.start, std::cmp::Reverse(a.range.end))
            .cmp(&(b.range.start, std::cmp::Reverse(b.range.end)))
    });
    let mut end = 0;
    found.retain(|value| {
        let apart = value.range.start >= end && !is_in_data(text.as_bytes(), &value.range);
        if apart {
            end = value.range.end;
        }
        apart
    });
    found
}

/// Whether a range is a piece of a long run of base64, where anything of the right shape comes about by chance.
fn is_in_data(bytes: &[u8], range: &Range<usize>) -> bool {
    const LEAST: usize = 100;
    let is_data = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(**byte, b'+' | b'/');
    let before = bytes.get(..range.start).unwrap_or_default();
    let behind = bytes.get(range.end..).unwrap_or_default();
    let before = before.iter().rev().take(LEAST).take_while(is_data).count();
    let behind = behind.iter().take(LEAST).take_while(is_data).count();
    before > 0 && behind > 0 && before.saturating_add(behind) >= LEAST
}

/// Ranges that begin like a credential, whether or not they go on like one: for hiding what a cut
/// line leaves of it.
pub(crate) fn beginnings(text: &str) -> Vec<Range<usize>> {
    let Some(index) = INDEX.as_ref() else {
        return Vec::new();
    };
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    runs::each(bytes, |run| {
        let rest = bytes.get(run.clone()).unwrap_or_default();
        let list = rest
            .first()
            .and_then(|byte| index.prefixes.get(usize::from(*byte)));
        let begins = list.into_iter().flatten().any(|pattern| {
            let prefix = prefix_of(pattern);
            let body = rest.get(prefix.len()..).unwrap_or_default();
            // What stands for a key has few digits, and no two of them in different places.
            rest.starts_with(prefix.as_bytes())
                && body.iter().filter(|byte| byte.is_ascii_digit()).count() >= 2
                && proof::entropy(body) >= 3.0
        });
        let value = text.get(run.clone()).unwrap_or_default();
        if begins && !proof::is_placeholder(value) {
            found.push(run);
        }
    });
    found
}

/// The credential that a long run is, begins or belongs to.
fn in_run(index: &Index, text: &str, run: &Range<usize>) -> Option<Match> {
    let bytes = text.as_bytes();
    let length = run.end.saturating_sub(run.start);
    let before = bytes.get(..run.start)?.last().copied();
    let first = *bytes.get(run.start)?;
    // The letter of an escape is no part of a value: `\nsk-…`, `%3Dsk-…`.
    let escaped = match before {
        Some(b'\\') if matches!(first, b'n' | b'r' | b't') => 1,
        Some(b'%') => 2,
        _ => 0,
    };
    for skipped in [0, escaped] {
        let at = run.start.saturating_add(skipped);
        let rest = bytes.get(at..)?;
        for pattern in index.prefixes.get(usize::from(*rest.first()?))? {
            if rest.starts_with(prefix_of(pattern).as_bytes())
                && let Some(found) = prefixed(index, text, pattern, at)
            {
                return found;
            }
        }
        if escaped == 0 {
            break;
        }
    }
    if before == Some(b'.') {
        for (prefix, pattern) in &index.dotted {
            let at = run.start.saturating_sub(prefix.len());
            if bytes.get(at..run.start) == Some(prefix.as_bytes())
                && shape::may_begin(bytes, at)
                && let Some(found) = prefixed(index, text, pattern, at)
            {
                return found;
            }
        }
    }
    if length > 200 {
        return None;
    }
    for (inside, pattern) in &index.within {
        if length == most(pattern)
            && text.get(run.clone())?.contains(inside)
            && shape::end_of(&pattern.body, bytes, run.start) == Some(run.end)
            && proof::judge(pattern, text.get(run.clone())?, 0) == Proof::Likely
        {
            return Some(matched(pattern, run.clone(), false));
        }
    }
    let mut digits = bytes
        .get(run.clone())?
        .iter()
        .filter(|byte| byte.is_ascii_digit());
    digits.next()?;
    let assignment = name::of_value(text, run.start)?;
    in_assignment(index, text, assignment)
}

/// The longest body of a pattern.
fn most(pattern: &Pattern) -> usize {
    pattern
        .body
        .iter()
        .map(|part| match part {
            Part::Text(text) => text.len(),
            Part::Run(_, _, most) => *most,
        })
        .sum()
}

/// The credential of a pattern whose prefix stands at `at`; `Some(None)` when the shape fits but
/// it is none, so that no other pattern is asked.
fn prefixed(
    index: &Index,
    text: &str,
    pattern: &'static Pattern,
    at: usize,
) -> Option<Option<Match>> {
    let fixed = prefix_of(pattern).len();
    let end = shape::end_of(&pattern.body, text.as_bytes(), at.saturating_add(fixed))?;
    let value = text.get(at..end)?;
    // Whoever hands out a signed address hands out the key id with it.
    let signed = pattern.grade == Grade::Half
        && text
            .get(..at)
            .is_some_and(|before| before.ends_with("Credential="));
    let found = match proof::judge(pattern, value, fixed) {
        Proof::No => None,
        _ if signed => None,
        proof => Some(matched(pattern, at..end, proof == Proof::Doubtful)),
    };
    Some(found.map(|found| in_context(index, text, found)))
}

fn matched(pattern: &'static Pattern, range: Range<usize>, doubtful: bool) -> Match {
    Match {
        pattern,
        vendor: pattern.vendor,
        range,
        doubtful,
    }
}

/// What the surroundings tell about a value: whose it is, where several vendors share a form.
fn in_context(index: &Index, text: &str, mut found: Match) -> Match {
    if found.pattern.vendor == "unknown"
        && let Some(assignment) = name::of_value(text, found.range.start)
    {
        if let Some(pattern) = named(index, text, &assignment) {
            found.pattern = pattern;
            found.vendor = pattern.vendor;
        } else if let Some(vendor) = vendor_of(&assignment) {
            found.vendor = vendor;
        }
    }
    if found.pattern.id == "google-api-key" && is_firebase(text, &found.range) {
        found.pattern = pattern("google-firebase-key").unwrap_or(found.pattern);
    }
    found
}

/// The pattern whose name and form an assignment has.
fn named(index: &Index, text: &str, assignment: &Assignment<'_>) -> Option<&'static Pattern> {
    let fits = |pattern: &&&'static Pattern| {
        let Start::Name(words) = &pattern.start else {
            return false;
        };
        let end = shape::end_of(&pattern.body, text.as_bytes(), assignment.start);
        end == Some(assignment.end) && words.iter().any(|word| assignment.speaks_of(word))
    };
    index.named.iter().find(fits).copied()
}

/// Whether a Google key belongs to the public configuration of a Firebase application.
fn is_firebase(text: &str, range: &Range<usize>) -> bool {
    let mut from = range.start.saturating_sub(500);
    while !text.is_char_boundary(from) {
        from = from.saturating_add(1);
    }
    let mut to = range.end.saturating_add(500).min(text.len());
    while !text.is_char_boundary(to) {
        to = to.saturating_sub(1);
    }
    text.get(from..to).is_some_and(|near| {
        [
            "authDomain",
            "messagingSenderId",
            "mobilesdk_app_id",
            "firebaseapp.com",
        ]
        .iter()
        .any(|word| near.contains(word))
    })
}

fn vendor_of(assignment: &Assignment<'_>) -> Option<&'static str> {
    let name = assignment.name.rsplit('.').next().unwrap_or_default();
    if let Some(vendor) = vendors::of_variable(name) {
        return Some(vendor.key);
    }
    vendors::all()
        .iter()
        .find(|vendor| vendor.key.len() > 3 && assignment.speaks_of(vendor.key))
        .map(|vendor| vendor.key)
}

fn in_assignment(index: &Index, text: &str, assignment: Assignment<'_>) -> Option<Match> {
    if !assignment.is_credential() {
        return None;
    }
    if let Some(pattern) = named(index, text, &assignment) {
        let (start, end) = (assignment.start, assignment.end);
        let fixed = match pattern.body.first() {
            Some(Part::Text(text)) => text.len(),
            _ => 0,
        };
        return match proof::judge(pattern, text.get(start..end)?, fixed) {
            Proof::No => None,
            _ => Some(matched(pattern, start..end, false)),
        };
    }
    in_variable(text, &assignment)
}

/// A value in a variable that by convention holds a vendor's key, whatever its form.
fn in_variable(text: &str, assignment: &Assignment<'_>) -> Option<Match> {
    let generic = pattern("provider-variable")?;
    let name = assignment.name.rsplit('.').next().unwrap_or_default();
    let vendor = vendors::of_variable(name)?;
    let public =
        name.ends_with("_ID") || name.contains("PUBLIC_KEY") || name.contains("CREDENTIALS");
    let value = text.get(assignment.start..assignment.end)?;
    let bytes = value.as_bytes();
    let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
    let letters = bytes
        .iter()
        .filter(|byte| byte.is_ascii_alphabetic())
        .count();
    let path = value.contains("//") || value.starts_with(['/', '.', '~']) || value.contains("./");
    let likely = !public
        && !path
        && (20..=400).contains(&value.len())
        && digits >= 3
        && letters >= 3
        && bytes.iter().all(|byte| Alphabet::Any.contains(*byte))
        && shape::end_of(&generic.body, text.as_bytes(), assignment.start) == Some(assignment.end)
        && proof::entropy(bytes) >= generic.entropy
        && !proof::is_placeholder(value);
    likely.then(|| Match {
        vendor: vendor.key,
        ..matched(generic, assignment.start..assignment.end, false)
    })
}

fn at_mark(index: &Index, text: &str, kind: Mark, mark: Range<usize>) -> Option<Match> {
    let bytes = text.as_bytes();
    match kind {
        Mark::PrivateKey => {
            let range = private_key::at(text, mark.start)?;
            let id = if private_key::is_service_account(text, mark.start) {
                "gcp-service-account-key"
            } else {
                "private-key"
            };
            Some(matched(pattern(id)?, range, false))
        }
        Mark::Address => {
            let kind = pattern("url-password")?;
            let range = address::password(text, mark.start, kind.entropy)?;
            Some(matched(kind, range, false))
        }
        Mark::Prefix(pattern) => {
            let end = shape::end_of(&pattern.body, bytes, mark.end)?;
            let fixed = prefix_of(pattern).len();
            let likely = proof::judge(pattern, text.get(mark.start..end)?, fixed) == Proof::Likely;
            likely.then(|| matched(pattern, mark.start..end, false))
        }
        Mark::Near(pattern) => {
            let alphabet = |byte: &&u8| {
                Alphabet::Entra.contains(**byte)
                    || (pattern.check != Check::Entra && **byte == b':')
            };
            let back = bytes
                .get(..mark.start)?
                .iter()
                .rev()
                .take(41)
                .take_while(alphabet)
                .count();
            let start = mark.start.saturating_sub(back);
            let end = shape::end_of(&pattern.body, bytes, start)?;
            let value = text.get(start..end).filter(|_| end >= mark.end)?;
            (proof::judge(pattern, value, 0) == Proof::Likely)
                .then(|| matched(pattern, start..end, false))
        }
        Mark::Name => in_assignment(index, text, name::of_name(text, mark.end)?),
    }
}
