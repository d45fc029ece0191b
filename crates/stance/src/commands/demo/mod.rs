//! `stance demo`: the service over a small estate of a made-up company, with two weeks of history, so that a stranger
//! sees it alive at once. Everything lies in one directory, and nothing leaves it.

mod files;
mod observed;
mod story;
mod traffic;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Parser as _;
use jiff::{SignedDuration, Timestamp};
use stance_core::Environment;
use stance_core::due::Deadlines;
use stance_serve::FILE_NAME;
use stance_serve::objectives::take;
use stance_store::sources::{NewSource, SourceKind, SourceSettings, Sources as _};
use stance_store::{Estate as _, Ingest, SourceNumber, Sqlite};

use crate::Outcome;
use crate::cli::{Cli, ServeArguments};
use crate::config::Settings;
use crate::inventory::Record;
use crate::scan::{load, scan};

pub(crate) fn run(cli: &Cli, arguments: &ServeArguments) -> anyhow::Result<Outcome> {
    let loaded = load(cli, &[PathBuf::from(".")])?;
    let home = Settings::resolve(cli, &loaded).data_dir.value;
    // Beside the database, not in its directory: a scan leaves the own data out.
    let (directory, estate) = (home.join("demo"), home.join("demo-estate"));
    if !directory.join(FILE_NAME).exists() {
        make(&directory, &estate)
            .with_context(|| format!("cannot make the sample estate in {}", directory.display()))?;
    }
    super::serve::serve(cli, arguments, directory, false)
}

/// A repository of the sample estate.
struct Repository {
    /// Its directory.
    name: &'static str,
    owner: &'static str,
    environment: Environment,
}

const REPOSITORIES: [Repository; 3] = [
    Repository {
        name: "support-desk",
        owner: "support-eng",
        environment: Environment::Production,
    },
    Repository {
        name: "churn-model",
        owner: "growth",
        environment: Environment::Production,
    },
    Repository {
        name: "docs-search",
        owner: "platform",
        environment: Environment::Staging,
    },
];

/// Writes the estate day by day, looks at it each day, and lets people decide. The database gets its name at the end, so
/// that one that was broken off is made anew.
fn make(directory: &Path, estate: &Path) -> anyhow::Result<()> {
    let half = directory.join("making.db");
    for path in [
        &half,
        &half.with_extension("db-wal"),
        &half.with_extension("db-shm"),
    ] {
        if path.exists() {
            fs::remove_file(path)?;
        }
    }
    if estate.exists() {
        fs::remove_dir_all(estate)?;
    }
    let now = Timestamp::now();
    let day = |days: i64| now - SignedDuration::from_hours(24 * days);
    let mut store = Sqlite::open(&half)?;
    let mut sources = Vec::new();
    for repository in &REPOSITORIES {
        let path = estate.join(repository.name);
        fs::create_dir_all(&path)?;
        sources.push(add(&mut store, repository, &path, day(14))?);
    }
    let observed = observed::add(&mut store, estate, now, day(10))?;
    let people = story::people(&mut store, day(14))?;
    for days in (1..=14).rev() {
        let changes = files::DAYS.iter().filter(|(of, _)| *of == days);
        for (_, change) in changes {
            change.write(estate)?;
            for (repository, source) in REPOSITORIES.iter().zip(&sources) {
                if days == 14 || change.touches(repository.name) {
                    look(
                        directory,
                        &mut store,
                        &estate.join(repository.name),
                        *source,
                        day(days),
                    )?;
                }
            }
            let at = day(days) + SignedDuration::from_hours(3);
            story::decide(&mut store, &people, days, at)?;
        }
        if days == observed::DAY {
            observed.look(directory, &mut store, day(days))?;
        }
        // Figures are measured every day, whether or not something happened.
        take(&mut store, day(days) + SignedDuration::from_hours(6))?;
    }
    // The last look was a moment ago.
    for (repository, source) in REPOSITORIES.iter().zip(&sources) {
        look(
            directory,
            &mut store,
            &estate.join(repository.name),
            *source,
            now,
        )?;
    }
    observed.look(directory, &mut store, now)?;
    take(&mut store, now)?;
    traffic::add(&mut store, now)?;
    drop(store);
    fs::rename(&half, directory.join(FILE_NAME))?;
    Ok(())
}

fn add(
    store: &mut Sqlite,
    repository: &Repository,
    path: &Path,
    at: Timestamp,
) -> anyhow::Result<SourceNumber> {
    let path = path.canonicalize()?;
    let settings = SourceSettings {
        name: repository.name.to_owned(),
        options: serde_json::json!({ "path": path }),
        schedule: Some("1h".to_owned()),
        enabled: true,
        owner: Some(repository.owner.to_owned()),
        environment: repository.environment,
    };
    let key = path.display().to_string();
    let source = NewSource {
        key: &key,
        kind: SourceKind::Directory,
        settings: &settings,
    };
    Ok(store.add_source(&source, at)?)
}

/// Scans a repository of the estate as it is now, and takes the result in as of that day.
fn look(
    directory: &Path,
    store: &mut Sqlite,
    path: &Path,
    source: SourceNumber,
    at: Timestamp,
) -> anyhow::Result<()> {
    let words = ["stance", "--data-dir"].map(OsString::from);
    let words = words
        .into_iter()
        .chain([directory.into(), "scan".into(), path.into()]);
    let cli = Cli::try_parse_from(words)?;
    let scanned = scan(&cli, &[path.to_owned()], false)?;
    let record = Record::of(&scanned)?;
    store.ingest(&Ingest {
        source,
        run: None,
        at,
        assets: &record.assets,
        relations: &record.relations,
        findings: &record.findings,
        coverage: &record.coverage,
        unjudged: &record.unjudged,
        judged: record.judged.as_ref(),
        deadlines: Deadlines::default(),
    })?;
    Ok(())
}
