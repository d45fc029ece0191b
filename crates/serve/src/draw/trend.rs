//! A figure over time: its curve, the band it is certain to lie in, the target, and what happened on the way.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::svg::{Canvas, across, coordinate, escape, href, name};
use crate::format;

/// The figure at a moment.
#[derive(Clone, Copy, Debug)]
pub struct Point {
    /// When.
    pub at: Timestamp,
    /// The figure.
    pub value: f64,
    /// The least it can be; the same as the figure when it is exact.
    pub low: f64,
    /// The most it can be.
    pub high: f64,
}

/// Something that happened.
#[derive(Clone, Copy, Debug)]
pub struct Event<'a> {
    /// When.
    pub at: Timestamp,
    /// What, in one sentence.
    pub label: &'a str,
    /// Whether it was for the better: above 0, below 0, or neither.
    pub effect: f64,
    /// Where to read more.
    pub href: Option<&'a str>,
}

/// What to draw.
#[derive(Clone, Debug)]
pub struct Trend<'a> {
    /// Begins the ids inside the drawing; unique on the page, letters and hyphens.
    pub id: &'a str,
    /// What the figure is.
    pub title: &'a str,
    /// Its values, oldest first.
    pub points: &'a [Point],
    /// What it should reach.
    pub target: Option<f64>,
    /// What happened.
    pub events: &'a [Event<'a>],
    /// The least and the most there can be, `(0.0, 100.0)` for a score.
    pub bounds: (f64, f64),
    /// How a value is written.
    pub write: fn(f64) -> String,
}

const HEIGHT: f64 = 178.0;
const TOP: f64 = 26.0;
const FLOOR: f64 = 150.0;

/// Times across and values down, as shares and pixels.
struct Scale {
    from: f64,
    span: f64,
    low: f64,
    high: f64,
}

impl Scale {
    fn of(trend: &Trend<'_>) -> Self {
        let seconds = |at: Timestamp| at.as_second() as f64;
        let from = trend.points.first().map_or(0.0, |point| seconds(point.at));
        let to = trend.points.last().map_or(1.0, |point| seconds(point.at));
        let values = trend
            .points
            .iter()
            .flat_map(|point| [point.value, point.low, point.high])
            .chain(trend.target)
            .filter(|value| value.is_finite());
        let low = values.clone().fold(f64::INFINITY, f64::min);
        let high = values.fold(f64::NEG_INFINITY, f64::max);
        let (low, high) = if low <= high { (low, high) } else { (0.0, 1.0) };
        // A figure that never changed has room above and below it all the same.
        let step = nice((high - low).max(high.abs() * 0.02).max(1e-3) / 3.0);
        let (least, most) = trend.bounds;
        let floor = ((low - step * 0.25) / step).floor() * step;
        let ceiling = ((high + step * 0.25) / step).ceil() * step;
        let (floor, ceiling) = (floor.max(least), ceiling.min(most));
        Self {
            from,
            span: to - from,
            low: floor,
            high: if ceiling > floor {
                ceiling
            } else {
                floor + 1.0
            },
        }
    }

    fn x(&self, at: Timestamp) -> f64 {
        // The only point there is stands where the last one does.
        if self.span <= 0.0 {
            return 1.0;
        }
        ((at.as_second() as f64 - self.from) / self.span).clamp(0.0, 1.0)
    }

    fn y(&self, value: f64) -> f64 {
        let share = ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0);
        FLOOR - share * (FLOOR - TOP)
    }

    fn ticks(&self) -> Vec<f64> {
        let step = nice((self.high - self.low) / 3.0);
        let first = (self.low / step).ceil() as i64;
        (first..first + 8)
            .map(|tick| tick as f64 * step)
            .filter(|value| *value <= self.high + step * 1e-6)
            .collect()
    }
}

/// The least of 1, 2 and 5 times a power of ten that is at least this.
fn nice(step: f64) -> f64 {
    let power = 10_f64.powf(step.log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|factor| factor * power)
        .find(|nice| *nice >= step * 0.999)
        .unwrap_or(step)
}

