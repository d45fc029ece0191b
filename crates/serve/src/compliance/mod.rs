//! Compliance: how the controls of each framework stand, by what rules show.

mod control;
mod export;
mod framework;
mod overview;
mod read;
mod standing;

use axum::http::Method;

use crate::auth::Permission;
use crate::route::{Routes, only, view};

pub(crate) use overview::{Summary, summaries};
pub(crate) use read::Standing;
pub(crate) use standing::{Kept, standing, standing_now};

pub(crate) fn routes() -> Routes {
    let read = Permission::EstateRead;
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
        .add(only(Method::GET, "/compliance.csv", read, export::csv))
}
