//! A message as a letter: plain text, and the same in simple HTML.

use askama::Template;

use super::message::Body;

/// What mail carries.
pub(super) struct Letter {
    pub(super) subject: String,
    pub(super) plain: String,
    pub(super) html: String,
}

#[derive(Template)]
#[template(path = "mail/message.txt")]
struct Plain<'a> {
    body: &'a Body,
}

#[derive(Template)]
#[template(path = "mail/message.html")]
struct Html<'a> {
    body: &'a Body,
}

/// The letter of a message.
///
/// # Errors
///
/// When the message is none of ours.
pub(super) fn of(body: &str) -> Result<Letter, String> {
    let body = read(body)?;
    Ok(Letter {
        subject: format!("[Stance] {}", crate::format::shorten(&body.data.title, 140)),
        plain: Plain { body: &body }
            .render()
            .map_err(|error| error.to_string())?,
        html: Html { body: &body }
            .render()
            .map_err(|error| error.to_string())?,
    })
}

/// The text of a message, as mail says it.
///
/// # Errors
///
/// When the message is none of ours.
pub(crate) fn plain(body: &str) -> Result<String, String> {
    let body = read(body)?;
    Plain { body: &body }
        .render()
        .map_err(|error| error.to_string())
}

fn read(body: &str) -> Result<Body, String> {
    serde_json::from_str(body).map_err(|error| format!("the message cannot be read: {error}"))
}

impl Body {
    /// How many things are not told in detail.
    fn more(&self) -> u64 {
        self.data.total.saturating_sub(self.data.items.len() as u64)
    }
}
