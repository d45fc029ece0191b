//! A bar of parts of a whole.

use super::svg::{Canvas, across, coordinate, name};
use crate::format;

/// A part of the whole.
#[derive(Clone, Debug)]
pub struct Part<'a> {
    /// The class of its colour: `met`, `no-evidence`, `fill critical`.
    pub class: &'a str,
    /// What it is called: `not met`.
    pub label: &'a str,
    /// How much of it there is.
    pub count: u64,
}

/// The parts side by side, with their counts in words: `31 met, 4 not met`. A part that is there is at least 0.6 % wide,
/// so that nothing is lost beside a million.
#[must_use]
pub fn stack(parts: &[Part<'_>]) -> String {
    let total: u64 = parts.iter().map(|part| part.count).sum();
    let words: Vec<String> = parts
        .iter()
        .filter(|part| part.count > 0)
        .map(|part| format!("{} {}", format::count(part.count), part.label))
        .collect();
    let label = if words.is_empty() {
        "nothing yet".to_owned()
    } else {
        words.join(", ")
    };
    let mut canvas = Canvas::new();
    canvas.raw(format_args!(
        r#"<svg class="bar" width="100%" height="10" role="img" aria-label="{}">"#,
        name(&label, 600)
    ));
    if total == 0 {
        canvas.rect("track", ("0", 0.0), ("100%", 10.0), 5.0);
    }
    let widths: Vec<f64> = parts
        .iter()
        .map(|part| match part.count {
            0 => 0.0,
            count => (count as f64 / total as f64).max(0.006),
        })
        .collect();
    let sum: f64 = widths.iter().sum();
    let last = parts.iter().rposition(|part| part.count > 0);
    let mut at = 0.0;
    for (index, (part, width)) in parts.iter().zip(&widths).enumerate() {
        if part.count == 0 {
            continue;
        }
        let share = width / sum;
        canvas.raw(format_args!(
            r#"<rect class="{}" x="{}" width="{}" height="10"><title>{}</title></rect>"#,
            name(part.class, 60),
            across(at),
            across(share),
            name(format!("{} {}", format::count(part.count), part.label), 120)
        ));
        at += share;
        if Some(index) != last {
            canvas.raw(format_args!(
                r#"<rect class="cut-line" x="{}" width="1.5" height="10"/>"#,
                across(at)
            ));
        }
    }
    canvas.raw("</svg>");
    canvas.finish()
}

/// The parts as a line of words with their colours, for beside or below the bar.
#[must_use]
pub fn legend(parts: &[Part<'_>]) -> String {
    let mut canvas = Canvas::new();
    canvas.raw(r#"<ul class="legend">"#);
    for part in parts.iter().filter(|part| part.count > 0) {
        canvas.raw(format_args!(
            r#"<li><svg width="10" height="10" aria-hidden="true"><rect class="{}" width="{}" height="10" rx="2"/></svg>{} {}</li>"#,
            name(part.class, 60),
            coordinate(10.0),
            format::count(part.count),
            name(part.label, 80)
        ));
    }
    canvas.raw("</ul>");
    canvas.finish()
}
