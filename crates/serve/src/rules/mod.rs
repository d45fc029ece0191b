//! Rules: what each of them finds, why, and how much of it is open.

mod list;
mod one;

pub(crate) use list::{Summary, holding};

use crate::auth::Permission;
use crate::route::{Routes, view};

pub(crate) fn routes() -> Routes {
    Routes::of("Rules")
        .add(
            view("/rules", Permission::EstateRead, list::list)
                .about("Rules", "Every rule with its open findings.")
                .query::<list::Filter>()
                .gives::<list::RulesView>(),
        )
        .add(
            view("/rules/{area}/{name}", Permission::EstateRead, one::show)
                .about(
                    "A rule",
                    "What it finds, why it matters, how to fix it, its controls and its worst open findings.",
                )
                .gives::<one::RuleView>(),
        )
}
