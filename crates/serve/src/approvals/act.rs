//! Deciding.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use stance_core::approval::{Decision, NotTaken, Way};

use super::PAGE;
use crate::ask::{Ask, Input, Path};
use crate::auth::Principal;
use crate::error::ApiError;
use crate::record::Teller;
use crate::view::Done;

/// Longest note, in characters.
const NOTE: usize = 200;

/// A decision.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Decide {
    /// `allow` or `deny`.
    decision: String,
    /// Why; it stands in the receipt and in the audit log.
    note: String,
    /// `true`: the same of the same identity, tools and rules is decided alike for a while.
    remember: Option<String>,
}

/// What was decided.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Said {
    /// The question.
    id: String,
    /// `allow` or `deny`.
    decision: &'static str,
}

pub(super) async fn decide(
    ask: Ask,
    Path(id): Path<String>,
    Input(input): Input<Decide>,
) -> Result<Done<Said>, ApiError> {
    let (allow, word) = match input.decision.as_str() {
        "allow" => (true, "allow"),
        "deny" => (false, "deny"),
        _ => return Err(ApiError::invalid("decision", "allow or deny")),
    };
    let note = input.note.trim();
    if note.chars().count() > NOTE {
        return Err(ApiError::invalid(
            "note",
            format!("at most {NOTE} characters"),
        ));
    }
    let Some(desk) = ask.desk.get().cloned() else {
        return Err(ApiError::not_found("gateway"));
    };
    let decision = Decision {
        allow,
        by: name(&ask.who),
        note: (!note.is_empty()).then(|| note.to_owned()),
        remember: matches!(input.remember.as_deref(), Some("true" | "on" | "1")),
    };
    let teller = Teller::of(&ask);
    let asked = id.clone();
    // Told first, and taken back with the error: nothing is decided that the audit log does not know of.
    ask.db
        .write(move |store| {
            let waits = desk.waiting();
            let question = waits
                .iter()
                .find(|question| question.id == asked)
                .ok_or_else(gone)?;
            let rules: Vec<&str> = question.reasons.iter().map(|it| it.rule.as_str()).collect();
            let tools: Vec<&str> = question.calls.iter().map(|it| it.tool.as_str()).collect();
            let detail = json!({
                "decision": word,
                "interaction": question.interaction,
                "identity": question.identity,
                "upstream": question.upstream,
                "model": question.model,
                "rules": rules,
                "tools": tools,
                "note": decision.note,
                "remember": decision.remember,
            });
            teller.tell(store, "approval.decide", "approval", &asked, detail)?;
            desk.decide(&asked, Way::Person, decision)
                .map(drop)
                .map_err(|not| match not {
                    NotTaken::NotWaiting => gone(),
                    NotTaken::NotRemembered => ApiError::invalid(
                        "remember",
                        "decisions are not remembered: the settings of the gateway say so, or nobody knows who asked",
                    ),
                })
        })
        .await?;
    let notice = match allow {
        true => "It goes on.",
        false => "It is refused.",
    };
    Ok(Done::to(PAGE, Said { id, decision: word }).notice(notice))
}

/// As the receipt and those who look at it know whoever decides.
fn name(who: &Principal) -> String {
    match who {
        Principal::Nobody => who.name(),
        Principal::Person(person) => person.user.login.clone(),
        Principal::Token(bearer) => format!("{} of {}", bearer.token.name, bearer.owner.login),
    }
}

fn gone() -> ApiError {
    ApiError::conflict(
        "this does not wait any more: it was decided, its time is over, or its caller went away",
    )
}
