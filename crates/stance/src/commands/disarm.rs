//! `stance disarm`: a copy of a model file in which nothing dangerous is left.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde_json::json;
use stance_core::Severity;
use stance_inspect::disarm::{Disarmed, disarm};
use stance_inspect::{Bytes, Limits, Source, convert};

use super::one_file::{self, Output, counted};
use crate::Outcome;
use crate::cli::{Cli, DisarmArguments, TextOrJson};
use crate::output::printable;

pub(crate) fn run(cli: &Cli, arguments: &DisarmArguments) -> anyhow::Result<Outcome> {
    let path = &arguments.file;
    let file = one_file::open(path)?;
    let target = match &arguments.output {
        Some(output) => output.clone(),
        None => beside(path),
    };
    let output = Output::new(&target, path, arguments.force)?;
    let about = || format!("cannot disarm {}", path.display());

    let unpacked = convert::unpacked(&file, &Limits::default()).with_context(about)?;
    let inside = unpacked.as_deref().map(Bytes);
    let source: &dyn Source = match &inside {
        Some(bytes) => bytes,
        None => &file,
    };
    let mut disarmed = output
        .write(|out| disarm(source, &stance_intent::is_safe_import, out).with_context(about))?;
    if unpacked.is_some() {
        disarmed
            .dropped
            .push("the compression around the file".to_owned());
    }
    if file.has_changed() {
        bail!("{} changed while it was disarmed", path.display());
    }
    let left = one_file::findings(&target, &output.read()?, Severity::Medium);
    if !left.is_empty() {
        let lines: Vec<String> = left.iter().take(5).map(one_file::line).collect();
        bail!(
            "cannot disarm {}: what would be left still has {}, so nothing was written\n  {}",
            path.display(),
            counted(left.len(), "finding"),
            lines.join("\n  ")
        );
    }
    output.finish()?;

    let mut out = super::stdout(cli);
    match arguments.format {
        TextOrJson::Json => super::print_json(&mut out, &report(path, &target, &disarmed))?,
        TextOrJson::Text if !cli.global.quiet => print(&mut out, path, &target, &disarmed)?,
        TextOrJson::Text => {}
    }
    Ok(Outcome::Clean)
}

/// `model.pt` gives `model.disarmed.pt`.
fn beside(path: &Path) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let name = match path.extension() {
        Some(extension) => format!("{stem}.disarmed.{}", extension.to_string_lossy()),
        None => format!("{stem}.disarmed"),
    };
    path.with_file_name(name)
}

fn report(path: &Path, target: &Path, disarmed: &Disarmed) -> serde_json::Value {
    let removed: Vec<_> = disarmed
        .removed
        .iter()
        .map(|removed| {
            json!({
                "member": removed.member,
                "what": removed.what,
                "times": removed.times,
                "offset": removed.offset,
            })
        })
        .collect();
    json!({
        "input": path.display().to_string(),
        "output": target.display().to_string(),
        "pickles": disarmed.pickles,
        "removed": removed,
        "dropped": disarmed.dropped,
    })
}

fn print(
    out: &mut impl Write,
    path: &Path,
    target: &Path,
    disarmed: &Disarmed,
) -> anyhow::Result<()> {
    let bold = anstyle::Style::new().bold();
    let shown = |path: &Path| printable(&path.display().to_string()).into_owned();
    writeln!(
        out,
        "{bold}{}{bold:#} is now {bold}{}{bold:#}: {} written anew, scanned, and found without danger",
        shown(path),
        shown(target),
        counted(usize::try_from(disarmed.pickles)?, "pickle")
    )?;
    if disarmed.removed.is_empty() && disarmed.dropped.is_empty() {
        writeln!(out, "  nothing had to be taken out")?;
        return Ok(());
    }
    writeln!(out, "\n{bold}Taken out{bold:#}")?;
    for removed in &disarmed.removed {
        let times = match removed.times {
            1 => String::new(),
            times => format!(" ({times} times)"),
        };
        let place = match removed.member.as_str() {
            "" => format!("at byte {:#x}", removed.offset),
            member => format!("in {member} at byte {:#x}", removed.offset),
        };
        let place = printable(&place);
        writeln!(out, "  {}{times} {place}", printable(&removed.what))?;
    }
    for dropped in &disarmed.dropped {
        writeln!(out, "  {}", printable(dropped))?;
    }
    Ok(())
}
