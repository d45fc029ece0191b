//! What a change looks like as a whole.

use std::collections::{BTreeMap, BTreeSet};

use stance_core::Confidence;
use stance_core::fact::{ChangeNature, Reshaped};

use super::Found;
use super::change::Change;
use super::names::{is_of_tokens, role};

/// Cosine below which two tensors have little in common.
const UNLIKE: f64 = 0.3;
/// Matrices that an edit of single facts changes at most.
pub(super) const EDITED: usize = 8;
/// Roles that are named.
const NAMED: usize = 4;

impl Change {
    /// Whether only a few of its rows, columns or numbers differ.
    pub(super) fn is_confined(&self) -> bool {
        self.is_in_rows() || self.has_few_elements()
    }

    /// Whether only a few of its rows or columns differ.
    fn is_in_rows(&self) -> bool {
        let rows = self.rows.as_ref();
        rows.is_some_and(|rows| rows.few.is_some() || rows.is_in_blocks())
    }

    /// Whether only a few of its numbers differ.
    pub(super) fn has_few_elements(&self) -> bool {
        self.changed.saturating_mul(8) <= self.elements
            && self.changed <= (self.elements / 10_000).max(8)
    }

    fn is_matrix(&self) -> bool {
        let is_wide = |rows: &super::rows::RowFacts| rows.rows.min(rows.width) >= 16;
        self.is_number() && self.rows.as_ref().is_some_and(is_wide)
    }

    fn is_unlike(&self) -> bool {
        self.elements >= 64
            && self
                .similarity()
                .is_some_and(|similarity| similarity < UNLIKE)
    }
}

impl Found {
    /// Tensors of which more than a few rows or numbers differ: those that were trained.
    pub(super) fn trained(&self) -> Vec<&Change> {
        let spread = |change: &&Change| change.has_few_elements() && !change.is_in_rows();
        // Steps too small for the type reach a few numbers of every tensor.
        let is_spread = self.changed.iter().filter(spread).count() > (self.compared() / 4).max(4);
        self.changed
            .iter()
            .filter(|change| {
                let is_confined = change.is_confined() && !(is_spread && spread(change));
                change.elements > 1 && !is_confined
            })
            .collect()
    }

    /// How many tensors were compared.
    pub(super) fn compared(&self) -> usize {
        self.equal.len().saturating_add(self.changed.len())
    }
}

pub(super) fn of(found: &Found) -> (ChangeNature, String, Confidence) {
    let (nature, mut detail, confidence) = whole(found);
    if nature != ChangeNature::NotComparable {
        for more in beside(found) {
            detail.push_str("; ");
            detail.push_str(&more);
        }
    }
    (nature, detail, confidence)
}

fn whole(found: &Found) -> (ChangeNature, String, Confidence) {
    let compared = found.compared();
    if compared == 0 && found.equal_rows == 0 {
        return (
            ChangeNature::NotComparable,
            why_not(found),
            Confidence::High,
        );
    }
    if found.changed.is_empty() {
        return unchanged(found);
    }
    if let Some(narrow) = all(found, |change| change.rounded) {
        let detail = format!("the same numbers, rounded to {narrow}");
        return (ChangeNature::Converted, detail, Confidence::High);
    }
    let trained = found.trained();
    if trained.is_empty() {
        let detail = format!(
            "{} of {compared} tensors differ, and only in a few rows or numbers each",
            found.changed.len()
        );
        return (ChangeNature::Edited, detail, Confidence::High);
    }
    if trained.iter().all(|change| change.changed == change.zeroed) {
        let zeroed = trained
            .iter()
            .map(|change| change.zeroed)
            .fold(0, u64::saturating_add);
        let elements = trained
            .iter()
            .map(|change| change.elements)
            .fold(0, u64::saturating_add);
        let share = 100.0 * zeroed as f64 / elements.max(1) as f64;
        let detail = format!(
            "{share:.1}% of the numbers of {} tensors were set to zero",
            trained.len()
        );
        return (ChangeNature::Pruned, detail, Confidence::High);
    }
    let unlike = trained.iter().filter(|change| change.is_unlike()).count();
    if unlike.saturating_mul(2) >= compared && compared > 1 {
        let detail =
            format!("{unlike} of {compared} tensors have little in common but their names");
        return (ChangeNature::Unrelated, detail, Confidence::Medium);
    }
    if let Some(low_rank) = low_rank(&trained) {
        return low_rank;
    }
    let names = roles(&trained);
    if found.equal.len().saturating_mul(4) >= compared {
        let detail = format!(
            "{} of {compared} tensors were trained: {names}",
            trained.len()
        );
        return (ChangeNature::PartlyTrained, detail, Confidence::Medium);
    }
    let mut moved: Vec<f64> = trained
        .iter()
        .filter_map(|change| change.relative())
        .collect();
    moved.sort_by(f64::total_cmp);
    let middle = moved.get(moved.len() / 2).copied().unwrap_or_default();
    let detail = format!(
        "{} of {compared} tensors were trained; the middle one moved by {:.2}% of its length",
        trained.len(),
        100.0 * middle
    );
    (ChangeNature::Trained, detail, Confidence::Medium)
}

