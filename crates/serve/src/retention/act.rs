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
    /// Interactions of run time: 1 to 3,650.
    traffic: Option<u16>,
    /// Words of interactions, where they are kept: 1 to 3,650.
    words: Option<u16>,
    /// The figures of interactions: 30 to 3,650.
    traffic_sums: Option<u16>,
    /// Most interactions, 1,000 to 1,000,000,000; when there are more, the oldest go at once.
    traffic_rows: Option<u64>,
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
            Passing::Traffic => self.traffic,
            Passing::Words => self.words,
            Passing::TrafficSums => self.traffic_sums,
        }
    }

    /// What is out of its bounds.
    fn wrong(&self) -> Vec<FieldError> {
        let days = Passing::ALL.into_iter().filter_map(|passing| {
            let (least, most) = passing.bounds();
            let days = self.days(passing)?;
            (!(least..=most).contains(&days)).then(|| FieldError {
                field: passing.name().to_owned(),
                message: format!("{least} to {most} days"),
            })
        });
        let (least, most) = RetentionSettings::ROWS;
        let rows = self
            .traffic_rows
            .filter(|rows| !(least..=most).contains(rows));
        let rows = rows.map(|_| FieldError {
            field: "traffic_rows".to_owned(),
            message: format!("{least} to {most} interactions"),
        });
        days.chain(rows).collect()
    }
}

fn told(settings: &RetentionSettings) -> Value {
    let days = Passing::ALL.map(|passing| {
        let name = passing.name().to_owned();
        (name, Value::from(settings.days(passing)))
    });
    let rows = ("traffic_rows".to_owned(), Value::from(settings.rows));
    Value::Object(Map::from_iter(days.into_iter().chain([rows])))
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
            let rows = input.traffic_rows.unwrap_or(known.rows);
            let revision = input.revision.unwrap_or(known.revision);
            let settings = RetentionSettings::new(days, rows, revision);
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
