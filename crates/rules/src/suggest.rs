//! The rule that somebody meant.

use stance_core::policy::rule_matches;

/// Longest name that is compared; what is longer is no slip of the keyboard.
const LONGEST: usize = 80;

/// Whether `wanted` (`area/name` or `area/*`) names at least one rule.
#[must_use]
pub fn names_a_rule(wanted: &str) -> bool {
    crate::all().any(|entry| rule_matches(wanted, entry.meta.id))
}

/// The rule or area nearest to a mistyped one, if any is near: a few letters
/// apart as a whole, or as a name whose area was forgotten or mistaken.
#[must_use]
pub fn nearest(wanted: &str) -> Option<String> {
    if wanted.len() > LONGEST {
        return None;
    }
    if let Some(area) = wanted.strip_suffix("/*") {
        let areas = crate::all().map(|entry| entry.meta.area());
        return best(
            areas.map(|known| (distance(area, known), known)),
            area.len(),
        )
        .map(|area| format!("{area}/*"));
    }
    let (area, name) = wanted.split_once('/').unwrap_or(("", wanted));
    let known = crate::all().map(|entry| {
        let meta = &entry.meta;
        let whole = distance(wanted, meta.id);
        // A mistaken area is one mistake, however many letters it has; a forgotten one is none.
        let mistaken = usize::from(!area.is_empty() && area != meta.area());
        let by_name = distance(name, meta.name()).saturating_add(mistaken);
        (whole.min(by_name), meta.id)
    });
    best(known, name.len()).map(str::to_owned)
}

/// The nearest candidate, when at most one letter in three is wrong.
fn best<'k>(candidates: impl Iterator<Item = (usize, &'k str)>, length: usize) -> Option<&'k str> {
    candidates
        .min()
        .filter(|(distance, _)| *distance <= (length / 3).max(1))
        .map(|(_, known)| known)
}

/// How many letters must be put in, left out or exchanged to make one word of
/// the other (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (done, left) in a.chars().enumerate() {
        let mut diagonal = done;
        let mut before = done.saturating_add(1);
        let mut next = vec![before];
        for (right, above) in b.chars().zip(row.iter().skip(1)) {
            let exchanged = diagonal.saturating_add(usize::from(left != right));
            before = exchanged
                .min(above.saturating_add(1))
                .min(before.saturating_add(1));
            diagonal = *above;
            next.push(before);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_letters() {
        for (a, b, count) in [
            ("kitten", "sitting", 3),
            ("", "abc", 3),
            ("abc", "", 3),
            ("same", "same", 0),
            ("ab", "ba", 2),
        ] {
            assert_eq!(distance(a, b), count, "{a} {b}");
        }
    }

    #[test]
    fn a_slip_or_a_forgotten_area_finds_the_rule() {
        for wanted in [
            "coverage/unreadble",
            "coverage/unreadable",
            "unreadable",
            "unreadble",
            "governance/unreadable",
        ] {
            assert_eq!(
                nearest(wanted).as_deref(),
                Some("coverage/unreadable"),
                "{wanted}"
            );
        }
        assert_eq!(nearest("coverge/*").as_deref(), Some("coverage/*"));
    }

    #[test]
    fn nothing_is_suggested_for_something_else() {
        assert_eq!(nearest("model/does-something-entirely-different"), None);
        assert_eq!(nearest(""), None);
        assert_eq!(nearest(&"x".repeat(1 << 20)), None);
    }
}
