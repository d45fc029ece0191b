//! What judges what goes into or comes out of a model; tools of libraries; prompts inside calls.

use stance_core::digest;
use stance_core::{AssetKind, How, RelationKind};

use super::{Collector, Draft, last_part, lies_in};
use crate::python::catalogue::{Api, root_of};
use crate::python::known::Known;
use crate::python::sink::CallSite;
use crate::python::syntax::Span;

/// Shortest text that is told as a prompt when it stands in a call.
const PROMPT: usize = 60;

impl Collector<'_> {
    pub(super) fn evaluator(&mut self, site: &CallSite<'_>, api: &'static Api) {
        if !lies_in(site.callee, api.root) {
            return;
        }
        match site.argument(api.position, api.keyword) {
            Some(given) if is_list(api.keyword) => {
                self.evaluators_of(&given.value, &given.span);
            }
            Some(given) if !api.keyword.is_empty() => match &given.value {
                Known::Text { text, how } if (1..=80).contains(&text.len()) => {
                    let draft =
                        Draft::new(AssetKind::Evaluator, self.local_key(text), &**text, *how);
                    self.refer(draft, &given.span);
                }
                _ => self.of_library(AssetKind::Evaluator, site),
            },
            _ if is_list(api.keyword) => {}
            _ => self.of_library(AssetKind::Evaluator, site),
        }
    }

    pub(super) fn guardrail(&mut self, site: &CallSite<'_>, api: &'static Api) {
        if !lies_in(site.callee, api.root) {
            return;
        }
        match site
            .argument(api.position, api.keyword)
            .map(|given| (&given.value, &given.span))
        {
            Some((Known::Text { text, how }, span)) if (1..=80).contains(&text.len()) => {
                let draft = Draft::new(AssetKind::Guardrail, self.local_key(text), &**text, *how);
                self.refer(draft.with("framework", package(api.root)), span);
            }
            _ => self.of_library(AssetKind::Guardrail, site),
        }
    }

    pub(super) fn library_tool(&mut self, site: &CallSite<'_>, api: &'static Api) {
        if lies_in(site.callee, api.root) {
            self.of_library(AssetKind::Tool, site);
        }
    }

    /// A pipeline by the function that puts it together, else by the name it gets.
    pub(super) fn pipeline(&mut self, site: &CallSite<'_>, api: &'static Api) {
        if !lies_in(site.callee, api.root) {
            return;
        }
        let given = site.argument(api.position, api.keyword).map(|it| &it.value);
        let written = self.written(&site.callee_span);
        let variable = written.split('.').next().filter(|name| is_name(name));
        let variable = site.assigned.or(variable);
        let function =
            Some(self.function.as_str()).filter(|name| !name.is_empty() && !name.starts_with("__"));
        let name = match given {
            Some(Known::Text { text, .. }) if (1..=80).contains(&text.len()) => Some(&**text),
            _ => function.or(variable),
        };
        // `create_pipeline` of `pipelines/training/pipeline.py`
        let named = match name {
            Some("pipeline" | "pipelines" | "create_pipeline") => self.folder_of_pipeline(),
            _ => None,
        };
        let Some(name) = named.or_else(|| name.map(str::to_owned)) else {
            return;
        };
        let key = self.local_key(&name);
        // Each component is another call.
        if self.seen.contains_key(&(AssetKind::Pipeline, key.clone())) {
            return;
        }
        let mut draft = Draft::new(AssetKind::Pipeline, key, &name, How::Literal)
            .with("framework", package(api.root));
        if let Some(variable) = variable {
            draft = draft.alias(variable);
        }
        self.refer(draft, &site.callee_span);
    }

    /// The folder that a pipeline is called after, when the file itself is called `pipeline.py`.
    fn folder_of_pipeline(&self) -> Option<String> {
        let (folder, file) = self.place.path().rsplit_once('/')?;
        let folder = folder.rsplit('/').next()?;
        (matches!(file, "pipeline.py" | "pipelines.py" | "__init__.py")
            && !matches!(folder, "src" | "app" | "pipeline" | "pipelines"))
        .then(|| folder.to_owned())
    }

    /// Something that a library brings, called as its class.
    pub(super) fn of_library(&mut self, kind: AssetKind, site: &CallSite<'_>) {
        let name = site.callee.replace("().", ".");
        let mut parts = name.rsplit('.');
        let last = parts.next().unwrap_or_default();
        // `Guard.from_string()` is a `Guard`.
        let name = match parts.next() {
            Some(class)
                if !last.starts_with(|first: char| first.is_ascii_uppercase())
                    && class.starts_with(|first: char| first.is_ascii_uppercase()) =>
            {
                class
            }
            _ => last,
        };
        let package = root_of(site.callee).map_or("", |root| root.package);
        // `TavilySearchResults()` asks the service that it is called after.
        if kind == AssetKind::Tool
            && let Some(vendor) = service_of_tool(name)
        {
            let draft = Draft::new(AssetKind::Vendor, vendor, vendor, How::Literal)
                .relation(RelationKind::Calls);
            self.refer(draft, &site.callee_span);
        }
        let draft = Draft::new(
            kind,
            format!("pkg:pypi/{package}#{name}"),
            name,
            How::Literal,
        )
        .with("framework", package);
        self.refer(draft, &site.callee_span);
    }

    /// A message to the system that stands in the call as it is.
    pub(super) fn system_prompt(&mut self, site: &CallSite<'_>, api: &'static Api) {
        if !lies_in(site.callee, api.root) {
            return;
        }
        if let Some(given) = site.argument(api.position, api.keyword) {
            self.spoken_as(site.assigned, &given.value, &given.span);
        }
    }

    /// A message to the system with holes in it.
    pub(super) fn system_text(&mut self, text: &str, span: &Span) {
        if self.modules.is_empty() || text.len() < PROMPT {
            return;
        }
        let name = match self.function.as_str() {
            "" => "system prompt".to_owned(),
            function => format!("{function} system prompt"),
        };
        let draft = Draft::new(AssetKind::Prompt, self.local_key(&name), name, How::Literal)
            .with("length", text.chars().count())
            .with(digest::TEXT, digest::text(text));
        self.refer(draft, span);
    }

    /// What any call tells a model by a keyword that means nothing else: `Settings(system_instruction="You are …")`.
    pub(super) fn told_by_keyword(&mut self, site: &CallSite<'_>) {
        if self.modules.is_empty()
            || self.api_of(site.callee).is_some()
            || super::agents::looks_like_agent(site)
        {
            return;
        }
        for name in [
            "system_prompt",
            "system_instruction",
            "system_instructions",
            "system_message",
        ] {
            if let Some(given) = site.keyword(name)
                && matches!(
                    given.value,
                    Known::Text {
                        how: How::Literal,
                        ..
                    }
                )
            {
                self.spoken(&given.value, &given.span);
            }
        }
    }

    /// The messages of a call of a model: what its author says to it.
    pub(super) fn messages(&mut self, site: &CallSite<'_>) {
        for name in ["system", "instructions", "system_instruction"] {
            if let Some(given) = site.keyword(name) {
                self.spoken(&given.value, &given.span);
            }
        }
        let given = ["messages", "input"]
            .iter()
            .find_map(|name| site.keyword(name));
        let Some(given) = given else { return };
        self.system_messages(None, &given.value, &given.span);
    }

    /// A conversation that is put into the form of a model: `tokenizer.apply_chat_template(messages)`.
    pub(super) fn conversation(&mut self, site: &CallSite<'_>) {
        if last_part(site.callee) != "apply_chat_template" {
            return;
        }
        if let Some(given) = site.argument(Some(0), "conversation") {
            let written = self.written(&given.span);
            let name = Some(written.as_str()).filter(|name| is_name(name));
            self.system_messages(name, &given.value, &given.span);
        }
    }

    /// What the messages of a list say to a model as its author.
    fn system_messages(&mut self, name: Option<&str>, messages: &Known, span: &Span) {
        let Known::List(list) = messages else {
            return;
        };
        for one in list.content.iter().take(32) {
            let Known::Map(map) = one else { continue };
            let role = map.content.get("role");
            let system = matches!(role, Some(Known::Text { text, .. }) if matches!(&**text, "system" | "developer"));
            let Some(content) = map.content.get("content").filter(|_| system) else {
                continue;
            };
            // What is written there names the list, not the constant in it; one of another file knows its own name.
            let literal = matches!(
                content,
                Known::Text {
                    how: How::Literal,
                    ..
                }
            );
            if literal || self.settled {
                self.spoken_as(name, content, span);
            }
        }
    }

    /// A function that asks a model whether something may pass: `check_appropriateness`, `is_safe`.
    pub(super) fn guarding_function(&mut self) {
        if !guards_by_name(&self.function) {
            return;
        }
        let name = self.function.clone();
        let span = self.function_span.clone();
        let draft = Draft::new(
            AssetKind::Guardrail,
            self.local_key(&name),
            &name,
            How::Literal,
        );
        self.refer(draft.with("role", "guardrail"), &span);
    }

    fn spoken(&mut self, known: &Known, span: &Span) {
        self.spoken_as(None, known, span);
    }

    fn spoken_as(&mut self, assigned: Option<&str>, known: &Known, span: &Span) {
        match known {
            Known::Text {
                text,
                how: How::Literal,
            } if text.len() >= PROMPT && text.contains(' ') => {
                let name = match (assigned, self.function.as_str()) {
                    (Some(name), _) => name.to_owned(),
                    (None, "") => "system prompt".to_owned(),
                    (None, function) => format!("{function} system prompt"),
                };
                let draft =
                    Draft::new(AssetKind::Prompt, self.local_key(&name), name, How::Literal)
                        .with("length", text.chars().count())
                        .with(digest::TEXT, digest::text(text));
                self.refer(draft, span);
            }
            Known::Text { text, .. } => self.told_constant(text, span),
            other => self.told_file(other, span),
        }
    }

    /// A constant that is told to a model is a prompt, whatever it is called.
    pub(super) fn told_constant(&mut self, text: &str, span: &Span) {
        let written = self.written(span);
        // `PROMPTS["summary"]`
        let written = written.split('[').next().unwrap_or_default();
        let name = last_part(written);
        let named = !name.is_empty()
            && !name.starts_with(|first: char| first.is_ascii_digit())
            && written
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'));
        if !named || text.len() < PROMPT || !text.contains(' ') {
            return;
        }
        let draft = Draft::new(AssetKind::Prompt, self.local_key(name), name, How::Constant)
            .with("length", text.chars().count())
            .with(digest::TEXT, digest::text(text));
        let defined = self.constants.get(name).cloned();
        self.refer(draft, &defined.unwrap_or_else(|| span.clone()));
    }
}

