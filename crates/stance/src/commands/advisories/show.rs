//! What is known, for people and for programs.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;

use anyhow::bail;
use jiff::Timestamp;
use serde::Serialize;
use stance_advisories::{Advisory, Affected, Event, Signals, of_purl, table};
use stance_core::fact::Ecosystem;
use stance_store::Advisories;

use crate::advisories::stock;
use crate::cli::{Cli, TextOrJson};
use crate::output::printable;

/// An advisory with what makes it urgent.
#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    advisory: Advisory,
    score: Option<f64>,
    severity: Option<stance_core::Severity>,
    exploited: bool,
    likelihood: Option<f64>,
}

pub(super) fn list(
    cli: &Cli,
    database: Option<&Advisories>,
    package: &str,
    format: TextOrJson,
) -> anyhow::Result<()> {
    let packages: Vec<(Ecosystem, String)> = match of_purl(package) {
        Some(package) => vec![package],
        None => Ecosystem::ALL
            .into_iter()
            .map(|ecosystem| (ecosystem, stance_advisories::normalise(ecosystem, package)))
            .collect(),
    };
    let mut found = Vec::new();
    for (ecosystem, name) in &packages {
        let known = table::of(*ecosystem, name).to_vec();
        let imported = database.map(|database| database.of(*ecosystem, name));
        for advisory in imported
            .transpose()?
            .unwrap_or_default()
            .into_iter()
            .chain(known)
        {
            found.push(shown(database, advisory)?);
        }
    }
    let mut out = super::super::stdout(cli);
    if format == TextOrJson::Json {
        return super::super::print_json(&mut out, &found);
    }
    for one in &found {
        for affected in &one.advisory.affected {
            let severity = one.severity.map_or("-", stance_core::Severity::name);
            let line = format!(
                "{:24} {severity:8} {:14} {} {}",
                one.advisory.id,
                one.advisory.source,
                affected.ecosystem.purl(&affected.name),
                ranges(affected)
            );
            writeln!(out, "{}", printable(&line))?;
        }
    }
    if !cli.global.quiet {
        let without = database.is_none();
        writeln!(
            out,
            "{} advisories{}",
            found.len(),
            if without {
                "; nothing was imported, these come with Stance"
            } else {
                ""
            }
        )?;
    }
    Ok(())
}

