//! Horizontal bars: which of them is the largest.

use super::svg::{Canvas, across, coordinate, escape, fit, href, name};
use crate::format;

/// A bar.
#[derive(Clone, Debug)]
pub struct Bar<'a> {
    /// What it is called.
    pub label: &'a str,
    /// The class of its colour: `fill critical`, `fill-accent`.
    pub class: &'a str,
    /// How long it is.
    pub count: u64,
    /// The list behind it.
    pub href: Option<&'a str>,
}

const ROW: f64 = 26.0;

/// The bars below each other, in the order given, with their labels before and their counts behind them. `title` says what
/// they show.
#[must_use]
pub fn bars(title: &str, bars: &[Bar<'_>]) -> String {
    let most = bars.iter().map(|bar| bar.count).max().unwrap_or(0).max(1);
    let height = coordinate(ROW * bars.len() as f64);
    let mut canvas = Canvas::new();
    canvas.raw(format_args!(
        r#"<figure class="chart"><svg width="100%" height="{height}" role="group" aria-label="{}">"#,
        name(title, 300)
    ));
    for (row, bar) in bars.iter().enumerate() {
        let top = ROW * row as f64;
        let words = format!(
            "{} {}",
            format::shorten(bar.label, 200),
            format::count(bar.count)
        );
        match bar.href {
            Some(address) => canvas.raw(format_args!(
                r#"<a href="{}" aria-label="{}">"#,
                href(address),
                escape(&words)
            )),
            None => canvas.raw(format_args!(
                r#"<g role="img" aria-label="{}">"#,
                escape(&words)
            )),
        };
        // The label is clipped by a viewport of its own, whatever the font. The words above hold what is drawn, in its order.
        canvas
            .rect("ground", ("0", top), ("100%", ROW), 0.0)
            .raw(format_args!(
                r#"<svg x="0" y="{}" width="38%" height="{ROW}">"#,
                coordinate(top)
            ))
            .text("", ("0", 17.0), 12.5, "start", &fit(bar.label, 190.0, 12.5))
            .raw("</svg> ")
            .rect("track", ("40%", top + 9.0), ("50%", 8.0), 4.0)
            .rect(
                &name(bar.class, 60),
                ("40%", top + 9.0),
                (across(bar.count as f64 / most as f64 * 0.5), 8.0),
                4.0,
            )
            .text(
                "",
                ("100%", top + 17.0),
                12.5,
                "end",
                &format::compact(bar.count),
            )
            .raw(if bar.href.is_some() { "</a>" } else { "</g>" });
    }
    canvas.raw("</svg></figure>");
    canvas.finish()
}
