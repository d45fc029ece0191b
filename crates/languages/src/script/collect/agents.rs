//! Agents, the tools that they call, and what looks at their texts.

use serde_json::Value as Json;
use stance_code::builtin_tools::{by_key, by_type};
use stance_core::digest;
use stance_core::{AssetKind, How, RelationKind};

use super::models::{provider_model, vendor_of, with_vendor};
use super::{Collector, Draft, is_name, schema, short};
use crate::names::{shortened, snake_case};
use crate::script::catalogue::{Api, Task, api_of, last_part, module_of};
use crate::script::known::{At, Known};
use crate::script::modules::package_of;
use crate::script::syntax::Span;
use crate::script::walk::Site;

/// Options whose text tells an agent who it is.
const INSTRUCTIONS: [&str; 7] = [
    "instructions",
    "system",
    "systemPrompt",
    "systemMessage",
    "prompt",
    "instruction",
    "stateModifier",
];

/// Entries under which a tool tells what it takes, and what it does.
pub(super) const SCHEMAS: &[&str] = &["parameters", "inputSchema", "input_schema"];
const HANDLERS: &[&str] = &["execute", "handler", "handle", "run", "callback", "invoke"];

impl Collector<'_> {
    pub(super) fn agent(&mut self, site: &Site<'_>, api: &'static Api) {
        if api.task == Task::Graph && !site.callee.contains("Graph()") {
            return;
        }
        let named = site.option(api.option);
        let (name, how, at) = match named.as_ref().map(|named| named.value) {
            Some(Known::Text { text, how, .. }) if is_name(text) => {
                let at = named.as_ref().map(|named| named.at.clone());
                (text.trim().to_owned(), *how, at)
            }
            Some(Known::Open(_)) if !self.is_settled() => {
                self.open = true;
                return;
            }
            _ => match site.assigned {
                Some(name) => (name.to_owned(), How::Literal, None),
                // A part of another graph has no name of its own.
                None if api.task == Task::Graph => return,
                None => (short(site.callee).to_owned(), How::Literal, None),
            },
        };
        let at = at.unwrap_or(At::Here(site.callee_span));
        let mut draft = Draft::new(AssetKind::Agent, self.local_key(&name), &name, how)
            .with("framework", package_of(module_of(site.callee)));
        if let Some(assigned) = site.assigned {
            draft = draft.alias(assigned);
        }
        for option in ["id", "name"] {
            if let Some(text) = site
                .option(option)
                .and_then(|it| it.value.as_text().map(str::to_owned))
            {
                draft = draft.alias(&text);
            }
        }
        for (option, attribute) in [
            ("tools", "tools"),
            ("handoffs", "hand_offs"),
            ("subAgents", "sub_agents"),
            ("subagents", "sub_agents"),
            ("agents", "sub_agents"),
            ("middleware", "middleware"),
            ("inputGuardrails", "guardrails"),
            ("outputGuardrails", "guardrails"),
        ] {
            let names = site.option(option).map(|given| names_of(given.value));
            if let Some(names) = names.filter(|names| !names.is_empty()) {
                draft = draft.with(attribute, names);
            }
        }
        let model = ["model", "llm", "modelName"]
            .iter()
            .find_map(|name| site.option(name));
        if let Some(text) = model.as_ref().and_then(|model| model.value.as_text()) {
            draft = draft.with("model", text);
        }
        if let Some(text) = site
            .option("description")
            .and_then(|it| it.value.as_text().map(str::to_owned))
        {
            draft = draft.described(&text);
        }
        self.refer(draft, &at);
        if let Some(model) = model {
            self.agent_model(model.value, &model.at);
        }
        if let Some(tools) = site.option("tools") {
            let at = match &tools.at {
                At::Here(span) => *span,
                At::There(_) => site.callee_span,
            };
            self.library_tools(tools.value, at);
        }
        for option in ["inputGuardrails", "outputGuardrails"] {
            if let Some(given) = site.option(option) {
                self.guardrails(given.value, option);
            }
        }
        for option in INSTRUCTIONS {
            self.prompt_of(site, option, &name);
        }
    }

    fn agent_model(&mut self, model: &Known, at: &At) {
        for one in model.alternatives() {
            let (text, how) = match one {
                Known::Text { text, how, at } => {
                    if let At::Here(span) = at {
                        self.explained.insert(span.start);
                    }
                    (text, *how)
                }
                Known::Environment {
                    default: Some(text),
                    ..
                } => (text, How::Default),
                _ => continue,
            };
            let draft = provider_model(text, how).or_else(|| with_vendor(text, how));
            if let Some(draft) = draft {
                self.refer(draft.with("role", "chat"), at);
            }
        }
    }

    /// What an agent is told, when it stands in the call.
    pub(super) fn prompt_of(&mut self, site: &Site<'_>, option: &str, agent: &str) {
        // A constant is reported where it is defined.
        if let Some(given) = site.option(option)
            && let Known::Text {
                text,
                how: How::Literal,
                ..
            } = given.value
            && text.len() >= 40
        {
            let name = format!("{agent} {option}");
            let draft = Draft::new(
                AssetKind::Prompt,
                self.local_key(&name),
                &name,
                How::Literal,
            )
            .with("length", text.chars().count())
            .with(digest::TEXT, digest::text(text));
            let at = given.at.clone();
            self.refer(draft, &at);
        }
    }

    /// Guardrails as objects with a name: `[{ name, execute }]`.
    fn guardrails(&mut self, all: &Known, option: &str) {
        let Known::List(list) = all else { return };
        for one in list.content.iter().take(64) {
            if let Some(Known::Text { text, how, at }) = one.entry("name")
                && is_name(text)
            {
                let draft = Draft::new(AssetKind::Guardrail, self.local_key(text), &**text, *how)
                    .with(
                        "role",
                        if option.starts_with("input") {
                            "input"
                        } else {
                            "output"
                        },
                    );
                self.refer(draft, at);
            }
        }
    }

    /// Something that looks at texts or scores them.
    pub(super) fn watcher(&mut self, site: &Site<'_>, api: &'static Api, kind: AssetKind) {
        let class = short(site.callee);
        let (name, how) = match site.option(api.option).map(|it| it.value.clone()) {
            Some(Known::Text { text, how, .. }) if is_name(&text) => (text.to_string(), how),
            _ => (class.to_owned(), How::Literal),
        };
        let mut draft = Draft::new(kind, self.local_key(&name), &name, how)
            .alias(class)
            .with("framework", package_of(module_of(site.callee)));
        if let Some(assigned) = site.assigned {
            draft = draft.alias(assigned);
        }
        self.refer(draft, &At::Here(site.callee_span));
    }

    /// `query({ prompt, options })` of an agent's own library: each such call runs one.
    pub(super) fn agent_run(&mut self, site: &Site<'_>, api: &'static Api) {
        if api.name != "query" {
            return;
        }
        let name = site.assigned.unwrap_or("query");
        let draft = Draft::new(AssetKind::Agent, self.local_key(name), name, How::Literal)
            .alias("query")
            .with("framework", package_of(module_of(site.callee)));
        self.refer(draft, &At::Here(site.callee_span));
    }

    pub(super) fn tool(&mut self, site: &Site<'_>, api: &'static Api) {
        let package = package_of(module_of(site.callee)).to_owned();
        let agent_sdk = package.starts_with("@anthropic-ai/");
        let named = site.option(api.option).or_else(|| site.option("name"));
        let named = named.or_else(|| {
            site.positional(0)
                .filter(|_| agent_sdk || api.name == "tool")
        });
        let (name, how, at) = match named.as_ref().map(|named| named.value) {
            Some(Known::Text { text, how, .. }) if is_name(text) && !text.contains(' ') => {
                let at = named.as_ref().map(|named| named.at.clone());
                (text.to_string(), *how, at)
            }
            Some(Known::Open(_)) if !self.is_settled() => {
                self.open = true;
                return;
            }
            _ => match site.assigned {
                Some(name) if !matches!(name, "tools" | "tool") => {
                    (name.to_owned(), How::Literal, None)
                }
                // A function that makes tools of others, or one that is handed on.
                _ => return,
            },
        };
        let at = at.unwrap_or(At::Here(site.callee_span));
        let mut draft = Draft::new(AssetKind::Tool, self.local_key(&name), &name, how)
            .with("framework", package);
        if let Some(assigned) = site.assigned {
            draft = draft.alias(assigned);
        }
        if let Some(text) = site
            .option("description")
            .and_then(|it| it.value.as_text().map(str::to_owned))
        {
            draft = draft.described(&text);
        }
        let parameters = ["inputSchema", "parameters", "schema", "argsSchema"];
        let parameters = parameters.iter().find_map(|name| site.option(name));
        if let Some(parameters) = parameters.and_then(|it| schema::parameters(it.value)) {
            draft = draft.with("parameters", parameters);
        }
        self.refer(draft, &at);
    }

    /// A call of a function of the tree that makes a tool, by what it is given: `defineTool({ name, description,
    /// parameters, execute })`.
    pub(super) fn tool_shaped(&mut self, site: &Site<'_>) -> bool {
        if !short(site.callee).to_ascii_lowercase().ends_with("tool") {
            return false;
        }
        let Some(given) = site
            .arguments
            .iter()
            .find(|it| matches!(it.value, Known::Map(_)))
        else {
            return false;
        };
        let has = |names: &[&str]| names.iter().any(|name| given.value.entry(name).is_some());
        if !(has(&["description"]) && has(SCHEMAS) && has(HANDLERS)) {
            return false;
        }
        let (name, how) = match site.option("name").map(|it| it.value.clone()) {
            Some(Known::Text { text, how, .. }) if is_name(&text) => (text.to_string(), how),
            Some(Known::Open(_)) if !self.is_settled() => {
                self.open = true;
                return true;
            }
            // A function that makes tools of what it is given has no description of its own.
            _ => match site.assigned {
                Some(name)
                    if !matches!(name, "tools" | "tool")
                        && given
                            .value
                            .entry("description")
                            .is_some_and(|it| it.as_text().is_some()) =>
                {
                    (name.to_owned(), How::Literal)
                }
                _ => return false,
            },
        };
        let at = site
            .option("name")
            .map_or(At::Here(site.callee_span), |it| it.at);
        let draft =
            Draft::new(AssetKind::Tool, self.local_key(&name), &name, how).relation(self.offers());
        self.refer(described(draft, &given.value), &at);
        true
    }

    /// Whether the tools of this file are offered to others or used here.
    pub(super) const fn offers(&self) -> RelationKind {
        match self.speaks_mcp {
            true => RelationKind::Exposes,
            false => RelationKind::Contains,
        }
    }

    /// `{ type: "web_search_preview" }`, `{ googleSearch: {} }`; whether it was one.
    pub(super) fn builtin_tool(&mut self, one: &Known, at: &At) -> bool {
        let Known::Map(map) = one else { return false };
        let mut found = Vec::new();
        match one.entry("type") {
            Some(Known::Text { text, how, at }) => {
                found.extend(by_type(text).map(|it| (it, text.to_string(), *how, at.clone())));
            }
            Some(_) => {}
            None => {
                for entry in &map.content {
                    let tool = by_key(&snake_case(&entry.name));
                    let how = How::Literal;
                    found
                        .extend(tool.map(|it| (it, entry.name.to_string(), how, entry.at.clone())));
                }
            }
        }
        let any = !found.is_empty();
        for (tool, written, how, own) in found {
            let key = format!("{}/{}", tool.vendor, tool.family);
            let draft = Draft::new(AssetKind::Tool, key, tool.family, how)
                .alias(&written)
                .vendor(Some(tool.vendor))
                .with("builtin", true);
            // Of a constant the call is the place.
            let at = if how == How::Literal { own } else { at.clone() };
            self.refer(draft, &at);
        }
        any
    }

    /// `openai.tools.webSearchPreview({})` of the AI SDK; whether it was one.
    pub(super) fn provider_tool(&mut self, site: &Site<'_>) -> bool {
        let module = module_of(site.callee);
        let rest = site.callee.get(module.len()..).unwrap_or_default();
        let Some((_, name)) = rest.rsplit_once(".tools.") else {
            return false;
        };
        let (true, Some(vendor)) = (
            package_of(module).starts_with("@ai-sdk/"),
            vendor_of(site.callee),
        ) else {
            return false;
        };
        let snake = snake_case(name);
        let known = by_type(&snake).or_else(|| by_key(&snake));
        let family = known.map_or(snake.as_str(), |tool| tool.family);
        let key = format!("{vendor}/{family}");
        let draft = Draft::new(AssetKind::Tool, key, family, How::Literal)
            .alias(name)
            .vendor(Some(vendor))
            .with("builtin", true);
        self.refer(draft, &At::Here(site.callee_span));
        true
    }

    /// A class that is a tool, by what it extends.
    pub(super) fn tool_class(
        &mut self,
        class: &str,
        base: &Known,
        fields: &[(&str, Known, Span)],
        span: Span,
    ) {
        let Known::Path { path, .. } = base else {
            return;
        };
        let package = package_of(module_of(path)).to_owned();
        let kind = match (last_part(path), package.as_str()) {
            ("StructuredTool" | "Tool" | "DynamicTool", package)
                if package.starts_with("@langchain/") || package == "langchain" =>
            {
                RelationKind::Contains
            }
            ("MCPTool" | "MCPPrompt" | "MCPResource", "mcp-framework") => RelationKind::Exposes,
            _ => {
                let agent =
                    api_of(path).is_some_and(|(api, proven)| proven && api.task == Task::Agent);
                if agent && !class.is_empty() {
                    let draft =
                        Draft::new(AssetKind::Agent, self.local_key(class), class, How::Literal)
                            .with("framework", package);
                    self.refer(draft, &At::Here(span));
                }
                return;
            }
        };
        let asset = match last_part(path) {
            "MCPPrompt" | "MCPResource" => AssetKind::Prompt,
            _ => AssetKind::Tool,
        };
        if last_part(path) == "MCPResource" {
            return;
        }
        let field = fields.iter().find(|(name, ..)| *name == "name");
        let (name, at) = match field {
            Some((_, Known::Text { text, at, .. }, _)) if is_name(text) => {
                (text.to_string(), at.clone())
            }
            _ if !class.is_empty() => (class.to_owned(), At::Here(span)),
            _ => return,
        };
        let mut draft = Draft::new(asset, self.local_key(&name), &name, How::Literal)
            .relation(kind)
            .alias(class)
            .with("framework", package);
        for (name, value, _) in fields {
            match *name {
                "description" => {
                    if let Some(text) = value.as_text() {
                        draft = draft.described(text);
                    }
                }
                "schema" => {
                    if let Some(parameters) = schema::parameters(value) {
                        draft = draft.with("parameters", parameters);
                    }
                }
                _ => {}
            }
        }
        self.refer(draft, &at);
    }
}

