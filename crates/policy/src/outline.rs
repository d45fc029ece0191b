//! What a source declares: its package, its imports and its rules.

use serde::Serialize;

use crate::source::Version;

/// What one source declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// The name of the source.
    pub file: String,
    /// The version it was read as.
    pub version: Version,
    /// The parts of the name of its package.
    pub package: Vec<String>,
    /// The line of the package.
    pub line: u32,
    /// What it imports.
    pub imports: Vec<Import>,
    /// Its rules, in order; a rule with several definitions comes several times.
    pub rules: Vec<Rule>,
}

/// An import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// The parts of what is imported.
    pub path: Vec<String>,
    /// The name it has here.
    pub name: String,
    /// The line.
    pub line: u32,
}

/// A definition of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The parts of its name within the package, up to the first that is not constant.
    pub name: Vec<String>,
    /// What it gives.
    pub form: Form,
    /// Whether it is the default of the rule.
    pub default: bool,
    /// The line.
    pub line: u32,
    /// The character of the line.
    pub column: u32,
}

/// What a rule gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// One value.
    Value,
    /// A set, an element from each definition.
    Set,
    /// A value for arguments.
    Function,
}

impl Module {
    /// The package, as it is written.
    #[must_use]
    pub fn package_name(&self) -> String {
        joined(&self.package)
    }

    /// The full name of a rule, `data.package.rule`.
    #[must_use]
    pub fn full_name(&self, rule: &Rule) -> String {
        let mut parts = vec!["data".to_owned()];
        parts.extend(self.package.iter().cloned());
        parts.extend(rule.name.iter().cloned());
        joined(&parts)
    }
}

/// A reference with these parts, as it is written in Rego.
#[must_use]
pub fn joined(parts: &[String]) -> String {
    let mut all = String::new();
    for (number, part) in parts.iter().enumerate() {
        let plain = !part.is_empty()
            && !part.starts_with(|first: char| first.is_ascii_digit())
            && part
                .chars()
                .all(|it| it.is_ascii_alphanumeric() || it == '_')
            && !crate::lexer::KEYWORDS.contains(&part.as_str());
        if number == 0 {
            all.push_str(part);
        } else if plain {
            all.push('.');
            all.push_str(part);
        } else {
            all.push('[');
            all.push_str(&serde_json::Value::from(part.as_str()).to_string());
            all.push(']');
        }
    }
    all
}
