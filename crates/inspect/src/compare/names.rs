//! Which tensor of one model is which of the other, though a wrapper put something before all names.

use super::model::Model;

/// What stands before the names of one side only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Prefix {
    base: String,
    tuned: String,
}

/// Names that are looked at to find what was put before them.
const LOOKED_AT: usize = 64;

impl Prefix {
    /// What has to be taken away so that the most names are the same.
    pub(super) fn between(base: &Model<'_>, tuned: &Model<'_>) -> Self {
        let shared = |prefix: &Self| {
            let names = base.tensors.keys();
            names
                .filter(|name| tuned.tensors.contains_key(&prefix.of_base(name)))
                .count()
        };
        let mut best = (shared(&Self::default()), Self::default());
        let mut candidates = Vec::new();
        for (shorter, longer) in [(base, tuned), (tuned, base)] {
            for name in shorter.tensors.keys().take(LOOKED_AT) {
                let longer = longer.tensors.keys().take(LOOKED_AT);
                candidates.extend(longer.filter_map(|whole| {
                    let prefix = whole.strip_suffix(name.as_str())?;
                    prefix.ends_with('.').then(|| prefix.to_owned())
                }));
            }
            candidates.sort();
            candidates.dedup();
            for candidate in candidates.drain(..) {
                let prefix = if std::ptr::eq(shorter, base) {
                    Self {
                        base: String::new(),
                        tuned: candidate,
                    }
                } else {
                    Self {
                        base: candidate,
                        tuned: String::new(),
                    }
                };
                let count = shared(&prefix);
                if count > best.0 {
                    best = (count, prefix);
                }
            }
        }
        best.1
    }

    /// The name in the tuned model of what has this name in the base model.
    pub(super) fn of_base(&self, name: &str) -> String {
        let bare = name.strip_prefix(&self.base).unwrap_or(name);
        format!("{}{bare}", self.tuned)
    }

    /// The name in the base model of what has this name in the tuned model.
    pub(super) fn of_tuned(&self, name: &str) -> String {
        let bare = name.strip_prefix(&self.tuned).unwrap_or(name);
        format!("{}{bare}", self.base)
    }
}

/// What a tensor is in a model of many layers: its name without numbers.
pub(super) fn role(name: &str) -> String {
    let parts = name.split('.');
    let kept = parts.filter(|part| !part.bytes().all(|byte| byte.is_ascii_digit()));
    kept.collect::<Vec<_>>().join(".")
}

/// Whether a tensor has a row for each token, by its name.
pub(super) fn is_of_tokens(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    const WORDS: &[&str] = &[
        "embed",
        "wte",
        "tok_",
        "token",
        "lm_head",
        "output.weight",
        "shared.weight",
        "decoder.weight",
        "vocab",
    ];
    let is_place = name.contains("position") || name.contains("token_type") || name.contains("wpe");
    !is_place && WORDS.iter().any(|word| name.contains(word))
}
