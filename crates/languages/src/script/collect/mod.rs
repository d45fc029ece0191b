//! From what happens in a file to facts about it.

mod addresses;
mod agents;
mod connections;
mod constants;
mod draft;
mod identities;
mod imports;
mod listed;
mod mcp;
mod measured;
mod models;
mod opened;
mod schema;
mod site;
mod spoken;
mod stores;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use serde_json::Value as Json;
use stance_code::names::aliases_of_prompt;
use stance_core::fact::{
    Argument, Code, CodeCall, Fact, Gap, GapReason, Import, Language, Reference,
};
use stance_core::{AssetKind, Evidence, How};
use stance_read::interests::Interests;
use stance_read::link::{self, Term, Waiting};
use stance_read::text::Text;

use crate::names::snake_case;

use draft::Draft;

use super::catalogue::{Api, Task, api_of, last_part, may_be};
use super::known::{At, Known};
use super::objects::Message;
use super::syntax::Span;
use super::walk::{Role, Sink, Site};

/// Most places of one asset that one file is evidence for.
const PLACES: u32 = 8;
/// Most calls of one file that are kept. A program written by people has far fewer.
const CALLS: usize = 5000;

/// Where evidence comes from.
pub(super) enum Place<'a> {
    /// A file that is being read; `start` is where the parsed text stands in it.
    File {
        path: &'a Arc<str>,
        text: &'a Text<'a>,
        start: usize,
    },
    /// A file that was read; the call stands here.
    Settled {
        path: &'a Arc<str>,
        at: Arc<Evidence>,
    },
}

/// Gathers the facts of one file.
pub(super) struct Collector<'a> {
    pub place: Place<'a>,
    interests: Option<&'a Interests>,
    pub facts: Vec<Fact>,
    calls: Vec<CodeCall>,
    too_many: bool,
    imports: Vec<Import>,
    /// Packages imported, with where the first import of each stands.
    packages: Vec<(String, Span)>,
    /// How often an asset was named, and on which line last.
    seen: HashMap<(AssetKind, String), (u32, usize)>,
    /// The prompts that stand in calls, by their lines.
    said: HashMap<usize, String>,
    /// Starts of texts that a call of the catalogue already explained.
    explained: HashSet<u32>,
    /// Whether something of the Model Context Protocol is imported, and what its servers speak.
    pub speaks_mcp: bool,
    pub transport: Option<&'static str>,
    /// Whether the file has to do with an OpenAPI document.
    pub openapi: bool,
    /// Addresses that count when the file has to do with AI.
    addresses: Vec<(Draft, Span)>,
    /// Credentials and clients of stores, until it is known what the file is about.
    later: Vec<(Draft, At)>,
    /// Resources that servers of this file offer.
    resources: Vec<String>,
    /// Calls that wait for names of other files.
    pub waiting: Vec<Waiting>,
    /// Whether what the call at hand names may be known later.
    open: bool,
}

impl<'a> Collector<'a> {
    pub(super) fn new(place: Place<'a>, interests: Option<&'a Interests>) -> Self {
        let openapi = match &place {
            Place::File { text, .. } => ["openapi", "OpenAPI", "openApi", "OpenApi", "swagger"]
                .iter()
                .any(|word| text.as_str().contains(word)),
            Place::Settled { .. } => false,
        };
        Self {
            openapi,
            place,
            interests,
            facts: Vec::new(),
            calls: Vec::new(),
            too_many: false,
            imports: Vec::new(),
            packages: Vec::new(),
            seen: HashMap::new(),
            said: HashMap::new(),
            explained: HashSet::new(),
            speaks_mcp: false,
            transport: None,
            addresses: Vec::new(),
            later: Vec::new(),
            resources: Vec::new(),
            waiting: Vec::new(),
            open: false,
        }
    }

