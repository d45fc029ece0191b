//! `stance assets`
use crate::Outcome;
use crate::cli::{AssetsArguments, Cli};
pub(crate) fn run(_: &Cli, _: &AssetsArguments) -> anyhow::Result<Outcome> {
    Ok(Outcome::Clean)
}
pub(crate) fn record(_: &crate::scan::Scanned) -> anyhow::Result<i64> {
    Ok(0)
}
