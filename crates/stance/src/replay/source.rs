//! A file of recorded traffic: what it is, by its content, and its records.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as Bytes};
use std::path::Path;

use super::{Recorded, cassette, har, receipts, telemetry};

/// What is looked at to tell what a file is.
const HEAD: usize = 64 << 10;

/// Largest document that is read in one piece, in bytes, once it is unpacked.
const WHOLE: usize = 512 << 20;

/// How a file was read.
#[derive(Debug, Default)]
pub(crate) struct Read {
    /// What it is; none for what is not known.
    pub(crate) format: Option<&'static str>,
    /// Records that could not be read: why, how many, and where the first stands.
    pub(crate) bad: BTreeMap<String, (u64, String)>,
    /// Records that were understood and tell no interaction.
    pub(crate) other: u64,
}

impl Read {
    /// Counts a record that cannot be read.
    pub(super) fn bad(&mut self, why: impl Into<String>, place: impl Into<String>) {
        let entry = self
            .bad
            .entry(why.into())
            .or_insert_with(|| (0, place.into()));
        entry.0 += 1;
    }
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Cassette,
    Har,
    Receipts,
    Protobuf,
    Telemetry,
}

/// Reads a file; `found` gets each interaction.
pub(crate) fn read(path: &Path, found: &mut dyn FnMut(Recorded)) -> Read {
    let mut told = Read::default();
    if let Err(error) = open(path).and_then(|stream| records(path, stream, &mut told, found)) {
        told.bad(format!("the file cannot be read: {error}"), "");
    }
    told
}

/// A file or standard input, unpacked.
pub(crate) fn open(path: &Path) -> io::Result<Box<dyn Bytes>> {
    let raw: Box<dyn Bytes> = if path.as_os_str() == "-" {
        Box::new(io::stdin().lock())
    } else {
        Box::new(File::open(path)?)
    };
    let (head, raw) = peek(raw, 2)?;
    let joined = io::Cursor::new(head.clone()).chain(raw);
    Ok(if head == [0x1f, 0x8b] {
        Box::new(flate2::read::MultiGzDecoder::new(joined))
    } else {
        Box::new(joined)
    })
}

/// The first bytes, as many as there are up to `most`, and what follows.
fn peek(mut stream: Box<dyn Bytes>, most: usize) -> io::Result<(Vec<u8>, Box<dyn Bytes>)> {
    let mut head = Vec::new();
    stream.by_ref().take(most as u64).read_to_end(&mut head)?;
    Ok((head, stream))
}

fn records(
    path: &Path,
    stream: Box<dyn Bytes>,
    told: &mut Read,
    found: &mut dyn FnMut(Recorded),
) -> io::Result<()> {
    let (head, rest) = peek(stream, HEAD)?;
    if head.trim_ascii().is_empty() {
        return Ok(());
    }
    let kind = kind(path, &head);
    let stream = io::Cursor::new(head).chain(rest);
    match kind {
        Kind::Receipts => {
            told.format = Some("receipts");
            receipts::read(stream, told, found)
        }
        Kind::Telemetry => telemetry::read(stream, told, found),
        Kind::Cassette => {
            told.format = Some("cassette");
            cassette::read(&whole(stream)?, told, found);
            Ok(())
        }
        Kind::Har => {
            told.format = Some("HAR");
            har::read(&whole(stream)?, told, found);
            Ok(())
        }
        Kind::Protobuf => {
            told.format = Some("OpenTelemetry, protobuf");
            telemetry::protobuf(&whole(stream)?, told, found);
            Ok(())
        }
    }
}

fn whole(stream: impl Bytes) -> io::Result<Vec<u8>> {
    let mut all = Vec::new();
    stream.take(WHOLE as u64 + 1).read_to_end(&mut all)?;
    if all.len() > WHOLE {
        return Err(io::Error::other(format!(
            "it is one document of more than {} MiB",
            WHOLE >> 20
        )));
    }
    Ok(all)
}

fn kind(path: &Path, head: &[u8]) -> Kind {
    let text = String::from_utf8_lossy(head);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let first = text.lines().next().unwrap_or_default();
    let near: String = text.chars().take(400).collect();
    if text.starts_with(['{', '[']) {
        return if first.contains("\"interaction.judge\"") {
            Kind::Receipts
        } else if near.contains("\"interactions\"") && !near.contains("\"resource") {
            Kind::Cassette
        } else if near.contains("\"log\"")
            && (near.contains("\"creator\"") || near.contains("\"entries\""))
        {
            Kind::Har
        } else {
            Kind::Telemetry
        };
    }
    let is_cassette = text
        .lines()
        .find(|line| !line.is_empty() && !line.starts_with(['#', '-', '%']))
        .is_some_and(|line| line.starts_with("interactions:") || line.starts_with("version:"));
    if is_cassette {
        return Kind::Cassette;
    }
    let ending = path.extension().and_then(|ending| ending.to_str());
    let is_binary = head.contains(&0) || matches!(ending, Some("pb" | "binpb" | "protobuf"));
    if is_binary || head.first() == Some(&0x0a) && std::str::from_utf8(head).is_err() {
        Kind::Protobuf
    } else {
        Kind::Telemetry
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_what_is_in_it() {
        let kind = |text: &str| kind(Path::new("file"), text.as_bytes());
        assert_eq!(kind("interactions:\n- request:\n"), Kind::Cassette);
        assert_eq!(
            kind("# recorded\nversion: 1\ninteractions: []\n"),
            Kind::Cassette
        );
        assert_eq!(
            kind("{\"version\": 1, \"interactions\": []}"),
            Kind::Cassette
        );
        assert_eq!(
            kind("{\"log\": {\"version\": \"1.2\", \"creator\": {}}}"),
            Kind::Har
        );
        assert_eq!(
            kind("{\"action\":\"interaction.judge\",\"at\":\"\"}\n"),
            Kind::Receipts
        );
        assert_eq!(kind("{\"resourceSpans\": []}"), Kind::Telemetry);
        assert_eq!(kind("\n\u{7f}\u{1}\0\u{4}"), Kind::Protobuf);
        assert_eq!(kind("something else"), Kind::Telemetry);
    }
}
