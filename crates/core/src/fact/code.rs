//! Source code: what it imports, what it calls, which assets it names.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::asset::{AssetKind, How};
use crate::evidence::Evidence;
use crate::relation::RelationKind;

/// A programming language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// Python, in a file or a notebook cell.
    Python,
    /// JavaScript or TypeScript.
    JavaScript,
    /// Go.
    Go,
    /// Java.
    Java,
    /// Kotlin.
    Kotlin,
    /// C#.
    CSharp,
    /// Rust.
    Rust,
    /// Ruby.
    Ruby,
    /// PHP.
    Php,
    /// Templates of infrastructure and the files of values that go with them.
    Configuration,
}

/// What one source file imports and calls, restricted to what a rule or the
/// SDK catalogue is interested in.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Code {
    /// The language.
    pub language: Language,
    /// Imports of modules that matter, in order.
    pub imports: Vec<Import>,
    /// Calls that matter, in order.
    pub calls: Vec<CodeCall>,
}

/// An import statement.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Import {
    /// Dotted module path as written.
    pub module: String,
    /// Where.
    pub evidence: Evidence,
}

/// A call whose callee was resolved through the imports of the file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CodeCall {
    /// Dotted name after resolving import aliases: `torch.load`,
    /// `transformers.AutoModel.from_pretrained`; `eval` for a built-in. A method
    /// of an object whose class is known from its constructor is `module.Class().method`.
    pub callee: String,
    /// Arguments in order.
    pub arguments: Vec<Argument>,
    /// Whether it has `*args` or `**kwargs`, so that arguments may be missing from the list.
    pub open_ended: bool,
    /// Where; the caret covers the callee.
    pub evidence: Evidence,
}

impl CodeCall {
    /// The value of the keyword argument `name`.
    #[must_use]
    pub fn keyword(&self, name: &str) -> Option<&Value> {
        self.arguments
            .iter()
            .find(|argument| argument.name.as_deref() == Some(name))
            .map(|argument| &argument.value)
    }

    /// The value of the positional argument at `index`, from 0.
    #[must_use]
    pub fn positional(&self, index: usize) -> Option<&Value> {
        self.arguments
            .iter()
            .filter(|argument| argument.name.is_none())
            .nth(index)
            .map(|argument| &argument.value)
    }

    /// The argument that Python binds to `name` when it is also at `index` in the signature.
    #[must_use]
    pub fn argument(&self, index: usize, name: &str) -> Option<&Value> {
        self.keyword(name).or_else(|| self.positional(index))
    }
}

/// One argument of a call.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Argument {
    /// The keyword, if it has one.
    pub name: Option<String>,
    /// What is passed.
    pub value: Value,
}

/// What is known about an expression without running anything.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// A string; `how` tells a literal from a constant that was followed.
    Text {
        /// The string.
        text: String,
        /// Literal, Constant or Default.
        how: How,
    },
    /// An integer.
    Integer(i64),
    /// `True` or `False`.
    Boolean(bool),
    /// `None` or `null`.
    Null,
    /// An environment variable, with its default where that is known.
    Environment {
        /// The variable.
        variable: String,
        /// The default.
        default: Option<String>,
    },
    /// A list, tuple or set.
    List(Vec<Self>),
    /// A dictionary or object with known keys.
    Map(BTreeMap<String, Self>),
    /// A name that resolves to something imported or defined, dotted.
    Name(String),
    /// The result of a call; the callee, dotted. A parameter that whoever calls a function from outside
    /// fills in is a [`Value::Name`] that begins with [`Value::REQUEST`] or [`Value::TOOL`].
    Call(String),
    /// A text put together of these parts, of which one at least came from elsewhere.
    Joined(Vec<Self>),
    /// Anything else.
    Unknown,
}

impl Value {
    /// How the name of a parameter begins that a web framework fills in from a request. A hyphen, so that no
    /// program can write it.
    pub const REQUEST: &str = "request-argument.";
    /// How the name of a parameter begins that a model fills in when it calls a tool.
    pub const TOOL: &str = "tool-argument.";

    /// The string, if it is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The boolean, if it is one.
    #[must_use]
    pub fn boolean(&self) -> Option<bool> {
        match self {
            Self::Boolean(value) => Some(*value),
            _ => None,
        }
    }
}

/// A place that names an asset: a model in a call, a provider behind an import, a dataset, an
/// environment variable that holds a key.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reference {
    /// What is named.
    pub kind: AssetKind,
    /// Canonical natural key, see [`crate::AssetId`]: `openai/gpt-4o`, `pkg:huggingface/org/name`.
    pub key: String,
    /// What people call it.
    pub name: String,
    /// Other spellings seen here.
    pub aliases: Vec<String>,
    /// How it is known.
    pub how: How,
    /// What the application has to do with it.
    pub relation: RelationKind,
    /// The vendor behind it, by its key, where known: `openai`.
    pub vendor: Option<String>,
    /// Details. `role`: what it is there for (`chat`, `embedding`, `base`, `output`, `training`,
    /// `evaluation`, `guardrail`, `memory` ...). `unresolved`: why its name is not known, with
    /// [`How::Unresolved`]. `revision`, `split`, `task`, `base_url`, `default` and what else is seen.
    pub attributes: BTreeMap<String, serde_json::Value>,
    /// Where.
    pub evidence: Evidence,
}
