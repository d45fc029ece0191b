//! `stance policy bench`: how long an evaluation takes.

use std::io::Write as _;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::bail;
use serde_json::json;
use stance_policy::Asked;
use stance_policy::conventions::{check, namespaces};

use super::load;
use crate::Outcome;
use crate::cli::{Cli, PolicyReading, TextOrJson};

pub(super) fn run(
    cli: &Cli,
    input: &PathBuf,
    policy: &[PathBuf],
    reading: &PolicyReading,
    count: u32,
    format: TextOrJson,
) -> anyhow::Result<Outcome> {
    let start = Instant::now();
    let bundle = load::bundle(policy, reading)?;
    let compiled = start.elapsed();
    let inputs = load::inputs(std::slice::from_ref(input), None)?;
    let Some(document) = inputs.first().and_then(|it| it.documents.first()) else {
        bail!("{} has no document", input.display());
    };
    let mut times = Vec::new();
    let names = namespaces(&bundle);
    for _ in 0..count.max(1) {
        let asked = Asked {
            now: super::now(),
            here: true,
            ..Asked::new(&[], Some(document))
        };
        let start = Instant::now();
        for name in &names {
            check(&bundle, name, &asked).map_err(|fault| anyhow::anyhow!("{fault}"))?;
        }
        times.push(start.elapsed().as_nanos());
    }
    times.sort_unstable();
    let at = |share: usize| {
        times
            .get((times.len() - 1) * share / 100)
            .copied()
            .unwrap_or_default()
    };
    let mut out = super::super::stdout(cli);
    match format {
        TextOrJson::Json => super::super::print_json(
            &mut out,
            &json!({
                "evaluations": times.len(),
                "compile_ns": u64::try_from(compiled.as_nanos()).unwrap_or(u64::MAX),
                "median_ns": u64::try_from(at(50)).unwrap_or(u64::MAX),
                "p95_ns": u64::try_from(at(95)).unwrap_or(u64::MAX),
                "max_ns": u64::try_from(at(100)).unwrap_or(u64::MAX),
            }),
        )?,
        TextOrJson::Text => writeln!(
            out,
            "{} evaluations: median {} ns, 95 % within {} ns, longest {} ns; compiled once in {} µs",
            times.len(),
            at(50),
            at(95),
            at(100),
            compiled.as_micros()
        )?,
    }
    Ok(Outcome::Clean)
}
