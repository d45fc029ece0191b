//! Prompts that are almost the same: asked with probabilities they ask for membership; with classes, for a boundary.

use serde::{Deserialize, Serialize};

use super::event::{Event, Operation, Outcome};
use super::fading::{DAY, Fading};
use super::signal::{Found, NOTICE, Rule, graded};
use super::simhash::distance;
use super::sketch::{Distinct, push_within};

/// Prompts that are remembered.
const RING: usize = 38;
/// Bits in which neighbours differ at most.
const NEAR: u32 = 10;
/// Neighbours that make a neighbourhood.
const DENSE: usize = 8;
/// Requests within neighbourhoods that are an alert.
const ALERT_MEMBERS: f64 = 24.0;
const ALERT_WALK: f64 = 24.0;
/// The same without a change of the class: many more are needed.
const ALERT_WALK_STILL: f64 = 96.0;
/// Different prompts asked again that are an alert.
const ALERT_AGAIN: f64 = 40.0;

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Kept {
    near: u64,
    /// Half of the hash of all words.
    exact: u32,
    /// 0 for none.
    class: u32,
    probabilities: bool,
    fixed: bool,
    failed: bool,
}

/// The last prompts, and what they added up to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Neighbours {
    ring: Vec<Kept>,
    next: usize,
    members: Fading,
    walk: Fading,
    flips: Fading,
    again: Distinct,
    again_since: i64,
}

impl Default for Neighbours {
    fn default() -> Self {
        Self {
            ring: Vec::new(),
            next: 0,
            members: Fading::default(),
            walk: Fading::default(),
            flips: Fading::default(),
            again: Distinct::new(2),
            again_since: 0,
        }
    }
}

impl Neighbours {
    /// Takes a prompt.
    pub(super) fn observe(&mut self, at: i64, event: &Event, found: &mut Vec<Found>) {
        let Some(print) = event.prompt else { return };
        if event.outcome == Outcome::Running {
            return;
        }
        let (mut near, mut with_probabilities, mut again) = (0_usize, 0_usize, false);
        let (mut other_class, mut closest) = (0_usize, (u32::MAX, 0));
        let exact = (print.exact >> 32) as u32;
        let class = event.class.unwrap_or(0);
        for kept in &self.ring {
            if kept.exact == exact {
                again |= kept.fixed && !kept.failed;
                continue;
            }
            let bits = distance(kept.near, print.near);
            if bits <= NEAR {
                near = near.saturating_add(1);
                with_probabilities =
                    with_probabilities.saturating_add(usize::from(kept.probabilities));
                other_class = other_class.saturating_add(usize::from(kept.class != class));
                if bits < closest.0 {
                    closest = (bits, kept.class);
                }
            }
        }
        if event.asks.probabilities && with_probabilities >= 3 {
            found.extend(self.member(at, with_probabilities));
        }
        if near >= DENSE && (event.class.is_some() || event.operation == Operation::Classify) {
            let flipped = closest.1 != 0 && class != 0 && closest.1 != class;
            found.extend(self.step(at, near, other_class, flipped));
        }
        if again && event.asks.fixed {
            found.extend(self.asked_again(at, print.exact));
        }
        let kept = Kept {
            near: print.near,
            exact,
            class,
            probabilities: event.asks.probabilities,
            fixed: event.asks.fixed,
            failed: event.outcome == Outcome::Failed,
        };
        if self.ring.len() < RING {
            push_within(&mut self.ring, RING, kept);
        } else if let Some(slot) = self.ring.get_mut(self.next) {
            *slot = kept;
        }
        self.next = self.next.saturating_add(1).checked_rem(RING).unwrap_or(0);
    }

    fn member(&mut self, at: i64, near: usize) -> Option<Found> {
        let members = f64::from(self.members.add(at, 1.0, 2 * DAY));
        let score = graded(members, ALERT_MEMBERS);
        (score >= NOTICE).then(|| {
            Found::new(
                Rule::Membership,
                score,
                format!(
                    "probabilities were asked for {members:.0} texts that differ little from {near} others asked for with probabilities \
                     before: what tells a trained text from its neighbours"
                ),
            )
            .figure("near-duplicates with probabilities", members, ALERT_MEMBERS)
        })
    }

    fn step(&mut self, at: i64, near: usize, other_class: usize, flipped: bool) -> Option<Found> {
        let walk = f64::from(self.walk.add(at, 1.0, 2 * DAY));
        let flips = f64::from(self.flips.add(at, f32::from(flipped), 2 * DAY));
        let both = flips >= 2.0 || other_class >= 2;
        let alert = if both { ALERT_WALK } else { ALERT_WALK_STILL };
        let score = graded(walk, alert);
        (score >= NOTICE).then(|| {
            Found::new(
                Rule::Boundary,
                score,
                format!(
                    "{walk:.0} inputs stood among at least {DENSE} near-duplicates ({near} now), and the class changed {flips:.0} times \
                     between closest ones"
                ),
            )
            .figure("inputs in a neighbourhood", walk, alert)
            .figure("changes of the class", flips, 0.0)
        })
    }

    fn asked_again(&mut self, at: i64, exact: u64) -> Option<Found> {
        if at.saturating_sub(self.again_since) > DAY {
            self.again.clear();
            self.again_since = at;
        }
        if !self.again.add(exact) {
            return None;
        }
        let again = self.again.count();
        // What a careful test does as well: never more than a weak alert.
        let score = graded(again, ALERT_AGAIN).min(0.6);
        (score >= NOTICE).then(|| {
            Found::new(
                Rule::Duplicates,
                score,
                format!("{again:.0} different prompts were asked again without randomness, and none had failed"),
            )
            .figure("prompts asked again", again, ALERT_AGAIN)
        })
    }

    pub(super) fn heap(&self) -> usize {
        self.ring
            .capacity()
            .saturating_mul(size_of::<Kept>())
            .saturating_add(self.again.heap())
    }
}
