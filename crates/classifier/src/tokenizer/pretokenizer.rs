//! Where a tokenizer cuts a text before its model does.

use std::ops::Range;

use serde_json::Value;

use super::bytes::byte_letters;
use super::classes::{is_punctuation, is_word};
use super::json::Node;
use super::letters::{Letter, Piece, prepend, span};
use super::pattern::Pattern;
use super::{Fault, MOST_NESTED, MOST_STEPS};

/// What GPT-2 calls a word.
const WORDS: &str = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

/// What becomes of the places where is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    Removed,
    Isolated,
    WithPrevious,
    WithNext,
    Contiguous,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prefix {
    Always,
    First,
    Never,
}

#[derive(Debug)]
pub(crate) enum PreTokenizer {
    Bert,
    Whitespace,
    WhitespaceSplit,
    Metaspace {
        mark: char,
        prefix: Prefix,
        splits: bool,
    },
    Bytes {
        prefixes: bool,
        words: Option<Pattern>,
    },
    Split {
        pattern: Pattern,
        cut: Cut,
        inverts: bool,
    },
    Delimiter(char),
    Punctuation(Cut),
    Digits {
        each: bool,
    },
}

/// All steps, in their order.
pub(crate) fn read(value: &Value) -> Result<Vec<PreTokenizer>, Fault> {
    let mut steps = Vec::new();
    collect(value, 0, &mut steps)?;
    Ok(steps)
}

fn collect(value: &Value, depth: usize, steps: &mut Vec<PreTokenizer>) -> Result<(), Fault> {
    let place = "pre_tokenizer";
    if depth > MOST_NESTED || steps.len() >= MOST_STEPS {
        return Err(Fault::form(place, "has too many steps"));
    }
    let node = Node::of(value, place)?;
    let step = match node.kind()? {
        "Sequence" => {
            for inner in node.list("pretokenizers")? {
                collect(inner, depth.saturating_add(1), steps)?;
            }
            return Ok(());
        }
        "BertPreTokenizer" => PreTokenizer::Bert,
        "Whitespace" => PreTokenizer::Whitespace,
        "WhitespaceSplit" => PreTokenizer::WhitespaceSplit,
        "Metaspace" => PreTokenizer::Metaspace {
            mark: character(node, "replacement", '\u{2581}')?,
            prefix: match node.text_or("prepend_scheme", "")? {
                "always" => Prefix::Always,
                "first" => Prefix::First,
                "never" => Prefix::Never,
                // Older files say it with a flag.
                _ if node.flag("add_prefix_space", true)? => Prefix::Always,
                _ => Prefix::Never,
            },
            splits: node.flag("split", true)?,
        },
        "ByteLevel" => PreTokenizer::Bytes {
            prefixes: node.flag("add_prefix_space", true)?,
            words: match node.flag("use_regex", true)? {
                true => Some(Pattern::regex(WORDS, place)?),
                false => None,
            },
        },
        "Split" => PreTokenizer::Split {
            pattern: Pattern::read(node.need("pattern")?, place)?,
            cut: cut(node.text("behavior")?)?,
            inverts: node.flag("invert", false)?,
        },
        "CharDelimiterSplit" => PreTokenizer::Delimiter(character(node, "delimiter", ' ')?),
        "Punctuation" => PreTokenizer::Punctuation(cut(node.text_or("behavior", "Isolated")?)?),
        "Digits" => PreTokenizer::Digits {
            each: node.flag("individual_digits", false)?,
        },
        other => return Err(Fault::unknown(place, other)),
    };
    steps.push(step);
    Ok(())
}

fn character(node: Node<'_>, name: &str, default: char) -> Result<char, Fault> {
    let Some(_) = node.get(name) else {
        return Ok(default);
    };
    let mut all = node.text(name)?.chars();
    match (all.next(), all.next()) {
        (Some(one), None) => Ok(one),
        _ => Err(node.fault(&format!("has a `{name}` that is not one character"))),
    }
}

fn cut(name: &str) -> Result<Cut, Fault> {
    Ok(match name {
        "Removed" => Cut::Removed,
        "Isolated" => Cut::Isolated,
        "MergedWithPrevious" => Cut::WithPrevious,
        "MergedWithNext" => Cut::WithNext,
        "Contiguous" => Cut::Contiguous,
        other => return Err(Fault::unknown("pre_tokenizer", other)),
    })
}

/// The pieces of a piece after all steps.
pub(crate) fn apply(steps: &[PreTokenizer], piece: Piece) -> Vec<Piece> {
    let mut pieces = vec![piece];
    for step in steps {
        pieces = pieces
            .into_iter()
            .filter(|piece| !piece.letters.is_empty())
            .flat_map(|piece| step.apply(piece))
            .collect();
    }
    pieces.retain(|piece| !piece.letters.is_empty());
    pieces
}

