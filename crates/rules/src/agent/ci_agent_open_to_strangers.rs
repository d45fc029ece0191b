use stance_core::fact::Reference;
use stance_core::{AssetKind, Confidence};

use super::told;
use crate::{Cx, Rule};

rule! {
    /// # Agent in CI that strangers can set off
    ///
    /// ## What it finds
    /// An agent in a workflow that pull requests of forks (`pull_request_target`), or that comments, issues or discussions of
    /// anybody set off, and whose token may write. Comments and issues count where nothing looks at who asked: the agent is
    /// run by a command or an action that does not ask for rights, or the check of its action is switched off
    /// (`allowed_non_write_users: "*"`). Workflows whose condition or steps look at who asked, and those that only a label or an
    /// assignment sets off, are left alone.
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
            crate::text!(".github/workflows/a.yml", "on:\n  issues:\n    types: [opened]\npermissions:\n  contents: write\njobs:\n  a:\n    steps:\n      - run: claude -p 'fix it'\n"),
            crate::text!(".github/workflows/a.yml", "on: pull_request_target\npermissions:\n  contents: write\n  pull-requests: write\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: anthropics/claude-code-action@v1\n        with:\n          anthropic_api_key: ${{ secrets.ANTHROPIC_API_KEY }}\n"),
            crate::text!(".github/workflows/a.yml", "on: issue_comment\npermissions:\n  contents: write\n  pull-requests: write\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: anthropics/claude-code-action@v1\n        with:\n          anthropic_api_key: ${{ secrets.ANTHROPIC_API_KEY }}\n          allowed_non_write_users: \"*\"\n          claude_args: --allowedTools Bash\n"),
        ],
        good: [
            crate::text!(".github/workflows/a.yml", "on:\n  issues:\n    types: [labeled]\npermissions:\n  contents: write\njobs:\n  a:\n    steps:\n      - run: claude -p 'fix it'\n"),
            crate::text!(".github/workflows/a.yml", "on: push\npermissions:\n  contents: write\n  pull-requests: write\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: anthropics/claude-code-action@v1\n        with:\n          anthropic_api_key: ${{ secrets.ANTHROPIC_API_KEY }}\n"),
            crate::text!(".github/workflows/a.yml", "on: issue_comment\npermissions:\n  contents: write\n  pull-requests: write\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: anthropics/claude-code-action@v1\n        with:\n          anthropic_api_key: ${{ secrets.ANTHROPIC_API_KEY }}\n"),
            crate::text!(".github/workflows/a.yml", "on: pull_request_target\npermissions:\n  contents: read\njobs:\n  a:\n    steps:\n      - uses: anthropics/claude-code-action@v1\n"),
        ],
    }
}

impl Rule for CiAgentOpenToStrangers {
    // `open_triggers`, `open_to`, `write_permissions` and `author_checked` are attributes that the parser of CI gives an agent.
    fn reference(&self, reference: &Reference, cx: &mut Cx<'_>) {
        cx.judges_if(reference.kind == AssetKind::Agent && told(reference, "role").contains(&"ci"));
        if reference.kind != AssetKind::Agent || !told(reference, "role").contains(&"ci") {
            return;
        }
        let triggers = told(reference, "open_triggers");
        let writes = told(reference, "write_permissions");
        if writes.is_empty() || reference.attributes.contains_key("author_checked") {
            return;
        }
        let forks = triggers.contains(&"pull_request_target");
        let open = reference.attributes.contains_key("open_to");
        let how = match triggers.iter().find(|trigger| **trigger != "pull_request_target") {
            _ if forks => "pull_request_target",
            Some(comment) if open => comment,
            _ => return,
        };
        let message = format!("strangers set off {} through {how}, and its token may write", reference.name);
        cx.report(&reference.evidence, message)
            .confidence(if forks { Confidence::Medium } else { Confidence::High })
            .note(format!("it may write: {}", writes.join(", ")));
    }
}
