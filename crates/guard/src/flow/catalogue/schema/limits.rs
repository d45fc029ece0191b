//! Looking a schema through before it is used.

use std::collections::BTreeMap;

use regex_automata::meta::{Config, Regex};
use regex_automata::util::syntax;
use serde_json::Value;

/// How much a schema may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Deepest nesting, of the schema and of a check.
    pub depth: usize,
    /// Values in it.
    pub nodes: usize,
    /// Different patterns.
    pub patterns: usize,
    /// Bytes of one pattern.
    pub pattern: usize,
    /// Bytes that the automaton of one pattern may take.
    pub automaton: usize,
    /// Steps of one check.
    pub steps: usize,
    /// Faults that are told.
    pub faults: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: 48,
            nodes: 20_000,
            patterns: 128,
            pattern: 1024,
            automaton: 1 << 18,
            steps: 50_000,
            faults: 16,
        }
    }
}

/// Why a schema is not used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Nested too deep.
    #[error("{pointer}: it is nested more than {limit} deep")]
    Deep {
        /// Where.
        pointer: String,
        /// How deep is allowed.
        limit: usize,
    },
    /// Too much of it.
    #[error("it has more than {0} values")]
    Large(usize),
    /// A reference that leaves the document.
    #[error("{pointer}: references to elsewhere are not followed")]
    Elsewhere {
        /// Where.
        pointer: String,
    },
    /// A reference to nothing.
    #[error("{pointer}: there is nothing where it points to")]
    Dangling {
        /// Where.
        pointer: String,
    },
    /// Too many patterns.
    #[error("it has more than {0} patterns")]
    Patterns(usize),
    /// No regular expression, or one that would cost too much.
    #[error(
        "{pointer}: the pattern cannot be used; look-around and references back are not known, and its size is limited"
    )]
    Pattern {
        /// Where.
        pointer: String,
    },
    /// Neither an object nor a truth value.
    #[error("{pointer}: a schema is an object, true or false")]
    NoSchema {
        /// Where.
        pointer: String,
    },
}

pub(super) struct Looked {
    pub(super) patterns: BTreeMap<String, Regex>,
    pub(super) unknown: Vec<String>,
}

/// Keywords that are checked.
pub(super) const CHECKED: [&str; 34] = [
    "$ref",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
    "type",
    "enum",
    "const",
    "properties",
    "patternProperties",
    "additionalProperties",
    "propertyNames",
    "required",
    "dependentRequired",
    "minProperties",
    "maxProperties",
    "items",
    "prefixItems",
    "contains",
    "minContains",
    "maxContains",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minLength",
    "maxLength",
    "pattern",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
];

/// Keywords that say something for people or tools only.
const SILENT: [&str; 21] = [
    "title",
    "description",
    "default",
    "examples",
    "example",
    "$schema",
    "$id",
    "$comment",
    "$defs",
    "definitions",
    "format",
    "deprecated",
    "readOnly",
    "writeOnly",
    "contentEncoding",
    "contentMediaType",
    "multipleOf",
    "nullable",
    "$anchor",
    "discriminator",
    "additionalItems",
];

pub(super) fn look(root: &Value, limits: Limits) -> Result<Looked, Refused> {
    if !matches!(root, Value::Object(_) | Value::Bool(_)) {
        return Err(Refused::NoSchema {
            pointer: String::new(),
        });
    }
    let mut looked = Looked {
        patterns: BTreeMap::new(),
        unknown: Vec::new(),
    };
    let mut nodes = 0_usize;
    // Whether the value is a schema, whose members are keywords, or something within one.
    let mut open = vec![(root, String::new(), 0_usize, true)];
    while let Some((value, pointer, depth, is_schema)) = open.pop() {
        nodes = nodes.saturating_add(1);
        if nodes > limits.nodes {
            return Err(Refused::Large(limits.nodes));
        }
        if depth > limits.depth {
            return Err(Refused::Deep {
                pointer,
                limit: limits.depth,
            });
        }
        let inner = depth.saturating_add(1);
        match value {
            Value::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    open.push((item, format!("{pointer}/{at}"), inner, is_schema));
                }
            }
            Value::Object(members) => {
                for (name, member) in members {
                    let at = format!("{pointer}/{}", escape(name));
                    if is_schema {
                        keyword(root, name, member, &at, limits, &mut looked)?;
                    }
                    let data = matches!(
                        name.as_str(),
                        "enum"
                            | "const"
                            | "default"
                            | "examples"
                            | "example"
                            | "required"
                            | "dependentRequired"
                    );
                    let map = matches!(
                        name.as_str(),
                        "properties" | "patternProperties" | "$defs" | "definitions"
                    );
                    let named = is_schema && map;
                    if named && name == "patternProperties" {
                        for pattern in member
                            .as_object()
                            .into_iter()
                            .flatten()
                            .map(|(name, _)| name)
                        {
                            compile(pattern, &at, limits, &mut looked)?;
                        }
                    }
                    if is_schema && data {
                        open.push((member, at, inner, false));
                    } else if named {
                        // Its members are schemas, its own names are no keywords.
                        for (name, member) in member.as_object().into_iter().flatten() {
                            open.push((
                                member,
                                format!("{at}/{}", escape(name)),
                                inner.saturating_add(1),
                                true,
                            ));
                        }
                    } else {
                        open.push((member, at, inner, is_schema));
                    }
                }
            }
            _ => {}
        }
    }
    looked.unknown.sort();
    looked.unknown.dedup();
    Ok(looked)
}

fn keyword(
    root: &Value,
    name: &str,
    member: &Value,
    pointer: &str,
    limits: Limits,
    looked: &mut Looked,
) -> Result<(), Refused> {
    match (name, member) {
        ("$ref", Value::String(reference)) => {
            let Some(local) = reference.strip_prefix('#') else {
                return Err(Refused::Elsewhere {
                    pointer: pointer.to_owned(),
                });
            };
            if root.pointer(local).is_none() {
                return Err(Refused::Dangling {
                    pointer: pointer.to_owned(),
                });
            }
        }
        ("$dynamicRef" | "$recursiveRef", _) => {
            return Err(Refused::Elsewhere {
                pointer: pointer.to_owned(),
            });
        }
        ("pattern", Value::String(pattern)) => compile(pattern, pointer, limits, looked)?,
        _ => {
            if !CHECKED.contains(&name)
                && !SILENT.contains(&name)
                && !name.starts_with("x-")
                && looked.unknown.len() < 32
            {
                looked.unknown.push(name.to_owned());
            }
        }
    }
    Ok(())
}

fn compile(
    pattern: &str,
    pointer: &str,
    limits: Limits,
    looked: &mut Looked,
) -> Result<(), Refused> {
    if looked.patterns.contains_key(pattern) {
        return Ok(());
    }
    if looked.patterns.len() >= limits.patterns {
        return Err(Refused::Patterns(limits.patterns));
    }
    let refused = || Refused::Pattern {
        pointer: pointer.to_owned(),
    };
    if pattern.len() > limits.pattern {
        return Err(refused());
    }
    let regex = Regex::builder()
        .configure(Config::new().nfa_size_limit(Some(limits.automaton)))
        .syntax(syntax::Config::new().nest_limit(32))
        .build(pattern)
        .map_err(|_| refused())?;
    looked.patterns.insert(pattern.to_owned(), regex);
    Ok(())
}

/// A name as a part of a JSON pointer (RFC 6901).
pub(super) fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
