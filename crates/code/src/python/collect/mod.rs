//! From what happens in a file to facts about it.

mod agents;
mod builtin;
mod classes;
mod constants;
mod endpoints;
mod frameless;
mod held;
mod identities;
mod imports;
mod judges;
mod keys;
mod learning;
mod local;
mod mcp;
mod members;
mod models;
mod named;
mod opened;
mod outputs;
mod paths;
mod settled;
mod stores;
mod texts;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::LazyLock;

use serde_json::Value as Json;
use stance_core::fact::{
    Argument, Code, CodeCall, Fact, Gap, GapReason, Import, Language, Reference,
};
use stance_core::{AssetKind, How, RelationKind, Scope};

use super::catalogue::{APIS, Api, Role, model_class};
use crate::names::aliases_of_prompt;

use super::known::Known;
use super::place::Place;
use super::sink::{CallSite, Sink, TextRole, VECTOR_SEARCH};
use super::syntax::{Class, Function, Span};
use super::walk::Defined;
use held::{Decorated, Held};
pub(super) use learning::is_rows_at_an_address;
pub(super) use outputs::MADE;
use paths::{ends_with_parts, is_tool_spec, last_part, lies_in, snake_case};
use stance_read::description;
use stance_read::interests::Interests;
use stance_read::link::Module;

/// Most places of one asset that one file is evidence for.
const PLACES: u32 = 8;

/// Most calls of one file that are kept. A program written by people has far fewer.
const CALLS: usize = 5000;
/// Most values that the arguments of all calls are told by, a long text counting as several.
const VALUES: usize = 200_000;

/// Gathers the facts of one file.
pub(super) struct Collector<'a> {
    place: &'a dyn Place,
    interests: &'a Interests,
    facts: Vec<Fact>,
    calls: Vec<CodeCall>,
    /// Values of arguments that may still be told.
    left: usize,
    /// Where the first call stands that was too many.
    too_many: Option<Span>,
    imports: Vec<Import>,
    /// Modules imported, as written, with where the first of each stands.
    modules: Vec<(String, Span)>,
    /// Roots of the catalogue whose calls were seen.
    used: HashSet<&'static str>,
    /// How often an asset was named, and on which line last.
    seen: HashMap<(AssetKind, String), (u32, usize)>,
    /// Names that may be models of the hub.
    perhaps: Vec<(Draft, Span)>,
    /// Calls that wait for what other files say.
    held: Vec<Held>,
    /// Whether the file is a test.
    in_test: bool,
    /// Calls of the program's own functions.
    handed: Vec<Held>,
    /// Where names of the module get their values.
    constants: HashMap<String, Span>,
    /// Addresses that may be of services, until it is known what the file is about.
    addresses: Vec<(Draft, Span)>,
    /// Names of the classes of the file, by number.
    classes: Vec<String>,
    /// Fields of the class at hand.
    declared: Vec<(String, Span)>,
    /// Texts that members of the class at hand get.
    members: Vec<(String, Span)>,
    /// The function whose body is walked, and where it is defined.
    function: String,
    function_span: Span,
    /// Functions that give prompts.
    prompting: HashSet<String>,
    /// Whether what is told was known before, and only waited for other files.
    settled: bool,
    /// Resources that servers of the file offer.
    resources: Vec<String>,
    /// How many files that are told to models were seen.
    opened: usize,
    /// Starts of texts that a call of the catalogue already explained.
    explained: HashSet<usize>,
    /// The class of the tree that the call at hand makes an object of: its file and name.
    instance_of: Option<(String, String)>,
    /// Clients of stores of vectors, until it is known what they keep.
    clients: Vec<(Draft, Span)>,
    /// Classes of the file that are networks.
    networks: HashSet<String>,
    /// Whether the file trains networks, once that has been asked.
    trains: Option<bool>,
}

/// The calls of the catalogue by the last part of their names.
static BY_LAST: LazyLock<HashMap<&'static str, Vec<&'static Api>>> = LazyLock::new(|| {
    let mut map: HashMap<&str, Vec<&Api>> = HashMap::new();
    for api in APIS {
        let last = api.name.rsplit('.').next().unwrap_or_default();
        map.entry(last).or_default().push(api);
    }
    map
});

