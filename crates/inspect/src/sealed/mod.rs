//! Archives that are recognised but not unpacked: 7z and RAR.
//!
//! Of a 7z archive, the first block is looked at when it is compressed with
//! LZMA2, as it is by default.

use std::sync::Arc;

use stance_core::fact::{AnomalyKind, Artifact, ArtifactFormat, Fact, GapReason};

use crate::input::Input;
use crate::little_endian::u64_at;
use crate::magic::{Magic, recognise};
use crate::members::{extension, is_model_name, unpack_within};
use crate::registry::Inspector;
use crate::report::Facts;
use crate::source::Bytes;
use crate::unpack::{Bounds, Compression, unpack};

pub(crate) static INSPECTOR: Sealed = Sealed;

/// Length of the header at the start of a 7z archive.
const START: u64 = 32;

pub(crate) struct Sealed;

impl Inspector for Sealed {
    fn name(&self) -> &'static str {
        "sealed archive"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        matches!(recognise(input.head()), Some(Magic::SevenZip | Magic::Rar))
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let kind = recognise(input.head()).map_or("an archive", Magic::title);
        let mark = facts.mark();
        let mut outer = Artifact::new(ArtifactFormat::Archive, input.len(), input.evidence());
        look_at_first_block(input, &mut outer, facts);
        let detail = format!("{kind} is not unpacked");
        facts.gap(GapReason::Limit, detail.clone(), input.evidence());
        let disguised = is_model_name(input.file_name())
            && !matches!(&*extension(input.file_name()), "7z" | "rar");
        if disguised || facts.has_artifacts(mark) {
            outer.anomaly(
                AnomalyKind::UnreadableMember,
                detail,
                input.evidence_at(0..6, kind),
            );
            let path = Arc::clone(input.path());
            facts.add(&path, Fact::Artifact(Box::new(outer)));
        }
    }
}

/// Looks at what the first packed stream starts with.
fn look_at_first_block(input: &Input<'_>, outer: &mut Artifact, facts: &mut Facts<'_>) {
    if recognise(input.head()) != Some(Magic::SevenZip) {
        return;
    }
    // The streams lie between the start header and the directory at the end.
    let streams = u64_at(input.head(), 12).unwrap_or_default();
    let limit = input.options().limits.member;
    let length = streams.min(input.len().saturating_sub(START)).min(limit);
    let start = input.head().get(32..).unwrap_or_default();
    if !matches!(start.first(), Some(1 | 0xe0..)) {
        return;
    }
    let bounds = Bounds {
        bytes: 2 << 20,
        ratio: u64::MAX,
    };
    let first = unpack(Compression::Lzma2, start, bounds).bytes;
    if recognise(&first).is_some_and(Magic::may_hold_model)
        && let Some(packed) = input.read(START, length, facts)
    {
        let evidence = input.evidence();
        let bytes = unpack_within(Compression::Lzma2, &packed, outer, input, &evidence, facts);
        crate::scan_member(input, "first block", &Bytes(&bytes), facts);
    }
}
