//! ExecuTorch programs (`.pte`): a flat buffer with the identifier `ET12`, and segments behind it.
//!
//! See <https://docs.pytorch.org/executorch/stable/pte-file-format.html> and the schema `program.fbs`.

#[doc(hidden)]
pub mod assemble;
mod segments;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use stance_core::fact::{
    AnomalyKind, Artifact, ArtifactFormat, Embedded, EmbeddedKind, Fact, GapReason, Tensor,
};

use crate::tflite::table::Table;
use crate::weights::{self, Element};
use stance_read::Inspector;
use stance_read::input::Input;
use stance_read::report::Facts;
use stance_read::window::{Stop, Window};

use segments::Segments;

pub(crate) static INSPECTOR: Executorch = Executorch;

/// Entries of a vector that are looked at.
const MOST: u32 = 100_000;
/// Names that are kept of one kind.
const KEPT: usize = 64;

/// Namespaces of operators that come with the runtime and its kernels.
const OWN: &[&str] = &[
    "aten",
    "cadence",
    "cortex_m",
    "dim_order_ops",
    "et_vk",
    "executorch_prim",
    "llama",
    "prim",
    "qnn",
    "quantized",
    "quantized_decomposed",
    "torchao",
    "xnnpack",
];

pub(crate) struct Executorch;

impl Inspector for Executorch {
    fn name(&self) -> &'static str {
        "executorch"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        matches!(
            input.head().get(4..8),
            Some([b'E', b'T', b'0'..=b'9', b'0'..=b'9'])
        )
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let mut file = File {
            input,
            window: Window::new(input, input.options().limits.header),
            artifact: Artifact::new(ArtifactFormat::Executorch, input.len(), input.evidence()),
            segments: Segments::default(),
            operators: BTreeSet::new(),
            delegates: BTreeSet::new(),
            dtypes: BTreeMap::new(),
            tensors: 0,
            parameters: 0,
            left: MOST,
            data: Vec::new(),
        };
        if let Err(stop) = file.read() {
            let (reason, detail) = match stop {
                Stop::End => (GapReason::Malformed, "an offset leads out of the file"),
                Stop::Limit => (
                    GapReason::Limit,
                    "its tables are longer than the limit for headers",
                ),
                Stop::Failed => (GapReason::Unreadable, "it cannot be read"),
            };
            facts.gap(reason, format!("ExecuTorch: {detail}"), input.evidence());
        }
        file.conclude();
        let File {
            window,
            mut artifact,
            data,
            ..
        } = file;
        window.finish(facts);
        let tensors = data.iter().map(|(name, at, bytes)| weights::Tensor {
            name,
            // The program says of what type its values are, and not of which its buffers.
            element: Element::Other,
            at: *at,
            bytes: *bytes,
            row: None,
        });
        weights::examine(input, tensors, &mut artifact, facts);
        let path = Arc::clone(input.path());
        facts.add(&path, Fact::Artifact(Box::new(artifact)));
    }
}

struct File<'i, 'a> {
    input: &'i Input<'a>,
    window: Window<'a>,
    artifact: Artifact,
    segments: Segments,
    operators: BTreeSet<String>,
    delegates: BTreeSet<String>,
    dtypes: BTreeMap<String, u64>,
    tensors: u64,
    parameters: u64,
    /// Entries of vectors that may still be looked at: methods may share them.
    left: u32,
    /// What holds data: a name, where it lies, its bytes.
    data: Vec<(&'static str, u64, u64)>,
}

impl File<'_, '_> {
    fn read(&mut self) -> Result<(), Stop> {
        let program = Table::root(&mut self.window)?;
        let version = program.u32(&mut self.window, 0)?;
        self.keep("schema_version", version.to_string());
        self.segments = Segments::read(&mut self.window, &program)?;
        let plans = program.tables(&mut self.window, 1, KEPT as u32)?;
        let mut methods = Vec::new();
        for plan in &plans {
            methods.extend(plan.text(&mut self.window, 0)?);
        }
        self.keep("methods", methods.join(", "));
        for plan in &plans {
            self.read_plan(plan)?;
        }
        for buffer in program.tables(&mut self.window, 2, MOST)? {
            let place = buffer.bytes(&mut self.window, 0)?;
            self.data
                .extend(place.map(|(at, bytes)| ("constant", at, bytes)));
        }
        for inline in program.tables(&mut self.window, 3, MOST)? {
            let place = inline.bytes(&mut self.window, 0)?;
            self.data
                .extend(place.map(|(at, bytes)| ("delegate", at, bytes)));
        }
        Ok(())
    }

