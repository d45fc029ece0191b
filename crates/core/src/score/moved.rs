//! What moved the score from one state to another.
//!
//! With D = R / T, where R is what is at stake and T the importance in all, the score is 100 (1 - D), and
//!
//! ```text
//! D' - D = (dR - D dT) / T'       with dR = R' - R, dT = T' - T
//! ```
//!
//! holds exactly, and is linear in what each asset adds to dR and dT. So each asset has a share that does not depend
//! on the order in which one goes through them, and all shares add up to the difference. Within one asset the change
//! of its likelihood comes first, at its old importance, and is shared out among its findings, and whether it was
//! looked at, in proportion to their weights: the Aumann-Shapley share of a function of a sum (Aumann and Shapley,
//! Values of Non-Atomic Games, 1974). What its importance changed comes second, at its new likelihood.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use super::{Account, ONE, Points, Totals, likelihood};

/// One asset before and after.
#[derive(Clone, Debug, Default)]
pub struct AssetChange<'a> {
    /// Its id.
    pub asset: &'a str,
    /// Its account before, `None` if it was not there.
    pub before: Option<Account>,
    /// Its account after, `None` if it is gone.
    pub after: Option<Account>,
    /// Its findings whose weight is not what it was. They may be left out, the asset then has one share for all.
    pub findings: Vec<FindingChange<'a>>,
}

/// One finding before and after; the weight is 0 where it is not open.
#[derive(Clone, Copy, Debug, Default)]
pub struct FindingChange<'a> {
    /// Its id.
    pub finding: &'a str,
    /// Its [`super::weight`] before.
    pub before: i64,
    /// Its [`super::weight`] after.
    pub after: i64,
}

/// Why the score moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// A finding was opened, or reopened.
    FindingOpened,
    /// A finding was fixed, accepted or found to be false.
    FindingClosed,
    /// A finding has another severity, confidence or exposure.
    FindingChanged,
    /// Findings of the asset that are not told apart.
    Findings,
    /// An asset is new, with all findings that stand on it.
    AssetAppeared,
    /// An asset is gone, with all findings that stood on it.
    AssetVanished,
    /// Its sensitivity, criticality or environment changed.
    ImportanceChanged,
    /// It was looked at, or no longer is.
    JudgedChanged,
    /// More or less was left out by scans.
    CoverageChanged,
}

/// One cause, and by how much it moved the score and its lower end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Movement<'a> {
    /// Why.
    pub cause: Cause,
    /// The asset, unless the cause is what scans left out.
    pub asset: Option<&'a str>,
    /// The finding, where it is one.
    pub finding: Option<&'a str>,
    /// How it moved the score; above 0 is better.
    pub value: Points,
    /// How it moved the lower end.
    pub lower: Points,
}

/// What moved the score: `movements` and the rest add up to the differences exactly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Moved<'a> {
    /// Score after less score before.
    pub value: Points,
    /// The same of the lower end.
    pub lower: Points,
    /// The largest movements of the score, largest first; among equals those of the lower end, then by name.
    pub movements: Vec<Movement<'a>>,
    /// What smaller movements, and rounding, add to the score.
    pub rest_value: Points,
    /// The same of the lower end.
    pub rest_lower: Points,
    /// How many smaller movements there were.
    pub rest_count: usize,
}

/// What moved the score between two states, at most the `most` largest movements of it. `changes` has every asset
/// whose account is not the same before and after; others may be there. `None` where one of the states has no score.
#[must_use]
pub fn moved<'a>(
    before: &Totals,
    after: &Totals,
    changes: impl IntoIterator<Item = AssetChange<'a>>,
    most: usize,
) -> Option<Moved<'a>> {
    let (from, to) = (before.score()?, after.score()?);
    let scale = Scale::new(before, after);
    let mut movements = Vec::new();
    for change in changes {
        scale.asset(&change, &mut movements);
    }
    let unscanned = real(after.unscanned.max(0)) - real(before.unscanned.max(0));
    movements.push(Movement {
        cause: Cause::CoverageChanged,
        asset: None,
        finding: None,
        value: Points::default(),
        lower: scale.lower.points(unscanned, unscanned),
    });
    movements.retain(|it| it.value.0 != 0 || it.lower.0 != 0);
    movements.sort_unstable_by_key(|it| {
        (
            Reverse(it.value.0.unsigned_abs()),
            Reverse(it.lower.0.unsigned_abs()),
            it.asset,
            it.finding,
            it.cause,
        )
    });
    let rest_count = movements.len().saturating_sub(most);
    movements.truncate(most);
    let value = to.value.minus(from.value);
    let lower = to.lower.minus(from.lower);
    let (rest_value, rest_lower) = movements.iter().fold((value, lower), |(value, lower), it| {
        (value.minus(it.value), lower.minus(it.lower))
    });
    Some(Moved {
        value,
        lower,
        movements,
        rest_value,
        rest_lower,
        rest_count,
    })
}

/// What a change of risk and importance is worth in points.
#[derive(Clone, Copy)]
struct Side {
    /// D: the share of the importance that was at stake before.
    share: f64,
    /// T': the importance after.
    importance: f64,
}

