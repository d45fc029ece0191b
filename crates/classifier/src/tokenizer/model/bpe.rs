//! Byte-pair encoding: the pair that was learnt first is merged first, until none is left.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use serde_json::Value;

use super::super::json::Node;
use super::super::letters::{Letter, span, spelled};
use super::super::{Fault, MOST_TOKENS, Token};
use super::{Vocabulary, byte_token, vocabulary};

#[derive(Debug)]
pub(crate) struct Bpe {
    pub(super) vocabulary: Vocabulary,
    /// Rank of a pair, and what it becomes.
    merges: HashMap<(u32, u32), (u32, u32)>,
    unknown: Option<u32>,
    fuses: bool,
    bytes: bool,
    whole: bool,
    prefix: String,
    suffix: String,
}

/// A token on its way, in a list that is linked both ways.
struct Symbol {
    id: u32,
    place: (u32, u32),
    before: Option<usize>,
    after: Option<usize>,
    is_gone: bool,
}

impl Bpe {
    pub(super) fn read(node: Node<'_>) -> Result<Self, Fault> {
        let vocabulary = vocabulary(node.object("vocab")?)?;
        if node
            .get("dropout")
            .and_then(Value::as_f64)
            .is_some_and(|it| it > 0.0)
        {
            return Err(Fault::Unsupported(
                "model leaves out merges by chance".to_owned(),
            ));
        }
        let prefix = node.text_or("continuing_subword_prefix", "")?.to_owned();
        let list = node.list("merges")?;
        if list.len() > MOST_TOKENS {
            return Err(node.fault("has too many merges"));
        }
        let wrong = || node.fault("has a merge that is no pair of tokens");
        let mut merges = HashMap::with_capacity(list.len());
        for (rank, merge) in (0_u32..).zip(list) {
            let (left, right) = match merge {
                Value::String(pair) => pair.split_once(' ').ok_or_else(wrong)?,
                Value::Array(pair) => match pair.as_slice() {
                    [Value::String(left), Value::String(right)] => (left.as_str(), right.as_str()),
                    _ => return Err(wrong()),
                },
                _ => return Err(wrong()),
            };
            let id = |text: &str| vocabulary.get(text).copied().ok_or_else(wrong);
            let tail = right.strip_prefix(prefix.as_str()).unwrap_or(right);
            let whole = id(&format!("{left}{tail}"))?;
            merges
                .entry((id(left)?, id(right)?))
                .or_insert((rank, whole));
        }
        let unknown = match node.get("unk_token") {
            None => None,
            Some(_) => Some(
                *vocabulary
                    .get(node.text("unk_token")?)
                    .ok_or_else(|| node.fault("has no token for what it does not know"))?,
            ),
        };
        Ok(Self {
            unknown,
            fuses: node.flag("fuse_unk", false)?,
            bytes: node.flag("byte_fallback", false)?,
            whole: node.flag("ignore_merges", false)?,
            suffix: node.text_or("end_of_word_suffix", "")?.to_owned(),
            prefix,
            merges,
            vocabulary,
        })
    }

    pub(super) fn tokens(&self, letters: &[Letter], out: &mut Vec<Token>) {
        if self.whole
            && let Some(id) = self.vocabulary.get(spelled(letters).as_str())
        {
            out.push(Token::of(*id, span(letters)));
            return;
        }
        let mut symbols = self.symbols(letters);
        self.merge(&mut symbols);
        out.extend(
            symbols
                .iter()
                .filter(|symbol| !symbol.is_gone)
                .map(|symbol| Token::of(symbol.id, symbol.place)),
        );
    }

    fn symbols(&self, letters: &[Letter]) -> Vec<Symbol> {
        let mut found: Vec<(u32, (u32, u32))> = Vec::with_capacity(letters.len());
        let mut last_unknown = false;
        let last = letters.len().saturating_sub(1);
        for (at, letter) in letters.iter().enumerate() {
            let place = (letter.start, letter.end);
            let mut text = String::new();
            if at > 0 {
                text.push_str(&self.prefix);
            }
            text.push(letter.c);
            if at == last {
                text.push_str(&self.suffix);
            }
            if let Some(id) = self.vocabulary.get(text.as_str()) {
                found.push((*id, place));
                last_unknown = false;
                continue;
            }
            if self.bytes {
                let ids: Option<Vec<u32>> = text
                    .bytes()
                    .map(|byte| self.vocabulary.get(byte_token(byte).as_str()).copied())
                    .collect();
                if let Some(ids) = ids {
                    found.extend(ids.into_iter().map(|id| (id, place)));
                    last_unknown = false;
                    continue;
                }
            }
            let Some(unknown) = self.unknown else {
                // What has no token is left out, as the reference does.
                continue;
            };
            match found.last_mut() {
                Some((_, known)) if self.fuses && last_unknown => known.1 = place.1,
                _ => found.push((unknown, place)),
            }
            last_unknown = true;
        }
        let count = found.len();
        found
            .into_iter()
            .enumerate()
            .map(|(at, (id, place))| Symbol {
                id,
                place,
                before: at.checked_sub(1),
                after: Some(at.saturating_add(1)).filter(|next| *next < count),
                is_gone: false,
            })
            .collect()
    }

    fn merge(&self, symbols: &mut [Symbol]) {
        // Rank, place and what comes of it: the smallest first.
        let mut waiting = BinaryHeap::new();
        for at in 0..symbols.len() {
            self.propose(symbols, at, &mut waiting);
        }
        while let Some(Reverse((rank, at, _))) = waiting.pop() {
            let Some((right, id)) = self
                .pair(symbols, at)
                .and_then(|(right, merge)| (merge.0 == rank).then_some((right, merge.1)))
            else {
                continue;
            };
            let Some((after, end)) = symbols.get_mut(right).map(|symbol| {
                symbol.is_gone = true;
                (symbol.after, symbol.place.1)
            }) else {
                continue;
            };
            let mut before = None;
            if let Some(symbol) = symbols.get_mut(at) {
                symbol.id = id;
                symbol.after = after;
                symbol.place.1 = symbol.place.1.max(end);
                before = symbol.before;
            }
            if let Some(next) = after.and_then(|after| symbols.get_mut(after)) {
                next.before = Some(at);
            }
            if let Some(before) = before {
                self.propose(symbols, before, &mut waiting);
            }
            self.propose(symbols, at, &mut waiting);
        }
    }

    /// The neighbour of a symbol, and what both become.
    fn pair(&self, symbols: &[Symbol], at: usize) -> Option<(usize, (u32, u32))> {
        let left = symbols.get(at).filter(|symbol| !symbol.is_gone)?;
        let right = left.after?;
        let id = symbols.get(right)?.id;
        Some((right, *self.merges.get(&(left.id, id))?))
    }

    fn propose(
        &self,
        symbols: &[Symbol],
        at: usize,
        waiting: &mut BinaryHeap<Reverse<(u32, usize, u32)>>,
    ) {
        if let Some((_, (rank, id))) = self.pair(symbols, at) {
            waiting.push(Reverse((rank, at, id)));
        }
    }
}
