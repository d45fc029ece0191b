//! `stance doctor`: whether Stance can work here, and what to do if not.

use std::fmt;
use std::io::Write as _;
use std::path::PathBuf;

use stance_store::{Sqlite, Store as _};

use crate::Outcome;
use crate::cli::{Cli, DoctorArguments};
use crate::config::Settings;
use crate::inventory::FILE_NAME;
use crate::scan::load;

enum Verdict {
    Fine(String),
    Wrong(String),
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fine(text) => write!(f, "ok     {text}"),
            Self::Wrong(text) => write!(f, "WRONG  {text}"),
        }
    }
}

pub(crate) fn run(cli: &Cli, _: &DoctorArguments) -> anyhow::Result<Outcome> {
    let mut verdicts = vec![Verdict::Fine(format!(
        "stance {}, {} rules, {} frameworks",
        env!("CARGO_PKG_VERSION"),
        stance_rules::all().count(),
        stance_core::control::frameworks().len()
    ))];
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    verdicts.push(Verdict::Fine(format!("{cores} cores")));
    match load(cli, &[PathBuf::from(".")]) {
        Ok(loaded) => {
            verdicts.push(Verdict::Fine(match &loaded.path {
                Some(path) => format!("configuration {}", path.display()),
                None => "no configuration; the defaults hold".to_owned(),
            }));
            let directory = Settings::resolve(cli, &loaded).data_dir.value;
            verdicts.push(directory_verdict(&directory));
            verdicts.push(database_verdict(&directory));
        }
        Err(error) => verdicts.push(Verdict::Wrong(format!("{error:#}"))),
    }
    let mut out = super::stdout(cli);
    for verdict in &verdicts {
        writeln!(out, "{verdict}")?;
    }
    let wrong = verdicts
        .iter()
        .any(|verdict| matches!(verdict, Verdict::Wrong(_)));
    Ok(if wrong {
        Outcome::Findings
    } else {
        Outcome::Clean
    })
}

fn directory_verdict(directory: &std::path::Path) -> Verdict {
    if !directory.exists() {
        return Verdict::Fine(format!(
            "data directory {} is made by the first scan",
            directory.display()
        ));
    }
    let probe = directory.join(".stance-doctor");
    match std::fs::write(&probe, b"").and_then(|()| std::fs::remove_file(&probe)) {
        Ok(()) => Verdict::Fine(format!(
            "data directory {} can be written",
            directory.display()
        )),
        Err(error) => Verdict::Wrong(format!(
            "data directory {} cannot be written ({error}); choose another with --data-dir",
            directory.display()
        )),
    }
}

fn database_verdict(directory: &std::path::Path) -> Verdict {
    let file = directory.join(FILE_NAME);
    if !file.exists() {
        return Verdict::Fine("no inventory yet".to_owned());
    }
    match Sqlite::open(&file).and_then(|store| store.scans(None, usize::MAX)) {
        Ok(scans) => Verdict::Fine(format!(
            "inventory {} holds {} scans",
            file.display(),
            scans.len()
        )),
        Err(error) => Verdict::Wrong(error.to_string()),
    }
}
