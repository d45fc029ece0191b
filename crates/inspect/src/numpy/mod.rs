//! NumPy arrays: a header that is a Python literal, then the elements. An
//! array of objects has a pickle in their place.

#[doc(hidden)]
pub mod assemble;
pub(crate) mod header;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use stance_core::fact::{
    AnomalyKind, Artifact, ArtifactFormat, Embedded, EmbeddedKind, Fact, Tensor,
};

use crate::input::Input;
use crate::registry::Inspector;
use crate::report::Facts;
use crate::source::Slice;
use crate::weights;

use header::{Broken, Header};

pub(crate) static INSPECTOR: Numpy = Numpy;

const MAGIC: &[u8] = b"\x93NUMPY";

pub(crate) struct Numpy;

impl Inspector for Numpy {
    fn name(&self) -> &'static str {
        "numpy"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        input.head().starts_with(MAGIC)
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let mut artifact = Artifact::new(ArtifactFormat::Npy, input.len(), input.evidence());
        match Header::parse(input.head()) {
            Ok(header) => {
                describe(&header, &mut artifact);
                let name = input.file_name();
                artifact.list_tensor(input.options().limits.tensors, || Tensor {
                    name: name.strip_suffix(".npy").unwrap_or(name).to_owned(),
                    dtype: header.dtype.clone(),
                    shape: header.shape.clone(),
                    offset: Some(header.length),
                    bytes: header
                        .item_size
                        .map(|size| size.saturating_mul(header.elements)),
                });
                look_at_elements(&header, input, &mut artifact, facts);
            }
            Err(Broken::Code(text)) => {
                let range = 0..text.len() as u64;
                artifact.embedded.push(Embedded {
                    kind: EmbeddedKind::Source,
                    name: "npy header".to_owned(),
                    detail: stance_core::evidence::shorten(text.trim()),
                    evidence: input.evidence_at(range, text.trim()),
                });
            }
            Err(Broken::Cut) => artifact.anomaly(
                AnomalyKind::Truncated,
                "it ends inside its header",
                input.evidence(),
            ),
            Err(Broken::Lies(detail)) => {
                artifact.anomaly(AnomalyKind::LyingHeader, detail, input.evidence());
            }
        }
        let path = Arc::clone(input.path());
        facts.add(&path, Fact::Artifact(Box::new(artifact)));
    }
}

/// What the head of an array tells when it does not hold objects; `None` when it does, or is not sound.
pub(crate) fn header_only(head: &[u8]) -> Option<Artifact> {
    let header = Header::parse(head).ok().filter(|header| !header.objects)?;
    let mut artifact = Artifact::new(ArtifactFormat::Npy, 0, stance_core::Evidence::file(""));
    describe(&header, &mut artifact);
    Some(artifact)
}

fn describe(header: &Header, artifact: &mut Artifact) {
    artifact.tensors = Some(1);
    artifact.parameters = Some(header.elements);
    artifact.dtypes.insert(header.dtype.clone(), 1);
}

fn look_at_elements(
    header: &Header,
    input: &Input<'_>,
    artifact: &mut Artifact,
    facts: &mut Facts<'_>,
) {
    let start = header.length;
    let rest = input.len().saturating_sub(start);
    if header.objects {
        let mark = facts.mark();
        let tail = Slice::new(input.source(), start, rest);
        crate::scan_member(input, "objects", &tail, facts);
        for part in facts.take_artifacts(mark) {
            artifact.absorb(part);
        }
    } else if let Some(size) = header.item_size {
        let claimed = header.elements.saturating_mul(size);
        let array = weights::Tensor {
            name: "array",
            element: weights::Element::of(&header.dtype),
            at: start,
            bytes: claimed.min(rest),
            row: None,
        };
        weights::examine(input, std::iter::once(array), artifact, facts);
        if claimed > rest {
            artifact.anomaly(
                AnomalyKind::LyingHeader,
                format!("its header claims {claimed} bytes of elements, {rest} are there"),
                input.evidence_at(0..start, "shape and dtype"),
            );
        } else if claimed < rest {
            artifact.anomaly(
                AnomalyKind::UnclaimedBytes,
                format!(
                    "{} bytes follow its last element",
                    rest.saturating_sub(claimed)
                ),
                input.evidence_at(start.saturating_add(claimed)..input.len(), "no element"),
            );
        }
    }
}
