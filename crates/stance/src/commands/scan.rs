//! `stance scan`

use std::fs::File;
use std::io::{BufWriter, Write as _};

use anyhow::Context as _;

use crate::Outcome;
use crate::cli::{Cli, ScanArguments};
use crate::inventory;
use crate::output::{self, Format, Style};
use crate::scan::{Scanned, scan};

pub(crate) fn run(cli: &Cli, arguments: &ScanArguments) -> anyhow::Result<Outcome> {
    let mut scanned = scan(cli, &arguments.paths, !arguments.no_baseline)?;
    if !arguments.no_store {
        scanned.report.stored_scan = Some(inventory::record(&scanned)?.scan.0);
    }
    let Scanned {
        report, settings, ..
    } = &scanned;
    for (format, path) in &arguments.output {
        let file =
            File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
        let mut file = BufWriter::new(file);
        output::write(*format, report, &Style::default(), &mut file)
            .and_then(|()| file.flush())
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    // Formats for programs go out as they are; only text is for eyes.
    if arguments.format == Format::Text {
        let mut out = super::stdout(cli).lock();
        output::write(arguments.format, report, &super::style(cli), &mut out)?;
        out.flush()?;
    } else {
        let mut out = BufWriter::new(std::io::stdout().lock());
        output::write(arguments.format, report, &Style::default(), &mut out)?;
        out.flush()?;
    }
    Ok(super::outcome(report, settings.fail_on.value))
}
