//! Classes that are worth a look for what they inherit from, or for what they are called.

use std::sync::LazyLock;

use memchr::memmem;

use super::scan::{first_line, line_of};
use super::{Found, Prefilter};
use stance_read::words::joins;

static CLASS: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new("class "));

/// What makes the objects of a class callable.
static CALLED: LazyLock<memmem::Finder<'static>> =
    LazyLock::new(|| memmem::Finder::new("def __call__("));

impl Prefilter {
    /// Classes that are tools, agents, guardrails or evaluators by what they inherit from.
    pub(super) fn classes(&self, text: &[u8], seen: &mut Found) {
        for at in CLASS.find_iter(text) {
            let before = text.get(..at).unwrap_or_default();
            if !line_of(before).trim_ascii_start().is_empty() {
                continue;
            }
            let head = text
                .get(at..text.len().min(at.saturating_add(300)))
                .unwrap_or_default();
            if scores(head)
                && let Some(call) = CALLED.find(text.get(at..).unwrap_or_default())
            {
                for place in [at, at.saturating_add(call)] {
                    seen.at = place;
                    seen.insert(self.base);
                }
            }
            let Some(open) = memchr::memchr(b'(', first_line(head)) else {
                continue;
            };
            let bases = head.get(open..).unwrap_or_default();
            let end = memchr::memchr(b')', bases).unwrap_or(bases.len());
            let words = bases
                .get(..end)
                .unwrap_or_default()
                .split(|byte| !joins(Some(byte)))
                .filter_map(|word| std::str::from_utf8(word).ok());
            seen.at = at;
            for word in words {
                if self.bases.contains(word)
                    || is_own_base(word)
                    || word == "Tool" && is_called_a_tool(head)
                {
                    seen.insert(self.base);
                }
                if let Some(sign) = self.common_bases.get(word) {
                    seen.insert(*sign);
                }
            }
        }
    }
}

/// Whether a class of this name may be the program's own base of tools, agents and the like.
fn is_own_base(name: &str) -> bool {
    name == "Agent"
        || name.ends_with("Eval")
        || [
            "Tool",
            "Agent",
            "AgentBase",
            "ToolBase",
            "Toolkit",
            "Guardrail",
            "Evaluator",
            "Evaluation",
        ]
        .iter()
        .any(|end| name.len() > end.len().saturating_add(2) && name.ends_with(end))
}

/// Whether a class is called a tool: what begins with `class `.
fn is_called_a_tool(head: &[u8]) -> bool {
    let name = head.get(6..).unwrap_or_default();
    let length = name.iter().take_while(|byte| joins(Some(byte))).count();
    name.get(..length)
        .is_some_and(|name| name.len() > 4 && name.ends_with(b"Tool"))
}

/// Whether a class is called an evaluator: what begins with `class `.
fn scores(head: &[u8]) -> bool {
    let name = head.get(6..).unwrap_or_default();
    let length = name.iter().take_while(|byte| joins(Some(byte))).count();
    let name = name.get(..length).unwrap_or_default();
    name.ends_with(b"Evaluator")
}
