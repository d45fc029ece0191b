//! One file in compressed form: joblib dumps, `.pkl.gz`, `.tar.xz`.
//!
//! Most compressed files hold text. The start is unpacked to see what is
//! inside; only what may be a model is unpacked further.

#[doc(hidden)]
pub mod assemble;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use stance_core::fact::{Artifact, ArtifactFormat, Fact, GapReason};
use stance_models::magic::Recognise as _;

use crate::content::Content;
use stance_models::magic::{Magic, recognise};
use stance_models::members::{extension, is_archive_name, is_certain_model_name};
use stance_models::unclaimed;
use stance_read::Inspector;
use stance_read::input::Input;
use stance_read::report::Facts;
use stance_read::source::Source;
use stance_read::unpack::{
    Bounds, Compression, Ending, Packed, is_zlib_header, unpack, unpack_stream,
};
use stance_read::window::Window;

pub(crate) static INSPECTOR: Compressed = Compressed;

/// How much is unpacked to recognise what is inside.
const PEEK: u64 = 4096;
/// How many packed bytes that takes at most: bzip2 unpacks in blocks of up to 900 kB.
const PACKED_PEEK: u64 = 1 << 20;

pub(crate) struct Compressed;

impl Inspector for Compressed {
    fn name(&self) -> &'static str {
        "compressed"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        compression(input).is_some()
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let Some((compression, start)) = compression(input) else {
            return;
        };
        let peek = peek(compression, start, input, facts);
        let magic = recognise(&peek);
        let inner = inner_name(input.file_name());
        let named = is_certain_model_name(&inner);
        if !named && !magic.is_some_and(Magic::may_hold_model) {
            return;
        }
        if input.depth() >= input.options().limits.depth {
            facts.gap(
                GapReason::Limit,
                format!(
                    "containers are nested more than {} deep",
                    input.options().limits.depth
                ),
                input.evidence(),
            );
            return;
        }
        let mut outer = Artifact::new(ArtifactFormat::Archive, input.len(), input.evidence());
        outer
            .metadata
            .insert("compression".to_owned(), compression.name().to_owned());
        let evidence = input.evidence();
        let packed = (start, input.len());
        let content = Content::read(
            compression,
            packed,
            &peek,
            &mut outer,
            input,
            &evidence,
            facts,
        );
        if content.ending == Ending::Complete {
            let mut window = Window::new(input, PACKED_PEEK);
            let place = "behind the compressed data";
            let end = start.saturating_add(content.used);
            let behind = unclaimed::anomaly(input, &mut window, end, input.len(), place);
            outer.anomalies.extend(behind);
            window.finish(facts);
        }
        let cut = content.is_cut();
        content.look(facts, |source, facts| {
            if magic == Some(Magic::Tar) {
                // Its members are members of this file: nobody sees the tar archive between.
                let tar = Input::member(input, Arc::clone(input.path()), source, facts);
                crate::tar::look(&tar, outer, facts);
            } else {
                look_at_one(input, &inner, source, cut, outer, facts);
            }
        });
    }
}

/// Looks at the one file inside: what it is, this file is.
fn look_at_one(
    input: &Input<'_>,
    inner: &str,
    source: &dyn Source,
    cut: bool,
    mut outer: Artifact,
    facts: &mut Facts<'_>,
) {
    let mark = facts.mark();
    stance_read::scan_member(input, inner, source, facts);
    if cut {
        facts.cut_short(mark);
    }
    let path: Arc<str> = format!("{}!{inner}", input.path()).into();
    let (same, others): (Vec<Artifact>, Vec<Artifact>) = facts
        .take_artifacts(mark)
        .into_iter()
        .partition(|artifact| artifact.evidence.path == path);
    // Members of an archive that is compressed once more stay models of their own.
    for other in others {
        let subject = Arc::clone(&other.evidence.path);
        facts.add(&subject, Fact::Artifact(Box::new(other)));
    }
    if same.is_empty() && outer.anomalies.is_empty() {
        return;
    }
    for artifact in same {
        if outer.format == ArtifactFormat::Archive {
            outer.format = match artifact.format {
                // What joblib compresses is a pickle inside.
                ArtifactFormat::Pickle if extension(input.file_name()) == "joblib" => {
                    ArtifactFormat::Joblib
                }
                format => format,
            };
            outer.framework = artifact
                .framework
                .clone()
                .or_else(|| outer.format.framework().map(str::to_owned));
            outer.metadata.extend(artifact.metadata.clone());
        }
        outer.absorb(artifact);
    }
    let subject = Arc::clone(input.path());
    facts.add(&subject, Fact::Artifact(Box::new(outer)));
}

