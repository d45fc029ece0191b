//! What belongs to an agent: tools, guardrails, those it hands over to, its memory.

use serde_json::Value as Json;
use stance_core::digest;
use stance_core::{AssetKind, How, RelationKind};

use super::agents::is_told;
use super::models::provider_model;
use super::{Collector, Draft};
use crate::builtin_tools::by_key;
use crate::python::catalogue::root_of;
use crate::python::definition::{home_of, name_of, outside_of};
use crate::python::known::{Known, Object};
use crate::python::open::is_library;
use crate::python::scope::is_builtin;
use crate::python::sink::{CallSite, Given};
use crate::python::syntax::Span;

/// Most members of one agent.
const MEMBERS: usize = 64;

/// Keywords under which frameworks take what looks at messages.
const GUARDS: [&str; 7] = [
    "middleware",
    "input_guardrails",
    "output_guardrails",
    "guardrails",
    "guardrail",
    "tool_input_guardrails",
    "tool_output_guardrails",
];
/// Keywords under which frameworks take other agents.
const OTHERS: [(&str, &str); 9] = [
    ("handoffs", "hand-off"),
    ("handoff", "hand-off"),
    ("sub_agents", "sub-agent"),
    ("subagents", "sub-agent"),
    ("agents", "sub-agent"),
    ("managed_agents", "sub-agent"),
    ("participants", "sub-agent"),
    ("members", "sub-agent"),
    ("team", "sub-agent"),
];
/// Keywords under which frameworks take what remembers.
const MEMORIES: [&str; 7] = [
    "checkpointer",
    "memory",
    "store",
    "session",
    "session_service",
    "memory_service",
    "chat_memory",
];

