//! Parameters and variables of a template, and what an expression comes to.

use std::collections::HashMap;

use stance_core::How;
use stance_read::tree::Node;

/// A text with how it is known, or why it is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Resolved {
    Text(String, How),
    Unknown(String),
}

/// The names of a template with their values; `None` for a parameter without a default.
#[derive(Default)]
pub(super) struct Scope<'n> {
    names: HashMap<String, (Option<&'n Node>, How)>,
}

/// Most steps from name to name.
const STEPS: usize = 8;

impl<'n> Scope<'n> {
    pub(super) fn parameter(&mut self, name: &str, default: Option<&'n Node>) {
        self.names.insert(name.to_owned(), (default, How::Default));
    }

    pub(super) fn constant(&mut self, name: &str, value: &'n Node) {
        self.names
            .insert(name.to_owned(), (Some(value), How::Constant));
    }

    /// The parameter for which a node waits: it has no default, or an empty one.
    pub(super) fn waits_for<'t>(&self, node: &'t Node) -> Option<String>
    where
        'n: 't,
    {
        match self.text(node) {
            Resolved::Unknown(why) => {
                let name = why
                    .strip_prefix("parameter ")
                    .and_then(|rest| rest.strip_suffix(" without a default"))
                    // A variable that another file of the directory declares.
                    .or_else(|| {
                        why.strip_prefix("set from outside: ")
                            .filter(|_| node.scalar().is_some_and(|it| it.contains("var.")))
                    });
                name.map(str::to_owned)
            }
            Resolved::Text(text, _) if text.is_empty() => {
                name_of(node.scalar()?).map(str::to_owned)
            }
            Resolved::Text(..) => None,
        }
    }

    /// What a node comes to.
    pub(super) fn text(&self, node: &Node) -> Resolved {
        let mut node = node;
        let mut how = How::Configuration;
        for _ in 0..STEPS {
            // CloudFormation in JSON: `{"Ref": "Name"}`.
            if let Some(name) = node.get("Ref").and_then(Node::as_str) {
                match self.names.get(name) {
                    Some((Some(next), known)) => (node, how) = (next, *known),
                    _ => return Resolved::Unknown(format!("parameter {name} without a default")),
                }
                continue;
            }
            if let Some(text) = node.get("Fn::Sub").and_then(Node::as_str) {
                return self.finish(text, how);
            }
            let Some(text) = node.scalar() else {
                return Resolved::Unknown("computed".to_owned());
            };
            let Some(name) = name_of(text) else {
                return self.finish(text, how);
            };
            match self.names.get(name) {
                Some((Some(next), known)) if next.scalar().is_some() => {
                    (node, how) = (next, *known);
                }
                Some((None, _)) => {
                    return Resolved::Unknown(format!("parameter {name} without a default"));
                }
                // A tag such as `!Ref` leaves only the name; a plain text may be called alike.
                None if !text.starts_with(['$', '[']) => return self.finish(text, how),
                _ => return Resolved::Unknown(format!("set from outside: {name}")),
            }
        }
        Resolved::Unknown("defined in a circle".to_owned())
    }

    fn finish(&self, text: &str, how: How) -> Resolved {
        // What stands behind the last variable part may be all that matters: `arn:…:${region}::foundation-model/x`.
        if let Some((_, model)) = text.rsplit_once("foundation-model/")
            && !model.contains('$')
        {
            return Resolved::Text(model.to_owned(), how);
        }
        if let Some(branch) = branches(text).into_iter().find_map(|raw| literal(raw)) {
            return Resolved::Text(branch.to_owned(), How::Default);
        }
        if text.contains("${") || (text.starts_with('[') && text.ends_with(']')) {
            return Resolved::Unknown(format!("computed: {text}"));
        }
        Resolved::Text(text.to_owned(), how)
    }
}

/// The name that an expression consists of: `${var.x}`, `${x}`, `[parameters('x')]`, `x`.
fn name_of(text: &str) -> Option<&str> {
    let inner = match text
        .strip_prefix("${")
        .and_then(|rest| rest.strip_suffix('}'))
    {
        Some(inner) => inner.trim(),
        None => match text
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
        {
            Some(inner) => {
                let inner = inner
                    .strip_prefix("parameters('")
                    .or_else(|| inner.strip_prefix("variables('"))?;
                inner.strip_suffix("')")?
            }
            None => text,
        },
    };
    let name = inner
        .strip_prefix("var.")
        .or_else(|| inner.strip_prefix("local."))
        .unwrap_or(inner);
    let plain = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    plain.then_some(name)
}

/// The two branches of a condition: `${c ? a : b}`.
fn branches(text: &str) -> Vec<&str> {
    let inner = text
        .strip_prefix("${")
        .and_then(|rest| rest.strip_suffix('}'));
    let Some((_, rest)) = inner.and_then(|inner| inner.split_once('?')) else {
        return Vec::new();
    };
    match rest.split_once(" : ") {
        Some((one, other)) => vec![one.trim(), other.trim()],
        None => Vec::new(),
    }
}

/// A quoted text without variable parts.
fn literal(raw: &str) -> Option<&str> {
    let inner = ['\'', '"']
        .iter()
        .find_map(|quote| raw.strip_prefix(*quote)?.strip_suffix(*quote))?;
    (!inner.is_empty() && !inner.contains(['$', '\'', '"', '?'])).then_some(inner)
}
