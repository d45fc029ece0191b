//! Agents and the tools they call.

use stance_core::digest;
use stance_core::{AssetKind, How, RelationKind};

use serde_json::Value as Json;

use super::held::Decorated;
use super::members::properties;
use super::models::{provider_model, text_of};
use super::{BY_LAST, Collector, Draft, ends_with_parts, last_part, lies_in};
use crate::python::catalogue::{Api, Role, root_of, with_provider};
use crate::python::definition::{home_of, name_of};
use crate::python::known::Known;
use crate::python::sink::{CallSite, Given};
use crate::python::syntax::{Class, Span};

/// Keywords whose text tells an agent who it is.
pub(super) const INSTRUCTIONS: [&str; 6] = [
    "instructions",
    "system",
    "system_prompt",
    "system_message",
    "instruction",
    "backstory",
];

impl Collector<'_> {
    pub(super) fn agent(&mut self, site: &CallSite<'_>, api: Option<&'static Api>) {
        let named = match api {
            Some(api) => site.argument(api.position, api.keyword),
            None => site.keyword("name"),
        };
        let crew = api
            .filter(|api| api.name == "Crew")
            .and_then(|_| self.enclosing_class(&site.callee_span));
        let (name, how) = match named.map(|given| given.value.alternatives()) {
            Some(all) if matches!(all[..], [Known::Text { text, .. }, ..] if (1..=120).contains(&text.trim().len())) => {
                match all[..] {
                    [Known::Text { text, how }, ..] => (text.trim().to_owned(), *how),
                    _ => return,
                }
            }
            // A crew is called after the class that puts it together.
            _ if crew.is_some() => (crew.clone().unwrap_or_default(), How::Literal),
            _ => match site.assigned {
                Some(name) => (name.to_owned(), How::Literal),
                // A graph without a name is part of another one.
                None if api.is_some_and(|api| api.name.ends_with(".compile")) => return,
                // Part of something else, such as a list: the function that makes it tells most.
                None if !self.function.is_empty() => (self.function.clone(), How::Literal),
                None => (last_part(site.callee).to_owned(), How::Literal),
            },
        };
        // An object of a class that is an agent by itself is that class.
        let own = self.instance_of.clone().filter(|_| named.is_none());
        let (key, name) = match own {
            Some((home, class)) => (format!("{home}#{class}"), class),
            None => (self.local_key(&name), name),
        };
        let mut draft = Draft::new(AssetKind::Agent, key, &name, how);
        if let Some(assigned) = site.assigned {
            draft = draft.alias(assigned);
        }
        // `config=self.agents_config["writer"]` of a crew: the name in its YAML file.
        if let Some(given) = site.keyword("config") {
            let written = self.written(&given.span);
            let entry = written.split_once("agents_config[").map(|(_, rest)| rest);
            let entry = entry.and_then(|rest| rest.split(['"', '\'']).nth(1));
            if let Some(entry) = entry.filter(|entry| (1..=80).contains(&entry.len())) {
                draft = draft.alias(entry);
            }
        }
        let framework = root_of(site.callee).map(|root| root.package);
        if let Some(framework) = framework {
            draft = draft.with("framework", framework);
        }
        let model = ["model", "llm"].iter().find_map(|name| site.keyword(name));
        let model = model.or_else(|| {
            let first = site.argument(Some(0), "model");
            first.filter(|given| {
                given.name.is_none() && api.is_some_and(|api| api.position.is_none())
            })
        });
        if let Some(text) = model.and_then(|given| model_of(&given.value)) {
            draft = draft.with("model", text);
        }
        draft = self.with_members(draft, site);
        if let Some(Known::Text { text, .. }) = ["description", "handoff_description", "goal"]
            .iter()
            .find_map(|name| site.keyword(name))
            .map(|given| &given.value)
        {
            draft = draft.described(text);
        }
        let span = named
            .filter(|given| matches!(given.value, Known::Text { .. }))
            .map_or(&site.callee_span, |given| &given.span);
        self.refer(draft, span);
        if let Some(model) = model {
            self.agent_model(model);
        }
        // `create_react_agent(model, tools)`
        if site.keyword("tools").is_none()
            && let Some(given) = site.argument(Some(1), "tools")
            && matches!(given.value, Known::List(_))
        {
            self.tools_of(&given.value, &given.span);
        }
        self.members(site, &name);
        self.runs_code(site);
        for keyword in INSTRUCTIONS {
            if let Some(given) = site.keyword(keyword) {
                self.agent_prompt(&name, keyword, given);
            }
        }
    }

    fn agent_model(&mut self, given: &Given<'_>) {
        for one in given.value.alternatives() {
            let (text, how) = match one {
                Known::Text { text, how } => (&**text, *how),
                Known::Environment {
                    default: Some(text),
                    ..
                } => (&**text, How::Default),
                _ => continue,
            };
            self.explained.insert(given.span.start);
            if let Some(draft) = provider_model(text, how).or_else(|| {
                let (vendor, name) = with_provider(text)?;
                let draft = Draft::new(AssetKind::Model, format!("{vendor}/{name}"), name, how)
                    .relation(RelationKind::Calls)
                    .vendor(Some(vendor))
                    .alias(text);
                Some(draft)
            }) {
                self.refer(draft.with("role", "chat"), &given.span);
            }
        }
    }

    /// What an agent is told: a text as it stands, a constant, or a function that puts it together.
    pub(super) fn agent_prompt(&mut self, agent: &str, keyword: &str, given: &Given<'_>) {
        for one in given.value.alternatives() {
            self.agent_prompt_of(agent, keyword, one, given);
        }
    }

    fn agent_prompt_of(&mut self, agent: &str, keyword: &str, value: &Known, given: &Given<'_>) {
        match value {
            Known::Text {
                text,
                how: How::Literal,
            } if is_told(text) => self.told_inline(agent, keyword, text, &given.span),
            // Put together on the spot, or kept under a name.
            Known::Text { text, .. } if self.stands_at(&given.span) && is_told(text) => {
                self.told_inline(agent, keyword, text, &given.span);
            }
            Known::Text { text, .. } => self.told_constant(text, &given.span),
            Known::Path { path, .. } if path.starts_with('.') => self.told_by(path, &given.span),
            // A function that only puts something before or behind: `with_rules("You sell desks.")`.
            Known::Object(object) => {
                let texts = object.unnamed.iter().chain(object.fields.values());
                let told = texts
                    .filter_map(|one| match one {
                        Known::Text { text, .. } if is_told(text) => Some(text.clone()),
                        _ => None,
                    })
                    .max_by_key(|text| text.len());
                if let Some(text) = told {
                    self.told_inline(agent, keyword, &text, &given.span);
                }
            }
            _ => {}
        }
    }

    pub(super) fn told_inline(&mut self, agent: &str, keyword: &str, text: &str, span: &Span) {
        let name = format!("{agent} {keyword}");
        let draft = Draft::new(AssetKind::Prompt, self.local_key(&name), name, How::Literal)
            .with("length", text.chars().count())
            .with(digest::TEXT, digest::text(text));
        self.refer(draft, span);
    }

    /// Whether a text stands at a place itself, and no name of one.
    pub(super) fn stands_at(&self, span: &Span) -> bool {
        let written = self.place.written(span.clone());
        let quoted = written.trim_start_matches(['f', 'F', 'r', 'R', '(', ' ', '\n']);
        quoted.starts_with(['"', '\''])
    }

    /// A function whose result is told to a model.
    fn told_by(&mut self, path: &str, span: &Span) {
        let name = name_of(path);
        let plain = !path.contains("()") && !name.is_empty() && name.len() <= 80;
        let home = home_of(path);
        if !plain || (home.is_none() && path.trim_start_matches('.') != name) {
            return;
        }
        let key = match home {
            Some(home) => format!("{home}#{name}"),
            None => self.local_key(name),
        };
        let draft = Draft::new(AssetKind::Prompt, key, name, How::Literal).with("computed", true);
        self.refer(draft, span);
    }

    /// A tool or prompt that is described by hand.
    pub(super) fn described(&mut self, site: &CallSite<'_>, api: &'static Api) {
        if !lies_in(site.callee, api.root) {
            return;
        }
        let kind = match api.role {
            Role::Tool | Role::ToolDecorator => AssetKind::Tool,
            _ => AssetKind::Prompt,
        };
        let relation = if matches!(api.root, "mcp" | "fastmcp") {
            RelationKind::Exposes
        } else {
            RelationKind::Contains
        };
        let given = match api.role {
            // The first one is the function.
            Role::ToolDecorator => site.keyword("name"),
            _ => site.argument(api.position, api.keyword),
        };
        let function = site
            .argument(Some(0), "func")
            .or_else(|| site.keyword("fn"));
        let mut named = false;
        for one in given.iter().flat_map(|given| given.value.alternatives()) {
            if let Known::Text { text, how } = one
                && !text.is_empty()
                && text.len() <= 120
            {
                named = true;
                let mut draft = Draft::new(kind, self.local_key(text), &**text, *how)
                    .relation(relation)
                    .with("framework", package(api.root));
                if let Some(Known::Text { text, .. }) =
                    site.keyword("description").map(|given| &given.value)
                {
                    draft = draft.described(text);
                }
                if let Some(annotations) = site
                    .keyword("annotations")
                    .and_then(|it| annotations(&it.value))
                {
                    draft = draft.with("annotations", annotations);
                }
                if let Some(schema) = site
                    .keyword("inputSchema")
                    .or_else(|| site.keyword("input_schema"))
                    && let Some(names) = properties(&schema.value)
                {
                    draft = draft.with("parameters", names);
                }
                let span = given.map_or(&site.callee_span, |given| &given.span);
                self.refer(draft, span);
            }
        }
        // `tool(Answer)`
        if let (false, Some(Known::Class(number))) = (named, function.map(|it| &it.value))
            && let Some(name) = self.classes.get(*number).cloned()
        {
            let draft = Draft::new(kind, self.local_key(&name), name, How::Literal)
                .relation(relation)
                .with("framework", package(api.root));
            self.refer(draft, &site.callee_span);
        }
        let functions = function.iter().flat_map(|it| it.value.alternatives());
        for one in functions.filter(|_| !named) {
            let Known::Path { path, .. } = one else {
                continue;
            };
            // A method of what is handed over goes by its name.
            let method = path.starts_with('?') && path.matches('.').count() >= 2;
            let name = name_of(path);
            if !(path.starts_with('.') || method) || name.is_empty() || name == "[]" {
                continue;
            }
            let key = match home_of(path) {
                Some(home) => format!("{home}#{name}"),
                None => self.local_key(name),
            };
            let draft = Draft::new(kind, key, name, How::Literal)
                .relation(relation)
                .with("framework", package(api.root));
            let span = function.map_or(&site.callee_span, |given| &given.span);
            self.refer(draft, span);
        }
    }

    /// A class that a decorator makes a tool.
    pub(super) fn decorated_type(&mut self, callee: &str, class: &Class) {
        let Some((AssetKind::Tool, _, Some(framework))) = decorator(callee) else {
            return;
        };
        let mut draft = Draft::new(
            AssetKind::Tool,
            self.local_key(&class.name),
            &class.name,
            How::Literal,
        )
        .with("framework", framework);
        if let Some(text) = &class.documented {
            draft = draft.described(text);
        }
        self.refer(draft, &class.name_span);
    }

    /// A function that a decorator makes a tool or a prompt.
    pub(super) fn decorated_function(&mut self, site: &CallSite<'_>, function: &Decorated) {
        if self.resource(site, function) {
            return;
        }
        let Some((kind, served, framework)) = decorator(site.callee) else {
            return;
        };
        if kind == AssetKind::Pipeline {
            let framework = framework.unwrap_or_default();
            self.decorated_pipeline(&function.name, framework, &function.span);
            return;
        }
        if kind == AssetKind::Prompt && self.prompting.len() < 256 {
            self.prompting.insert(function.name.clone());
        }
        let given = site
            .argument(Some(0), "name")
            .or_else(|| site.keyword("name_override"))
            .or_else(|| site.keyword("name_or_callable"));
        let name = match given.map(|given| &given.value) {
            Some(Known::Text { text, .. }) if is_tool_name(text) => &**text,
            _ => function.name.as_str(),
        };
        let relation = if served {
            RelationKind::Exposes
        } else {
            RelationKind::Contains
        };
        // By the function, under which lists of tools name it.
        let known_as = if kind == AssetKind::Prompt {
            name
        } else {
            &function.name
        };
        let mut draft = Draft::new(kind, self.local_key(known_as), name, How::Literal)
            .relation(relation)
            .alias(&function.name);
        let described = match site.keyword("description").map(|given| &given.value) {
            Some(Known::Text { text, .. }) => Some(text.to_string()),
            _ => function.documented.clone(),
        };
        if let Some(text) = described {
            draft = draft.described(&text);
        }
        let parameters: Vec<&str> = function
            .parameters
            .iter()
            .map(String::as_str)
            .filter(|name| !matches!(*name, "self" | "cls" | "ctx" | "context" | "run_context"))
            .collect();
        if kind == AssetKind::Tool && !parameters.is_empty() {
            draft = draft.with("parameters", parameters);
        }
        if let Some(annotations) = site
            .keyword("annotations")
            .and_then(|it| annotations(&it.value))
        {
            draft = draft.with("annotations", annotations);
        }
        if let Some(framework) = framework {
            draft = draft.with("framework", framework);
        }
        self.refer(draft, &function.span);
    }
}

