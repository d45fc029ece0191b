//! `stance convert`: a pickle checkpoint to safetensors, without loading it.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use anyhow::{Context as _, bail};
use serde_json::json;
use stance_core::{Finding, Severity};
use stance_inspect::convert::{self, Checkpoint, Leftover, Plan, Shared, Wishes};
use stance_inspect::{Bytes, Limits, Source};

use super::one_file::{self, Output, counted};
use crate::Outcome;
use crate::cli::{Cli, ConvertArguments, SharedTensors, TextOrJson};
use crate::output::printable;

/// Lines of one list, unless more are asked for.
const LINES: usize = 12;

pub(crate) fn run(cli: &Cli, arguments: &ConvertArguments) -> anyhow::Result<Outcome> {
    let path = &arguments.file;
    let file = one_file::open(path)?;
    let output = Output::new(&arguments.output, path, arguments.force)?;
    let about = || format!("cannot convert {}", path.display());

    let unpacked = convert::unpacked(&file, &Limits::default()).with_context(about)?;
    let inside = unpacked.as_deref().map(Bytes);
    let source: &dyn Source = match &inside {
        Some(bytes) => bytes,
        None => &file,
    };
    let checkpoint = convert::open(source).with_context(about)?;
    let wishes = Wishes {
        key: arguments.key.as_deref(),
        shared: match arguments.shared {
            SharedTensors::Alias => Shared::Alias,
            SharedTensors::Copy => Shared::Copy,
        },
    };
    let plan = Plan::new(&checkpoint, source, &wishes).with_context(about)?;
    output.write(|out| plan.write(source, out).with_context(about))?;
    plan.verify(source, &output.read()?).with_context(about)?;
    if file.has_changed() {
        bail!("{} changed while it was converted", path.display());
    }
    let findings = one_file::findings(path, &file, Severity::High);
    output.finish()?;

    let mut out = super::stdout(cli);
    match arguments.format {
        TextOrJson::Json => {
            super::print_json(&mut out, &report(arguments, &checkpoint, &plan, &findings))?;
        }
        TextOrJson::Text => {
            let lines = if cli.global.verbose > 0 {
                usize::MAX
            } else {
                LINES
            };
            if !cli.global.quiet {
                print(&mut out, arguments, &checkpoint, &plan, lines)?;
            }
            print_findings(&mut out, &findings, lines)?;
        }
    }
    Ok(if findings.is_empty() {
        Outcome::Clean
    } else {
        Outcome::Findings
    })
}

fn report(
    arguments: &ConvertArguments,
    checkpoint: &Checkpoint,
    plan: &Plan,
    findings: &[Finding],
) -> serde_json::Value {
    let tensors: Vec<_> = plan
        .tensors
        .iter()
        .map(|tensor| {
            json!({
                "name": tensor.name,
                "dtype": tensor.dtype.name(),
                "shape": tensor.shape,
                "data_offsets": [tensor.range.0, tensor.range.1],
            })
        })
        .collect();
    let left: Vec<_> = plan
        .left
        .iter()
        .map(|left| json!({"path": left.path, "what": left.what}))
        .collect();
    let calls: Vec<_> = plan
        .calls
        .iter()
        .map(|call| json!({"callable": call.callable, "times": call.times, "offset": call.offset}))
        .collect();
    let findings: Vec<_> = findings.iter().map(one_file::for_programs).collect();
    json!({
        "input": arguments.file.display().to_string(),
        "output": arguments.output.display().to_string(),
        "format": checkpoint.kind.title(),
        "key": plan.key,
        "bytes": plan.length(),
        "verified": true,
        "tensors": tensors,
        "aliases": plan.aliases,
        "left_behind": left,
        "left_behind_unlisted": plan.more,
        "calls": calls,
        "findings": findings,
    })
}

