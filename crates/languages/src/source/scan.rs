//! What the words of a source tell: imports, names at calls, constants and variables.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::Arc;

use stance_code::models::recognise;
use stance_code::opened::{Written, speaks_of_prompts};
use stance_core::fact::{Code, Fact, Import, Language, Opened, OpenedFrom, Reference};
use stance_core::{AssetKind, How, RelationKind};
use stance_read::credential::opens_a_service;
use stance_read::text::Text;
use stance_read::{stores, vendors};

use super::constants::Constant;
use super::identities::ASKED;
use super::shapes::Methods;
use super::tokens::{Dialect, Kind, Token};

/// Most places of one asset that one file is evidence for.
const PLACES: usize = 8;
/// Most tokens behind a name that are looked at for its arguments.
pub(super) const ARGUMENTS: usize = 400;

pub(super) struct Scan<'a> {
    pub path: &'a Arc<str>,
    pub text: &'a Text<'a>,
    pub dialect: Dialect,
    pub language: &'static str,
    pub tokens: &'a [Token],
    pub facts: Vec<Fact>,
    pub(super) imports: Vec<Import>,
    /// How the imports of the file begin, of those that are known.
    pub(super) known: Vec<&'static str>,
    /// Modules of stores of vectors that are imported, by the word by which they are called.
    pub(super) store_modules: Vec<String>,
    /// Whether a module is imported that measures what models answer.
    pub(super) measures: bool,
    /// How often an asset was named, and on which line last.
    pub(super) seen: HashMap<(AssetKind, String), (usize, usize)>,
    pub(super) constants: HashMap<&'a str, Constant<'a>>,
    /// What methods of Go were met, by their receivers.
    pub(super) methods: BTreeMap<&'a str, Methods>,
}

impl<'a> Scan<'a> {
    pub(super) fn new(
        path: &'a Arc<str>,
        text: &'a Text<'a>,
        (dialect, language): (Dialect, &'static str),
        tokens: &'a [Token],
    ) -> Self {
        Self {
            path,
            text,
            dialect,
            language,
            tokens,
            facts: Vec::new(),
            imports: Vec::new(),
            known: Vec::new(),
            store_modules: Vec::new(),
            measures: false,
            seen: HashMap::new(),
            constants: HashMap::new(),
            methods: BTreeMap::new(),
        }
    }

    pub(super) fn run(mut self) -> Vec<Fact> {
        self.find_imports();
        if !self.known.is_empty() {
            self.find_constants();
            self.joined_models();
        }
        for at in 0..self.tokens.len() {
            self.look(at);
        }
        self.tools_by_methods();
        if !self.imports.is_empty() {
            let language = match self.dialect {
                Dialect::Go => Language::Go,
                Dialect::Java => Language::Java,
                Dialect::Kotlin => Language::Kotlin,
                Dialect::CSharp => Language::CSharp,
                Dialect::Rust => Language::Rust,
                Dialect::Ruby => Language::Ruby,
                Dialect::Php => Language::Php,
            };
            let code = Code {
                language,
                imports: std::mem::take(&mut self.imports),
                calls: Vec::new(),
            };
            self.facts.insert(0, Fact::Code(Box::new(code)));
        }
        self.facts
    }

    pub(super) fn word(&self, at: usize) -> Option<&'a str> {
        let token = self.tokens.get(at)?;
        match token.kind {
            Kind::Word => self.text.as_str().get(token.at.clone()),
            _ => None,
        }
    }

    pub(super) fn sign(&self, at: usize) -> Option<u8> {
        match self.tokens.get(at)?.kind {
            Kind::Sign(sign) => Some(sign),
            _ => None,
        }
    }

    pub(super) fn string(&self, at: usize) -> Option<(&'a str, bool)> {
        match &self.tokens.get(at)?.kind {
            Kind::Text { text, whole } => Some((text, *whole)),
            _ => None,
        }
    }

    pub(super) fn draft(&self, kind: AssetKind, key: String, name: &str, how: How) -> Reference {
        Reference {
            kind,
            key,
            name: name.to_owned(),
            aliases: Vec::new(),
            how,
            relation: RelationKind::Contains,
            vendor: None,
            attributes: BTreeMap::new(),
            evidence: stance_core::Evidence::file(Arc::clone(self.path)),
        }
    }

