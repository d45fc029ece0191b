//! Why an interaction failed.

use super::Source;
use crate::interaction::{Failure, Interaction};
use crate::message::body;

/// By its attributes and events: `error.type`, an exception, a status of HTTP that is one of an error.
pub(super) fn failure(source: &Source<'_, '_>, interaction: &mut Interaction) {
    let all = source.attributes;
    let exception = source.events.iter().find(|event| event.name == "exception");
    let exception = exception.map(|event| &event.attributes);
    let of_exception = |name: &'static str| exception.and_then(|all| all.label(&[name]));
    let status = [
        "http.response.status_code",
        "http.status_code",
        "error.code",
    ];
    let status = status
        .iter()
        .find_map(|name| body::status(all.get(name)?))
        .filter(|status| *status >= 400);
    let kind = all
        .label(&["error.type"])
        .or_else(|| of_exception("exception.type"))
        .map(class);
    let message = all
        .label(&["error.message"])
        .or_else(|| of_exception("exception.message"));
    if kind.is_none() && status.is_none() {
        return;
    }
    interaction.failure = Some(Failure {
        kind: kind.unwrap_or_default(),
        message: message.unwrap_or_default(),
        status,
    });
}

/// The name of a class, as some write what Python shows of it.
fn class(kind: String) -> String {
    let inner = kind
        .strip_prefix("<class '")
        .and_then(|rest| rest.strip_suffix("'>"));
    inner.map(str::to_owned).unwrap_or(kind)
}

/// By the status of the span.
pub(super) fn of_status(interaction: &mut Interaction, message: &str) {
    let failure = interaction.failure.get_or_insert_with(Failure::default);
    if failure.message.is_empty() {
        message.clone_into(&mut failure.message);
    }
    if failure.kind.is_empty() {
        "error".clone_into(&mut failure.kind);
    }
}
