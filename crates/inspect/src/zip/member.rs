//! Reading one member the way the loaders that accept most do, and noting where others would not.

use stance_core::Evidence;
use stance_core::fact::{AnomalyKind, Artifact, GapReason};

use crate::content::Content;
use crate::zip::entry::{
    AES, DEFLATED, ENCRYPTED, Entry, LZMA, Local, PATCH, STORED, STREAMED, STRONG_ENCRYPTION,
};
use stance_models::magic::{Magic, recognise};
use stance_models::members::member_evidence;
use stance_models::unclaimed;
use stance_read::input::Input;
use stance_read::report::Facts;
use stance_read::source::Slice;
use stance_read::unpack::{Bounds, Compression, Ending, unpack};
use stance_read::window::Window;

/// How much of a member is read to recognise it.
const PEEK: usize = 512;
/// How much is read at the start of a member: its header, and as a rule enough behind it.
const START: u64 = 1024;
/// Largest member whose checksum is computed where it is stored, in bytes.
const CHECKED: u64 = 1 << 20;
/// What zip puts before LZMA data: a version, the length of the parameters, the parameters.
const LZMA_HEADER: u64 = 9;
/// Newest version of the format that Python's `zipfile` reads, times ten.
const NEWEST_VERSION: u16 = 63;

/// A member whose data was found.
pub(super) struct Member<'e> {
    pub(super) entry: &'e Entry,
    /// The first bytes of its content.
    pub(super) head: Vec<u8>,
    /// Where its data starts and ends in the file.
    pub(super) data: (u64, u64),
    evidence: Evidence,
    /// The byte of parameters of LZMA data.
    properties: u8,
    /// The member as its own header describes it, where that gives other bytes.
    pub(super) alternative: Option<Entry>,
}

impl<'e> Member<'e> {
    /// Reads the local header and the first bytes. A header that does not fit
    /// the directory is an anomaly of `outer`.
    pub(super) fn open(
        entry: &'e Entry,
        input: &Input<'_>,
        outer: &mut Artifact,
        facts: &mut Facts<'_>,
    ) -> Option<Self> {
        let evidence = member_evidence(input, &entry.name);
        let start = input.read(entry.offset, START, facts)?;
        let unmarked = || Local::parse_unmarked(&start).filter(|local| local.name == entry.name);
        let Some(local) = Local::parse(&start).or_else(unmarked) else {
            outer.anomaly(
                AnomalyKind::UnreadableMember,
                format!(
                    "the directory puts `{}` at byte {}, where no member starts",
                    entry.name, entry.offset
                ),
                evidence,
            );
            return None;
        };
        if !start.starts_with(b"PK\x03\x04") {
            outer.anomaly(
                AnomalyKind::ReaderDisagreement,
                format!(
                    "the header of `{}` lacks its mark: some readers refuse it",
                    entry.name
                ),
                evidence.clone(),
            );
        }
        note_differences(entry, &local, &evidence, outer);
        if let Some(magic) = entry.smuggled.or(local.smuggled) {
            let detail = format!(
                "an extra field or comment of `{}` belongs to nothing; {}{}",
                entry.name,
                unclaimed::STARTS_AS,
                magic.title()
            );
            outer.anomaly(AnomalyKind::UnclaimedBytes, detail, evidence.clone());
        }
        let data_start = entry.offset.saturating_add(local.length);
        let packed = match (entry.method, entry.packed) {
            (STORED, 0) => entry.unpacked,
            (_, packed) => packed,
        };
        let data_end = data_start.saturating_add(packed);
        if data_end > input.len() {
            outer.anomaly(
                AnomalyKind::Truncated,
                format!(
                    "`{}` claims {packed} bytes, {} are left",
                    entry.name,
                    input.len().saturating_sub(data_start)
                ),
                evidence.clone(),
            );
        }
        let mut member = Self {
            entry,
            head: Vec::new(),
            data: (data_start, data_end.min(input.len())),
            evidence,
            properties: 0,
            alternative: other_bytes(entry, &local).then(|| {
                let mut other = local.clone().into_entry(entry.offset);
                if local.flags & STREAMED != 0 {
                    (other.packed, other.unpacked) = (entry.packed, entry.unpacked);
                }
                other
            }),
        };
        if entry.method == LZMA {
            let bytes = input.read(data_start.saturating_add(4), 1, facts);
            member.properties = bytes
                .unwrap_or_default()
                .first()
                .copied()
                .unwrap_or_default();
        }
        member.head = member.peek(&start, local.length, input, facts);
        Some(member)
    }

