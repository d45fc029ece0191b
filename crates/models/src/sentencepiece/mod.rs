//! SentencePiece models (`tokenizer.model`, `spiece.model`): pieces of text with their scores, how they
//! were trained, and the normalisation of what is tokenized.
//!
//! See the message definitions in `sentencepiece_model.proto`.

mod charsmap;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use stance_core::fact::{Artifact, ArtifactFormat, Embedded, EmbeddedKind, Fact, GapReason};

use crate::unclaimed;
use stance_code::tokenizer::{Change, decides, speaks};
use stance_read::Inspector;
use stance_read::input::Input;
use stance_read::protobuf::{Broken, Message, Value};
use stance_read::report::Facts;
use stance_read::window::{LARGEST, Stop, Window};

pub(crate) static INSPECTOR: Sentencepiece = Sentencepiece;

/// Pieces that are looked at; the largest vocabularies have a quarter of it.
const PIECES: u64 = 1_000_000;
/// Changes of one kind that are told of one file.
const MOST: usize = 8;
/// Fields from here on are kept free for extensions.
const EXTENSIONS: u32 = 200;
/// An unknown field of at most this many bytes is an addition of a newer version.
const SMALL: u64 = 256;

/// Types of pieces.
const CONTROL: u64 = 3;
const USER_DEFINED: u64 = 4;
const UNUSED: u64 = 5;

pub(crate) struct Sentencepiece;

impl Inspector for Sentencepiece {
    fn name(&self) -> &'static str {
        "sentencepiece"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        starts_with_pieces(input.head()).is_some()
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let mut model = Model {
            input,
            window: Window::new(input, input.options().limits.header),
            artifact: Artifact::new(ArtifactFormat::Sentencepiece, input.len(), input.evidence()),
            pieces: 0,
            seen: HashSet::new(),
            read_to: 0,
        };
        let broken = model.read().err();
        if let Some(broken) = broken {
            let (reason, detail) = match broken {
                Broken::Malformed(_) | Broken::Stop(Stop::End) => {
                    (GapReason::Malformed, "what follows is no field of a model")
                }
                Broken::Stop(Stop::Limit) => (
                    GapReason::Limit,
                    "it is longer than the limit for headers, or has too many pieces",
                ),
                Broken::Stop(Stop::Failed) => (GapReason::Unreadable, "it cannot be read"),
            };
            let at = model.read_to;
            let place = input.evidence_at(at..at.saturating_add(1), detail);
            facts.gap(reason, format!("SentencePiece: {detail}"), place);
            if reason == GapReason::Malformed && model.pieces > 0 {
                model.unclaimed(at, input.len(), "behind the model");
            }
        }
        let pieces = model.pieces.to_string();
        model.artifact.metadata.insert("pieces".to_owned(), pieces);
        let Model {
            window, artifact, ..
        } = model;
        window.finish(facts);
        let path = Arc::clone(input.path());
        facts.add(&path, Fact::Artifact(Box::new(artifact)));
    }
}

/// Whether two messages follow that are a piece each: a text, then its score or type.
fn starts_with_pieces(head: &[u8]) -> Option<()> {
    let second = piece(head)?;
    piece(second).map(|_| ())
}

/// What follows a piece.
fn piece(bytes: &[u8]) -> Option<&[u8]> {
    let (length, body) = length_of(bytes.strip_prefix(&[0x0a])?)?;
    let body = body.get(..length).map(|piece| (piece, body.get(length..)));
    let (piece, rest) = body?;
    let (text, behind) = length_of(piece.strip_prefix(&[0x0a])?)?;
    let behind = behind.get(text..)?;
    // A score is a float, a type a small number.
    matches!(
        behind,
        [0x15, _, _, _, _] | [0x15, _, _, _, _, 0x18, 1..=6] | [0x18, 1..=6]
    )
    .then_some(rest?)
}

/// A length of up to two bytes, and what follows it.
fn length_of(bytes: &[u8]) -> Option<(usize, &[u8])> {
    match bytes {
        [short @ 0..=0x7f, rest @ ..] => Some((usize::from(*short), rest)),
        [low, high @ 1..=0x7f, rest @ ..] => {
            let high = usize::from(*high).checked_shl(7)?;
            Some((usize::from(low & 0x7f) | high, rest))
        }
        _ => None,
    }
}

struct Model<'i, 'a> {
    input: &'i Input<'a>,
    window: Window<'a>,
    artifact: Artifact,
    pieces: u64,
    /// Hashes of the texts of all pieces.
    seen: HashSet<u64>,
    /// Up to where all is understood.
    read_to: u64,
}

