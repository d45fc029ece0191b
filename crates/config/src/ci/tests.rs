use stance_core::fact::Fact;

use crate::testing::{HARNESS, gaps, references, told};

fn permissions(path: &str, text: &str) -> Vec<(String, bool, bool, u32)> {
    let report = HARNESS.report(path, text.as_bytes());
    let told = report.facts.into_iter().filter_map(|(_, fact)| match fact {
        Fact::AgentPermission(p) => {
            let line = p.evidence.locus.line().unwrap_or_default();
            Some((p.permission, p.shell, p.unattended, line))
        }
        _ => None,
    });
    told.collect()
}

const CLAUDE: &str = "on:\n  issue_comment:\n    types: [created]\npermissions:\n  contents: write\n  issues: read\njobs:\n  answer:\n    steps:\n      - uses: actions/checkout@v6\n      - uses: anthropics/claude-code-action@v1\n        with:\n          claude_args: |\n            --mcp-config .mcp.json\n            --model claude-opus-4-5\n            --allowedTools \"Bash,Bash(git log:*, x),mcp__docs\"\n";

#[test]
fn an_agent_of_a_workflow_is_told_with_tools_triggers_and_rights() {
    let path = ".github/workflows/agent.yml";
    assert_eq!(
        told(path, CLAUDE),
        [
            "agent pkg:github/anthropics/claude-code-action ci 11",
            "model anthropic/claude-opus-4-5 chat 11",
        ]
    );
    let agent = &references(path, CLAUDE)[0];
    assert_eq!(
        agent.attributes["triggers"],
        serde_json::json!(["issue_comment"])
    );
    assert_eq!(
        agent.attributes["write_permissions"],
        serde_json::json!(["contents"])
    );
    assert_eq!(agent.attributes["mcp_config"], ".mcp.json");
    assert!(
        agent
            .aliases
            .iter()
            .any(|it| it == "anthropics/claude-code-action@v1")
    );
    let own = |text: &str, shell| (text.to_owned(), shell, false, 16);
    assert_eq!(
        permissions(path, CLAUDE),
        [
            own("Bash", true),
            own("Bash(git log:*, x)", false),
            own("mcp__docs", false)
        ]
    );
}

#[test]
fn strangers_may_steer_it_only_where_that_is_allowed() {
    let text = "jobs:\n  a:\n    steps:\n      - uses: anthropics/claude-code-action@v1\n        with:\n          allowed_non_write_users: \"*\"\n          claude_args: --allowedTools Bash\n";
    let open = |text: &str| {
        permissions(".github/workflows/a.yml", text)
            .iter()
            .any(|it| it.1 && it.2)
    };
    assert!(open(text));
    assert!(!open(&text.replace("\"*\"", "ada")));
}

#[test]
fn an_ordinary_workflow_is_no_agent() {
    for text in [
        "jobs:\n  a:\n    steps:\n      - uses: actions/checkout@v6\n      - run: npm install -g @anthropic-ai/claude-code && claude --version\n",
        "jobs:\n  gemini:\n    steps:\n      - run: |\n          # claude -p hello\n          echo \"claude -p hello\"\n          grep -p gemini README.md\n          torch -p x\n",
        "jobs:\n  a:\n    steps:\n      - run: codex --help\n",
    ] {
        // What is installed is a package, whoever runs it elsewhere.
        let mut all = told(".github/workflows/a.yml", text);
        all.retain(|one| !one.starts_with("package "));
        assert_eq!(all, [] as [&str; 0], "{text}");
    }
}

#[test]
fn command_lines_of_agents_are_known_on_every_service() {
    for (path, text, agent, line) in [
        (
            ".gitlab-ci.yml",
            "review:\n  script:\n    - npx -y @openai/codex@latest exec --full-auto 'fix it'\n",
            "codex",
            3,
        ),
        (
            "azure-pipelines.yml",
            "steps:\n- bash: |\n    cd x\n    KEY=1 gemini --yolo -p \"$P\"\n",
            "gemini-cli",
            4,
        ),
        (
            ".circleci/config.yml",
            "jobs:\n  a:\n    steps:\n      - run:\n          command: uvx aider-chat --yes-always --message go\n",
            "aider",
            5,
        ),
        (
            "Jenkinsfile",
            "pipeline { stages {\n  stage('a') { steps {\n    sh 'claude -p \"review\" --dangerously-skip-permissions'\n } } } }",
            "claude-code",
            3,
        ),
        (
            ".github/workflows/x.yml",
            "jobs:\n  a:\n    steps:\n      - run: python -m openhands.core.main -t \"x\"\n",
            "openhands",
            4,
        ),
    ] {
        assert_eq!(
            told(path, text),
            [format!("agent {path}#{agent} ci {line}")]
        );
    }
    assert_eq!(
        permissions(
            "Jenkinsfile",
            "sh 'claude -p x --dangerously-skip-permissions'"
        )[0]
        .0,
        "--dangerously-skip-permissions"
    );
}