    /// The first bytes of the content, from what was read behind the header where that is enough.
    fn peek(&self, start: &[u8], header: u64, input: &Input<'_>, facts: &mut Facts<'_>) -> Vec<u8> {
        let length = self.packed().min(PEEK as u64);
        let from = usize::try_from(header).unwrap_or(usize::MAX);
        let end = from.saturating_add(usize::try_from(length).unwrap_or(PEEK));
        let packed = match start.get(from..end) {
            Some(packed) => packed.to_vec(),
            None => input.read(self.data.0, length, facts).unwrap_or_default(),
        };
        match self.compression() {
            Some(compression) => {
                let packed = match compression {
                    Compression::LzmaBare(..) => packed
                        .get(usize::try_from(LZMA_HEADER).unwrap_or_default()..)
                        .unwrap_or_default(),
                    _ => &packed,
                };
                let bounds = Bounds {
                    bytes: PEEK as u64,
                    ratio: u64::MAX,
                };
                unpack(compression, packed, bounds).bytes
            }
            None => packed,
        }
    }

    fn packed(&self) -> u64 {
        self.data.1.saturating_sub(self.data.0)
    }

    /// What the content is, by its first bytes.
    pub(super) fn magic(&self) -> Option<Magic> {
        recognise(&self.head)
    }

    /// How it is compressed; `None` when it is stored, or in a way that is not known.
    fn compression(&self) -> Option<Compression> {
        match self.entry.method {
            DEFLATED => Some(Compression::Deflate),
            12 => Some(Compression::Bzip2),
            LZMA => Some(Compression::LzmaBare(
                self.properties,
                Some(self.entry.unpacked),
            )),
            93 => Some(Compression::Zstd),
            95 => Some(Compression::Xz),
            _ => None,
        }
    }

