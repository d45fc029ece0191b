//! `stance bom`

use std::fs::File;
use std::io::{BufWriter, Write as _};

use anyhow::Context as _;

use crate::Outcome;
use crate::cli::{BomArguments, Cli};
use crate::output::{self, Format, Style};
use crate::scan::scan;

pub(crate) fn run(cli: &Cli, arguments: &BomArguments) -> anyhow::Result<Outcome> {
    let mut scanned = scan(cli, &arguments.paths, false)?;
    // A bill of materials lists what is there; judgements go with the scan.
    scanned.report.findings.clear();
    match &arguments.output {
        Some(path) => {
            let file =
                File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
            let mut file = BufWriter::new(file);
            output::write(
                Format::Cyclonedx,
                &scanned.report,
                &Style::default(),
                &mut file,
            )?;
            file.flush()?;
        }
        None => {
            let mut out = BufWriter::new(std::io::stdout().lock());
            output::write(
                Format::Cyclonedx,
                &scanned.report,
                &Style::default(),
                &mut out,
            )?;
            out.flush()?;
        }
    }
    Ok(Outcome::Clean)
}
