//! `stance policy check`: what is wrong with a policy, or likely is.

use std::io::Write as _;

use stance_policy::Version;
use stance_policy::lint::lint;

use super::load;
use crate::Outcome;
use crate::cli::{Cli, PolicySources, TextOrJson};
use crate::commands::one_file::counted;

pub(super) fn run(
    cli: &Cli,
    sources: &PolicySources,
    strict: bool,
    format: TextOrJson,
) -> anyhow::Result<Outcome> {
    let bundle = load::bundle(&sources.paths, &sources.reading)?;
    let lints = lint(&bundle);
    let errors = lints.iter().filter(|lint| lint.code.is_error()).count();
    let mut out = super::super::stdout(cli);
    match format {
        TextOrJson::Json => super::super::print_json(&mut out, &lints)?,
        TextOrJson::Text => {
            for lint in &lints {
                writeln!(
                    out,
                    "{}: {}: {} ({})",
                    lint.place,
                    if lint.code.is_error() {
                        "error"
                    } else {
                        "warning"
                    },
                    crate::output::printable(&lint.message),
                    lint.code.name()
                )?;
            }
            let modules = bundle.policy.modules();
            for module in modules.iter().filter(|it| it.version == Version::V0) {
                if cli.global.verbose > 0 {
                    writeln!(
                        out,
                        "{}: note: read as version 0 of Rego; version 1 needs `if` before bodies and `contains` in sets",
                        module.file
                    )?;
                }
            }
            if !cli.global.quiet {
                writeln!(
                    out,
                    "{}, {}, {}, {}",
                    counted(modules.len(), "file"),
                    counted(modules.iter().map(|it| it.rules.len()).sum(), "rule"),
                    counted(errors, "error"),
                    counted(lints.len() - errors, "warning")
                )?;
            }
        }
    }
    Ok(if errors > 0 || (strict && !lints.is_empty()) {
        Outcome::Findings
    } else {
        Outcome::Clean
    })
}