    /// Gives the content to `look`, or leaves a gap and an anomaly of `outer`
    /// when it cannot be read. A stored member is not copied.
    pub(super) fn with_content(
        &self,
        input: &Input<'_>,
        outer: &mut Artifact,
        facts: &mut Facts<'_>,
        look: impl FnOnce(&dyn stance_read::Source, &mut Facts<'_>),
    ) {
        if !self.is_readable(input, outer, facts) {
            return;
        }
        let Some(compression) = self.compression() else {
            let slice = Slice::new(input.source(), self.data.0, self.packed());
            if self.packed() <= CHECKED
                && let Some(bytes) = input.read(self.data.0, self.packed(), facts)
            {
                self.check(&bytes, outer);
            }
            look(&slice, facts);
            return;
        };
        let (start, length) = match compression {
            Compression::LzmaBare(..) => (LZMA_HEADER, self.packed().saturating_sub(LZMA_HEADER)),
            _ => (0, self.packed()),
        };
        let packed = (self.data.0.saturating_add(start), length);
        let content = Content::read(
            compression,
            packed,
            &self.head,
            outer,
            input,
            &self.evidence,
            facts,
        );
        if let Some(bytes) = content.bytes()
            && bytes.len() as u64 == self.entry.unpacked
        {
            self.check(bytes, outer);
        }
        self.note_slack(&content, length, input, outer, facts);
        let mark = facts.mark();
        content.look(facts, look);
        if content.is_cut() {
            facts.cut_short(mark);
        }
    }

    /// Bytes that the member claims but its decoder does not take.
    fn note_slack(
        &self,
        content: &Content<'_>,
        length: u64,
        input: &Input<'_>,
        outer: &mut Artifact,
        facts: &mut Facts<'_>,
    ) {
        if content.ending != Ending::Complete || content.used >= length {
            return;
        }
        let start = self
            .data
            .1
            .saturating_sub(length.saturating_sub(content.used));
        let mut window = Window::new(input, CHECKED);
        let place = format!("behind the compressed data of `{}`", self.entry.name);
        outer.anomalies.extend(unclaimed::anomaly(
            input,
            &mut window,
            start,
            self.data.1,
            &place,
        ));
        window.finish(facts);
    }

    /// Whether the content can be read: neither really encrypted nor compressed in an unknown way.
    fn is_readable(&self, input: &Input<'_>, outer: &mut Artifact, facts: &mut Facts<'_>) -> bool {
        let name = &self.entry.name;
        let method = self.entry.method;
        if method != STORED && method != AES && self.compression().is_none() {
            let detail = format!("`{name}` is compressed with method {method}, which is not read");
            facts.gap(GapReason::Malformed, detail.clone(), self.evidence.clone());
            outer.anomaly(AnomalyKind::UnreadableMember, detail, self.evidence.clone());
            return false;
        }
        if method != AES && !self.entry.is_encrypted() {
            return true;
        }
        if method != AES && (self.magic().is_some() || self.is_plain_text(input, facts)) {
            outer.anomaly(
                AnomalyKind::ReaderDisagreement,
                format!("`{name}` is marked as encrypted but is not"),
                self.evidence.clone(),
            );
            return true;
        }
        facts.gap(
            GapReason::Encrypted,
            format!("`{name}` is encrypted"),
            self.evidence.clone(),
        );
        outer.anomaly(
            AnomalyKind::UnreadableMember,
            format!("`{name}` is encrypted"),
            self.evidence.clone(),
        );
        false
    }

    /// Whether a small stored member has the checksum of its plain bytes.
    fn is_plain_text(&self, input: &Input<'_>, facts: &mut Facts<'_>) -> bool {
        self.entry.method == STORED
            && self.packed() <= CHECKED
            && input
                .read(self.data.0, self.packed(), facts)
                .is_some_and(|bytes| crc32(&bytes) == self.entry.crc)
    }

    fn check(&self, bytes: &[u8], outer: &mut Artifact) {
        if crc32(bytes) != self.entry.crc {
            outer.anomaly(
                AnomalyKind::ReaderDisagreement,
                format!(
                    "`{}` has a wrong checksum: Python refuses it, PyTorch loads it",
                    self.entry.name
                ),
                self.evidence.clone(),
            );
        }
    }
}

/// Whether a reader that believes the header before the data gets other bytes.
fn other_bytes(entry: &Entry, local: &Local) -> bool {
    let sized = local.flags & STREAMED == 0 && local.unpacked != 0xffff_ffff;
    entry.method != local.method
        || sized && (entry.packed, entry.unpacked) != (local.packed, local.unpacked)
}

/// Where the directory and the header before the data say different things.
fn note_differences(entry: &Entry, local: &Local, evidence: &Evidence, outer: &mut Artifact) {
    let name = &entry.name;
    let mut disagree = |detail: String| {
        outer.anomaly(AnomalyKind::ReaderDisagreement, detail, evidence.clone());
    };
    // A header read in place of the directory has no other to differ from.
    if *name != local.name {
        disagree(format!(
            "the directory names it `{name}`, the header before its data `{}`",
            local.name
        ));
    }
    if entry.method != local.method {
        disagree(format!(
            "`{name}` is compressed with method {} by the directory, {} by its own header",
            entry.method, local.method
        ));
    }
    if entry.version_needed & 0xff > NEWEST_VERSION {
        disagree(format!(
            "`{name}` demands version {}.{} of the format: Python refuses it, PyTorch loads it",
            (entry.version_needed & 0xff) / 10,
            (entry.version_needed & 0xff) % 10
        ));
    }
    if (entry.flags | local.flags) & PATCH != 0 {
        disagree(format!(
            "`{name}` is marked as a patch: Python refuses it, other readers load it"
        ));
    }
    let bits = ENCRYPTED | STRONG_ENCRYPTION;
    if entry.flags & bits != local.flags & bits {
        disagree(format!(
            "`{name}` is encrypted by one of its two headers, not by the other"
        ));
    }
    let sized = local.flags & STREAMED == 0 && local.unpacked != 0xffff_ffff;
    if sized && (entry.packed, entry.unpacked) != (local.packed, local.unpacked) {
        disagree(format!(
            "`{name}` has {} bytes by the directory, {} by its own header",
            entry.unpacked, local.unpacked
        ));
    } else if sized && entry.crc != local.crc {
        disagree(format!("`{name}` has two checksums in its two headers"));
    }
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}
