//! Passwords in addresses: `postgres://user:password@host/…`.

use std::ops::Range;

use super::proof;

/// Passwords that everyone knows, and words that stand for one.
const COMMON: [&str; 34] = [
    "password",
    "passwd",
    "pass",
    "secret",
    "postgres",
    "root",
    "admin",
    "user",
    "username",
    "guest",
    "mysql",
    "mongo",
    "redis",
    "rabbitmq",
    "neo4j",
    "minio",
    "minioadmin",
    "changeme",
    "default",
    "docker",
    "letmein",
    "example",
    "test",
    "pwd",
    "mypassword",
    "mysecretpassword",
    "devpassword",
    "localdev",
    "development",
    "langfuse",
    "postgrespw",
    "clickhouse",
    "airflow",
    "dbpassword",
];

/// User information of the address whose `://` stands at `at`: the ranges of user name and password.
pub(crate) fn userinfo(text: &str, at: usize) -> Option<(Range<usize>, Range<usize>)> {
    let start = at.saturating_add(3);
    let rest = text.get(start..)?;
    let length = rest
        .bytes()
        .take(300)
        .take_while(|byte| {
            byte.is_ascii_graphic()
                && !matches!(
                    byte,
                    b'/' | b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\' | b'|' | b'(' | b')'
                )
        })
        .count();
    let authority = rest.get(..length)?;
    let (info, _) = authority.rsplit_once('@')?;
    let (user, password) = info.split_once(':')?;
    let user_end = start.saturating_add(user.len());
    let password_start = user_end.saturating_add(1);
    (!password.is_empty()).then(|| {
        (
            start..user_end,
            password_start..password_start.saturating_add(password.len()),
        )
    })
}

/// The password of the address whose `://` stands at `at`, when it looks like one in use.
pub(super) fn password(text: &str, at: usize, entropy: f32) -> Option<Range<usize>> {
    let (user, range) = userinfo(text, at)?;
    let (user, password) = (text.get(user)?, text.get(range.clone())?);
    let host = text.get(range.end.saturating_add(1)..)?;
    let host = host
        .split([
            '/', ':', '?', '"', '\'', ' ', '\n', ',', '`', ')', '>', '\\',
        ])
        .next()?;
    let lower = password.to_ascii_lowercase();
    // What stands before the colon of a test of address parsers is a host.
    if user.contains(['.', '/']) || password.contains(':') {
        return None;
    }
    let classes = [
        password.bytes().any(|byte| byte.is_ascii_lowercase()),
        password.bytes().any(|byte| byte.is_ascii_uppercase()),
        password.bytes().any(|byte| byte.is_ascii_digit()),
        password.bytes().any(|byte| byte.is_ascii_punctuation()),
    ];
    let real = password.len() >= 8
        && classes.iter().filter(|class| **class).count() >= 2
        && lower != user.to_ascii_lowercase()
        && !COMMON.contains(&lower.trim_matches(|c: char| !c.is_ascii_alphabetic()))
        && !password.contains(['$', '{', '}', '<', '>', '*', '[', ']', '%', '…', '@'])
        && !lower.contains("pass")
        && !password.contains("..")
        && !proof::is_placeholder(password)
        && proof::entropy(password.as_bytes()) >= entropy
        && is_real_host(host);
    real.then_some(range)
}

/// Whether a host is one that others can reach or that documentation does not invent.
fn is_real_host(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    host.contains('.')
        && !host.starts_with("127.")
        && !host.starts_with("0.0.0.0")
        && !host.contains("localhost")
        && !host.contains(['$', '{', '<', '*', '%'])
        && !["example", "test", "invalid", "local", "localdomain"]
            .iter()
            .any(|word| host.split('.').any(|label| label == *word))
        && !host.contains("yourhost")
        && !host.starts_with("host.")
        && !host.starts_with("my")
        && !host.starts_with("your")
}
