//! Parameters in a row: of each tensor a version, its levels, a version again, a description, the numbers.

use std::sync::Arc;

use stance_core::fact::{AnomalyKind, Artifact, ArtifactFormat, Fact, GapReason, Tensor};

use crate::unclaimed;
use crate::weights::{self, Element};
use stance_read::input::Input;
use stance_read::little_endian::u32_at;
use stance_read::protobuf::{self, Broken, Message, Value};
use stance_read::report::Facts;
use stance_read::window::{Stop, Window};

/// Bytes before the description of a tensor without levels: version, number of levels, version, length.
const PREFIX: usize = 20;
/// Longest description of a tensor.
const DESCRIPTION: u32 = 1024;
/// Most tensors.
const TENSORS: usize = 100_000;

/// Whether the first of a row of tensors starts here.
pub(super) fn starts(head: &[u8]) -> bool {
    head.get(..16)
        .is_some_and(|zeros| zeros.iter().all(|byte| *byte == 0))
        && u32_at(head, 16).is_some_and(|length| (2..=DESCRIPTION).contains(&length))
        && matches!(head.get(PREFIX..), Some([0x08, 0..=40, 0x10, ..]))
}

struct Described {
    dtype: u64,
    shape: Vec<u64>,
    at: u64,
    bytes: u64,
}

/// What ends the row.
enum End {
    /// All bytes are told.
    Whole,
    /// Something that is no tensor follows.
    Other(u64),
    Stop(Stop),
    /// A tensor claims more than is there.
    Lie(u64, String),
}

pub(super) fn inspect(input: &Input<'_>, facts: &mut Facts<'_>) {
    let mut artifact = Artifact::new(ArtifactFormat::Paddle, input.len(), input.evidence());
    let mut window = Window::new(input, input.options().limits.header);
    let mut tensors = Vec::new();
    match walk(&mut window, &mut tensors) {
        End::Whole => {}
        End::Other(at) => {
            let found = unclaimed::anomaly(
                input,
                &mut window,
                at,
                input.len(),
                "behind the last tensor",
            );
            artifact.anomalies.extend(found);
        }
        End::Lie(at, detail) => {
            let evidence = input.evidence_at(at..at.saturating_add(PREFIX as u64), &detail);
            facts.gap(GapReason::Malformed, detail.clone(), evidence.clone());
            artifact.anomaly(AnomalyKind::LyingHeader, detail, evidence);
        }
        End::Stop(stop) => {
            let (reason, detail) = match stop {
                Stop::End => (GapReason::Malformed, "the file ends inside a tensor"),
                Stop::Limit => (GapReason::Limit, "it holds more tensors than are looked at"),
                Stop::Failed => (GapReason::Unreadable, "it cannot be read"),
            };
            facts.gap(
                reason,
                format!("Paddle parameters: {detail}"),
                input.evidence(),
            );
        }
    }
    window.finish(facts);
    artifact.tensors = Some(tensors.len() as u64);
    let elements = |tensor: &Described| {
        tensor
            .shape
            .iter()
            .fold(1_u64, |all, size| all.saturating_mul(*size))
    };
    artifact.parameters = Some(
        tensors
            .iter()
            .fold(0, |sum: u64, tensor| sum.saturating_add(elements(tensor))),
    );
    for tensor in &tensors {
        let dtype = name(tensor.dtype).0;
        let count = artifact.dtypes.entry(dtype.to_owned()).or_default();
        *count = count.saturating_add(1);
    }
    for (index, tensor) in tensors.iter().enumerate() {
        // Names stand in the program only.
        artifact.list_tensor(input.options().limits.tensors, || Tensor {
            name: index.to_string(),
            dtype: name(tensor.dtype).0.to_owned(),
            shape: tensor.shape.clone(),
            offset: Some(tensor.at),
            bytes: Some(tensor.bytes),
        });
    }
    let places = tensors.iter().map(|tensor| weights::Tensor {
        name: "parameter",
        element: name(tensor.dtype).2,
        at: tensor.at,
        bytes: tensor.bytes,
        row: match *tensor.shape {
            [rows, _] => tensor.bytes.checked_div(rows),
            _ => None,
        },
    });
    weights::examine(input, places, &mut artifact, facts);
    let path = Arc::clone(input.path());
    facts.add(&path, Fact::Artifact(Box::new(artifact)));
}

