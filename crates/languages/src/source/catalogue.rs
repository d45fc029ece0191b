//! What the tables `source_packages.tsv` and `source_calls.tsv` say, by language.

use std::sync::LazyLock;

/// A package by how its imports begin.
pub(super) struct Package {
    pub language: &'static str,
    pub import: &'static str,
    pub purl: &'static str,
    pub vendor: &'static str,
}

impl Package {
    /// How imports begin, without the star of a family of packages.
    pub(super) fn begins(&self) -> &'static str {
        self.import.trim_end_matches('*')
    }
}

/// How a call, literal or attribute is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `Name(...)`
    Call,
    /// `Name{Field: ...}`
    Fields,
    /// `@Name`, `[Name]`, `#[Name]` on a function.
    Attribute,
    /// `Name.builder().name("...")`
    Chain,
}

/// What something makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Makes {
    Model,
    Tool,
    Prompt,
    McpServer,
    /// A server that the program connects to.
    McpClient,
    Agent,
    VectorStore,
}

/// Where the name stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Where {
    Position(usize),
    Keyword(&'static str),
    /// Nowhere in the call: the name that gets what it makes.
    Owner,
}

/// Something that names an asset.
pub(super) struct Api {
    pub language: &'static str,
    pub import: &'static str,
    pub form: Form,
    pub name: &'static str,
    pub makes: Makes,
    pub at: Where,
}

fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    let lines = table
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.map(|line| line.split('\t').collect())
}

pub(super) static PACKAGES: LazyLock<Vec<Package>> = LazyLock::new(|| {
    let all = rows(include_str!("../../tables/source_packages.tsv"));
    let all = all.filter_map(|row| match row.as_slice() {
        [language, import, purl, vendor @ ..] => Some(Package {
            language,
            import,
            purl,
            vendor: vendor.first().copied().unwrap_or_default(),
        }),
        _ => None,
    });
    all.collect()
});

pub(super) static APIS: LazyLock<Vec<Api>> = LazyLock::new(|| {
    let all = rows(include_str!("../../tables/source_calls.tsv"));
    let all = all.filter_map(|row| {
        let [language, import, form, name, makes, at] = row.as_slice() else {
            return None;
        };
        let at = at.trim_start_matches('~');
        Some(Api {
            language,
            import,
            form: match *form {
                "call" => Form::Call,
                "fields" => Form::Fields,
                "attribute" => Form::Attribute,
                "chain" => Form::Chain,
                _ => return None,
            },
            name: name.split('.').next().unwrap_or_default(),
            makes: match *makes {
                "model" => Makes::Model,
                "tool" => Makes::Tool,
                "prompt" => Makes::Prompt,
                "mcp-server" => Makes::McpServer,
                "mcp-client" => Makes::McpClient,
                "agent" => Makes::Agent,
                "vector-store" => Makes::VectorStore,
                _ => return None,
            },
            at: match (at, at.parse()) {
                ("owner", _) => Where::Owner,
                (_, Ok(position)) => Where::Position(position),
                (_, Err(_)) => Where::Keyword(at),
            },
        })
    });
    all.collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_read_and_every_vendor_is_known() {
        let count = |table: &'static str| rows(table).count();
        assert_eq!(
            APIS.len(),
            count(include_str!("../../tables/source_calls.tsv"))
        );
        assert_eq!(
            PACKAGES.len(),
            count(include_str!("../../tables/source_packages.tsv"))
        );
        for package in PACKAGES.iter().filter(|it| !it.vendor.is_empty()) {
            let known = stance_read::vendors::find(package.vendor);
            assert!(known.is_some(), "{}", package.vendor);
        }
    }
}