#[test]
fn servers_in_arguments_and_settings_are_configured_servers() {
    let text = "jobs:\n  a:\n    steps:\n      - uses: google-github-actions/run-gemini-cli@v0\n        with:\n          settings: |\n            {\"mcpServers\": {\"bad\": 3, \"docs\": {\"command\": \"npx\", \"args\": [\"-y\", \"some-mcp\"]}}}\n      - run: claude -p x --mcp-config '{\"mcpServers\":{\"web\":{\"url\":\"https://mcp.invalid/mcp\"}}}'\n";
    let report = HARNESS.report(".github/workflows/a.yml", text.as_bytes());
    let names: Vec<&str> = report
        .facts
        .iter()
        .filter_map(|(_, fact)| match fact {
            Fact::McpServer(server) => Some(&*server.name),
            _ => None,
        })
        .collect();
    assert_eq!(names, ["docs", "web"]);
}

#[test]
fn settings_of_an_action_tell_tools_of_servers_and_of_the_agent() {
    let text = "jobs:\n  a:\n    steps:\n      - run: npm install -g @google/gemini-cli@latest || exit 1\n      - uses: google-github-actions/run-gemini-cli@v0\n        with:\n          settings: |\n            {\"mcpServers\": {\"github\": {\"command\": \"docker\", \"args\": [\"run\", \"ghcr.io/x/y:1\"], \"includeTools\": [\"list_issues\"], \"env\": {\"ACME_TOKEN\": \"${T}\", \"LANG\": \"en\"}}}, \"tools\": {\"core\": [\"run_shell_command(echo)\", \"run_shell_command\"]}}\n";
    let path = ".github/workflows/a.yml";
    assert_eq!(
        told(path, text),
        [
            "package pkg:npm/@google/gemini-cli - 4",
            "agent pkg:github/google-github-actions/run-gemini-cli ci 5",
            "tool mcp/github/list_issues - 8",
            "identity env:ACME_TOKEN - 8",
        ]
    );
    let report = HARNESS.report(path, text.as_bytes());
    let granted: Vec<(&str, bool)> = report
        .facts
        .iter()
        .filter_map(|(_, fact)| match fact {
            Fact::AgentPermission(one) => Some((&*one.permission, one.shell)),
            _ => None,
        })
        .collect();
    assert_eq!(
        granted,
        [
            ("run_shell_command(echo)", false),
            ("run_shell_command", true)
        ]
    );
}

#[test]
fn steps_that_ship_models_are_pipelines_and_credentials_identities() {
    let text = "jobs:\n  ship:\n    steps:\n      - run: |\n          uv run mda deploy --yes\n          promptfoo eval -c x\n";
    assert_eq!(
        told(".github/workflows/d.yml", text),
        [
            "pipeline .github/workflows/d.yml#mda deploy deployment 5",
            "evaluator .github/workflows/d.yml#promptfoo eval evaluation 6",
        ]
    );
    assert_eq!(
        told(
            "Jenkinsfile",
            "environment { KEY = credentials('openai-api-key') }"
        ),
        ["identity env:OPENAI_API_KEY - 1"]
    );
}

#[test]
fn hostile_pipelines_end_in_a_gap() {
    let many = format!("a:\n{}", "  - run: codex exec x\n".repeat(2000));
    assert!(!gaps(&HARNESS.report(".gitlab-ci.yml", many.as_bytes())).is_empty());
    let deep = format!("a: {}", "[".repeat(100_000));
    assert!(!gaps(&HARNESS.report(".gitlab-ci.yml", deep.as_bytes())).is_empty());
    HARNESS.survives_truncation(".github/workflows/a.yml", CLAUDE.as_bytes());
}

fn agent(text: &str) -> stance_core::fact::Reference {
    let all = references(".github/workflows/a.yml", text);
    let found = all
        .into_iter()
        .find(|it| it.kind == stance_core::AssetKind::Agent);
    found.expect("an agent")
}

