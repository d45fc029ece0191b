//! Bytes that no part of a model file claims: what stands there.

use stance_core::fact::{Anomaly, AnomalyKind};

use crate::magic::recognise;
use crate::payload::{self, Place};
use stance_read::input::Input;
use stance_read::window::{Stop, Window};

/// In the detail of an anomaly of unclaimed bytes: what follows is the format that the bytes are.
pub const STARTS_AS: &str = "they start as ";

/// The same for what stands somewhere in them.
pub const HOLD: &str = "they hold ";

/// Bytes at the start of a range, and at its end, that are looked at.
const LOOK: usize = 64 * 1024;

/// Fill of at most this many bytes between parts is what writers leave for alignment.
const PADDING: u64 = 64 * 1024;

/// Says that `start..end` belongs to nothing, unless it is a little zero padding.
pub fn anomaly(
    input: &Input<'_>,
    window: &mut Window<'_>,
    start: u64,
    end: u64,
    place: &str,
) -> Option<Anomaly> {
    found(input, window, (start, end), place, PADDING)
}

/// The same for a format without padding: zeros are told too.
pub(crate) fn hole(
    input: &Input<'_>,
    window: &mut Window<'_>,
    start: u64,
    end: u64,
    place: &str,
) -> Option<Anomaly> {
    found(input, window, (start, end), place, 0)
}

fn found(
    input: &Input<'_>,
    window: &mut Window<'_>,
    (start, end): (u64, u64),
    place: &str,
    padding: u64,
) -> Option<Anomaly> {
    let length = end.saturating_sub(start);
    if length == 0 {
        return None;
    }
    let look = usize::try_from(length).unwrap_or(LOOK).min(LOOK);
    let head = window.get(start, look).map(<[u8]>::to_vec);
    let zero = matches!(&head, Ok(head) if head.iter().all(|byte| *byte == 0));
    if zero && length <= padding {
        return None;
    }
    let mut what = match &head {
        Ok(head) => recognise(head)
            .map(|magic| format!("; {STARTS_AS}{}", magic.title()))
            .or_else(|| held(head)),
        Err(Stop::End | Stop::Limit | Stop::Failed) => None,
    };
    if what.is_none() && length > LOOK as u64 {
        let tail = window.get(end.saturating_sub(LOOK as u64), LOOK);
        what = tail.ok().and_then(held);
    }
    let what = what.unwrap_or_default();
    let detail = format!("{length} bytes {place} belong to nothing{what}");
    Some(Anomaly {
        kind: AnomalyKind::UnclaimedBytes,
        evidence: input.evidence_at(start..end, &detail),
        detail,
    })
}

/// What stands somewhere in bytes that belong to nothing.
fn held(bytes: &[u8]) -> Option<String> {
    let mut found = Vec::new();
    payload::find(bytes, 0..bytes.len(), 0, Place::Anything, &mut found);
    if let Some(found) = found.first() {
        return Some(format!("; {HOLD}{}", found.kind.title()));
    }
    let mut wrapped = Vec::new();
    payload::find_wrapped(bytes, 0..bytes.len(), 0, &mut wrapped);
    wrapped.extend(payload::compressed_at(bytes, 0));
    let wrapped = wrapped.first()?;
    Some(format!("; {HOLD}{}", wrapped.title()))
}
