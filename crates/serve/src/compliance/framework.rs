//! The controls of a framework.

use askama::Template;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stance_core::compliance::{self, State};
use stance_core::control;

use super::read::{self, Count, Row};
use crate::ask::{Ask, Path, Query};
use crate::error::ApiError;
use crate::frame::{Frame, Section};
use crate::parts::Address;
use crate::view::{Page, View};

/// Which controls.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Filter {
    /// Only those in this state: `not_met`.
    state: String,
}

/// A framework.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct FrameworkView {
    /// Its key.
    key: &'static str,
    /// Its name.
    title: &'static str,
    /// The edition.
    edition: &'static str,
    /// How many controls are in each state.
    states: Vec<Count>,
    /// The controls that fit, in the order of the publisher.
    controls: Vec<Row>,
}

pub(super) async fn show(
    ask: Ask,
    Path(key): Path<String>,
    Query(filter): Query<Filter>,
) -> Result<View<FrameworkView>, ApiError> {
    let framework = control::framework(&key);
    let framework =
        framework.ok_or_else(|| ApiError::not_found(format_args!("framework {key}")))?;
    if !filter.state.is_empty() && !State::ALL.iter().any(|it| it.name() == filter.state) {
        return Err(ApiError::invalid("state", "no such state"));
    }
    let standing = super::standing(&ask).await?;
    let summary = compliance::summary(&standing.states);
    let controls = standing
        .states
        .iter()
        .filter(|it| it.control.framework == framework.key)
        .filter(|it| filter.state.is_empty() || it.state.name() == filter.state)
        .map(Row::of)
        .collect();
    Ok(View(FrameworkView {
        key: framework.key,
        title: framework.title,
        edition: framework.edition,
        states: read::counts(summary.get(framework.key).unwrap_or(&Default::default())),
        controls,
    }))
}

#[derive(Template)]
#[template(path = "compliance/framework.html")]
struct FrameworkPage<'a> {
    frame: Frame,
    view: &'a FrameworkView,
    address: Address,
}

impl Page for FrameworkView {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let address = Address::parse(&frame.path);
        let title = format!("{}, {}", self.title, self.edition);
        let frame = frame.page(title, Section::Compliance);
        FrameworkPage {
            frame: frame.under("Compliance", "/compliance"),
            view: self,
            address,
        }
        .render()
    }
}

impl FrameworkPage<'_> {
    fn bar(&self) -> String {
        crate::draw::stack::stack(&read::parts(&self.view.states))
    }

    /// States that there are: name, address, whether only these are shown, and how many.
    fn chips(&self) -> Vec<(&'static str, String, bool, String)> {
        self.view
            .states
            .iter()
            .filter(|it| it.count > 0)
            .map(|it| {
                let on = self.address.has("state", it.state);
                let to = if on {
                    self.address.without("state")
                } else {
                    self.address.with("state", it.state)
                };
                (it.title, to.to_string(), on, it.count.to_string())
            })
            .collect()
    }
}
