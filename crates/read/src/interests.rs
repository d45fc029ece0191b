//! Which calls somebody wants to see, so that source code of no interest is not even parsed.

use std::any::Any;
use std::collections::HashSet;
use std::sync::OnceLock;

use stance_core::table::BuildTableHasher;

use crate::words::Words;

/// Names that are looked up for every call.
type Set = HashSet<Box<str>, BuildTableHasher>;

/// Most languages that remember something here.
const LANGUAGES: usize = 8;

/// Patterns of dotted callee names: `torch.load` exactly, `*.from_pretrained`
/// for any prefix, `openai.*` for any suffix, `*.chat.*` for both. With a keyword
/// behind it, `*.launch(share)`, only files that hold the keyword are looked at;
/// calls without it are seen as well.
#[derive(Debug, Default)]
pub struct Interests {
    exact: Set,
    /// `*.x`, without the star.
    endings: Set,
    /// `x.*`, without the star.
    beginnings: Set,
    /// `*.x.*`, without the stars.
    inside: Vec<Box<str>>,
    /// The last parts of `exact` and `endings`, and the first ones of `beginnings`: most callees
    /// have none of them.
    lasts: Set,
    firsts: Set,
    /// The patterns as written.
    patterns: Vec<Box<str>>,
    /// For each pattern the words that a file must hold all of for it to be able to match.
    conjunctions: Vec<Vec<Box<str>>>,
    words: OnceLock<(Words, Vec<Vec<usize>>)>,
    /// See [`Interests::prefilter`].
    prefilters: [OnceLock<Box<dyn Any + Send + Sync>>; LANGUAGES],
}

impl Interests {
    /// The union of `patterns`, repetitions removed.
    pub fn new<'p>(patterns: impl IntoIterator<Item = &'p str>) -> Self {
        let mut sorted: Vec<&str> = patterns.into_iter().collect();
        sorted.sort_unstable();
        sorted.dedup();
        let mut interests = Self::default();
        for pattern in sorted {
            interests.add(pattern);
        }
        interests
    }

    fn add(&mut self, pattern: &str) {
        self.patterns.push(pattern.into());
        let (pattern, keyword) = keyword_of(pattern);
        let (any_prefix, rest) = match pattern.strip_prefix("*.") {
            Some(rest) => (true, rest),
            None => (false, pattern),
        };
        let (any_suffix, middle) = match rest.strip_suffix(".*") {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        // `a.b.c` may come about as `from a.b import c` or `import a as x; x.b.c`:
        // the first and the last word stand in the file in any case. A class that is
        // called on the way is `A()` in the pattern and `A` in the file.
        let word = |word: &str| Box::from(word.trim_end_matches("()"));
        let mut words: Vec<Box<str>> = Vec::new();
        words.extend(middle.split('.').next().map(word));
        words.extend(middle.rsplit('.').next().map(word));
        words.dedup();
        words.extend(keyword.map(Box::from));
        self.conjunctions.push(words);
        let (first, last) = ends(middle);
        match any_suffix {
            false => self.lasts.insert(last.into()),
            true => self.firsts.insert(first.into()),
        };
        match (any_prefix, any_suffix) {
            (false, false) => {
                self.exact.insert(middle.into());
            }
            (true, false) => {
                self.endings.insert(middle.into());
            }
            (false, true) => {
                self.beginnings.insert(middle.into());
            }
            (true, true) => self.inside.push(middle.into()),
        }
    }

    /// Whether `callee` fits one of the patterns.
    #[must_use]
    pub fn wants(&self, callee: &str) -> bool {
        let (first, last) = ends(callee);
        let by_end = || {
            self.exact.contains(callee)
                || suffixes(callee).any(|suffix| self.endings.contains(suffix))
        };
        let by_beginning = || prefixes(callee).any(|prefix| self.beginnings.contains(prefix));
        (self.lasts.contains(last) && by_end())
            || (self.firsts.contains(first) && by_beginning())
            || self.inside.iter().any(|middle| occurs(callee, middle))
    }

    /// The patterns as written.
    pub fn patterns(&self) -> impl Iterator<Item = &str> {
        self.patterns.iter().map(|pattern| &**pattern)
    }

    /// Whether a file with this content can hold a call of interest at all. May
    /// say yes too often, never no too often.
    #[must_use]
    pub fn may_occur_in(&self, content: &[u8]) -> bool {
        let (words, conjunctions) = self.words.get_or_init(|| {
            let mut words = Words::default();
            let conjunctions = words.conjunctions(&self.conjunctions);
            words.build();
            (words, conjunctions)
        });
        let seen = words.in_text(content);
        conjunctions
            .iter()
            .any(|all| all.iter().all(|word| seen.contains(*word)))
    }

    /// What decides whether a file of some language is parsed, made once for all files; `None` past
    /// [`LANGUAGES`] of them.
    pub fn prefilter<T: Any + Send + Sync>(&self, make: impl Fn(&Self) -> T) -> Option<&T> {
        self.prefilters.iter().find_map(|slot| {
            slot.get_or_init(|| Box::new(make(self)))
                .downcast_ref::<T>()
        })
    }
}

