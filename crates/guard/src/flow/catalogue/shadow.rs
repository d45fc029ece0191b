//! Tools that take the place of others: the same name, one that looks the same, or a description about another's tool.

use super::super::capability::identifier;
use super::super::fold::fold;
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
    named(other).is_some_and(|name| speaks(&folded(description), &name))
}

fn folded(text: &str) -> String {
    let mut out = String::new();
    fold(text, &mut out);
    out
}

/// A name as it is looked for in descriptions. One of a plain word, such as `search`, stands in many.
fn named(name: &str) -> Option<String> {
    (identifier(name).len() >= 2).then(|| folded(name))
}

fn speaks(description: &str, name: &str) -> bool {
    let plain = |character: char| character.is_alphanumeric() || character == '_';
    description.match_indices(name).any(|(at, found)| {
        let before = description
            .get(..at)
            .unwrap_or_default()
            .chars()
            .next_back();
        let end = at.saturating_add(found.len());
        let behind = description.get(end..).unwrap_or_default().chars().next();
        !before.is_some_and(plain) && !behind.is_some_and(plain)
    })
}

/// Whether one name could be taken for the other: the same one of two words and more, which servers do not come to by
/// chance, or one with letters that look like others.
pub(super) fn is_lookalike(name: &str, other: &str) -> bool {
    if plain(name) == plain(other) {
        return identifier(name).len() >= 2;
    }
    skeleton(name) == skeleton(other)
}

/// A name without case and borders, its letters as they are.
fn plain(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// The server that a name tells, as hosts of MCP write it: `mcp__SERVER__TOOL`.
fn server_of(name: &str) -> Option<(&str, &str)> {
    name.strip_prefix("mcp__")?.split_once("__")
}

/// The tools of `all` that could be taken for one of another server, or speak about one. Where a model sees the server in
/// the name, the same name of another server misleads nobody.
pub(super) fn shadowed(all: &[Offered<'_>]) -> Vec<(usize, &'static str)> {
    let sides: Vec<(&str, &str)> = all
        .iter()
        .map(|tool| match server_of(tool.name) {
            Some((server, name)) if tool.server.is_empty() => (server, name),
            _ => (tool.server, tool.name),
        })
        .collect();
    let has_one = sides.windows(2).all(|pair| match pair {
        [(one, _), (other, _)] => one == other,
        _ => true,
    });
    if has_one {
        return Vec::new();
    }
    let names: Vec<[Option<String>; 2]> = all
        .iter()
        .zip(&sides)
        .map(|(tool, (_, name))| [named(tool.name), named(name)])
        .collect();
    let mut found = Vec::new();
    for (at, (tool, (server, name))) in all.iter().zip(&sides).enumerate() {
        // What an application says of its own tools is its own matter.
        if server.is_empty() {
            continue;
        }
        let description = folded(tool.description);
        let note = sides
            .iter()
            .zip(&names)
            .find_map(|((other, other_name), names)| {
                if other == server {
                    return None;
                }
                if !tool.server.is_empty() && is_lookalike(name, other_name) {
                    return Some(
                        "has the name of another server's tool, or one that looks like it",
                    );
                }
                let mut names = names.iter().flatten();
                names
                    .any(|name| speaks(&description, name))
                    .then_some("speaks about another server's tool")
            });
        found.extend(note.map(|note| (at, note)));
    }
    found
}