    pub(super) fn refer(
        &mut self,
        mut reference: Reference,
        attributes: &[(&str, serde_json::Value)],
        span: Range<usize>,
    ) {
        let line = self.text.line_of(span.start) as usize;
        let seen = self
            .seen
            .entry((reference.kind, reference.key.clone()))
            .or_default();
        if seen.0 >= PLACES || (seen.0 > 0 && seen.1 == line) {
            return;
        }
        *seen = (seen.0.saturating_add(1), line);
        for (name, value) in attributes {
            reference
                .attributes
                .insert((*name).to_owned(), value.clone());
        }
        reference.evidence = self.text.evidence(self.path, span);
        self.facts.push(Fact::Reference(Box::new(reference)));
    }

    fn look(&mut self, at: usize) {
        let Some(token) = self.tokens.get(at) else {
            return;
        };
        match &token.kind {
            Kind::Text { text, whole } => {
                let span = token.at.clone();
                if *whole {
                    self.opened(text, span.clone());
                    self.text_alone(text, at, span);
                } else {
                    self.text_with_holes(text, at, span);
                }
            }
            Kind::Word => {
                if let Some(word) = self.word(at) {
                    self.named(word, at);
                    self.enumerated(word, at);
                    if self.uses_ai() {
                        self.vendor_of_module(word, at);
                        self.vendor_of_call(word, at);
                        self.shape(word, at);
                        self.store(word, at);
                        self.credential(word, at);
                        self.class_of_model(word, at);
                        self.own_evaluation(word, at);
                        self.loaded_document(word, at);
                        self.speaker(word, at);
                        self.template(word, at);
                        self.described_tool(word, at);
                        self.called_tool(word, at);
                        self.function_tool(word, at);
                        self.evaluator(word, at);
                        self.role(word, at);
                    }
                }
            }
            Kind::Sign(_) => {}
        }
    }

    /// Whether an AI package is imported.
    pub(super) const fn uses_ai(&self) -> bool {
        !self.known.is_empty()
    }

    /// What a text with holes says: it may be told to a model, or begin an address.
    fn text_with_holes(&mut self, text: &'a str, at: usize, span: Range<usize>) {
        let before = at.checked_sub(1);
        if let Some(before) = before
            && matches!(self.sign(before), Some(b'=' | b':'))
            && let Some(name) = self.name_before(before)
        {
            self.named_prompt(name, text, before, span.clone());
        }
        self.spoken(text, true, at, span.clone());
        self.address(text, How::Literal, span);
    }

    /// `include_str!("prompts/system.md")`, `@Value("classpath:/prompts/system.st")`: a prompt by its path.
    fn opened(&mut self, text: &str, span: Range<usize>) {
        let (path, from) = match text.strip_prefix("classpath:") {
            Some(path) => (path.trim_start_matches(['/', '*']), OpenedFrom::Elsewhere),
            None => (text, OpenedFrom::Start),
        };
        let prose = [
            ".md",
            ".txt",
            ".st",
            ".prompt",
            ".j2",
            ".jinja2",
            ".hbs",
            ".mustache",
            ".liquid",
            ".tmpl",
            ".yaml.tmpl",
        ];
        let named = prose.iter().any(|end| path.ends_with(end)) && !path.contains(' ');
        let said = speaks_of_prompts(path) || path.ends_with(".st");
        if named
            && said
            && let Some((written, path)) = Written::of_text(path).and_then(|it| it.path())
        {
            let from = match from {
                OpenedFrom::Elsewhere => from,
                _ => written,
            };
            let evidence = self.text.evidence(self.path, span);
            let opened = Opened {
                path,
                from,
                evidence,
            };
            self.facts.push(Fact::Opened(Box::new(opened)));
        }
    }