impl Collector<'_> {
    /// The details of an agent that its other arguments tell.
    pub(super) fn with_members(&self, mut draft: Draft, site: &CallSite<'_>) -> Draft {
        let list = |names: &[&str]| -> Vec<String> {
            let given = names.iter().filter_map(|name| site.keyword(name));
            given
                .flat_map(|given| names_in(&given.value))
                .take(MEMBERS)
                .collect()
        };
        let others: Vec<&str> = OTHERS.iter().map(|(name, _)| *name).collect();
        for (attribute, keywords) in [
            (
                "tools",
                &[
                    "tools",
                    "allowed_tools",
                    "toolkits",
                    "toolsets",
                    "functions",
                ][..],
            ),
            ("guardrails", &GUARDS[..]),
            ("agents", &others[..]),
            ("memory", &MEMORIES[..]),
        ] {
            let names = list(keywords);
            if !names.is_empty() {
                draft = draft.with(attribute, names);
            }
        }
        draft
    }

    /// The assets that an agent's other arguments name.
    pub(super) fn members(&mut self, site: &CallSite<'_>, agent: &str) {
        for name in ["tools", "toolkits", "toolsets", "functions"] {
            if let Some(given) = site.keyword(name) {
                self.tools_of(&given.value, &given.span);
            }
        }
        for name in GUARDS {
            if let Some(given) = site.keyword(name) {
                let role = if name == "middleware" {
                    "middleware"
                } else {
                    "guardrail"
                };
                self.guards_of(&given.value, role, &given.span);
            }
        }
        for (name, role) in OTHERS {
            if let Some(given) = site.keyword(name) {
                self.described_agents(given, role, agent);
            }
        }
    }

    /// An agent that runs the code which it is sent: `UserProxyAgent(code_execution_config={"use_docker": False})`.
    pub(super) fn runs_code(&mut self, site: &CallSite<'_>) {
        let Some(given) = site.keyword("code_execution_config") else {
            return;
        };
        if let Known::Map(map) = &given.value {
            let name = "code_execution";
            let mut draft = Draft::new(AssetKind::Tool, self.local_key(name), name, How::Literal);
            if let Some(framework) = root_of(site.callee) {
                draft = draft.with("framework", framework.package);
            }
            if let Some(Known::Boolean(docker)) = map.content.get("use_docker") {
                draft = draft.with("sandbox", *docker);
            }
            self.refer(draft, &given.span);
        }
    }

    /// The tools of a list.
    pub(super) fn tools_of(&mut self, known: &Known, span: &Span) {
        for one in elements(known) {
            match one {
                Known::Map(_) => self.tool_definition(one, span),
                Known::Path { path, .. } => self.listed(AssetKind::Tool, path, None, span),
                Known::Class(number) => {
                    let class = self.classes.get(*number).cloned();
                    if let Some(class) = class {
                        self.listed(AssetKind::Tool, &format!(".{class}"), None, span);
                    }
                }
                // `types.Tool(google_search=types.GoogleSearch())`
                Known::Object(object) if object.callee.ends_with("types.Tool") => {
                    self.builtin_tool(&object.fields, span);
                }
                // What is made on the way is a tool of a library, or an instance of our own class.
                Known::Object(object) if !object.callee.contains("()") => {
                    let name = name_of(&object.callee);
                    // `AgentTool(critic)`: an agent that another one calls.
                    if name == "AgentTool" {
                        let agent = object.fields.get("agent").or(object.unnamed.first());
                        match agent {
                            Some(Known::Path { path, .. }) => {
                                self.listed(AssetKind::Tool, path, Some("agent"), span);
                            }
                            Some(Known::Object(agent)) => {
                                if let Some(Known::Text { text, how }) = agent.fields.get("name") {
                                    let key = self.local_key(text);
                                    let draft = Draft::new(AssetKind::Tool, key, &**text, *how)
                                        .with("role", "agent");
                                    self.refer(draft, span);
                                }
                            }
                            _ => {}
                        }
                        continue;
                    }
                    if let Some(Known::Path { path, .. }) = wrapped(object) {
                        self.listed(AssetKind::Tool, path, None, span);
                        continue;
                    }
                    let class = name.starts_with(|first: char| first.is_ascii_uppercase());
                    // Wrappers of functions are told by what they wrap.
                    if class && !name.starts_with("MCP") && !name.ends_with("Agent") && !wraps(name)
                    {
                        self.listed(AssetKind::Tool, &object.callee, None, span);
                    }
                }
                _ => {}
            }
        }
    }

    /// `llm.bind_tools([search, Answer])`
    pub(super) fn bound_tools(&mut self, site: &CallSite<'_>) {
        if let Some(given) = site.argument(Some(0), "tools") {
            self.tools_of(&given.value, &given.span);
        }
    }

    /// A tool as the interfaces of model providers describe it.
    pub(super) fn tool_definition(&mut self, known: &Known, span: &Span) {
        let Known::Map(map) = known else { return };
        if self.builtin_tool(&map.content, span) {
            return;
        }
        let inner = match map.content.get("function") {
            Some(Known::Map(inner)) => inner,
            _ => map,
        };
        let described = ["parameters", "input_schema", "description"]
            .iter()
            .any(|field| inner.content.contains_key(*field));
        let Some(Known::Text { text, how }) = inner.content.get("name") else {
            return;
        };
        if !described || text.is_empty() || text.len() > 80 || text.contains(char::is_whitespace) {
            return;
        }
        let mut draft = Draft::new(AssetKind::Tool, self.local_key(text), &**text, *how);
        if let Some(Known::Text { text, .. }) = inner.content.get("description") {
            draft = draft.described(text);
        }
        let schema = inner
            .content
            .get("parameters")
            .or_else(|| inner.content.get("input_schema"));
        if let Some(names) = schema.and_then(properties) {
            draft = draft.with("parameters", names);
        }
        self.refer(draft, span);
    }

    fn guards_of(&mut self, known: &Known, role: &'static str, span: &Span) {
        for one in elements(known) {
            let path = match one {
                Known::Path { path, .. } => path,
                Known::Object(object) => &object.callee,
                _ => continue,
            };
            if role == "middleware" && !guards(name_of(path)) {
                continue;
            }
            self.listed(AssetKind::Guardrail, path, Some(role), span);
        }
    }

    /// Something that a list names: of the tree, or of a library that is known.
    fn listed(&mut self, kind: AssetKind, path: &str, role: Option<&str>, span: &Span) {
        // `BingGroundingTool(connection_id=x).definitions` is that tool.
        let path = match path.rsplit_once("().") {
            Some((class, _))
                if ["Tool", "ToolSet", "Toolset", "Toolkit"]
                    .iter()
                    .any(|end| class.ends_with(end)) =>
            {
                class
            }
            _ => path,
        };
        let name = name_of(path);
        let odd = name.is_empty() || name.len() > 80 || name == "[]";
        // Annotations say what a list is of, not what is in it.
        // A class of the tree is no part of the library that it inherits from.
        let library = home_of(path).is_none() && is_library(path);
        if odd || path.starts_with('?') || library || is_builtin(path) {
            return;
        }
        let outside = outside_of(path);
        let root = root_of(outside);
        let key = match (home_of(path), root) {
            (Some(home), _) => format!("{home}#{name}"),
            (None, Some(root)) => format!("pkg:pypi/{}#{name}", root.package),
            // A variable of a class or module tells less than its own definition.
            (None, None) if path.contains("()") && !path.starts_with('.') => return,
            (None, None) => self.local_key(name),
        };
        let mut draft = Draft::new(kind, key, name, How::Literal);
        if let Some(root) = root {
            draft = draft.with("framework", root.package);
        }
        if let Some(role) = role {
            draft = draft.with("role", role);
        }
        self.refer(draft, span);
    }

    /// Agents that are described in the argument itself, by name or one by one.
    fn described_agents(&mut self, given: &Given<'_>, role: &'static str, parent: &str) {
        let named: Vec<(Option<&str>, &Known)> = match &given.value {
            Known::Map(map) => map
                .content
                .iter()
                .map(|(name, one)| (Some(name.as_str()), one))
                .collect(),
            other => elements(other).map(|one| (None, one)).collect(),
        };
        for (name, one) in named.into_iter().take(MEMBERS) {
            let fields = match one {
                Known::Map(map) => &map.content,
                Known::Object(object) if name.is_some() => &object.fields,
                _ => continue,
            };
            let prompt = ["prompt", "system_prompt", "instructions"]
                .iter()
                .find_map(|field| fields.get(*field));
            let name = name.or_else(|| match fields.get("name") {
                Some(Known::Text { text, .. }) => Some(&**text),
                _ => None,
            });
            let Some(name) = name.filter(|name| (1..=80).contains(&name.len())) else {
                continue;
            };
            if prompt.is_none() && !fields.contains_key("description") {
                continue;
            }
            let mut draft = Draft::new(AssetKind::Agent, self.local_key(name), name, How::Literal)
                .with("role", role)
                .with("parent", parent);
            if let Some(Known::Text { text, .. }) = fields.get("description") {
                draft = draft.described(text);
            }
            self.refer(draft, &given.span);
            if let Some(Known::Text { text, how }) = fields.get("model")
                && let Some(draft) = provider_model(text, *how)
            {
                self.refer(draft.with("role", "chat"), &given.span);
            }
            if let Some(Known::Text {
                text,
                how: How::Literal,
            }) = prompt
                && is_told(text)
            {
                let title = format!("{name} prompt");
                let draft = Draft::new(
                    AssetKind::Prompt,
                    self.local_key(&title),
                    title,
                    How::Literal,
                )
                .with("length", text.chars().count())
                .with(digest::TEXT, digest::text(text));
                self.refer(draft, &given.span);
            }
            if let Some(tools) = fields.get("tools") {
                self.tools_of(tools, &given.span);
            }
        }
    }

    /// A function or class that scores answers.
    pub(super) fn evaluators_of(&mut self, known: &Known, span: &Span) {
        if let Known::Map(map) = known {
            // Each under the name that its scores get.
            for one in map.content.values().take(MEMBERS) {
                if matches!(one, Known::Path { .. } | Known::Object(_)) {
                    self.evaluators_of(one, span);
                }
            }
            return;
        }
        for one in elements(known) {
            let path = match one {
                Known::Path { path, .. } => path,
                Known::Object(object) => &object.callee,
                Known::Text { text, how } if (1..=80).contains(&text.len()) => {
                    let draft =
                        Draft::new(AssetKind::Evaluator, self.local_key(text), &**text, *how)
                            .relation(RelationKind::Calls);
                    self.refer(draft, span);
                    continue;
                }
                _ => continue,
            };
            self.listed(AssetKind::Evaluator, path, Some("evaluation"), span);
        }
    }
}

