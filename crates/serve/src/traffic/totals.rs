//! The figures of a span.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use stance_store::Traffic as _;
use stance_store::traffic::{By, TrafficStep};

use super::figures::{Figures, Named, Times};
use super::measured::MeasuredView;
use super::span::{Asked, Back};
use crate::ask::{Ask, Query};
use crate::error::ApiError;
use crate::view::View;

/// Names of each kind.
const TOP: usize = 8;

/// Services, models and operations that are told of in metrics.
const MEASURED: usize = 50;

/// The figures of a span.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct TrafficView {
    /// `1h`, `24h`, `7d` or `30d`.
    pub(super) span: &'static str,
    /// When the span begins.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub(super) from: Timestamp,
    /// When it ends: with the step that is under way.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub(super) to: Timestamp,
    /// What was counted in it.
    pub(super) all: Figures,
    /// How long judging took: what it added to each interaction.
    pub(super) judging: Times,
    /// How long the first byte of the answer took.
    pub(super) first_byte: Times,
    /// How long interactions took.
    pub(super) total: Times,
    /// What was counted step by step, the oldest first.
    pub(super) steps: Vec<StepView>,
    /// Rules that had something to say; those that stopped most come first.
    pub(super) rules: Vec<Named>,
    /// Those who asked most.
    pub(super) identities: Vec<Named>,
    /// The models that were asked most.
    pub(super) models: Vec<Named>,
    /// The tools that were called most.
    pub(super) tools: Vec<Named>,
    /// The upstreams and services with most.
    pub(super) places: Vec<Named>,
    /// What systems told in metrics, the most calls first, at most 50; it is added to nothing above.
    pub(super) metrics: Vec<MeasuredView>,
    /// Interactions that are kept and can be looked at one by one, of any time.
    pub(super) kept: u64,
    /// When the oldest of them began.
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub(super) oldest: Option<Timestamp>,
    #[serde(skip)]
    pub(super) back: Back,
}

/// The figures of one step.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct StepView {
    /// When it begins.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub(super) from: Timestamp,
    /// When it ends.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub(super) to: Timestamp,
    /// What was counted in it.
    pub(super) figures: Figures,
    /// How long judging took.
    pub(super) judging: Times,
}

impl StepView {
    fn of(step: &TrafficStep) -> Self {
        Self {
            from: step.span.from,
            to: step.span.to,
            figures: Figures::of(&step.sums),
            judging: Times::of(step.judging),
        }
    }
}

pub(super) async fn show(
    ask: Ask,
    Query(asked): Query<Asked>,
) -> Result<View<TrafficView>, ApiError> {
    let back = Back::named(&asked.span)?;
    let span = back.until(ask.now);
    let view = ask
        .db
        .read(move |store| {
            let all = store.traffic_total(span)?;
            let steps = store.traffic_sums(span, back.step())?;
            let top = |by| -> Result<Vec<Named>, ApiError> {
                let top = store.traffic_top(by, span, TOP)?;
                Ok(top.into_iter().map(Named::of).collect())
            };
            let size = store.traffic_size()?;
            let measured = store.measured(span, MEASURED)?;
            let told = match measured.is_empty() {
                true => Vec::new(),
                false => store.traffic_top(By::Place, span, usize::MAX)?,
            };
            let told: Vec<Option<&str>> = told.iter().map(|place| place.name.as_deref()).collect();
            Ok(TrafficView {
                span: back.name(),
                from: span.from,
                to: span.to,
                all: Figures::of(&all.sums),
                judging: Times::of(all.judging),
                first_byte: Times::of(all.first_byte),
                total: Times::of(all.total),
                steps: steps.iter().map(StepView::of).collect(),
                rules: top(By::Rule)?,
                identities: top(By::Identity)?,
                models: top(By::Model)?,
                tools: top(By::Tool)?,
                places: top(By::Place)?,
                metrics: measured
                    .into_iter()
                    .map(|sums| MeasuredView::of(sums, &told))
                    .collect(),
                kept: size.rows,
                oldest: size.oldest,
                back,
            })
        })
        .await?;
    Ok(View(view))
}
