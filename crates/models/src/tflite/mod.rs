//! TensorFlow Lite: a flat buffer with the identifier `TFL3`.

#[doc(hidden)]
pub mod assemble;
pub(crate) mod table;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use stance_core::fact::{
    Anomaly, AnomalyKind, Artifact, ArtifactFormat, Embedded, EmbeddedKind, Fact, GapReason, Tensor,
};

use crate::savedmodel::operators;
use crate::weights::{self, Element};
use stance_read::Inspector;
use stance_read::input::Input;
use stance_read::report::Facts;
use stance_read::window::{Stop, Window};

use table::Table;

pub(crate) static INSPECTOR: Tflite = Tflite;

/// Entries of a vector that are looked at.
const MOST: u32 = 100_000;

pub(crate) struct Tflite;

impl Inspector for Tflite {
    fn name(&self) -> &'static str {
        "tflite"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        input.head().get(4..8) == Some(b"TFL3")
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let mut artifact = Artifact::new(ArtifactFormat::Tflite, input.len(), input.evidence());
        let mut window = Window::new(input, input.options().limits.header);
        let listed = input.options().limits.tensors;
        let mut buffers = Buffers::default();
        if let Err(stop) = read(input, &mut window, &mut artifact, listed, &mut buffers) {
            let (reason, detail) = match stop {
                Stop::End => (GapReason::Malformed, "an offset leads out of the file"),
                Stop::Limit => (
                    GapReason::Limit,
                    "its tables are longer than the limit for headers",
                ),
                Stop::Failed => (GapReason::Unreadable, "it cannot be read"),
            };
            facts.gap(
                reason,
                format!("TensorFlow Lite: {detail}"),
                input.evidence(),
            );
        }
        window.finish(facts);
        weights::examine(input, buffers.tensors(), &mut artifact, facts);
        let path = Arc::clone(input.path());
        facts.add(&path, Fact::Artifact(Box::new(artifact)));
    }
}

fn read(
    input: &Input<'_>,
    window: &mut Window<'_>,
    artifact: &mut Artifact,
    listed: usize,
    buffers: &mut Buffers,
) -> Result<(), Stop> {
    let model = Table::root(window)?;
    let version = model.u32(window, 0)?;
    artifact
        .metadata
        .insert("schema_version".to_owned(), version.to_string());
    if let Some(text) = model.text(window, 3)? {
        artifact.metadata.insert("description".to_owned(), text);
    }
    let custom = read_custom_codes(window, &model)?;
    if !custom.is_empty() {
        let names: Vec<&str> = custom.iter().map(|(name, _)| &**name).collect();
        artifact
            .metadata
            .insert("custom_operators".to_owned(), names.join(", "));
    }
    for (name, at) in &custom {
        artifact.embedded.extend(operator(input, name, *at));
    }
    read_buffers(input, window, &model, artifact, buffers)?;
    let mut tensors = 0_u64;
    let mut dtypes = BTreeMap::<String, u64>::new();
    for graph in model.tables(window, 2, MOST)? {
        for tensor in graph.tables(window, 0, MOST)? {
            tensors = tensors.saturating_add(1);
            let dtype = data_type(tensor.u8(window, 1)?);
            buffers.name(tensor.u32(window, 2)?, dtype, || tensor.text(window, 3))?;
            if artifact.tensor_list.len() < listed {
                let described = Tensor {
                    name: tensor.text(window, 3)?.unwrap_or_default(),
                    dtype: dtype.to_owned(),
                    shape: tensor.sizes(window, 0, Tensor::DIMENSIONS)?,
                    offset: None,
                    bytes: None,
                };
                artifact.list_tensor(listed, || described);
            }
            let count = dtypes.entry(dtype.to_owned()).or_default();
            *count = count.saturating_add(1);
            if tensors > u64::from(MOST) {
                return Err(Stop::Limit);
            }
        }
    }
    artifact.tensors = Some(tensors);
    artifact.dtypes = dtypes;
    Ok(())
}

/// Where the data of tensors lies.
#[derive(Default)]
struct Buffers {
    places: Vec<(u64, u64)>,
    /// Name and element by the number of the buffer.
    known: BTreeMap<u32, (String, Element)>,
}

