//! For people at a terminal: what kind of change it is, which tensors differ and how much, what stands out.

use stance_core::fact::{ChangeNature, Comparison, TensorChange};

use super::Compared;
use crate::output::Style;
use crate::output::printable::printable;
use crate::output::tally::grouped;
use crate::output::text::{self, Paint, wrap};

/// Columns of the labels.
const LABELS: usize = 13;

/// Entries of a list that are shown without `-v`.
const SHORT: usize = 12;

/// The whole answer.
#[must_use]
pub fn render(compared: &Compared, style: &Style) -> String {
    let paint = Paint::new(style.color);
    let mut page = Page {
        out: String::new(),
        style,
        paint,
    };
    if !style.quiet {
        page.write(compared);
    }
    text::findings(&mut page.out, &compared.findings, style, paint);
    page.out
}

struct Page<'s> {
    out: String,
    style: &'s Style,
    paint: Paint,
}

impl Page<'_> {
    fn write(&mut self, compared: &Compared) {
        let comparison = &compared.comparison;
        let names = format!(
            "{} against {}\n\n",
            self.paint.strong(printable(&compared.tuned)),
            self.paint.strong(printable(&compared.base))
        );
        self.out.push_str(&names);
        let sure = match comparison.nature {
            ChangeNature::Identical | ChangeNature::NotComparable => String::new(),
            _ => format!(" (confidence {})", comparison.confidence.name()),
        };
        self.entry("change", &format!("{}{sure}", title(comparison.nature)));
        self.entry("", &comparison.detail);
        self.entry("tensors", &counts(comparison));
        let mut changed: Vec<&TensorChange> = comparison.changed.iter().collect();
        changed.sort_by(|one, other| {
            let by = |change: &TensorChange| change.relative.unwrap_or_default();
            by(other)
                .total_cmp(&by(one))
                .then_with(|| one.name.cmp(&other.name))
        });
        self.list("changed", changed.into_iter().map(told));
        let reshaped = comparison.reshaped.iter().map(|tensor| {
            format!(
                "{}  {} {:?}, was {} {:?}",
                tensor.name, tensor.dtype, tensor.shape, tensor.base_dtype, tensor.base_shape
            )
        });
        self.list("reshaped", reshaped);
        self.list("added", comparison.added.iter().cloned());
        self.list("removed", comparison.removed.iter().cloned());
        let left = comparison.not_compared.iter();
        self.list(
            "not compared",
            left.map(|one| format!("{}: {}", one.name, one.reason)),
        );
        self.out.push('\n');
    }

    fn list(&mut self, label: &str, mut entries: impl Iterator<Item = String>) {
        let most = if self.style.verbose > 0 {
            usize::MAX
        } else {
            SHORT
        };
        for (index, entry) in entries.by_ref().take(most).enumerate() {
            self.entry(if index == 0 { label } else { "" }, &entry);
        }
        let left = entries.count();
        if left > 0 {
            let more = format!("and {} more; `-v` shows them all", grouped(left as u64));
            let more = self.paint.dim(more);
            self.out.push_str(&format!("{:LABELS$}    {more}\n", ""));
        }
    }

    /// `  label  value`, wrapped under its start.
    fn entry(&mut self, label: &str, value: &str) {
        let room = self.style.width.saturating_sub(LABELS + 4);
        for (index, line) in wrap(&printable(value), room).into_iter().enumerate() {
            let label = if index == 0 { label } else { "" };
            let label = self.paint.dim(format!("{label:LABELS$}"));
            self.out.push_str(&format!("  {label}  {line}\n"));
        }
    }
}

/// What a change is called.
const fn title(nature: ChangeNature) -> &'static str {
    match nature {
        ChangeNature::Identical => "none",
        ChangeNature::NotComparable => "not comparable",
        ChangeNature::Converted => "conversion to another precision",
        ChangeNature::Pruned => "pruning",
        ChangeNature::Edited => "edit of a few weights",
        ChangeNature::LowRank => "low-rank update",
        ChangeNature::PartlyTrained => "training of a part",
        ChangeNature::Trained => "training of the whole model",
        ChangeNature::Extended => "tensors added or removed",
        ChangeNature::Unrelated => "another model",
    }
}

fn counts(comparison: &Comparison) -> String {
    let mut parts = vec![format!("{} equal", grouped(comparison.equal))];
    for (count, what) in [
        (comparison.changed.len(), "changed"),
        (comparison.reshaped.len(), "of another shape"),
        (comparison.added.len(), "added"),
        (comparison.removed.len(), "removed"),
        (comparison.not_compared.len(), "not compared"),
    ] {
        if count > 0 {
            parts.push(format!("{} {what}", grouped(count as u64)));
        }
    }
    parts.join(", ")
}

/// One tensor on one line.
fn told(change: &TensorChange) -> String {
    let share = 100.0 * change.changed as f64 / change.elements.max(1) as f64;
    let share = match share {
        share if share >= 99.95 => "all of it".to_owned(),
        share if share >= 0.1 => format!("{share:.1}% of it"),
        _ => format!(
            "{} of {} numbers",
            grouped(change.changed),
            grouped(change.elements)
        ),
    };
    let mut parts = vec![share];
    if let Some(rows) = change.rows.filter(|rows| change.changed_rows < *rows) {
        parts.push(format!(
            "in {} of {} rows",
            grouped(change.changed_rows),
            grouped(rows)
        ));
    }
    if let Some(relative) = change.relative {
        parts.push(format!("moved by {:.3}% of its length", 100.0 * relative));
    }
    if let Some(rank) = change.rank.filter(|rank| *rank > 0) {
        parts.push(format!("rank {rank}"));
    }
    if let [first, ..] = &*change.furthest
        && change.rows.is_some_and(|rows| rows >= 64)
    {
        parts.push(format!(
            "row {} furthest, by {:.1}%",
            first.row,
            100.0 * first.relative
        ));
    }
    format!(
        "{}  {} {:?}  {}",
        change.name,
        change.dtype,
        change.shape,
        parts.join(", ")
    )
}
