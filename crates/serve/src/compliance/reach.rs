//! What the silence of rules means, in plain words, so that nobody reads more into it.

use stance_store::SourceHealth;

use super::control::Spoken;

/// What the silence of rules that judge calls means, and what it does not.
pub(super) fn reach(rules: &[Spoken], looked: &SourceHealth) -> Option<String> {
    let by_call = || {
        rules
            .iter()
            .filter(|it| !it.calls.is_empty() && it.judged > 0)
    };
    let count = by_call().count();
    let calls: u64 = by_call().map(|it| it.judged).sum();
    (count > 0).then(|| {
        let left_out = match looked.left_out {
            0 => String::new(),
            left_out => format!(
                " ({} left out or not judged)",
                crate::format::count(left_out)
            ),
        };
        format!(
            "{} calls in source code: {} that {}, in what was understood of {} of {}{left_out}. \
             What does the same under another name, through a wrapper that could not be followed, or in a language \
             that is not read, is not among them: that nothing was found says something of these calls, and nothing \
             of other code.",
            if count == 1 {
                "One rule judges".to_owned()
            } else {
                format!("{count} rules judge")
            },
            crate::format::plural(calls, "call", "calls"),
            if count == 1 {
                "fit its patterns"
            } else {
                "fit their patterns"
            },
            crate::format::plural(looked.files, "file", "files"),
            crate::format::plural(looked.sources, "source", "sources"),
        )
    })
}

impl Spoken {
    /// The patterns of its calls, cut short.
    pub(super) fn patterns(&self) -> String {
        const SHOWN: usize = 3;
        let shown = self.calls.iter().take(SHOWN).copied();
        let shown = shown.collect::<Vec<_>>().join(", ");
        match self.calls.len().saturating_sub(SHOWN) {
            0 => shown,
            more => format!("{shown} and {more} more"),
        }
    }
}
