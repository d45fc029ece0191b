//! What lets an agent in CI act. Nobody is there to be asked; what keeps strangers from steering it
//! is that only people who may write can start it, unless that is switched off.

use std::ops::Range;

use stance_code::mcp::lets_any_command_through;
use stance_core::fact::{AgentPermission, Fact};
use stance_read::credential::Page;
use stance_read::redact::shown;
use stance_read::report::Facts;
use stance_read::tree::Node;

use super::{MOST, tools::Agent};

/// Flags that switch off asking.
const UNASKED: &[&str] = &[
    "--dangerously-skip-permissions",
    "--dangerously-bypass-approvals-and-sandbox",
    "--dangerously-allow-all",
    "--allow-all-tools",
    "--trust-all-tools",
    "--yolo",
    "--full-auto",
    "--yes-always",
];

/// The tools that a command line allows.
pub(super) fn allowed(words: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    let mut at = 0_usize;
    while let Some(word) = words.get(at) {
        at = at.saturating_add(1);
        let (name, value) = match word.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name, Some(value)),
            _ => (word.as_str(), None),
        };
        if ![
            "--allowedTools",
            "--allowed-tools",
            "--allow-tool",
            "--trust-tools",
        ]
        .contains(&name)
        {
            continue;
        }
        let values = match value {
            Some(value) => vec![value],
            None => {
                // Several words may follow.
                let rest = words.get(at..).unwrap_or_default();
                rest.iter()
                    .take_while(|word| !word.starts_with("--"))
                    .map(String::as_str)
                    .collect()
            }
        };
        for value in values {
            found.extend(tools(value).into_iter().map(str::to_owned));
        }
        if found.len() > MOST {
            found.truncate(MOST);
            break;
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

/// What the words of a command line grant.
pub(super) fn of_words(
    agent: &Agent,
    words: &[String],
    place: Range<usize>,
    open: bool,
    page: &Page<'_>,
    facts: &mut Facts<'_>,
) {
    let bypassed = words.windows(2).filter_map(|pair| match pair {
        [flag, value]
            if (flag == "--permission-mode" && value == "bypassPermissions")
                || (flag == "--approval-mode" && value == "yolo")
                || (flag == "--sandbox" && value == "danger-full-access") =>
        {
            Some((format!("{flag} {value}"), true))
        }
        _ => None,
    });
    // The step that the agent runs in ends somewhere behind; its words are looked for from there on.
    let behind = page.text.as_str().get(place.end..).unwrap_or_default();
    let unasked = words.iter().filter(|word| UNASKED.contains(&word.as_str()));
    let all = allowed(words)
        .into_iter()
        .map(|tool| {
            let any = lets_any_command_through(&tool);
            (tool, any)
        })
        .chain(unasked.map(|word| (word.clone(), true)))
        .chain(bypassed);
    for (permission, shell) in all.take(MOST) {
        let near = behind.get(..20_000).unwrap_or(behind);
        let at = near
            .find(permission.as_str())
            .map(|at| place.end.saturating_add(at));
        let span = at.map_or(place.clone(), |at| at..at.saturating_add(permission.len()));
        add(agent, permission, shell, open, span, page, facts);
    }
}

/// What the inputs of an action grant besides.
pub(super) fn of_inputs(agent: &Agent, with: &Node, page: &Page<'_>, facts: &mut Facts<'_>) {
    for (key, value) in [
        ("sandbox", "danger-full-access"),
        ("safety-strategy", "unsafe"),
    ] {
        if agent.client == "codex"
            && let Some(node) = with.get(key)
            && node.as_str() == Some(value)
        {
            add(
                agent,
                value.to_owned(),
                true,
                is_open(with),
                node.span.clone(),
                page,
                facts,
            );
        }
    }
}

/// Whether people who may not write can start the agent.
pub(super) fn is_open(with: &Node) -> bool {
    [
        "allowed_non_write_users",
        "allow-users",
        "allowed_bots",
        "allow-bots",
    ]
    .iter()
    .any(|key| with.get(key).and_then(Node::scalar) == Some("*"))
}

fn add(
    agent: &Agent,
    permission: String,
    shell: bool,
    unattended: bool,
    span: Range<usize>,
    page: &Page<'_>,
    facts: &mut Facts<'_>,
) {
    let permission = AgentPermission {
        client: agent.client.to_owned(),
        permission: shown(&permission),
        shell,
        unattended,
        evidence: page.evidence(span),
    };
    facts.add(page.path, Fact::AgentPermission(Box::new(permission)));
}