/// Whether a function is by its name one that lets things pass or refuses them.
fn guards_by_name(function: &str) -> bool {
    let name = function.to_ascii_lowercase();
    let about = [
        "guardrail",
        "jailbreak",
        "moderat",
        "toxic",
        "appropriate",
        "harmful",
        "content_safety",
        "content_filter",
        "prompt_injection",
        "off_topic",
        "offtopic",
    ]
    .iter()
    .any(|word| name.contains(word));
    let asks = ["is_safe", "is_unsafe", "check_safety", "safety_check"]
        .iter()
        .any(|word| name.ends_with(word));
    // What only gives words to it, or tests it, decides nothing.
    let other = ["test_", "_prompt", "_score", "_dataset", "_message"]
        .iter()
        .any(|word| name.starts_with(word) || name.ends_with(word));
    (about || asks) && !other
}

/// The service that a tool of a library asks, by how its name begins.
fn service_of_tool(name: &str) -> Option<&'static str> {
    const SERVICES: [(&str, &str); 12] = [
        ("Apify", "apify"),
        ("Bing", "bing"),
        ("Brave", "brave"),
        ("Browserbase", "browserbase"),
        ("DallE", "openai"),
        ("EXA", "exa"),
        ("Exa", "exa"),
        ("Firecrawl", "firecrawl"),
        ("GoogleSerper", "serper"),
        ("SerpAPI", "serpapi"),
        ("Serper", "serper"),
        ("Tavily", "tavily"),
    ];
    let found = SERVICES.iter().find(|(start, _)| name.starts_with(start));
    found.map(|(_, vendor)| *vendor)
}

fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Whether a keyword takes several things that score.
fn is_list(keyword: &str) -> bool {
    matches!(keyword, "evaluators" | "metrics" | "scorers" | "tasks")
}

fn package(module: &str) -> &'static str {
    root_of(module).map_or("", |root| root.package)
}

/// What a model is there for, by the call that names it.
pub(super) fn role_of(api: &Api, callee: &str) -> Option<&'static str> {
    let name = api.name.to_ascii_lowercase();
    let last = last_part(callee).to_ascii_lowercase();
    let has = |words: &[&str]| {
        words
            .iter()
            .any(|word| name.contains(word) || last.contains(word))
    };
    Some(if has(&["embed", "sentencetransformer"]) {
        "embedding"
    } else if has(&["rerank", "crossencoder", "ranker"]) {
        "reranker"
    } else if has(&["moderation"]) {
        "guardrail"
    } else if has(&["speech", "text_to_speech"]) {
        "speech"
    } else if has(&[
        "transcri",
        "translations",
        "whisper",
        "liveoptions",
        "prerecorded",
    ]) {
        "transcription"
    } else if has(&["image"]) {
        "image"
    } else if has(&["fine_tuning", "trainer"]) {
        "base"
    } else if has(&[
        "chat", "complet", "message", "generat", "respons", "llm", "converse", "model", "openai",
        "gemini", "claude",
    ]) {
        "chat"
    } else {
        return None;
    })
}
