//! `stance advisories`: what is published about packages, imported from files.

mod import;
mod show;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use stance_store::Advisories;

use crate::Outcome;
use crate::advisories::FILE_NAME;
use crate::cli::{AdvisoriesAction, AdvisoriesArguments, Cli};
use crate::config::Settings;
use crate::scan::load;

pub(crate) fn run(cli: &Cli, arguments: &AdvisoriesArguments) -> anyhow::Result<Outcome> {
    let loaded = load(cli, &[PathBuf::from(".")])?;
    let path = Settings::resolve(cli, &loaded)
        .data_dir
        .value
        .join(FILE_NAME);
    match &arguments.action {
        AdvisoriesAction::Import { files } => import(cli, &path, files)?,
        AdvisoriesAction::List { package, format } => {
            show::list(cli, open(&path)?.as_ref(), package, *format)?;
        }
        AdvisoriesAction::Show { id, format } => {
            show::show(cli, open(&path)?.as_ref(), id, *format)?;
        }
        AdvisoriesAction::Status { format } => {
            show::status(cli, open(&path)?.as_ref(), &path, *format)?;
        }
    }
    Ok(Outcome::Clean)
}

fn open(path: &Path) -> anyhow::Result<Option<Advisories>> {
    Ok(Advisories::open_to_read(path)?)
}

fn import(cli: &Cli, path: &Path, files: &[PathBuf]) -> anyhow::Result<()> {
    let mut database = Advisories::open(path)?;
    let now = Timestamp::now();
    for file in files {
        let told = import::import(&mut database, file, now)?;
        if !cli.global.quiet {
            let mut out = super::stdout(cli);
            for line in told.lines(file) {
                writeln!(out, "{}", crate::output::printable(&line))?;
            }
        }
    }
    Ok(())
}
