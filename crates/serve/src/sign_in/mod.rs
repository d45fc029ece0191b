//! Signing in, by name and password or by a link that counts once, and signing out.

mod welcome;

use askama::Template;
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse as _, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stance_store::Accounts as _;

use crate::ask::{Ask, Input, Query};
use crate::auth::Permission;
use crate::auth::sign_in::{self, Outcome};
use crate::error::ApiError;
use crate::frame::{Flash, Frame, SIGN_OUT, Tone};
use crate::http::{cookie, path_and_query};
use crate::record::Teller;
use crate::route::{Routes, action, only, redirect};
use crate::view::{Done, Page, View};

pub(crate) fn routes() -> Routes {
    Routes::of("Signing in")
        .add(only(axum::http::Method::GET, "/sign-in", Permission::Public, page).query::<Next>())
        .add(
            action("/sign-in", Permission::Public, sign_in)
                .about(
                    "Sign in",
                    "Begins a session with name and password, and a code if there is a second factor. The session is a \
                     cookie for browsers; programs better use a token.",
                )
                .takes::<SignIn>()
                .gives::<SignedIn>(),
        )
        .add(
            action(SIGN_OUT, Permission::OwnAccount, sign_out)
                .about("Sign out", "Ends the session of the request.")
                .gives::<SignedOut>(),
        )
        .add(
            only(axum::http::Method::GET, "/welcome/{secret}", Permission::Public, welcome::page),
        )
        .add(
            only(axum::http::Method::POST, "/welcome/{secret}", Permission::Public, welcome::begin)
                .takes::<welcome::Begin>(),
        )
}

/// Where to go on after signing in.
#[derive(Debug, Default, Deserialize, JsonSchema)]
struct Next {
    /// A path of this server.
    #[serde(default)]
    next: String,
}

impl Next {
    fn path(&self) -> String {
        let local = path_and_query::is_local(&self.next);
        if local {
            self.next.clone()
        } else {
            "/".to_owned()
        }
    }
}

/// Name, password, and a code if there is a second factor.
#[derive(Deserialize, JsonSchema)]
struct SignIn {
    /// The name to sign in with.
    login: String,
    /// The password.
    password: String,
    /// The code of the second factor.
    #[serde(default)]
    code: Option<String>,
    /// Where a browser goes on.
    #[serde(default)]
    next: String,
}

/// Who signed in.
#[derive(Debug, Serialize, JsonSchema)]
struct SignedIn {
    /// The number of the person.
    user: i64,
    /// The name to sign in with.
    login: String,
    /// What the person is here.
    role: String,
}

/// That the session ended.
#[derive(Debug, Serialize, JsonSchema)]
struct SignedOut {
    /// Always.
    signed_out: bool,
}

/// The page of signing in.
#[derive(Debug, Serialize)]
struct SignInView {
    login: String,
    next: String,
    code: bool,
    wrong: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "sign_in/sign_in.html")]
struct SignInPage<'a> {
    frame: Frame,
    view: &'a SignInView,
}

impl Page for SignInView {
    fn html(&self, frame: Frame) -> askama::Result<String> {
        let mut frame = frame.beside("Sign in");
        // A card, also for somebody who is signed in and wants to be somebody else.
        frame.viewer = None;
        frame.flash = self
            .wrong
            .map(|wrong| Flash::new(Tone::Bad, wrong))
            .or(frame.flash);
        SignInPage { frame, view: self }.render()
    }
}

async fn page(ask: Ask, Query(next): Query<Next>) -> Response {
    if ask.who.person().is_some() {
        return redirect(&next.path());
    }
    View(SignInView {
        login: String::new(),
        next: next.next,
        code: false,
        wrong: None,
    })
    .into_response()
}

async fn sign_in(ask: Ask, Input(input): Input<SignIn>) -> Result<Response, ApiError> {
    let outcome = sign_in::check(&ask, &input.login, &input.password, input.code.as_deref());
    let (wrong, code) = match outcome.await? {
        Outcome::Known(user) => {
            let cookie = sign_in::begin(&ask, user.id).await?;
            let next = Next { next: input.next };
            let done = Done::to(
                next.path(),
                SignedIn {
                    user: user.id.0,
                    login: user.login,
                    role: user.role.to_string(),
                },
            );
            return Ok(([(SET_COOKIE, cookie)], done).into_response());
        }
        Outcome::CodeNeeded => (
            "Now the code of your authenticator, and the password once more.",
            true,
        ),
        Outcome::Wrong => ("Name, password or code is wrong.", input.code.is_some()),
    };
    if ask.request.api {
        return Err(ApiError {
            detail: wrong.to_owned(),
            ..ApiError::unauthenticated()
        });
    }
    let view = View(SignInView {
        login: input.login,
        next: input.next,
        code,
        wrong: Some(wrong),
    });
    Ok((StatusCode::UNAUTHORIZED, view).into_response())
}

async fn sign_out(ask: Ask) -> Result<Response, ApiError> {
    if let Some(person) = ask.who.person() {
        let (user, session) = (person.user.id, person.session.id);
        let teller = Teller::of(&ask);
        ask.db
            .write(move |store| {
                store.end_session(user, session)?;
                teller.tell(
                    store,
                    "session.end",
                    "session",
                    session,
                    serde_json::json!({}),
                )
            })
            .await?;
    }
    let gone = cookie::remove(&ask.settings, cookie::SESSION);
    let done = Done::to("/sign-in", SignedOut { signed_out: true });
    Ok(([(SET_COOKIE, gone)], done.notice("You are signed out.")).into_response())
}
