//! `stance policy fmt`: policies in one style.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use stance_policy::Source;
use stance_policy::format::format;

use super::load;
use crate::Outcome;
use crate::cli::Cli;

pub(super) fn run(
    cli: &Cli,
    paths: &[PathBuf],
    check: bool,
    diff: bool,
) -> anyhow::Result<Outcome> {
    let sources = load::sources(paths)?;
    let mut out = super::super::stdout(cli);
    let mut changed = 0_usize;
    let mut faults = Vec::new();
    for source in &sources {
        let new = match format(source) {
            Ok(new) => new,
            Err(fault) => {
                faults.push(fault);
                continue;
            }
        };
        if new == source.text {
            continue;
        }
        changed += 1;
        if source.name == "-" {
            out.write_all(new.as_bytes())?;
        } else if diff {
            difference(&mut out, source, &new)?;
        } else if check {
            writeln!(out, "{}", source.name)?;
        } else {
            write(Path::new(&source.name), &new)?;
            if !cli.global.quiet {
                writeln!(out, "{}", source.name)?;
            }
        }
    }
    if !faults.is_empty() {
        return Err(super::faulty("these files cannot be formatted", &faults));
    }
    Ok(if check && changed > 0 {
        Outcome::Findings
    } else {
        Outcome::Clean
    })
}

/// Replaces a file as a whole, so that one that is read meanwhile is never half of it.
fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let new = PathBuf::from(name);
    std::fs::write(&new, text)
        .and_then(|()| {
            let rights = std::fs::metadata(path)?.permissions();
            std::fs::set_permissions(&new, rights)?;
            std::fs::rename(&new, path)
        })
        .with_context(|| format!("cannot write {}", path.display()))
}

/// The lines that differ. Formatting never adds or takes a line but empty ones, so they are held side by side.
fn difference(out: &mut impl std::io::Write, source: &Source, new: &str) -> anyhow::Result<()> {
    writeln!(out, "--- {}", source.name)?;
    let old: Vec<(usize, &str)> = filled(&source.text);
    for ((number, old), (_, new)) in old.into_iter().zip(filled(new)) {
        if old != new {
            writeln!(out, "{number}:\n-{old}\n+{new}")?;
        }
    }
    Ok(())
}

fn filled(text: &str) -> Vec<(usize, &str)> {
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(number, line)| (number + 1, line))
        .collect()
}
