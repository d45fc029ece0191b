use stance_core::fact::{AgentPermission, Fact};

use super::facts;

fn permissions(path: &str, content: &str) -> Vec<AgentPermission> {
    let permission = |fact| match fact {
        Fact::AgentPermission(permission) => Some(*permission),
        _ => None,
    };
    facts(path, content)
        .into_iter()
        .filter_map(permission)
        .collect()
}

#[test]
fn permissions_tell_a_shell_from_single_commands() {
    for (path, text, shell, unattended) in [
        (
            ".claude/settings.json",
            r#"{"permissions": {"allow": ["Bash"]}}"#,
            true,
            false,
        ),
        (
            ".claude/settings.json",
            r#"{"permissions": {"allow": ["Bash(*)"]}}"#,
            true,
            false,
        ),
        (
            ".claude/settings.json",
            r#"{"permissions": {"allow": ["Bash(sudo:*)"]}}"#,
            true,
            false,
        ),
        (
            ".claude/settings.json",
            r#"{"permissions": {"allow": ["Bash(npm run test:*)"]}}"#,
            false,
            false,
        ),
        (
            ".claude/settings.json",
            r#"{"permissions": {"allow": ["Read(**)"]}}"#,
            false,
            false,
        ),
        (
            ".claude/settings.local.json",
            r#"{"permissions": {"defaultMode": "bypassPermissions"}}"#,
            true,
            true,
        ),
        (
            ".codex/config.toml",
            "approval_policy = \"never\"",
            false,
            true,
        ),
        (
            ".vscode/settings.json",
            r#"{"chat.tools.autoApprove": true}"#,
            true,
            true,
        ),
        (
            ".vscode/settings.json",
            r#"{"chat.tools.terminal.autoApprove": {"/.*/": true}}"#,
            true,
            false,
        ),
        (
            ".vscode/settings.json",
            r#"{"chat.tools.terminal.autoApprove": {"ls": true}}"#,
            false,
            false,
        ),
        (
            ".gemini/settings.json",
            r#"{"tools": {"allowed": ["run_shell_command"]}}"#,
            true,
            false,
        ),
        (
            ".gemini/settings.json",
            r#"{"tools": {"allowed": ["run_shell_command(git)"]}}"#,
            false,
            false,
        ),
        (
            "opencode.json",
            r#"{"permission": {"bash": {"*": "allow"}}}"#,
            true,
            false,
        ),
        (
            ".cursor/cli.json",
            r#"{"permissions": {"allow": ["Shell(ls)"]}}"#,
            false,
            false,
        ),
        (
            ".config/goose/config.yaml",
            "GOOSE_MODE: auto\n",
            true,
            true,
        ),
    ] {
        let found = permissions(path, text);
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!(
            (found[0].shell, found[0].unattended),
            (shell, unattended),
            "{text}"
        );
    }
    let both = "approval_policy = \"never\"\nsandbox_mode = \"danger-full-access\"\n";
    assert!(
        permissions(".codex/config.toml", both)
            .iter()
            .all(|found| found.shell)
    );
    for text in [
        r#"{"permissions": {"deny": ["Bash"], "ask": ["Bash"], "defaultMode": "plan"}}"#,
        r#"{"enableAllProjectMcpServers": false}"#,
    ] {
        assert_eq!(permissions(".claude/settings.json", text), [], "{text}");
    }
}

#[test]
fn a_credential_in_a_permission_is_not_kept() {
    let key = ["q7Lw2ZtX", "9dKe4RsV", "b8NcJm3H", "yPfGa6Tu"].concat();
    let text = format!(
        r#"{{"permissions": {{"allow": ["Bash(curl -H 'Authorization: Bearer {key}':*)"]}}}}"#
    );
    let found = permissions(".claude/settings.json", &text);
    assert_eq!(found.len(), 1);
    assert!(found[0].permission.starts_with("Bash(curl "), "{found:?}");
    assert!(!format!("{found:?}").contains(&key), "{found:?}");
}
