use stance_core::Severity;
use stance_core::fact::AgentPermission;

use crate::{Cx, Rule};

rule! {
    /// # Agent that runs any command without asking
    ///
    /// ## What it finds
    /// A setting of a coding agent that lets it run any shell command, or an interpreter with any
    /// argument, without a question: `Bash` or `Bash(*)` among the allowed tools, `Bash(python:*)`,
    /// `"defaultMode": "bypassPermissions"`, `approval_policy = "never"` together with
    /// `sandbox_mode = "danger-full-access"`, `chat.tools.autoApprove`, `GOOSE_MODE: auto` and their
    /// like in other clients; also `allowed-tools: Bash` of a command or skill, which holds while it
    /// is at work, and the tools of an agent that runs in a GitHub workflow; both count less, unless
    /// strangers may start the workflow. Single commands such as `Bash(npm run test:*)` are left alone.
    ///
    /// ## Why it matters
    /// What an agent runs is decided by text, and part of that text comes from strangers: web pages,
    /// issues, dependencies, results of tools. With an unattended shell an instruction hidden there is
    /// executed with the rights of the developer or the build. In a file that is committed, the setting
    /// holds for everybody who opens the repository.
    ///
    /// ## Example
    /// ```json
    /// { "permissions": { "allow": ["Bash(*)"] } }
    /// ```
    ///
    /// ## Fix
    /// Allow the commands that are needed by name (`Bash(cargo test:*)`) and let the agent ask for the
    /// rest. Where it must run unattended, keep its sandbox on, or run it in a container without
    /// credentials and with a short list of hosts it can reach.
    ///
    /// ## References
    /// - OWASP Top 10 for LLM applications 2025, LLM06 Excessive Agency
    /// - MITRE ATLAS AML.T0050, Command and Scripting Interpreter
    UnattendedShell {
        id: "agent/unattended-shell",
        severity: High,
        stage: Develop,
        controls: [
            "owasp-llm-2025:LLM06",
            "owasp-llm-2026:LLM03",
            "owasp-agentic-2026:ASI02",
            "owasp-agentic-2026:ASI05",
            "mitre-atlas:AML.T0050",
            "eu-ai-act:Art. 14",
            "iso-42001-2023:A.9.2",
        ],
        bad: [
            crate::text!(".claude/settings.json", r#"{"permissions": {"allow": ["Read", "Bash(*)"]}}"#),
            crate::text!(".claude/settings.json", r#"{"permissions": {"defaultMode": "bypassPermissions"}}"#),
            crate::text!(".claude/settings.json", r#"{"permissions": {"allow": ["Bash(python3:*)"]}}"#),
            crate::text!(".codex/config.toml", "approval_policy = \"never\"\nsandbox_mode = \"danger-full-access\"\n"),
            crate::text!(".vscode/settings.json", "{\n  // trust me\n  \"chat.tools.autoApprove\": true,\n}\n"),
            crate::text!(".github/workflows/agent.yml", "jobs:\n  a:\n    steps:\n      - uses: anthropics/claude-code-action@v1\n        with:\n          claude_args: --allowedTools \"Bash,WebFetch\"\n"),
            crate::text!(".claude/commands/ship.md", "---\nallowed-tools: Bash(*)\n---\nShip it.\n"),
        ],
        good: [
            crate::text!(".claude/settings.json", r#"{"permissions": {"allow": ["Bash(npm run test:*)", "Bash(git diff:*)", "Read(**)"], "deny": ["Bash"]}}"#),
            crate::text!(".codex/config.toml", "approval_policy = \"on-request\"\nsandbox_mode = \"workspace-write\"\n"),
            crate::text!(".codex/config.toml", "approval_policy = \"never\"\nsandbox_mode = \"read-only\"\n"),
            crate::text!(".github/workflows/agent.yml", "jobs:\n  a:\n    steps:\n      - uses: anthropics/claude-code-action@v1\n        with:\n          claude_args: --allowedTools \"Bash(gh pr view:*),Read\"\n"),
            crate::text!(".claude/agents/reviewer.md", "---\nname: reviewer\ntools: Bash, Read\n---\nReview.\n"),
        ],
    }
}

impl Rule for UnattendedShell {
    fn permission(&self, permission: &AgentPermission, cx: &mut Cx<'_>) {
        if !permission.shell {
            return;
        }
        let text = permission.permission.as_str();
        let without_sandbox = text.contains("danger-full-access");
        let (what, severity) = if permission.unattended {
            ("run any command without asking", Severity::High)
        } else if in_workflow(permission) {
            // Only people who may write can start it, but what it reads comes from anybody.
            ("run any command in a workflow", Severity::Medium)
        } else if permission.evidence.path.ends_with(".md") && is_everything(text) {
            // A command or skill grants it only while it is at work.
            ("run any command without asking while it is at work", Severity::Medium)
        } else if without_sandbox {
            ("run commands outside of its sandbox", Severity::Medium)
        } else if is_everything(text) {
            ("run any command without asking", Severity::High)
        } else {
            ("run an interpreter with any argument without asking", Severity::Medium)
        };
        let message = format!("`{text}` lets {} {what}", permission.client);
        cx.report(&permission.evidence, message).severity(severity);
    }
}

fn in_workflow(permission: &AgentPermission) -> bool {
    permission.evidence.path.contains(".github/")
}

/// Whether a permission names no program at all: `Bash`, `Shell(*)`, `*`, `chat.tools…: /.*/`.
fn is_everything(permission: &str) -> bool {
    let pattern = match permission.split_once('(') {
        Some((_, pattern)) => pattern.trim_end_matches(')'),
        None => match permission.rsplit_once(": ") {
            Some((_, pattern)) => pattern,
            None => return !permission.contains(':') && !permission.contains(' '),
        },
    };
    !pattern.contains(|c: char| c.is_alphanumeric())
}
