//! `stance baseline write`

use std::io::Write as _;

use crate::Outcome;
use crate::baseline::{Baseline, FILE_NAME};
use crate::cli::{BaselineAction, BaselineArguments, Cli};
use crate::scan::{load, scan};

pub(crate) fn run(cli: &Cli, arguments: &BaselineArguments) -> anyhow::Result<Outcome> {
    let BaselineAction::Write { paths, flags } = &arguments.action;
    // The old file is about to be replaced: what it held back is judged anew.
    let scanned = scan(cli, paths, false)?;
    let loaded = load(cli, paths)?;
    let path = flags
        .baseline
        .clone()
        .or_else(|| scanned.settings.baseline.value.clone())
        .or_else(|| {
            loaded
                .directory()
                .map(|directory| directory.join(FILE_NAME))
        })
        .unwrap_or_else(|| FILE_NAME.into());
    let baseline = Baseline::of(&scanned.report.findings);
    baseline.write(&path)?;
    if !cli.global.quiet {
        writeln!(
            super::stdout(cli),
            "{} holds {} findings; `stance scan` now fails on new ones only",
            path.display(),
            baseline.len()
        )?;
    }
    Ok(Outcome::Clean)
}