/// The parameters that a schema names.
pub(super) fn properties(schema: &Known) -> Option<Vec<String>> {
    let Known::Map(map) = schema else { return None };
    match map.content.get("properties") {
        Some(Known::Map(properties)) => Some(properties.content.keys().take(32).cloned().collect()),
        _ => None,
    }
}

/// The members of a list, or of each list that it may be; a single one stands for itself.
fn elements(known: &Known) -> impl Iterator<Item = &Known> {
    let mut all: Vec<&Known> = Vec::new();
    for one in known.alternatives() {
        match one {
            Known::List(list) => {
                for element in &list.content {
                    all.extend(element.alternatives());
                }
            }
            other => all.push(other),
        }
    }
    all.into_iter().take(MEMBERS)
}

/// The names of what a list holds.
pub(super) fn names_in(known: &Known) -> Vec<String> {
    let all = elements(known);
    let all = all.filter_map(|one| match one {
        Known::Path { path, .. } if !path.starts_with('?') && !path.contains("()") => {
            Some(name_of(path).to_owned())
        }
        Known::Object(object) if wrapped(object).is_some() => match wrapped(object) {
            Some(Known::Path { path, .. }) => Some(name_of(path).to_owned()),
            _ => None,
        },
        Known::Object(object) if is_library(&object.callee) => None,
        Known::Object(object) => Some(match object.fields.get("name") {
            Some(Known::Text { text, .. }) => text.to_string(),
            _ => name_of(&object.callee).to_owned(),
        }),
        Known::Text { text, .. } if text.len() <= 80 => Some(text.to_string()),
        Known::Map(map) => match map.content.get("name").or(map.content.get("type")) {
            Some(Known::Text { text, .. }) => Some(text.to_string()),
            _ => map
                .content
                .keys()
                .find(|key| by_key(key).is_some())
                .cloned(),
        },
        _ => None,
    });
    all.filter(|name| !matches!(name.as_str(), "" | "[]" | "list" | "dict" | "set"))
        .collect()
}