    /// A method: its values, operators and delegates.
    fn read_plan(&mut self, plan: &Table) -> Result<(), Stop> {
        for operator in self.entries(plan, 6)? {
            let name = operator.text(&mut self.window, 0)?.unwrap_or_default();
            if self.operators.contains(&name) || self.operators.len() >= MOST as usize {
                continue;
            }
            let space = name.split("::").next().unwrap_or_default();
            if !OWN.contains(&space) && self.artifact.embedded.len() < KEPT {
                let at = operator.place();
                let seen = format!("operator {name:?}");
                self.artifact.embedded.push(Embedded {
                    kind: EmbeddedKind::CustomOperator,
                    name: name.clone(),
                    detail: "an operator whose kernel the application has to bring".to_owned(),
                    evidence: self.input.evidence_at(at..at.saturating_add(1), seen),
                });
            }
            self.operators.insert(name);
        }
        for delegate in self.entries(plan, 7)? {
            let name = delegate.text(&mut self.window, 0)?.unwrap_or_default();
            if self.delegates.len() < KEPT {
                self.delegates.insert(name);
            }
        }
        for value in self.entries(plan, 2)? {
            // The fifth kind of value is a tensor.
            if value.u8(&mut self.window, 0)? == 5
                && let Some(tensor) = value.table(&mut self.window, 1)?
            {
                self.read_tensor(&tensor)?;
            }
        }
        Ok(())
    }

    /// The tables of a vector, as many as may still be looked at.
    fn entries(&mut self, table: &Table, index: u16) -> Result<Vec<Table>, Stop> {
        let entries = table.tables(&mut self.window, index, self.left)?;
        let count = u32::try_from(entries.len()).unwrap_or(u32::MAX);
        self.left = self.left.saturating_sub(count);
        Ok(entries)
    }

    fn read_tensor(&mut self, tensor: &Table) -> Result<(), Stop> {
        // Buffer 0 is the one of values that are computed.
        if tensor.u32(&mut self.window, 5)? == 0 {
            return Ok(());
        }
        let dtype = data_type(tensor.u8(&mut self.window, 0)?);
        let shape = tensor.sizes(&mut self.window, 2, Tensor::DIMENSIONS)?;
        let elements = shape
            .iter()
            .fold(1_u64, |all, size| all.saturating_mul(*size));
        self.tensors = self.tensors.saturating_add(1);
        self.parameters = self.parameters.saturating_add(elements);
        let count = self.dtypes.entry(dtype.to_owned()).or_default();
        *count = count.saturating_add(1);
        let (name, most) = (
            self.tensors.to_string(),
            self.input.options().limits.tensors,
        );
        self.artifact.list_tensor(most, || Tensor {
            name,
            dtype: dtype.to_owned(),
            shape,
            offset: None,
            bytes: None,
        });
        Ok(())
    }

    fn keep(&mut self, key: &str, value: String) {
        if !value.is_empty() {
            let value = stance_read::redact::shown(&value);
            self.artifact.metadata.insert(key.to_owned(), value);
        }
    }

    fn conclude(&mut self) {
        self.artifact.tensors = Some(self.tensors);
        self.artifact.parameters = Some(self.parameters);
        self.artifact.dtypes = std::mem::take(&mut self.dtypes);
        let operators: Vec<&str> = self
            .operators
            .iter()
            .map(String::as_str)
            .take(KEPT)
            .collect();
        let (count, operators) = (self.operators.len(), operators.join(", "));
        if count > 0 {
            self.keep("operators", operators);
            self.keep("operator_count", count.to_string());
        }
        let delegates: Vec<&str> = self.delegates.iter().map(String::as_str).collect();
        let delegates = delegates.join(", ");
        self.keep("delegates", delegates);
        let segments = std::mem::take(&mut self.segments);
        for (at, bytes) in &segments.places {
            self.data.push(("segment", *at, *bytes));
        }
        for (at, detail) in &segments.lies {
            let evidence = self.input.evidence_at(*at..at.saturating_add(1), detail);
            self.artifact
                .anomaly(AnomalyKind::LyingHeader, detail.clone(), evidence);
        }
        for (from, to, place) in segments.unclaimed(self.input.len()) {
            let found = crate::unclaimed::anomaly(self.input, &mut self.window, from, to, place);
            self.artifact.anomalies.extend(found);
        }
    }
}

/// The name of a data type of PyTorch by its number.
fn data_type(number: u8) -> &'static str {
    match number {
        0 => "uint8",
        1 => "int8",
        2 => "int16",
        3 => "int32",
        4 => "int64",
        5 => "float16",
        6 => "float32",
        7 => "float64",
        11 => "bool",
        12 => "qint8",
        13 => "quint8",
        14 => "qint32",
        15 => "bfloat16",
        23..=26 => "float8",
        27 => "uint16",
        28 => "uint32",
        29 => "uint64",
        _ => "?",
    }
}
