//! Workflows of GitHub Actions: the agents that run in them, and what those may do.

use std::collections::BTreeMap;

use stance_core::asset::{AssetKind, How};
use stance_core::fact::{AgentPermission, Fact, GapReason, Reference};
use stance_core::relation::RelationKind;

use crate::mcp::permissions::lets_any_command_through;
use stance_read::Inspector;
use stance_read::credential::Page;
use stance_read::input::Input;
use stance_read::report::Facts;
use stance_read::tree::{Node, Notation, Tree};

/// The parser of workflows.
pub(crate) static INSPECTOR: Workflow = Workflow;

pub(crate) struct Workflow;

/// Most steps with an agent that are read of one file.
const MOST: usize = 500;

/// An action that runs an agent.
struct AgentAction {
    action: &'static str,
    /// The agent, by the name its configuration files give it.
    client: &'static str,
    vendor: &'static str,
}

#[rustfmt::skip]
static ACTIONS: &[AgentAction] = &[
    AgentAction { action: "anthropics/claude-code-action", client: "claude-code", vendor: "anthropic" },
    AgentAction { action: "anthropics/claude-code-base-action", client: "claude-code", vendor: "anthropic" },
    AgentAction { action: "google-github-actions/run-gemini-cli", client: "gemini-cli", vendor: "google" },
    AgentAction { action: "openai/codex-action", client: "codex", vendor: "openai" },
];

impl Inspector for Workflow {
    fn name(&self) -> &'static str {
        "workflow"
    }

    fn claims(&self, input: &Input<'_>) -> bool {
        let path = input.path();
        matches!(input.extension(), "yml" | "yaml")
            && (path.starts_with(".github/") || path.contains("/.github/"))
            && ACTIONS
                .iter()
                .any(|known| memchr::memmem::find(input.head(), known.action.as_bytes()).is_some())
    }

    fn inspect(&self, input: &Input<'_>, facts: &mut Facts<'_>) {
        let Some(text) = input.text(facts) else {
            return;
        };
        let tree = Tree::parse(Notation::Yaml, text.as_str(), &input.options().limits);
        let page = Page::of_tree(input.path(), &text, &tree);
        for document in &tree.documents {
            let mut count = 0_usize;
            for step in steps(document) {
                let Some(uses) = step.get("uses") else {
                    continue;
                };
                let Some((action, version)) = uses.as_str().map(split) else {
                    continue;
                };
                let Some(known) = ACTIONS.iter().find(|known| known.action == action) else {
                    continue;
                };
                count = count.saturating_add(1);
                if count > MOST {
                    let detail = format!("more than {MOST} steps with an agent");
                    facts.gap(GapReason::Limit, detail, page.evidence(uses.span.clone()));
                    break;
                }
                facts.add(
                    input.path(),
                    Fact::Reference(Box::new(reference(known, version, uses, &page))),
                );
                if let Some(with) = step.get("with") {
                    grants(known, with, &page, facts);
                }
            }
        }
        tree.report("workflow", input.path(), &text, facts);
    }
}

/// The steps of all jobs, or of a composite action.
fn steps(document: &Node) -> impl Iterator<Item = &Node> {
    let jobs = document.get("jobs").map(Node::entries).unwrap_or_default();
    jobs.iter()
        .map(|job| &job.value)
        .chain(document.get("runs"))
        .filter_map(|job| job.get("steps"))
        .flat_map(Node::items)
}

fn split(uses: &str) -> (&str, Option<&str>) {
    match uses.split_once('@') {
        Some((action, version)) => (action, Some(version)),
        None => (uses, None),
    }
}

fn reference(
    known: &AgentAction,
    version: Option<&str>,
    uses: &Node,
    page: &Page<'_>,
) -> Reference {
    let mut aliases = vec![known.client.to_owned()];
    aliases.extend(known.action.split('/').next_back().map(str::to_owned));
    let mut attributes = BTreeMap::new();
    if let Some(version) = version {
        aliases.push(format!("{}@{version}", known.action));
        attributes.insert("version".to_owned(), version.into());
    }
    Reference {
        kind: AssetKind::Agent,
        key: format!("pkg:github/{}", known.action),
        name: known.action.to_owned(),
        aliases,
        how: How::Configuration,
        relation: RelationKind::DependsOn,
        vendor: Some(known.vendor.to_owned()),
        attributes,
        evidence: page.evidence(uses.span.clone()),
    }
}

