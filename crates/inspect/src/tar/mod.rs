//! Tar archives, among them the oldest PyTorch checkpoints, NeMo models and
//! container layers.

#[doc(hidden)]
pub mod assemble;
mod header;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use stance_core::fact::{AnomalyKind, Artifact, ArtifactFormat, GapReason};

use crate::input::Input;
use crate::magic::{Magic, recognise};
use crate::members::{
    escapes, finish, is_archive_name, is_model_name, is_ordinary_name, link_escapes,
    member_evidence,
};
use crate::registry::Inspector;
use crate::report::Facts;
use crate::source::Slice;

use header::{Header, Kind, Names};

pub(crate) static INSPECTOR: Tar = Tar;

/// Most headers of one archive that are read.
const HEADERS: u64 = 65_536;
const BLOCK: u64 = 512;

pub(crate) struct Tar;

impl Inspector for Tar {
    fn name(&self) -> &'static str {
        "tar"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        is_header(input.head())
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let outer = Artifact::new(ArtifactFormat::Archive, input.len(), input.evidence());
        look(input, outer, facts);
    }
}

/// Whether these bytes are a tar header, by its checksum.
pub(crate) fn is_header(head: &[u8]) -> bool {
    head.first().is_some_and(|first| *first != 0) && Header::parse(head).is_some()
}

/// A file in the archive, with where its data is.
struct File {
    name: String,
    start: u64,
    size: u64,
}

/// Looks at the members of the archive that `input` is; `outer` is what it is known as.
pub(crate) fn look(input: &Input<'_>, mut outer: Artifact, facts: &mut Facts<'_>) {
    let mark = facts.mark();
    let files = list(input, &mut outer, facts);
    let names: BTreeSet<&str> = files
        .iter()
        .map(|file| file.name.trim_start_matches("./"))
        .collect();
    let mut wanted = is_model_name(input.file_name());
    if ["pickle", "tensors", "storages"]
        .iter()
        .all(|name| names.contains(name))
    {
        outer.format = ArtifactFormat::PytorchLegacy;
        outer.framework = ArtifactFormat::PytorchLegacy.framework().map(str::to_owned);
    } else if names.contains("model_config.yaml") && names.iter().any(|name| is_model_name(name)) {
        outer
            .metadata
            .insert("layout".to_owned(), "NeMo".to_owned());
        outer.framework = Some("nemo".to_owned());
        wanted = true;
    }
    for (seen, file) in files.iter().enumerate() {
        if facts.members_left() == 0 {
            facts.gap(
                GapReason::Limit,
                format!("only {seen} of {} members were looked at", files.len()),
                input.evidence(),
            );
            break;
        }
        look_at(file, input, outer.format, facts);
    }
    finish(outer, mark, wanted, facts);
}

fn look_at(file: &File, input: &Input<'_>, format: ArtifactFormat, facts: &mut Facts<'_>) {
    let named = format == ArtifactFormat::PytorchLegacy
        || is_model_name(&file.name)
        || is_archive_name(&file.name);
    if !named && is_ordinary_name(&file.name) {
        return;
    }
    let Some(head) = input.read(file.start, file.size.min(BLOCK), facts) else {
        return;
    };
    let magic = recognise(&head);
    if named || magic.is_some_and(Magic::may_hold_model) {
        let content = Slice::new(input.source(), file.start, file.size);
        crate::scan_member(input, &file.name, &content, facts);
    }
}

/// Walks over the headers; notes what is wrong with paths and links on the way.
fn list(input: &Input<'_>, outer: &mut Artifact, facts: &mut Facts<'_>) -> Vec<File> {
    let mut files = Vec::new();
    let mut names = Names::default();
    let mut at = 0_u64;
    let mut count = 0_u64;
    while at < input.len() {
        let block = input.read(at, BLOCK, facts).unwrap_or_default();
        if block.iter().all(|byte| *byte == 0) {
            break;
        }
        let Some(header) = Header::parse(&block) else {
            outer.anomaly(
                AnomalyKind::LyingHeader,
                "a member's header has a wrong checksum: readers stop before it",
                input.evidence_at(at..at.saturating_add(BLOCK), "no tar header"),
            );
            facts.gap(
                GapReason::Malformed,
                format!("the tar archive breaks off at byte {at}"),
                input.evidence(),
            );
            break;
        };
        count = count.saturating_add(1);
        if count > HEADERS {
            facts.gap(
                GapReason::Limit,
                format!("more than {HEADERS} members in a tar archive"),
                input.evidence(),
            );
            break;
        }
        let start = at.saturating_add(BLOCK);
        let size = names.size(&header);
        if header.kind == Kind::Extension {
            // Names and paths of the next member; a megabyte of them is no name.
            let text = input.read(start, size.min(1 << 20), facts);
            names.note(&header, &text.unwrap_or_default());
        } else {
            let name = names.take_name(&header);
            let link = names.take_link(&header);
            note_path(&name, &link, &header, input, outer);
            if start.saturating_add(size) > input.len() {
                outer.anomaly(
                    AnomalyKind::Truncated,
                    format!("`{name}` claims {size} bytes, the archive ends before"),
                    member_evidence(input, &name),
                );
            }
            if header.kind == Kind::File {
                files.push(File { name, start, size });
            }
        }
        let padded = size.checked_next_multiple_of(BLOCK).unwrap_or(u64::MAX);
        at = start.saturating_add(padded);
    }
    files
}

fn note_path(name: &str, link: &str, header: &Header, input: &Input<'_>, outer: &mut Artifact) {
    if escapes(name) {
        outer.anomaly(
            AnomalyKind::PathTraversal,
            format!("`{name}` would be unpacked outside of the directory"),
            member_evidence(input, name),
        );
    }
    let leaves = match header.kind {
        Kind::SymbolicLink => link_escapes(name, link),
        Kind::HardLink => escapes(link),
        _ => false,
    };
    if leaves {
        outer.anomaly(
            AnomalyKind::PathTraversal,
            format!("`{name}` is a link to `{link}`, outside of the directory"),
            member_evidence(input, name),
        );
    }
}
