//! Agents and tools by the shape of their types: what a class extends, what a trait is implemented for, which methods
//! a receiver has. Frameworks differ in their names, and these are the ones that they share.

use std::ops::Range;

use stance_core::{AssetKind, How, RelationKind};

use super::scan::Scan;
use super::tokens::{Dialect, Kind};

/// Types and traits that a tool is made of.
const TOOLS: [&str; 11] = [
    "AITool",
    "AbstractTool",
    "AgentTool",
    "BaseTool",
    "FunctionTool",
    "ITool",
    "InvokableTool",
    "StructuredTool",
    "Tool",
    "ToolDefinition",
    "ToolDyn",
];

/// What methods of Go say about their receiver.
#[derive(Default)]
pub(super) struct Methods {
    /// The text that `Name()` gives back.
    name: Option<String>,
    /// Whether it tells what it is.
    told: bool,
    /// Where it is called as tools are.
    called: Option<Range<usize>>,
}

impl<'a> Scan<'a> {
    /// What the declaration of a type makes.
    pub(super) fn shape(&mut self, word: &str, at: usize) {
        match (self.dialect, word) {
            (Dialect::Rust, "impl") => self.implementation(at),
            (Dialect::Go, "func") => self.method_of_go(at),
            (Dialect::Rust | Dialect::Go, _) => {}
            (_, "class") => self.class(at),
            _ => {}
        }
    }

    /// `impl Tool for Adder { const NAME: &str = "add"; … }`
    fn implementation(&mut self, at: usize) {
        let mut kind = "";
        let mut target = None;
        let mut next = at.saturating_add(1);
        for _ in 0..40_usize {
            match (self.word(next), self.sign(next)) {
                (Some("for"), _) => target = Some(next.saturating_add(1)),
                (Some("where"), _) | (_, Some(b'{')) => break,
                (Some(word), _) if target.is_none() => kind = word,
                (_, Some(b';' | b'}')) => return,
                _ => {}
            }
            next = next.saturating_add(1);
        }
        let (true, Some(mut target)) = (TOOLS.contains(&kind), target) else {
            return;
        };
        // The last part of a path.
        while self.sign(target.saturating_add(1)) == Some(b':') {
            target = target.saturating_add(3);
        }
        let Some(name) = self.word(target) else {
            return;
        };
        let open = (next..next.saturating_add(60)).find(|it| self.sign(*it) == Some(b'{'));
        self.tool(name, target, open);
    }

    /// A class that extends one of the types that frameworks make agents and tools of, or is called an agent.
    fn class(&mut self, at: usize) {
        let name_at = at.saturating_add(1);
        let Some(name) = self.word(name_at) else {
            return;
        };
        if !name.starts_with(|it: char| it.is_ascii_uppercase()) {
            return;
        }
        let mut agent = name.ends_with("Agent") && !matches!(name, "Agent" | "UserAgent");
        let mut tool = false;
        let mut open = None;
        let mut inherits = false;
        let mut depth = 0_usize;
        for next in name_at.saturating_add(1)..name_at.saturating_add(60) {
            match (self.word(next), self.sign(next)) {
                (Some("extends" | "implements"), _) => inherits = true,
                (_, Some(b':')) if depth == 0 && self.dialect != Dialect::Ruby => inherits = true,
                (_, Some(b'<')) if self.dialect == Dialect::Ruby => {
                    // `< RubyLLM::Tool`: the path ends with the line.
                    let mut last = next.saturating_add(1);
                    while self.sign(last.saturating_add(1)) == Some(b':') {
                        last = last.saturating_add(3);
                    }
                    let base = self.word(last).unwrap_or_default();
                    tool |= TOOLS.contains(&base);
                    agent |= base.ends_with("Agent");
                    break;
                }
                (_, Some(b'(')) => depth = depth.saturating_add(1),
                (_, Some(b')')) => depth = depth.saturating_sub(1),
                (_, Some(b'{')) => {
                    open = Some(next);
                    break;
                }
                (_, Some(b';' | b'}')) => break,
                (Some(base), _) if inherits && depth == 0 => {
                    // Only the last part of a path counts: `Tool.Result` is none.
                    let goes_on =
                        matches!(self.sign(next.saturating_add(1)), Some(b'.' | b'\\' | b':'));
                    if !goes_on {
                        tool |= TOOLS.contains(&base);
                        agent |= base.ends_with("Agent") && base != "UserAgent";
                    }
                }
                (None, None) => break,
                _ => {}
            }
        }
        if tool {
            self.tool(name, name_at, open);
        } else if agent && !is_of_tests(name) {
            let Some(span) = self.tokens.get(name_at).map(|it| it.at.clone()) else {
                return;
            };
            let key = format!("{}#{name}", self.path);
            let mut draft = self.draft(AssetKind::Agent, key, name, How::Literal);
            draft.aliases.extend(self.annotated_name(at));
            self.refer(draft, &[], span);
        }
    }

