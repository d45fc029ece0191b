//! Tools by what stands beside their names: a description, and what they take. Every interface of models asks for
//! these, however a language writes them.

use std::ops::Range;

use stance_core::{AssetKind, How};

use super::scan::Scan;
use super::tokens::Kind;
use crate::names::description_of;

/// Most tokens of one description that are looked through.
const TOKENS: usize = 400;
/// Shortest text that describes something, in bytes.
const DESCRIPTION: usize = 8;

impl Scan<'_> {
    /// `name: "x", description: "…", parameters: …` in a map, literal or list of arguments.
    pub(super) fn described_tool(&mut self, key: &str, at: usize) {
        if !key.eq_ignore_ascii_case("name") {
            return;
        }
        let mut value = at.saturating_add(1);
        let mut signs = 0_usize;
        while matches!(self.sign(value), Some(b':' | b'=' | b'>')) && signs < 2 {
            value = value.saturating_add(1);
            signs = signs.saturating_add(1);
        }
        let Some((name, true)) = self.string(value).filter(|(text, _)| is_name(text)) else {
            return;
        };
        if signs == 0 {
            return;
        }
        let mut depth = 0_usize;
        let mut description = None;
        let mut takes = false;
        for next in value..value.saturating_add(TOKENS).min(self.tokens.len()) {
            match self.sign(next) {
                Some(b'(' | b'{' | b'[') => depth = depth.saturating_add(1),
                Some(b')' | b'}' | b']') if depth == 0 => break,
                Some(b')' | b'}' | b']') => depth = depth.saturating_sub(1),
                _ => {}
            }
            let behind = next.saturating_add(1);
            if depth > 0 || !matches!(self.sign(behind), Some(b':' | b'=')) {
                continue;
            }
            let Some(key) = self.word(next).or_else(|| self.string(next).map(|it| it.0)) else {
                continue;
            };
            match key.to_ascii_lowercase().replace('_', "").as_str() {
                "description" | "desc" => {
                    let text = (1..4_usize)
                        .filter_map(|ahead| self.string(next.saturating_add(ahead)))
                        .next();
                    description = text.map(|it| it.0.to_owned()).or(description);
                }
                "parameters" | "inputschema" | "paramsoneof" | "inputjsonschema" => takes = true,
                _ => {}
            }
        }
        let span = self.tokens.get(value).map(|it| it.at.clone());
        if let (Some(description), true, Some(span)) = (description, takes, span) {
            let name = name.to_owned();
            self.tool_with(&name, &description, span);
        }
    }

    /// `InferTool("update_todo", "Update an item", update)`: a call that makes a tool of a name and a description.
    pub(super) fn called_tool(&mut self, word: &str, at: usize) {
        let lower = word.to_ascii_lowercase();
        let declared = at.checked_sub(1).and_then(|it| self.word(it));
        if !lower.ends_with("tool")
            || matches!(
                declared,
                Some("func" | "def" | "fun" | "fn" | "function" | "class")
            )
        {
            return;
        }
        let open = self.opening_of_call(at);
        let first = open.saturating_add(1);
        if self.sign(open) != Some(b'(') || self.sign(first.saturating_add(1)) != Some(b',') {
            return;
        }
        let name = self
            .string(first)
            .filter(|(text, whole)| *whole && is_name(text));
        let described = match self.tokens.get(first.saturating_add(2)).map(|it| &it.kind) {
            Some(Kind::Text { text, .. }) if text.len() >= DESCRIPTION && text.contains(' ') => {
                text
            }
            _ => return,
        };
        let span = self.tokens.get(first).map(|it| it.at.clone());
        if let (Some((name, _)), Some(span)) = (name, span) {
            let (name, described) = (name.to_owned(), described.clone());
            self.tool_with(&name, &described, span);
        }
    }

    /// `AIFunctionFactory.Create(search.Find)`: a method that becomes a tool, under its own name or another.
    pub(super) fn function_tool(&mut self, word: &str, at: usize) {
        let made = match word {
            "AIFunctionFactory" => "Create",
            "KernelFunctionFactory" => "CreateFromMethod",
            _ => return,
        };
        let open = at.saturating_add(3);
        if self.word(at.saturating_add(2)) != Some(made) || self.sign(open) != Some(b'(') {
            return;
        }
        let mut depth = 0_usize;
        let mut method = None;
        let mut arguments = 0_usize;
        for next in open.saturating_add(1)..open.saturating_add(TOKENS).min(self.tokens.len()) {
            match self.sign(next) {
                Some(b'(' | b'{' | b'[') => depth = depth.saturating_add(1),
                Some(b')' | b'}' | b']') if depth == 0 => break,
                Some(b')' | b'}' | b']') => depth = depth.saturating_sub(1),
                Some(b',') if depth == 0 => arguments = arguments.saturating_add(1),
                // What a lambda does is called by its name only.
                Some(b'>') if depth == 0 && arguments == 0 => method = None,
                _ => {}
            }
            if depth > 0 {
                continue;
            }
            if let Some((name, true)) = self.string(next)
                && arguments == 1
                && is_name(name)
            {
                method = Some(next);
                break;
            }
            if arguments == 0 && self.word(next).is_some() {
                method = Some(next);
            }
        }
        let Some(method) = method else { return };
        let name = self.string(method).map(|it| it.0);
        let name = name.or_else(|| self.word(method)).map(str::to_owned);
        let span = self.tokens.get(method).map(|it| it.at.clone());
        if let (Some(name), Some(span)) = (name, span)
            && name.len() > 1
        {
            self.tool_with(&name, "", span);
        }
    }

    /// `new CoherenceEvaluator()` where models are measured.
    pub(super) fn evaluator(&mut self, word: &str, at: usize) {
        let product = word.strip_suffix("Evaluator").unwrap_or_default();
        let made = at.checked_sub(1).and_then(|it| self.word(it)) == Some("new");
        let called = self.sign(self.opening_of_call(at)) == Some(b'(');
        if product.is_empty() || !(made && called && self.measures) {
            return;
        }
        let Some(span) = self.tokens.get(at).map(|it| it.at.clone()) else {
            return;
        };
        let key = format!("{}#{word}", self.path);
        let draft = self.draft(AssetKind::Evaluator, key, word, How::Literal);
        self.refer(draft, &[("role", "evaluation".into())], span);
    }

    fn tool_with(&mut self, name: &str, description: &str, span: Range<usize>) {
        let key = format!("{}#{name}", self.path);
        // What the catalogue knows is told with more.
        if self.seen.contains_key(&(AssetKind::Tool, key.clone())) {
            return;
        }
        let draft = self.draft(AssetKind::Tool, key, name, How::Literal);
        let told: Vec<(&str, serde_json::Value)> = description_of(description)
            .into_iter()
            .map(|(name, text)| (name, text.into()))
            .collect();
        self.refer(draft, &told, span);
    }
}

fn is_name(text: &str) -> bool {
    (2..=64).contains(&text.len())
        && text
            .bytes()
            .all(|it| it.is_ascii_alphanumeric() || b"_-./".contains(&it))
}
