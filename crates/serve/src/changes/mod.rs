//! Changes: where sources differ from their approved state, who approves that, and what was announced.

mod act;
mod expected;
mod item;
mod list;

use crate::auth::Permission;
use crate::requests::{Decide, Renew};
use crate::route::{Routes, action, view};

pub(crate) fn routes() -> Routes {
    let (read, approve) = (Permission::EstateRead, Permission::DecisionsApprove);
    Routes::of("Changes")
        .add(
            view("/changes", read, list::list)
                .about(
                    "Changes",
                    "Where sources differ from their approved state: what waits, or the whole timeline.",
                )
                .query::<list::Filter>()
                .gives::<list::ChangesView>(),
        )
        .add(
            action("/changes/approve", approve, act::approve)
                .about(
                    "Approve changes",
                    "Makes changes part of the approved state of their sources, each by itself.",
                )
                .takes::<act::Approve>()
                .gives::<act::Approved>(),
        )
        .add(
            view("/changes/expected", read, expected::list)
                .about("Announced changes", "Changes that somebody announced before they are seen.")
                .gives::<expected::ExpectedView>(),
        )
        .add(
            action("/changes/expected/announce", Permission::FindingsTriage, expected::announce)
                .about(
                    "Announce a change",
                    "A change that fits in its time needs no decision, once somebody else approved the announcement.",
                )
                .takes::<expected::Announce>()
                .gives::<expected::Announced>(),
        )
        .add(
            action("/changes/expected/{number}/decide", Permission::FindingsTriage, expected::decide)
                .about(
                    "Decide on an announced change",
                    "Approving is for approvers other than the one who announced it; who announced it may take it back.",
                )
                .takes::<Decide>()
                .gives::<expected::Announced>(),
        )
        .add(
            action("/changes/expected/{number}/renew", Permission::FindingsTriage, expected::renew)
                .about(
                    "Announce a change again",
                    "The same from now until another day: for an announcement that lapsed, or one's own that still waits, which is taken back.",
                )
                .takes::<Renew>()
                .gives::<expected::Announced>(),
        )
}
