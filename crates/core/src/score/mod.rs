//! The posture score, version 1: how much of what matters is out of reach of harm.
//!
//! ```text
//! S = 100 x (1 - sum of L_a I_a / sum of I_a)      over all assets a
//! L_a = 1 - product of (1 - p_f)                   over the open findings f on a
//! p_f = severity x confidence x exposure           see [`weight`]
//! I_a = 1 - (1 - s)(1 - c)(1 - e)                  see [`Classification::importance`]
//! ```
//!
//! 100 means that nothing open stands on anything of worth; 0 that all of it is as good as lost. Both noisy-ors take
//! probabilities, not ranks, so a hundred small weaknesses add up to less than certainty, and one more never helps.
//!
//! **Interval.** An asset that is known but was not looked at counts in three ways: as certain harm in `lower`, as if
//! one sure medium finding stood on it in `value`, and by its findings alone in `upper`, which is what is known. Scope
//! in which nobody looked at all ([`unscanned`]) counts as assets with certain harm in `lower`. So with the same
//! findings, looking at less never raises one of the three; and where assets drop out of sight together with their
//! findings, `lower` never rises as long as they are counted as unscanned.
//!
//! **Order and rounding.** Everything is an integer: importance, likelihood and risk in billionths, findings in
//! 2^-24 bits of `-log2(1 - p)`, sums of them in `i64`. Integer sums do not depend on their order, so the store keeps an
//! [`Account`] per asset and the [`Totals`], changes only those of assets that were touched, and has to the last digit
//! what a computation from scratch gives. No function of the system's mathematics library is used: the same input has
//! the same score on every machine.
//!
//! **What later versions change** is [`Account::risk`] alone: attack paths will put the probability that somebody
//! reaches the asset in the place of L_a.
//!
//! Source: the noisy-or is Pearl's (Probabilistic Reasoning in Intelligent Systems, 1988, section 4.3.2); why ranks
//! are not multiplied: Cox, What's Wrong with Risk Matrices?, Risk Analysis 28(2), 2008.
//!
//! [`Classification::importance`]: crate::Classification::importance

mod account;
mod logarithm;
mod moved;
mod points;
mod totals;
mod unscanned;
mod weight;

pub use account::{Account, Risk};
pub use moved::{AssetChange, Cause, FindingChange, Moved, Movement, moved};
pub use points::Points;
pub use totals::{Score, Totals};
pub use unscanned::{UNSEEN_SOURCE, gaps, unscanned};
pub use weight::{likelihood, weight};

/// The version of the formula and its tables; a score is only compared with scores of the same version.
pub const VERSION: u32 = 1;

/// 1, in billionths.
pub const ONE: i64 = 1_000_000_000;

#[cfg(test)]
mod laws;
