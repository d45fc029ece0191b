//! Which Python files are worth parsing.
//!
//! A file is parsed when all signs of one conjunction are there: a module is
//! imported *and* one of its functions is called, a constant of a telling name
//! gets a text, a text begins like the name of a model. A package where every
//! file says `torch` is not parsed for that alone.

mod bases;
mod clients;
mod imports;
mod pairs;
mod patterns;
mod scan;
#[cfg(test)]
mod tests;

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::catalogue::{
    APIS, Api, ROOTS, Role, base_classes, common_base_classes, model_beginnings, model_prefixes,
    root_of,
};
use super::collect::MADE;
use crate::credentials;
use pairs::Pairs;
use scan::Context;
use stance_read::interests::Interests;
use stance_read::vendors;
use stance_read::words::Seen;

/// What must hold around the name of what is called.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum CallTest {
    /// Nothing more.
    Any,
    /// It is no attribute.
    Bare,
    /// It is an attribute of this name.
    Via(Box<str>),
    /// It is an attribute of a local name of this module.
    Alias(Box<str>),
}

/// What a constant must get to be of interest.
#[derive(Clone, Copy, Debug)]
enum NameTest {
    /// A long text.
    Text,
    /// Any text.
    Short,
    /// A text with a `/` in it.
    Path,
}

/// Decides which Python files are parsed.
#[derive(Debug, Default)]
pub(crate) struct Prefilter {
    count: usize,
    conjunctions: Vec<Vec<usize>>,
    /// The signs of imported modules.
    modules: HashMap<Box<str>, usize>,
    /// The first parts of these modules.
    firsts: HashSet<Box<str>>,
    /// The signs of functions that are imported under another name, `module:function`.
    renamed: HashMap<Box<str>, usize>,
    calls: HashMap<Box<str>, Vec<(CallTest, usize)>>,
    call_ends: Pairs,
    decorators: HashMap<Box<str>, usize>,
    attribute_decorator: usize,
    /// Keyword arguments.
    keywords: HashMap<Box<str>, usize>,
    /// Attributes that are set.
    attributes: HashMap<Box<str>, usize>,
    keyword_ends: Pairs,
    /// Objects whose items are set.
    items: HashMap<Box<str>, usize>,
    /// How texts of interest begin.
    quoted_starts: Pairs,
    quoted_ends: Pairs,
    name_ends: Pairs,
    /// The name of a variable that holds the key of a vendor.
    variable: usize,
    /// The name of a variable that holds some key.
    some_key: usize,
    /// The name of a model.
    model: usize,
    /// The address of a service.
    address: usize,
    /// An option of the command line that names a model or data set.
    option: usize,
    /// A constant that may be a prompt, a model or a data set.
    constant: usize,
    /// A call of something that is called an agent.
    agent: usize,
    /// A class that is of interest for what it inherits from.
    base: usize,
    bases: HashSet<&'static str>,
    /// Classes whose bases have names that count together with a module only.
    common_bases: HashMap<&'static str, usize>,
    /// A model, prompt or store that is handed on by keyword.
    handed: usize,
    /// A call of a class that by its name is a model of somebody.
    client: usize,
    /// The name of a program that starts servers written by others, or the type of a tool that a provider brings.
    launcher: usize,
    /// The name of a file of prose, in source that speaks of prompts.
    prose: usize,
    /// Signs that are no reason to parse a file, but to look at the function they stand in.
    beside: Vec<usize>,
    /// The signs of keywords.
    asked: HashSet<usize>,
}

/// What the prefilter says about a file.
#[derive(Debug)]
pub(super) struct Verdict {
    /// Whether it must be parsed.
    pub parse: bool,
    /// Where the signs stand that are the reason, in order; `None` when the reason is not one
    /// that has a place.
    pub signs: Option<Vec<usize>>,
    /// Modules of the catalogue that are imported, each with its line.
    pub imports: Vec<(String, Range<usize>)>,
}

impl Verdict {
    /// Parse it all.
    pub(super) const fn everything() -> Self {
        Self {
            parse: true,
            signs: None,
            imports: Vec::new(),
        }
    }
}

/// The signs that the pass over a file finds, with where they stand.
#[derive(Debug)]
struct Found {
    seen: Seen,
    places: Vec<(usize, usize)>,
    /// The place that is looked at.
    pub at: usize,
}

impl Found {
    fn insert(&mut self, sign: usize) {
        self.seen.insert(sign);
        self.places.push((sign, self.at));
    }
}