#[test]
fn an_agent_is_open_where_nothing_looks_at_who_asked() {
    let gemini = "on:\n  issues:\n    types: [opened]\njobs:\n  a:\n    steps:\n      - uses: google-github-actions/run-gemini-cli@v0\n        with:\n          prompt: go\n";
    let open = |text: &str| agent(text).attributes.contains_key("open_to");
    assert!(open(gemini));
    // It takes rights to set a label; the action of Claude asks for them itself.
    assert!(!open(&gemini.replace("opened", "labeled")));
    assert!(!open(&gemini.replace(
        "google-github-actions/run-gemini-cli@v0",
        "anthropics/claude-code-action@v1"
    )));
    assert!(!open(&gemini.replace(
        "    steps:",
        "    if: contains(fromJSON('[\"OWNER\"]'), github.event.issue.author_association)\n    steps:"
    )));
    assert!(!open(
        &gemini.replace("issues:\n    types: [opened]", "push:")
    ));
    assert!(open(
        "on: issue_comment\njobs:\n  a:\n    steps:\n      - run: claude -p fix\n"
    ));
}

#[test]
fn fields_of_the_event_are_told_where_they_reach_the_prompt() {
    let told = |text: &str| agent(text).attributes.get("prompt_expressions").cloned();
    let script = "on: issue_comment\njobs:\n  a:\n    steps:\n      - run: claude -p \"${{ github.event.comment.body }}\"\n";
    assert_eq!(
        told(script),
        Some(serde_json::json!(["github.event.comment.body"]))
    );
    assert!(
        agent(script)
            .attributes
            .contains_key("expressions_in_script")
    );
    let variable = "on: issues\njobs:\n  a:\n    steps:\n      - env:\n          BODY: ${{ github.event.issue.body }}\n          OTHER: ${{ github.event.issue.title }}\n        run: codex exec \"Answer $BODY\"\n";
    assert_eq!(
        told(variable),
        Some(serde_json::json!(["github.event.issue.body"]))
    );
    assert!(
        !agent(variable)
            .attributes
            .contains_key("expressions_in_script")
    );
    let input = "on: issues\njobs:\n  a:\n    steps:\n      - uses: anthropics/claude-code-action@v1\n        with:\n          prompt: |\n            Triage ${{ github.event.issue.title }} of ${{ github.repository }}\n";
    assert_eq!(
        told(input),
        Some(serde_json::json!(["github.event.issue.title"]))
    );
    assert_eq!(
        told(&input.replace("github.event.issue.title", "github.repository")),
        None
    );
}

#[test]
fn a_workflow_that_evaluates_or_ships_with_ai_settings_is_a_pipeline() {
    let text = "name: Evaluate answers\non: push\njobs:\n  a:\n    env:\n      # AZURE_OPENAI_KEY: no\n      AZURE_OPENAI_ENDPOINT: ${{ vars.AZURE_OPENAI_ENDPOINT }}\n    steps:\n      - run: python -m evals.run\n";
    assert_eq!(
        told(".github/workflows/quality.yml", text),
        ["pipeline .github/workflows/quality.yml evaluation 7"]
    );
    let lint = text.replace("Evaluate answers", "Lint");
    assert_eq!(
        told(".github/workflows/quality.yml", &lint),
        [] as [&str; 0]
    );
    let other = text.replace("AZURE_OPENAI", "AZURE_STORAGE");
    assert_eq!(
        told(".github/workflows/quality.yml", &other),
        [] as [&str; 0]
    );
    // A step that says what it does is told instead.
    let step = text.replace("python -m evals.run", "promptfoo eval");
    assert_eq!(
        told(".github/workflows/quality.yml", &step),
        ["evaluator .github/workflows/quality.yml#promptfoo eval evaluation 9"]
    );
}

#[test]
fn a_workflow_that_hands_over_to_agents_is_a_pipeline() {
    let text = "name: Dispatch\non: issue_comment\njobs:\n  review:\n    uses: ./.github/workflows/gemini-review.yml\n  triage:\n    uses: ./.github/workflows/gemini-triage.yml\n";
    assert_eq!(
        told(".github/workflows/dispatch.yml", text),
        ["pipeline .github/workflows/dispatch.yml agents 5"]
    );
    let other = "jobs:\n  a:\n    uses: ./.github/workflows/build.yml\n";
    assert_eq!(told(".github/workflows/b.yml", other), [] as [&str; 0]);
    // What is installed does not hide what a workflow is for.
    let evaluated = "name: Nightly evals\njobs:\n  a:\n    steps:\n      - run: npm install -g @google/gemini-cli\n      - run: npm test\n        env: {GEMINI_API_KEY: x}\n";
    assert_eq!(
        told(".github/workflows/evals.yml", evaluated)[1],
        "pipeline .github/workflows/evals.yml evaluation 7"
    );
}
