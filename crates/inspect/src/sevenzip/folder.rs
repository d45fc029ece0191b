//! Unpacking a folder: each coder takes what the one before it gave.

use stance_read::source::{Bytes, Source};
use stance_read::unpack::{Bounds, Compression, Ending, Filter, Packed, Unpacked, unpack_stream};

use super::header::{Coder, Folder};

/// What one coder does.
enum Step {
    Nothing,
    Unpack(Compression),
    Undo(Filter),
}

/// Why a folder is not unpacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    Encrypted,
    Unknown,
}

/// Whether its files lie in the archive as they are.
pub(super) fn is_stored(folder: &Folder) -> bool {
    folder.is_plain() && folder.chain.iter().all(|coder| coder.method == 0)
}

/// Unpacks a folder as far as `bounds` allow.
pub(super) fn unpack(
    folder: &Folder,
    source: &dyn Source,
    bounds: Bounds,
) -> Result<Unpacked, Refusal> {
    const ENCRYPTION: u64 = 0x06f1_0701;
    if folder.chain.iter().any(|coder| coder.method == ENCRYPTION) {
        return Err(Refusal::Encrypted);
    }
    if !folder.is_plain() {
        return Err(Refusal::Unknown);
    }
    let steps: Option<Vec<Step>> = folder.chain.iter().map(step).collect();
    let mut current: Option<Unpacked> = None;
    for step in steps.ok_or(Refusal::Unknown)? {
        match step {
            Step::Nothing => {}
            Step::Undo(filter) => {
                if let Some(unpacked) = &mut current {
                    filter.undo(&mut unpacked.bytes);
                }
            }
            Step::Unpack(compression) => {
                current = Some(match current.take() {
                    None => {
                        let packed = Packed::new(source, folder.start, folder.packed);
                        unpack_stream(compression, packed, bounds)
                    }
                    Some(before) => {
                        let bytes = Bytes(&before.bytes);
                        let packed = Packed::new(&bytes, 0, before.bytes.len() as u64);
                        let mut next = unpack_stream(compression, packed, bounds);
                        if next.ending == Ending::Complete {
                            next.ending = before.ending;
                        }
                        next
                    }
                });
            }
        }
    }
    current.ok_or(Refusal::Unknown)
}

fn step(coder: &Coder) -> Option<Step> {
    Some(match (coder.method, coder.properties.as_slice()) {
        (0, _) => Step::Nothing,
        (0x21, _) => Step::Unpack(Compression::Lzma2),
        (0x03_0101, [properties, ..]) => {
            Step::Unpack(Compression::LzmaBare(*properties, Some(coder.unpacked)))
        }
        (0x04_0108, _) => Step::Unpack(Compression::Deflate),
        (0x04_0202, _) => Step::Unpack(Compression::Bzip2),
        (0x04f7_1101, _) => Step::Unpack(Compression::Zstd),
        (0x04f7_1104, _) => Step::Unpack(Compression::Lz4),
        (0x03, [distance]) => Step::Undo(Filter::Delta(usize::from(*distance).saturating_add(1))),
        (0x0303_0103 | 0x04, _) => Step::Undo(Filter::X86),
        _ => return None,
    })
}