pub(super) fn show(
    cli: &Cli,
    database: Option<&Advisories>,
    id: &str,
    format: TextOrJson,
) -> anyhow::Result<()> {
    let id = id.trim();
    let mut found = match database {
        Some(database) => database.find(id)?,
        None => Vec::new(),
    };
    let known = table::all();
    found.extend(
        known
            .filter(|one| one.id == id || one.aliases.iter().any(|alias| alias == id))
            .cloned(),
    );
    if found.is_empty() {
        bail!("{id} is not known; `stance advisories import` takes in files of advisories");
    }
    found.sort_by(|a, b| a.source.cmp(&b.source));
    let found: Vec<Shown> = found
        .into_iter()
        .map(|advisory| shown(database, advisory))
        .collect::<anyhow::Result<_>>()?;
    let mut out = super::super::stdout(cli);
    if format == TextOrJson::Json {
        return super::super::print_json(&mut out, &found);
    }
    for one in &found {
        let advisory = &one.advisory;
        let mut line = |name: &str, value: &str| {
            if value.is_empty() {
                return Ok(());
            }
            writeln!(out, "{name:12} {}", printable(value))
        };
        line("id", &advisory.id)?;
        line("source", &advisory.source)?;
        line("aliases", &advisory.aliases.join(" "))?;
        line("summary", &advisory.summary)?;
        line("modified", advisory.modified.as_deref().unwrap_or_default())?;
        let severity = one.severity.map_or("", stance_core::Severity::name);
        let score = one
            .score
            .map(|score| format!(" ({score:.1})"))
            .unwrap_or_default();
        line("severity", &format!("{severity}{score}"))?;
        line("vectors", &advisory.severity.vectors.join(" "))?;
        if advisory.disputed {
            line("disputed", "by the maintainers")?;
        }
        if advisory.withdrawn {
            line("withdrawn", "it matches nothing")?;
        }
        if one.exploited {
            line("exploited", "known to be used by attackers (KEV)")?;
        }
        if let Some(likelihood) = one.likelihood {
            line(
                "likelihood",
                &format!("{:.2} % within thirty days (EPSS)", likelihood * 100.0),
            )?;
        }
        for affected in &advisory.affected {
            let purl = affected.ecosystem.purl(&affected.name);
            line("affected", &format!("{purl} {}", ranges(affected)))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn shown(database: Option<&Advisories>, advisory: Advisory) -> anyhow::Result<Shown> {
    let mut signals = Signals::default();
    if let Some(database) = database {
        let ids: BTreeSet<&String> = advisory.aliases.iter().chain([&advisory.id]).collect();
        for id in ids {
            if let Some(found) = database.signals(id)? {
                signals.exploited |= found.exploited;
                signals.likelihood = found.likelihood.or(signals.likelihood);
            }
        }
    }
    Ok(Shown {
        score: advisory.severity.score(),
        severity: advisory.severity.severity(),
        exploited: signals.exploited,
        likelihood: signals.likelihood,
        advisory,
    })
}

/// `>=1.0 <1.2, 2.0` in one line.
fn ranges(affected: &Affected) -> String {
    let mut parts: Vec<String> = affected
        .ranges
        .iter()
        .map(|events| {
            let events: Vec<String> = events
                .iter()
                .filter_map(|event| match event {
                    Event::Introduced(version) if version == "0" => None,
                    Event::Introduced(version) => Some(format!(">={version}")),
                    Event::After(version) => Some(format!(">{version}")),
                    Event::Fixed(version) => Some(format!("<{version}")),
                    Event::LastAffected(version) => Some(format!("<={version}")),
                    Event::Limit(version) => Some(format!("before {version}")),
                })
                .collect();
            match events.is_empty() {
                true => "every version".to_owned(),
                false => events.join(" "),
            }
        })
        .collect();
    let named = affected.versions.len();
    parts.extend(affected.versions.iter().take(8).cloned());
    if named > 8 {
        parts.push(format!("and {} more versions", named - 8));
    }
    parts.join(", ")
}

pub(super) fn status(
    cli: &Cli,
    database: Option<&Advisories>,
    path: &Path,
    format: TextOrJson,
) -> anyhow::Result<()> {
    let status = match database {
        Some(database) => database.status()?,
        None => stance_store::advisories::Status::default(),
    };
    let stock = stock(&status, Timestamp::now());
    let mut out = super::super::stdout(cli);
    if format == TextOrJson::Json {
        let imports: Vec<serde_json::Value> = status
            .imports
            .iter()
            .map(|import| {
                serde_json::json!({
                    "kind": import.kind, "file": import.file, "at": import.at.to_string(),
                    "records": import.records, "newest": import.newest,
                })
            })
            .collect();
        let ecosystems: serde_json::Map<String, serde_json::Value> = status
            .ecosystems
            .iter()
            .map(|(ecosystem, count)| (ecosystem.name().to_owned(), (*count).into()))
            .collect();
        let value = serde_json::json!({
            "database": path.display().to_string(), "advisories": status.advisories,
            "ecosystems": ecosystems, "exploited": status.exploited, "likelihoods": status.likelihoods,
            "newest": stock.newest, "age_days": stock.age, "imports": imports,
            "built_in": { "advisories": table::count(), "packages": table::packages() },
        });
        return super::super::print_json(&mut out, &value);
    }
    writeln!(
        out,
        "with Stance: {} advisories about {} packages of AI components",
        table::count(),
        table::packages()
    )?;
    if status.imports.is_empty() {
        writeln!(
            out,
            "no advisories imported: vulnerabilities of other packages are not looked for; `stance advisories import` takes in files"
        )?;
        return Ok(());
    }
    writeln!(
        out,
        "imported: {} advisories in {}",
        status.advisories,
        path.display()
    )?;
    for (ecosystem, count) in &status.ecosystems {
        writeln!(out, "  {:10} {count}", ecosystem.title())?;
    }
    if status.exploited + status.likelihoods > 0 {
        writeln!(
            out,
            "  {} exploited vulnerabilities (KEV), {} likelihoods (EPSS)",
            status.exploited, status.likelihoods
        )?;
    }
    if let (Some(newest), Some(age)) = (&stock.newest, stock.age) {
        writeln!(
            out,
            "  the newest is of {}, {age} days old",
            newest.get(..10).unwrap_or(newest)
        )?;
    }
    for import in &status.imports {
        let line = format!(
            "  {} {} records of {} imported {}",
            import.records, import.kind, import.file, import.at
        );
        writeln!(out, "{}", printable(&line))?;
    }
    Ok(())
}
