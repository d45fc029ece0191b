//! Whether the tensors lie where a loader would look, side by side, to the end of the file.

use stance_core::fact::{Anomaly, AnomalyKind, Artifact};

use super::header::{Header, Tensor};
use crate::unclaimed;
use stance_read::input::Input;
use stance_read::window::Window;

/// Anomalies of one kind that are reported of one file; more of them say nothing new.
const MOST: usize = 16;

/// Bytes that an interrupted copy has at least.
const PACKET: u64 = 1024;

/// Compares header and file. `data` is the offset of the first byte behind the header.
pub(super) fn check(
    input: &Input<'_>,
    window: &mut Window<'_>,
    data: u64,
    header: &Header,
    artifact: &mut Artifact,
) {
    let mut report = Report {
        input,
        artifact,
        lies: 0,
    };
    for (key, at) in &header.repeated {
        let at = (*at as u64).saturating_add(8);
        report.artifact.anomalies.push(Anomaly {
            kind: AnomalyKind::ReaderDisagreement,
            detail: format!("the header has the entry {key:?} more than once, and which one counts depends on the reader"),
            evidence: input.evidence_at(at..at.saturating_add(key.len() as u64), format!("{key:?} again")),
        });
    }
    let size = input.len().saturating_sub(data);
    let mut ranges: Vec<(u64, u64, &Tensor)> = Vec::new();
    for tensor in &header.tensors {
        match tensor.range {
            Some((start, end)) if start <= end => {
                report.shape(tensor, end.saturating_sub(start));
                ranges.push((start, end, tensor));
            }
            Some((start, end)) => report.lie(
                tensor,
                format!("ends at {end}, before it starts at {start}"),
            ),
            None => report.lie(tensor, "has no two offsets".to_owned()),
        }
    }
    ranges.sort_by_key(|(start, end, _)| (*start, *end));
    let honest = report.lies == 0;
    let mut claimed = 0_u64;
    let mut gaps = Vec::new();
    let mut beyond = None;
    for (start, end, tensor) in &ranges {
        if *start < claimed && *end > *start {
            report.lie(
                tensor,
                format!(
                    "claims bytes {start} to {end}, of which another tensor claims up to {claimed}"
                ),
            );
        } else if *start > claimed {
            gaps.push((claimed, (*start).min(size)));
        }
        if *end > size && beyond.is_none() {
            beyond = Some((*start, *end, *tensor));
        }
        claimed = claimed.max(*end);
    }
    if let Some((start, end, tensor)) = beyond {
        let detail = format!("claims bytes {start} to {end}, and {size} bytes of data are there");
        // A copy that was cut off keeps at least what one read or packet holds.
        let cut = size >= PACKET || claimed < PACKET.saturating_mul(16);
        if cut && honest && report.lies == 0 && gaps.is_empty() {
            // All fits together except for the end: an interrupted copy.
            let detail = format!("the data should be {claimed} bytes and is {size}");
            let evidence = report.evidence(tensor, &detail);
            report.artifact.anomalies.push(Anomaly {
                kind: AnomalyKind::Truncated,
                detail,
                evidence,
            });
        } else {
            report.lie(tensor, detail);
        }
    }
    if header.error.is_none() {
        if claimed < size {
            gaps.push((claimed, size));
        }
        for (start, end) in gaps.into_iter().take(MOST) {
            let behind = end == size && start == claimed;
            let (start, end) = (start.saturating_add(data), end.saturating_add(data));
            let found = if behind {
                unclaimed::anomaly(input, window, start, end, "behind the last tensor")
            } else {
                // The format has no padding, and its own loader refuses a file with holes.
                unclaimed::hole(input, window, start, end, "between the tensors")
            };
            report.artifact.anomalies.extend(found);
        }
    }
}

struct Report<'r, 'i> {
    input: &'r Input<'i>,
    artifact: &'r mut Artifact,
    lies: usize,
}

impl Report<'_, '_> {
    fn evidence(&self, tensor: &Tensor, seen: &str) -> stance_core::Evidence {
        let at = (tensor.at as u64).saturating_add(8);
        let end = at
            .saturating_add(tensor.name.len() as u64)
            .saturating_add(2);
        self.input
            .evidence_at(at..end, format!("{:?}: {seen}", tensor.name))
    }

    fn lie(&mut self, tensor: &Tensor, what: String) {
        self.lies = self.lies.saturating_add(1);
        if self.lies <= MOST {
            let evidence = self.evidence(tensor, &what);
            self.artifact.anomalies.push(Anomaly {
                kind: AnomalyKind::LyingHeader,
                detail: format!("the tensor {:?} {what}", short(&tensor.name)),
                evidence,
            });
        }
    }

    /// Whether data type and shape need as many bytes as the offsets give.
    fn shape(&mut self, tensor: &Tensor, bytes: u64) {
        let Some(bits) = bits(&tensor.dtype) else {
            return;
        };
        let needed = u128::from(tensor.elements)
            .saturating_mul(u128::from(bits))
            .div_ceil(8);
        if needed != u128::from(bytes) {
            self.lie(
                tensor,
                format!("needs {needed} bytes for its shape and has {bytes}"),
            );
        }
    }
}

fn short(name: &str) -> String {
    name.chars().take(80).collect()
}

/// Bits of one element.
fn bits(dtype: &str) -> Option<u32> {
    Some(match dtype {
        "F4" => 4,
        "F6_E2M3" | "F6_E3M2" => 6,
        "BOOL" | "U8" | "I8" | "F8_E5M2" | "F8_E4M3" | "F8_E8M0" | "F8_E4M3FNUZ"
        | "F8_E5M2FNUZ" => 8,
        "I16" | "U16" | "F16" | "BF16" => 16,
        "I32" | "U32" | "F32" => 32,
        "I64" | "U64" | "F64" | "C64" => 64,
        "C128" => 128,
        _ => return None,
    })
}
