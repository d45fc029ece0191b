//! Where words can be.

use stance_core::exchange::Origin;

use crate::genai::{Source, events};
use crate::message::{Path, Taker, messages, unflatten};
use crate::value::Value;

/// One place.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    /// One attribute that has all of it, as JSON or as a value.
    Attribute(&'static str),
    /// Many attributes whose names begin so.
    Flattened(&'static str),
    /// Events of the span; those of answers, or the others.
    Events(bool),
}

/// Takes the words of the first place that has any. What has no role is from `default`.
pub(super) fn take(
    source: &Source<'_, '_>,
    taker: &mut Taker<'_>,
    places: &[Place],
    default: Origin,
) {
    let before = taker.len();
    for place in places {
        match *place {
            Place::Attribute(name) => {
                let Some((name, value)) = source.attributes.first(&[name]) else {
                    continue;
                };
                taker.go(Path::attribute(name));
                messages(taker, value, default);
            }
            Place::Flattened(prefix) => {
                if !source.attributes.has_prefix(prefix) {
                    continue;
                }
                let Some(list) = unflatten(source.attributes, prefix, source.limits) else {
                    continue;
                };
                taker.go(Path::flattened(prefix));
                taker.more(list.more);
                flattened(taker, &list.value, default);
            }
            Place::Events(answers) => of_events(source, taker, answers),
        }
        if taker.len() > before {
            return;
        }
    }
}

/// Messages, or the texts of prompts and completions that were no conversation.
fn flattened(taker: &mut Taker<'_>, value: &Value<'_>, default: Origin) {
    for (at, item) in value.items().iter().enumerate() {
        let text = item
            .at(&["prompt", "text"])
            .or_else(|| item.at(&["completion", "text"]));
        taker.inside(&at.to_string(), |taker| match text {
            Some(text) => taker.part(default, &text.written(), None, None),
            None => messages(taker, item, default),
        });
    }
}

fn of_events(source: &Source<'_, '_>, taker: &mut Taker<'_>, answers: bool) {
    for (at, event) in source.events.iter().enumerate() {
        let mut path = Path::at(format!("/events/{at}/attributes"));
        if let Some((from, is_answer)) = events::kind(&event.name) {
            if is_answer == answers {
                taker.go(path);
                events::message(taker, &Value::Null, &event.attributes, from);
            }
            continue;
        }
        // One event with all messages, as the conventions had it before they had one for each.
        let wanted = match (event.name.as_ref(), answers) {
            ("gen_ai.content.prompt", false) => "gen_ai.prompt",
            ("gen_ai.content.completion", true) => "gen_ai.completion",
            _ => continue,
        };
        if let Some(value) = event.attributes.get(wanted) {
            path.push(wanted);
            taker.go(path);
            let default = if answers { Origin::Model } else { Origin::User };
            messages(taker, value, default);
        }
    }
}
