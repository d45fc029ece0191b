//! Run time: what passed the gateway and what telemetry told, in figures, one by one, and what rules found in it.

mod detections;
mod export;
mod figures;
mod filter;
mod item;
mod linked;
mod list;
mod measured;
mod one;
mod page;
mod piece;
mod span;
mod totals;

use axum::http::Method;

use crate::auth::Permission;
use crate::route::{Routes, only, view};

pub(crate) use item::{Item, href};

/// Whose right it is to read words of interactions, where they are kept: those who work on findings.
const WORDS: Permission = Permission::FindingsTriage;

pub(crate) fn routes() -> Routes {
    let read = Permission::EstateRead;
    Routes::of("Traffic")
        .add(
            view("/traffic", read, totals::show)
                .about(
                    "Traffic",
                    "Interactions of a span by decision, with tokens, cost, what could not be judged and how long judging \
                     took; the identities, models, tools, rules and places with most of them; and what systems told in metrics.",
                )
                .query::<span::Asked>()
                .gives::<totals::TrafficView>(),
        )
        .add(
            view("/traffic/interactions", read, list::list)
                .about(
                    "Interactions",
                    "Interactions that fit a filter, the newest first, in slices. A filter that fits few of very many may \
                     give a slice with fewer rows than asked for, or none, and where to go on.",
                )
                .query::<filter::Filter>()
                .gives::<list::InteractionsView>(),
        )
        .add(
            view("/traffic/interactions/{id}", read, one::show)
                .about(
                    "One interaction",
                    "What was decided and why, its pieces in their order with what was found in them, and what belongs \
                     together with it, and the findings that it is part of. Words are told only where they are kept, and to those who \
                     may work on findings; the audit log tells who read them.",
                )
                .gives::<one::InteractionView>(),
        )
        .add(
            view("/traffic/detections", read, detections::list)
                .about(
                    "Detections",
                    "What rules found in the interactions of a span, rule by rule, with the identities and models it was \
                     about and some examples.",
                )
                .query::<detections::Filter>()
                .gives::<detections::DetectionsView>(),
        )
        .add(only(
            Method::GET,
            "/traffic/interactions.csv",
            read,
            export::csv,
        ))
}