fn walk(window: &mut Window<'_>, tensors: &mut Vec<Described>) -> End {
    let mut at = 0_u64;
    while at < window.len() {
        if tensors.len() >= TENSORS {
            return End::Stop(Stop::Limit);
        }
        match one(window, at) {
            Ok(Some((tensor, end))) => {
                if end > window.len() {
                    let detail = format!(
                        "a tensor claims {} bytes, and {} follow",
                        tensor.bytes,
                        window.len().saturating_sub(tensor.at)
                    );
                    return End::Lie(at, detail);
                }
                at = end;
                tensors.push(tensor);
            }
            Ok(None) => return End::Other(at),
            Err(Broken::Malformed(at)) => return End::Other(at),
            Err(Broken::Stop(stop)) => return End::Stop(stop),
        }
    }
    End::Whole
}

/// The tensor at `at` and where the next one starts; `None` when it is no tensor.
fn one(window: &mut Window<'_>, at: u64) -> Result<Option<(Described, u64)>, Broken> {
    let prefix = match window.get(at, PREFIX) {
        Ok(prefix) => prefix,
        Err(Stop::End) => return Ok(None),
        Err(stop) => return Err(stop.into()),
    };
    let zeros = prefix.iter().take(16).all(|byte| *byte == 0);
    let length = u32_at(prefix, 16).filter(|length| (2..=DESCRIPTION).contains(length));
    let (true, Some(length)) = (zeros, length) else {
        return Ok(None);
    };
    let start = at.saturating_add(PREFIX as u64);
    let end = start.saturating_add(u64::from(length));
    if end > window.len() {
        return Ok(None);
    }
    let mut message = Message { at: start, end };
    let mut dtype = u64::MAX;
    let mut shape = Vec::new();
    while let Some(field) = message.next(window)? {
        match (field.number, field.value) {
            (1, Value::Number(number)) => dtype = number,
            (2, value) => protobuf::numbers(value, window, &mut |size| {
                if shape.len() < Tensor::DIMENSIONS {
                    shape.push(size);
                }
            })?,
            _ => {}
        }
    }
    let (_, size, _) = name(dtype);
    if size == 0 {
        return Ok(None);
    }
    let bytes = shape
        .iter()
        .fold(size, |all: u64, dimension| all.saturating_mul(*dimension));
    let tensor = Described {
        dtype,
        shape,
        at: end,
        bytes,
    };
    Ok(Some((tensor, end.saturating_add(bytes))))
}

/// Name, bytes of one element, and how they lie, of a type of Paddle.
fn name(dtype: u64) -> (&'static str, u64, Element) {
    match dtype {
        0 => ("BOOL", 1, Element::Other),
        1 => ("INT16", 2, Element::Other),
        2 => ("INT32", 4, Element::Other),
        3 => ("INT64", 8, Element::Other),
        4 => ("FP16", 2, Element::F16),
        5 => ("FP32", 4, Element::F32),
        6 => ("FP64", 8, Element::F64),
        20 => ("UINT8", 1, Element::Other),
        21 => ("INT8", 1, Element::Other),
        22 => ("BF16", 2, Element::Bf16),
        23 => ("COMPLEX64", 8, Element::Other),
        24 => ("COMPLEX128", 16, Element::Other),
        32 => ("FP8_E4M3FN", 1, Element::Other),
        33 => ("FP8_E5M2", 1, Element::Other),
        _ => ("?", 0, Element::Other),
    }
}