fn unchanged(found: &Found) -> (ChangeNature, String, Confidence) {
    let equal = found.equal.len();
    if let Some((before, after)) = found.converted.first() {
        let detail = format!("the same numbers, as {after} instead of {before}");
        return (ChangeNature::Converted, detail, Confidence::High);
    }
    let has_others =
        !(found.added.is_empty() && found.removed.is_empty() && found.reshaped.is_empty());
    if has_others {
        let both = equal.saturating_add(found.equal_rows);
        let detail = format!("the {both} tensors that both have are equal as far as both go");
        return (ChangeNature::Extended, detail, Confidence::High);
    }
    if found.not_compared.is_empty() {
        return (
            ChangeNature::Identical,
            format!("all {equal} tensors are equal"),
            Confidence::High,
        );
    }
    let all = equal.saturating_add(found.not_compared.len());
    let detail = format!(
        "of {all} tensors {} were not compared: {}",
        found.not_compared.len(),
        why_not(found)
    );
    (ChangeNature::NotComparable, detail, Confidence::High)
}

/// Why nothing was compared.
fn why_not(found: &Found) -> String {
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for one in &found.not_compared {
        let count = reasons.entry(&one.reason).or_default();
        *count = count.saturating_add(1);
    }
    match reasons.into_iter().max_by_key(|(_, count)| *count) {
        Some((reason, _)) => reason.to_owned(),
        None if found.reshaped.is_empty() => "no tensor has the same name in both; files of one \
             format and one library can be compared, as each names its tensors its own way"
            .to_owned(),
        None => {
            "every tensor has another shape: it is another model, or a quantised one".to_owned()
        }
    }
}

/// Vocabulary, additions and removals.
fn beside(found: &Found) -> Vec<String> {
    let mut more = Vec::new();
    let grew = |tensor: &&Reshaped| is_of_tokens(&tensor.name);
    if let Some(tensor) = found.reshaped.iter().find(grew)
        && let (Some(before), Some(after)) = (tensor.base_shape.first(), tensor.shape.first())
        && before != after
    {
        let how = if after > before { "grew" } else { "shrank" };
        more.push(format!(
            "the vocabulary {how} from {before} to {after} tokens"
        ));
    }
    let adapters = found
        .added
        .iter()
        .filter(|name| name.contains("lora_"))
        .count();
    let added = found.added.len().saturating_sub(adapters);
    for (count, what) in [
        (adapters, "matrices of adapters (LoRA) were added"),
        (added, "tensors were added"),
        (found.removed.len(), "tensors were removed"),
    ] {
        if count > 0 {
            more.push(format!("{count} {what}"));
        }
    }
    more
}

/// What all changed tensors agree on.
fn all<T: PartialEq>(found: &Found, of: impl Fn(&Change) -> Option<T>) -> Option<T> {
    let mut values = found.changed.iter().map(of);
    let first = values.next()??;
    values
        .all(|value| value.as_ref() == Some(&first))
        .then_some(first)
}

/// Differences of small rank in nearly all matrices.
fn low_rank(trained: &[&Change]) -> Option<(ChangeNature, String, Confidence)> {
    let matrices: Vec<&&Change> = trained.iter().filter(|change| change.is_matrix()).collect();
    let ranks: Vec<u64> = matrices.iter().filter_map(|change| change.rank).collect();
    let most = ranks.iter().max()?;
    if ranks.len().saturating_mul(5) < matrices.len().saturating_mul(4) {
        return None;
    }
    let matter = if ranks.len() == 1 {
        "1 matrix differs"
    } else {
        "matrices differ"
    };
    let count = if ranks.len() == 1 {
        String::new()
    } else {
        format!("{} ", ranks.len())
    };
    let rank = if ranks.iter().all(|rank| rank == most) {
        format!("rank {most}")
    } else {
        format!("rank {most} at most")
    };
    let looks = if ranks.len() > EDITED {
        "as merged adapters (LoRA) do"
    } else {
        "as merged adapters (LoRA) and edits of single facts do"
    };
    let detail = format!("{count}{matter} by a product of narrow matrices ({rank}), {looks}");
    let confidence = if ranks.len() == matrices.len() && ranks.len() > 3 {
        Confidence::High
    } else {
        Confidence::Medium
    };
    Some((ChangeNature::LowRank, detail, confidence))
}

/// What was trained, in a few words.
fn roles(trained: &[&Change]) -> String {
    let roles: BTreeSet<String> = trained.iter().map(|change| role(&change.name)).collect();
    let more = roles.len().saturating_sub(NAMED);
    let mut named: Vec<String> = roles.into_iter().take(NAMED).collect();
    if more > 0 {
        named.push(format!("and {more} more"));
    }
    stance_core::evidence::shorten(&named.join(", "))
}