fn print(
    out: &mut impl Write,
    arguments: &ConvertArguments,
    checkpoint: &Checkpoint,
    plan: &Plan,
    lines: usize,
) -> anyhow::Result<()> {
    let bold = anstyle::Style::new().bold();
    writeln!(
        out,
        "{bold}{}{bold:#}, a {}, is now {bold}{}{bold:#}",
        shown(&arguments.file),
        checkpoint.kind.title(),
        shown(&arguments.output)
    )?;
    let mut types: BTreeMap<&str, usize> = BTreeMap::new();
    for tensor in &plan.tensors {
        *types.entry(tensor.dtype.name()).or_default() += 1;
    }
    let types: Vec<String> = types
        .iter()
        .map(|(name, count)| format!("{count} {name}"))
        .collect();
    writeln!(
        out,
        "  {} in {}: {}",
        counted(plan.tensors.len(), "tensor"),
        indicatif::BinaryBytes(plan.length()),
        types.join(", ")
    )?;
    writeln!(
        out,
        "  read again and found equal to the source, byte for byte"
    )?;
    if !plan.key.is_empty() {
        writeln!(out, "  taken from the key {}", printable(&plan.key))?;
    }
    if !plan.aliases.is_empty() {
        writeln!(
            out,
            "\n{bold}Same bytes under another name{bold:#}, noted in the metadata (--shared copy writes them out)"
        )?;
        for (name, kept) in plan.aliases.iter().take(lines) {
            writeln!(out, "  {} is {}", printable(name), printable(kept))?;
        }
        more(out, plan.aliases.len(), lines)?;
    }
    if !plan.left.is_empty() {
        writeln!(out, "\n{bold}Left behind{bold:#}")?;
        let left = grouped(&plan.left);
        for (what, paths) in left.iter().take(lines) {
            let named: Vec<&str> = paths
                .iter()
                .filter(|path| !path.is_empty())
                .take(3)
                .map(|path| &***path)
                .collect();
            let names = named.join(", ");
            let names = printable(&names);
            let what = printable(what);
            match paths.len() {
                1 if names.is_empty() => writeln!(out, "  {what}")?,
                count if count > named.len() && !named.is_empty() => {
                    writeln!(out, "  {what}: {names} and {} more", count - named.len())?;
                }
                _ => writeln!(out, "  {what}: {names}")?,
            }
        }
        more(out, left.len(), lines)?;
        if plan.more > 0 {
            writeln!(out, "  {} further values", plan.more)?;
        }
    }
    if !plan.calls.is_empty() {
        writeln!(
            out,
            "\n{bold}Calls that loading would have made{bold:#}, none of which was made"
        )?;
        for call in plan.calls.iter().take(lines) {
            let times = match call.times {
                1 => String::new(),
                times => format!(" ({times} times)"),
            };
            writeln!(out, "  {}{times}", printable(&call.callable))?;
        }
        more(out, plan.calls.len(), lines)?;
    }
    Ok(())
}

fn print_findings(out: &mut impl Write, findings: &[Finding], lines: usize) -> anyhow::Result<()> {
    if findings.is_empty() {
        return Ok(());
    }
    let red = anstyle::AnsiColor::Red.on_default().bold();
    writeln!(
        out,
        "\n{red}Dangerous in the source{red:#}, and not in the result"
    )?;
    for finding in findings.iter().take(lines) {
        writeln!(out, "  {}", one_file::line(finding))?;
    }
    more(out, findings.len(), lines)
}

/// Things of one kind together, in the order of their first.
fn grouped(left: &[Leftover]) -> Vec<(&str, Vec<&String>)> {
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut groups: Vec<(&str, Vec<&String>)> = Vec::new();
    for leftover in left {
        let place = *places.entry(&leftover.what).or_insert(groups.len());
        match groups.get_mut(place) {
            Some((_, paths)) => paths.push(&leftover.path),
            None => groups.push((&leftover.what, vec![&leftover.path])),
        }
    }
    groups
}

fn more(out: &mut impl Write, count: usize, lines: usize) -> anyhow::Result<()> {
    if count > lines {
        writeln!(out, "  and {} more; --verbose shows all", count - lines)?;
    }
    Ok(())
}

fn shown(path: &Path) -> String {
    printable(&path.display().to_string()).into_owned()
}
