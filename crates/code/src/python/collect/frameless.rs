//! Agents of programs that use no framework for them, or one that is not known: loops around a model, own classes, and
//! what those are told.

use stance_core::{AssetKind, How};

use super::agents::{INSTRUCTIONS, is_told, is_tool_name, looks_like_agent};
use super::{Collector, Draft, last_part};
use crate::python::catalogue::{Role, root_of};
use crate::python::definition::name_of;
use crate::python::known::Known;
use crate::python::sink::CallSite;

impl Collector<'_> {
    /// What an agent that is a class of its own is told: `super().__init__(instructions="…")`.
    pub(super) fn told_in_class(&mut self, site: &CallSite<'_>) {
        if last_part(site.callee) != "__init__" || !site.callee.contains("super()") {
            return;
        }
        let given = INSTRUCTIONS
            .iter()
            .find_map(|name| Some((*name, site.keyword(name)?)));
        let Some((keyword, given)) = given else {
            return;
        };
        let Some(class) = self.enclosing_class(&site.callee_span) else {
            return;
        };
        if self.class_text(&class).is_some_and(inherits_from_an_agent) {
            self.agent_prompt(&class, keyword, given);
        }
    }

    /// `writer.as_tool(tool_name="write", tool_description="…")`, wherever the agent comes from.
    pub(super) fn agent_as_tool(&mut self, site: &CallSite<'_>) {
        let Some(given) = site.keyword("tool_name") else {
            return;
        };
        for one in given.value.alternatives() {
            if let Known::Text { text, how } = one
                && is_tool_name(text)
            {
                let mut draft = Draft::new(AssetKind::Tool, self.local_key(text), &**text, *how)
                    .with("role", "agent");
                if let Some(Known::Text { text, .. }) =
                    site.keyword("tool_description").map(|given| &given.value)
                {
                    draft = draft.described(text);
                }
                self.refer(draft, &given.span);
            }
        }
    }

    /// A function that asks a model with tools again and again: an agent without any framework.
    pub(super) fn loop_around(&mut self, site: &CallSite<'_>) {
        let asks = site.keyword("tools").is_some()
            && self
                .api_of(site.callee)
                .is_some_and(|api| api.role == Role::Model);
        if self.in_test || self.function.is_empty() || !asks {
            return;
        }
        let before = self
            .place
            .source()
            .get(self.function_span.start..site.callee_span.start)
            .unwrap_or_default();
        if !before.contains("\n") || !before.contains("while ") {
            return;
        }
        // A class that is called an agent is told as such.
        if self
            .enclosing_class(&site.callee_span)
            .is_some_and(|class| class.ends_with("Agent"))
        {
            return;
        }
        let name = self.function.clone();
        let span = self.function_span.clone();
        let mut draft = Draft::new(AssetKind::Agent, self.local_key(&name), &name, How::Literal)
            .with("role", "loop");
        if let Some(root) = root_of(site.callee) {
            draft = draft.with("framework", root.package);
        }
        self.refer(draft, &span);
    }

    /// What an agent is told that is put together on the spot: `Agent(instructions=f"You sell {goods}.")`.
    pub(super) fn told_with_holes(&mut self, site: &CallSite<'_>) {
        let agent = self
            .api_of(site.callee)
            .is_some_and(|api| api.role == Role::Agent)
            || looks_like_agent(site);
        if !agent {
            return;
        }
        let name = match site.keyword("name").map(|given| &given.value) {
            Some(Known::Text { text, .. }) => text.to_string(),
            _ => match site.assigned {
                Some(name) => name.to_owned(),
                None if !self.function.is_empty() => self.function.clone(),
                None => name_of(site.callee).to_owned(),
            },
        };
        for keyword in INSTRUCTIONS {
            let Some(given) = site.keyword(keyword) else {
                continue;
            };
            let written = self.place.written(given.span.clone());
            let holes = written.starts_with(['f', 'F']) && self.stands_at(&given.span);
            if holes && !matches!(given.value, Known::Text { .. }) && is_told(written) {
                let written = written.to_owned();
                self.told_inline(&name, keyword, &written, &given.span);
            }
        }
    }
}

/// Whether the head of a class names an agent among what it inherits from.
fn inherits_from_an_agent(class: &str) -> bool {
    let head = class.split(':').next().unwrap_or_default();
    head.split_once('(')
        .is_some_and(|(_, bases)| bases.contains("Agent"))
}

/// Whether a class that is called an agent is made one, of whatever framework or of the program's own: it gets a name,
/// and what it is told, may call or asks.
pub(super) fn is_own_agent(site: &CallSite<'_>) -> bool {
    const GIVEN: [&str; 10] = [
        "functions",
        "handoffs",
        "instructions",
        "llm",
        "llm_config",
        "sub_agents",
        "system",
        "system_message",
        "system_prompt",
        "tools",
    ];
    let last = name_of(site.callee);
    let class = last.ends_with("Agent")
        && last != "UserAgent"
        && last.starts_with(|first: char| first.is_ascii_uppercase())
        && !site.callee.contains("()")
        && !site.callee.starts_with('?');
    let named = || {
        site.keyword("name").is_some_and(|given| {
            let mut all = given.value.alternatives().into_iter();
            all.any(|one| matches!(one, Known::Text { .. }))
        })
    };
    class && named() && GIVEN.iter().any(|name| site.keyword(name).is_some())
}
