//! The Model Context Protocol: servers that are implemented here, with what they offer.

use stance_core::fact::Fact;
use stance_core::{AssetKind, How, RelationKind};

use super::agents::described;
use super::{Collector, Draft, is_name, schema, short};
use crate::names::shortened;
use crate::script::catalogue::{Api, last_part};
use crate::script::known::{At, Known, Object};
use crate::script::walk::Site;

impl Collector<'_> {
    /// A server that this program is.
    pub(super) fn mcp_server(&mut self, site: &Site<'_>, api: &'static Api) {
        let named = site.option(api.option).or_else(|| site.positional(0));
        let (name, how) = match named.as_ref().map(|named| named.value) {
            Some(Known::Text { text, how, .. }) if is_name(text) => (text.to_string(), *how),
            Some(Known::Open(_)) if !self.is_settled() => {
                self.open = true;
                return;
            }
            _ => match site.assigned {
                Some(name) => (name.to_owned(), How::Literal),
                None => (short(site.callee).to_owned(), How::Literal),
            },
        };
        let mut draft = Draft::new(AssetKind::McpServer, self.local_key(&name), &name, how)
            .relation(RelationKind::Exposes)
            .with("implemented", true);
        // People call a server by its package as often as by the name it gives itself.
        let mut parts = self.path().rsplit('/').skip(1);
        let package = parts.find(|part| !matches!(*part, "src" | "app" | "server" | "lib"));
        if let Some(package) = package.map(str::to_owned) {
            draft = draft.alias(&package);
        }
        if let Some(transport) = self.transport {
            draft = draft.with("transport", transport);
        }
        for (option, attribute) in [("version", "version"), ("title", "title")] {
            if let Some(text) = site
                .option(option)
                .and_then(|it| it.value.as_text().map(str::to_owned))
            {
                draft = draft.with(attribute, shortened(&text));
            }
        }
        self.refer(draft, &At::Here(site.callee_span));
        // Servers that run inside of an agent are made with their tools.
        if let Some(tools) = site.option("tools") {
            self.listed(tools.value, AssetKind::Tool);
        }
    }

    /// A method with which a server is given what it offers; whether it is one.
    pub(super) fn mcp_method(&mut self, site: &Site<'_>) -> bool {
        let last = last_part(site.callee);
        let helper = matches!(last, "registerAppTool" | "registerAppResource");
        let (kind, sure) = match last {
            "registerTool" | "registerToolTask" | "registerAppTool" => (AssetKind::Tool, true),
            "registerPrompt" => (AssetKind::Prompt, true),
            "tool" | "addTool" => (AssetKind::Tool, false),
            "prompt" | "addPrompt" => (AssetKind::Prompt, false),
            "setRequestHandler" => {
                self.list_handler(site);
                return true;
            }
            "registerResource" | "resource" | "addResource" | "registerAppResource" => {
                return self.mcp_resource(site);
            }
            _ => return false,
        };
        if !helper && !site.callee.contains('.') {
            return false;
        }
        let first = usize::from(helper);
        let server = server_of(site.known.origin());
        let imported = self.speaks_mcp;
        let function = site.arguments.iter().skip(first).any(|it| {
            matches!(
                it.value,
                Known::Function(_) | Known::Path { .. } | Known::Open(_) | Known::Object(_)
            )
        });
        let described_by = site.arguments.iter().skip(first).any(|it| {
            [
                "description",
                "inputSchema",
                "argsSchema",
                "parameters",
                "annotations",
            ]
            .iter()
            .any(|name| it.value.entry(name).is_some())
        });
        let is_one = match (sure, server.is_some()) {
            (_, true) => true,
            (true, false) => imported || described_by,
            (false, false) => imported && function && site.arguments.len() > 1,
        } || (matches!(last, "addTool" | "addPrompt") && imported && described_by)
            || (!sure && is_handed_over(site));
        if !is_one {
            return false;
        }
        let options = site
            .arguments
            .iter()
            .find(|it| matches!(it.value, Known::Map(_)));
        let named = match site.arguments.get(first).map(|it| &it.value) {
            Some(Known::Map(_)) => site.option("name"),
            _ => site.positional(first),
        };
        let Some(named) = named else {
            self.open |= site.arguments.iter().any(|it| it.value.is_open());
            return true;
        };
        let before = self.facts.len();
        for one in named.value.alternatives() {
            match one {
                Known::Text {
                    text,
                    how,
                    at: defined,
                } if is_name(text) => {
                    let mut draft = Draft::new(kind, self.local_key(text), &**text, *how)
                        .relation(RelationKind::Exposes)
                        .with("protocol", "mcp");
                    if let Some(options) = options {
                        draft = described(draft, &options.value);
                    }
                    // `server.tool(name, description, shape, annotations, handler)`
                    if !sure {
                        draft = by_position(draft, site);
                    }
                    if let Some(server) = &server {
                        draft = draft.with("server", server.as_str());
                    }
                    let at = named.at.clone();
                    // A registry of another file holds its name.
                    if let At::There(_) = defined {
                        self.push(draft.clone(), defined);
                    }
                    self.refer(draft, &at);
                }
                Known::Open(_) if !self.is_settled() => self.open = true,
                // A tool that is an object of another file.
                Known::Object(_) | Known::Map(_) => {}
                _ => {}
            }
        }
        let told = self.facts.len() > before;
        // Of a method that any object may have, only what is given to a server counts.
        let certain = server.is_some() || last == "registerTool";
        if kind == AssetKind::Tool && !told && certain && (!self.open || self.is_settled()) {
            self.unresolved_tools(At::Here(site.callee_span));
        }
        true
    }

    fn mcp_resource(&mut self, site: &Site<'_>) -> bool {
        let server = server_of(site.known.origin());
        let last = last_part(site.callee);
        let imported = self.speaks_mcp;
        let is_one = server.is_some()
            || (imported && site.callee.contains('.') && site.arguments.len() > 1)
            || (imported && last != "resource" && site.option("uri").is_some());
        if !is_one {
            return false;
        }
        let named = site.option("name").filter(|_| last == "addResource");
        let Some(named) = named.or_else(|| site.positional(0)) else {
            return true;
        };
        let name = named
            .value
            .as_text()
            .filter(|text| is_name(text))
            .map(str::to_owned);
        if let Some(name) = name.filter(|_| self.resources.len() < 256) {
            self.resources.push(name);
        }
        true
    }

    /// `setRequestHandler(ListToolsRequestSchema, async () => ({ tools: [...] }))`
    fn list_handler(&mut self, site: &Site<'_>) {
        let Some(asked) = site.arguments.first() else {
            return;
        };
        let name = match &asked.value {
            Known::Path { path, .. } => last_part(path).to_owned(),
            Known::Open(term) => stance_read::link::dotted(term),
            Known::Text { text, .. } => text.to_string(),
            _ => return,
        };
        let (kind, option) = if name.ends_with("ListToolsRequestSchema") || name == "tools/list" {
            (AssetKind::Tool, "tools")
        } else if name.ends_with("ListPromptsRequestSchema") || name == "prompts/list" {
            (AssetKind::Prompt, "prompts")
        } else {
            return;
        };
        let result = site.results.iter().find(|(at, _)| *at == 1);
        let value = result.map(|(_, value)| value.clone());
        let value = value.or_else(|| site.arguments.get(1).map(|it| it.value.clone()));
        let mut found = false;
        let mut none = false;
        let before = self.facts.len();
        for one in value.iter().flat_map(Known::alternatives) {
            if let Some(list) = one.entry(option) {
                found = true;
                none |= matches!(list, Known::List(list) if list.content.is_empty());
                self.listed(list, kind);
            } else if one.is_open() {
                self.open = true;
            }
        }
        if !found && self.is_settled() {
            self.open = false;
        }
        let told = self.facts.len() > before;
        if kind == AssetKind::Tool && !told && !none && (!self.open || self.is_settled()) {
            self.unresolved_tools(At::Here(site.callee_span));
        }
    }

    /// A server offers tools whose names only the run knows.
    fn unresolved_tools(&mut self, at: At) {
        let why = match self.openapi {
            true => "made of an OpenAPI document at run time",
            false => "made at run time",
        };
        let draft = Draft::new(
            AssetKind::Tool,
            format!("unresolved/{}#tools", self.path()),
            "tools",
            How::Unresolved,
        )
        .relation(RelationKind::Exposes)
        .with("protocol", "mcp")
        .with("unresolved", why);
        self.refer(draft, &at);
    }

    /// Where a file tells the tools that it offers as well, the list that it answers with is made of them.
    pub(super) fn settle_unresolved_tools(&mut self) {
        let offers = |fact: &Fact, unresolved: bool| match fact {
            Fact::Reference(one) => {
                one.kind == AssetKind::Tool
                    && one.relation == RelationKind::Exposes
                    && (one.how == How::Unresolved) == unresolved
            }
            _ => false,
        };
        if self.facts.iter().any(|fact| offers(fact, false)) {
            self.facts.retain(|fact| !offers(fact, true));
        }
    }

    /// Tools or prompts that stand in a list, each an object with a name.
    fn listed(&mut self, list: &Known, kind: AssetKind) {
        let all: Vec<Known> = match list {
            Known::List(list) => list.content.iter().take(512).cloned().collect(),
            Known::Choice(all) => {
                for one in &all.content {
                    self.listed(one, kind);
                }
                return;
            }
            other => {
                self.open |= other.is_open();
                return;
            }
        };
        for one in &all {
            for one in one.alternatives() {
                self.listed_one(one, kind);
            }
        }
    }

    fn listed_one(&mut self, one: &Known, kind: AssetKind) {
        if one.is_open() {
            self.open = true;
            return;
        }
        if let Known::List(_) = one {
            self.listed(one, kind);
            return;
        }
        // Some keep the description beside the handler.
        let inner = ["tool", "definition", "schema", "toolDefinition", "spec"]
            .iter()
            .find_map(|name| one.entry(name).filter(|it| it.entry("name").is_some()));
        let one = if one.entry("name").is_some() {
            one
        } else {
            inner.unwrap_or(one)
        };
        let Some(name) = one.entry("name") else {
            return;
        };
        for single in name.alternatives() {
            match single {
                Known::Text { text, how, at } if is_name(text) => {
                    let draft = Draft::new(kind, self.local_key(text), &**text, *how)
                        .relation(RelationKind::Exposes)
                        .with("protocol", "mcp");
                    let at = at.clone();
                    self.refer(described(draft, one), &at);
                }
                Known::Open(_) => self.open = true,
                _ => {}
            }
        }
    }

    /// A constant that is a tool by its type: `const ECHO: Tool = { name: "echo", ... }`.
    pub(super) fn typed_tool(&mut self, value: &Known) {
        if !self.speaks_mcp {
            return;
        }
        match value {
            Known::List(_) => self.listed(value, AssetKind::Tool),
            Known::Map(_) if value.entry("inputSchema").is_some() => {
                self.listed_one(value, AssetKind::Tool);
            }
            _ => {}
        }
        self.open = false;
    }
}