/// What the inputs of the step let the agent do. Nobody is there to be asked; what keeps strangers
/// from steering it is that only people who may write can start it, unless that is switched off.
fn grants(known: &AgentAction, with: &Node, page: &Page<'_>, facts: &mut Facts<'_>) {
    let open = [
        "allowed_non_write_users",
        "allow-users",
        "allowed_bots",
        "allow-bots",
    ]
    .iter()
    .any(|key| with.get(key).and_then(Node::scalar) == Some("*"));
    let mut grant = |permission: &str, node: &Node, shell: bool| {
        let permission = AgentPermission {
            client: known.client.to_owned(),
            permission: permission.to_owned(),
            shell,
            unattended: open,
            evidence: page.evidence(place_of(node, permission, page)),
        };
        facts.add(page.path, Fact::AgentPermission(Box::new(permission)));
    };
    match known.client {
        "claude-code" => {
            if let Some(node) = with.get("claude_args")
                && let Some(line) = node.as_str()
            {
                for tool in allowed_tools(line) {
                    grant(tool, node, lets_any_command_through(tool));
                }
                if line.contains("--dangerously-skip-permissions") {
                    grant("--dangerously-skip-permissions", node, true);
                }
            }
            if let Some(node) = with.get("allowed_tools")
                && let Some(list) = node.as_str()
            {
                for tool in tools(list) {
                    grant(tool, node, lets_any_command_through(tool));
                }
            }
        }
        "codex" => {
            for (key, value) in [
                ("sandbox", "danger-full-access"),
                ("safety-strategy", "unsafe"),
            ] {
                if let Some(node) = with.get(key)
                    && node.as_str() == Some(value)
                {
                    grant(value, node, true);
                }
            }
        }
        _ => {}
    }
}

/// Where a word stands in a text of several lines; the start of the text when it cannot be told.
fn place_of(node: &Node, word: &str, page: &Page<'_>) -> std::ops::Range<usize> {
    let written = page
        .text
        .as_str()
        .get(node.span.clone())
        .unwrap_or_default();
    match written.find(word) {
        Some(at) => {
            let start = node.span.start.saturating_add(at);
            start..start.saturating_add(word.len())
        }
        None => node.span.clone(),
    }
}

/// The tools behind `--allowedTools` or `--allowed-tools`.
fn allowed_tools(line: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for flag in ["--allowedTools", "--allowed-tools"] {
        for (at, _) in line.match_indices(flag).take(MOST) {
            let rest = line
                .get(at.saturating_add(flag.len())..)
                .unwrap_or_default();
            let rest = rest.trim_start_matches(['=', ' ']);
            let list = match rest.chars().next() {
                Some(quote @ ('"' | '\'')) => {
                    let inner = rest.get(1..).unwrap_or_default();
                    inner.split(quote).next().unwrap_or_default()
                }
                _ => rest.split('\n').next().unwrap_or_default(),
            };
            found.extend(tools(list));
            if found.len() > MOST {
                return found;
            }
        }
    }
    found
}

/// Tools with commas or line ends between them; those in brackets belong to a pattern.
fn tools(list: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    list.split(|c: char| {
        match c {
            '(' => depth = depth.saturating_add(1),
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        matches!(c, ',' | '\n') && depth == 0
    })
    .map(str::trim)
    .filter(|tool| !tool.is_empty() && !tool.starts_with('-'))
    .take(MOST)
    .collect()
}

#[cfg(test)]
mod tests {
    use stance_core::fact::Fact;

    use stance_read::{Bytes, Interests, Limits, Options};

    fn facts(text: &str) -> Vec<Fact> {
        let interests = Interests::default();
        let options = Options {
            limits: Limits::default(),
            hash: false,
            interests: &interests,
            parsers: crate::PARSERS,
        };
        let path = ".github/workflows/agent.yml";
        let report = stance_read::scan(path, &Bytes(text.as_bytes()), &options);
        report.facts.into_iter().map(|(_, fact)| fact).collect()
    }

    #[test]
    fn an_agent_of_a_workflow_is_found_with_its_tools() {
        let text = "on: issue_comment\njobs:\n  a:\n    steps:\n      - uses: actions/checkout@v6\n      - uses: anthropics/claude-code-action@v1\n        with:\n          claude_args: |\n            --mcp-config .mcp.json\n            --allowedTools \"Bash,Bash(git log:*, x),mcp__docs\"\n";
        let all = facts(text);
        let Fact::Reference(agent) = &all[0] else {
            panic!("no agent");
        };
        assert_eq!(agent.key, "pkg:github/anthropics/claude-code-action");
        assert_eq!(agent.evidence.place(), ".github/workflows/agent.yml:6:15");
        let tools: Vec<(&str, bool, bool)> = all
            .iter()
            .filter_map(|fact| match fact {
                Fact::AgentPermission(p) => Some((p.permission.as_str(), p.shell, p.unattended)),
                _ => None,
            })
            .collect();
        assert_eq!(
            tools,
            [
                ("Bash", true, false),
                ("Bash(git log:*, x)", false, false),
                ("mcp__docs", false, false)
            ]
        );
        let Fact::AgentPermission(bash) = &all[1] else {
            panic!("no permission");
        };
        assert_eq!(bash.evidence.locus.line(), Some(10));
    }

    #[test]
    fn strangers_may_steer_it_only_where_that_is_allowed() {
        let text = "jobs:\n  a:\n    steps:\n      - uses: anthropics/claude-code-action@v1\n        with:\n          allowed_non_write_users: \"*\"\n          claude_args: --allowedTools Bash\n";
        let open = |text: &str| {
            facts(text)
                .iter()
                .any(|fact| matches!(fact, Fact::AgentPermission(p) if p.unattended && p.shell))
        };
        assert!(open(text));
        assert!(!open(&text.replace("\"*\"", "ada")));
        assert_eq!(
            facts("jobs:\n  a:\n    steps:\n      - uses: actions/checkout@v6\n"),
            []
        );
    }
}
