//! Calls, literals and attributes that the catalogue knows, and their arguments.

use std::ops::Range;

use stance_code::models::recognise;
use stance_core::{AssetKind, How, RelationKind};

use super::catalogue::{APIS, Api, Form, Makes, PACKAGES, Where};
use super::imports::ANY;
use super::scan::{ARGUMENTS, Scan};
use super::tokens::Dialect;
use crate::names::description_of;

impl<'a> Scan<'a> {
    /// A call, literal or attribute of the catalogue.
    pub(super) fn named(&mut self, word: &str, at: usize) {
        // One call may name a model and make an agent, and each of them once.
        let mut made: Vec<Makes> = Vec::new();
        for api in APIS.iter() {
            if api.name == word
                && api.language == self.language
                && (self.known.contains(&api.import) || (api.import == ANY && self.uses_ai()))
                && !made.contains(&api.makes)
                && let Some((name, span, how)) = self.name_of(api, at)
            {
                made.push(api.makes);
                self.found(api, &name, span, how, at);
            }
        }
    }

    /// Whether the only argument of a call is a variable that is called after no model.
    fn hands_on(&self, open: usize) -> bool {
        let first = open.saturating_add(1);
        let alone = self.sign(first.saturating_add(1)) == Some(b')');
        alone
            && self.word(first).is_some_and(|word| {
                word.starts_with(|it: char| it.is_ascii_lowercase()) && !word.contains("model")
            })
    }

    /// Where the arguments of a call begin: behind its word, or behind the word that makes one (`Name::new(`).
    pub(super) fn opening_of_call(&self, at: usize) -> usize {
        let open = at.saturating_add(1);
        // Parameters of types: `extractor::<Counter>(`, `new Store<>(`.
        let behind = self.behind_parameters(open);
        if self.sign(behind) == Some(b'(') {
            return behind;
        }
        let joint = match (self.sign(open), self.sign(open.saturating_add(1))) {
            (Some(b'.'), _) => open.saturating_add(1),
            (Some(b':'), Some(b':')) | (Some(b'-'), Some(b'>')) => open.saturating_add(2),
            _ => return open,
        };
        let paren = joint.saturating_add(1);
        match self.word(joint) {
            Some("new" | "make") if self.sign(paren) == Some(b'(') => paren,
            _ => open,
        }
    }

    /// What stands behind the parameters of a type, if any stand here.
    pub(super) fn behind_parameters(&self, at: usize) -> usize {
        let mut next = at;
        if self.sign(next) == Some(b':') && self.sign(next.saturating_add(2)) == Some(b'<') {
            next = next.saturating_add(2);
        }
        if self.sign(next) != Some(b'<') {
            return at;
        }
        let mut depth = 0_usize;
        for _ in 0..40_usize {
            match self.sign(next) {
                Some(b'<') => depth = depth.saturating_add(1),
                Some(b'>') => depth = depth.saturating_sub(1),
                Some(b'(' | b')' | b';' | b'{') => return at,
                _ => {}
            }
            next = next.saturating_add(1);
            if depth == 0 {
                return next;
            }
        }
        at
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
        let open = self.opening_of_call(at);
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
                match api.at {
                    // An agent that is handed to something else is made already.
                    Where::Owner if api.name == "agent" && self.hands_on(open) => None,
                    Where::Owner => self.named_inside(open).or_else(|| self.owned(at)),
                    wanted => self.argument(open, wanted),
                }
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
                Where::Owner => false,
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
            // `nameof(Tool)` of C#.
            if self.word(at) == Some("nameof")
                && let Some(name) = self.word(at.saturating_add(2))
            {
                return Some((name.to_owned(), span, How::Literal));
            }
            if let Some(name) = self.word(at)
                && let Some(constant) = self.constants.get(name).filter(|it| it.whole)
            {
                return Some((constant.text.clone().into_owned(), span, How::Constant));
            }
            if let Where::Position(_) = wanted
                && self.sign(at) != Some(b'(')
            {
                return None;
            }
        }
        None
    }

    /// `Name.builder().a(...).name("...")`
    fn chained(&self, from: usize, wanted: Where) -> Option<(String, Range<usize>, How)> {
        let keyword = match wanted {
            Where::Keyword(keyword) => keyword,
            Where::Owner => return self.owned(from.checked_sub(1)?),
            Where::Position(_) => return None,
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
            Makes::VectorStore => AssetKind::VectorStore,
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
            AssetKind::VectorStore => (format!("{}/{name}", api.import), RelationKind::Reads),
            _ => (format!("{}#{name}", self.path), RelationKind::Exposes),
        };
        let name = name.trim_start_matches('$');
        let mcp = api.import.to_ascii_lowercase().contains("mcp")
            || api.name.starts_with("Mcp")
            || api.import.contains("modelcontextprotocol");
        let relation = if api.makes == Makes::McpClient {
            RelationKind::Calls
        } else if mcp || matches!(kind, AssetKind::Model | AssetKind::VectorStore) {
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
        if how == How::Unresolved {
            let why = format!("constant {name} of another file");
            attributes.push(("unresolved", why.into()));
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
