//! Which packages are AI or machine learning by nature.

use std::collections::HashMap;
use std::sync::LazyLock;

use stance_core::fact::Ecosystem;

use stance_read::vendors;

struct Table {
    names: HashMap<(Ecosystem, &'static str), &'static str>,
    /// Names with a star: what stands before it and behind it, longest first.
    patterns: Vec<(Ecosystem, (&'static str, &'static str), &'static str)>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table {
        names: HashMap::new(),
        patterns: Vec::new(),
    };
    for line in include_str!("../tables/packages.tsv").lines() {
        let mut fields = line.split('\t');
        let Some(ecosystem) = fields.next().and_then(Ecosystem::of_name) else {
            continue;
        };
        let category = fields.next().unwrap_or_default();
        for name in fields.flat_map(|names| names.split(' ')) {
            match name.split_once('*') {
                Some(around) => table.patterns.push((ecosystem, around, category)),
                None => {
                    table.names.insert((ecosystem, name), category);
                }
            }
        }
    }
    for vendor in vendors::all() {
        for name in &vendor.pypi {
            table.names.entry((Ecosystem::Pypi, name)).or_insert("sdk");
        }
        for name in &vendor.npm {
            table.names.entry((Ecosystem::Npm, name)).or_insert("sdk");
        }
    }
    table.patterns.sort_by_key(|(_, (before, behind), _)| {
        std::cmp::Reverse(before.len().saturating_add(behind.len()))
    });
    table
});

/// What an AI or machine-learning package is for (`sdk`, `agent`, `mcp`, `framework`, `serving`,
/// `tracking`, `vector_store`, `evaluation`, `guardrails`); `None` for any other package.
/// `name` is normalised.
#[must_use]
pub fn category(ecosystem: Ecosystem, name: &str) -> Option<&'static str> {
    TABLE.names.get(&(ecosystem, name)).copied().or_else(|| {
        TABLE
            .patterns
            .iter()
            .find(|(of, (before, behind), _)| {
                *of == ecosystem
                    && name
                        .strip_prefix(before)
                        .is_some_and(|rest| rest.ends_with(behind))
            })
            .map(|(_, _, category)| *category)
    })
}

/// Every name that is known exactly, for comparing others with.
pub fn names(ecosystem: Ecosystem) -> impl Iterator<Item = &'static str> {
    TABLE
        .names
        .keys()
        .filter(move |(of, _)| *of == ecosystem)
        .map(|(_, name)| *name)
}

/// A Python package name as the index compares it (PEP 503): lower case, runs of `-`, `_` and `.` are one `-`.
#[must_use]
pub fn normalise_pypi(name: &str) -> String {
    let mut normal = String::with_capacity(name.len());
    for character in name.trim().chars() {
        match character {
            '-' | '_' | '.' => {
                if !normal.ends_with('-') {
                    normal.push('-');
                }
            }
            other => normal.push(other.to_ascii_lowercase()),
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_families_and_vendor_packages_are_ai() {
        for (ecosystem, name, want) in [
            (Ecosystem::Pypi, "torch", Some("framework")),
            (Ecosystem::Pypi, "langchain-postgres", Some("agent")),
            (Ecosystem::Pypi, "anthropic", Some("sdk")),
            (Ecosystem::Npm, "@modelcontextprotocol/sdk", Some("mcp")),
            (Ecosystem::Npm, "openai", Some("sdk")),
            (Ecosystem::Pypi, "requests", None),
            (Ecosystem::Pypi, "acme-tickets-mcp-server", Some("mcp")),
            (Ecosystem::Npm, "@acme/tickets-mcp-server", Some("mcp")),
            (Ecosystem::Npm, "torch", None),
            (
                Ecosystem::Golang,
                "github.com/ollama/ollama",
                Some("serving"),
            ),
            (
                Ecosystem::Maven,
                "dev.langchain4j:langchain4j-open-ai",
                Some("agent"),
            ),
            (Ecosystem::Cargo, "async-openai", Some("sdk")),
            (Ecosystem::Npm, "aix", None),
        ] {
            assert_eq!(category(ecosystem, name), want, "{name}");
        }
    }

    #[test]
    fn pypi_names_compare_by_pep_503() {
        assert_eq!(normalise_pypi("Friendly-.-Bard_x"), "friendly-bard-x");
    }
}
