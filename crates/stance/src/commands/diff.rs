//! `stance diff`
use crate::Outcome;
use crate::cli::{Cli, DiffArguments};
pub(crate) fn run(_: &Cli, _: &DiffArguments) -> anyhow::Result<Outcome> {
    Ok(Outcome::Clean)
}
