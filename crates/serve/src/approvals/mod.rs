//! What waits at the gateway for somebody's decision: shown with who, what and why, and decided by approvers.

mod act;
mod page;

use crate::auth::Permission;
use crate::route::{Routes, action, view};

/// The page of all of this.
const PAGE: &str = "/approvals";

pub(crate) fn routes() -> Routes {
    Routes::of("Approvals")
        .add(
            view(PAGE, Permission::EstateRead, page::list)
                .about(
                    "What waits for a decision",
                    "Interactions that the gateway in this service holds because a rule asks about them, and what was decided lately. Never words, \
                     but for the arguments of tools where the settings of the gateway show them.",
                )
                .gives::<page::ApprovalsView>(),
        )
        .add(
            action("/approvals/{id}/decide", Permission::DecisionsApprove, act::decide)
                .about(
                    "Decide on what waits",
                    "It goes on, or is refused, at once. What does not wait any more cannot be decided: 409.",
                )
                .takes::<act::Decide>()
                .gives::<act::Said>(),
        )
}
