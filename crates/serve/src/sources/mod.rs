//! Sources: what is looked at, and when.

mod act;
mod form;
mod health;
mod list;
mod one;
pub mod options;
mod view;

use axum::http::Method;

pub(crate) use view::icon;

use crate::auth::Permission;
use crate::route::{Routes, action, only, view};

pub(crate) fn routes() -> Routes {
    let manage = Permission::SourcesManage;
    Routes::of("Sources")
        .add(
            view("/sources", Permission::EstateRead, list::list)
                .about(
                    "Sources",
                    "What is looked at, with how each fares, in order of name.",
                )
                .query::<list::Filter>()
                .gives::<list::ListView>(),
        )
        .add(
            action("/sources", manage, act::add)
                .about(
                    "Add a source",
                    "What is looked at by the server itself is looked at once at once.",
                )
                .takes::<act::SourceInput>()
                .gives::<view::SourceView>()
                .creates(),
        )
        .add(only(Method::GET, "/sources/new", manage, form::new))
        .add(
            view("/sources/{id}", Permission::EstateRead, one::show)
                .about("A source", "What it is, how it fares, its last runs.")
                .gives::<view::SourceView>(),
        )
        .add(only(Method::GET, "/sources/{id}/edit", manage, form::edit))
        .add(
            action("/sources/{id}", manage, act::edit)
                .api(Method::PATCH, "/sources/{id}")
                .about(
                    "Change a source",
                    "Members that are absent stay; `revision` says which state was seen.",
                )
                .takes::<act::SourceInput>()
                .gives::<view::SourceView>(),
        )
        .add(only(
            Method::GET,
            "/sources/{id}/remove",
            manage,
            form::remove,
        ))
        .add(
            action("/sources/{id}/remove", manage, act::remove)
                .api(Method::DELETE, "/sources/{id}")
                .about(
                    "Remove a source",
                    "It is looked at no more; its history stays, and adding it again brings it back.",
                )
                .gives::<view::SourceView>(),
        )
        .add(
            action("/sources/{id}/run", Permission::SourcesRun, act::run)
                .about(
                    "Look at a source now",
                    "Asks for a run; while one is unfinished it is that one.",
                )
                .gives::<crate::runs::RunView>(),
        )
}
