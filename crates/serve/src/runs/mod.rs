//! Runs: each look at a source.

mod list;
mod one;
mod view;

pub(crate) use view::RunView;

use crate::auth::Permission;
use crate::route::{Routes, action, view};

pub(crate) fn routes() -> Routes {
    Routes::of("Runs")
        .add(
            view("/runs", Permission::EstateRead, list::list)
                .about("Runs", "Looks at sources, the latest first.")
                .query::<list::Filter>()
                .gives::<list::ListView>(),
        )
        .add(
            view("/runs/{id}", Permission::EstateRead, one::show)
                .about(
                    "A run",
                    "Where it stands, what it saw and changed, and what the scanner wrote.",
                )
                .gives::<one::OneView>(),
        )
        .add(
            action("/runs/{id}/cancel", Permission::SourcesRun, one::cancel)
                .about(
                    "Stop a run",
                    "One that waits ends at once; one that is under way as soon as its scanner is ended.",
                )
                .gives::<RunView>(),
        )
}