impl<'a> Collector<'a> {
    pub(super) fn new(place: &'a dyn Place, interests: &'a Interests) -> Self {
        Self {
            place,
            interests,
            facts: Vec::new(),
            calls: Vec::new(),
            left: VALUES,
            too_many: None,
            imports: Vec::new(),
            modules: Vec::new(),
            used: HashSet::new(),
            seen: HashMap::new(),
            perhaps: Vec::new(),
            clients: Vec::new(),
            held: Vec::new(),
            in_test: Scope::of_path(place.path()) == Scope::Test,
            handed: Vec::new(),
            constants: HashMap::new(),
            addresses: Vec::new(),
            classes: Vec::new(),
            declared: Vec::new(),
            members: Vec::new(),
            function: String::new(),
            function_span: 0..0,
            prompting: HashSet::new(),
            settled: false,
            resources: Vec::new(),
            opened: 0,
            explained: HashSet::new(),
            instance_of: None,
            networks: HashSet::new(),
            trains: None,
        }
    }

    /// The facts, once the walk is over, and what the file leaves for others.
    pub(super) fn finish(mut self, defined: &Defined) -> (Vec<Fact>, Module) {
        let module = self.leave(defined);
        self.settle_hub_models();
        self.settle_addresses();
        self.settle_resources();
        self.settle_clients();
        self.settle_tables();
        self.report_imports();
        if let Some(span) = self.too_many.take() {
            self.facts.push(Fact::Gap(Box::new(Gap {
                reason: GapReason::Limit,
                detail: format!("Python: more than {CALLS} calls that rules judge"),
                evidence: self.place.evidence(span),
            })));
        }
        if !self.calls.is_empty() || !self.imports.is_empty() {
            let code = Code {
                language: Language::Python,
                imports: self.imports,
                calls: self.calls,
            };
            self.facts.insert(0, Fact::Code(Box::new(code)));
        }
        (self.facts, module)
    }

    /// Adds a reference, unless the same line or too many others already did.
    fn refer(&mut self, mut draft: Draft, span: &Span) {
        if draft.kind == AssetKind::Prompt {
            for alias in aliases_of_prompt(&draft.name) {
                draft = draft.alias(alias);
            }
        }
        let key = (draft.kind, draft.key.clone());
        let line_start = self.place.line(span.start);
        match self.seen.get_mut(&key) {
            Some((_, last)) if *last == line_start => return,
            Some((count, _)) if *count >= PLACES => return,
            Some((count, last)) => {
                *count = count.saturating_add(1);
                *last = line_start;
            }
            None => {
                self.seen.insert(key, (1, line_start));
            }
        }
        if draft.kind == AssetKind::Model {
            self.guarding_function();
        }
        let evidence = self.place.evidence(span.clone());
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
        format!("{}#{name}", self.place.path())
    }

    /// The call of the catalogue that a callee is.
    fn api_of(&self, callee: &str) -> Option<&'static Api> {
        let last = callee.rsplit('.').next().unwrap_or_default();
        let candidates = BY_LAST.get(last).map(Vec::as_slice).unwrap_or_default();
        let exact = candidates
            .iter()
            .find(|api| lies_in(callee, api.root) && ends_with_parts(callee, api.name));
        // A client that came from elsewhere, or was wrapped: the chain of methods tells it.
        exact
            .or_else(|| {
                candidates.iter().find(|api| {
                    api.role == Role::Model
                        && api.name.contains('.')
                        && api
                            .name
                            .starts_with(|first: char| first.is_ascii_lowercase())
                        && !callee.starts_with('.')
                        && ends_with_parts(callee, api.name)
                })
            })
            .copied()
            .or_else(|| model_class(callee))
    }

    fn keep_call(&mut self, site: &CallSite<'_>) {
        if !self.interests.wants(site.callee) {
            return;
        }
        if self.calls.len() >= CALLS || self.left == 0 {
            self.too_many
                .get_or_insert_with(|| site.callee_span.clone());
            return;
        }
        self.calls.push(CodeCall {
            callee: site.callee.to_owned(),
            arguments: site
                .arguments
                .iter()
                .map(|argument| Argument {
                    name: argument.name.map(str::to_owned),
                    value: argument.value.value(&mut self.left),
                })
                .collect(),
            open_ended: site.open_ended,
            evidence: self.place.evidence(site.callee_span.clone()),
        });
    }
}

