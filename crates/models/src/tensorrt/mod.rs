//! TensorRT engines (`.engine`, `.plan`): a closed format, of which the mark is known and what it may
//! carry: kernels for the graphics processor, and with plug-ins or a lean runtime code for the host.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use memchr::memmem;
use stance_core::fact::{
    Artifact, ArtifactFormat, Embedded, EmbeddedKind, External, Fact, GapReason,
};

use stance_read::Inspector;
use stance_read::external::escapes;
use stance_read::input::Input;
use stance_read::little_endian::u16_at;
use stance_read::report::Facts;

pub(crate) static INSPECTOR: Tensorrt = Tensorrt;

/// Bytes read at a time.
const BLOCK: u64 = 1 << 20;
/// Bytes of a block that are looked at again with the next one.
const OVERLAP: usize = 512;
/// Names and programs that are kept.
const KEPT: usize = 16;

pub(crate) struct Tensorrt;

impl Inspector for Tensorrt {
    fn name(&self) -> &'static str {
        "tensorrt"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        let head = input.head();
        head.len() >= 32 && (head.starts_with(b"ftrt") || head.starts_with(b"ptrt"))
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let mut artifact = Artifact::new(ArtifactFormat::Tensorrt, input.len(), input.evidence());
        let limit = input.options().limits.header.min(input.len());
        let mut at = 0_u64;
        let mut block: Vec<u8> = Vec::new();
        while at < limit {
            let Some(fresh) = input.read(at, BLOCK.min(limit.saturating_sub(at)), facts) else {
                break;
            };
            if fresh.is_empty() {
                break;
            }
            let start = at.saturating_sub(block.len() as u64);
            block.extend_from_slice(&fresh);
            at = at.saturating_add(fresh.len() as u64);
            let last = at >= limit;
            let until = block.len().saturating_sub(if last { 0 } else { OVERLAP });
            host_code(input, &block, until, start, &mut artifact);
            libraries(input, &block, until, start, &mut artifact);
            block.drain(..until);
        }
        if limit < input.len() {
            facts.gap(
                GapReason::TooLarge,
                format!(
                    "of an engine of {} bytes only {limit} are searched",
                    input.len()
                ),
                input.evidence(),
            );
        }
        let path = Arc::clone(input.path());
        facts.add(&path, Fact::Artifact(Box::new(artifact)));
    }
}

/// Shared libraries for the host; those for the graphics processor are what an engine is made of.
fn host_code(input: &Input<'_>, block: &[u8], until: usize, start: u64, artifact: &mut Artifact) {
    const MACHINES: [(u16, &str); 4] = [(3, "x86"), (62, "x86-64"), (183, "AArch64"), (40, "ARM")];
    for place in memmem::find_iter(block, b"\x7fELF") {
        if place >= until || artifact.embedded.len() >= KEPT {
            return;
        }
        let rest = block.get(place..).unwrap_or_default();
        let sound = matches!(rest.get(4..7), Some([1 | 2, 1, 1]));
        let machine = u16_at(rest, 18).unwrap_or_default();
        let Some((_, name)) = MACHINES
            .iter()
            .find(|(number, _)| sound && *number == machine)
        else {
            continue;
        };
        let at = start.saturating_add(place as u64);
        let detail = format!("a shared library for {name}, loaded where host code is allowed");
        artifact.embedded.push(Embedded {
            kind: EmbeddedKind::CustomOperator,
            name: "host code".to_owned(),
            evidence: input.evidence_at(at..at.saturating_add(64), &detail),
            detail,
        });
    }
}

/// Paths of libraries and Python files that stand in the engine as text.
fn libraries(input: &Input<'_>, block: &[u8], until: usize, start: u64, artifact: &mut Artifact) {
    for end in [&b".so"[..], b".dll", b".dylib", b".py"] {
        for place in memmem::find_iter(block, end) {
            if place >= until || artifact.external.len() >= KEPT {
                break;
            }
            let path = |byte: &&u8| byte.is_ascii_alphanumeric() || b"/\\._-+~:@ ".contains(byte);
            let before = block
                .get(place.saturating_sub(256)..place)
                .unwrap_or_default();
            let length = before.iter().rev().take_while(path).count();
            let from = place.saturating_sub(length);
            let behind = place.saturating_add(end.len());
            // The name ends here, or goes on with a version.
            let ends = block
                .get(behind)
                .is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_');
            let text = block.get(from..behind).unwrap_or_default();
            let location = String::from_utf8_lossy(text).trim().to_owned();
            let known = artifact
                .external
                .iter()
                .any(|known| known.location == location);
            if length < 3 || !ends || known {
                continue;
            }
            let at = start.saturating_add(from as u64);
            artifact.external.push(External {
                escapes: escapes(&location),
                evidence: input.evidence_at(at..at.saturating_add(text.len() as u64), &location),
                location,
            });
        }
    }
}
