//! Tools that take the place of others: the same name, one that looks the same, or a description about another's tool.

use super::super::capability::identifier;
use super::super::words::fold;
use super::Offered;

/// What a name looks like: small, without borders, lookalikes brought together.
#[must_use]
pub fn skeleton(name: &str) -> String {
    let mut folded = String::new();
    fold(name, &mut folded);
    let mut out = String::with_capacity(folded.len());
    for character in folded.chars() {
        let plain = match character {
            // Cyrillic and Greek letters that look like Latin ones.
            'а' | 'α' => 'a',
            'в' | 'β' => 'b',
            'с' | 'ϲ' => 'c',
            'ԁ' => 'd',
            'е' | 'ε' => 'e',
            'һ' => 'h',
            '1' | 'i' | 'і' | 'ι' | '|' | 'ӏ' => 'l',
            'ј' => 'j',
            'к' | 'κ' => 'k',
            'м' => 'm',
            'ո' | 'η' => 'n',
            '0' | 'о' | 'ο' => 'o',
            'р' | 'ρ' => 'p',
            'ѕ' | '5' => 's',
            'т' | 'τ' => 't',
            'υ' | 'ս' => 'u',
            'ѵ' | 'ν' => 'v',
            'ԝ' | 'ω' => 'w',
            'х' | 'χ' => 'x',
            'у' | 'γ' => 'y',
            other => other,
        };
        if plain.is_alphanumeric() {
            out.push(plain);
        }
    }
    out.replace("rn", "m").replace("vv", "w")
}

/// Whether `description` speaks about the tool named `other`: by its very name, or all of its words in a row.
#[must_use]
pub fn speaks_about(description: &str, other: &str) -> bool {
    let words = identifier(other);
    // A name of one plain word, such as `search`, stands in many descriptions.
    if words.len() < 2 {
        return false;
    }
    let mut folded = String::new();
    fold(description, &mut folded);
    let mut name = String::new();
    fold(other, &mut name);
    let plain = |character: char| character.is_alphanumeric() || character == '_';
    folded.match_indices(&name).any(|(at, found)| {
        let before = folded.get(..at).unwrap_or_default().chars().next_back();
        let end = at.saturating_add(found.len());
        let behind = folded.get(end..).unwrap_or_default().chars().next();
        !before.is_some_and(plain) && !behind.is_some_and(plain)
    })
}

/// The tool of another server that `tool` could be taken for, or that it speaks about.
pub(super) fn shadowed<'o>(
    tool: &Offered<'_>,
    all: &[Offered<'o>],
) -> Option<(&'o str, &'static str)> {
    let own = skeleton(tool.name);
    let others = all.iter().filter(|other| other.server != tool.server);
    for other in others {
        if other.name == tool.name {
            return Some((other.name, "has the name of another server's tool"));
        }
        if skeleton(other.name) == own {
            return Some((
                other.name,
                "has a name that looks like another server's tool",
            ));
        }
        if speaks_about(tool.description, other.name) {
            return Some((other.name, "speaks about another server's tool"));
        }
    }
    None
}
