//! One control: how it stands and why.

use askama::Template;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stance_core::control;
use stance_store::{AttestationQuery, Attestations as _};

use super::attestation::AttestationView;
use super::reach::reach;
use super::read::Row;
use super::unseen::Unseen;
use crate::ask::{Ask, Query};
use crate::error::ApiError;
use crate::frame::{Frame, Section};
use crate::requests::{Asking, after};
use crate::rule::RuleText;
use crate::view::{Page, View};

/// Which control.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Which {
    /// Framework and id, `owasp-llm-2025:LLM01`.
    id: String,
}

/// A control.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ControlView {
    /// The control with its state and the reasons.
    control: Row,
    /// Key of its framework.
    framework: &'static str,
    /// Name of its framework.
    framework_title: &'static str,
    /// The rules that speak of it, those with findings first.
    rules: Vec<Spoken>,
    /// Sources that could not be looked at in which one of these rules might find something.
    missing: Vec<Unseen>,
    /// How far the rules that judge calls in source code reach, where some judged any.
    reach: Option<String>,
    /// What people said of it, the newest first.
    attestations: Vec<AttestationView>,
    #[serde(skip)]
    may_attest: bool,
}

/// Most attestations of one control that are shown.
const MOST: usize = 100;

/// A rule that speaks of a control.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Spoken {
    /// Its id.
    pub(super) id: &'static str,
    /// Its title.
    pub(super) title: String,
    /// How many things it judged in the last looks, good ones included.
    pub(super) judged: u64,
    /// What these things are: calls, source files, settings.
    pub(super) judges: &'static str,
    /// Patterns of the calls that it judges; it is told of no others. Empty where it judges other things.
    pub(super) calls: &'static [&'static str],
    /// When it judged something last.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub(super) at: Option<Timestamp>,
    /// Open findings that count.
    pub(super) failing: u64,
    /// Open findings of low severity, and hints.
    pub(super) minor: u64,
    /// Accepted findings.
    pub(super) accepted: u64,
}

pub(super) async fn show(
    ask: Ask,
    Query(which): Query<Which>,
) -> Result<View<ControlView>, ApiError> {
    let known = control::find(&which.id);
    let known = known.ok_or_else(|| ApiError::not_found(format_args!("control {}", which.id)))?;
    let standing = super::standing(&ask).await?;
    let asking = Asking::of(&ask);
    let may_attest = asking.may_ask;
    let query = AttestationQuery {
        control: Some(which.id.clone()),
        state: None,
    };
    let attestations = ask
        .db
        .read(move |store| Ok(store.attestations(&query, MOST)?))
        .await?;
    let attestations: Vec<AttestationView> = attestations
        .into_iter()
        .map(|it| AttestationView::of(it, &standing.people, &asking))
        .collect();
    let state = standing.states.iter().find(|it| it.control == known);
    let state = state.ok_or_else(|| ApiError::internal("a control without a state"))?;
    let mut rules: Vec<Spoken> = stance_rules::all()
        .filter(|entry| entry.meta.controls.contains(&which.id.as_str()))
        .map(|entry| {
            let shown = standing.rules.get(entry.meta.id).copied();
            let shown = shown.unwrap_or_default();
            let reach = entry.reach();
            Spoken {
                id: entry.meta.id,
                title: RuleText::of(entry.meta.id).title,
                judged: shown.applied,
                judges: if shown.applied == 1 {
                    reach.one
                } else {
                    reach.many
                },
                calls: reach.calls,
                at: shown.last_run.filter(|_| shown.applied > 0),
                failing: shown.failing,
                minor: shown.minor,
                accepted: shown.accepted,
            }
        })
        .collect();
    rules.sort_by_key(|it| std::cmp::Reverse((it.failing, it.minor, it.accepted, it.judged)));
    Ok(View(ControlView {
        control: Row::of(state),
        framework: known.framework,
        framework_title: control::framework(known.framework).map_or("", |it| it.title),
        missing: standing
            .missing
            .iter()
            .filter(|it| rules.iter().any(|rule| it.concerns(rule.id)))
            .map(Unseen::of)
            .collect(),
        reach: reach(&rules, &standing.looked),
        rules,
        may_attest: may_attest && !attestations.iter().any(|it| it.asked.waits()),
        attestations,
    }))
}

#[derive(Template)]
#[template(path = "compliance/control.html")]
struct ControlPage<'a> {
    frame: Frame,
    view: &'a ControlView,
    control: &'a Row,
}

impl Page for ControlView {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let title = format!("{} {}", self.control.id, self.control.title);
        let up = format!("/compliance/framework/{}", self.framework);
        let frame = frame.page(title.trim(), Section::Compliance);
        ControlPage {
            frame: frame
                .under("Compliance", "/compliance")
                .under(self.framework_title, up),
            view: self,
            control: &self.control,
        }
        .render()
    }
}

impl ControlPage<'_> {
    /// What it means that a source could not be looked at.
    fn unknown(&self) -> &'static str {
        super::unseen::NO_CONTROL
    }

    /// A year from now, the usual time for which somebody answers.
    fn in_a_year(&self) -> String {
        after(self.frame.now, 365)
    }
}