/// How a file is compressed, and where the compressed bytes start: by its first bytes, or where
/// these say little by its name too.
fn compression(input: &Input<'_>) -> Option<(Compression, u64)> {
    let head = input.head();
    match input.magic() {
        Some(Magic::Gzip) => return Some((Compression::Gzip, 0)),
        Some(Magic::Bzip2) => return Some((Compression::Bzip2, 0)),
        Some(Magic::Xz) => return Some((Compression::Xz, 0)),
        Some(Magic::Lz4) => return Some((Compression::Lz4, 0)),
        Some(Magic::Zstd) => return Some((Compression::Zstd, 0)),
        Some(_) => return None,
        None => {}
    }
    if head.starts_with(&[0x5d, 0, 0]) {
        return Some((Compression::Lzma, 0));
    }
    let start = joblib_start(head).unwrap_or_default();
    // Zlib has no magic, but a first pair of bytes that is a multiple of 31, and
    // then data that unpacks.
    let data = head.get(start..).unwrap_or_default();
    if let [first, second, ..] = data
        && is_zlib_header(*first, *second)
        && !unpack_start(Compression::Zlib, data, 64).is_empty()
    {
        return Some((Compression::Zlib, start as u64));
    }
    let start = skipped(head, input);
    if start == 0 {
        return None;
    }
    match recognise(&frame_header(start, input)) {
        Some(Magic::Zstd) => Some((Compression::Zstd, start)),
        Some(Magic::Lz4) => Some((Compression::Lz4, start)),
        _ => None,
    }
}

/// Where the zlib data starts in what joblib wrote before version 0.10: behind `ZF`, the length in
/// hexadecimal digits, padded to 19 characters, with one space more from Python 2.
fn joblib_start(head: &[u8]) -> Option<usize> {
    let field = head.strip_prefix(b"ZF0x")?.get(..17)?;
    let digits = field.iter().take_while(|byte| byte.is_ascii_hexdigit());
    let padding = field.iter().rev().take_while(|byte| **byte == b' ');
    let told = digits.count().saturating_add(padding.count());
    (told >= field.len()).then_some(if head.get(21) == Some(&b' ') { 22 } else { 21 })
}

/// Most frames in front that are passed over.
const SKIPPED: usize = 16;

/// Where the first frame starts behind those that readers of Zstandard and LZ4 pass over.
fn skipped(head: &[u8], input: &Input<'_>) -> u64 {
    let mut at = 0u64;
    let mut frame: [u8; 8] = match head.first_chunk() {
        Some(first) => *first,
        None => return at,
    };
    for _ in 0..SKIPPED {
        let [0x50..=0x5f, 0x2a, 0x4d, 0x18, length @ ..] = frame else {
            break;
        };
        let length = u32::from_le_bytes(length);
        at = at.saturating_add(8).saturating_add(u64::from(length));
        frame = frame_header(at, input);
    }
    at
}

/// The eight bytes at `at`, or none.
fn frame_header(at: u64, input: &Input<'_>) -> [u8; 8] {
    let mut header = [0; 8];
    let count = input.source().read_at(at, &mut header).unwrap_or_default();
    if count < header.len() { [0; 8] } else { header }
}

fn unpack_start(compression: Compression, packed: &[u8], bytes: u64) -> Vec<u8> {
    let bounds = Bounds {
        bytes,
        ratio: u64::MAX,
    };
    unpack(compression, packed, bounds).bytes
}

/// The first bytes of what is inside.
fn peek(compression: Compression, start: u64, input: &Input<'_>, facts: &mut Facts<'_>) -> Vec<u8> {
    let bytes = PEEK;
    let head = usize::try_from(start)
        .ok()
        .and_then(|start| input.head().get(start..))
        .unwrap_or_default();
    let unpacked = unpack_start(compression, head, bytes);
    if !unpacked.is_empty() || input.len() <= input.head().len() as u64 {
        return unpacked;
    }
    let packed = Packed::new(input.source(), start, PACKED_PEEK);
    let bounds = Bounds {
        bytes,
        ratio: u64::MAX,
    };
    let unpacked = unpack_stream(compression, packed, bounds);
    facts.count_bytes(unpacked.used);
    unpacked.bytes
}

/// The name without the extension of the compression.
fn inner_name(name: &str) -> String {
    match name.rsplit_once('.') {
        Some((stem, "tgz" | "tbz2" | "txz")) => format!("{stem}.tar"),
        Some((stem, _)) if is_archive_name(name) && !stem.is_empty() => stem.to_owned(),
        _ => name.to_owned(),
    }
}
