//! How evaluators judged an interaction.

use super::Source;
use crate::attributes::Attributes;
use crate::interaction::{Evaluation, Interaction};
use crate::message::unflatten;
use crate::value::Value;

/// The event that has one judgement.
pub(super) const EVENT: &str = "gen_ai.evaluation.result";

/// The judgement in the attributes of an event.
pub(super) fn of(all: &Attributes<'_>) -> Option<Evaluation> {
    let evaluation = Evaluation {
        name: all.label(&["gen_ai.evaluation.name"])?,
        score: all.number(&["gen_ai.evaluation.score.value"]),
        label: all.label(&["gen_ai.evaluation.score.label"]),
        explanation: all.label(&["gen_ai.evaluation.explanation"]),
    };
    Some(evaluation)
}

/// Those of a span: its events, and OpenInference's lists of evaluations and annotations.
pub(super) fn evaluations(source: &Source<'_, '_>, interaction: &mut Interaction) {
    let events = source.events.iter().filter(|event| event.name == EVENT);
    let found = events.filter_map(|event| of(&event.attributes));
    interaction.evaluations.extend(found);
    for (prefix, inner) in [
        ("evaluations.", "evaluation"),
        ("annotations.", "annotation"),
    ] {
        if !source.attributes.has_prefix(prefix) {
            continue;
        }
        let Some(list) = unflatten(source.attributes, prefix, source.limits) else {
            continue;
        };
        for item in list.value.items().iter().filter_map(|item| item.get(inner)) {
            let label = |name| item.get(name).and_then(Value::label);
            let Some(name) = label("name") else {
                continue;
            };
            interaction.evaluations.push(Evaluation {
                name,
                score: item.get("score").and_then(Value::number),
                label: label("label"),
                explanation: label("explanation"),
            });
        }
    }
}
