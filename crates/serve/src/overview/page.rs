//! The page of the overview.

use askama::Template;

use super::Overview;
use crate::draw::bars::{Bar, bars};
use crate::draw::trend::{self, Trend, trend};
use crate::frame::{Frame, Section};
use crate::view::Page;

#[derive(Template)]
#[template(path = "overview/overview.html")]
struct OverviewPage<'a> {
    frame: Frame,
    view: &'a Overview,
}

impl Page for Overview {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let frame = frame.page("Overview", Section::Overview);
        OverviewPage { frame, view: self }.render()
    }
}

impl OverviewPage<'_> {
    /// The score over the span, with its interval; the line goes on to now.
    fn trend(&self) -> String {
        let view = self.view;
        let mut points: Vec<trend::Point> = view
            .history
            .iter()
            .map(|point| trend::Point {
                at: point.at,
                value: point.score.value,
                low: point.score.lower,
                high: point.score.upper,
            })
            .collect();
        let from = self.frame.now - jiff::SignedDuration::from_hours(24 * i64::from(view.days));
        if let Some(first) = points.first_mut() {
            first.at = first.at.max(from);
        }
        if let Some(score) = view.score {
            points.push(trend::Point {
                at: self.frame.now,
                value: score.value,
                low: score.lower,
                high: score.upper,
            });
        }
        let least = points.iter().map(|point| point.low).fold(100.0, f64::min);
        let most = points.iter().map(|point| point.high).fold(0.0, f64::max);
        trend(&Trend {
            id: "score-trend",
            title: "Posture score",
            points: &points,
            target: None,
            events: &[],
            bounds: ((least - 5.0).max(0.0), (most + 5.0).min(100.0)),
            write: exact,
        })
    }

    fn areas(&self) -> String {
        let links: Vec<String> = self
            .view
            .areas
            .iter()
            .map(|area| format!("/findings?area={}", area.area))
            .collect();
        let list: Vec<Bar<'_>> = self
            .view
            .areas
            .iter()
            .zip(&links)
            .map(|(area, href)| {
                let classes = [
                    "fill critical",
                    "fill high",
                    "fill medium",
                    "fill low",
                    "fill info",
                ];
                let worst = classes
                    .into_iter()
                    .zip(area.findings)
                    .find(|(_, count)| *count > 0);
                Bar {
                    label: &area.area,
                    class: worst.map_or("fill info", |(name, _)| name),
                    count: area.findings.iter().sum(),
                    href: Some(href),
                }
            })
            .collect();
        bars("Open findings by area", &list)
    }

    fn open(&self) -> Vec<(&'static str, u64)> {
        ["critical", "high", "medium", "low"]
            .into_iter()
            .zip(self.view.findings)
            .collect()
    }

    fn all_open(&self) -> u64 {
        self.view.findings.iter().sum()
    }

    fn spans(&self) -> [(u32, bool); 4] {
        [7, 14, 30, 90].map(|days| (days, days == self.view.days))
    }

    fn is_empty(&self) -> bool {
        self.view.score.is_none()
    }

    fn is_private(&self) -> bool {
        self.view.coverage.sources == 0
    }

    fn since(&self) -> String {
        crate::format::rfc3339(self.view.news.since)
    }
}

/// A score with a decimal where it has one; rounded down, as without.
fn exact(value: f64) -> String {
    if value.fract() == 0.0 {
        crate::format::score(value)
    } else {
        format!("{:.1}", (value * 10.0).floor() / 10.0)
    }
}