/// The drawing with its figures as a table. Points without a value are left out.
#[must_use]
pub fn trend(trend: &Trend<'_>) -> String {
    let known: Vec<Point> = trend
        .points
        .iter()
        .filter(|point| {
            [point.value, point.low, point.high]
                .iter()
                .all(|value| value.is_finite())
        })
        .copied()
        .collect();
    let trend = &Trend {
        points: &known,
        ..trend.clone()
    };
    let scale = Scale::of(trend);
    let id = format::class(trend.id);
    let mut canvas = Canvas::new();
    canvas
        .raw(format_args!(
            r#"<figure class="chart trend"><svg width="100%" height="{HEIGHT}" role="group" aria-labelledby="{id}-title {id}-desc">"#
        ))
        .raw(format_args!(
            r#"<title id="{id}-title">{}</title><desc id="{id}-desc">{}</desc>"#,
            name(trend.title, 300),
            escape(&words(trend))
        ));
    let mut written = String::new();
    for tick in scale.ticks() {
        let label = (trend.write)(tick);
        if label == written {
            continue;
        }
        let y = scale.y(tick);
        canvas.line("axis", ("0", y), ("100%", y));
        // The label of the last value stands at the same edge.
        let crowded = trend
            .points
            .last()
            .is_some_and(|last| (scale.y(last.value) - y).abs() < 11.0);
        if !crowded {
            margin(&mut canvas, "t2", y, &label);
        }
        written = label;
    }
    days(&mut canvas, trend, &scale);
    marks(&mut canvas, trend.events, &scale);
    curve(&mut canvas, trend, &scale);
    if let Some(target) = trend.target {
        let y = scale.y(target);
        canvas.line("target", ("0", y), ("100%", y)).text(
            "t2 halo",
            ("0", y - 5.0),
            11.0,
            "start",
            &format!("target {}", (trend.write)(target)),
        );
    }
    if let Some(last) = trend.points.last() {
        let y = scale.y(last.value);
        canvas.raw(format_args!(
            r#"<circle class="point" cx="{}" cy="{}" r="4.5"/>"#,
            across(scale.x(last.at)),
            coordinate(y)
        ));
        margin(&mut canvas, "last", y, &(trend.write)(last.value));
    }
    canvas.raw("</svg>").raw(table(trend)).raw("</figure>");
    canvas.finish()
}

fn margin(canvas: &mut Canvas, class: &str, y: f64, text: &str) {
    canvas.raw(format_args!(
        r#"<text class="{class}" x="100%" dx="10" y="{}" font-size="11">{}</text>"#,
        coordinate(y + 4.0),
        escape(text)
    ));
}

/// One sentence for those who cannot see the curve.
fn words(trend: &Trend<'_>) -> String {
    let (Some(first), Some(last)) = (trend.points.first(), trend.points.last()) else {
        return "No value yet.".to_owned();
    };
    let mut words = format!(
        "From {} on {} to {} on {}",
        (trend.write)(first.value),
        format::date(first.at),
        (trend.write)(last.value),
        format::date(last.at)
    );
    if last.low < last.high {
        let _ = write!(
            words,
            ", certainly between {} and {}",
            (trend.write)(last.low),
            (trend.write)(last.high)
        );
    }
    if let Some(target) = trend.target {
        let _ = write!(words, "; the target is {}", (trend.write)(target));
    }
    words.push('.');
    words
}

