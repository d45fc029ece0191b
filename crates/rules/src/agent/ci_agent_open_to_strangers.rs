use stance_core::fact::{Fact, Reference};
use stance_core::{AssetKind, Confidence};

use crate::{Cx, Rule};

rule! {
    /// # Agent in CI that strangers can set off
    ///
    /// ## What it finds
    /// An agent in a workflow that pull requests of forks (`pull_request_target`), or that comments and issues of
    /// anybody set off while its own check of the author is switched off (`allowed_non_write_users: "*"`), and whose
    /// token may write. Workflows whose condition looks at who asked are left alone.
    ///
    /// ## Why it matters
    /// A stranger writes a comment, the agent reads it as an order and acts with the token and the secrets of the
    /// repository: it pushes code, approves a pull request, or prints a key.
    ///
    /// ## Example
    /// ```yaml
    /// on: issue_comment
    /// permissions:
    ///   contents: write
    /// ```
    ///
    /// ## Fix
    /// Let only people who may write start it (`author_association`), give it a token that only reads, and let a second
    /// job without a model write what it proposed.
    ///
    /// ## References
    /// - GitHub documentation, secure use of Actions, understanding the risk of script injections
    /// - OWASP Top 10 for Agentic Applications, Agent Goal Hijack
    CiAgentOpenToStrangers {
        id: "agent/ci-agent-open-to-strangers",
        severity: High,
        stage: Operate,
        controls: [
            "owasp-llm-2025:LLM06",
            "owasp-llm-2026:LLM03",
            "owasp-agentic-2026:ASI01",
            "owasp-agentic-2026:ASI03",
            "mitre-atlas:AML.T0051.001",
            "nist-ai-rmf-1.0:MEASURE 2.7",
        ],
        bad: [
            crate::text!(".github/workflows/a.yml", "on: pull_request_target\npermissions:\n  contents: write\n  pull-requests: write\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: anthropics/claude-code-action@v1\n        with:\n          anthropic_api_key: ${{ secrets.ANTHROPIC_API_KEY }}\n"),
            crate::text!(".github/workflows/a.yml", "on: issue_comment\npermissions:\n  contents: write\n  pull-requests: write\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: anthropics/claude-code-action@v1\n        with:\n          anthropic_api_key: ${{ secrets.ANTHROPIC_API_KEY }}\n          allowed_non_write_users: \"*\"\n          claude_args: --allowedTools Bash\n"),
        ],
        good: [
            crate::text!(".github/workflows/a.yml", "on: push\npermissions:\n  contents: write\n  pull-requests: write\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: anthropics/claude-code-action@v1\n        with:\n          anthropic_api_key: ${{ secrets.ANTHROPIC_API_KEY }}\n"),
            crate::text!(".github/workflows/a.yml", "on: issue_comment\npermissions:\n  contents: write\n  pull-requests: write\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: anthropics/claude-code-action@v1\n        with:\n          anthropic_api_key: ${{ secrets.ANTHROPIC_API_KEY }}\n"),
            crate::text!(".github/workflows/a.yml", "on: pull_request_target\npermissions:\n  contents: read\njobs:\n  a:\n    steps:\n      - uses: anthropics/claude-code-action@v1\n"),
        ],
    }
}

impl Rule for CiAgentOpenToStrangers {
    // `triggers`, `write_permissions` and `author_checked` are attributes that the parser of CI gives an agent.
    fn reference(&self, reference: &Reference, cx: &mut Cx<'_>) {
        if reference.kind != AssetKind::Agent || !told(reference, "role").contains(&"ci") {
            return;
        }
        let triggers = told(reference, "triggers");
        let writes = told(reference, "write_permissions");
        if writes.is_empty() || reference.attributes.contains_key("author_checked") {
            return;
        }
        let forks = triggers.contains(&"pull_request_target");
        let comments = ["issue_comment", "issues", "pull_request_review_comment", "discussion_comment", "discussion"];
        let comment = triggers.iter().find(|trigger| comments.contains(trigger));
        // The action itself asks for the right to write, unless that is switched off.
        let open = || {
            cx.snapshot().observations.iter().any(|seen| {
                matches!(&seen.fact, Fact::AgentPermission(permission)
                    if permission.unattended && permission.evidence.path == reference.evidence.path)
            })
        };
        let how = match comment {
            _ if forks => "`pull_request_target`",
            Some(comment) if open() => comment,
            _ => return,
        };
        let message = format!("strangers set off {} through {}, and its token may write", reference.name, how.trim_matches('`'));
        cx.report(&reference.evidence, message)
            .confidence(if forks { Confidence::Medium } else { Confidence::High })
            .note(format!("it may write: {}", writes.join(", ")));
    }
}

fn told<'r>(reference: &'r Reference, name: &str) -> Vec<&'r str> {
    match reference.attributes.get(name) {
        Some(serde_json::Value::Array(all)) => all.iter().filter_map(|one| one.as_str()).collect(),
        Some(serde_json::Value::String(one)) => vec![one],
        _ => Vec::new(),
    }
}
