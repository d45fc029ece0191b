//! What there is: one line a kind.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use stance_core::{Asset, AssetKind};

use super::paint::Paint;
use super::wrap::wrap;
use crate::output::printable::{printable, width};
use crate::output::tally::{Tally, counted, grouped};
use crate::output::{ScanReport, Style};

/// Names longer than this are cut.
const MAX_NAME: usize = 48;

/// Writes the inventory summary: kind, how many, the most important names.
pub(super) fn write(out: &mut String, report: &ScanReport, style: &Style, paint: Paint) {
    let tally = Tally::of(report);
    let kinds: Vec<AssetKind> = AssetKind::ALL
        .into_iter()
        .filter(|kind| tally.kind(*kind) > 0)
        .collect();
    let roots: Vec<_> = report.roots.iter().map(|root| printable(root)).collect();
    let total = counted(report.snapshot.assets.len(), "AI asset", "AI assets");
    out.push_str(&format!(
        "{} in {}\n\n",
        paint.strong(&total),
        paint.strong(roots.join(", "))
    ));
    if kinds.is_empty() {
        return;
    }
    let label = |kind: AssetKind| {
        if tally.kind(kind) == 1 {
            kind.name().replace('_', " ").replace("mcp", "MCP")
        } else {
            kind.plural().to_owned()
        }
    };
    let count = |kind: AssetKind| grouped(tally.kind(kind) as u64);
    let labels = kinds.iter().map(|kind| label(*kind).len()).max();
    let counts = kinds.iter().map(|kind| count(*kind).len()).max();
    let (labels, counts) = (labels.unwrap_or_default(), counts.unwrap_or_default());
    for kind in kinds {
        let taken = 2 + labels + 2 + counts + 2;
        let mut lines = names(report, kind, style, style.width.saturating_sub(taken)).into_iter();
        out.push_str(&format!(
            "  {:labels$}  {}  {}\n",
            label(kind),
            paint.strong(format!("{:>counts$}", count(kind))),
            lines.next().unwrap_or_default(),
        ));
        for line in lines {
            out.push_str(&format!("{:taken$}{line}\n", ""));
        }
    }
    out.push('\n');
}

/// The names of a kind, those of production and the most seen first: as many as
/// fit on one line, with `-v` all of them.
fn names(report: &ScanReport, kind: AssetKind, style: &Style, columns: usize) -> Vec<String> {
    let mut assets: Vec<&Asset> = report
        .snapshot
        .assets
        .values()
        .filter(|asset| asset.kind == kind)
        .collect();
    assets.sort_by_key(|asset| (asset.scope, Reverse(asset.occurrences), &asset.name));
    let mut met = BTreeSet::new();
    let all: Vec<String> = assets
        .iter()
        .filter(|asset| met.insert(&asset.name))
        .map(|asset| shortened(&printable(&asset.name)))
        .collect();
    if style.verbose > 0 {
        return wrap(&all.join(", "), columns);
    }
    let mut shown = String::new();
    for (index, name) in all.iter().enumerate() {
        let separator = if index == 0 { "" } else { ", " };
        let left = all.len() - index - 1;
        // Room for `, and 12,345 more`, unless this is the last name.
        let reserve = if left == 0 {
            0
        } else {
            11 + grouped(left as u64).len()
        };
        let fits = width(&shown) + separator.len() + width(name) + reserve <= columns;
        if index > 0 && !fits {
            shown.push_str(&format!(", and {} more", grouped((left + 1) as u64)));
            break;
        }
        shown.push_str(separator);
        shown.push_str(name);
    }
    vec![shown]
}

fn shortened(name: &str) -> String {
    if name.chars().count() <= MAX_NAME {
        return name.to_owned();
    }
    let head: String = name.chars().take(MAX_NAME - 1).collect();
    format!("{head}…")
}