    /// The facts, once the walk is over.
    pub(super) fn finish(&mut self) -> Vec<Fact> {
        self.settle_addresses();
        self.settle_later();
        self.settle_unresolved_tools();
        self.report_imports();
        self.call_by_file();
        for fact in &mut self.facts {
            if let Fact::Reference(server) = fact
                && server.kind == AssetKind::McpServer
                && !self.resources.is_empty()
            {
                let resources = Json::from(self.resources.clone());
                server.attributes.insert("resources".to_owned(), resources);
            }
        }
        if self.too_many {
            self.facts.push(Fact::Gap(Box::new(Gap {
                reason: GapReason::Limit,
                detail: format!("JavaScript: more than {CALLS} calls that rules judge"),
                evidence: self.evidence(&At::Here(Span::default())),
            })));
        }
        if !self.calls.is_empty() || !self.imports.is_empty() {
            let code = Code {
                language: Language::JavaScript,
                imports: std::mem::take(&mut self.imports),
                calls: std::mem::take(&mut self.calls),
            };
            self.facts.insert(0, Fact::Code(Box::new(code)));
        }
        std::mem::take(&mut self.facts)
    }

    /// People call the only prompt of a file by the file.
    fn call_by_file(&mut self) {
        let file = self
            .path()
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .to_owned();
        let mut prompts: Vec<&mut Reference> = Vec::new();
        for fact in &mut self.facts {
            if let Fact::Reference(reference) = fact
                && reference.kind == AssetKind::Prompt
                && reference.key.contains('#')
            {
                prompts.push(reference);
            }
        }
        let first = prompts.first().map(|first| first.key.clone());
        if prompts.iter().all(|one| Some(&one.key) == first.as_ref()) {
            for one in prompts {
                one.aliases.push(file.clone());
            }
        }
    }

    fn path(&self) -> &Arc<str> {
        match &self.place {
            Place::File { path, .. } | Place::Settled { path, .. } => path,
        }
    }

    /// Whether other files were asked already.
    const fn is_settled(&self) -> bool {
        matches!(self.place, Place::Settled { .. })
    }

    pub(super) fn evidence(&self, at: &At) -> Evidence {
        match (at, &self.place) {
            (At::There(evidence), _) => (**evidence).clone(),
            (At::Here(_), Place::Settled { at, .. }) => (**at).clone(),
            (At::Here(span), Place::File { path, text, start }) => {
                let range = span.range();
                let moved = |at: usize| at.saturating_add(*start);
                text.evidence(path, moved(range.start)..moved(range.end))
            }
        }
    }

    /// A number that places on one line share.
    fn line(&self, at: &At) -> usize {
        match (at, &self.place) {
            (At::There(evidence), _) => evidence.locus.line().unwrap_or_default() as usize,
            (At::Here(_), Place::Settled { at, .. }) => {
                at.locus.line().unwrap_or_default() as usize
            }
            (At::Here(span), Place::File { text, start, .. }) => {
                text.line_of(span.range().start.saturating_add(*start)) as usize
            }
        }
    }

    /// Adds a reference, unless the same line or too many others already did.
    fn refer(&mut self, mut draft: Draft, at: &At) {
        if draft.kind == AssetKind::Prompt {
            for alias in aliases_of_prompt(&draft.name) {
                draft = draft.alias(alias);
            }
        }
        let key = (draft.kind, draft.key.clone());
        let line = self.line(at);
        // What is said in one place is one prompt, however often it is met.
        if draft.kind == AssetKind::Prompt && draft.how == How::Literal {
            let first = self.said.entry(line).or_insert_with(|| draft.key.clone());
            if *first != draft.key {
                return;
            }
        }
        match self.seen.get_mut(&key) {
            Some((_, last)) if *last == line => return,
            Some((count, _)) if *count >= PLACES => return,
            Some((count, last)) => {
                *count = count.saturating_add(1);
                *last = line;
            }
            None => {
                self.seen.insert(key, (1, line));
            }
        }
        self.push(draft, at);
    }

