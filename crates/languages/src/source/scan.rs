//! What the words of a source tell: imports, names at calls, constants and variables.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::Arc;

use stance_code::models::{by_constant, recognise};
use stance_code::opened::{Written, speaks_of_prompts};
use stance_core::fact::{Code, Fact, Import, Language, Opened, OpenedFrom, Reference};
use stance_core::{AssetKind, How, RelationKind};
use stance_read::text::Text;
use stance_read::{stores, vendors};

use super::catalogue::{APIS, Api, Form, Makes, PACKAGES, Where};
use super::tokens::{Dialect, Kind, Token};
use crate::names::{description_of, is_key_name};

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
    imports: Vec<Import>,
    /// How the imports of the file begin, of those that are known.
    known: Vec<&'static str>,
    /// How often an asset was named, and on which line last.
    seen: HashMap<(AssetKind, String), (usize, usize)>,
    constants: HashMap<&'a str, &'a str>,
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
            seen: HashMap::new(),
            constants: HashMap::new(),
        }
    }

    pub(super) fn run(mut self) -> Vec<Fact> {
        self.find_imports();
        if !self.known.is_empty() {
            self.find_constants();
        }
        for at in 0..self.tokens.len() {
            self.look(at);
        }
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

    fn string(&self, at: usize) -> Option<(&'a str, bool)> {
        match &self.tokens.get(at)?.kind {
            Kind::Text { text, whole } => Some((text, *whole)),
            _ => None,
        }
    }

    fn find_imports(&mut self) {
        let mut at = 0;
        while at < self.tokens.len() {
            let first = at;
            at = at.saturating_add(1);
            let path = match (self.dialect, self.word(first)) {
                (Dialect::Go, Some("import")) => {
                    // One, or several in parentheses.
                    let several = self.sign(at) == Some(b'(');
                    while let Some(token) = self.tokens.get(at) {
                        match &token.kind {
                            Kind::Text { text, .. } => {
                                self.import(text, token.at.clone());
                                if !several {
                                    break;
                                }
                            }
                            Kind::Sign(b')') => break,
                            Kind::Sign(b'(' | b'.') | Kind::Word => {}
                            Kind::Sign(_) => break,
                        }
                        at = at.saturating_add(1);
                    }
                    continue;
                }
                (Dialect::Java | Dialect::Kotlin, Some("import"))
                | (Dialect::CSharp, Some("using"))
                | (Dialect::Rust | Dialect::Php, Some("use")) => self.dotted(&mut at),
                (Dialect::Ruby, Some("require")) => match self.string(at) {
                    Some((text, true)) => text.to_owned(),
                    _ => continue,
                },
                // A path that is written out needs no import.
                (Dialect::Rust, Some(_)) if self.sign(at) == Some(b':') => {
                    self.word(first).unwrap_or_default().to_owned()
                }
                (
                    Dialect::Ruby | Dialect::Php,
                    Some(name @ ("OpenAI" | "RubyLLM" | "Anthropic")),
                ) if self.sign(at) == Some(b':') && self.dialect == Dialect::Ruby => match name {
                    "RubyLLM" => "ruby_llm".to_owned(),
                    other => other.to_ascii_lowercase(),
                },
                _ => continue,
            };
            let span = self.tokens.get(first).map(|it| it.at.clone());
            self.import(&path, span.unwrap_or_default());
        }
    }

    /// `a.b.C`, `A\B`, `a::b` from `at` on.
    fn dotted(&self, at: &mut usize) -> String {
        let mut path = String::new();
        while let Some(token) = self.tokens.get(*at) {
            match &token.kind {
                Kind::Word => match self.word(*at) {
                    Some("static" | "function" | "const" | "global") => {}
                    Some(word) => {
                        if path
                            .as_bytes()
                            .last()
                            .is_some_and(u8::is_ascii_alphanumeric)
                        {
                            return path;
                        }
                        path.push_str(word);
                    }
                    None => return path,
                },
                Kind::Sign(b'.') => path.push('.'),
                Kind::Sign(b'\\') if !path.is_empty() => path.push('\\'),
                Kind::Sign(b':') => path.push(':'),
                _ => return path,
            }
            *at = (*at).saturating_add(1);
            if path.len() > 200 {
                return path;
            }
        }
        path
    }

    fn import(&mut self, path: &str, span: Range<usize>) {
        let language = self.language;
        let found = PACKAGES.iter().find(|package| {
            package.language == language
                && path.strip_prefix(package.import).is_some_and(|rest| {
                    rest.is_empty()
                        || package.import.ends_with('.')
                        || rest.starts_with(['.', '/', ':', '\\'])
                        || (language == "java"
                            && rest.starts_with(|it: char| it.is_ascii_lowercase()))
                        || (language == "go" && rest.starts_with('-'))
                })
        });
        let Some(package) = found else { return };
        if self.known.contains(&package.import) {
            return;
        }
        self.known.push(package.import);
        self.imports.push(Import {
            module: path.trim_end_matches([':', '.', '\\']).to_owned(),
            evidence: self.text.evidence(self.path, span.clone()),
        });
        let name = package
            .purl
            .split_once('/')
            .map_or(package.purl, |(_, name)| name);
        let kind = package.purl.split('/').next().unwrap_or_default();
        // Names of NuGet are the same in any case, as manifests tell them.
        let purl = match kind {
            "nuget" => package.purl.to_ascii_lowercase(),
            _ => package.purl.to_owned(),
        };
        self.refer(
            Reference {
                relation: RelationKind::DependsOn,
                ..self.draft(AssetKind::Package, format!("pkg:{purl}"), name, How::Import)
            },
            &[("ecosystem", kind.into())],
            span.clone(),
        );
        if !package.vendor.is_empty() {
            self.refer(
                Reference {
                    relation: RelationKind::Calls,
                    ..self.draft(
                        AssetKind::Vendor,
                        package.vendor.to_owned(),
                        package.vendor,
                        How::Import,
                    )
                },
                &[],
                span,
            );
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
            if asks && is_key_name(text) && vendors::of_variable(text).is_none() {
                self.variable(text, span.clone());
            }
            if let Some(before) = before {
                self.named_prompt(name, text, before, span.clone());
            }
        }
        self.spoken(text, false, at, span.clone());
        self.addressed(text, at, span.clone());
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
        let Some(found) = recognise(text) else { return };
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
    fn name_before(&self, sign: usize) -> Option<&'a str> {
        let mut at = sign.checked_sub(1)?;
        while matches!(self.sign(at), Some(b'=' | b':' | b'?' | b'>' | b'[' | b'&')) {
            at = at.checked_sub(1)?;
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

    /// `ChatModel.GPT_4O`, `openai.ChatModelGPT4oMini`: names of models that an SDK lists.
    fn enumerated(&mut self, word: &str, at: usize) {
        if self.known.is_empty() || at.checked_sub(1).and_then(|it| self.sign(it)) != Some(b'.') {
            return;
        }
        let before = at
            .checked_sub(2)
            .and_then(|it| self.word(it))
            .unwrap_or_default();
        let name = match self.dialect {
            Dialect::Go => {
                let rest = word
                    .strip_prefix("ChatModel")
                    .or_else(|| word.strip_prefix("EmbeddingModel"))
                    .or_else(|| word.strip_prefix("Model"));
                let rest = rest.or_else(|| by_constant(word).map(|_| word));
                rest.or_else(|| word.starts_with("GPT").then_some(word))
                    .map(of_camel_case)
            }
            Dialect::Java | Dialect::Kotlin
                if before.ends_with("Model")
                    || before.ends_with("ModelName")
                    || before.ends_with("ModelType")
                    || before.ends_with("Models") =>
            {
                let upper = word
                    .bytes()
                    .all(|it| it.is_ascii_uppercase() || it.is_ascii_digit() || it == b'_');
                upper.then(|| word.to_ascii_lowercase().replace('_', "-"))
            }
            _ => None,
        };
        let Some(name) = name.map(|name| with_dots(&name)) else {
            return;
        };
        let Some(found) = by_constant(word).or_else(|| recognise(&name)) else {
            return;
        };
        let Some(span) = self.tokens.get(at).map(|it| it.at.clone()) else {
            return;
        };
        let key = format!("{}/{}", found.vendor, found.name);
        let mut draft = self.draft(AssetKind::Model, key, &found.name, How::Constant);
        draft.relation = RelationKind::Calls;
        draft.vendor = Some(found.vendor.to_owned());
        draft.aliases.push(word.to_owned());
        self.refer(draft, &[], span);
    }

    /// A call, literal or attribute of the catalogue.
    fn named(&mut self, word: &str, at: usize) {
        for api in APIS.iter() {
            if api.name == word
                && api.language == self.language
                && self.known.contains(&api.import)
                && let Some((name, span, how)) = self.name_of(api, at)
            {
                self.found(api, &name, span, how, at);
                return;
            }
        }
    }

    fn name_of(&self, api: &Api, at: usize) -> Option<(String, Range<usize>, How)> {
        // What a client says of itself is no server.
        let client = |back: usize| {
            let word = at.checked_sub(back).and_then(|it| self.word(it));
            word.is_some_and(|word| word.ends_with("Client") || word.ends_with("clientInfo"))
        };
        if api.makes == Makes::McpServer && (1..=6).any(client) {
            return None;
        }
        let open = at.saturating_add(1);
        match api.form {
            Form::Call if self.sign(open) == Some(b'(') => {
                // Where it is defined it is no call.
                let before = at.checked_sub(1);
                if before.and_then(|it| self.sign(it)) == Some(b'@') {
                    return None;
                }
                let before = before.and_then(|it| self.word(it));
                if matches!(
                    before,
                    Some("func" | "def" | "fun" | "fn" | "function" | "void")
                ) {
                    return None;
                }
                self.argument(open, api.at)
            }
            Form::Call if self.dialect == Dialect::Ruby => match self.string(open) {
                Some((text, true)) => {
                    let span = self.tokens.get(open)?.at.clone();
                    Some((text.to_owned(), span, How::Literal))
                }
                _ => None,
            },
            Form::Fields => {
                let mut at = open;
                // `new Name() { Field = ... }`
                if self.sign(at) == Some(b'(') && self.sign(at.saturating_add(1)) == Some(b')') {
                    at = at.saturating_add(2);
                }
                (self.sign(at) == Some(b'{'))
                    .then(|| self.argument(at, api.at))
                    .flatten()
            }
            Form::Chain
                if self.sign(open) == Some(b'.')
                    && matches!(
                        self.word(open.saturating_add(1)),
                        Some("builder" | "Builder")
                    ) =>
            {
                self.chained(open, api.at)
            }
            Form::Attribute => self.attribute(api, at),
            _ => None,
        }
    }

    /// A text among arguments, by position or keyword.
    pub(super) fn argument(
        &self,
        open: usize,
        wanted: Where,
    ) -> Option<(String, Range<usize>, How)> {
        let mut depth = 0_usize;
        let mut position = 0_usize;
        let end = open.saturating_add(ARGUMENTS).min(self.tokens.len());
        for at in open..end {
            match self.sign(at) {
                Some(b'(' | b'{' | b'[') => depth = depth.saturating_add(1),
                Some(b')' | b'}' | b']') => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return None;
                    }
                }
                Some(b',') if depth == 1 => position = position.saturating_add(1),
                _ => {}
            }
            if depth != 1 {
                continue;
            }
            let before = at.checked_sub(1)?;
            let fits = match wanted {
                Where::Position(number) => {
                    number == position && matches!(self.sign(before), Some(b'(' | b','))
                }
                Where::Keyword(name) => {
                    matches!(self.sign(before), Some(b'=' | b':'))
                        && before.checked_sub(1).and_then(|it| self.word(it)) == Some(name)
                }
            };
            if !fits {
                continue;
            }
            let span = self.tokens.get(at)?.at.clone();
            if let Some((text, true)) = self.string(at) {
                return Some((text.to_owned(), span, How::Literal));
            }
            if let Some(name) = self.word(at)
                && let Some(text) = self.constants.get(name)
            {
                return Some(((*text).to_owned(), span, How::Constant));
            }
            if let Where::Position(_) = wanted
                && self.sign(at) != Some(b'(')
            {
                return None;
            }
        }
        None
    }

    /// The texts that names of the file get: `NAME = "text"`, `NAME: &str = "text"`, `NAME string = "text"`.
    fn find_constants(&mut self) {
        for at in 0..self.tokens.len() {
            let Some(name) = self.word(at).filter(|name| name.len() > 2) else {
                continue;
            };
            for ahead in 1..8_usize {
                let next = at.saturating_add(ahead);
                match self.sign(next) {
                    Some(b'=') => {
                        if let Some((text, true)) = self.string(next.saturating_add(1)) {
                            self.constants.entry(name).or_insert(text);
                        }
                        break;
                    }
                    Some(b':' | b'&' | b'\'') => {}
                    Some(_) => break,
                    // A type, where it stands behind the name.
                    None if matches!(
                        self.word(next),
                        Some("str" | "static" | "string" | "String")
                    ) => {}
                    None => break,
                }
            }
        }
    }

    /// `Name.builder().a(...).name("...")`
    fn chained(&self, from: usize, wanted: Where) -> Option<(String, Range<usize>, How)> {
        let Where::Keyword(keyword) = wanted else {
            return None;
        };
        let first = from.saturating_add(3);
        if let (Some(b'('), Some((text, true))) =
            (self.sign(first.saturating_sub(1)), self.string(first))
        {
            return Some((
                text.to_owned(),
                self.tokens.get(first)?.at.clone(),
                How::Literal,
            ));
        }
        let mut depth = 0_usize;
        for at in from..from.saturating_add(ARGUMENTS).min(self.tokens.len()) {
            match self.sign(at) {
                Some(b'(' | b'{') => depth = depth.saturating_add(1),
                Some(b')' | b'}') => depth = depth.checked_sub(1)?,
                Some(b';') if depth == 0 => return None,
                _ => {}
            }
            if depth == 0
                && self.word(at) == Some(keyword)
                && self.sign(at.saturating_add(1)) == Some(b'(')
            {
                return self.argument(at.saturating_add(1), Where::Position(0));
            }
        }
        None
    }

    fn found(&mut self, api: &Api, name: &str, span: Range<usize>, how: How, at: usize) {
        if name.is_empty() || name.len() > 120 || name.contains('\n') {
            return;
        }
        let kind = match api.makes {
            Makes::Model => {
                // What is recognised is told where it stands.
                if recognise(name).is_some() && how == How::Literal
                    || name.contains(char::is_whitespace)
                {
                    return;
                }
                AssetKind::Model
            }
            Makes::Tool => AssetKind::Tool,
            Makes::Prompt => AssetKind::Prompt,
            Makes::McpServer | Makes::McpClient => AssetKind::McpServer,
            Makes::Agent => AssetKind::Agent,
        };
        let package = PACKAGES
            .iter()
            .find(|it| it.import == api.import && it.language == api.language);
        let vendor = package.map_or("", |package| package.vendor);
        let mut attributes: Vec<(&str, serde_json::Value)> = Vec::new();
        let (key, relation) = match kind {
            AssetKind::Model => {
                if let Some(found) = recognise(name) {
                    let key = format!("{}/{}", found.vendor, found.name);
                    (key, RelationKind::Calls)
                } else if vendor.is_empty() {
                    return;
                } else {
                    (format!("{vendor}/{name}"), RelationKind::Calls)
                }
            }
            _ => (format!("{}#{name}", self.path), RelationKind::Exposes),
        };
        let mcp = api.import.to_ascii_lowercase().contains("mcp")
            || api.import.contains("modelcontextprotocol");
        let relation = if api.makes == Makes::McpClient {
            RelationKind::Calls
        } else if mcp || kind == AssetKind::Model {
            relation
        } else {
            RelationKind::Contains
        };
        if mcp || api.makes == Makes::McpClient {
            attributes.push(("protocol", "mcp".into()));
        }
        if api.makes == Makes::McpServer {
            attributes.push(("implemented", true.into()));
        }
        if let Some(text) = self.description(at) {
            let told = description_of(text).into_iter();
            attributes.extend(told.map(|(name, text)| (name, text.into())));
        }
        let mut draft = self.draft(kind, key, name, how);
        draft.relation = relation;
        // An agent that a method declares is called by its type as well.
        if kind == AssetKind::Agent
            && api.form == Form::Attribute
            && let Some(around) = self.type_around(at).filter(|around| *around != name)
        {
            draft.aliases.push(around.to_owned());
        }
        if kind == AssetKind::Model && !vendor.is_empty() {
            draft.vendor = Some(vendor.to_owned());
        }
        self.refer(draft, &attributes, span);
    }

    /// A description among what follows.
    fn description(&self, at: usize) -> Option<&'a str> {
        let mut depth = 0_usize;
        for next in at.saturating_add(1)..at.saturating_add(60).min(self.tokens.len()) {
            match self.sign(next) {
                Some(b'(' | b'{') => depth = depth.saturating_add(1),
                Some(b')' | b'}') => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return None;
                    }
                }
                _ => {}
            }
            if matches!(
                self.word(next),
                Some("Description" | "description" | "WithDescription")
            ) {
                return self.string(next.saturating_add(2)).map(|it| it.0);
            }
        }
        None
    }
}