impl PreTokenizer {
    fn apply(&self, piece: Piece) -> Vec<Piece> {
        let mut piece = piece;
        match self {
            Self::Bert => split(&piece, &each(&piece, char::is_whitespace), Cut::Removed)
                .iter()
                .flat_map(|piece| split(piece, &each(piece, is_punctuation), Cut::Isolated))
                .collect(),
            Self::Whitespace => {
                let words = runs(&piece.letters, |c| match (is_word(c), c.is_whitespace()) {
                    (true, _) => 1,
                    (_, true) => 0,
                    _ => 2,
                });
                words.iter().map(|range| part(&piece, range)).collect()
            }
            Self::WhitespaceSplit => {
                split(&piece, &each(&piece, char::is_whitespace), Cut::Removed)
            }
            Self::Metaspace {
                mark,
                prefix,
                splits,
            } => {
                for letter in &mut piece.letters {
                    if letter.c == ' ' {
                        letter.c = *mark;
                    }
                }
                let wants = match prefix {
                    Prefix::Always => true,
                    Prefix::First => piece.start == 0,
                    Prefix::Never => false,
                };
                if wants && piece.letters.first().is_none_or(|first| first.c != *mark) {
                    prepend(&mark.to_string(), &mut piece.letters);
                }
                if !splits {
                    return vec![piece];
                }
                split(&piece, &each(&piece, |c| c == *mark), Cut::WithNext)
            }
            Self::Bytes { prefixes, words } => {
                if *prefixes && piece.letters.first().is_none_or(|first| first.c != ' ') {
                    prepend(" ", &mut piece.letters);
                }
                let pieces = match words {
                    Some(words) => split(&piece, &words.matches(&piece.letters), Cut::Isolated),
                    None => vec![piece],
                };
                pieces
                    .into_iter()
                    .map(|piece| Piece {
                        letters: byte_letters(&piece.letters),
                        start: piece.start,
                    })
                    .collect()
            }
            Self::Split {
                pattern,
                cut,
                inverts,
            } => {
                let found = pattern.matches(&piece.letters);
                let found = match inverts {
                    true => gaps(&found, piece.letters.len()),
                    false => found,
                };
                split(&piece, &found, *cut)
            }
            Self::Delimiter(delimiter) => {
                split(&piece, &each(&piece, |c| c == *delimiter), Cut::Removed)
            }
            Self::Punctuation(cut) => split(&piece, &each(&piece, is_punctuation), *cut),
            Self::Digits { each: true } => {
                split(&piece, &each(&piece, char::is_numeric), Cut::Isolated)
            }
            Self::Digits { each: false } => {
                split(&piece, &each(&piece, char::is_numeric), Cut::Contiguous)
            }
        }
    }
}

/// Every letter of a kind, by itself.
fn each(piece: &Piece, is: impl Fn(char) -> bool) -> Vec<Range<usize>> {
    piece
        .letters
        .iter()
        .enumerate()
        .filter(|(_, letter)| is(letter.c))
        .map(|(at, _)| at..at.saturating_add(1))
        .collect()
}

/// Runs of letters of the same kind, but for those of kind zero.
fn runs(letters: &[Letter], kind: impl Fn(char) -> u8) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut last = 0;
    for (at, letter) in letters.iter().enumerate() {
        let now = kind(letter.c);
        match found.last_mut() {
            Some(run) if now == last && now != 0 => run.end = at.saturating_add(1),
            _ if now != 0 => found.push(at..at.saturating_add(1)),
            _ => {}
        }
        last = now;
    }
    found
}

/// What lies between ranges.
fn gaps(found: &[Range<usize>], len: usize) -> Vec<Range<usize>> {
    let mut gaps = Vec::new();
    let mut from = 0;
    for range in found {
        if from < range.start {
            gaps.push(from..range.start);
        }
        from = range.end;
    }
    if from < len {
        gaps.push(from..len);
    }
    gaps
}

fn part(piece: &Piece, range: &Range<usize>) -> Piece {
    let letters = piece
        .letters
        .get(range.clone())
        .unwrap_or_default()
        .to_vec();
    let start = match range.start {
        0 => piece.start,
        _ => span(&letters).0,
    };
    Piece { letters, start }
}

fn split(piece: &Piece, found: &[Range<usize>], cut: Cut) -> Vec<Piece> {
    let mut all: Vec<(Range<usize>, bool)> = gaps(found, piece.letters.len())
        .into_iter()
        .map(|range| (range, false))
        .chain(found.iter().map(|range| (range.clone(), true)))
        .collect();
    all.sort_by_key(|(range, _)| range.start);
    let ranges: Vec<Range<usize>> = match cut {
        Cut::Isolated => all.into_iter().map(|(range, _)| range).collect(),
        Cut::Removed => all
            .into_iter()
            .filter(|(_, is_match)| !is_match)
            .map(|(range, _)| range)
            .collect(),
        Cut::Contiguous => {
            let mut last = None;
            joined(all, |is_match| {
                let joins = last == Some(is_match);
                last = Some(is_match);
                joins
            })
        }
        Cut::WithPrevious => {
            let mut last = false;
            joined(all, |is_match| {
                let joins = is_match && !last;
                last = is_match;
                joins
            })
        }
        Cut::WithNext => {
            let mut last = false;
            all.reverse();
            let mut ranges = joined(all, |is_match| {
                let joins = is_match && !last;
                last = is_match;
                joins
            });
            ranges.reverse();
            ranges
        }
    };
    ranges
        .iter()
        .filter(|range| !range.is_empty())
        .map(|range| part(piece, range))
        .collect()
}

/// Ranges, those joined to the one before for which `joins` says so.
fn joined(
    all: Vec<(Range<usize>, bool)>,
    mut joins: impl FnMut(bool) -> bool,
) -> Vec<Range<usize>> {
    let mut out: Vec<Range<usize>> = Vec::new();
    for (range, is_match) in all {
        let joins = joins(is_match);
        match out.last_mut() {
            Some(last) if joins => {
                last.start = last.start.min(range.start);
                last.end = last.end.max(range.end);
            }
            _ => out.push(range),
        }
    }
    out
}
