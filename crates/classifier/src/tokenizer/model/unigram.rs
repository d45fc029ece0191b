//! Unigram, SentencePiece's: of all ways to cut a piece, the one whose tokens are likeliest together.

use super::super::json::{Node, number};
use super::super::letters::{Letter, span, spelled};
use super::super::{Fault, MOST_TOKENS, Token};
use super::{Vocabulary, byte_token};

/// How much less likely than the unlikeliest token something unknown is.
const PENALTY: f64 = 10.0;

/// Longest token that is looked for, in characters.
const LONGEST: usize = 128;

#[derive(Debug)]
pub(crate) struct Unigram {
    ids: Vocabulary,
    scores: Vec<f64>,
    unknown: Option<u32>,
    unknown_score: f64,
    bytes: bool,
    longest: usize,
}

/// The best way to a place.
#[derive(Clone, Copy)]
struct Step {
    from: usize,
    id: u32,
    score: f64,
}

impl Unigram {
    pub(super) fn read(node: Node<'_>) -> Result<Self, Fault> {
        let list = node.list("vocab")?;
        if list.len() > MOST_TOKENS {
            return Err(node.fault("has too many tokens"));
        }
        let mut ids = Vocabulary::with_capacity(list.len());
        let mut scores = Vec::with_capacity(list.len());
        let mut longest = 0_usize;
        let mut least = f64::INFINITY;
        for (id, entry) in (0_u32..).zip(list) {
            let pair = entry.as_array().map(Vec::as_slice);
            let Some([text, score]) = pair else {
                return Err(node.fault("has a token that is no pair of text and score"));
            };
            let (Some(text), Some(score)) = (text.as_str(), score.as_f64()) else {
                return Err(node.fault("has a token that is no pair of text and score"));
            };
            longest = longest.max(text.chars().count());
            least = least.min(score);
            ids.insert(text.into(), id);
            scores.push(score);
        }
        let unknown = match node.get("unk_id") {
            None => None,
            Some(value) => Some(
                number(value)
                    .filter(|id| usize::try_from(*id).is_ok_and(|id| id < scores.len()))
                    .ok_or_else(|| node.fault("has an `unk_id` that is no token"))?,
            ),
        };
        Ok(Self {
            ids,
            scores,
            unknown,
            unknown_score: least - PENALTY,
            bytes: node.flag("byte_fallback", false)?,
            longest: longest.min(LONGEST),
        })
    }

    pub(super) fn id(&self, text: &str) -> Option<u32> {
        self.ids.get(text).copied()
    }

    pub(super) fn tokens(&self, letters: &[Letter], out: &mut Vec<Token>) {
        let text = spelled(letters);
        let mut offsets: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        offsets.push(text.len());
        let best = self.best(&text, &offsets);
        let mut cuts = Vec::new();
        let mut end = letters.len();
        while end > 0 {
            let Some(step) = best.get(end).copied().flatten() else {
                return;
            };
            cuts.push((step.from..end, step.id));
            end = step.from;
        }
        cuts.reverse();
        // What is unknown in a row is one token.
        let mut last = None;
        for (range, id) in cuts {
            let part = letters.get(range.clone()).unwrap_or_default();
            if Some(id) != self.unknown {
                out.push(Token::of(id, span(part)));
                last = None;
                continue;
            }
            if self.bytes && self.as_bytes(part, out) {
                last = None;
                continue;
            }
            let (start, end) = span(part);
            match (last, out.last_mut()) {
                (Some(_), Some(token)) => token.end = end,
                _ => out.push(Token::of(id, (start, end))),
            }
            last = Some(id);
        }
    }

    /// For each place the best way to it (Viterbi). Of two that are as good, the one found first.
    fn best(&self, text: &str, offsets: &[usize]) -> Vec<Option<Step>> {
        let count = offsets.len().saturating_sub(1);
        let mut best: Vec<Option<Step>> = vec![None; offsets.len()];
        for from in 0..count {
            let so_far = match from {
                0 => 0.0,
                _ => match best.get(from).copied().flatten() {
                    Some(step) => step.score,
                    None => continue,
                },
            };
            let mut is_known = false;
            for end in from.saturating_add(1)..=from.saturating_add(self.longest).min(count) {
                let part = match (offsets.get(from), offsets.get(end)) {
                    (Some(from), Some(end)) => text.get(*from..*end).unwrap_or_default(),
                    _ => break,
                };
                let Some(id) = self.id(part) else {
                    continue;
                };
                let at = usize::try_from(id).unwrap_or(usize::MAX);
                let score = so_far + self.scores.get(at).copied().unwrap_or(self.unknown_score);
                is_known |= end == from.saturating_add(1);
                better(&mut best, end, Step { from, id, score });
            }
            if !is_known {
                let id = self.unknown.unwrap_or(0);
                let score = so_far + self.unknown_score;
                better(&mut best, from.saturating_add(1), Step { from, id, score });
            }
        }
        best
    }

    /// What is unknown as its bytes, where all of them are tokens.
    fn as_bytes(&self, letters: &[Letter], out: &mut Vec<Token>) -> bool {
        let text = spelled(letters);
        let ids: Option<Vec<u32>> = text
            .bytes()
            .map(|byte| self.id(&byte_token(byte)))
            .collect();
        let Some(ids) = ids else {
            return false;
        };
        let place = span(letters);
        out.extend(ids.into_iter().map(|id| Token::of(id, place)));
        true
    }
}

fn better(best: &mut [Option<Step>], end: usize, new: Step) {
    if let Some(step) = best.get_mut(end)
        && step.is_none_or(|known| new.score > known.score)
    {
        *step = Some(new);
    }
}
