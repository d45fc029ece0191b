//! One file per rule, grouped in folders by area, and the engine around them.
//!
//! A rule is one file with (1) a documented declaration by [`rule!`], whose doc
//! comment is its help page everywhere, (2) an implementation of the narrowest
//! hook of [`Rule`] it needs, (3) bad and good examples that run as its test.
//! One line in its area's `mod.rs` registers it. `cargo xtask new-rule
//! AREA/NAME` writes both.
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

#[macro_use]
mod declare;
#[macro_use]
mod example;
mod address;
mod advisories;
mod ai_services;
mod calls;
mod capability;
mod context;
mod credential;
mod doc;
mod flow;
mod judge;
mod licences;
mod lifecycle;
mod made;
mod ports;
mod reach;
mod rule;
mod shells;
mod suggest;

pub mod agent;
pub mod code;
pub mod config;
pub mod coverage;
pub mod governance;
pub mod model;
pub mod runtime;
pub mod secret;
pub mod shadow;
pub mod supply_chain;

pub use advisories::{AdvisoryPage, Trigger, advisory, is_advisory_id};
pub use context::{Cx, Draft};
pub use doc::Doc;
pub use example::{Content, Example, clock, examine, observe};
pub use judge::{Judgement, judge};
pub use reach::Reach;
pub use rule::{Entry, Rule, RuleMeta, Stage, WaiverUse};
pub use suggest::{names_a_rule, nearest};

/// Every rule, in order of area and name.
pub fn all() -> impl Iterator<Item = &'static Entry> {
    AREAS.iter().flat_map(|area| area.iter().copied())
}

/// The rule with this id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Entry> {
    all().find(|entry| entry.meta.id == id)
}

/// The calls in source code that any rule wants to see.
pub fn interests() -> impl Iterator<Item = &'static str> {
    all().flat_map(|entry| entry.rule.calls().iter().copied())
}

static AREAS: &[&[&Entry]] = &[
    agent::RULES,
    code::RULES,
    config::RULES,
    coverage::RULES,
    governance::RULES,
    model::RULES,
    runtime::RULES,
    secret::RULES,
    shadow::RULES,
    supply_chain::RULES,
];