fn curve(canvas: &mut Canvas, trend: &Trend<'_>, scale: &Scale) {
    let at = |point: &Point, value: f64| {
        format!(
            "{},{}",
            coordinate(scale.x(point.at) * 1000.0),
            coordinate(scale.y(value))
        )
    };
    let points: Vec<&Point> = trend
        .points
        .iter()
        .filter(|point| point.value.is_finite())
        .collect();
    let upper = points.iter().map(|point| at(point, point.high));
    let lower = points.iter().rev().map(|point| at(point, point.low));
    let band: Vec<String> = upper.chain(lower).collect();
    let line: Vec<String> = points.iter().map(|point| at(point, point.value)).collect();
    canvas
        .raw(format_args!(
            r#"<svg width="100%" height="{HEIGHT}" viewBox="0 0 1000 {HEIGHT}" preserveAspectRatio="none" aria-hidden="true">"#
        ))
        .raw(format_args!(r#"<polygon class="band" points="{}"/>"#, band.join(" ")))
        .raw(format_args!(
            r#"<polyline class="curve" points="{}" vector-effect="non-scaling-stroke"/></svg>"#,
            line.join(" ")
        ));
}

/// The days under the axis: both ends and two between.
fn days(canvas: &mut Canvas, trend: &Trend<'_>, scale: &Scale) {
    let (Some(first), Some(last)) = (trend.points.first(), trend.points.last()) else {
        return;
    };
    let mut shown = String::new();
    for (third, anchor) in [(0, "start"), (1, "middle"), (2, "middle"), (3, "end")] {
        let second =
            first.at.as_second() + (last.at.as_second() - first.at.as_second()) / 3 * third;
        let at = match third {
            3 => last.at,
            _ => Timestamp::from_second(second).unwrap_or(first.at),
        };
        let label = format::short_date(at, last.at);
        if label != shown {
            canvas.text(
                "t2",
                (across(scale.x(at)), FLOOR + 18.0),
                11.0,
                anchor,
                &label,
            );
            shown = label;
        }
    }
}

/// Events as flags at the top; those too near to each other share one.
fn marks(canvas: &mut Canvas, events: &[Event<'_>], scale: &Scale) {
    let mut sorted: Vec<&Event<'_>> = events.iter().collect();
    sorted.sort_by_key(|event| event.at);
    for group in sorted.chunk_by(|one, other| scale.x(other.at) - scale.x(one.at) < 0.022) {
        let Some(first) = group.first() else { continue };
        let x = across(scale.x(first.at));
        let told: Vec<String> = group
            .iter()
            .map(|event| {
                format!(
                    "{}: {}",
                    format::date(event.at),
                    format::shorten(event.label, 120)
                )
            })
            .collect();
        let told = escape(&told.join("; "));
        let effect: f64 = group.iter().map(|event| event.effect).sum();
        let link = group.iter().find_map(|event| event.href);
        canvas.line("mark", (&x, 12.0), (&x, FLOOR));
        match link {
            Some(address) => canvas.raw(format_args!(
                r#"<a href="{}" aria-label="{told}">"#,
                href(address)
            )),
            None => canvas.raw(format_args!(r#"<g role="img" aria-label="{told}">"#)),
        };
        // A sign as well as a colour.
        let sign = match format::trend(effect) {
            "up" => "+",
            "down" => "\u{2212}",
            _ => "\u{2022}",
        };
        canvas
            .raw(format_args!(
                r#"<circle class="cap {}" cx="{x}" cy="9" r="7"><title>{told}</title></circle>"#,
                format::trend(effect)
            ))
            .text("cap-sign", (&x, 12.8), 11.0, "middle", sign)
            .raw(if link.is_some() { "</a>" } else { "</g>" });
    }
}

fn table(trend: &Trend<'_>) -> String {
    // Of an exact figure there is no interval to tell.
    let is_exact = trend.points.iter().all(|point| point.low >= point.high);
    let mut rows = String::new();
    for point in trend.points {
        let _ = write!(rows, "<tr><td>{}</td>", format::date(point.at));
        let cells = [point.value, point.low, point.high];
        for value in cells.into_iter().take(if is_exact { 1 } else { 3 }) {
            let _ = write!(
                rows,
                r#"<td class="r">{}</td>"#,
                escape(&(trend.write)(value))
            );
        }
        rows.push_str("</tr>");
    }
    let interval = if is_exact {
        ""
    } else {
        r#"<th scope="col" class="r">At least</th><th scope="col" class="r">At most</th>"#
    };
    format!(
        r#"<details class="chart-data"><summary>As a table</summary><table><thead><tr><th scope="col">Day</th><th scope="col" class="r">Value</th>{interval}</tr></thead><tbody>{rows}</tbody></table></details>"#
    )
}
