//! What the formats call the same thing: the table of kinds, and the rule for what is not in it.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use crate::resource::Format;

/// How the meaning of an attribute changes on its way into the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// As it is.
    Same,
    /// A boolean the other way round.
    Not,
    /// `Enabled` and `Disabled` as a boolean.
    Enabled,
}

#[derive(Debug)]
pub(crate) struct Move {
    pub(crate) format: &'static str,
    pub(crate) from: &'static str,
    pub(crate) to: &'static str,
    pub(crate) turn: Turn,
}

#[derive(Debug, Default)]
pub(crate) struct Kind {
    pub(crate) name: Arc<str>,
    pub(crate) moves: Vec<Move>,
    pub(crate) lists: Vec<&'static str>,
}

struct Table {
    kinds: Vec<Kind>,
    types: HashMap<String, usize>,
    /// Lines that say nothing; a test wants none.
    bad: Vec<&'static str>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table {
        kinds: Vec::new(),
        types: HashMap::new(),
        bad: Vec::new(),
    };
    for line in include_str!("kinds.txt").lines() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some((name, types)) = line.split_once(" = ") {
            let at = table.kinds.len();
            let types = types.split_whitespace();
            table
                .types
                .extend(types.map(|one| (one.to_lowercase(), at)));
            table.kinds.push(Kind {
                name: name.into(),
                ..Kind::default()
            });
            continue;
        }
        let words: Vec<&'static str> = line.split_whitespace().collect();
        let Some(kind) = table.kinds.last_mut() else {
            table.bad.push(line);
            continue;
        };
        match words.as_slice() {
            ["list", name] => kind.lists.push(name),
            [to, "<-", format, from, turn @ ..] => {
                let turn = match turn {
                    ["not"] => Turn::Not,
                    ["enabled"] => Turn::Enabled,
                    _ => Turn::Same,
                };
                kind.moves.push(Move {
                    format,
                    from,
                    to,
                    turn,
                });
            }
            _ => table.bad.push(line),
        }
    }
    table
});

/// What the table says about a type.
pub(crate) fn known(of_type: &str) -> Option<&'static Kind> {
    let plain = of_type.split('@').next().unwrap_or(of_type);
    let at = TABLE.types.get(&plain.to_lowercase())?;
    TABLE.kinds.get(*at)
}

/// Lines of the table that are not understood.
#[cfg(test)]
pub(crate) fn bad() -> &'static [&'static str] {
    &TABLE.bad
}

/// The kind of a type: of the table, or made of its words.
pub(crate) fn name(format: Format, of_type: &str) -> Arc<str> {
    if let Some(kind) = known(of_type) {
        return Arc::clone(&kind.name);
    }
    let made = match format {
        Format::Terraform => {
            let (provider, rest) = of_type.split_once('_').unwrap_or((of_type, ""));
            let provider = if provider == "azurerm" {
                "azure"
            } else {
                provider
            };
            let services = [
                "vertex_ai",
                "dialogflow_cx",
                "model_armor",
                "machine_learning",
                "key_vault",
            ];
            let service = services.iter().find(|service| {
                rest.strip_prefix(**service)
                    .is_some_and(|after| after.starts_with('_'))
            });
            let (service, rest) = match service {
                Some(service) => (*service, rest.get(service.len().saturating_add(1)..)),
                None => match rest.split_once('_') {
                    Some((service, rest)) => (service, Some(rest)),
                    None => (rest, None),
                },
            };
            match rest {
                Some(rest) => format!("{provider}/{service}/{rest}"),
                None => format!("{provider}/{service}"),
            }
        }
        Format::CloudFormation => {
            let mut parts = of_type.split("::");
            let (vendor, service) = (
                parts.next().unwrap_or_default(),
                parts.next().unwrap_or_default(),
            );
            let rest = snake(parts.next().unwrap_or_default());
            format!(
                "{}/{}/{rest}",
                vendor.to_lowercase(),
                service.to_lowercase()
            )
        }
        Format::Arm => {
            let plain = of_type.split('@').next().unwrap_or(of_type);
            let plain = plain.strip_prefix("Microsoft.").unwrap_or(plain);
            format!(
                "azure/{}",
                plain.split('/').map(snake).collect::<Vec<_>>().join("/")
            )
        }
    };
    made.replace('_', "-").into()
}

/// `KmsKeyId` and `kmsKeyId` to `kms_key_id`, `VPCConfig` to `vpc_config`.
pub(crate) fn snake(name: &str) -> String {
    let mut out = String::with_capacity(name.len().saturating_add(8));
    let mut before = ' ';
    let mut letters = name.chars().peekable();
    while let Some(c) = letters.next() {
        let next_small = letters.peek().is_some_and(char::is_ascii_lowercase);
        let starts = c.is_ascii_uppercase()
            && (before.is_ascii_lowercase()
                || before.is_ascii_digit()
                || before.is_ascii_uppercase() && next_small);
        if starts && !out.ends_with('_') {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
        before = c;
    }
    out
}