/// The function that something is made a tool of: `function_tool(search)`.
fn wrapped(object: &Object) -> Option<&Known> {
    let name = name_of(&object.callee);
    let wraps = matches!(
        name,
        "function_tool" | "tool" | "FunctionTool" | "LongRunningFunctionTool"
    );
    object
        .unnamed
        .first()
        .filter(|given| wraps && matches!(given, Known::Path { .. }))
}

/// Whether a class only makes a tool of something that has a name of its own.
fn wraps(name: &str) -> bool {
    matches!(
        name,
        "FunctionTool" | "StructuredTool" | "Tool" | "QueryEngineTool" | "AgentTool" | "Function"
    )
}

/// Whether middleware of this name looks at messages, rather than keeping the agent going.
pub(super) fn guards(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ![
        "retry",
        "fallback",
        "cach",
        "logg",
        "trac",
        "telemetry",
        "todo",
        "planning",
        "filesystem",
        "subagent",
        "toolselector",
        "skill",
        "memory",
        "emulator",
        "metric",
        "shell",
    ]
    .iter()
    .any(|word| name.contains(word))
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && (name.contains("middleware") || name.contains("guard") || name.contains("moderation"))
}

/// A text as an attribute: its first line, or its beginning.
pub(super) fn shortened(text: &str) -> Json {
    let text = text.trim();
    let line = text.lines().next().unwrap_or_default();
    Json::from(
        line.get(..line.floor_char_boundary(300))
            .unwrap_or_default(),
    )
}
