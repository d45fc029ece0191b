//! Values that stand where a credential belongs but are none.

/// Whether a value comes from outside (`${VAR}`, `$(command)`, `${input:x}`, `op://…`), is there to
/// be replaced (`your-key-here`, `<token>`, `changeme`), or says that there is none (`none`, `EMPTY`).
#[must_use]
pub fn is_placeholder(value: &str) -> bool {
    let value = value.trim_matches(|c: char| c.is_whitespace() || c == '"' || c == '\'');
    let lower = value.to_ascii_lowercase();
    value.is_empty()
        || is_reference(value, &lower)
        || to_be_replaced(value, &lower)
        || is_default_word(&lower)
}

fn is_reference(value: &str, lower: &str) -> bool {
    let inside = ["${", "$(", "{{", "<%", "%(", "#{", "`"];
    let variable = value.strip_prefix('$').is_some_and(|name| {
        // `$ecret1` is a password; `$NAME` is a variable.
        name.chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    });
    variable
        || inside.iter().any(|mark| value.contains(mark))
        || (value.len() > 2 && value.starts_with('%') && value.ends_with('%'))
        || (value.starts_with('{') && value.ends_with('}'))
        || STORES.iter().any(|store| lower.starts_with(store))
        // The name of a variable where its value belongs.
        || (value.contains('_')
            && value.chars().all(|c| c.is_ascii_uppercase() || c == '_'))
}

/// Prefixes of references into a store of secrets.
const STORES: [&str; 14] = [
    "op://",
    "vault:",
    "vault://",
    "env:",
    "env.",
    "file:",
    "keychain:",
    "secret://",
    "secrets.",
    "arn:",
    "sm://",
    "ssm:",
    "projects/",
    "process.env",
];

fn to_be_replaced(value: &str, lower: &str) -> bool {
    let distinct = value
        .chars()
        .collect::<std::collections::BTreeSet<char>>()
        .len();
    let starts = [
        "my-", "my_", "test-", "test_", "sk-test", "the-", "some-", "enter", "put-", "set-",
    ];
    (value.contains('<') && value.contains('>'))
        || (value.starts_with('[') && value.ends_with(']'))
        || distinct <= 3
        || WORDS.iter().any(|word| lower.contains(word))
        || starts.iter().any(|start| lower.starts_with(start))
}

/// Parts of values that people write where another one belongs.
const WORDS: [&str; 34] = [
    "your",
    "xxx",
    "changeme",
    "change-me",
    "change_me",
    "changethis",
    "change-this",
    "change_this",
    "replace",
    "placeholder",
    "example",
    "insert",
    "dummy",
    "fake",
    "redacted",
    "todo",
    "fixme",
    "-here",
    "_here",
    "...",
    "***",
    "…",
    "sample",
    "not-needed",
    "not_needed",
    "notneeded",
    "no-key",
    "no_key",
    "unused",
    "123456",
    "api-key",
    "api_key",
    "apikey",
    "access-token",
];

/// The passwords that development containers come with, and words for nothing. They protect
/// nothing, so writing them down gives nothing away.
fn is_default_word(lower: &str) -> bool {
    let stem = lower.trim_end_matches(|c: char| c.is_ascii_digit() || c == '!');
    DEFAULTS.contains(&stem) || DEFAULTS.contains(&lower)
}

const DEFAULTS: [&str; 46] = [
    "admin",
    "anon",
    "anonymous",
    "anything",
    "clickhouse",
    "default",
    "demo",
    "dev",
    "development",
    "disabled",
    "empty",
    "example",
    "false",
    "guest",
    "key",
    "langfuse",
    "lm-studio",
    "local",
    "localhost",
    "minio",
    "minioadmin",
    "miniosecret",
    "mongo",
    "mysql",
    "myredissecret",
    "mysalt",
    "n/a",
    "na",
    "neo4j",
    "none",
    "null",
    "off",
    "ollama",
    "on",
    "pass",
    "password",
    "postgres",
    "public",
    "redis",
    "root",
    "secret",
    "test",
    "testing",
    "token",
    "true",
    "user",
];