/// `GPT4oMini` as makers write it: `gpt-4o-mini`.
fn of_camel_case(name: &str) -> String {
    let mut out = String::new();
    let mut before = ' ';
    for character in name.chars() {
        let starts = (character.is_ascii_uppercase() && !before.is_ascii_uppercase())
            || (character.is_ascii_digit() && before.is_ascii_alphabetic());
        if starts && !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
        out.push(if character == '_' {
            '-'
        } else {
            character.to_ascii_lowercase()
        });
        before = character;
    }
    out
}

/// `gpt-4-1-mini`, `gpt-4-o` and `gemini-2-5-pro` with the dots of their makers.
fn with_dots(name: &str) -> String {
    let name = name.replace("gpt-4-o", "gpt-4o");
    for (begin, maker) in [("gpt-", "."), ("gemini-", ".")] {
        if let Some(rest) = name.strip_prefix(begin) {
            let bytes = rest.as_bytes();
            if let [first, b'-', second, after @ ..] = bytes
                && first.is_ascii_digit()
                && second.is_ascii_digit()
                && !after.first().is_some_and(u8::is_ascii_digit)
            {
                let rest = rest.get(2..).unwrap_or_default();
                return format!("{begin}{}{maker}{rest}", char::from(*first));
            }
        }
    }
    name
}
