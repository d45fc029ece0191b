//! `stance doctor`: whether Stance can work here, and what to do if not.

mod database;
mod directory;
mod estate;
mod machine;
mod service;

use std::fmt;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Serialize;

use crate::Outcome;
use crate::cli::{Cli, DoctorArguments, TextOrJson};
use crate::config::Settings;
use crate::output::printable;
use crate::scan::load;

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    /// As it should be.
    Ok,
    /// It works, and somebody should look at it.
    Warning,
    /// Something does not work, or is not safe.
    Wrong,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Wrong => "WRONG",
        })
    }
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Check {
    /// What it belongs to, one word.
    area: &'static str,
    verdict: Verdict,
    /// What was seen.
    says: String,
    /// What to do about it.
    #[serde(rename = "do", skip_serializing_if = "Option::is_none")]
    advice: Option<String>,
}

/// Everything that was looked at.
#[derive(Debug, Serialize)]
struct Report {
    verdict: Verdict,
    at: Timestamp,
    version: &'static str,
    data_dir: Option<PathBuf>,
    checks: Vec<Check>,
}

/// Collects what is seen in one area.
struct Area<'a> {
    name: &'static str,
    checks: &'a mut Vec<Check>,
}

impl Area<'_> {
    fn add(&mut self, verdict: Verdict, says: impl Into<String>, advice: Option<&str>) {
        self.checks.push(Check {
            area: self.name,
            verdict,
            says: says.into(),
            advice: advice.map(str::to_owned),
        });
    }

    fn ok(&mut self, says: impl Into<String>) {
        self.add(Verdict::Ok, says, None);
    }

    fn warning(&mut self, says: impl Into<String>, advice: &str) {
        self.add(Verdict::Warning, says, Some(advice));
    }

    fn wrong(&mut self, says: impl Into<String>, advice: &str) {
        self.add(Verdict::Wrong, says, Some(advice));
    }

    /// An error of ours, which says itself what to do.
    fn failed(&mut self, error: &impl fmt::Display) {
        self.add(Verdict::Wrong, error.to_string(), None);
    }
}

pub(crate) fn run(cli: &Cli, arguments: &DoctorArguments) -> anyhow::Result<Outcome> {
    let now = Timestamp::now();
    let mut checks = Vec::new();
    let mut data_dir = None;
    if !arguments.ready {
        machine::program(&mut area(&mut checks, "program"));
        match load(cli, &[PathBuf::from(".")]) {
            Ok(loaded) => {
                area(&mut checks, "configuration").ok(match &loaded.path {
                    Some(path) => format!("{} is in order", path.display()),
                    None => "there is no stance.toml; the defaults hold".to_owned(),
                });
                let directory = Settings::resolve(cli, &loaded).data_dir.value;
                look(&mut checks, &directory, arguments, now);
                data_dir = Some(directory);
            }
            Err(error) => area(&mut checks, "configuration").failed(&format!("{error:#}")),
        }
        machine::tls(&mut area(&mut checks, "tls"), arguments, now);
    }
    if let Some(url) = &arguments.url {
        service::ready(&mut area(&mut checks, "service"), url);
    }
    let verdict = checks.iter().map(|check| check.verdict).max();
    let report = Report {
        verdict: verdict.unwrap_or(Verdict::Ok),
        at: now,
        version: env!("CARGO_PKG_VERSION"),
        data_dir,
        checks,
    };
    tell(cli, arguments, &report)?;
    Ok(match report.verdict {
        Verdict::Wrong => Outcome::Findings,
        Verdict::Ok | Verdict::Warning => Outcome::Clean,
    })
}

fn area<'a>(checks: &'a mut Vec<Check>, name: &'static str) -> Area<'a> {
    Area { name, checks }
}

fn look(checks: &mut Vec<Check>, directory: &Path, arguments: &DoctorArguments, now: Timestamp) {
    if !directory::look(&mut area(checks, "directory"), directory) {
        return;
    }
    for name in [stance_serve::FILE_NAME, crate::inventory::FILE_NAME] {
        let path = directory.join(name);
        if path.exists() {
            database::look(checks, directory, &path, arguments.full, now);
        }
    }
    database::advisories(&mut area(checks, "advisories"), directory);
    let service = directory.join(stance_serve::FILE_NAME);
    if service.exists() {
        estate::look(checks, &service, now);
    }
}

fn tell(cli: &Cli, arguments: &DoctorArguments, report: &Report) -> anyhow::Result<()> {
    let mut out = super::stdout(cli);
    if arguments.format == TextOrJson::Json {
        return super::print_json(&mut out, report);
    }
    for check in &report.checks {
        if cli.global.quiet && check.verdict == Verdict::Ok {
            continue;
        }
        writeln!(
            out,
            "{:<8} {:<14} {}",
            check.verdict,
            check.area,
            printable(&check.says)
        )?;
        if let Some(advice) = &check.advice {
            writeln!(out, "{:<8} {:<14} ↳ {advice}", "", "")?;
        }
    }
    if !cli.global.quiet {
        let count = |verdict| {
            let found = report.checks.iter().filter(|it| it.verdict == verdict);
            found.count()
        };
        let (wrong, warnings) = (count(Verdict::Wrong), count(Verdict::Warning));
        writeln!(out, "{wrong} wrong, {warnings} to look at")?;
    }
    Ok(())
}
