//! What judges what goes into or comes out of a model; tools of libraries; prompts inside calls.

use stance_core::{AssetKind, How};

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

    /// Something that a library brings, called as its class.
    fn of_library(&mut self, kind: AssetKind, site: &CallSite<'_>) {
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
        let Known::List(list) = &given.value else {
            return;
        };
        for one in list.content.iter().take(32) {
            let Known::Map(map) = one else { continue };
            let role = map.content.get("role");
            let system = matches!(role, Some(Known::Text { text, .. }) if matches!(&**text, "system" | "developer"));
            if let (true, Some(content)) = (system, map.content.get("content")) {
                self.spoken(content, &given.span);
            }
        }
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
                        .with("length", text.chars().count());
                self.refer(draft, span);
            }
            Known::Text { text, .. } => self.told_constant(text, span),
            other => self.told_file(other, span),
        }
    }

    /// A constant that is told to a model is a prompt, whatever it is called.
    pub(super) fn told_constant(&mut self, text: &str, span: &Span) {
        let written = self.written(span);
        let name = last_part(&written);
        let named = !name.is_empty()
            && !name.starts_with(|first: char| first.is_ascii_digit())
            && written
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'));
        if !named || text.len() < PROMPT || !text.contains(' ') {
            return;
        }
        let draft = Draft::new(AssetKind::Prompt, self.local_key(name), name, How::Constant)
            .with("length", text.chars().count());
        let defined = self.constants.get(name).cloned();
        self.refer(draft, &defined.unwrap_or_else(|| span.clone()));
    }
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
