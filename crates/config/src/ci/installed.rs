//! Packages of AI that a script installs: `npm install -g @google/gemini-cli@latest`, `pip install openai==1.2`.

use stance_code::packages::category;
use stance_core::asset::AssetKind;
use stance_core::fact::Ecosystem;
use stance_core::relation::RelationKind;

use super::Reader;
use crate::draft::Draft;

/// A package among the words of a command.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Installed {
    /// The word as it stands.
    pub(super) word: String,
    pub(super) ecosystem: Ecosystem,
    pub(super) name: String,
    pub(super) version: Option<String>,
}

/// Most packages of one command.
const MOST: usize = 64;

/// The packages of AI that a command installs; the words begin with the program.
pub(super) fn of_command(words: &[String]) -> Vec<Installed> {
    let word = |at: usize| words.get(at).map(String::as_str).unwrap_or_default();
    let (ecosystem, from) = match (word(0), word(1), word(2)) {
        ("npm", "install" | "i" | "add" | "ci", _)
        | ("pnpm" | "yarn" | "bun", "add" | "install" | "i", _) => (Ecosystem::Npm, 2),
        ("yarn", "global", "add") => (Ecosystem::Npm, 3),
        ("pip" | "pip3" | "pipx", "install", _) | ("uv" | "poetry" | "pdm", "add", _) => {
            (Ecosystem::Pypi, 2)
        }
        ("uv", "pip" | "tool", "install") => (Ecosystem::Pypi, 3),
        _ => return Vec::new(),
    };
    let words = words.get(from..).unwrap_or_default();
    let packages = words.iter().filter(|word| !word.starts_with('-'));
    packages
        .filter_map(|word| one(word, ecosystem))
        .take(MOST)
        .collect()
}

fn one(word: &str, ecosystem: Ecosystem) -> Option<Installed> {
    let (name, version) = match ecosystem {
        Ecosystem::Npm => match word.rfind('@') {
            Some(at) if at > 0 => (word.get(..at)?, word.get(at.saturating_add(1)..)),
            _ => (word, None),
        },
        _ => {
            let end = word
                .find(['=', '<', '>', '~', '!', '[', ';'])
                .unwrap_or(word.len());
            let version = word.split_once("==").map(|(_, version)| version);
            (word.get(..end)?, version)
        }
    };
    let name = match ecosystem {
        Ecosystem::Npm => name.to_owned(),
        _ => name.to_ascii_lowercase().replace(['_', '.'], "-"),
    };
    category(ecosystem, &name)?;
    // What a variable says is no version.
    let version = version.filter(|version| !version.is_empty() && !version.contains(['$', '{']));
    Some(Installed {
        word: word.to_owned(),
        ecosystem,
        version: version.map(str::to_owned),
        name,
    })
}

impl Reader<'_, '_, '_> {
    /// A package that a script installs.
    pub(super) fn package(&mut self, package: &Installed, place: std::ops::Range<usize>) {
        let ecosystem = package.ecosystem.name();
        let key = package.ecosystem.purl(&package.name);
        Draft::new(AssetKind::Package, key, package.name.as_str())
            .relation(RelationKind::DependsOn)
            .with("ecosystem", ecosystem)
            .with_some("version", package.version.as_deref())
            .with("source", "workflow")
            .add(place, self.page, self.facts);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(line: &str) -> Vec<(String, Option<String>)> {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let all = of_command(&words).into_iter();
        all.map(|one| (one.name, one.version)).collect()
    }

    #[test]
    fn packages_of_ai_are_told_with_their_versions() {
        let some =
            |name: &str, version: Option<&str>| (name.to_owned(), version.map(str::to_owned));
        assert_eq!(
            told("npm install --silent -g @google/gemini-cli@latest left-pad"),
            [some("@google/gemini-cli", Some("latest"))]
        );
        assert_eq!(
            told("pip install openai==1.2 requests langchain[all]"),
            [some("openai", Some("1.2")), some("langchain", None)]
        );
        assert_eq!(told("npm run openai"), []);
        assert_eq!(told("npm install"), []);
    }
}
