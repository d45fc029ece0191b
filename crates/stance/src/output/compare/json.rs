//! `compare-v1`: what `stance compare` says, for programs.
//!
//! The version is part of the name, as with `json-v1`: names and meanings stay, new members may
//! be added, and a member that is absent is not known. Equal files give equal documents.

use schemars::JsonSchema;
use serde::Serialize;
use stance_core::fact;

use super::Compared;
use crate::output::json_v1::{self, Evidence, Finding, Tool};

/// What `schema` says in a document of this version.
pub const SCHEMA: &str = "stance/compare-v1";

/// How a tuned model differs from its base model.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(title = "stance/compare-v1")]
pub struct Document {
    /// Name and version of this format: always `stance/compare-v1`.
    pub schema: String,
    /// The program that wrote it.
    pub tool: Tool,
    /// The base model, as it was named.
    pub base: String,
    /// The tuned model, as it was named.
    pub tuned: String,
    /// What the change looks like as a whole: `identical`, `not_comparable`, `converted`, `pruned`,
    /// `edited`, `low_rank`, `partly_trained`, `trained`, `extended` or `unrelated`.
    pub nature: String,
    /// The same in words.
    pub detail: String,
    /// How sure that is: `low`, `medium` or `high`.
    pub confidence: String,
    /// How many tensors are the same in both.
    pub equal: u64,
    /// Names that only the tuned model has.
    pub added: Vec<String>,
    /// Names that only the base model has.
    pub removed: Vec<String>,
    /// Tensors of another shape.
    pub reshaped: Vec<Reshaped>,
    /// Tensors with other elements, in the order of their names.
    pub changed: Vec<Change>,
    /// Tensors that could not be compared.
    pub not_compared: Vec<NotCompared>,
    /// What stands out.
    pub signs: Vec<Sign>,
    /// What the rules say about it, worst first.
    pub findings: Vec<Finding>,
}

/// A tensor of another shape.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Reshaped {
    /// Its name.
    pub name: String,
    /// Type in the base model.
    pub base_dtype: String,
    /// Shape in the base model.
    pub base_shape: Vec<u64>,
    /// Type in the tuned model.
    pub dtype: String,
    /// Shape in the tuned model.
    pub shape: Vec<u64>,
}

/// A tensor whose elements differ.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Change {
    /// Its name.
    pub name: String,
    /// Its type in the tuned model.
    pub dtype: String,
    /// Its shape in the tuned model, outermost dimension first.
    pub shape: Vec<u64>,
    /// How many elements were compared; bytes where the type is not one of plain numbers.
    pub elements: u64,
    /// How many of them differ.
    pub changed: u64,
    /// The largest difference, where elements are numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub largest_difference: Option<f64>,
    /// Length of the difference as a part of the length of the tensor before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relative_difference: Option<f64>,
    /// Cosine of the angle between the two as vectors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cosine: Option<f64>,
    /// How many rows it has, where it is a matrix.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// How many of them differ.
    pub changed_rows: u64,
    /// The rows that moved furthest, the furthest first.
    pub furthest_rows: Vec<Row>,
    /// Rank of the difference, where it is small.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rank: Option<u64>,
}

/// A row that differs.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Row {
    /// Its number, from 0.
    pub row: u64,
    /// How far it moved, as a part of its length or of that of the middle row, whichever is larger.
    pub relative_difference: f64,
}

/// A tensor that was not compared.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct NotCompared {
    /// Its name.
    pub name: String,
    /// Why.
    pub reason: String,
}

/// Something that training does not leave by chance.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Sign {
    /// `few_rows`, `few_columns`, `few_elements`, `rank_one_edit`, `low_bits`, `outstanding_rows`, `new_rows`,
    /// `dead_block`, `repeated_block` or `replaced`.
    pub kind: String,
    /// The tensor.
    pub tensor: String,
    /// What exactly.
    pub detail: String,
    /// How sure it is: `low`, `medium` or `high`.
    pub confidence: String,
    /// The rows or columns that are meant, at most 1000.
    pub rows: Vec<u64>,
    /// Where.
    pub evidence: Evidence,
}

impl Document {
    /// The document of a comparison.
    #[must_use]
    pub fn of(compared: &Compared, tool_version: &str) -> Self {
        let comparison = &compared.comparison;
        Self {
            schema: SCHEMA.to_owned(),
            tool: Tool {
                name: "stance".to_owned(),
                version: tool_version.to_owned(),
            },
            base: compared.base.clone(),
            tuned: compared.tuned.clone(),
            nature: comparison.nature.name().to_owned(),
            detail: comparison.detail.clone(),
            confidence: comparison.confidence.name().to_owned(),
            equal: comparison.equal,
            added: comparison.added.clone(),
            removed: comparison.removed.clone(),
            reshaped: comparison.reshaped.iter().map(reshaped).collect(),
            changed: comparison.changed.iter().map(change).collect(),
            not_compared: comparison
                .not_compared
                .iter()
                .map(|one| NotCompared {
                    name: one.name.clone(),
                    reason: one.reason.clone(),
                })
                .collect(),
            signs: comparison.signs.iter().map(sign).collect(),
            findings: compared.findings.iter().map(json_v1::finding).collect(),
        }
    }
}

fn reshaped(tensor: &fact::Reshaped) -> Reshaped {
    Reshaped {
        name: tensor.name.clone(),
        base_dtype: tensor.base_dtype.clone(),
        base_shape: tensor.base_shape.clone(),
        dtype: tensor.dtype.clone(),
        shape: tensor.shape.clone(),
    }
}

fn change(change: &fact::TensorChange) -> Change {
    Change {
        name: change.name.clone(),
        dtype: change.dtype.clone(),
        shape: change.shape.clone(),
        elements: change.elements,
        changed: change.changed,
        largest_difference: change.largest,
        relative_difference: change.relative,
        cosine: change.similarity,
        rows: change.rows,
        changed_rows: change.changed_rows,
        furthest_rows: change
            .furthest
            .iter()
            .map(|row| Row {
                row: row.row,
                relative_difference: row.relative,
            })
            .collect(),
        rank: change.rank,
    }
}

fn sign(sign: &fact::ChangeSign) -> Sign {
    Sign {
        kind: sign.kind.name().to_owned(),
        tensor: sign.tensor.clone(),
        detail: sign.detail.clone(),
        confidence: sign.confidence.name().to_owned(),
        rows: sign.rows.clone(),
        evidence: Evidence::from(&sign.evidence),
    }
}

/// The JSON Schema of this format (draft 2020-12).
#[must_use]
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Document).to_value()
}
