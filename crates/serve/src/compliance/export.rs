//! The states of controls to take along.

use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use schemars::JsonSchema;
use serde::Deserialize;

use super::read::Row;
use crate::ask::{Ask, Query};
use crate::csv::Csv;
use crate::error::ApiError;

/// Which framework.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Which {
    /// Key of a framework; all if not given.
    framework: String,
}

pub(super) async fn csv(
    ask: Ask,
    Query(which): Query<Which>,
) -> Result<impl IntoResponse, ApiError> {
    let standing = super::standing(&ask).await?;
    let mut csv = Csv::new(&[
        "framework",
        "control",
        "title",
        "state",
        "rules",
        "rules_that_speak",
        "open_findings",
        "reasons",
        "attested_as",
        "attested_by",
        "attested_until",
        "attestation_approved_by",
        "attestation_reason",
        "attestation_evidence",
    ]);
    for state in &standing.states {
        if !which.framework.is_empty() && state.control.framework != which.framework {
            continue;
        }
        let row = Row::of(state);
        let said = standing.attestations.get(&row.reference);
        let name = |actor: &String| standing.people.name(actor);
        csv.row(&[
            state.control.framework.to_owned(),
            row.id.to_owned(),
            row.title.to_owned(),
            row.state.to_owned(),
            row.rules.to_string(),
            row.ran.to_string(),
            row.open.to_string(),
            row.reasons.join("; "),
            said.map_or("", |it| it.claim.name()).to_owned(),
            said.map(|it| name(&it.asked.requester)).unwrap_or_default(),
            said.map(|it| crate::format::rfc3339(it.asked.expires))
                .unwrap_or_default(),
            said.and_then(|it| it.asked.decider.as_ref().map(name))
                .unwrap_or_default(),
            said.map(|it| it.asked.reason.clone()).unwrap_or_default(),
            said.and_then(|it| it.evidence.clone()).unwrap_or_default(),
        ]);
    }
    Ok((
        [
            (CONTENT_TYPE, "text/csv; charset=utf-8"),
            (
                CONTENT_DISPOSITION,
                "attachment; filename=\"compliance.csv\"",
            ),
        ],
        csv.finish(),
    ))
}
