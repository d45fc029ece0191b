//! safetensors: a length, a JSON header that says where each tensor lies, the tensors.
//!
//! Only the header is read, and a few bytes of tensors; see the format's
//! description at <https://github.com/huggingface/safetensors>.

#[doc(hidden)]
pub mod assemble;
mod header;

mod layout;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use stance_core::fact::{
    Anomaly, AnomalyKind, Artifact, ArtifactFormat, Fact, GapReason, Tensor, TensorNames,
};

use crate::names;
use crate::unclaimed;
use crate::weights;
use stance_read::Inspector;
use stance_read::input::Input;
use stance_read::little_endian::u64_at;
use stance_read::report::Facts;
use stance_read::window::Window;

pub(crate) static INSPECTOR: Safetensors = Safetensors;

/// The longest header that the library accepts.
const LONGEST_HEADER: u64 = 100_000_000;

/// Metadata entries that are kept.
const METADATA: usize = 64;

pub(crate) struct Safetensors;

impl Inspector for Safetensors {
    fn name(&self) -> &'static str {
        "safetensors"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        let head = input.head();
        let Some(length) = u64_at(head, 0) else {
            return false;
        };
        match head.get(8..) {
            Some([b'{', b'"' | b'}' | b' ', ..]) => {
                input.extension() == "safetensors" || (2..=input.len()).contains(&length)
            }
            Some(_) => false,
            None => false,
        }
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let mut artifact =
            Artifact::new(ArtifactFormat::Safetensors, input.len(), input.evidence());
        let claimed = u64_at(input.head(), 0).unwrap_or_default();
        let rest = input.len().saturating_sub(8);
        let limit = input.options().limits.header;
        let length = claimed.min(rest);
        if length > limit {
            facts.gap(
                GapReason::TooLarge,
                format!("of a safetensors header of {length} bytes only {limit} are read"),
                input.evidence_at(0..8, format!("header length {claimed}")),
            );
        }
        let Some(text) = header_bytes(input, length.min(limit), facts) else {
            let path = Arc::clone(input.path());
            facts.add(&path, Fact::Artifact(Box::new(artifact)));
            return;
        };
        let header = header::read(&text, input.options().limits.tree_nodes);
        if claimed > rest || claimed > LONGEST_HEADER {
            artifact
                .anomalies
                .push(untrue_length(input, claimed, rest, &header, text.len()));
        }
        if let Some(error) = &header.error
            && length <= limit
        {
            let at = (error.offset as u64).saturating_add(8);
            facts.gap(
                error.reason,
                format!("safetensors header: {}", error.message),
                input.evidence_at(at..at.saturating_add(1), &error.message),
            );
        }
        describe(&mut artifact, &header);
        for tensor in &header.tensors {
            let at = (tensor.at as u64).saturating_add(8);
            let end = at.saturating_add(tensor.name.len() as u64);
            names::note(
                &tensor.name,
                |seen| input.evidence_at(at..end, seen),
                &mut artifact,
            );
        }
        let data = length.saturating_add(8);
        list_tensors(&mut artifact, &header, data, input.options().limits.tensors);
        // With a header of untrue length nobody knows where the data begins.
        if claimed == length {
            let mut window = Window::new(input, limit);
            layout::check(input, &mut window, data, &header, &mut artifact);
            if let Some(at) = header.trailing {
                let start = (at as u64).saturating_add(8);
                let place = "behind the JSON of the header";
                let found = unclaimed::anomaly(input, &mut window, start, data, place);
                artifact.anomalies.extend(found);
            }
            window.finish(facts);
            weights::examine(input, tensors(&header, data), &mut artifact, facts);
        }
        if let Some(cut) = artifact
            .anomalies
            .iter()
            .find(|anomaly| anomaly.kind == AnomalyKind::Truncated)
        {
            facts.gap(
                GapReason::Malformed,
                cut.detail.clone(),
                cut.evidence.clone(),
            );
        }
        let path = Arc::clone(input.path());
        facts.add(&path, Fact::Artifact(Box::new(artifact)));
    }
}

