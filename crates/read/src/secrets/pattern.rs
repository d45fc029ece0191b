//! What keys look like: the rules of `tables/secrets.yaml`.

use std::sync::LazyLock;

use super::alphabet::Alphabet;

/// How much a key opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// Public by design; worth knowing, since its rights may have grown.
    Public,
    /// One of two parts; worth little without the other.
    Half,
    /// One service or account.
    Key,
    /// An organisation, a whole cloud account, or an identity.
    Root,
}

/// One kind of credential.
#[derive(Debug)]
pub struct Pattern {
    /// `openai-project-key`.
    pub id: &'static str,
    /// `OpenAI project API key`.
    pub title: &'static str,
    /// The vendor it opens, by its key; `unknown` where only the context tells.
    pub vendor: &'static str,
    /// How much it opens.
    pub grade: Grade,
    pub(crate) start: Start,
    pub(crate) body: Vec<Part>,
    pub(crate) check: Check,
    /// Bits of entropy a character that the value must have at least.
    pub(crate) entropy: f32,
}

/// Where a value may begin.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// With these characters, which belong to it.
    Prefix(&'static str),
    /// Anywhere, when the name it is given to holds one of these words.
    Name(Vec<&'static str>),
    /// Anywhere, when it holds these characters and no others than letters and digits around.
    Within(&'static str),
    /// Anywhere around these characters.
    Near(&'static str),
    /// Code of its own finds it.
    Code,
}

/// A part of a value.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part {
    Text(&'static str),
    Run(Alphabet, usize, usize),
}

/// What a value must fulfil besides its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Check {
    None,
    /// A digit and a letter.
    Digit,
    /// Letters of both cases.
    Cases,
    /// A digit and letters of both cases.
    Mixed,
    /// These characters inside.
    Has(&'static str),
    /// The last six characters are the CRC-32 of those before, in base 62.
    Crc,
    /// Three characters, a digit, `Q~`.
    Entra,
}

pub(crate) static PATTERNS: LazyLock<Vec<Pattern>> =
    LazyLock::new(|| rules().iter().filter_map(parse).collect());

/// A rule as it is written.
#[derive(Debug, Default)]
pub(super) struct Rule {
    pub(super) fields: Vec<(&'static str, &'static str)>,
    /// Read by the tests only.
    pub(super) examples: Vec<&'static str>,
    pub(super) counter_examples: Vec<&'static str>,
}

impl Rule {
    pub(super) fn get(&self, key: &str) -> Option<&'static str> {
        self.fields
            .iter()
            .find(|(name, _)| *name == key)
            .map(|(_, value)| *value)
    }
}

pub(super) const TABLE: &str = include_str!("../../tables/secrets.yaml");

/// The rules of the table. Its YAML is plain enough to be read by lines without a copy; a test holds it
/// against the parser of the whole language.
pub(super) fn rules() -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    let mut list = "";
    for line in TABLE.lines() {
        let Some(first) = line.strip_prefix("- ").or_else(|| line.strip_prefix("  ")) else {
            continue;
        };
        if line.starts_with("- ") {
            rules.push(Rule::default());
        }
        let Some(rule) = rules.last_mut() else {
            continue;
        };
        if let Some(item) = first.strip_prefix("  - ") {
            match list {
                "examples" => rule.examples.push(unquoted(item)),
                _ => rule.counter_examples.push(unquoted(item)),
            }
        } else if let Some((key, value)) = first.split_once(": ") {
            rule.fields.push((key, unquoted(value)));
        } else {
            list = first.trim_end_matches(':');
        }
    }
    rules
}

fn unquoted(text: &'static str) -> &'static str {
    let inner = |quote| text.strip_prefix(quote)?.strip_suffix(quote);
    inner('"').or_else(|| inner('\'')).unwrap_or(text)
}

/// The pattern with this id.
#[must_use]
pub fn pattern(id: &str) -> Option<&'static Pattern> {
    PATTERNS.iter().find(|pattern| pattern.id == id)
}

fn parse(rule: &Rule) -> Option<Pattern> {
    Some(Pattern {
        id: rule.get("id")?,
        title: rule.get("title")?,
        vendor: rule.get("vendor")?,
        start: parse_start(rule.get("start")?),
        body: parse_body(rule.get("body")?)?,
        check: parse_check(rule.get("check").unwrap_or("-"))?,
        entropy: rule.get("entropy")?.parse().ok()?,
        grade: match rule.get("grade")? {
            "public" => Grade::Public,
            "half" => Grade::Half,
            "key" => Grade::Key,
            "root" => Grade::Root,
            _ => return None,
        },
    })
}

fn parse_start(text: &'static str) -> Start {
    if let Some(words) = text.strip_prefix("name:") {
        Start::Name(words.split(',').collect())
    } else if let Some(inside) = text.strip_prefix("within:") {
        Start::Within(inside)
    } else if let Some(inside) = text.strip_prefix("near:") {
        Start::Near(inside)
    } else if text == "-" {
        Start::Code
    } else {
        Start::Prefix(text)
    }
}

fn parse_body(text: &'static str) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    for word in text.split(' ') {
        let Some((alphabet, lengths)) = word.split_once(':').filter(|(name, _)| !name.is_empty())
        else {
            parts.push(Part::Text(word));
            continue;
        };
        if alphabet == "uuid" {
            for (index, length) in [8, 4, 4, 4, 12].into_iter().enumerate() {
                if index > 0 {
                    parts.push(Part::Text("-"));
                }
                parts.push(Part::Run(Alphabet::Hex, length, length));
            }
            continue;
        }
        let (least, most) = lengths.split_once('-').unwrap_or((lengths, lengths));
        parts.push(Part::Run(
            Alphabet::parse(alphabet)?,
            least.parse().ok()?,
            most.parse().ok()?,
        ));
    }
    Some(parts)
}

fn parse_check(text: &'static str) -> Option<Check> {
    Some(match text {
        "-" => Check::None,
        "digit" => Check::Digit,
        "cases" => Check::Cases,
        "mixed" => Check::Mixed,
        "crc" => Check::Crc,
        "entra" => Check::Entra,
        _ => Check::Has(text.strip_prefix("has=")?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_yaml_and_every_rule_of_it_parses() {
        use crate::tree::{Notation, Tree};
        let tree = Tree::parse(Notation::Yaml, TABLE, &crate::Limits::default());
        assert_eq!(tree.errors, []);
        let root = tree.root().unwrap();
        let rules = rules();
        assert_eq!(root.items().len(), rules.len());
        assert_eq!(PATTERNS.len(), rules.len());
        for (node, rule) in root.items().iter().zip(&rules) {
            for (key, value) in &rule.fields {
                assert_eq!(
                    node.get(key).and_then(|node| node.scalar()),
                    Some(*value),
                    "{key}"
                );
            }
            let listed = |key| -> Vec<&str> {
                let items = node
                    .get(key)
                    .map(crate::tree::Node::items)
                    .unwrap_or_default();
                items.iter().filter_map(|item| item.as_str()).collect()
            };
            assert_eq!(listed("examples"), rule.examples);
            assert_eq!(listed("counter_examples"), rule.counter_examples);
        }
    }

    #[test]
    fn no_key_stands_in_the_table() {
        assert!(crate::secrets::find(TABLE).is_empty());
    }

    #[test]
    fn ai_providers_are_covered_widely() {
        let vendors: std::collections::BTreeSet<&str> = PATTERNS
            .iter()
            .map(|pattern| pattern.vendor)
            .filter(|vendor| crate::vendors::find(vendor).is_some())
            .collect();
        assert!(vendors.len() >= 55, "{}", vendors.len());
    }
}
