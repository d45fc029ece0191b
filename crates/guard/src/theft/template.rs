//! One text with a slot, filled with value after value.
//!
//! A few candidates are kept as hashes of their first and last words. A prompt that shares beginning and end with one belongs to it, and what
//! lies between is the slot, which narrows as more belong. It counts when the slot is short and nearly every filling is new.

use serde::{Deserialize, Serialize};

use super::event::{Event, Outcome};
use super::fading::{DAY, Fading};
use super::print::{HEAD, Print, TAIL};
use super::signal::{Found, NOTICE, Rule, graded};
use super::simhash::mix;
use super::sketch::{Distinct, push_within};

/// Candidates that are kept.
const KEPT: usize = 5;
/// Words that must stand still around the slot, and their least share of the prompt.
const STILL: usize = 4;
const SHARE: usize = 2;
/// A slot of more words holds a document, as jobs fill in, rather than a value.
const SLOT: u32 = 6;
/// Different fillings that are an alert.
const ALERT_FILLINGS: f64 = 64.0;

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Template {
    head: [u16; HEAD],
    tail: [u16; TAIL],
    words: u32,
    /// Words that stand still at the beginning and at the end.
    before: u8,
    after: u8,
    count: Fading,
    total: u32,
    slot_words: u32,
    fillings: Distinct,
    /// Who used it, one bit of 64 for each.
    keys: u64,
    /// Which one it is.
    which: u32,
}

/// Templates that prompts seem to be made from.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Templates {
    kept: Vec<Template>,
}

/// One bit for an identity.
const fn bit(identity: u64) -> u64 {
    1_u64 << (mix(identity) & 63)
}

fn shared(a: &[u16], b: &[u16], most: usize) -> usize {
    a.iter()
        .zip(b)
        .take(most)
        .take_while(|(a, b)| a == b)
        .count()
}

impl Templates {
    /// Takes a prompt.
    pub(super) fn observe(&mut self, at: i64, event: &Event, scale: f64, found: &mut Vec<Found>) {
        let Some(print) = event.prompt else { return };
        if event.outcome == Outcome::Running || (print.words as usize) < STILL {
            return;
        }
        let mut best: Option<(usize, usize, usize)> = None;
        for (place, template) in self.kept.iter().enumerate() {
            let least = print.words.min(template.words) as usize;
            let before = shared(
                &print.head,
                &template.head,
                least.min(usize::from(template.before)),
            );
            let left = least.saturating_sub(before);
            let after = shared(
                &print.tail,
                &template.tail,
                left.min(usize::from(template.after)),
            );
            let still = before.saturating_add(after);
            // Of a long prompt only its ends are seen: what stands still must fill most of what is seen.
            let seen = (print.words.max(template.words) as usize).min(HEAD.saturating_add(TAIL));
            if still >= STILL
                && still.saturating_mul(SHARE) >= seen
                && best.is_none_or(|(_, b, a)| still > b.saturating_add(a))
            {
                best = Some((place, before, after));
            }
        }
        let Some((place, before, after)) = best else {
            self.begin(at, event.identity, &print);
            return;
        };
        if let Some(template) = self.kept.get_mut(place) {
            template.keys |= bit(event.identity);
            found.extend(template.fill(at, &print, before, after, scale));
        }
    }

    fn begin(&mut self, at: i64, identity: u64, print: &Print) {
        let mut count = Fading::default();
        count.add(at, 1.0, DAY);
        let mut fillings = Distinct::new(4);
        fillings.add(print.exact);
        let template = Template {
            head: print.head,
            tail: print.tail,
            words: print.words,
            before: HEAD as u8,
            after: TAIL as u8,
            count,
            total: 1,
            slot_words: 0,
            fillings,
            keys: bit(identity),
            which: (print.exact >> 32) as u32,
        };
        if self.kept.len() < KEPT {
            push_within(&mut self.kept, KEPT, template);
            return;
        }
        let weakest = self
            .kept
            .iter_mut()
            .min_by(|a, b| a.count.now(at, DAY).total_cmp(&b.count.now(at, DAY)));
        if let Some(weakest) = weakest {
            *weakest = template;
        }
    }

    pub(super) fn heap(&self) -> usize {
        let inside: usize = self.kept.iter().map(|kept| kept.fillings.heap()).sum();
        self.kept
            .capacity()
            .saturating_mul(size_of::<Template>())
            .saturating_add(inside)
    }
}

impl Template {
    fn fill(
        &mut self,
        at: i64,
        print: &Print,
        before: usize,
        after: usize,
        scale: f64,
    ) -> Option<Found> {
        self.count.add(at, 1.0, DAY);
        if !self.fillings.add(print.exact) && self.fillings.count() < 200.0 {
            // The same filling, or one that looks so: no step of an enumeration.
            self.total = self.total.saturating_add(1);
            return None;
        }
        self.total = self.total.saturating_add(1);
        self.before = self.before.min(before as u8);
        self.after = self.after.min(after as u8);
        let still = u32::from(self.before).saturating_add(u32::from(self.after));
        self.slot_words = self
            .slot_words
            .max(print.words.saturating_sub(still))
            .min(1_000);
        let fillings = self.fillings.count();
        let fresh = fillings / f64::from(self.total);
        if self.slot_words > SLOT || fresh < 0.5 {
            return None;
        }
        // A group that shares other things is no proof: several of its keys must have filled this slot.
        if scale > 1.0 && self.keys.count_ones() < 3 {
            return None;
        }
        let score = graded(
            fillings.min(f64::from(self.count.now(at, DAY))),
            ALERT_FILLINGS * scale,
        );
        (score >= NOTICE && self.total.is_multiple_of(4)).then(|| {
            Found::new(
                Rule::Template,
                score,
                format!(
                    "{still} words stand still around a slot after word {} that took about {fillings:.0} values in {} requests",
                    self.before, self.total
                ),
            )
            .which(self.which)
            .figure("values of the slot", fillings, ALERT_FILLINGS * scale)
            .figure("words of the slot at most", f64::from(self.slot_words), f64::from(SLOT))
        })
    }
}
