//! One interaction that several spans of a process tell.
//!
//! A client library that makes spans itself runs below the instrumentation that wraps it, and two kinds of instrumentation
//! run one below the other: each makes a span of the same call. Such a span lies directly below the other and calls the
//! same model; or, where the instrumentation does not hand its span on, it lies within the other's time and has the same
//! id of the answer.

use std::cmp::Reverse;
use std::collections::HashMap;

use jiff::Timestamp;

use crate::interaction::Interaction;
use crate::otlp::{SpanId, TraceId};

/// How many spans may tell one interaction.
const MOST: usize = 8;

/// A span that repeats its parent in the words of the provider, as LiteLLM makes one below each of its own.
pub(super) fn is_echo(library: &str, name: &str) -> bool {
    library == "litellm" && name == "raw_gen_ai_request"
}

/// Folds those that tell the same into the outermost one. All are of one process.
pub(super) fn fold(found: Vec<Interaction>) -> Vec<Interaction> {
    let outer = outer_of_each(&found);
    if outer.iter().all(Option::is_none) {
        return found;
    }
    let targets: Vec<usize> = (0..found.len())
        .map(|at| {
            let mut target = at;
            for _ in 0..MOST {
                match outer.get(target).copied().flatten() {
                    // Spans may be each other's parents.
                    Some(next) if next != at => target = next,
                    _ => break,
                }
            }
            target
        })
        .collect();
    let mut kept: Vec<Option<Interaction>> = found.into_iter().map(Some).collect();
    for (at, target) in targets.into_iter().enumerate() {
        if at == target || kept.get(target).is_none_or(Option::is_none) {
            continue;
        }
        let inner = kept.get_mut(at).and_then(Option::take);
        if let (Some(Some(outer)), Some(inner)) = (kept.get_mut(target), inner) {
            outer.fill(inner);
        }
    }
    kept.into_iter().flatten().collect()
}

/// For each, the place of the one that tells the same around it.
fn outer_of_each(found: &[Interaction]) -> Vec<Option<usize>> {
    let calls = || {
        let all = found.iter().enumerate();
        all.filter(|(_, one)| one.operation.is_model_call())
    };
    let by_span: HashMap<(TraceId, SpanId), usize> = calls()
        .filter_map(|(at, one)| Some(((one.trace?, one.span?), at)))
        .collect();
    let mut outer: Vec<Option<usize>> = found
        .iter()
        .map(|one| {
            let at = *by_span.get(&(one.trace?, one.parent?))?;
            is_same(found.get(at)?, one).then_some(at)
        })
        .collect();
    let mut by_answer: Vec<(&str, Timestamp, Timestamp, usize)> = calls()
        .filter_map(|(at, one)| {
            let start = one.start?;
            let end = start.checked_add(one.duration?).ok()?;
            Some((one.answer.as_deref()?, start, end, at))
        })
        .collect();
    by_answer.sort_by_key(|(answer, start, end, at)| (*answer, *start, Reverse(*end), *at));
    let mut around: Option<(&str, Timestamp, usize)> = None;
    for (answer, _, end, at) in by_answer {
        if let Some((same, until, outermost)) = around
            && same == answer
            && end <= until
            && let (Some(one), Some(two)) = (found.get(outermost), found.get(at))
            && is_same(one, two)
        {
            if let Some(slot) = outer.get_mut(at) {
                slot.get_or_insert(outermost);
            }
        } else {
            around = Some((answer, end, at));
        }
    }
    outer
}

/// Whether two spans, one around the other, tell the same call.
fn is_same(outer: &Interaction, inner: &Interaction) -> bool {
    let agree = |one: &Option<String>, two: &Option<String>| match (one, two) {
        (Some(one), Some(two)) => one == two,
        _ => true,
    };
    outer.operation == inner.operation
        && inner.operation.is_model_call()
        && agree(&outer.asked, &inner.asked)
        && agree(&outer.answer, &inner.answer)
}