/// What a header is that is longer than the file, or than any loader accepts.
///
/// JSON that stops in the middle where the file does is what a broken download leaves; no loader
/// gets further than that either. JSON that is complete, or wrong before the end, was never longer.
fn untrue_length(
    input: &Input<'_>,
    claimed: u64,
    rest: u64,
    header: &header::Header,
    read: usize,
) -> Anomaly {
    let cut = claimed <= LONGEST_HEADER
        && read as u64 == rest
        && header
            .error
            .as_ref()
            .is_some_and(|error| error.offset >= read);
    let evidence = input.evidence_at(0..8, format!("header length {claimed}"));
    let (kind, detail) = if cut {
        (
            AnomalyKind::Truncated,
            format!("the file ends in its header: {rest} of {claimed} bytes are there"),
        )
    } else if claimed > rest {
        (
            AnomalyKind::LyingHeader,
            format!("the header claims {claimed} bytes, and {rest} bytes follow"),
        )
    } else {
        (
            AnomalyKind::LyingHeader,
            format!(
                "the header claims {claimed} bytes, more than the {LONGEST_HEADER} that loaders accept"
            ),
        )
    };
    Anomaly {
        kind,
        evidence,
        detail,
    }
}

/// The bytes of the header, without reading again what the head holds.
fn header_bytes(input: &Input<'_>, length: u64, facts: &mut Facts<'_>) -> Option<Vec<u8>> {
    let head = input.head();
    let wanted = usize::try_from(length).unwrap_or(usize::MAX);
    let mut text: Vec<u8> = head.iter().skip(8).take(wanted).copied().collect();
    let missing = length.saturating_sub(text.len() as u64);
    if missing > 0 {
        text.extend(input.read(head.len() as u64, missing, facts)?);
    }
    Some(text)
}

/// Counts, data types and what the metadata says.
fn describe(artifact: &mut Artifact, header: &header::Header) {
    if header.error.is_none() || !header.tensors.is_empty() {
        artifact.tensors = Some(header.tensors.len() as u64);
        artifact.parameters = Some(
            header
                .tensors
                .iter()
                .fold(0, |sum: u64, tensor| sum.saturating_add(tensor.elements)),
        );
    }
    if header.error.is_none() {
        let mut names = TensorNames::default();
        header
            .tensors
            .iter()
            .for_each(|tensor| names.add(&tensor.name));
        artifact.tensor_names = Some(names);
    }
    for tensor in &header.tensors {
        if artifact.dtypes.len() < METADATA || artifact.dtypes.contains_key(&*tensor.dtype) {
            let count = artifact.dtypes.entry(tensor.dtype.to_string()).or_default();
            *count = count.saturating_add(1);
        }
    }
    for (key, value) in header.metadata.iter().take(METADATA) {
        let lower = key.to_ascii_lowercase();
        match &*lower {
            "format" => artifact.framework = framework(value),
            "license" | "modelspec.license" => artifact.licence = Some(value.clone()),
            "architecture" | "modelspec.architecture" | "model_type" => {
                artifact.architecture = Some(value.clone());
            }
            _ => {}
        }
        artifact.metadata.insert(key.clone(), value.clone());
    }
}

/// Where the data of each tensor lies.
fn tensors(header: &header::Header, data: u64) -> impl Iterator<Item = weights::Tensor<'_>> {
    header.tensors.iter().filter_map(move |tensor| {
        let (start, end) = tensor.range?;
        let bytes = end.checked_sub(start)?;
        Some(weights::Tensor {
            name: &tensor.name,
            element: weights::Element::of(&tensor.dtype),
            at: data.saturating_add(start),
            bytes,
            row: match *tensor.shape {
                [rows, _] => bytes.checked_div(rows),
                _ => None,
            },
        })
    })
}

/// Tells the tensors one by one, at most `most`.
fn list_tensors(artifact: &mut Artifact, header: &header::Header, data: u64, most: usize) {
    for tensor in header.tensors.iter().take(most) {
        artifact.list_tensor(most, || Tensor {
            name: tensor.name.to_string(),
            dtype: tensor.dtype.to_string(),
            shape: tensor.shape.clone(),
            offset: tensor.range.map(|(start, _)| data.saturating_add(start)),
            bytes: tensor.range.map(|(start, end)| end.saturating_sub(start)),
        });
    }
}

/// The framework behind the `format` entry of the metadata.
fn framework(format: &str) -> Option<String> {
    let name = match format {
        "pt" => "pytorch",
        "tf" => "tensorflow",
        "np" => "numpy",
        "flax" | "mlx" | "paddle" => format,
        _ => return None,
    };
    Some(name.to_owned())
}