    /// What a text says by itself, by what stands before it.
    fn text_alone(&mut self, text: &'a str, at: usize, span: Range<usize>) {
        let before = at.checked_sub(1);
        let sign = before.and_then(|it| self.sign(it));
        let name = match sign {
            Some(b'=' | b':' | b'(' | b'[' | b'>') => before.and_then(|it| self.name_before(it)),
            _ => None,
        };
        if let Some(name) = name {
            let asks = matches!(
                name,
                "Getenv"
                    | "LookupEnv"
                    | "getenv"
                    | "GetEnvironmentVariable"
                    | "var"
                    | "var_os"
                    | "ENV"
                    | "_ENV"
                    | "$_ENV"
                    | "fetch"
                    | "env"
                    | "get"
            );
            if let Some(store) = stores::of_variable(text).filter(|_| asks) {
                let key = format!("env:{text}");
                let mut draft = self.draft(AssetKind::VectorStore, key, text, How::Unresolved);
                draft.relation = RelationKind::Reads;
                draft.vendor = store.vendor.map(str::to_owned);
                let why = format!("environment variable {text}");
                let told = [
                    ("technology", store.technology.into()),
                    ("unresolved", why.into()),
                ];
                self.refer(draft, &told, span.clone());
            }
            if (asks || ASKED.contains(&name)) && self.uses_ai() {
                self.asked_model(text, at, span.clone());
                self.asked_address(text, span.clone());
            }
            if vendors::of_variable(text).is_none() {
                if asks && opens_a_service(text) {
                    self.variable(text, span.clone());
                } else if self.uses_ai() {
                    self.configured_secret(name, text, span.clone());
                }
            }
            if let Some(before) = before {
                self.named_prompt(name, text, before, span.clone());
            }
        }
        self.spoken(text, false, at, span.clone());
        self.addressed(text, at, span.clone());
        if self.uses_ai() {
            self.role(text, at);
            self.described_tool(text, at);
        }
        // The name of a vendor's variable means the same wherever it stands: functions of the program itself may
        // be what asks for it.
        if vendors::of_variable(text).is_some() {
            self.variable(text, span.clone());
        }
        let how = if matches!(sign, Some(b'=')) {
            How::Constant
        } else {
            How::Literal
        };
        self.address(text, how, span.clone());
        if self.uses_ai() && matches!(sign, Some(b'=')) {
            self.base_address(name.unwrap_or_default(), text, span.clone());
        }
        let Some(found) = recognise(text) else {
            if let Some(name) = name {
                self.told_to_vendor(name, text, at, span);
            }
            return;
        };
        let context = name.unwrap_or_default().to_ascii_lowercase();
        let model = context.contains("model") || context.contains("deployment");
        let sdk = !self.known.is_empty();
        let about = [
            "description",
            "title",
            "label",
            "message",
            "help",
            "usage",
            "text",
        ];
        let plausible = match sign {
            Some(b'=' | b':' | b'>') => model || (sdk && !about.contains(&context.as_str())),
            Some(b'(' | b',' | b'[') => model || sdk,
            _ => model && sdk,
        };
        if !plausible || (found.name.len() < 4 && !model) {
            return;
        }
        let key = format!("{}/{}", found.vendor, found.name);
        let mut draft = self.draft(AssetKind::Model, key, &found.name, how);
        draft.relation = RelationKind::Calls;
        draft.vendor = Some(found.vendor.to_owned());
        if text != found.name {
            draft.aliases.push(text.to_owned());
        }
        self.refer(draft, &[], span);
    }

    /// The name before a sign: `model` of `model = `, `model: `, `model(`, `"model" => `.
    pub(super) fn name_before(&self, sign: usize) -> Option<&'a str> {
        let mut at = sign.checked_sub(1)?;
        while matches!(self.sign(at), Some(b'=' | b':' | b'?' | b'>' | b'[' | b'&')) {
            at = at.checked_sub(1)?;
        }
        // `string Name { get; set; } = `
        if self.dialect == Dialect::CSharp && self.sign(at) == Some(b'}') {
            at = self.opening(at)?.checked_sub(1)?;
        }
        let name = self.word(at).or_else(|| self.string(at).map(|it| it.0))?;
        // `const NAME: &str = `, `string name = ` and so on: the name stands before its type.
        if matches!(name, "str" | "String" | "string") {
            let mut back = at.checked_sub(1)?;
            while matches!(self.sign(back), Some(b'&' | b':' | b'\''))
                || self.word(back) == Some("static")
            {
                back = back.checked_sub(1)?;
            }
            return self.word(back).or(Some(name));
        }
        Some(name)
    }

    fn variable(&mut self, text: &str, span: Range<usize>) {
        // A token that programs of any kind use tells no vendor of AI.
        let vendor = vendors::of_variable(text).filter(|_| !vendors::is_common(text));
        let vendor = vendor.map(|vendor| vendor.key.to_owned());
        let mut draft = self.draft(
            AssetKind::Identity,
            format!("env:{text}"),
            text,
            How::Literal,
        );
        draft.relation = RelationKind::RunsAs;
        draft.vendor = vendor;
        self.refer(draft, &[], span);
    }
}
