//! Licences: which names are identifiers of the SPDX list, and which are expressions of them.

use std::collections::BTreeSet;
use std::sync::OnceLock;

/// The identifiers of the SPDX licence list, as CycloneDX publishes them.
static LIST: &str = include_str!("../schemas/licences.txt");

fn list() -> &'static BTreeSet<&'static str> {
    static IDS: OnceLock<BTreeSet<&'static str>> = OnceLock::new();
    IDS.get_or_init(|| LIST.lines().collect())
}

/// Whether this is an identifier of the list, exactly as written there.
#[must_use]
pub fn is_id(text: &str) -> bool {
    list().contains(text)
}

/// The identifier that a name stands for, where only its case differs from one: hubs write `apache-2.0` and `mit`.
#[must_use]
pub fn id_of(name: &str) -> Option<&'static str> {
    static LOWER: OnceLock<Vec<(String, &'static str)>> = OnceLock::new();
    let lower = LOWER.get_or_init(|| {
        let mut all: Vec<(String, &str)> = list()
            .iter()
            .map(|id| (id.to_ascii_lowercase(), *id))
            .collect();
        all.sort();
        all
    });
    let wanted = name.trim().to_ascii_lowercase();
    let at = lower
        .binary_search_by(|(known, _)| known.cmp(&wanted))
        .ok()?;
    lower.get(at).map(|(_, id)| *id)
}

/// Whether a text is an expression of identifiers: `MIT OR Apache-2.0`, `GPL-2.0-only WITH Classpath-exception-2.0`.
#[must_use]
pub fn is_expression(text: &str) -> bool {
    let spaced = text.replace('(', " ( ").replace(')', " ) ");
    let mut depth = 0_u32;
    let mut wants_operand = true;
    let mut after_with = false;
    let mut operators = 0_u32;
    for word in spaced.split_whitespace() {
        match word {
            "(" if wants_operand && !after_with => depth = depth.saturating_add(1),
            ")" if !wants_operand && depth > 0 => depth = depth.saturating_sub(1),
            "AND" | "OR" | "WITH" if !wants_operand => {
                wants_operand = true;
                after_with = word == "WITH";
                operators = operators.saturating_add(1);
            }
            name if wants_operand
                && (is_id(name.trim_end_matches('+')) || name.starts_with("LicenseRef-")) =>
            {
                wants_operand = false;
                after_with = false;
            }
            _ => return false,
        }
    }
    !wants_operand && depth == 0 && operators > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_identifiers_of_the_list_are_identifiers() {
        assert!(is_id("Apache-2.0") && !is_id("apache-2.0") && !is_id("openrail"));
        assert_eq!(id_of("apache-2.0"), Some("Apache-2.0"));
        assert_eq!(id_of("llama3"), None);
        for (text, wanted) in [
            ("MIT OR Apache-2.0", true),
            ("(MIT AND BSD-3-Clause) OR LicenseRef-own", true),
            ("GPL-2.0-only WITH Classpath-exception-2.0", true),
            ("MIT", false),
            ("MIT OR", false),
            ("MIT Apache-2.0", false),
            ("(MIT OR Apache-2.0", false),
            ("llama OR MIT", false),
        ] {
            assert_eq!(is_expression(text), wanted, "{text}");
        }
    }
}
