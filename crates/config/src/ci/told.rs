//! What an agent in CI is told, and the tools of MCP servers that it may use.

use std::ops::Range;

use stance_core::asset::AssetKind;
use stance_core::digest;
use stance_core::relation::RelationKind;
use stance_read::credential::Page;
use stance_read::report::Facts;
use stance_read::tree::Node;

use super::MOST;
use crate::draft::Draft;

/// Inputs of actions that an agent reads as its task or as instructions.
const INPUTS: &[&str] = &[
    "prompt",
    "direct_prompt",
    "system_prompt",
    "append_system_prompt",
    "custom_instructions",
    "instruction",
];
/// Shortest text that is a prompt, in bytes: shorter ones call a command that stands elsewhere.
const SHORTEST: usize = 20;

/// The prompts among the inputs of an action.
pub(super) fn prompts(with: &Node, job: &str, page: &Page<'_>, facts: &mut Facts<'_>) {
    for input in INPUTS {
        let Some(node) = with.get(input) else {
            continue;
        };
        let Some(text) = node.as_str().map(str::trim) else {
            continue;
        };
        // What comes as a whole from elsewhere is said elsewhere.
        let handed_on = text.starts_with("${{") && text.ends_with("}}");
        if text.len() < SHORTEST || !text.contains(' ') || handed_on {
            continue;
        }
        let name = match job {
            "" => (*input).to_owned(),
            job => format!("{job} {input}"),
        };
        Draft::new(AssetKind::Prompt, format!("{}#{name}", page.path), name)
            .relation(RelationKind::Contains)
            .with("length", text.chars().count())
            .with(digest::TEXT, digest::text(text))
            .add(node.span.clone(), page, facts);
    }
}

/// Tools of MCP servers among those that are allowed, with their servers: `mcp__github__get_issue`. Servers that
/// the pipeline declares itself are known.
pub(super) fn mcp_tools(
    allowed: &[String],
    declared: &str,
    place: &Range<usize>,
    page: &Page<'_>,
    facts: &mut Facts<'_>,
) {
    let behind = page.text.as_str().get(place.end..).unwrap_or_default();
    let mut servers: Vec<&str> = Vec::new();
    for word in allowed.iter().take(MOST) {
        let Some((server, tool)) = word
            .strip_prefix("mcp__")
            .and_then(|rest| rest.split_once("__"))
        else {
            continue;
        };
        let plain = |name: &str| {
            !name.is_empty()
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
        };
        if !plain(server) || !plain(tool) {
            continue;
        }
        let span = behind.find(word.as_str()).map_or(place.clone(), |at| {
            let start = place.end.saturating_add(at);
            start..start.saturating_add(word.len())
        });
        Draft::new(AssetKind::Tool, format!("mcp/{server}/{tool}"), tool)
            .relation(RelationKind::Calls)
            .alias(word)
            .with("protocol", "mcp")
            .with("server", server)
            .add(span.clone(), page, facts);
        if servers.contains(&server) || declared.contains(&format!("\"{server}\"")) {
            continue;
        }
        servers.push(server);
        let key = format!("{}#mcp/{server}", page.path);
        Draft::new(AssetKind::McpServer, key, server)
            .relation(RelationKind::Calls)
            .with("protocol", "mcp")
            .add(span, page, facts);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::told;

    #[test]
    fn what_an_agent_is_told_and_the_servers_it_may_ask_are_told() {
        let text = "on: issues\njobs:\n  triage:\n    steps:\n      - uses: anthropics/claude-code-action@v1\n        with:\n          prompt: |\n            Look at the issue and say whether it was reported before.\n          claude_args: --allowedTools \"mcp__github__get_issue,Bash(gh:*)\"\n  label:\n    steps:\n      - uses: anthropics/claude-code-action@v1\n        with:\n          prompt: /label-issue\n";
        let all = told(".github/workflows/triage.yml", text);
        let of = |kind: &str| {
            let found = all.iter().filter(|one| one.starts_with(kind));
            found.cloned().collect::<Vec<_>>()
        };
        assert_eq!(
            of("prompt"),
            ["prompt .github/workflows/triage.yml#triage prompt - 8"]
        );
        assert_eq!(of("tool"), ["tool mcp/github/get_issue - 9"]);
        assert_eq!(
            of("mcp_server"),
            ["mcp_server .github/workflows/triage.yml#mcp/github - 9"]
        );
        let declared = text.replace(
            "claude_args: ",
            "claude_args: --mcp-config '{\"mcpServers\":{\"github\":{\"command\":\"x\"}}}' ",
        );
        let again = told(".github/workflows/triage.yml", &declared);
        assert!(!again.iter().any(|one| one.contains("#mcp/github")));
    }
}