impl Prefilter {
    pub(crate) fn new(interests: &Interests) -> Self {
        let mut filter = Self::default();
        filter.variable = filter.alone();
        filter.constant = filter.alone();
        filter.attribute_decorator = filter.alone();
        filter.model = filter.alone();
        filter.base = filter.alone();
        filter.bases = base_classes().collect();
        filter.client = filter.alone();
        filter.handed = filter.alone();
        filter.prose = filter.alone();
        filter.launcher = filter.alone();
        for extension in scan::PROSE {
            filter.quoted_ends.insert_end(extension);
        }
        for loader in scan::LOADERS {
            let sign = filter.call(loader, CallTest::Any);
            filter.conjunctions.push(vec![sign]);
        }
        for end in scan::HANDED {
            filter.keyword_ends.insert_end(end);
        }
        for (root, name) in common_base_classes() {
            let module = filter.module(root);
            let next = filter.count;
            let sign = *filter.common_bases.entry(name).or_insert(next);
            filter.count = filter.count.max(sign.saturating_add(1));
            filter.conjunctions.push(vec![module, sign]);
        }
        for end in ["LLM", "Embeddings", "Embedding"] {
            filter.call_ends.insert_end(end);
        }
        filter.agent = filter.next();
        filter.some_key = filter.next();
        filter.option = filter.next();
        filter.address = filter.next();
        filter.quoted_starts.insert_start("http");
        filter.quoted_starts.insert_start("$v");
        filter.name_ends = scan::name_ends();
        for pattern in interests.patterns() {
            filter.add_pattern(pattern);
        }
        for api in APIS {
            filter.add_api(api);
        }
        for root in ROOTS {
            filter.module(root.module);
        }
        for beginning in model_beginnings()
            .chain(model_prefixes())
            .chain(scan::OPTIONS)
        {
            filter.quoted_starts.insert_start(beginning);
        }
        for variable in vendors::all().iter().flat_map(|vendor| &vendor.variables) {
            filter.quoted_ends.insert_end(variable);
        }
        for end in [
            "_KEY",
            "_TOKEN",
            "_SECRET",
            "_PASSWORD",
            "_PAT",
            "_APIKEY",
            "_STRING",
            "_KEY_ID",
            "_CREDENTIALS",
        ] {
            filter.quoted_ends.insert_end(end);
        }
        for end in scan::STORES {
            filter.quoted_ends.insert_end(end);
        }
        for name in ["bind_tools"].iter().chain(MADE) {
            let sign = filter.call(name, CallTest::Any);
            filter.conjunctions.push(vec![sign]);
        }
        for given in [
            "functions",
            "handoffs",
            "instructions",
            "system",
            "system_message",
            "system_prompt",
            "tools",
        ] {
            let given = filter.keyword(given);
            filter.conjunctions.push(vec![filter.agent, given]);
        }
        for launcher in scan::LAUNCHERS.iter().chain(&scan::PROVIDED) {
            filter.quoted_starts.insert_start(launcher);
        }
        filter.clients();
        // Who makes an optimiser trains something.
        let torch = filter.module("torch");
        for optimiser in ["Adam", "AdamW", "SGD", "RMSprop"] {
            let call = filter.call(optimiser, CallTest::Any);
            filter.conjunctions.push(vec![torch, call]);
        }
        let declares = filter.call("add_argument", CallTest::Any);
        filter.conjunctions.push(vec![filter.option, declares]);
        // The name of a variable is of interest where variables are read.
        let system = filter.module("os");
        filter.conjunctions.push(vec![filter.some_key, system]);
        filter.asked = filter.keywords.values().copied().collect();
        let reads = CallTest::Via("environ".into());
        filter.beside = vec![
            filter.agent,
            filter.option,
            filter.some_key,
            filter.address,
            declares,
            filter.call("option", CallTest::Any),
            filter.call("getenv", CallTest::Any),
            filter.call("get", reads),
            filter.keyword("model"),
            filter.keyword("headers"),
            filter.keyword("profile_name"),
            filter.call("default", CallTest::Via("auth".into())),
        ];
        for class in credentials::names() {
            let made = filter.call(class, CallTest::Any);
            filter.beside.push(made);
        }
        filter.conjunctions.sort();
        filter.conjunctions.dedup();
        filter
    }

    fn next(&mut self) -> usize {
        let next = self.count;
        self.count = next.saturating_add(1);
        next
    }

    /// A sign that is reason enough by itself.
    fn alone(&mut self) -> usize {
        let sign = self.next();
        self.conjunctions.push(vec![sign]);
        sign
    }

    fn module(&mut self, module: &str) -> usize {
        if let Some(sign) = self.modules.get(module) {
            return *sign;
        }
        let sign = self.next();
        self.modules.insert(module.into(), sign);
        let first = module.split('.').next().unwrap_or_default();
        self.firsts.insert(first.into());
        sign
    }

    fn call(&mut self, name: &str, test: CallTest) -> usize {
        let tests = self.calls.get(name).into_iter().flatten();
        if let Some((_, sign)) = tests.into_iter().find(|(known, _)| *known == test) {
            return *sign;
        }
        let sign = self.next();
        self.call_ends.insert_end(name);
        self.calls
            .entry(name.into())
            .or_default()
            .push((test, sign));
        sign
    }

    fn renamed(&mut self, module: &str, name: &str) -> usize {
        let key: Box<str> = format!("{module}:{name}").into();
        let next = self.count;
        let sign = *self.renamed.entry(key).or_insert(next);
        self.count = self.count.max(sign.saturating_add(1));
        sign
    }

