mod permissions;
mod runners;

use stance_core::fact::{Fact, GapReason, McpServer, McpTransport};

use stance_read::{Bytes, Interests, Limits, Options};

fn facts(path: &str, content: impl AsRef<[u8]>) -> Vec<Fact> {
    let interests = Interests::default();
    let options = Options {
        limits: Limits::default(),
        hash: false,
        interests: &interests,
        parsers: crate::PARSERS,
    };
    let report = stance_read::scan(path, &Bytes(content.as_ref()), &options);
    report.facts.into_iter().map(|(_, fact)| fact).collect()
}

fn servers(path: &str, content: impl AsRef<[u8]>) -> Vec<McpServer> {
    let server = |fact| match fact {
        Fact::McpServer(server) => Some(*server),
        _ => None,
    };
    facts(path, content)
        .into_iter()
        .filter_map(server)
        .collect()
}

#[test]
fn every_client_is_read_in_its_own_form() {
    let standard = r#"{"mcpServers": {"one": {"command": "npx", "args": ["-y", "pkg@1.2.3"]}}}"#;
    for (path, client, text) in [
        (".mcp.json", "claude-code", standard),
        (
            ".mcp.json",
            "claude-code",
            r#"{"one": {"command": "npx", "args": ["-y", "pkg@1.2.3"]}}"#,
        ),
        (
            "home/.claude.json",
            "claude-code",
            r#"{"projects": {"/p": {"mcpServers": {"one": {"command": "npx", "args": ["pkg@1.2.3"]}}}}}"#,
        ),
        ("a/.cursor/mcp.json", "cursor", standard),
        (
            "Library/Application Support/Claude/claude_desktop_config.json",
            "claude-desktop",
            standard,
        ),
        (
            ".vscode/mcp.json",
            "vscode",
            r#"{"inputs": [], /* c */ "servers": {"one": {"type": "stdio", "command": "npx", "args": ["pkg@1.2.3"],}}}"#,
        ),
        (
            ".vscode/settings.json",
            "vscode",
            r#"{"mcp": {"servers": {"one": {"command": "npx", "args": ["pkg@1.2.3"]}}}}"#,
        ),
        (
            "x.code-workspace",
            "vscode",
            r#"{"settings": {"mcp": {"servers": {"one": {"command": "npx", "args": ["pkg@1.2.3"]}}}}}"#,
        ),
        (
            ".codex/config.toml",
            "codex",
            "[mcp_servers.one]\ncommand = \"npx\"\nargs = [\"-y\", \"pkg@1.2.3\"]\n",
        ),
        (".gemini/settings.json", "gemini-cli", standard),
        (
            ".gemini/antigravity/mcp_config.json",
            "antigravity",
            standard,
        ),
        (
            "opencode.jsonc",
            "opencode",
            r#"{"mcp": {"one": {"type": "local", "command": ["npx", "-y", "pkg@1.2.3"]}}}"#,
        ),
        (
            ".config/goose/config.yaml",
            "goose",
            "extensions:\n  dev:\n    type: builtin\n    enabled: true\n  one:\n    type: stdio\n    cmd: npx\n    args: [-y, pkg@1.2.3]\n",
        ),
        (
            ".config/zed/settings.json",
            "zed",
            r#"{"context_servers": {"one": {"command": {"path": "npx", "args": ["pkg@1.2.3"]}}}}"#,
        ),
        (
            ".continue/config.yaml",
            "continue",
            "name: c\nmcpServers:\n  - name: one\n    command: npx\n    args:\n      - pkg@1.2.3\n",
        ),
        (
            ".continue/mcpServers/x.yaml",
            "continue",
            "mcpServers:\n  - name: one\n    command: npx\n    args:\n      - pkg@1.2.3\n",
        ),
        (
            ".continue/config.json",
            "continue",
            r#"{"experimental": {"modelContextProtocolServers": [{"name": "one", "transport": {"type": "stdio", "command": "npx", "args": ["pkg@1.2.3"]}}]}}"#,
        ),
        (
            "deploy/my-mcp-servers.json",
            "",
            r#"{"servers": {"one": {"command": "npx", "args": ["pkg@1.2.3"]}}}"#,
        ),
        ("agent/settings.json", "", standard),
    ] {
        let found = servers(path, text);
        assert_eq!(found.len(), 1, "{path}");
        let server = &found[0];
        assert_eq!(
            (server.name.as_str(), server.client.as_str()),
            ("one", client),
            "{path}"
        );
        assert_eq!(server.transport, McpTransport::Stdio, "{path}");
        assert_eq!(server.command.as_deref(), Some("npx"), "{path}");
        let package = server.package.as_ref().unwrap();
        assert_eq!(
            (package.name.as_str(), package.pinned),
            ("pkg", true),
            "{path}"
        );
        assert!(package.evidence.excerpt.contains("pkg@1.2.3"), "{path}");
    }
}

