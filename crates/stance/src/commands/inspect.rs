//! `stance inspect`

use std::io::{BufWriter, Write as _};

use crate::Outcome;
use crate::cli::{Cli, InspectArguments, TextOrJson};
use crate::output::inspect;
use crate::sandbox;
use crate::scan::{Scanned, scan};

pub(crate) fn run(cli: &Cli, arguments: &InspectArguments) -> anyhow::Result<Outcome> {
    if arguments.confinement.sandbox.is_some() && !sandbox::is_child() {
        return Ok(sandbox::supervise::<()>(false)?.0);
    }
    let Scanned {
        report,
        settings,
        named,
        ..
    } = scan(cli, &arguments.paths, false)?;
    match arguments.format {
        TextOrJson::Text => {
            let wanted = inspect::Wanted {
                tensors: arguments.tensors,
                trace: arguments.trace,
            };
            let text = inspect::render(&report, &named, &super::style(cli), wanted);
            let mut out = super::stdout(cli).lock();
            out.write_all(text.as_bytes())?;
            out.flush()?;
        }
        TextOrJson::Json => {
            let mut out = BufWriter::new(std::io::stdout().lock());
            super::print_json(&mut out, &inspect::json::Document::of(&report, &named))?;
            out.flush()?;
        }
    }
    Ok(super::outcome(&report.findings, settings.fail_on.value))
}