/// The hints of an MCP tool: `readOnlyHint` and its like.
fn annotations(known: &Known) -> Option<Json> {
    let fields = match known {
        Known::Object(object) => &object.fields,
        Known::Map(map) => &map.content,
        _ => return None,
    };
    let mut found = serde_json::Map::new();
    for (name, value) in fields.iter().take(16) {
        let value = match value {
            Known::Boolean(value) => Json::from(*value),
            Known::Text { text, .. } if text.len() <= 200 => Json::from(&**text),
            _ => continue,
        };
        found.insert(name.clone(), value);
    }
    (!found.is_empty()).then_some(Json::Object(found))
}

/// Whether a text that an agent gets tells it anything: more than a word.
pub(super) fn is_told(text: &str) -> bool {
    text.len() >= 12 && text.trim().contains(char::is_whitespace)
}

pub(super) fn is_tool_name(text: &str) -> bool {
    (1..=80).contains(&text.len()) && !text.contains('\n')
}

fn package(module: &str) -> &'static str {
    root_of(module).map_or("", |root| root.package)
}

/// What a decorator makes of a function: kind, whether an MCP server offers it, the framework.
fn decorator(callee: &str) -> Option<(AssetKind, bool, Option<&'static str>)> {
    for api in BY_LAST.get(last_part(callee)).into_iter().flatten() {
        let kind = match api.role {
            Role::ToolDecorator => AssetKind::Tool,
            Role::PromptDecorator => AssetKind::Prompt,
            Role::GuardrailDecorator => AssetKind::Guardrail,
            Role::AgentDecorator => AssetKind::Agent,
            Role::PipelineDecorator => AssetKind::Pipeline,
            _ => continue,
        };
        if lies_in(callee, api.root) && ends_with_parts(callee, api.name) {
            let served = api.name.starts_with("FastMCP") || api.name.starts_with("MCPServer");
            return Some((kind, served, Some(package(api.root))));
        }
    }
    // A server or agent from another file of the program: `@mcp.tool()`.
    let (object, method) = callee.rsplit_once('.')?;
    let kind = match method {
        "tool" | "tool_plain" => AssetKind::Tool,
        "prompt" => AssetKind::Prompt,
        _ => return None,
    };
    let object = last_part(object)
        .trim_end_matches("()")
        .to_ascii_lowercase();
    let served = object == "mcp"
        || object.ends_with("_mcp")
        || object.starts_with("mcp_")
        || object == "fastmcp";
    let agent = object == "agent" || object.ends_with("_agent");
    (served || (agent && kind == AssetKind::Tool)).then_some((kind, served, None))
}

