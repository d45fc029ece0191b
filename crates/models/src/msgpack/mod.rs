//! Parameters in MessagePack, as Flax writes them: nested maps, arrays as extensions of type 1.
//!
//! See <https://github.com/msgpack/msgpack/blob/master/spec.md> and `flax.serialization`.

#[doc(hidden)]
pub mod assemble;
#[cfg(test)]
mod tests;
mod walk;

use std::sync::Arc;

use stance_core::fact::{
    AnomalyKind, Artifact, ArtifactFormat, Embedded, EmbeddedKind, Fact, GapReason,
};

use crate::magic::recognise;
use crate::weights::{Element, Tensor};
use stance_read::Inspector;
use stance_read::active::is_active;
use stance_read::input::Input;
use stance_read::redact::shown;
use stance_read::report::Facts;
use stance_read::source::Slice;
use stance_read::window::{Stop, Window};
use walk::{Error, Walk};

pub(crate) static INSPECTOR: Msgpack = Msgpack;

/// Values in bytes that are looked into.
const BINARIES: usize = 256;
/// Texts that read as code, of which this many are kept.
const KEPT: usize = 64;
/// Bytes in which the first array of a file without the name has to begin.
const NEAR: usize = 4096;

pub(crate) struct Msgpack;

impl Inspector for Msgpack {
    fn name(&self) -> &'static str {
        "msgpack"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        let head = input.head();
        let is_map = matches!(head.first(), Some(0x81..=0x8f | 0xde | 0xdf));
        match input.extension() {
            "msgpack" | "mpk" | "flax" => {
                is_map
                    || matches!(
                        head.first(),
                        Some(0x80 | 0x90..=0x9f | 0xc7..=0xc9 | 0xd4..=0xd8 | 0xdc | 0xdd)
                    )
            }
            _ => is_map && holds_array(head.get(..NEAR).unwrap_or(head)),
        }
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let window = Window::new(input, input.options().limits.header);
        let mut walk = Walk::new(window, usize::from(input.options().limits.tree_depth));
        let result = walk.run();
        let mut artifact = Artifact::new(ArtifactFormat::Flax, input.len(), input.evidence());
        if walk.tensors == 0 {
            // Nothing in it is an array of Flax.
            artifact.framework = None;
        }
        artifact.tensors = Some(walk.tensors);
        artifact.parameters = Some(walk.parameters);
        artifact.dtypes = std::mem::take(&mut walk.dtypes);
        for (kind, count) in &walk.extensions {
            artifact
                .metadata
                .insert(format!("extension {kind}"), count.to_string());
        }
        for (detail, at) in std::mem::take(&mut walk.lies) {
            let evidence = input.evidence_at(at..at.saturating_add(8), &detail);
            artifact.anomaly(AnomalyKind::LyingHeader, detail, evidence);
        }
        for (name, text, at) in std::mem::take(&mut walk.texts) {
            let detail = shown(&text);
            if artifact.embedded.len() < KEPT && is_active(&text) {
                artifact.embedded.push(Embedded {
                    kind: EmbeddedKind::DocumentCode,
                    name: shown(&name),
                    evidence: input.evidence_at(at..at.saturating_add(text.len() as u64), &detail),
                    detail,
                });
            }
        }
        match result {
            Ok(end) => {
                let found = crate::unclaimed::anomaly(
                    input,
                    &mut walk.window,
                    end,
                    input.len(),
                    "behind the value",
                );
                artifact.anomalies.extend(found);
            }
            Err(error) => tell(error, walk.at, input, &mut artifact, facts),
        }
        let binaries = std::mem::take(&mut walk.binaries);
        walk.window.finish(facts);
        look_into(&binaries, input, &mut artifact, facts);
        let tensors = walk.arrays.iter().map(|array| Tensor {
            name: &array.name,
            element: Element::of(&array.dtype),
            at: array.at,
            bytes: array.bytes,
            row: array.row,
        });
        crate::weights::examine(input, tensors, &mut artifact, facts);
        let path = Arc::clone(input.path());
        facts.add(&path, Fact::Artifact(Box::new(artifact)));
    }
}

/// Whether an array of Flax begins in these bytes: an extension of type 1 that holds three values.
fn holds_array(bytes: &[u8]) -> bool {
    memchr::memchr_iter(0x93, bytes).any(|at| {
        let before = |back: usize| at.checked_sub(back).and_then(|at| bytes.get(at)).copied();
        before(1) == Some(1)
            && (before(6) == Some(0xc9) || before(4) == Some(0xc8) || before(3) == Some(0xc7))
    })
}

fn tell(error: Error, at: u64, input: &Input<'_>, artifact: &mut Artifact, facts: &mut Facts<'_>) {
    let (reason, kind, detail) = match error {
        Error::Lie(detail) => (GapReason::Malformed, Some(AnomalyKind::LyingHeader), detail),
        Error::Stop(Stop::End) => {
            let detail = "the file ends inside of a value".to_owned();
            (GapReason::Malformed, Some(AnomalyKind::Truncated), detail)
        }
        Error::Stop(Stop::Limit) => (
            GapReason::Limit,
            None,
            "it is longer than the limit for headers".to_owned(),
        ),
        Error::Stop(Stop::Failed) => (GapReason::Unreadable, None, "it cannot be read".to_owned()),
        Error::Unknown => (
            GapReason::Malformed,
            None,
            "a byte that begins no value".to_owned(),
        ),
        Error::Deep => (
            GapReason::Limit,
            None,
            "it is nested deeper than the limit".to_owned(),
        ),
    };
    let evidence = input.evidence_at(at..at.saturating_add(1), &detail);
    if let Some(kind) = kind {
        artifact.anomaly(kind, detail.clone(), evidence.clone());
    }
    facts.gap(reason, format!("MessagePack: {detail}"), evidence);
}

/// Looks at what values in bytes begin with.
fn look_into(
    binaries: &[(u64, u64)],
    input: &Input<'_>,
    artifact: &mut Artifact,
    facts: &mut Facts<'_>,
) {
    let mark = facts.mark();
    for (start, length) in binaries.iter().copied() {
        let Some(head) = input.read(start, length.min(512), facts) else {
            break;
        };
        match recognise(&head) {
            Some(magic) if magic.is_executable() => {
                let detail = format!("a value of {length} bytes holds {}", magic.title());
                let evidence = input.evidence_at(start..start.saturating_add(length), &detail);
                artifact.anomaly(AnomalyKind::Polyglot, detail, evidence);
            }
            Some(_) => {
                let source = Slice::new(input.source(), start, length);
                stance_read::scan_member(input, &format!("bytes at {start}"), &source, facts);
            }
            None => {}
        }
    }
    for part in facts.take_artifacts(mark) {
        artifact.absorb(part);
    }
}
