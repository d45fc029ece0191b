//! The last runs of a source as a row of bars: how each ended, and how long it took.

use super::svg::{Canvas, coordinate, escape, href};

/// One run.
#[derive(Clone, Debug)]
pub struct Mark {
    /// Its page.
    pub href: String,
    /// The class of its colour: `good`, `bad`, `running` or `muted`.
    pub tone: &'static str,
    /// How long it took, in any unit that all of them share.
    pub size: f64,
    /// What it was, in words.
    pub label: String,
}

/// Width of a bar with the gap behind it, and height of the tallest.
const STEP: f64 = 9.0;
const TALL: f64 = 22.0;
const SHORT: f64 = 7.0;

/// Runs, the oldest first. What failed is a full bar with a notch, so that it shows without colour.
#[must_use]
pub fn strip(marks: &[Mark]) -> String {
    if marks.is_empty() {
        return String::new();
    }
    let longest = marks
        .iter()
        .map(|mark| mark.size)
        .filter(|size| size.is_finite())
        .fold(0.0, f64::max);
    let failed = marks.iter().filter(|mark| mark.tone == "bad").count();
    let label = match (marks.len(), failed) {
        (1, 0) => "The last run".to_owned(),
        (count, 0) => format!("The last {count} runs, none failed"),
        (count, failed) => format!("The last {count} runs, {failed} failed"),
    };
    let width = marks.len() as f64 * STEP;
    let mut canvas = Canvas::new();
    canvas.raw(format_args!(
        r#"<svg class="runs" width="{}" height="{}" role="group" aria-label="{}">"#,
        coordinate(width),
        coordinate(TALL),
        escape(&label)
    ));
    for (at, mark) in marks.iter().enumerate() {
        let share = if longest > 0.0 && mark.size.is_finite() {
            (mark.size / longest).sqrt()
        } else {
            0.0
        };
        let height = if mark.tone == "bad" {
            TALL
        } else {
            SHORT + (TALL - SHORT) * share
        };
        let x = coordinate(at as f64 * STEP);
        canvas
            .raw(format_args!(r#"<a href="{}">"#, href(&mark.href)))
            .raw(format_args!("<title>{}</title>", escape(&mark.label)))
            .rect("ground", (&x, 0.0), (STEP, TALL), 0.0)
            .rect(
                &format!("fill {}", mark.tone),
                (&x, TALL - height),
                (6, height),
                1.5,
            );
        if mark.tone == "bad" {
            canvas.rect("notch", (&x, 7.0), (6, 3.0), 0.0);
        }
        canvas.raw("</a>");
    }
    canvas.raw("</svg>");
    canvas.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(tone: &'static str, size: f64) -> Mark {
        Mark {
            href: "/runs/1".to_owned(),
            tone,
            size,
            label: "<b>".to_owned(),
        }
    }

    #[test]
    fn failures_show_without_colour_and_names_are_escaped() {
        let drawn = strip(&[mark("good", 4.0), mark("bad", 0.0), mark("good", f64::NAN)]);
        assert!(drawn.contains("The last 3 runs, 1 failed"), "{drawn}");
        assert_eq!(drawn.matches("class=\"notch\"").count(), 1);
        assert!(drawn.contains("&lt;b&gt;") && !drawn.contains("<b>"));
        assert!(!drawn.contains("NaN"));
        assert_eq!(strip(&[]), "");
    }
}
