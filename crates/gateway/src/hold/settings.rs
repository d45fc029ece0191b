//! The settings under `[gateway.ask]`.

use std::time::Duration;

use hyper::Uri;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Longest that anything is held, in seconds.
const LONGEST: u32 = 3_600;

/// Longest that a decision is remembered, in seconds.
const LONGEST_MEMORY: u32 = 86_400;

/// Most questions that may wait at once.
const MOST: u32 = 10_000;

/// What is done with what a rule asks about. Without this section, `ask` stops an exchange as `block` does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Ask {
    /// An address that each question is sent to, and that may answer: `https://…`, or `http://` on this machine.
    pub webhook: Option<String>,
    /// Where the secret comes from that questions and answers are signed with: `env:NAME` or `file:PATH`. What is there is
    /// `whsec_` with Base64, as programs for Standard Webhooks write it, or at least 24 characters.
    pub secret: Option<String>,
    /// Seconds until a question that nobody answers is over, up to 3600.
    pub deadline: u32,
    /// What happens then.
    pub at_deadline: AtDeadline,
    /// Most questions that wait at once; what comes beyond is refused.
    pub most_waiting: u32,
    /// Whether whoever is asked sees what a tool would be given. Other words are never shown.
    pub show_arguments: bool,
    /// Seconds for which a decision may count for the same identity, tools and rules, if whoever decides wants it so, up to
    /// 86400. 0: each decision counts once.
    pub remember: u32,
}

impl Default for Ask {
    fn default() -> Self {
        Self {
            webhook: None,
            secret: None,
            deadline: 120,
            at_deadline: AtDeadline::default(),
            most_waiting: 64,
            show_arguments: false,
            remember: 0,
        }
    }
}

/// What happens to what is held when nobody answered in time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AtDeadline {
    /// It is refused.
    #[default]
    Refuse,
    /// It goes on.
    Pass,
}

impl Ask {
    pub(crate) fn patience(&self) -> Duration {
        Duration::from_secs(u64::from(self.deadline))
    }

    pub(crate) fn memory(&self) -> Option<Duration> {
        (self.remember > 0).then(|| Duration::from_secs(u64::from(self.remember)))
    }

    /// Everything in them that means nothing: the setting, and what would be right.
    pub(crate) fn check(&self) -> Vec<(&'static str, String)> {
        let mut found = Vec::new();
        if let Some(webhook) = &self.webhook {
            if let Err(what) = address(webhook) {
                found.push(("webhook", what));
            }
            if self.secret.is_none() {
                found.push((
                    "secret",
                    "a webhook needs one: say where it comes from, `env:NAME` or `file:PATH`"
                        .to_owned(),
                ));
            }
        }
        if let Some(secret) = &self.secret
            && !(secret.starts_with("env:") || secret.starts_with("file:"))
        {
            found.push((
                "secret",
                "a secret is never written here; say where it comes from: `env:NAME` or `file:PATH`".to_owned(),
            ));
        }
        let mut within = |name, value: u32, least: u32, most: u32| {
            if !(least..=most).contains(&value) {
                found.push((name, format!("from {least} to {most}")));
            }
        };
        within("deadline", self.deadline, 1, LONGEST);
        within("most-waiting", self.most_waiting, 1, MOST);
        within("remember", self.remember, 0, LONGEST_MEMORY);
        found
    }
}

/// The address of a webhook.
pub(super) fn address(text: &str) -> Result<Uri, String> {
    let wrong =
        || format!("`{text}` is no address; give one such as `https://approve.example.org/stance`");
    let uri: Uri = text.parse().map_err(|_| wrong())?;
    let authority = uri.authority().ok_or_else(wrong)?;
    if authority.as_str().contains('@') {
        return Err("an address holds no password; what it is sent is signed".to_owned());
    }
    let here = matches!(authority.host(), "localhost" | "127.0.0.1" | "[::1]");
    match uri.scheme_str() {
        Some("https") => Ok(uri),
        Some("http") if here => Ok(uri),
        _ => Err("`https://`, or `http://` on this machine (127.0.0.1, localhost)".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_nothing_is_told() {
        assert_eq!(Ask::default().check(), []);
        let wrong = Ask {
            webhook: Some("http://approve.example.org/".to_owned()),
            secret: Some("literal".to_owned()),
            deadline: 0,
            most_waiting: 0,
            remember: 90_000,
            ..Ask::default()
        };
        let places: Vec<&str> = wrong.check().into_iter().map(|it| it.0).collect();
        assert_eq!(
            places,
            ["webhook", "secret", "deadline", "most-waiting", "remember"]
        );
        let unsigned = Ask {
            webhook: Some("http://127.0.0.1:9/".to_owned()),
            ..Ask::default()
        };
        assert_eq!(unsigned.check().len(), 1);
        assert!(address("https://a:b@approve.example.org/").is_err());
    }
}
