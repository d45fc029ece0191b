//! Two versions of one model, held against each other.

use serde::Serialize;

use crate::evidence::Evidence;
use crate::severity::Confidence;

/// How the tensors of a model differ from those of the one it is said to come from.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// The path of the base model.
    pub base: String,
    /// What the change looks like as a whole.
    pub nature: ChangeNature,
    /// The same in words.
    pub detail: String,
    /// How sure that is.
    pub confidence: Confidence,
    /// How many tensors are the same in both.
    pub equal: u64,
    /// Names that only the tuned model has.
    pub added: Vec<String>,
    /// Names that only the base model has.
    pub removed: Vec<String>,
    /// Tensors of another shape or type.
    pub reshaped: Vec<Reshaped>,
    /// Tensors with other elements, in the order of their names.
    pub changed: Vec<TensorChange>,
    /// Tensors that could not be compared.
    pub not_compared: Vec<NotCompared>,
    /// What stands out.
    pub signs: Vec<ChangeSign>,
    /// The tuned model.
    pub evidence: Evidence,
}

/// What a change looks like as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeNature {
    /// Every tensor is the same.
    Identical,
    /// Nothing could be compared, or too little.
    NotComparable,
    /// The same numbers with fewer or more digits.
    Converted,
    /// Numbers were set to zero.
    Pruned,
    /// A few rows or numbers differ, and nothing else.
    Edited,
    /// The differences are products of small matrices, as adapters are.
    LowRank,
    /// Some tensors were trained, the others were not touched.
    PartlyTrained,
    /// Most tensors were trained.
    Trained,
    /// Only tensors came or went.
    Extended,
    /// They have little in common but their names.
    Unrelated,
}

impl ChangeNature {
    /// The name that programs read.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Identical => "identical",
            Self::NotComparable => "not_comparable",
            Self::Converted => "converted",
            Self::Pruned => "pruned",
            Self::Edited => "edited",
            Self::LowRank => "low_rank",
            Self::PartlyTrained => "partly_trained",
            Self::Trained => "trained",
            Self::Extended => "extended",
            Self::Unrelated => "unrelated",
        }
    }
}

/// A tensor of another shape or type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TensorChange {
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
    /// The largest difference, where elements are floating-point numbers.
    pub largest: Option<f64>,
    /// Length of the difference as a part of the length of the tensor before.
    pub relative: Option<f64>,
    /// Cosine of the angle between the two as vectors.
    pub similarity: Option<f64>,
    /// How many rows it has, where it is a matrix.
    pub rows: Option<u64>,
    /// How many of them differ.
    pub changed_rows: u64,
    /// The rows that moved furthest, the furthest first.
    pub furthest: Vec<RowChange>,
    /// Rank of the difference, where it is small.
    pub rank: Option<u64>,
}

/// A row that differs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RowChange {
    /// Its number, from 0.
    pub row: u64,
    /// How far it moved, as a part of its length or of that of the middle row, whichever is larger.
    pub relative: f64,
}

/// A tensor that was not compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NotCompared {
    /// Its name.
    pub name: String,
    /// Why, as the end of a sentence.
    pub reason: String,
}

/// Something about a change that training does not leave by chance.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChangeSign {
    /// What kind.
    pub kind: ChangeSignKind,
    /// The tensor.
    pub tensor: String,
    /// What exactly, as the end of a sentence that starts with the tensor.
    pub detail: String,
    /// How sure it is that the change is of this kind, and not an honest one that looks like it.
    pub confidence: Confidence,
    /// The rows that are meant, at most [`ChangeSign::ROWS`].
    pub rows: Vec<u64>,
    /// Where.
    pub evidence: Evidence,
}

impl ChangeSign {
    /// Rows that are named one by one.
    pub const ROWS: usize = 1000;
}

/// What can stand out in a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeSignKind {
    /// A few rows differ.
    FewRows,
    /// A few columns differ.
    FewColumns,
    /// A few numbers differ.
    FewElements,
    /// One matrix differs by the product of two vectors, or of two narrow matrices.
    RankOneEdit,
    /// Only low bits differ, and not as arithmetic would change them.
    LowBits,
    /// A few rows moved much further than all others.
    OutstandingRows,
    /// Rows that were unused, or are the last ones, got a content.
    NewRows,
    /// A block of rows or columns was set to zero.
    DeadBlock,
    /// A block of rows is now the same as another one.
    RepeatedBlock,
    /// It has nothing in common with the one before.
    Replaced,
}

impl ChangeSignKind {
    /// The name that programs read.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::FewRows => "few_rows",
            Self::FewColumns => "few_columns",
            Self::FewElements => "few_elements",
            Self::RankOneEdit => "rank_one_edit",
            Self::LowBits => "low_bits",
            Self::OutstandingRows => "outstanding_rows",
            Self::NewRows => "new_rows",
            Self::DeadBlock => "dead_block",
            Self::RepeatedBlock => "repeated_block",
            Self::Replaced => "replaced",
        }
    }
}
