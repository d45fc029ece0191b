//! A whole classifier: from the bytes of its files to the score of a text.

use std::ops::Range;

use crate::engine::{Engine, EngineError};
use crate::labels::{Labels, LabelsError};
use crate::tokenizer::{Fault, Token, Tokenizer};
use crate::windows::Windows;

/// Longest text that is looked at, in bytes. The rest is told as left out.
const MOST_TEXT: usize = 1 << 20;

/// Fewest tokens that a window may have.
const LEAST: usize = 16;

/// The files of a classifier.
#[derive(Debug, Default)]
pub struct Parts {
    /// `model.onnx`.
    pub model: Vec<u8>,
    /// Files beside it that hold weights, by the names that it has for them.
    pub external: Vec<(String, Vec<u8>)>,
    /// `tokenizer.json`.
    pub tokenizer: Vec<u8>,
    /// `config.json`.
    pub config: Vec<u8>,
}

/// What is set for it.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The labels that mean an attack; without any, they are known by their names.
    pub labels: Vec<String>,
    /// Most tokens that the model gets at once.
    pub tokens: usize,
    /// On how many threads it runs.
    pub threads: usize,
}

/// Why there is no classifier, or no score.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The tokenizer.
    #[error(transparent)]
    Tokenizer(#[from] Fault),
    /// The labels.
    #[error(transparent)]
    Labels(#[from] LabelsError),
    /// The model.
    #[error("{0}")]
    Engine(String),
    /// What the model gives is no number for each label.
    #[error("the model gives {0} numbers that are none, or not one for each label")]
    Outputs(usize),
    /// Windows would be too short.
    #[error("the model takes {0} tokens at once, of which {1} are marks: too few")]
    Short(usize, usize),
}

impl From<EngineError> for Error {
    fn from(error: EngineError) -> Self {
        Self::Engine(error.to_string())
    }
}

/// What a classifier says of a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Scored {
    /// How likely an attack, 0 to 1: that of the window where it is highest.
    pub score: f32,
    /// The likeliest of the labels that mean one, in that window.
    pub label: String,
    /// That window, in bytes of the text.
    pub span: Range<usize>,
    /// How many tokens the text has.
    pub tokens: usize,
    /// Whether all of the text was looked at.
    pub is_whole: bool,
}

/// A classifier of texts.
pub struct Classifier {
    engine: Engine,
    tokenizer: Tokenizer,
    labels: Labels,
    /// Tokens of the text in a window.
    window: usize,
}

impl Classifier {
    /// Reads its files.
    ///
    /// # Errors
    ///
    /// [`Error`] where a file is damaged, or asks for something that is not known.
    pub fn load(parts: Parts, options: &Options) -> Result<Self, Error> {
        let labels = Labels::read(&parts.config, &options.labels)?;
        let tokenizer = Tokenizer::read(&parts.tokenizer)?;
        let engine = Engine::load(
            parts.model,
            parts.external,
            labels.count(),
            options.threads.max(1),
        )?;
        let most = [labels.positions(), engine.fixed()]
            .into_iter()
            .flatten()
            .fold(options.tokens, usize::min);
        let window = most.saturating_sub(tokenizer.marks());
        if window < LEAST {
            return Err(Error::Short(most, tokenizer.marks()));
        }
        Ok(Self {
            engine,
            tokenizer,
            labels,
            window,
        })
    }

    /// The labels that mean an attack.
    #[must_use]
    pub fn attacks(&self) -> Vec<&str> {
        self.labels.attacks()
    }

    /// How many tokens of a text it sees at once.
    #[must_use]
    pub const fn window(&self) -> usize {
        self.window
    }

    /// The score of a text: that of its window with the highest. `goes_on` is asked before every window but the first; where
    /// it says no, what was seen so far counts.
    ///
    /// # Errors
    ///
    /// [`Error`] where the model fails, or gives what is no score.
    pub fn score(&self, text: &str, goes_on: impl Fn() -> bool) -> Result<Scored, Error> {
        let end = text.floor_char_boundary(MOST_TEXT);
        let looked_at = text.get(..end).unwrap_or(text);
        let tokens = self.tokenizer.tokens(looked_at)?;
        let mut best: Option<Scored> = None;
        let mut is_whole = end == text.len();
        for range in Windows::over(tokens.len(), self.window) {
            if best.is_some() && !goes_on() {
                is_whole = false;
                break;
            }
            let window = tokens.get(range).unwrap_or_default();
            let (ids, kinds) = self.tokenizer.framed(window);
            let outputs = self.engine.run(&ids, &kinds, self.tokenizer.pad())?;
            let (score, label) = self
                .labels
                .score(&outputs)
                .ok_or(Error::Outputs(outputs.len()))?;
            if best.as_ref().is_none_or(|best| score > best.score) {
                best = Some(Scored {
                    score,
                    label: label.to_owned(),
                    span: span(window),
                    tokens: tokens.len(),
                    is_whole,
                });
            }
        }
        let best = best.ok_or(Error::Outputs(0))?;
        Ok(Scored { is_whole, ..best })
    }
}

/// The bytes of the text that a window stands for.
fn span(window: &[Token]) -> Range<usize> {
    let place = |at: Option<u32>| at.and_then(|at| usize::try_from(at).ok()).unwrap_or(0);
    let start = place(window.iter().map(|token| token.start).min());
    start..place(window.iter().map(|token| token.end).max()).max(start)
}