    fn decorator(&mut self, name: &str) -> usize {
        let next = self.count;
        let sign = *self.decorators.entry(name.into()).or_insert(next);
        self.count = self.count.max(sign.saturating_add(1));
        sign
    }

    fn keyword(&mut self, name: &str) -> usize {
        self.keyword_ends.insert_end(name);
        let next = self.count;
        let sign = *self.keywords.entry(name.into()).or_insert(next);
        self.count = self.count.max(sign.saturating_add(1));
        sign
    }

    fn add_api(&mut self, api: &Api) {
        let module = self.module(api.root);
        let first = api.root.split('.').next().unwrap_or_default();
        let last = api.name.rsplit('.').next().unwrap_or_default();
        if matches!(
            api.role,
            Role::ToolDecorator
                | Role::PromptDecorator
                | Role::GuardrailDecorator
                | Role::PipelineDecorator
                | Role::AgentDecorator
        ) {
            let sign = self.decorator(last);
            self.conjunctions.push(vec![module, sign]);
            if api.name.contains("()") || api.role == Role::ToolDecorator {
                // It may be called as well: `server.tool(function)`, `tool(Answer)`.
                let call = self.call(last, CallTest::Any);
                self.conjunctions.push(vec![module, call]);
            }
            return;
        }
        // `completions.create`, but no class on the way: that may have another name here.
        let before = api.name.rsplit('.').nth(1);
        let before =
            before.filter(|part| part.starts_with(|first: char| first.is_ascii_lowercase()));
        match before {
            Some(before) => {
                let chain = self.call(last, CallTest::Via(before.into()));
                // A client that was handed over is known by the chain of methods.
                let telling = api.role == Role::Model;
                let signs = if telling {
                    vec![chain]
                } else {
                    vec![module, chain]
                };
                self.conjunctions.push(signs);
            }
            None => {
                let call = self.call(last, CallTest::Any);
                self.conjunctions.push(vec![module, call]);
            }
        }
        let renamed = self.renamed(first, last);
        self.conjunctions.push(vec![renamed]);
    }

    /// Looks at a file.
    pub(super) fn look(&self, source: &str) -> Verdict {
        let mut seen = Seen::new(self.count);
        let mut known = Vec::new();
        let mut aliases: Vec<(&str, &str)> = Vec::new();
        for statement in imports::statements(source) {
            for (name, alias) in &statement.names {
                let module = statement.from.unwrap_or(name);
                let first = module.split('.').next().unwrap_or_default();
                if let Some(alias) = alias {
                    aliases.push((alias, first));
                    if let Some(sign) = self.renamed.get(&*format!("{first}:{name}")) {
                        seen.insert(*sign);
                    }
                }
            }
            let relevant = |module: &str| {
                let first = module.split('.').next().unwrap_or_default();
                self.firsts.contains(first)
            };
            let any = match statement.from {
                Some(module) => relevant(module),
                None => statement.names.iter().any(|(name, _)| relevant(name)),
            };
            if !any {
                continue;
            }
            for module in statement.modules() {
                for (end, _) in module.match_indices('.').chain([(module.len(), "")]) {
                    let prefix = module.get(..end).unwrap_or_default();
                    if let Some(sign) = self.modules.get(prefix) {
                        seen.insert(*sign);
                    }
                }
                if known.len() < 256 && root_of(&module).is_some() {
                    known.push((module, statement.line.clone()));
                }
            }
        }
        let context = Context {
            text: source.as_bytes(),
            aliases: &aliases,
            speaks: OnceCell::new(),
        };
        let mut found = Found {
            seen,
            places: Vec::new(),
            at: 0,
        };
        self.scan(&context, &mut found);
        let mut met = self
            .conjunctions
            .iter()
            .filter(|signs| signs.iter().all(|sign| found.seen.contains(*sign)))
            .peekable();
        let parse = met.peek().is_some();
        let signs = if parse {
            self.places(met, &found)
        } else {
            None
        };
        if !known.is_empty() {
            let strings = imports::LongStrings::new(source);
            known.retain(|(_, place)| !strings.contain(place.start));
        }
        Verdict {
            parse,
            signs,
            imports: known,
        }
    }

    /// Where the signs of the conjunctions `met` stand; `None` when one has no sign with a place.
    fn places<'c>(
        &self,
        met: impl Iterator<Item = &'c Vec<usize>>,
        found: &Found,
    ) -> Option<Vec<usize>> {
        let mut placed = Seen::new(self.count);
        for (sign, _) in &found.places {
            placed.insert(*sign);
        }
        let mut wanted = Seen::new(self.count);
        for sign in &self.beside {
            wanted.insert(*sign);
        }
        for signs in met {
            // A keyword says nothing of where the call is.
            let tells = |sign: &usize| placed.contains(*sign) && !self.asked.contains(sign);
            if !signs.iter().any(tells) {
                return None;
            }
            for sign in signs {
                wanted.insert(*sign);
            }
        }
        let places = found.places.iter();
        let places = places.filter(|(sign, _)| wanted.contains(*sign));
        let mut places: Vec<usize> = places.map(|(_, at)| *at).collect();
        places.sort_unstable();
        Some(places)
    }
}
