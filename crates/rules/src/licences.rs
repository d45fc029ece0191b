//! What licences of models and data sets allow: `tables/licences.tsv`, and `tables/licensed.tsv` for
//! well-known repositories of the hub.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use stance_core::AssetKind;
use stance_core::policy::Use;

/// What a licence lets people do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// Nothing that earns money.
    NonCommercial,
    /// Nothing but research.
    Research,
    /// Anything, on terms that have to be checked.
    Conditions,
}

/// A licence that asks for more than to be named.
#[derive(Debug)]
pub(crate) struct Licence {
    /// As cards name it.
    pub(crate) name: &'static str,
    /// What it lets people do.
    pub(crate) class: Class,
    /// The same in words.
    pub(crate) words: &'static str,
    /// Its text.
    pub(crate) source: &'static str,
}

impl Licence {
    /// Whether it forbids a use.
    pub(crate) fn forbids(&self, wanted: Use) -> bool {
        match self.class {
            Class::NonCommercial => wanted == Use::Commercial,
            Class::Research => wanted != Use::Research,
            Class::Conditions => false,
        }
    }
}

fn rows(table: &'static str) -> impl Iterator<Item = [&'static str; 4]> {
    table
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let mut fields = line.split('\t');
            Some([
                fields.next()?,
                fields.next()?,
                fields.next()?,
                fields.next()?,
            ])
        })
}

static LICENCES: LazyLock<BTreeMap<&'static str, Licence>> = LazyLock::new(|| {
    let all = rows(include_str!("../tables/licences.tsv")).map(|[name, class, words, source]| {
        let class = match class {
            "research" => Class::Research,
            "conditions" => Class::Conditions,
            _ => Class::NonCommercial,
        };
        (
            name,
            Licence {
                name,
                class,
                words,
                source,
            },
        )
    });
    all.collect()
});

static LICENSED: LazyLock<Vec<[&'static str; 4]>> =
    LazyLock::new(|| rows(include_str!("../tables/licensed.tsv")).collect());

/// The licence that a card or model file names. `Other` and what the table does not have are nothing.
pub(crate) fn by_name(written: &str) -> Option<&'static Licence> {
    LICENCES.get(
        written
            .trim()
            .to_ascii_lowercase()
            .replace(' ', "-")
            .as_str(),
    )
}

/// The licence of a repository of the hub, where it is well known, with the page that says so.
pub(crate) fn of_repository(kind: AssetKind, id: &str) -> Option<(&'static Licence, &'static str)> {
    let wanted = match kind {
        AssetKind::Model => "model",
        AssetKind::Dataset => "dataset",
        _ => return None,
    };
    let [_, _, licence, source] = LICENSED.iter().find(|[kind, name, ..]| {
        *kind == wanted
            && match name.strip_suffix('*') {
                Some(beginning) => id
                    .get(..beginning.len())
                    .is_some_and(|start| start.eq_ignore_ascii_case(beginning)),
                None => name.eq_ignore_ascii_case(id),
            }
    })?;
    Some((LICENCES.get(licence)?, source))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_repository_has_a_licence_of_the_table() {
        assert_eq!(
            include_str!("../tables/licensed.tsv")
                .lines()
                .filter(|line| !line.starts_with('#'))
                .count(),
            LICENSED.len()
        );
        for [kind, name, licence, source] in LICENSED.iter() {
            assert!(LICENCES.contains_key(licence), "{name}: {licence}");
            assert!(
                matches!(*kind, "model" | "dataset") && source.starts_with("https://"),
                "{name}"
            );
        }
        let keys: Vec<_> = LICENSED.iter().map(|row| (row[0], row[1])).collect();
        assert!(keys.is_sorted());
    }

    #[test]
    fn a_licence_forbids_what_it_does_not_allow() {
        let of = |id| of_repository(AssetKind::Model, id).map(|(licence, _)| licence.class);
        assert_eq!(
            of("cohereforai/C4AI-command-r-plus"),
            Some(Class::NonCommercial)
        );
        assert_eq!(of("meta-llama/Llama-3.1-8B"), Some(Class::Conditions));
        assert_eq!(of("mistralai/Mistral-7B-v0.1"), None);
        let research = by_name("MRL").expect("in the table");
        assert!(research.forbids(Use::Commercial) && research.forbids(Use::NonCommercial));
        assert!(!research.forbids(Use::Research));
        assert!(by_name("apache-2.0").is_none() && by_name("other").is_none());
    }
}
