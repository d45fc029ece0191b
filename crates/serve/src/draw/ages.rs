//! How old what is open is: columns of time, each stacked by severity.

use std::fmt::Write as _;

use stance_core::Severity;

use super::svg::{Canvas, across, name};
use crate::format;

/// A span of ages.
#[derive(Clone, Debug)]
pub struct Column<'a> {
    /// What it is called: `8–30 d`.
    pub label: &'a str,
    /// How many there are by severity.
    pub counts: Vec<(Severity, u64)>,
}

const HEIGHT: f64 = 150.0;
const FLOOR: f64 = 126.0;
const CEILING: f64 = 20.0;

/// The columns, the youngest first, with their sums above them and their figures as a table.
#[must_use]
pub fn ages(title: &str, columns: &[Column<'_>]) -> String {
    let sums: Vec<u64> = columns
        .iter()
        .map(|column| column.counts.iter().map(|(_, count)| count).sum())
        .collect();
    let most = sums.iter().copied().max().unwrap_or(0).max(1);
    let share = 1.0 / columns.len().max(1) as f64;
    let mut canvas = Canvas::new();
    canvas
        .raw(format_args!(
            r#"<figure class="chart"><svg width="100%" height="{HEIGHT}" role="img" aria-label="{}">"#,
            name(title, 300)
        ))
        .line("axis", ("0", FLOOR), ("100%", FLOOR));
    for (at, (column, sum)) in columns.iter().zip(&sums).enumerate() {
        let middle = across(share * (at as f64 + 0.5));
        let mut floor = FLOOR;
        for severity in Severity::ALL {
            let count: u64 = column
                .counts
                .iter()
                .filter(|(of, _)| *of == severity)
                .map(|(_, count)| count)
                .sum();
            if count == 0 {
                continue;
            }
            let height = ((FLOOR - CEILING) * count as f64 / most as f64).max(2.0);
            floor -= height;
            canvas.rect(
                &format!("fill {}", severity.name()),
                (across(share * (at as f64 + 0.16)), floor),
                (across(share * 0.68), height - 1.0),
                1.5,
            );
        }
        canvas
            .text(
                "halo",
                (&middle, floor - 6.0),
                12.0,
                "middle",
                &format::compact(*sum),
            )
            .text(
                "t2",
                (&middle, FLOOR + 17.0),
                11.0,
                "middle",
                &format::shorten(column.label, 14),
            );
    }
    canvas.raw("</svg>").raw(table(columns)).raw("</figure>");
    canvas.finish()
}

fn table(columns: &[Column<'_>]) -> String {
    let mut rows = String::new();
    for column in columns {
        let _ = write!(
            rows,
            r#"<tr><th scope="row">{}</th>"#,
            name(column.label, 40)
        );
        for severity in Severity::ALL {
            let count: u64 = column
                .counts
                .iter()
                .filter(|(of, _)| *of == severity)
                .map(|(_, count)| count)
                .sum();
            let _ = write!(rows, r#"<td class="r">{}</td>"#, format::count(count));
        }
        rows.push_str("</tr>");
    }
    let mut heads = String::new();
    for severity in Severity::ALL {
        let _ = write!(heads, r#"<th scope="col" class="r">{severity}</th>"#);
    }
    format!(
        r#"<details class="chart-data"><summary>As a table</summary><table><thead><tr><th scope="col">Age</th>{heads}</tr></thead><tbody>{rows}</tbody></table></details>"#
    )
}
