//! Pages that belong to no slice, and the frame of all of them.

use askama::Template;
use axum::http::HeaderValue;

use crate::app::App;
use crate::ask::Asked;
use crate::auth::{Permission, Principal};
use crate::error::ApiError;
use crate::frame::{Flash, Frame, Section, Theme, Tone, Viewer};
use crate::http::cookie;

/// What a section of the menu asks for.
const fn needs(section: Section) -> Permission {
    match section {
        Section::Audit => Permission::AuditRead,
        Section::Settings => Permission::SettingsRead,
        _ => Permission::EstateRead,
    }
}

/// The frame of a page for whoever asks, and whether it shows a notice that is to be shown once.
pub(crate) fn frame(
    app: &App,
    who: &Principal,
    asked: &Asked,
    cookies: &[HeaderValue],
) -> (Frame, bool) {
    let theme = cookie::plain(cookies, Theme::COOKIE).unwrap_or_default();
    let notice = cookie::flash(&app.settings, cookies);
    let flashed = notice.is_some();
    let person = who.person();
    let summary = app.summary.get();
    let frame = Frame {
        counts: summary.counts,
        health: summary.health,
        viewer: person.map(|person| Viewer {
            name: person.user.name.clone(),
            role: person.user.role.to_string(),
        }),
        hidden: Section::ALL
            .into_iter()
            .filter(|section| !who.may(needs(*section)))
            .collect(),
        theme: Theme::named(&theme),
        flash: notice.map(|notice| Flash::new(Tone::Good, notice)),
        csrf: person.map(|person| person.csrf.clone()).unwrap_or_default(),
        now: app.clock.now(),
        path: asked.target.clone(),
        heard: asked.heard,
        ..Frame::default()
    };
    (frame, flashed)
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    frame: Frame,
    error: &'a ApiError,
    request: &'a str,
    signed_in: bool,
}

/// The page of an error.
pub(crate) fn error(error: &ApiError, asked: &Asked, frame: Frame) -> askama::Result<String> {
    let signed_in = frame.viewer.is_some();
    ErrorPage {
        frame: frame.beside(error.title),
        error,
        request: &asked.id,
        signed_in,
    }
    .render()
}

#[derive(Template)]
#[template(path = "bounce.html")]
struct Bounce<'a> {
    frame: Frame,
    to: &'a str,
}

/// A page that goes on to a path of this server by itself.
pub(crate) fn bounce(to: &str) -> Result<String, ApiError> {
    let frame = Frame::default().beside("Going on");
    Bounce { frame, to }.render().map_err(ApiError::internal)
}
