//! What a token claims, once its signature is known to be right.

use jiff::Timestamp;
use serde_json::Value;

use super::Doubt;
use crate::signature::json::Object;

/// Claims that somebody signed.
#[derive(Clone, Debug, PartialEq)]
pub struct Claims {
    all: Object,
    kind: Option<String>,
}

/// What the claims of a token have to be.
#[derive(Clone, Copy, Debug, Default)]
pub struct Expected<'e> {
    /// Who issued it, letter by letter. `None` where its keys belong to one issuer anyway (SPIFFE).
    pub issuer: Option<&'e str>,
    /// For whom it is: one of these is among its audiences.
    pub audiences: &'e [String],
    /// What its header says that it is (`typ`), such as `at+jwt`. `None`: nothing, or one of the usual `JWT`, `at+jwt`, `JOSE`.
    pub kind: Option<&'e str>,
    /// Seconds by which the clocks may differ.
    pub leeway: i64,
}

impl Claims {
    pub(super) const fn new(all: Object, kind: Option<String>) -> Self {
        Self { all, kind }
    }

    /// All of them.
    #[must_use]
    pub fn into_value(self) -> Value {
        Value::Object(self.all)
    }

    /// A claim by its name, or by a path with dots into it (`realm_access.roles`) unless a claim itself is called so.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.all.get(name).or_else(|| {
            let (first, rest) = name.split_once('.')?;
            let first = self.all.get(first)?;
            rest.split('.')
                .try_fold(first, |inner, part| inner.get(part))
        })
    }

    /// A claim that is a text, or a list of texts.
    #[must_use]
    pub fn words(&self, name: &str) -> Vec<&str> {
        match self.get(name) {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// The last second in which it holds.
    #[must_use]
    pub fn expires(&self) -> Option<i64> {
        self.second("exp").ok().flatten()
    }

    /// Holds them against what they have to be, at a time.
    ///
    /// # Errors
    /// [`Doubt::Claim`] with the first thing that is wrong.
    pub fn check(&self, expected: &Expected<'_>, now: Timestamp) -> Result<(), Doubt> {
        let wrong = |what| Err(Doubt::Claim(what));
        if !self.is_of_kind(expected.kind) {
            return wrong("it is a token of another kind");
        }
        if let Some(issuer) = expected.issuer
            && self.all.get("iss").and_then(Value::as_str) != Some(issuer)
        {
            return wrong("it is from another issuer");
        }
        let audiences = match self.all.get("aud") {
            Some(Value::String(one)) => vec![one.as_str()],
            Some(Value::Array(all)) if all.iter().all(Value::is_string) => {
                all.iter().filter_map(Value::as_str).collect()
            }
            _ => return wrong("it is for nobody"),
        };
        if !audiences
            .iter()
            .any(|it| expected.audiences.iter().any(|ours| ours == it))
        {
            return wrong("it is for somebody else");
        }
        let now = now.as_second();
        let Some(end) = self.second("exp")? else {
            return wrong("it never ends");
        };
        if end.saturating_add(expected.leeway) <= now {
            return wrong("it is too old");
        }
        let future = now.saturating_add(expected.leeway);
        for name in ["nbf", "iat"] {
            if self.second(name)?.is_some_and(|begin| begin > future) {
                return wrong("it is of the future");
            }
        }
        Ok(())
    }

    /// A time, in seconds since 1970; fractions do not count.
    fn second(&self, name: &str) -> Result<Option<i64>, Doubt> {
        let Some(value) = self.all.get(name) else {
            return Ok(None);
        };
        let second = value.as_i64().or_else(|| {
            let second = value.as_f64()?;
            #[expect(clippy::cast_possible_truncation, reason = "the range was looked at")]
            (0.0..=9e15).contains(&second).then_some(second as i64)
        });
        match second {
            Some(second) => Ok(Some(second)),
            None => Err(Doubt::Claim("it has a time that is none")),
        }
    }

    fn is_of_kind(&self, expected: Option<&str>) -> bool {
        // RFC 7515, section 4.1.9: what stands before it may be left out; RFC 8725, section 3.11.
        let plain = |kind: &str| {
            let kind = kind.to_ascii_lowercase();
            kind.strip_prefix("application/")
                .map_or(kind.clone(), str::to_owned)
        };
        match (expected, self.kind.as_deref().map(plain)) {
            (Some(expected), Some(kind)) => plain(expected) == kind,
            (Some(_), None) => false,
            (None, Some(kind)) => matches!(kind.as_str(), "jwt" | "at+jwt" | "jose"),
            (None, None) => true,
        }
    }
}
