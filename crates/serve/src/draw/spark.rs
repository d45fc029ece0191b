//! A sparkline: the shape of a figure over time, without axes.

use super::svg::{Canvas, across, coordinate, name};

/// Values, oldest first, as a small curve with its last value marked; `label` says in words what it shows. Fewer than two
/// values are a line of nothing.
#[must_use]
pub fn spark(label: &str, values: &[f64]) -> String {
    let values: Vec<f64> = values
        .iter()
        .copied()
        .filter(|value| value.is_finite())
        .collect();
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let span = if high > low { high - low } else { 1.0 };
    let steps = values.len().saturating_sub(1).max(1) as f64;
    // A flat curve runs through the middle.
    let down = |value: f64| {
        if high > low {
            26.0 - (value - low) / span * 22.0
        } else {
            15.0
        }
    };
    let mut canvas = Canvas::new();
    canvas.raw(format_args!(
        r#"<svg class="spark" width="100%" height="30" role="img" aria-label="{}">"#,
        name(label, 300)
    ));
    if let (Some(last), true) = (values.last(), values.len() > 1) {
        let points: Vec<String> = values
            .iter()
            .enumerate()
            .map(|(at, value)| {
                format!(
                    "{},{}",
                    coordinate(at as f64 / steps * 100.0),
                    coordinate(down(*value))
                )
            })
            .collect();
        let line = points.join(" ");
        canvas
            .raw(r#"<svg width="100%" height="30" viewBox="0 0 100 30" preserveAspectRatio="none">"#)
            .raw(format_args!(r#"<polygon class="band" points="0,30 {line} 100,30"/>"#))
            .raw(format_args!(
                r#"<polyline class="curve" points="{line}" vector-effect="non-scaling-stroke"/></svg>"#
            ))
            .raw(format_args!(
                r#"<circle class="point" cx="{}" cy="{}" r="3.5"/>"#,
                across(1.0),
                coordinate(down(*last))
            ));
    } else {
        canvas.line("target", ("0", 15.0), ("100%", 15.0));
    }
    canvas.raw("</svg>");
    canvas.finish()
}
