//! Credentials of one file as facts.

use std::sync::Arc;

use stance_core::evidence::Locus;
use stance_core::fact::{Fact, GapReason, Secret};
use stance_core::{Evidence, digest};

use super::find::{Match, find};
use super::place::Places;
use super::shaped;
use crate::Inspector;
use crate::credential::mask;
use crate::input::Input;
use crate::report::Facts;
use crate::text::Text;

/// Looks for credentials in every text.
pub(crate) static INSPECTOR: Secrets = Secrets;

pub(crate) struct Secrets;

/// How much of a text beyond the limit is looked at in one go.
const WINDOW: u64 = 4 << 20;

/// How much two windows have in common: more than the longest credential.
const OVERLAP: u64 = 32 << 10;

impl Inspector for Secrets {
    fn name(&self) -> &'static str {
        "secrets"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        !input.is_empty() && input.is_text()
    }

    fn understands(&self) -> bool {
        false
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        if input.len() > input.options().limits.text {
            in_windows(input, facts);
        } else if let Some(text) = input.text(facts) {
            let mut found = find(text.as_str());
            if shaped::is_model_configuration(input.file_name()) {
                shaped::add(text.as_str(), &mut found);
            }
            if !found.is_empty() {
                let places = Places::of(input, text.as_str());
                add(input, &text, &places, &found, 0, facts);
            }
        }
    }
}

/// Adds one fact for each of `found`; `lines` is how many lines stand before the text.
fn add(
    input: &Input<'_>,
    text: &Text<'_>,
    places: &Places,
    found: &[Match],
    lines: u32,
    facts: &mut Facts<'_>,
) {
    let ranges: Vec<_> = found
        .iter()
        .map(|found| found.hidden(text.as_str()))
        .collect();
    for found in found {
        if facts.is_full() {
            break;
        }
        let value = text.as_str().get(found.range.clone()).unwrap_or_default();
        let mut evidence = text.evidence_masked(input.path(), found.range.clone(), &ranges);
        if let Locus::Line { line, .. } = &mut evidence.locus {
            *line = line.saturating_add(lines);
        }
        let mut digest = digest::sha256_hex(value.as_bytes());
        digest.truncate(16);
        facts.add(
            input.path(),
            Fact::Secret(Box::new(Secret {
                pattern: found.pattern.id,
                title: found.pattern.title,
                vendor: found.vendor,
                redacted: mask(shown_of(found, text.as_str())),
                digest,
                doubtful: found.doubtful,
                place: places.at(&found.range),
                evidence,
            })),
        );
    }
}

/// The part of a value that stands for it: of a key in PEM what follows its first line.
fn shown_of<'t>(found: &Match, text: &'t str) -> &'t str {
    let hidden = found.hidden(text);
    let value = text.get(hidden.clone()).unwrap_or_default();
    if hidden.start == found.range.start {
        value
    } else {
        value.trim_start_matches("\\n").trim_start()
    }
}

/// Looks through a text that is too large to be read whole, one window after the other.
fn in_windows(input: &Input<'_>, facts: &mut Facts<'_>) {
    let last = input.options().limits.unpacked.min(input.len());
    let (mut start, mut lines) = (0_u64, 0_u32);
    while start < last {
        let Some(bytes) = input.read(start, WINDOW.min(last.saturating_sub(start)), facts) else {
            return;
        };
        let length = bytes.len() as u64;
        let ended = length == 0 || start.saturating_add(length) >= last;
        let step = length.saturating_sub(OVERLAP).max(1);
        let passed = bytes
            .get(..usize::try_from(step).unwrap_or(usize::MAX))
            .unwrap_or_default();
        let text = Text::decode(&bytes);
        // What begins in the part that the next window has as well is left to it, and what
        // the window cuts at its start was seen in the one before.
        let shared = if text.as_str().len() == bytes.len() {
            passed.len()
        } else {
            Text::decode(passed).as_str().len()
        };
        let mut found = find(text.as_str());
        found.retain(|found| {
            (ended || found.range.start < shared) && (start == 0 || found.range.start > 0)
        });
        if !found.is_empty() {
            let places = Places::of(input, text.as_str());
            add(input, &text, &places, &found, lines, facts);
        }
        if ended {
            break;
        }
        let newlines = memchr::memchr_iter(b'\n', passed).count();
        lines = lines.saturating_add(u32::try_from(newlines).unwrap_or(u32::MAX));
        start = start.saturating_add(step);
    }
    if last < input.len() {
        facts.gap(
            GapReason::TooLarge,
            format!(
                "looked for credentials in the first {last} of {} bytes only",
                input.len()
            ),
            Evidence::file(Arc::clone(input.path())),
        );
    }
}
