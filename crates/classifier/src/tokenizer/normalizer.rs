//! What a tokenizer does to a text before it is cut.

use serde_json::Value;
use unicode_normalization::char::{canonical_combining_class, is_combining_mark};
use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick, is_nfkc_quick};

use super::bytes::byte_letters;
use super::charsmap::CharsMap;
use super::classes::{is_chinese, is_control, is_non_spacing};
use super::json::Node;
use super::letters::{Letter, Letters, instead, prepend, spelled};
use super::pattern::Pattern;
use super::{Fault, MOST_NESTED, MOST_STEPS};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Nfc,
    Nfd,
    Nfkc,
    Nfkd,
}

#[derive(Debug)]
pub(crate) enum Normalizer {
    Bert {
        cleans: bool,
        spaces_chinese: bool,
        strips_accents: bool,
        lowers: bool,
    },
    Unicode(Form),
    Lowercase,
    Strip {
        left: bool,
        right: bool,
    },
    StripAccents,
    Replace(Pattern, String),
    Prepend(String),
    Precompiled(CharsMap),
    Nmt,
    Bytes,
}

/// All steps, in their order.
pub(crate) fn read(value: &Value) -> Result<Vec<Normalizer>, Fault> {
    let mut steps = Vec::new();
    collect(value, 0, &mut steps)?;
    Ok(steps)
}

fn collect(value: &Value, depth: usize, steps: &mut Vec<Normalizer>) -> Result<(), Fault> {
    let place = "normalizer";
    if depth > MOST_NESTED || steps.len() >= MOST_STEPS {
        return Err(Fault::form(place, "has too many steps"));
    }
    let node = Node::of(value, place)?;
    let step = match node.kind()? {
        "Sequence" => {
            for inner in node.list("normalizers")? {
                collect(inner, depth.saturating_add(1), steps)?;
            }
            return Ok(());
        }
        "BertNormalizer" => {
            let lowers = node.flag("lowercase", true)?;
            Normalizer::Bert {
                cleans: node.flag("clean_text", true)?,
                spaces_chinese: node.flag("handle_chinese_chars", true)?,
                strips_accents: node.flag("strip_accents", lowers)?,
                lowers,
            }
        }
        "NFC" => Normalizer::Unicode(Form::Nfc),
        "NFD" => Normalizer::Unicode(Form::Nfd),
        "NFKC" => Normalizer::Unicode(Form::Nfkc),
        "NFKD" => Normalizer::Unicode(Form::Nfkd),
        "Lowercase" => Normalizer::Lowercase,
        "Strip" => Normalizer::Strip {
            left: node.flag("strip_left", true)?,
            right: node.flag("strip_right", true)?,
        },
        "StripAccents" => Normalizer::StripAccents,
        "Replace" => Normalizer::Replace(
            Pattern::read(node.need("pattern")?, place)?,
            node.text("content")?.to_owned(),
        ),
        "Prepend" => Normalizer::Prepend(node.text("prepend")?.to_owned()),
        "Precompiled" => {
            Normalizer::Precompiled(CharsMap::read(node.text_or("precompiled_charsmap", "")?)?)
        }
        "Nmt" => Normalizer::Nmt,
        "ByteLevel" => Normalizer::Bytes,
        other => return Err(Fault::unknown(place, other)),
    };
    steps.push(step);
    Ok(())
}

/// Most characters that a step may make of one.
const GROWTH: usize = 32;

/// A text after all steps.
pub(crate) fn apply(steps: &[Normalizer], letters: Letters) -> Result<Letters, Fault> {
    let most = letters.len().saturating_add(64).saturating_mul(GROWTH);
    let mut letters = letters;
    for step in steps {
        letters = step.apply(letters);
        if letters.len() > most {
            return Err(Fault::form("normalizer", "makes too much of a text"));
        }
    }
    Ok(letters)
}

