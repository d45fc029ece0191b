//! All figures at a glance.

use askama::Template;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use stance_core::Severity;
use stance_core::due::Deadlines;
use stance_core::kpi::State;
use stance_store::{Objectives as _, Sqlite};

use super::{Figure, Span, figures, first_of, today};
use crate::ask::{Ask, Query};
use crate::auth::Permission;
use crate::draw::stack::Part;
use crate::error::ApiError;
use crate::frame::{Frame, Section};
use crate::view::{Page, View};

/// All figures.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Objectives {
    /// When they were measured last; none before the first time.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    measured: Option<Timestamp>,
    /// How many days the histories go back.
    days: u32,
    /// Each figure, in the order in which people are shown them.
    figures: Vec<Figure>,
    /// How long fixing takes, by severity, and how many were fixed and are open.
    severities: Vec<BySeverity>,
    #[serde(skip)]
    may_see_settings: bool,
}

/// How findings of a severity are fixed.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct BySeverity {
    /// The severity.
    pub(super) severity: &'static str,
    /// Days within which half of them are fixed; none until that is known.
    pub(super) median: Option<f64>,
    /// Days within which nine in ten of them are fixed.
    pub(super) p90: Option<f64>,
    /// How many were fixed in the 30 days before the measure.
    pub(super) fixed: u64,
    /// How many were open then.
    pub(super) open: u64,
    /// Days until one has to be fixed.
    pub(super) deadline: Option<u16>,
}

/// By severity, as of the last measure.
pub(super) fn severities(
    store: &Sqlite,
    measured: Option<&stance_store::MeasuredDay>,
) -> Result<Vec<BySeverity>, ApiError> {
    let deadlines: Deadlines = store.deadlines()?;
    let Some(measured) = measured else {
        return Ok(Vec::new());
    };
    let worst_first = [
        Severity::Critical,
        Severity::High,
        Severity::Medium,
        Severity::Low,
    ];
    Ok(worst_first
        .into_iter()
        .map(|severity| {
            let of = measured.remediation.get(&severity);
            let of = of.copied().unwrap_or_default();
            BySeverity {
                severity: severity.name(),
                median: of.median,
                p90: of.p90,
                fixed: of.fixed,
                open: of.open,
                deadline: deadlines.days(severity),
            }
        })
        .collect())
}

pub(super) async fn show(ask: Ask, Query(span): Query<Span>) -> Result<View<Objectives>, ApiError> {
    let days = span.days()?;
    let today = today(ask.now);
    let may_see_settings = ask.who.may(Permission::SettingsRead);
    let view = ask
        .db
        .read(move |store| {
            let measured = store.measured(today)?;
            Ok(Objectives {
                days,
                figures: figures(store, None, first_of(days, today), today)?,
                severities: severities(store, measured.as_ref())?,
                measured: measured.map(|it| it.at),
                may_see_settings,
            })
        })
        .await?;
    Ok(View(view))
}

#[derive(Template)]
#[template(path = "objectives/list.html")]
struct ObjectivesPage<'a> {
    frame: Frame,
    view: &'a Objectives,
}

impl Page for Objectives {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let frame = frame.page("Objectives", Section::Objectives);
        ObjectivesPage { frame, view: self }.render()
    }
}

/// Figures that belong together, by name. Those of [`BySeverity`] stand in a table of their own.
const GROUPS: &[(&str, &[&str])] = &[
    (
        "Coverage",
        &["asset_coverage", "file_coverage", "owned", "sanctioned"],
    ),
    (
        "Open and fixed risks",
        &[
            "open_critical",
            "open_high",
            "open_medium",
            "open_low",
            "findings_overdue",
            "findings_fixed",
            "waivers_expiring",
            "score_improvement",
        ],
    ),
    (
        "Compliance and run time",
        &["compliance_adherence", "detections_stopped"],
    ),
];

impl ObjectivesPage<'_> {
    fn spans(&self) -> [(u32, bool); 4] {
        Span::offered(self.view.days)
    }

    fn groups(&self) -> Vec<(&'static str, Vec<&Figure>)> {
        GROUPS
            .iter()
            .map(|(title, ids)| {
                let figures = ids.iter().filter_map(|id| self.find(id)).collect();
                (*title, figures)
            })
            .collect()
    }

    fn find(&self, id: &str) -> Option<&Figure> {
        self.view.figures.iter().find(|figure| figure.id == id)
    }

    /// Half, and nine in ten, of a severity.
    fn remediation(&self, severity: &str) -> Vec<&Figure> {
        ["median", "p90"]
            .into_iter()
            .filter_map(|part| self.find(&format!("remediation_{part}_{severity}")))
            .collect()
    }

    fn standing(&self) -> String {
        let count = |state: State| {
            let all = self.view.figures.iter();
            all.filter(|figure| figure.standing == state).count() as u64
        };
        let part = |class, label, state| Part {
            class,
            label,
            count: count(state),
        };
        let parts = [
            part("met", "on target", State::Met),
            part("partly", "near", State::Near),
            part("not-met", "off target", State::Missed),
            part("attested", "without a target", State::NoTarget),
            part("no-evidence", "not known", State::Unknown),
        ];
        crate::draw::stack::stack(&parts) + &crate::draw::stack::legend(&parts)
    }
}

#[cfg(test)]
mod tests {
    use stance_core::kpi::KPIS;

    use super::GROUPS;

    #[test]
    fn every_figure_has_one_place_on_the_page() {
        for kpi in KPIS {
            let groups = GROUPS.iter().filter(|(_, ids)| ids.contains(&kpi.id));
            let in_table = usize::from(kpi.id.starts_with("remediation_"));
            assert_eq!(groups.count() + in_table, 1, "{}", kpi.id);
        }
    }
}
