use super::*;
use crate::limits::Limits;
use crate::tree::{Notation, Tree};

const RANDOM: &str = "q7Zp2LxV9mKd4RtY8sWb3NcF6hJg1TuE";

#[test]
fn literal_credentials_are_told_by_name_and_form() {
    for (name, value) in [
        ("GITHUB_TOKEN", "a8f3k2m9x7c4v1b6"),
        ("OPENAI_API_KEY_2", "a8f3k2m9x7c4v1b6"),
        ("apiKey", "a8f3k2m9x7c4v1b6"),
        ("Authorization", "Bearer a8f3k2m9x7c4v1b6"),
        ("DB_PASSWORD", "tr0ub4dor"),
        ("DB_PASSWORD", "correcthorse"),
        ("CLIENT_SECRET", "a8f3k2m9x7c4v1b6"),
        ("ANYTHING", RANDOM),
        ("GPG_SECRET_KEY", "0D96DF4D4110E5C43FBFB17F2D347EA6AA65421D"),
        ("GPG_KEY", "a8f3k2m9x7c4v1b6"),
        ("DATABASE_URL", "postgres://app:tr0ub4dor@db/app"),
        ("ENDPOINT", "https://h/mcp?apikey=a8f3k2m9x7c4v1b6"),
        (
            "ENDPOINT",
            "https://h/s/q7Zp2LxV9mKd4RtY8sWb3NcF6hJg1TuE/mcp",
        ),
    ] {
        assert!(in_setting(name, value).is_some(), "{name}={value}");
    }
}

#[test]
fn references_placeholders_and_plain_settings_are_no_credentials() {
    for (name, value) in [
        ("GITHUB_TOKEN", "${GITHUB_TOKEN}"),
        ("GITHUB_TOKEN", "${env:GITHUB_TOKEN}"),
        ("GITHUB_TOKEN", "${input:github_token}"),
        ("GITHUB_TOKEN", "$(gh auth token)"),
        ("GITHUB_TOKEN", "$GITHUB_TOKEN"),
        ("GITHUB_TOKEN", "%GITHUB_TOKEN%"),
        ("GITHUB_TOKEN", "{env:GITHUB_TOKEN}"),
        ("GITHUB_TOKEN", "op://vault/github/token1234"),
        ("GITHUB_TOKEN", "<YOUR_TOKEN_1234>"),
        ("GITHUB_TOKEN", "ghp_your_token_here_12345"),
        ("GITHUB_TOKEN", "xxxxxxxxxxxx1"),
        ("GITHUB_TOKEN", "YOUR_GITHUB_PAT"),
        ("GITHUB_TOKEN", ""),
        ("Authorization", "Bearer ${TOKEN}"),
        ("Authorization", "Bearer <token>"),
        ("API_KEY", "EMPTY"),
        ("API_KEY", "changeme123"),
        ("POSTGRES_PASSWORD", "postgres"),
        ("POSTGRES_PASSWORD", "password123"),
        ("MAX_TOKENS", "4096000000a"),
        ("TOKEN_LIMIT", "4096000000a"),
        ("SSH_KEY_PATH", "/home/u/.ssh/id_ed25519"),
        ("API_KEY_FILE", "/run/secrets/api_key_1"),
        ("PUBLIC_KEY", "a8f3k2m9x7c4v1b6"),
        ("PRIMARY_KEY", "customer_id_0001"),
        ("SECRET_NAME", "prod/openai/key1"),
        ("COMMIT_SHA", RANDOM),
        ("MODEL", "meta-llama/Llama-3.1-8B-Instruct-AWQ-INT4"),
        ("DATABASE_URL", "postgres://postgres:postgres@db/app"),
        ("DATABASE_URL", "postgres://app:${PASSWORD}@db/app"),
        ("DATABASE_URL", "postgres://myapp:myapp@db/app"),
        (
            "ENDPOINT",
            "https://h/3f2504e0-4f89-41d3-9a0c-0305e82c3301/mcp",
        ),
        ("LOG_LEVEL", "debug"),
        ("GPG_KEY", "0D96DF4D4110E5C43FBFB17F2D347EA6AA65421D"),
    ] {
        assert_eq!(in_setting(name, value), None, "{name}={value}");
    }
}

#[test]
fn credentials_on_a_command_line_are_told_by_their_flag() {
    let key = "a8f3k2m9x7c4v1b6";
    let joined = format!("--token={key}");
    let variable = format!("API_KEY={key}");
    let header = format!("Authorization: Bearer {key}");
    let words = [
        "run",
        "--api-key",
        key,
        &joined,
        "-e",
        &variable,
        "--header",
        &header,
    ];
    let found: Vec<(usize, &str)> = in_arguments(&words)
        .into_iter()
        .map(|(index, found)| (index, words[index].get(found.range).unwrap()))
        .collect();
    assert_eq!(found, [(2, key), (3, key), (5, key), (7, key)]);
    let clean = [
        "--api-key",
        "${KEY}",
        "--port",
        "8080",
        "-y",
        "@scope/name@1.2.3",
        "--api-key",
        "--verbose",
        "C:\\Users\\me\\token1234567",
    ];
    assert_eq!(in_arguments(&clean), []);
}

#[test]
fn masking_shows_at_most_an_eighth() {
    assert_eq!(mask("hunter2"), "…(7 characters)");
    assert_eq!(mask(RANDOM), "q7Zp…(32 characters)");
    assert_eq!(
        masked("Bearer hunter2!", std::slice::from_ref(&(7..15))),
        "Bearer h…(8 characters)"
    );
}

#[test]
fn every_credential_of_a_tree_is_found_where_it_stands() {
    let text = r#"{"env": {"A_TOKEN": "a8f3k2m9x7c4v1b6", "B": "x"}, "args": ["--api-key", "k2m9x7c4v1b6a8f3"], "h": "X"}"#;
    let tree = Tree::parse(Notation::Json, text, &Limits::default());
    let found = in_tree(tree.root().unwrap(), text);
    let seen: Vec<&str> = found.into_iter().map(|range| &text[range]).collect();
    assert_eq!(seen, ["a8f3k2m9x7c4v1b6", "k2m9x7c4v1b6a8f3"]);
}