impl Buffers {
    /// Says which tensor a buffer is of.
    fn name(
        &mut self,
        buffer: u32,
        dtype: &str,
        name: impl FnOnce() -> Result<Option<String>, Stop>,
    ) -> Result<(), Stop> {
        // Buffer 0 is the one of all tensors without data.
        if buffer > 0 && !self.known.contains_key(&buffer) {
            let name = name()?.unwrap_or_default();
            self.known.insert(buffer, (name, Element::of(dtype)));
        }
        Ok(())
    }

    fn tensors(&self) -> impl Iterator<Item = weights::Tensor<'_>> {
        (0_u32..).zip(&self.places).map(|(number, (at, bytes))| {
            let known = self.known.get(&number);
            weights::Tensor {
                name: known.map_or("buffer", |(name, _)| name),
                element: known.map_or(Element::Other, |(_, element)| *element),
                at: *at,
                bytes: *bytes,
                row: None,
            }
        })
    }
}

/// The names of operators that the runtime has to be given.
fn read_custom_codes(window: &mut Window<'_>, model: &Table) -> Result<Vec<(String, u64)>, Stop> {
    let mut custom: Vec<(String, u64)> = Vec::new();
    for code in model.tables(window, 1, MOST)? {
        if let Some(name) = code.text(window, 1)?
            && custom.len() < 64
            && !name.is_empty()
            && !custom.iter().any(|(known, _)| *known == name)
        {
            custom.push((name, code.place()));
        }
    }
    Ok(custom)
}

/// What an operator that is not built in is: one of TensorFlow that reaches outside, or one that a
/// library has to bring. An operator of TensorFlow that computes is neither.
fn operator(input: &Input<'_>, name: &str, at: u64) -> Option<Embedded> {
    let evidence = input.evidence_at(
        at..at.saturating_add(1),
        format!("custom operator {name:?}"),
    );
    let embedded = |kind, name: &str, detail: &str| Embedded {
        kind,
        name: name.to_owned(),
        detail: detail.to_owned(),
        evidence,
    };
    // With this prefix the runtime hands an operator to TensorFlow.
    if let Some(inner) = name.strip_prefix("Flex") {
        if let Some(found) = operators::find(inner)
            && found.when == operators::When::Always
        {
            return Some(embedded(EmbeddedKind::TensorflowOperator, found.name, ""));
        }
        if operators::is_known(inner) {
            return None;
        }
    }
    let detail = "an operator that TensorFlow Lite does not have";
    Some(embedded(EmbeddedKind::CustomOperator, name, detail))
}

/// Buffers behind the tables, of models past two gigabytes: their place is a number like any other.
fn read_buffers(
    input: &Input<'_>,
    window: &mut Window<'_>,
    model: &Table,
    artifact: &mut Artifact,
    buffers: &mut Buffers,
) -> Result<(), Stop> {
    for buffer in model.tables(window, 4, MOST)? {
        let (offset, size) = (buffer.u64(window, 1)?, buffer.u64(window, 2)?);
        let place = buffer.bytes(window, 0)?;
        let behind = (offset > 1).then_some((offset, size));
        buffers.places.push(place.or(behind).unwrap_or_default());
        // 0 and 1 say that the data stands in the table, or nowhere.
        if offset > 1
            && offset
                .checked_add(size)
                .is_none_or(|end| end > window.len())
        {
            let detail =
                format!("a buffer of {size} bytes at {offset} lies behind the end of the file");
            let at = buffer.place();
            if artifact.anomalies.len() < Artifact::ANOMALIES_PER_KIND {
                artifact.anomalies.push(Anomaly {
                    kind: AnomalyKind::LyingHeader,
                    evidence: input.evidence_at(at..at.saturating_add(1), &detail),
                    detail,
                });
            }
        }
    }
    Ok(())
}

/// The name of a TensorFlow Lite data type.
fn data_type(number: u8) -> &'static str {
    match number {
        0 => "FLOAT32",
        1 => "FLOAT16",
        2 => "INT32",
        3 => "UINT8",
        4 => "INT64",
        5 => "STRING",
        6 => "BOOL",
        7 => "INT16",
        8 => "COMPLEX64",
        9 => "INT8",
        10 => "FLOAT64",
        11 => "COMPLEX128",
        12 => "UINT64",
        13 => "RESOURCE",
        14 => "VARIANT",
        15 => "UINT32",
        16 => "UINT16",
        17 => "INT4",
        18 => "BFLOAT16",
        _ => "?",
    }
}
