//! `stance push`: what a scan found, to a server.

pub(super) mod address;
mod send;

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::Path;

use anyhow::{Context as _, bail};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use crate::Outcome;
use crate::cli::{Cli, PushArguments};
use crate::output::{json_v1, printable};
use crate::scan::scan;

pub(super) use send::Sending;

/// Bytes of a document that the server takes.
const MOST: u64 = 256 << 20;
/// Longest token.
const LONGEST: u64 = 4096;

pub(crate) fn run(cli: &Cli, arguments: &PushArguments) -> anyhow::Result<Outcome> {
    // What would fail anyway fails before a long scan.
    let endpoint = address::endpoint(&arguments.server, &arguments.source, !arguments.no_wait)?;
    let token = token(&arguments.token_file)?;
    let document = match &arguments.document {
        Some(path) => read(path)?,
        None => {
            let scanned = scan(cli, &arguments.paths, true)?;
            serde_json::to_vec(&json_v1::document(&scanned.report))?
        }
    };
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(&document)?;
    let packed = packer.finish()?;
    let sending = Sending {
        endpoint: &endpoint,
        token: &token,
        document: &packed,
        tries: arguments.tries,
        answer: "run",
    };
    let pushed = sending.send(&mut |note| {
        if !cli.global.quiet {
            let _ = writeln!(std::io::stderr(), "{note}");
        }
    })?;
    tell(cli, arguments, &pushed)?;
    Ok(Outcome::Clean)
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        std::io::stdin()
            .lock()
            .take(MOST + 1)
            .read_to_end(&mut bytes)
    } else {
        File::open(path).and_then(|file| file.take(MOST + 1).read_to_end(&mut bytes))
    };
    read.with_context(|| format!("cannot read {}", path.display()))?;
    if bytes.len() as u64 > MOST {
        bail!(
            "{} is larger than the {} MiB that a server takes",
            path.display(),
            MOST >> 20
        );
    }
    Ok(bytes)
}

/// The token in a file; no message ever repeats it.
pub(super) fn token(path: &Path) -> anyhow::Result<String> {
    let mut text = String::new();
    let file = File::open(path)
        .with_context(|| format!("cannot read the token file {}", path.display()))?;
    file.take(LONGEST)
        .read_to_string(&mut text)
        .with_context(|| format!("the token file {} is no text", path.display()))?;
    let token = text.trim();
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        bail!(
            "the token file {} holds no token: one line, as the page of your account showed it",
            path.display()
        );
    }
    Ok(token.to_owned())
}

/// What became of it.
fn tell(cli: &Cli, arguments: &PushArguments, pushed: &Value) -> anyhow::Result<()> {
    let run = pushed.get("run").unwrap_or(&Value::Null);
    let text = |value: &Value, name: &str| {
        let text = value.get(name).and_then(Value::as_str).unwrap_or_default();
        printable(text).into_owned()
    };
    let count = |name: &str| {
        let outcome = run.get("outcome");
        let count = outcome.and_then(|outcome| outcome.get(name));
        count.and_then(Value::as_u64).unwrap_or_default()
    };
    let server = arguments.server.trim_end_matches('/');
    let number = run.get("id").and_then(Value::as_i64).unwrap_or_default();
    let page = format!("{server}/runs/{number}");
    let mut out = super::stdout(cli);
    match text(run, "state").as_str() {
        "failed" => bail!(
            "the server took the document and could not read it: {}; {page} tells more",
            text(run, "error")
        ),
        "cancelled" => bail!("somebody stopped the run on the server; {page} tells more"),
        "succeeded" => {
            writeln!(
                out,
                "{}: {} assets, {} findings; {} new, {} reopened, {} fixed",
                printable(&arguments.source),
                count("assets"),
                count("findings"),
                count("opened"),
                count("reopened"),
                count("fixed"),
            )?;
            if count("changes") > 0 {
                writeln!(
                    out,
                    "{} changes wait for a decision, {} of them weaken",
                    count("changes"),
                    count("weakening")
                )?;
            }
        }
        _ => writeln!(out, "The server took it and will read it soon.")?,
    }
    if pushed.get("new").and_then(Value::as_bool) == Some(false) {
        writeln!(out, "The same document was pushed before.")?;
    }
    writeln!(out, "{page}")?;
    Ok(())
}
