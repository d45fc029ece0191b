//! 7z archives: looked into as far as the decoders at hand reach. What is
//! encrypted or packed in a way that is not read is said, never passed over.

#[doc(hidden)]
pub mod assemble;
mod folder;
mod header;
#[cfg(test)]
mod tests;

use stance_core::fact::{AnomalyKind, Artifact, ArtifactFormat, GapReason};

use stance_models::magic::{Magic, recognise};
use stance_models::members::{
    escapes, extension, finish, is_archive_name, is_model_name, is_ordinary_name, member_evidence,
    note_ending,
};
use stance_read::Inspector;
use stance_read::input::Input;
use stance_read::little_endian::u64_at;
use stance_read::report::Facts;
use stance_read::source::{Bytes, Slice, Source};
use stance_read::unpack::{Bounds, Compression};

use folder::Refusal;
use header::{Header, Kind, Listed};

pub(crate) static INSPECTOR: SevenZip = SevenZip;

/// Length of the header at the start.
const START: u64 = 32;
/// Largest directory that is read, in bytes.
const DIRECTORY: u64 = 4 << 20;
/// Deepest packing of the directory.
const LAYERS: usize = 4;

pub(crate) struct SevenZip;

impl Inspector for SevenZip {
    fn name(&self) -> &'static str {
        "7z archive"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        input.head().starts_with(b"7z\xbc\xaf\x27\x1c")
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let mark = facts.mark();
        let mut outer = Artifact::new(ArtifactFormat::Archive, input.len(), input.evidence());
        // No framework loads a 7z archive: under the name of a model it is out of place.
        let mut wanted = is_model_name(input.file_name()) && extension(input.file_name()) != "7z";
        if wanted {
            outer.anomaly(
                AnomalyKind::NameMismatch,
                format!("it is called `.{}` but is a 7z archive", input.extension()),
                input.evidence_at(0..6, "a 7z archive"),
            );
        }
        match directory(input, facts) {
            Ok(header) => wanted |= look(&header, input, &mut outer, facts),
            Err(refusal) => refuse(refusal, "its directory", input, &mut outer, facts),
        }
        finish(outer, mark, wanted, facts);
    }
}

fn bounds(input: &Input<'_>, facts: &Facts<'_>) -> Bounds {
    let limits = &input.options().limits;
    Bounds {
        bytes: limits.member.min(facts.unpacked_left()).min(facts.room()),
        ratio: limits.ratio,
    }
}

/// Reads the directory, which may be packed itself.
fn directory(input: &Input<'_>, facts: &mut Facts<'_>) -> Result<Header, Refusal> {
    let at = u64_at(input.head(), 12).unwrap_or(u64::MAX);
    let size = u64_at(input.head(), 20).unwrap_or_default();
    let mut bytes = input
        .read(START.saturating_add(at), size.min(DIRECTORY), facts)
        .unwrap_or_default();
    for _ in 0..LAYERS {
        match header::parse(&bytes).ok_or(Refusal::Unknown)? {
            Kind::Plain(header) => return Ok(header),
            Kind::Packed(folder) if folder::is_stored(&folder) => {
                bytes = input
                    .read(folder.start, folder.packed.min(DIRECTORY), facts)
                    .unwrap_or_default();
            }
            Kind::Packed(folder) => {
                let bounds = Bounds {
                    bytes: DIRECTORY,
                    ..bounds(input, facts)
                };
                bytes = folder::unpack(&folder, input.source(), bounds)?.bytes;
            }
        }
    }
    Err(Refusal::Unknown)
}

/// Says that something is not looked into.
fn refuse(
    refusal: Refusal,
    what: &str,
    input: &Input<'_>,
    outer: &mut Artifact,
    facts: &mut Facts<'_>,
) {
    let (reason, detail) = match refusal {
        Refusal::Encrypted => (GapReason::Encrypted, format!("{what} is encrypted")),
        Refusal::Unknown => (
            GapReason::Malformed,
            format!("{what} is broken or packed in a way that is not read"),
        ),
    };
    facts.gap(reason, detail.clone(), input.evidence());
    outer.anomaly(AnomalyKind::UnreadableMember, detail, input.evidence());
}

/// Looks at the files, folder by folder; says whether a model could not be read.
fn look(header: &Header, input: &Input<'_>, outer: &mut Artifact, facts: &mut Facts<'_>) -> bool {
    let files = header.files();
    let mut unread = false;
    for file in files.iter().filter(|file| escapes(&file.name)) {
        outer.anomaly(
            AnomalyKind::PathTraversal,
            format!("`{}` would be unpacked outside of the directory", file.name),
            member_evidence(input, &file.name),
        );
    }
    for group in files.chunk_by(|one, other| one.folder == other.folder) {
        let Some(folder) = group
            .first()
            .and_then(|file| header.folders.get(file.folder))
        else {
            continue;
        };
        if facts.members_left() == 0 || facts.unpacked_left() == 0 {
            facts.gap(
                GapReason::Limit,
                "the files of a 7z archive were looked at in part",
                input.evidence(),
            );
            return unread;
        }
        let models = group.iter().any(|file| is_model_name(&file.name));
        if folder::is_stored(folder) {
            let content = Slice::new(input.source(), folder.start, folder.packed);
            look_at(group, &content, input, facts);
            continue;
        }
        match folder::unpack(folder, input.source(), bounds(input, facts)) {
            Ok(unpacked) => {
                let evidence = input.evidence();
                facts.count_bytes(unpacked.used);
                facts.take_unpacked(unpacked.bytes.len() as u64);
                let before = outer.anomalies.len();
                let size = (unpacked.used, unpacked.bytes.len() as u64);
                note_ending(
                    Compression::Lzma2,
                    &unpacked.ending,
                    size,
                    outer,
                    &evidence,
                    facts,
                );
                unread |= models && outer.anomalies.len() > before;
                let held = unpacked.bytes.len() as u64;
                facts.hold(held);
                look_at(group, &Bytes(&unpacked.bytes), input, facts);
                facts.release(held);
            }
            Err(refusal) => {
                unread |= models;
                let names: Vec<&str> = group.iter().map(|file| file.name.as_str()).collect();
                let shown = names
                    .get(..3)
                    .map_or_else(|| names.join("`, `"), |some| some.join("`, `"));
                refuse(refusal, &format!("`{shown}`"), input, outer, facts);
            }
        }
    }
    unread
}

/// Looks at the files that lie one after the other in `content`.
fn look_at(files: &[Listed], content: &dyn Source, input: &Input<'_>, facts: &mut Facts<'_>) {
    const HEAD: usize = 512;
    for file in files {
        let name = file.name.as_str();
        let slice = Slice::new(content, file.at, file.size);
        let mut head = [0; HEAD];
        let count = slice.read_at(0, &mut head).unwrap_or_default();
        let magic = recognise(head.get(..count).unwrap_or_default());
        let named = is_model_name(name) || is_archive_name(name);
        let ordinary = is_ordinary_name(name) && magic.is_none();
        if !ordinary && (named || magic.is_some_and(Magic::may_hold_model)) {
            stance_read::scan_member(input, name, &slice, facts);
        }
    }
}
