//! NumPy arrays: a header that is a Python literal, then the elements. An
//! array of objects has a pickle in their place.

#[doc(hidden)]
pub mod assemble;
pub mod header;

use std::sync::Arc;

use stance_core::fact::{
    AnomalyKind, Artifact, ArtifactFormat, Embedded, EmbeddedKind, Fact, Tensor,
};

use crate::unclaimed;
use crate::weights;
use stance_read::Inspector;
use stance_read::input::Input;
use stance_read::report::Facts;
use stance_read::source::Slice;
use stance_read::window::Window;

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

/// What the head of an array of `length` bytes tells when it does not hold objects; `None` when it
/// does, is not sound or does not fit the length.
pub fn header_only(head: &[u8], length: u64) -> Option<Artifact> {
    let header = Header::parse(head).ok().filter(|header| !header.objects)?;
    let claimed = header
        .elements
        .saturating_mul(header.item_size?)
        .saturating_add(header.length);
    if claimed != length {
        return None;
    }
    let mut artifact = Artifact::new(ArtifactFormat::Npy, 0, stance_core::Evidence::file(""));
    describe(&header, &mut artifact);
    Some(artifact)
}

fn describe(header: &Header, artifact: &mut Artifact) {
    artifact.tensors = Some(1);
    artifact.parameters = Some(header.elements);
    artifact.dtypes.insert(header.dtype.clone(), 1);
}

/// Whether a pickle stands where the elements should.
fn starts_pickle(start: u64, input: &Input<'_>, facts: &mut Facts<'_>) -> bool {
    const HEAD: u64 = 4096;
    let head = input.read(start, HEAD, facts).unwrap_or_default();
    stance_pickle::starts_pickle(&head)
}

fn look_at_elements(
    header: &Header,
    input: &Input<'_>,
    artifact: &mut Artifact,
    facts: &mut Facts<'_>,
) {
    let start = header.length;
    let rest = input.len().saturating_sub(start);
    let fits = header
        .item_size
        .is_some_and(|size| header.elements.saturating_mul(size) == rest);
    if header.objects || !fits && starts_pickle(start, input, facts) {
        let mark = facts.mark();
        let tail = Slice::new(input.source(), start, rest);
        stance_read::scan_member(input, "objects", &tail, facts);
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
            let end = start.saturating_add(claimed);
            let mut window = Window::new(input, 1 << 20);
            let place = "behind its last element";
            let behind = unclaimed::anomaly(input, &mut window, end, input.len(), place);
            artifact.anomalies.extend(behind);
            window.finish(facts);
            if starts_pickle(end, input, facts) {
                let mark = facts.mark();
                let tail = Slice::new(input.source(), end, rest.saturating_sub(claimed));
                stance_read::scan_member(input, "tail", &tail, facts);
                for part in facts.take_artifacts(mark) {
                    artifact.absorb(part);
                }
            }
        }
    }
}
