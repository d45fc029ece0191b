//! Configuration formats to facts: training recipes, gateways, infrastructure, CI, the exports of
//! agent builders. One folder or file per family of formats.
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

mod agent_files;
mod caches;
mod cards;
mod catalog;
mod ci;
mod crew;
mod dify;
mod document;
mod dotenv;
mod dotnet;
mod draft;
mod evaluation;
mod flows;
mod functions;
mod gateway;
mod handed;
mod handed_secrets;
mod haystack;
mod helm;
mod infrastructure;
mod model_card;
mod n8n;
mod named;
mod prompty;
mod providers;
mod recipe;
mod shell;
mod spring;
mod sql;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use stance_read::Inspector;

/// The parsers of this crate, in the order in which they are asked.
pub const PARSERS: &[&dyn Inspector] = &[
    &caches::INSPECTOR,
    &ci::INSPECTOR,
    &document::INSPECTOR,
    &dotenv::INSPECTOR,
    &dotnet::INSPECTOR,
    &helm::INSPECTOR,
    &infrastructure::INSPECTOR,
    &model_card::INSPECTOR,
    &prompty::INSPECTOR,
    &shell::INSPECTOR,
    &shell::PACKAGE,
    &spring::INSPECTOR,
    &sql::INSPECTOR,
];
