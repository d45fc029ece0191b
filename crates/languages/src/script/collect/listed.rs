//! Tools in lists: those that packages bring along, and those that are described where a model gets them.

use stance_code::packages;
use stance_core::fact::Ecosystem;
use stance_core::{AssetKind, How, RelationKind};
use stance_read::vendors;

use super::agents::{SCHEMAS, described};
use super::{Collector, Draft, is_name, short};
use crate::script::catalogue::{api_of, module_of};
use crate::script::known::{At, Known};
use crate::script::modules::package_of;
use crate::script::syntax::Span;
use crate::script::walk::Site;

impl Collector<'_> {
    /// Tools that packages bring along: `tools: [new TavilySearch(), new Calculator()]`.
    pub(super) fn library_tools(&mut self, tools: &Known, span: Span) {
        let Known::List(list) = tools else { return };
        for one in list.content.iter().take(64) {
            let Known::Object(object) = one else { continue };
            let module = module_of(&object.callee);
            let package = package_of(module);
            let class = short(&object.callee);
            let of_ai = packages::category(Ecosystem::Npm, package).is_some()
                || vendors::of_package(Ecosystem::Npm, package).is_some();
            let made = class.starts_with(|first: char| first.is_ascii_uppercase());
            // What makes tools of functions is told by the name that it gives.
            if !of_ai || !made || api_of(&object.callee).is_some() {
                continue;
            }
            let vendor = vendors::of_package(Ecosystem::Npm, package).map(|vendor| vendor.key);
            let draft = Draft::new(
                AssetKind::Tool,
                format!("pkg:npm/{package}#{class}"),
                class,
                How::Literal,
            )
            .vendor(vendor)
            .with("framework", package);
            self.refer(draft, &At::Here(span));
        }
    }

    /// What a model or a node of a graph is given as tools by a method: `llm.bindTools([…])`, `new ToolNode(tools)`.
    pub(super) fn given_tools(&mut self, site: &Site<'_>) {
        if !matches!(short(site.callee), "bindTools" | "ToolNode" | "bind_tools") {
            return;
        }
        if let Some(given) = site.arguments.first() {
            self.listed_tools(&given.value, false);
            self.library_tools(&given.value, given.span);
        }
    }

    /// Tools that a call of a model describes by hand.
    pub(super) fn described_tools(&mut self, site: &Site<'_>) {
        let nested = |option: &str| {
            site.option(option)
                .and_then(|it| it.value.entry("tools").cloned())
        };
        let tools = site.option("tools").map(|it| it.value.clone());
        let tools = tools
            .or_else(|| nested("config"))
            .or_else(|| nested("generationConfig"));
        let Some(tools) = tools else { return };
        if let Known::List(list) = &tools {
            let at = At::Here(site.callee_span);
            for one in list.content.iter().take(128) {
                self.hosted_by_constant(one);
                self.builtin_tool(one, &at);
            }
        }
        self.listed_tools(&tools, false);
        // `tools: { find: { description, parameters, execute } }`
        self.tool_map(&tools);
    }

    /// A tool that the vendor of the model brings along or connects to, where a name says that it is for a model.
    pub(super) fn hosted_tool(&mut self, one: &Known, span: Span) {
        // Without a type, what is told by a key alone needs the call that it is given to.
        if one.entry("type").is_some() {
            self.hosted_by_constant(one);
            self.builtin_tool(one, &At::Here(span));
        }
    }

    /// A server that the vendor of the model connects to: `{ type: "mcp", server_label: "todos", server_url }`, whose
    /// label is a constant; those with a label of their own are told wherever they stand.
    fn hosted_by_constant(&mut self, one: &Known) {
        if one.entry("type").and_then(Known::as_text) != Some("mcp") {
            return;
        }
        let label = one
            .entry("server_label")
            .or_else(|| one.entry("serverLabel"));
        if let Some(Known::Text { text, how, at }) = label
            && *how != How::Literal
        {
            self.hosted(text, *how, at);
        }
    }

    pub(super) fn hosted(&mut self, label: &str, how: How, at: &At) {
        if is_name(label) {
            let draft = Draft::new(AssetKind::McpServer, self.local_key(label), label, how)
                .relation(RelationKind::Calls)
                .with("hosted", true);
            self.refer(draft, at);
        }
    }

    /// Definitions of tools by name: `const tools = { find: { description, inputSchema } }`.
    pub(super) fn tool_map(&mut self, value: &Known) {
        let Known::Map(map) = value else { return };
        for entry in map.content.iter().take(256) {
            let has = |names: &[&str]| names.iter().any(|name| entry.value.entry(name).is_some());
            if !(matches!(entry.value, Known::Map(_)) && has(&["description"]) && has(SCHEMAS)) {
                continue;
            }
            let name = match entry.value.entry("name").and_then(Known::as_text) {
                Some(name) if is_name(name) && !name.contains(' ') => name.to_owned(),
                _ => entry.name.to_string(),
            };
            let draft = Draft::new(AssetKind::Tool, self.local_key(&name), &name, How::Constant)
                .relation(self.offers());
            self.refer(described(draft, &entry.value), &entry.at);
        }
    }

    /// Tools in a list, as the interfaces of models take them: `[{ type: "function", name, parameters }]`, with
    /// what describes one below `function` or not. With `alone` nothing but the list says that it is for a model.
    pub(super) fn listed_tools(&mut self, tools: &Known, alone: bool) {
        let Known::List(list) = tools else {
            return;
        };
        let mut all: Vec<Known> = Vec::new();
        for one in list.content.iter().take(128) {
            let function = one.entry("type").and_then(Known::as_text) == Some("function");
            match (one.entry("functionDeclarations"), one.entry("function")) {
                (Some(Known::List(inner)), _) => all.extend(inner.content.iter().cloned()),
                (_, Some(inner)) => all.push(inner.clone()),
                _ if !alone || function || SCHEMAS.iter().any(|name| one.entry(name).is_some()) => {
                    all.push(one.clone());
                }
                _ => {}
            }
        }
        for one in &all {
            let tells = SCHEMAS
                .iter()
                .chain(&["description"])
                .any(|name| one.entry(name).is_some());
            if let (true, Some(Known::Text { text, how, at })) = (tells, one.entry("name"))
                && is_name(text)
            {
                let mut draft = Draft::new(AssetKind::Tool, self.local_key(text), &**text, *how);
                if alone {
                    draft = draft.relation(self.offers());
                }
                self.refer(described(draft, one), at);
            }
        }
    }
}
