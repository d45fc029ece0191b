//! What people and programs change about it.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use stance_store::jobs::{Jobs as _, NewJob};
use stance_store::retention::{Passing, Retention as _, RetentionSettings};

use super::PAGE;
use super::page::{RetentionView, seen};
use crate::ask::{Ask, Input};
use crate::error::{ApiError, FieldError};
use crate::jobs::PRUNE;
use crate::record::Teller;
use crate::view::Done;

/// For how many days each is kept; what is absent stays as it is.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Change {
    /// Looks at sources: 7 to 3,650.
    runs: Option<u16>,
    /// What scanners wrote: 1 to 3,650.
    logs: Option<u16>,
    /// What the service did by itself: 2 to 365.
    jobs: Option<u16>,
    /// Messages of notifications: 7 to 3,650.
    deliveries: Option<u16>,
    /// Drift that was decided: 365 to 3,650.
    changes: Option<u16>,
    /// Every movement of the score: 30 to 3,650.
    score: Option<u16>,
    /// The revision that was seen; an edit of another one is refused.
    revision: Option<i64>,
}

impl Change {
    fn days(&self, passing: Passing) -> Option<u16> {
        match passing {
            Passing::Runs => self.runs,
            Passing::Logs => self.logs,
            Passing::Jobs => self.jobs,
            Passing::Deliveries => self.deliveries,
            Passing::Changes => self.changes,
            Passing::Score => self.score,
        }
    }

    /// What is out of its bounds.
    fn wrong(&self) -> Vec<FieldError> {
        Passing::ALL
            .into_iter()
            .filter_map(|passing| {
                let (least, most) = passing.bounds();
                let days = self.days(passing)?;
                (!(least..=most).contains(&days)).then(|| FieldError {
                    field: passing.name().to_owned(),
                    message: format!("{least} to {most} days"),
                })
            })
            .collect()
    }
}

fn told(settings: &RetentionSettings) -> Value {
    let days = Passing::ALL.map(|passing| {
        let name = passing.name().to_owned();
        (name, Value::from(settings.days(passing)))
    });
    Value::Object(Map::from_iter(days))
}

pub(super) async fn change(
    ask: Ask,
    Input(input): Input<Change>,
) -> Result<Done<RetentionView>, ApiError> {
    let wrong = input.wrong();
    if !wrong.is_empty() {
        return Err(ApiError::invalid_fields(wrong));
    }
    let teller = Teller::of(&ask);
    ask.db
        .write(move |store| {
            let known = store.retention()?;
            let days = Passing::ALL.map(|one| input.days(one).unwrap_or(known.days(one)));
            let settings = RetentionSettings::new(days, input.revision.unwrap_or(known.revision));
            store.set_retention(&settings)?;
            let detail = json!({"before": told(&known), "after": told(&settings)});
            teller.tell(store, "retention.edit", "retention", "days", detail)
        })
        .await?;
    let view = seen(&ask).await?;
    Ok(Done::to(PAGE, view)
        .notice("The change is kept. What is older goes with the next daily run."))
}

pub(super) async fn run(ask: Ask) -> Result<Done<RetentionView>, ApiError> {
    let (teller, now) = (Teller::of(&ask), ask.now);
    ask.db
        .write(move |store| {
            // Beside the one that waits for the night.
            let job = NewJob::new(PRUNE, json!({})).once("now");
            store.enqueue(&job, now)?;
            teller.tell(store, "retention.run", "retention", "days", json!({}))
        })
        .await?;
    ask.bell.ring();
    let view = seen(&ask).await?;
    Ok(Done::to(PAGE, view).notice("What is older is being forgotten."))
}
