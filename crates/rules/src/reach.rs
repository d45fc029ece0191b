//! How far the silence of a rule reaches: what it is told of, and by what it knows that.

use crate::rule::Entry;

/// What a rule judges, for whoever reads how many things it judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// One of the things that it judges: `call`.
    pub one: &'static str,
    /// Several of them: `calls`.
    pub many: &'static str,
    /// Patterns of the calls in source code that it is told of; empty for a rule that is told of other things. What
    /// goes by other names, or is called in a way that was not followed, it never sees.
    pub calls: &'static [&'static str],
}

impl Entry {
    /// What the rule judges.
    #[must_use]
    pub fn reach(&self) -> Reach {
        let calls = self.rule.calls();
        let (one, many) = if calls.is_empty() {
            of_area(self.meta.area())
        } else {
            ("call", "calls")
        };
        Reach { one, many, calls }
    }
}

/// The things that the rules of an area are told of, unless these are calls.
fn of_area(area: &str) -> (&'static str, &'static str) {
    match area {
        "agent" => ("declaration", "declarations"),
        "code" => ("source file", "source files"),
        "config" => ("setting", "settings"),
        "coverage" | "secret" => ("file searched", "files searched"),
        "governance" => ("decision or asset", "decisions and assets"),
        "model" => ("model or data file", "model and data files"),
        "runtime" => ("interaction or model", "interactions and models"),
        "shadow" => ("service in use", "services in use"),
        "supply-chain" => ("component or reference", "components and references"),
        _ => ("thing", "things"),
    }
}

#[cfg(test)]
mod tests {
    use crate::{all, find};

    #[test]
    fn every_rule_says_what_it_judges() {
        for entry in all() {
            let reach = entry.reach();
            assert_ne!(
                reach.one, "thing",
                "{} has an area of its own",
                entry.meta.id
            );
            assert_eq!(reach.one == "call", !reach.calls.is_empty());
        }
        let load = find("code/torch-load-unsafe").unwrap().reach();
        assert!(load.calls.contains(&"torch.load"), "{load:?}");
    }
}
