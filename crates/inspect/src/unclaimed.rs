//! Bytes that no part of a model file claims: what stands there.

use stance_core::fact::{Anomaly, AnomalyKind};

use crate::input::Input;
use crate::magic::recognise;
use crate::window::{Stop, Window};

/// In the detail of an anomaly of unclaimed bytes: what follows is the format that the bytes are.
pub const STARTS_AS: &str = "they start as ";

/// Bytes of a range that are looked at.
const LOOK: usize = 512;

/// Fill of at most this many bytes between parts is what writers leave for alignment.
const PADDING: u64 = 64 * 1024;

/// Says that `start..end` belongs to nothing, unless it is a little zero padding.
pub(crate) fn anomaly(
    input: &Input<'_>,
    window: &mut Window<'_>,
    start: u64,
    end: u64,
    place: &str,
) -> Option<Anomaly> {
    let length = end.saturating_sub(start);
    if length == 0 {
        return None;
    }
    let look = usize::try_from(length).unwrap_or(LOOK).min(LOOK);
    let head = window.get(start, look).map(<[u8]>::to_vec);
    let what = match &head {
        Ok(head) if head.iter().all(|byte| *byte == 0) => {
            if length <= PADDING {
                return None;
            }
            String::new()
        }
        Ok(head) => recognise(head)
            .map(|magic| format!("; {STARTS_AS}{}", magic.title()))
            .unwrap_or_default(),
        Err(Stop::End | Stop::Limit | Stop::Failed) => String::new(),
    };
    let detail = format!("{length} bytes {place} belong to nothing{what}");
    Some(Anomaly {
        kind: AnomalyKind::UnclaimedBytes,
        evidence: input.evidence_at(start..end, &detail),
        detail,
    })
}
