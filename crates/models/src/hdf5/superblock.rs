//! Where the file says how wide its addresses are and where its root is.

use stance_core::fact::{Anomaly, AnomalyKind};

use super::{Error, File, plus};
use crate::unclaimed;

const SIGNATURE: &[u8] = b"\x89HDF\r\n\x1a\n";

/// The offset of the signature: 0, or a power of two from 512 when a block of the user stands before it.
pub(super) fn find(head: &[u8]) -> Option<u64> {
    let starts_at = |at: usize| {
        head.get(at..)
            .is_some_and(|rest| rest.starts_with(SIGNATURE))
    };
    std::iter::once(0)
        .chain(std::iter::successors(Some(512_usize), |at| {
            at.checked_mul(2)
        }))
        .take_while(|at| *at < head.len())
        .find(|at| starts_at(*at))
        .map(|at| at as u64)
}

impl File<'_, '_> {
    /// Reads the superblock and gives the address of the root object.
    pub(super) fn read_superblock(&mut self) -> Result<u64, Error> {
        let start = find(self.input.head()).ok_or(Error::Missing("superblock"))?;
        // The text with which MATLAB begins its files is its own.
        if start > 0 && !self.input.head().starts_with(b"MATLAB ") {
            let found = unclaimed::anomaly(
                self.input,
                &mut self.window,
                0,
                start,
                "before the HDF5 structure",
            );
            self.artifact.anomalies.extend(found);
        }
        let version = self.window.u8(plus(start, 8_u64))?;
        self.artifact
            .metadata
            .insert("hdf5.superblock".to_owned(), version.to_string());
        let (sizes, mut at) = match version {
            0 => (13_u64, 24),
            1 => (13, 28),
            2 | 3 => (9, 12),
            _ => return Err(Error::Unread("this version of the superblock")),
        };
        self.offsets = self.window.u8(plus(start, sizes))?;
        self.lengths = self.window.u8(plus(start, sizes.saturating_add(1)))?;
        if ![2, 4, 8].contains(&self.offsets) || ![2, 4, 8].contains(&self.lengths) {
            return Err(Error::Unread("a width of addresses other than 2, 4 and 8"));
        }
        at = plus(start, at);
        let width = self.offsets;
        let base = self.offset(at)?;
        // Two more addresses stand before or behind the end, one before the root.
        let end = self.offset(plus(at, u64::from(width).saturating_mul(2)))?;
        // A base of zero with a block before it: the file was prefixed as a whole.
        self.base = if base == 0 { start } else { base };
        self.check_end(start, base, end);
        // Before the root stand four addresses and the offset of its name, or three addresses.
        let before = if version < 2 { 5 } else { 3 };
        self.offset(plus(at, u64::from(width).saturating_mul(before)))
    }

    fn check_end(&mut self, start: u64, base: u64, end: u64) {
        let size = self.input.len();
        let ends = [end, end.saturating_add(start), end.saturating_add(base)];
        if ends.contains(&size) {
            return;
        }
        if end > size {
            let detail = format!("it should be {end} bytes long and has {size}");
            self.artifact.anomalies.push(Anomaly {
                kind: AnomalyKind::Truncated,
                evidence: self
                    .input
                    .evidence_at(start..start.saturating_add(8), &detail),
                detail,
            });
        } else {
            let from = if base == 0 {
                end.saturating_add(start)
            } else {
                end
            };
            let found = unclaimed::anomaly(
                self.input,
                &mut self.window,
                from.min(size),
                size,
                "behind the HDF5 structure",
            );
            self.artifact.anomalies.extend(found);
        }
    }
}