impl Side {
    fn new(risk: i64, before: i64, after: i64) -> Self {
        Self {
            share: real(risk) / real(before),
            importance: real(after),
        }
    }

    /// -100 (dR - D dT) / T'.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "within 100 points, and a cast of a number saturates"
    )]
    fn points(self, risk: f64, importance: f64) -> Points {
        let lost = (risk - self.share * importance) / self.importance;
        Points((-lost * real(Points::HUNDRED.0)).round() as i64)
    }
}

struct Scale {
    value: Side,
    lower: Side,
}

impl Scale {
    fn new(before: &Totals, after: &Totals) -> Self {
        let with = |totals: &Totals, own: i64| own.saturating_add(totals.unscanned.max(0));
        Self {
            value: Side::new(before.risk.assumed, before.importance, after.importance),
            lower: Side::new(
                with(before, before.risk.worst),
                with(before, before.importance),
                with(after, after.importance),
            ),
        }
    }

    fn asset<'a>(&self, change: &AssetChange<'a>, movements: &mut Vec<Movement<'a>>) {
        let mut push = |cause, finding, value, lower| {
            movements.push(Movement {
                cause,
                asset: Some(change.asset),
                finding,
                value,
                lower,
            });
        };
        let (before, after) = match (change.before, change.after) {
            (None, None) => return,
            (before, None) | (None, before) => {
                let (cause, sign) = if change.after.is_some() {
                    (Cause::AssetAppeared, 1.0)
                } else {
                    (Cause::AssetVanished, -1.0)
                };
                let account = before.unwrap_or_default();
                let (risk, importance) = (account.risk(), real(i64::from(account.importance)));
                push(
                    cause,
                    None,
                    self.value
                        .points(sign * real(risk.assumed), sign * importance),
                    self.lower
                        .points(sign * real(risk.worst), sign * importance),
                );
                return;
            }
            (Some(before), Some(after)) => (before, after),
        };

        // The likelihood, at the old importance.
        let old = f64::from(before.importance);
        let value = Slope::new(assumed(&before), assumed(&after));
        let lower = match (before.judged, after.judged) {
            (true, true) => Some(value),
            // Nothing that stands on what nobody looked at makes it worse than lost.
            (false, false) => Some(Slope(0.0)),
            _ => None,
        };
        let mut share = |cause, finding, weight: i64| {
            if weight != 0 {
                push(
                    cause,
                    finding,
                    self.value.points(old * value.of(weight), 0.0),
                    lower.map_or_else(Points::default, |lower| {
                        self.lower.points(old * lower.of(weight), 0.0)
                    }),
                );
            }
        };
        let mut left = after.weight.saturating_sub(before.weight);
        for finding in &change.findings {
            let cause = match (finding.before, finding.after) {
                (0, _) => Cause::FindingOpened,
                (_, 0) => Cause::FindingClosed,
                _ => Cause::FindingChanged,
            };
            let weight = finding.after.saturating_sub(finding.before);
            share(cause, Some(finding.finding), weight);
            left = left.saturating_sub(weight);
        }
        share(Cause::Findings, None, left);
        if before.judged != after.judged {
            let weight = unjudged(&after).saturating_sub(unjudged(&before));
            push(
                Cause::JudgedChanged,
                None,
                self.value.points(old * value.of(weight), 0.0),
                self.lower
                    .points(old * (worst(&after) - worst(&before)), 0.0),
            );
        }

        // The importance, at the new likelihood.
        let importance = f64::from(after.importance) - old;
        if after.importance != before.importance {
            push(
                Cause::ImportanceChanged,
                None,
                self.value
                    .points(importance * chance(assumed(&after)), importance),
                self.lower.points(importance * worst(&after), importance),
            );
        }
    }
}

/// By how much the likelihood rises with each unit of weight, on the way from one weight to another.
#[derive(Clone, Copy)]
struct Slope(f64);

impl Slope {
    fn new(from: i64, to: i64) -> Self {
        if from == to {
            // The derivative of 1 - 2^-w.
            let left = 1.0 - chance(from);
            return Self(left * std::f64::consts::LN_2 / real(1 << super::logarithm::DIGITS));
        }
        Self((chance(to) - chance(from)) / (real(to) - real(from)))
    }

    fn of(self, weight: i64) -> f64 {
        self.0 * real(weight)
    }
}

/// The weight by which the score counts an asset.
const fn assumed(account: &Account) -> i64 {
    account.weight.saturating_add(unjudged(account))
}

const fn unjudged(account: &Account) -> i64 {
    if account.judged {
        0
    } else {
        Account::NOT_JUDGED
    }
}

/// The likelihood by which the lower end counts an asset.
fn worst(account: &Account) -> f64 {
    if account.judged {
        chance(account.weight)
    } else {
        1.0
    }
}

fn chance(weight: i64) -> f64 {
    real(likelihood(weight)) / real(ONE)
}

/// Additions and divisions of such numbers have the same result on every machine (IEEE 754).
#[expect(
    clippy::cast_precision_loss,
    reason = "the rest of a movement takes what rounding leaves"
)]
const fn real(number: i64) -> f64 {
    number as f64
}