/// The keyword that a pattern asks for: `share` of `*.launch(share)`.
pub fn keyword_of(pattern: &str) -> (&str, Option<&str>) {
    match pattern
        .strip_suffix(')')
        .and_then(|rest| rest.rsplit_once('('))
    {
        Some((callee, keyword)) if !keyword.is_empty() => (callee, Some(keyword)),
        _ => (pattern, None),
    }
}

/// The first and the last part of a dotted name.
fn ends(callee: &str) -> (&str, &str) {
    let first = callee.split('.').next().unwrap_or_default();
    (first, callee.rsplit('.').next().unwrap_or_default())
}

/// `a.b.c`, `b.c`, `c`.
fn suffixes(callee: &str) -> impl Iterator<Item = &str> {
    let rest = callee
        .match_indices('.')
        .filter_map(|(dot, _)| callee.get(dot.saturating_add(1)..));
    std::iter::once(callee).chain(rest)
}

/// `a`, `a.b`, `a.b.c`.
fn prefixes(callee: &str) -> impl Iterator<Item = &str> {
    let rest = callee
        .match_indices('.')
        .filter_map(|(dot, _)| callee.get(..dot));
    rest.chain(std::iter::once(callee))
}

/// Whether `middle` stands in `callee` at borders between its parts.
fn occurs(callee: &str, middle: &str) -> bool {
    callee.match_indices(middle).any(|(start, found)| {
        let before = callee.get(..start).unwrap_or_default();
        let after = callee
            .get(start.saturating_add(found.len())..)
            .unwrap_or_default();
        (before.is_empty() || before.ends_with('.')) && (after.is_empty() || after.starts_with('.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_whole_dotted_parts() {
        let interests = Interests::new([
            "torch.load",
            "*.from_pretrained",
            "openai.*",
            "*.hub.*",
            "*.launch(share)",
        ]);
        for (callee, want) in [
            ("torch.load", true),
            ("xtorch.load", false),
            ("torch.loads", false),
            ("transformers.AutoModel.from_pretrained", true),
            ("my_from_pretrained", false),
            ("openai.OpenAI", true),
            ("openai", true),
            ("openais.x", false),
            ("torch.hub.load", true),
            ("torch.hubs.load", false),
            ("gradio.Blocks().launch", true),
        ] {
            assert_eq!(interests.wants(callee), want, "{callee}");
        }
    }

    #[test]
    fn a_file_is_of_interest_only_with_the_words_of_one_pattern() {
        let interests = Interests::new(["torch.load", "openai.*"]);
        assert!(interests.may_occur_in(b"from torch import load as l"));
        assert!(!interests.may_occur_in(b"import torch; download()"));
        assert!(interests.may_occur_in(b"import openai"));
        assert!(!interests.may_occur_in(b"import openai_tools"));
    }
}
