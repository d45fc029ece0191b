//! `stance posture`: what scans found about models, servers and agents, for gateways.

mod collect;
mod file;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::bail;
use jiff::Timestamp;
use stance_gateway::posture::{Snapshot, Subject};
use stance_serve::FILE_NAME as SERVICE;
use stance_store::Sqlite;

use crate::Outcome;
use crate::cli::{Cli, PostureCommand};
use crate::config::Settings;
use crate::inventory::{FILE_NAME as SCANS, target_of};
use crate::scan::load;

pub(super) use collect::of_estate;
pub(super) use file::{once, read};

pub(crate) fn run(cli: &Cli, command: &PostureCommand) -> anyhow::Result<Outcome> {
    let PostureCommand::Export { paths, output } = command;
    let loaded = load(cli, &[PathBuf::from(".")])?;
    let data = Settings::resolve(cli, &loaded).data_dir.value;
    let now = Timestamp::now();
    let snapshot = Snapshot::new(subjects(&data, paths)?, now);
    let Some(output) = output else {
        super::print_json(&mut super::stdout(cli), &snapshot)?;
        return Ok(Outcome::Clean);
    };
    let file = super::one_file::Output::new(output, &data.join(SCANS), true)?;
    file.write(|out| super::print_json(out, &snapshot))?;
    file.finish()?;
    if !cli.global.quiet {
        let count = snapshot.subjects.len();
        let what = if count == 1 { "thing" } else { "things" };
        writeln!(
            super::stdout(cli),
            "{count} {what} with findings in {}",
            output.display()
        )?;
    }
    Ok(Outcome::Clean)
}

/// What the data directory knows: of the last scans of these paths, or of all paths and of the service that lies there.
fn subjects(data: &Path, paths: &[PathBuf]) -> anyhow::Result<Vec<Subject>> {
    let scans = data.join(SCANS);
    let service = data.join(SERVICE);
    let mut all = Vec::new();
    let mut has_looked = false;
    if scans.is_file() {
        let store = Sqlite::open_to_read(&scans)?;
        let targets = match paths {
            [] => collect::targets(&store)?,
            paths => paths
                .iter()
                .map(|path| target_of(path))
                .collect::<anyhow::Result<_>>()?,
        };
        has_looked |= !targets.is_empty();
        for target in &targets {
            all.extend(collect::of_scan(&store, target)?);
        }
    }
    if paths.is_empty() && service.is_file() {
        has_looked = true;
        let (subjects, is_whole) = of_estate(&Sqlite::open_to_read(&service)?)?;
        if !is_whole {
            bail!(
                "the service has more findings than a snapshot holds; let the gateway run within `stance serve`"
            );
        }
        all.extend(subjects);
    }
    if !has_looked {
        // An empty snapshot would say that all is well.
        bail!(
            "{} knows of no scan; `stance scan` makes one, or name the directory of a service with `--data-dir`",
            data.display()
        );
    }
    Ok(all)
}