impl Model<'_, '_> {
    fn read(&mut self) -> Result<(), Broken> {
        let mut whole = Message::whole(&self.window);
        while let Some(field) = whole.next(&mut self.window)? {
            match (field.number, field.value) {
                (1, Value::Bytes(piece)) => {
                    self.pieces = self.pieces.saturating_add(1);
                    if self.pieces > PIECES {
                        return Err(Broken::Stop(Stop::Limit));
                    }
                    self.read_piece(piece)?;
                }
                (2, Value::Bytes(trainer)) => self.read_trainer(trainer)?,
                (3, Value::Bytes(normalizer)) => {
                    self.read_normalizer(normalizer, "what is read")?;
                }
                (5, Value::Bytes(denormalizer)) => {
                    self.read_normalizer(denormalizer, "what is written")?;
                }
                (4, Value::Bytes(_)) => {}
                (EXTENSIONS.., _) => {}
                (_, Value::Bytes(unknown)) if unknown.length() > SMALL => {
                    self.unclaimed(
                        unknown.at,
                        unknown.end,
                        "in a field that models do not have",
                    );
                }
                _ => {}
            }
            self.read_to = whole.at;
        }
        Ok(())
    }

    fn read_piece(&mut self, mut piece: Message) -> Result<(), Broken> {
        let (mut text, mut kind) = (None, 1);
        while let Some(field) = piece.next(&mut self.window)? {
            match (field.number, field.value) {
                (1, Value::Bytes(bytes)) => text = Some(bytes),
                (3, Value::Number(number)) => kind = number,
                _ => {}
            }
        }
        let Some(text) = text else {
            return Ok(());
        };
        let at = text.at;
        let words = text.text(&mut self.window, 400)?;
        let mut hasher = DefaultHasher::new();
        words.hash(&mut hasher);
        // Texts that were shortened may differ behind.
        if !self.seen.insert(hasher.finish()) && text.length() <= 400 {
            self.change(Change::Repeated, at, || {
                format!("the piece `{words}` stands there twice")
            });
        }
        match kind {
            CONTROL | USER_DEFINED if says(&words) => self.change(Change::Inserted, at, || {
                format!("the symbol `{words}` is a sentence or an address")
            }),
            CONTROL | UNUSED if decides(&words) => self.change(Change::Silenced, at, || {
                let how = if kind == CONTROL {
                    "a control symbol"
                } else {
                    "unused"
                };
                format!("the word `{words}` is marked as {how}")
            }),
            _ => {}
        }
        Ok(())
    }

    fn read_trainer(&mut self, mut trainer: Message) -> Result<(), Broken> {
        while let Some(field) = trainer.next(&mut self.window)? {
            if let (3, Value::Number(kind)) = (field.number, field.value) {
                let name = match kind {
                    1 => "unigram",
                    2 => "BPE",
                    3 => "word",
                    4 => "character",
                    _ => continue,
                };
                self.artifact.architecture = Some(name.to_owned());
            }
        }
        Ok(())
    }

    fn read_normalizer(&mut self, mut normalizer: Message, side: &str) -> Result<(), Broken> {
        while let Some(field) = normalizer.next(&mut self.window)? {
            match (field.number, field.value) {
                (1, Value::Bytes(name)) if !name.text(&mut self.window, 100)?.is_empty() => {
                    let name = name.text(&mut self.window, 100)?;
                    self.artifact.metadata.insert("normalizer".to_owned(), name);
                }
                (2, Value::Bytes(map)) => {
                    let length = usize::try_from(map.length()).unwrap_or(usize::MAX);
                    if length > LARGEST {
                        return Err(Broken::Stop(Stop::Limit));
                    }
                    let bytes = self.window.get(map.at, length)?;
                    for rewriting in charsmap::rewritings(bytes, MOST) {
                        self.change(Change::Rewritten, map.at, || {
                            format!(
                                "the normalisation of {side} replaces `{}` by `{}`",
                                rewriting.from, rewriting.to
                            )
                        });
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn change(&mut self, change: Change, at: u64, detail: impl FnOnce() -> String) {
        let same = self
            .artifact
            .embedded
            .iter()
            .filter(|known| known.name == change.name());
        if same.count() < MOST {
            let detail = detail();
            self.artifact.embedded.push(Embedded {
                kind: EmbeddedKind::TokenizerChange,
                name: change.name().to_owned(),
                evidence: self.input.evidence_at(at..at.saturating_add(1), &detail),
                detail,
            });
        }
    }

    fn unclaimed(&mut self, start: u64, end: u64, place: &str) {
        let anomaly = unclaimed::anomaly(self.input, &mut self.window, start, end, place);
        if let Some(anomaly) = anomaly
            && self.artifact.anomalies.len() < Artifact::ANOMALIES_PER_KIND
        {
            self.artifact.anomalies.push(anomaly);
        }
    }
}

/// Whether a symbol says something: the start of an address alone does not.
fn says(text: &str) -> bool {
    let plain = text.replace('\u{2581}', " ");
    match plain.split_once("://") {
        Some((_, host)) => host.trim_start_matches("www.").contains('.'),
        None => speaks(&plain),
    }
}