impl Normalizer {
    fn apply(&self, letters: Letters) -> Letters {
        match self {
            Self::Bert {
                cleans,
                spaces_chinese,
                strips_accents,
                lowers,
            } => {
                let mut letters = letters;
                if *cleans {
                    letters = clean(letters);
                }
                if *spaces_chinese {
                    letters = spaced(&letters);
                }
                if *strips_accents {
                    letters = unicode(Form::Nfd, &letters);
                    letters.retain(|letter| !is_non_spacing(letter.c));
                }
                if *lowers {
                    letters = lowercase(&letters);
                }
                letters
            }
            Self::Unicode(form) => unicode(*form, &letters),
            Self::Lowercase => lowercase(&letters),
            Self::Strip { left, right } => {
                let mut letters = letters;
                let is_word = |letter: &Letter| !letter.c.is_whitespace();
                if *right {
                    let end = letters.iter().rposition(is_word);
                    letters.truncate(end.map_or(0, |end| end.saturating_add(1)));
                }
                if *left {
                    let start = letters.iter().position(is_word);
                    letters.drain(..start.unwrap_or(letters.len()));
                }
                letters
            }
            Self::StripAccents => {
                let mut letters = letters;
                letters.retain(|letter| !is_combining_mark(letter.c));
                letters
            }
            Self::Replace(pattern, new) => {
                let mut out = Letters::with_capacity(letters.len());
                let mut from = 0;
                for range in pattern.matches(&letters) {
                    out.extend_from_slice(letters.get(from..range.start).unwrap_or_default());
                    instead(
                        new,
                        letters.get(range.clone()).unwrap_or_default(),
                        &mut out,
                    );
                    from = range.end;
                }
                out.extend_from_slice(letters.get(from..).unwrap_or_default());
                out
            }
            Self::Prepend(text) => {
                let mut letters = letters;
                prepend(text, &mut letters);
                letters
            }
            Self::Precompiled(map) => map.apply(&letters),
            Self::Nmt => nmt(letters),
            Self::Bytes => byte_letters(&letters),
        }
    }
}

fn clean(letters: Letters) -> Letters {
    letters
        .into_iter()
        .filter(|letter| !matches!(letter.c, '\0' | '\u{fffd}') && !is_control(letter.c))
        .map(|letter| Letter {
            c: match letter.c.is_whitespace() {
                true => ' ',
                false => letter.c,
            },
            ..letter
        })
        .collect()
}

fn spaced(letters: &[Letter]) -> Letters {
    let mut out = Letters::with_capacity(letters.len());
    for letter in letters {
        if is_chinese(letter.c) {
            out.extend([
                Letter { c: ' ', ..*letter },
                *letter,
                Letter { c: ' ', ..*letter },
            ]);
        } else {
            out.push(*letter);
        }
    }
    out
}

fn lowercase(letters: &[Letter]) -> Letters {
    letters
        .iter()
        .flat_map(|letter| letter.c.to_lowercase().map(|c| Letter { c, ..*letter }))
        .collect()
}

/// A form of Unicode, run by run: what comes of a run stands for all of it.
fn unicode(form: Form, letters: &[Letter]) -> Letters {
    let mut out = Letters::with_capacity(letters.len());
    let mut run: Vec<Letter> = Vec::new();
    for letter in letters {
        if begins(form, letter.c) {
            finish(form, &run, &mut out);
            run.clear();
        }
        run.push(*letter);
    }
    finish(form, &run, &mut out);
    out
}

/// Whether nothing before this character can change it, or be changed by it.
fn begins(form: Form, c: char) -> bool {
    if c.is_ascii() {
        return true;
    }
    let one = std::iter::once(c);
    let quick = match form {
        Form::Nfc | Form::Nfd => is_nfc_quick(one),
        Form::Nfkc | Form::Nfkd => is_nfkc_quick(one),
    };
    canonical_combining_class(c) == 0 && quick == IsNormalized::Yes
}

fn finish(form: Form, run: &[Letter], out: &mut Letters) {
    if let [one] = run
        && one.c.is_ascii()
    {
        out.push(*one);
        return;
    }
    let text = spelled(run);
    let new: String = match form {
        Form::Nfc => text.nfc().collect(),
        Form::Nfd => text.nfd().collect(),
        Form::Nfkc => text.nfkc().collect(),
        Form::Nfkd => text.nfkd().collect(),
    };
    if new == text {
        out.extend_from_slice(run);
    } else {
        instead(&new, run, out);
    }
}

/// What machine translation at Google leaves out, and the many blanks as one.
fn nmt(letters: Letters) -> Letters {
    letters
        .into_iter()
        .filter(|letter| {
            !matches!(u32::from(letter.c),
                0x1..=0x8 | 0xb | 0xe..=0x1f | 0x7f | 0x8f | 0x9f)
        })
        .map(|letter| {
            let c = match u32::from(letter.c) {
                0x9
                | 0xa
                | 0xc
                | 0xd
                | 0x1680
                | 0x200b..=0x200f
                | 0x2028
                | 0x2029
                | 0x2581
                | 0xfeff
                | 0xfffd => ' ',
                _ => letter.c,
            };
            Letter { c, ..letter }
        })
        .collect()
}
