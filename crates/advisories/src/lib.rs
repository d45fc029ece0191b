//! Published flaws of packages: what records say, which versions they are about, how bad they are.
//!
//! [`Advisory`] is what is kept of a record, whatever its notation: the Open Source Vulnerability format
//! ([`source::osv`]), the rules of AI-Infra-Guard ([`source::infra_guard`]), the table that comes with Stance
//! ([`table`]). [`Version`] orders versions as each registry does, [`Windows`] says which of them an advisory is
//! about, [`Constraint`] which of them a manifest allows, and [`judge`] holds one against the other.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects
    )
)]

mod advisory;
mod constraint;
pub mod cvss;
pub mod fuzzing;
mod interval;
mod judge;
mod name;
pub mod source;
pub mod table;
mod version;
mod windows;

pub use advisory::{Advisory, Affected, Event, Severities};
pub use constraint::Constraint;
pub use interval::Interval;
pub use judge::{Known, Signals, Stock, judge, state, wanted};
pub use name::{ecosystem, normalise, of_purl};
pub use version::Version;
pub use windows::Windows;
