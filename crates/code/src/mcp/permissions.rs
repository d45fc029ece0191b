//! What a client's configuration lets its agent do without asking.

use std::ops::Range;

use stance_core::fact::{AgentPermission, Fact, GapReason};

use super::{MOST, follow};
use stance_read::credential::Page;
use stance_read::redact::shown;
use stance_read::report::Facts;
use stance_read::tree::{Node, Value};

/// One setting of one client that grants something: facts from the clients' documentation.
struct Grant {
    client: &'static str,
    keys: &'static [&'static str],
    when: When,
    /// Whether it lets the agent run any command.
    shell: bool,
    /// Whether it switches off asking altogether.
    unattended: bool,
}

#[derive(Clone, Copy)]
enum When {
    /// The value is true.
    True,
    /// The value is this word.
    Is(&'static str),
    /// The value is a list; each entry is a permission of its own.
    Lists,
    /// The value is an object whose keys are patterns and whose values allow.
    Allows,
}

use When::{Allows, Is, Lists, True};

const fn grant(
    client: &'static str,
    keys: &'static [&'static str],
    when: When,
    (shell, unattended): (bool, bool),
) -> Grant {
    Grant {
        client,
        keys,
        when,
        shell,
        unattended,
    }
}

const ALL: (bool, bool) = (true, true);
const SHELL: (bool, bool) = (true, false);
const SOME: (bool, bool) = (false, false);
const UNASKED: (bool, bool) = (false, true);

#[rustfmt::skip]
static GRANTS: &[Grant] = &[
    grant("aider", &["yes-always"], True, ALL),
    grant("amazon-q", &["allowedTools"], Lists, SOME),
    grant("amp", &["amp.dangerouslyAllowAll"], True, ALL),
    grant("claude-code", &["dangerouslySkipPermissions"], True, ALL),
    grant("claude-code", &["enableAllProjectMcpServers"], True, SOME),
    grant("claude-code", &["permissions", "allow"], Lists, SOME),
    grant("claude-code", &["permissions", "defaultMode"], Is("bypassPermissions"), ALL),
    grant("claude-code", &["projects", "*", "allowedTools"], Lists, SOME),
    grant("claude-code", &["skipDangerousModePermissionPrompt"], True, SOME),
    grant("codex", &["approval_policy"], Is("never"), UNASKED),
    grant("codex", &["profiles", "*", "approval_policy"], Is("never"), UNASKED),
    grant("codex", &["profiles", "*", "sandbox_mode"], Is("danger-full-access"), SHELL),
    grant("codex", &["sandbox_mode"], Is("danger-full-access"), SHELL),
    grant("crush", &["permissions", "allowed_tools"], Lists, SOME),
    grant("cursor", &["mcpAllowlist"], Lists, SOME),
    grant("cursor", &["permissions", "allow"], Lists, SOME),
    grant("cursor", &["terminalAllowlist"], Lists, SHELL),
    grant("gemini-cli", &["allowedTools"], Lists, SOME),
    grant("gemini-cli", &["autoAccept"], True, SOME),
    grant("gemini-cli", &["general", "defaultApprovalMode"], Is("yolo"), ALL),
    grant("gemini-cli", &["tools", "allowed"], Lists, SOME),
    grant("gemini-cli", &["tools", "approvalMode"], Is("yolo"), ALL),
    grant("gemini-cli", &["tools", "autoAccept"], True, SOME),
    grant("goose", &["GOOSE_MODE"], Is("auto"), ALL),
    grant("kiro", &["allowedTools"], Lists, SOME),
    grant("opencode", &["permission"], Is("allow"), ALL),
    grant("opencode", &["permission", "bash"], Allows, SHELL),
    grant("opencode", &["permission", "bash"], Is("allow"), SHELL),
    grant("qwen-code", &["tools", "approvalMode"], Is("yolo"), ALL),
    grant("vscode", &["amp.dangerouslyAllowAll"], True, ALL),
    grant("vscode", &["chat.agent.autoApprove"], True, ALL),
    grant("vscode", &["chat.tools.autoApprove"], True, ALL),
    grant("vscode", &["chat.tools.global.autoApprove"], True, ALL),
    grant("vscode", &["chat.tools.terminal.autoApprove"], Allows, SHELL),
    grant("vscode", &["claudeCode.allowDangerouslySkipPermissions"], True, SOME),
    grant("vscode", &["claudeCode.initialPermissionMode"], Is("bypassPermissions"), ALL),
    grant("vscode", &["kiroAgent.trustedCommands"], Lists, SHELL),
    grant("vscode", &["roo-cline.allowedCommands"], Lists, SHELL),
    grant("vscode", &["settings", "chat.tools.autoApprove"], True, ALL),
    grant("vscode", &["settings", "chat.tools.global.autoApprove"], True, ALL),
    grant("vscode", &["windsurf.cascadeCommandsAllowList"], Lists, SHELL),
    grant("zed", &["agent", "always_allow_tool_actions"], True, ALL),
];