/// The name of the server whose method is called; empty when only its class is known.
fn server_of(origin: Option<&std::rc::Rc<Object>>) -> Option<String> {
    let mut at = origin;
    while let Some(object) = at {
        let server = crate::script::catalogue::api_of(&object.callee)
            .is_some_and(|(api, _)| api.task == crate::script::catalogue::Task::McpServer);
        if server {
            let name = object.option("name").and_then(Known::as_text);
            return Some(name.unwrap_or_default().to_owned());
        }
        at = object.origin.as_ref();
    }
    None
}

/// `server.tool(name, description, shape, annotations, handler)`: what stands where.
fn by_position(mut draft: Draft, site: &Site<'_>) -> Draft {
    for given in site.arguments.iter().skip(1) {
        match &given.value {
            Known::Text { text, .. } => {
                draft = draft.described(text);
            }
            known @ Known::Map(_) => {
                for (name, value) in schema::annotations(Some(known)) {
                    draft = draft.with(name, value);
                }
                if let Some(parameters) = schema::parameters(known) {
                    draft
                        .attributes
                        .entry("parameters".to_owned())
                        .or_insert(parameters);
                }
            }
            known @ (Known::Object(_) | Known::Path { .. }) => {
                if let Some(parameters) = schema::parameters(known) {
                    draft
                        .attributes
                        .entry("parameters".to_owned())
                        .or_insert(parameters);
                }
            }
            _ => {}
        }
    }
    draft
}

/// Whether a server that was handed over as a parameter is given something: `server.tool(name, …, handler)`.
fn is_handed_over(site: &Site<'_>) -> bool {
    let mut parts = site.callee.rsplit('.').skip(1);
    let object = parts.next().unwrap_or_default().to_ascii_lowercase();
    let named = matches!(site.arguments.first().map(|it| &it.value),
        Some(Known::Text { text, .. }) if is_name(text));
    let handled = matches!(
        site.arguments.last().map(|it| &it.value),
        Some(Known::Function(_))
    );
    (object.ends_with("server") || object == "mcp") && named && handled && site.arguments.len() > 2
}
