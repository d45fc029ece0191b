//! Columns over time, each of several parts: how much of what there was when.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::svg::{Canvas, across, coordinate, escape, href, name};
use crate::format;

/// One column.
#[derive(Clone, Debug)]
pub struct Column {
    /// When it begins.
    pub at: Timestamp,
    /// Its parts from the ground up, in the order of [`Columns::names`].
    pub parts: Vec<u64>,
    /// The list behind it.
    pub href: Option<String>,
}

/// What to draw.
#[derive(Clone, Debug)]
pub struct Columns<'a> {
    /// Begins the ids inside the drawing; unique on the page, letters and hyphens.
    pub id: &'a str,
    /// What is counted.
    pub title: &'a str,
    /// The class of the colour of each part, and what it is called.
    pub names: &'a [(&'a str, &'a str)],
    /// The columns, the oldest first.
    pub columns: &'a [Column],
    /// Whether columns are shorter than a day.
    pub hours: bool,
}

const HEIGHT: f64 = 178.0;
const TOP: f64 = 14.0;
const FLOOR: f64 = 150.0;
/// What is there is at least this high.
const LEAST: f64 = 2.0;

/// The least of 1, 2 and 5 times a power of ten that is at least this, and 1.
fn nice(step: f64) -> f64 {
    let power = 10_f64.powf(step.max(1.0).log10().floor());
    let factors = [1.0, 2.0, 5.0, 10.0].into_iter();
    factors
        .map(|factor| factor * power)
        .find(|nice| *nice >= step)
        .unwrap_or(step)
}

/// The drawing with its figures as a table.
#[must_use]
pub fn columns(drawn: &Columns<'_>) -> String {
    let total = |column: &Column| column.parts.iter().sum::<u64>();
    let most = drawn.columns.iter().map(total).max().unwrap_or_default();
    let step = nice(most as f64 / 3.0);
    let ceiling = (most as f64 / step).ceil().max(1.0) * step;
    let scale = |count: f64| count / ceiling * (FLOOR - TOP);
    let id = format::class(drawn.id);
    let all: u64 = drawn.columns.iter().map(total).sum();
    let mut canvas = Canvas::new();
    canvas.raw(format_args!(
        r#"<figure class="chart trend"><svg width="100%" height="{HEIGHT}" role="group" aria-labelledby="{id}-title {id}-desc"><title id="{id}-title">{}</title><desc id="{id}-desc">{} in all, at most {} at once.</desc>"#,
        name(drawn.title, 300),
        format::count(all),
        format::count(most)
    ));
    let mut tick = 0.0;
    while tick <= ceiling + step / 2.0 {
        let y = FLOOR - scale(tick);
        canvas.line("axis", ("0", y), ("100%", y));
        if tick > 0.0 {
            canvas.raw(format_args!(
                r#"<text class="t2" x="100%" dx="6" y="{}" font-size="11">{}</text>"#,
                coordinate(y + 4.0),
                format::compact(tick as u64)
            ));
        }
        tick += step;
    }
    let count = drawn.columns.len().max(1) as f64;
    for (place, column) in drawn.columns.iter().enumerate() {
        draw(
            &mut canvas,
            drawn,
            column,
            (place as f64 / count, 1.0 / count),
            scale,
        );
    }
    times(&mut canvas, drawn);
    canvas.raw("</svg>").raw(table(drawn)).raw("</figure>");
    canvas.finish()
}