    /// `@ComponentId("greeting-agent")` before a class: the name under which it runs.
    fn annotated_name(&self, class: usize) -> Option<String> {
        for back in 1..16_usize {
            let at = class.checked_sub(back)?;
            if matches!(self.sign(at), Some(b';' | b'{' | b'}')) {
                return None;
            }
            let word = at.checked_sub(2).and_then(|it| self.word(it));
            if let (Some((text, true)), Some(word)) = (self.string(at), word)
                && (word.ends_with("Id") || matches!(word, "Component" | "Named" | "Agent"))
                && !text.contains(char::is_whitespace)
            {
                return Some(text.to_owned());
            }
        }
        None
    }

    fn tool(&mut self, kind: &str, at: usize, open: Option<usize>) {
        if is_of_tests(kind) {
            return;
        }
        let end = open.and_then(|it| self.closing(it));
        let told = open.and_then(|open| {
            let end = end.unwrap_or(open.saturating_add(400).min(self.tokens.len()));
            self.name_told(open, end)
        });
        let Some(span) = self.tokens.get(at).map(|it| it.at.clone()) else {
            return;
        };
        let name = told.as_deref().unwrap_or(kind);
        let key = format!("{}#{name}", self.path);
        let mut draft = self.draft(AssetKind::Tool, key, name, How::Literal);
        if name != kind {
            draft.aliases.push(kind.to_owned());
        }
        draft.relation = RelationKind::Contains;
        self.refer(draft, &[], span);
    }

    /// The text that a type says is its name: `const NAME: &str = "add"`, `fn name(&self) -> String { "add".into() }`,
    /// `protected string $name = 'add'`.
    fn name_told(&self, open: usize, end: usize) -> Option<String> {
        for at in open..end {
            let Some(word) = self.word(at) else { continue };
            let word = word.trim_start_matches('$');
            if !matches!(word, "NAME" | "Name" | "getName" | "name") {
                continue;
            }
            let next = at.saturating_add(1)..at.saturating_add(16).min(end);
            for next in next {
                match (&self.tokens.get(next)?.kind, self.sign(next)) {
                    (Kind::Text { text, whole: true }, _) if is_name(text) => {
                        return Some(text.clone());
                    }
                    (Kind::Text { .. }, _) | (_, Some(b';' | b'}' | b',')) => break,
                    _ => {}
                }
            }
        }
        None
    }

    /// `func (t *Search) Call(ctx context.Context, …)`, `func (t *Search) Name() string`
    fn method_of_go(&mut self, at: usize) {
        let open = at.saturating_add(1);
        if self.sign(open) != Some(b'(') {
            return;
        }
        let Some(close) = self
            .closing(open)
            .filter(|close| close.saturating_sub(open) < 8)
        else {
            return;
        };
        let receiver = close.checked_sub(1).and_then(|it| self.word(it));
        let method = self.word(close.saturating_add(1));
        let (Some(receiver), Some(method)) = (receiver, method) else {
            return;
        };
        let parameters = close.saturating_add(2);
        let context = (1..5_usize)
            .any(|ahead| self.word(parameters.saturating_add(ahead)) == Some("Context"));
        let body =
            (parameters..parameters.saturating_add(60)).find(|it| self.sign(*it) == Some(b'{'));
        let text = body.and_then(|body| {
            let end = body.saturating_add(6);
            let texts = (body..end).filter_map(|it| self.string(it));
            texts
                .into_iter()
                .find(|(text, whole)| *whole && is_name(text))
        });
        let text = text.map(|(text, _)| text.to_owned());
        let span = self.tokens.get(at).map(|it| it.at.clone());
        let known = self.methods.entry(receiver).or_default();
        match method {
            "Name" => {
                known.name = text;
                known.told = true;
            }
            "Info" | "Definition" => known.told = true,
            "Call" | "Invoke" | "InvokableRun" | "StreamableRun" | "Execute" if context => {
                known.called = span;
            }
            _ => {}
        }
    }

    /// The receivers that have the methods of a tool.
    pub(super) fn tools_by_methods(&mut self) {
        for (receiver, methods) in std::mem::take(&mut self.methods) {
            let (true, Some(span)) = (methods.told, methods.called) else {
                continue;
            };
            if is_of_tests(receiver) {
                continue;
            }
            let name = methods.name.as_deref().unwrap_or(receiver);
            let key = format!("{}#{name}", self.path);
            let mut draft = self.draft(AssetKind::Tool, key, name, How::Literal);
            if name != receiver {
                draft.aliases.push(receiver.to_owned());
            }
            self.refer(draft, &[], span);
        }
    }
}

fn is_of_tests(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["mock", "fake", "stub", "dummy"]
        .iter()
        .any(|begin| name.starts_with(begin))
}

/// Whether a text can be the name of a tool.
fn is_name(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|it| it.is_ascii_alphanumeric() || b"_-./".contains(&it))
}
