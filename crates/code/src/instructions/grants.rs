//! What the front matter of a command, skill or sub-agent lets an agent do without asking.

use std::sync::Arc;

use stance_core::fact::{AgentPermission, Fact};

use crate::mcp::permissions::lets_any_command_through;
use stance_read::redact::shown;
use stance_read::report::Facts;
use stance_read::text::Text;
use stance_read::tree::Node;

pub(super) fn add(front: &Node, text: &Text<'_>, path: &Arc<str>, facts: &mut Facts<'_>) {
    let mut grant = |permission: String, node: &Node, shell: bool, unattended: bool| {
        let permission = AgentPermission {
            client: "claude-code".to_owned(),
            permission: shown(&permission),
            shell,
            unattended,
            evidence: text.evidence(path, node.span.clone()),
        };
        facts.add(path, Fact::AgentPermission(Box::new(permission)));
    };
    if let Some(allowed) = front.get_any(&["allowed-tools", "allowed_tools"]) {
        for (node, tool) in tools(allowed) {
            grant(tool.to_owned(), node, lets_any_command_through(tool), false);
        }
    }
    if let Some(mode) = front.get("permissionMode")
        && mode.as_str() == Some("bypassPermissions")
    {
        grant(
            "permissionMode: bypassPermissions".to_owned(),
            mode,
            true,
            true,
        );
    }
}

/// The tools of a list, or of a line with commas; commas in brackets belong to a pattern.
fn tools(node: &Node) -> Vec<(&Node, &str)> {
    const MOST: usize = 200;
    let Some(line) = node.as_str() else {
        let items = node.items().iter().take(MOST);
        return items
            .filter_map(|item| Some((item, item.as_str()?)))
            .collect();
    };
    let mut depth = 0_usize;
    line.split(|c: char| {
        match c {
            '(' => depth = depth.saturating_add(1),
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    })
    .map(|tool| (node, tool.trim()))
    .filter(|(_, tool)| !tool.is_empty())
    .take(MOST)
    .collect()
}
