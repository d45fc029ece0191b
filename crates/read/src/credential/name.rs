//! What the name of a setting tells about its value.

/// Whether a setting of this name holds a credential, judged by its words:
/// `OPENAI_API_KEY`, `dbPassword`, `Authorization`, but not `MAX_TOKENS` or `KEY_FILE`.
#[must_use]
pub fn names_credential(name: &str) -> bool {
    let words = words(name);
    let Some(last) = words.last().map(String::as_str) else {
        return false;
    };
    let before = words.iter().rev().nth(1).map(String::as_str);
    if ABOUT.contains(&last) {
        return false;
    }
    match last {
        "token" | "apikey" | "pat" | "authorization" | "cookie" | "bearer" => true,
        // `key` alone names an entry more often than a credential.
        "key" => before.is_some_and(|before| !KINDS_OF_KEY.contains(&before)),
        "pwd" | "pass" => before.is_some(),
        _ => words.iter().any(|word| SECRET.contains(&word.as_str())),
    }
}

/// Whether a value of this form can be the credential that the name speaks of.
pub(super) fn fits(name: &str, value: &str) -> bool {
    let path = value.starts_with(['/', '~', '.']) || value.contains(":\\");
    if path || value.contains(char::is_whitespace) {
        return false;
    }
    let chosen_by_people = words(name).iter().any(|word| {
        matches!(
            word.as_str(),
            "password" | "passwd" | "passphrase" | "pwd" | "pass"
        )
    });
    let length = value.chars().count();
    if chosen_by_people {
        return length >= 6;
    }
    let digit = value.bytes().any(|byte| byte.is_ascii_digit());
    (length >= 10 && digit && value.bytes().any(|byte| byte.is_ascii_alphabetic()))
        || (length >= 20 && super::entropy(value) >= 3.5)
}

/// Whether the value is the fingerprint of a key of OpenPGP, which images name to check what they download.
pub(super) fn is_fingerprint(name: &str, value: &str) -> bool {
    let words = words(name);
    let has = |all: &[&str]| words.iter().any(|word| all.contains(&word.as_str()));
    has(&["gpg", "pgp", "openpgp"])
        && !has(&["private", "pass"])
        && !has(&SECRET)
        && matches!(value.len(), 16 | 40 | 64)
        && value.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether a setting of this name holds a random-looking value that is meant to be seen.
pub(super) fn names_identifier(name: &str) -> bool {
    words(name)
        .iter()
        .any(|word| IDENTIFIERS.contains(&word.as_str()))
}

/// Words that say that a value is a credential, wherever they stand in the name.
const SECRET: [&str; 7] = [
    "secret",
    "password",
    "passwd",
    "passphrase",
    "credential",
    "apikey",
    "accesskey",
];

/// Last words that say that the value is about a credential, or something else altogether.
const ABOUT: [&str; 44] = [
    "algorithm",
    "arn",
    "attempts",
    "budget",
    "class",
    "command",
    "count",
    "dir",
    "directory",
    "enabled",
    "endpoint",
    "env",
    "expiration",
    "expires",
    "expiry",
    "field",
    "file",
    "format",
    "header",
    "host",
    "id",
    "length",
    "limit",
    "location",
    "manager",
    "max",
    "min",
    "mode",
    "name",
    "namespace",
    "path",
    "policy",
    "prefix",
    "provider",
    "ref",
    "required",
    "rotation",
    "size",
    "timeout",
    "ttl",
    "type",
    "uri",
    "url",
    "version",
];

/// Words before `key` that make it something else than a credential.
const KINDS_OF_KEY: [&str; 14] = [
    "cache",
    "foreign",
    "group",
    "host",
    "index",
    "map",
    "partition",
    "primary",
    "public",
    "route",
    "routing",
    "shard",
    "sort",
    "unique",
];

const IDENTIFIERS: [&str; 22] = [
    "certificate",
    "checksum",
    "commit",
    "description",
    "digest",
    "fingerprint",
    "hash",
    "id",
    "image",
    "integrity",
    "model",
    "name",
    "path",
    "pem",
    "public",
    "ref",
    "resolved",
    "revision",
    "rev",
    "sha",
    "sha256",
    "uuid",
];

/// The words of a name in lower case: split at what is no letter or digit, and before a capital
/// that follows a small letter.
fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut small = false;
    for character in name.chars().take(256) {
        if (!character.is_alphanumeric() || (small && character.is_uppercase())) && !word.is_empty()
        {
            words.push(std::mem::take(&mut word));
        }
        if character.is_alphanumeric() {
            word.extend(character.to_lowercase());
        }
        small = character.is_lowercase();
    }
    if !word.is_empty() {
        words.push(word);
    }
    // `OPENAI_API_KEY_2` is an `OPENAI_API_KEY`.
    while words.len() > 1
        && words
            .last()
            .is_some_and(|word| word.bytes().all(|byte| byte.is_ascii_digit()))
    {
        words.pop();
    }
    words
}
