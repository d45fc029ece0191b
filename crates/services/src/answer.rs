//! What came back for one request.

use std::collections::BTreeMap;

/// Paths that no server has, with the place where the caller puts a word that nobody can foresee: what a server
/// answers there it answers to everything.
pub const UNKNOWN_PATHS: [&str; 3] = ["/{}", "/api/{}", "/v1/{}"];

/// One answer to a GET request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// The status, 100 to 599.
    pub status: u16,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body as text, as much of it as was read.
    pub body: String,
    /// The body as JSON, where it is.
    json: Option<serde_json::Value>,
}

impl Answer {
    /// An answer with its body, which is read as JSON where it looks like it.
    #[must_use]
    pub fn new(status: u16, headers: Vec<(String, String)>, body: String) -> Self {
        let trimmed = body.trim_start();
        let json = trimmed
            .starts_with(['{', '[', '"'])
            .then(|| serde_json::from_str(trimmed).ok())
            .flatten();
        Self {
            status,
            headers,
            body,
            json,
        }
    }

    /// The first header of this name, given in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// The body as JSON, where it is.
    #[must_use]
    pub fn json(&self) -> Option<&serde_json::Value> {
        self.json.as_ref()
    }

    /// Whether the server asks who is there.
    #[must_use]
    pub fn asks_who(&self) -> bool {
        matches!(self.status, 401 | 403 | 407) || self.leads_to_login()
    }

    /// Whether it sends people to a page where they say who they are.
    fn leads_to_login(&self) -> bool {
        matches!(self.status, 301 | 302 | 303 | 307 | 308)
            && self.header("location").is_some_and(|to| {
                let to = to.to_ascii_lowercase();
                [
                    "login", "signin", "sign-in", "sign_in", "oauth", "/auth", "sso",
                ]
                .iter()
                .any(|word| to.contains(word))
            })
    }
}

/// All answers of one address.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    by_path: BTreeMap<String, Answer>,
    /// What came back for paths that do not exist.
    pub(crate) unknown: Vec<Answer>,
}

impl Answers {
    /// Adds the answer for a path of the catalogue.
    pub fn add(&mut self, path: impl Into<String>, answer: Answer) {
        self.by_path.insert(path.into(), answer);
    }

    /// Adds the answer for a path that does not exist.
    pub fn add_unknown(&mut self, answer: Answer) {
        self.unknown.push(answer);
    }

    /// The answer for a path.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&Answer> {
        self.by_path.get(path)
    }

    /// Every answer with its path, in order of path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Answer)> {
        self.by_path
            .iter()
            .map(|(path, answer)| (path.as_str(), answer))
    }

    /// Whether nothing came back that was HTTP.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_path.is_empty() && self.unknown.is_empty()
    }

    /// Whether paths that do not exist are answered as if they did.
    #[must_use]
    pub fn answers_everything(&self) -> bool {
        self.unknown.iter().any(|answer| answer.status == 200)
    }
}
