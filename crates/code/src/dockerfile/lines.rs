//! The instructions of a Dockerfile: comments, continued lines and here-documents resolved.

use std::collections::VecDeque;
use std::ops::Range;

/// One instruction with its arguments.
#[derive(Debug)]
pub(super) struct Instruction {
    /// In upper case.
    pub(super) keyword: String,
    /// The arguments as one line.
    pub(super) rest: String,
    /// Where pieces of `rest` stand in the text: index in `rest`, byte of the text.
    places: Vec<(usize, usize)>,
}

/// A word of an instruction, quotes resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    /// Its bytes in [`Instruction::rest`].
    pub(super) range: Range<usize>,
}

impl Instruction {
    /// The bytes of the text at which a range of `rest` stands.
    pub(super) fn span(&self, range: &Range<usize>) -> Range<usize> {
        let byte = |index: usize| {
            let piece = self.places.partition_point(|(start, _)| *start <= index);
            let (start, byte) = self
                .places
                .get(piece.saturating_sub(1))
                .copied()
                .unwrap_or_default();
            byte.saturating_add(index.saturating_sub(start))
        };
        let start = byte(range.start);
        // The end belongs to the piece of the last byte, which may not be that of the next one.
        let last = byte(range.end.saturating_sub(1).max(range.start));
        start..last.saturating_add(1).max(start)
    }

    /// The arguments split at white space, quotes and escapes resolved.
    pub(super) fn words(&self) -> Vec<Word> {
        let mut words = Vec::new();
        let mut word: Option<Word> = None;
        let mut quote: Option<char> = None;
        let mut escaped = false;
        for (index, character) in self.rest.char_indices() {
            let end = index.saturating_add(character.len_utf8());
            if quote.is_none() && !escaped && character.is_whitespace() {
                words.extend(word.take());
                if words.len() >= MOST {
                    break;
                }
                continue;
            }
            let word = word.get_or_insert_with(|| Word {
                text: String::new(),
                range: index..end,
            });
            word.range.end = end;
            match character {
                _ if escaped => {
                    escaped = false;
                    word.text.push(character);
                }
                '\\' if quote != Some('\'') => escaped = true,
                '"' | '\'' if quote.is_none() => quote = Some(character),
                _ if quote == Some(character) => quote = None,
                _ => word.text.push(character),
            }
        }
        words.extend(word);
        words
    }
}

/// Most instructions, lines of one and words of one; people write a thousandth of it.
pub(super) const MOST: usize = 20_000;

/// The instructions of a text, in order, up to [`MOST`].
pub(super) fn instructions(text: &str) -> Vec<Instruction> {
    let mut out: Vec<Instruction> = Vec::new();
    let mut current: Option<Instruction> = None;
    let mut ends: VecDeque<(String, bool)> = VecDeque::new();
    let mut escape = '\\';
    let mut at_top = true;
    let mut offset = 0_usize;
    for raw in text.split_inclusive('\n') {
        if out.len() >= MOST {
            break;
        }
        let start = offset;
        offset = offset.saturating_add(raw.len());
        let line = raw.trim_end_matches(['\n', '\r']);
        if current.is_none() && !ends.is_empty() {
            // Inside a here-document.
            if ends.front().is_some_and(|(end, strip)| {
                end == if *strip {
                    line.trim_start_matches('\t')
                } else {
                    line
                }
            }) {
                ends.pop_front();
            }
            continue;
        }
        let trimmed = line.trim_start();
        if let Some(comment) = trimmed.strip_prefix('#') {
            if at_top
                && comment
                    .to_ascii_lowercase()
                    .replace(' ', "")
                    .starts_with("escape=`")
            {
                escape = '`';
            }
            continue;
        }
        at_top = false;
        if trimmed.trim_end().is_empty() {
            // A blank line inside a continued instruction does not end it.
            continue;
        }
        let body = trimmed.trim_end();
        let lead = line.len().saturating_sub(trimmed.len());
        let (body, continued) = match body.strip_suffix(escape) {
            Some(body) => (body, true),
            None => (body, false),
        };
        match &mut current {
            Some(instruction) => {
                instruction.rest.push(' ');
                let index = instruction.rest.len();
                instruction.places.push((index, start.saturating_add(lead)));
                instruction.rest.push_str(body);
            }
            None => {
                let keyword = body.split_whitespace().next().unwrap_or_default();
                let after = body.get(keyword.len()..).unwrap_or_default();
                let rest = after.trim_start();
                let skipped = body.len().saturating_sub(rest.len());
                current = Some(Instruction {
                    keyword: keyword.to_ascii_uppercase(),
                    rest: rest.to_owned(),
                    places: vec![(0, start.saturating_add(lead).saturating_add(skipped))],
                });
            }
        }
        let continued = continued && current.as_ref().is_some_and(|it| it.places.len() < MOST);
        if !continued && let Some(instruction) = current.take() {
            if matches!(instruction.keyword.as_str(), "RUN" | "COPY" | "ADD") {
                ends = here_documents(&instruction.rest);
            }
            out.push(instruction);
        }
    }
    out.extend(current);
    out
}

/// The words that end the here-documents an instruction opens, and whether tabs before them count.
fn here_documents(rest: &str) -> VecDeque<(String, bool)> {
    rest.split_whitespace()
        .filter_map(|word| {
            let (_, tail) = word.split_once("<<")?;
            // `<<<` is a string, and `1<<2` a number.
            let (tail, strip) = match tail.strip_prefix('-') {
                Some(tail) => (tail, true),
                None => (tail, false),
            };
            let end = tail.trim_matches(['"', '\'']);
            let name = !end.is_empty()
                && end.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && end.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            name.then(|| (end.to_owned(), strip))
        })
        .collect()
}
