//! `stance policy list`: the rules of a policy, and what is said about them.

use std::io::Write as _;

use stance_policy::metadata::About;

use super::load;
use crate::Outcome;
use crate::cli::{Cli, PolicySources, TextOrJson};
use crate::commands::one_file::counted;

pub(super) fn run(
    cli: &Cli,
    sources: &PolicySources,
    all: bool,
    format: TextOrJson,
) -> anyhow::Result<Outcome> {
    let bundle = load::bundle(&sources.paths, &sources.reading)?;
    let abouts: Vec<&About> = bundle
        .abouts
        .values()
        .filter(|about| all || about.level.is_some())
        .collect();
    let mut out = super::super::stdout(cli);
    if format == TextOrJson::Json {
        super::super::print_json(&mut out, &abouts)?;
        return Ok(Outcome::Clean);
    }
    let width =
        |of: &dyn Fn(&About) -> usize| abouts.iter().map(|it| of(it)).max().unwrap_or_default();
    let names = width(&|it| it.rule.len());
    let ids = width(&|it| it.id.as_ref().map_or(1, String::len));
    for about in &abouts {
        writeln!(
            out,
            "{:names$}  {:ids$}  {:8}  {}",
            about.rule,
            about.id.as_deref().unwrap_or("-"),
            about.severity.map_or("-", |it| it.name()),
            about.title.as_deref().unwrap_or("-"),
        )?;
        if cli.global.verbose > 0 {
            writeln!(out, "    {}:{}", about.file, about.line)?;
            if !about.frameworks.is_empty() {
                writeln!(out, "    {}", about.frameworks.join(", "))?;
            }
        }
    }
    if !cli.global.quiet {
        writeln!(out, "\n{}", counted(abouts.len(), "rule"))?;
    }
    Ok(Outcome::Clean)
}
