//! What a change gives away. Ordinary training moves nearly every number of what it trains; who plants
//! something changes as little as he can.

use stance_core::fact::{ChangeSign, ChangeSignKind};
use stance_core::{Confidence, Evidence};

use super::Found;
use super::change::Change;
use super::names::{is_of_tokens, role};
use super::nature::EDITED;
use super::rows::{Few, RowFacts};
use stance_models::weights::blocks;

/// Numbers below which a direction says nothing.
const LEAST: u64 = 1024;
/// Cosine below which a tensor has nothing in common with the one before.
const REPLACED: f64 = 0.1;
/// Tensors with emptied or repeated blocks beyond which a model was pruned or grown as a whole.
const BLOCKS: usize = 4;
/// Rows that are named in words.
const NAMED: usize = 12;

/// A sign without its place.
struct Seen {
    kind: ChangeSignKind,
    confidence: Confidence,
    detail: String,
    rows: Vec<u64>,
}

/// How much else was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Company {
    /// Nothing was trained.
    Alone,
    /// A few tensors were trained as a whole.
    Few,
    /// Much was.
    Many,
}

pub(super) fn of(found: &Found, evidence: &dyn Fn(&str) -> Evidence) -> Vec<ChangeSign> {
    let trained = found.trained();
    let company = match trained.len() {
        0 if !found.equal.is_empty() || found.changed.len() > 1 => Company::Alone,
        0 => Company::Few,
        count if count <= found.compared() / 10 => Company::Few,
        _ => Company::Many,
    };
    let is_edit = is_edit(found, &trained);
    let blocks = found.changed.iter().filter(|change| {
        let rows = change.rows.as_ref();
        rows.is_some_and(|rows| !(rows.blocks.is_empty() && rows.dead_columns.is_empty()))
    });
    let blocks = blocks.count();
    let mut signs = Vec::new();
    for change in &found.changed {
        let is_trained = trained.iter().any(|one| std::ptr::eq(*one, change));
        let seen = low_bits(change)
            .or_else(|| edit(change, is_edit && is_trained, trained.len()))
            .or_else(|| block(change, company, blocks <= BLOCKS))
            .or_else(|| (!is_trained).then(|| few(change, company)).flatten())
            .or_else(|| outstanding(change))
            .or_else(|| replaced(change, found));
        if let Some(seen) = seen {
            signs.push(ChangeSign {
                kind: seen.kind,
                tensor: change.name.clone(),
                confidence: seen.confidence,
                evidence: evidence(&change.name),
                detail: seen.detail,
                rows: seen.rows,
            });
        }
    }
    signs
}

fn low_bits(change: &Change) -> Option<Seen> {
    let (bits, were_used) = change.low_bits?;
    let which = match bits {
        1 => "the lowest bit".to_owned(),
        bits => format!("the {bits} lowest bits"),
    };
    let detail = format!(
        "differs in {which} of its numbers only, in {} of {}: bits were replaced, where training and \
         rounding carry into higher ones",
        change.changed, change.elements
    );
    Some(Seen {
        kind: ChangeSignKind::LowBits,
        // Digits that were cut off before come back where the base model is the copy.
        confidence: if were_used {
            Confidence::High
        } else {
            Confidence::Medium
        },
        detail,
        rows: Vec::new(),
    })
}

/// Whether the change is that of single facts: few matrices of one kind, each by a small rank, and nothing
/// else was trained.
fn is_edit(found: &Found, trained: &[&Change]) -> bool {
    let Some(first) = trained.first().map(|change| role(&change.name)) else {
        return false;
    };
    let is_of_kind = |name: &str| role(name) == first;
    let others = found.equal.iter().filter(|name| is_of_kind(name)).count();
    trained.len() <= EDITED
        && trained.iter().all(|change| change.rank.is_some() && is_of_kind(&change.name))
        // Adapters are put into every layer.
        && others >= trained.len().max(2)
}

fn edit(change: &Change, is_edit: bool, count: usize) -> Option<Seen> {
    let rank = change.rank.filter(|_| is_edit)?;
    let how = match rank {
        0 | 1 => "the product of two vectors".to_owned(),
        rank => format!("a product of narrow matrices (rank {rank})"),
    };
    Some(Seen {
        kind: ChangeSignKind::RankOneEdit,
        confidence: if rank <= 2 && count == 1 {
            Confidence::Medium
        } else {
            Confidence::Low
        },
        detail: format!(
            "differs by {how}, and its like in other layers do not: so a fact is rewritten in a model"
        ),
        rows: Vec::new(),
    })
}

fn block(change: &Change, company: Company, is_rare: bool) -> Option<Seen> {
    let rows = change.rows.as_ref()?;
    let confidence = match company {
        Company::Alone if is_rare && !is_of_tokens(&change.name) => Confidence::Medium,
        _ => Confidence::Low,
    };
    let of = |repeated: bool| -> Vec<_> {
        let wanted = rows
            .blocks
            .iter()
            .filter(|block| block.repeats.is_some() == repeated);
        wanted.copied().collect()
    };
    let (dead, repeated) = (of(false), of(true));
    let told = |blocks: &[blocks::Block], what: &str| blocks::told(blocks, what);
    let (kind, what) = if let Some(what) = told(&repeated, "rows") {
        (
            ChangeSignKind::RepeatedBlock,
            format!("of its {} rows, {what}, and did not before", rows.rows),
        )
    } else if let Some(what) = told(&dead, "rows") {
        (
            ChangeSignKind::DeadBlock,
            format!("of its {} rows, {what}, and were not before", rows.rows),
        )
    } else {
        let what = told(&rows.dead_columns, "columns")?;
        (
            ChangeSignKind::DeadBlock,
            format!("of its {} columns, {what}, and were not before", rows.width),
        )
    };
    Some(Seen {
        kind,
        confidence,
        detail: what,
        rows: Vec::new(),
    })
}