pub(super) fn add(client: &str, root: &Node, page: &Page<'_>, facts: &mut Facts<'_>) {
    for grant in GRANTS.iter().filter(|grant| grant.client == client) {
        for node in follow(root, grant.keys) {
            let granted = granted(grant, node);
            if let Some((_, span, _)) = granted.get(MOST) {
                let detail = format!("more than {MOST} permissions in one list");
                facts.gap(GapReason::Limit, detail, page.evidence(span.clone()));
            }
            for (permission, span, any) in granted.into_iter().take(MOST) {
                let fact = AgentPermission {
                    client: client.to_owned(),
                    permission: shown(&permission),
                    shell: any
                        || (grant.client == "codex"
                            && grant.unattended
                            && is_without_sandbox(root, grant.keys)),
                    unattended: grant.unattended,
                    evidence: page.evidence(span),
                };
                facts.add(page.path, Fact::AgentPermission(Box::new(fact)));
            }
        }
    }
}

/// Codex does not ask but keeps commands in its sandbox, unless that is off too.
fn is_without_sandbox(root: &Node, keys: &[&str]) -> bool {
    let above = keys.split_last().map_or(keys, |(_, above)| above);
    let off = |node: &&Node| {
        node.get("sandbox_mode").and_then(Node::as_str) == Some("danger-full-access")
    };
    follow(root, above).iter().any(off)
}

/// The permissions that a node grants: in words, where, and whether they let any command through.
fn granted(grant: &Grant, node: &Node) -> Vec<(String, Range<usize>, bool)> {
    let name = grant.keys.join(".");
    match grant.when {
        True if node.as_bool() == Some(true) => {
            vec![(format!("{name} = true"), node.span.clone(), grant.shell)]
        }
        Is(word) if node.as_str() == Some(word) => {
            vec![(
                format!("{name} = \"{word}\""),
                node.span.clone(),
                grant.shell,
            )]
        }
        Lists => node
            .items()
            .iter()
            .filter_map(|item| {
                let text = item.as_str()?;
                let any = match grant.shell {
                    true => is_any_command(text),
                    false => lets_any_command_through(text),
                };
                Some((text.to_owned(), item.span.clone(), any))
            })
            .collect(),
        Allows => node
            .entries()
            .iter()
            .filter(|entry| !entry.shadowed && allows(&entry.value))
            .map(|entry| {
                let any = is_any_command(&entry.key);
                (
                    format!("{name}: {}", entry.key),
                    entry.key_span.clone(),
                    any,
                )
            })
            .collect(),
        True | Is(_) => Vec::new(),
    }
}

fn allows(node: &Node) -> bool {
    match &node.value {
        Value::Bool(allows) => *allows,
        Value::String(word) => &**word == "allow",
        Value::Object(_) => node.get("approve").and_then(Node::as_bool) == Some(true),
        _ => false,
    }
}

/// Whether a permission in the form `Tool`, `Tool(pattern)` lets every command, or any code, through.
pub fn lets_any_command_through(permission: &str) -> bool {
    let (tool, pattern) = match permission.split_once('(') {
        Some((tool, rest)) => (tool.trim(), rest.trim().trim_end_matches(')')),
        None => (permission.trim(), "*"),
    };
    match tool.to_ascii_lowercase().as_str() {
        "*" => true,
        "bash" | "shell" | "powershell" | "execute_bash" | "execute_cmd" | "run_shell_command"
        | "shelltool" | "terminal" => is_any_command(pattern),
        _ => false,
    }
}

/// Whether a pattern of commands lets every command through, or an interpreter with any argument.
fn is_any_command(pattern: &str) -> bool {
    let pattern = pattern.trim();
    if matches!(
        pattern,
        "" | "*" | "**" | ":*" | "*:*" | "/.*/" | ".*" | "/^.*$/" | "* *"
    ) {
        return true;
    }
    // `python:*`, `python *`: the program with any argument.
    let program = pattern
        .strip_suffix(":*")
        .or_else(|| pattern.strip_suffix(" *"))
        .or_else(|| pattern.strip_suffix("*"))
        .map(|program| program.trim_end_matches([' ', ':']));
    program.is_some_and(|program| INTERPRETERS.contains(&super::package::bare(program).as_str()))
}

/// Programs that run whatever their arguments say.
const INTERPRETERS: [&str; 29] = [
    "ash",
    "bash",
    "bun",
    "cmd",
    "dash",
    "deno",
    "doas",
    "env",
    "eval",
    "exec",
    "fish",
    "ksh",
    "node",
    "npx",
    "perl",
    "php",
    "powershell",
    "pwsh",
    "python",
    "python3",
    "ruby",
    "sh",
    "ssh",
    "sudo",
    "su",
    "tsx",
    "uvx",
    "xargs",
    "zsh",
];