#[test]
fn files_that_only_look_alike_declare_nothing() {
    for (path, text) in [
        (
            "README.md",
            "```json\n{\"mcpServers\": {\"a\": {\"command\": \"npx\"}}}\n```",
        ),
        (
            "schema.json",
            r#"{"properties": {"mcpServers": {"type": "object"}}}"#,
        ),
        (
            "mcp-openapi.json",
            r#"{"openapi": "3.1.0", "servers": [{"url": "https://h"}]}"#,
        ),
        ("mcp.json", r#"{"name": "x", "version": "1"}"#),
        ("broken.json", "{\"mcpServers\": [[["),
    ] {
        assert_eq!(facts(path, text), [], "{path}");
    }
}

#[test]
fn the_transport_follows_type_and_address() {
    for (text, transport) in [
        (
            r#"{"type": "http", "url": "https://h/mcp"}"#,
            McpTransport::Http,
        ),
        (
            r#"{"type": "streamable-http", "url": "https://h"}"#,
            McpTransport::Http,
        ),
        (r#"{"url": "https://h/mcp"}"#, McpTransport::Http),
        (r#"{"serverUrl": "https://h/sse?x=1"}"#, McpTransport::Sse),
        (r#"{"type": "sse", "url": "https://h"}"#, McpTransport::Sse),
        (r#"{"url": "wss://h"}"#, McpTransport::Websocket),
        (
            r#"{"type": "ws", "url": "https://h"}"#,
            McpTransport::Websocket,
        ),
        (r#"{"command": "x"}"#, McpTransport::Stdio),
        (r#"{"name": "x"}"#, McpTransport::Unknown),
    ] {
        let found = servers(
            ".mcp.json",
            format!("{{\"mcpServers\": {{\"a\": {text}}}}}"),
        );
        assert_eq!(found[0].transport, transport, "{text}");
    }
    let gemini = r#"{"mcpServers": {"a": {"url": "https://h"}, "b": {"httpUrl": "https://h"}}}"#;
    let found = servers(".gemini/settings.json", gemini);
    assert_eq!(found[0].transport, McpTransport::Sse);
    assert_eq!(found[1].transport, McpTransport::Http);
}

#[test]
fn one_bad_server_does_not_hide_its_siblings() {
    let text = r#"{"mcpServers": {"a": {"command": "npx" "args": [}, "b": 5, "c": {"command": "uvx", "args": ["c"]}}}"#;
    let all = facts(".mcp.json", text);
    let names: Vec<&str> = all
        .iter()
        .filter_map(|fact| match fact {
            Fact::McpServer(server) => Some(server.name.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(names, ["a", "c"]);
    assert!(
        all.iter()
            .any(|fact| matches!(fact, Fact::Gap(gap) if gap.detail.contains("`b`")))
    );
}

#[test]
fn no_credential_reaches_a_fact() {
    let secrets = [
        "a8f3k2m9x7c4v1b6",
        "k2m9x7c4v1b6a8f3",
        "m9x7c4v1b6a8f3k2",
        "x7c4v1b6a8f3k2m9",
    ];
    let text = format!(
        r#"{{"mcpServers": {{"a": {{"command": "srv", "args": ["--api-key", "{}"], "env": {{"GH_TOKEN": "{}", "LEVEL": "debug", "REF": "${{GH}}"}}}}, "b": {{"url": "https://u:{}@h/mcp", "headers": {{"Authorization": "Bearer {}"}}}}}}}}"#,
        secrets[0], secrets[1], secrets[2], secrets[3]
    );
    let found = servers(".mcp.json", &text);
    assert_eq!(found[0].credentials[0].name, "--api-key");
    let inline: Vec<bool> = found[0]
        .environment
        .iter()
        .map(|s| s.inline_credential)
        .collect();
    assert_eq!(inline, [true, false, false]);
    assert_eq!(found[0].environment[1].value, "debug");
    assert_eq!(found[1].credentials[0].name, "password");
    assert!(found[1].headers[0].inline_credential);
    let everything = format!("{found:?}");
    for secret in secrets {
        assert!(!everything.contains(secret), "{secret}");
    }
}

#[test]
fn utf16_and_windows_line_ends_keep_their_places() {
    let text = "{\r\n  \"mcpServers\": {\r\n    \"ä\": {\"command\": \"npx\"}\r\n  }\r\n}\r\n";
    let mut bytes = vec![0xff, 0xfe];
    bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    for found in [servers(".mcp.json", text), servers(".mcp.json", &bytes)] {
        assert_eq!(found[0].name, "ä");
        assert_eq!(found[0].evidence.place(), ".mcp.json:3:5");
    }
}

#[test]
fn hostile_files_end_in_a_gap() {
    let limit = |path: &str, text: String| {
        facts(path, text)
            .iter()
            .any(|fact| matches!(fact, Fact::Gap(gap) if gap.reason == GapReason::Limit))
    };
    assert!(limit(".mcp.json", "[".repeat(1_000_000)));
    let many = "\"s\": {\"command\": \"x\"},".repeat(100_000);
    assert!(limit(
        ".mcp.json",
        format!("{{\"mcpServers\": {{{many}}}}}")
    ));
    let mut laughs = String::from("a0: &a0 [x, x]\n");
    for level in 1..60 {
        let before = level - 1;
        laughs += &format!(
            "a{level}: &a{level} [{}]\n",
            format!("*a{before},").repeat(9)
        );
    }
    assert!(limit(".continue/config.yaml", laughs));
}

#[test]
fn a_bridge_is_reached_where_it_leads() {
    let text = r#"{"mcpServers": {"a": {"command": "npx", "args": ["-y", "mcp-remote@0.1.0", "http://h/mcp"]}}}"#;
    let found = servers(".mcp.json", text);
    assert_eq!(found[0].url.as_deref(), Some("http://h/mcp"));
    assert_eq!(found[0].transport, McpTransport::Stdio);
}

#[test]
fn tools_approved_beforehand_are_listed() {
    let text = r#"{"mcpServers": {"a": {"command": "x", "alwaysAllow": ["r", "w"]}, "b": {"command": "x", "autoApprove": ["*"]}, "c": {"command": "x", "trust": true, "disabled": true}}}"#;
    let found = servers(".roo/mcp.json", text);
    assert_eq!(found[0].auto_approved, ["r", "w"]);
    assert_eq!(found[1].auto_approved, ["*"]);
    assert_eq!(found[2].auto_approved, ["*"]);
    assert!(found[2].disabled);
}