    fn push(&mut self, draft: Draft, at: &At) {
        let evidence = self.evidence(at);
        self.facts.push(Fact::Reference(Box::new(Reference {
            kind: draft.kind,
            key: draft.key,
            name: draft.name,
            aliases: draft.aliases,
            how: draft.how,
            relation: draft.relation,
            vendor: draft.vendor.map(str::to_owned),
            attributes: draft.attributes,
            evidence,
        })));
    }

    /// The natural key of something that only this file defines.
    fn local_key(&self, name: &str) -> String {
        format!("{}#{name}", self.path())
    }

    fn keep_call(&mut self, site: &Site<'_>) {
        if !self
            .interests
            .is_some_and(|interests| interests.wants(site.callee))
        {
            return;
        }
        if self.calls.len() >= CALLS {
            self.too_many = true;
            return;
        }
        let mut arguments = Vec::new();
        for given in site.arguments {
            match &given.value {
                // An object of options is what Python writes as keywords.
                Known::Map(map) => {
                    for entry in &map.content {
                        arguments.push(Argument {
                            name: Some(snake_case(&entry.name)),
                            value: entry.value.value(),
                        });
                    }
                }
                other => arguments.push(Argument {
                    name: None,
                    value: other.value(),
                }),
            }
        }
        let evidence = self.evidence(&At::Here(site.callee_span));
        self.calls.push(CodeCall {
            callee: site.callee.to_owned(),
            arguments,
            open_ended: site.open_ended,
            evidence,
        });
    }

    /// Leaves a call for when the names of other files are known.
    fn wait(&mut self, site: &Site<'_>) {
        if self.is_settled() || self.waiting.len() >= link::KEPT {
            return;
        }
        let callee = match site.known {
            Known::Open(term) => (**term).clone(),
            _ => Term::Value(stance_core::fact::Value::Name(site.callee.to_owned())),
        };
        let mut arguments = Vec::new();
        for (position, given) in site.arguments.iter().enumerate() {
            let result = site.results.iter().find(|(at, _)| *at == position);
            let value = result.map_or(&given.value, |(_, result)| result);
            arguments.push(link::Argument {
                name: None,
                term: told(value).bounded(),
                written: String::new(),
                at: Arc::new(self.evidence(&At::Here(given.span))),
            });
        }
        let mut notes: BTreeMap<&'static str, Json> = BTreeMap::new();
        notes.insert("mcp", Json::Bool(self.speaks_mcp));
        notes.insert("openapi", Json::Bool(self.openapi));
        // Which of the arguments are functions tells calls that look alike apart.
        let functions = site
            .arguments
            .iter()
            .map(|given| Json::Bool(matches!(given.value, Known::Function(_))));
        notes.insert("functions", functions.collect());
        let at = Arc::new(self.evidence(&At::Here(site.callee_span)));
        self.waiting.push(Waiting {
            callee,
            arguments,
            open_ended: site.open_ended,
            assigned: site.assigned.map(str::to_owned),
            origin: Vec::new(),
            at,
            notes,
            noted_at: None,
        });
    }

    fn known_call(&mut self, site: &Site<'_>, api: &'static Api, proven: bool) {
        match api.task {
            Task::Model | Task::HubModel => self.model(site, api, proven),
            Task::Agent | Task::Graph => self.agent(site, api),
            Task::Tool => self.tool(site, api),
            Task::McpServer => self.mcp_server(site, api),
            Task::McpClient => {
                self.agent_run(site, api);
                self.mcp_client(site, api);
            }
            Task::McpConnection => self.mcp_connection(site),
            Task::Store | Task::Dataset | Task::RemotePrompt => self.store(site, api),
            Task::Prompt => self.defined_prompt(site, api),
            Task::Guardrail => self.watcher(site, api, AssetKind::Guardrail),
            Task::Evaluator => self.watcher(site, api, AssetKind::Evaluator),
            Task::Pipeline => self.watcher(site, api, AssetKind::Pipeline),
        }
    }
}

