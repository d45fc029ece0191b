//! What rules found, rule by rule.

use askama::Template;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stance_store::Traffic as _;
use stance_store::traffic::{By, Detection, DetectionQuery, Met};

use super::figures::Figures;
use super::item::href;
use super::linked::{FindingLink, Linked};
use super::span::{Back, tabs, ways};
use crate::ask::{Ask, Query};
use crate::draw::spark::spark;
use crate::draw::stack::stack;
use crate::error::ApiError;
use crate::findings::given;
use crate::format;
use crate::frame::{Frame, Section};
use crate::parts::Address;
use crate::view::{Page, View};

/// Most findings that are named for one rule.
const FINDINGS: usize = 10;

/// Which detections.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Filter {
    /// `1h`, `24h`, `7d` or `30d`; `24h` if not given.
    span: String,
    /// Id of a rule.
    rule: String,
    /// Only where it was about this identity; not together with `model`.
    identity: String,
    /// Only where it was about this model.
    model: String,
}

/// What rules found.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct DetectionsView {
    /// `1h`, `24h`, `7d` or `30d`.
    span: &'static str,
    /// When the span begins.
    #[schemars(with = "String", extend("format" = "date-time"))]
    from: Timestamp,
    /// When it ends.
    #[schemars(with = "String", extend("format" = "date-time"))]
    to: Timestamp,
    /// One for each rule, at most 200; those that stopped most come first.
    detections: Vec<DetectionView>,
    /// All interactions of the span.
    interactions: u64,
    #[serde(skip)]
    back: Back,
    #[serde(skip)]
    filter: Filter,
}

/// What one rule found.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct DetectionView {
    /// The rule.
    rule: String,
    /// The interactions about which it had something to say, by what was decided about them.
    figures: Figures,
    /// Who asked, the most first, at most five; nobody where it is asked about a model.
    identities: Vec<MetView>,
    /// The models, likewise.
    models: Vec<MetView>,
    /// Ids of the newest interactions.
    samples: Vec<String>,
    /// How many interactions in each step of the span, the oldest first.
    trend: Vec<u64>,
    /// The findings that are made of these and others of their kind, at most ten.
    findings: Vec<FindingLink>,
    /// How many there are.
    finding_count: u64,
}

/// An identity or a model that a rule was about.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct MetView {
    /// Its name.
    name: String,
    /// How many interactions.
    interactions: u64,
    /// How many of these did not go on by themselves.
    stopped: u64,
    /// When the first one began.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    first: Option<Timestamp>,
    /// When the last one began.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    last: Option<Timestamp>,
    /// Ids of some of them.
    samples: Vec<String>,
}

impl MetView {
    fn of(met: Met) -> Self {
        Self {
            name: met.name,
            interactions: met.sums.requests,
            stopped: met.sums.stopped(),
            first: met.sums.first,
            last: met.sums.last,
            samples: met.samples,
        }
    }
}

impl DetectionView {
    fn of(found: Detection, linked: &Linked) -> Self {
        let mut findings = linked.of_rule(&found.rule);
        let finding_count = findings.len() as u64;
        findings.truncate(FINDINGS);
        Self {
            findings,
            finding_count,
            rule: found.rule,
            figures: Figures::of(&found.sums),
            identities: found.identities.into_iter().map(MetView::of).collect(),
            models: found.models.into_iter().map(MetView::of).collect(),
            samples: found.samples,
            trend: found.trend,
        }
    }

    fn stack(&self) -> String {
        stack(&self.figures.parts())
    }

    fn spark(&self) -> String {
        let values: Vec<f64> = self.trend.iter().map(|count| *count as f64).collect();
        let most = self.trend.iter().max().copied().unwrap_or_default();
        let label = format!(
            "{} over time, at most {} at once",
            self.rule,
            format::count(most)
        );
        spark(&label, &values)
    }

    /// Where its findings are: label and address; nothing where there are none.
    fn finding(&self) -> Option<(String, String)> {
        let first = self.findings.first()?;
        Some(match self.finding_count {
            1 => ("1 finding".to_owned(), first.href()),
            many => (
                format::plural(many, "finding", "findings"),
                Address::new("/findings")
                    .with("rule", &first.rule)
                    .to_string(),
            ),
        })
    }

    /// The newest of it: its page.
    fn newest(&self) -> Option<String> {
        self.samples.first().map(|id| href(id))
    }
}

pub(super) async fn list(
    ask: Ask,
    Query(filter): Query<Filter>,
) -> Result<View<DetectionsView>, ApiError> {
    let back = Back::named(&filter.span)?;
    let span = back.until(ask.now);
    let about = match (given(&filter.identity), given(&filter.model)) {
        (Some(_), Some(_)) => {
            return Err(ApiError::invalid("model", "not together with `identity`"));
        }
        (Some(identity), None) => Some((By::Identity, identity)),
        (None, Some(model)) => Some((By::Model, model)),
        (None, None) => None,
    };
    let query = DetectionQuery {
        step: Some(back.step()),
        rule: given(&filter.rule),
        about,
        ..DetectionQuery::of(span)
    };
    let view = ask
        .db
        .read(move |store| {
            let found = store.detections(&query)?;
            let linked = Linked::read(store)?;
            Ok(DetectionsView {
                span: back.name(),
                from: span.from,
                to: span.to,
                detections: found
                    .into_iter()
                    .map(|found| DetectionView::of(found, &linked))
                    .collect(),
                interactions: store.traffic_total(span)?.sums.requests,
                back,
                filter,
            })
        })
        .await?;
    Ok(View(view))
}

#[derive(Template)]
#[template(path = "traffic/detections.html")]
struct DetectionsPage<'a> {
    frame: Frame,
    view: &'a DetectionsView,
    address: Address,
}

impl Page for DetectionsView {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let frame = frame.page("Detections", Section::Traffic);
        DetectionsPage {
            address: Address::parse(&frame.path),
            frame: frame.under("Traffic", "/traffic"),
            view: self,
        }
        .render()
    }
}

impl DetectionsPage<'_> {
    fn tabs(&self) -> Vec<(&'static str, String, bool)> {
        tabs("/traffic/detections", self.view.span)
    }

    fn ways(&self) -> Vec<(&'static str, String, bool)> {
        ways(&self.address, self.view.back)
    }

    /// Filters that are set, with the way to take each away.
    fn set(&self) -> Vec<(String, String)> {
        let filter = &self.view.filter;
        [
            ("rule", "Rule", &filter.rule),
            ("identity", "Identity", &filter.identity),
            ("model", "Model", &filter.model),
        ]
        .into_iter()
        .filter(|(_, _, value)| !value.is_empty())
        .map(|(key, label, value)| {
            (
                format!("{label}: {value}"),
                self.address.without(key).to_string(),
            )
        })
        .collect()
    }

    /// The interactions of a rule, under the filters of the page.
    fn behind(&self, rule: &str) -> Address {
        let filter = &self.view.filter;
        let mut address = Address::new("/traffic/interactions")
            .with("span", self.view.span)
            .with("rule", rule);
        for (key, value) in [("identity", &filter.identity), ("model", &filter.model)] {
            if !value.is_empty() {
                address = address.with(key, value);
            }
        }
        address
    }

    fn all(&self, found: &DetectionView) -> String {
        self.behind(&found.rule).to_string()
    }

    fn stopped(&self, found: &DetectionView) -> String {
        self.behind(&found.rule)
            .with("decision", "ask")
            .toggle("decision", "block")
            .to_string()
    }

    fn of(&self, found: &DetectionView, key: &str, name: &str) -> String {
        self.behind(&found.rule).with(key, name).to_string()
    }
}