fn few(change: &Change, company: Company) -> Option<Seen> {
    let confidence = match company {
        Company::Alone => Confidence::Medium,
        Company::Few => Confidence::Low,
        // Where the rest was trained, rows that were not touched are ordinary: of tokens that never came.
        Company::Many => return None,
    };
    let rows = change.rows.as_ref();
    let Some((rows, few)) = rows.and_then(|rows| Some((rows, rows.few.as_ref()?))) else {
        let detail = format!(
            "differs in {} of its {} numbers only",
            change.changed, change.elements
        );
        return change.has_few_elements().then_some(Seen {
            kind: ChangeSignKind::FewElements,
            confidence,
            detail,
            rows: Vec::new(),
        });
    };
    let (kind, changed, which) = match few {
        Few::Rows(changed) => (ChangeSignKind::FewRows, changed.clone(), "row"),
        Few::Columns(changed) => (ChangeSignKind::FewColumns, changed.clone(), "column"),
        Few::Stretch(first, length) => {
            let end = first.saturating_add(*length);
            let changed = (*first..end).take(ChangeSign::ROWS).collect();
            (ChangeSignKind::FewRows, changed, "row")
        }
    };
    let all = if which == "row" {
        rows.rows
    } else {
        rows.width
    };
    let detail = format!(
        "differs in {} of {all} only{}",
        match few {
            Few::Stretch(first, length) => {
                let last = first.saturating_add(*length).saturating_sub(1);
                format!("rows {first} to {last}")
            }
            _ => named(which, &changed),
        },
        moved(change, rows)
    );
    if is_new(change, rows, few) {
        return Some(Seen {
            kind: ChangeSignKind::NewRows,
            confidence: Confidence::Low,
            detail: format!("{detail}: its last ones, as of tokens that were added"),
            rows: changed,
        });
    }
    Some(Seen {
        kind,
        confidence,
        detail,
        rows: changed,
    })
}

/// How far the rows moved.
fn moved(change: &Change, rows: &RowFacts) -> String {
    match rows.furthest.first() {
        Some((_, distance)) if change.is_number() => {
            format!(", by up to {distance:.2} times the length of a row")
        }
        _ => String::new(),
    }
}

/// Whether the rows that differ are the last ones of a vocabulary.
fn is_new(change: &Change, rows: &RowFacts, few: &Few) -> bool {
    let (first, count) = match few {
        Few::Rows(changed) => match changed.first() {
            Some(first) => (*first, changed.len() as u64),
            None => return false,
        },
        Few::Stretch(first, length) => (*first, *length),
        Few::Columns(_) => return false,
    };
    is_of_tokens(&change.name) && first.checked_add(count) == Some(rows.rows)
}

fn outstanding(change: &Change) -> Option<Seen> {
    let rows = change.rows.as_ref().filter(|_| change.is_number())?;
    let found = rows.outstanding.as_ref()?;
    let detail = format!(
        "has {} that moved {:.0} times as far as the next one or more{}",
        named("row", &found.rows),
        found.gap.min(1e6),
        moved(change, rows)
    );
    let (kind, confidence) = if found.were_unused {
        (ChangeSignKind::NewRows, Confidence::Low)
    } else {
        (ChangeSignKind::OutstandingRows, Confidence::Medium)
    };
    Some(Seen {
        kind,
        confidence,
        detail: if found.were_unused {
            format!("{detail}, and were hardly used before")
        } else {
            detail
        },
        rows: found.rows.clone(),
    })
}

fn replaced(change: &Change, found: &Found) -> Option<Seen> {
    let similarity = change
        .similarity()
        .filter(|similarity| *similarity < REPLACED)?;
    let unlike = |change: &&Change| change.similarity().is_some_and(|other| other < REPLACED);
    let count = found.changed.iter().filter(unlike).count();
    // Where most tensors are new, it is another model.
    (change.elements >= LEAST && count <= found.compared() / 4).then(|| Seen {
        kind: ChangeSignKind::Replaced,
        confidence: Confidence::Low,
        detail: format!(
            "has nothing in common with the one before (cosine {similarity:.2}): it was replaced, or \
             started anew as heads are for another task"
        ),
        rows: Vec::new(),
    })
}

/// `row 7`, `rows 1, 2 and 9 more`.
fn named(what: &str, numbers: &[u64]) -> String {
    if let [number] = numbers {
        return format!("{what} {number}");
    }
    let shown: Vec<String> = numbers.iter().take(NAMED).map(u64::to_string).collect();
    let more = numbers.len().saturating_sub(shown.len());
    let shown = shown.join(", ");
    if more > 0 {
        format!("{what}s {shown} and {more} more")
    } else {
        format!("{what}s {shown}")
    }
}