/// What an object says of the tool that it describes.
pub(super) fn described(mut draft: Draft, of: &Known) -> Draft {
    if let Some(text) = of.entry("description").and_then(Known::as_text) {
        draft = draft.described(text);
    }
    if let Some(text) = of.entry("title").and_then(Known::as_text) {
        draft = draft.with("title", shortened(text));
    }
    let parameters = ["inputSchema", "input_schema", "parameters", "argsSchema"];
    let parameters = parameters.iter().find_map(|name| of.entry(name));
    if let Some(parameters) = parameters.and_then(schema::parameters) {
        draft = draft.with("parameters", parameters);
    }
    for (name, value) in schema::annotations(of.entry("annotations")) {
        draft = draft.with(name, value);
    }
    draft
}

/// The names of what stands in a list or an object.
fn names_of(known: &Known) -> Vec<Json> {
    let name = |one: &Known| match one {
        Known::Path { path, .. } => Some(last_part(path).to_owned()),
        Known::Object(object) => {
            let named = ["name", "id"]
                .iter()
                .find_map(|name| object.option(name)?.as_text());
            Some(named.unwrap_or(last_part(&object.callee)).to_owned())
        }
        Known::Text { text, .. } => Some(text.to_string()),
        Known::Map(_) => one.entry("name")?.as_text().map(str::to_owned),
        Known::Open(term) => match &**term {
            stance_read::link::Term::Import { names, .. } => names.last().cloned(),
            _ => None,
        },
        _ => None,
    };
    match known {
        Known::List(list) => {
            let all = list.content.iter().take(64);
            all.filter_map(name).map(Json::from).collect()
        }
        Known::Map(map) => {
            let all = map.content.iter().take(64);
            all.map(|entry| Json::from(&*entry.name)).collect()
        }
        _ => Vec::new(),
    }
}
