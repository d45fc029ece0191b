//! Findings: lists, groups, one by one, and what people decide about them.

mod act;
mod export;
mod filter;
mod history;
mod item;
mod list;
mod one;
mod waivers;

use axum::http::Method;

pub(crate) use filter::given;
pub(crate) use item::{Item, points};

use crate::auth::Permission;
use crate::requests::{Decide, Renew};
use crate::route::{Routes, action, only, view};

pub(crate) fn routes() -> Routes {
    let triage = Permission::FindingsTriage;
    Routes::of("Findings")
        .add(
            view("/findings", Permission::EstateRead, list::list)
                .about(
                    "Findings",
                    "Findings that fit a filter, in slices; or groups of them with `group`.",
                )
                .query::<filter::Filter>()
                .gives::<list::ListView>(),
        )
        .add(only(
            Method::GET,
            "/findings.csv",
            Permission::EstateRead,
            export::csv,
        ))
        .add(
            action("/findings/bulk", triage, act::bulk)
                .about("Act on several findings", "The same action on up to 1,000 findings.")
                .takes::<act::Bulk>()
                .gives::<act::Acted>(),
        )
        .add(
            view("/findings/{number}", Permission::EstateRead, one::show)
                .about("A finding", "Evidence, rule, fix, decisions and history of one finding.")
                .gives::<one::FindingView>(),
        )
        .add(
            action("/findings/{number}/assign", triage, act::assign)
                .about("Assign a finding", "Gives the finding to somebody, or to nobody.")
                .takes::<act::Assign>()
                .gives::<act::Acted>(),
        )
        .add(
            action("/findings/{number}/comment", triage, act::comment)
                .about("Comment on a finding", "Says something, for the history of the finding.")
                .takes::<act::Say>()
                .gives::<act::Acted>(),
        )
        .add(
            action("/findings/{number}/false-positive", triage, act::dismiss)
                .about(
                    "Dismiss a finding",
                    "Says that the finding is wrong: it does not count until it is reopened.",
                )
                .takes::<act::Say>()
                .gives::<act::Acted>(),
        )
        .add(
            action("/findings/{number}/reopen", triage, act::reopen)
                .about("Reopen a finding", "The finding counts again, whatever was decided before.")
                .takes::<act::Say>()
                .gives::<act::Acted>(),
        )
        .add(
            action("/findings/{number}/accept", triage, act::accept)
                .about(
                    "Ask to accept a risk",
                    "Asks for a waiver: the finding counts until somebody else approves.",
                )
                .takes::<act::Accept>()
                .gives::<act::Acted>(),
        )
        .add(
            view("/waivers", Permission::EstateRead, waivers::list)
                .about("Waivers", "Risks that are accepted, or that somebody asks to accept.")
                .query::<waivers::Filter>()
                .gives::<waivers::WaiversView>(),
        )
        .add(
            action("/waivers/{number}/decide", triage, act::decide)
                .about(
                    "Decide on a waiver",
                    "Approving is for approvers other than the one who asked; whoever asked may take it back.",
                )
                .takes::<Decide>()
                .gives::<act::Acted>(),
        )
        .add(
            action("/waivers/{number}/renew", triage, act::renew)
                .about(
                    "Ask for a waiver again",
                    "The same findings and reason until another day: for a waiver that lapsed or expired, or one's own that still waits, which is taken back.",
                )
                .takes::<Renew>()
                .gives::<act::Acted>(),
        )
}