/// Whether a call makes an agent, by the words that all frameworks use.
pub(super) fn looks_like_agent(site: &CallSite<'_>) -> bool {
    let callee = site.callee;
    if super::frameless::is_own_agent(site) {
        return true;
    }
    if callee.starts_with(['.', '?']) || !callee.contains('.') || callee.contains("()") {
        return false;
    }
    let last = last_part(callee);
    let has = |names: &[&str]| names.iter().any(|name| site.keyword(name).is_some());
    let verb = ["create_", "define_", "build_", "make_", "init_"]
        .iter()
        .any(|verb| last.starts_with(verb));
    if verb && last.ends_with("agent") {
        let named = matches!(
            site.keyword("name").map(|given| &given.value),
            Some(Known::Text { .. })
        );
        if named && has(&["instructions", "system_prompt", "functions"]) {
            return true;
        }
        return has(&["model", "llm"])
            && has(&["tools", "name", "system_prompt", "instructions", "prompt"]);
    }
    let class =
        last.ends_with("Agent") && last.starts_with(|first: char| first.is_ascii_uppercase());
    class
        && has(&["tools", "toolkits"])
        && has(&[
            "model",
            "llm",
            "instructions",
            "system_prompt",
            "system_message",
            "model_client",
        ])
}

/// The model of an agent: its name, or that of the client that was made for it.
fn model_of(known: &Known) -> Option<Json> {
    match known {
        Known::Object(object) => ["model", "model_name", "model_id", "id", "azure_deployment"]
            .iter()
            .find_map(|field| text_of(object.fields.get(*field)?))
            .or_else(|| object.unnamed.first().and_then(text_of)),
        other => text_of(other),
    }
}
