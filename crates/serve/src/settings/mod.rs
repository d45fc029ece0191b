//! Settings: people and tokens. What else is set has slices of its own below `/settings`.

mod tokens;
mod users;

use axum::http::Method;
use axum::response::Response;

use crate::auth::Permission;
use crate::route::{Route, Routes, action, only, redirect, view};

pub(crate) fn routes() -> Routes {
    let (see, change) = (Permission::SettingsRead, Permission::UsersManage);
    let all: Vec<Route> = vec![
        only(Method::GET, "/settings", see, index),
        view("/settings/users", see, users::list)
            .api_path("/users")
            .about("People", "Everybody, with role, and what each role may.")
            .gives::<users::UsersView>(),
        action("/settings/users", change, users::invite)
            .api_path("/users")
            .about(
                "Invite somebody",
                "Takes somebody in and gives a link, shown once, with which the person sets a password within a week.",
            )
            .takes::<users::Invite>()
            .gives::<users::InvitedView>()
            .creates(),
        action("/settings/users/{id}", change, users::change)
            .api(Method::PATCH, "/users/{id}")
            .about(
                "Change a person",
                "Changes name, mail, role, or whether the person may sign in. The last administrator stays one.",
            )
            .takes::<users::Change>()
            .gives::<users::UserView>(),
        action("/settings/users/{id}/link", change, users::link)
            .api_path("/users/{id}/link")
            .about(
                "A new link for a person",
                "Gives a link, shown once, with which the person sets a new password; earlier links end.",
            )
            .gives::<users::InvitedView>()
            .creates(),
        action("/settings/users/{id}/sign-out", change, users::sign_out)
            .api_path("/users/{id}/sign-out")
            .about("Sign a person out everywhere", "Ends all sessions of the person.")
            .gives::<users::UserView>(),
        action("/settings/users/{id}/factor/remove", change, users::remove_factor)
            .api(Method::DELETE, "/users/{id}/factor")
            .about("End the second factor of a person", "For those who lost the telephone.")
            .gives::<users::UserView>(),
        action("/settings/users/{id}/remove", change, users::remove)
            .api(Method::DELETE, "/users/{id}")
            .about(
                "Remove a person",
                "Removes the person with sessions and tokens; what the person did stays in the audit log.",
            )
            .gives::<users::RemovedView>(),
        view("/settings/tokens", see, tokens::list)
            .api_path("/tokens")
            .about("Tokens", "The tokens of everybody, without their secrets.")
            .gives::<tokens::TokensView>(),
        action("/settings/tokens/{id}/revoke", change, tokens::revoke)
            .api(Method::DELETE, "/tokens/{id}")
            .about("End a token", "It is refused from then on.")
            .gives::<tokens::TokensView>(),
    ];
    all.into_iter()
        .fold(Routes::of("People and tokens"), Routes::add)
}

async fn index() -> Response {
    redirect("/settings/users")
}
