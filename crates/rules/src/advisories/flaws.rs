//! What in a file makes use of a flaw, and which rule says so.

use std::sync::LazyLock;

/// The rules that report what a pickle imports and calls.
const PICKLE_RULES: &[&str] = &[
    "model/pickle-exec",
    "model/pickle-dangerous-import",
    "model/pickle-nested-loader",
    "model/pickle-unknown-call",
];

/// One line of `tables/flaws.tsv`.
#[derive(Debug)]
pub(super) struct Flaw {
    pub(super) name: &'static str,
    pub(super) rules: Vec<&'static str>,
    /// What a file has that makes use of it.
    pub(super) sign: &'static str,
}

static ALL: LazyLock<Vec<Flaw>> = LazyLock::new(|| {
    include_str!("../../tables/flaws.tsv")
        .lines()
        .filter_map(|line| {
            let mut fields = line.split('\t');
            Some(Flaw {
                name: fields.next()?,
                rules: fields.next()?.split(' ').collect(),
                sign: fields.next()?,
            })
        })
        .collect()
});

/// Every flaw with a name.
#[cfg(test)]
pub(super) fn all() -> &'static [Flaw] {
    &ALL
}

/// What in a file makes use of a flaw, and the rules that report it.
pub(super) fn sign(name: &str) -> Option<(String, Vec<&'static str>)> {
    if let Some(import) = name.strip_prefix("import:") {
        return Some((
            format!("a pickle that imports `{import}`"),
            PICKLE_RULES.to_vec(),
        ));
    }
    let flaw = ALL.iter().find(|flaw| flaw.name == name)?;
    Some((flaw.sign.to_owned(), flaw.rules.clone()))
}
