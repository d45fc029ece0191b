//! Signs of the calls that rules ask for by pattern.

use super::{CallTest, Prefilter};

impl Prefilter {
    pub(super) fn add_pattern(&mut self, pattern: &str) {
        let (pattern, keyword) = stance_read::interests::keyword_of(pattern);
        let keyword = keyword.map(|keyword| self.keyword(keyword));
        let (any_prefix, rest) = match pattern.strip_prefix("*.") {
            Some(rest) => (true, rest),
            None => (false, pattern),
        };
        let (any_suffix, middle) = match rest.strip_suffix(".*") {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let first = middle
            .split('.')
            .next()
            .unwrap_or_default()
            .trim_end_matches("()");
        let last = middle
            .rsplit('.')
            .next()
            .unwrap_or_default()
            .trim_end_matches("()");
        let before = middle.rsplit('.').nth(1);
        let mut all: Vec<Vec<usize>> = Vec::new();
        if any_suffix {
            // Whatever is called of it: the import, or the name alone, is all that can be asked for.
            all.push(match any_prefix {
                false => vec![self.module(first)],
                true => vec![self.call(last, CallTest::Any)],
            });
        } else if last == "__setitem__" {
            let object = before.unwrap_or_default();
            let next = self.next();
            let sign = *self.items.entry(object.into()).or_insert(next);
            all.push(vec![sign]);
        } else if last == "__set__" {
            let name = before.unwrap_or_default();
            self.keyword_ends.insert_end(name);
            let next = self.next();
            let sign = *self.attributes.entry(name.into()).or_insert(next);
            all.push(vec![self.module(first), sign]);
        } else if any_prefix {
            all.push(vec![self.call(last, CallTest::Any)]);
            all.push(vec![self.decorator(last)]);
        } else if let Some(before) = before {
            let module = self.module(first);
            if before.ends_with(')') {
                all.push(vec![module, self.call(last, CallTest::Any)]);
            } else {
                // `torch.load`, `load` of `from torch import load`, `t.load` after `import torch as t`.
                all.push(vec![module, self.call(last, CallTest::Via(before.into()))]);
                all.push(vec![module, self.call(last, CallTest::Bare)]);
                all.push(vec![self.call(last, CallTest::Alias(first.into()))]);
                all.push(vec![self.renamed(first, last)]);
            }
            all.push(vec![module, self.decorator(last)]);
        } else {
            all.push(vec![self.call(last, CallTest::Bare)]);
        }
        for mut signs in all {
            signs.extend(keyword);
            self.conjunctions.push(signs);
        }
    }
}
