//! When things happened: one lane for each kind of event, one mark for each event.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::svg::{Canvas, across, coordinate, escape, href, name};
use crate::format;

/// Something that happened.
#[derive(Clone, Debug)]
pub struct Moment<'a> {
    /// When.
    pub at: Timestamp,
    /// Which lane it is in.
    pub lane: &'a str,
    /// What, in one sentence.
    pub label: &'a str,
    /// The class of its colour: `weakening`, `strengthening`, `critical`, or empty.
    pub class: &'a str,
    /// Where to read more.
    pub href: Option<&'a str>,
}

const LANE: f64 = 30.0;
/// Where time begins, as a share of the width; the names of the lanes stand before it.
const BEGIN: f64 = 0.2;

/// The events between two moments, in lanes that stand in the order in which they are first named.
#[must_use]
pub fn timeline(title: &str, from: Timestamp, to: Timestamp, moments: &[Moment<'_>]) -> String {
    let mut lanes: Vec<&str> = Vec::new();
    for moment in moments {
        if !lanes.contains(&moment.lane) {
            lanes.push(moment.lane);
        }
    }
    let floor = LANE * lanes.len() as f64;
    let span = (to.as_second() - from.as_second()).max(1) as f64;
    let x = |at: Timestamp| {
        let share = ((at.as_second() - from.as_second()) as f64 / span).clamp(0.0, 1.0);
        BEGIN + share * (0.985 - BEGIN)
    };
    let mut canvas = Canvas::new();
    canvas.raw(format_args!(
        r#"<figure class="chart"><svg width="100%" height="{}" role="group" aria-label="{}">"#,
        coordinate(floor + 22.0),
        name(title, 300)
    ));
    for (row, lane) in lanes.iter().enumerate() {
        let y = LANE * (row as f64 + 0.5);
        canvas
            .line("axis", (&across(BEGIN), y), ("100%", y))
            .raw(format_args!(
                r#"<svg x="0" y="{}" width="19%" height="{LANE}">"#,
                coordinate(y - LANE / 2.0)
            ))
            .text(
                "",
                ("0", LANE / 2.0 + 4.0),
                12.0,
                "start",
                &format::shorten(lane, 28),
            )
            .raw("</svg>");
    }
    for moment in moments {
        let Some(row) = lanes.iter().position(|lane| *lane == moment.lane) else {
            continue;
        };
        let words = escape(&format!(
            "{}: {}",
            format::spoken(moment.at),
            format::shorten(moment.label, 120)
        ));
        match moment.href {
            Some(address) => canvas.raw(format_args!(
                r#"<a href="{}" aria-label="{words}">"#,
                href(address)
            )),
            None => canvas.raw(format_args!(r#"<g role="img" aria-label="{words}">"#)),
        };
        let (x, y) = (across(x(moment.at)), LANE * (row as f64 + 0.5));
        let class = name(moment.class, 60);
        // A shape as well as a colour: what weakens is square, the rest is round.
        if matches!(moment.class, "weakening" | "critical" | "bad" | "failed") {
            canvas.raw(format_args!(
                r#"<svg x="{x}" y="{}" overflow="visible"><rect class="fill spot {class}" x="-5.5" y="-5.5" width="11" height="11" transform="rotate(45)"><title>{words}</title></rect></svg>"#,
                coordinate(y)
            ));
        } else {
            canvas.raw(format_args!(
                r#"<circle class="fill spot {class}" cx="{x}" cy="{}" r="6"><title>{words}</title></circle>"#,
                coordinate(y)
            ));
        }
        canvas.raw(if moment.href.is_some() {
            "</a>"
        } else {
            "</g>"
        });
    }
    let ends = [(from, BEGIN, "start"), (to, 1.0, "end")];
    for (at, share, anchor) in ends {
        canvas.text(
            "t2",
            (across(share), floor + 14.0),
            11.0,
            anchor,
            &format::date(at),
        );
    }
    canvas.raw("</svg>").raw(table(moments)).raw("</figure>");
    canvas.finish()
}

fn table(moments: &[Moment<'_>]) -> String {
    let mut rows = String::new();
    for moment in moments {
        let _ = write!(
            rows,
            "<tr><td>{}</td><td>{}</td><td>{}</td></tr>",
            format::spoken(moment.at),
            name(moment.lane, 60),
            name(moment.label, 200)
        );
    }
    format!(
        r#"<details class="chart-data"><summary>As a table</summary><table><thead><tr><th scope="col">When</th><th scope="col">Kind</th><th scope="col">What</th></tr></thead><tbody>{rows}</tbody></table></details>"#
    )
}