fn draw(
    canvas: &mut Canvas,
    drawn: &Columns<'_>,
    column: &Column,
    (left, wide): (f64, f64),
    scale: impl Fn(f64) -> f64,
) {
    if column.parts.iter().all(|count| *count == 0) {
        return;
    }
    let words = escape(&words(drawn, column));
    match &column.href {
        Some(address) => canvas.raw(format_args!(
            r#"<a href="{}" aria-label="{words}">"#,
            href(address)
        )),
        None => canvas.raw(format_args!(r#"<g role="img" aria-label="{words}">"#)),
    };
    canvas.raw(format_args!("<title>{words}</title>"));
    canvas.rect(
        "ground",
        (across(left), TOP),
        (across(wide), FLOOR - TOP),
        0.0,
    );
    let mut floor = FLOOR;
    for (count, (class, _)) in column.parts.iter().zip(drawn.names) {
        if *count == 0 {
            continue;
        }
        let height = scale(*count as f64).max(LEAST);
        floor -= height;
        canvas.rect(
            class,
            (across(left + wide * 0.1), floor),
            (across(wide * 0.8), height),
            0.0,
        );
    }
    canvas.raw(if column.href.is_some() {
        "</a>"
    } else {
        "</g>"
    });
}

/// What a column says: `27 Nov 2026, 06:00 UTC: 41 allowed, 2 blocked`.
fn words(drawn: &Columns<'_>, column: &Column) -> String {
    let parts: Vec<String> = column
        .parts
        .iter()
        .zip(drawn.names)
        .rev()
        .filter(|(count, _)| **count > 0)
        .map(|(count, (_, label))| format!("{} {label}", format::count(*count)))
        .collect();
    format!("{}: {}", when(drawn, column.at), parts.join(", "))
}

fn when(drawn: &Columns<'_>, at: Timestamp) -> String {
    if drawn.hours {
        format::spoken(at)
    } else {
        format::date(at)
    }
}

/// The times under the axis: both ends and two between.
fn times(canvas: &mut Canvas, drawn: &Columns<'_>) {
    let (Some(first), Some(last)) = (drawn.columns.first(), drawn.columns.last()) else {
        return;
    };
    let within_a_day = last.at.as_second() - first.at.as_second() < 86_400;
    for (third, anchor) in [(0, "start"), (1, "middle"), (2, "middle"), (3, "end")] {
        let place = (drawn.columns.len() - 1) * third / 3;
        let Some(column) = drawn.columns.get(place) else {
            continue;
        };
        let label = if within_a_day {
            let time = format::time(column.at);
            time.get(..5).unwrap_or(&time).to_owned()
        } else {
            format::short_date(column.at, last.at)
        };
        let x = match third {
            0 => 0.0,
            3 => 1.0,
            _ => (place as f64 + 0.5) / drawn.columns.len() as f64,
        };
        canvas.text("t2", (across(x), FLOOR + 18.0), 11.0, anchor, &label);
    }
}

fn table(drawn: &Columns<'_>) -> String {
    let mut head = String::new();
    for (_, label) in drawn.names.iter().rev() {
        let _ = write!(
            head,
            r#"<th scope="col" class="r">{}</th>"#,
            name(label, 60)
        );
    }
    let mut rows = String::new();
    for column in drawn.columns.iter().rev() {
        if column.parts.iter().all(|count| *count == 0) {
            continue;
        }
        let _ = write!(rows, "<tr><td>{}</td>", escape(&when(drawn, column.at)));
        for count in column.parts.iter().rev() {
            let _ = write!(rows, r#"<td class="r">{}</td>"#, format::count(*count));
        }
        rows.push_str("</tr>");
    }
    format!(
        r#"<details class="chart-data"><summary>As a table</summary><table><thead><tr><th scope="col">From</th>{head}</tr></thead><tbody>{rows}</tbody></table></details>"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(parts: &[[u64; 2]]) -> String {
        let begin: Timestamp = "2026-11-27T06:00:00Z".parse().unwrap();
        let all: Vec<Column> = parts
            .iter()
            .enumerate()
            .map(|(hour, parts)| Column {
                at: begin + jiff::SignedDuration::from_hours(hour as i64),
                parts: parts.to_vec(),
                href: Some("/list?a=1&b=2".to_owned()),
            })
            .collect();
        columns(&Columns {
            id: "c",
            title: "Things <b>",
            names: &[("d-block", "blocked"), ("d-allow", "allowed")],
            columns: &all,
            hours: true,
        })
    }

    #[test]
    fn a_column_says_what_it_counts_and_leads_to_its_list() {
        let svg = drawn(&[[0, 0], [1, 1_000_000]]);
        assert!(svg.contains("1,000,000 allowed, 1 blocked"), "{svg}");
        assert!(svg.contains(r#"href="/list?a=1&amp;b=2""#), "{svg}");
        assert!(svg.contains("Things &lt;b&gt;"), "{svg}");
        assert_eq!(
            svg.matches("<a ").count(),
            1,
            "nothing is nothing to look at"
        );
        // What is one in a million is seen.
        assert!(svg.contains(r#"class="d-block" x="55%" y="148""#), "{svg}");
    }

    #[test]
    fn nothing_is_drawn_without_panic() {
        assert!(drawn(&[]).contains("0 in all"));
        assert!(drawn(&[[0, 0]]).contains("0 in all"));
        assert!(drawn(&[[u64::MAX / 4, 1]]).contains("chart"));
    }
}