impl Sink for Collector<'_> {
    fn import(&mut self, module: &str, span: Span) {
        self.add_import(module, span);
        self.file_import(module, span);
    }

    fn call(&mut self, site: &Site<'_>) {
        self.keep_call(site);
        self.files_given(site);
        self.vector_table(site);
        self.open = false;
        self.signs_in(site);
        if let Some((api, proven)) = api_of(site.callee) {
            self.known_call(site, api, proven);
        } else if !self.provider_tool(site)
            && !self.provider_model_call(site)
            && !self.mcp_method(site)
            && !self.tool_shaped(site)
        {
            self.option_default(site);
            self.evaluation(site);
            // Whether it is a call of the table is known when it is known what another file exports.
            self.open |= matches!(site.known, Known::Open(_)) && may_be(site.callee);
        }
        self.made_prompt(site);
        self.given_tools(site);
        if self.open {
            self.wait(site);
        }
    }

    fn text(&mut self, text: &str, role: Role<'_>, span: Span) {
        self.named_model(text, role, span);
        self.named_variable(text, span);
        self.named_address(text, false, role, span);
    }

    fn beginning(&mut self, text: &str, role: Role<'_>, span: Span) {
        self.named_address(text, true, role, span);
    }

    fn environment(&mut self, variable: &str, span: Span) {
        self.variable(variable, How::Literal, &At::Here(span));
    }

    fn constant(&mut self, name: &str, value: &Known, annotation: Option<&str>, span: Span) {
        self.constant_value(name, value, annotation, span);
        self.file_constant(name, value, span);
    }

    fn message(&mut self, message: &Message<'_>, span: Span) {
        self.spoken(message, span);
    }

    fn guardrail(&mut self, name: &str, owner: Option<&str>, span: Span) {
        self.own_guardrail(name, owner, span);
    }

    fn pushed_tool(&mut self, value: &Known, span: Span) {
        self.hosted_tool(value, span);
    }

    fn hosted_server(&mut self, label: &str, span: Span) {
        self.hosted(label, How::Literal, &At::Here(span));
    }

    fn function(&mut self, name: &str, span: Span) {
        if is_name(name) {
            let draft = Draft::new(AssetKind::Tool, self.local_key(name), name, How::Literal);
            self.refer(draft, &At::Here(span));
        }
    }

    fn server(&mut self, name: &str, value: &Known, span: Span) {
        self.assigned_server(name, value, span);
    }

    fn class(&mut self, name: &str, base: &Known, fields: &[(&str, Known, Span)], span: Span) {
        self.tool_class(name, base, fields, span);
    }
}

/// What of an argument is worth asking other files for: of options those that name or describe something.
fn told(value: &Known) -> Term {
    const KEYS: [&str; 22] = [
        "name",
        "id",
        "model",
        "modelName",
        "modelId",
        "description",
        "title",
        "tools",
        "prompts",
        "annotations",
        "version",
        "indexName",
        "collectionName",
        "tableName",
        "datasetName",
        "baseURL",
        "url",
        "command",
        "args",
        "mcpServers",
        "servers",
        "default",
    ];
    let Known::Map(map) = value else {
        return value.term();
    };
    let entries = map
        .content
        .iter()
        .filter(|entry| KEYS.contains(&&*entry.name));
    let entries = entries.map(|entry| (entry.name.to_string(), entry.value.term()));
    Term::Map(entries.collect())
}

/// A name of a tool, prompt or agent that a person would take for one.
fn is_name(text: &str) -> bool {
    (1..=120).contains(&text.len()) && !text.contains('\n')
}

/// The dotted name's last part without what was called: `Agent` of `x.Agent()`.
fn short(callee: &str) -> &str {
    last_part(callee).trim_end_matches("()")
}