/// A reference on its way.
struct Draft {
    kind: AssetKind,
    key: String,
    name: String,
    aliases: Vec<String>,
    how: How,
    relation: RelationKind,
    vendor: Option<&'static str>,
    attributes: BTreeMap<String, Json>,
}

impl Draft {
    fn new(kind: AssetKind, key: impl Into<String>, name: impl Into<String>, how: How) -> Self {
        Self {
            kind,
            key: key.into(),
            name: name.into(),
            aliases: Vec::new(),
            how,
            relation: RelationKind::Contains,
            vendor: None,
            attributes: BTreeMap::new(),
        }
    }

    fn relation(mut self, relation: RelationKind) -> Self {
        self.relation = relation;
        self
    }

    fn vendor(mut self, vendor: Option<&'static str>) -> Self {
        self.vendor = vendor.filter(|vendor| !vendor.is_empty());
        self
    }

    fn alias(mut self, alias: &str) -> Self {
        if alias != self.name {
            self.aliases.push(alias.to_owned());
        }
        self
    }

    /// With what is said about it: its first line for people, all of it for rules.
    fn described(self, text: &str) -> Self {
        match members::shortened(text) {
            Json::String(shown) if shown.is_empty() => self,
            Json::String(shown) => match description::beyond(text, &shown) {
                Some(whole) => self
                    .with(description::FULL_DESCRIPTION, whole)
                    .with("description", shown),
                None => self.with("description", shown),
            },
            _ => self,
        }
    }

    fn with(mut self, name: &str, value: impl Into<Json>) -> Self {
        self.attributes.insert(name.to_owned(), value.into());
        self
    }
}

impl Sink for Collector<'_> {
    fn import(&mut self, module: &str, span: &Span) {
        self.add_import(module, span);
    }

    fn call(&mut self, site: &CallSite<'_>) {
        self.keep_call(site);
        self.option(site);
        self.hand_on(site);
        self.request(site);
        self.keys_given(site);
        self.headers_given(site);
        self.signs_in(site);
        self.addresses_given(site);
        self.hosts_given(site);
        self.model_made(site);
        self.conversation(site);
        self.files_given(site);
        self.created_table(site);
        self.rows_given(site);
        self.cloud_of_client(site);
        self.told_in_class(site);
        self.network_made(site);
        self.told_by_keyword(site);
        self.told_with_holes(site);
        self.loop_around(site);
        // The product of a client needs no other file.
        let client = |api: &Api| api.role == Role::VectorStore && api.keyword.is_empty();
        if self.api_of(site.callee).is_some_and(client) || !self.hold(site, None) {
            self.asset_call(site);
        }
    }

    fn decorated(&mut self, site: &CallSite<'_>, function: &Function) {
        let decorated = Decorated::of(function);
        if !self.hold(site, Some(&decorated)) {
            self.decorated_function(site, &decorated);
        }
    }

    fn enters(&mut self, function: &Function) {
        self.function.clone_from(&function.name);
        self.function_span = function.name_span.clone();
    }

    fn class(&mut self, class: &Class, bases: &[Known], member: &dyn Fn(&str) -> Option<Known>) {
        if self.classes.len() < 4096 {
            self.classes.push(class.name.clone());
        }
        self.derived(class, bases, member);
    }

    fn reads(&mut self, file: &Known, assigned: Option<&str>, span: &Span) {
        self.file_read(file, assigned, span);
    }

    fn decorated_class(&mut self, callee: &str, class: &Class) {
        self.decorated_type(callee, class);
    }

    fn declares(&mut self, name: &str, span: &Span) {
        if self.declared.len() < 256 {
            self.declared.push((name.to_owned(), span.clone()));
        }
    }

    fn text(&mut self, text: &str, role: TextRole<'_>, span: &Span) {
        self.named_model(text, role, span);
        if matches!(role, TextRole::Key) {
            if text == VECTOR_SEARCH {
                self.searched_by_vectors(span);
            }
            return;
        }
        self.rows_named(text, role, span);
        self.builtin_named(text, role, span);
        self.keyed(text, role, span);
        self.service_address(text, role, span);
        self.named_variable(text, span);
    }

    fn written(&mut self, name: &str, text: &str, span: &Span, local: bool) {
        // What a function puts together that gives a prompt is that prompt.
        if local && self.prompting.contains(&self.function) {
            return;
        }
        self.written_prompt(name, text, span, local);
    }

    fn system_message(&mut self, text: &str, span: &Span) {
        self.system_text(text, span);
    }

    fn begins_with(&mut self, text: &str, span: &Span) {
        self.address_beginning(text, span);
    }

    fn environment(&mut self, variable: &str, span: &Span) {
        self.variable(variable, How::Literal, span);
        self.address_variable(variable, span);
    }

    fn variable_default(&mut self, variable: &str, default: &str, span: &Span) {
        self.default_of(variable, default, span);
    }

    fn constant(&mut self, name: &str, value: &Known, span: &Span, in_class: bool) {
        if in_class && self.declared.len() < 256 {
            self.declared.push((name.to_owned(), span.clone()));
        }
        if let (true, Known::Text { text, .. }) = (in_class, value)
            && self.members.len() < 512
            && text.len() <= 120
        {
            self.members.push((text.to_string(), span.clone()));
        }
        if !in_class && self.constants.len() < 2048 {
            self.constants
                .entry(name.to_owned())
                .or_insert_with(|| span.clone());
        }
        self.constant_value(name, value, span, in_class);
    }
}

