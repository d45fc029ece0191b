//! Compliance: how the controls of each framework stand, by what rules show and people answer for.

mod attest;
mod attestation;
mod attestations;
mod control;
mod export;
mod framework;
mod overview;
mod reach;
mod read;
mod standing;
mod unseen;

use axum::http::Method;

use crate::auth::Permission;
use crate::requests::{Decide, Renew};
use crate::route::{Routes, action, only, view};

pub(crate) use overview::{Summary, summaries};
pub(crate) use read::Standing;
pub(crate) use standing::{Kept, standing, standing_now};
pub(crate) use unseen::Unseen;

pub(crate) fn routes() -> Routes {
    let (read, work) = (Permission::EstateRead, Permission::FindingsTriage);
    Routes::of("Compliance")
        .add(
            view("/compliance", read, overview::show)
                .about(
                    "Compliance",
                    "How many controls of each framework are in each state.",
                )
                .gives::<overview::Frameworks>(),
        )
        .add(
            view("/compliance/control", read, control::show)
                .about(
                    "A control",
                    "How a control stands, why, and which rules speak of it.",
                )
                .query::<control::Which>()
                .gives::<control::ControlView>(),
        )
        .add(
            view("/compliance/framework/{key}", read, framework::show)
                .about(
                    "A framework",
                    "The controls of a framework with their states.",
                )
                .query::<framework::Filter>()
                .gives::<framework::FrameworkView>(),
        )
        .add(
            view("/compliance/attestations", read, attestations::list)
                .about(
                    "Attestations",
                    "What people answer for where rules say nothing, the newest first.",
                )
                .query::<attestations::Filter>()
                .gives::<attestations::AttestationsView>(),
        )
        .add(
            action("/compliance/attest", work, attest::attest)
                .about(
                    "Attest",
                    "Says that a control is met or not applicable, until a day. It counts once somebody else approves it.",
                )
                .takes::<attest::Attest>()
                .gives::<attest::Attested>(),
        )
        .add(
            action("/compliance/attestations/{number}/decide", work, attest::decide)
                .about(
                    "Decide on an attestation",
                    "Approving is for approvers other than the one who made it; who made it may take it back.",
                )
                .takes::<Decide>()
                .gives::<attest::Attested>(),
        )
        .add(
            action("/compliance/attestations/{number}/renew", work, attest::renew)
                .about(
                    "Attest again",
                    "The same until another day, for somebody else to approve: for an attestation that holds, is stale or lapsed, or one's own that still waits, which is taken back.",
                )
                .takes::<Renew>()
                .gives::<attest::Attested>(),
        )
        .add(
            action("/compliance/attestations/{number}/withdraw", work, attest::withdraw)
                .about(
                    "Take back an attestation",
                    "Ends an attestation that holds, with a reason; for the one who made it, and for approvers.",
                )
                .takes::<attest::Withdraw>()
                .gives::<attest::Attested>(),
        )
        .add(only(Method::GET, "/compliance.csv", read, export::csv))
}
