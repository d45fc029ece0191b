//! What an ID token says, and whether it is for us and of now (OpenID Connect Core 1.0, section 3.1.3.7).

use jiff::Timestamp;
use serde_json::Value;
use stance_store::accounts::Role;

use super::Provider;
use crate::error::ApiError;
use crate::secret;

/// Seconds by which the clocks may differ.
const DRIFT: i64 = 60;

/// Who somebody is, as the provider says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    /// Issuer and subject: never somebody else's.
    pub(crate) subject: String,
    /// A name to sign in with, if it can be one.
    pub(crate) login: String,
    /// What others call the person.
    pub(crate) name: String,
    /// Where mail goes.
    pub(crate) email: Option<String>,
    /// What the person is here.
    pub(crate) role: Role,
}

/// Reads claims whose signature was verified.
pub(super) fn read(
    provider: &Provider,
    claims: &Value,
    nonce: &str,
    now: Timestamp,
) -> Result<Identity, ApiError> {
    let refuse = |why: &str| {
        Err(ApiError::forbidden(format!(
            "the identity provider's answer does not hold: {why}"
        )))
    };
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    if text("iss") != provider.issuer {
        return refuse("it is from another issuer");
    }
    let client = provider.client_id.as_str();
    let (ours, only) = match claims.get("aud") {
        Some(Value::String(audience)) => (audience == client, true),
        Some(Value::Array(all)) => (all.iter().any(|one| one == client), all.len() == 1),
        _ => (false, false),
    };
    if !ours || !only && text("azp") != client {
        return refuse("it is for another service");
    }
    let second = |name: &str| claims.get(name).and_then(Value::as_i64);
    let now = now.as_second();
    if second("exp").is_none_or(|end| end <= now - DRIFT) {
        return refuse("it is too old");
    }
    if second("iat").is_some_and(|made| made > now + DRIFT) {
        return refuse("it is of the future; check the clocks");
    }
    if !secret::same(text("nonce"), nonce) {
        return refuse("it is for another sign-in");
    }
    let subject = text("sub");
    if subject.is_empty() || subject.len() > 255 {
        return refuse("it names nobody");
    }
    let role = role(provider, claims).ok_or_else(|| {
        ApiError::forbidden(
            "the identity provider knows you, but nothing of what it says gives you a role here; ask an administrator",
        )
    })?;
    let login = ["preferred_username", "email"].map(text);
    let login = login
        .into_iter()
        .find(|login| !login.is_empty())
        .unwrap_or(subject);
    let name = Some(text("name"))
        .filter(|name| !name.is_empty())
        .unwrap_or(login);
    Ok(Identity {
        subject: format!("{} {subject}", provider.issuer),
        login: as_login(login),
        name: name.chars().filter(|c| !c.is_control()).take(100).collect(),
        email: Some(text("email").to_owned())
            .filter(|email| email.contains('@') && email.len() <= 254),
        role,
    })
}

/// The first role of the mapping of which the claim has the word.
fn role(provider: &Provider, claims: &Value) -> Option<Role> {
    // A path with dots, such as `realm_access.roles`, unless the claim itself is called so.
    let claim = claims.get(&provider.role_claim).or_else(|| {
        let mut parts = provider.role_claim.split('.');
        parts.try_fold(claims, |claims, part| claims.get(part))
    });
    let has = |word: &str| match claim {
        Some(Value::String(one)) => one == word,
        Some(Value::Array(all)) => all.iter().any(|one| one == word),
        _ => false,
    };
    let mapped = provider.roles.iter().find(|(word, _)| has(word));
    mapped.map(|(_, role)| *role).or(provider.default_role)
}

/// A name that signs in, made of whatever the provider calls somebody.
fn as_login(name: &str) -> String {
    let login: String = name
        .to_lowercase()
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || ".-_@".contains(c) {
                c
            } else {
                '-'
            }
        })
        .skip_while(|c| !c.is_ascii_alphanumeric())
        .take(60)
        .collect();
    if login.is_empty() {
        "user".to_owned()
    } else {
        login
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn provider() -> Provider {
        Provider {
            issuer: "https://id.example".to_owned(),
            client_id: "stance".to_owned(),
            client_secret: None,
            role_claim: "groups".to_owned(),
            roles: vec![
                ("admins".to_owned(), Role::Admin),
                ("staff".to_owned(), Role::Viewer),
            ],
            default_role: None,
        }
    }

    fn good() -> Value {
        json!({
            "iss": "https://id.example", "aud": "stance", "sub": "42", "exp": 1000, "iat": 900, "nonce": "n",
            "preferred_username": "Ada L", "groups": ["staff", "admins"],
        })
    }

    fn at(claims: &Value) -> Result<Identity, ApiError> {
        read(
            &provider(),
            claims,
            "n",
            Timestamp::from_second(950).unwrap(),
        )
    }

    #[test]
    fn what_is_for_us_and_of_now_names_somebody() {
        let identity = at(&good()).unwrap();
        assert_eq!(identity.subject, "https://id.example 42");
        assert_eq!(
            (identity.login.as_str(), identity.role),
            ("ada-l", Role::Admin)
        );
    }

    #[test]
    fn each_claim_that_does_not_hold_is_enough_to_refuse() {
        for (claim, value) in [
            ("iss", json!("https://evil.example")),
            ("aud", json!("other")),
            ("aud", json!(["stance", "other"])),
            ("aud", json!(null)),
            ("exp", json!(800)),
            ("exp", json!(null)),
            ("iat", json!(2000)),
            ("nonce", json!("other")),
            ("nonce", json!(null)),
            ("sub", json!("")),
            ("groups", json!(["strangers"])),
            ("groups", json!(null)),
        ] {
            let mut claims = good();
            claims[claim] = value.clone();
            assert_eq!(at(&claims).unwrap_err().status(), 403, "{claim}: {value}");
        }
    }

    #[test]
    fn the_claim_may_lie_deeper() {
        let mut provider = provider();
        provider.role_claim = "realm_access.roles".to_owned();
        let mut claims = good();
        claims["realm_access"] = json!({"roles": ["staff"]});
        assert_eq!(role(&provider, &claims), Some(Role::Viewer));
        assert_eq!(role(&provider, &good()), None);
    }
}
