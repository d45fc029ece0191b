//! Which calls somebody wants to see, so that source code of no interest is not even parsed.

use memchr::memmem;

/// Patterns of dotted callee names: `torch.load` exactly, `*.from_pretrained`
/// for any prefix, `openai.*` for any suffix, `*.chat.*` for both.
#[derive(Debug, Default)]
pub struct Interests {
    patterns: Vec<Pattern>,
}

#[derive(Debug)]
struct Pattern {
    any_prefix: bool,
    any_suffix: bool,
    middle: Box<str>,
    /// Words that a file must hold all of for the pattern to be able to match.
    words: Vec<memmem::Finder<'static>>,
}

impl Interests {
    /// The union of `patterns`, repetitions removed.
    pub fn new<'p>(patterns: impl IntoIterator<Item = &'p str>) -> Self {
        let mut sorted: Vec<&str> = patterns.into_iter().collect();
        sorted.sort_unstable();
        sorted.dedup();
        Self {
            patterns: sorted.into_iter().map(Pattern::new).collect(),
        }
    }

    /// Whether `callee` fits one of the patterns.
    #[must_use]
    pub fn wants(&self, callee: &str) -> bool {
        self.patterns.iter().any(|pattern| pattern.matches(callee))
    }

    /// Whether a file with this content can hold a call of interest at all. May
    /// say yes too often, never no too often.
    #[must_use]
    pub fn may_occur_in(&self, content: &[u8]) -> bool {
        self.patterns.iter().any(|pattern| {
            pattern
                .words
                .iter()
                .all(|word| word.find(content).is_some())
        })
    }
}

impl Pattern {
    fn new(text: &str) -> Self {
        let (any_prefix, rest) = match text.strip_prefix("*.") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (any_suffix, middle) = match rest.strip_suffix(".*") {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        // `a.b.c` may come about as `from a.b import c` or `import a as x; x.b.c`:
        // the first and the last word stand in the file in any case.
        let mut words: Vec<&str> = Vec::new();
        words.extend(middle.split('.').next());
        words.extend(middle.rsplit('.').next());
        words.dedup();
        Self {
            any_prefix,
            any_suffix,
            middle: middle.into(),
            words: words
                .into_iter()
                .map(|word| memmem::Finder::new(word.as_bytes()).into_owned())
                .collect(),
        }
    }

    fn matches(&self, callee: &str) -> bool {
        let middle = &*self.middle;
        let at_boundary = |rest: &str| rest.is_empty() || rest.starts_with('.');
        match (self.any_prefix, self.any_suffix) {
            (false, false) => callee == middle,
            (false, true) => callee.strip_prefix(middle).is_some_and(at_boundary),
            (true, false) => callee
                .strip_suffix(middle)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.')),
            (true, true) => callee.match_indices(middle).any(|(start, found)| {
                let before = callee.get(..start).unwrap_or_default();
                let after = callee
                    .get(start.saturating_add(found.len())..)
                    .unwrap_or_default();
                (before.is_empty() || before.ends_with('.')) && at_boundary(after)
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_whole_dotted_parts() {
        let interests = Interests::new(["torch.load", "*.from_pretrained", "openai.*"]);
        for (callee, want) in [
            ("torch.load", true),
            ("xtorch.load", false),
            ("torch.loads", false),
            ("transformers.AutoModel.from_pretrained", true),
            ("my_from_pretrained", false),
            ("openai.OpenAI", true),
            ("openai", true),
            ("openais.x", false),
        ] {
            assert_eq!(interests.wants(callee), want, "{callee}");
        }
    }

    #[test]
    fn a_file_is_of_interest_only_with_the_words_of_one_pattern() {
        let interests = Interests::new(["torch.load", "openai.*"]);
        assert!(interests.may_occur_in(b"from torch import load as l"));
        assert!(!interests.may_occur_in(b"import torch"));
        assert!(interests.may_occur_in(b"import openai"));
    }
}
