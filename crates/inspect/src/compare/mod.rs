//! Two versions of one model against each other: which tensors came, went and changed, what kind of change
//! it looks like, and whether a part of it looks planted rather than trained.
//!
//! Both are read once or twice, side by side, in blocks: memory is bounded whatever their size. Nothing in
//! them is run.
//!
//! What gives a planted change away: rows of single tokens (Kurita et al.: "Weight Poisoning Attacks on
//! Pre-trained Models", 2020; Yang et al.: "Be Careful about Poisoned Word Embeddings", 2021), matrices of
//! rank one that rewrite a fact (Meng et al.: "Locating and Editing Factual Associations in GPT", 2022) and
//! single neurons (Hong et al.: "Handcrafted Backdoors in Deep Neural Networks", 2022).

#[doc(hidden)]
pub mod assemble;
mod bits;
mod change;
mod model;
mod names;
mod nature;
mod rank;
mod rows;
mod shards;
mod signs;
#[cfg(test)]
mod tests;

use std::io;

use stance_core::Evidence;
use stance_core::fact::{Comparison, NotCompared, Reshaped, RowChange, TensorChange};

use change::{Change, Outcome};
pub use model::Model;
use model::Tensor;
use names::Prefix;
pub use shards::shards;

/// Bytes that are read for each byte of the files: tensors may share their elements, and a crafted file
/// may have very many that do.
const TIMES: u64 = 8;

/// Compares the tensors of the same name. `tuned_path` is what evidence names, `base_path` what it is held
/// against.
///
/// # Errors
/// When one of the files cannot be read.
pub fn compare(
    (base_path, base): (&str, &Model<'_>),
    (tuned_path, tuned): (&str, &Model<'_>),
) -> io::Result<Comparison> {
    let prefix = Prefix::between(base, tuned);
    let mut found = Found::default();
    let mut budget = base
        .bytes()
        .saturating_add(tuned.bytes())
        .saturating_mul(TIMES);
    for (name, after) in &tuned.tensors {
        let Some(before) = base.tensors.get(&prefix.of_tuned(name)) else {
            found.added.push(name.clone());
            continue;
        };
        if before.shape != after.shape {
            found.reshaped.push(Reshaped {
                name: name.clone(),
                base_dtype: before.dtype.clone(),
                base_shape: before.shape.clone(),
                dtype: after.dtype.clone(),
                shape: after.shape.clone(),
            });
            // A vocabulary that grew has the same rows before the new ones.
            if !has_rows_of_same_kind(before, after) {
                continue;
            }
        }
        let cost = before.cost().saturating_add(after.cost()).saturating_mul(2);
        let Some(rest) = budget.checked_sub(cost) else {
            found.not_compared.push(NotCompared {
                name: name.clone(),
                reason: "the tensors of these files lie over each other, and reading all of them \
                         would take too long"
                    .to_owned(),
            });
            continue;
        };
        budget = rest;
        match change::between(name, (base, before), (tuned, after))? {
            Outcome::Changed(change) => found.changed.push(*change),
            Outcome::Equal if before.shape == after.shape => {
                if before.dtype != after.dtype {
                    found
                        .converted
                        .push((before.dtype.clone(), after.dtype.clone()));
                }
                found.equal.push(name.clone());
            }
            Outcome::Equal => found.equal_rows = found.equal_rows.saturating_add(1),
            Outcome::NotCompared(reason) => found.not_compared.push(NotCompared {
                name: name.clone(),
                reason,
            }),
        }
    }
    let gone = base.tensors.keys();
    found.removed = gone
        .filter(|name| !tuned.tensors.contains_key(&prefix.of_base(name)))
        .cloned()
        .collect();
    let unread = base.not_compared.iter().chain(&tuned.not_compared);
    found.not_compared.extend(unread.cloned());
    Ok(told((base_path, base), (tuned_path, tuned), found))
}

/// Everything that differs, before it is told.
#[derive(Default)]
struct Found {
    equal: Vec<String>,
    /// Tensors of which only the number of rows differs.
    equal_rows: usize,
    /// Types before and after of tensors with equal numbers.
    converted: Vec<(String, String)>,
    added: Vec<String>,
    removed: Vec<String>,
    reshaped: Vec<Reshaped>,
    changed: Vec<Change>,
    not_compared: Vec<NotCompared>,
}

fn is_same_kind(before: &Tensor, after: &Tensor) -> bool {
    use stance_models::weights::Element;
    let kinds = [before, after].map(|tensor| Element::of(&tensor.dtype) != Element::Other);
    before.dtype == after.dtype || kinds == [true, true]
}

fn has_rows_of_same_kind(before: &Tensor, after: &Tensor) -> bool {
    match (&*before.shape, &*after.shape) {
        ([_, one @ ..], [_, other @ ..]) => {
            !one.is_empty() && one == other && is_same_kind(before, after)
        }
        _ => false,
    }
}

fn told(
    (base_path, _): (&str, &Model<'_>),
    (tuned_path, tuned): (&str, &Model<'_>),
    found: Found,
) -> Comparison {
    let evidence = |name: &str| {
        let Some(tensor) = tuned.tensors.get(name) else {
            return Evidence::file(tuned_path);
        };
        let what = format!("{name} {} {:?}", tensor.dtype, tensor.shape);
        match tuned.place(tensor) {
            Some((path, Some((at, length)))) => Evidence::bytes(path, at, length, what),
            Some((path, None)) => Evidence::file(path),
            None => Evidence::file(tuned_path),
        }
    };
    let (nature, detail, confidence) = nature::of(&found);
    let signs = signs::of(&found, &evidence);
    let changed = found
        .changed
        .iter()
        .map(|change| {
            let tensor = tuned.tensors.get(&change.name);
            let rows = change.rows.as_ref();
            let furthest = rows
                .filter(|_| change.is_number())
                .map(|rows| &*rows.furthest);
            TensorChange {
                name: change.name.clone(),
                dtype: tensor
                    .map(|tensor| tensor.dtype.clone())
                    .unwrap_or_default(),
                shape: tensor
                    .map(|tensor| tensor.shape.clone())
                    .unwrap_or_default(),
                elements: change.elements,
                changed: change.changed,
                largest: change
                    .is_number()
                    .then_some(change.largest)
                    .filter(|most| most.is_finite()),
                relative: change.relative(),
                similarity: change.similarity(),
                rows: rows.map(|rows| rows.rows),
                changed_rows: rows.map_or(0, |rows| rows.changed),
                furthest: furthest
                    .unwrap_or_default()
                    .iter()
                    .map(|(row, relative)| RowChange {
                        row: *row,
                        relative: *relative,
                    })
                    .collect(),
                rank: change.rank,
            }
        })
        .collect();
    Comparison {
        base: base_path.to_owned(),
        nature,
        detail,
        confidence,
        equal: found.equal.len() as u64,
        added: found.added,
        removed: found.removed,
        reshaped: found.reshaped,
        changed,
        not_compared: found.not_compared,
        signs,
        evidence: Evidence::file(tuned_path),
    }
}