impl Collector<'_> {
    /// The assets that a call names.
    fn asset_call(&mut self, site: &CallSite<'_>) {
        if let Some(api) = self.api_of(site.callee) {
            if lies_in(site.callee, api.root) {
                self.used.insert(api.root);
            }
            match api.role {
                Role::HubModel if api.name == "hub.load" => self.torch_hub(site),
                Role::Model | Role::HubModel => self.model(site, api),
                Role::HubDataset | Role::HubRepository => self.hub(site, api),
                Role::VectorStore | Role::Dataset | Role::RemotePrompt => self.store(site, api),
                Role::Agent => self.agent(site, Some(api)),
                Role::McpServer => self.mcp_server(site, api),
                Role::Tool | Role::McpPrompt => self.described(site, api),
                Role::McpClient => self.mcp_client(site, api),
                Role::McpConnection => self.mcp_connection(site, api),
                Role::Evaluator => self.evaluator(site, api),
                Role::Guardrail => self.guardrail(site, api),
                Role::LibraryTool => self.library_tool(site, api),
                Role::SystemPrompt => self.system_prompt(site, api),
                Role::Pipeline => self.pipeline(site, api),
                Role::DataFiles => self.files_of_data(site, api),
                Role::NamedDataset | Role::NamedModel | Role::FixedModel => {
                    self.named_asset(site, api);
                }
                Role::Estimator => self.estimator(site, api),
                // `server.tool(function, name="x")`
                Role::ToolDecorator
                    if site.arguments.iter().any(|given| {
                        let text = matches!(given.value, Known::Text { .. });
                        given.name.is_none() && !text
                    }) =>
                {
                    self.described(site, api);
                }
                Role::ToolDecorator
                | Role::PromptDecorator
                | Role::GuardrailDecorator
                | Role::PipelineDecorator
                | Role::AgentDecorator => {}
            }
            // Some calls name a model and servers at once.
            for other in BY_LAST.get(last_part(api.name)).into_iter().flatten() {
                if !std::ptr::eq(*other, api)
                    && other.root == api.root
                    && other.name == api.name
                    && other.role == Role::McpClient
                {
                    self.mcp_client(site, other);
                }
                if !std::ptr::eq(*other, api)
                    && other.root == api.root
                    && other.name == api.name
                    && other.role == Role::Evaluator
                {
                    self.evaluator(site, other);
                }
            }
        } else if is_tool_spec(site.callee) {
            self.of_library(AssetKind::Tool, site);
        } else if last_part(site.callee) == "as_tool" && site.keyword("tool_name").is_some() {
            self.agent_as_tool(site);
        } else if last_part(site.callee) == "bind_tools" {
            self.bound_tools(site);
        } else if agents::looks_like_agent(site) {
            self.agent(site, None);
        }
    }
}
