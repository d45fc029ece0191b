//! Numbers that walk to where a decision turns: balls of small steps with both classes in them, and ways that are halved.

use serde::{Deserialize, Serialize};

use super::fading::{DAY, Fading};
use super::point::Point;
use super::signal::{Found, NOTICE, Rule, graded};
use super::sketch::push_within;

/// Queries that are remembered.
const RING: usize = 14;
/// The radius of a ball, as a share of how far apart the remembered queries are.
const RADIUS: f32 = 0.05;
/// Queries that make a ball.
const DENSE: usize = 6;
const ALERT_WALK: f64 = 24.0;
const ALERT_WALK_STILL: f64 = 128.0;
/// Halvings in a row that are an alert.
const ALERT_HALVINGS: f64 = 6.0;

/// The last queries, and what they added up to.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Boundary {
    ring: Vec<(u32, Point)>,
    next: usize,
    /// How far apart queries are; fades slowly, so that a walk does not make its own scale.
    scale: f32,
    walk: Fading,
    step: f32,
    halvings: u32,
    longest: f32,
}

impl Boundary {
    /// Takes a query and its class.
    pub(super) fn observe(&mut self, at: i64, class: u32, point: &Point, found: &mut Vec<Found>) {
        let (mut nearest, mut farthest) = (f32::INFINITY, 0.0_f32);
        for (_, kept) in &self.ring {
            let distance = kept.distance(point);
            if distance > 0.0 {
                nearest = nearest.min(distance);
            }
            farthest = farthest.max(distance);
        }
        self.scale = (self.scale * 0.999).max(farthest);
        if nearest.is_finite() {
            found.extend(self.halve(nearest));
            let radius = self.scale * RADIUS;
            let inside = self
                .ring
                .iter()
                .filter(|(_, kept)| kept.distance(point) <= radius);
            let (mut near, mut other) = (0_usize, 0_usize);
            for (kept, _) in inside {
                near = near.saturating_add(1);
                other = other.saturating_add(usize::from(*kept != class));
            }
            if near >= DENSE {
                found.extend(self.step(at, near, other));
            }
        }
        if self.ring.len() < RING {
            push_within(&mut self.ring, RING, (class, *point));
        } else if let Some(slot) = self.ring.get_mut(self.next) {
            *slot = (class, *point);
        }
        self.next = self.next.saturating_add(1).checked_rem(RING).unwrap_or(0);
    }

    fn step(&mut self, at: i64, near: usize, other: usize) -> Option<Found> {
        let walk = f64::from(self.walk.add(at, 1.0, DAY));
        // Both classes in one small ball: a fifth at least of the rarer.
        let mixed =
            other.saturating_mul(5) >= near && near.saturating_sub(other).saturating_mul(5) >= near;
        let alert = if mixed { ALERT_WALK } else { ALERT_WALK_STILL };
        let score = if mixed {
            graded(walk, alert)
        } else {
            graded(walk, alert).min(0.45)
        };
        (score >= NOTICE).then(|| {
            Found::new(
                Rule::Boundary,
                score,
                format!(
                    "{walk:.0} queries lay within a ball of {:.0} % of the distance between queries; of {near} there now {other} have \
                     another class",
                    RADIUS * 100.0
                ),
            )
            .figure("queries in a ball", walk, alert)
        })
    }

    /// A way that is halved: each step is about half of the one before. Queries from afar between them do not hide it.
    fn halve(&mut self, step: f32) -> Option<Found> {
        if self.step > 0.0 && step > self.step * 1.5 && step > self.scale * 0.25 {
            return None;
        }
        let ratio = if self.step > 0.0 {
            step / self.step
        } else {
            0.0
        };
        self.step = step;
        if (0.4..0.6).contains(&ratio) {
            self.halvings = self.halvings.saturating_add(1);
        } else {
            self.halvings = 0;
            self.longest = step;
        }
        let halvings = f64::from(self.halvings);
        (halvings >= ALERT_HALVINGS).then(|| {
            Found::new(
                Rule::Bisection,
                graded(halvings, ALERT_HALVINGS),
                format!(
                    "{halvings:.0} steps in a row halved the way, from {:.3} to {step:.5}",
                    self.longest
                ),
            )
            .figure("halvings in a row", halvings, ALERT_HALVINGS)
        })
    }

    pub(super) fn heap(&self) -> usize {
        self.ring
            .capacity()
            .saturating_mul(size_of::<(u32, Point)>())
    }
}
