//! What lies behind the flat buffer: segments of data, as the header and the program place them.

use crate::tflite::table::Table;
use stance_read::window::{Stop, Window};

/// Segments that are looked at.
const MOST: u32 = 100_000;
/// Contradictions that are kept.
const LIES: usize = 8;

/// Where the parts of a file lie.
#[derive(Debug, Default)]
pub(super) struct Segments {
    /// Where the flat buffer ends, when the header tells.
    program_end: Option<u64>,
    /// Place and bytes of each segment.
    pub(super) places: Vec<(u64, u64)>,
    /// What cannot be true, and where it is said.
    pub(super) lies: Vec<(u64, String)>,
}

impl Segments {
    /// Reads the header behind the identifier and the list of segments of a program.
    pub(super) fn read(window: &mut Window<'_>, program: &Table) -> Result<Self, Stop> {
        let mut segments = Self::default();
        let mut base = 0;
        // Mark, length of the header, bytes of the program, where the segments begin.
        let header = window.get(8, 4).is_ok_and(|mark| mark == b"eh00");
        if header {
            let program_size = window.u64(16)?;
            base = window.u64(24)?;
            segments.program_end = Some(program_size);
            let size = window.len();
            if program_size > size || base > size {
                let detail = format!(
                    "the program should end at {program_size} and its segments begin at {base}, in a file of {size} bytes"
                );
                segments.lies.push((8, detail));
            }
        }
        for segment in program.tables(window, 4, MOST)? {
            let (offset, size) = (segment.u64(window, 0)?, segment.u64(window, 1)?);
            let at = base.saturating_add(offset);
            let end = at.checked_add(size);
            if end.is_none_or(|end| end > window.len()) {
                if segments.lies.len() < LIES {
                    let detail = format!(
                        "a segment of {size} bytes at {at} lies behind the end of the file"
                    );
                    segments.lies.push((segment.place(), detail));
                }
                continue;
            }
            segments.places.push((at, size));
        }
        segments.places.sort_unstable();
        Ok(segments)
    }

    /// The ranges behind the program that belong to no segment; without a header nobody knows where the
    /// program ends.
    pub(super) fn unclaimed(&self, size: u64) -> Vec<(u64, u64, &'static str)> {
        let Some(mut claimed) = self.program_end else {
            return Vec::new();
        };
        let mut ranges = Vec::new();
        for (at, bytes) in &self.places {
            if *at > claimed && ranges.len() < LIES {
                ranges.push((claimed, *at, "between the program and its segments"));
            }
            claimed = claimed.max(at.saturating_add(*bytes));
        }
        if size > claimed {
            ranges.push((claimed, size, "behind the last segment"));
        }
        ranges
    }
}
